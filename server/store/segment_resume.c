/* Where a ship goes on: the newest file of the folder that the journal agrees with.
 *
 *   newest file ──▶ its last entry is in the journal, with this hash? ──▶ go on before its last
 * block │ no: torn away, put back, or another history └──▶ the last of its entries that is ──▶ else
 * the file before ──▶ ... ──▶ from entry 1
 *
 * A new file is begun in any case: what is there is not touched.  Its last block is shipped once
 * more: the sync of who wrote it may have failed, or never been asked for, and such bytes are read
 * back all the same.  The blocks before it were synced before it was written. */
#include <string.h>

#include "proto/err.h"
#include "server/store/folder.h"
#include "server/store/segment_ship_part.h"

static int position_agrees(
	struct bh_ship *ship, uint64_t position, const uint8_t hash[BH_HASH_BYTES], bool *agrees)
{
	uint8_t own[BH_HASH_BYTES] = {0};
	int err = position ? bh_reader_hash_at(ship->reader, position, own) : BH_NOERR;

	*agrees = !err && memcmp(own, hash, BH_HASH_BYTES) == 0;
	return err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
}

static void stand_at(
	struct bh_ship *ship, uint64_t position, const uint8_t hash[BH_HASH_BYTES], uint64_t epoch)
{
	ship->position = position;
	memcpy(ship->hash, hash, BH_HASH_BYTES);
	ship->epoch = epoch;
}

static int entry_agrees(
	void *context, const struct bh_entry *entry, const struct bh_caller_key *key)
{
	struct bh_ship *ship = context;
	bool agrees = false;

	(void)key;
	int err = position_agrees(ship, entry->position, entry->hash, &agrees);

	if (err || !agrees)
		return err ? err : BH_ERR_CLOSED;
	stand_at(ship, entry->position, entry->hash, ship->epoch);
	return BH_NOERR;
}

static int file_resume(struct bh_ship *ship, struct bh_span bytes, bool *found)
{
	struct bh_segment_info info, again;
	int err = bh_segment_read(ship->hasher, ship->code, bytes, NULL, NULL, &info);

	*found = false;
	if (err || !info.named || strcmp(info.head.code, ship->code) != 0)
		return err;
	err = position_agrees(ship, info.last, info.last_hash, found);
	if (!err && *found) {
		stand_at(ship, info.before, info.before_hash, info.head.epoch);
		return BH_NOERR;
	}
	if (!err)
		err = position_agrees(ship, info.head.first - 1, info.head.prev, found);
	if (err || !*found)
		return err;
	stand_at(ship, info.head.first - 1, info.head.prev, info.head.epoch);
	err = bh_segment_read(ship->hasher, ship->code, bytes, entry_agrees, ship, &again);
	if ((!err || err == BH_ERR_CLOSED) && ship->position > info.before)
		stand_at(ship, info.before, info.before_hash, info.head.epoch);
	return err == BH_ERR_CLOSED ? BH_NOERR : err;
}

static int folder_begin(struct bh_ship *ship)
{
	(void)bh_path_join(ship->where, sizeof(ship->where), ship->above, NULL);
	if (!bh_file_there(ship->above))
		return BH_ERR_NOT_FOUND;
	int err = bh_folder_make(ship->folder);
	return err == BH_ERR_EXISTS ? BH_NOERR : err;
}

int bh_ship_resume(struct bh_ship *ship)
{
	static const uint8_t none[BH_HASH_BYTES];
	struct bh_segment_folder folder;
	struct bh_span bytes;
	bool found = false;
	int err = folder_begin(ship);

	if (err)
		return err;
	err = bh_segment_folder_list(ship->folder, &folder);
	for (size_t i = folder.count; !err && !found && i > 0; i--) {
		err = bh_segment_folder_load(&folder, i - 1, &bytes);
		if (!err)
			err = file_resume(ship, bytes, &found);
	}
	if (!err && !found)
		stand_at(ship, 0, none, 1);
	bh_segment_folder_free(&folder);
	ship->resumed = err == BH_NOERR;
	if (!err)
		bh_ship_photos_begin(ship);
	return err;
}
