/* Writes the first inputs of the targets frame, unpack and codec: seed_proto FOLDER, where FOLDER
 * holds a folder for each.  Run by hand when a message changes; its files are committed. */
#include <string.h>

#include "proto/caseflow.h"
#include "proto/codec.h"
#include "proto/datum.h"
#include "proto/err.h"
#include "proto/limits.h"
#include "proto/message_dispute.h"
#include "tests/fuzz/seed_write.h"

#define CAPTURED_MS 1795000000000

static const uint8_t bytes[BH_SIGNATURE_BYTES] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

static struct bh_span text(const char *string)
{
	return bh_span(string, strlen(string));
}

static void write_client(
	const struct bh_seeder *seeder, const char *name, const struct bh_client_frame *frame)
{
	struct bh_buf body = BH_BUF(BH_SEED_BYTES_MAX);
	bh_assert(bh_encode_client_frame(frame, &body) == 0);
	bh_seed_write(seeder, BH_SEED_CLIENT, name, &body);
	bh_buf_free(&body);
}

static void write_server(
	const struct bh_seeder *seeder, const char *name, const struct bh_server_frame *frame)
{
	struct bh_buf body = BH_BUF(BH_SEED_BYTES_MAX);
	bh_assert(bh_encode_server_frame(frame, &body) == 0);
	bh_seed_write(seeder, BH_SEED_SERVER, name, &body);
	bh_buf_free(&body);
}

static void seed_ops(const struct bh_seeder *seeder, struct bh_buf *body)
{
	struct bh_msg_op_header header = {.verb = BH_VERB_SUBMIT,
		.captured_ms = CAPTURED_MS,
		.boot_ms = CAPTURED_MS - 5000000,
		.author = 17,
		.type = 10001,
		.urgency = 2,
		.condition = 1,
		.boot = 3};
	struct bh_msg_op_content content = {.text = text("路口井盖破损,请尽快维修"),
		.has_place = true,
		.latitude_e7 = 311234567,
		.longitude_e7 = 1211234567,
		.datum = BH_DATUM_GCJ02,
		.accuracy_dm = 120};
	struct bh_buf raw = BH_BUF(BH_SEED_BYTES_MAX), raw_content = BH_BUF(BH_SEED_BYTES_MAX);
	bh_assert(bh_op_encode_header(&header, &raw) == 0);
	bh_assert(bh_op_encode_content(&content, &raw_content) == 0);
	struct bh_span headers[] = {bh_buf_span(&raw), bh_buf_span(&raw)};
	struct bh_span contents[] = {bh_buf_span(&raw_content), {NULL, 0}};
	struct bh_msg_batch batch = {headers, 2, contents, 2};
	bh_assert(bh_encode_batch(&batch, body) == 0);
	bh_seed_write(seeder, BH_SEED_BATCH, "batch", body);
	bh_assert(bh_buf_append(body, raw.data, raw.len) == 0);
	bh_seed_write(seeder, BH_SEED_HEADER, "header-submit", body);
	bh_assert(bh_buf_append(body, raw_content.data, raw_content.len) == 0);
	bh_seed_write(seeder, BH_SEED_CONTENT, "content", body);
	header = (struct bh_msg_op_header){.verb = BH_VERB_SEEN,
		.captured_ms = -1,
		.case_number = 1ull << 32 | 7,
		.cycle = 2,
		.base_position = 99,
		.has_origin = true,
		.origin = {bh_span(bytes, BH_LOG_ID_BYTES), 3, bh_span(bytes, BH_HASH_BYTES)}};
	bh_assert(bh_op_encode_header(&header, body) == 0);
	bh_seed_write(seeder, BH_SEED_HEADER, "header-seen-with-origin", body);
	bh_buf_free(&raw);
	bh_buf_free(&raw_content);
}

static void seed_field_ops(const struct bh_seeder *seeder, struct bh_buf *body)
{
	struct bh_msg_op_header header = {.verb = BH_VERB_SERVICE,
		.captured_ms = CAPTURED_MS,
		.author = 17,
		.type = BH_SERVICE_HAZARD_CHECK,
		.area = 9};
	bh_assert(bh_op_encode_header(&header, body) == 0);
	bh_seed_write(seeder, BH_SEED_HEADER, "header-service", body);
	header.verb = BH_VERB_PATROL;
	header.type = 0;
	header.round = (struct bh_msg_round){3, UINT64_MAX >> 1, UINT64_C(1) << 63, 55};
	bh_assert(bh_op_encode_header(&header, body) == 0);
	bh_seed_write(seeder, BH_SEED_HEADER, "header-patrol", body);
}

