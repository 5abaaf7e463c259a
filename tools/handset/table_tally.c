/* Faults are kept as lines and kinds; their words stand in one table.  What is past the bound is
 * counted and said to be there. */
#include "tools/handset/table_tally.h"

#include <stdio.h>

static const struct {
	const char *name, *field, *sentence;
} kinds[BH_TABLE_FAULTS] = {
	[BH_TABLE_EMPTY] = {"empty", "text", "no text: not recorded"},
	[BH_TABLE_LONG] = {"too_long", "text", "the text is over 4000 bytes: not recorded"},
	[BH_TABLE_TIME] = {"bad_time", "time",
		"the time cannot be read, 2026-11-22T20:28:51+08:00 or the like: taken as now"},
	[BH_TABLE_AHEAD] = {"ahead", "time", "the time is over a day ahead: taken as now"},
	[BH_TABLE_PLACE] = {"bad_place", "latitude",
		"the place is no latitude and longitude in degrees: left out"},
	[BH_TABLE_TYPE] = {"bad_type", "type", "the type is no code of a catalogue: left out"},
};

void bh_table_fault_add(struct bh_table_tally *tally, enum bh_table_fault kind, size_t line)
{
	size_t i = tally->named_count;
	tally->counts[kind]++;
	if (i == BH_TABLE_NAMED_MAX)
		return;
	tally->named[i].kind = kind;
	tally->named[i].line = line;
	tally->named[i].row = tally->rows;
	tally->named_count++;
}

uint64_t bh_table_faults(const struct bh_table_tally *tally)
{
	uint64_t count = 0;
	for (size_t kind = 0; kind < BH_TABLE_FAULTS; kind++)
		count += tally->counts[kind];
	return count;
}

bool bh_table_refused(const struct bh_table_tally *tally)
{
	return tally->counts[BH_TABLE_LONG] > 0;
}

static void summary_json(const struct bh_table_tally *tally, const char *encoding, bool checked)
{
	json_t *faults = json_array(), *empty = json_array();
	for (size_t i = 0; i < tally->named_count; i++) {
		enum bh_table_fault kind = tally->named[i].kind;
		json_int_t line = (json_int_t)tally->named[i].line;
		(void)json_array_append_new(faults,
			json_pack("{s:I, s:I, s:s, s:s, s:s}", "line", line, "row",
				(json_int_t)tally->named[i].row, "kind", kinds[kind].name, "field",
				kinds[kind].field, "message", kinds[kind].sentence));
		if (kind == BH_TABLE_EMPTY)
			(void)json_array_append_new(empty, json_integer(line));
	}
	json_t *summary = json_pack("{s:I, s:I, s:b, s:s, s:s, s:s, s:o, s:I, s:o}", "rows",
		(json_int_t)tally->rows, "recorded", (json_int_t)tally->recorded, "check", checked,
		"encoding", encoding, "first", tally->first, "last", tally->last, "empty_lines",
		empty, "faults_count", (json_int_t)bh_table_faults(tally), "faults", faults);
	for (size_t kind = 0; kind < BH_TABLE_FAULTS; kind++)
		(void)json_object_set_new(
			summary, kinds[kind].name, json_integer((json_int_t)tally->counts[kind]));
	bh_say_json(summary);
}

void bh_table_say(const struct bh_say *say, const struct bh_table_tally *tally, const char *path,
	const char *encoding, bool checked)
{
	uint64_t left = bh_table_faults(tally) - tally->named_count;
	if (say->json) {
		summary_json(tally, encoding, checked);
		return;
	}
	bh_say_words(say, "%s: %s", path, encoding);
	for (size_t i = 0; i < tally->named_count; i++)
		bh_say_words(say, "%s:%zu: %s", path, tally->named[i].line,
			kinds[tally->named[i].kind].sentence);
	if (left > 0)
		bh_say_words(say, "%s: %llu more like these", path, (unsigned long long)left);
	if (checked)
		(void)printf(
			"%llu checked, nothing was recorded\n", (unsigned long long)tally->rows);
	else
		(void)printf("%llu recorded\n", (unsigned long long)tally->recorded);
}
