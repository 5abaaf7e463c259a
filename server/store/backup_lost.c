/* Photos that are lost, in the order of their hashes.  They are met in that order, too, so that one
 * is added at the end; only what is found so later goes between. */
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "server/store/backup.h"

static const char *const words[] = {
	[BH_PHOTO_MISSING] = "missing",
	[BH_PHOTO_CHANGED] = "changed",
	[BH_PHOTO_UNREADABLE] = "unreadable",
};

/* Where it is, or would be. */
static size_t place_of(const struct bh_photos_lost *lost, const uint8_t hash[BH_HASH_BYTES])
{
	size_t low = 0, high = lost->count;

	if (high > 0 && memcmp(lost->rows[high - 1].hash, hash, BH_HASH_BYTES) < 0)
		return high;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (memcmp(lost->rows[middle].hash, hash, BH_HASH_BYTES) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct bh_photo_lost *bh_photos_lost_find(
	const struct bh_photos_lost *lost, const uint8_t hash[BH_HASH_BYTES])
{
	size_t at = place_of(lost, hash);

	return at < lost->count && memcmp(lost->rows[at].hash, hash, BH_HASH_BYTES) == 0
		       ? &lost->rows[at]
		       : NULL;
}

int bh_photos_lost_add(struct bh_photos_lost *lost, const uint8_t hash[BH_HASH_BYTES],
	uint64_t size, enum bh_photo_fault why)
{
	size_t at = place_of(lost, hash);

	if (bh_photos_lost_find(lost, hash))
		return BH_NOERR;
	if (lost->count >= BH_PHOTOS_LOST_MAX)
		return BH_ERR_LIMIT;
	if (lost->count == lost->room) {
		size_t room = 2 * lost->room + 16;
		struct bh_photo_lost *rows = realloc(lost->rows, room * sizeof(*rows));
		if (!rows)
			return BH_ERR_NOMEM;
		lost->rows = rows;
		lost->room = room;
	}
	memmove(&lost->rows[at + 1], &lost->rows[at], (lost->count - at) * sizeof(*lost->rows));
	lost->rows[at] = (struct bh_photo_lost){.size = size, .why = why};
	memcpy(lost->rows[at].hash, hash, BH_HASH_BYTES);
	lost->count++;
	return BH_NOERR;
}

void bh_photos_lost_free(struct bh_photos_lost *lost)
{
	free(lost->rows);
	*lost = (struct bh_photos_lost){0};
}

const char *bh_photo_fault_word(enum bh_photo_fault why)
{
	return words[why];
}

enum bh_photo_fault bh_photo_fault_of(const char *word)
{
	for (size_t i = BH_PHOTO_MISSING; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i], word) == 0)
			return (enum bh_photo_fault)i;
	}
	return BH_PHOTO_GOOD;
}
