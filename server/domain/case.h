/* A case as it stands now: the projection that decisions are made on and that entries change. */
#ifndef BH_DOMAIN_CASE_H
#define BH_DOMAIN_CASE_H

#include "proto/bytes.h"
#include "proto/caseflow.h"

#define BH_MILESTONES_MAX 16u

/*
 * Every field is an integer and stands in the field table of case.c with a frozen id, so that an
 * entry's decision is the list of (id, value) that changed: what apply does is to set them.  0
 * always means "none".
 */
struct bh_case {
	uint64_t number;   /* proto/number.h; never changes */
	uint64_t first;    /* position of the entry that made it */
	uint64_t last;     /* position of its last entry: its version */
	uint32_t cycle;    /* 1 at first, + 1 by each reopening */
	uint32_t state;    /* enum bh_state */
	uint32_t reporter; /* person */
	uint32_t type;     /* catalogue code as reported or as filed */
	uint32_t condition;
	uint32_t urgency; /* 1..4 */
	uint32_t grid;    /* area: base grid, or the special grid that won; 0 outside */
	uint32_t area; /* the smallest area that holds it: grid, else village ... else the county */
	uint32_t place_marked;  /* 1: the grid is not measured: the nearest, or without a position
				   the worker's own */
	uint32_t unit;          /* lead unit once dispatched */
	uint32_t proposed_unit; /* by rule, for the dispatcher and the clock */
	uint32_t automatic;   /* 1: dispatched by the clock; 2: by a rule for immediate dispatch */
	uint32_t auto_signed; /* 1: signed by the clock at the limit */
	uint32_t dispatches;  /* how often in this cycle */
	uint32_t return_from; /* RETURNING: the state the return was asked from */
	uint32_t refusals;    /* refused returns of this dispatch */
	uint32_t returns;     /* accepted returns, for accurate dispatch (I02) */
	uint32_t redirects;
	int64_t captured_ms; /* corrected by the session's measured offset */
	int64_t received_ms;
	int64_t queue_ms;        /* entry into the dispatch queue: that clock's start */
	int64_t dispatch_due_ms; /* 0: no dispatch clock runs */
	uint32_t reminded;       /* 0, 50, 80: the last reminder of this clock */
	uint32_t breached;       /* 1: the breach of this clock is recorded */
	int64_t dispatched_ms;   /* of the present dispatch: the disposal clock's start */
	int64_t sign_due_ms;
	int64_t disposal_due_ms;
	int64_t review_due_ms; /* RETURNING */
	int64_t done_ms;
	int64_t check_due_ms; /* DONE, CHECKING */
	int64_t closed_ms;
	int64_t next_ms; /* the earliest instant at which the clock acts; 0: never.  Not decided: an
			    index of the rest under the rules in force, see bh_case_alarm */
	uint64_t quiet_from; /* 0, or the version that still stands: entries after it only reminded,
				or said that a photo is here */
	int32_t latitude_e7; /* WGS-84 */
	int32_t longitude_e7;
	uint32_t has_place;
	/* Of the disposal limit, beside disposal_due_ms: what of it counts, and from when. */
	uint32_t limit_works;      /* 1: it counts working periods only */
	int64_t limit_ms;          /* one original limit, on its own clock; 0: by the rules */
	uint32_t halved;           /* 1: a rework: it began with half of that */
	uint32_t extensions;       /* granted: each adds one original limit; of this dispatch */
	int64_t used_ms;           /* used up before it last began, on its own clock */
	int64_t clock_from_ms;     /* when it last began; 0: at the dispatch */
	int64_t resume_due_ms;     /* SUSPENDED: until when */
	uint32_t suspensions;      /* of the case */
	uint32_t asked;            /* enum bh_ask: what waits for a decision */
	uint32_t asked_level;      /* enum bh_ask_level: of whom */
	uint32_t asked_by;         /* person */
	int64_t asked_until_ms;    /* a suspension's end */
	uint32_t reworks;          /* in this cycle */
	uint32_t late;             /* 1: a result of this cycle came after its disposal limit */
	uint32_t reconsiderations; /* of the case */
	uint32_t tier;             /* of a dispute with a unit: 1 village, 2 township, 3 county */
	uint32_t delivered;        /* bit n - 1: the closure of cycle n has arrived */
	uint32_t seen;             /* ... and was looked at */
	/* Of the disposal clock's thresholds (threshold.h). */
	uint32_t calendar;    /* bh_rules_calendar_mark that its due times go by; 0: not known */
	uint32_t warned;      /* the highest threshold of this limit that was told of; 0: none */
	uint32_t warned_unit; /* whom that was told */
	uint32_t misses;      /* proposed ones: disposal limits passed by three days; of the case */
	int64_t stage_from_ms;  /* when the limit for signing, starting, receiving or checking began
				 */
	int64_t stage_limit_ms; /* its working time; 0: not known */
	int64_t used_beside_ms; /* as used_ms, on the clock that the limit does not go by */
	uint64_t main;          /* MERGED: the number of the case that it is one with */
	/* After the answer (decide_after.c): archived, followed up.  Of this cycle. */
	uint32_t finished_by;   /* person */
	int64_t archived_ms;    /* 0 while it is not */
	int64_t follow_due_ms;  /* ARCHIVED: of this try; when an archive is due, see
				   bh_case_archive_due */
	uint32_t follow_tries;  /* that reached nobody */
	uint32_t follow_answer; /* enum bh_follow_answer */
	/* Tasks of the case (task.h). */
	uint32_t tasks;       /* how many were ever made: the last one's ordinal */
	uint32_t open_tasks;  /* ... and have not ended */
	uint32_t open_helps;  /* of them 协办 */
	uint32_t task;        /* VERIFYING, CHECKING: the ordinal of the task it waits for */
	uint32_t checked;     /* enum bh_checked: of the present result */
	uint32_t check_calls; /* how often the clock called for its check since then (checking.h) */
	uint32_t self_disposed;  /* 1: its worker put it right on the spot; no unit had it */
	uint32_t returns_lapsed; /* of returns: accepted by the clock, nobody having judged them */
	/* Of the present cycle's lateness (decide_appeal.c). */
	uint32_t appeal;    /* enum bh_appeal */
	uint32_t appeal_by; /* person */
	uint32_t
		appeal_seen; /* person who granted it first; 0: nobody, or the clock passed it on */
	int64_t appeal_due_ms; /* of the review that it waits for */
	uint32_t exempt; /* bit n - 1: the lateness of cycle n does not count; late says that it was
			  */
	uint32_t by_public; /* 1: its reporter is of the public, who may rate the answer (rating.h)
			     */
	/* Of this cycle: enum bh_archived_with. */
	uint32_t dossier;
	/* What this cycle began with (routing.h). */
	uint32_t rules;    /* the version of the routing rules */
	int32_t rules_day; /* the local day */
	uint32_t duty;     /* the period of heightened duty; 0: none */
	uint32_t asset;    /* the component that a report or the desk named */
	uint32_t acceptor; /* person: whose it is to close; 0: the pool's (decide_acceptor.c) */
	/* Disputes, and major cases (mediation.h). */
	uint32_t grade;           /* enum bh_grade */
	uint32_t major;           /* 1: it needs sponsor, task force and plan */
	uint32_t sponsor;         /* person */
	uint32_t force;           /* unit: the task force */
	uint32_t measures;        /* of its plan, a bit each */
	uint32_t mediations;      /* how many were ever opened: the last one's ordinal */
	uint32_t mediation_state; /* enum bh_mediation_state: of the present one */
	uint32_t paused;          /* bit t: a party was given time at tier t */
	uint32_t lowered;         /* bit t: tier t sent it back down */
	uint32_t copied;          /* unit: the desk of its village, which was told of the result */
	uint32_t consulting;      /* enum bh_consultation */
	uint32_t consultations;   /* held */
	uint32_t owed;            /* dates of agreements of which nobody has said anything */
	uint32_t unkept;          /* ... that were kept in part, or not */
	/* Whom nobody's silence ends with. */
	uint32_t queue_calls;   /* how often the clock called for a dispatch since the breach */
	uint32_t unmanned;      /* the unit that was told of as having nobody */
	uint32_t unplanned;     /* 1: told that whom its plan names is gone */
	uint32_t overdue_calls; /* ... for a result since the last threshold */
	uint32_t late_unit;     /* the first that was late in this cycle; 0: see late */
	int64_t breach_due_ms;  /* it left the queue past this limit, and no breach is recorded */
	uint64_t redone_from;   /* an op made on this version or before is of before its rework */
	uint32_t extended;      /* extensions granted in this cycle */
	uint32_t repeats; /* 3: there were so many or more at its place in 90 days, itself included,
			     when it was done (repeat.h); else 0 */
	uint32_t matter_ended; /* 1: who closed this cycle said that the matter has ended (S3-27) */
	uint32_t none_fits;    /* 1: the desk says that of its type's conditions none is this */
	uint32_t outside;      /* 1: it lies in no grid, and the desk says so */
	uint32_t ground;       /* REJECTED: enum bh_ground (ending.h) */
	uint32_t channel;      /* REJECTED, REFERRED: enum bh_channel */
	uint32_t audit;        /* enum bh_audit: of what the clock closed in this cycle (row 33) */
	uint32_t audit_task;   /* ... the ordinal of its visit */
	int64_t check_until_ms; /* CHECKING: the due time of the task that it waits for */
	/* An appeal that another cycle cut short: whose lateness, of which cycle (decide_appeal.c).
	 */
	uint32_t appeal_cycle;
	uint32_t appeal_unit;
	/* What its units asked to be redirected (59). */
	uint32_t asked_unit;        /* whose it is, says who asks; 0: he does not say */
	uint32_t redirects_asked;   /* of redirects: those that were asked for */
	uint32_t redirects_refused; /* requests */
	/* The plan of its steps (milestone.h). */
	uint32_t milestones;      /* how many it has; 0: there is none */
	uint32_t milestones_done; /* ... and that are done */
	uint64_t milestone_limits[BH_MILESTONES_MAX / 4];
	int64_t milestone_from_ms; /* when the running one's clock last began; 0: dropped */
	int64_t milestone_used_ms; /* used up before that, on its own clock */
	int64_t milestone_due_ms;  /* 0: none runs */
	uint32_t milestone_warned; /* the highest threshold of it that was told of */
	uint32_t milestones_late;  /* bit i: step i was late; from 16: how many that are no more */
	uint32_t milestone_unit;   /* whose plan it is, and whose lateness */
	/* A result that waits for the word of the unit's lead (sign_off.h). */
	uint32_t handed_by; /* person; 0: none waits */
	int64_t handed_ms;
	uint32_t handed_photos;  /* that came with it */
	uint32_t sign_off_calls; /* how often the clock called for that word */
	uint64_t handed_from;    /* a lead's word on this version or before is of another result */
	uint32_t held_to;        /* enum bh_held: of the last op of a handset about it */
	/* How it came (intake.h). */
	uint32_t intake;   /* enum bh_intake; 0: a handset reported it */
	uint32_t visitors; /* how many people came with it; 0: nobody counted them */
	/* Persons whose work at the desk this cycle is: none of them asks how it was (rating.h). */
	uint32_t filed_by;
	uint32_t dispatched_by; /* last */
	uint32_t closed_by;
};

