/* Everything a store test needs besides the store.  Randomness is a counter, time is what the test
 * says. */
#include <sqlite3.h>
#include <stdio.h>

#include "tests/unit/store/kit.h"

static int random_fill(void *context, uint8_t *out, size_t len)
{
	struct kit *kit = context;

	for (size_t i = 0; i < len; i++) {
		kit->random = kit->random * 6364136223846793005u + 1442695040888963407u;
		out[i] = (uint8_t)(kit->random >> 56);
	}
	return 0;
}

void kit_open_bare(struct kit *kit, uint32_t number)
{
	struct bh_simvfs_config config = {.number = number, .seed = number + 1};

	memset(kit, 0, sizeof(*kit));
	bh_simvfs_seed_sqlite(number);
	assert_int_equal(bh_simvfs_create(&config, &kit->vfs), 0);
	assert_int_equal(bh_hasher_open(&kit->hasher), 0);
	kit->random = number;
	kit->arena = BH_ARENA(1u << 24);
	kit->payload = BH_BUF(1u << 24);
	kit->now = (struct bh_now){KIT_START_MS, 1000};
	kit->options = (struct bh_store_options){
		.path = KIT_PATH,
		.vfs = bh_simvfs_name(kit->vfs),
		.rng = {random_fill, kit},
		.boot = 1,
		.ballast_bytes = KIT_BALLAST_BYTES,
	};
}

void kit_open(struct kit *kit, uint32_t number)
{
	kit_open_bare(kit, number);
	assert_int_equal(bh_store_create(&kit->options, KIT_CODE, kit->now), 0);
	assert_int_equal(kit_up(kit), 0);
	kit_profile(kit);
}

void kit_down(struct kit *kit)
{
	bh_writer_close(kit->writer);
	bh_reader_close(kit->reader);
	kit->writer = NULL;
	kit->reader = NULL;
}

int kit_up(struct kit *kit)
{
	int err = bh_writer_open(&kit->options, kit->now, &kit->writer, NULL);

	return err ? err : bh_reader_open(&kit->options, &kit->reader);
}

void kit_fill(struct kit *kit)
{
	const struct bh_simvfs_plan full = {BH_SIMVFS_WRITE, BH_SIMVFS_FULL, 1, true, NULL};

	assert_int_equal(bh_simvfs_plan_add(kit->vfs, &full), 0);
}

void kit_close(struct kit *kit)
{
	kit_down(kit);
	bh_hasher_close(kit->hasher);
	bh_arena_free(&kit->arena);
	bh_buf_free(&kit->payload);
	bh_simvfs_free(kit->vfs);
}

void kit_restart(struct kit *kit, bool power)
{
	if (power)
		bh_simvfs_crash(kit->vfs);
	else
		bh_simvfs_kill(kit->vfs);
	kit_down(kit);
	kit_pass(kit, 500);
	assert_int_equal(kit_up(kit), 0);
}

void kit_pass(struct kit *kit, int64_t ms)
{
	kit->now.wall_ms += ms;
	kit->now.mono_ms += ms;
}

struct bh_outcome kit_run(struct kit *kit, struct bh_command *command)
{
	struct bh_outcome outcome = {.err = 1};
	struct bh_job job = {.commands = command, .outcomes = &outcome, .count = 1};
	struct bh_job *jobs[] = {&job};

	assert_int_equal(bh_writer_run(kit->writer, kit->now, jobs, 1, &kit->wakes), 0);
	if (job.err)
		outcome.err = job.err;
	return outcome;
}

struct bh_outcome kit_operator(struct kit *kit, enum bh_verb verb, struct bh_span payload)
{
	struct bh_command command = {
		.source = BH_SOURCE_OPERATOR, .verb = verb, .payload = payload};

	return kit_run(kit, &command);
}

void kit_profile(struct kit *kit)
{
	static struct bh_demo_profile demo;

	bh_demo_profile(&demo);
	kit->payload.len = 0;
	assert_int_equal(bh_encode_profile(&demo.profile, &kit->payload), 0);
	struct bh_outcome outcome = kit_operator(kit, BH_VERB_PROFILE, bh_buf_span(&kit->payload));
	assert_int_equal(outcome.err, 0);
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
}

static void fill(uint8_t *out, size_t len, uint8_t with)
{
	memset(out, with, len);
}

