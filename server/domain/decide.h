/* The two pure functions at the heart: decide gives an entry or a refusal, apply says how
 * projections change. */
#ifndef BH_DOMAIN_DECIDE_H
#define BH_DOMAIN_DECIDE_H

#include "server/domain/entry.h"
#include "server/domain/field_fact.h"
#include "server/domain/mediation.h"
#include "server/domain/rules.h"
#include "server/domain/task.h"

/* How a photo stands to a case: BH_SOURCE_STORE. */
enum bh_blob_standing {
	BH_BLOB_STRANGE = 0, /* no accepted op of the case names it, not with this size */
	BH_BLOB_NAMED = 1,
	BH_BLOB_STORED = 2, /* an entry says already that it is here */
};

/* Before which an op was not captured; 0: not known. */
struct bh_capture_floor {
	int64_t seen_ms; /* the entry of its case that it names as seen was written then */
	int64_t log_ms;  /* an op before it in its log was captured then at the earliest */
};

/* What decide may know besides the command. */
struct bh_standing {
	const struct bh_rules *rules;
	const struct bh_case *before; /* NULL: no such case */
	const struct bh_task *task;   /* that the command names; NULL: none, or no such one */
	const struct bh_mediation *mediation; /* the one that it names, or the case's last */
	int64_t now_ms;                       /* district time */
	bool punishes;          /* false while a clock alarm holds what punishes (timeline.h) */
	uint32_t device_person; /* DEVICE: its holder */
	bool device_live;       /* false: revoked or suspended when this transaction runs */
	struct bh_capture_floor floor; /* DEVICE */
	enum bh_blob_standing blob;    /* STORE: the command's */
	const struct bh_case *main;    /* MERGE: the case that the command names; NULL: none */
	uint32_t merged;               /* ... how many are merged into it and into this one */
	uint32_t dossier_lacks;        /* ARCHIVE: papers that its dossier lacks (dossier.h) */
	uint32_t repeats; /* FINISH, SELF_DISPOSE: cases at its place, counted to 3 (repeat.h) */
	bool consented;   /* FILE, DISPATCH, AMEND: a party of it has given consent (privacy.h) */
};

/* A handset's clock that is off by no more is believed. */
#define BH_CLOCK_BOUND_MS_MAX (5 * 60000)
#define BH_LONG_ENDED_MS (60 * INT64_C(86400000)) /* its archive and follow-up are told no more */
#define BH_MERGED_MAX 200u                        /* cases merged into one */

/* The decision.  after is meaningful when changes is true. */
struct bh_verdict_on {
	enum bh_verdict verdict;
	enum bh_reason reason;
	const char *detail; /* constant clause, or NULL */
	bool changes;       /* the case becomes after */
	bool journal;  /* an entry is written (a handset's op always; a refused desk command never)
			*/
	uint32_t post; /* the post that allowed it */
	enum bh_verb verb; /* its entry's; NONE: the command's */
	struct bh_case after;
	bool task_changes; /* one becomes task, also one that was not yet there */
	struct bh_task task;
	bool mediation_changes; /* likewise */
	struct bh_mediation mediation;
	struct bh_field_fact fact; /* of an accepted entry about no case */
	int64_t captured_ms;
	uint32_t captured_bound_ms;
};

/* Never fails, never asks for the time, never allocates.  Case verbs of every source; a submit's
 * number is (log_short, seq).  Rows cited beside the branch that implements them. */
void bh_decide(const struct bh_standing *standing, const struct bh_command *command,
	struct bh_verdict_on *out);

/* The next thing the clock does about a case, and when: a pure function of the projection and the
 * rules in force. BH_ALARM_NONE and 0 when nothing is due ever.  Whoever keeps cases keeps at as
 * next_ms, an index: with each entry of a case, and for all open ones when the rules change. */
enum bh_alarm bh_case_alarm(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t *at_ms);
/* What of it the clock has to do now: past the limit the breach comes before the dispatch that the
 * margin asked for, reminders that the margin has overtaken are left out, and what punishes waits
 * while it is held.  BH_ALARM_NONE: nothing now (then *due_ms is 0), even where next_ms has passed.
 */
enum bh_alarm bh_case_alarm_now(const struct bh_rules *rules, const struct bh_case *cased,
	int64_t now_ms, bool punishes, int64_t *due_ms);
/* When the clock archives a closed case, in natural days after closing (row 25): a function of that
 * instant alone, so that a case which an older program closed has its due time, too. */
