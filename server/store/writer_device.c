/* A handset's push: its ops follow the log's head, or are repeats of what it holds.
 *
 *        1 ... first ... head | head+1 ...            link equal      -> the recorded verdict,
 * again ────────▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓|░░░░░░░░─────          link different  -> BH_ERR_FORK repeats new
 * past head+1     -> BH_ERR_LIMIT: a gap
 *
 * All of it is checked before the first of it takes effect.  Whether the device is live is asked of
 * its row inside the transaction, once a push (faults.md fact 5). */
#include <string.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/store/entry_row.h"
#include "server/store/writer.h"

struct device_row {
	uint32_t person;
	enum bh_device_state state;
};

static int device_get(struct bh_writer *w, uint32_t id, struct device_row *out)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_DEVICE_BRIEF);
	bool row = false;

	bh_bind(s, 1, id);
	int err = bh_row_next(s, &row);
	if (err)
		return err;
	if (!row)
		return BH_ERR_NOT_FOUND;
	out->person = bh_column_u32(s, 0);
	out->state = (enum bh_device_state)bh_column(s, 1);
	bh_row_end(s);
	return BH_NOERR;
}

/* The position of an op the log holds, if its link is this one. */
static int repeat_find(struct bh_writer *w, const struct bh_command *command, uint64_t *position)
{
	struct bh_db *db = &w->projector.db;
	sqlite3_stmt *s = bh_sql(db, BH_SQL_OP_GET);
	struct bh_entry_brief brief;
	bool row = false;

	bh_bind(s, 1, (int64_t)bh_case_number(command->log_short, (uint32_t)command->seq));
	int err = bh_row_next(s, &row);
	if (err)
		return err;
	if (!row)
		return BH_ERR_CORRUPT; /* the head says it is here */
	uint64_t at = (uint64_t)bh_column(s, 0);
	bh_row_end(s);
	err = bh_entry_brief(db, at, &brief);
	if (err)
		return err == BH_ERR_NOT_FOUND ? BH_ERR_CORRUPT : err;
	if (!brief.has_link || memcmp(brief.link, command->link, BH_HASH_BYTES) != 0)
		return BH_ERR_FORK;
	*position = at;
	return BH_NOERR;
}

/* One log, sequences without a hole, each op on the one before it. */
static bool job_is_a_run(const struct bh_job *job)
{
	const struct bh_command *c = job->commands;

	for (size_t i = 0; i < job->count; i++) {
		if (c[i].source != BH_SOURCE_DEVICE || c[i].device != c[0].device ||
			c[i].log_short != c[0].log_short || c[i].seq != c[0].seq + i ||
			c[i].seq == 0 || c[i].seq > UINT32_MAX)
			return false;
		if (i > 0 && memcmp(c[i].prev_link, c[i - 1].link, BH_HASH_BYTES) != 0)
			return false;
	}
	return true;
}

int bh_push_check(struct bh_writer *w, struct bh_job *job)
{
	const struct bh_command *first = &job->commands[0];
	struct bh_head *head;

	w->push.asked = false;
	int err = bh_heads_room(&w->projector.heads, &w->projector.db);

	if (!err)
		err = bh_heads_get(&w->projector.heads, &w->projector.db, first->log_short, &head);
	if (err == BH_ERR_NOT_FOUND ||
		(!err && (head->device == 0 || head->device != first->device))) {
		job->err = BH_ERR_NOT_FOUND;
		return BH_NOERR;
	}
	if (err)
		return err;
	if (!job_is_a_run(job)) {
		job->err = BH_ERR_INVALID;
		return BH_NOERR;
	}
	job->err = first->seq > head->seq + 1 ? BH_ERR_LIMIT : BH_NOERR;
	for (size_t i = 0; !job->err && i < job->count; i++) {
		const struct bh_command *command = &job->commands[i];
		uint64_t position;
		if (command->seq > head->seq) {
			if (memcmp(command->prev_link, head->link, BH_HASH_BYTES) != 0)
				job->err = BH_ERR_FORK;
			break;
		}
		err = repeat_find(w, command, &position);
		if (err == BH_ERR_FORK)
			job->err = BH_ERR_FORK;
		else if (err)
			return err;
	}
	return BH_NOERR;
}

static int repeat_answer(
	struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out)
{
	struct bh_entry_brief brief;
	uint64_t position;
	int err = repeat_find(w, command, &position);

	if (!err)
		err = bh_entry_answer(&w->projector.db, position, &brief);
	if (err)
		return err == BH_ERR_FORK ? BH_ERR_CORRUPT : err;
	bh_outcome_answer(&brief, true, out);
	return BH_NOERR;
}

/* B13: a log that was continued elsewhere goes on growing: two phones hold one key.  By hand it may
 * be an old file: what that brings is set aside, and nobody is suspended for it. */
static int device_ask(struct bh_writer *w, const struct bh_head *head, bool by_hand)
{
	struct device_row device = {0};
	uint32_t id = head->device;
	bool cloned = head->successor != 0;
	int err = device_get(w, id, &device);

	if (!err && cloned && !by_hand && device.state == BH_DEVICE_LIVE) {
		device.state = BH_DEVICE_SUSPENDED;
		err = bh_writer_suspend(w, id);
	}
	if (err)
		return err == BH_ERR_NOT_FOUND ? BH_ERR_CORRUPT : err;
	w->push.asked = true;
	w->push.person = device.person;
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 24
	w->push.live = true;
#else
	w->push.live = device.state == BH_DEVICE_LIVE && !cloned;
#endif
	return BH_NOERR;
}

int bh_push_command(struct bh_writer *w, struct bh_job *job, size_t i, bool unreadable)
{
	struct bh_command *command = &job->commands[i];
	struct bh_outcome *out = &job->outcomes[i];
	struct bh_head *head;
	int err = bh_heads_get(&w->projector.heads, &w->projector.db, command->log_short, &head);

	if (err)
		return err;
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 21
	if (command->seq <= head->seq)
		return (err = device_ask(w, head, command->by_hand))
			       ? err
			       : bh_command_again(w, command, out);
#endif
	if (command->seq <= head->seq)
		return repeat_answer(w, command, out);
	bh_assert(command->seq == head->seq + 1);
	err = w->push.asked ? BH_NOERR : device_ask(w, head, command->by_hand);
	if (err)
		return err;
	if (unreadable || command->verb == BH_VERB_UNREADABLE)
		return bh_command_unreadable(w, command, out);
	err = bh_command_case(w, command, out);
	if (err || command->photos == 0 || out->verdict != BH_VERDICT_ACCEPTED || out->repeat)
		return err;
	return bh_shown_of_op(w, command, out->case_number);
}

int bh_push_ack(struct bh_writer *w, struct bh_job *job)
{
	struct bh_head *head;
	int err = bh_heads_get(
		&w->projector.heads, &w->projector.db, job->commands[0].log_short, &head);

	if (err)
		return err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
	job->acked_seq = head->seq;
	memcpy(job->acked_link, head->link, BH_HASH_BYTES);
	return BH_NOERR;
}
