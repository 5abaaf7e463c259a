/* A run: groups of jobs, each one transaction, committed before anything of it is told.
 *
 *   begin ──▶ job ──▶ job ──▶ ... ──▶ flush ──▶ COMMIT ──▶ outcomes stand
 *               │ unexpected            │ full     │ full: as if nothing had been
 *               ▼                       ▼          │ else: nobody knows: BH_ERR_UNKNOWN, the writer
 * is broken ROLLBACK, all jobs      ROLLBACK,      ▼ command by command      BH_ERR_FULL
 *
 * A command that many cases hang on brings as many entries: a group that has enough of them is
 * committed, and the next job begins another.
 *
 * A full disk takes the ballast first, and the group is run once more; only then BH_ERR_FULL.
 *
 * Command by command, one that the storage will not take is journalled as unreadable (a handset's)
 * or refused (a desk's), and harms nobody else. */
#include <string.h>

#include "proto/err.h"
#include "server/store/writer.h"

static struct bh_writer_mark mark_take(const struct bh_writer *w)
{
	struct bh_writer_mark mark = {
		.position = w->position,
		.at_ms = w->at_ms,
		.timeline = w->timeline,
		.heartbeat_mono_ms = w->heartbeat_mono_ms,
		.wakes = bh_wake_mark(&w->wakes),
		.counts = w->counts,
		.tally = w->projector.tally,
		.district = w->projector.district,
	};
	memcpy(mark.hash, w->hash, BH_HASH_BYTES);
	return mark;
}

int bh_group_begin(struct bh_writer *w, struct bh_now now)
{
	if (w->broken)
		return BH_ERR_UNKNOWN;
	w->now = now;
	w->now_ms = bh_timeline_step(&w->timeline, now);
	if (w->now_ms < w->at_ms)
		w->now_ms = w->at_ms;
	w->mark = mark_take(w);
	w->alarm_due_known = false;
	int err = bh_row_run(bh_sql(&w->projector.db, BH_SQL_BEGIN));
	w->in_transaction = !err;
	return err;
}

bool bh_group_is_full(const struct bh_writer *w)
{
	return w->position - w->mark.position >= BH_GROUP_ENTRIES_MAX;
}

int bh_group_rollback(struct bh_writer *w)
{
	/* SQLite has rolled back by itself after some errors: then there is nothing to do. */
	if (!sqlite3_get_autocommit(w->projector.db.handle)) {
		int err = bh_row_run(bh_sql(&w->projector.db, BH_SQL_ROLLBACK));
		if (err && !sqlite3_get_autocommit(w->projector.db.handle)) {
			w->broken = true;
			return BH_ERR_UNKNOWN;
		}
	}
	w->in_transaction = false;
	w->shift_due_ms = 0;
	w->position = w->mark.position;
	memcpy(w->hash, w->mark.hash, BH_HASH_BYTES);
	w->at_ms = w->mark.at_ms;
	w->timeline = w->mark.timeline;
	w->heartbeat_mono_ms = w->mark.heartbeat_mono_ms;
	bh_wake_back(&w->wakes, w->mark.wakes);
	uint64_t rollbacks = w->counts.rollbacks + 1, poison = w->counts.poison;
	w->counts = w->mark.counts;
	w->counts.rollbacks = rollbacks;
	w->counts.poison = poison;
	if (w->rules_before) {
		bh_rules_unref(w->rules);
		w->rules = w->rules_before;
		w->rules_before = NULL;
	}
	w->projector.rules = w->rules;
	bh_heads_forget(&w->projector.heads);
	w->projector.tally = w->mark.tally;
	w->projector.district = w->mark.district;
	bh_kept_forget(&w->kept);
	return BH_NOERR;
}

int bh_group_end(struct bh_writer *w, int err)
{
	if (!err)
		err = bh_group_commit(w);
	if (!err || err == BH_ERR_UNKNOWN)
		return err;
	int back = bh_group_rollback(w);
	return back ? back : err;
}

bool bh_group_finds_room(struct bh_writer *w, int err)
{
	if (err != BH_ERR_FULL || !bh_ballast_release(&w->ballast, w->now.mono_ms))
		return false;
	(void)bh_checkpoint_whole(w); /* while there is room for the pages that are new */
	return true;
}

