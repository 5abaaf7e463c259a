/* The one codec: protobuf bytes to checked plain structs and back.  codec*.c are the only files
 * that include generated headers. */
#ifndef BH_PROTO_CODEC_H
#define BH_PROTO_CODEC_H

#include "proto/arena.h"
#include "proto/message.h"
#include "proto/message_bundle.h"

/*
 * Decoding checks everything that can be judged without state: the heap (BH_DECODE_HEAP_FACTOR
 * times the input plus BH_DECODE_HEAP_BASE), item counts, unknown fields (BH_DECODE_UNKNOWN_MAX,
 * skipped), exact lengths of ids, hashes, keys, salts, signatures, and UTF-8 and BH_TEXT_BYTES_MAX
 * of every string.  Unknown fields are never entered, so nothing nests deeper than the schema does.
 * What a worker recorded (OpHeader, OpContent) is decoded apart and leniently: see bh_op_*.
 * A frame of an unknown kind decodes as BH_CLIENT_UNKNOWN or BH_SERVER_UNKNOWN.
 *
 * Arrays live in the arena; spans point into body, which must outlive them.
 * Errors: BH_ERR_MALFORMED (does not decode, wrong length, not UTF-8), BH_ERR_LIMIT (too complex,
 * too many, too long), BH_ERR_NOMEM (the arena).  *out is untouched on failure.
 */
int bh_decode_client_frame(
	struct bh_span body, struct bh_arena *arena, struct bh_client_frame *out);
int bh_decode_server_frame(
	struct bh_span body, struct bh_arena *arena, struct bh_server_frame *out);

/* Appends the body to out, equal structs as equal bytes: 0, BH_ERR_NOMEM, BH_ERR_LIMIT (out's
 * maximum, or more items or text than a reader takes), BH_ERR_INVALID (an unknown kind, a length or
 * a text that a reader would refuse). */
int bh_encode_client_frame(const struct bh_client_frame *frame, struct bh_buf *out);
int bh_encode_server_frame(const struct bh_server_frame *frame, struct bh_buf *out);

/* Messages that travel or lie inside others. */
int bh_decode_batch(struct bh_span raw, struct bh_arena *arena, struct bh_msg_batch *out);
int bh_encode_batch(const struct bh_msg_batch *batch, struct bh_buf *out);
int bh_decode_records(struct bh_span raw, struct bh_arena *arena, struct bh_msg_records *out);
int bh_encode_records(const struct bh_msg_records *records, struct bh_buf *out);
int bh_decode_district(struct bh_span raw, struct bh_arena *arena, struct bh_msg_district *out);
int bh_encode_district(const struct bh_msg_district *district, struct bh_buf *out);
int bh_decode_receipt(
	struct bh_span raw, struct bh_arena *arena, struct bh_msg_enrolment_receipt *out);
int bh_encode_receipt(const struct bh_msg_enrolment_receipt *receipt, struct bh_buf *out);
int bh_decode_profile(struct bh_span raw, struct bh_arena *arena, struct bh_msg_profile *out);
int bh_encode_profile(const struct bh_msg_profile *profile, struct bh_buf *out);

/* Contents of district entries. */
int bh_decode_entry_enrol_code(
	struct bh_span raw, struct bh_arena *arena, struct bh_msg_entry_enrol_code *out);
int bh_encode_entry_enrol_code(const struct bh_msg_entry_enrol_code *entry, struct bh_buf *out);
int bh_decode_entry_enrolled(
	struct bh_span raw, struct bh_arena *arena, struct bh_msg_entry_enrolled *out);
int bh_encode_entry_enrolled(const struct bh_msg_entry_enrolled *entry, struct bh_buf *out);
int bh_decode_entry_revoked(
	struct bh_span raw, struct bh_arena *arena, struct bh_msg_entry_revoked *out);
int bh_encode_entry_revoked(const struct bh_msg_entry_revoked *entry, struct bh_buf *out);
int bh_decode_entry_log(struct bh_span raw, struct bh_arena *arena, struct bh_msg_entry_log *out);
int bh_encode_entry_log(const struct bh_msg_entry_log *entry, struct bh_buf *out);
int bh_decode_entry_rotated(
	struct bh_span raw, struct bh_arena *arena, struct bh_msg_entry_rotated *out);
int bh_encode_entry_rotated(const struct bh_msg_entry_rotated *entry, struct bh_buf *out);
int bh_decode_entry_restored(
	struct bh_span raw, struct bh_arena *arena, struct bh_msg_entry_restored *out);
int bh_encode_entry_restored(const struct bh_msg_entry_restored *entry, struct bh_buf *out);

int bh_decode_entry_bundle(
	struct bh_span raw, struct bh_arena *arena, struct bh_msg_entry_bundle *out);
int bh_encode_entry_bundle(const struct bh_msg_entry_bundle *entry, struct bh_buf *out);

/* What lies in a sealed file (codec_bundle.c). */
int bh_decode_signed(struct bh_span raw, struct bh_arena *arena, struct bh_msg_signed *out);
int bh_encode_signed(const struct bh_msg_signed *message, struct bh_buf *out);
int bh_decode_bundle_statement(
	struct bh_span raw, struct bh_arena *arena, struct bh_msg_bundle_statement *out);
int bh_encode_bundle_statement(const struct bh_msg_bundle_statement *statement, struct bh_buf *out);
/* Each of complete has BH_HASH_BYTES, or BH_ERR_MALFORMED. */
int bh_decode_bundle_answer(
	struct bh_span raw, struct bh_arena *arena, struct bh_msg_bundle_answer *out);
int bh_encode_bundle_answer(const struct bh_msg_bundle_answer *answer, struct bh_buf *out);

/* What a worker recorded.  Structure is checked as above; values are judged one by one so that one
 * bad op among 500 is one verdict: *reason is BH_REASON_NONE or why this op must be rejected
 * (A14-A16: text not UTF-8, NUL or over BH_TEXT_BYTES_MAX -> TEXT; place out of range -> PLACE;
 * captured before 2000-01-01 or after 2200-01-01 -> kept, since clocks are wrong, never a reason).
 * Bidirectional controls are kept: whoever displays escapes them.  BH_ERR_MALFORMED when it does
 * not decode or is over BH_OP_HEADER_BYTES_MAX or BH_OP_CONTENT_BYTES_MAX (journalled as hash and
 * length): *reason then says UNREADABLE or TOO_LARGE.  A verb outside the enum is UNSUPPORTED, an
 * urgency outside it FIELD. */
int bh_op_decode_header(
	struct bh_span raw, struct bh_arena *arena, struct bh_msg_op_header *out, int *reason);
int bh_op_decode_content(
	struct bh_span raw, struct bh_arena *arena, struct bh_msg_op_content *out, int *reason);
int bh_op_encode_header(const struct bh_msg_op_header *header, struct bh_buf *out);
int bh_op_encode_content(const struct bh_msg_op_content *content, struct bh_buf *out);

/* Valid UTF-8 (no overlong forms, surrogates, noncharacters U+FFFE/U+FFFF) without NUL. */
bool bh_utf8_valid(struct bh_span text);

#endif
