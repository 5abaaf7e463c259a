/* A handset's life: switched on, its file opened, its engine driven by time; switched off, killed,
 * or without power at any moment, and on again.
 *
 *   on ──▶ bh_local_open ──▶ bh_engine_open ──▶ events ──▶ (the disk stops) ──▶ off ──▶ on ...
 *             │ fails: once more in a while
 *
 * A stop armed inside SQLite shows itself after the call in which it struck; then everything the
 * process had is closed over dead handles, and only the disk is left. */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "client-lib/local_cargo.h"
#include "proto/err.h"
#include "tests/sim/judge.h"
#include "tests/sim/phone_state.h"

#define FIRST_VFS 100u
#define FIRST_BACKUP_VFS 500u
#define PIN_COST 4 /* a guess costs nothing here: how often one is tried counts */
#define BACK_MS_MIN 2000
#define BACK_MS_MAX 600000
#define WAKES_MS (10 * BH_SIM_MINUTE)
#define WAKES_MAX 1000u
#define YEAR_2010_MS INT64_C(1262304000000)

struct bh_now bh_simphone_now(const struct bh_simphone *phone)
{
	int64_t now_ms = bh_simrun_now(phone->run);
	int64_t mono_ms = now_ms - phone->boot_at_ms;
	int64_t fast_ms = now_ms / 1000 * phone->options.drift_ppm / 1000;

	return (struct bh_now){.wall_ms = BH_SIM_EPOCH_MS + now_ms + phone->skew_ms + fast_ms,
		.mono_ms = 1000 + mono_ms + mono_ms / 1000 * phone->options.drift_ppm / 1000};
}

/* Some systems have none. */
uint64_t bh_simphone_boot_name(const struct bh_simphone *phone)
{
	return phone->index % 5 == 4 ? 0 : (uint64_t)phone->index << 32 | (phone->boots + 1);
}

/* ---- The process ---- */

static void process_end(struct bh_simphone *phone)
{
	bh_engine_close(phone->engine);
	bh_local_close(phone->local);
	phone->engine = NULL;
	phone->local = NULL;
	phone->conn = 0;
	phone->linked = false;
	phone->up = false;
	phone->enrolled = false;
	phone->recorder = 0;
	phone->is_unlocked = false;
	phone->life++;
	phone->wake_gen++;
	phone->wake_at_ms = INT64_MAX;
}

static void reboot(struct bh_simphone *phone)
{
	phone->boot_at_ms = bh_simrun_now(phone->run);
	phone->boots++;
	phone->run->tally.phone_reboots++;
}

void bh_simphone_down(struct bh_simphone *phone, bool power, int64_t back_after_ms)
{
	struct bh_simrun *run = phone->run;

	if (!phone->up)
		return;
	bh_simtrace_say(&run->trace, bh_simrun_now(run), "handset %u: %s", phone->index,
		power ? "the battery falls out" : "its application is killed");
	bh_simnet_host_down(run->net, bh_simphone_host(phone), power);
	if (power)
		bh_simvfs_crash(phone->disk);
	else
		bh_simvfs_kill(phone->disk);
	run->tally.phone_power_cuts += power;
	run->tally.phone_kills += !power;
	process_end(phone);
	if (power)
		reboot(phone);
	bh_simrun_after(run, back_after_ms, BH_SIMKIND_PHONE_UP, phone->index, 0, phone->life);
}

bool bh_simphone_has_died(struct bh_simphone *phone)
{
	if (!phone->up)
		return true;
	if (!bh_simvfs_is_stopped(phone->disk))
		return false;
	phone->run->tally.phone_stops++;
	bh_simphone_down(phone, bh_simrng_chance(&phone->rng, 850000),
		bh_simrng_tail(&phone->rng, BACK_MS_MIN, BACK_MS_MAX));
	return true;
}

static void again_later(struct bh_simphone *phone, const char *what, int rc)
{
	struct bh_simrun *run = phone->run;

	if (rc == BH_ERR_CORRUPT && !bh_simvfs_is_stopped(phone->disk) && run->healing)
		bh_simrun_fail(run, "I1", "handset %u cannot open its own file: %s", phone->index,
			bh_err_name(rc));
	bh_simtrace_say(&run->trace, bh_simrun_now(run), "handset %u: %s: %s", phone->index, what,
		bh_err_name(rc));
	bh_simvfs_kill(phone->disk);
	process_end(phone);
	bh_simrun_after(run, bh_simrng_tail(&phone->rng, BACK_MS_MIN, BACK_MS_MAX),
		BH_SIMKIND_PHONE_UP, phone->index, 0, phone->life);
}

