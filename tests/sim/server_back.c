/* Backups of the simulated district, and the way back.
 *
 *   begin ──▶ (a slice after each group and tick) ──▶ copied ──▶ to another disk, with the photos
 *     it calls stored
 *   back  ──▶ the process ends ──▶ what it had committed is kept ──▶ the backup's files, in one of
 *     three what segments have beyond it (server_ship.c), verified, a new epoch ──▶ numbers
 * skipped, where no old district vouches for them ──▶ started
 *
 * bh_store_restore works on the system's files and folders, which this disk has none of: its steps
 * are done here with the functions it is made of, and with the same outcome.  Disks are healed
 * first: nobody restores onto one that fails. */
#include <string.h>

#include "proto/err.h"
#include "proto/hash.h"
#include "server/store/db.h"
#include "server/store/kept_apply.h"
#include "server/store/restore.h"
#include "tests/sim/desk.h"
#include "tests/sim/judge.h"
#include "tests/sim/phone.h"
#include "tests/sim/server_state.h"

#define PLACE_VFS 3u
#define ALBUM_VFS 4u
#define COPY_PATH "/backup/district.db"
#define COPY_PAGES_A_TURN 24
#define FOLDER "/district/"
#define AGE_MS_MIN (20 * BH_SIM_MINUTE) /* what came since is to come again */
#define BACK_MS_MIN 1000
#define BACK_MS_MAX (40 * BH_SIM_MINUTE)

static struct bh_store_options options_of(struct bh_simserver *server, struct bh_simvfs *disk)
{
	return (struct bh_store_options){.path = BH_SIMSERVER_PATH,
		.vfs = bh_simvfs_name(disk),
		.rng = bh_simrng_source(&server->chance),
		.boot = server->boot};
}

/* ---- A backup ---- */

void bh_simserver_backup(struct bh_simserver *server)
{
	if (!server->up || server->copying)
		return;
	sqlite3_vfs *vfs = sqlite3_vfs_find(bh_simvfs_name(server->disk));
	(void)vfs->xDelete(vfs, COPY_PATH, 0); /* one that was cut short */
	int err = bh_writer_copy_begin(server->writer, COPY_PATH);
	if (!bh_simserver_has_died(server))
		server->copying = err == BH_NOERR;
}

/* Stored ones are never taken away, so what the copy calls stored is there. */
static void photos_take(struct bh_simserver *server)
{
	struct bh_db db = {0};
	uint8_t hash[BH_HASH_BYTES];
	bool row = false;

	bh_assert(bh_db_open(&db, BH_DB_ALONE, BH_SIMSERVER_PATH, bh_simvfs_name(server->place),
			  NULL) == 0);
	sqlite3_stmt *s = bh_sql(&db, BH_SQL_BLOB_STORED);
	bh_assert(bh_row_next(s, &row) == 0);
	while (row) {
		char path[BH_SIMVFS_PATH_BYTES_MAX];
		const uint8_t *bytes = NULL;
		size_t len = 0;
		bh_assert(bh_column_exact(s, 0, hash, sizeof(hash)) == 0);
		bh_assert(bh_blob_path(BH_SIMSERVER_PATH, hash, path, sizeof(path)) == 0);
		if (bh_simvfs_file_image(server->disk, path, &bytes, &len) != 0)
			bh_simrun_fail(
				server->run, "I11", "a backup lacks %s, which is stored", path);
		bh_assert(bh_simvfs_file_put(server->place, path, bytes, len) == 0);
		bh_assert(bh_row_next(s, &row) == 0);
	}
	bh_row_end(s);
	bh_db_close(&db);
}

