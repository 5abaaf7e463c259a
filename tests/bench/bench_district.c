/* The commands are made before anybody's clock starts: decoding and hashing belong to the session.
 */
#include "tests/bench/bench_district.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/datum.h"
#include "proto/err.h"
#include "tests/unit/domain/demo_rules.h"

#define TEXT_BYTES 170u

void bh_bench_must(int err, const char *what)
{
	if (err) {
		printf("# %s: %s\n", what, bh_err_name(err));
		exit(1);
	}
}

struct bh_now bh_bench_now(struct bh_bench *b)
{
	struct bh_now now = b->clock.now(b->clock.context);

	now.wall_ms += b->ahead_ms;
	now.mono_ms += b->ahead_ms;
	return now;
}

struct bh_outcome bh_bench_run_one(struct bh_bench *b, enum bh_verb verb, struct bh_buf *payload)
{
	struct bh_command command = {
		.source = BH_SOURCE_OPERATOR, .verb = verb, .payload = bh_buf_span(payload)};
	struct bh_outcome outcome = {0};
	struct bh_job job = {.commands = &command, .outcomes = &outcome, .count = 1};
	struct bh_job *jobs[] = {&job};

	bh_bench_must(bh_writer_run(b->writer, bh_bench_now(b), jobs, 1, &b->wakes), "operator");
	bh_bench_must(
		job.err || outcome.verdict != BH_VERDICT_ACCEPTED ? BH_ERR_INVALID : 0, "operator");
	payload->len = 0;
	return outcome;
}

/* The last of them is a handler's. */
static uint32_t person_of(uint32_t i)
{
	return i == BH_BENCH_PHONES - 1 ? BH_DEMO_HANDLER(BH_DEMO_CLEAN_A) : BH_DEMO_WORKER(1111);
}

static void enrol(struct bh_bench *b, uint32_t i, struct bh_buf *payload)
{
	uint8_t hash[BH_HASH_BYTES] = {(uint8_t)i, 1}, key[BH_PUBLIC_KEY_BYTES] = {(uint8_t)i, 2};
	struct bh_bench_phone *phone = &b->phones[i];
	struct bh_msg_entry_enrol_code code = {.code_hash = bh_span(hash, sizeof(hash)),
		.person = person_of(i),
		.expires_ms = bh_bench_now(b).wall_ms + 3600000};
	struct bh_msg_entry_enrolled enrolled = {.code_hash = code.code_hash,
		.public_key = bh_span(key, sizeof(key)),
		.log_id = bh_span(phone->log_id, BH_LOG_ID_BYTES)};

	memset(phone->log_id, (int)i + 1, BH_LOG_ID_BYTES);
	bh_bench_must(bh_encode_entry_enrol_code(&code, payload), "code");
	bh_bench_run_one(b, BH_VERB_ENROL_CODE, payload);
	bh_bench_must(bh_encode_entry_enrolled(&enrolled, payload), "enrol");
	phone->device = bh_bench_run_one(b, BH_VERB_ENROLLED, payload).id;
	phone->log_short = BH_LOG_FIRST_DEVICE + i;
	bh_log_start(b->hasher, "330106", phone->log_id, phone->link);
}

void bh_bench_district_open(struct bh_bench *b, const char *path)
{
	static struct bh_demo_profile demo;
	struct bh_buf payload = BH_BUF(1u << 24);

	b->options = (struct bh_store_options){.path = path, .rng = bh_rng_system()};
	bh_bench_must(bh_store_create(&b->options, "330106", bh_bench_now(b)), "create");
	bh_bench_must(bh_writer_open(&b->options, bh_bench_now(b), &b->writer, NULL), "open");
	bh_demo_profile(&demo);
	if (b->dress)
		b->dress(&demo);
	bh_bench_must(bh_encode_profile(&demo.profile, &payload), "profile");
	bh_bench_run_one(b, BH_VERB_PROFILE, &payload);
	for (uint32_t i = 0; i < BH_BENCH_PHONES; i++)
		enrol(b, i, &payload);
	bh_buf_free(&payload);
}

/* Bytes, salt, commitment and link: what the handset and the session would have made of it. */
static void command_seal(struct bh_bench *b, size_t at, struct bh_bench_phone *phone,
	const struct bh_msg_op_header *header, const struct bh_msg_op_content *content)
{
	struct bh_command *command = &b->commands[at];
	struct bh_buf *bytes = &b->bytes[at];
	bytes->len = 0;
	bh_bench_must(bh_op_encode_header(header, bytes), "header");
	size_t split = bytes->len;
	bh_bench_must(bh_op_encode_content(content, bytes), "content");
	command->header = bh_span(bytes->data, split);
	command->content = bh_span(bytes->data + split, bytes->len - split);
	memcpy(command->salt, &b->made, sizeof(b->made));
	memcpy(command->prev_link, phone->link, BH_HASH_BYTES);
	bh_op_commitment(b->hasher, command->salt, command->content, command->commitment);
	bh_log_link(b->hasher, phone->link, phone->seq, command->header, command->commitment,
		command->link);
	memcpy(phone->link, command->link, BH_HASH_BYTES);
}