static void seed_dispute(const struct bh_seeder *seeder, struct bh_buf *body)
{
	const struct bh_span decisions[] = {text("司法所跟进"), text("镇里协助")};
	struct bh_msg_op_header header = {.verb = BH_VERB_SESSION,
		.captured_ms = CAPTURED_MS,
		.author = 17,
		.reason = BH_SITTING_AGREED,
		.present = 0x01000102,
		.case_number = UINT64_C(1) << 32 | 7,
		.cycle = 1};
	struct bh_msg_dispute_content content = {.text = text("各让半米")};
	bh_assert(bh_op_encode_header(&header, body) == 0);
	bh_seed_write(seeder, BH_SEED_HEADER, "header-session", body);
	content.agreement = text("2026-17");
	bh_assert(bh_encode_dispute_content(&content, body) == 0);
	bh_seed_write(seeder, BH_SEED_DISPUTE, "dispute-agreement", body);
	content.agreement = bh_span(NULL, 0);
	content.decisions = decisions;
	content.decisions_count = 2;
	bh_assert(bh_encode_dispute_content(&content, body) == 0);
	bh_seed_write(seeder, BH_SEED_DISPUTE, "dispute-consultation", body);
}

static void seed_client(const struct bh_seeder *seeder)
{
	const struct bh_msg_cursor cursors[] = {{1ull << 56 | 7, 12}, {2ull << 56 | 3, 9}};
	struct bh_client_frame frame = {.kind = BH_CLIENT_HELLO};
	frame.u.hello = (struct bh_msg_hello){.version_min = 1,
		.version_max = 1,
		.device = 7,
		.log_id = bh_span(bytes, BH_LOG_ID_BYTES),
		.acked_seq = 3,
		.acked_link = bh_span(bytes, BH_HASH_BYTES),
		.last_seq = 5,
		.signature = bh_span(bytes, BH_SIGNATURE_BYTES),
		.cursors = cursors,
		.cursors_count = 2,
		.epoch = 1,
		.wall_ms = CAPTURED_MS,
		.mono_ms = 5000000,
		.app_version = text("0.1.0"),
		.head_hash = bh_span(bytes, BH_CHECK_BYTES)};
	write_client(seeder, "hello", &frame);
	frame.kind = BH_CLIENT_ENROL;
	frame.u.enrol = (struct bh_msg_enrol){.version_max = 1,
		.code = bh_span(bytes, BH_CODE_BYTES),
		.public_key = bh_span(bytes, BH_PUBLIC_KEY_BYTES),
		.log_id = bh_span(bytes, BH_LOG_ID_BYTES),
		.signature = bh_span(bytes, BH_SIGNATURE_BYTES),
		.device_model = text("model 3")};
	write_client(seeder, "enrol", &frame);
	frame.kind = BH_CLIENT_PUSH;
	frame.u.push = (struct bh_msg_push){.first_seq = 4,
		.salts = bh_span(bytes, 2 * BH_SALT_BYTES),
		.batch = {BH_PACK_BARE, 4, bh_span("\x0a\x00\x12\x00", 4)},
		.head_signature = bh_span(bytes, BH_SIGNATURE_BYTES)};
	write_client(seeder, "push", &frame);
	frame.kind = BH_CLIENT_APPLIED;
	frame.u.applied = (struct bh_msg_applied){cursors, 2};
	write_client(seeder, "applied", &frame);
	frame.kind = BH_CLIENT_BYE;
	frame.u.bye = (struct bh_msg_bye){3, 700, CAPTURED_MS};
	write_client(seeder, "bye", &frame);
}

static void seed_refusal(const struct bh_seeder *seeder)
{
	struct bh_server_frame frame = {.kind = BH_SERVER_REFUSAL};
	frame.u.refusal = (struct bh_msg_refusal){.code = 8,
		.sentence = text("记录不连续"),
		.resume_after = 3,
		.retry_after_ms = 1000};
	write_server(seeder, "refusal", &frame);
}

