/*
 * The file is read whole, then libconfuse parses it.  It stops at its first error: that line is
 * noted and blanked, and the rest is parsed again, so that all that is wrong is listed at once,
 * each with its file and line.  Then each key's range is checked; what keys have to do with each
 * other and with the machine is config_check.c's.
 */
#include "server/main/config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <confuse.h>

#include "proto/err.h"
#include "server/main/log.h"

#define KEYS_MAX BH_CONFIG_KEYS_MAX
#define FILE_BYTES_MAX (64u * 1024u)

/* A key: where its value goes, its range, and whether a running server takes it on reload. */
enum key_kind {
	KEY_TEXT,
	KEY_NUMBER,
	KEY_LEVEL,
};

struct key {
	const char *name;
	enum key_kind kind;
	size_t offset;
	size_t size; /* of the text */
	long min, max;
	bool live;
};

#define TEXT(key, member, is_live)                                             \
	{                                                                      \
		key, KEY_TEXT, offsetof(struct bh_config, member),             \
			sizeof(((struct bh_config *)0)->member), 0, 0, is_live \
	}
#define NUMBER(key, member, lowest, highest, is_live)                                            \
	{                                                                                        \
		key, KEY_NUMBER, offsetof(struct bh_config, member), 0, lowest, highest, is_live \
	}

static const struct key keys[] = {
	TEXT("data", data, false),
	TEXT("segments", segments, false),
	TEXT("seal-key-command", seal_key_command, false),
	TEXT("listen", listen, false),
	TEXT("public", public_host, true),
	TEXT("admin", admin, false),
	TEXT("metrics", metrics, false),
	TEXT("notice-webhook", notice_webhook, false),
	TEXT("notice-secret", notice_secret, false),
	TEXT("notice-ca", notice_ca, false),
	TEXT("notice-command", notice_command, false),
	NUMBER("loops", loops, 1, BH_LOOPS_MAX, false),
	NUMBER("connections-max", connections_max, 1, 1000000, true),
	NUMBER("admit-per-second", admit_per_s, 1, 100000, true),
	NUMBER("photos-open-mib-max", photos_open_mib, 16, 1048576, false),
	NUMBER("photos-mib-max", photos_mib, 16, 1073741824, false),
	{"log-level", KEY_LEVEL, offsetof(struct bh_config, log_level), 0, 0, 0, true},
	NUMBER("test-due-divisor", due_divisor, 1, 100000, false),
};

#define KEYS_COUNT (sizeof(keys) / sizeof(keys[0]))

void bh_config_fault(
	struct bh_config_faults *faults, const char *path, uint32_t line, const char *format, ...)
{
	char *text = faults->text[faults->count];
	va_list args;
	if (faults->count++ >= BH_CONFIG_FAULTS_MAX)
		return;
	int n = line ? snprintf(text, BH_CONFIG_FAULT_BYTES, "%.150s:%u: ", path, line)
		     : snprintf(text, BH_CONFIG_FAULT_BYTES, "%.150s: ", path);
	va_start(args, format);
	(void)vsnprintf(text + n, BH_CONFIG_FAULT_BYTES - (size_t)n, format, args);
	va_end(args);
}

uint32_t bh_config_line(const struct bh_config *config, const char *key)
{
	for (size_t i = 0; i < KEYS_COUNT; i++)
		if (strcmp(keys[i].name, key) == 0)
			return config->lines[i];
	return 0;
}

void bh_config_default(struct bh_config *config)
{
	*config = (struct bh_config){.data = "/var/lib/bihuan",
		.listen = "7443",
		.admin = "/run/bihuan/admin.sock",
		.metrics = "127.0.0.1:9464",
		.loops = 1,
		.connections_max = 20000,
		.admit_per_s = 500,
		.photos_open_mib = 256,
		.photos_mib = 65536,
		.log_level = BH_LOG_INFO,
		.due_divisor = 1};
}

/* libconfuse gives its callbacks no context of ours but the cfg, whose root title we do not use;
 * the reading is reached through an opt's simple pointer instead. */
struct reading {
	struct bh_config_faults *faults;
	const char *path;
	struct bh_config *config;
	uint32_t error_line; /* of the parse that failed; 0: it said nothing */
	char error[160];
};

static struct reading *reading_of(cfg_t *cfg)
{
	cfg_opt_t *opt = cfg_getopt(cfg, "__reading");
	return opt ? (struct reading *)(void *)opt->simple_value.ptr : NULL;
}