int64_t bh_case_archive_due(const struct bh_rules *rules, const struct bh_case *cased);
/* The clock's command about a case: verb, alarm, its due instant and the standard text, all else
 * zero but source, log_short and the case.  False: nothing to do now.  decide refuses any other
 * command of the clock without journalling it, so give it this one, in the same transaction, until
 * it says false. */
bool bh_clock_command(const struct bh_rules *rules, const struct bh_case *cased, int64_t now_ms,
	bool punishes, struct bh_command *out);

/* The clock's command about an open task of the case: it has lapsed, its case no longer waits for
 * it, or its due time is computed again, behind its case's.  False: nothing to do now. */
bool bh_task_command(const struct bh_rules *rules, const struct bh_task *task,
	const struct bh_case *cased, int64_t now_ms, struct bh_command *out);

/* Which of a case's mediations a command is about: the last, or, of a date, the one that it names;
 * 0: none. */
uint32_t bh_mediation_asked(const struct bh_command *command, const struct bh_case *cased);
/* The clock's command about a date of an agreement.  False: nothing to do now. */
bool bh_mediation_command(
	const struct bh_mediation *mediation, int64_t now_ms, struct bh_command *out);

/* A sponsor and a task force that are there at an instant, and a plan (S0-23). */
bool bh_case_is_planned(const struct bh_rules *rules, const struct bh_case *cased, int64_t at_ms);
/* From when on whoever it names is gone for good; 0: one was never named, or is none by the rules;
 * INT64_MAX: never. */
int64_t bh_case_plan_end_ms(const struct bh_rules *rules, const struct bh_case *cased);
/* What a dispute or a major case lacks before it may be finished, or a session be recorded:
 * BH_LACKS_RESULT, PLAN and MEDIATION of message_record.h; SIGN_OFF, what it waits for.  It is kept
 * on handsets, so no instant goes into it: that a sponsor's last day is over says the guard. */
uint32_t bh_case_lacks(const struct bh_rules *rules, const struct bh_case *cased);

/* ---- apply ---- */
/* How a case's scopes change with an entry: what the feed and the wake-ups go by. */
#define BH_SCOPE_OWN(person) ((uint64_t)1 << 56 | (person))
#define BH_SCOPE_UNIT(unit) ((uint64_t)2 << 56 | (unit))
#define BH_SCOPE_GRID(area) ((uint64_t)3 << 56 | (area))
struct bh_scope_change {
	uint64_t scope;
	bool left;
};
#define BH_SCOPE_CHANGES_MAX 4u

/* before is zero for a new case.  Sets *after = before patched by the entry's decision, last = its
 * position (first too, for its first), next_ms as it was, and the scope rows to write: the case's
 * own reporter from its second entry on, its unit while it has one; a unit that lost it has left.
 * DELIVERED, SEEN, REMIND, BREACH, WARN, OVERDUE, CHECK_OVERDUE, FOLLOW_TRY, MAIN_MOVED, a
 * RECOMPUTE that moved no due time that a unit sees, and whatever decided nothing move no scope;
 * STORED moves the unit's alone, also where it decided nothing.  BH_ERR_MALFORMED for a decision
 * that does not decode. */
int bh_apply(const struct bh_case *before, const struct bh_entry *entry, struct bh_case *after,
	struct bh_scope_change changes[BH_SCOPE_CHANGES_MAX], size_t *changes_count);

/* Every due column recomputed from the case's entries alone and the calendar, by another road than
 * decide: the checker's side of I7.  entries in order. */
struct bh_dues {
	int64_t dispatch_due_ms, sign_due_ms, disposal_due_ms, review_due_ms, check_due_ms;
	int64_t resume_due_ms, archive_due_ms, follow_due_ms;
	int64_t appeal_due_ms, milestone_due_ms;
};
int bh_dues_from_entries(const struct bh_rules *rules, const struct bh_entry *entries, size_t count,
	struct bh_dues *out);
/* The same where the rules changed on the way: a clock goes by those of the entry that started it.
 * at gives the rules in force at a position, borrowed until it is called again; what it returns
 * other than 0 is returned. */
typedef int (*bh_rules_at)(void *context, uint64_t position, const struct bh_rules **out);
int bh_dues_from_entries_at(bh_rules_at at, void *context, const struct bh_entry *entries,
	size_t count, struct bh_dues *out);

#endif
