/*
 * Up: loops, districts (each recovered before anything listens), sockets, then READY.  Down: stop
 * listening, tell handsets to come again, stop loops, then the writers, which finish what was
 * submitted. What cannot come up is said in one line and the exit status tells the kind.  A storage
 * state that is not known ends the process at once, without a word to anybody who waits
 * (architecture.md, decision 5).
 */
#include "server/main/process.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "proto/err.h"
#include "server/main/admin.h"
#include "server/main/districts.h"
#include "server/main/exits.h"
#include "server/main/log.h"
#include "server/main/platform_systemd.h"
#include "server/main/sockets.h"
#include "server/main/version.h"

#define BEAT_MS 5000
#define RELOAD_BYTES_MAX (64u * 1024u)
#define TURN_MS_MAX \
	20000 /* a writer that has not turned for so long hangs; at rest it turns in 5 s */

static struct bh_seat *on_choose(void *loop_context, void *district)
{
	const struct bh_loop_seat *seat = loop_context;
	const struct bh_served *served = district;
	return seat->index < served->seats_count ? served->seats[seat->index] : NULL;
}

static int loops_open(struct bh_process *process)
{
	int err = bh_loop_new(process->clock, process, &process->main_loop);
	if (!err)
		err = bh_tls_door_new(&process->door);
	for (size_t i = 0; i < process->config.loops && !err; i++) {
		process->loop_seats[i] = (struct bh_loop_seat){process, i};
		err = bh_loop_new(process->clock, &process->loop_seats[i], &process->loops[i]);
		if (err)
			break;
		process->loops_count++;
		process->links[i] = (struct bh_links){.loop = process->loops[i],
			.door = process->door,
			.choose = on_choose,
			.loop_context = &process->loop_seats[i],
			.open_links = &process->connections};
		err = bh_packer_open(&process->desks[i].packer);
		if (!err)
			err = bh_hasher_open(&process->desks[i].hasher);
	}
	return err;
}

/* ---- Signals, status, watchdog ---- */

static void on_stop(evutil_socket_t signal_number, short events, void *context)
{
	struct bh_process *process = context;
	(void)events;
	bh_log(BH_LOG_INFO, NULL, 0, "signal %d: stopping", (int)signal_number);
	process->stopping = true;
	bh_notify_stopping();
	bh_loop_stop(process->main_loop);
}

static void on_reload(evutil_socket_t signal_number, short events, void *context)
{
	struct bh_process *process = context;
	struct bh_buf out = BH_BUF(RELOAD_BYTES_MAX);
	(void)signal_number;
	(void)events;
	bh_notify_reloading(bh_loop_now(process->main_loop).mono_ms);
	if (bh_process_reload(process, &out) == BH_ERR_NOMEM)
		bh_log(BH_LOG_ERROR, NULL, 0, "reload: out of memory; nothing was changed");
	bh_buf_free(&out);
	char sentence[200];
	bh_process_sentence(process, sentence, sizeof(sentence));
	bh_notify_ready(sentence);
}

void bh_process_sentence(struct bh_process *process, char *text, size_t size)
{
	int64_t least = INT64_MAX;
	struct bh_now now = bh_loop_now(process->main_loop);
	bool any_alarm = false;
	for (size_t i = 0; i < process->districts_count; i++) {
		struct bh_writer_counts counts;
		bool alarmed;
		struct bh_writer_loop *writer = process->districts[i]->writer;
		bh_writer_loop_counts(writer, &counts);
		int64_t district = now.mono_ms + bh_writer_loop_offset_ms(writer, &alarmed);
		any_alarm = any_alarm || alarmed;
		if (counts.next_dispatch_due_ms && counts.next_dispatch_due_ms - district < least)
			least = counts.next_dispatch_due_ms - district;
	}
	char queue[64] = "nothing waits for dispatch";
	if (least != INT64_MAX)
		(void)snprintf(queue, sizeof(queue), "shortest dispatch time left %lld min",
			(long long)(least / 60000));
	(void)snprintf(text, size, "%zu districts, %u handsets connected, %s%s",
		process->districts_count, atomic_load(&process->connections), queue,
		any_alarm ? "; the clock jumped, confirm it" : "");
}

