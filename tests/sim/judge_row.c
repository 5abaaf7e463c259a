/* The rows of a case are what its entries made of it, and its clocks say what the entries say (I6,
 * I7). */
#include "proto/err.h"
#include "server/domain/alarm.h"
#include "tests/sim/judge_state.h"

#define HISTORY_MAX 512u

/* False: the rows cannot be read just now. */
static bool row_holds(
	struct bh_simjudge *judge, struct bh_store_reader *reader, const struct bh_simcase *cased)
{
	struct bh_case row;
	int err = bh_reader_case(reader, cased->now.number, &row);

	if (err != 0 && err != BH_ERR_NOT_FOUND)
		return false;
	if (err == BH_ERR_NOT_FOUND || !bh_case_equal(&row, &cased->now))
		bh_simrun_fail(judge->run, "I6", "case %u-%u is not what its entries made of it",
			(unsigned)(cased->now.number >> 32),
			(unsigned)(cased->now.number & 0xffffffffu));
	return true;
}

/* Its clocks by these entries of it. */
static bool dues_hold(struct bh_simjudge *judge, struct bh_store_reader *reader,
	const struct bh_case *row, const struct bh_entry *entries, size_t count)
{
	static const char *const names[] = {"dispatch_due", "sign_due", "disposal_due",
		"review_due", "check_due", "resume_due", "archive_due", "follow_due",
		"milestone_due"};
	struct bh_rules *rules = NULL;
	struct bh_dues dues;

	if (bh_reader_rules(reader, &rules) != 0 ||
		!bh_simjudge_dues(judge, reader, rules, row, entries, count, &dues))
		return false;
	int64_t archive_ms = row->state == BH_STATE_CLOSED ? bh_case_archive_due(rules, row) : 0;
	const int64_t pairs[][2] = {{row->dispatch_due_ms, dues.dispatch_due_ms},
		{row->sign_due_ms, dues.sign_due_ms}, {row->disposal_due_ms, dues.disposal_due_ms},
		{row->review_due_ms, dues.review_due_ms}, {row->check_due_ms, dues.check_due_ms},
		{row->resume_due_ms, dues.resume_due_ms}, {archive_ms, dues.archive_due_ms},
		{row->follow_due_ms, dues.follow_due_ms},
		{row->milestone_due_ms, dues.milestone_due_ms}};
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (pairs[i][0] != pairs[i][1])
			bh_simrun_fail(judge->run, "I7",
				"case %u-%u: %s is %lld, and by its entries %lld",
				(unsigned)(row->number >> 32),
				(unsigned)(row->number & 0xffffffffu), names[i],
				(long long)pairs[i][0], (long long)pairs[i][1]);
	}
	return true;
}

bool bh_simjudge_case_holds(
	struct bh_simjudge *judge, struct bh_store_reader *reader, struct bh_simcase *cased)
{
	struct bh_entry entries[HISTORY_MAX];
	size_t count = 0;

	if (!row_holds(judge, reader, cased))
		return false;
	bh_arena_reset(&judge->arena);
	if (bh_reader_history(
		    reader, cased->now.number, &judge->arena, entries, HISTORY_MAX, &count) != 0 ||
		count == HISTORY_MAX)
		return false;
	return dues_hold(judge, reader, &cased->now, entries, count);
}

void bh_simjudge_touched(struct bh_simjudge *judge, struct bh_store_reader *reader)
{
	while (judge->touched_count > 0) {
		struct bh_simcase *cased = judge->touched[judge->touched_count - 1];
		if (!row_holds(judge, reader, cased) ||
			!dues_hold(judge, reader, &cased->now, cased->past, cased->past_count))
			return; /* looked at again after the next commit */
		cased->touched = false;
		judge->touched_count--;
	}
}