/* Whose lateness a late case's is: whose it was first, in cycles that kept it. */
static inline uint32_t bh_case_late_unit(const struct bh_case *cased)
{
	return cased->late_unit != 0 ? cased->late_unit : cased->unit;
}

/* Whose it is to appeal: this cycle's lateness first, else one that another cycle cut short. */
static inline uint32_t bh_case_appeal_unit(const struct bh_case *cased)
{
	return cased->late == 0 && cased->appeal_cycle != 0 ? cased->appeal_unit
							    : bh_case_late_unit(cased);
}

/* How an appeal against lateness stands.  Values are frozen: they stand in journals. */
enum bh_appeal {
	BH_APPEAL_NONE = 0,
	BH_APPEAL_FIRST = 1,  /* the dispatcher's side reviews it */
	BH_APPEAL_SECOND = 2, /* then a supervisor */
	BH_APPEAL_GRANTED = 3,
	BH_APPEAL_REFUSED = 4,
	BH_APPEAL_LAPSED = 5, /* nobody judged it in time: as it was */
};

/* How a look at what the clock had closed came out.  Values are frozen: they stand in journals. */
enum bh_audit {
	BH_AUDIT_NONE = 0,
	BH_AUDIT_ASKED = 1,
	BH_AUDIT_PASSED = 2,
	BH_AUDIT_FAILED = 3,
	BH_AUDIT_LAPSED = 4, /* nobody went there in time */
};

