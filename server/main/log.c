/*
 * A line is formatted on the stack and written by one call, so lines of several threads do not mix.
 * Under systemd the prose is MESSAGE and district and device are fields beside it.  A log that
 * cannot be written at once (a full disk, a pipe nobody reads) drops the line and counts it: it
 * never stops the service.
 */
#include "server/main/log.h"

#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/main/platform_systemd.h"

#define LINE_BYTES 1024

/* The one global the design allows: the log sink. */
static struct {
	atomic_int level;
	atomic_ullong dropped;
} sink = {BH_LOG_INFO, 0};

static const struct {
	const char *name;
	int level;
} levels[] = {
	{"error", BH_LOG_ERROR},
	{"warning", BH_LOG_WARNING},
	{"info", BH_LOG_INFO},
	{"debug", BH_LOG_DEBUG},
};

int bh_log_level_parse(const char *name, int *out)
{
	for (size_t i = 0; name && i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (strcmp(levels[i].name, name) == 0) {
			*out = levels[i].level;
			return BH_NOERR;
		}
	}
	return BH_ERR_INVALID;
}

const char *bh_log_level_name(int level)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (levels[i].level == level)
			return levels[i].name;
	return "info";
}

void bh_log_set_level(int level)
{
	atomic_store(&sink.level, level);
}

uint64_t bh_log_dropped(void)
{
	return atomic_load(&sink.dropped);
}

/* What comes from outside may not begin a line of its own. */
static void line_keep_one(char *text)
{
	for (; *text; text++)
		if ((uint8_t)*text < 0x20 || *text == 0x7f)
			*text = ' ';
}

/* A pipe that is ready takes a line whole. */
static bool sink_is_ready(void)
{
	struct pollfd sink_fd = {.fd = STDERR_FILENO, .events = POLLOUT};
	return poll(&sink_fd, 1, 0) == 1 && (sink_fd.revents & POLLOUT) != 0;
}

void bh_log(int level, const char *district, uint32_t device, const char *format, ...)
{
	char text[LINE_BYTES], line[LINE_BYTES + 64];
	va_list args;
	if (level > atomic_load(&sink.level))
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	line_keep_one(text);
	if (bh_journal_send(level, district, device, text))
		return;
	int len = snprintf(line, sizeof(line), "%s%s%s%s\n", district ? district : "",
		district ? ": " : "", level <= BH_LOG_WARNING ? bh_log_level_name(level) : "",
		level <= BH_LOG_WARNING ? ": " : "");
	len += snprintf(line + len - 1, sizeof(line) - (size_t)len + 1, "%s\n", text) - 1;
	if (!sink_is_ready() || write(STDERR_FILENO, line, (size_t)len) != len)
		atomic_fetch_add(&sink.dropped, 1);
}
