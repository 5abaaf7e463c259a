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
#include "tests/fuzz/fuzz.h"

#define INPUT_STEPS_MAX 48u
#define TEXT_BYTES_MAX 64u
#define ATTEMPT_MS_MAX (2 * 3600 * 1000) /* until the next one */

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
	STEPS,
};

/* What the handset was seen to hold after the last step. */
struct held {
	struct bh_log log;
	bool live;
	struct bh_msg_cursor cursors[BH_SCOPES_MAX];
	size_t cursors_count;
};

static struct scripted *s;
static struct held held;

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

static void step_enrolled(struct bh_span bytes)
{
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
			scripted_district()}};
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
	switch (number_of(bytes, 0) % 6) {
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
	default:
		while (bh_engine_take_change(s->engine, &change))
			bh_assert(
				change.kind >= BH_CHANGE_STATUS && change.kind <= BH_CHANGE_REREAD);
		break;
	}
}

static void step_power(struct bh_span bytes)
{
	(void)bytes;
	held.live = false;
	scripted_crash(s);
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
};

/* ---- What must hold ---------------------------------------------------------------------- */

/* What is acknowledged stays so and what is not stays in the log, or is carried into the next. */
static void log_check(const struct bh_log *log)
{
	bh_assert(log->acked_seq <= log->head_seq);
	if (memcmp(log->log_id, held.log.log_id, sizeof(log->log_id)) == 0) {
		bh_assert(log->acked_seq >= held.log.acked_seq);
		bh_assert(log->head_seq >= held.log.head_seq);
	} else {
		bh_assert(log->acked_seq == 0);
		bh_assert(log->head_seq >= held.log.head_seq - held.log.acked_seq);
	}
}

static bool cursor_stands(const struct held *now, const struct bh_msg_cursor *before)
{
	for (size_t i = 0; i < now->cursors_count; i++)
		if (now->cursors[i].scope == before->scope)
			return now->cursors[i].position >= before->position;
	return now->cursors_count == BH_SCOPES_MAX; /* it may stand past those that are told */
}

static void output_check(void)
{
	struct bh_buf *out = bh_engine_output(s->engine);
	struct bh_client_frame frame;
	struct bh_span body;
	size_t used;
	while (out->len > 0) {
		bh_assert(bh_frame_take(bh_buf_span(out), BH_FRAME_BYTES_MAX, &body, &used) == 0);
		bh_arena_reset(&s->arena);
		bh_assert(bh_decode_client_frame(body, &s->arena, &frame) == 0);
		bh_assert(frame.kind != BH_CLIENT_UNKNOWN);
		bh_buf_consume(out, used);
	}
}

/* Whatever a server says, what is unsent is tried again within hours. */
static void wake_check(const struct held *now)
{
	struct bh_engine_status status = bh_engine_status(s->engine);
	if (status.attempt_mono_ms != INT64_MAX)
		bh_assert(status.attempt_mono_ms <= s->now.mono_ms + ATTEMPT_MS_MAX);
	if (now->live && now->log.acked_seq < now->log.head_seq)
		bh_assert(
			bh_engine_want(s->engine).wake_mono_ms <= s->now.mono_ms + ATTEMPT_MS_MAX);
}

/* A Welcome may close scopes and begin another epoch, so cursors are compared within a session. */
static void held_check(void)
{
	struct held now = {.live = bh_engine_status(s->engine).live};
	bh_engine_check(s->engine);
	bh_assert(bh_engine_status(s->engine).cause != BH_WHY_STORE);
	output_check();
	bh_assert(bh_local_log(s->local, &now.log) == 0);
	log_check(&now.log);
	wake_check(&now);
	bh_assert(bh_local_cursors(s->local, now.cursors, &now.cursors_count) == 0);
	for (size_t i = 0; held.live && now.live && i < held.cursors_count; i++)
		bh_assert(cursor_stands(&now, &held.cursors[i]));
	held = now;
}

/* Every op of the present log is there and linked to the one before it. */
static void chain_check(void)
{
	uint8_t link[BH_HASH_BYTES], commitment[BH_HASH_BYTES];
	struct bh_op_batch batch = {.count = 0};
	uint64_t seq = 0;
	bh_log_start(s->hasher, "340803", held.log.log_id, link);
	do {
		bh_arena_reset(&s->arena);
		bh_assert(bh_local_batch(s->local, seq + 1, BH_BATCH_OPS_MAX, BH_BATCH_BYTES_MAX,
				  &s->arena, &batch) == 0);
		for (size_t i = 0; i < batch.count; i++) {
			bh_op_commitment(s->hasher, batch.salts.data + i * BH_SALT_BYTES,
				batch.contents[i], commitment);
			seq++;
			bh_log_link(s->hasher, link, seq, batch.headers[i], commitment, link);
		}
	} while (batch.count > 0);
	bh_assert(seq == held.log.head_seq);
	bh_assert(seq == 0 || memcmp(link, held.log.head_link, sizeof(link)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bh_reader input = bh_reader(bh_span(data, len));
	s = client_disk_begin(len > 0 ? bh_get_u8(&input) : 0);
	held = (struct held){.live = false};
	bh_assert(bh_local_log(s->local, &held.log) == 0);
	held_check();
	for (size_t i = 0; i < INPUT_STEPS_MAX && input.len - input.at >= 3; i++) {
		unsigned step = bh_get_u8(&input) % STEPS;
		size_t part = bh_get_u16(&input);
		if (part > input.len - input.at)
			part = input.len - input.at;
		steps[step](bh_get_bytes(&input, part));
		held_check();
	}
	chain_check();
	return 0;
}