struct bh_outcome kit_enrol_code(struct kit *kit, uint8_t code, uint32_t person, int64_t expires_ms)
{
	uint8_t hash[BH_HASH_BYTES];
	struct bh_msg_entry_enrol_code message = {
		.code_hash = bh_span(hash, sizeof(hash)),
		.person = person,
		.expires_ms = expires_ms,
	};

	fill(hash, sizeof(hash), code);
	kit->payload.len = 0;
	assert_int_equal(bh_encode_entry_enrol_code(&message, &kit->payload), 0);
	return kit_operator(kit, BH_VERB_ENROL_CODE, bh_buf_span(&kit->payload));
}

struct bh_outcome kit_enrolled(struct kit *kit, struct phone *phone, uint8_t code)
{
	uint8_t hash[BH_HASH_BYTES];
	struct bh_msg_entry_enrolled message = {
		.code_hash = bh_span(hash, sizeof(hash)),
		.public_key = bh_span(phone->key, sizeof(phone->key)),
		.log_id = bh_span(phone->log_id, sizeof(phone->log_id)),
	};

	fill(hash, sizeof(hash), code);
	kit->payload.len = 0;
	assert_int_equal(bh_encode_entry_enrolled(&message, &kit->payload), 0);
	return kit_operator(kit, BH_VERB_ENROLLED, bh_buf_span(&kit->payload));
}

/* What a handset knows when it begins a log. */
static void log_start(struct kit *kit, struct phone *phone)
{
	struct bh_log log;

	assert_int_equal(bh_reader_log(kit->reader, phone->log_id, &log), 0);
	phone->log_short = log.log_short;
	phone->seq = 0;
	bh_log_start(kit->hasher, KIT_CODE, phone->log_id, phone->link);
	assert_memory_equal(phone->link, log.head_link, BH_HASH_BYTES);
}

void kit_enrol(struct kit *kit, struct phone *phone, uint32_t person, uint8_t id)
{
	memset(phone, 0, sizeof(*phone));
	fill(phone->key, sizeof(phone->key), id);
	fill(phone->log_id, sizeof(phone->log_id), id);
	struct bh_outcome outcome = kit_enrol_code(
		kit, id, person, kit->now.wall_ms + 60 * KIT_MINUTE);
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	outcome = kit_enrolled(kit, phone, id);
	assert_int_equal(outcome.err, 0);
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	phone->device = outcome.id;
	phone->person = person;
	log_start(kit, phone);
}

struct bh_outcome kit_log_begin(
	struct kit *kit, struct phone *phone, uint8_t id, const uint8_t *forked_from)
{
	uint8_t log_id[BH_LOG_ID_BYTES];
	struct bh_msg_entry_log message = {
		.device = phone->device,
		.log_id = bh_span(log_id, sizeof(log_id)),
		.forked_from = bh_span(forked_from, forked_from ? BH_LOG_ID_BYTES : 0),
	};

	fill(log_id, sizeof(log_id), id);
	kit->payload.len = 0;
	assert_int_equal(bh_encode_entry_log(&message, &kit->payload), 0);
	struct bh_outcome outcome = kit_operator(
		kit, BH_VERB_LOG_BEGIN, bh_buf_span(&kit->payload));
	if (outcome.verdict == BH_VERDICT_ACCEPTED) {
		memcpy(phone->log_id, log_id, sizeof(log_id));
		if (!outcome.repeat)
			log_start(kit, phone);
	}
	return outcome;
}

struct bh_outcome kit_revoke(struct kit *kit, uint32_t device)
{
	struct bh_msg_entry_revoked message = {.device = device, .reason = bh_span("lost", 4)};

	kit->payload.len = 0;
	assert_int_equal(bh_encode_entry_revoked(&message, &kit->payload), 0);
	return kit_operator(kit, BH_VERB_REVOKE, bh_buf_span(&kit->payload));
}

/* ---- ops ---- */

void push_begin(struct push *push)
{
	memset(push, 0, sizeof(*push));
	for (size_t i = 0; i < KIT_JOB_MAX; i++) {
		push->headers[i] = BH_BUF(4096);
		push->contents[i] = BH_BUF(65536);
	}
	push->job.commands = push->commands;
	push->job.outcomes = push->outcomes;
}

