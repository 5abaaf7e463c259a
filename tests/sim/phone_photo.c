/* Somebody takes photos with the handset, looks at those of others, and makes room.  All of them
 * are drawn from a stream of their own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "proto/number.h"
#include "tests/sim/judge.h"
#include "tests/sim/phone_state.h"

#define KIB 1024u
#define STOP_PPM 80000u /* of the recordings with photos: the disk stops inside */
#define STOP_AFTER_MAX 12u
#define BARE_PPM 100000u  /* without a thumbnail */
#define AGAIN_PPM 150000u /* one that was taken before */
#define CASES_LOOKED_AT 40u

/* ---- Taking ---- */

/* Mostly one part or two, now and then several. */
static uint32_t size_draw(struct bh_simrng *rng)
{
	uint64_t draw = bh_simrng_below(rng, 100);

	if (draw < 55)
		return (uint32_t)bh_simrng_between(rng, KIB, 12 * KIB);
	if (draw < 85)
		return (uint32_t)bh_simrng_between(rng, 12 * KIB, 60 * KIB);
	return (uint32_t)bh_simrng_between(rng, 60 * KIB, 200 * KIB);
}

/* An own photo of before, whichever; NULL: none. */
static const struct bh_simphoto *earlier(struct bh_simphone *phone)
{
	const struct bh_simalbum *album = &phone->run->album;
	size_t first = album->count ? (size_t)bh_simrng_below(&phone->eye, album->count) : 0;

	for (size_t i = 0; i < album->count; i++) {
		const struct bh_simphoto *photo = &album->photos[(first + i) % album->count];
		if (photo->phone == phone->index && photo->kind == BH_BLOB_PHOTO)
			return photo;
	}
	return NULL;
}

static struct bh_span shot_add(struct bh_simdraft *draft, struct bh_simphoto shot)
{
	bh_assert(draft->shots_count < BH_SIMPHONE_SHOTS_MAX);
	draft->shots[draft->shots_count++] = shot;
	return bh_span(shot.bytes, shot.size);
}

/* The same bytes once more, in another op, without their thumbnail. */
static bool shoot_again(struct bh_simphone *phone, struct bh_simdraft *draft)
{
	const struct bh_simphoto *photo = bh_simrng_chance(&phone->eye, AGAIN_PPM) ? earlier(phone)
										   : NULL;

	if (photo == NULL)
		return false;
	draft->bytes[draft->count++].photo = shot_add(draft, bh_simalbum_copy(photo));
	phone->run->tally.photos_again++;
	return true;
}

static void shoot_one(struct bh_simphone *phone, struct bh_simdraft *draft, uint32_t kind)
{
	struct bh_simalbum *album = &phone->run->album;
	struct bh_photo_bytes *bytes = &draft->bytes[draft->count++];
	struct bh_simrng *rng = &phone->eye;

	bytes->photo = shot_add(draft, bh_simalbum_shoot(album, rng, kind, size_draw(rng)));
	bytes->after = kind == BH_BLOB_AFTER;
	if (bh_simrng_chance(rng, BARE_PPM))
		return;
	uint32_t size = (uint32_t)bh_simrng_between(rng, KIB / 2, 3 * KIB);
	bytes->thumbnail = shot_add(draft, bh_simalbum_shoot(album, rng, BH_BLOB_THUMBNAIL, size));
}

void bh_simphone_shoot(struct bh_simphone *phone, uint32_t ppm, struct bh_simdraft *draft)
{
	struct bh_simrng *rng = &phone->eye;

	*draft = (struct bh_simdraft){0};
	if (phone->run->calm || !bh_simrng_chance(rng, ppm))
		return;
	uint64_t draw = bh_simrng_below(rng, 100);
	size_t count = draw < 70 ? 1 : draw < 90 ? 2 : 3;
	if (shoot_again(phone, draft))
		count--;
	for (size_t i = 0; i < count; i++)
		shoot_one(phone, draft, BH_BLOB_PHOTO);
	if (!phone->run->healing && bh_simrng_chance(rng, STOP_PPM))
		bh_simvfs_stop_at(phone->disk, 1 + bh_simrng_below(rng, STOP_AFTER_MAX));
}