/* Whatever was promised before the process ended is there (I1, I3). */
static void look_back(struct bh_simphone *phone)
{
	const struct bh_simtruth *truth = &phone->run->truth;
	uint8_t link[BH_HASH_BYTES];
	struct bh_log log;

	if (bh_local_log(phone->local, &log) != 0)
		return;
	for (size_t i = truth->count; i-- > 0;) {
		const struct bh_simop *op = &truth->ops[i];
		if (op->phone != phone->index || op->fate != BH_SIMOP_RECORDED ||
			memcmp(op->log_id, log.log_id, BH_LOG_ID_BYTES) != 0)
			continue;
		if (op->seq > log.head_seq)
			bh_simrun_fail(phone->run, "I3",
				"handset %u was told that op %llu is recorded, and holds %llu",
				phone->index, (unsigned long long)op->seq,
				(unsigned long long)log.head_seq);
		if (bh_local_link(phone->local, op->seq, link) == 0 &&
			memcmp(link, op->link, BH_HASH_BYTES) != 0)
			bh_simrun_fail(phone->run, "I3", "handset %u holds another op %llu",
				phone->index, (unsigned long long)op->seq);
		return; /* the newest of this log: links chain the rest */
	}
}

const uint8_t bh_simphone_key[BH_SEAL_KEY_BYTES] = {0x5e, 0xa1};

/* Every third handset has a key: half of them from their second start on, and so become sealed. */
static const uint8_t *key_of(const struct bh_simphone *phone)
{
	return phone->sort % 3 == 2 && phone->starts > phone->sort % 2 ? bh_simphone_key : NULL;
}

bool bh_simphone_start(struct bh_simphone *phone)
{
	phone->starts++;
	const struct bh_local_options file = {.path = BH_SIMPHONE_PATH,
		.vfs = bh_simvfs_name(phone->disk),
		.rng = bh_simrng_source(&phone->chance),
		.boot = bh_simphone_boot_name(phone),
		.app_key = key_of(phone),
		.pin_cost = PIN_COST};
	struct bh_engine_options options = {.rng = bh_simrng_source(&phone->chance),
		.app_version = "sim",
		.stay_connected = phone->options.stay,
		.signs_outside = phone->key != NULL};

	bh_simnet_host_up(phone->run->net, bh_simphone_host(phone));
	phone->up = true;
	int rc = bh_local_open(&file, &phone->local);
	options.local = phone->local;
	if (rc == 0)
		rc = bh_engine_open(&options, bh_simphone_now(phone), &phone->engine);
	if (bh_simphone_has_died(phone))
		return false;
	if (rc != 0) {
		again_later(phone, "its file does not open", rc);
		return false;
	}
	/* No fault of these disks damages a file: what is put aside was damaged by us. */
	if (bh_local_aside(phone->local) != 0)
		bh_simrun_fail(phone->run, "I1", "handset %u puts its file aside", phone->index);
	look_back(phone);
	bh_simjudge_phone_photos(phone->run->judge, phone);
	if (phone->pocketed)
		bh_engine_set_suspended(phone->engine, bh_simphone_now(phone), true);
	if (phone->was_asked)
		bh_simphone_enrol(phone, phone->asked);
	bh_simphone_settle(phone);
	if (phone->up && !phone->run->calm)
		bh_simjudge_phone(phone->run->judge, phone);
	return phone->up;
}

/* ---- Making and freeing ---- */

static struct bh_simvfs *disk_make(struct bh_simphone *phone, uint32_t number)
{
	struct bh_simvfs_config config = {
		.number = number, .seed = bh_simrng_fork(&phone->run->rng, "disk", number).seed};
	struct bh_simvfs *disk = NULL;

	bh_assert(bh_simvfs_create(&config, &disk) == 0);
	return disk;
}

static struct bh_simphone *phone_new(
	struct bh_simrun *run, const struct bh_simphone_options *options)
{
	struct bh_simphone *phone = calloc(1, sizeof(*phone));

