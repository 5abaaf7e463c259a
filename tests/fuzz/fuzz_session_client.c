/* Arbitrary words of a server to a handset's engine over its own store.  An input is
 *
 *   u8 phase % PHASES   where it begins: on which disk, and how far into a session
 *   { u8 step % STEPS | u16 length | that many bytes, fewer at the end } ...
 *
 * The disks are prepared once; each input begins on a copy.  Keys and log ids are made anew in each
 * process, so steps exist that say what must name them.  Whatever is said, and wherever the link or
 * the power goes: the engine keeps its own invariants; what the handset sends is whole frames that
 * decode; every op recorded is in the log, linked as it was, until the log is acknowledged or
 * carried into the next; acknowledgements never go back, nor do cursors while their scope and
 * epoch last; and the store, which is sound, is never blamed. */
#include <string.h>

#include "proto/caseflow.h"
#include "proto/err.h"
#include "proto/frame.h"
#include "proto/limits.h"
#include "proto/number.h"
#include "tests/fuzz/client_disk.h"
#include "tests/fuzz/client_held.h"
#include "tests/fuzz/client_photo.h"
#include "tests/fuzz/fuzz.h"

#define INPUT_STEPS_MAX 48u
#define TEXT_BYTES_MAX 64u

enum step {
	STEP_BYTES,    /* as they are */
	STEP_FRAME,    /* as the body of a frame */
	STEP_WELCOME,  /* that continues the log, or does not */
	STEP_ENROLLED, /* a receipt signed by the CA */
	STEP_ACK,      /* with the link that is in the log */
	STEP_RECORDS,  /* a Delta with the bytes as its records */
	STEP_RECORD,   /* a Delta with a well-made record */
	STEP_REFUSAL,
	STEP_TIME, /* u16 hundredths of a second pass */
	STEP_LINK, /* what the driver would do; else the link is cut */
	STEP_HOST, /* what the application does */
	STEP_POWER,
	STEP_STATE, /* a BlobState */
	STEP_PART,  /* a BlobPart */
	STEPS,
};

static struct scripted *s;
static struct client_held held;

static uint64_t number_of(struct bh_span bytes, size_t at)
{
	return at < bytes.len ? bytes.data[at] : 0;
}

static struct bh_span rest_of(struct bh_span bytes, size_t at)
{
	return at < bytes.len ? bh_span(bytes.data + at, bytes.len - at) : bh_span(NULL, 0);
}

static void say(const struct bh_server_frame *frame)
{
	struct bh_buf out = BH_BUF(BH_FRAME_BYTES_MAX + BH_FRAME_HEAD_BYTES);
	size_t mark;
	bh_assert(bh_frame_begin(&out, &mark) == 0);
	if (bh_encode_server_frame(frame, &out) == 0 && bh_frame_end(&out, mark) == 0)
		bh_engine_bytes(s->engine, s->now, bh_buf_span(&out));
	bh_buf_free(&out);
}

static void step_bytes(struct bh_span bytes)
{
	bh_engine_bytes(s->engine, s->now, bytes);
}

static void step_frame(struct bh_span bytes)
{
	struct bh_buf out = BH_BUF(BH_FRAME_BYTES_MAX + BH_FRAME_HEAD_BYTES);
	if (bh_frame_put(&out, bytes) == 0)
		step_bytes(bh_buf_span(&out));
	bh_buf_free(&out);
}

/* The link of the handset's log at seq, or another one where it has none. */
static void link_at(uint64_t seq, uint8_t link[BH_HASH_BYTES])
{
	memset(link, 0xee, BH_HASH_BYTES);
	(void)bh_local_link(s->local, seq, link);
}

