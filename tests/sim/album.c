/* A list that only grows; a hash is looked for from its end, where what moves now stands. */
#include "tests/sim/album.h"

#include <stdlib.h>
#include <string.h>

#include "proto/err.h"

void bh_simalbum_open(struct bh_simalbum *album)
{
	*album = (struct bh_simalbum){0};
	bh_assert(bh_hasher_open(&album->hasher) == 0);
}

void bh_simalbum_free(struct bh_simalbum *album)
{
	for (size_t i = 0; i < album->count; i++)
		free(album->photos[i].bytes);
	free(album->photos);
	bh_hasher_close(album->hasher);
	*album = (struct bh_simalbum){0};
}

/* Noise between what it begins and what it ends with. */
static struct bh_simphoto noise_between(struct bh_simalbum *album, struct bh_simrng *rng,
	uint32_t size, struct bh_span head, struct bh_span end)
{
	struct bh_simphoto made = {.size = size, .bytes = malloc(size)};

	bh_assert(made.bytes != NULL && size > head.len + end.len);
	bh_simrng_fill(rng, made.bytes, size);
	memcpy(made.bytes, head.data, head.len);
	memcpy(made.bytes + size - end.len, end.data, end.len);
	const struct bh_span bytes = bh_span(made.bytes, size);
	bh_hash_parts(album->hasher, &bytes, 1, made.hash);
	return made;
}

struct bh_simphoto bh_simalbum_shoot(
	struct bh_simalbum *album, struct bh_simrng *rng, uint32_t kind, uint32_t size)
{
	/* SOI, a frame of one component and 240 x 320, the head of a scan; EOI at the end. */
	static const uint8_t head[] = {0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 240, 1, 64, 1, 1, 0x11,
		0, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0};
	static const uint8_t end[] = {0xff, 0xd9};
	struct bh_simphoto photo = noise_between(
		album, rng, size, bh_span(head, sizeof(head)), bh_span(end, sizeof(end)));

	photo.kind = kind;
	return photo;
}

struct bh_simphoto bh_simalbum_write(
	struct bh_simalbum *album, struct bh_simrng *rng, uint32_t size)
{
	return noise_between(album, rng, size, bh_span("%PDF-1.7\n", 9), bh_span("%%EOF\n", 6));
}

struct bh_simphoto bh_simalbum_copy(const struct bh_simphoto *photo)
{
	struct bh_simphoto copy = {
		.kind = photo->kind, .size = photo->size, .bytes = malloc(photo->size)};

	bh_assert(copy.bytes != NULL);
	memcpy(copy.bytes, photo->bytes, photo->size);
	memcpy(copy.hash, photo->hash, BH_HASH_BYTES);
	return copy;
}

void bh_simalbum_add(struct bh_simalbum *album, const struct bh_simphoto *photo)
{
	if (album->count == album->room) {
		album->room = album->room ? album->room * 2 : 64;
		album->photos = realloc(album->photos, album->room * sizeof(*album->photos));
		bh_assert(album->photos != NULL);
	}
	album->photos[album->count++] = *photo;
}

struct bh_simphoto *bh_simalbum_find(
	const struct bh_simalbum *album, const uint8_t hash[BH_HASH_BYTES])
{
	for (size_t i = album->count; i-- > 0;) {
		if (memcmp(album->photos[i].hash, hash, BH_HASH_BYTES) == 0)
			return &album->photos[i];
	}
	return NULL;
}

bool bh_simphoto_holds(
	const struct bh_simphoto *photo, uint32_t offset, const uint8_t *bytes, size_t len)
{
	return offset <= photo->size && len <= photo->size - offset &&
	       memcmp(photo->bytes + offset, bytes, len) == 0;
}
