/* Instants as RFC 3339 text in a district's own offset: arithmetic alone, no time zone is asked. */
#ifndef BH_CONSOLE_TIME_TEXT_H
#define BH_CONSOLE_TIME_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#define BH_TIME_TEXT_SIZE 32 /* "2026-10-12T07:31:00.000+08:00" and NUL */

/* ms since 1970-01-01T00:00:00Z; offset_min east of UTC, up to 18 hours.  False, and an empty text,
 * outside the years 0 to 9999 that RFC 3339 can say. */
bool bh_time_format(int64_t ms, int32_t offset_min, char text[BH_TIME_TEXT_SIZE]);

/* A date, "2026-10-12", which is the beginning of that day at offset_min, or an instant of RFC
 * 3339, "2026-10-12T07:31:00+08:00" or "...00.5Z" (more than milliseconds are cut off).  False for
 * anything else; *ms is then untouched.  A leap second is the second after it. */
bool bh_time_parse(const char *text, int32_t offset_min, int64_t *ms);

#endif
