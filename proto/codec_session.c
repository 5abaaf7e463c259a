/* What a session says: the rows of its messages, in the order of their field numbers.  Adding a
 * field to the schema adds its row here; a test compares both. */
#include "proto/codec_table.h"

/* clang-format off */
static const struct bh_field_map packed_rows[] = {
	ANY(packed, scheme),
	ANY(packed, raw_bytes),
	ANY(packed, data),
};
static const struct bh_message_map map_packed =
	PLAIN_MAP(packed, packed_rows, packed);

static const struct bh_field_map cursor_rows[] = {
	ANY(cursor, scope),
	ANY(cursor, position),
};
static const struct bh_message_map map_cursor =
	PLAIN_MAP(cursor, cursor_rows, cursor);

static const struct bh_field_map verdict_rows[] = {
	ANY(verdict, seq),
	ANY(verdict, verdict),
	ANY(verdict, code),
	TEXT(verdict, sentence),
	ANY(verdict, correctable),
	ANY(verdict, state),
	ANY(verdict, case_number),
};
static const struct bh_message_map map_verdict =
	PLAIN_MAP(verdict, verdict_rows, verdict);

static const struct bh_field_map hello_rows[] = {
	ANY(hello, version_min),
	ANY(hello, version_max),
	ANY(hello, device),
	EXACT(hello, log_id, BH_LOG_ID_BYTES),
	ANY(hello, acked_seq),
	EXACT_OR_NONE(hello, acked_link, BH_HASH_BYTES),
	ANY(hello, last_seq),
	EXACT(hello, signature, BH_SIGNATURE_BYTES),
	INNER_LIST(hello, cursors, BH_SCOPES_MAX, map_cursor),
	ANY(hello, epoch),
	ANY(hello, wall_ms),
	ANY(hello, mono_ms),
	ANY(hello, profile_version),
	ANY(hello, app_version),
	EXACT_OR_NONE(hello, forked_from, BH_LOG_ID_BYTES),
	EXACT_OR_NONE(hello, head_hash, BH_CHECK_BYTES),
	ANY(hello, boot),
};
const struct bh_message_map bh_map_hello =
	LIST_MAP(hello, hello_rows, hello);

static const struct bh_field_map push_receipt_rows[] = {
	ANY(push_receipt, seq),
	ANY(push_receipt, received_ms),
	EXACT(push_receipt, mac, BH_MAC_BYTES),
	INNER_LIST(push_receipt, verdicts, BH_BATCH_OPS_MAX, map_verdict),
};
static const struct bh_message_map map_push_receipt =
	LIST_MAP(push_receipt, push_receipt_rows, push_receipt);

static const struct bh_field_map push_rows[] = {
	ANY(push, first_seq),
	ANY(push, salts),
	INNER(push, batch, map_packed),
	EXACT_OR_NONE(push, head_signature, BH_SIGNATURE_BYTES),
	INNER_LIST(push, receipts, BH_BATCH_OPS_MAX, map_push_receipt),
};
const struct bh_message_map bh_map_push =
	LIST_MAP(push, push_rows, push);

static const struct bh_field_map batch_rows[] = {
	LIST(batch, headers, BH_BATCH_OPS_MAX),
	LIST(batch, contents, BH_BATCH_OPS_MAX),
};
const struct bh_message_map bh_map_batch =
	LIST_MAP(batch, batch_rows, batch);

static const struct bh_field_map welcome_rows[] = {
	ANY(welcome, version),
	ANY(welcome, acked_seq),
	EXACT_OR_NONE(welcome, acked_link, BH_HASH_BYTES),
	ANY(welcome, epoch),
	ANY(welcome, server_ms),
	ANY(welcome, log_short),
	LIST(welcome, scopes, BH_SCOPES_MAX),
	ANY(welcome, batch_bytes_max),
	ANY(welcome, fork),
	ANY(welcome, from_start),
	INNER_LIST(welcome, verdicts, BH_VERDICTS_MAX, map_verdict),
	EXACT_OR_NONE(welcome, mac, BH_MAC_BYTES),
	ANY(welcome, received_ms),
	ANY(welcome, draining),
};
const struct bh_message_map bh_map_welcome =
	LIST_MAP(welcome, welcome_rows, welcome);

