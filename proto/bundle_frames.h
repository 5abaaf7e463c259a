/* The frames that lie in a sealed file: put in one by one, and given out again as they were. */
#ifndef BH_PROTO_BUNDLE_FRAMES_H
#define BH_PROTO_BUNDLE_FRAMES_H

#include "proto/bundle.h"

/* A frame's body, borrowed during the call: 0, or an error that ends the file with it. */
typedef int (*bh_bundle_taker)(void *context, struct bh_span body);

struct bh_bundle_frames;

/* As bh_bundle_reader_open, for a file whose content is frames (frame.h): each goes to take once
 * its bytes have proved whole; all of them are the file's only when the end has given 0. */
int bh_bundle_frames_open(const struct bh_key *const *keys, size_t count, bh_bundle_taker take,
	void *context, struct bh_bundle_frames **out);
/* The codes of bh_bundle_reader_put; BH_ERR_MALFORMED and BH_ERR_LIMIT also for what is no frame or
 * too long. */
int bh_bundle_frames_put(struct bh_bundle_frames *frames, struct bh_span bytes);
/* BH_ERR_MALFORMED also for half a frame at the end. */
int bh_bundle_frames_end(struct bh_bundle_frames *frames);
void bh_bundle_frames_close(struct bh_bundle_frames *frames); /* takes NULL */

/* Puts a body as a frame: the codes of bh_bundle_writer_put. */
int bh_bundle_put_frame(struct bh_bundle_writer *writer, struct bh_span body);

/* What a file is called that travels in parts, as cargo and its answer do: begin with zeros and add
 * parts of BH_BLOB_PART_BYTES_MAX bytes in order, of which only the last may be shorter
 * (PROTOCOL.md, section 21).  Whoever knows a beginning goes on from there. */
void bh_cargo_chain(struct bh_hasher *hasher, uint8_t chain[BH_HASH_BYTES], struct bh_span part);

#endif