static void copy_take(struct bh_simserver *server)
{
	struct bh_simvfs_config config = {.number = PLACE_VFS, .seed = server->run->seed};
	const uint8_t *bytes = NULL;
	size_t len = 0;

	if (server->place == NULL)
		bh_assert(bh_simvfs_create(&config, &server->place) == 0);
	bh_assert(bh_simvfs_file_image(server->disk, COPY_PATH, &bytes, &len) == 0);
	bh_simvfs_sweep(server->place, "/", NULL, NULL);
	bh_assert(bh_simvfs_file_put(server->place, BH_SIMSERVER_PATH, bytes, len) == 0);
	photos_take(server);
	server->backed_up = true;
	server->backed_up_at_ms = bh_simrun_now(server->run);
	server->run->tally.server_backups++;
	bh_simserver_ship(server);
	bh_simtrace_say(
		&server->run->trace, bh_simrun_now(server->run), "server: a backup is made");
}

void bh_simserver_copy_on(struct bh_simserver *server)
{
	bool done = false;

	if (!server->copying)
		return;
	int err = bh_writer_copy_step(server->writer, COPY_PAGES_A_TURN, &done);
	if (bh_simserver_has_died(server))
		return;
	server->copying = err == BH_NOERR && !done;
	if (done)
		copy_take(server);
}

/* ---- The way back ---- */

/* Photos of the old folder are carried over, whole ones alone. */
static bool photo_stays(void *context, const char *path, const uint8_t *data, size_t len)
{
	struct bh_simserver *server = context;
	char whole[BH_SIMVFS_PATH_BYTES_MAX];
	const struct bh_span part = bh_span(data, len);
	uint8_t hash[BH_HASH_BYTES];

	bh_hash_parts(server->hasher, &part, 1, hash);
	return bh_blob_path(BH_SIMSERVER_PATH, hash, whole, sizeof(whole)) == 0 &&
	       strcmp(path, whole) == 0;
}

/* Its disk is lost: only what was shipped is left of them. */
static bool photo_goes(void *context, const char *path, const uint8_t *data, size_t len)
{
	struct bh_simserver *server = context;
	struct bh_simvfs_config config = {.number = ALBUM_VFS, .seed = server->run->seed};

	if (!photo_stays(context, path, data, len))
		return false;
	if (server->album == NULL)
		bh_assert(bh_simvfs_create(&config, &server->album) == 0);
	bh_assert(bh_simvfs_file_put(server->album, path, data, len) == 0);
	return false;
}

static bool file_puts(void *context, const char *path, const uint8_t *data, size_t len)
{
	struct bh_simserver *server = context;

	bh_assert(bh_simvfs_file_put(server->disk, path, data, len) == 0);
	return true;
}

/* What it had committed and not yet kept. */
static void old_keep(struct bh_simserver *server)
{
	struct bh_store_options options = options_of(server, server->disk);
	struct bh_writer *writer = NULL;

	options.kept_path = BH_SIMSERVER_KEPT;
	bh_assert(bh_writer_open(&options, bh_simserver_now(server), &writer, NULL) == 0);
	bh_writer_close(writer);
}

static int line_passed(void *context, const struct bh_kept_line *line)
{
	(void)context;
	(void)line;
	return BH_NOERR;
}

static void kept_read(struct bh_simserver *server, struct bh_kept *kept)
{
	struct bh_kept_fault fault;

	bh_assert(bh_kept_open(kept, BH_SIMSERVER_KEPT, bh_simvfs_name(server->disk),
			  BH_SIM_DISTRICT, server->hasher) == 0);
	if (bh_kept_read(kept, line_passed, NULL, &fault) != 0)
		bh_simrun_fail(server->run, "I16", "the kept file does not hold: line %u: %s",
			fault.line, fault.what);
}

static void epoch_begin(struct bh_simserver *server, uint64_t kept_epoch)
{
	struct bh_store_options options = options_of(server, server->disk);
	struct bh_writer *writer = NULL;
	struct bh_store_reader *reader = NULL;
	struct bh_district district;

	bh_assert(bh_writer_open(&options, bh_simserver_now(server), &writer, NULL) == 0);
	bh_assert(bh_reader_open(&options, &reader) == 0);
	bh_assert(bh_reader_district(reader, &district) == 0);
	bh_reader_close(reader);
	uint64_t epoch = kept_epoch > district.epoch ? kept_epoch : district.epoch;
	if (bh_writer_restored(writer, bh_simserver_now(server), epoch + 1) != 0)
		bh_simrun_fail(server->run, "I16", "epoch %llu does not begin",
			(unsigned long long)epoch + 1);
	bh_writer_close(writer);
}

