/*
 * libconfuse parses; its errors become faults with file and line.  Then each key's range and the
 * relations between keys are checked here, and all that is wrong is listed at once.  Nothing is
 * opened but the file itself.
 */
#include "server/main/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <confuse.h>

#include "proto/err.h"
#include "server/main/log.h"

#define KEYS_MAX 16

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
	TEXT("listen", listen, false),
	TEXT("public", public_host, true),
	TEXT("admin", admin, false),
	TEXT("metrics", metrics, false),
	NUMBER("loops", loops, 1, BH_LOOPS_MAX, false),
	NUMBER("connections-max", connections_max, 1, 1000000, true),
	NUMBER("admit-per-second", admit_per_s, 1, 100000, true),
	NUMBER("photos-open-mib-max", photos_open_mib, 16, 1048576, false),
	NUMBER("photos-mib-max", photos_mib, 16, 1073741824, false),
	{"log-level", KEY_LEVEL, offsetof(struct bh_config, log_level), 0, 0, 0, true},
	NUMBER("test-due-divisor", due_divisor, 1, 100000, false),
};

#define KEYS_COUNT (sizeof(keys) / sizeof(keys[0]))

static void fault_add(struct bh_config_faults *faults, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void fault_add(struct bh_config_faults *faults, const char *format, ...)
{
	va_list args;
	if (faults->count < BH_CONFIG_FAULTS_MAX) {
		va_start(args, format);
		(void)vsnprintf(faults->text[faults->count], BH_CONFIG_FAULT_BYTES, format, args);
		va_end(args);
	}
	faults->count++;
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

/* libconfuse gives its error callback no context of ours but the cfg, whose root title we do not
 * use; the faults are reached through the opts' simple pointer instead. */
struct reading {
	struct bh_config_faults *faults;
	const char *path;
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
	char text[160];
	struct reading *reading = reading_of(cfg);
	if (!reading || !format)
		return;
	(void)vsnprintf(text, sizeof(text), format, args);
	fault_add(reading->faults, "%s:%d: %s", reading->path, cfg->line, text);
}

static void number_read(
	cfg_t *cfg, const struct key *key, struct bh_config *config, const struct reading *reading)
{
	long value = cfg_getint(cfg, key->name);
	if (value < key->min || value > key->max) {
		fault_add(reading->faults, "%s: %s is %ld, needs %ld to %ld", reading->path,
			key->name, value, key->min, key->max);
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
		fault_add(reading->faults, "%s: %s is longer than %zu characters", reading->path,
			key->name, key->size - 1);
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
		fault_add(reading->faults, "%s: %s is '%s', needs error, warning, info or debug",
			reading->path, key->name, cfg_getstr(cfg, key->name));
	}
}

static void opts_fill(cfg_opt_t opts[KEYS_MAX], struct reading *reading)
{
	size_t n = 0;
	for (; n < KEYS_COUNT; n++) {
		cfg_opt_t text = CFG_STR(keys[n].name, NULL, CFGF_NODEFAULT);
		cfg_opt_t number = CFG_INT(keys[n].name, 0, CFGF_NODEFAULT);
		opts[n] = keys[n].kind == KEY_NUMBER ? number : text;
	}
	cfg_opt_t hidden = CFG_PTR_CB("__reading", NULL, CFGF_NODEFAULT, NULL, NULL);
	opts[n] = hidden;
	opts[n++].simple_value.ptr = (void **)(void *)reading;
	opts[n] = (cfg_opt_t)CFG_END();
}

/* "host:port" of the public key is split once it is whole. */
static void public_split(struct bh_config *config, const struct reading *reading)
{
	char *colon = strrchr(config->public_host, ':');
	if (!colon)
		return;
	char *end;
	unsigned long port = strtoul(colon + 1, &end, 10);
	if (*end != '\0' || port < 1 || port > 65535) {
		fault_add(reading->faults, "%s: public is '%s', needs host:port", reading->path,
			config->public_host);
		return;
	}
	config->public_port = (uint16_t)port;
	*colon = '\0';
}

int bh_config_read(const char *path, struct bh_config *out, struct bh_config_faults *faults)
{
	struct bh_config config;
	struct reading reading = {faults, path};
	cfg_opt_t opts[KEYS_MAX];
	opts_fill(opts, &reading);
	bh_config_default(&config);
	cfg_t *cfg = cfg_init(opts, CFGF_NONE);
	if (!cfg)
		return BH_ERR_NOMEM;
	(void)cfg_set_error_function(cfg, on_error);
	int parsed = cfg_parse(cfg, path);
	if (parsed == CFG_SUCCESS) {
		for (size_t i = 0; i < KEYS_COUNT; i++)
			key_read(cfg, &keys[i], &config, &reading);
		public_split(&config, &reading);
	}
	cfg_free(cfg);
	if (parsed == CFG_FILE_ERROR) {
		fault_add(faults, "%s: %s", path, strerror(errno));
		return BH_ERR_NOT_FOUND;
	}
	if (parsed != CFG_SUCCESS && faults->count == 0)
		fault_add(faults, "%s: not a configuration file", path);
	if (faults->count > 0)
		return BH_ERR_INVALID;
	*out = config;
	return BH_NOERR;
}

static bool is_loopback(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strncmp(address, "[::1]:", 6) == 0;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);
	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

int bh_config_check(const struct bh_config *config, struct bh_config_faults *faults)
{
	struct stat st;
	if (stat(config->data, &st) != 0)
		fault_add(faults, "data: %s: %s", config->data, strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		fault_add(faults, "data: %s is not a folder", config->data);
	else if (access(config->data, R_OK | W_OK | X_OK) != 0)
		fault_add(faults, "data: %s: %s", config->data, strerror(errno));
	if (config->admin[0] == '\0')
		fault_add(faults, "admin: a path is needed: nothing else can create a district");
	if (config->metrics[0] && !is_loopback(config->metrics))
		fault_add(faults, "metrics: %s is not a loopback address; put a proxy in front",
			config->metrics);
	if (config->metrics[0] && strcmp(config->metrics, config->listen) == 0 &&
		!ends_with(config->metrics, ":0"))
		fault_add(faults, "metrics and listen name the same address");
	if (config->admit_per_s > config->connections_max)
		fault_add(faults, "admit-per-second (%u) is above connections-max (%u)",
			config->admit_per_s, config->connections_max);
	if (config->photos_open_mib > config->photos_mib)
		fault_add(faults, "photos-open-mib-max (%u) is above photos-mib-max (%u)",
			config->photos_open_mib, config->photos_mib);
	return faults->count > 0 ? BH_ERR_INVALID : BH_NOERR;
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
