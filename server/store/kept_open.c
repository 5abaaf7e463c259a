/* At a writer's opening: the file is read, the district brought up to it, and it up to the
 * district. Only then is anybody answered. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "server/store/kept_apply.h"
#include "server/store/kept_keys.h"
#include "server/store/pins.h"
#include "server/store/restore_part.h"
#include "server/store/text_purge.h"

/* Ids the file has lines of. */
struct set {
	uint8_t *bits;
	size_t bytes;
};

struct known {
	struct set devices, logs, revoked, suspended;
	struct bh_kept_erased erased, held;
	struct bh_kept_keys keys;
	struct bh_store_pins pins; /* the last; zeroes: none */
	int64_t purged_ms;
};

static int set_add(struct set *set, uint32_t id)
{
	size_t byte = id / 8;

	if (byte >= set->bytes) {
		size_t bytes = 2 * byte + 64;
		uint8_t *grown = realloc(set->bits, bytes);
		if (!grown)
			return BH_ERR_NOMEM;
		memset(grown + set->bytes, 0, bytes - set->bytes);
		set->bits = grown;
		set->bytes = bytes;
	}
	set->bits[byte] |= (uint8_t)(1u << id % 8);
	return BH_NOERR;
}

static bool set_has(const struct set *set, uint32_t id)
{
	return id / 8 < set->bytes && (set->bits[id / 8] >> id % 8 & 1) != 0;
}

static void known_free(struct known *known)
{
	free(known->devices.bits);
	free(known->logs.bits);
	free(known->revoked.bits);
	free(known->suspended.bits);
	bh_kept_keys_free(&known->keys);
	bh_kept_erased_free(&known->erased);
	bh_kept_erased_free(&known->held);
}

static int line_known(void *context, const struct bh_kept_line *line)
{
	struct known *known = context;
	int err = BH_NOERR;

	if (line->kind == BH_KEPT_DEVICE)
		err = set_add(&known->devices, line->device);
	if (!err && (line->kind == BH_KEPT_DEVICE || line->kind == BH_KEPT_LOG))
		err = set_add(&known->logs, line->log_short);
	if (line->kind == BH_KEPT_REVOKED)
		err = set_add(&known->revoked, line->device);
	if (line->kind == BH_KEPT_SUSPENDED)
		err = set_add(&known->suspended, line->device);
	if (line->kind == BH_KEPT_PINS)
		known->pins = line->pins;
	if (line->kind == BH_KEPT_PURGED && line->before_ms > known->purged_ms)
		known->purged_ms = line->before_ms;
	if (!err && line->kind == BH_KEPT_ERASED)
		err = bh_kept_erased_add(&known->erased, line);
	if (!err && line->kind == BH_KEPT_HELD)
		err = bh_kept_erased_add(&known->held, line);
	return err ? err : bh_kept_keys_add(&known->keys, line);
}

/* ---- What the district has and the file lacks ---- */

static int device_read(struct bh_writer *w, sqlite3_stmt *s, struct bh_kept_line *line)
{
	*line = (struct bh_kept_line){.kind = BH_KEPT_DEVICE,
		.device = bh_column_u32(s, 0),
		.person = bh_column_u32(s, 1),
		.log_short = bh_column_u32(s, 4),
		.has_code = bh_column_span(s, 6).len > 0};
	int err = bh_column_exact(s, 3, line->key, BH_PUBLIC_KEY_BYTES);
	if (!err)
		err = bh_column_exact(s, 5, line->log_id, BH_LOG_ID_BYTES);
	if (!err && line->has_code)
		err = bh_column_exact(s, 6, line->code_hash, BH_HASH_BYTES);
	bh_kept_person(line, bh_rules_person(w->rules, line->person));
	return err;
}

