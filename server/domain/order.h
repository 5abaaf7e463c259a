/* An order: something that a unit is told in writing and answers in writing (domain.md, Order;
 * S0-43, S0-57): 催办单 when a limit has passed, 督办单 from above, 交办单 as a task of its own.
 *
 *   ISSUED ──answer──▶ ANSWERED ──close, or its limit──▶ CLOSED
 *     │  ▲                └──send back, once──▶ SENT_BACK ──answer──▶ ANSWERED
 *     │  └ at its limit, and three days after: told up, once each
 *     └──withdraw──▶ WITHDRAWN
 */
#ifndef BH_DOMAIN_ORDER_H
#define BH_DOMAIN_ORDER_H

#include "server/domain/command.h"
#include "server/domain/entry.h"
#include "server/domain/rules.h"
#include "server/domain/threshold.h"

/* Values are frozen: they stand in journals. */
enum bh_order_kind {
	BH_ORDER_NONE = 0,
	BH_ORDER_CHASER = 1,      /* 催办单 */
	BH_ORDER_SUPERVISION = 2, /* 督办单 */
	BH_ORDER_HAND_OVER = 3,   /* 交办单 */
	BH_ORDER_KINDS = 4,
};

enum bh_order_state {
	BH_ORDER_ISSUED = 1,
	BH_ORDER_ANSWERED = 2,
	BH_ORDER_SENT_BACK = 3,
	BH_ORDER_CLOSED = 4,
	BH_ORDER_WITHDRAWN = 5,
	BH_ORDER_STATES = 6,
};

/* What a review does: the reason of an ORDER_REVIEW. */
enum bh_order_act {
	BH_ORDER_ACT_NONE = 0,
	BH_ORDER_CLOSE = 1,
	BH_ORDER_SEND_BACK = 2,
	BH_ORDER_WITHDRAW = 3,
	BH_ORDER_TELL = 4, /* the clock: nobody answered in time */
	BH_ORDER_ACTS = 5,
};

/*
 * Every field is an integer and stands in the field table of order.c with a frozen id from 512 on.
 * An entry changes one order at most; what says which one and whose is always among its decision.
 * 0 means "none".
 */
struct bh_order {
	uint64_t first;     /* position of the entry that issued it */
	uint64_t last;      /* ... and of the last one about it */
	uint64_t answer;    /* ... of its last answer */
	uint64_t ref;       /* what it is called: BH_ORDER_REF */
	uint64_t number;    /* case; 0: it stands free */
	uint32_t cycle;     /* of that case then */
	uint32_t unit;      /* whom it is addressed to */
	uint32_t area;      /* by which rights go: the case's, else the unit's */
	uint32_t by;        /* person; 0: the clock */
	uint32_t threshold; /* enum bh_threshold that raised it */
	uint32_t urgency;   /* of its case */
	uint32_t state;     /* enum bh_order_state */
	uint32_t told;      /* how often it was told up that nobody answers */
	uint32_t returned;  /* 1: its answer was sent back */
	uint32_t late;      /* 1: an answer came after its limit */
	uint32_t answered_by;
	uint32_t ended_by; /* person; 0: the clock */
	int64_t made_ms;
	int64_t due_ms;  /* of the answer that is waited for */
	int64_t next_ms; /* when the clock acts; 0: never */
	int64_t answered_ms;
	int64_t ended_ms;
};

/* Numbered without holes within kind, local year and series: a district that goes on after a backup
 * begins a series of its own (its epoch), so that no number is given twice (I16).
 *
 *   63      56 55        40 39          24 23        0
 *   │ kind   │ year       │ series       │ serial    │  */
#define BH_ORDER_REF(kind, year, series, serial)                                      \
	((uint64_t)(kind) << 56 | (uint64_t)(year) << 40 | (uint64_t)(series) << 24 | \
		(uint64_t)(serial))
