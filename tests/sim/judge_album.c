/* Photos on the handsets, and all of them in the end (I11, B12): none that the server does not have
 * is let go, each that an accepted op names arrives, and so do the thumbnails of what others
 * brought.
 */
#include <stdio.h>
#include <string.h>

#include "server/store/blob_files.h"
#include "tests/sim/judge_state.h"
#include "tests/sim/phone.h"
#include "tests/sim/server.h"

struct shown {
	const uint8_t *hash;
	bool here;
};

static void photo_is_shown(void *context, const struct bh_simphone_photo *seen)
{
	struct shown *shown = context;

	if (seen->own && memcmp(seen->hash, shown->hash, BH_HASH_BYTES) == 0)
		shown->here |= seen->here;
}

/* A photo that the server had before it was put back: once its handset knows of that, it lets go of
 * it no more.  Who is cut off is told of no restore: what it has still it is asked for, once its
 * report is let in. */
static void photo_settle(
	struct bh_simjudge *judge, struct bh_simphone *phone, struct bh_simphoto *photo)
{
	struct shown shown = {.hash = photo->hash};

	if (!photo->had || photo->stored)
		return;
	bool told = bh_simphone_photos(phone, photo_is_shown, &shown);
	/* Who let go of it, and was killed before its file was gone, does not hold it. */
	bool gone = (told && !shown.here) || !bh_simphone_has_file(phone, photo, true);

	if (told && bh_simjudge_knows_epoch(judge, phone)) {
		photo->had = false;
		photo->lost = gone;
	} else if (judge->run->healing && bh_simphone_is_doomed(phone)) {
		photo->lost |= gone;
	}
}

/* One picture may be of two ops: what the server had of it for one, before it was put back, its
 * handset may have let go of for both.  Who holds it still has to bring it. */
static bool went_with_another(
	const struct bh_simalbum *album, struct bh_simphone *phone, const struct bh_simphoto *photo)
{
	bool went = false, holds = bh_simphone_has_file(phone, photo, true);

	for (size_t i = 0; i < album->count && !went && !holds; i++)
		went = album->photos[i].phone == photo->phone &&
		       (album->photos[i].had || album->photos[i].lost) &&
		       memcmp(album->photos[i].hash, photo->hash, BH_HASH_BYTES) == 0;
	return went;
}

/* An op that was not accepted needs no photo; what is stored for another case may then go, before
 * its report is let in. */
static bool is_not_needed(
	const struct bh_simjudge *judge, struct bh_simphone *phone, const struct bh_simphoto *photo)
{
	const struct bh_simalbum *album = &judge->run->album;
	const struct bh_simop *op = &judge->run->truth.ops[photo->op];
	struct bh_simphone_log log;
	bool stored = false;

	for (size_t i = 0; i < album->count && !stored; i++)
		stored = (album->photos[i].stored || album->photos[i].had ||
				 album->photos[i].lost) &&
			 memcmp(album->photos[i].hash, photo->hash, BH_HASH_BYTES) == 0;
	if ((photo->number != 0 && !photo->released) || !stored)
		return false;
	if (!bh_simphone_log(phone, &log))
		return true; /* nobody can tell just now */
	return op->seq <= log.acked_seq || memcmp(op->log_id, log.log_id, BH_LOG_ID_BYTES) != 0;
}

void bh_simjudge_phone_photos(struct bh_simjudge *judge, struct bh_simphone *phone)
{
	const struct bh_simalbum *album = &judge->run->album;

	for (size_t i = 0; i < album->count && !judge->behind && !judge->replaying; i++) {
		struct bh_simphoto *photo = &album->photos[i];
		if (photo->phone != bh_simphone_index(phone))
			continue;
		photo_settle(judge, phone, photo);
		if (photo->stored || photo->undone || photo->had || photo->lost ||
			judge->run->truth.ops[photo->op].fate != BH_SIMOP_RECORDED)
			continue;
		if (!bh_simphone_has_file(phone, photo, true) &&
			!went_with_another(album, phone, photo) &&
			!is_not_needed(judge, phone, photo))
			bh_simrun_fail(judge->run, "I11",
				"handset %u does not hold a photo of op %llu, and nobody else does",
				photo->phone,
				(unsigned long long)judge->run->truth.ops[photo->op].seq);
	}
}

/* Who forges may be answered otherwise, and keep what is wanted; of who is cut off, what was let in
 * comes. */
static bool need_not_come(
	const struct bh_simalbum *album, struct bh_simphone *phone, const struct bh_simphoto *photo)
{
	return photo->number == 0 || photo->undone || photo->lost ||
	       went_with_another(album, phone, photo) || bh_simphone_forges(phone) ||
	       (bh_simphone_is_doomed(phone) && !photo->released);
}

/* Of what was let in: before that, as no op of its handset needed it any more. */
static bool was_let_go(
	const struct bh_simjudge *judge, struct bh_simphone *phone, const struct bh_simphoto *photo)
{
	return photo->released && !bh_simphone_has_file(phone, photo, true) &&
	       is_not_needed(judge, phone, photo);
}

