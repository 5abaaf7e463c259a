/* What an entry does to the projections: the writer's way and a replay's are this one. */
#ifndef BH_STORE_PROJECT_H
#define BH_STORE_PROJECT_H

#include "proto/arena.h"
#include "server/domain/decide.h"
#include "server/store/head.h"
#include "server/store/tally.h"
#include "server/store/wake.h"

#define BH_PROJECT_ARENA_BYTES (1024u * 1024u)

/* The one row of table district. */
struct bh_district_row {
	char code[BH_DISTRICT_CODE_BYTES_MAX + 1];
	uint64_t epoch;
	uint32_t profiles;
	uint64_t profile_position;
	bool clock_alarm; /* journalled and not yet confirmed */
};

struct bh_projector {
	struct bh_db db;
	struct bh_hasher *hasher;
	struct bh_heads heads;
	struct bh_tally tally;
	struct bh_wake_set *wakes; /* NULL: nobody listens */
	struct bh_arena arena;     /* for contents of district entries */
	struct bh_buf scratch;
	struct bh_district_row district;
	struct bh_rules *rules; /* in force, borrowed: next_ms is an index under them */
};

/* db is open (bh_db_open) and passes to the projector; loads what the file says.  Closes it on
 * failure too. */
int bh_projector_open(struct bh_projector *projector, struct bh_db *db, struct bh_wake_set *wakes);
void bh_projector_close(struct bh_projector *projector);
int bh_district_row_read(
	struct bh_db *db, struct bh_district_row *out); /* zero when there is none */
/* Before a commit: what was kept in memory is written. */
int bh_projector_flush(struct bh_projector *projector);

/* True for the entries that make up a case's own chain: accepted ones about one of its cycles.
 * Cycle 0 was accepted and had no effect. */
bool bh_entry_moves_case(const struct bh_entry *entry);
/* Applies one entry, in order of positions.  before: the case it is about, NULL when there is none
 * yet (a submit) or it moves none; one that moves a case needs projector->rules.  origin: the
 * header's, NULL when it has none.  *after (may be NULL) is the case then. BH_ERR_MALFORMED and
 * BH_ERR_CORRUPT for entries that contradict themselves; storage errors. */
int bh_project(struct bh_projector *projector, const struct bh_entry *entry,
	const struct bh_case *before, const struct bh_msg_origin *origin, struct bh_case *after);

/* project_blob.c: the photos that an accepted op names, or one that came. */
int bh_project_blobs(struct bh_projector *projector, const struct bh_entry *entry);
/* returned.c: an entry of a case, how that stood before and stands now. */
int bh_project_returned(struct bh_projector *projector, const struct bh_entry *entry,
	const struct bh_case *before, const struct bh_case *now);
/* project_rating.c: a token was given out, a case was rated. */
int bh_project_rating(struct bh_projector *projector, const struct bh_entry *entry);
/* ... and a report of the public was answered. */
int bh_project_closed(
	struct bh_projector *projector, const struct bh_entry *entry, const struct bh_case *now);
/* project_task.c: under other rules what goes by another calendar is due to be computed again, and
 * what nobody may answer any more to end. */
int bh_project_task_rules(struct bh_projector *projector, const struct bh_rules *rules);
/* project_task.c: in whose list an open task stands. */
uint64_t bh_task_scope(const struct bh_task *task);
/* project_task.c: the task that a case's entry changes, and how it moves scopes of tasks. */
int bh_project_tasks(struct bh_projector *projector, const struct bh_entry *entry,
	const struct bh_case *now, struct bh_scope_change changes[BH_TASKS_OPEN_MAX + 1],
	size_t *count);
/* project_mediation.c: the mediation that a case's entry changes. */
int bh_project_mediation(struct bh_projector *projector, const struct bh_entry *entry);
/* project_order.c: an accepted entry about an order. */
int bh_project_order(struct bh_projector *projector, const struct bh_entry *entry);
/* project_field.c: an accepted entry about no case, of what a worker did. */
int bh_project_field(struct bh_projector *projector, const struct bh_entry *entry);
/* upgrade.c: what a file of an earlier schema lacks, committed; nothing for one of ours. */
int bh_upgrade(struct bh_projector *projector, uint32_t due_divisor);
/* Of cases that had ended: what else it lacks, a slice of it in an open transaction, by the rules
 * in force.  *ended: nothing. */
int bh_upgrade_slice(struct bh_projector *projector, bool *ended);
/* Up to which case, by its first, all slices have come; *ended: to the last. */
int bh_upgrade_through(const struct bh_db *db, bool *ended, uint64_t *first);
/* project_rules.c: after a PROFILE entry, in its transaction: the rules in force are these from now
 * on, borrowed, and next_ms of every open case is that under them; of what has ended no rule moves
 * it.  What dues were given stay. */
int bh_project_rules(struct bh_projector *projector, struct bh_rules *rules, int64_t at_ms);
/* project_plan.c: the plans of patrols are these from the day of at_ms on. */
int bh_project_plans(struct bh_projector *projector, const struct bh_rules *rules, int64_t at_ms);
/* project_shift.c: these desks have a roster, since at_ms where they had none. */
int bh_project_rosters(struct bh_projector *projector, const struct bh_rules *rules, int64_t at_ms);
/* A shift that was handed over, taken over, or neither. */
int bh_project_shift(struct bh_projector *projector, const struct bh_entry *entry);
/* Where an older program knew less of what the clock does: next_ms of every open case is that under
 * these rules; of some that have ended, past *first, which moves on, that under those in force. */
int bh_project_next_open(struct bh_projector *projector, const struct bh_rules *rules);
int bh_project_next_ended(struct bh_projector *projector, uint64_t *first, bool *ended);
/* project_district.c: entries about people, devices and logs. */
int bh_project_district(struct bh_projector *projector, const struct bh_entry *entry);
int bh_district_row_write(struct bh_projector *projector);

#endif
