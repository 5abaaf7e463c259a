/* The messages that travel or lie inside others, each by its map. */
#include "proto/codec.h"
#include "proto/codec_map.h"
#include "proto/err.h"
#include "proto/limits.h"

/* A batch is a column of headers and a column of contents, of one length. */
int bh_decode_batch(struct bh_span raw, struct bh_arena *arena, struct bh_msg_batch *out)
{
	struct bh_msg_batch batch;
	int err = bh_message_decode(&bh_map_batch, raw, arena, &batch);
	if (err != 0)
		return err;
	if (batch.headers_count != batch.contents_count)
		return BH_ERR_MALFORMED;
	*out = batch;
	return 0;
}

int bh_encode_batch(const struct bh_msg_batch *batch, struct bh_buf *out)
{
	if (batch->headers_count != batch->contents_count)
		return BH_ERR_INVALID;
	return bh_message_encode(&bh_map_batch, batch, out);
}

int bh_decode_records(struct bh_span raw, struct bh_arena *arena, struct bh_msg_records *out)
{
	return bh_message_decode(&bh_map_records, raw, arena, out);
}

int bh_encode_records(const struct bh_msg_records *records, struct bh_buf *out)
{
	return bh_message_encode(&bh_map_records, records, out);
}

int bh_decode_district(struct bh_span raw, struct bh_arena *arena, struct bh_msg_district *out)
{
	return bh_message_decode(&bh_map_district, raw, arena, out);
}

int bh_encode_district(const struct bh_msg_district *district, struct bh_buf *out)
{
	return bh_message_encode(&bh_map_district, district, out);
}

int bh_decode_receipt(
	struct bh_span raw, struct bh_arena *arena, struct bh_msg_enrolment_receipt *out)
{
	return bh_message_decode(&bh_map_receipt, raw, arena, out);
}

int bh_encode_receipt(const struct bh_msg_enrolment_receipt *receipt, struct bh_buf *out)
{
	return bh_message_encode(&bh_map_receipt, receipt, out);
}

int bh_decode_profile(struct bh_span raw, struct bh_arena *arena, struct bh_msg_profile *out)
{
	return bh_message_decode(&bh_map_profile, raw, arena, out);
}

int bh_encode_profile(const struct bh_msg_profile *profile, struct bh_buf *out)
{
	return bh_message_encode(&bh_map_profile, profile, out);
}

int bh_decode_entry_enrol_code(
	struct bh_span raw, struct bh_arena *arena, struct bh_msg_entry_enrol_code *out)
{
	return bh_message_decode(&bh_map_entry_enrol_code, raw, arena, out);
}

int bh_encode_entry_enrol_code(const struct bh_msg_entry_enrol_code *entry, struct bh_buf *out)
{
	return bh_message_encode(&bh_map_entry_enrol_code, entry, out);
}

int bh_decode_entry_enrolled(
	struct bh_span raw, struct bh_arena *arena, struct bh_msg_entry_enrolled *out)
{
	return bh_message_decode(&bh_map_entry_enrolled, raw, arena, out);
}

int bh_encode_entry_enrolled(const struct bh_msg_entry_enrolled *entry, struct bh_buf *out)
{
	return bh_message_encode(&bh_map_entry_enrolled, entry, out);
}

int bh_decode_entry_revoked(
	struct bh_span raw, struct bh_arena *arena, struct bh_msg_entry_revoked *out)
{
	return bh_message_decode(&bh_map_entry_revoked, raw, arena, out);
}

int bh_encode_entry_revoked(const struct bh_msg_entry_revoked *entry, struct bh_buf *out)
{
	return bh_message_encode(&bh_map_entry_revoked, entry, out);
}

int bh_decode_entry_log(struct bh_span raw, struct bh_arena *arena, struct bh_msg_entry_log *out)
{
	return bh_message_decode(&bh_map_entry_log, raw, arena, out);
}

int bh_encode_entry_log(const struct bh_msg_entry_log *entry, struct bh_buf *out)
{
	return bh_message_encode(&bh_map_entry_log, entry, out);
}

int bh_decode_entry_rotated(
	struct bh_span raw, struct bh_arena *arena, struct bh_msg_entry_rotated *out)
{
	return bh_message_decode(&bh_map_entry_rotated, raw, arena, out);
}

int bh_encode_entry_rotated(const struct bh_msg_entry_rotated *entry, struct bh_buf *out)
{
	return bh_message_encode(&bh_map_entry_rotated, entry, out);
}

int bh_decode_entry_restored(
	struct bh_span raw, struct bh_arena *arena, struct bh_msg_entry_restored *out)
{
	return bh_message_decode(&bh_map_entry_restored, raw, arena, out);
}

int bh_encode_entry_restored(const struct bh_msg_entry_restored *entry, struct bh_buf *out)
{
	return bh_message_encode(&bh_map_entry_restored, entry, out);
}