enum bh_ask {
	BH_ASK_NONE = 0,
	BH_ASK_EXTENSION = 1,
	BH_ASK_SUSPENSION = 2,
	BH_ASK_VOID = 3,
	BH_ASK_REDIRECT = 4,
};

enum bh_ask_level {
	BH_ASK_OF_UNIT = 1, /* the own unit's lead */
	BH_ASK_OF_DESK = 2, /* the dispatcher; for a void the shift leader */
};

enum bh_checked {
	BH_CHECKED_NOT = 0,
	BH_CHECKED_PASSED = 1,
	BH_CHECKED_FAILED = 2,
	BH_CHECKED_LAPSED = 3, /* nobody came in time: the acceptor decides */
};

/* I20 of the indicators is complete / archived. */
enum bh_archived_with {
	BH_ARCHIVED_NOT = 0,
	BH_ARCHIVED_COMPLETE = 1,
	BH_ARCHIVED_INCOMPLETE = 2, /* by the clock, or by an archivist who said why */
};

/* What a handset's claim of when an op was captured was held to, where it contradicts it
 * (decide_capture.c).  Values are frozen: they stand in journals. */
enum bh_held {
	BH_HELD_NOT = 0,
	BH_HELD_SEEN = 1, /* the entry that it names as seen is younger */
	BH_HELD_LOG = 2,  /* an op before it in its log is younger */
};

