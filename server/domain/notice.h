/* Whom an entry of a case is worth telling at once, and in which words: pure functions.  What is
 * told is about cases and places: a number, a type, a state, a time, a unit, what to do; no person
 * but the one it goes to, and nothing of a report's text. */
#ifndef BH_DOMAIN_NOTICE_H
#define BH_DOMAIN_NOTICE_H

#include "server/domain/decide.h"

#define BH_NOTICES_MAX 64u               /* of one entry */
#define BH_NOTICE_PEOPLE_MAX 16u         /* of one row of the table */
#define BH_NOTICE_ACK_MS INT64_C(300000) /* P1: acknowledged by then, or the next is called */
/* A connected handset has its delta within seconds: what it has taken up by then goes nowhere else.
 */
#define BH_NOTICE_GRACE_MS INT64_C(15000)
#define BH_NOTICE_TEXT_MAX 600u

/* Values are frozen: they stand in files and in what receivers are told. */
enum bh_notice_kind {
	BH_NOTICE_NONE = 0,
	BH_NOTICE_DISPATCHED = 1,   /* a case is your unit's */
	BH_NOTICE_URGENT = 2,       /* the same of P1: acknowledge within five minutes */
	BH_NOTICE_URGENT_TOLD = 3,  /* beside: shift leader, field units */
	BH_NOTICE_CALLED = 4,       /* nobody acknowledged: you are called */
	BH_NOTICE_CALLED_ABOVE = 5, /* nor did they: the level above is */
	BH_NOTICE_REMIND_50 = 6,
	BH_NOTICE_REMIND_80 = 7,
	BH_NOTICE_BREACH = 8,
	BH_NOTICE_AUTOMATIC = 9,
	BH_NOTICE_RETURN_ASKED = 10,
	BH_NOTICE_RETURN_REFUSED = 11,
	BH_NOTICE_RETURN_ACCEPTED = 12,
	BH_NOTICE_ASKED = 13,
	BH_NOTICE_GRANTED = 14,
	BH_NOTICE_ASK_REFUSED = 15,
	BH_NOTICE_LIMIT_50 = 16, /* of the disposal limit */
	BH_NOTICE_LIMIT_80 = 17,
	BH_NOTICE_LIMIT_100 = 18,
	BH_NOTICE_LIMIT_24H = 19, /* past it */
	BH_NOTICE_LIMIT_72H = 20,
	BH_NOTICE_REWORK = 21,
	BH_NOTICE_ENDED = 22,
	BH_NOTICE_STALE = 23,
	BH_NOTICE_MOVED = 24, /* away from your unit */
	BH_NOTICE_TEST = 25,
	BH_NOTICE_TASK = 26,          /* look, check or help: yours, or your unit's */
	BH_NOTICE_CHECK_FAILED = 27,  /* somebody looked: again, or not? */
	BH_NOTICE_TASK_LAPSED = 28,   /* nobody looked in time */
	BH_NOTICE_RETURN_LAPSED = 29, /* the clock accepted a return that nobody judged */
	BH_NOTICE_CHECK_OVERDUE = 30, /* what only people close waits past its limit */
	BH_NOTICE_PERFORM_DUE = 32,   /* a date of an agreement: is it kept? */
	BH_NOTICE_UNKEPT = 33,        /* an agreement is not kept, or nobody says */
	BH_NOTICE_COPIED = 34,        /* what became of a dispute of your village */
	BH_NOTICE_SENT_BACK = 35,     /* a dispute comes back from the tier above */
	BH_NOTICE_SPONSOR = 36,       /* you sponsor a major case */
	BH_NOTICE_CONSENT_GONE = 37,  /* of an open case that needs it */
	BH_NOTICE_ORDER = 38,         /* to a unit's lead: answer it */
	BH_NOTICE_ORDER_ANSWERED = 39,
	BH_NOTICE_ORDER_BACK = 40,    /* its answer does not do */
	BH_NOTICE_ORDER_OVERDUE = 41, /* nobody answers */
	BH_NOTICE_APPEAL = 42,        /* review it: grant it or not */
	BH_NOTICE_APPEAL_ENDED = 43,
	BH_NOTICE_RATED_LOW = 44,        /* who reported it is not content: look */
	BH_NOTICE_LOAN_OVERDUE = 46,     /* a dossier is to come back */
	BH_NOTICE_HAND_OVER_MISSED = 47, /* of a desk below: nobody handed a shift over */
	BH_NOTICE_LIMIT_AGAIN = 31,      /* days past the third, and still nothing */
	BH_NOTICE_UNMANNED = 49,         /* a unit without people has it */
	BH_NOTICE_UNDISPATCHED = 50,     /* past the breach, and still nobody dispatches */
	BH_NOTICE_ARRIVED = 51,          /* a P1 is here */
	BH_NOTICE_TASK_ANSWERED = 52,    /* what you asked for */
	BH_NOTICE_RESULT = 53,           /* it is done: only a person closes it */
	BH_NOTICE_AGAIN = 54,            /* another cycle waits for its dispatch */
	BH_NOTICE_RESUMED = 55,          /* its date has come, and its limit runs */
	BH_NOTICE_UNSATISFIED = 48,      /* so the reporter says, or that it is back */
	BH_NOTICE_TASK_MOVED = 58,       /* a task that was yours is another's */
	BH_NOTICE_HANDED = 59,           /* a result waits for the word of the unit's lead */
	BH_NOTICE_AUDIT_FAILED = 56,     /* the clock closed it, and it is not so */
	BH_NOTICE_APPEAL_LAPSED = 57,    /* another cycle began: it may be made again */
	BH_NOTICE_MILESTONE_50 = 60,     /* of a step's limit */
	BH_NOTICE_MILESTONE_80 = 61,
	BH_NOTICE_MILESTONE_100 = 62,
	BH_NOTICE_MAJOR = 67,        /* it needs sponsor, task force and plan */
	BH_NOTICE_CALLED_AGAIN = 71, /* a P1, and still nobody: all of them, again and again */
	BH_NOTICE_FOLLOW_UP = 72,    /* ask its reporter how it went */
	BH_NOTICE_URGENT_MORE = 78,  /* several of P1, beyond what is told one by one */
	BH_NOTICE_KIND_COUNT = 79,
};

