/* A photo on its way into the store: what of its metadata stays, and a small picture of it. */
#ifndef BH_CLIENT_PHOTO_H
#define BH_CLIENT_PHOTO_H

#include "proto/bytes.h"

#define BH_PHOTO_PIXELS_MAX 100000000u /* the server's limit too: PROTOCOL.md, section 19 */
#define BH_THUMBNAIL_SIDE_MAX 320u     /* pixels */

/* What stays of EXIF and other metadata.  How the picture is to be turned, and its colours, always
 * stay: they say nothing about a person. */
enum bh_photo_policy {
	BH_PHOTO_TIME_AND_PLACE = 0, /* when and where it was taken; no owner, no device, no preview
				      */
	BH_PHOTO_NO_METADATA = 1,
	BH_PHOTO_AS_IT_IS = 2, /* byte for byte */
};

/* Appends the photo, with what the policy lets stay and not a pixel changed, to *photo; and a
 * picture of it to *thumbnail: upright, at most BH_THUMBNAIL_SIDE_MAX on its longer side, without
 * metadata, at most BH_THUMBNAIL_BYTES_MAX.  thumbnail may be NULL, and is left empty where the
 * photo cannot be decoded or would take too much memory: a picture that is cut short is worth
 * keeping without one.
 *
 * 0; BH_ERR_MALFORMED (no JPEG with a size), BH_ERR_LIMIT (over BH_BLOB_BYTES_MAX or
 * BH_PHOTO_PIXELS_MAX), BH_ERR_NOMEM.  On failure both are as they were. */
int bh_photo_prepare(struct bh_span jpeg, enum bh_photo_policy policy, struct bh_buf *photo,
	struct bh_buf *thumbnail);

/* ---- Its parts ---- */

/* What the markers before the pixels say. */
struct bh_photo_head {
	uint32_t width, height;
	uint32_t orientation; /* EXIF's 1 .. 8; 1 where it says nothing */
	bool progressive;
	struct bh_span exif; /* the first Exif block's TIFF part; empty: none */
};

/* 0 or BH_ERR_MALFORMED: no start of image, a marker past the end, no frame header with a size. */
int bh_photo_look(struct bh_span jpeg, struct bh_photo_head *out);

/* photo_exif.c: a new Exif block (a whole APP1 segment) with what stays of the old one, appended to
 * out; nothing where nothing stays.  0 or BH_ERR_NOMEM; a block that cannot be read is as none. */
int bh_photo_exif(const struct bh_photo_head *head, bool time_and_place, struct bh_buf *out);

/* photo_small.c: the thumbnail.  0, BH_ERR_MALFORMED, BH_ERR_LIMIT, BH_ERR_NOMEM. */
int bh_photo_small(struct bh_span jpeg, const struct bh_photo_head *head, struct bh_buf *out);

#endif
