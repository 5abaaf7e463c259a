/* Each step measures how much monotonic time passed since the last and moves the district's time by
 * that.  Then it compares where the wall clock should be with where it is.  A small difference is
 * slewed away, never faster than one millisecond in a thousand, so time only passes a little slower
 * or faster; a large one raises the alarm and is not followed at all until it is confirmed.
 *
 * A restart differs from a step only in how the elapsed time is found: by the monotonic clock in
 * the same boot, by the wall clock against the heartbeat otherwise. */
#include "server/domain/timeline.h"

#include "proto/err.h"

#define FORMAT_VERSION 1u
#define CHECKSUM_AT (BH_TIMELINE_BYTES - 4)
#define MONO_MS_MAX BH_TIMELINE_MS_MAX

static int64_t cut(int64_t value, int64_t low, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

static int64_t wall_cut(int64_t wall_ms)
{
	return cut(wall_ms, -BH_TIMELINE_MS_MAX, BH_TIMELINE_MS_MAX);
}

static void alarm_raise(struct bh_timeline *timeline, int64_t jump_ms)
{
	if (timeline->alarm != BH_TIMELINE_CALM)
		return;
	timeline->alarm = jump_ms > 0 ? BH_TIMELINE_AHEAD : BH_TIMELINE_BEHIND;
	timeline->jump_ms = jump_ms;
}

/* Where the wall clock is, less where it should be.  Not in [-2 s, 2 s]: it jumped. */
static int64_t drift_ms(const struct bh_timeline *timeline)
{
	return timeline->wall_ms + timeline->offset_ms - timeline->district_ms;
}

static bool is_jump(int64_t drift)
{
	return drift > BH_TIMELINE_JUMP_MS_MAX || drift < -BH_TIMELINE_JUMP_MS_MAX;
}

/* Moves district time towards the wall clock by what the elapsed time allows. */
static void slew(struct bh_timeline *timeline, int64_t elapsed_ms)
{
	int64_t budget = elapsed_ms + timeline->slew_rest_ms;
	int64_t step = budget / BH_TIMELINE_SLEW_PER_MS;
	int64_t drift;

	timeline->slew_rest_ms = (uint32_t)(budget % BH_TIMELINE_SLEW_PER_MS);
	/* An adopted wall clock that lies behind: the difference melts first, time follows. */
	timeline->offset_ms -= cut(timeline->offset_ms, 0, step);
	drift = drift_ms(timeline);
	/* step <= elapsed_ms, as rest < 1000: what is taken back has just been credited. */
	timeline->district_ms += cut(drift, -step, step);
}

/* The clocks have been taken over and elapsed_ms is credited; the rest is the same for all ways. */
static void advance(struct bh_timeline *timeline, int64_t elapsed_ms, struct bh_now now)
{
	int64_t before_ms = timeline->district_ms;
	int64_t drift;

	timeline->wall_ms = wall_cut(now.wall_ms);
	timeline->mono_ms = cut(now.mono_ms, 0, MONO_MS_MAX);
	timeline->district_ms = cut(before_ms + elapsed_ms, before_ms, BH_TIMELINE_MS_MAX);
	if (timeline->alarm != BH_TIMELINE_CALM)
		return;
	drift = drift_ms(timeline);
	if (is_jump(drift))
		alarm_raise(timeline, drift);
	else
		slew(timeline, elapsed_ms);
}

/* A reading from a moment before the last one counts as that one. */
static int64_t mono_elapsed_ms(const struct bh_timeline *timeline, struct bh_now *now)
{
	now->mono_ms = cut(now->mono_ms, timeline->mono_ms, MONO_MS_MAX);
	return now->mono_ms - timeline->mono_ms;
}

int64_t bh_timeline_step(struct bh_timeline *timeline, struct bh_now now)
{
	advance(timeline, mono_elapsed_ms(timeline, &now), now);
	return timeline->district_ms;
}

/* How long the process was away when only the wall clock can tell; 0, and an alarm, where it says
 * what cannot be believed. */
static int64_t reboot_elapsed_ms(struct bh_timeline *timeline, struct bh_now now)
{
	int64_t away_ms = wall_cut(now.wall_ms) - timeline->wall_ms;

	if (away_ms > BH_TIMELINE_DOWNTIME_MS_MAX || away_ms < -BH_TIMELINE_JUMP_MS_MAX) {
		alarm_raise(timeline, away_ms);
		return 0;
	}
	return away_ms > 0 ? away_ms : 0;
}

void bh_timeline_resume(
	struct bh_timeline *timeline, struct bh_now now, uint64_t boot, int64_t not_before_ms)
{
	bool same_boot = boot != 0 && boot == timeline->boot && now.mono_ms >= timeline->mono_ms;
	int64_t elapsed_ms = same_boot ? mono_elapsed_ms(timeline, &now)
				       : reboot_elapsed_ms(timeline, now);

	timeline->boot = boot;
	advance(timeline, elapsed_ms, now);
	not_before_ms = wall_cut(not_before_ms);
	if (timeline->district_ms >= not_before_ms)
		return;
	/* Given out after the last heartbeat; more than the clocks explain is a jump back. */
	timeline->district_ms = not_before_ms;
	if (is_jump(drift_ms(timeline)))
		alarm_raise(timeline, drift_ms(timeline));
}

void bh_timeline_begin(
	struct bh_timeline *timeline, struct bh_now now, uint64_t boot, int64_t not_before_ms)
{
	int64_t last_ms = wall_cut(not_before_ms == INT64_MIN ? now.wall_ms : not_before_ms);

	*timeline = (struct bh_timeline){.district_ms = last_ms, .wall_ms = last_ms};
	bh_timeline_resume(timeline, now, boot, last_ms);
}

int64_t bh_timeline_confirm(struct bh_timeline *timeline, struct bh_now now)
{
	int64_t elapsed_ms = mono_elapsed_ms(timeline, &now);

	/* In an alarm advance credits the elapsed time and judges nothing. */
	timeline->alarm = BH_TIMELINE_AHEAD;
	advance(timeline, elapsed_ms, now);
	timeline->alarm = BH_TIMELINE_CALM;
	timeline->jump_ms = 0;
	if (timeline->wall_ms > timeline->district_ms)
		timeline->district_ms = timeline->wall_ms;
	timeline->offset_ms = timeline->district_ms - timeline->wall_ms;
	return timeline->district_ms;
}

bool bh_timeline_punishes(const struct bh_timeline *timeline)
{
	return timeline->alarm == BH_TIMELINE_CALM;
}

/* ---- The persisted form:
 *   0 version  4 alarm  8 district  16 wall  24 mono  32 boot  40 offset  48 jump
 *   56 rest of the slew  60 checksum (FNV-1a of what precedes) ---- */

static void put(uint8_t *at, uint64_t value, size_t bytes)
{
	while (bytes-- > 0) {
		at[bytes] = (uint8_t)value;
		value >>= 8;
	}
}

static uint64_t get(const uint8_t *at, size_t bytes)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < bytes; i++)
		value = value << 8 | at[i];
	return value;
}

