/*
 * Thin words over libsystemd; a build without it says nothing and takes no sockets.
 */
#include "server/main/platform_systemd.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#ifdef BH_WITH_SYSTEMD
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>

void bh_notify_ready(const char *status)
{
	(void)sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

void bh_notify_status(const char *status)
{
	(void)sd_notifyf(0, "STATUS=%s", status);
}

void bh_notify_reloading(int64_t mono_ms)
{
	(void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)mono_ms * 1000);
}

void bh_notify_stopping(void)
{
	(void)sd_notify(0, "STOPPING=1");
}

void bh_notify_watchdog(void)
{
	(void)sd_notify(0, "WATCHDOG=1");
}

int64_t bh_notify_watchdog_ms(void)
{
	uint64_t usec = 0;
	return sd_watchdog_enabled(0, &usec) > 0 ? (int64_t)(usec / 2000) : 0;
}

bool bh_journal_send(int level, const char *district, uint32_t device, const char *line)
{
	if (!getenv("JOURNAL_STREAM"))
		return false;
	return sd_journal_send("MESSAGE=%s", line, "PRIORITY=%d", level, "BIHUAN_DISTRICT=%s",
		       district ? district : "", "BIHUAN_DEVICE=%u", device, NULL) == 0;
}

/* systemd hands sockets over blocking (NonBlocking=no): a loop that accepts until nobody waits
 * would stand still in accept. */
static bool listener_ready(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	return sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) > 0 && flags >= 0 &&
	       fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

int bh_notify_socket(const char *name)
{
	char **names = NULL;
	int found = -1, count = sd_listen_fds_with_names(0, &names);
	for (int i = 0; i < count; i++) {
		if (found < 0 && strcmp(names[i], name) == 0)
			found = SD_LISTEN_FDS_START + i;
		free(names[i]);
	}
	free(names);
	return found >= 0 && listener_ready(found) ? found : -1;
}
#else
void bh_notify_ready(const char *status)
{
	(void)status;
}

void bh_notify_status(const char *status)
{
	(void)status;
}

void bh_notify_reloading(int64_t mono_ms)
{
	(void)mono_ms;
}

void bh_notify_stopping(void)
{
}

void bh_notify_watchdog(void)
{
}

int64_t bh_notify_watchdog_ms(void)
{
	return 0;
}

bool bh_journal_send(int level, const char *district, uint32_t device, const char *line)
{
	(void)level;
	(void)district;
	(void)device;
	(void)line;
	return false;
}

int bh_notify_socket(const char *name)
{
	(void)name;
	return -1;
}
#endif