static void step_welcome(struct bh_span bytes)
{
	static const uint64_t scopes[] = {SCRIPTED_OWN, SCRIPTED_UNIT, 0};
	uint8_t link[BH_HASH_BYTES];
	struct bh_server_frame frame = scripted_welcome(s);
	struct bh_msg_welcome *welcome = &frame.u.welcome;
	struct bh_msg_verdict verdict = {.seq = number_of(bytes, 5),
		.verdict = (uint32_t)number_of(bytes, 6),
		.code = (uint32_t)number_of(bytes, 7),
		.case_number = number_of(bytes, 8)};
	welcome->acked_seq = number_of(bytes, 0);
	link_at(welcome->acked_seq, link);
	link[0] ^= (uint8_t)number_of(bytes, 1);
	welcome->acked_link = bh_span(link, welcome->acked_seq > 0 ? sizeof(link) : 0);
	welcome->fork = (number_of(bytes, 2) & 1) != 0;
	welcome->from_start = (number_of(bytes, 2) & 2) != 0;
	welcome->log_short += (uint32_t)number_of(bytes, 2) >> 4;
	welcome->epoch += number_of(bytes, 3);
	welcome->scopes = scopes + number_of(bytes, 4) % 2;
	welcome->scopes_count = number_of(bytes, 4) / 2 % 3;
	welcome->verdicts = &verdict;
	welcome->verdicts_count = bytes.len > 5;
	welcome->batch_bytes_max = (uint32_t)number_of(bytes, 9);
	say(&frame);
}

/* With a backup pin, signed by the CA or not quite. */
static struct bh_msg_district district_of(struct bh_span bytes)
{
	static uint8_t pin[BH_PIN_BYTES], signature[BH_SIGNATURE_BYTES];
	struct bh_msg_district district = scripted_district();
	struct bh_buf message = BH_BUF(4096);
	if (bytes.len == 0)
		return district;
	memset(pin, bytes.data[0], sizeof(pin));
	bh_assert(bh_pins_message(&message, "340803", pin) == 0);
	bh_assert(bh_key_sign(s->ca, bh_buf_span(&message), signature) == 0);
	bh_buf_free(&message);
	signature[7] ^= (uint8_t)number_of(bytes, 1);
	district.backup_pin = bh_span(pin, sizeof(pin));
	district.pins_signature = bh_span(signature, sizeof(signature));
	return district;
}

static void step_enrolled(struct bh_span bytes)
{
	struct bh_span pins = bytes.len > 3 ? bh_span(bytes.data + 3, bytes.len - 3)
					    : bh_span(NULL, 0);
	struct bh_buf raw = BH_BUF(4096), message = BH_BUF(4096);
	uint8_t signature[BH_SIGNATURE_BYTES];
	struct bh_log log;
	bh_assert(bh_local_log(s->local, &log) == 0);
	const struct bh_msg_enrolment_receipt receipt = {.district = scripted_text("340803"),
		.device = SCRIPTED_DEVICE + (uint32_t)number_of(bytes, 0),
		.person = SCRIPTED_PERSON,
		.log_short = SCRIPTED_SHORT - (uint32_t)number_of(bytes, 1),
		.log_id = bh_span(log.log_id, sizeof(log.log_id)),
		.public_key = bh_span(s->public_key, sizeof(s->public_key))};
	bh_assert(bh_encode_receipt(&receipt, &raw) == 0);
	bh_assert(bh_receipt_message(&message, bh_buf_span(&raw)) == 0);
	bh_assert(bh_key_sign(s->ca, bh_buf_span(&message), signature) == 0);
	signature[9] ^= (uint8_t)number_of(bytes, 2);
	const struct bh_server_frame frame = {.kind = BH_SERVER_ENROLLED,
		.u.enrolled = {bh_buf_span(&raw), bh_span(signature, sizeof(signature)),
			district_of(pins)}};
	say(&frame);
	bh_buf_free(&raw);
	bh_buf_free(&message);
}

static void step_ack(struct bh_span bytes)
{
	static const uint8_t mac[BH_MAC_BYTES] = {2};
	uint8_t link[BH_HASH_BYTES];
	struct bh_msg_verdict verdicts[4] = {{0}};
	size_t count = number_of(bytes, 3) % 5;
	link_at(number_of(bytes, 0), link);
	link[7] ^= (uint8_t)number_of(bytes, 1);
	for (size_t i = 0; i < count; i++)
		verdicts[i] = (struct bh_msg_verdict){.seq = number_of(bytes, 4 + 4 * i),
			.verdict = (uint32_t)number_of(bytes, 5 + 4 * i),
			.code = (uint32_t)number_of(bytes, 6 + 4 * i),
			.case_number = number_of(bytes, 7 + 4 * i) << 32 | 1,
			.sentence = scripted_text("why")};
	const struct bh_server_frame frame = {.kind = BH_SERVER_ACK,
		.u.ack = {.seq = number_of(bytes, 0),
			.link_check = bh_span(link, BH_CHECK_BYTES),
			.received_ms = s->now.wall_ms,
			.mac = bh_span(mac, sizeof(mac)),
			.verdicts = verdicts,
			.verdicts_count = count,
			.retry_after_ms = (uint32_t)number_of(bytes, 2) << 24}};
	say(&frame);
}

