/* What a server may say of photos, and what the application does with them, in the steps of the
 * target session_client. */
#ifndef BH_TESTS_FUZZ_CLIENT_PHOTO_H
#define BH_TESTS_FUZZ_CLIENT_PHOTO_H

#include "tests/unit/client/scripted.h"

/* Records a report with a photo of that many parts of 4 KiB, and a thumbnail. */
void client_photo_report(struct scripted *s, struct bh_span bytes);
/* Wants the photo that was told of. */
void client_photo_want(struct scripted *s, struct bh_span bytes);
/* A BlobState or a BlobPart: of the photo that goes up or comes down just now, or of none. */
void client_photo_state(struct bh_span bytes, struct scripted *s, struct bh_server_frame *out);
void client_photo_part(struct bh_span bytes, struct scripted *s, struct bh_server_frame *out);
/* Two photos for a record, as the byte says: which, and whether the server has them. */
size_t client_photo_told(struct scripted *s, uint64_t number, struct bh_msg_record_blob out[2]);
/* Asserts that own photos are what they were, and that none is freed before it is complete. */
void client_photo_check(struct scripted *s);

#endif