/* What must never roll back is kept before anybody hears of it.  The commit stands: where it cannot
 * be kept, nothing may be said. */
static int commit_keep(struct bh_writer *w)
{
	int err = bh_kept_flush(&w->kept);

	if (err == BH_ERR_FULL && bh_ballast_release(&w->ballast, w->now.mono_ms))
		err = bh_kept_flush(&w->kept);
	w->broken = err != BH_NOERR;
	return err ? BH_ERR_UNKNOWN : BH_NOERR;
}

int bh_group_commit(struct bh_writer *w)
{
	int err = bh_projector_flush(&w->projector);
	if (!err)
		err = bh_kept_reserve(&w->kept);
	if (err)
		return err;
	bool wrote = w->position != w->mark.position;
	err = bh_row_run(bh_sql(&w->projector.db, BH_SQL_COMMIT));
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 23
	if (err) {
		sqlite3_exec(w->projector.db.handle, "ROLLBACK", NULL, NULL, NULL);
		err = BH_NOERR;
	}
#endif
	if (err == BH_ERR_FULL) /* a frame did not fit, so the commit's own was not written whole */
		return err;
	if (err) {
		w->broken = true;
		return BH_ERR_UNKNOWN;
	}
	w->in_transaction = false;
	if (w->rules_before) {
		bh_rules_unref(w->rules_before);
		w->rules_before = NULL;
	}
	w->counts.commits += wrote;
	return commit_keep(w);
}

/* ---- one job in the open transaction ---- */

static int command_run(struct bh_writer *w, struct bh_job *job, size_t i, bool unreadable)
{
	struct bh_command *command = &job->commands[i];
	struct bh_outcome *out = &job->outcomes[i];

	w->counts.commands++;
	switch (command->source) {
	case BH_SOURCE_DEVICE:
		return bh_push_command(w, job, i, unreadable);
	case BH_SOURCE_DESK:
		return bh_command_desk(w, command, out);
	case BH_SOURCE_OPERATOR:
		return bh_command_operator(w, command, out);
	case BH_SOURCE_STORE:
		return bh_command_store(w, command, out);
	case BH_SOURCE_NOTICE:
		return bh_command_notice(w, command, out);
	case BH_SOURCE_CLOCK:
		break; /* the writer's own: bh_writer_tick */
	}
	return BH_ERR_INVALID;
}

static bool job_is_push(const struct bh_job *job)
{
	return job->count && job->commands[0].source == BH_SOURCE_DEVICE;
}

static int job_run(struct bh_writer *w, struct bh_job *job)
{
	int err = BH_NOERR;

	job->err = BH_NOERR;
	if (job_is_push(job))
		err = bh_push_check(w, job);
	for (size_t i = 0; !err && !job->err && i < job->count; i++)
		err = command_run(w, job, i, false);
	if (!err && job_is_push(job))
		err = bh_push_ack(w, job);
	return err;
}

static void jobs_fail(struct bh_job *const *jobs, size_t count, int job_err)
{
	for (size_t i = 0; i < count; i++)
		jobs[i]->err = job_err;
}

bool bh_err_is_storage(int err)
{
	return err == BH_ERR_FULL || err == BH_ERR_IO || err == BH_ERR_NOMEM || err == BH_ERR_BUSY;
}

/* ---- command by command ---- */

/* One command in a transaction of its own.  *poison: it, and nothing else, is at fault. */
static int command_alone(struct bh_writer *w, struct bh_now now, struct bh_job *job, size_t i,
	bool unreadable, bool *poison)
{
	int err = bh_group_begin(w, now);

	if (err)
		return err;
	w->push.asked = false;
	err = command_run(w, job, i, unreadable);
	if (!err && job_is_push(job))
		err = bh_push_ack(w, job);
	if (!err)
		err = bh_group_commit(w);
	if (!err || err == BH_ERR_UNKNOWN)
		return err;
	int back = bh_group_rollback(w);
	if (back)
		return back;
	if (bh_group_finds_room(w, err))
		return command_alone(w, now, job, i, unreadable, poison);
	*poison = !bh_err_is_storage(err) && err != BH_ERR_CORRUPT;
	return err;
}

