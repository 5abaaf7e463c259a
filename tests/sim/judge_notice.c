/* Whom an entry of a case is told to: of the outbox's table, each person once a kind, and nobody
 * else; whatever became of the group that the entry was written in.  What a restore brought back
 * from segments is told to nobody. */
#include "tests/sim/judge_state.h"

#include "server/store/task.h"

#define PAGE_ROWS 24u
#define TASKS_MAX 128u

void bh_simjudge_notice_free(struct bh_simjudge *judge)
{
	bh_rules_unref(judge->notice_rules);
	free(judge->notices);
}

static void row_keep(struct bh_simjudge *judge, const struct bh_notice_row *row)
{
	bh_simjudge_grow((void **)&judge->notices, &judge->notices_room, judge->notices_count,
		sizeof(*judge->notices));
	judge->notices[judge->notices_count++] = *row;
}

void bh_simjudge_notices_read(struct bh_simjudge *judge, struct bh_store_reader *reader)
{
	struct bh_notice_row rows[PAGE_ROWS];
	uint64_t before = 0, newest = 0;
	size_t count = PAGE_ROWS;
	int err = 0;

	judge->notices_count = 0;
	while (!err && count == PAGE_ROWS && (before == 0 || before > judge->notice_seen)) {
		err = bh_reader_notices(reader, before, 0, rows, PAGE_ROWS, &count);
		for (size_t i = 0; !err && i < count; i++) {
			newest = newest ? newest : rows[i].id;
			if (newest < judge->notice_seen) /* all that were there went */
				judge->notice_seen = 0;
			before = rows[i].id;
			if (before > judge->notice_seen)
				row_keep(judge, &rows[i]);
		}
	}
	judge->notices_read = !err;
	if (!err && newest)
		judge->notice_newest = newest;
}

void bh_simjudge_notices_done(struct bh_simjudge *judge)
{
	judge->notice_seen = judge->notice_newest;
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
	       kind == BH_NOTICE_CALLED_AGAIN || kind == BH_NOTICE_ENDED;
}

/* Of an entry, once. */
static size_t told_so(const struct bh_simjudge *judge, const struct bh_entry *entry,
	const struct bh_notice *notice)
{
	size_t found = 0;

	for (size_t k = 0; k < judge->notices_count; k++) {
		const struct bh_notice_row *row = &judge->notices[k];
		found += row->position == entry->position && row->number == entry->case_number &&
			 row->person == notice->person && row->kind == notice->kind;
	}
	return found;
}

static void compare(struct bh_simjudge *judge, const struct bh_entry *entry,
	const struct bh_notice *notices, size_t count)
{
	size_t matched = 0;

	for (size_t i = 0; i < count; i++) {
		size_t found = told_so(judge, entry, &notices[i]);
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
	for (size_t k = 0; k < judge->notices_count; k++) {
		const struct bh_notice_row *row = &judge->notices[k];
		if (row->position != entry->position || row->number != entry->case_number)
			continue;
		if (row->epoch != judge->epoch)
			bh_simjudge_break(judge, "N1", entry, "a notice of another epoch");
		matched -= !is_of_its_own(row->kind);
		judge->run->tally.notices++;
	}
	if (matched != 0)
		bh_simjudge_break(judge, "N1", entry, "somebody is told whom no rule names");
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
	struct bh_task task = {0};
	uint32_t other = 0;
	const struct bh_simcase *cased = bh_simjudge_case(judge, entry->case_number);

	if (judge->replaying || !judge->notices_read || entry->case_number == 0 ||
		!rules_read(judge, reader))
		return;
	if (!other_read(judge, reader, entry, &other) || !task_read(reader, entry, &task))
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
	compare(judge, entry, notices, count);
}
