/* The handset's own store: its log, what it was told, and who it is; one SQLite file behind typed
 * functions. */
#ifndef BH_CLIENT_LOCAL_H
#define BH_CLIENT_LOCAL_H

#include "client-lib/change.h"
#include "client-lib/transport.h"
#include "proto/arena.h"
#include "proto/clock.h"
#include "proto/message.h"
#include "proto/sign.h"

/*
 * Every function is one transaction, or a read of one instant: 0 when it is durable (WAL,
 * synchronous=FULL, read back), else nothing of it happened: BH_ERR_FULL     the disk is full
 *   BH_ERR_IO       the disk fails; the file is opened anew by the next call
 *   BH_ERR_UNKNOWN  a commit whose outcome is not known and could not be found out; the file is
 * opened anew, and checkpointed, by the next call, which then sees what became of it
 *   BH_ERR_CORRUPT, BH_ERR_NOMEM
 * Everything is read from rows each time; nothing is cached but prepared statements and the key.
 * Not thread-safe: the client's mutex guards it.
 */
struct bh_local;

#define BH_LOCAL_LIST_MAX 100000u /* entries of one list */
#define BH_MODEL_BYTES_MAX 120u

struct bh_local_options {
	const char *path;
	const char *vfs; /* an SQLite VFS by name; NULL: the system's */
	struct bh_rng rng;
	uint64_t boot; /* names the machine's boot; 0: nobody knows, each opening counts as one */
	const uint8_t *app_key; /* BH_SEAL_KEY_BYTES bytes, copied; NULL: nothing is sealed */
	unsigned pin_cost;      /* of the next PIN, 1 .. BH_PIN_COST_MAX; 0: BH_PIN_COST */
};

enum bh_local_seal {
	BH_LOCAL_PLAIN = 0,
	BH_LOCAL_SEALING = 1, /* something is left to be done, see store_seal.c */
	BH_LOCAL_SEALED = 2,
};

/* Makes the file if it is missing; recovers and checkpoints it.  Also BH_ERR_BUSY (another process
 * has it), BH_ERR_VERSION (a newer library wrote it), BH_ERR_CORRUPT (or not ours), BH_ERR_SEALED
 * (sealed, and not with this key; nothing was changed).  A store that is not sealed and is opened
 * with a key becomes sealed. */
int bh_local_open(const struct bh_local_options *options, struct bh_local **out);
void bh_local_close(struct bh_local *local);
/* How many damaged files were put aside, ever. */
uint32_t bh_local_aside(const struct bh_local *local);
enum bh_local_seal bh_local_sealed(const struct bh_local *local);
/* The last extended result code of SQLite that was not a success; 0: none yet. */
int bh_local_last_code(const struct bh_local *local);
/* While it gives the same number, and not 0, no row has changed: it counts what was written and how
 * often the file was opened. */
uint64_t bh_local_version(const struct bh_local *local);
/* Housekeeping for an idle moment: checkpoints when the WAL is worth it. */
int bh_local_idle(struct bh_local *local);

/* ---- Who we are -------------------------------------------------------------------------- */

enum bh_enrolled {
	BH_ENROL_NO = 0,
	BH_ENROL_ASKED = 1,
	BH_ENROL_YES = 2,
};

struct bh_device {
	enum bh_enrolled enrolled;
	bool code_refused; /* NO because the server refused the code */
	char host[BH_HOST_BYTES_MAX + 1];
	uint16_t port;
	char district[BH_DISTRICT_BYTES_MAX + 1];
	/* The district's CA and its backup; behind them one that was, for what it had signed. */
	uint8_t pins[BH_PINS_MAX][BH_PIN_BYTES];
	size_t pins_count;
	uint8_t code[BH_CODE_BYTES];
	char model[BH_MODEL_BYTES_MAX + 1];
	uint8_t public_key[BH_PUBLIC_KEY_BYTES];
	uint32_t device;
	uint32_t person;
	int64_t revoked_ms; /* when we were told so; 0: not */
	int64_t contact_ms; /* last Welcome or Enrolled */
	int64_t skew_ms;    /* server's clock less ours, then */
	bool skew_known;
	uint64_t epoch;       /* of the cursors */
	uint8_t head_hash[8]; /* journal hash at the greatest cursor */
	bool head_known;
	uint32_t profile_version;
	uint32_t boots;     /* in which ops were recorded */
	uint64_t boot_name; /* of the last of them */
	char district_name[BH_NAME_BYTES_MAX + 1];
	char person_name[BH_NAME_BYTES_MAX + 1];
};

int bh_local_device(struct bh_local *local, struct bh_device *out);
/* The device key, made by the first bh_local_ask that names none; NULL before, and where it lies
 * outside.  Borrowed until the next bh_local_ask or close. */
