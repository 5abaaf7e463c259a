/*
 * SIGHUP or `bihuan reload`: the file is read and checked whole; anything wrong keeps the old
 * meaning of every key.  What took effect and what waits for a restart is said by name.
 */
#include "server/main/process.h"

#include <stdio.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "server/main/log.h"

static int say(struct bh_buf *out, const char *text)
{
	return bh_buf_append(out, text, strlen(text));
}

/* As JSON's text: a fault quotes what stands in the file, whatever that is. */
static void text_say(struct bh_buf *out, const char *text)
{
	bool whole = bh_utf8_valid(bh_span(text, strlen(text)));
	(void)say(out, "\"");
	for (; *text; text++) {
		uint8_t letter = (uint8_t)*text;
		char escaped[8] = {(char)letter};
		if (letter == '"' || letter == '\\')
			(void)snprintf(escaped, sizeof(escaped), "\\%c", letter);
		else if (letter < 0x20)
			(void)snprintf(escaped, sizeof(escaped), "\\u%04x", letter);
		else if (letter >= 0x80 && !whole)
			escaped[0] = '?';
		(void)say(out, escaped);
	}
	(void)say(out, "\"");
}

static void keys_say(
	struct bh_buf *out, const struct bh_config_change *changes, size_t count, bool live)
{
	bool first = true;
	for (size_t i = 0; i < count; i++) {
		if (changes[i].live != live)
			continue;
		(void)say(out, first ? "" : ", ");
		text_say(out, changes[i].key);
		first = false;
	}
}

/* The error form; err stands for it. */
static int faults_say(struct bh_buf *out, const struct bh_config_faults *faults)
{
	char message[120];
	(void)snprintf(message, sizeof(message),
		"the configuration has %zu fault%s; the old one stays in force", faults->count,
		faults->count == 1 ? "" : "s");
	(void)say(out, "{\"code\": \"configuration\", \"message\": ");
	text_say(out, message);
	(void)say(out, ", \"hint\": \"mend the file, then reload again\", \"reloaded\": false, "
		       "\"faults\": [");
	for (size_t i = 0; i < faults->count && i < BH_CONFIG_FAULTS_MAX; i++) {
		(void)say(out, i ? ", " : "");
		text_say(out, faults->text[i]);
		bh_log(BH_LOG_ERROR, NULL, 0, "reload: %s", faults->text[i]);
	}
	bh_log(BH_LOG_ERROR, NULL, 0, "reload: %s", message);
	(void)say(out, "]}");
	return BH_ERR_INVALID;
}

static void keys_list(
	char *text, size_t size, const struct bh_config_change *changes, size_t count, bool live)
{
	size_t used = 0;
	text[0] = '\0';
	for (size_t i = 0; i < count; i++)
		if (changes[i].live == live && used < size)
			used += (size_t)snprintf(
				text + used, size - used, "%s%s", used ? ", " : "", changes[i].key);
	if (!text[0])
		(void)snprintf(text, size, "nothing");
}

static void changes_log(const struct bh_config_change *changes, size_t count)
{
	char live[300], waiting[300];
	keys_list(live, sizeof(live), changes, count, true);
	keys_list(waiting, sizeof(waiting), changes, count, false);
	bh_log(BH_LOG_INFO, NULL, 0, "reload: %s took effect, %s waits for a restart", live,
		waiting);
}

int bh_process_reload(struct bh_process *process, struct bh_buf *out)
{
	struct bh_config next;
	struct bh_config_faults faults = {0};
	struct bh_config_change changes[BH_CONFIG_KEYS_MAX];
	int err = bh_config_read(process->config_path, &next, &faults);
	if (!err)
		err = bh_config_check(&next, process->config_path, &faults);
	if (err == BH_ERR_NOMEM)
		return err;
	if (err)
		return faults_say(out, &faults);
	size_t count = bh_config_compare(&process->config, &next, changes, BH_CONFIG_KEYS_MAX);
	bh_config_adopt(&process->config, &next);
	bh_log_set_level(process->config.log_level);
	bh_listener_set_limits(
		process->listener, process->config.admit_per_s, process->config.connections_max);
	changes_log(changes, count);
	(void)say(out, "{\"reloaded\": true, \"took_effect\": [");
	keys_say(out, changes, count, true);
	(void)say(out, "], \"waits_for_restart\": [");
	keys_say(out, changes, count, false);
	return say(out, "]}");
}
