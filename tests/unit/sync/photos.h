/* Photos that handsets send in tests: bytes that are a JPEG's as far as a server looks. */
#ifndef BH_TESTS_UNIT_SYNC_PHOTOS_H
#define BH_TESTS_UNIT_SYNC_PHOTOS_H

#include "tests/unit/sync/world.h"

#define BH_PHOTO_BYTES_MAX 200000u

struct bh_photo {
	uint8_t bytes[BH_PHOTO_BYTES_MAX];
	uint32_t size;
	uint8_t hash[BH_HASH_BYTES];
};

/* One like no other of another seed. */
void bh_photo_make(struct bh_world *world, struct bh_photo *photo, uint32_t size, uint8_t seed);
/* After its bytes were changed. */
void bh_photo_hash(struct bh_world *world, struct bh_photo *photo);
struct bh_msg_blob bh_photo_blob(const struct bh_photo *photo, uint32_t kind);

void bh_photo_offer(struct bh_phone *phone, const struct bh_photo *photo);
/* An Offer with the proof that its bytes give on the phone's link. */
void bh_photo_prove(struct bh_phone *phone, const struct bh_photo *photo);
/* An Offer, the word that a proof is wanted, the proof. */
void bh_photo_show(struct bh_phone *phone, const struct bh_photo *photo);
void bh_photo_part(
	struct bh_phone *phone, const struct bh_photo *photo, uint32_t offset, uint32_t len);
/* The next frame, a BlobState of this photo and state. */
struct bh_msg_blob_state bh_photo_expect(
	struct bh_phone *phone, const struct bh_photo *photo, enum bh_blob_state state);
/* ... which wants it from this offset, with the hash of what is before that. */
void bh_photo_expect_wanted(struct bh_phone *phone, const struct bh_photo *photo, uint32_t offset);
/* All from an offset on, in parts of this size, up to complete. */
void bh_photo_send(
	struct bh_phone *phone, const struct bh_photo *photo, uint32_t offset, uint32_t part);
/* Offer, parts, complete. */
void bh_photo_upload(struct bh_phone *phone, const struct bh_photo *photo);
void bh_photo_ask(struct bh_phone *phone, const struct bh_photo *photo, uint32_t offset);
/* A report with these photos, accepted: its case. */
uint64_t bh_photo_report(struct bh_phone *phone, const struct bh_msg_blob *blobs, size_t count);

/* ---- A worker's handset that sends, live, and another worker's that is not ---- */
struct bh_uploads {
	struct bh_world world;
	struct bh_phone phone, other;
	struct bh_photo photo, second; /* of 150,000 and of 5,000 bytes */
};
#define BH_UPLOADS_SIZE 150000u

/* For cmocka: *state is one. */
int bh_uploads_open(void **state);
int bh_uploads_close(void **state);
/* A report that names the photo, accepted: its case. */
uint64_t bh_uploads_report(struct bh_phone *phone, const struct bh_photo *photo);
/* What the journal says of it for this case. */
bool bh_uploads_is_stored(
	struct bh_uploads *uploads, uint64_t number, const struct bh_photo *photo);
/* Its file is what was sent. */
void bh_uploads_file_check(struct bh_uploads *uploads, const struct bh_photo *photo);
/* The phone anew, on a new link; what it is told is forgotten. */
void bh_uploads_reconnect(struct bh_uploads *uploads);

#endif
