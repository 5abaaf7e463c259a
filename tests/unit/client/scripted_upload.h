/* A photo on its way up, and the scripted server's hand that takes it. */
#ifndef BH_TESTS_UNIT_CLIENT_SCRIPTED_UPLOAD_H
#define BH_TESTS_UNIT_CLIENT_SCRIPTED_UPLOAD_H

#include "tests/unit/client/scripted_photo.h"

#define UPLOAD_PART BH_BLOB_PART_BYTES_MAX
#define UPLOAD_BYTES (10u * UPLOAD_PART + 700u)
#define UPLOAD_PARTS 11u
#define UPLOAD_THUMBNAIL_BYTES 4000u

struct shots {
	struct scripted *s;
	struct scripted_photo photo, thumbnail;
	uint8_t *held; /* what the server has of the photo that is on its way */
	uint32_t held_len;
	struct bh_op_ref ref;
};

int upload_setup(void **state);
int upload_teardown(void **state);

/* A BlobState about a hash; its own hash is filled in. */
void upload_state(struct shots *shots, const uint8_t *hash, struct bh_msg_blob_state state);
/* "wanted" of the photo, with the hash of what is held. */
void upload_wanted(struct shots *shots, uint32_t offset);
/* The network took what was in the output. */
void upload_drained(struct shots *shots);
void upload_take_offer(struct shots *shots, const struct scripted_photo *photo);
/* The next part, which must follow what is held without a gap; drained behind it. */
void upload_take_part(struct shots *shots);
/* A report with the photo (and no thumbnail), accepted; its Offer is taken. */
void upload_begin(struct shots *shots);
enum bh_blob_fate upload_fate(struct shots *shots);

#endif