void bh_simphone_shoot_both(struct bh_simphone *phone, struct bh_simdraft *draft)
{
	*draft = (struct bh_simdraft){0};
	shoot_one(phone, draft, BH_BLOB_PHOTO);
	shoot_one(phone, draft, BH_BLOB_AFTER);
}

void bh_simphone_shots_keep(struct bh_simphone *phone, struct bh_simdraft *draft)
{
	for (size_t i = 0; i < draft->shots_count; i++) {
		struct bh_simphoto *shot = &draft->shots[i];
		shot->phone = phone->index;
		shot->op = phone->run->truth.count - 1;
		bh_simalbum_add(&phone->run->album, shot);
	}
	phone->run->tally.photo_records_cut += draft->shots_count > 0 &&
					       bh_simvfs_is_stopped(phone->disk);
}

void bh_simphone_shots_drop(struct bh_simdraft *draft)
{
	for (size_t i = 0; i < draft->shots_count; i++)
		free(draft->shots[i].bytes);
}

/* ---- Making room ---- */

void bh_simphone_make_room(struct bh_simphone *phone)
{
	struct bh_now now = bh_simphone_now(phone);
	uint64_t bytes = 0;

	if (!phone->up)
		return;
	(void)bh_local_photos_free(phone->local, now.wall_ms, &bytes);
	phone->run->tally.photo_rooms_made += bytes != 0;
	if (bh_simphone_has_died(phone))
		return;
	bh_simjudge_phone_photos(phone->run->judge, phone);
	bh_simphone_settle(phone);
}

/* ---- Looking ---- */

static bool photo_want(struct bh_simphone *phone, const struct bh_case_row *row)
{
	if (row->record.blobs_count == 0)
		return false;
	size_t which = (size_t)bh_simrng_below(&phone->eye, row->record.blobs_count);
	const struct bh_msg_record_blob *blob = &row->record.blobs[which];
	return blob->stored && bh_local_fetch_want(phone->local, blob->hash.data) == 0;
}

bool bh_simphone_look(struct bh_simphone *phone)
{
	struct bh_case_key *keys = NULL;
	size_t count = 0;
	bool wants = false;

	if (!phone->up || bh_local_cases(phone->local, &keys, &count) != 0)
		return false;
	size_t start = count ? (size_t)bh_simrng_below(&phone->eye, count) : 0;
	for (size_t i = 0; i < count && i < CASES_LOOKED_AT && !wants; i++) {
		struct bh_case_row row;
		bh_arena_reset(&phone->arena);
		wants = bh_local_case(phone->local, keys[(start + i) % count], &phone->arena,
				&row) == 0 &&
			row.known && photo_want(phone, &row);
	}
	free(keys);
	bh_arena_reset(&phone->arena);
	if (!bh_simphone_has_died(phone)) {
		bh_engine_poke(phone->engine, bh_simphone_now(phone));
		bh_simphone_settle(phone);
	}
	return wants;
}

/* ---- What it holds ---- */

/* The photo's name, and its path with an ending. */
static void photo_path(const uint8_t hash[BH_HASH_BYTES], bool own, const char *end,
	char name[BH_SIMVFS_PATH_BYTES_MAX], char path[BH_SIMVFS_PATH_BYTES_MAX])
{
	char hex[2 * BH_HASH_BYTES + 1];

	bh_hex_format(bh_span(hash, BH_HASH_BYTES), hex);
	snprintf(name, BH_SIMVFS_PATH_BYTES_MAX, "%s%s", hex, own ? "" : "-in");
	snprintf(path, BH_SIMVFS_PATH_BYTES_MAX, "%s-photos/%s%s%s", BH_SIMPHONE_PATH, hex,
		own ? "" : "-in", end);
}

