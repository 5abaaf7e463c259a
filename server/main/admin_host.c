/* What the routes may ask of the process beyond one district: its districts, their time, its
 * status, a new one, and the configuration read again. */
#include "server/main/admin_host.h"

#include <inttypes.h>
#include <stdio.h>

#include "server/main/log.h"
#include "server/main/shipping.h"
#include "server/main/version.h"

void bh_admin_refresh(struct bh_process *process, struct bh_served *served)
{
	struct bh_now now = bh_loop_now(process->main_loop);
	bool alarmed = false;
	int64_t offset = bh_writer_loop_offset_ms(served->writer, &alarmed);
	const struct bh_config *config = &process->config;
	served->console.district_ms = now.mono_ms + offset;
	served->console.clock_alarm = alarmed;
	served->console.public_host = config->public_host[0] ? config->public_host : "127.0.0.1";
	served->console.public_port = config->public_port ? config->public_port
							  : process->handset_port;
}

static struct bh_console_district *host_find(void *context, const char *code)
{
	struct bh_process *process = context;
	struct bh_served *served = bh_process_district(process, code);
	if (!served)
		return NULL;
	bh_admin_refresh(process, served);
	return &served->console;
}

static size_t host_list(void *context, const char **codes, size_t max)
{
	const struct bh_process *process = context;
	size_t count = 0;
	for (; count < process->districts_count && count < max; count++)
		codes[count] = process->districts[count]->code;
	return count;
}

static int host_create(
	void *context, const char *code, const struct bh_caller_key *key, const char **detail)
{
	return bh_process_create(context, code, key, detail);
}

static int host_reload(void *context, struct bh_buf *out)
{
	return bh_process_reload(context, out);
}

static int host_status(void *context, struct bh_buf *out)
{
	struct bh_process *process = context;
	struct bh_now now = bh_loop_now(process->main_loop);
	char sentence[200], segments[120], text[800];
	bh_process_sentence(process, sentence, sizeof(sentence));
	bh_shipping_sentence(process, segments, sizeof(segments));
	int n = snprintf(text, sizeof(text),
		"{\"version\": \"%s\", \"status\": \"%s\", \"uptime_s\": %" PRId64
		", \"districts\": %zu, \"connections\": %u, \"handset_port\": %u, "
		"\"metrics_port\": %u, \"log_lines_dropped\": %" PRIu64 ", \"segments\": \"%s\"}",
		bh_program_version(), sentence, (now.mono_ms - process->started_mono_ms) / 1000,
		process->districts_count, atomic_load(&process->connections), process->handset_port,
		process->metrics_port, bh_log_dropped(), segments);
	return bh_buf_append(out, text, (size_t)n);
}

struct bh_console_host bh_admin_host(struct bh_process *process)
{
	return (struct bh_console_host){.context = process,
		.find = host_find,
		.list = host_list,
		.create = host_create,
		.reload = host_reload,
		.status = host_status,
		.rng = bh_rng_system()};
}
