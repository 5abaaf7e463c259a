/* A ship's steps.
 *
 *   resume ──▶ journal is longer? ──▶ a block: appended and synced ──▶ ...
 *     ▲            │ no
 *     │            ├──▶ the file is large or old: ended
 *     │            └──▶ a photo that the folder lacks
 *     └── anything failed: the file is let go of; what was synced is found again
 *
 * Text goes first: a photo is begun only when no entry waits.  A new epoch begins a new file. */
#include "server/store/segment_ship.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "server/store/folder.h"
#include "server/store/segment_ship_part.h"

#define ARENA_BYTES (256u << 20) /* one entry at a time: a profile */
#define MEASURED_A_STEP 2000u
#define ENTRY_FIXED_BYTES 200u

/* ---- Opening ---- */

static int paths_set(struct bh_ship *ship, const struct bh_ship_options *options)
{
	int err = bh_path_join(ship->db_path, sizeof(ship->db_path), options->store->path, NULL);

	(void)snprintf(ship->code, sizeof(ship->code), "%s", options->code);
	if (!err)
		err = bh_path_join(ship->above, sizeof(ship->above) - 100, options->folder, NULL);
	if (!err)
		err = bh_path_join(
			ship->folder, sizeof(ship->folder), options->folder, options->code, NULL);
	if (!err)
		err = bh_path_join(ship->photos_db, sizeof(ship->photos_db), ship->folder,
			"district.db", NULL);
	return err;
}

int bh_ship_open(const struct bh_ship_options *options, struct bh_ship **out)
{
	struct bh_ship *ship = calloc(1, sizeof(*ship));

	if (!ship)
		return BH_ERR_NOMEM;
	ship->writing.fd = -1;
	ship->due_divisor = options->store->due_divisor ? options->store->due_divisor : 1;
	ship->close_bytes = options->close_bytes ? options->close_bytes : BH_SEGMENT_CLOSE_BYTES;
	ship->close_ms = options->close_ms ? options->close_ms : BH_SHIP_CLOSE_MS_MAX;
	ship->block.body = BH_BUF(BH_SEGMENT_ENTRY_BYTES_MAX);
	ship->scratch = BH_BUF(BH_SEGMENT_ENTRY_BYTES_MAX);
	ship->bytes = BH_BUF(2 * BH_SEGMENT_ENTRY_BYTES_MAX);
	ship->arena = BH_ARENA(ARENA_BYTES);
	int err = paths_set(ship, options);
	if (!err)
		err = bh_hasher_open(&ship->hasher);
	if (!err)
		err = bh_reader_open(options->store, &ship->reader);
	if (err) {
		bh_ship_close(ship);
		return err;
	}
	*out = ship;
	return BH_NOERR;
}

void bh_ship_close(struct bh_ship *ship)
{
	if (!ship)
		return;
	bh_segment_write_stop(&ship->writing);
	bh_reader_close(ship->reader);
	bh_hasher_close(ship->hasher);
	bh_buf_free(&ship->block.body);
	bh_buf_free(&ship->scratch);
	bh_buf_free(&ship->bytes);
	bh_arena_free(&ship->arena);
	free(ship);
}

void bh_ship_counts(const struct bh_ship *ship, struct bh_ship_counts *out)
{
	*out = ship->counts;
}

/* ---- A block ---- */

static bool begins_epoch(const struct bh_entry *entry)
{
	return entry->verb == BH_VERB_RESTORED && !entry->device;
}

static int epoch_of(struct bh_ship *ship, const struct bh_entry *entry)
{
	struct bh_msg_entry_restored restored;
	int err = bh_decode_entry_restored(entry->content, &ship->arena, &restored);

	if (!err)
		ship->epoch = restored.epoch;
	return err ? BH_ERR_CORRUPT : BH_NOERR;
}

/* With the key that its caller gave. */
static int entry_add(struct bh_ship *ship, const struct bh_entry *entry)
{
	struct bh_caller_key key;
	int err = entry->device ? BH_ERR_NOT_FOUND
				: bh_reader_key_of(ship->reader, entry->position, &key);

	if (err && err != BH_ERR_NOT_FOUND)
		return err;
	return bh_segment_block_add(
		ship->hasher, &ship->block, entry, err ? NULL : &key, &ship->scratch);
}

