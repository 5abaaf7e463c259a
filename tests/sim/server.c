/* The server's process: opened, driven, ended at any moment, opened again.
 *
 *   start ──▶ writer, reader, hub ──▶ events ──▶ stop of the disk, kill, power cut, UNKNOWN ──▶
 * down ▲ fails: once more in a while                                                          │
 *     └──────────────────────── minutes, or two hours ───────────────────────────────────────┘ */
#include "tests/sim/server.h"

#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "tests/sim/judge.h"
#include "tests/sim/server_state.h"

#define SERVER_VFS 1u
#define BACK_MS_MIN 500
#define AGAIN_MS_MIN (10 * BH_SIM_SECOND)
#define BACK_MS_MAX (20 * BH_SIM_MINUTE)
#define WAL_PAGES 40u /* ... and more with every start, so that it grows into a full disk */
#define WAL_PAGES_MORE 8u
#define WAL_STEPS 24u
#define BALLAST_BYTES 20000u
#define TOLD_TICK_MS 1000                 /* when it has been told, what is committed */
#define BUSY_TICK_MS 30000                /* somebody is connected */
#define WATCH_TICK_MS (2 * BH_SIM_MINUTE) /* somebody waits in the queue */
#define IDLE_TICK_MS BH_SIM_HOUR

struct bh_now bh_simserver_now(const struct bh_simserver *server)
{
	int64_t now_ms = bh_simrun_now(server->run);

	return (struct bh_now){.wall_ms = BH_SIM_EPOCH_MS + now_ms + server->skew_ms,
		.mono_ms = 1000 + now_ms - server->boot_at_ms};
}

int64_t bh_simserver_time(struct bh_simserver *server)
{
	return bh_writer_time(server->writer, bh_simserver_now(server), &server->alarmed);
}

static struct bh_store_options store_options(struct bh_simserver *server)
{
	return (struct bh_store_options){.path = BH_SIMSERVER_PATH,
		.vfs = bh_simvfs_name(server->disk),
		.kept_path = BH_SIMSERVER_KEPT,
		.rng = bh_simrng_source(&server->chance),
		.boot = server->boot,
		.ballast_bytes = BALLAST_BYTES,
		.wal_pages_max = WAL_PAGES + WAL_PAGES_MORE * (uint32_t)(server->life % WAL_STEPS)};
}

/* ---- The end ---- */

/* Of receipts that handsets gave back. */
static void hub_count(struct bh_simserver *server)
{
	struct bh_hub_counts counts;

	if (server->hub == NULL)
		return;
	bh_hub_counts(server->hub, &counts);
	server->run->tally.receipts_believed += counts.receipts_believed;
	server->run->tally.receipts_strange += counts.receipts_strange;
}

static void process_end(struct bh_simserver *server)
{
	bh_simserver_links_drop(server);
	bh_simserver_jobs_drop(server);
	bh_simserver_blobs_drop(server);
	hub_count(server);
	bh_hub_close(server->hub);
	bh_reader_close(server->reader);
	bh_reader_close(server->witness);
	bh_writer_close(server->writer);
	bh_blob_files_close(server->files);
	bh_simserver_cargo_close(server);
	server->files = NULL;
	server->hub = NULL;
	server->reader = NULL;
	server->witness = NULL;
	server->writer = NULL;
	server->up = false;
	server->run_planned = false;
	server->copying = false;
	server->life++;
	server->tick_gen++;
	server->tick_at_ms = INT64_MAX;
	server->slow_ms = 0;
	server->hand_over_ms = 0;
}

void bh_simserver_down(struct bh_simserver *server, bool power, int64_t back_after_ms)
{
	struct bh_simrun *run = server->run;

	if (!server->up)
		return;
	bh_simtrace_say(&run->trace, bh_simrun_now(run), "server: %s",
		power ? "the power fails" : "the process ends");
	bh_simnet_host_down(run->net, BH_SIM_SERVER_HOST, power);
	server->up = false;
	if (power)
		bh_simvfs_crash(server->disk);
	else
		bh_simvfs_kill(server->disk);
	if (power)
		bh_simserver_cargo_crash(server);
	run->tally.server_power_cuts += power;
	run->tally.server_kills += !power;
	run->tally.long_downtimes += back_after_ms > 30 * BH_SIM_MINUTE;
	process_end(server);
	server->down_at_ms = bh_simrun_now(run);
	if (power) {
		server->boot++;
		server->boot_at_ms = bh_simrun_now(run) + back_after_ms - 1;
	}
	bh_simrun_after(run, back_after_ms, BH_SIMKIND_SERVER_UP, 0, 0, server->life);
}