static uint32_t checksum(const uint8_t *data)
{
	uint32_t hash = 2166136261u;
	size_t i;

	for (i = 0; i < CHECKSUM_AT; i++)
		hash = (hash ^ data[i]) * 16777619u;
	return hash;
}

void bh_timeline_pack(const struct bh_timeline *timeline, uint8_t out[BH_TIMELINE_BYTES])
{
	put(out, FORMAT_VERSION, 4);
	put(out + 4, timeline->alarm, 4);
	put(out + 8, (uint64_t)timeline->district_ms, 8);
	put(out + 16, (uint64_t)timeline->wall_ms, 8);
	put(out + 24, (uint64_t)timeline->mono_ms, 8);
	put(out + 32, timeline->boot, 8);
	put(out + 40, (uint64_t)timeline->offset_ms, 8);
	put(out + 48, (uint64_t)timeline->jump_ms, 8);
	put(out + 56, timeline->slew_rest_ms, 4);
	put(out + CHECKSUM_AT, checksum(out), 4);
}

static bool is_between(int64_t value, int64_t low, int64_t high)
{
	return value >= low && value <= high;
}

static bool is_plausible(const struct bh_timeline *timeline)
{
	return is_between(timeline->district_ms, -BH_TIMELINE_MS_MAX, BH_TIMELINE_MS_MAX) &&
	       is_between(timeline->wall_ms, -BH_TIMELINE_MS_MAX, BH_TIMELINE_MS_MAX) &&
	       is_between(timeline->mono_ms, 0, MONO_MS_MAX) &&
	       is_between(timeline->offset_ms, 0, 2 * BH_TIMELINE_MS_MAX) &&
	       timeline->alarm <= BH_TIMELINE_BEHIND &&
	       timeline->slew_rest_ms < BH_TIMELINE_SLEW_PER_MS;
}

int bh_timeline_unpack(const uint8_t *data, size_t len, struct bh_timeline *out)
{
	struct bh_timeline timeline;

	if (len != BH_TIMELINE_BYTES)
		return BH_ERR_CORRUPT;
	if (get(data, 4) != FORMAT_VERSION)
		return BH_ERR_VERSION;
	if (get(data + CHECKSUM_AT, 4) != checksum(data))
		return BH_ERR_CORRUPT;
	timeline = (struct bh_timeline){
		.alarm = (uint32_t)get(data + 4, 4),
		.district_ms = (int64_t)get(data + 8, 8),
		.wall_ms = (int64_t)get(data + 16, 8),
		.mono_ms = (int64_t)get(data + 24, 8),
		.boot = get(data + 32, 8),
		.offset_ms = (int64_t)get(data + 40, 8),
		.jump_ms = (int64_t)get(data + 48, 8),
		.slew_rest_ms = (uint32_t)get(data + 56, 4),
	};
	if (!is_plausible(&timeline))
		return BH_ERR_CORRUPT;
	*out = timeline;
	return BH_NOERR;
}
