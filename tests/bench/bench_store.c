/* The writer alone, on a real file: reports a second in pushes of 100, 50 and 1, beside a loop that
 *inserts the same number of 300-byte rows into one table with three indexes, on the same disk, in
 *the same run.
 *
 *	bench_store DIRECTORY [CASES]
 *
 * The commands of a round are made before its clock starts: decoding and hashing belong to the
 *session.  Prints key=value lines. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/err.h"
#include "proto/number.h"
#include "tests/bench/bench_district.h"
#include "tests/bench/reference.h"
#include "tests/unit/domain/demo_rules.h"

#define ROUNDS 5u
#define ALARMS_MAX 100000u
#define PATH_BYTES 512
#define LIST_STEPS 200

/* One round of pushes of so many ops, so many pushes a run: reports a second. */
static double round_run(struct bh_bench *b, size_t push, size_t pushes)
{
	size_t jobs = BH_BENCH_ROUND / push;
	struct bh_now now = bh_bench_now(b);

	for (size_t j = 0; j < jobs; j++) {
		for (size_t i = 0; i < push; i++)
			bh_bench_report_make(b, j * push + i, &b->phones[j % BH_BENCH_PHONES], now);
		b->jobs[j] = (struct bh_job){.commands = &b->commands[j * push],
			.outcomes = &b->outcomes[j * push],
			.count = push};
		b->list[j] = &b->jobs[j];
	}
	int64_t from_ms = b->clock.now(b->clock.context).mono_ms;
	for (size_t j = 0; j < jobs; j += pushes) {
		size_t count = jobs - j < pushes ? jobs - j : pushes;
		bh_bench_must(
			bh_writer_run(b->writer, bh_bench_now(b), &b->list[j], count, &b->wakes),
			"run");
	}
	int64_t took_ms = b->clock.now(b->clock.context).mono_ms - from_ms;
	for (size_t j = 0; j < jobs; j++)
		bh_bench_must(b->jobs[j].err, "job");
	for (size_t i = 0; i < BH_BENCH_ROUND; i++)
		bh_bench_must(b->outcomes[i].verdict != BH_VERDICT_ACCEPTED, "verdict");
	b->ahead_ms += 60000;
	return (double)BH_BENCH_ROUND * 1000.0 / (double)(took_ms ? took_ms : 1);
}

static double rounds_run(struct bh_bench *b, size_t push, size_t pushes, uint64_t reports)
{
	double seconds = 0;
	uint64_t done = 0;

	for (; done < reports; done += BH_BENCH_ROUND)
		seconds += (double)BH_BENCH_ROUND / round_run(b, push, pushes);
	return (double)done / seconds;
}

/* ---- medians: the machine is never quiet ---- */

static int double_order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), double_order);
	return values[ROUNDS / 2];
}

static double writer_median(struct bh_bench *b, size_t push, size_t pushes)
{
	double values[ROUNDS];

	for (size_t i = 0; i < ROUNDS; i++)
		values[i] = round_run(b, push, pushes);
	return median(values);
}

/* Turn by turn, so that both meet the same disk. */
static double beside_reference(struct bh_bench *b, struct reference *r)
{
	double raw[ROUNDS], ours[ROUNDS], ratios[ROUNDS];

	for (size_t i = 0; i < ROUNDS; i++) {
		raw[i] = reference_round(r, b->clock, BH_BENCH_ROUND);
		ours[i] = round_run(b, 100, 1);
		ratios[i] = ours[i] / raw[i];
	}
	double rate = median(ours);
	printf("reference_rows_per_s=%.0f\n", median(raw));
	printf("writer_100_per_s=%.0f\n", rate);
	printf("writer_100_vs_reference=%.2f\n", median(ratios));
	return rate;
}

/* ---- size and restart ---- */

static int64_t file_bytes(const char *path)
{
	struct stat about;

	return stat(path, &about) == 0 ? (int64_t)about.st_size : 0;
}

static int64_t reopen_ms(struct bh_bench *b)
{
	bh_writer_close(b->writer);
	b->writer = NULL;
	int64_t from_ms = b->clock.now(b->clock.context).mono_ms;
	bh_bench_must(bh_writer_open(&b->options, bh_bench_now(b), &b->writer, NULL), "reopen");
	return b->clock.now(b->clock.context).mono_ms - from_ms;
}

/* Reminders of all that waits are due at once: how many a second, up to a bound. */
static double alarms_run(struct bh_bench *b)
{
	size_t fired = 1, total = 0;

	b->ahead_ms += 16 * 60000;
	int64_t from_ms = b->clock.now(b->clock.context).mono_ms;
	while (fired && total < ALARMS_MAX) {
		bh_bench_must(bh_writer_tick(b->writer, bh_bench_now(b), 2000, &fired, &b->wakes),
			"tick");
		total += fired;
	}
	int64_t took_ms = b->clock.now(b->clock.context).mono_ms - from_ms;
	return (double)total * 1000.0 / (double)(took_ms ? took_ms : 1);
}