void push_end(struct push *push)
{
	for (size_t i = 0; i < KIT_JOB_MAX; i++) {
		bh_buf_free(&push->headers[i]);
		bh_buf_free(&push->contents[i]);
	}
}

void push_seal(struct kit *kit, struct push *push, struct phone *phone)
{
	size_t at = push->job.count - 1;
	struct bh_command *command = &push->commands[at];
	struct bh_msg_op_header header = {
		.verb = command->verb,
		.captured_ms = command->captured_ms,
		.author = command->person,
		.type = command->type,
		.case_number = command->case_number,
		.cycle = command->cycle,
		.base_position = command->base_position,
		.has_origin = command->has_origin,
		.origin = command->origin,
		.area = command->area,
		.round = command->round,
		.blobs = push->blobs,
		.blobs_count = push->blobs_count,
	};
	struct bh_msg_op_content content = {
		.text = command->text,
		.has_place = command->has_place,
		.latitude_e7 = command->latitude_e7,
		.longitude_e7 = command->longitude_e7,
		.datum = command->datum,
	};

	push->headers[at].len = 0;
	push->contents[at].len = 0;
	assert_int_equal(bh_op_encode_header(&header, &push->headers[at]), 0);
	assert_int_equal(bh_op_encode_content(&content, &push->contents[at]), 0);
	command->header = bh_buf_span(&push->headers[at]);
	command->content = bh_buf_span(&push->contents[at]);
	bh_op_commitment(kit->hasher, command->salt, command->content, command->commitment);
	bh_log_link(kit->hasher, command->prev_link, command->seq, command->header,
		command->commitment, command->link);
	memcpy(phone->link, command->link, BH_HASH_BYTES);
}

struct bh_command *push_op(struct kit *kit, struct push *push, struct phone *phone,
	enum bh_verb verb, uint64_t case_number, const char *text)
{
	assert_true(push->job.count < KIT_JOB_MAX);
	struct bh_command *command = &push->commands[push->job.count++];

	*command = (struct bh_command){
		.source = BH_SOURCE_DEVICE,
		.verb = verb,
		.device = phone->device,
		.log_short = phone->log_short,
		.seq = ++phone->seq,
		.person = phone->person,
		.case_number = case_number,
		.captured_ms = kit->now.wall_ms,
		.clock_bound_ms = 100,
		.text = bh_span(text, strlen(text)),
	};
	memcpy(command->prev_link, phone->link, BH_HASH_BYTES);
	random_fill(kit, command->salt, BH_SALT_BYTES);
	push_seal(kit, push, phone);
	return command;
}

struct bh_command *push_report(
	struct kit *kit, struct push *push, struct phone *phone, const char *text)
{
	struct bh_command *command = push_op(kit, push, phone, BH_VERB_SUBMIT, 0, text);

	command->type = BH_DEMO_LITTER;
	command->has_place = !kit->nowhere;
	command->datum = BH_DATUM_WGS84;
	bh_demo_place(1111, &command->latitude_e7, &command->longitude_e7);
	push_seal(kit, push, phone);
	return command;
}

int push_run(struct kit *kit, struct push *push)
{
	struct bh_job *jobs[] = {&push->job};

	memset(push->outcomes, 0, sizeof(push->outcomes));
	assert_int_equal(bh_writer_run(kit->writer, kit->now, jobs, 1, &kit->wakes), 0);
	return push->job.err;
}

size_t kit_tick(struct kit *kit)
{
	size_t fired = 0;

	assert_int_equal(bh_writer_tick(kit->writer, kit->now, 1000, &fired, &kit->wakes), 0);
	return fired;
}

int kit_verify(struct kit *kit, struct bh_verify_report *report)
{
	char path[64];
	bool done = false;
	struct bh_store_options options = kit->options;

	snprintf(path, sizeof(path), "/d/copy-%u.db", ++kit->copies);
	options.path = path;
	assert_int_equal(bh_writer_copy_begin(kit->writer, path), 0);
	while (!done)
		assert_int_equal(bh_writer_copy_step(kit->writer, 16, &done), 0);
	return bh_store_verify(&options, report);
}

void kit_sql(struct kit *kit, const char *path, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, kit->options.vfs), 0);
	char *message = NULL;
	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
	sqlite3_close(db);
}
