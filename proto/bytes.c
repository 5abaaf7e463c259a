/* A buffer grows by doubling up to its own maximum; a reader walks a span and, once it was short,
 * stays bad.  A failed append leaves the buffer as it was. */
#include <string.h>

#include "proto/bytes.h"
#include "proto/err.h"

#define BUF_FIRST_BYTES 256u

bool bh_span_equal(struct bh_span a, struct bh_span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool bh_span_is_blank(struct bh_span text)
{
	static const uint8_t wide[] = {0xe3, 0x80, 0x80}, fixed[] = {0xc2, 0xa0};
	size_t at = 0;
	while (at < text.len) {
		size_t left = text.len - at;
		if (text.data[at] <= ' ')
			at += 1;
		else if (left >= sizeof(wide) && memcmp(text.data + at, wide, sizeof(wide)) == 0)
			at += sizeof(wide);
		else if (left >= sizeof(fixed) && memcmp(text.data + at, fixed, sizeof(fixed)) == 0)
			at += sizeof(fixed);
		else
			return false;
	}
	return true;
}

size_t bh_span_steering(struct bh_span text, size_t at)
{
	const uint8_t *b = text.data + at;
	size_t left = text.len - at;
	if (*b < ' ' || *b == 0x7f)
		return 1;
	if (left >= 2 &&
		((*b == 0xc2 && b[1] >= 0x80 && b[1] <= 0x9f) || (*b == 0xd8 && b[1] == 0x9c)))
		return 2;
	if (left < 3 || *b != 0xe2)
		return 0;
	bool turns = (b[1] == 0x80 && (b[2] == 0x8e || b[2] == 0x8f)) ||
		     (b[1] == 0x80 && b[2] >= 0xaa && b[2] <= 0xae) ||
		     (b[1] == 0x81 && b[2] >= 0xa6 && b[2] <= 0xa9);
	return turns ? 3 : 0;
}

bool bh_span_is_line(struct bh_span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (bh_span_steering(text, i) != 0)
			return false;
	return true;
}

int bh_buf_reserve(struct bh_buf *buf, size_t len, uint8_t **out)
{
	bh_assert(buf->len <= buf->cap);
	if (len > buf->max || buf->len > buf->max - len)
		return BH_ERR_LIMIT;
	size_t need = buf->len + len;
	if (need > buf->cap || buf->data == NULL) {
		size_t cap = buf->cap < BUF_FIRST_BYTES ? BUF_FIRST_BYTES : buf->cap;
		while (cap < need)
			cap = cap > buf->max / 2 ? buf->max : cap * 2;
		if (cap > buf->max)
			cap = buf->max;
		uint8_t *data = realloc(buf->data, cap > 0 ? cap : 1);
		if (data == NULL)
			return BH_ERR_NOMEM;
		buf->data = data;
		buf->cap = cap;
	}
	*out = buf->data + buf->len;
	return 0;
}

int bh_buf_append(struct bh_buf *buf, const void *data, size_t len)
{
	uint8_t *at;
	if (len == 0)
		return 0;
	int err = bh_buf_reserve(buf, len, &at);
	if (err != 0)
		return err;
	memcpy(at, data, len);
	buf->len += len;
	return 0;
}

void bh_buf_consume(struct bh_buf *buf, size_t len)
{
	if (len >= buf->len) {
		buf->len = 0;
		return;
	}
	if (len == 0)
		return;
	memmove(buf->data, buf->data + len, buf->len - len);
	buf->len -= len;
}

void bh_buf_free(struct bh_buf *buf)
{
	free(buf->data);
	*buf = BH_BUF(buf->max);
}

void bh_buf_wipe(struct bh_buf *buf)
{
	if (buf->data != NULL)
		explicit_bzero(buf->data, buf->cap);
	bh_buf_free(buf);
}

struct bh_span bh_buf_span(const struct bh_buf *buf)
{
	return bh_span(buf->data, buf->len);
}

/* The low `width` bytes of value, most significant first. */
static int put_be(struct bh_buf *buf, uint64_t value, unsigned width)
{
	uint8_t bytes[8];
	for (unsigned i = 0; i < width; i++)
		bytes[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
	return bh_buf_append(buf, bytes, width);
}

int bh_put_u8(struct bh_buf *buf, uint8_t value)
{
	return put_be(buf, value, 1);
}

int bh_put_u16(struct bh_buf *buf, uint16_t value)
{
	return put_be(buf, value, 2);
}

int bh_put_u32(struct bh_buf *buf, uint32_t value)
{
	return put_be(buf, value, 4);
}

int bh_put_u64(struct bh_buf *buf, uint64_t value)
{
	return put_be(buf, value, 8);
}

int bh_put_i64(struct bh_buf *buf, int64_t value)
{
	return put_be(buf, (uint64_t)value, 8);
}

int bh_put_block(struct bh_buf *buf, struct bh_span block)
{
	if (block.len > UINT32_MAX)
		return BH_ERR_LIMIT;
	size_t before = buf->len;
	int err = bh_put_u32(buf, (uint32_t)block.len);
	if (err == 0)
		err = bh_buf_append(buf, block.data, block.len);
	if (err != 0)
		buf->len = before;
	return err;
}

struct bh_reader bh_reader(struct bh_span span)
{
	return (struct bh_reader){span.data, span.len, 0, false};
}

struct bh_span bh_get_bytes(struct bh_reader *reader, size_t len)
{
	if (reader->bad || len > reader->len - reader->at) {
		reader->bad = true;
		return bh_span(NULL, 0);
	}
	if (len == 0)
		return bh_span(NULL, 0);
	struct bh_span out = bh_span(reader->data + reader->at, len);
	reader->at += len;
	return out;
}

static uint64_t get_be(struct bh_reader *reader, unsigned width)
{
	struct bh_span bytes = bh_get_bytes(reader, width);
	uint64_t value = 0;
	for (size_t i = 0; i < bytes.len; i++)
		value = value << 8 | bytes.data[i];
	return value;
}

uint8_t bh_get_u8(struct bh_reader *reader)
{
	return (uint8_t)get_be(reader, 1);
}

uint16_t bh_get_u16(struct bh_reader *reader)
{
	return (uint16_t)get_be(reader, 2);
}

uint32_t bh_get_u32(struct bh_reader *reader)
{
	return (uint32_t)get_be(reader, 4);
}

uint64_t bh_get_u64(struct bh_reader *reader)
{
	return get_be(reader, 8);
}

int64_t bh_get_i64(struct bh_reader *reader)
{
	return (int64_t)get_be(reader, 8);
}

struct bh_span bh_get_block(struct bh_reader *reader)
{
	return bh_get_bytes(reader, bh_get_u32(reader));
}

bool bh_reader_done(const struct bh_reader *reader)
{
	return !reader->bad && reader->at == reader->len;
}
