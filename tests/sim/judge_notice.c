/* Whom an entry of a case is told to: of the outbox's table, each person once a kind, and nobody
 * else; whatever became of the group that the entry was written in.  What a restore brought back
 * from segments is told to nobody. */
#include "tests/sim/judge_state.h"

#include "server/store/notice.h"
#include "server/store/task.h"

#define ROWS_MAX 200u
#define TASKS_MAX 128u

void bh_simjudge_notice_free(struct bh_simjudge *judge)
{
	bh_rules_unref(judge->notice_rules);
}

/* False: they cannot be read just now. */
static bool rules_read(struct bh_simjudge *judge, struct bh_store_reader *reader)
{
	struct bh_rules *rules = NULL;

	if (judge->notice_rules != NULL && judge->notice_profile == judge->epoch_profile &&
		judge->notice_epoch == judge->epoch) /* another history may have one there, too */
		return true;
	if (bh_reader_rules_at(reader, judge->epoch_profile, &rules) != 0)
		return false;
	bh_rules_unref(judge->notice_rules);
	judge->notice_rules = rules;
	judge->notice_profile = judge->epoch_profile;
	judge->notice_epoch = judge->epoch;
	return true;
}

/* Who is called because nobody acknowledged is told later, and an end only to who has no handset.
 */
static bool is_of_its_own(uint32_t kind)
{
	return kind == BH_NOTICE_CALLED || kind == BH_NOTICE_CALLED_ABOVE ||
	       kind == BH_NOTICE_ENDED;
}

static void compare(struct bh_simjudge *judge, const struct bh_entry *entry,
	const struct bh_notice *notices, size_t count, const struct bh_notice_row *rows,
	size_t rows_count)
{
	size_t matched = 0;

	for (size_t i = 0; i < count; i++) {
		size_t found = 0;
		for (size_t k = 0; k < rows_count; k++)
			found += rows[k].person == notices[i].person &&
				 rows[k].kind == notices[i].kind;
		/* beyond a reporter's pace it is told in one with others */
		bool summed = found == 0 && notices[i].urgent &&
			      bh_notice_is_summed(notices[i].kind);
		if (found != 1 && !notices[i].if_unreachable && !summed)
			bh_simrun_fail(judge->run, "N1",
				"entry %llu: person %u is told %s %u times, not once",
				(unsigned long long)entry->position, notices[i].person,
				bh_notice_kind_name(notices[i].kind), (unsigned)found);
		matched += !is_of_its_own(notices[i].kind) && !summed;
	}
	for (size_t k = 0; k < rows_count; k++) {
		if (rows[k].epoch != judge->epoch)
			bh_simjudge_break(judge, "N1", entry, "a notice of another epoch");
		matched -= !is_of_its_own(rows[k].kind);
	}
	if (matched != 0)
		bh_simjudge_break(judge, "N1", entry, "somebody is told whom no rule names");
	judge->run->tally.notices += rows_count;
}

void bh_simjudge_notices_begin(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	const struct bh_simcase *cased = bh_simjudge_case(judge, entry->case_number);

	judge->notice_before = cased ? cased->now : (struct bh_case){0};
}

/* Who moved on the case that a stale op met. */
static bool other_read(struct bh_simjudge *judge, struct bh_store_reader *reader,
	const struct bh_entry *entry, uint32_t *other)
{
	uint64_t at = entry->verdict == BH_VERDICT_STALE ? entry->prev : 0;

	for (size_t i = 0; i < BH_NOTICE_BACK_MAX && at != 0 && *other == 0; i++) {
		struct bh_entry met;
		if (bh_reader_entry(reader, at, &judge->arena, &met) != 0)
			return false;
		*other = bh_notice_moved_on(&met) ? met.person : 0;
		at = met.prev;
	}
	return true;
}

/* What of the task that the entry changes never changes: whose it is, and for whom. */
static bool task_read(
	struct bh_store_reader *reader, const struct bh_entry *entry, struct bh_task *task)
{
	uint32_t ordinal = bh_task_of_decision(entry->decision);
	struct bh_task tasks[TASKS_MAX];
	size_t count = 0;

	if (ordinal == 0 || entry->verdict != BH_VERDICT_ACCEPTED)
		return true;
	if (bh_reader_tasks(reader, entry->case_number, false, tasks, TASKS_MAX, &count) != 0)
		return false;
	for (size_t i = 0; i < count; i++)
		if (tasks[i].ordinal == ordinal)
			*task = tasks[i];
	return true;
}

void bh_simjudge_notices(
	struct bh_simjudge *judge, struct bh_store_reader *reader, const struct bh_entry *entry)
{
	struct bh_notice notices[BH_NOTICES_MAX];
	struct bh_notice_row rows[ROWS_MAX];
	struct bh_task task = {0};
	uint32_t other = 0;
	size_t rows_count = 0;
	const struct bh_simcase *cased = bh_simjudge_case(judge, entry->case_number);

	if (judge->replaying || entry->case_number == 0 || !rules_read(judge, reader))
		return;
	if (!other_read(judge, reader, entry, &other) || !task_read(reader, entry, &task))
		return;
	if (bh_reader_notices_of(
		    reader, entry->case_number, entry->position, rows, ROWS_MAX, &rows_count) != 0)
		return;
	const struct bh_notice_facts facts = {
		.rules = judge->notice_rules,
		.entry = entry,
		.before = judge->notice_before.number ? &judge->notice_before : NULL,
		.after = cased ? &cased->now : NULL,
		.task = task.ordinal != 0 ? &task : NULL,
		.other = other,
	};
	size_t count = bh_notices_of(&facts, notices);
	compare(judge, entry, notices, count, rows, rows_count);
}
