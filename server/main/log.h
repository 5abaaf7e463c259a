/* The server's log: prose an operator reads, to systemd's journal when it is there, else to
 * standard error. */
#ifndef BH_MAIN_LOG_H
#define BH_MAIN_LOG_H

#include <stdint.h>

enum bh_log_level {
	BH_LOG_ERROR = 3, /* syslog's numbers */
	BH_LOG_WARNING = 4,
	BH_LOG_INFO = 6,
	BH_LOG_DEBUG = 7,
};

/* "error", "warning", "info", "debug": 0, or BH_ERR_INVALID. */
int bh_log_level_parse(const char *name, int *out);
const char *bh_log_level_name(int level);
/* From now on only lines up to this level.  Safe from any thread. */
void bh_log_set_level(int level);
/* Lines that could not be written so far (G09): the service goes on, drops are counted. */
uint64_t bh_log_dropped(void);

/* One line; from any thread.  Never a token, a coordinate or a report's text.  district may be
 * NULL, device 0. */
void bh_log(int level, const char *district, uint32_t device, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