static void seed_server(const struct bh_seeder *seeder)
{
	static const uint64_t scopes[] = {1ull << 56 | 7};
	const struct bh_msg_verdict verdicts[] = {{.seq = 4,
		.verdict = 3,
		.code = 3,
		.sentence = text("文字过长"),
		.correctable = true}};
	const struct bh_msg_cursor cursors[] = {{1ull << 56 | 7, 12}};
	struct bh_server_frame frame = {.kind = BH_SERVER_WELCOME};
	frame.u.welcome = (struct bh_msg_welcome){.version = 1,
		.acked_seq = 4,
		.acked_link = bh_span(bytes, BH_HASH_BYTES),
		.epoch = 1,
		.server_ms = CAPTURED_MS,
		.log_short = 9,
		.scopes = scopes,
		.scopes_count = 1,
		.verdicts = verdicts,
		.verdicts_count = 1,
		.mac = bh_span(bytes, BH_MAC_BYTES)};
	write_server(seeder, "welcome", &frame);
	frame.kind = BH_SERVER_ACK;
	frame.u.ack = (struct bh_msg_ack){.seq = 5,
		.link_check = bh_span(bytes, BH_CHECK_BYTES),
		.mac = bh_span(bytes, BH_MAC_BYTES),
		.verdicts = verdicts,
		.verdicts_count = 1};
	write_server(seeder, "ack", &frame);
	frame.kind = BH_SERVER_DELTA;
	frame.u.delta = (struct bh_msg_delta){.records = {BH_PACK_BARE, 2, bh_span("\x0a\x00", 2)},
		.cursors = cursors,
		.cursors_count = 1,
		.head_hash = bh_span(bytes, BH_CHECK_BYTES),
		.more = true,
		.epoch = 1};
	write_server(seeder, "delta", &frame);
}

static const struct bh_msg_checkpoint checkpoints[] = {
	{{(const uint8_t *)"gate", 4}, true, 311500000, 1211500000, 50},
	{{(const uint8_t *)"pump", 4}, false, 0, 0, 0}};
static const struct bh_msg_patrol patrols[] = {{.id = 3,
	.code = {(const uint8_t *)"P3", 2},
	.name = {(const uint8_t *)"morning", 7},
	.area = 1,
	.weekdays = 0x1f,
	.rounds = 2,
	.checkpoints = checkpoints,
	.checkpoints_count = 2}};

static void seed_profile(
	const struct bh_seeder *seeder, struct bh_buf *body, const struct bh_msg_district *district)
{
	static const uint32_t classes[] = {10, 50};
	static const struct bh_msg_grade grades[] = {{1, 1}, {2, 2}, {3, 2}};
	static const struct bh_msg_industry industry = {.class = 60, .unit = 4, .weekdays = 0x15};
	struct bh_msg_profile profile = {.name = district->name,
		.areas = district->grids,
		.areas_count = 1,
		.posts = district->posts,
		.posts_count = 1,
		.settings = {.dispatch_limit_min = 30,
			.automatic_off_classes = classes,
			.automatic_off_classes_count = 2},
		.patrols = patrols,
		.patrols_count = 1,
		.grades = grades,
		.grades_count = 3,
		.industries = &industry,
		.industries_count = 1,
		.catalogue = {.version = text("1"), .types = district->types, .types_count = 1}};
	bh_assert(bh_encode_profile(&profile, body) == 0);
	bh_seed_write(seeder, BH_SEED_PROFILE, "profile", body);
}

static void seed_district(const struct bh_seeder *seeder, struct bh_buf *body)
{
	static const int32_t ring[] = {1211000000, 311000000, 1212000000, 311000000, 1212000000,
		312000000, 1211000000, 311000000};
	static const uint32_t classes[] = {10, 50};
	const struct bh_msg_catalogue_condition conditions[] = {{1, text("井盖缺失"), {2, 2}}};
	const struct bh_msg_catalogue_type types[] = {{.code = 10001,
		.name = text("井盖"),
		.class = 10,
		.urgency = 2,
		.limit = {4, 3},
		.conditions = conditions,
		.conditions_count = 1,
		.dispute = true}};
	const struct bh_msg_area areas[] = {{.id = 1,
		.code = text("340803"),
		.kind = 4,
		.name = text("一网格"),
		.ring_e7 = ring,
		.ring_e7_count = 8,
		.classes = classes,
		.classes_count = 2}};
	const struct bh_msg_post posts[] = {{1, 17, BH_ROLE_GRID_WORKER, 0, 1}};
	struct bh_server_frame frame = {.kind = BH_SERVER_DISTRICT};
	frame.u.district = (struct bh_msg_district){.code = text("340803"),
		.name = text("示范区"),
		.version = 3,
		.types = types,
		.types_count = 1,
		.grids = areas,
		.grids_count = 1,
		.posts = posts,
		.posts_count = 1,
		.patrols = patrols,
		.patrols_count = 1,
		.utc_offset_min = 480,
		.backup_pin = text("12345678901234567890"),
		.pins_signature = text(
			"1234567890123456789012345678901234567890123456789012345678901234")};
	write_server(seeder, "district", &frame);
	seed_profile(seeder, body, &frame.u.district);
}