/* What store_file_seal.c writes, read by other means. */
static bool sealed_holds(struct bh_sealer *sealer, const char *name,
	const struct bh_simphoto *photo, struct bh_span file)
{
	static uint8_t open[BH_SIMPHONE_CHUNK_BYTES];
	uint32_t at = 0;

	for (uint32_t n = 0; file.len > BH_SEAL_BYTES; n++) {
		size_t len = file.len < sizeof(open) + BH_SEAL_BYTES ? file.len
								     : sizeof(open) + BH_SEAL_BYTES;
		uint8_t bound[BH_SIMVFS_PATH_BYTES_MAX + 4];
		size_t named = strlen(name);

		memcpy(bound, name, named);
		for (unsigned i = 0; i < 4; i++)
			bound[named + i] = (uint8_t)(n >> (24 - 8 * i));
		if (bh_unseal(sealer, BH_SEAL_PHOTOS, bh_span(bound, named + 4),
			    bh_span(file.data, len), open) != 0 ||
			!bh_simphoto_holds(photo, at, open, len - BH_SEAL_BYTES))
			return false;
		at += (uint32_t)(len - BH_SEAL_BYTES);
		file = bh_span(file.data + len, file.len - len);
	}
	return file.len == 0 && at == photo->size;
}

bool bh_simphone_has_file(struct bh_simphone *phone, const struct bh_simphoto *photo, bool own)
{
	char name[BH_SIMVFS_PATH_BYTES_MAX], path[BH_SIMVFS_PATH_BYTES_MAX];
	struct bh_sealer *sealer = NULL;
	const uint8_t *bytes = NULL;
	size_t len = 0;

	photo_path(photo->hash, own, ".jpg", name, path);
	if (bh_simvfs_file_image(phone->disk, path, &bytes, &len) == 0 && len == photo->size &&
		bh_simphoto_holds(photo, 0, bytes, len))
		return true;
	photo_path(photo->hash, own, ".sealed", name, path);
	if (bh_simvfs_file_image(phone->disk, path, &bytes, &len) != 0)
		return false;
	bh_assert(bh_sealer_open(bh_simphone_key, bh_simrng_source(&phone->chance), &sealer) == 0);
	bool holds = sealed_holds(sealer, name, photo, bh_span(bytes, len));

	bh_sealer_close(sealer);
	return holds;
}

bool bh_simphone_photos_wait(struct bh_simphone *phone, bool *wait)
{
	struct bh_unsent unsent = {0};
	bool wanted = false;

	if (!phone->up || bh_local_blobs_unsent(phone->local, &unsent) != 0 ||
		bh_local_fetch_any(phone->local, &wanted) != 0)
		return false;
	*wait = unsent.ops > 0 || wanted;
	return true;
}

static void photo_tell(const struct bh_case_row *row, const struct bh_photo_row *photo,
	bh_simphone_photo_seen *each, void *context)
{
	struct bh_simphone_photo seen = {.number = row->key.number,
		.own_case = row->own,
		.own = photo->own,
		.here = photo->here,
		.kind = photo->kind,
		.size = photo->size,
		.stored = photo->stored,
		.fate = photo->own ? (uint32_t)photo->fate : (uint32_t)photo->fetch};

	memcpy(seen.hash, photo->hash, BH_HASH_BYTES);
	seen.waits = photo->own ? photo->fate < BH_FATE_COMPLETE : photo->fetch == BH_FETCH_WANTED;
	seen.given_up = photo->own ? photo->fate != BH_FATE_KEPT && photo->fate > BH_FATE_COMPLETE
				   : photo->fetch == BH_FETCH_GONE;
	each(context, &seen);
}

bool bh_simphone_photos(struct bh_simphone *phone, bh_simphone_photo_seen *each, void *context)
{
	struct bh_photo_row photos[BH_CASE_PHOTOS_MAX];
	struct bh_case_key *keys = NULL;
	size_t count = 0, photos_count = 0;
	bool good = phone->up && bh_local_cases(phone->local, &keys, &count) == 0;

	for (size_t i = 0; good && i < count; i++) {
		struct bh_case_row row;
		bh_arena_reset(&phone->arena);
		good = bh_local_case(phone->local, keys[i], &phone->arena, &row) == 0 &&
		       bh_local_photos(
			       phone->local, &row, photos, BH_CASE_PHOTOS_MAX, &photos_count) == 0;
		for (size_t k = 0; good && k < photos_count; k++)
			photo_tell(&row, &photos[k], each, context);
	}
	free(keys);
	bh_arena_reset(&phone->arena);
	return good;
}
