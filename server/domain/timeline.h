/* The district's own time: the `now` of every deadline.  It never goes back, passes at the speed of
 * the machine's monotonic clock, and follows the wall clock only where that can be believed.
 * architecture.md "Time", faults.md D01.
 *
 *          within +-2 s of where it should be          more: BH_TIMELINE_AHEAD or _BEHIND
 *   ┌────────┐ ───────────────────────────────▶ ┌───────────────────────────────────────┐
 *   │  calm  │                                  │ alarmed: passes by elapsed time alone │
 *   └────────┘ ◀─────────────────────────────── └───────────────────────────────────────┘
 *    slewed towards the wall,    an administrator confirms:    nothing punishes,
 *    1 ms in a second            the wall clock is adopted     dispatch clocks go on
 *
 * What the monotonic clock must be: milliseconds since the machine's boot, the time it was
 * suspended included (CLOCK_BOOTTIME), so that a suspended machine is an ordinary downtime.  On a
 * clock that leaves it out (CLOCK_MONOTONIC) a suspension looks like a wall clock that jumped
 * ahead: an alarm, on the safe side.
 *
 * Restart.  In the same boot the monotonic clock bridges the downtime exactly, and the rule of 2 s
 * holds.  After a reboot only the wall clock tells how long it was:
 *
 *      wall now - wall at the last heartbeat
 *   ────────────┬────┬──────────────────────────────────┬──────────────▶
 *     BEHIND    -2 s 0   believed: that much passed     7 days   AHEAD
 *     0 passed       │                                           0 passed
 *
 * (In an alarm nothing is credited for the downtime: uptime proves little when the state may have
 * come from another machine, and too little time expires nothing.) */
#ifndef BH_SERVER_DOMAIN_TIMELINE_H
#define BH_SERVER_DOMAIN_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/clock.h"

#define BH_TIMELINE_JUMP_MS_MAX 2000          /* a difference up to this is slewed, not a jump */
#define BH_TIMELINE_SLEW_PER_MS 1000          /* one ms of correction in so many of elapsed time */
#define BH_TIMELINE_DOWNTIME_MS_MAX 604800000 /* over a reboot: seven days */
#define BH_TIMELINE_MS_MAX 253402300799999    /* year 9999; wall clocks beyond +- are cut to it */
#define BH_TIMELINE_BYTES 64                  /* of a persisted heartbeat */

enum bh_timeline_alarm {
	BH_TIMELINE_CALM = 0,
	BH_TIMELINE_AHEAD = 1,  /* the wall clock jumped forward */
	BH_TIMELINE_BEHIND = 2, /* the wall clock jumped back */
};

/* Embedded by value; written by the functions below only.  One per district, one owner. */
struct bh_timeline {
	int64_t district_ms; /* the last time given out */
	int64_t wall_ms;     /* the machine's clocks at that moment */
	int64_t mono_ms;
	uint64_t boot;     /* which boot mono_ms belongs to; 0: unknown, matches none */
	int64_t offset_ms; /* >= 0: how far an adopted wall clock lies behind; slewed to 0 */
	int64_t jump_ms;   /* in an alarm: how far the wall jumped when it was first seen */
	uint32_t slew_rest_ms;
	uint32_t alarm; /* enum bh_timeline_alarm: the first one stays until confirmed */
};

/* A process starts on a district without any heartbeat.  boot: a marker that differs between boots.
 * not_before_ms: the time of the journal's last entry, INT64_MIN when it is empty.  The wall clock
 * is believed unless the journal proves it wrong, by the bounds of a reboot. */
void bh_timeline_begin(
	struct bh_timeline *timeline, struct bh_now now, uint64_t boot, int64_t not_before_ms);

/* A process starts with the last heartbeat in *timeline (bh_timeline_unpack).  not_before_ms as
 * above: what was given out after that heartbeat is never given out again. */
void bh_timeline_resume(
	struct bh_timeline *timeline, struct bh_now now, uint64_t boot, int64_t not_before_ms);

/* The district's time now; at least what any call before returned. */
int64_t bh_timeline_step(struct bh_timeline *timeline, struct bh_now now);

/* An administrator says that the wall clock is right.  Ahead: district time moves up to it, and
 * what is due by then is due.  Behind: time does not go back; it passes on from where it is, and
 * the difference melts at the speed of the slew.  Ends the alarm.  Returns the district's time. */
int64_t bh_timeline_confirm(struct bh_timeline *timeline, struct bh_now now);

/* May what punishes (escalations, misses, automatic closings) act?  Not in an alarm. */
bool bh_timeline_punishes(const struct bh_timeline *timeline);

/* The heartbeat as bytes to persist, big-endian and versioned, at least every few seconds. */
void bh_timeline_pack(const struct bh_timeline *timeline, uint8_t out[BH_TIMELINE_BYTES]);
/* BH_ERR_VERSION (another format), BH_ERR_CORRUPT (length, checksum or a value out of range). */
int bh_timeline_unpack(const uint8_t *data, size_t len, struct bh_timeline *out);

#endif
