/* What is left when the power goes.  A crash has a temper for each file (nothing unsynced is left,
 * all of it, the oldest part, or any part), so that the plain cases come up as often as the odd
 * ones.  Each unsynced write is then kept, lost, or torn: at 512-byte boundaries, every sector by
 * its own coin, or inside a sector, with what follows there lost or turned into noise.  A torn
 * write changes only bytes it wrote. */
#include "tests/sim/vfs_disk.h"

#include <string.h>

#include "proto/err.h"

#define TORN_PPM 500000u  /* of the writes that are not simply kept or lost by temper */
#define GROWN_PPM 300000u /* a lost write past the end leaves the file's new size behind */
#define NOISE_PPM 300000u /* a sector torn inside ends in noise */
#define HALF_PPM 500000u

enum temper { TEMPER_NOTHING, TEMPER_ALL, TEMPER_OLDEST, TEMPER_ANY, TEMPERS };
enum fate { FATE_KEPT, FATE_LOST, FATE_TORN };

static enum fate fate_draw(struct bh_simrng *rng, enum temper temper, size_t at, size_t first_lost)
{
	bool torn = bh_simrng_chance(rng, TORN_PPM);
	bool kept = bh_simrng_chance(rng, HALF_PPM);

	switch (temper) {
	case TEMPER_NOTHING:
		return FATE_LOST;
	case TEMPER_ALL:
		return FATE_KEPT;
	case TEMPER_OLDEST:
		if (at == first_lost && torn)
			return FATE_TORN;
		return at < first_lost ? FATE_KEPT : FATE_LOST;
	default:
		if (torn)
			return FATE_TORN;
		return kept ? FATE_KEPT : FATE_LOST;
	}
}

/* Bytes from offset to the next sector boundary, at most len. */
static size_t sector_part(uint64_t offset, size_t len)
{
	size_t part = BH_SIMVFS_SECTOR_BYTES - (size_t)(offset % BH_SIMVFS_SECTOR_BYTES);

	return part < len ? part : len;
}

/* Both give what came of it: a tear may happen to leave all or nothing. */
static enum fate tear_at_sectors(
	struct bh_simfile *file, const struct bh_simchange *change, struct bh_simrng *rng)
{
	size_t landed = 0;
	size_t at = 0;

	while (at < change->len) {
		size_t part = sector_part(change->offset + at, change->len - at);

		if (bh_simrng_chance(rng, HALF_PPM)) {
			bh_simimage_put(
				&file->durable, change->offset + at, change->data + at, part);
			landed += part;
		}
		at += part;
	}
	if (landed == 0)
		return FATE_LOST;
	if (landed == change->len)
		return FATE_KEPT;
	file->disk->stats.writes_torn_at_sector++;
	return FATE_TORN;
}

static enum fate tear_in_sector(
	struct bh_simfile *file, const struct bh_simchange *change, struct bh_simrng *rng)
{
	size_t kept = (size_t)bh_simrng_below(rng, change->len);
	bool noisy = bh_simrng_chance(rng, NOISE_PPM);
	uint8_t noise[BH_SIMVFS_SECTOR_BYTES];

	bh_simimage_put(&file->durable, change->offset, change->data, kept);
	if (noisy) {
		size_t part = sector_part(change->offset + kept, change->len - kept);

		bh_simrng_fill(rng, noise, part);
		bh_simimage_put(&file->durable, change->offset + kept, noise, part);
	}
	if (kept == 0 && !noisy)
		return FATE_LOST;
	file->disk->stats.writes_torn_in_sector++;
	return FATE_TORN;
}

static void change_lose(
	struct bh_simfile *file, const struct bh_simchange *change, struct bh_simrng *rng)
{
	size_t end = (size_t)change->offset + change->len;

	if (change->data == NULL) {
		file->disk->stats.truncates_lost++;
		return;
	}
	if (end > file->durable.len && bh_simrng_chance(rng, GROWN_PPM))
		bh_simimage_resize(&file->durable, end);
	file->disk->stats.writes_lost++;
}

static void change_keep(struct bh_simfile *file, const struct bh_simchange *change)
{
	struct bh_simimage *durable = &file->durable;
	size_t size = (size_t)change->offset;

	if (change->data != NULL) {
		bh_simimage_put(durable, change->offset, change->data, change->len);
		return;
	}
	bh_simimage_resize(durable, size);
}

/* True if something unsynced was lost or torn. */
static bool file_resolve(struct bh_simfile *file, struct bh_simrng *rng)
{
	enum temper temper = (enum temper)bh_simrng_below(rng, TEMPERS);
	size_t first_lost = (size_t)bh_simrng_below(rng, file->unsynced_len + 1);
	bool lost = false;

	for (size_t i = 0; i < file->unsynced_len; i++) {
		const struct bh_simchange *change = &file->unsynced[i];
		enum fate fate = fate_draw(rng, temper, i, first_lost);

		if (fate == FATE_TORN && change->data == NULL)
			fate = FATE_LOST;
		else if (fate == FATE_TORN && bh_simrng_chance(rng, HALF_PPM))
			fate = tear_at_sectors(file, change, rng);
		else if (fate == FATE_TORN)
			fate = tear_in_sector(file, change, rng);
		if (fate == FATE_LOST)
			change_lose(file, change, rng);
		if (fate == FATE_KEPT) {
			change_keep(file, change);
			file->disk->stats.writes_kept++;
			file->disk->stats.writes_reordered += lost ? 1 : 0;
		}
		lost = lost || fate != FATE_KEPT;
	}
	bh_simfile_forget(file);
	return lost;
}

void bh_simfile_sync_part(struct bh_simfile *file, struct bh_simrng *rng)
{
	(void)file_resolve(file, rng);
}

/* The name's two sides agree from now on, by a coin.  True if the process's side lost. */
static bool name_resolve(struct bh_simdisk *disk, struct bh_simname *name, struct bh_simrng *rng)
{
	bool reverts = bh_simrng_chance(rng, HALF_PPM);
	struct bh_simfile *winner = reverts ? name->durable : name->live;
	struct bh_simfile *loser = reverts ? name->live : name->durable;

	if (reverts && winner == NULL)
		disk->stats.files_vanished++;
	else if (reverts)
		disk->stats.files_reappeared++;
	if (winner != NULL)
		bh_simfile_hold(winner);
	bh_simfile_release(loser);
	name->live = winner;
	name->durable = winner;
	return reverts;
}

/* After a reboot the process reads what the platter holds. */
static void file_reboot(struct bh_simfile *file)
{
	struct bh_simimage *live = &file->live;
	const struct bh_simimage *durable = &file->durable;

	bh_assert(durable->len <= live->cap);
	file->disk->bytes_used += durable->len;
	file->disk->bytes_used -= live->len;
	live->len = 0;
	bh_simimage_put(live, 0, durable->data, durable->len);
}

void bh_simdisk_crash(struct bh_simdisk *disk, struct bh_simrng *rng)
{
	bool lost = false;

	for (size_t i = 0; i < disk->names_len; i++) {
		struct bh_simname *name = &disk->names[i];

		if (name->live != name->durable)
			lost = name_resolve(disk, name, rng) || lost;
		if (name->live == NULL)
			continue;
		lost = file_resolve(name->live, rng) || lost;
		file_reboot(name->live);
	}
	disk->stats.crashes++;
	disk->stats.crashes_with_loss += lost ? 1 : 0;
}
