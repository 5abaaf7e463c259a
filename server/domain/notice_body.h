/* What notices are made of, for the files that name and gather them; nobody else looks inside. */
#ifndef BH_SERVER_DOMAIN_NOTICE_BODY_H
#define BH_SERVER_DOMAIN_NOTICE_BODY_H

#include "server/domain/notice.h"
#include "server/domain/order.h"

#define BH_NOTICE_R(name) (1u << BH_ROLE_##name)
#define BH_NOTICE_LEADS (BH_NOTICE_R(UNIT_LEAD) | BH_NOTICE_R(TIER_DESK))
#define BH_NOTICE_P1 1u

enum bh_notice_when {
	BH_WHEN_ALWAYS,
	BH_WHEN_USUAL, /* not P1 */
	BH_WHEN_P1,
	BH_WHEN_P1_ALONE, /* P1, and the unit has nobody */
	BH_WHEN_TO_P1,    /* it was none before, and a unit has it */
	BH_WHEN_TO_P1_ALONE,
	BH_WHEN_BY_CLOCK,
	BH_WHEN_FIRST,   /* a first return */
	BH_WHEN_AGAIN,   /* one after a refusal: arbitration */
	BH_WHEN_OF_UNIT, /* what is asked is the own unit's to decide */
	BH_WHEN_OF_DESK,
	BH_WHEN_ENDS,     /* the reporter is owed an answer now */
	BH_WHEN_HAD_UNIT, /* another one than it has now */
	BH_WHEN_MOVES,    /* from one state to another */
	BH_WHEN_STALE,
	BH_WHEN_UNKEPT, /* one more date of an agreement was not kept */
	BH_WHEN_COPIED, /* ... to the desk of its village, now */
	BH_WHEN_SPONSOR,
	BH_WHEN_PASSED_ON, /* an appeal, to its second review */
	BH_WHEN_APPEAL_ENDS,
	BH_WHEN_RATED_LOW,
	BH_WHEN_SENT_BACK, /* an order's answer */
	BH_WHEN_TOLD_UP,   /* nobody answers an order */
	BH_WHEN_TOLD_AGAIN,
	BH_WHEN_ALONE,          /* not P1, and the unit has nobody */
	BH_WHEN_STAYS,          /* where it is */
	BH_WHEN_P1_WAITS,       /* a P1 that no rule dispatches at once */
	BH_WHEN_TO_P1_WAITS,    /* it was none before, and no unit has it */
	BH_WHEN_BY_PERSON,      /* the clock does not close it */
	BH_WHEN_UNSATISFIED,    /* so says the reporter */
	BH_WHEN_APPEAL_DROPPED, /* by another cycle */
	BH_WHEN_CONSENT_GONE,   /* of a case that was opened with it */
	BH_WHEN_AUDITED,        /* somebody is sent to what the clock closed */
	BH_WHEN_AUDIT_FAILS,
	BH_WHEN_AUDIT_LAPSES,
	BH_WHEN_MAJOR, /* it is called so now, and nobody has planned it */
};

enum bh_notice_to {
	BH_TO_UNIT,
	BH_TO_LEAD,
	BH_TO_UNIT_BEFORE,
	BH_TO_DISPATCHER,
	BH_TO_SHIFT_LEADER,
	BH_TO_SUPERVISOR,
	BH_TO_COUNTY,
	BH_TO_ABOVE, /* the level above the nearest shift leader's, and who watches over it */
	BH_TO_FIELD, /* the workers of the grid */
	BH_TO_ASKER,
	BH_TO_ACCEPTOR,
	BH_TO_TASK, /* whose the task is that the entry makes */
	BH_TO_REPORTER,
	BH_TO_TIER_DESK,
	BH_TO_COPIED,
	BH_TO_SPONSOR,
	BH_TO_ADDRESSEE,  /* the lead of the unit that the entry's order is for */
	BH_TO_ISSUER,     /* who issued it, or, where the clock did, the supervisor */
	BH_TO_TASK_ASKER, /* who asked for the entry's task */
	BH_TO_WARNED,     /* the desk that a threshold is told to */
	BH_TO_LEAD_BEFORE,
	BH_TO_ARCHIVIST,
	BH_TO_PRIVACY,
	BH_TO_TASK_BEFORE, /* whose it was before the entry */
	BH_TO_HANDED,      /* who handed the result in */
	BH_TO_FOLLOW_UP,   /* who asks the reporter, or else who watches over it */
	BH_TO_BOTH,        /* who came too late, and who was first */
};

/* A row of the table. */
struct bh_notice_row {
	uint8_t verb;   /* 0: any */
	uint8_t reason; /* 0: any */
	uint8_t when;
	uint8_t to;
	uint8_t kind;
	bool waits; /* for working hours, P1 excepted */
};

extern const struct bh_notice_row bh_notice_rows[];
extern const size_t bh_notice_rows_count;

bool bh_notice_row_fits(const struct bh_notice_facts *facts, const struct bh_notice_row *row);
/* The order that the entry changes: what it is called, whose it is, and what the entry sets of it.
 */
struct bh_order bh_notice_order(const struct bh_notice_facts *facts);
/* Of posts that a kind goes to those that may know of it: who assesses, not who is assessed. */
size_t bh_notice_keep_apart(const struct bh_notice_facts *facts, uint32_t kind,
	const struct bh_msg_post **posts, size_t count);
/* The unit that had it before the entry; 0: none. */
uint32_t bh_notice_unit_before(const struct bh_notice_facts *facts);

#endif
