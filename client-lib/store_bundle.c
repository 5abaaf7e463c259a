/* A bundle's matter out of the store, and the key that its answer is sealed for.
 *
 * Nothing changes here by carrying: ops and photos stay what they were until the district's word
 * comes back.  The reply key lies in a file beside the photos, made once; a part of one, left by a
 * crash, was told nobody, and is made anew. */
#include <stdlib.h>
#include <string.h>

#include "client-lib/local_bundle.h"
#include "client-lib/store_file.h"
#include "proto/codec.h"

#define PLAN_BLOBS_MAX 100000u

/* ---- The plan ---------------------------------------------------------------------------- */

static int key_read(struct bh_local *local, uint8_t out[BH_PUBLIC_KEY_BYTES])
{
	struct bh_arena arena = BH_ARENA(16u * BH_UNPACKED_BYTES_MAX);
	struct bh_msg_district district;
	int rc = bh_local_district_read(local, &arena, &district);

	if (rc == 0 && district.bundle_key.len != BH_PUBLIC_KEY_BYTES)
		rc = BH_ERR_VERSION;
	if (rc == 0)
		memcpy(out, district.bundle_key.data, BH_PUBLIC_KEY_BYTES);
	bh_arena_free(&arena);
	return rc == BH_ERR_NOT_FOUND ? BH_ERR_VERSION : rc;
}

int bh_local_bundle_key_id(struct bh_local *local, uint8_t out[BH_BUNDLE_KEY_ID_BYTES])
{
	uint8_t key[BH_PUBLIC_KEY_BYTES];
	int rc = key_read(local, key);

	if (rc == 0)
		bh_bundle_key_id(local->hasher, key, out);
	return rc;
}

static int blobs_count(struct bh_local *local, size_t *count)
{
	struct bh_unsent unsent;
	int rc = bh_local_blobs_unsent(local, &unsent);

	if (rc == 0)
		*count = unsent.ops < PLAN_BLOBS_MAX ? (size_t)unsent.ops : PLAN_BLOBS_MAX;
	return rc;
}

static int plan_blobs(struct bh_local *local, struct bh_bundle_plan *plan)
{
	size_t max = 0;
	int rc = blobs_count(local, &max);

	if (rc != 0 || max == 0)
		return rc;
	plan->blobs = calloc(max, sizeof(*plan->blobs));
	if (!plan->blobs)
		return BH_ERR_NOMEM;
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_BLOB_CARRY);

	while (plan->blobs_count < max && (rc = bh_store_row(local, row)) == 0) {
		struct bh_blob_due *due = &plan->blobs[plan->blobs_count++];

		rc = bh_column_bytes(row, 0, due->hash, sizeof(due->hash));
		due->size = (uint32_t)sqlite3_column_int64(row, 1);
		due->kind = (uint32_t)sqlite3_column_int64(row, 2);
		if (rc != 0)
			break;
	}
	if (rc == 0)
		sqlite3_reset(row);
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

/* ---- What a server that was put back holds ------------------------------------------------- */

/* Where bundles begin while this is how far was acknowledged. */
struct held {
	uint8_t log_id[BH_LOG_ID_BYTES];
	uint64_t acked_seq, held_seq;
};

static const struct bh_file_name held_file = {"held"};

/* One that is not whole, or of before, is none: then the server says it again. */
static int plan_held(struct bh_local *local, struct bh_log *log)
{
	struct held held;

	if (bh_file_read(local, held_file, 0, (uint8_t *)&held, sizeof(held)) != 0 ||
		memcmp(held.log_id, log->log_id, sizeof(held.log_id)) != 0 ||
		held.acked_seq != log->acked_seq || held.held_seq >= held.acked_seq)
		return 0;
	log->acked_seq = held.held_seq;
	return bh_local_link(local, held.held_seq, log->acked_link);
}

int bh_local_held(struct bh_local *local, uint64_t held_seq, const uint8_t held_link[BH_HASH_BYTES])
{
	struct held held = {.held_seq = held_seq};
	uint8_t link[BH_HASH_BYTES];
	struct bh_log log;
	int rc = bh_local_log(local, &log);

	if (rc == 0)
		rc = bh_local_link(local, held_seq, link);
	if (rc == BH_ERR_NOT_FOUND || (rc == 0 && memcmp(link, held_link, sizeof(link)) != 0))
		return BH_ERR_FORK;
	if (rc == 0)
		rc = bh_store_begin(local);
	if (rc == 0)
		rc = bh_store_end(local, bh_store_blobs_again(local));
	if (rc != 0)
		return rc;
	memcpy(held.log_id, log.log_id, sizeof(held.log_id));
	held.acked_seq = log.acked_seq;
	return bh_file_write(local, held_file, bh_span(&held, sizeof(held)));
}

