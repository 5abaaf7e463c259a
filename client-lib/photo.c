/* A JPEG is a chain of marked segments, then scans of pixels:
 *
 *   SOI | APP0 | APP1 Exif | APP2 ... | DQT | SOF | DHT | SOS pixels (SOS pixels ...) | EOI | ...
 *
 * Segments are copied or left out whole and pixels as they are, so nothing is decoded, nothing gets
 * worse, and 50 megapixels cost no more memory than their bytes.  (A library that copies losslessly
 * holds all coefficients of a progressive photo: 150 MB of a phone's memory.)  What lies behind the
 * end of the image goes: phones append films and second pictures, with metadata of their own.  An
 * image that is cut short ends where it ends. */
#include "client-lib/photo.h"

#include <string.h>

#include "proto/err.h"
#include "proto/limits.h"

enum marker {
	MARK_SOF0 = 0xc0,
	MARK_DHT = 0xc4,
	MARK_JPG = 0xc8,
	MARK_DAC = 0xcc,
	MARK_SOF15 = 0xcf,
	MARK_RST0 = 0xd0,
	MARK_SOI = 0xd8,
	MARK_EOI = 0xd9,
	MARK_SOS = 0xda,
	MARK_APP0 = 0xe0,
	MARK_APP1 = 0xe1,
	MARK_APP2 = 0xe2,
	MARK_APP14 = 0xee,
	MARK_APP15 = 0xef,
	MARK_COM = 0xfe,
};

/* A segment: its marker, and everything from 0xff to its last byte. */
struct segment {
	uint8_t marker;
	struct bh_span whole;
	struct bh_span body; /* behind marker and length */
};

/* The segment at *at; 0 and *at behind it, or BH_ERR_MALFORMED. */
static int segment_next(struct bh_span jpeg, size_t *at, struct segment *out)
{
	size_t from = *at, begin;

	if (from >= jpeg.len || jpeg.data[from] != 0xff)
		return BH_ERR_MALFORMED;
	while (from < jpeg.len && jpeg.data[from] == 0xff)
		from++; /* fill bytes are allowed */
	if (from >= jpeg.len)
		return BH_ERR_MALFORMED;
	begin = from - 1;
	out->marker = jpeg.data[from++];
	if (out->marker == MARK_EOI || out->marker == MARK_SOI ||
		(out->marker >= MARK_RST0 && out->marker < MARK_SOI)) {
		out->whole = bh_span(jpeg.data + begin, 2);
		out->body = bh_span(NULL, 0);
		*at = from;
		return 0;
	}
	if (jpeg.len - from < 2)
		return BH_ERR_MALFORMED;
	size_t len = (size_t)jpeg.data[from] << 8 | jpeg.data[from + 1];
	if (len < 2 || len > jpeg.len - from)
		return BH_ERR_MALFORMED;
	out->whole = bh_span(jpeg.data + begin, from + len - begin);
	out->body = bh_span(jpeg.data + from + 2, len - 2);
	*at = from + len;
	return 0;
}

/* Where the pixels that begin at from end: at the next marker that is none of theirs, or the end.
 */
static size_t pixels_end(struct bh_span jpeg, size_t from)
{
	while (from + 1 < jpeg.len) {
		const uint8_t *found = memchr(jpeg.data + from, 0xff, jpeg.len - 1 - from);
		if (found == NULL)
			break;
		from = (size_t)(found - jpeg.data);
		uint8_t next = jpeg.data[from + 1];
		if (next == 0xff)
			from++;
		else if (next == 0 || (next >= MARK_RST0 && next < MARK_SOI))
			from += 2;
		else
			return from;
	}
	return jpeg.len;
}

static bool begins(struct bh_span body, const char *name, size_t len)
{
	return body.len >= len && memcmp(body.data, name, len) == 0;
}

static uint32_t two_bytes(const uint8_t *at, bool big)
{
	return big ? (uint32_t)at[0] << 8 | at[1] : (uint32_t)at[1] << 8 | at[0];
}

/* EXIF's orientation, read without believing anything: a bad one is 1. */
static uint32_t orientation_of(struct bh_span tiff)
{
	bool big = begins(tiff, "MM", 2);

	if (tiff.len < 10 || (!big && !begins(tiff, "II", 2)))
		return 1;
	uint32_t high = two_bytes(tiff.data + (big ? 4 : 6), big);
	uint32_t offset = high << 16 | two_bytes(tiff.data + (big ? 6 : 4), big);
	if (offset > tiff.len - 2 || offset < 8)
		return 1;
	uint32_t count = two_bytes(tiff.data + offset, big);
	const uint8_t *entry = tiff.data + offset + 2, *end = tiff.data + tiff.len;
	for (; count > 0 && end - entry >= 12; count--, entry += 12) {
		uint32_t value = two_bytes(entry + 8, big);
		if (two_bytes(entry, big) == 0x0112 && two_bytes(entry + 2, big) == 3)
			return value >= 1 && value <= 8 ? value : 1;
	}
	return 1;
}