bool bh_simserver_has_died(struct bh_simserver *server)
{
	if (!server->up)
		return true;
	if (!bh_simvfs_is_stopped(server->disk))
		return false;
	server->run->tally.server_stops++;
	bh_simserver_down(server, bh_simrng_chance(&server->rng, 850000),
		bh_simrng_tail(&server->rng, BACK_MS_MIN, BACK_MS_MAX));
	return true;
}

void bh_simserver_give_up(struct bh_simserver *server, int err)
{
	if (bh_simserver_has_died(server))
		return;
	bh_simtrace_say(&server->run->trace, bh_simrun_now(server->run),
		"server: %s: nothing more is said", bh_err_name(err));
	server->run->tally.server_unknown_commits += err == BH_ERR_UNKNOWN;
	bh_simserver_down(
		server, false, bh_simrng_tail(&server->rng, BACK_MS_MIN, 2 * BH_SIM_MINUTE));
}

/* ---- The start ---- */

static int process_open(struct bh_simserver *server, const char **detail)
{
	struct bh_store_options options = store_options(server);
	struct bh_hub_options hub = {.packer = server->packer,
		.hasher = server->hasher,
		.mac_key = bh_span(BH_SIM_MAC, 32),
		.ca_key = server->ca,
		.bundle_key = server->bundle_key};
	int err = bh_writer_open(&options, bh_simserver_now(server), &server->writer, detail);

	if (!err)
		err = bh_reader_open(&options, &server->reader);
	if (!err)
		err = bh_reader_open(&options, &server->witness);
	if (!err)
		err = bh_blob_files_open(&options, &server->files);
	if (!err)
		err = bh_simserver_cargo_open(server);
	hub.reader = server->reader;
	if (!err)
		err = bh_hub_open(&hub, &server->hub);
	return err;
}

static void again_later(struct bh_simserver *server, int err, const char *detail)
{
	struct bh_simrun *run = server->run;

	if (run->healing && err == BH_ERR_CORRUPT)
		bh_simrun_fail(run, "I1", "the district does not open: %s", detail);
	bh_simtrace_say(&run->trace, bh_simrun_now(run), "server: does not start: %s, %s",
		bh_err_name(err), detail);
	server->up = false;
	bh_simvfs_kill(server->disk);
	process_end(server);
	/* Whoever restarts it is not in a hurry: most often the disk is still full. */
	bh_simrun_after(run, bh_simrng_tail(&server->rng, AGAIN_MS_MIN, BACK_MS_MAX),
		BH_SIMKIND_SERVER_UP, 0, 0, server->life);
}

static void start(struct bh_simserver *server)
{
	struct bh_simrun *run = server->run;
	const char *detail = "";

	bh_simnet_host_up(run->net, BH_SIM_SERVER_HOST);
	server->up = true;
	int err = process_open(server, &detail);
	if (bh_simserver_has_died(server))
		return;
	if (err) {
		again_later(server, err, detail);
		return;
	}
	bh_simtrace_say(&run->trace, bh_simrun_now(run), "server: started");
	bh_simnet_host_listen(run->net, BH_SIM_SERVER_HOST, true);
	bh_simjudge_time_anew(run->judge);
	bh_simjudge_started(run->judge, server->witness);
	bh_simserver_settle(server);
}

struct bh_simserver *bh_simserver_make(struct bh_simrun *run)
{
	struct bh_simserver *server = calloc(1, sizeof(*server));
	struct bh_simvfs_config config = {
		.number = SERVER_VFS, .seed = bh_simrng_fork(&run->rng, "disk", 0).seed};

	bh_assert(server != NULL);
	run->server = server;
	server->run = run;
	server->rng = bh_simrng_fork(&run->rng, "server", 0);
	server->chance = bh_simrng_fork(&run->rng, "server's", 0);
	server->boot = 1;
	server->tick_at_ms = INT64_MAX;
	bh_assert(bh_simvfs_create(&config, &server->disk) == 0);
	bh_simserver_cargo_make(server);
	bh_assert(bh_packer_open(&server->packer) == 0);
	bh_assert(bh_hasher_open(&server->hasher) == 0);
	bh_assert(bh_key_generate(&server->ca) == 0);
	bh_assert(bh_key_generate(&server->bundle_key) == 0);
	struct bh_store_options options = store_options(server);
	bh_assert(bh_store_create(&options, BH_SIM_DISTRICT, bh_simserver_now(server)) == 0);
	start(server);
	return server;
}

void bh_simserver_free(struct bh_simserver *server)
{
	if (server == NULL)
		return;
	process_end(server);
	bh_simserver_ship_free(server);
	bh_simserver_cargo_free(server);
	bh_packer_close(server->packer);
	bh_hasher_close(server->hasher);
	bh_key_free(server->ca);
	bh_key_free(server->bundle_key);
	bh_simvfs_free(server->place);
	bh_simvfs_free(server->album);
	bh_simvfs_free(server->disk);
	free(server);
}

