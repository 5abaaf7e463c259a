/* Made and looked at by libjpeg-turbo itself; the Exif block is put together by hand. */
#include "tests/unit/client/jpeg_maker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "proto/err.h"

#define JPEG_BYTES_MAX (64u << 20)

static const uint8_t colours[JPEG_PATCHES][3] = {
	{200, 30, 30}, {30, 200, 30}, {30, 30, 200}, {220, 220, 220}};

static void row_fill(uint8_t *row, uint32_t width, uint32_t y, uint32_t height, uint32_t *noise)
{
	for (uint32_t x = 0; x < width; x++) {
		size_t patch = (size_t)(y * 2 >= height) * 2 + (x * 2 >= width);
		*noise = *noise * 1664525u + 1013904223u;
		for (int c = 0; c < 3; c++)
			row[3 * x + (uint32_t)c] = (uint8_t)(colours[patch][c] +
							     (*noise >> (8 * c + 6) & 15));
	}
}

struct bh_buf jpeg_make(uint32_t width, uint32_t height, uint32_t seed, bool progressive)
{
	struct jpeg_compress_struct writer;
	struct jpeg_error_mgr errors;
	unsigned char *bytes = NULL;
	unsigned long len = 0;
	struct bh_buf out = BH_BUF(JPEG_BYTES_MAX);
	uint8_t *row = malloc((size_t)width * 3);

	bh_assert(row != NULL);
	writer.err = jpeg_std_error(&errors);
	jpeg_create_compress(&writer);
	jpeg_mem_dest(&writer, &bytes, &len);
	writer.image_width = width;
	writer.image_height = height;
	writer.input_components = 3;
	writer.in_color_space = JCS_RGB;
	jpeg_set_defaults(&writer);
	jpeg_set_quality(&writer, 90, TRUE);
	if (progressive)
		jpeg_simple_progression(&writer);
	jpeg_start_compress(&writer, TRUE);
	while (writer.next_scanline < height) {
		row_fill(row, width, writer.next_scanline, height, &seed);
		(void)jpeg_write_scanlines(&writer, &row, 1);
	}
	jpeg_finish_compress(&writer);
	jpeg_destroy_compress(&writer);
	bh_assert(bh_buf_append(&out, bytes, len) == 0);
	free(bytes);
	free(row);
	return out;
}

void jpeg_insert(struct bh_buf *jpeg, uint8_t marker, struct bh_span body)
{
	struct bh_buf out = BH_BUF(JPEG_BYTES_MAX);
	size_t len = body.len + 2;
	const uint8_t head[] = {0xff, marker, (uint8_t)(len >> 8), (uint8_t)len};

	bh_assert(len <= 0xffff);
	bh_assert(bh_buf_append(&out, jpeg->data, 2) == 0);
	bh_assert(bh_buf_append(&out, head, sizeof(head)) == 0);
	bh_assert(bh_buf_append(&out, body.data, body.len) == 0);
	bh_assert(bh_buf_append(&out, jpeg->data + 2, jpeg->len - 2) == 0);
	bh_buf_free(jpeg);
	*jpeg = out;
}

/* ---- An Exif block ---- */

struct block {
	uint8_t bytes[1200];
	size_t len; /* of what lies behind the directories */
	bool big;
};

static void put(struct block *block, size_t at, uint32_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		block->bytes[at + (block->big ? size - 1 - i : i)] = (uint8_t)(value >> 8 * i);
}

/* One entry of a directory; data over four bytes go behind. */
static size_t entry(struct block *block, size_t at, uint32_t tag, uint32_t format, uint32_t count,
	const void *data, size_t size)
{
	put(block, at, tag, 2);
	put(block, at + 2, format, 2);
	put(block, at + 4, count, 4);
	if (size <= 4) {
		memcpy(block->bytes + at + 8, data, size);
		return at + 12;
	}
	put(block, at + 8, (uint32_t)block->len, 4);
	memcpy(block->bytes + block->len, data, size);
	block->len += size + size % 2;
	return at + 12;
}

static size_t ascii(struct block *block, size_t at, uint32_t tag, const char *text)
{
	size_t size = strlen(text) + 1;

	return entry(block, at, tag, 2, (uint32_t)size, text, size);
}

static size_t number(struct block *block, size_t at, uint32_t tag, uint32_t format, uint32_t value)
{
	put(block, at, tag, 2);
	put(block, at + 2, format, 2);
	put(block, at + 4, 1, 4);
	put(block, at + 8, value, format == 3 ? 2 : 4);
	return at + 12;
}