	bh_assert(phone != NULL && run->phones_count < BH_SIM_PHONES_MAX);
	phone->run = run;
	phone->options = *options;
	phone->index = run->phones_count;
	phone->sort = phone->index;
	phone->rng = bh_simrng_fork(&run->rng, "user", phone->index);
	phone->chance = bh_simrng_fork(&run->rng, "handset", phone->index);
	phone->eye = bh_simrng_fork(&run->rng, "photos", phone->index);
	phone->hands = bh_simrng_fork(&run->rng, "hands", phone->index);
	phone->boot_at_ms = bh_simrun_now(run);
	phone->skew_ms = options->skew_ms;
	phone->wake_at_ms = INT64_MAX;
	phone->set_at_ms = INT64_MIN;
	phone->went_back_at_ms = INT64_MIN;
	phone->leapt_at_ms = INT64_MIN;
	phone->arena = BH_ARENA(BH_SIMPHONE_ARENA_BYTES);
	phone->disk = disk_make(phone, FIRST_VFS + phone->index);
	run->phones[run->phones_count++] = phone;
	return phone;
}

struct bh_simphone *bh_simphone_make(
	struct bh_simrun *run, const struct bh_simphone_options *options)
{
	struct bh_simphone *phone = phone_new(run, options);

	bh_simphone_key_make(phone, NULL);
	bh_assert(bh_simphone_start(phone));
	return phone;
}

struct bh_simphone *bh_simphone_clone(struct bh_simphone *phone)
{
	struct bh_simphone *clone = phone_new(phone->run, &phone->options);

	bh_assert(bh_simvfs_disk_copy(clone->disk, phone->disk, "") == 0);
	clone->skew_ms = phone->skew_ms;
	bh_simphone_key_make(clone, phone->key);
	clone->sort = phone->sort;
	clone->starts = phone->starts;
	phone->cloned = clone->cloned = true;
	phone->run->tally.clones++;
	bh_simphone_doom(phone);
	bh_simphone_doom(clone);
	bh_simtrace_say(&phone->run->trace, bh_simrun_now(phone->run),
		"handset %u: is a copy of handset %u", clone->index, phone->index);
	bh_simphone_start(clone);
	return clone;
}

void bh_simphone_free(struct bh_simphone *phone)
{
	if (phone == NULL)
		return;
	bh_engine_close(phone->engine);
	bh_local_close(phone->local);
	bh_key_free(phone->key);
	bh_arena_free(&phone->arena);
	bh_simvfs_free(phone->backup);
	bh_simvfs_free(phone->disk);
	free(phone);
}

/* ---- Faults ---- */

void bh_simphone_clock(struct bh_simphone *phone, int64_t step_ms)
{
	struct bh_simrun *run = phone->run;

	phone->skew_ms += step_ms;
	phone->set_at_ms = bh_simrun_now(run);
	if (step_ms > BH_CARGO_AGE_MS_MAX / 2)
		phone->leapt_at_ms = phone->set_at_ms;
	if (bh_simphone_now(phone).wall_ms < YEAR_2010_MS) /* no handset shows less */
		phone->skew_ms += YEAR_2010_MS - bh_simphone_now(phone).wall_ms;
	run->tally.phone_clock_steps++;
	run->tally.phone_clock_years += step_ms > 365 * BH_SIM_DAY || step_ms < -365 * BH_SIM_DAY;
	bh_simtrace_say(&run->trace, bh_simrun_now(run), "handset %u: its clock is set by %lld s",
		phone->index, (long long)(step_ms / 1000));
}

void bh_simphone_backup(struct bh_simphone *phone)
{
	if (phone->backup == NULL)
		phone->backup = disk_make(phone, FIRST_BACKUP_VFS + phone->index);
	bh_assert(bh_simvfs_disk_copy(phone->backup, phone->disk, "") == 0);
	phone->backup_ops = phone->run->truth.count;
	phone->has_backup = true;
	phone->backup_has_log = bh_simphone_log(phone, &phone->backup_log);
	bh_simtrace_say(&phone->run->trace, bh_simrun_now(phone->run),
		"handset %u: a backup is taken", phone->index);
}