/* ---- Driving ---- */

static int64_t tick_after_ms(struct bh_simserver *server)
{
	struct bh_now now = bh_simserver_now(server);
	struct bh_writer_counts counts;
	int64_t wake_ms = bh_writer_wake_mono_ms(server->writer, now) - now.mono_ms;
	int64_t links_ms = bh_simserver_links_wake_mono_ms(server);
	int64_t least_ms = IDLE_TICK_MS;

	if (server->telling.under_way)
		return TOLD_TICK_MS;
	bh_writer_counts(server->writer, &counts);
	if (links_ms != INT64_MAX)
		least_ms = BUSY_TICK_MS;
	else if (counts.next_dispatch_due_ms != 0)
		least_ms = WATCH_TICK_MS;
	if (wake_ms < least_ms)
		wake_ms = least_ms; /* a heartbeat that nobody waits for may be late */
	if (links_ms != INT64_MAX && links_ms - now.mono_ms < wake_ms)
		wake_ms = links_ms - now.mono_ms;
	return wake_ms > 1 ? wake_ms : 1;
}

void bh_simserver_settle(struct bh_simserver *server)
{
	int64_t now_ms = bh_simrun_now(server->run);

	if (bh_simserver_has_died(server))
		return;
	bh_simserver_gather(server);
	bh_simserver_flush(server);
	bh_simserver_blobs_take(server);
	if (bh_simserver_has_died(server))
		return;
	int64_t at_ms = now_ms + tick_after_ms(server);
	if (at_ms >= server->tick_at_ms && server->tick_at_ms > now_ms)
		return;
	server->tick_at_ms = at_ms;
	server->tick_gen++;
	bh_simrun_after(
		server->run, at_ms - now_ms, BH_SIMKIND_SERVER_TICK, 0, 0, server->tick_gen);
}

void bh_simserver_event(struct bh_simserver *server, const struct bh_simevent *event)
{
	if (event->kind == BH_SIMKIND_SERVER_UP) {
		if (!server->up && event->c == server->life)
			start(server);
		return;
	}
	if (!server->up)
		return;
	if (event->kind == BH_SIMKIND_SERVER_TICK && event->c == server->tick_gen) {
		server->tick_at_ms = INT64_MAX;
		bh_simserver_tick(server);
	} else if (event->kind == BH_SIMKIND_SERVER_RUN && event->c == server->life) {
		server->run_planned = false;
		bh_simserver_group(server);
	} else if (event->kind == BH_SIMKIND_SERVER_TELL && event->c == server->life) {
		bh_simserver_tell(server);
	} else if (event->kind == BH_SIMKIND_SERVER_BLOB && event->c == server->life) {
		bh_simserver_blob(server);
	} else if (event->kind == BH_SIMKIND_SERVER_CARGO && event->c == server->life) {
		bh_simserver_cargo(server);
	}
}

/* ---- Asked by others ---- */

bool bh_simserver_is_up(const struct bh_simserver *server)
{
	return server->up;
}

void bh_simserver_clock(struct bh_simserver *server, int64_t skew_ms)
{
	struct bh_simrun *run = server->run;
	int64_t step_ms = skew_ms - server->skew_ms;

	server->skew_ms = skew_ms;
	run->tally.server_clock_steps += step_ms != 0;
	run->tally.server_clock_years += step_ms > 365 * BH_SIM_DAY || step_ms < -365 * BH_SIM_DAY;
	bh_simjudge_time_anew(run->judge);
	bh_simtrace_say(&run->trace, bh_simrun_now(run), "server: its clock is set by %lld s",
		(long long)(step_ms / 1000));
}

int64_t bh_simserver_skew(const struct bh_simserver *server)
{
	return server->skew_ms;
}

bool bh_simserver_clock_is_doubted(struct bh_simserver *server)
{
	return server->up && (bh_simserver_time(server), server->alarmed);
}

void bh_simserver_hand_over_slowly(struct bh_simserver *server, int64_t ms)
{
	server->hand_over_ms = ms;
}

void bh_simserver_slow(struct bh_simserver *server, int64_t ms)
{
	server->slow_ms = ms;
}

struct bh_simvfs *bh_simserver_disk(struct bh_simserver *server)
{
	return server->disk;
}

int64_t bh_simserver_district_ms(struct bh_simserver *server)
{
	return server->up ? bh_simserver_time(server) : 0;
}

bool bh_simserver_queue_is_empty(struct bh_simserver *server)
{
	struct bh_writer_counts counts;

	if (!server->up)
		return false;
	bh_writer_counts(server->writer, &counts);
	return counts.next_dispatch_due_ms == 0;
}

struct bh_store_reader *bh_simserver_reader(struct bh_simserver *server)
{
	return server->witness;
}
