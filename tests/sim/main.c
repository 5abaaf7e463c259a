/* bh_sim: runs seeds, each in a process of its own, prints one line for each, and at the end what
 * took effect.
 *
 *   seed=17 hash=... handsets=15 ops=531 crashes=143 ...        ok 17 - seed=17 hash=... with --tap
 *   # FAILED seed=18 at=5414912 (day 1 10:30:14.912) I8: entry 174 (...): ... */
#include <getopt.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/err.h"
#include "tests/sim/campaign.h"
#include "tests/sim/export.h"
#include "tests/sim/run.h"
#include "tests/sim/story.h"

#define CAMPAIGN_SEEDS 20u

struct options {
	uint64_t first, last;
	struct bh_simcampaign campaign;
	const char *export; /* folder; NULL: none */
	const char *story;  /* a golden trace instead of a campaign; NULL: none */
	bool verbose;
	bool twice;
	bool tap; /* everything that is no verdict stands behind a '#' */
};

/* What a seed's process tells its parent. */
struct report {
	bool good;
	uint64_t hash;
	double cpu_s;
	struct bh_simtally tally;
};

static uint64_t seed_run(uint64_t seed, const struct options *options, struct bh_simtally *tally)
{
	static struct bh_simrun run;

	bh_simrun_open(&run, seed, false, options->verbose ? stdout : NULL);
	bh_simcampaign_run(&run, &options->campaign);
	bh_simrun_count(&run, tally);
	uint64_t hash = bh_simrun_hash(&run);
	if (options->export != NULL)
		bh_simexport_write(&run, options->export);
	bh_simrun_close(&run);
	return hash;
}

static bool kinds_hold(
	uint64_t seed, const struct options *options, const struct bh_simtally *tally)
{
	bool good = true;

	for (size_t i = 0; i < bh_simtally_kinds(); i++) {
		uint64_t count;
		const char *name = bh_simtally_kind(tally, i, &count);
		if (count >= options->campaign.kinds_min)
			continue;
		printf("# FAILED seed=%llu: %s took effect %llu times\n", (unsigned long long)seed,
			name, (unsigned long long)count);
		good = false;
	}
	return good;
}

/* What this process has used of a processor. */
static double cpu_s(void)
{
	struct rusage used;

	bh_assert(getrusage(RUSAGE_SELF, &used) == 0);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void seed_judge(uint64_t seed, const struct options *options, struct report *report)
{
	struct bh_simtally again = {0};

	report->hash = seed_run(seed, options, &report->tally);
	report->cpu_s = cpu_s();
	report->good = kinds_hold(seed, options, &report->tally);
	if (options->twice && seed_run(seed, options, &again) != report->hash) {
		printf("# FAILED seed=%llu: the second run was another\n",
			(unsigned long long)seed);
		report->good = false;
	}
	fflush(stdout);
}

/* A seed that fails ends its process, and says nothing more to the parent. */
static void seed_apart(uint64_t seed, const struct options *options, struct report *report)
{
	int ends[2];

	fflush(stdout);
	bh_assert(pipe(ends) == 0);
	pid_t child = fork();
	bh_assert(child >= 0);
	if (child == 0) {
		close(ends[0]);
		seed_judge(seed, options, report);
		_exit(write(ends[1], report, sizeof(*report)) == sizeof(*report) ? 0 : 1);
	}
	close(ends[1]);
	if (read(ends[0], report, sizeof(*report)) != sizeof(*report))
		*report = (struct report){0};
	close(ends[0]);
	bh_assert(waitpid(child, NULL, 0) == child);
}

static void seed_print(uint64_t seed, const struct options *options, const struct report *report)
{
	const struct bh_simtally *tally = &report->tally;

	if (options->tap)
		printf("%s %llu - ", report->good ? "ok" : "not ok",
			(unsigned long long)(seed - options->first + 1));
	printf("seed=%llu hash=%016llx handsets=%llu ops=%llu crashes=%llu cases=%llu "
	       "closures=%llu days=%.0f restores=%llu segments=%llu again=%llu believed=%llu "
	       "released=%llu discarded=%llu\n",
		(unsigned long long)seed, (unsigned long long)report->hash,
		(unsigned long long)tally->handsets, (unsigned long long)tally->ops,
		(unsigned long long)bh_simtally_crashes(tally), (unsigned long long)tally->cases,
		(unsigned long long)tally->closures,
		tally->handsets
			? (double)tally->days_ms / (double)BH_SIM_DAY / (double)tally->handsets
			: 0,
		(unsigned long long)tally->server_restores,
		(unsigned long long)tally->server_segments, (unsigned long long)tally->ops_again,
		(unsigned long long)tally->receipts_believed, (unsigned long long)tally->released,
		(unsigned long long)tally->discarded);
	fflush(stdout);
}

static bool parse(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {{"seed", required_argument, NULL, 's'},
		{"seeds", required_argument, NULL, 'S'}, {"handsets", required_argument, NULL, 'h'},
		{"ops", required_argument, NULL, 'o'}, {"kinds", required_argument, NULL, 'k'},
		{"export", required_argument, NULL, 'e'}, {"story", required_argument, NULL, 'y'},
		{"verbose", no_argument, NULL, 'v'}, {"twice", no_argument, NULL, 't'},
		{"tap", no_argument, NULL, 'T'}, {NULL, 0, NULL, 0}};
	unsigned long long first, last;
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 's')
			options->first = options->last = strtoull(optarg, NULL, 10);
		else if (c == 'S' && sscanf(optarg, "%llu..%llu", &first, &last) == 2) {
			options->first = first;
			options->last = last;
		} else if (c == 'h')
			options->campaign.handsets = (uint32_t)strtoul(optarg, NULL, 10);
		else if (c == 'o')
			options->campaign.ops = (uint32_t)strtoul(optarg, NULL, 10);
		else if (c == 'k')
			options->campaign.kinds_min = (uint32_t)strtoul(optarg, NULL, 10);
		else if (c == 'e')
			options->export = optarg;
		else if (c == 'y')
			options->story = optarg;
		else if (c == 'v')
			options->verbose = true;
		else if (c == 't')
			options->twice = true;
		else if (c == 'T')
			options->tap = true;
		else
			return false;
	}
	return optind == argc;
}

