/* What the handset's store gives to be carried by hand, and takes of the answer (PROTOCOL.md,
 * section 21). */
#ifndef BH_CLIENT_LOCAL_BUNDLE_H
#define BH_CLIENT_LOCAL_BUNDLE_H

#include "client-lib/local_photo.h"
#include "proto/bundle.h"
#include "proto/message_bundle.h"

/* What there was to carry at one instant.  The contract of local.h holds; the ops are not copied:
 * they stay as they are, and bh_local_bundle_batch reads them. */
struct bh_bundle_plan {
	char district[BH_DISTRICT_BYTES_MAX + 1];
	uint32_t device;
	uint8_t public_key[BH_PUBLIC_KEY_BYTES];
	bool has_next; /* another key waits to take over: the server may have it already */
	uint8_t next_public[BH_PUBLIC_KEY_BYTES];
	uint8_t district_key[BH_PUBLIC_KEY_BYTES]; /* it is sealed for */
	struct bh_log log; /* everything after acked_seq, up to head_seq; acked_seq is the server's
			      own, where it said that it was put back */
	struct bh_blob_due *blobs; /* not known to be whole at the server, small ones first */
	size_t blobs_count;
};

/* What stands in the head of a file that is sealed for the district, as far as is known here.
 * BH_ERR_VERSION: it told no key to seal for. */
int bh_local_bundle_key_id(struct bh_local *local, uint8_t out[BH_BUNDLE_KEY_ID_BYTES]);

/* BH_ERR_AUTH before enrolment, BH_ERR_VERSION: the district told no key to seal for. */
int bh_local_bundle_plan(struct bh_local *local, struct bh_bundle_plan *out);
void bh_bundle_plan_free(struct bh_bundle_plan *plan);
/* The plan's BundleStatement, which has to be signed.  Makes the key that the answer is sealed for,
 * once a store. */
int bh_local_bundle_statement(
	struct bh_local *local, const struct bh_bundle_plan *plan, struct bh_buf *out);
/* The plan's ops from first_seq on; count 0: there are no more.  Those that were acknowledged
 * before come with their receipts (bh_local_batch_receipts).  BH_ERR_FORK: another log has begun
 * since. */
int bh_local_bundle_batch(struct bh_local *local, const struct bh_bundle_plan *plan,
	uint64_t first_seq, struct bh_arena *arena, struct bh_op_batch *out,
	const struct bh_msg_push_receipt **receipts, size_t *receipts_count);

/* What answers are opened with; BH_ERR_NOT_FOUND: nothing was ever exported here. */
int bh_local_reply_key(struct bh_local *local, struct bh_key **out);
/* No answer to what was exported before opens any more: the server has lost what one may call
 * whole. What they acknowledge comes by sessions. */
int bh_local_reply_forget(struct bh_local *local);
/* Whether answers are sealed for this one: it was not forgotten since. */
int bh_local_reply_is(
	struct bh_local *local, const uint8_t reply_key[BH_PUBLIC_KEY_BYTES], bool *out);

/* ---- store_epoch.c ---- */
/* The newest epoch that was heard of, whatever brought it; what an older one's answer says of
 * photos is not believed. */
int bh_local_epoch(struct bh_local *local, uint64_t *out);
/* A Welcome's, after bh_local_welcome, which keeps none of a draining one. */
int bh_local_epoch_welcomed(struct bh_local *local, uint64_t epoch, bool draining);
/* An answer's: of a newer one, what was COMPLETE and is here is DUE again, as after a Welcome's. */
int bh_local_epoch_answered(struct bh_local *local, uint64_t epoch);

/* ---- store_bundle.c ---- */
/* A photo is whole at the server, for the ops of the present log up to last_seq: COMPLETE, if it
 * was DUE and no later op names it. */
int bh_local_blob_answered(struct bh_local *local, const uint8_t hash[BH_HASH_BYTES],
	uint64_t last_seq, struct bh_changes *changes);
/* The server's log ends at held_seq, less than it had acknowledged: until something is acknowledged
 * again, bundles begin there, and photos are due again.  BH_ERR_FORK: its link is not ours. */
int bh_local_held(
	struct bh_local *local, uint64_t held_seq, const uint8_t held_link[BH_HASH_BYTES]);

#endif
