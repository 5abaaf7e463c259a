/* A case of another handset with a photo and its thumbnail, and the scripted server's hand that
 * gives them. */
#ifndef BH_TESTS_UNIT_CLIENT_SCRIPTED_ALBUM_H
#define BH_TESTS_UNIT_CLIENT_SCRIPTED_ALBUM_H

#include "proto/caseflow.h"
#include "proto/number.h"
#include "tests/unit/client/scripted_photo.h"

#define ALBUM_PART BH_BLOB_PART_BYTES_MAX
#define ALBUM_BYTES (3u * ALBUM_PART + 500u)
#define ALBUM_THUMBNAIL_BYTES 4000u
#define ALBUM_CASE bh_case_number(99, 1)

struct album {
	struct scripted *s;
	struct scripted_photo photo, thumbnail;
	struct bh_msg_record_blob blobs[2];
};

int album_setup(void **state);
int album_teardown(void **state);

/* The case's record, with both as blobs says. */
void album_tell(struct album *album, enum bh_state state, uint64_t position);
/* In session, and told of the case, which is open. */
void album_begin(struct album *album);
void album_take_ask(struct album *album, const struct scripted_photo *photo, uint32_t offset);
void album_give_raw(struct album *album, const struct bh_msg_blob_part *part);
/* The part at an offset. */
void album_give(struct album *album, const struct scripted_photo *photo, uint32_t offset);
void album_unknown(struct album *album, const struct scripted_photo *photo);
/* Somebody wants the photo. */
void album_want(struct album *album);
/* The photo (0) or its thumbnail (1), as it stands. */
struct bh_photo_row album_row(struct album *album, size_t which);
/* Whether its bytes are given; fails the test when they are others, or the row says otherwise. */
bool album_is_here(struct album *album, size_t which, const struct scripted_photo *photo);

#endif