/* Over so many seeds everything that few runs have took effect in some. */
static bool campaign_holds(const struct options *options, const struct bh_simtally *total)
{
	uint64_t seeds = options->last - options->first + 1;
	const char *name;
	size_t at = 0;
	bool good = true;

	while (seeds >= CAMPAIGN_SEEDS && (name = bh_simtally_lacks(total, &at)) != NULL) {
		printf("# FAILED seeds %llu..%llu: %s never took effect\n",
			(unsigned long long)options->first, (unsigned long long)options->last,
			name);
		good = false;
	}
	if (options->tap && seeds >= CAMPAIGN_SEEDS)
		printf("%s %llu - what few seeds have, some have\n", good ? "ok" : "not ok",
			(unsigned long long)seeds + 1);
	return good;
}

static bool seeds_run(const struct options *options)
{
	struct bh_simtally total = {0};
	uint64_t seeds = options->last - options->first + 1;
	double cpu_s = 0;
	bool good = true;

	if (options->tap)
		printf("1..%llu\n",
			(unsigned long long)(seeds + (seeds >= CAMPAIGN_SEEDS ? 1 : 0)));
	for (uint64_t seed = options->first; seed <= options->last; seed++) {
		struct report report = {0};
		if (options->first == options->last && !options->tap)
			seed_judge(seed, options, &report);
		else
			seed_apart(seed, options, &report);
		seed_print(seed, options, &report);
		good = good && report.good;
		cpu_s += report.cpu_s;
		bh_simtally_add(&total, &report.tally);
	}
	good = campaign_holds(options, &total) && good;
	bh_simtally_print(&total, options->tap ? "# " : "", stdout);
	const double years = (double)total.days_ms / (double)BH_SIM_DAY / 365;
	const char *prefix = options->tap ? "# " : "";
	printf("%sdevice_years=%.1f\n%sdevice_years_per_minute=%.1f\n", prefix, years, prefix,
		years / (cpu_s > 0 ? cpu_s / 60 : 1));
	return good;
}

int main(int argc, char **argv)
{
	struct options options = {
		.first = 1, .last = 1, .campaign = {.handsets = 6, .ops = 500, .kinds_min = 3}};

	/* One thread, and nobody asks SQLite what it holds: a tenth of a seed's time. */
	bh_assert(sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK &&
		  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK);
	if (!parse(argc, argv, &options)) {
		fprintf(stderr, "usage: bh_sim [--seed N | --seeds A..B] [--handsets N] [--ops N] "
				"[--kinds N] [--twice] [--tap] [--verbose] [--export DIR]\n"
				"       bh_sim --story NAME\n");
		return 2;
	}
	if (options.story != NULL)
		return bh_simstory_tell(options.story, stdout) ? 0 : 1;
	return seeds_run(&options) ? 0 : 1;
}