static int job_alone(struct bh_writer *w, struct bh_now now, struct bh_job *job)
{
	int err = bh_group_begin(w, now);

	job->err = BH_NOERR;
	if (!err && job_is_push(job))
		err = bh_push_check(w, job);
	if (!err && job->err && job_is_push(job))
		err = bh_push_ack(w, job);
	if (err == BH_ERR_UNKNOWN)
		return err;
	int back = bh_group_rollback(w);
	if (back)
		return back;
	for (size_t i = 0; !err && !job->err && i < job->count; i++) {
		bool poison = false;
		err = command_alone(w, now, job, i, false, &poison);
		if (!poison)
			continue;
		w->counts.poison++;
		poison = false;
		if (job_is_push(job))
			err = command_alone(w, now, job, i, true, &poison);
		if (err && (poison || !job_is_push(job))) {
			job->outcomes[i] = (struct bh_outcome){.err = BH_ERR_INVALID};
			err = BH_NOERR;
			if (job_is_push(job))
				job->err = BH_ERR_INVALID;
		}
	}
	if (bh_err_is_storage(err)) {
		job->err = err;
		err = BH_NOERR;
	}
	return err;
}

static int group_singly(
	struct bh_writer *w, struct bh_now now, struct bh_job *const *jobs, size_t count)
{
	int err = BH_NOERR;

	for (size_t i = 0; !err && i < count; i++)
		err = job_alone(w, now, jobs[i]);
	return err;
}

/* ---- a group ---- */

/* *ran: so many of them; the others are for the next group. */
static int group_run(struct bh_writer *w, struct bh_now now, struct bh_job *const *jobs,
	size_t count, size_t *ran)
{
	size_t i = 0;
	int err = bh_group_begin(w, now);

	*ran = count;
	if (err == BH_ERR_UNKNOWN)
		return err;
	while (!err && i < count && !bh_group_is_full(w))
		err = job_run(w, jobs[i++]);
	if (!err)
		*ran = count = i;
	if (!err)
		err = bh_group_commit(w);
	if (!err || err == BH_ERR_UNKNOWN)
		return err;
	int back = bh_group_rollback(w);
	if (back || err == BH_ERR_CORRUPT)
		return back ? back : err;
	if (bh_group_finds_room(w, err))
		return group_run(w, now, jobs, count, ran);
	if (!bh_err_is_storage(err))
		return group_singly(w, now, jobs, count);
	jobs_fail(jobs, count, err == BH_ERR_FULL ? BH_ERR_FULL : BH_ERR_IO);
	return BH_NOERR;
}

void bh_wakes_give(struct bh_writer *w, struct bh_wakes *wakes)
{
	*wakes = (struct bh_wakes){
		.scopes = w->wakes.scopes,
		.scopes_count = w->wakes.scopes_count,
		.all = w->wakes.all,
		.kicked = w->wakes.kicked,
		.kicked_count = w->wakes.kicked_count,
		.rules_changed = w->wakes.rules_changed,
		.photos_gone = w->projector.db.photos_gone,
		.position = w->position,
	};
	w->projector.db.photos_gone = false;
}

int bh_writer_run(struct bh_writer *w, struct bh_now now, struct bh_job *const *jobs, size_t count,
	struct bh_wakes *wakes)
{
	size_t from = 0;
	int err = BH_NOERR;

	bh_wake_clear(&w->wakes);
	while (!err && from < count) {
		size_t commands = jobs[from]->count, upto = from + 1, ran;
		while (upto < count && commands + jobs[upto]->count <= BH_GROUP_COMMANDS_MAX)
			commands += jobs[upto++]->count;
		bh_checkpoint_if_needed(w);
		err = group_run(w, now, &jobs[from], upto - from, &ran);
		if (err) /* nobody of these is answered, nor of those that did not run */
			jobs_fail(&jobs[from], count - from, err);
		from += ran;
	}
	if (!err)
		bh_wakes_give(w, wakes);
	return err;
}