static size_t degrees(struct block *block, size_t at, uint32_t tag, uint32_t whole)
{
	struct block three = {.big = block->big};
	const uint32_t parts[] = {whole, 1, 30, 1, 1234, 100};

	for (size_t i = 0; i < 6; i++)
		put(&three, 4 * i, parts[i], 4);
	return entry(block, at, tag, 5, 3, three.bytes, 24);
}

#define IFD0 8u
#define IFD_EXIF (IFD0 + 2 + 6 * 12 + 4)
#define IFD_GPS (IFD_EXIF + 2 + 4 * 12 + 4)
#define BEHIND (IFD_GPS + 2 + 4 * 12 + 4)

void jpeg_insert_exif(struct bh_buf *jpeg, uint32_t orientation, bool big_endian)
{
	struct block block = {.len = BEHIND, .big = big_endian};
	struct bh_buf body = BH_BUF(2048);
	size_t at;

	memcpy(block.bytes, big_endian ? "MM" : "II", 2);
	put(&block, 2, 42, 2);
	put(&block, 4, IFD0, 4);
	put(&block, IFD0, 6, 2);
	at = ascii(&block, IFD0 + 2, 0x010f, "SecretMaker");
	at = number(&block, at, 0x0112, 3, orientation);
	at = ascii(&block, at, 0x0132, "2026:03:02 10:11:12");
	at = ascii(&block, at, 0x8298, "SecretOwner");
	at = number(&block, at, 0x8769, 4, IFD_EXIF);
	(void)number(&block, at, 0x8825, 4, IFD_GPS);
	put(&block, IFD_EXIF, 4, 2);
	at = ascii(&block, IFD_EXIF + 2, 0x9003, "2026:03:02 10:11:13");
	at = ascii(&block, at, 0x927c, "SecretMakerNote");
	at = ascii(&block, at, 0xa430, "SecretCameraOwner");
	(void)ascii(&block, at, 0xa431, "SecretSerial");
	put(&block, IFD_GPS, 4, 2);
	at = ascii(&block, IFD_GPS + 2, 1, "N");
	at = degrees(&block, at, 2, 31);
	at = ascii(&block, at, 3, "E");
	(void)degrees(&block, at, 4, 117);
	bh_assert(block.len <= sizeof(block.bytes));
	bh_assert(bh_buf_append(&body, "Exif\0\0", 6) == 0);
	bh_assert(bh_buf_append(&body, block.bytes, block.len) == 0);
	jpeg_insert(jpeg, 0xe1, bh_buf_span(&body));
	bh_buf_free(&body);
}

/* ---- Looking ---- */

static enum jpeg_patch nearest(const uint8_t *pixel)
{
	int best = 0, best_far = 1 << 30;

	for (int patch = 0; patch < JPEG_PATCHES; patch++) {
		int far = 0;
		for (int c = 0; c < 3; c++)
			far += abs(pixel[c] - colours[patch][c]);
		if (far < best_far) {
			best = patch;
			best_far = far;
		}
	}
	return (enum jpeg_patch)best;
}

struct jpeg_seen jpeg_look(struct bh_span jpeg)
{
	struct jpeg_decompress_struct reader;
	struct jpeg_error_mgr errors;
	struct jpeg_seen seen;

	reader.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&reader);
	jpeg_mem_src(&reader, jpeg.data, jpeg.len);
	(void)jpeg_read_header(&reader, TRUE);
	reader.out_color_space = JCS_RGB;
	(void)jpeg_start_decompress(&reader);
	seen.width = reader.output_width;
	seen.height = reader.output_height;
	uint8_t *row = malloc((size_t)seen.width * 3);
	bh_assert(row != NULL);
	while (reader.output_scanline < seen.height) {
		uint32_t y = reader.output_scanline;
		(void)jpeg_read_scanlines(&reader, &row, 1);
		if (y == seen.height / 4 || y == seen.height * 3 / 4) {
			size_t half = y == seen.height / 4 ? 0 : 2;
			seen.corners[half] = nearest(row + seen.width / 4 * 3);
			seen.corners[half + 1] = nearest(row + seen.width * 3 / 4 * 3);
		}
	}
	(void)jpeg_finish_decompress(&reader);
	jpeg_destroy_decompress(&reader);
	free(row);
	return seen;
}

bool jpeg_holds(struct bh_span jpeg, const char *bytes)
{
	size_t len = strlen(bytes);

	for (size_t i = 0; i + len <= jpeg.len; i++) {
		if (memcmp(jpeg.data + i, bytes, len) == 0)
			return true;
	}
	return false;
}