/* What stands in a record that somebody has a task of. */
static const struct bh_msg_record_task record_task = {.ordinal = 2,
	.kind = BH_TASK_CHECK,
	.person = 17,
	.made_ms = CAPTURED_MS,
	.due_ms = CAPTURED_MS + 1800000,
	.text = {(const uint8_t *)"seen?", 5}};

static void seed_records(const struct bh_seeder *seeder, struct bh_buf *body)
{
	static const uint64_t scopes[] = {1ull << 56 | 7, 3ull << 56 | 1};
	const struct bh_msg_closure closures[] = {{.cycle = 1,
		.closed_ms = CAPTURED_MS,
		.result = text("已更换井盖"),
		.unit = 4,
		.unit_name = text("市政"),
		.position = 12,
		.kind = BH_STATE_CLOSED}};
	const struct bh_msg_record records[] = {{.case_number = 9ull << 32 | 4,
		.position = 12,
		.cycle = 1,
		.state = BH_STATE_CLOSED,
		.type = 10001,
		.text = text("井盖破损"),
		.has_place = true,
		.latitude_e7 = 311234567,
		.longitude_e7 = -1211234567,
		.closures = closures,
		.closures_count = 1,
		.scopes = scopes,
		.scopes_count = 2,
		.automatic = true,
		.lacks = 5,
		.tasks = &record_task,
		.tasks_count = 1}};
	const struct bh_msg_left left[] = {{scopes[1], 9ull << 32 | 5}};
	struct bh_msg_records message = {records, 1, left, 1};
	bh_assert(bh_encode_records(&message, body) == 0);
	bh_seed_write(seeder, BH_SEED_RECORDS, "records", body);
	struct bh_msg_enrolment_receipt receipt = {.district = text("340803"),
		.device = 7,
		.person = 17,
		.log_short = 9,
		.log_id = bh_span(bytes, BH_LOG_ID_BYTES),
		.public_key = bh_span(bytes, BH_PUBLIC_KEY_BYTES),
		.enrolled_ms = CAPTURED_MS,
		.algorithm = 1};
	bh_assert(bh_encode_receipt(&receipt, body) == 0);
	bh_seed_write(seeder, BH_SEED_RECEIPT, "receipt", body);
}

/* Heads no peer of ours writes. */
static void seed_bad(const struct bh_seeder *seeder)
{
	bh_seed_file(seeder, "frame", "length-all-ones", "\0", 1, bh_span("\xff\xff\xff\xff\0", 5));
	bh_seed_file(seeder, "frame", "length-zero", "\0", 1, bh_span("\0\0\0\0\0", 5));
	bh_seed_file(seeder, "frame", "flag-unknown", "\0", 1, bh_span("\0\0\0\2\1a", 6));
	bh_seed_file(seeder, "unpack", "no-stream", "\1\0\0\0\x09", 5, bh_span("no stream", 9));
	bh_seed_file(seeder, "unpack", "scheme-unknown", "\2\0\0\0\1", 5, bh_span("a", 1));
	bh_seed_file(seeder, "codec", "unknown-kind", "\0", 1,
		bh_span("\x42\x03"
			"abc",
			5));
	bh_seed_file(seeder, "codec", "two-kinds", "\1", 1, bh_span("\x32\x00\x3a\x00", 4));
}

int main(int argc, char **argv)
{
	struct bh_seeder seeder = {argc > 1 ? argv[1] : ".", NULL};
	struct bh_buf body = BH_BUF(BH_SEED_BYTES_MAX);
	bh_assert(bh_packer_open(&seeder.packer) == 0);
	seed_ops(&seeder, &body);
	seed_field_ops(&seeder, &body);
	seed_dispute(&seeder, &body);
	seed_client(&seeder);
	seed_server(&seeder);
	seed_refusal(&seeder);
	seed_district(&seeder, &body);
	seed_records(&seeder, &body);
	seed_bad(&seeder);
	bh_packer_close(seeder.packer);
	bh_buf_free(&body);
	return 0;
}