/* What nobody else had seen of the ops since is gone with the handset's own memory of them. */
static void undo(struct bh_simphone *phone)
{
	struct bh_simtruth *truth = &phone->run->truth;

	for (size_t i = phone->backup_ops; i < truth->count; i++) {
		struct bh_simop *op = &truth->ops[i];
		if (op->phone == phone->index && op->fate == BH_SIMOP_RECORDED)
			op->fate = BH_SIMOP_UNDONE;
	}
	for (size_t i = 0; i < phone->run->album.count; i++) {
		struct bh_simphoto *photo = &phone->run->album.photos[i];
		if (photo->phone != phone->index)
			continue;
		photo->undone |= photo->op >= phone->backup_ops;
		photo->had |= photo->came; /* it may have been let go of when that was taken */
	}
}

bool bh_simphone_restore(struct bh_simphone *phone)
{
	struct bh_simrun *run = phone->run;

	const uint8_t *log_id = phone->backup_has_log ? phone->backup_log.log_id : NULL;
	if (!phone->has_backup ||
		!bh_simjudge_phone_may_go_back(run->judge, log_id, phone->backup_log.head_seq))
		return false;
	if (phone->up)
		bh_simphone_down(phone, false, BACK_MS_MIN);
	undo(phone);
	bh_simstick_lose(&run->sticks[phone->index]);
	bh_assert(bh_simvfs_disk_copy(phone->disk, phone->backup, "") == 0);
	phone->has_backup = false;
	bh_assert(phone->went_back_count < BH_SIMPHONE_BACK_MAX);
	if (log_id != NULL)
		phone->went_back[phone->went_back_count++] = phone->backup_log;
	phone->went_back_at_ms = bh_simrun_now(run);
	bh_simjudge_log_forget(run->judge, phone->index, log_id, phone->backup_log.head_seq);
	run->tally.backups_restored++;
	bh_simtrace_say(&run->trace, bh_simrun_now(run), "handset %u: the old backup is put back",
		phone->index);
	return true;
}

void bh_simphone_forge(struct bh_simphone *phone)
{
	sqlite3 *db = NULL;

	bh_simphone_down(phone, false, BACK_MS_MIN);
	bh_simvfs_heal(phone->disk);
	phone->forges = sqlite3_open_v2(BH_SIMPHONE_PATH, &db, SQLITE_OPEN_READWRITE,
				bh_simvfs_name(phone->disk)) == SQLITE_OK &&
			sqlite3_exec(db, "UPDATE ack SET received_ms = received_ms - 7200000", NULL,
				NULL, NULL) == SQLITE_OK;
	bh_assert(sqlite3_close(db) == SQLITE_OK && phone->forges);
	bh_simvfs_kill(phone->disk);
	phone->run->tally.forgers++;
	bh_simtrace_say(&phone->run->trace, bh_simrun_now(phone->run),
		"handset %u: its receipts are forged", phone->index);
}

/* ---- Events ---- */

/* Who waits sleeps: an engine that wants to be woken at once, again and again, empties a battery.
 */
static void wake_count(struct bh_simphone *phone)
{
	int64_t now_ms = bh_simrun_now(phone->run);

	if (now_ms - phone->wakes_since_ms > WAKES_MS) {
		phone->wakes_since_ms = now_ms;
		phone->wakes = 0;
	}
	if (++phone->wakes > WAKES_MAX)
		bh_simrun_fail(phone->run, "C11", "handset %u does not sleep: %s", phone->index,
			bh_simphone_cause(phone));
}

void bh_simphone_event(struct bh_simphone *phone, const struct bh_simevent *event)
{
	if (event->kind == BH_SIMKIND_PHONE_UP) {
		if (!phone->up && event->c == phone->life) {
			if (bh_simphone_start(phone))
				bh_simtrace_say(&phone->run->trace, bh_simrun_now(phone->run),
					"handset %u: is on again", phone->index);
		}
		return;
	}
	if (!phone->up)
		return;
	if (event->kind == BH_SIMKIND_PHONE_WAKE && event->c == phone->wake_gen) {
		phone->wake_at_ms = INT64_MAX;
		wake_count(phone);
		bh_engine_tick(phone->engine, bh_simphone_now(phone));
		bh_simphone_settle(phone);
	}
}
