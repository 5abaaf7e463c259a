/* What happened in a run, as prose: printed when asked for, and always hashed. */
#ifndef BH_TESTS_SIM_TRACE_H
#define BH_TESTS_SIM_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct bh_simtrace {
	FILE *to; /* NULL: only hashed.  Borrowed */
	uint64_t hash;
	uint64_t lines;
};

/* One line, with the virtual time before it: "day 3 14:05:12.345  handset 2: ...". */
void bh_simtrace_say(struct bh_simtrace *trace, int64_t now_ms, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Into the hash alone. */
void bh_simtrace_mix(struct bh_simtrace *trace, uint64_t value);

#define BH_SIMTRACE_TIME_BYTES 32u
/* "day 3 14:05:12.345"; the run begins on day 1 at 09:00. */
void bh_simtrace_time(int64_t now_ms, char out[BH_SIMTRACE_TIME_BYTES]);

#endif
