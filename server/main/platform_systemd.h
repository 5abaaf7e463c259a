/* What systemd is told about the service's life, the sockets it hands over, and its journal;
 * nothing where systemd is not. */
#ifndef BH_MAIN_PLATFORM_SYSTEMD_H
#define BH_MAIN_PLATFORM_SYSTEMD_H

#include <stdbool.h>
#include <stdint.h>

void bh_notify_ready(const char *status);
void bh_notify_status(const char *status);
/* With the monotonic time, so that newer systemd may use notify-reload. */
void bh_notify_reloading(int64_t mono_ms);
void bh_notify_stopping(void);
void bh_notify_watchdog(void);
/* Half the watchdog's interval, or 0 when none is set. */
int64_t bh_notify_watchdog_ms(void);
/* The prose as MESSAGE, district (may be NULL) and device as fields beside it.  False where there
 * is no journal. */
bool bh_journal_send(int level, const char *district, uint32_t device, const char *line);
/* A socket systemd hands over under this name ("handset", "admin", "metrics"), or -1. */
int bh_notify_socket(const char *name);

#endif
