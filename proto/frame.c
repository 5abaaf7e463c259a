/* A frame is judged from its head alone, so a hostile length costs nothing; a whole one is lent out
 * of the caller's buffer. */
#include "proto/err.h"
#include "proto/frame.h"
#include "proto/limits.h"

#define LENGTH_BYTES 4u
#define FLAGS_KNOWN 0u

int bh_frame_take(struct bh_span buf, size_t body_max, struct bh_span *body, size_t *used)
{
	struct bh_reader reader = bh_reader(buf);
	uint32_t length = bh_get_u32(&reader);
	if (reader.bad) {
		*used = 0;
		return BH_ERR_BUSY;
	}
	if (length < 2)
		return BH_ERR_MALFORMED;
	if (length - 1 > body_max)
		return BH_ERR_LIMIT;
	if (buf.len > LENGTH_BYTES && (buf.data[LENGTH_BYTES] & ~FLAGS_KNOWN) != 0)
		return BH_ERR_MALFORMED;
	if (buf.len - LENGTH_BYTES < length) {
		*used = 0;
		return BH_ERR_BUSY;
	}
	*body = bh_span(buf.data + BH_FRAME_HEAD_BYTES, length - 1);
	*used = LENGTH_BYTES + length;
	return 0;
}

int bh_frame_begin(struct bh_buf *out, size_t *mark)
{
	static const uint8_t head[BH_FRAME_HEAD_BYTES] = {0};
	size_t at = out->len;
	int err = bh_buf_append(out, head, sizeof(head));
	if (err == 0)
		*mark = at;
	return err;
}

int bh_frame_end(struct bh_buf *out, size_t mark)
{
	bh_assert(mark + BH_FRAME_HEAD_BYTES <= out->len);
	size_t length = out->len - mark - LENGTH_BYTES;
	if (length < 2) {
		out->len = mark;
		return BH_ERR_INVALID;
	}
	if (length > BH_FRAME_BYTES_MAX) {
		out->len = mark;
		return BH_ERR_LIMIT;
	}
	for (unsigned i = 0; i < LENGTH_BYTES; i++)
		out->data[mark + i] = (uint8_t)(length >> (8 * (LENGTH_BYTES - 1 - i)));
	return 0;
}

int bh_frame_put(struct bh_buf *out, struct bh_span body)
{
	size_t mark;
	int err = bh_frame_begin(out, &mark);
	if (err != 0)
		return err;
	err = bh_buf_append(out, body.data, body.len);
	if (err != 0) {
		out->len = mark;
		return err;
	}
	return bh_frame_end(out, mark);
}