/* Entries that fit; the first of a new epoch is the first of its block.  A block ends where a
 * commit does, unless one alone is larger: what the server's own logs say at one instant is of one.
 * *fresh: it needs a new file. */
static int block_fill(struct bh_ship *ship, uint64_t head, bool *fresh)
{
	struct bh_entry entry;
	uint64_t commit = ship->position; /* where the last entry's begins */
	int64_t at_ms = INT64_MIN;
	int err = BH_NOERR;

	*fresh = ship->writing.fd < 0;
	bh_segment_block_begin(&ship->block, ship->position, ship->hash);
	for (uint64_t at = ship->position + 1; !err && at <= head; at++) {
		bh_arena_reset(&ship->arena);
		err = bh_reader_entry(ship->reader, at, &ship->arena, &entry);
		if (!err && begins_epoch(&entry) && ship->block.count)
			return BH_NOERR;
		if (!err && begins_epoch(&entry)) {
			*fresh = true;
			err = epoch_of(ship, &entry);
		}
		if (!err && (entry.device || entry.at_ms != at_ms))
			commit = at - 1;
		at_ms = err ? at_ms : entry.at_ms;
		if (!err)
			err = entry_add(ship, &entry);
		if (err == BH_ERR_LIMIT && commit > ship->position && commit < at - 1)
			return block_fill(ship, commit, fresh);
		if (err == BH_ERR_LIMIT && ship->block.count)
			return BH_NOERR;
	}
	return err;
}

static int file_end(struct bh_ship *ship)
{
	if (ship->writing.fd < 0)
		return BH_NOERR;
	ship->bytes.len = 0;
	bh_segment_block_begin(&ship->block, ship->position, ship->hash);
	int err = bh_segment_block_end(ship->hasher, ship->code, &ship->block, &ship->bytes);
	if (!err)
		err = bh_segment_write_more(&ship->writing, bh_buf_span(&ship->bytes));
	bh_segment_write_stop(&ship->writing);
	return err;
}

static int number_next(struct bh_ship *ship, uint64_t *number)
{
	struct bh_segment_folder folder;
	int err = bh_segment_folder_list(ship->folder, &folder);

	*number = folder.count ? folder.files[folder.count - 1].number + 1 : 1;
	bh_segment_folder_free(&folder);
	return err;
}

/* Its head and the block are its first bytes: a file without an entry is none. */
static int file_begin(struct bh_ship *ship, struct bh_now now)
{
	char name[BH_SEGMENT_NAME_MAX], path[BH_BACKUP_PATH_MAX];
	struct bh_segment_head head = {.epoch = ship->epoch,
		.first = ship->position + 1,
		.due_divisor = ship->due_divisor};

	memcpy(head.code, ship->code, sizeof(head.code));
	memcpy(head.prev, ship->hash, BH_HASH_BYTES);
	int err = number_next(ship, &head.number);
	ship->bytes.len = 0;
	if (!err)
		err = bh_segment_begin(ship->hasher, &head, &ship->bytes);
	if (!err)
		err = bh_segment_block_end(ship->hasher, ship->code, &ship->block, &ship->bytes);
	bh_segment_name(head.first, head.number, name);
	if (!err)
		err = bh_path_join(path, sizeof(path), ship->folder, name, NULL);
	if (!err)
		err = bh_segment_write_new(&ship->writing, path, bh_buf_span(&ship->bytes));
	ship->begun_mono_ms = now.mono_ms;
	return err;
}

static int block_append(struct bh_ship *ship)
{
	ship->bytes.len = 0;
	int err = bh_segment_block_end(ship->hasher, ship->code, &ship->block, &ship->bytes);

	return err ? err : bh_segment_write_more(&ship->writing, bh_buf_span(&ship->bytes));
}