const struct bh_key *bh_local_key(const struct bh_local *local);
/* Stores an enrolment request: target, code and model of *asked, and its public_key where that is
 * not zero: then the private one lies outside.  Replaces an earlier one; the log_id stays, and the
 * key unless another one is named.  BH_ERR_EXISTS when enrolled. */
int bh_local_ask(struct bh_local *local, const struct bh_device *asked);
/* What becomes of the pins with a District (PROTOCOL.md, section 12). */
struct bh_pins {
	uint32_t mark; /* of the backup pin that is held then and that the District named; else 0 */
	size_t count;  /* 0: they stay */
	uint8_t pins[BH_PINS_LINK + 1][BH_PIN_BYTES];
};

/* The server took it.  receipt was decoded from receipt_raw and checked by the engine, as pins were
 * (NULL: they stay). */
int bh_local_enrolled(struct bh_local *local, const struct bh_msg_enrolment_receipt *receipt,
	struct bh_span receipt_raw, struct bh_span receipt_signature,
	const struct bh_msg_district *district, const struct bh_pins *pins, struct bh_now now);
/* Another key is to take over: public_key names it where its private half lies outside; NULL: one
 * is made.  Durable before anybody hears of it.  0 also where this one (NULL: any) waits already;
 * BH_ERR_EXISTS: another one does, or it is the one that holds; BH_ERR_AUTH before enrolment. */
int bh_local_rotate(struct bh_local *local, const uint8_t *public_key);
/* The key that waits to take over: false, there is none.  *key is borrowed until bh_local_rotated;
 * NULL: it lies outside. */
bool bh_local_next_key(const struct bh_local *local, const struct bh_key **key,
	uint8_t public_key[BH_PUBLIC_KEY_BYTES]);
/* It took over, or (takes false) was not taken and is forgotten. */
int bh_local_rotated(struct bh_local *local, bool takes);
int bh_local_code_refused(struct bh_local *local);
int bh_local_revoked(struct bh_local *local, struct bh_now now);
/* It and its pins (NULL: they stay), in one transaction. */
int bh_local_district(
	struct bh_local *local, const struct bh_msg_district *district, const struct bh_pins *pins);
/* The district as last told, decoded into the arena; BH_ERR_NOT_FOUND before enrolment. */
int bh_local_district_read(
	struct bh_local *local, struct bh_arena *arena, struct bh_msg_district *out);

/* ---- The log ----------------------------------------------------------------------------- */

struct bh_log {
	int64_t row;
	uint8_t log_id[BH_LOG_ID_BYTES];
	uint32_t log_short; /* 0: not known before the next contact */
	uint64_t head_seq;  /* 0: empty */
	uint8_t head_link[BH_HASH_BYTES];
	uint64_t acked_seq;
	uint8_t acked_link[BH_HASH_BYTES];
	bool has_forked_from;
	uint8_t forked_from[BH_LOG_ID_BYTES];
};

/* The present log.  Before enrolment its links are not defined and it is empty. */
int bh_local_log(struct bh_local *local, struct bh_log *out);
/* The link at seq of the present log; 0 gives its start.  BH_ERR_NOT_FOUND past the head. */
int bh_local_link(struct bh_local *local, uint64_t seq, uint8_t out[BH_HASH_BYTES]);

struct bh_op_ref {
	uint64_t seq;
	uint64_t number; /* of the case the op is about; 0: provisional */
	uint8_t id[16];
	uint8_t link[BH_HASH_BYTES];
};

/* The boot that an op recorded now would carry. */
int bh_local_boot(struct bh_local *local, uint32_t *boot);

/* Appends an op.  author, boot_ms and boot are filled in here, captured_ms when 0.  BH_ERR_AUTH
 * before enrolment, BH_ERR_LIMIT for what is too large to travel or a log that is full.  0 only
 * after the durable commit. */
int bh_local_record(struct bh_local *local, const struct bh_msg_op_header *header,
	const struct bh_msg_op_content *content, struct bh_now now, struct bh_op_ref *out);
/* Appends SEEN for a cycle's closure, once: BH_ERR_EXISTS, BH_ERR_NOT_FOUND (no such closure told).
 */
int bh_local_mark_seen(struct bh_local *local, uint64_t number, uint32_t cycle, struct bh_now now);

struct bh_op_batch {
	uint64_t first_seq;
	size_t count;
	size_t bytes; /* headers and contents */
	const struct bh_span *headers;
	const struct bh_span *contents;
	struct bh_span salts;
	uint8_t last_link[BH_HASH_BYTES];
};

/* Ops of the present log from first_seq on, in the arena: at least one if there is one, else count
 * 0. */
int bh_local_batch(struct bh_local *local, uint64_t first_seq, size_t ops_max, size_t bytes_max,
	struct bh_arena *arena, struct bh_op_batch *out);