enum bh_notice_state {
	BH_NOTICE_QUEUED = 1,
	BH_NOTICE_SENT = 2, /* a channel took it */
	BH_NOTICE_SEEN = 3, /* see seen in store.h */
	BH_NOTICE_FAILED = 4,
	BH_NOTICE_EXPIRED = 5, /* nobody took it for a day */
	BH_NOTICE_STATE_COUNT = 6,
};

struct bh_notice {
	uint32_t person;
	uint32_t kind;
	uint64_t scope;      /* by whose delta a handset has it, too; 0: by none */
	int64_t ready_ms;    /* not sent before */
	int64_t ack_ms;      /* acknowledged by then; 0: need not be */
	bool urgent;         /* goes before the others */
	bool if_unreachable; /* only to a person without a handset */
};

struct bh_notice_facts {
	const struct bh_rules *rules;
	const struct bh_entry *entry;
	const struct bh_case *before; /* NULL: none */
	const struct bh_case *after;  /* before, where the entry had no effect */
	const struct bh_task *task;   /* that the entry changes; NULL: none */
	uint32_t other;               /* STALE: who moved the case on; 0: nobody known */
	uint32_t due_divisor;         /* of tests of the real programs; 0: 1 */
	int64_t called_ms;            /* for bh_notices_next: when the call before was made first */
};

/* Did this entry of a case move it on by somebody's hand?  Of a stale op that is who is told. */
bool bh_notice_moved_on(const struct bh_entry *entry);
#define BH_NOTICE_BACK_MAX 32u /* entries of the case that are looked through for it */

/* In the order of the table, each (person, kind) once. */
size_t bh_notices_of(const struct bh_notice_facts *facts, struct bh_notice out[BH_NOTICES_MAX]);
/* P1 (domain.md, Routing 9): nobody acknowledged a notice of this kind; whom it goes to next: the
 * shift leader, the level above, then all of them and the county, each time after twice as long as
 * before, 160 minutes at most.  0: there is nobody. */
size_t bh_notices_next(const struct bh_notice_facts *facts, uint32_t kind, int64_t now_ms,
	struct bh_notice out[BH_NOTICES_MAX]);

/* Somebody has to acknowledge it, or the next is called. */
bool bh_notice_is_call(uint32_t kind);
/* Of an order: its text's {number} is what the order is called. */
bool bh_notice_is_order(uint32_t kind);
/* One reporter's cases of P1, by himself or by the clock: of so many entries at once the notices
 * are urgent, however many each has, and of one more every so often.  What is more waits with what
 * is usual, and what only says "look there" is told as BH_NOTICE_URGENT_MORE, at most once in a
 * while to one person: who floods delays nobody else's. */
#define BH_NOTICE_PACE_BURST 30
#define BH_NOTICE_PACE_MS INT64_C(120000)
#define BH_NOTICE_MORE_MS INT64_C(60000)
/* Whose pace an entry of a case takes from, where it tells anybody; 0: nobody's. */
uint32_t bh_notice_paced(const struct bh_entry *entry, const struct bh_case *after);
/* Does it only say where to look? */
bool bh_notice_is_summed(uint32_t kind);

/* "dispatched"; "" for none. */
const char *bh_notice_kind_name(uint32_t kind);
const char *bh_notice_state_name(uint32_t state);
/* BH_ERR_NOT_FOUND. */
int bh_notice_state_parse(const char *name, uint32_t *out);
/* What its receiver is to do, one word: "sign", "dispatch", "look" ... */
const char *bh_notice_todo(uint32_t kind);

/* The district's lights (domain.md): green to 80 % of the limit that runs, yellow to 100 %, red
 * after; "" where none runs.  *due_ms is that limit's, 0 for none. */
const char *bh_notice_light(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t now_ms, int64_t *due_ms);

/* One sentence in Chinese of at most BH_NOTICE_TEXT_MAX - 1 bytes; cut at a whole character.
 * number: as it is written; due: likewise, "" for none. */
void bh_notice_text(const struct bh_rules *rules, uint32_t kind, const struct bh_case *cased,
	const char *number, const char *due, char out[BH_NOTICE_TEXT_MAX]);

#endif
