/*
 * SIGHUP or `bihuan reload`: the file is read and checked whole; anything wrong keeps the old
 * meaning of every key.  What took effect and what waits for a restart is said by name.
 */
#include "server/main/process.h"

#include <string.h>

#include "proto/err.h"
#include "server/main/log.h"

static int say(struct bh_buf *out, const char *text)
{
	return bh_buf_append(out, text, strlen(text));
}

static void keys_say(
	struct bh_buf *out, const struct bh_config_change *changes, size_t count, bool live)
{
	bool first = true;
	for (size_t i = 0; i < count; i++) {
		if (changes[i].live != live)
			continue;
		(void)say(out, first ? "\"" : ", \"");
		(void)say(out, changes[i].key);
		(void)say(out, "\"");
		first = false;
	}
}

int bh_process_reload(struct bh_process *process, struct bh_buf *out)
{
	struct bh_config next;
	struct bh_config_faults faults = {0};
	struct bh_config_change changes[16];
	int err = bh_config_read(process->config_path, &next, &faults);
	if (!err)
		err = bh_config_check(&next, &faults);
	if (err) {
		(void)say(out, "{\"reloaded\": false, \"faults\": [");
		for (size_t i = 0; i < faults.count && i < BH_CONFIG_FAULTS_MAX; i++) {
			(void)say(out, i ? ", \"" : "\"");
			(void)say(out, faults.text[i]); /* holds no quote: see config.c */
			(void)say(out, "\"");
		}
		(void)say(out, "]}");
		return err;
	}
	size_t count = bh_config_compare(&process->config, &next, changes, 16);
	bh_config_adopt(&process->config, &next);
	bh_log_set_level(process->config.log_level);
	bh_listener_set_limits(
		process->listener, process->config.admit_per_s, process->config.connections_max);
	(void)say(out, "{\"reloaded\": true, \"took_effect\": [");
	keys_say(out, changes, count, true);
	(void)say(out, "], \"waits_for_restart\": [");
	keys_say(out, changes, count, false);
	return say(out, "]}");
}