/* A Delta whose cursors and flags the first three bytes say. */
static void say_delta(struct bh_span bytes, struct bh_span records)
{
	static const uint8_t hash[BH_CHECK_BYTES] = {9, 9};
	const struct bh_msg_cursor cursors[2] = {
		{SCRIPTED_OWN, number_of(bytes, 0)}, {SCRIPTED_UNIT, number_of(bytes, 1) << 56}};
	uint64_t flags = number_of(bytes, 2);
	struct bh_device device;
	bh_assert(bh_local_device(s->local, &device) == 0);
	const struct bh_server_frame frame = {.kind = BH_SERVER_DELTA,
		.u.delta = {.records = {BH_PACK_BARE, (uint32_t)records.len, records},
			.cursors = cursors,
			.cursors_count = flags % 3,
			.head_hash = bh_span(hash, sizeof(hash)),
			.more = (flags & 4) != 0,
			.epoch = device.epoch + (flags >> 6)}};
	say(&frame);
}

static void step_records(struct bh_span bytes)
{
	say_delta(bytes, rest_of(bytes, 3));
}

static void step_record(struct bh_span bytes)
{
	static const uint64_t scopes[] = {SCRIPTED_OWN, SCRIPTED_UNIT};
	struct bh_buf raw = BH_BUF(BH_UNPACKED_BYTES_MAX);
	struct bh_msg_closure closures[2];
	for (uint32_t i = 0; i < 2; i++)
		closures[i] = (struct bh_msg_closure){.cycle = (uint32_t)number_of(bytes, 7) + i,
			.kind = (uint32_t)number_of(bytes, 8),
			.result = scripted_text("mended")};
	struct bh_msg_record_blob blobs[2];
	size_t blobs_count = client_photo_told(s, number_of(bytes, 11), blobs);
	const struct bh_msg_record record = {
		.case_number = bh_case_number(
			(uint32_t)number_of(bytes, 3) & 1 ? 99 : SCRIPTED_SHORT,
			(uint32_t)number_of(bytes, 4)),
		.position = number_of(bytes, 5),
		.cycle = (uint32_t)number_of(bytes, 7),
		.state = (uint32_t)number_of(bytes, 6),
		.text = scripted_text("told"),
		.closures = closures,
		.closures_count = number_of(bytes, 9) % 3,
		.blobs = blobs,
		.blobs_count = blobs_count,
		.scopes = scopes + number_of(bytes, 10) % 2,
		.scopes_count = number_of(bytes, 10) % 3 == 2 ? 2 : 1};
	const struct bh_msg_left left = {SCRIPTED_UNIT, record.case_number};
	const struct bh_msg_records records = {
		&record, number_of(bytes, 3) >> 7 == 0, &left, number_of(bytes, 3) >> 7};
	if (record.scopes + record.scopes_count <= scopes + 2 &&
		bh_encode_records(&records, &raw) == 0)
		say_delta(bytes, bh_buf_span(&raw));
	bh_buf_free(&raw);
}

static void step_refusal(struct bh_span bytes)
{
	const struct bh_server_frame frame = {.kind = BH_SERVER_REFUSAL,
		.u.refusal = {.code = (uint32_t)number_of(bytes, 0),
			.resume_after = number_of(bytes, 1),
			.retry_after_ms = (uint32_t)number_of(bytes, 2) << 24,
			.batch_bytes_max = (uint32_t)number_of(bytes, 3)}};
	say(&frame);
}

static void step_time(struct bh_span bytes)
{
	scripted_later(s, (int64_t)(number_of(bytes, 0) << 8 | number_of(bytes, 1)) * 10);
}