/* Fed only while every writer turns.  One that meets a full disk turns on, and /readyz tells: to be
 * killed for it would help nobody. */
static void on_beat(evutil_socket_t fd, short events, void *context)
{
	struct bh_process *process = context;
	struct bh_now now = bh_loop_now(process->main_loop);
	char sentence[200];
	bool well = true;
	(void)fd;
	(void)events;
	for (size_t i = 0; i < process->districts_count; i++) {
		bool can_commit;
		int64_t turned = bh_writer_loop_turned_ms(
			process->districts[i]->writer, &can_commit);
		well = well && now.mono_ms - turned < TURN_MS_MAX;
	}
	if (well)
		bh_notify_watchdog();
	bh_process_sentence(process, sentence, sizeof(sentence));
	bh_notify_status(sentence);
}

static int signals_open(struct bh_process *process)
{
	static const struct timeval beat = {.tv_sec = BEAT_MS / 1000};
	struct event_base *base = bh_loop_base(process->main_loop);
	process->signals[0] = evsignal_new(base, SIGTERM, on_stop, process);
	process->signals[1] = evsignal_new(base, SIGINT, on_stop, process);
	process->signals[2] = evsignal_new(base, SIGHUP, on_reload, process);
	process->beat = event_new(base, -1, EV_PERSIST, on_beat, process);
	for (size_t i = 0; i < 3; i++)
		if (!process->signals[i] || event_add(process->signals[i], NULL) != 0)
			return BH_ERR_NOMEM;
	return process->beat && event_add(process->beat, &beat) == 0 ? BH_NOERR : BH_ERR_NOMEM;
}

/* ---- Life ---- */

static void descriptors_raise(uint32_t connections_max)
{
	struct rlimit limit;
	rlim_t wanted = (rlim_t)connections_max + 512;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < wanted)
		bh_log(BH_LOG_WARNING, NULL, 0,
			"%llu descriptors are allowed, %llu would be needed for connections-max",
			(unsigned long long)limit.rlim_cur, (unsigned long long)wanted);
}

static int up(struct bh_process *process)
{
	int err = loops_open(process);
	if (!err)
		err = bh_districts_open(process);
	if (!err)
		err = signals_open(process);
	if (!err)
		err = bh_handsets_listen(process);
	if (!err)
		err = bh_metrics_listen(process);
	if (!err)
		err = bh_admin_listen(process);
	for (size_t i = 0; i < process->loops_count && !err; i++)
		err = bh_loop_start(process->loops[i], "bh-handsets");
	return err;
}

#define END_POLL_MS 20
#define END_MS_MAX 3000

struct shutdown_letter {
	struct bh_letter letter;
	struct bh_loop_seat *seat;
	struct event *poll;
	int64_t end_ms;
};

/* Until every handset has had its last word, or the bound has passed. */
static void on_end_poll(evutil_socket_t fd, short events, void *context)
{
	struct shutdown_letter *ending = context;
	struct bh_process *process = ending->seat->process;
	size_t index = ending->seat->index;
	(void)fd;
	(void)events;
	if (process->links[index].count > 0 &&
		bh_loop_now(process->loops[index]).mono_ms < ending->end_ms)
		return;
	event_free(ending->poll);
	free(ending);
	bh_loop_stop(process->loops[index]);
}

static void shutdown_open(struct bh_letter *letter, void *loop_context)
{
	static const struct timeval every = {.tv_usec = END_POLL_MS * 1000};
	struct shutdown_letter *ending = (struct shutdown_letter *)(void *)letter;
	struct bh_loop_seat *seat = loop_context;
	struct bh_process *process = seat->process;
	struct bh_loop *loop = process->loops[seat->index];
	for (size_t i = 0; i < process->districts_count; i++)
		bh_seat_shutdown(process->districts[i]->seats[seat->index]);
	bh_links_end(&process->links[seat->index]);
	ending->seat = seat;
	ending->end_ms = bh_loop_now(loop).mono_ms + END_MS_MAX;
	ending->poll = event_new(bh_loop_base(loop), -1, EV_PERSIST, on_end_poll, ending);
	if (ending->poll && event_add(ending->poll, &every) == 0)
		return;
	if (ending->poll)
		event_free(ending->poll);
	free(ending);
	bh_loop_stop(loop);
}

