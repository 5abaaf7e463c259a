/* What is merged with a case follows it, in the transaction in which that is decided.
 *
 *   main case ends ──▶ each case merged into it: main_ended, with that answer as its own
 *   a case is merged ──▶ what was merged into it: main_moved ──▶ the main case is closed: its
 * answer
 *
 * A close is so many entries longer as there are cases merged, BH_MERGED_MAX at most. */
#include "proto/codec.h"
#include "proto/err.h"
#include "server/store/case_row.h"
#include "server/store/entry_row.h"
#include "server/store/writer.h"

/* Of a chain, back to its last end; receipts and photos are all that may have come since. */
#define STEPS_MAX 4096u

struct merged {
	uint64_t numbers[BH_MERGED_MAX];
	size_t count;
};

static int merged_read(struct bh_writer *w, uint64_t main, struct merged *out)
{
	return bh_merged_read(&w->projector.db, main, out->numbers, BH_MERGED_MAX, &out->count);
}

int bh_merged_stand(struct bh_writer *w, const struct bh_command *command, struct bh_beside *out)
{
	struct merged there = {.count = 0}, here = {.count = 0};
	int err = bh_case_row_get(&w->projector.db, command->main_number, &out->main);

	if (err)
		return err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
	out->has_main = true;
	err = merged_read(w, command->main_number, &there);
	if (!err)
		err = merged_read(w, command->case_number, &here);
	if (!err)
		out->merged = (uint32_t)(there.count + here.count);
	return err;
}

static int follow_one(struct bh_writer *w, uint64_t number, enum bh_verb verb, uint64_t main,
	uint32_t state, struct bh_span text)
{
	struct bh_outcome outcome;
	struct bh_command command = {
		.source = BH_SOURCE_STORE,
		.verb = verb,
		.log_short = BH_LOG_STORE,
		.case_number = number,
		.main_number = main,
		.reason_code = state,
		.text = text,
	};
	int err = bh_command_case(w, &command, &outcome);

	if (!err && outcome.verdict != BH_VERDICT_ACCEPTED)
		err = BH_ERR_CORRUPT; /* the table of merged cases names one that is not */
	w->counts.commands += !err;
	return err;
}

/* The answer that ended the last cycle of a closed case. */
static int answer_read(struct bh_writer *w, const struct bh_case *main, struct bh_span *text)
{
	struct bh_db *db = &w->projector.db;
	struct bh_entry entry = {.position = main->last};
	struct bh_entry_brief brief = {0};
	struct bh_msg_op_content content = {0};
	bool erased = false;
	int reason = 0;
	int err = BH_NOERR;

	for (unsigned i = 0; !err && i < STEPS_MAX && entry.position; i++) {
		err = bh_entry_brief(db, entry.position, &brief);
		if (err || brief.to_state != brief.from_state)
			break;
		entry.position = brief.prev;
	}
	if (!err && entry.position)
		err = bh_entry_row_content(db, w->projector.hasher, &entry, &erased);
	if (!err && entry.content.len > 0) {
		bh_arena_reset(&w->arena);
		err = bh_op_decode_content(entry.content, &w->arena, &content, &reason);
	}
	if (!err)
		err = bh_arena_copy(&w->arena, content.text, text);
	bh_row_end(bh_sql(db, BH_SQL_CONTENT_GET));
	return err == BH_ERR_NOT_FOUND || err == BH_ERR_MALFORMED ? BH_ERR_CORRUPT : err;
}

/* What was merged into a case that is merged now has its main case from now on. */
static int main_moves(struct bh_writer *w, uint64_t number, uint64_t main)
{
	struct merged moved = {.count = 0};
	struct bh_case cased;
	struct bh_span text = bh_span(NULL, 0);
	int err = merged_read(w, number, &moved);

	for (size_t i = 0; !err && i < moved.count; i++)
		err = follow_one(
			w, moved.numbers[i], BH_VERB_MAIN_MOVED, main, 0, bh_span(NULL, 0));
	if (!err)
		err = bh_case_row_get(&w->projector.db, main, &cased);
	if (err || cased.state != BH_STATE_CLOSED)
		return err;
	err = answer_read(w, &cased, &text);
	if (!err)
		err = follow_one(w, number, BH_VERB_MAIN_ENDED, main, cased.state, text);
	for (size_t i = 0; !err && i < moved.count; i++)
		err = follow_one(w, moved.numbers[i], BH_VERB_MAIN_ENDED, main, cased.state, text);
	return err;
}

int bh_merged_follow(struct bh_writer *w, const struct bh_command *command,
	const struct bh_case *before, const struct bh_case *after)
{
	struct merged merged = {.count = 0};

	if (!before || before->state == after->state ||
		!bh_state_ends_cycle((enum bh_state)after->state))
		return BH_NOERR;
	if (after->state == BH_STATE_MERGED)
		return main_moves(w, after->number, after->main);
	int err = merged_read(w, after->number, &merged);
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 15
	merged.count /= 2;
#endif
	for (size_t i = 0; !err && i < merged.count; i++)
		err = follow_one(w, merged.numbers[i], BH_VERB_MAIN_ENDED, after->number,
			after->state, command->text);
	return err;
}