static void on_error(cfg_t *cfg, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

static void on_error(cfg_t *cfg, const char *format, va_list args)
{
	struct reading *reading = reading_of(cfg);
	if (!reading || !format || reading->error_line)
		return;
	(void)vsnprintf(reading->error, sizeof(reading->error), format, args);
	reading->error_line = cfg->line > 0 ? (uint32_t)cfg->line : 1;
}

/* Called with each value as it is read: its line is where the parser stands. */
static int on_value(cfg_t *cfg, cfg_opt_t *opt)
{
	const struct reading *reading = reading_of(cfg);
	for (size_t i = 0; reading && i < KEYS_COUNT; i++)
		if (strcmp(keys[i].name, opt->name) == 0)
			reading->config->lines[i] = (uint32_t)cfg->line;
	return 0;
}

static void number_read(
	cfg_t *cfg, const struct key *key, struct bh_config *config, const struct reading *reading)
{
	long value = cfg_getint(cfg, key->name);
	if (value < key->min || value > key->max) {
		bh_config_fault(reading->faults, reading->path, bh_config_line(config, key->name),
			"%s is %ld, needs %ld to %ld", key->name, value, key->min, key->max);
		return;
	}
	*(uint32_t *)(void *)((char *)config + key->offset) = (uint32_t)value;
}

static void text_read(
	cfg_t *cfg, const struct key *key, struct bh_config *config, const struct reading *reading)
{
	const char *value = cfg_getstr(cfg, key->name);
	size_t len = value ? strlen(value) : 0;
	if (len >= key->size) {
		bh_config_fault(reading->faults, reading->path, bh_config_line(config, key->name),
			"%s is longer than %zu characters", key->name, key->size - 1);
		return;
	}
	memcpy((char *)config + key->offset, value ? value : "", len + 1);
}

static void key_read(
	cfg_t *cfg, const struct key *key, struct bh_config *config, const struct reading *reading)
{
	if (cfg_size(cfg, key->name) == 0)
		return; /* the default stands */
	if (key->kind == KEY_NUMBER) {
		number_read(cfg, key, config, reading);
	} else if (key->kind == KEY_TEXT) {
		text_read(cfg, key, config, reading);
	} else if (bh_log_level_parse(cfg_getstr(cfg, key->name), &config->log_level)) {
		bh_config_fault(reading->faults, reading->path, bh_config_line(config, key->name),
			"%s is '%s', needs error, warning, info or debug", key->name,
			cfg_getstr(cfg, key->name));
	}
}

static void opts_fill(cfg_opt_t opts[KEYS_MAX + 2], struct reading *reading)
{
	size_t n = 0;
	for (; n < KEYS_COUNT; n++) {
		cfg_opt_t text = CFG_STR(keys[n].name, NULL, CFGF_NODEFAULT);
		cfg_opt_t number = CFG_INT(keys[n].name, 0, CFGF_NODEFAULT);
		opts[n] = keys[n].kind == KEY_NUMBER ? number : text;
		opts[n].validcb = on_value;
	}
	cfg_opt_t hidden = CFG_PTR_CB("__reading", NULL, CFGF_NODEFAULT, NULL, NULL);
	opts[n] = hidden;
	opts[n++].simple_value.ptr = (void **)(void *)reading;
	opts[n] = (cfg_opt_t)CFG_END();
}

/* "host:port" of the public key is split once it is whole. */
static void public_split(struct bh_config *config, const struct reading *reading)
{
	const char *text = config->public_host;
	char *colon = strrchr(config->public_host, ':');
	if (!bh_config_public_valid(text)) {
		bh_config_fault(reading->faults, reading->path, bh_config_line(config, "public"),
			"public is '%s', needs host:port or host", text);
		return;
	}
	if (!colon || strchr(colon, ']'))
		return;
	config->public_port = (uint16_t)strtoul(colon + 1, NULL, 10);
	*colon = '\0';
}

/* ---- The file ---- */

static int file_fault(struct reading *reading, const char *why)
{
	bh_config_fault(reading->faults, reading->path, 0, "%s", why);
	return BH_ERR_INVALID;
}

/* Whole, after its byte order mark if it has one, and with a line's end. */
static int file_read(struct reading *reading, char text[FILE_BYTES_MAX + 2])
{
	FILE *file = fopen(reading->path, "re");
	int missing = errno;
	if (!file) {
		(void)file_fault(reading, strerror(missing));
		return BH_ERR_NOT_FOUND;
	}
	errno = 0;
	size_t len = fread(text, 1, FILE_BYTES_MAX + 1, file);
	int failed = ferror(file) ? errno : 0;
	(void)fclose(file);
	if (failed)
		return file_fault(
			reading, failed == EISDIR ? "is a folder, not a file" : strerror(failed));
	if (len > FILE_BYTES_MAX)
		return file_fault(reading, "is larger than 64 KiB: not a configuration file");
	if (memchr(text, '\0', len))
		return file_fault(reading, "holds a NUL byte: not a text in UTF-8");
	if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		memmove(text, text + 3, len -= 3);
	memcpy(text + len, "\n", 2);
	return BH_NOERR;
}

/* Where the quoted text or comment that begins here ends; here itself when neither does. */
static char *part_end(char *at, bool begins_word, bool *is_comment)
{
	char *end = at;
	bool is_block = begins_word && at[0] == '/' && at[1] == '*';
	*is_comment = is_block || at[0] == '#' || (begins_word && at[0] == '/' && at[1] == '/');
	if (is_block) {
		end = strstr(at + 2, "*/");
		return end ? end + 2 : at + strlen(at);
	}
	if (*is_comment)
		return at + strcspn(at, "\n");
	if (*at != '"' && *at != '\'')
		return at;
	for (end = at + 1; *end && *end != *at; end++)
		end += end[0] == '\\' && end[1];
	return *end ? end + 1 : end;
}

/* libconfuse 3.3 counts three lines for a comment and does not mind one that never ends: it is
 * shown none, so that its lines are true. */
static void comments_blank(struct reading *reading, char *text)
{
	uint32_t line = 1;
	for (char *at = text; *at;) {
		bool is_comment;
		bool begins_word = at == text || strchr(" \t\r\n=,{}()\"'", at[-1]);
		char *end = part_end(at, begins_word, &is_comment);
		if (is_comment && !*end)
			bh_config_fault(
				reading->faults, reading->path, line, "a comment never ends");
		end += end == at;
		for (; at < end; at++) {
			line += *at == '\n';
			if (is_comment && *at != '\n')
				*at = ' ';
		}
	}
}

/* Makes a line blank; false when it was or is not there. */
static bool line_blank(char *text, uint32_t line)
{
	bool changed = false;
	while (--line > 0) {
		text = strchr(text, '\n');
		if (!text)
			return false;
		text++;
	}
	for (; *text && *text != '\n'; text++) {
		changed = changed || *text != ' ';
		*text = ' ';
	}
	return changed;
}

/* One parse of what is left of the text; where it holds, the values are taken. */
static int text_parse(struct reading *reading, const char *text)
{
	cfg_opt_t opts[KEYS_MAX + 2];
	opts_fill(opts, reading);
	cfg_t *cfg = cfg_init(opts, CFGF_NONE);
	if (!cfg)
		return BH_ERR_NOMEM;
	reading->error_line = 0;
	(void)cfg_set_error_function(cfg, on_error);
	int parsed = cfg_parse_buf(cfg, text);
	if (parsed == CFG_SUCCESS) {
		for (size_t i = 0; i < KEYS_COUNT; i++)
			key_read(cfg, &keys[i], reading->config, reading);
		public_split(reading->config, reading);
		bh_config_addresses(reading->config, reading->path, reading->faults);
	}
	cfg_free(cfg);
	return parsed == CFG_SUCCESS ? BH_NOERR : BH_ERR_INVALID;
}

int bh_config_read(const char *path, struct bh_config *out, struct bh_config_faults *faults)
{
	struct bh_config config;
	struct reading reading = {.faults = faults, .path = path, .config = &config};
	char *text = malloc(FILE_BYTES_MAX + 2);
	if (!text)
		return BH_ERR_NOMEM;
	bh_config_default(&config);
	int err = file_read(&reading, text);
	if (!err)
		comments_blank(&reading, text);
	while (!err && (err = text_parse(&reading, text)) == BH_ERR_INVALID) {
		bool first = faults->count == 0;
		bool goes_on = line_blank(text, reading.error_line ? reading.error_line : 1);
		if (goes_on || first)
			bh_config_fault(faults, path, reading.error_line, "%s",
				reading.error_line ? reading.error : "not a configuration file");
		err = goes_on ? BH_NOERR : err;
	}
	free(text);
	if (err || faults->count > 0)
		return err ? err : BH_ERR_INVALID;
	*out = config;
	return BH_NOERR;
}

static bool key_equal(const struct key *key, const struct bh_config *a, const struct bh_config *b)
{
	const char *left = (const char *)a + key->offset, *right = (const char *)b + key->offset;
	if (key->offset == offsetof(struct bh_config, public_host) &&
		a->public_port != b->public_port) /* the key's other half */
		return false;
	if (key->kind == KEY_TEXT)
		return strcmp(left, right) == 0;
	return memcmp(left, right, sizeof(uint32_t)) == 0;
}

size_t bh_config_compare(const struct bh_config *before, const struct bh_config *after,
	struct bh_config_change *changes, size_t max)
{
	size_t count = 0;
	for (size_t i = 0; i < KEYS_COUNT; i++)
		if (!key_equal(&keys[i], before, after) && count < max)
			changes[count++] = (struct bh_config_change){keys[i].name, keys[i].live};
	return count;
}

void bh_config_adopt(struct bh_config *running, const struct bh_config *after)
{
	memcpy(running->public_host, after->public_host, sizeof(running->public_host));
	running->public_port = after->public_port;
	running->connections_max = after->connections_max;
	running->admit_per_s = after->admit_per_s;
	running->log_level = after->log_level;
}
