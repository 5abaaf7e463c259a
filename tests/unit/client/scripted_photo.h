/* Photos for the scripted handset: bytes that begin as a JPEG does, and reports that carry them. */
#ifndef BH_TESTS_UNIT_CLIENT_SCRIPTED_PHOTO_H
#define BH_TESTS_UNIT_CLIENT_SCRIPTED_PHOTO_H

#include "client-lib/local_photo.h"
#include "tests/unit/client/scripted.h"

struct scripted_photo {
	uint8_t *data;
	size_t len;
	uint8_t hash[BH_HASH_BYTES];
};

/* Bytes that differ by seed; the caller frees them. */
struct scripted_photo scripted_photo_make(struct scripted *s, size_t len, unsigned seed);
void scripted_photo_free(struct scripted_photo *photo);
struct bh_span scripted_photo_span(const struct scripted_photo *photo);
/* Records a report with a photo, and a thumbnail where it is not NULL. */
int scripted_photo_record(struct scripted *s, const struct scripted_photo *photo,
	const struct scripted_photo *thumbnail, struct bh_op_ref *ref);
/* Whether its file is on the disk as the process sees it, and whole. */
bool scripted_photo_is_whole(struct scripted *s, const struct scripted_photo *photo);
bool scripted_photo_has_file(struct scripted *s, const struct scripted_photo *photo);
/* Changes one byte of its file behind the library's back. */
void scripted_photo_spoil(struct scripted *s, const struct scripted_photo *photo);
/* The one photo of a report without thumbnail; fails the test when there are others. */
struct bh_photo_row scripted_photo_row(struct scripted *s, const struct bh_op_ref *ref);

#endif
