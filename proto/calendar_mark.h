/* A calendar in 32 bits: a case keeps it to know whether its due times go by the one in force. */
#ifndef BH_PROTO_CALENDAR_MARK_H
#define BH_PROTO_CALENDAR_MARK_H

#include "proto/calendar.h"

/* Equal for calendars whose periods, days and offset are equal, whatever their version; never 0.
 * Frozen: it stands in journals. */
uint32_t bh_calendar_mark(const struct bh_calendar *calendar);

#endif
