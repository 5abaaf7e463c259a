/* A bundle's photos: gathered from their parts, one at a time, and offered as a handset offers
 * them.  What the session answers decides: bytes go in from where it holds them, or it is shown
 * that they are here, or it is left. */
#include <string.h>

#include "server/sync/bundle_part.h"
#include "server/store/blob.h"

#define ANSWERS_MAX (BH_BLOB_BYTES_MAX / BH_BLOB_PART_BYTES_MAX + 8u) /* of one photo */

static struct bh_span hash_of(const struct bh_bundle_photo *photo)
{
	return bh_span(photo->hash, BH_HASH_BYTES);
}

static int offer(struct bh_bundle_play *play, struct bh_span proof)
{
	struct bh_client_frame frame = {.kind = BH_CLIENT_BLOB_OFFER,
		.u.blob_offer = {
			.hash = hash_of(&play->photo), .size = play->photo.size, .proof = proof}};
	return bh_bundle_say(play, &frame);
}

/* That the same bytes lie here, on this very session. */
static int prove(struct bh_bundle_play *play)
{
	struct bh_buf head = BH_BUF(BH_PROOF_HEAD_BYTES_MAX);
	uint8_t proof[BH_HASH_BYTES];
	int err = bh_photo_proof_head(&head, &play->session->binding);
	if (err == 0) {
		const struct bh_span parts[] = {
			bh_buf_span(&head), bh_buf_span(&play->photo.bytes)};
		bh_hash_parts(play->door->hasher, parts, 2, proof);
		err = offer(play, bh_span(proof, sizeof(proof)));
	}
	bh_buf_free(&head);
	return err;
}

/* Behind the part before, it holds nothing but this photo's: a photo is not hashed again for each
 * of its parts. */
static bool held_is_ours(struct bh_bundle_play *play, const struct bh_msg_blob_state *state)
{
	const struct bh_bundle_photo *photo = &play->photo;
	const struct bh_span held = bh_span(photo->bytes.data, state->offset);
	uint8_t hash[BH_HASH_BYTES];
	if (state->offset == photo->sent)
		return true;
	bh_hash_parts(play->door->hasher, &held, 1, hash);
	return bh_span_equal(state->prefix_hash, bh_span(hash, sizeof(hash)));
}

/* From where it says, unless what it holds is not the beginning of this. */
static int part_send(struct bh_bundle_play *play, const struct bh_msg_blob_state *state)
{
	struct bh_bundle_photo *photo = &play->photo;
	uint32_t offset = state->offset < photo->size && held_is_ours(play, state) ? state->offset
										   : 0;
	uint32_t len = photo->size - offset;
	if (len > BH_BLOB_PART_BYTES_MAX)
		len = BH_BLOB_PART_BYTES_MAX;
	photo->sent = offset + len;
	struct bh_client_frame frame = {.kind = BH_CLIENT_BLOB_PART,
		.u.blob_part = {.hash = hash_of(photo),
			.offset = offset,
			.data = bh_span(photo->bytes.data + offset, len)}};
	return bh_bundle_say(play, &frame);
}

static bool told_state(const struct bh_bundle_play *play, uint32_t *state)
{
	if (play->told.kind != BH_SERVER_BLOB_STATE ||
		!bh_span_equal(play->told.u.blob_state.hash, hash_of(&play->photo)))
		return false;
	*state = play->told.u.blob_state.state;
	return true;
}

/* Until the session has said its last word about it. */
static int offer_through(struct bh_bundle_play *play, bool *fresh, uint32_t *state)
{
	bool proved = false;
	play->photo.sent = 0;
	int err = offer(play, bh_span(NULL, 0));
	for (unsigned i = 0; err == 0 && i < ANSWERS_MAX; i++) {
		if (!told_state(play, state))
			return 0;
		bool goes_on = *state == BH_BLOB_WANTED ||
			       (*state == BH_BLOB_PROOF_WANTED && !proved);
		if (!goes_on)
			return 0;
		*fresh = true;
		err = bh_bundle_journal(play);
		if (err != 0)
			return err;
		if (*state == BH_BLOB_WANTED) {
			struct bh_msg_blob_state at = play->told.u.blob_state;
			err = part_send(play, &at);
		} else {
			proved = true;
			err = prove(play);
		}
	}
	return err;
}

static int photo_take(struct bh_bundle_play *play)
{
	uint32_t state = BH_BLOB_UNKNOWN;
	bool fresh = false;
	int err = offer_through(play, &fresh, &state);
	if (err != 0)
		return err;
	play->report->photos++;
	if (state != BH_BLOB_COMPLETE) {
		play->report->photos_left++;
		return 0;
	}
	play->report->photos_new += fresh;
	return bh_bundle_answer_complete(play, play->photo.hash);
}

static bool part_goes_on(const struct bh_bundle_photo *photo, const struct bh_msg_blob_part *part)
{
	return photo->size == part->size && part->offset == photo->bytes.len &&
	       bh_span_equal(part->hash, hash_of(photo));
}

void bh_bundle_photos_end(struct bh_bundle_play *play)
{
	play->report->photos_left += play->photo.size > 0;
	play->photo.size = 0;
	play->photo.bytes.len = 0;
}

int bh_bundle_photo_part(struct bh_bundle_play *play, const struct bh_msg_blob_part *part)
{
	struct bh_bundle_photo *photo = &play->photo;
	if (photo->size == 0 || !part_goes_on(photo, part)) {
		bh_bundle_photos_end(play);
		if (part->offset != 0 || part->size == 0 || part->size > BH_BLOB_BYTES_MAX)
			return 0; /* the rest of one that is left, or of no size that one has */
		photo->size = part->size;
		memcpy(photo->hash, part->hash.data, BH_HASH_BYTES);
	}
	if (part->data.len == 0 || part->data.len > photo->size - photo->bytes.len) {
		bh_bundle_photos_end(play);
		return 0;
	}
	int err = bh_buf_append(&photo->bytes, part->data.data, part->data.len);
	if (err != 0 || photo->bytes.len < photo->size)
		return err;
	err = photo_take(play);
	photo->size = 0;
	photo->bytes.len = 0;
	return err;
}