static const struct bh_field_map ack_rows[] = {
	ANY(ack, seq),
	EXACT(ack, link_check, BH_CHECK_BYTES),
	ANY(ack, received_ms),
	EXACT(ack, mac, BH_MAC_BYTES),
	INNER_LIST(ack, verdicts, BH_VERDICTS_MAX, map_verdict),
	ANY(ack, retry_after_ms),
};
const struct bh_message_map bh_map_ack =
	LIST_MAP(ack, ack_rows, ack);

static const struct bh_field_map applied_rows[] = {
	INNER_LIST(applied, cursors, BH_SCOPES_MAX, map_cursor),
};
const struct bh_message_map bh_map_applied =
	LIST_MAP(applied, applied_rows, applied);

static const struct bh_field_map ping_rows[] = {
	ANY(ping, wall_ms),
	ANY(ping, mono_ms),
};
const struct bh_message_map bh_map_ping =
	PLAIN_MAP(ping, ping_rows, ping);

static const struct bh_field_map bye_rows[] = {
	ANY(bye, unsent_ops),
	ANY(bye, unsent_bytes),
	ANY(bye, oldest_ms),
};
const struct bh_message_map bh_map_bye =
	PLAIN_MAP(bye, bye_rows, bye);

static const struct bh_field_map refusal_rows[] = {
	ANY(refusal, code),
	TEXT(refusal, sentence),
	ANY(refusal, retry_after_ms),
	ANY(refusal, version_min),
	ANY(refusal, version_max),
	ANY(refusal, resume_after),
	ANY(refusal, batch_bytes_max),
};
const struct bh_message_map bh_map_refusal =
	PLAIN_MAP(refusal, refusal_rows, refusal);

static const struct bh_field_map enrol_rows[] = {
	ANY(enrol, version_min),
	ANY(enrol, version_max),
	EXACT(enrol, code, BH_CODE_BYTES),
	EXACT(enrol, public_key, BH_PUBLIC_KEY_BYTES),
	EXACT(enrol, log_id, BH_LOG_ID_BYTES),
	EXACT(enrol, signature, BH_SIGNATURE_BYTES),
	TEXT(enrol, device_model),
	ANY(enrol, wall_ms),
	ANY(enrol, mono_ms),
};
const struct bh_message_map bh_map_enrol =
	PLAIN_MAP(enrol, enrol_rows, enrol);

static const struct bh_field_map enrolment_receipt_rows[] = {
	TEXT(enrolment_receipt, district),
	ANY(enrolment_receipt, device),
	ANY(enrolment_receipt, person),
	ANY(enrolment_receipt, log_short),
	EXACT(enrolment_receipt, log_id, BH_LOG_ID_BYTES),
	EXACT(enrolment_receipt, public_key, BH_PUBLIC_KEY_BYTES),
	ANY(enrolment_receipt, enrolled_ms),
	ANY(enrolment_receipt, algorithm),
};
const struct bh_message_map bh_map_receipt =
	PLAIN_MAP(enrolment_receipt, enrolment_receipt_rows, enrolment_receipt);

static const struct bh_field_map rotate_rows[] = {
	EXACT(rotate, public_key, BH_PUBLIC_KEY_BYTES),
	EXACT(rotate, old_signature, BH_SIGNATURE_BYTES),
	EXACT(rotate, new_signature, BH_SIGNATURE_BYTES),
};
const struct bh_message_map bh_map_rotate =
	PLAIN_MAP(rotate, rotate_rows, rotate);

