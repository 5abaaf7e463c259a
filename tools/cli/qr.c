/* Modules from libqrencode; two of them, one above the other, are one cell of a terminal.  The PNG
 * is written here: one grey bit a pixel, in stored blocks, is all it needs. */
#include "tools/cli/qr.h"

#include <qrencode.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define STORED_MAX 65535u

struct bh_cli_qr {
	QRcode *code;
};

struct bh_cli_qr *bh_cli_qr_make(const char *text)
{
	struct bh_cli_qr *qr = calloc(1, sizeof(*qr));
	if (!qr)
		return NULL;
	qr->code = QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8, 1);
	if (qr->code)
		return qr;
	free(qr);
	return NULL;
}

void bh_cli_qr_free(struct bh_cli_qr *qr)
{
	if (!qr)
		return;
	QRcode_free(qr->code);
	free(qr);
}

unsigned bh_cli_qr_cells(const struct bh_cli_qr *qr)
{
	return (unsigned)qr->code->width + 2 * BH_CLI_QR_QUIET;
}

/* Coordinates with the quiet zone; everything outside is white. */
static bool is_black(const struct bh_cli_qr *qr, unsigned x, unsigned y)
{
	unsigned width = (unsigned)qr->code->width;
	if (x < BH_CLI_QR_QUIET || y < BH_CLI_QR_QUIET || x >= width + BH_CLI_QR_QUIET ||
		y >= width + BH_CLI_QR_QUIET)
		return false;
	size_t at = (size_t)(y - BH_CLI_QR_QUIET) * width + (x - BH_CLI_QR_QUIET);
	return qr->code->data[at] & 1;
}

void bh_cli_qr_print(const struct bh_cli_qr *qr, FILE *out)
{
	static const char *const cells[] = {" ", "\u2580", "\u2584", "\u2588"};
	unsigned size = bh_cli_qr_cells(qr);
	for (unsigned y = 0; y < size; y += 2) {
		fputs("\x1b[30;107m", out);
		for (unsigned x = 0; x < size; x++)
			fputs(cells[is_black(qr, x, y) + 2 * is_black(qr, x, y + 1)], out);
		fputs("\x1b[0m\n", out);
	}
}

/* ---- PNG (RFC 2083, RFC 1950, RFC 1951) ---- */

static uint32_t crc_add(uint32_t crc, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		crc ^= data[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return crc;
}

static uint32_t adler(const uint8_t *data, size_t len)
{
	uint32_t a = 1, b = 0;
	for (size_t i = 0; i < len; i++) {
		a = (a + data[i]) % 65521;
		b = (b + a) % 65521;
	}
	return b << 16 | a;
}

static void u32_put(uint8_t *out, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static bool chunk_write(const char *type, const uint8_t *data, size_t len, FILE *out)
{
	uint8_t number[4];
	uint32_t crc = crc_add(0xffffffffu, (const uint8_t *)type, 4);
	crc = ~crc_add(crc, data, len);
	u32_put(number, (uint32_t)len);
	bool fine = fwrite(number, 1, 4, out) == 4 && fwrite(type, 1, 4, out) == 4 &&
		    (len == 0 || fwrite(data, 1, len, out) == len);
	u32_put(number, crc);
	return fine && fwrite(number, 1, 4, out) == 4;
}

/* Rows of bits, each behind a filter byte; white is 1. */
static void pixels_fill(const struct bh_cli_qr *qr, unsigned scale, uint8_t *rows, size_t row_bytes)
{
	unsigned side = bh_cli_qr_cells(qr) * scale;
	for (unsigned y = 0; y < side; y++)
		for (unsigned x = 0; x < side; x++)
			if (!is_black(qr, x / scale, y / scale))
				rows[y * row_bytes + 1 + x / 8] |= (uint8_t)(0x80u >> x % 8);
}

/* zlib around stored blocks; out has room for len + 5 bytes a block + 6. */
static size_t stored(const uint8_t *data, size_t len, uint8_t *out)
{
	size_t n = 0;
	out[n++] = 0x78;
	out[n++] = 0x01;
	for (size_t at = 0; at < len;) {
		size_t part = len - at < STORED_MAX ? len - at : STORED_MAX;
		out[n++] = at + part == len;
		out[n++] = (uint8_t)part;
		out[n++] = (uint8_t)(part >> 8);
		out[n++] = (uint8_t)~part;
		out[n++] = (uint8_t)(~part >> 8);
		memcpy(out + n, data + at, part);
		n += part;
		at += part;
	}
	u32_put(out + n, adler(data, len));
	return n + 4;
}

int bh_cli_qr_png(const struct bh_cli_qr *qr, unsigned scale, FILE *out)
{
	static const uint8_t magic[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
	unsigned side = bh_cli_qr_cells(qr) * scale;
	size_t row_bytes = (side + 7) / 8 + 1, len = row_bytes * side;
	uint8_t head[13] = {[8] = 1}; /* one bit, grey */
	uint8_t *rows = calloc(1, len);
	uint8_t *packed = malloc(len + 5 * (len / STORED_MAX + 1) + 6);
	bool fine = rows && packed;
	if (fine) {
		u32_put(head, side);
		u32_put(head + 4, side);
		pixels_fill(qr, scale, rows, row_bytes);
		size_t packed_len = stored(rows, len, packed);
		fine = fwrite(magic, 1, sizeof(magic), out) == sizeof(magic) &&
		       chunk_write("IHDR", head, sizeof(head), out) &&
		       chunk_write("IDAT", packed, packed_len, out) &&
		       chunk_write("IEND", packed, 0, out);
	}
	free(rows);
	free(packed);
	return fine ? 0 : -1;
}
