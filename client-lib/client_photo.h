/* Photos as the rest of the public API takes and shows them. */
#ifndef BH_CLIENT_CLIENT_PHOTO_H
#define BH_CLIENT_CLIENT_PHOTO_H

#include "client-lib/client_state.h"
#include "client-lib/local_photo.h"

/* What a host gave, ready to be recorded. */
struct bh_photos_taken {
	struct bh_photo_bytes bytes[BH_OP_PHOTOS_MAX]; /* borrowed from the next two */
	struct bh_buf photos[BH_OP_PHOTOS_MAX];
	struct bh_buf thumbnails[BH_OP_PHOTOS_MAX];
	size_t count;
};

/* Without the lock: reads files, takes metadata out, makes thumbnails.  Release *taken whatever the
 * status. */
bh_status bh_photos_take(
	const bh_photo_input *photos, size_t count, struct bh_photos_taken *taken, bh_error *err);
void bh_photos_release(struct bh_photos_taken *taken);

/* Under the lock. */
bh_photo_view bh_photo_view_of(bh_client *client, const struct bh_photo_row *row);

#endif
