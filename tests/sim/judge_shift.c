/* What must hold of shifts' ends, entry by entry (S0-31): each is handed over once, in its time, or
 * missed once after half an hour; what was handed over is taken over once, by another; and it says
 * how many cases were open then. */
#include <stdlib.h>

#include "server/store/shift.h"
#include "tests/sim/judge_state.h"
#include "tests/sim/server.h"
#include "tests/unit/domain/demo_rules.h"

#define ENDS_MAX 512u
#define SHIFT_MS (12 * BH_SIM_HOUR)
#define LATE_MS (30 * BH_SIM_MINUTE)
#define SLACK_MS (2 * BH_SIM_HOUR) /* the clock was in doubt, or the server away */

static struct bh_shift_end *end_of(struct bh_simjudge *judge, int64_t end_ms)
{
	for (size_t i = 0; i < judge->shifts_count; i++)
		if (judge->shifts[i].fact.end_ms == end_ms)
			return &judge->shifts[i];
	bh_simjudge_grow((void **)&judge->shifts, &judge->shifts_room, judge->shifts_count,
		sizeof(*judge->shifts));
	judge->shifts[judge->shifts_count] = (struct bh_shift_end){.fact = {.end_ms = end_ms}};
	return &judge->shifts[judge->shifts_count++];
}

static void handed(
	struct bh_simjudge *judge, const struct bh_entry *entry, const struct bh_shift_fact *fact)
{
	struct bh_shift_end *end = end_of(judge, fact->end_ms);

	if (end->person != 0)
		bh_simjudge_break(judge, "I6", entry, "this shift was handed over before");
	if (fact->end_ms > entry->at_ms + 2 * BH_SIM_HOUR ||
		fact->end_ms < entry->at_ms - BH_SIM_DAY)
		bh_simjudge_break(judge, "I6", entry, "it is not the time to hand it over");
	if (fact->green + fact->yellow + fact->red + fact->other != judge->open_cases)
		bh_simjudge_break(judge, "I6", entry, "it counts other cases than are open");
	end->person = entry->person;
	end->at_ms = entry->at_ms;
	judge->run->tally.shifts_handed++;
}

static void taken(
	struct bh_simjudge *judge, const struct bh_entry *entry, const struct bh_shift_fact *fact)
{
	struct bh_shift_end *end = end_of(judge, fact->end_ms);

	if (end->person == 0 || end->taken_by != 0 || end->person == entry->person)
		bh_simjudge_break(judge, "I6", entry, "nothing was handed over, or to nobody else");
	end->taken_by = entry->person;
	judge->run->tally.shifts_taken++;
}

static void missed(
	struct bh_simjudge *judge, const struct bh_entry *entry, const struct bh_shift_fact *fact)
{
	struct bh_shift_end *end = end_of(judge, fact->end_ms);

	if (entry->log_short != BH_LOG_CLOCK || entry->at_ms < fact->end_ms + LATE_MS)
		bh_simjudge_break(judge, "I8", entry, "a hand-over is missed too early");
	if (end->person != 0 || end->missed)
		bh_simjudge_break(judge, "I8", entry, "it was handed over, or missed before");
	end->missed = true;
	judge->run->tally.shifts_missed++;
}

void bh_simjudge_shift(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	struct bh_shift_fact fact;

	if (!bh_verb_is_shift(entry->verb) && entry->verb != BH_VERB_HAND_OVER_MISSED)
		return;
	if (bh_shift_fact_decode(entry->decision, &fact) != 0 || fact.unit != BH_DEMO_DESK_COUNTY ||
		fact.end_ms % SHIFT_MS != 0)
		bh_simjudge_break(judge, "I6", entry, "no shift of a desk ends then");
	if (entry->verb == BH_VERB_HAND_OVER)
		handed(judge, entry, &fact);
	else if (entry->verb == BH_VERB_TAKE_OVER)
		taken(judge, entry, &fact);
	else
		missed(judge, entry, &fact);
}

void bh_simjudge_shifts_forget(struct bh_simjudge *judge)
{
	judge->shifts_count = 0;
}

static int64_t last_of(const struct bh_simjudge *judge)
{
	int64_t last_ms = 0;

	for (size_t i = 0; i < judge->shifts_count; i++)
		if (judge->shifts[i].fact.end_ms > last_ms)
			last_ms = judge->shifts[i].fact.end_ms;
	return last_ms;
}

/* The last word: rows are what entries say, and nobody's last end is forgotten. */
void bh_simjudge_shifts_end(struct bh_simjudge *judge)
{
	struct bh_store_reader *reader = bh_simserver_reader(judge->run->server);
	int64_t now_ms = bh_simserver_district_ms(judge->run->server);
	static struct bh_shift_told told[ENDS_MAX];
	size_t count = 0;

	bh_arena_reset(&judge->arena);
	bh_assert(bh_reader_shifts(reader, BH_DEMO_DESK_COUNTY, INT64_MAX, &judge->arena, told,
			  ENDS_MAX, &count) == 0);
	if (count != judge->shifts_count)
		bh_simrun_fail(judge->run, "I12", "%zu ends of shifts are listed, and %zu came",
			count, judge->shifts_count);
	for (size_t i = 0; i < count; i++) {
		const struct bh_shift_end *end = end_of(judge, told[i].end.fact.end_ms);
		if (told[i].end.person != end->person || told[i].end.missed != end->missed ||
			told[i].end.taken_by != end->taken_by)
			bh_simrun_fail(judge->run, "I12",
				"the shift that ended at %lld is not what its entries say",
				(long long)end->fact.end_ms);
	}
	if (!judge->run->calm && !judge->doubted &&
		last_of(judge) + SHIFT_MS + LATE_MS + SLACK_MS < now_ms)
		bh_simrun_fail(judge->run, "I8",
			"nobody handed over since %lld, and nobody says so",
			(long long)last_of(judge));
}