/* ---- lists: one step each, the slowest of all its pages; nothing here fits the first two ---- */

static int64_t list_us(
	struct bh_bench *b, struct bh_store_reader *reader, struct bh_case_query query)
{
	struct bh_case cases[100];
	int64_t steps = 0, from_ms = b->clock.now(b->clock.context).mono_ms;
	size_t count;
	bool more = true;

	for (; more && steps < LIST_STEPS; steps++)
		bh_bench_must(
			bh_reader_cases_page(reader, &query, cases, 100, &count, &more), "list");
	return (b->clock.now(b->clock.context).mono_ms - from_ms) * 1000 / steps;
}

static void lists_run(struct bh_bench *b)
{
	const struct bh_case_query township = {.queue = true, .area = BH_DEMO_TOWNSHIP_B};
	const struct bh_case_query closed = {.states = 1u << BH_STATE_CLOSED};
	const struct bh_case_query queue = {.queue = true};
	const struct bh_case_query own = {.reporter = BH_DEMO_WORKER(1112)};
	struct bh_store_reader *reader;

	bh_bench_must(bh_reader_open(&b->options, &reader), "reader");
	printf("list_township_step_us=%" PRId64 "\n", list_us(b, reader, township));
	printf("list_closed_step_us=%" PRId64 "\n", list_us(b, reader, closed));
	printf("list_queue_step_us=%" PRId64 "\n", list_us(b, reader, queue));
	printf("list_reporter_step_us=%" PRId64 "\n", list_us(b, reader, own));
	bh_reader_close(reader);
}

static int64_t verify_ms(struct bh_bench *b)
{
	struct bh_verify_report report;
	int64_t from_ms = b->clock.now(b->clock.context).mono_ms;
	int err = bh_store_verify(&b->options, &report);

	if (err)
		printf("# %s\n", report.what);
	bh_bench_must(err, "verify");
	return b->clock.now(b->clock.context).mono_ms - from_ms;
}

static void path_make(char out[PATH_BYTES], const char *directory, const char *name)
{
	static const char *const tails[] = {"", "-wal", "-shm", "-lock"};
	char path[PATH_BYTES + 8];

	snprintf(out, PATH_BYTES, "%s/%s", directory, name);
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", out, tails[i]);
		unlink(path);
	}
}

int main(int argc, char **argv)
{
	static struct bh_bench b;
	struct reference raw = {0};
	char path[PATH_BYTES], reference[PATH_BYTES];
	uint64_t cases = argc > 2 ? strtoull(argv[2], NULL, 10) : 100000;

	if (argc < 2) {
		printf("usage: %s DIRECTORY [CASES]\n", argv[0]);
		return 2;
	}
	path_make(path, argv[1], "bench-store.db");
	path_make(reference, argv[1], "bench-reference.db");
	bh_bench_must(bh_store_start(), "start");
	b.clock = bh_clock_system();
	bh_bench_must(bh_hasher_open(&b.hasher), "hasher");
	bh_bench_memory_take(&b);
	bh_bench_district_open(&b, path);
	reference_open(&raw, reference);
	double first = beside_reference(&b, &raw);
	printf("writer_100x4_per_s=%.0f\n", writer_median(&b, 100, 4));
	printf("writer_50x4_per_s=%.0f\n", writer_median(&b, 50, 4));
	printf("writer_1x64_per_s=%.0f\n", writer_median(&b, 1, 64));
	double grown = rounds_run(&b, 100, 2, cases > b.made ? cases - b.made : BH_BENCH_ROUND);
	printf("writer_fill_100x2_per_s=%.0f\n", grown);
	double last = writer_median(&b, 100, 1);
	printf("cases=%" PRIu64 "\n", b.made);
	printf("writer_100_at_end_per_s=%.0f\n", last);
	printf("writer_growth=%.2f\n", last / first);
	printf("writer_1x64_at_end_per_s=%.0f\n", writer_median(&b, 1, 64));
	reference_close(&raw);
	lists_run(&b);
	double bytes = (double)file_bytes(path) / (double)b.made;
	printf("alarms_per_s=%.0f\n", alarms_run(&b));
	printf("restart_ms=%" PRId64 "\n", reopen_ms(&b));
	printf("bytes_per_case=%.0f\n", bytes);
	bh_writer_close(b.writer);
	printf("verify_ms=%" PRId64 "\n", verify_ms(&b));
	return 0;
}
