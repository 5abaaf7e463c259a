/* Borrowed spans, a growable buffer with a hard maximum, and a bounded big-endian reader and
 * writer. */
#ifndef BH_PROTO_BYTES_H
#define BH_PROTO_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A span somebody else owns.  data may be NULL only when len is 0. */
struct bh_span {
	const uint8_t *data;
	size_t len;
};

static inline struct bh_span bh_span(const void *data, size_t len)
{
	return (struct bh_span){data, len};
}

bool bh_span_equal(struct bh_span a, struct bh_span b);
/* No text: nothing in it but blanks, also those of Chinese type, and control characters. */
bool bh_span_is_blank(struct bh_span text);
/* How many bytes of what steers begin there: controls, also U+0080 to U+009F, and what turns the
 * writing direction (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069); 0: none. */
size_t bh_span_steering(struct bh_span text, size_t at);
/* Of one line: nothing in it steers. */
bool bh_span_is_line(struct bh_span text);

/* A growable buffer that owns its bytes.  Zero-initialise with BH_BUF(max); it never holds more
 * than max bytes and never less than it says. */
struct bh_buf {
	uint8_t *data;
	size_t len;
	size_t cap;
	size_t max;
};

#define BH_BUF(max_bytes) ((struct bh_buf){NULL, 0, 0, (max_bytes)})

/* 0, BH_ERR_LIMIT (would pass max; unchanged) or BH_ERR_NOMEM (unchanged). */
int bh_buf_append(struct bh_buf *buf, const void *data, size_t len);
/* Makes room for len more bytes and gives where to write them; commit with buf->len += n, n <= len.
 */
int bh_buf_reserve(struct bh_buf *buf, size_t len, uint8_t **out);
/* Drops the first len bytes (all of them if fewer). */
void bh_buf_consume(struct bh_buf *buf, size_t len);
/* Releases the bytes; the buffer stays usable.  Secrets: bh_buf_wipe. */
void bh_buf_free(struct bh_buf *buf);
void bh_buf_wipe(struct bh_buf *buf);
struct bh_span bh_buf_span(const struct bh_buf *buf);

/* Fixed-width big-endian writers over a bh_buf; the codes of bh_buf_append. */
int bh_put_u8(struct bh_buf *buf, uint8_t value);
int bh_put_u16(struct bh_buf *buf, uint16_t value);
int bh_put_u32(struct bh_buf *buf, uint32_t value);
int bh_put_u64(struct bh_buf *buf, uint64_t value);
int bh_put_i64(struct bh_buf *buf, int64_t value);
/* u32 length, then the bytes. */
int bh_put_block(struct bh_buf *buf, struct bh_span block);

/* A bounded reader with a sticky error: after a short read everything yields 0 and bad stays true.
 */
struct bh_reader {
	const uint8_t *data;
	size_t len;
	size_t at;
	bool bad;
};

struct bh_reader bh_reader(struct bh_span span);
uint8_t bh_get_u8(struct bh_reader *reader);
uint16_t bh_get_u16(struct bh_reader *reader);
uint32_t bh_get_u32(struct bh_reader *reader);
uint64_t bh_get_u64(struct bh_reader *reader);
int64_t bh_get_i64(struct bh_reader *reader);
/* Borrowed from the reader's span; empty when bad. */
struct bh_span bh_get_bytes(struct bh_reader *reader, size_t len);
struct bh_span bh_get_block(struct bh_reader *reader);
/* True when everything was read and nothing was short. */
bool bh_reader_done(const struct bh_reader *reader);

#endif
