/* Photos for the folder: each under its hash, whole or not at all.
 *
 *   all that are stored, by hash ──▶ in the folder? ── no ──▶ HASH.part ──▶ hashes to its name ──▶
 * HASH then each STORED entry behind where that began
 *
 * One that cannot be read here any more is counted and passed over: nothing of the text waits. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "server/store/backup_part.h"
#include "server/store/blob_files.h"
#include "server/store/folder.h"
#include "server/store/segment_ship_part.h"

#define ENTRIES_A_STEP 500u
#define PART ".part"

void bh_ship_photos_begin(struct bh_ship *ship)
{
	ship->photos = (struct bh_ship_photos){.scanning = true, .position = ship->position};
}

static int part_name(struct bh_ship *ship, const char *part, const char *to)
{
	int err = rename(part, to) == 0 ? BH_NOERR : bh_file_err();

	(void)bh_path_join(ship->where, sizeof(ship->where), to, NULL);
	*strrchr(ship->where, '/') = '\0';
	return err ? err : bh_folder_durable(ship->where);
}

/* Where it is here already, or not whole at home, nothing is done. */
static int photo_copy(struct bh_ship *ship, const uint8_t hash[BH_HASH_BYTES], bool *copied)
{
	char from[BH_BACKUP_PATH_MAX], to[BH_BACKUP_PATH_MAX], part[BH_BACKUP_PATH_MAX + 8];
	uint8_t found[BH_HASH_BYTES];
	uint64_t bytes;
	int err = bh_blob_path(ship->db_path, hash, from, sizeof(from));

	if (!err)
		err = bh_blob_path(ship->photos_db, hash, to, sizeof(to));
	if (err || bh_file_there(to))
		return err;
	(void)bh_path_join(ship->where, sizeof(ship->where), ship->folder, NULL);
	(void)snprintf(part, sizeof(part), "%s" PART, to);
	if (bh_file_hash(from, &bytes, found) || memcmp(found, hash, BH_HASH_BYTES) != 0) {
		ship->counts.photos_failed++;
		return BH_NOERR;
	}
	err = bh_backup_blob_folders(ship->folder, to);
	(void)unlink(part);
	if (!err)
		err = bh_file_copy(from, part, found);
	if (err)
		return err;
	*copied = memcmp(found, hash, BH_HASH_BYTES) == 0;
	if (!*copied) { /* it changed meanwhile */
		(void)unlink(part);
		return BH_ERR_IO;
	}
	ship->counts.photos++;
	return part_name(ship, part, to);
}

static int scan_step(struct bh_ship *ship, bool *copied)
{
	struct bh_ship_photos *photos = &ship->photos;
	int err = BH_NOERR;

	if (photos->at == photos->count) {
		photos->at = 0;
		err = bh_reader_blobs_stored(ship->reader, photos->after, photos->page,
			BH_SHIP_PHOTOS_A_PAGE, &photos->count);
		photos->scanning = !err && photos->count > 0;
	}
	while (!err && !*copied && photos->at < photos->count) {
		const uint8_t *hash = photos->page[photos->at++].hash;
		memcpy(photos->after, hash, BH_HASH_BYTES);
		err = photo_copy(ship, hash, copied);
	}
	return err;
}

static int entry_photo(struct bh_ship *ship, const struct bh_entry *entry, bool *copied)
{
	struct bh_msg_op_header header;
	int reason = 0;

	if (entry->verb != BH_VERB_STORED || entry->device)
		return BH_NOERR;
	int err = bh_op_decode_header(entry->header, &ship->arena, &header, &reason);
	if (err || header.blobs_count != 1)
		return err == BH_ERR_NOMEM ? err : BH_NOERR;
	return photo_copy(ship, header.blobs[0].hash.data, copied);
}

int bh_ship_photos_step(struct bh_ship *ship, bool *more)
{
	struct bh_ship_photos *photos = &ship->photos;
	struct bh_entry entry;
	bool copied = false;
	int err = BH_NOERR;

	if (photos->scanning) {
		err = scan_step(ship, &copied);
		*more = !err;
		return err;
	}
	for (unsigned n = 0; !err && !copied && n < ENTRIES_A_STEP; n++) {
		if (photos->position >= ship->position)
			return BH_NOERR;
		bh_arena_reset(&ship->arena);
		err = bh_reader_entry(ship->reader, photos->position + 1, &ship->arena, &entry);
		if (!err)
			err = entry_photo(ship, &entry, &copied);
		if (!err)
			photos->position++;
	}
	*more = !err;
	return err;
}
