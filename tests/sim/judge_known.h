/* What the judge knows of logs, cases, ops, keys and papers: the records that it keeps of each. */
#ifndef BH_TESTS_SIM_JUDGE_KNOWN_H
#define BH_TESTS_SIM_JUDGE_KNOWN_H

#include "server/store/dossier.h"
#include "server/store/store.h"
#include "tests/sim/judge.h"

#define BH_SIMJUDGE_CYCLES 16u

/* What was said of one op. */
struct bh_simsaid {
	uint8_t verdict;
	uint8_t reason;
	uint8_t link[BH_HASH_BYTES];
	int64_t at_ms;   /* first: by the journal */
	int64_t came_ms; /* first: the earliest that any history has it */
	bool again;      /* first: given again by who had a receipt of it that is believed */
};

/* A number that a desk told, and for which of its orders. */
struct bh_simregistered {
	uint64_t number;
	uint64_t id;
};

struct bh_simheard {
	uint32_t device; /* 0: the desk's, the clock's, the operator's, or none */
	uint8_t log_id[BH_LOG_ID_BYTES];
	uint64_t head;           /* followed */
	uint64_t durable;        /* said to be durable by a job */
	struct bh_simsaid *said; /* of a device's log, sequence n at n - 1 */
	size_t room;
	uint8_t *told; /* the verdict that a job gave first, by sequence; 0: none yet */
	size_t told_room;
	/* ---- whatever was put back since: judge_back.c ---- */
	uint32_t given_to;        /* the device that ever had this short number; 0: none */
	uint64_t ever;            /* its longest head */
	uint64_t ever_safe;       /* ... that was said to be durable */
	uint64_t by_hand;         /* a file brought what it has up to this one */
	struct bh_simsaid *first; /* what was first said of each number that was given out */
	size_t first_room;
};

/* Who used a device's number, key and code. */
struct bh_simgiven {
	bool known;
	uint8_t key[BH_PUBLIC_KEY_BYTES];
	uint8_t code_hash[BH_HASH_BYTES];
};

struct bh_simcarried {
	uint8_t log_id[BH_LOG_ID_BYTES];
	uint64_t seq;
	uint8_t link[BH_HASH_BYTES];
	uint8_t by[BH_LOG_ID_BYTES]; /* the log that it came in */
};

struct bh_simcase {
	struct bh_case now; /* replayed; number 0: a free slot */
	uint32_t entries;
	uint32_t token;
	int64_t breach_of_ms; /* the clock that was breached last, by its start */
	int64_t reminded_of_ms[2];
	uint32_t warned; /* the threshold that the disposal limit was told of last */
	bool again;      /* given again after a restore, with its receipt */
	bool delivered[BH_SIMJUDGE_CYCLES];
	uint32_t delivered_by[BH_SIMJUDGE_CYCLES]; /* the last log that said so */
	bool touched;
	uint32_t rested;       /* a bit for each state that handsets were not told it left */
	struct bh_entry *past; /* what took effect on it */
	size_t past_count, past_room;
	bool invited;         /* a token of it was given out */
	uint32_t rated_cycle; /* the last one that was rated */
};

/* A closure that the server was ever told to be received, and by which log. */
struct bh_simreceipt {
	uint64_t number;
	uint32_t cycle, log_short;
};

/* A handset's log as it was last shown. */
struct bh_simshown {
	bool known;
	uint8_t log_id[BH_LOG_ID_BYTES];
	uint64_t acked;
	bool strayed;   /* its own backup was put back: the log is the server's no more */
	bool unsettled; /* the server was put back, and nobody knows yet which log it keeps */
};

/* An op about a case that stands in quarantine, and what was decided about it. */
struct bh_simheld {
	uint64_t position, number;
	uint32_t device;
	uint32_t token; /* of a report; 0: another verb, which is never let in */
	size_t op;      /* of the truth; SIZE_MAX: not known */
	int64_t at_ms;
	bool released, discarded;
};

/* A key that a device had, and has no more. */
struct bh_simreplaced {
	uint32_t device;
	uint8_t key[BH_PUBLIC_KEY_BYTES];
};

/* A paper, a seal or a loan of a case's dossier. */
struct bh_simpaper {
	struct bh_dossier_row row;
	struct bh_seal_said said; /* SEAL */
};

struct bh_simphone_case;

struct bh_simformer {
	size_t at; /* position - 1 */
	uint8_t hash[BH_HASH_BYTES];
};

#endif