static bool is_frame_header(uint8_t marker)
{
	return marker >= MARK_SOF0 && marker <= MARK_SOF15 && marker != MARK_DHT &&
	       marker != MARK_JPG && marker != MARK_DAC;
}

int bh_photo_look(struct bh_span jpeg, struct bh_photo_head *out)
{
	struct bh_photo_head head = {.orientation = 1};
	struct segment segment;
	size_t at = 0;
	int err = segment_next(jpeg, &at, &segment);

	if (err != 0 || segment.marker != MARK_SOI)
		return BH_ERR_MALFORMED;
	while ((err = segment_next(jpeg, &at, &segment)) == 0 && segment.marker != MARK_SOS &&
		segment.marker != MARK_EOI) {
		if (segment.marker == MARK_APP1 && head.exif.len == 0 &&
			begins(segment.body, "Exif\0\0", 6))
			head.exif = bh_span(segment.body.data + 6, segment.body.len - 6);
		if (is_frame_header(segment.marker) && segment.body.len >= 6) {
			const uint8_t *body = segment.body.data;
			head.height = (uint32_t)body[1] << 8 | body[2];
			head.width = (uint32_t)body[3] << 8 | body[4];
			head.progressive = segment.marker == MARK_SOF0 + 2;
		}
	}
	if (err != 0 || segment.marker != MARK_SOS || head.width == 0 || head.height == 0)
		return BH_ERR_MALFORMED;
	head.orientation = orientation_of(head.exif);
	*out = head;
	return 0;
}

/* Colours and what decoders need; nothing that was written about the picture. */
static bool stays(const struct segment *segment)
{
	if (segment->marker == MARK_COM || segment->marker == MARK_APP1)
		return false;
	if (segment->marker == MARK_APP0)
		return begins(segment->body, "JFIF", 5);
	if (segment->marker == MARK_APP2)
		return begins(segment->body, "ICC_PROFILE", 12);
	return segment->marker < MARK_APP0 || segment->marker > MARK_APP15 ||
	       segment->marker == MARK_APP14; /* Adobe's, which says how colours are coded */
}

/* Everything behind the start: segments that stay, and scans. */
static int rest_copy(struct bh_span jpeg, struct bh_buf *out)
{
	struct segment segment;
	size_t at = 2;
	int err = 0;

	while (err == 0 && at < jpeg.len && segment_next(jpeg, &at, &segment) == 0) {
		if (stays(&segment))
			err = bh_buf_append(out, segment.whole.data, segment.whole.len);
		if (segment.marker == MARK_EOI)
			break;
		if (err == 0 && segment.marker == MARK_SOS) {
			size_t end = pixels_end(jpeg, at);
			err = bh_buf_append(out, jpeg.data + at, end - at);
			at = end;
		}
	}
	return err;
}

static int photo_copy(struct bh_span jpeg, const struct bh_photo_head *head,
	enum bh_photo_policy policy, struct bh_buf *out)
{
	static const uint8_t start[] = {0xff, MARK_SOI};

	if (policy == BH_PHOTO_AS_IT_IS)
		return bh_buf_append(out, jpeg.data, jpeg.len);
	int err = bh_buf_append(out, start, sizeof(start));
	if (err == 0)
		err = bh_photo_exif(head, policy == BH_PHOTO_TIME_AND_PLACE, out);
	return err == 0 ? rest_copy(jpeg, out) : err;
}

int bh_photo_prepare(struct bh_span jpeg, enum bh_photo_policy policy, struct bh_buf *photo,
	struct bh_buf *thumbnail)
{
	struct bh_photo_head head;
	size_t photo_len = photo->len, thumbnail_len = thumbnail ? thumbnail->len : 0;

	if (jpeg.len > BH_BLOB_BYTES_MAX)
		return BH_ERR_LIMIT;
	int err = bh_photo_look(jpeg, &head);
	if (err == 0 && (uint64_t)head.width * head.height > BH_PHOTO_PIXELS_MAX)
		err = BH_ERR_LIMIT;
	if (err == 0)
		err = photo_copy(jpeg, &head, policy, photo);
	if (err == 0 && photo->len - photo_len > BH_BLOB_BYTES_MAX)
		err = BH_ERR_LIMIT;
	if (err == 0 && thumbnail != NULL) {
		err = bh_photo_small(jpeg, &head, thumbnail);
		if (err == BH_ERR_MALFORMED || err == BH_ERR_LIMIT) {
			thumbnail->len = thumbnail_len;
			err = 0;
		}
	}
	if (err != 0)
		photo->len = photo_len;
	if (err != 0 && thumbnail != NULL)
		thumbnail->len = thumbnail_len;
	return err;
}