/* As bh_store_kept_floor does where the old district is lost. */
static void numbers_skip(struct bh_kept *kept)
{
	const struct bh_kept_line taken = {.kind = BH_KEPT_FLOOR,
		.device = kept->device_last + BH_RESTORE_NUMBERS_SKIPPED,
		.log_short = kept->log_last + BH_RESTORE_NUMBERS_SKIPPED};

	bh_assert(bh_kept_settle(kept) == 0 && bh_kept_note(kept, &taken) == 0 &&
		  bh_kept_flush(kept) == 0);
}

static void put_back(struct bh_simserver *server, bool lost, bool segments)
{
	struct bh_kept kept = {0};
	struct bh_store_options options = options_of(server, server->disk);

	bh_simvfs_stop_at(server->disk, 0);
	bh_simvfs_heal(server->disk);
	if (!lost)
		old_keep(server);
	kept_read(server, &kept);
	bh_simvfs_sweep(server->disk, FOLDER, lost && !segments ? photo_goes : photo_stays, server);
	if (segments && server->album)
		bh_simvfs_sweep(server->album, "/", file_puts, server);
	bh_simvfs_sweep(server->place, "/", file_puts, server);
	bh_simserver_ship_back(server, &options, segments);
	if (lost)
		bh_simserver_cargo_lose(server);
	epoch_begin(server, kept.epoch);
	if (lost)
		numbers_skip(&kept);
	bh_kept_close(&kept);
}

/* Once in a run somebody tries to have been earlier. */
static void somebody_forges(struct bh_simrun *run)
{
	struct bh_simphone *phone = run->phones[bh_simrng_below(&run->rng, run->phones_count)];

	if (run->tally.forgers == 0 && bh_simphone_device(phone) != 0 &&
		!bh_simphone_is_doomed(phone))
		bh_simphone_forge(phone);
}

/* What desks ask for is committed and maybe shipped, and the process ends before anybody is told:
 * they ask again, under the same keys, what was put back.  False: it ended by itself. */
static bool answers_lose(struct bh_simserver *server)
{
	if (server->telling.under_way)
		return true;
	bh_simdesk_ask_all(server->run->desk);
	if (server->jobs_count > 0)
		bh_simserver_group(server);
	return server->up && bh_simjudge_may_go_back(server->run->judge);
}

bool bh_simserver_back(struct bh_simserver *server)
{
	struct bh_simrun *run = server->run;
	bool lost = bh_simrng_chance(&server->rng, 300000) &&
		    run->tally.server_numbers_skipped < BH_SIMSERVER_LOST_MAX;

	if (!server->up || !server->backed_up ||
		bh_simrun_now(run) - server->backed_up_at_ms < AGE_MS_MIN ||
		!bh_simjudge_may_go_back(run->judge))
		return false;
	bool segments = bh_simserver_ship_chosen(server);
	if (segments && !answers_lose(server))
		return false;
	if (segments)
		bh_simserver_ship(server);
	bh_simserver_down(server, bh_simrng_chance(&server->rng, 500000),
		bh_simrng_tail(&server->rng, BACK_MS_MIN, BACK_MS_MAX));
	put_back(server, lost, segments);
	run->tally.server_restores++;
	run->tally.server_restores_plain += !segments;
	run->tally.server_numbers_skipped += lost;
	bh_simtrace_say(&run->trace, bh_simrun_now(run), "server: its backup is put back%s%s",
		segments ? " and goes on by its segments" : "",
		lost ? ", and the old district is lost" : "");
	bh_simjudge_put_back(run->judge);
	if (!run->calm)
		somebody_forges(run);
	bh_simdesk_profile(run->desk); /* the one in force may be older now */
	return true;
}