/* Ending a file uses the block that is being made, so it comes first. */
static int entries_ship(struct bh_ship *ship, struct bh_now now, uint64_t head)
{
	bool fresh = false;
	int err = block_fill(ship, head, &fresh);

	if (!err && fresh && ship->writing.fd >= 0) {
		err = file_end(ship);
		if (!err)
			err = block_fill(ship, head, &fresh);
	}
	(void)bh_path_join(ship->where, sizeof(ship->where), ship->folder, NULL);
	if (!err)
		err = fresh ? file_begin(ship, now) : block_append(ship);
	if (err)
		return err;
	ship->position += ship->block.count;
	memcpy(ship->hash, ship->block.last, BH_HASH_BYTES);
	return BH_NOERR;
}

/* ---- How far it is behind ---- */

uint64_t bh_ship_entry_bytes(const struct bh_entry *entry)
{
	return ENTRY_FIXED_BYTES + entry->decision.len + entry->header.len + entry->content.len;
}

/* A slice of what waits is counted; when nothing does, the count is 0 again. */
static void behind_measure(struct bh_ship *ship, uint64_t head, const uint64_t position)
{
	struct bh_ship_counts *counts = &ship->counts;
	struct bh_entry entry;

	counts->behind_entries = head - position;
	counts->behind_at_ms = 0;
	if (ship->measured < position || position == head) {
		ship->measured = position;
		ship->measured_bytes = 0;
	}
	for (unsigned n = 0; n < MEASURED_A_STEP && ship->measured < head; n++) {
		bh_arena_reset(&ship->arena);
		if (bh_reader_entry(ship->reader, ship->measured + 1, &ship->arena, &entry))
			break;
		ship->measured++;
		ship->measured_bytes += bh_ship_entry_bytes(&entry);
	}
	counts->behind_bytes = ship->measured_bytes;
	bh_arena_reset(&ship->arena);
	if (position < head &&
		bh_reader_entry(ship->reader, position + 1, &ship->arena, &entry) == BH_NOERR)
		counts->behind_at_ms = entry.at_ms;
}

static void fail_note(struct bh_ship *ship, int err)
{
	const char *why = err == BH_ERR_FULL        ? "there is no room"
			  : err == BH_ERR_NOT_FOUND ? "it is not there"
			  : err == BH_ERR_CORRUPT   ? "what is to be written does not hold"
						    : "it cannot be written";

	ship->resumed = false;
	bh_segment_write_stop(&ship->writing);
	ship->counts.failing = true;
	ship->counts.failures++;
	(void)snprintf(ship->counts.error, sizeof(ship->counts.error), "%.100s: %s (%s)",
		ship->where, why, bh_err_name(err));
}

/* ---- A step ---- */

static int idle_step(struct bh_ship *ship, struct bh_now now, bool *more)
{
	bool open = ship->writing.fd >= 0;

	(void)bh_path_join(ship->where, sizeof(ship->where), ship->folder, NULL);
	if (open ? !bh_segment_write_there(&ship->writing) : !bh_file_there(ship->folder))
		return BH_ERR_NOT_FOUND;
	if (open && (ship->writing.bytes >= ship->close_bytes ||
			    now.mono_ms - ship->begun_mono_ms >= ship->close_ms))
		return file_end(ship);
	return bh_ship_photos_step(ship, more);
}

static int ship_on(struct bh_ship *ship, struct bh_now now, uint64_t head, bool *more)
{
	int err = ship->resumed ? BH_NOERR : bh_ship_resume(ship);

	if (!err && ship->position < head) {
		err = entries_ship(ship, now, head);
		*more = !err;
		if (!err && ship->writing.bytes >= ship->close_bytes)
			err = file_end(ship);
	} else if (!err) {
		err = idle_step(ship, now, more);
	}
	return err;
}

int bh_ship_step(struct bh_ship *ship, struct bh_now now, bool *more)
{
	uint8_t hash[BH_HASH_BYTES];
	uint64_t head = 0;

	*more = false;
	(void)bh_path_join(ship->where, sizeof(ship->where), ship->db_path, NULL);
	int err = bh_reader_head(ship->reader, &head, hash);
	if (!err)
		err = ship_on(ship, now, head, more);
	if (err)
		fail_note(ship, err);
	else
		ship->counts.failing = false;
	if (ship->resumed)
		ship->counts.shipped = ship->position;
	behind_measure(ship, head, ship->counts.shipped < head ? ship->counts.shipped : head);
	return err;
}
