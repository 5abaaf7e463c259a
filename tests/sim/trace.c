/* A line is written once into a buffer, hashed with its instant, and printed if anybody reads. */
#include "tests/sim/trace.h"

#include <stdarg.h>

#include "tests/sim/rng.h"

#define LINE_BYTES 400
#define DAY_MS 86400000
#define START_MS (9 * 3600000)

void bh_simtrace_time(int64_t now_ms, char out[BH_SIMTRACE_TIME_BYTES])
{
	int64_t at_ms = now_ms + START_MS;
	int64_t day = at_ms / DAY_MS + 1, ms = at_ms % DAY_MS;

	snprintf(out, BH_SIMTRACE_TIME_BYTES, "day %d %02d:%02d:%02d.%03d", (int)(day % 100000),
		(int)(ms / 3600000), (int)(ms / 60000 % 60), (int)(ms / 1000 % 60),
		(int)(ms % 1000));
}

void bh_simtrace_say(struct bh_simtrace *trace, int64_t now_ms, const char *format, ...)
{
	char line[LINE_BYTES], at[BH_SIMTRACE_TIME_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	trace->hash = bh_simhash_u64(trace->hash, (uint64_t)now_ms);
	trace->hash = bh_simhash_text(trace->hash, line);
	trace->lines++;
	if (trace->to == NULL)
		return;
	bh_simtrace_time(now_ms, at);
	fprintf(trace->to, "%s  %s\n", at, line);
}

void bh_simtrace_mix(struct bh_simtrace *trace, uint64_t value)
{
	trace->hash = bh_simhash_u64(trace->hash, value);
}
