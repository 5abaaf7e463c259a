/* A table of holidays and make-up days, or of a desk's shifts, as the JSON list that the server
 * reads. */
#ifndef BH_TOOLS_CALENDAR_CSV_H
#define BH_TOOLS_CALENDAR_CSV_H

#include "proto/bytes.h"
#include "tools/cli/csv.h"

/* Its first row names the columns: date, kind, name, and others that the server knows; an empty
 * cell is left out.  Each day stands on the line where its row begins, so that the line of a fault
 * is the table's.  0; BH_ERR_INVALID with a sentence and the line; BH_ERR_NOMEM, BH_ERR_LIMIT. */
int bh_calendar_json(struct bh_csv *csv, struct bh_buf *out, const char **what, size_t *line);

/* The same with a roster: desk, person, first, last, days, weekdays, from, to, period; or 综治中心,
 * 人员
 * ... */
int bh_roster_json(struct bh_csv *csv, struct bh_buf *out, const char **what, size_t *line);

#endif
