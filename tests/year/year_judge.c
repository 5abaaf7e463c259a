/* What must hold on each day and at the end of the year. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/err.h"
#include "server/domain/decide.h"
#include "server/domain/intake.h"
#include "tests/year/year.h"

#define LATE_MS (10 * YEAR_MINUTE)
#define PAGE 200u
#define NAME "placeholder-of-a"

#define S(name) (1u << BH_STATE_##name)

static uint32_t open_states(void)
{
	uint32_t states = 0;
	for (uint32_t state = BH_STATE_RECEIVED; state < BH_STATE_COUNT; state++)
		if (!bh_state_is_end((enum bh_state)state))
			states |= 1u << state;
	return states;
}

/* ---- Every day ---- */

static void case_fault(const struct bh_case *cased, const char *what)
{
	printf("# FAILED: case %u-%u in %s: %s\n", (unsigned)(cased->number >> 32),
		(unsigned)cased->number, bh_state_name((enum bh_state)cased->state), what);
	year_must(false, "a day's cases");
}

/* Somebody has it: the desk of its area before its dispatch, people of its unit after it, which
 * stands while it is at work or waits for that; the desk again where its worker put it right. */
static bool has_owner(const struct bh_rules *rules, int64_t now_ms, const struct bh_case *cased)
{
	const struct bh_msg_post *post;
	uint32_t unit = cased->unit;
	bool on_the_spot = cased->self_disposed != 0 && unit == 0;
	if (on_the_spot || (S(RECEIVED) | S(VERIFYING) | S(FILED)) & 1u << cased->state)
		unit = bh_rules_desk(rules, cased->area, 0);
	if ((S(DISPATCHED) | S(HANDLING) | S(SUSPENDED)) & 1u << cased->state &&
		bh_rules_unit_is_gone(rules, unit))
		return false;
	return unit != 0 && bh_rules_posts_of_unit(rules, now_ms, unit, UINT32_MAX, &post, 1) == 1;
}

/* One of its limits runs; what comes of it where it passes is the server's to know. */
static bool has_clock(const struct bh_case *cased)
{
	return cased->dispatch_due_ms != 0 || cased->sign_due_ms != 0 ||
	       cased->disposal_due_ms != 0 || cased->review_due_ms != 0 ||
	       cased->check_due_ms != 0 || cased->resume_due_ms != 0;
}

static void case_judge(struct year *year, const struct bh_rules *rules, const struct bh_case *cased)
{
	bool alarmed = false;
	int64_t due_ms, now_ms = bh_writer_time(year->writer, year_now(year), &alarmed);
	if (!has_owner(rules, now_ms, cased))
		case_fault(cased, "nobody has it");
	if (!has_clock(cased))
		case_fault(cased, "it has no clock");
	if (bh_case_alarm_now(rules, cased, now_ms, !alarmed, &due_ms) != BH_ALARM_NONE &&
		due_ms < now_ms - LATE_MS && cased->next_ms < now_ms - LATE_MS)
		case_fault(cased, "its clock did not strike");
}

static uint64_t open_judge(struct year *year)
{
	struct bh_case cases[PAGE];
	struct bh_case_query query = {.states = open_states()};
	struct bh_rules *rules = NULL;
	uint64_t open = 0;
	size_t count = 0;
	bool more = true;
	year_must(bh_reader_rules(year->reader, &rules) == 0, "rules");
	while (more) {
		year_must(
			bh_reader_cases_page(year->reader, &query, cases, PAGE, &count, &more) == 0,
			"the list of cases");
		for (size_t i = 0; i < count; i++)
			case_judge(year, rules, &cases[i]);
		open += count;
	}
	return open;
}

void year_day_judge(struct year *year)
{
	uint64_t open = open_judge(year);
	if (open > year->tally.open_most)
		year->tally.open_most = open;
	year->tally.days_checked++;
}

/* ---- At the end ---- */

static bool verify_judge(struct year *year)
{
	struct bh_verify_report report;
	int err = bh_store_verify(&year->store, &report);
	printf("# verified %" PRIu64 " entries of %" PRIu64 " cases, %" PRIu64 " contents erased\n",
		report.entries, report.cases, report.contents_erased);
	if (err != 0)
		printf("# at %" PRIu64 ": %s\n", report.first_bad, report.what);
	return err == 0;
}

/* Under what it began: a component's, in a period of heightened duty, by a later version. */
static void change_count(struct year *year, const struct bh_case *cased)
{
	year->tally.of_assets += cased->asset != 0;
	year->tally.of_duty += cased->duty != 0;
	year->tally.of_later_rules += cased->rules > 1;
	year->tally.of_repeats += cased->repeats != 0;
	year->tally.of_audits += cased->audit != BH_AUDIT_NONE;
	year->tally.audits_heard += cased->audit == BH_AUDIT_PASSED ||
				    cased->audit == BH_AUDIT_FAILED;
}

/* Its part of what a year of 22,000 cases has; of a small one half of that, and one at least. */
static bool is_enough(const struct year *year, const char *what, uint64_t count, uint64_t of_year)
{
	uint64_t least = of_year * year->options.cases / 22000 / 2;
	least = least > 0 ? least : 1;
	printf("# %s=%" PRIu64 " at least %" PRIu64 "\n", what, count, least);
	return count >= least;
}

