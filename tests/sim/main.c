/* bh_sim: runs seeds, prints one line for each, and at the end what took effect. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/sim/campaign.h"
#include "tests/sim/run.h"

struct options {
	uint64_t first, last;
	struct bh_simcampaign campaign;
	bool verbose;
	bool twice;
};

static double cpu_s(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

static uint64_t seed_run(uint64_t seed, const struct options *options, struct bh_simtally *tally)
{
	static struct bh_simrun run;

	bh_simrun_open(&run, seed, options->verbose ? stdout : NULL);
	bh_simcampaign_run(&run, &options->campaign);
	bh_simrun_count(&run, tally);
	uint64_t hash = bh_simrun_hash(&run);
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
		printf("FAILED seed=%llu: %s took effect %llu times\n", (unsigned long long)seed,
			name, (unsigned long long)count);
		good = false;
	}
	return good;
}

static void seed_print(uint64_t seed, uint64_t hash, const struct bh_simtally *tally)
{
	printf("seed=%llu hash=%016llx handsets=%llu ops=%llu crashes=%llu cases=%llu "
	       "closures=%llu "
	       "days=%.0f\n",
		(unsigned long long)seed, (unsigned long long)hash,
		(unsigned long long)tally->handsets, (unsigned long long)tally->ops,
		(unsigned long long)bh_simtally_crashes(tally), (unsigned long long)tally->cases,
		(unsigned long long)tally->closures,
		(double)tally->days_ms / (double)BH_SIM_DAY / (double)tally->handsets);
	fflush(stdout);
}

static bool parse(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {{"seed", required_argument, NULL, 's'},
		{"seeds", required_argument, NULL, 'S'}, {"handsets", required_argument, NULL, 'h'},
		{"ops", required_argument, NULL, 'o'}, {"kinds", required_argument, NULL, 'k'},
		{"verbose", no_argument, NULL, 'v'}, {"twice", no_argument, NULL, 't'},
		{NULL, 0, NULL, 0}};
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
		else if (c == 'v')
			options->verbose = true;
		else if (c == 't')
			options->twice = true;
		else
			return false;
	}
	return optind == argc;
}

int main(int argc, char **argv)
{
	struct options options = {
		.first = 1, .last = 1, .campaign = {.handsets = 6, .ops = 500, .kinds_min = 3}};
	struct bh_simtally total = {0};
	double begin_s = cpu_s();
	bool good = true;

	if (!parse(argc, argv, &options)) {
		fprintf(stderr, "usage: bh_sim [--seed N | --seeds A..B] [--handsets N] [--ops N] "
				"[--kinds N] [--twice] [--verbose]\n");
		return 2;
	}
	for (uint64_t seed = options.first; seed <= options.last; seed++) {
		struct bh_simtally tally = {0};
		uint64_t hash = seed_run(seed, &options, &tally);
		seed_print(seed, hash, &tally);
		good = kinds_hold(seed, &options, &tally) && good;
		bh_simtally_add(&total, &tally);
		if (options.twice && seed_run(seed, &options, &tally) != hash) {
			printf("FAILED seed=%llu: the second run was another\n",
				(unsigned long long)seed);
			good = false;
		}
	}
	double passed_s = cpu_s() - begin_s;
	bh_simtally_print(&total, stdout);
	printf("device_years_per_minute=%.1f\n", (double)total.days_ms / (double)BH_SIM_DAY / 365 /
							 (passed_s > 0 ? passed_s / 60 : 1));
	return good ? 0 : 1;
}