static uint64_t text_make(struct bh_bench *b, char text[TEXT_BYTES])
{
	uint64_t random = (b->made++ + 1) * UINT64_C(0x9e3779b97f4a7c15);

	for (size_t i = 0; i < TEXT_BYTES; i++)
		text[i] = (char)('a' + (random >> (i % 57)) % 26);
	return random;
}

/* A report with a text of the length real ones have, and a place. */
void bh_bench_report_make(
	struct bh_bench *b, size_t at, struct bh_bench_phone *phone, struct bh_now now)
{
	struct bh_command *command = &b->commands[at];
	char text[TEXT_BYTES + 1];
	uint64_t random = text_make(b, text);

	*command = (struct bh_command){.source = BH_SOURCE_DEVICE,
		.verb = BH_VERB_SUBMIT,
		.device = phone->device,
		.log_short = phone->log_short,
		.seq = ++phone->seq,
		.person = person_of((uint32_t)(phone - b->phones)),
		.type = BH_DEMO_LITTER,
		.captured_ms = now.wall_ms - (int64_t)(random % 100000),
		.has_place = true,
		.datum = BH_DATUM_WGS84};
	bh_demo_place(b->grid ? b->grid : 1111, &command->latitude_e7, &command->longitude_e7);
	command->latitude_e7 += (int32_t)(random % 1000);
	struct bh_msg_op_header header = {.verb = BH_VERB_SUBMIT,
		.captured_ms = command->captured_ms,
		.boot_ms = now.wall_ms - now.mono_ms,
		.author = command->person,
		.type = command->type};
	struct bh_msg_op_content content = {.text = bh_span(text, TEXT_BYTES),
		.has_place = true,
		.latitude_e7 = command->latitude_e7,
		.longitude_e7 = command->longitude_e7,
		.datum = command->datum,
		.accuracy_dm = 50};
	command_seal(b, at, phone, &header, &content);
}

void bh_bench_service_make(struct bh_bench *b, size_t at, struct bh_bench_phone *phone,
	struct bh_now now, uint32_t kind, uint32_t area)
{
	char text[TEXT_BYTES + 1];
	uint64_t random = text_make(b, text);

	b->commands[at] = (struct bh_command){.source = BH_SOURCE_DEVICE,
		.verb = BH_VERB_SERVICE,
		.device = phone->device,
		.log_short = phone->log_short,
		.seq = ++phone->seq,
		.person = person_of((uint32_t)(phone - b->phones)),
		.type = kind,
		.area = area,
		.captured_ms = now.wall_ms - (int64_t)(random % 1000)};
	const struct bh_msg_op_header header = {.verb = BH_VERB_SERVICE,
		.captured_ms = b->commands[at].captured_ms,
		.boot_ms = now.wall_ms - now.mono_ms,
		.author = b->commands[at].person,
		.type = kind,
		.area = area};
	const struct bh_msg_op_content content = {.text = bh_span(text, TEXT_BYTES)};
	command_seal(b, at, phone, &header, &content);
}

void bh_bench_op_make(struct bh_bench *b, size_t at, struct bh_bench_phone *phone,
	struct bh_now now, enum bh_verb verb, uint32_t person, uint64_t number)
{
	static const char text[] = "done, and tidied up; see the photo";
	const struct bh_msg_op_header header = {.verb = verb,
		.captured_ms = now.wall_ms,
		.boot_ms = now.wall_ms - now.mono_ms,
		.author = person,
		.case_number = number,
		.cycle = 1};
	const struct bh_msg_op_content content = {.text = bh_span(text, sizeof(text) - 1)};

	b->made++;
	b->commands[at] = (struct bh_command){.source = BH_SOURCE_DEVICE,
		.verb = verb,
		.device = phone->device,
		.log_short = phone->log_short,
		.seq = ++phone->seq,
		.person = person,
		.case_number = number,
		.cycle = 1,
		.captured_ms = now.wall_ms,
		.text = content.text};
	command_seal(b, at, phone, &header, &content);
}

void bh_bench_memory_take(struct bh_bench *b)
{
	b->commands = calloc(BH_BENCH_ROUND, sizeof(*b->commands));
	b->outcomes = calloc(BH_BENCH_ROUND, sizeof(*b->outcomes));
	b->jobs = calloc(BH_BENCH_ROUND, sizeof(*b->jobs));
	b->list = calloc(BH_BENCH_ROUND, sizeof(struct bh_job *));
	if (!b->commands || !b->outcomes || !b->jobs || !b->list)
		bh_bench_must(BH_ERR_NOMEM, "memory");
	for (size_t i = 0; i < BH_BENCH_ROUND; i++)
		b->bytes[i] = BH_BUF(4096);
}
