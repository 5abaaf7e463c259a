/* Instants as people and machines write them: RFC 3339 with an offset. */
#ifndef BH_HANDSET_MOMENT_H
#define BH_HANDSET_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#define BH_MOMENT_TEXT_SIZE                                                  \
	144 /* "2026-11-22T20:28:51.123+08:00" and NUL, whatever the numbers \
	     */
#define BH_MOMENT_OFFSET_MAX_MIN 1439

/* Milliseconds since 1970-01-01T00:00:00Z as local time at an offset. */
void bh_moment_format(int64_t ms, int32_t offset_min, char text[BH_MOMENT_TEXT_SIZE]);
/* "2026-11-22", "2026-11-22 20:28", "2026-11-22T20:28:51.123+08:00", a Z; without an offset the
 * given one holds.  Nothing may follow.  Years 1970 to 9999. */
bool bh_moment_parse(const char *text, int32_t offset_min, int64_t *ms);
/* Is it more than a day later than the machine's clock? */
bool bh_moment_is_ahead(int64_t ms);
/* "+08:00", "-03:30", "Z". */
bool bh_moment_offset_parse(const char *text, int32_t *offset_min);

/* The machine's wall clock, for deadlines and for what was seen just now. */
int64_t bh_moment_now_ms(void);

#endif
