/* A machine played for tests: its wall clock, its boots, a process that ends and starts again. */
#ifndef BH_TESTS_UNIT_DOMAIN_MACHINE_H
#define BH_TESTS_UNIT_DOMAIN_MACHINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "proto/err.h"
#include "server/domain/timeline.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define YEAR (365 * DAY)
#define T0 INT64_C(1795132800000) /* 2026-11-20T00:00:00Z */

struct machine {
	struct bh_now now;
	uint64_t boot;
	struct bh_timeline timeline;
	int64_t last_ms; /* what the district's time was when last looked at */
};

static inline int64_t look(struct machine *m)
{
	int64_t at_ms = bh_timeline_step(&m->timeline, m->now);

	assert_true(at_ms >= m->last_ms);
	m->last_ms = at_ms;
	return at_ms;
}

static inline void machine_start(struct machine *m, int64_t wall_ms)
{
	*m = (struct machine){.now = {wall_ms, 5 * MINUTE}, .boot = 11, .last_ms = INT64_MIN};
	bh_timeline_begin(&m->timeline, m->now, m->boot, INT64_MIN);
	look(m);
}

/* Time passes on both clocks, looked at every step_ms. */
static inline void pass(struct machine *m, int64_t ms, int64_t step_ms)
{
	while (ms > 0) {
		int64_t step = ms < step_ms ? ms : step_ms;

		m->now.wall_ms += step;
		m->now.mono_ms += step;
		ms -= step;
		look(m);
	}
}

/* The process ends and starts again with what was persisted. */
static inline void restart(struct machine *m)
{
	uint8_t heartbeat[BH_TIMELINE_BYTES];
	struct bh_timeline loaded;

	bh_timeline_pack(&m->timeline, heartbeat);
	assert_int_equal(bh_timeline_unpack(heartbeat, sizeof(heartbeat), &loaded), BH_NOERR);
	m->timeline = loaded;
	bh_timeline_resume(&m->timeline, m->now, m->boot, m->last_ms);
	look(m);
}

static inline void reboot(struct machine *m, int64_t away_ms)
{
	m->now.wall_ms += away_ms;
	m->now.mono_ms = 20 * SECOND;
	m->boot++;
	restart(m);
}

static inline void assert_calm(const struct machine *m)
{
	assert_int_equal(m->timeline.alarm, BH_TIMELINE_CALM);
	assert_true(bh_timeline_punishes(&m->timeline));
}

static inline void assert_alarm(const struct machine *m, enum bh_timeline_alarm alarm)
{
	assert_int_equal(m->timeline.alarm, alarm);
	assert_false(bh_timeline_punishes(&m->timeline));
}

#endif
