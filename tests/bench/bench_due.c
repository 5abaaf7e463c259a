/* How late the clock is where a district's worth of due times falls into one second: reports that
 * came in evenly over a second, and nobody looked at them.
 *
 *	bench_due DIRECTORY [CASES]
 *
 *   0 s ─ reports ─ 1 s ... 15 min ─ reminders ... 24 min ─ reminders ... 25 min ─ dispatches
 *
 * Time stands still while the district is filled, jumps to where the first is due, and passes at
 * the machine's speed from there on.  The lag of an alarm is from its due instant to the commit of
 * the turn in which it fired; turns are as long as the server's own where nobody else waits. Prints
 * key=value lines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "proto/err.h"
#include "server/net/writer_loop.h"
#include "tests/bench/bench_district.h"

#define PUSH 100u
#define CASES_USUAL 100000u
#define SECOND_MS 1000
#define MINUTE_MS INT64_C(60000)
#define PATH_BYTES 512

/* What the district takes for time. */
struct watch {
	struct bh_clock system;
	struct bh_now began; /* where it stands, or went on from */
	int64_t system_ms;   /* the machine's at that moment; 0: it stands */
};

static struct bh_now watch_now(void *context)
{
	const struct watch *watch = context;
	struct bh_now now = watch->began;

	if (watch->system_ms != 0) {
		int64_t passed = watch->system.now(watch->system.context).mono_ms -
				 watch->system_ms;
		now.wall_ms += passed;
		now.mono_ms += passed;
	}
	return now;
}

static void watch_set(struct watch *watch, struct bh_now at, bool runs)
{
	watch->began = at;
	watch->system_ms = runs ? watch->system.now(watch->system.context).mono_ms : 0;
}

static struct bh_now later(struct bh_now from, int64_t ms)
{
	return (struct bh_now){from.wall_ms + ms, from.mono_ms + ms};
}

/* The n-th of all in order is received, and with it everything of it is due, so much after the
 * first. */
static int64_t offset_ms(uint64_t n, uint64_t cases)
{
	return (int64_t)(n / PUSH * PUSH * SECOND_MS / cases);
}

static void fill(struct bh_bench *b, struct watch *watch, struct bh_now start, uint64_t cases)
{
	for (uint64_t made = 0; made < cases; made += PUSH) {
		struct bh_now now = later(start, offset_ms(made, cases));
		struct bh_bench_phone *phone = &b->phones[made / PUSH % BH_BENCH_PHONES];
		struct bh_job job = {
			.commands = b->commands, .outcomes = b->outcomes, .count = PUSH};
		struct bh_job *jobs[] = {&job};

		watch_set(watch, now, false);
		for (size_t i = 0; i < PUSH; i++)
			bh_bench_report_make(b, i, phone, now);
		bh_bench_must(bh_writer_run(b->writer, now, jobs, 1, &b->wakes), "reports");
		bh_bench_must(job.err, "push");
	}
}

static int lag_order(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* Everything that is due from an instant on, a second long: the lag of each. */
static void alarms_measure(
	struct bh_bench *b, struct watch *watch, struct bh_now from, uint64_t cases, int64_t *lags)
{
	uint64_t total = 0;
	size_t most = BH_ALARMS_A_TURN;

	watch_set(watch, from, true);
	while (total < cases) {
		size_t fired = 0;
		struct bh_now now = bh_bench_now(b);
		bh_bench_must(bh_writer_tick(b->writer, now, most, &fired, &b->wakes), "tick");
		most = fired >= most ? BH_ALARMS_OF_MANY : BH_ALARMS_A_TURN;
		int64_t at_ms = bh_bench_now(b).wall_ms;
		for (size_t i = 0; i < fired && total < cases; i++, total++)
			lags[total] = at_ms - from.wall_ms - offset_ms(total, cases);
	}
	qsort(lags, cases, sizeof(*lags), lag_order);
}

static void alarms_say(const char *what, const int64_t *lags, uint64_t cases)
{
	printf("due_lag%s_ms_p50=%jd\n", what, (intmax_t)lags[cases / 2]);
	printf("due_lag%s_ms_p99=%jd\n", what, (intmax_t)lags[cases * 99 / 100]);
}

/* What this process has used of a processor, in microseconds. */
static int64_t cpu_us(void)
{
	struct rusage used;

	bh_bench_must(getrusage(RUSAGE_SELF, &used) != 0, "getrusage");
	return (int64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
	       used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

int main(int argc, char **argv)
{
	static struct bh_bench b;
	struct watch watch = {.system = bh_clock_system()};
	char path[PATH_BYTES];
	uint64_t cases = argc > 2 ? strtoull(argv[2], NULL, 10) : CASES_USUAL;
	int64_t *lags = calloc(cases, sizeof(*lags));

	if (argc < 2 || cases == 0 || cases % PUSH != 0 || !lags) {
		printf("usage: %s DIRECTORY [CASES]\n", argv[0]);
		return 2;
	}
	(void)snprintf(path, sizeof(path), "%s/bench-due.db", argv[1]);
	bh_bench_must(bh_store_start(), "start");
	bh_bench_must(bh_hasher_open(&b.hasher), "hasher");
	struct bh_now start = watch.system.now(watch.system.context);
	watch_set(&watch, start, false);
	b.clock = (struct bh_clock){watch_now, &watch};
	bh_bench_memory_take(&b);
	bh_bench_district_open(&b, path);
	fill(&b, &watch, start, cases);
	alarms_measure(&b, &watch, later(start, 15 * MINUTE_MS), cases, lags);
	alarms_say("_remind", lags, cases);
	alarms_measure(&b, &watch, later(start, 24 * MINUTE_MS), cases, lags);
	int64_t used_us = cpu_us();
	alarms_measure(&b, &watch, later(start, 25 * MINUTE_MS), cases, lags);
	used_us = cpu_us() - used_us;
	alarms_say("", lags, cases);
	printf("due_cpu_us=%.1f\n", (double)used_us / (double)cases);
	bh_writer_close(b.writer);
	free(lags);
	return 0;
}
