/* Cuts a byte stream into frames and writes them: u32 big-endian length, a flag byte, a body. */
#ifndef BH_PROTO_FRAME_H
#define BH_PROTO_FRAME_H

#include "proto/bytes.h"

/*
 *   0        4      5                 4 + length
 *   +--------+------+-----------------+
 *   | length | flag | body            |    length = 1 + body, 2 <= length <= limit
 *   +--------+------+-----------------+
 *
 * The flag byte is 0; a reader refuses bits it does not know.
 */

/* Takes the first frame of buf.  0 and *body (borrowed from buf until *used bytes are consumed), or
 * BH_ERR_BUSY (not whole yet; *used is 0), BH_ERR_LIMIT (longer than body_max + 1: refused from its
 * head alone), BH_ERR_MALFORMED (length below 2, unknown flag).  Never allocates. */
int bh_frame_take(struct bh_span buf, size_t body_max, struct bh_span *body, size_t *used);
/* Appends a frame with this body: the codes of bh_buf_append, BH_ERR_LIMIT past BH_FRAME_BYTES_MAX.
 */
int bh_frame_put(struct bh_buf *out, struct bh_span body);
/* For an encoder that writes the body itself: begin, append the body to out, end.  *mark is opaque.
 */
int bh_frame_begin(struct bh_buf *out, size_t *mark);
int bh_frame_end(struct bh_buf *out, size_t mark);

#endif