static void step_link(struct bh_span bytes)
{
	struct bh_engine_want want = bh_engine_want(s->engine);
	uint8_t key[BH_PUBLIC_KEY_BYTES];
	if (want.connect) {
		bh_key_public(s->ca, key);
		if (bytes.len == 0)
			bh_engine_ca_key(s->engine, key);
		bh_engine_link_up(s->engine, s->now, &s->binding);
	} else {
		int cause = want.disconnect ? BH_LINK_CLOSED : BH_LINK_CUT;
		bh_engine_link_down(s->engine, s->now, cause);
		held.live = false;
	}
}

static void host_report(struct bh_span text)
{
	const struct bh_msg_op_header header = {.verb = BH_VERB_SUBMIT, .type = 10001};
	struct bh_msg_op_content content = {.text = text};
	struct bh_op_ref ref;
	if (content.text.len > TEXT_BYTES_MAX)
		content.text.len = TEXT_BYTES_MAX;
	int rc = bh_local_record(s->local, &header, &content, s->now, &ref);
	bh_assert(rc == 0 || rc == BH_ERR_AUTH || rc == BH_ERR_INVALID || rc == BH_ERR_LIMIT);
	bh_assert(rc != 0 || ref.seq == held.log.head_seq + 1);
	bh_engine_poke(s->engine, s->now);
}

static void host_seen(struct bh_span bytes)
{
	uint64_t number = bh_case_number(SCRIPTED_SHORT, (uint32_t)number_of(bytes, 1));
	int rc = bh_local_mark_seen(s->local, number, (uint32_t)number_of(bytes, 2), s->now);
	bh_assert(rc == 0 || rc == BH_ERR_EXISTS || rc == BH_ERR_NOT_FOUND);
	bh_engine_poke(s->engine, s->now);
}

static void step_host(struct bh_span bytes)
{
	struct bh_change change;
	switch (number_of(bytes, 0) % 9) {
	case 0:
		host_report(rest_of(bytes, 1));
		break;
	case 1:
		bh_engine_sync_now(s->engine, s->now);
		break;
	case 2:
		bh_engine_set_suspended(s->engine, s->now, number_of(bytes, 1) & 1);
		break;
	case 3:
		bh_engine_hint_reachable(s->engine, s->now, number_of(bytes, 1) & 1);
		break;
	case 4:
		host_seen(bytes);
		break;
	case 5:
		client_photo_report(s, bytes);
		break;
	case 6:
		client_photo_want(s, bytes);
		break;
	case 7:
		bh_engine_drained(s->engine, s->now);
		break;
	default:
		while (bh_engine_take_change(s->engine, &change))
			bh_assert(
				change.kind >= BH_CHANGE_STATUS && change.kind <= BH_CHANGE_PHOTO);
		break;
	}
}

static void step_power(struct bh_span bytes)
{
	(void)bytes;
	held.live = false;
	scripted_crash(s);
}

static void step_state(struct bh_span bytes)
{
	struct bh_server_frame frame;
	client_photo_state(bytes, s, &frame);
	say(&frame);
}

static void step_part(struct bh_span bytes)
{
	struct bh_server_frame frame;
	client_photo_part(bytes, s, &frame);
	say(&frame);
}

static void (*const steps[STEPS])(struct bh_span bytes) = {
	[STEP_BYTES] = step_bytes,
	[STEP_FRAME] = step_frame,
	[STEP_WELCOME] = step_welcome,
	[STEP_ENROLLED] = step_enrolled,
	[STEP_ACK] = step_ack,
	[STEP_RECORDS] = step_records,
	[STEP_RECORD] = step_record,
	[STEP_REFUSAL] = step_refusal,
	[STEP_TIME] = step_time,
	[STEP_LINK] = step_link,
	[STEP_HOST] = step_host,
	[STEP_POWER] = step_power,
	[STEP_STATE] = step_state,
	[STEP_PART] = step_part,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bh_reader input = bh_reader(bh_span(data, len));
	s = client_disk_begin(len > 0 ? bh_get_u8(&input) : 0);
	client_held_begin(s, &held);
	for (size_t i = 0; i < INPUT_STEPS_MAX && input.len - input.at >= 3; i++) {
		unsigned step = bh_get_u8(&input) % STEPS;
		size_t part = bh_get_u16(&input);
		if (part > input.len - input.at)
			part = input.len - input.at;
		steps[step](bh_get_bytes(&input, part));
		client_held_check(s, &held);
	}
	client_chain_check(s, &held);
	client_photo_check(s);
	return 0;
}