static const struct bh_field_map rotated_rows[] = {
	EXACT(rotated, public_key, BH_PUBLIC_KEY_BYTES),
};
const struct bh_message_map bh_map_rotated =
	PLAIN_MAP(rotated, rotated_rows, rotated);

static const struct bh_field_map origin_rows[] = {
	EXACT(origin, log_id, BH_LOG_ID_BYTES),
	ANY(origin, seq),
	EXACT(origin, link, BH_HASH_BYTES),
};
static const struct bh_message_map map_origin =
	PLAIN_MAP(origin, origin_rows, origin);

static const struct bh_field_map blob_rows[] = {
	EXACT(blob, hash, BH_HASH_BYTES),
	ANY(blob, size),
	ANY(blob, kind),
};
static const struct bh_message_map map_blob =
	PLAIN_MAP(blob, blob_rows, blob);

static const struct bh_field_map blob_offer_rows[] = {
	EXACT(blob_offer, hash, BH_HASH_BYTES),
	ANY(blob_offer, size),
	EXACT_OR_NONE(blob_offer, proof, BH_HASH_BYTES),
};
const struct bh_message_map bh_map_blob_offer =
	PLAIN_MAP(blob_offer, blob_offer_rows, blob_offer);

static const struct bh_field_map blob_part_rows[] = {
	EXACT(blob_part, hash, BH_HASH_BYTES),
	ANY(blob_part, offset),
	ANY(blob_part, data),
	ANY(blob_part, size),
};
const struct bh_message_map bh_map_blob_part =
	PLAIN_MAP(blob_part, blob_part_rows, blob_part);

static const struct bh_field_map blob_state_rows[] = {
	EXACT(blob_state, hash, BH_HASH_BYTES),
	ANY(blob_state, state),
	ANY(blob_state, offset),
	EXACT_OR_NONE(blob_state, prefix_hash, BH_HASH_BYTES),
	ANY(blob_state, retry_after_ms),
};
const struct bh_message_map bh_map_blob_state =
	PLAIN_MAP(blob_state, blob_state_rows, blob_state);

static const struct bh_field_map blob_ask_rows[] = {
	EXACT(blob_ask, hash, BH_HASH_BYTES),
	ANY(blob_ask, offset),
};
const struct bh_message_map bh_map_blob_ask =
	PLAIN_MAP(blob_ask, blob_ask_rows, blob_ask);

static const struct bh_field_map record_blob_rows[] = {
	EXACT(record_blob, hash, BH_HASH_BYTES),
	ANY(record_blob, size),
	ANY(record_blob, kind),
	ANY(record_blob, verb),
	ANY(record_blob, cycle),
	ANY(record_blob, stored),
};
static const struct bh_message_map map_record_blob =
	PLAIN_MAP(record_blob, record_blob_rows, record_blob);

static const struct bh_field_map round_rows[] = {
	ANY(round, plan),
	ANY(round, done),
	ANY(round, missed),
	ANY(round, minutes),
};
static const struct bh_message_map map_round =
	PLAIN_MAP(round, round_rows, round);

static const struct bh_field_map op_header_rows[] = {
	ANY(op_header, verb),
	ANY(op_header, captured_ms),
	ANY(op_header, boot_ms),
	ANY(op_header, author),
	ANY(op_header, type),
	ANY(op_header, urgency),
	ANY(op_header, case_number),
	ANY(op_header, cycle),
	ANY(op_header, base_position),
	ANY(op_header, reason),
	INNER_IF(op_header, origin, map_origin),
	ANY(op_header, post),
	ANY(op_header, condition),
	ANY(op_header, boot),
	INNER_LIST(op_header, blobs, BH_OP_BLOBS_MAX, map_blob),
	ANY(op_header, claimed),
	ANY(op_header, area),
	INNER(op_header, round, map_round),
	ANY(op_header, task),
	ANY(op_header, present),
};
const struct bh_message_map bh_map_op_header =
	LIST_MAP(op_header, op_header_rows, op_header);