bool bh_simjudge_photos_have_come(struct bh_simjudge *judge, char *why, size_t size)
{
	struct bh_simrun *run = judge->run;

	for (size_t i = 0; i < run->album.count; i++) {
		struct bh_simphoto *photo = &run->album.photos[i];
		struct bh_simphone *phone = run->phones[photo->phone];
		photo_settle(judge, phone, photo);
		if (photo->stored || need_not_come(&judge->run->album, phone, photo) ||
			was_let_go(judge, phone, photo))
			continue;
		snprintf(why, size, "a photo of case %u-%u%s, of handset %u, has not come",
			(unsigned)(photo->number >> 32), (unsigned)(photo->number & 0xffffffffu),
			photo->released ? ", which was let in" : "", photo->phone);
		return false;
	}
	for (uint32_t i = 0; i < run->phones_count; i++) {
		bool wait = false;
		if (bh_simphone_is_doomed(run->phones[i]) ||
			(bh_simphone_photos_wait(run->phones[i], &wait) && !wait))
			continue;
		snprintf(why, size, "photos of handset %u are on their way", i);
		return false;
	}
	return true;
}

/* ---- The last word ---- */

struct looked {
	struct bh_simjudge *judge;
	struct bh_simphone *phone;
};

static _Noreturn void wrong(
	const struct looked *by, const struct bh_simphone_photo *seen, const char *what)
{
	bh_simrun_fail(by->judge->run, "I11",
		"handset %u: a photo of case %u-%u, %s, of fate %u, %s",
		bh_simphone_index(by->phone), (unsigned)(seen->number >> 32),
		(unsigned)(seen->number & 0xffffffffu), seen->own ? "own" : "another's", seen->fate,
		what);
}

/* By an op that is accepted; before a restore each is, of which a photo was ever wanted. */
static bool is_named(const struct bh_simjudge *judge, const uint8_t hash[BH_HASH_BYTES])
{
	const struct bh_simalbum *album = &judge->run->album;
	bool named = judge->restores == 0;

	for (size_t i = 0; i < album->count && !named; i++)
		named = album->photos[i].number != 0 &&
			memcmp(album->photos[i].hash, hash, BH_HASH_BYTES) == 0;
	return named;
}

static void photo_is_right(void *context, const struct bh_simphone_photo *seen)
{
	const struct looked *by = context;
	struct bh_simtally *tally = &by->judge->run->tally;
	const struct bh_simphoto *photo = bh_simalbum_find(&by->judge->run->album, seen->hash);
	bool is_thumbnail = seen->kind == BH_BLOB_THUMBNAIL;

	if (photo == NULL || photo->size != seen->size || photo->kind != seen->kind)
		wrong(by, seen, "was never taken");
	if (seen->waits)
		wrong(by, seen, "waits");
	/* Who brought it himself, and has it no more, saw it as one of his unit's at most. */
	bool is_his = bh_simphone_person(by->judge->run->phones[photo->phone]) ==
		      bh_simphone_person(by->phone);
	/* Nor after a restore who asked before it came again, until the case is told again. */
	bool asked = !seen->own && (is_his || by->judge->restores != 0);
	if (seen->given_up && !asked && is_named(by->judge, seen->hash))
		wrong(by, seen, "was given up");
	if (seen->here && !bh_simphone_has_file(by->phone, photo, seen->own))
		wrong(by, seen, "is said to be here");
	if (seen->own)
		return;
	if (seen->own_case && !is_his && is_thumbnail && seen->stored && !seen->here)
		wrong(by, seen, "of its own was not fetched");
	tally->thumbnails_fetched += seen->here && is_thumbnail;
	tally->photos_fetched += seen->here && !is_thumbnail;
}

/* Every stored one lies there, whole and durable. */
static void album_is_here(struct bh_simjudge *judge)
{
	struct bh_simalbum *album = &judge->run->album;
	struct bh_simtally *tally = &judge->run->tally;

	for (size_t i = 0; i < judge->run->files.count; i++) {
		struct bh_simphoto *file = &judge->run->files.photos[i];
		file->proved = false;
		if (file->number != 0 && !file->stored)
			bh_simrun_fail(judge->run, "I11",
				"a paper of case %u-%u names a file, and nothing says that it is "
				"here",
				(unsigned)(file->number >> 32),
				(unsigned)(file->number & 0xffffffffu));
	}
	for (size_t i = 0; i < album->count; i++) {
		struct bh_simphoto *photo = &album->photos[i];
		photo->proved = false;
		tally->photos += judge->run->truth.ops[photo->op].fate == BH_SIMOP_RECORDED;
		tally->photo_bytes += photo->size;
		tally->photos_lost += photo->lost && !photo->stored;
	}
	bh_simjudge_photos_started(judge);
}

void bh_simjudge_photos_end(struct bh_simjudge *judge)
{
	struct bh_simrun *run = judge->run;

	album_is_here(judge);
	for (uint32_t i = 0; i < run->phones_count; i++) {
		struct looked by = {.judge = judge, .phone = run->phones[i]};
		if (!bh_simphone_is_doomed(run->phones[i]))
			bh_assert(bh_simphone_photos(run->phones[i], photo_is_right, &by));
	}
}