/* A loop that was never started has nobody to say farewell to, and would not open the letter. */
static void loops_end(struct bh_process *process)
{
	for (size_t i = 0; i < process->loops_count; i++) {
		struct shutdown_letter *letter = NULL;
		if (bh_loop_is_started(process->loops[i]))
			letter = calloc(1, sizeof(*letter));
		if (letter) {
			letter->letter.open = shutdown_open;
			bh_loop_post(process->loops[i], &letter->letter);
		} else {
			bh_loop_stop(process->loops[i]);
		}
	}
	for (size_t i = 0; i < process->loops_count; i++) {
		bh_loop_join(process->loops[i]);
		bh_links_close_all(&process->links[i]);
	}
}

static void down(struct bh_process *process)
{
	bh_listener_close(process->listener);
	loops_end(process);
	for (size_t i = 0; i < process->districts_count; i++)
		bh_served_stop(process->districts[i]);
	for (size_t i = 0; i < process->loops_count; i++)
		bh_loop_drain(process->loops[i]); /* the letters the writers left */
	if (process->main_loop) {
		bh_loop_drain(process->main_loop); /* may begin the verification it carries */
		bh_admin_verification_end(process);
		bh_loop_drain(process->main_loop);
		bh_http_close(process->admin);
		bh_admin_leave(process);
		bh_http_close(process->metrics);
	}
	for (size_t i = 0; i < process->districts_count; i++)
		bh_served_close(process->districts[i]);
	for (size_t i = 0; i < process->loops_count; i++) {
		bh_loop_free(process->loops[i]);
		bh_packer_close(process->desks[i].packer);
		bh_hasher_close(process->desks[i].hasher);
	}
	for (size_t i = 0; i < 3; i++)
		if (process->signals[i])
			event_free(process->signals[i]);
	if (process->beat)
		event_free(process->beat);
	bh_tls_door_free(process->door);
	bh_loop_free(process->main_loop);
}

static int exit_of(int err)
{
	switch (err) {
	case BH_NOERR:
		return BH_EXIT_DONE;
	case BH_ERR_INVALID:
	case BH_ERR_AUTH:
	case BH_ERR_LIMIT:  /* more districts than one process serves */
	case BH_ERR_CRYPTO: /* keys that do not belong together */
		return BH_EXIT_CONFIG;
	case BH_ERR_BUSY:
	case BH_ERR_EXISTS:
	case BH_ERR_NOMEM:
		return BH_EXIT_TRY_AGAIN;
	default:
		return BH_EXIT_STORAGE;
	}
}

int bh_process_run(const struct bh_config *config, const char *config_path)
{
	struct bh_process *process = calloc(1, sizeof(*process));
	if (!process)
		return BH_EXIT_TRY_AGAIN;
	process->config = *config;
	(void)snprintf(process->config_path, sizeof(process->config_path), "%s", config_path);
	process->clock = bh_clock_system();
	process->boot = bh_boot_system();
	process->started_mono_ms = process->clock.now(process->clock.context).mono_ms;
	atomic_init(&process->connections, 0);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(
		SIGCHLD, SIG_DFL); /* an ignored one is inherited, and nobody could be waited for */
	bh_log_set_level(config->log_level);
	descriptors_raise(config->connections_max);
	int err = up(process);
	if (!err) {
		char sentence[200];
		bh_process_sentence(process, sentence, sizeof(sentence));
		bh_log(BH_LOG_INFO, NULL, 0,
			"bihuand %s ready: handsets on port %u, administration on %s",
			bh_program_version(), process->handset_port, process->config.admin);
		bh_notify_ready(sentence);
		err = bh_loop_run(process->main_loop);
	}
	down(process);
	if (!err)
		bh_log(BH_LOG_INFO, NULL, 0, "stopped cleanly");
	free(process);
	return exit_of(err);
}