static const struct bh_field_map op_content_rows[] = {
	LENIENT(op_content, text),
	ANY(op_content, has_place),
	ANY(op_content, latitude_e7),
	ANY(op_content, longitude_e7),
	ANY(op_content, datum),
	ANY(op_content, accuracy_dm),
};
const struct bh_message_map bh_map_op_content =
	PLAIN_MAP(op_content, op_content_rows, op_content);

static const struct bh_field_map delta_rows[] = {
	INNER(delta, records, map_packed),
	INNER_LIST(delta, cursors, BH_SCOPES_MAX, map_cursor),
	EXACT_OR_NONE(delta, head_hash, BH_CHECK_BYTES),
	ANY(delta, more),
	ANY(delta, epoch),
};
const struct bh_message_map bh_map_delta =
	LIST_MAP(delta, delta_rows, delta);

static const struct bh_field_map left_rows[] = {
	ANY(left, scope),
	ANY(left, case_number),
};
static const struct bh_message_map map_left =
	PLAIN_MAP(left, left_rows, left);

static const struct bh_field_map closure_rows[] = {
	ANY(closure, cycle),
	ANY(closure, closed_ms),
	TEXT(closure, result),
	ANY(closure, unit),
	TEXT(closure, unit_name),
	ANY(closure, position),
	ANY(closure, kind),
	ANY(closure, automatic),
};
static const struct bh_message_map map_closure =
	PLAIN_MAP(closure, closure_rows, closure);

static const struct bh_field_map record_task_rows[] = {
	ANY(record_task, ordinal),
	ANY(record_task, kind),
	ANY(record_task, person),
	ANY(record_task, unit),
	ANY(record_task, made_ms),
	ANY(record_task, due_ms),
	TEXT(record_task, text),
	ANY(record_task, works),
};
static const struct bh_message_map map_record_task =
	PLAIN_MAP(record_task, record_task_rows, record_task);

static const struct bh_field_map record_rows[] = {
	ANY(record, case_number),
	ANY(record, position),
	ANY(record, cycle),
	ANY(record, state),
	ANY(record, type),
	ANY(record, condition),
	ANY(record, urgency),
	ANY(record, unit),
	TEXT(record, unit_name),
	ANY(record, received_ms),
	ANY(record, dispatch_due_ms),
	ANY(record, sign_due_ms),
	ANY(record, disposal_due_ms),
	TEXT(record, text),
	ANY(record, has_place),
	ANY(record, latitude_e7),
	ANY(record, longitude_e7),
	ANY(record, grid),
	INNER_LIST(record, closures, BH_CLOSURES_MAX, map_closure),
	LIST(record, scopes, BH_SCOPES_MAX),
	TEXT(record, unit_note),
	ANY(record, automatic),
	INNER_LIST(record, blobs, BH_RECORD_BLOBS_MAX, map_record_blob),
	INNER_LIST(record, tasks, BH_RECORD_TASKS_MAX, map_record_task),
	ANY(record, lacks),
	ANY(record, disposal_yellow_ms),
	ANY(record, disposal_works),
};
static const struct bh_message_map map_record =
	LIST_MAP(record, record_rows, record);

static const struct bh_field_map records_rows[] = {
	INNER_LIST(records, records, BH_DELTA_RECORDS_MAX, map_record),
	INNER_LIST(records, left, BH_DELTA_RECORDS_MAX * BH_SCOPES_MAX, map_left),
};
const struct bh_message_map bh_map_records =
	LIST_MAP(records, records_rows, records);

static const struct bh_field_map enrolled_rows[] = {
	ANY(enrolled, receipt),
	EXACT(enrolled, receipt_signature, BH_SIGNATURE_BYTES),
	INNER(enrolled, district, bh_map_district),
};
const struct bh_message_map bh_map_enrolled =
	PLAIN_MAP(enrolled, enrolled_rows, enrolled);
/* clang-format on */
