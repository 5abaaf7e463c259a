/* bh_year: a district of 351 workers and 22,000 cases lives through a year; TAP, with what was
 * counted of every verb behind '#', and how long it took.
 *
 *	bh_year [--seed N] [--townships N] [--cases N] [--days N] [--export FOLDER] [--verbose] */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "proto/err.h"
#include "tests/year/year.h"

static void export(struct year *year)
{
	static const char *const suffixes[] = {"", "-wal"};
	for (size_t i = 0; year->options.export != NULL && i < 2; i++) {
		char from[64], to[512];
		(void)snprintf(from, sizeof(from), "%s%s", YEAR_PATH, suffixes[i]);
		(void)snprintf(
			to, sizeof(to), "%s/district.db%s", year->options.export, suffixes[i]);
		int err = bh_simvfs_export(year->vfs, from, to);
		year_must(err == 0 || (i == 1 && err == BH_ERR_NOT_FOUND), "export");
	}
}

static bool options_read(int argc, char **argv, struct year_options *out)
{
	static const struct option known[] = {{"seed", required_argument, NULL, 's'},
		{"townships", required_argument, NULL, 't'},
		{"cases", required_argument, NULL, 'c'}, {"days", required_argument, NULL, 'd'},
		{"export", required_argument, NULL, 'e'}, {"verbose", no_argument, NULL, 'v'},
		{NULL, 0, NULL, 0}};
	int option;
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == 's')
			out->seed = strtoull(optarg, NULL, 10);
		else if (option == 't')
			out->townships = (uint32_t)strtoul(optarg, NULL, 10);
		else if (option == 'c')
			out->cases = (uint32_t)strtoul(optarg, NULL, 10);
		else if (option == 'd')
			out->days = (uint32_t)strtoul(optarg, NULL, 10);
		else if (option == 'e')
			out->export = optarg;
		else if (option == 'v')
			out->verbose = true;
		else
			return false;
	}
	return optind == argc && out->townships > 0 && out->townships <= YEAR_TOWNSHIPS_MAX &&
	       out->cases > 0 && out->days > 0;
}

/* What this process has used of a core. */
static double cpu_s(void)
{
	struct rusage used;
	year_must(getrusage(RUSAGE_SELF, &used) == 0, "getrusage");
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
	static struct year year;
	struct year_options options = {
		.seed = 1, .townships = YEAR_TOWNSHIPS_MAX, .cases = 22000, .days = 365};
	struct bh_clock clock = bh_clock_system();
	if (!options_read(argc, argv, &options)) {
		printf("usage: %s [--seed N] [--townships 1..13] [--cases N] [--days N] "
		       "[--export FOLDER] [--verbose]\n",
			argv[0]);
		return 2;
	}
	int64_t from_ms = clock.now(clock.context).mono_ms;
	printf("1..8\n");
	year_must(bh_store_start() == 0, "start");
	year_open(&year, &options);
	year_live(&year);
	unsigned failed = year_judge(&year);
	export(&year);
	year_close(&year);
	printf("# district_year_s=%.1f\n",
		(double)(clock.now(clock.context).mono_ms - from_ms) / 1000.0);
	printf("# district_year_cpu_s=%.1f\n", cpu_s());
	return failed != 0;
}