/* The file has the device, with a key that it holds no more. */
static int key_keep(struct bh_writer *w, const struct known *known, struct bh_kept_line line)
{
	const uint8_t *last = bh_kept_keys_of(&known->keys, line.device);

	if (!last || memcmp(last, line.key, BH_PUBLIC_KEY_BYTES) == 0)
		return BH_NOERR;
	line.kind = BH_KEPT_ROTATED;
	memcpy(line.replaces, last, BH_PUBLIC_KEY_BYTES);
	return bh_kept_note(&w->kept, &line);
}

static int devices_keep(struct bh_writer *w, struct known *known)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_KEPT_DEVICES);
	struct bh_kept_line line;
	bool row = false;
	int err = bh_row_next(s, &row);

	while (!err && row) {
		enum bh_device_state state = (enum bh_device_state)bh_column(s, 2);
		bool revoked = state == BH_DEVICE_REVOKED, suspended = state == BH_DEVICE_SUSPENDED;
		err = device_read(w, s, &line);
		if (!err && !set_has(&known->devices, line.device))
			err = bh_kept_note(&w->kept, &line);
		else if (!err)
			err = key_keep(w, known, line);
		if (!err)
			err = set_add(&known->logs, line.log_short);
		line.kind = revoked ? BH_KEPT_REVOKED : BH_KEPT_SUSPENDED;
		if (!err && ((revoked && !set_has(&known->revoked, line.device)) ||
				    (suspended && !set_has(&known->suspended, line.device))))
			err = bh_kept_note(&w->kept, &line);
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

static int logs_keep(struct bh_writer *w, struct known *known)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_KEPT_LOGS);
	bool row = false;
	int err = bh_row_next(s, &row);

	while (!err && row) {
		struct bh_kept_line line = {.kind = BH_KEPT_LOG,
			.log_short = bh_column_u32(s, 0),
			.device = bh_column_u32(s, 1),
			.has_from = bh_column_span(s, 3).len > 0};
		err = bh_column_exact(s, 2, line.log_id, BH_LOG_ID_BYTES);
		if (!err && line.has_from)
			err = bh_column_exact(s, 3, line.from, BH_LOG_ID_BYTES);
		if (!err && !set_has(&known->logs, line.log_short))
			err = bh_kept_note(&w->kept, &line);
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

static int district_keep(struct bh_writer *w, struct known *known, const struct bh_store_pins *pins)
{
	struct bh_kept_line line = {.kind = BH_KEPT_EPOCH, .epoch = w->projector.district.epoch};
	int err = w->kept.epoch < line.epoch ? bh_kept_note(&w->kept, &line) : BH_NOERR;

	if (!err && pins)
		err = bh_kept_pins_note(&w->kept, &known->pins, pins);
	if (!err)
		err = devices_keep(w, known);
	if (!err)
		err = logs_keep(w, known);
	if (!err)
		err = bh_kept_erased_keep(w, &known->erased);
	if (!err)
		err = bh_kept_held_keep(w, &known->held);
	if (!err)
		err = bh_kept_purged_keep(w, known->purged_ms);
	return err ? err : bh_kept_flush(&w->kept);
}

/* ---- Both ---- */

/* A district that lacks what the file knows was put back; one that a restore put back has its new
 * epoch already. */
static int district_apply(struct bh_writer *w, struct bh_now now)
{
	uint64_t applied = 0;
	int err = bh_group_begin(w, now);

	if (!err)
		err = bh_kept_apply(w, &applied);
	bool behind = w->kept.epoch > w->projector.district.epoch ||
		      (applied > 0 && w->kept.epoch == w->projector.district.epoch);
	if (!err && behind)
		err = bh_writer_epoch(w, w->kept.epoch + 1);
	if (!err)
		return bh_group_commit(w);
	(void)bh_group_rollback(w);
	return err;
}

int bh_kept_agree(struct bh_writer *w, const struct bh_store_options *options, struct bh_now now,
	const char **detail)
{
	struct known known = {0};
	struct bh_kept_fault fault;
	*detail = "its kept file cannot be opened";
	int err = bh_kept_open(&w->kept, options->kept_path, options->vfs,
		w->projector.district.code, w->projector.hasher);

	if (err || !w->kept.vfs)
		return err;
	if (options->kept_bytes_max)
		w->kept.bytes_max = options->kept_bytes_max;
	err = bh_kept_read(&w->kept, line_known, &known, &fault);
	if (err == BH_ERR_CORRUPT)
		*detail = "its kept file does not hold: put it right from another copy, or move it "
			  "away knowing that revocations may be undone";
	if (err == BH_ERR_NOT_FOUND)
		err = BH_NOERR;
	else if (!err && !(err = bh_store_pins_judge(&known.pins, options->pins, detail)))
		err = district_apply(w, now);
	if (!err)
		*detail = "its kept file cannot be written";
	if (!err)
		err = bh_kept_settle(&w->kept);
	if (!err)
		err = district_keep(w, &known, options->pins);
	known_free(&known);
	return err;
}

int bh_store_kept_fault(
	const struct bh_store_options *options, const char *code, char *text, size_t size)
{
	struct bh_kept kept = {0};
	struct bh_kept_fault fault = {0};
	struct known known = {0};
	struct bh_hasher *hasher = NULL;
	int err = bh_hasher_open(&hasher);

	if (!err)
		err = bh_kept_open(&kept, options->kept_path, options->vfs, code, hasher);
	if (!err && kept.vfs)
		err = bh_kept_read(&kept, line_known, &known, &fault);
	if (err == BH_ERR_CORRUPT)
		(void)snprintf(
			text, size, "%s: line %u: %s", options->kept_path, fault.line, fault.what);
	bh_kept_close(&kept);
	bh_hasher_close(hasher);
	known_free(&known);
	return err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
}

/* ---- For a restore ---- */

int bh_store_kept_epoch(
	const char *path, const char *code, uint64_t *epoch, char *text, size_t size)
{
	struct bh_store_options options = {.kept_path = path};
	struct bh_kept kept = {0};
	struct bh_kept_fault fault = {0};
	struct known known = {0};
	struct bh_hasher *hasher = NULL;
	int err = bh_store_kept_fault(&options, code, text, size);

	if (!err)
		err = bh_hasher_open(&hasher);
	if (!err)
		err = bh_kept_open(&kept, path, NULL, code, hasher);
	if (!err)
		err = bh_kept_read(&kept, line_known, &known, &fault);
	*epoch = kept.epoch;
	bh_kept_close(&kept);
	bh_hasher_close(hasher);
	known_free(&known);
	return err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
}

static int floor_note(struct bh_kept *kept, uint64_t epoch, uint32_t device, uint32_t log_short)
{
	struct bh_kept_line begun = {.kind = BH_KEPT_EPOCH, .epoch = epoch};
	struct bh_kept_line taken = {.kind = BH_KEPT_FLOOR,
		.device = device > kept->device_last ? device : kept->device_last,
		.log_short = log_short > kept->log_last ? log_short : kept->log_last};
	int err = kept->epoch < epoch ? bh_kept_note(kept, &begun) : BH_NOERR;

	taken.device += BH_RESTORE_NUMBERS_SKIPPED;
	taken.log_short += BH_RESTORE_NUMBERS_SKIPPED;
	return err ? err : bh_kept_note(kept, &taken);
}

int bh_store_kept_floor(
	const char *path, const char *code, uint64_t epoch, uint32_t device, uint32_t log_short)
{
	struct bh_kept kept = {0};
	struct bh_kept_fault fault = {0};
	struct known known = {0};
	struct bh_hasher *hasher = NULL;
	int err = bh_hasher_open(&hasher);

	if (!err)
		err = bh_kept_open(&kept, path, NULL, code, hasher);
	if (!err)
		err = bh_kept_read(&kept, line_known, &known, &fault);
	if (!err)
		err = bh_kept_settle(&kept);
	if (!err || err == BH_ERR_NOT_FOUND)
		err = floor_note(&kept, epoch, device, log_short);
	if (!err)
		err = bh_kept_flush(&kept);
	bh_kept_close(&kept);
	bh_hasher_close(hasher);
	known_free(&known);
	return err;
}
