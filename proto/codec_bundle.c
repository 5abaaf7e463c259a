/* What lies in a sealed file: the rows of its messages, and the journal's word of one.  See
 * codec_session.c. */
#include "proto/codec.h"
#include "proto/codec_table.h"
#include "proto/err.h"

/* clang-format off */
static const struct bh_field_map entry_bundle_rows[] = {
	ANY(entry_bundle, device),
	EXACT(entry_bundle, log_id, BH_LOG_ID_BYTES),
	ANY(entry_bundle, after_seq),
	ANY(entry_bundle, last_seq),
};
const struct bh_message_map bh_map_entry_bundle =
	PLAIN_MAP(entry_bundle, entry_bundle_rows, entry_bundle);

static const struct bh_field_map signed_rows[] = {
	ANY(signed, statement),
	EXACT(signed, signature, BH_SIGNATURE_BYTES),
	EXACT_OR_NONE(signed, key, BH_PUBLIC_KEY_BYTES),
	EXACT_OR_NONE(signed, next_signature, BH_SIGNATURE_BYTES),
};
const struct bh_message_map bh_map_signed =
	PLAIN_MAP(signed, signed_rows, signed);

static const struct bh_field_map bundle_statement_rows[] = {
	TEXT(bundle_statement, district),
	ANY(bundle_statement, device),
	EXACT(bundle_statement, log_id, BH_LOG_ID_BYTES),
	ANY(bundle_statement, after_seq),
	EXACT(bundle_statement, after_link, BH_HASH_BYTES),
	ANY(bundle_statement, last_seq),
	EXACT(bundle_statement, last_link, BH_HASH_BYTES),
	EXACT_OR_NONE(bundle_statement, forked_from, BH_LOG_ID_BYTES),
	EXACT(bundle_statement, reply_key, BH_PUBLIC_KEY_BYTES),
};
const struct bh_message_map bh_map_bundle_statement =
	PLAIN_MAP(bundle_statement, bundle_statement_rows, bundle_statement);

static const struct bh_field_map bundle_answer_rows[] = {
	TEXT(bundle_answer, district),
	ANY(bundle_answer, device),
	EXACT(bundle_answer, log_id, BH_LOG_ID_BYTES),
	INNER_IF(bundle_answer, ack, bh_map_ack),
	LIST(bundle_answer, complete, BH_BUNDLE_COMPLETE_MAX),
	ANY(bundle_answer, last_seq),
	ANY(bundle_answer, epoch),
	ANY(bundle_answer, held_seq),
	EXACT_OR_NONE(bundle_answer, held_link, BH_HASH_BYTES),
};
const struct bh_message_map bh_map_bundle_answer =
	LIST_MAP(bundle_answer, bundle_answer_rows, bundle_answer);

static const struct bh_field_map cargo_rows[] = {
	EXACT(cargo, hash, BH_HASH_BYTES),
	ANY(cargo, size),
	ANY(cargo, offset),
	ANY(cargo, data),
	ANY(cargo, answer_offset),
};
const struct bh_message_map bh_map_cargo =
	PLAIN_MAP(cargo, cargo_rows, cargo);

static const struct bh_field_map cargo_state_rows[] = {
	EXACT(cargo_state, hash, BH_HASH_BYTES),
	ANY(cargo_state, state),
	ANY(cargo_state, offset),
	ANY(cargo_state, retry_after_ms),
	ANY(cargo_state, answer_size),
	EXACT_OR_NONE(cargo_state, answer_hash, BH_HASH_BYTES),
	ANY(cargo_state, data),
	TEXT(cargo_state, reason),
};
const struct bh_message_map bh_map_cargo_state =
	PLAIN_MAP(cargo_state, cargo_state_rows, cargo_state);
/* clang-format on */

int bh_decode_entry_bundle(
	struct bh_span raw, struct bh_arena *arena, struct bh_msg_entry_bundle *out)
{
	return bh_message_decode(&bh_map_entry_bundle, raw, arena, out);
}

int bh_encode_entry_bundle(const struct bh_msg_entry_bundle *entry, struct bh_buf *out)
{
	return bh_message_encode(&bh_map_entry_bundle, entry, out);
}

int bh_decode_signed(struct bh_span raw, struct bh_arena *arena, struct bh_msg_signed *out)
{
	return bh_message_decode(&bh_map_signed, raw, arena, out);
}

int bh_encode_signed(const struct bh_msg_signed *message, struct bh_buf *out)
{
	return bh_message_encode(&bh_map_signed, message, out);
}

int bh_decode_bundle_statement(
	struct bh_span raw, struct bh_arena *arena, struct bh_msg_bundle_statement *out)
{
	return bh_message_decode(&bh_map_bundle_statement, raw, arena, out);
}

int bh_encode_bundle_statement(const struct bh_msg_bundle_statement *statement, struct bh_buf *out)
{
	return bh_message_encode(&bh_map_bundle_statement, statement, out);
}

static bool hashes_are_whole(const struct bh_msg_bundle_answer *answer)
{
	for (size_t i = 0; i < answer->complete_count; i++) {
		if (answer->complete[i].len != BH_HASH_BYTES)
			return false;
	}
	return true;
}

int bh_decode_bundle_answer(
	struct bh_span raw, struct bh_arena *arena, struct bh_msg_bundle_answer *out)
{
	struct bh_msg_bundle_answer answer;
	int err = bh_message_decode(&bh_map_bundle_answer, raw, arena, &answer);
	if (err != 0)
		return err;
	if (!hashes_are_whole(&answer))
		return BH_ERR_MALFORMED;
	*out = answer;
	return 0;
}

int bh_encode_bundle_answer(const struct bh_msg_bundle_answer *answer, struct bh_buf *out)
{
	if (!hashes_are_whole(answer))
		return BH_ERR_INVALID;
	return bh_message_encode(&bh_map_bundle_answer, answer, out);
}
