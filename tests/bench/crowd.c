/*
 * A herd comes back all at once; one lane waits for news.  Both count records as they are told and
 * give up, as every phase does, where a lane is lost or nothing comes for too long.
 */
#include "tests/bench/crowd.h"

#include <inttypes.h>
#include <stdio.h>

#define PATIENCE_S 120.0
#define SOURCES 250u /* of 127.0.0.0/8: no two handsets of a street share all of an address */

struct crowd {
	size_t told;    /* lanes that were told at least one record */
	uint32_t state; /* that is waited for */
};

static double now_s(void)
{
	return (double)bh_stopwatch_ns() / 1e9;
}

static void on_herd_record(struct lane *lane, const struct bh_msg_record *record)
{
	struct crowd *crowd = lane->yard->context_of_phase;
	(void)record;
	if (lane->mark++ == 0)
		crowd->told++;
}

static void on_told_record(struct lane *lane, const struct bh_msg_record *record)
{
	struct crowd *crowd = lane->yard->context_of_phase;
	if (record->state == crowd->state)
		crowd->told++;
}

/* Turns until so many were told; false when it took too long or a lane was lost. */
static bool wait_for(struct lane_yard *yard, const struct crowd *crowd, size_t goal)
{
	const struct timeval second = {.tv_sec = 1};
	double end = now_s() + PATIENCE_S;
	while (crowd->told < goal && yard->lost == 0 && now_s() < end) {
		if (event_base_loopexit(yard->base, &second) != 0 ||
			event_base_loop(yard->base, EVLOOP_ONCE) != 0)
			return false;
	}
	return crowd->told >= goal;
}

void crowd_herd(struct lane_yard *yard, struct lane *lanes, size_t count)
{
	struct crowd crowd = {0};
	void *before = yard->context_of_phase;
	double begun = now_s();
	yard->context_of_phase = &crowd;
	yard->on_record = on_herd_record;
	yard->on_ack = NULL;
	yard->sources = SOURCES;
	for (size_t i = 0; i < count; i++) {
		lanes[i].mark = 0;
		lane_connect(&lanes[i]);
	}
	(void)wait_for(yard, &crowd, count);
	(void)printf("told=%zu live=%zu lost=%zu elapsed_s=%.3f\n", crowd.told, yard->live,
		yard->lost, now_s() - begun);
	yard->sources = 0;
	yard->on_record = NULL;
	yard->context_of_phase = before;
}

void crowd_told(struct lane_yard *yard, struct lane *lane, uint32_t state)
{
	struct crowd crowd = {.state = state};
	void *before = yard->context_of_phase;
	uint64_t in = 0, out = 0;
	yard->context_of_phase = &crowd;
	yard->on_record = on_told_record;
	if (state == 0 || wait_for(yard, &crowd, 1))
		lane_bytes(lane, &in, &out);
	(void)printf("told=%zu lost=%zu bytes=%" PRIu64 "\n", crowd.told, yard->lost, in);
	yard->on_record = NULL;
	yard->context_of_phase = before;
}
