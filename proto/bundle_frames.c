/* Content that has proved whole is gathered until it is a frame; what is left of it waits for the
 * next chunk.  The first error is final, as a sealed file's is. */
#include <stdlib.h>
#include <string.h>

#include "proto/bundle_frames.h"
#include "proto/err.h"
#include "proto/frame.h"
#include "proto/hash.h"

struct bh_bundle_frames {
	struct bh_bundle_reader *reader;
	bh_bundle_taker take;
	void *context;
	struct bh_buf in; /* of the frame that is not whole yet */
};

/* All frames that are whole. */
static int frames_cut(struct bh_bundle_frames *frames)
{
	size_t at = 0;
	int err = 0;
	while (err == 0) {
		struct bh_span rest = bh_span(frames->in.data + at, frames->in.len - at);
		struct bh_span body;
		size_t used = 0;
		err = bh_frame_take(rest, BH_FRAME_BYTES_MAX - 1, &body, &used);
		if (err == 0)
			err = frames->take(frames->context, body);
		at += used;
	}
	bh_buf_consume(&frames->in, at);
	return err == BH_ERR_BUSY ? 0 : err;
}

static int content_take(void *context, struct bh_span bytes)
{
	struct bh_bundle_frames *frames = context;
	int err = bh_buf_append(&frames->in, bytes.data, bytes.len);
	return err != 0 ? err : frames_cut(frames);
}

int bh_bundle_frames_open(const struct bh_key *const *keys, size_t count, bh_bundle_taker take,
	void *context, struct bh_bundle_frames **out)
{
	struct bh_bundle_frames *frames = calloc(1, sizeof(*frames));
	if (frames == NULL)
		return BH_ERR_NOMEM;
	frames->take = take;
	frames->context = context;
	frames->in = BH_BUF(BH_FRAME_HEAD_BYTES + BH_FRAME_BYTES_MAX + BH_BUNDLE_CHUNK_BYTES);
	const struct bh_bundle_sink sink = {content_take, frames};
	int err = bh_bundle_reader_open(keys, count, sink, &frames->reader);
	if (err != 0) {
		bh_bundle_frames_close(frames);
		return err;
	}
	*out = frames;
	return 0;
}

int bh_bundle_frames_put(struct bh_bundle_frames *frames, struct bh_span bytes)
{
	return bh_bundle_reader_put(frames->reader, bytes);
}

int bh_bundle_frames_end(struct bh_bundle_frames *frames)
{
	int err = bh_bundle_reader_end(frames->reader);
	return err == 0 && frames->in.len > 0 ? BH_ERR_MALFORMED : err;
}

void bh_bundle_frames_close(struct bh_bundle_frames *frames)
{
	if (frames == NULL)
		return;
	bh_bundle_reader_close(frames->reader);
	bh_buf_wipe(&frames->in);
	free(frames);
}

int bh_bundle_put_frame(struct bh_bundle_writer *writer, struct bh_span body)
{
	struct bh_buf head = BH_BUF(BH_FRAME_HEAD_BYTES);
	if (body.len == 0 || body.len > BH_FRAME_BYTES_MAX - 1)
		return BH_ERR_LIMIT;
	int err = bh_put_u32(&head, (uint32_t)body.len + 1);
	if (err == 0)
		err = bh_put_u8(&head, 0);
	if (err == 0)
		err = bh_bundle_writer_put(writer, bh_buf_span(&head));
	if (err == 0)
		err = bh_bundle_writer_put(writer, body);
	bh_buf_free(&head);
	return err;
}

void bh_cargo_chain(struct bh_hasher *hasher, uint8_t chain[BH_HASH_BYTES], struct bh_span part)
{
	uint8_t before[BH_HASH_BYTES];
	const struct bh_span parts[] = {bh_span(before, BH_HASH_BYTES), part};
	memcpy(before, chain, BH_HASH_BYTES);
	bh_hash_parts(hasher, parts, 2, chain);
}
