/* Packs and unpacks a batch: deflate with the project's preset dictionary, bounded on both sides.
 */
#ifndef BH_PROTO_PACK_H
#define BH_PROTO_PACK_H

#include "proto/bytes.h"

enum bh_pack_scheme {
	BH_PACK_BARE = 0,
	BH_PACK_DEFLATE_DICT1 = 1,
};

/* A pair of reusable compression contexts: one a thread, none a connection. */
struct bh_packer;

/* 0 or BH_ERR_NOMEM.  About 300 KB. */
int bh_packer_open(struct bh_packer **out);
void bh_packer_close(struct bh_packer *packer);

/* Appends raw, packed by the scheme that came out smaller, to out and says which; bare, too,
 * where it would pass BH_UNPACKED_RATIO_MAX.  0, BH_ERR_NOMEM, BH_ERR_LIMIT (over
 * BH_UNPACKED_BYTES_MAX, or out has no room for raw). */
int bh_pack(struct bh_packer *packer, struct bh_span raw, struct bh_buf *out,
	enum bh_pack_scheme *scheme);
/* Appends exactly raw_bytes to out, or leaves it untouched: BH_ERR_LIMIT when raw_bytes is over
 * BH_UNPACKED_BYTES_MAX or over BH_UNPACKED_RATIO_MAX times the input (judged before inflating, and
 * again while inflating), BH_ERR_MALFORMED for a broken, truncated, over-long or trailing stream
 * and an unknown scheme. */
int bh_unpack(struct bh_packer *packer, uint32_t scheme, uint32_t raw_bytes, struct bh_span packed,
	struct bh_buf *out);

/* The dictionary itself: dictionary 1, written for the project from the domain's own vocabulary. */
struct bh_span bh_pack_dictionary(void);

#endif
