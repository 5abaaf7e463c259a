/* What is recorded and not acknowledged, written as a bundle that anyone may carry; and the
 * district's answer to one, read. */
#ifndef BH_CLIENT_CARRY_H
#define BH_CLIENT_CARRY_H

#include "client-lib/local_bundle.h"
#include "proto/bundle.h"

/* Whose store it is, and how it is entered: never held while the sink or the signer works. */
struct bh_carry_options {
	struct bh_local *local;
	void *context;
	void (*enter)(void *context); /* may be NULL, with leave: nobody else is there */
	void (*leave)(void *context);
	/* Signs with the device's key, or the one that waits to take over: 0 or why not. */
	int (*sign)(void *context, const uint8_t public_key[BH_PUBLIC_KEY_BYTES],
		struct bh_span message, uint8_t signature[BH_SIGNATURE_BYTES]);
};

/* Signs with the store's own half of such a key; BH_ERR_NOT_FOUND: it lies outside. */
int bh_carry_sign(struct bh_local *local, const uint8_t public_key[BH_PUBLIC_KEY_BYTES],
	struct bh_span message, uint8_t signature[BH_SIGNATURE_BYTES]);

struct bh_carried {
	uint64_t ops;
	uint64_t photos; /* thumbnails included */
	uint64_t photo_bytes;
	uint64_t photos_left; /* no room, or no longer here */
};

/* Writes a whole bundle into the sink.  BH_ERR_NOT_FOUND: there is nothing to carry, and nothing
 * was written; else bh_local_bundle_plan's codes, the sink's and the signer's; BH_ERR_FORK: another
 * log began meanwhile, do it again; BH_ERR_AUTH also where the signature does not hold. */
int bh_carry_out(
	const struct bh_carry_options *options, struct bh_bundle_sink sink, struct bh_carried *out);

/* ---- carry_answer.c ---- */

struct bh_carry_answer;
typedef int bh_carry_take(void *context, const struct bh_msg_bundle_answer *answer,
	const uint8_t reply_key[BH_PUBLIC_KEY_BYTES]);

/* Reads the answer to a bundle of this store: put its bytes, then end; then its words may be taken.
 * Nothing of it is believed, and nothing changes, before that.  take: each BundleAnswer, verified
 * by the district's pinned key, and of this device, with the key that it was sealed for; may be
 * NULL: it is only looked at.
 * BH_ERR_NOT_FOUND: nothing was ever exported here. */
int bh_carry_answer_open(
	struct bh_local *local, bh_carry_take *take, void *context, struct bh_carry_answer **out);
/* BH_ERR_NOT_FOUND: it is sealed for somebody else; BH_ERR_MALFORMED, BH_ERR_AUTH: no such file, or
 * changed, cut short, or not in the district's name. */
int bh_carry_answer_put(struct bh_carry_answer *answer, struct bh_span bytes);
int bh_carry_answer_end(struct bh_carry_answer *answer);
void bh_carry_answer_close(struct bh_carry_answer *answer); /* takes NULL */

#endif
