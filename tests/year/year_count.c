/* How often each verb was done, by whom, and whether that is enough: of every verb that the journal
 * has, so that one that is new is counted here or has its reason.  What the server's clock did does
 * not stand in for people, nor what was said at a desk for handsets. */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "tests/year/year_act.h"

#define YEAR_CASES 22000u
#define YEAR_DAYS 365u

enum source {
	DESK, /* or an operator */
	HANDSET,
	SERVER,
	SOURCES,
};

struct counts {
	uint64_t by_verb[BH_VERB_MAX][SOURCES];
};

static void counts_read(struct year *year, struct counts *counts)
{
	static const char sql[] =
		"SELECT verb, CASE WHEN log >= 16 THEN 1 WHEN log IN (2, 4) THEN 2 ELSE 0 END, "
		"count(*) FROM journal WHERE verdict = 1 OR verb = 69 GROUP BY 1, 2";
	sqlite3 *db = NULL;
	sqlite3_stmt *s = NULL;
	memset(counts, 0, sizeof(*counts));
	year_must(sqlite3_open_v2(YEAR_PATH, &db, SQLITE_OPEN_READWRITE, year->store.vfs) ==
				  SQLITE_OK &&
			  sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK,
		"the journal");
	while (sqlite3_step(s) == SQLITE_ROW) {
		int verb = sqlite3_column_int(s, 0);
		if (verb > 0 && verb < (int)BH_VERB_MAX)
			counts->by_verb[verb][sqlite3_column_int(s, 1)] = (uint64_t)
				sqlite3_column_int64(s, 2);
	}
	sqlite3_finalize(s);
	sqlite3_close(db);
}

/* Its part of what a whole year has, and one of what that has more than once.  Of a district as
 * small as a quarter, half of its part: what is rare there is rarer at times. */
static uint64_t part_of(const struct year *year, const struct year_act *act, uint32_t least)
{
	const struct year_options *options = &year->options;
	uint64_t part = act->by_worker ? (uint64_t)least * options->townships * options->days /
						 (YEAR_TOWNSHIPS_MAX * YEAR_DAYS)
				       : (uint64_t)least * options->cases / YEAR_CASES;
	if (options->cases < YEAR_CASES / 4)
		part /= 2;
	return part == 0 && least > 1 ? 1 : part;
}

static const struct year_act *act_of(uint32_t verb)
{
	for (size_t i = 0; i < year_acts_count; i++)
		if (year_acts[i].verb == verb)
			return &year_acts[i];
	return NULL;
}

/* Why nobody does it here; NULL: somebody does. */
static const char *absence_of(uint32_t verb)
{
	for (size_t i = 0; i < year_absents_count; i++)
		if (year_absents[i].first <= verb && verb <= year_absents[i].last)
			return year_absents[i].why;
	return NULL;
}

static bool is_enough(const struct year *year, const struct year_act *act,
	const uint64_t n[SOURCES], uint64_t least[2])
{
	uint64_t by_people = n[DESK] + n[HANDSET];
	least[0] = part_of(year, act, act->least);
	least[1] = part_of(year, act, act->by_handset);
	if (act->who == YEAR_BY_CLOCK)
		by_people += n[SERVER];
	return by_people >= least[0] && n[HANDSET] >= least[1];
}

static bool verb_judge(const struct year *year, uint32_t verb, const uint64_t n[SOURCES])
{
	const struct year_act *act = act_of(verb);
	const char *why = act == NULL ? absence_of(verb) : NULL;
	uint64_t least[2] = {0, 0};
	bool fails = act != NULL ? !is_enough(year, act, n, least) : why == NULL;
	printf("# %-16s %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 "%s%s\n",
		bh_verb_name((enum bh_verb)verb), n[DESK], n[HANDSET], n[SERVER], least[0],
		least[1],
		why != NULL   ? "  nobody: "
		: act == NULL ? "  NO ACTOR"
		: fails       ? "  TOO FEW"
			      : "",
		why != NULL ? why : "");
	return !fails;
}

/* Of all that the journal knows, by its name. */
bool year_verbs_judge(struct year *year)
{
	static struct counts counts;
	const char *unknown = bh_verb_name(BH_VERB_MAX);
	bool good = true;
	counts_read(year, &counts);
	printf("# %-16s %9s %9s %9s %9s %9s\n", "verb", "desk", "handset", "server", "at least",
		"handset");
	for (uint32_t verb = 1; verb < BH_VERB_MAX; verb++)
		if (strcmp(bh_verb_name((enum bh_verb)verb), unknown) != 0)
			good &= verb_judge(year, verb, counts.by_verb[verb]);
	return good;
}
