/* The two instants every engine is told, and the seams through which programs ask for them. */
#ifndef BH_PROTO_CLOCK_H
#define BH_PROTO_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* wall_ms: milliseconds since 1970-01-01T00:00:00Z, may jump.  mono_ms: milliseconds since the boot
 * of the machine, never goes back within a boot. */
struct bh_now {
	int64_t wall_ms;
	int64_t mono_ms;
};

struct bh_clock {
	struct bh_now (*now)(void *context);
	void *context;
};

/* Fills out with len unpredictable bytes: 0 or BH_ERR_CRYPTO. */
struct bh_rng {
	int (*fill)(void *context, uint8_t *out, size_t len);
	void *context;
};

/* The machine's own clock and generator (clock_system.c is the one file that asks them). */
struct bh_clock bh_clock_system(void);
/* A name of the machine's present boot, another for each; 0: this system has none. */
uint64_t bh_boot_system(void);
struct bh_rng bh_rng_system(void);

/* Nanoseconds that only pass: for measuring how long something took, never for deadlines. */
uint64_t bh_stopwatch_ns(void);

#endif