/* What the reporter said, asked how it is now.  Values are frozen: they stand in journals. */
enum bh_follow_answer {
	BH_FOLLOW_NONE = 0,
	BH_FOLLOW_SATISFIED = 1,
	BH_FOLLOW_FAIR = 2,
	BH_FOLLOW_DISSATISFIED = 3,
	BH_FOLLOW_RECURRED = 4,
	BH_FOLLOW_UNREACHED = 5, /* nobody, after all tries: of what was due this is the rest */
};

/* Fields that others than this table read in a decision. */
#define BH_CASE_FIELD_GROUND 149u
#define BH_CASE_FIELD_CHANNEL 150u

#define BH_RECEIPT_CYCLES_MAX 32u /* later cycles' receipts are kept without effect */

/* Appends what changed from before to after as (field id varint, zigzag varint value) pairs in id
 * order; number, first, last and next_ms are not part of it.  BH_ERR_NOMEM or BH_ERR_LIMIT. */
int bh_case_diff(const struct bh_case *before, const struct bh_case *after, struct bh_buf *out);
/* Sets the fields a decision names; ids of newer programs and next_ms are skipped.
 * BH_ERR_MALFORMED. */
int bh_case_patch(struct bh_case *cased, struct bh_span decision);
/* All but next_ms. */
bool bh_case_equal(const struct bh_case *a, const struct bh_case *b);
/* "dispatch_due_ms" or NULL; for exports that another program checks. */
const char *bh_case_field_name(unsigned id);
unsigned bh_case_field_last(void); /* the greatest id */
int64_t bh_case_field(const struct bh_case *cased, unsigned id);

#endif
