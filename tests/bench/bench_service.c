/* A year of service entries, on the store alone and a real file: as many as a district records,
 * carried in as pushes that wait in one group, and then counted (S4-31: 400,000).
 *
 *	bench_service DIRECTORY [ENTRIES]
 *
 *   entries, day by day, of so many grids ──▶ the same bytes by SQLite alone ──▶ counted by kind,
 *   by grid and by day, again and again
 *
 * A worker whose post reaches the township records for all of its grids.  Prints key=value lines.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/clock.h"
#include "proto/err.h"
#include "server/domain/field_fact.h"
#include "server/store/field_work.h"
#include "tests/bench/bench_district.h"
#include "tests/bench/reference.h"
#include "tests/unit/domain/demo_rules.h"

#define ENTRIES_USUAL 400000u
#define PUSH 50u
#define GROUP 16u /* pushes of one commit */
#define DAYS 365u
#define GRIDS 481u
#define AREAS (BH_DEMO_AREAS + GRIDS)
#define FIRST_GRID 5000u
#define COUNTS 9u
#define PATH_BYTES 512
#define DAY_MS INT64_C(86400000)
#define OFFSET_MIN 480

/* ---- The district: the demo's, one of its villages with as many grids as a real one has ---- */

static void grids_add(struct bh_demo_profile *demo)
{
	static struct bh_msg_area areas[AREAS];
	static char codes[GRIDS][BH_DEMO_CODE];
	const struct bh_msg_area *grid = NULL;

	for (size_t i = 0; i < BH_DEMO_AREAS; i++) {
		areas[i] = demo->areas[i];
		if (areas[i].id == 1111)
			grid = &areas[i];
	}
	for (uint32_t i = 0; i < GRIDS; i++) {
		struct bh_msg_area *area = &areas[BH_DEMO_AREAS + i];
		int len = snprintf(codes[i], sizeof(codes[i]), "G%u", i);
		*area = *grid;
		area->id = FIRST_GRID + i;
		area->code = bh_span(codes[i], (size_t)len);
	}
	for (size_t i = 0; i < BH_DEMO_POSTS; i++)
		if (demo->posts[i].id == BH_DEMO_WORKER(1111))
			demo->posts[i].area = grid->parent;
	demo->profile.areas = areas;
	demo->profile.areas_count = AREAS;
}

/* ---- Entries ---- */

static void day_begin(struct bh_bench *b, uint64_t made, uint64_t entries)
{
	b->ahead_ms = (int64_t)(made * DAYS / entries) * DAY_MS;
}

static void group_make(struct bh_bench *b, size_t pushes)
{
	for (size_t j = 0; j < pushes; j++) {
		struct bh_bench_phone *phone = &b->phones[j % (BH_BENCH_PHONES - 1)];
		b->jobs[j] = (struct bh_job){.commands = b->commands + j * PUSH,
			.outcomes = b->outcomes + j * PUSH,
			.count = PUSH};
		b->list[j] = &b->jobs[j];
		for (size_t i = 0; i < PUSH; i++)
			bh_bench_service_make(b, j * PUSH + i, phone, bh_bench_now(b),
				1 + (uint32_t)(b->made % (BH_SERVICE_COUNT - 1)),
				FIRST_GRID + (uint32_t)(b->made * 7 % GRIDS));
	}
}

/* The store's part alone, in ns. */
static uint64_t group_run(struct bh_bench *b, size_t pushes)
{
	uint64_t from_ns = bh_stopwatch_ns();

	bh_bench_must(
		bh_writer_run(b->writer, bh_bench_now(b), b->list, pushes, &b->wakes), "group");
	uint64_t took_ns = bh_stopwatch_ns() - from_ns;
	for (size_t i = 0; i < pushes * PUSH; i++)
		bh_bench_must(b->outcomes[i].verdict == BH_VERDICT_ACCEPTED ? 0 : BH_ERR_INVALID,
			"an entry");
	return took_ns;
}

static double entries_run(struct bh_bench *b, uint64_t entries)
{
	uint64_t took_ns = 0;

	while (b->made < entries) {
		size_t pushes = (size_t)((entries - b->made) / PUSH);
		pushes = pushes > GROUP ? GROUP : pushes;
		day_begin(b, b->made, entries);
		group_make(b, pushes);
		took_ns += group_run(b, pushes);
	}
	return (double)took_ns / 1e9;
}

/* ---- Counts ---- */

struct sums {
	uint64_t cells[GRIDS][BH_SERVICE_COUNT];
	uint64_t all, rows;
};

static int count_add(void *context, const struct bh_service_count *row)
{
	struct sums *sums = context;

	sums->cells[row->grid - FIRST_GRID][row->kind] += row->count;
	sums->all += row->count;
	sums->rows++;
	return BH_NOERR;
}

static int order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double count_ms(struct bh_bench *b, struct bh_store_reader *reader, bool by_day,
	uint32_t first_day, uint64_t entries)
{
	static struct sums sums;
	double took[COUNTS];

	for (size_t i = 0; i < COUNTS; i++) {
		memset(&sums, 0, sizeof(sums));
		uint64_t from_ns = bh_stopwatch_ns();
		bh_bench_must(bh_reader_service_counts(reader, first_day, first_day + DAYS, by_day,
				      count_add, &sums),
			"counts");
		took[i] = (double)(bh_stopwatch_ns() - from_ns) / 1e6;
		bh_bench_must(sums.all == entries ? 0 : BH_ERR_CORRUPT, "a count");
	}
	qsort(took, COUNTS, sizeof(*took), order);
	(void)b;
	return took[COUNTS / 2];
}

int main(int argc, char **argv)
{
	static struct bh_bench b;
	struct reference raw = {0};
	char path[PATH_BYTES], beside[PATH_BYTES];
	struct bh_store_reader *reader;
	uint64_t entries = argc > 2 ? strtoull(argv[2], NULL, 10) : ENTRIES_USUAL;

	if (argc < 2 || entries == 0 || entries % PUSH != 0) {
		printf("usage: %s DIRECTORY [ENTRIES]\n", argv[0]);
		return 2;
	}
	(void)snprintf(path, sizeof(path), "%s/bench-service.db", argv[1]);
	(void)snprintf(beside, sizeof(beside), "%s/bench-service-reference.db", argv[1]);
	bh_bench_must(bh_store_start(), "start");
	bh_bench_must(bh_hasher_open(&b.hasher), "hasher");
	b.clock = bh_clock_system();
	b.dress = grids_add;
	bh_bench_memory_take(&b);
	bh_bench_district_open(&b, path);
	uint32_t first_day = bh_local_day(bh_bench_now(&b).wall_ms, OFFSET_MIN);
	double took_s = entries_run(&b, entries);
	reference_open(&raw, beside);
	double raw_s = (double)entries / reference_round(&raw, b.clock, (int64_t)entries);
	reference_close(&raw);
	printf("services_400k_s=%.2f\n", took_s * ENTRIES_USUAL / (double)entries);
	printf("services_vs_reference=%.2f\n", raw_s / took_s);
	bh_bench_must(bh_reader_open(&b.options, &reader), "reader");
	printf("services_year_count_ms=%.1f\n", count_ms(&b, reader, false, first_day, entries));
	printf("services_year_by_day_ms=%.1f\n", count_ms(&b, reader, true, first_day, entries));
	bh_reader_close(reader);
	bh_writer_close(b.writer);
	return 0;
}