/* ---- The whole plan ------------------------------------------------------------------------ */

int bh_local_bundle_plan(struct bh_local *local, struct bh_bundle_plan *out)
{
	struct bh_bundle_plan plan = {.blobs = NULL};
	const struct bh_key *next;
	struct bh_device device;
	int rc = bh_local_device(local, &device);

	if (rc == 0 && device.enrolled != BH_ENROL_YES)
		rc = BH_ERR_AUTH;
	if (rc == 0)
		rc = key_read(local, plan.district_key);
	if (rc == 0)
		rc = bh_local_log(local, &plan.log);
	if (rc == 0)
		rc = plan_held(local, &plan.log);
	if (rc == 0)
		rc = plan_blobs(local, &plan);
	if (rc != 0) {
		bh_bundle_plan_free(&plan);
		return rc;
	}
	memcpy(plan.district, device.district, sizeof(plan.district));
	memcpy(plan.public_key, device.public_key, sizeof(plan.public_key));
	plan.device = device.device;
	plan.has_next = bh_local_next_key(local, &next, plan.next_public);
	*out = plan;
	return 0;
}

void bh_bundle_plan_free(struct bh_bundle_plan *plan)
{
	free(plan->blobs);
	*plan = (struct bh_bundle_plan){.blobs = NULL};
}

int bh_local_bundle_batch(struct bh_local *local, const struct bh_bundle_plan *plan,
	uint64_t first_seq, struct bh_arena *arena, struct bh_op_batch *out,
	const struct bh_msg_push_receipt **receipts, size_t *receipts_count)
{
	uint64_t left = plan->log.head_seq + 1 - first_seq;
	struct bh_log log;
	int rc = bh_local_log(local, &log);

	if (rc == 0 && memcmp(log.log_id, plan->log.log_id, sizeof(log.log_id)) != 0)
		rc = BH_ERR_FORK;
	if (rc != 0)
		return rc;
	if (left == 0) {
		*out = (struct bh_op_batch){.first_seq = first_seq};
		return 0;
	}
	rc = bh_local_batch(local, first_seq,
		left < BH_BATCH_OPS_MAX ? (size_t)left : BH_BATCH_OPS_MAX, BH_BATCH_BYTES_MAX,
		arena, out);
	return rc == 0 ? bh_local_batch_receipts(local, arena, out, receipts, receipts_count) : rc;
}

/* ---- The reply key ----------------------------------------------------------------------- */

const struct bh_file_name bh_reply_file = {"reply.key"};
/* That it lasts: a key whose sync failed may be read until the power goes. */
const struct bh_file_name bh_reply_mark = {"reply.mark"};

int bh_local_reply_key(struct bh_local *local, struct bh_key **out)
{
	struct bh_buf der = BH_BUF(BH_REPLY_KEY_BYTES_MAX);
	uint64_t size = 0;
	int rc = bh_store_ready(local);

	if (rc == 0)
		rc = bh_file_size(local, bh_reply_file, &size);
	if (rc == 0 && size > BH_REPLY_KEY_BYTES_MAX)
		rc = BH_ERR_NOT_FOUND;
	if (rc == 0)
		rc = bh_file_bytes(local, bh_reply_file, (uint32_t)size, &der);
	if (rc == 0 && bh_key_import(bh_buf_span(&der), out) != 0)
		rc = BH_ERR_NOT_FOUND;
	bh_buf_wipe(&der);
	return rc;
}

int bh_local_reply_forget(struct bh_local *local)
{
	int rc = bh_file_drop(local, bh_reply_mark);

	return rc == 0 ? bh_file_drop(local, bh_reply_file) : rc;
}

int bh_local_reply_is(
	struct bh_local *local, const uint8_t reply_key[BH_PUBLIC_KEY_BYTES], bool *out)
{
	uint8_t present[BH_PUBLIC_KEY_BYTES];
	struct bh_key *key = NULL;
	int rc = bh_local_reply_key(local, &key);