#define BH_ORDER_KIND(ref) ((uint32_t)((ref) >> 56))
#define BH_ORDER_YEAR(ref) ((uint32_t)((ref) >> 40 & 0xffffu))
#define BH_ORDER_SERIES(ref) ((uint32_t)((ref) >> 24 & 0xffffu))
#define BH_ORDER_SERIAL(ref) ((uint32_t)((ref)&0xffffffu))
#define BH_ORDER_SERIAL_MAX 0xffffffu
#define BH_ORDER_TEXT_SIZE 64u

/* "chaser-2026-0001", in a later series "chaser-2026-2-0001"; and "催办〔2026〕0001号". */
void bh_order_ref_format(uint64_t ref, char out[BH_ORDER_TEXT_SIZE]);
void bh_order_ref_format_zh(uint64_t ref, char out[BH_ORDER_TEXT_SIZE]);
/* BH_ERR_MALFORMED; *out is untouched. */
int bh_order_ref_parse(const char *text, uint64_t *out);
/* The local year of an instant. */
uint32_t bh_order_year(int64_t at_ms, int32_t utc_offset_min);

const char *bh_order_kind_name(unsigned kind);    /* "chaser"; "unknown" */
const char *bh_order_kind_name_zh(unsigned kind); /* "催办单" */
int bh_order_kind_parse(const char *name, uint32_t *out);
const char *bh_order_state_name(unsigned state); /* "issued" */
const char *bh_order_state_name_zh(unsigned state);
bool bh_order_is_open(const struct bh_order *order); /* an answer is waited for */
bool bh_order_is_end(const struct bh_order *order);
bool bh_verb_is_order(unsigned verb);

/* Appends what changed, with what says which and whose always. */
int bh_order_diff(const struct bh_order *before, const struct bh_order *after, struct bh_buf *out);
/* Sets the fields that a decision names, an entry's positions too.  BH_ERR_MALFORMED. */
int bh_order_patch(struct bh_order *order, const struct bh_entry *entry);
/* Which order an entry's decision changes; 0: none. */
uint64_t bh_order_of_decision(struct bh_span decision);

/* ---- Deciding ---- */
struct bh_order_ask {
	const struct bh_rules *rules;
	int64_t now_ms;
	bool punishes;                /* false while a clock alarm holds what punishes */
	const struct bh_case *cased;  /* that it is, or shall be, about; NULL: none */
	const struct bh_order *order; /* that the command names; NULL: there is none */
	uint64_t ref;                 /* ORDER: the next one of its kind; 0: there are no more */
};
struct bh_order_answer {
	bool accepted;
	enum bh_reason reason;
	const char *detail; /* constant clause, or NULL */
	uint32_t post;
	struct bh_order after;
};
/* A desk's or the clock's command of these verbs.  ORDER: reason_code is the kind, unit whom it is
 * for (0: the case's), until_ms by when (0: by its kind).  ORDER_ANSWER: text.  ORDER_REVIEW:
 * reason_code is an enum bh_order_act. */
void bh_order_decide(const struct bh_order_ask *ask, const struct bh_command *command,
	struct bh_order_answer *out);
/* The order that a threshold raises of its case, as the clock's command; false: none. */
bool bh_order_of_threshold(
	const struct bh_case *cased, enum bh_threshold threshold, struct bh_command *out);
/* What the clock has to do about it now; false: nothing. */
bool bh_order_command(
	const struct bh_order *order, int64_t now_ms, bool punishes, struct bh_command *out);
/* The case goes on without what the clock raised of it: done, or another unit's.  The clock's
 * command that ends it; false: it stands. */
bool bh_order_command_after(
	const struct bh_order *order, const struct bh_case *cased, struct bh_command *out);
/* May this person, under this post (0: any), see it?  cased: which it is about; NULL: none. */
bool bh_order_sees(const struct bh_rules *rules, int64_t now_ms, uint32_t person, uint32_t post,
	const struct bh_order *order, const struct bh_case *cased);
/* ... and read what is written in it?  Assessors and auditors see how it stands alone. */
bool bh_order_reads(const struct bh_rules *rules, int64_t now_ms, uint32_t person, uint32_t post,
	const struct bh_order *order, const struct bh_case *cased);

#endif
