/* 一案一卷: the papers of a case, which of them it needs, and what is decided about them (S0-54,
 * S0-56). */
#ifndef BH_DOMAIN_DOSSIER_H
#define BH_DOMAIN_DOSSIER_H

#include "proto/hash.h"
#include "server/domain/command.h"
#include "server/domain/rules.h"

#define BH_PAPERS_MAX 100u      /* that people add to one case */
#define BH_PAPERS_EVER_MAX 400u /* ... with those that were withdrawn */
/* Of both: what one person adds, but an archivist, and what units leave to the others. */
#define BH_PAPERS_PERSON_MAX 20u
#define BH_PAPERS_PERSON_EVER_MAX 60u
#define BH_PAPERS_DESK_ROOM 20u
#define BH_PAPERS_DESK_EVER_ROOM 80u
#define BH_DOSSIER_ENTRIES_MAX 20000u /* of one case */
#define BH_LOAN_MS_MAX (INT64_C(366) * 86400000)

/* Values are frozen: they stand in journals. */
enum bh_paper {
	BH_PAPER_NONE = 0,
	BH_PAPER_REPORT = 1,
	BH_PAPER_VERIFY = 2,
	BH_PAPER_FILING = 3,
	BH_PAPER_DISPATCH = 4,
	BH_PAPER_SIGN = 5,
	BH_PAPER_RESULT = 6,
	BH_PAPER_CHECK = 7,
	BH_PAPER_CLOSING = 8,
	BH_PAPER_RETURN = 9,
	BH_PAPER_EXTENSION = 10,
	BH_PAPER_SUSPENSION = 11,
	BH_PAPER_HELP = 12,
	BH_PAPER_TIER = 13,
	BH_PAPER_MEDIATION = 14,
	BH_PAPER_AGREEMENT = 15,
	BH_PAPER_PERFORMANCE = 16,
	BH_PAPER_PLAN = 17,
	BH_PAPER_CONSULTATION = 18,
	BH_PAPER_ORDER = 19,
	BH_PAPER_ORDER_REPLY = 20,
	BH_PAPER_FOLLOW_UP = 21,
	BH_PAPER_OTHER = 22,
	BH_PAPER_ORDER_REVIEW = 23,
	BH_PAPER_APPEAL = 24,
	BH_PAPER_APPEAL_REVIEW = 25,
	BH_PAPER_COPY = 26,       /* 抄告: what became of it is told to its village (S2-29) */
	BH_PAPER_MILESTONES = 27, /* the steps of a plan, and what each came to */
	BH_PAPER_COUNT = 28,
};

/* What makes a case need papers that others do not; bits. */
enum bh_dossier_kind {
	BH_DOSSIER_DISPUTE = 1u << 0,
	BH_DOSSIER_MAJOR = 1u << 1,
};

/* An entry of the case's, or one that added a paper, sealed, or was about an order of it, as far as
 * its dossier goes by it. */
struct bh_dossier_entry {
	uint64_t position;
	int64_t at_ms;
	uint32_t verb;
	uint32_t from_state;
	uint32_t to_state;
	uint32_t cycle;
	uint32_t log_short;
	uint32_t person;
	uint32_t kind;        /* PAPER: enum bh_paper, NONE: it was withdrawn; ORDER: 1 while its
				 answer is waited for */
	uint32_t outcome;     /* CONCLUDE: enum bh_mediation_end; CONSULT: enum bh_consultation */
	uint32_t copied;      /* the unit that it is told to beside the case's own; 0: none */
	uint32_t photos;      /* that it names, thumbnails left out */
	uint32_t photos_here; /* ... and that are here */
	uint8_t hash[BH_HASH_BYTES];
};

/* How a dossier stands; sets of papers are bits 1u << enum bh_paper. */
struct bh_dossier {
	uint32_t required;
	uint32_t present; /* of the present cycle, whoever brought it */
	uint32_t missing;
	uint32_t photos;
	uint32_t photos_here;
	uint64_t newest;  /* of the newest entry that is a paper, or withdraws one */
	uint32_t added;   /* papers that people added, and that stand */
	uint32_t brought; /* ... with those that were withdrawn */
};

/* The paper that an entry is; NONE: it is none. */
enum bh_paper bh_paper_of(const struct bh_dossier_entry *entry);
/* The set of all that it is: a dispatch may file, a closing may be told to a village. */
uint32_t bh_papers_of(const struct bh_dossier_entry *entry);
/* What kind of case it is, for its papers. */
uint32_t bh_dossier_kinds(const struct bh_rules *rules, const struct bh_case *cased);
/* Entries in order of positions. */
void bh_dossier_judge(const struct bh_dossier_entry *entries, size_t count, uint32_t kinds,
	struct bh_dossier *out);
/* Required papers that are not there, and one more for photos that have not come.  0: complete. */
uint32_t bh_dossier_lacks(const struct bh_dossier *dossier);

/* "report", "上报材料"; "unknown" for other kinds. */
const char *bh_paper_name(unsigned paper);
const char *bh_paper_name_zh(unsigned paper);
int bh_paper_parse(const char *name, uint32_t *out);

/* ---- What an entry of these verbs says: its header, which no erasure touches ---- */
struct bh_seal_said {
	uint8_t hash[BH_HASH_BYTES];
	uint64_t upto; /* position of the newest entry that it covers */
	uint32_t count;
};
/* SHA-256("bh-dossier-1" ‖ block district ‖ number u64 ‖ count u32 ‖ (position u64 ‖ hash 32) of
 * each entry up to a position).  BH_ERR_NOMEM. */
int bh_dossier_seal(struct bh_hasher *hasher, const char *district, uint64_t number,
	const struct bh_dossier_entry *entries, size_t count, uint64_t upto,
	struct bh_seal_said *out);
int bh_seal_encode(const struct bh_seal_said *said, struct bh_buf *out);
int bh_seal_decode(struct bh_span header, struct bh_seal_said *out);
/* LEND: when it is due back.  PAPER and WITHDRAW_PAPER: paper_file.h. */
int bh_loan_encode(int64_t until_ms, struct bh_buf *out);
int bh_loan_decode(struct bh_span header, int64_t *until_ms);

/* ---- What people do: PAPER, WITHDRAW_PAPER, SEAL, LEND, GIVE_BACK ---- */
bool bh_verb_is_dossier(unsigned verb);
struct bh_dossier_ask {
	const struct bh_rules *rules;
	int64_t now_ms;
	const struct bh_case *cased; /* NULL: no such case */
	struct bh_dossier dossier;
	uint64_t sealed_upto; /* what the newest seal covers; 0: there is none */
	bool lent;
	uint32_t own_added;   /* of dossier.added: by who commands */
	uint32_t own_brought; /* ... of dossier.brought */
	struct {
		bool stands;     /* it was added, and not withdrawn */
		uint32_t person; /* who added it */
		uint32_t post;   /* ... under which post */
	} paper;                 /* WITHDRAW_PAPER: what it names */
};
struct bh_dossier_answer {
	bool accepted;
	enum bh_reason reason;
	const char *detail; /* constant clause, or NULL */
	uint32_t post;
};
/* The person's post that allows the verb on a case now, by its area, unit and type; or 0. */
uint32_t bh_dossier_post(const struct bh_rules *rules, int64_t now_ms, uint32_t person,
	uint32_t post, enum bh_verb verb, const struct bh_case *cased);
/* PAPER's text is its title, and what it says from the next line on. */
void bh_dossier_decide(const struct bh_dossier_ask *ask, const struct bh_command *command,
	struct bh_dossier_answer *out);

#endif