	if (rc == 0)
		bh_key_public(key, present);
	bh_key_free(key);
	if (rc == 0 || rc == BH_ERR_NOT_FOUND)
		*out = rc == 0 && memcmp(present, reply_key, sizeof(present)) == 0;
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

static int reply_key_write(struct bh_local *local, const struct bh_key *key)
{
	struct bh_buf der = BH_BUF(BH_REPLY_KEY_BYTES_MAX);
	int rc = bh_key_export(key, &der);

	if (rc == 0)
		rc = bh_file_write(local, bh_reply_file, bh_buf_span(&der));
	bh_buf_wipe(&der);
	return rc;
}

/* The one that is kept, or another, and in either case durably: an answer may come days later. */
static int reply_key_keep(struct bh_local *local, struct bh_key **out)
{
	static const uint8_t mark = 1;
	uint64_t size = 0;
	struct bh_key *key = NULL;
	int rc = bh_local_reply_key(local, &key);
	bool lasts = rc == 0 && bh_file_size(local, bh_reply_mark, &size) == 0;

	if (rc == BH_ERR_NOT_FOUND)
		rc = bh_key_generate(&key);
	if (rc == 0 && !lasts)
		rc = reply_key_write(local, key);
	if (rc == 0) /* written anew each time: its own sync may have failed before */
		rc = bh_file_write(local, bh_reply_mark, bh_span(&mark, sizeof(mark)));
	if (rc == 0)
		*out = key;
	else
		bh_key_free(key);
	return rc;
}

int bh_local_bundle_statement(
	struct bh_local *local, const struct bh_bundle_plan *plan, struct bh_buf *out)
{
	const struct bh_log *log = &plan->log;
	uint8_t reply[BH_PUBLIC_KEY_BYTES];
	struct bh_key *key = NULL;
	int rc = reply_key_keep(local, &key);

	if (rc != 0)
		return rc;
	bh_key_public(key, reply);
	bh_key_free(key);
	const struct bh_msg_bundle_statement statement = {
		.district = bh_span(plan->district, strlen(plan->district)),
		.device = plan->device,
		.log_id = bh_span(log->log_id, sizeof(log->log_id)),
		.after_seq = log->acked_seq,
		.after_link = bh_span(log->acked_link, sizeof(log->acked_link)),
		.last_seq = log->head_seq,
		.last_link = bh_span(log->head_link, sizeof(log->head_link)),
		.forked_from = bh_span(log->forked_from,
			log->has_forked_from && log->log_short == 0 ? BH_LOG_ID_BYTES : 0),
		.reply_key = bh_span(reply, sizeof(reply))};

	return bh_encode_bundle_statement(&statement, out);
}

/* ---- The answer -------------------------------------------------------------------------- */

static int blob_answer(
	struct bh_local *local, const uint8_t hash[BH_HASH_BYTES], uint64_t last_seq, bool *moved)
{
	sqlite3_stmt *set = bh_store_sql(local, BH_SQL_BLOB_ANSWERED);
	struct bh_log log;
	int rc = bh_store_log_row(local, &log);

	if (rc != 0)
		return rc;
	bh_bind_blob(set, 1, bh_span(hash, BH_HASH_BYTES));
	bh_bind_int(set, 2, bh_op_key(log.row, last_seq));
	rc = bh_store_row(local, set);
	*moved = rc == 0;
	if (rc == 0)
		rc = bh_store_run(local, set);
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

int bh_local_blob_answered(struct bh_local *local, const uint8_t hash[BH_HASH_BYTES],
	uint64_t last_seq, struct bh_changes *changes)
{
	uint64_t number = 0;
	bool moved = false;
	int rc = bh_store_begin(local);

	if (rc != 0)
		return rc;
	rc = blob_answer(local, hash, last_seq, &moved);
	if (rc == 0 && moved)
		rc = bh_store_blob_case(local, hash, &number);
	rc = bh_store_end(local, rc);
	if (rc != 0 || !moved)
		return rc;
	bh_changes_add(changes,
		(struct bh_change){
			.kind = BH_CHANGE_PHOTO, .number = number, .verdict = BH_FATE_COMPLETE});
	bh_changes_add(changes, (struct bh_change){.kind = BH_CHANGE_STATUS});
	return 0;
}