/* The receipts of a batch's ops, in the arena, if they were acknowledged before: to a server that
 * was put back they say when each op had come and what was answered.  A batch of such ops alone is
 * cut so that it ends with a receipt, where it holds one. */
int bh_local_batch_receipts(struct bh_local *local, struct bh_arena *arena,
	struct bh_op_batch *batch, const struct bh_msg_push_receipt **out, size_t *count);

struct bh_unsent {
	uint64_t ops;
	uint64_t bytes;
	int64_t oldest_ms; /* 0: none */
};

int bh_local_unsent(struct bh_local *local, struct bh_unsent *out);

/* ---- What the server answers ------------------------------------------------------------- */

/* Everything up to seq has a verdict: those named, and accepted for the others.  Never moves back
 * (an older seq changes nothing).  BH_ERR_FORK when seq is past our head. */
int bh_local_ack(struct bh_local *local, const struct bh_msg_ack *ack, struct bh_changes *changes);
/* A Welcome that continues our log: contact, skew, short number, acknowledgement up to acked_seq,
 * the scopes we are entitled to (others close: their cursors and last-scope records go), epoch;
 * from_start clears the cursors and lets the records that are not told again go once the server has
 * told everything. */
int bh_local_welcome(struct bh_local *local, const struct bh_msg_welcome *welcome,
	struct bh_now now, struct bh_changes *changes);
/* Begins a new log that carries everything unacknowledged of the present one, with origins. */
int bh_local_fork(struct bh_local *local, struct bh_changes *changes);
/* Records, departures and cursors together; a closure of our own that has no receipt yet appends
 * DELIVERED. */
int bh_local_apply(struct bh_local *local, const struct bh_msg_delta *delta,
	const struct bh_msg_records *records, struct bh_now now, struct bh_changes *changes);
/* At most BH_SCOPES_MAX, by scope. */
int bh_local_cursors(
	struct bh_local *local, struct bh_msg_cursor out[BH_SCOPES_MAX], size_t *count);

/* ---- Reading ----------------------------------------------------------------------------- */

/* What a list settles at its opening: a case by its number, or an own report by its op. */
struct bh_case_key {
	uint64_t number; /* 0: none yet */
	int64_t op;      /* 0: not recorded here */
};

struct bh_case_row {
	struct bh_case_key key;
	bool known;                  /* record holds */
	struct bh_msg_record record; /* in the arena */
	bool own;                    /* the next eight hold */
	struct bh_msg_op_header header;
	struct bh_msg_op_content content;
	uint8_t id[16];
	uint32_t verdict; /* enum bh_verdict; NONE: waiting */
	bool correctable;
	struct bh_span sentence;
	int64_t acked_ms;        /* the server's time of its receipt; 0: none yet */
	int64_t dispatch_due_ms; /* by the district's limit, until a record says it; 0 */
	uint32_t waiting;        /* own ops about it without a verdict */
};

/* Newest first.  *keys is the caller's to free(). */
int bh_local_cases(struct bh_local *local, struct bh_case_key **keys, size_t *count);
/* The key's row; BH_ERR_NOT_FOUND when it is gone.  A key may name a number alone. */
int bh_local_case(struct bh_local *local, struct bh_case_key key, struct bh_arena *arena,
	struct bh_case_row *out);
/* What own ops about this case do that have no verdict, oldest first, at most max of them. */
struct bh_waiting_act {
	uint32_t verb;
	uint32_t task; /* that it answers; 0: none */
};
int bh_local_waiting(struct bh_local *local, uint64_t number, struct bh_waiting_act *acts,
	size_t max, size_t *count);
/* Whether the receipts of a closure are recorded. */
int bh_local_receipts(
	struct bh_local *local, uint64_t number, uint32_t cycle, bool *delivered, bool *seen);

struct bh_op_row {
	uint64_t seq;
	uint64_t number;
	struct bh_msg_op_header header;
	int64_t recorded_ms;
	int64_t acked_ms;
	uint8_t id[16];
	uint32_t verdict;
	uint32_t code;
	uint32_t met_state;
	bool correctable;
	struct bh_span sentence;
};

enum bh_ops_which {
	BH_WHICH_ALL = 0,
	BH_WHICH_WAITING = 1,
	BH_WHICH_REFUSED = 2,
};

/* The present log's newest op below seq (0: below nothing) of that kind; BH_ERR_NOT_FOUND after the
 * last. */
int bh_local_op_below(struct bh_local *local, uint64_t seq, enum bh_ops_which which,
	struct bh_arena *arena, struct bh_op_row *out);

struct bh_tally {
	uint64_t refused_ops;
	uint64_t unseen_closures;
};

int bh_local_tally(struct bh_local *local, struct bh_tally *out);

#endif