/* Places that repeat, visits to what the clock closed, and files. */
static bool looks_judge(const struct year *year)
{
	const struct year_tally *t = &year->tally;
	bool good = is_enough(year, "at_places_that_repeat", t->of_repeats, 200);
	good &= is_enough(year, "audits", t->of_audits, 200);
	good &= is_enough(year, "audits_answered", t->audits_heard, 40);
	return is_enough(year, "files_as_papers", t->files, 200) && good;
}

/* Of each kind one at least came, and cases of which it decides. */
static bool changes_judge(const struct year *year)
{
	static const char *const names[YEAR_CHANGES] = {[YEAR_CHANGE_DUTY] = "duty",
		[YEAR_CHANGE_ROUTES] = "routes",
		[YEAR_CHANGE_BORDER] = "border",
		[YEAR_CHANGE_UNIT] = "unit",
		[YEAR_CHANGE_POSTS] = "posts",
		[YEAR_CHANGE_OWNERS] = "owners"};
	const struct year_tally *t = &year->tally;
	bool good = t->of_assets > 0 && t->of_duty > 0 && t->of_later_rules > 0;
	printf("# changes of the district:");
	for (int change = YEAR_CHANGE_DUTY; change < YEAR_CHANGES; change++) {
		printf(" %s=%" PRIu64, names[change], t->changes[change]);
		good &= t->changes[change] > 0;
	}
	printf("; cases of components=%" PRIu64 " of heightened duty=%" PRIu64
	       " of later rules=%" PRIu64 "\n",
		t->of_assets, t->of_duty, t->of_later_rules);
	return good;
}

/* What goes wrong or is not as on other days came at least once; holidays and make-up days too. */
static bool odds_judge(const struct year *year)
{
	const struct year_tally *t = &year->tally;
	uint32_t holidays, make_up;
	year_district_off(year->district, year->options.days, &holidays, &make_up);
	printf("# holidays=%u make_up_days=%u\n", holidays, make_up);
	return holidays > 0 && make_up > 0 && t->offline > 0 && t->kills > 0 && t->cuts > 0 &&
	       t->torn > 0 && t->jumps > 0 && t->lost > 0;
}

/* Everything has come to its end, and whoever reported it has heard how. */
static bool answers_judge(struct year *year)
{
	uint64_t open = 0, unheard = 0;
	for (uint32_t i = 0; i < year->cases_count; i++) {
		struct bh_case cased;
		year_must(
			bh_reader_case(year->reader, year->cases[i].number, &cased) == 0, "a case");
		change_count(year, &cased);
		bool ended = bh_state_is_end((enum bh_state)cased.state);
		open += !ended;
		/* who registered it at a desk has no handset: the outbox tells him */
		unheard += ended && cased.intake == BH_INTAKE_HANDSET &&
			   !(cased.delivered & 1u << (cased.cycle - 1));
		if (!ended && open == 1)
			case_fault(&cased, "it is still open");
	}
	printf("# %u cases, %" PRIu64 " open, %" PRIu64 " unheard\n", year->cases_count, open,
		unheard);
	return open == 0 && unheard == 0 && year->cases_count + 50 > year->options.cases;
}

static bool file_holds(struct year *year, const char *path)
{
	const uint8_t *data = NULL;
	size_t len = 0;
	return bh_simvfs_file_image(year->vfs, path, &data, &len) == 0 && len > 0 &&
	       memmem(data, len, NAME, sizeof(NAME) - 1) != NULL;
}

/* Nobody's name lies anywhere in plain. */
static bool names_judge(struct year *year)
{
	return !file_holds(year, YEAR_PATH) && !file_holds(year, YEAR_PATH "-wal") &&
	       !file_holds(year, year->store.kept_path);
}

static unsigned say(unsigned number, bool good, const char *what)
{
	printf("%s %u - %s\n", good ? "ok" : "not ok", number, what);
	return !good;
}

static void tally_say(const struct year *year)
{
	const struct year_tally *t = &year->tally;
	printf("# reports=%" PRIu64 " cases=%u looks=%" PRIu64 " groups=%" PRIu64
	       " refused=%" PRIu64 " stale=%" PRIu64 " repeats=%" PRIu64 "\n",
		t->reports, year->cases_count, t->looks, t->commits, t->refused, t->stale,
		t->repeats);
	printf("# offline_days=%" PRIu64 " kills=%" PRIu64 " power_cuts=%" PRIu64
	       " torn_groups=%" PRIu64 " clock_jumps=%" PRIu64 " handsets_lost=%" PRIu64
	       " profiles=%" PRIu64 " days=%" PRIu64 " open_most=%" PRIu64 "\n",
		t->offline, t->kills, t->cuts, t->torn, t->jumps, t->lost, t->profiles,
		t->days_checked, t->open_most);
}

unsigned year_judge(struct year *year)
{
	unsigned failed = 0;
	bool answered = answers_judge(year);
	tally_say(year);
	bh_writer_close(year->writer);
	year->writer = NULL;
	bh_reader_close(year->reader);
	year->reader = NULL;
	failed += say(1, year->tally.days_checked >= year->options.days,
		"on each day every open case has an owner and a clock that strikes");
	failed += say(2, year_verbs_judge(year), "every verb was done often enough");
	failed += say(3, answered, "every report came to an end, and its reporter heard of it");
	failed += say(4, verify_judge(year), "a replay gives the same district");
	failed += say(5, names_judge(year), "no name of a person lies in plain");
	failed += say(6, changes_judge(year), "the district changed under its cases");
	failed += say(7, odds_judge(year), "days off, days without a line, restarts, wrong clocks");
	failed += say(8, looks_judge(year), "places repeat, audits are answered, files are papers");
	return failed;
}
