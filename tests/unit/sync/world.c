/* The district's side: its file, its writer run by hand, and the people at its desk. */
#include "tests/unit/proto/cmocka_all.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/sync/world.h"

static int rng_fill(void *context, uint8_t *out, size_t len)
{
	struct bh_world *world = context;
	for (size_t i = 0; i < len; i++) {
		world->seed = world->seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
		out[i] = (uint8_t)(world->seed >> 56);
	}
	return 0;
}

struct bh_rng bh_world_rng(struct bh_world *world)
{
	return (struct bh_rng){rng_fill, world};
}

int64_t bh_world_ms(struct bh_world *world)
{
	bool alarmed;
	return bh_writer_time(world->writer, world->now, &alarmed);
}

void bh_world_pass(struct bh_world *world, int64_t ms)
{
	world->now.wall_ms += ms;
	world->now.mono_ms += ms;
}

void bh_world_hub(struct bh_world *world, uint32_t enrol_failures, uint32_t ops_per_min)
{
	struct bh_hub_options options = {.reader = world->reader,
		.packer = world->packer,
		.hasher = world->hasher,
		.mac_key = bh_span(BH_WORLD_MAC, 32),
		.ca_key = world->ca,
		.pins = world->pins,
		.enrol_failures_per_min = enrol_failures,
		.ops_per_device_per_min = ops_per_min,
		.claims = &world->claims};
	bh_hub_close(world->hub);
	assert_int_equal(bh_hub_open(&options, &world->hub), 0);
}

static void wake(struct bh_world *world, const struct bh_wakes *wakes)
{
	bh_hub_wake(world->hub, world->now, bh_world_ms(world), wakes);
}

static bool blobs_run(struct bh_world *world)
{
	struct bh_blob_job *job;
	bool any = false;
	while ((job = bh_hub_take_blob_job(world->hub)) != NULL) {
		job->mono_ms = world->now.mono_ms;
		bh_blob_files_run(world->files, job);
		bh_hub_blob_done(world->hub, world->now, bh_world_ms(world), job);
		any = true;
	}
	return any;
}

void bh_world_pump(struct bh_world *world)
{
	while (!world->held) {
		struct bh_job *jobs[BH_WORLD_JOBS_MAX];
		struct bh_wakes wakes;
		size_t count = 0;
		while (count < BH_WORLD_JOBS_MAX &&
			(jobs[count] = bh_hub_take_job(world->hub)) != NULL)
			count++;
		if (count == 0 && blobs_run(world))
			continue;
		if (count == 0)
			return;
		assert_int_equal(bh_writer_run(world->writer, world->now, jobs, count, &wakes), 0);
		for (size_t i = 0; i < count; i++)
			bh_hub_job_done(world->hub, world->now, bh_world_ms(world), jobs[i]);
		wake(world, &wakes);
	}
}

struct bh_outcome bh_world_run(struct bh_world *world, struct bh_command *command)
{
	struct bh_outcome outcome = {0};
	struct bh_job job = {.commands = command, .outcomes = &outcome, .count = 1};
	struct bh_job *jobs[] = {&job};
	struct bh_wakes wakes;
	assert_int_equal(bh_writer_run(world->writer, world->now, jobs, 1, &wakes), 0);
	assert_int_equal(job.err, 0);
	wake(world, &wakes);
	return outcome;
}

static struct bh_outcome operate(struct bh_world *world, enum bh_verb verb, struct bh_buf *payload)
{
	struct bh_command command = {
		.source = BH_SOURCE_OPERATOR, .verb = verb, .payload = bh_buf_span(payload)};
	struct bh_outcome outcome = bh_world_run(world, &command);
	bh_buf_free(payload);
	return outcome;
}

struct bh_outcome bh_world_profile(struct bh_world *world)
{
	struct bh_buf payload = BH_BUF(1u << 20);
	assert_int_equal(bh_encode_profile(&world->demo->profile, &payload), 0);
	return operate(world, BH_VERB_PROFILE, &payload);
}

void bh_world_code(
	struct bh_world *world, uint32_t person, int64_t ttl_ms, const uint8_t code[BH_CODE_BYTES])
{
	uint8_t hash[BH_HASH_BYTES];
	struct bh_buf payload = BH_BUF(512);
	struct bh_span part = bh_span(code, BH_CODE_BYTES);
	bh_hash_parts(world->hasher, &part, 1, hash);
	struct bh_msg_entry_enrol_code entry = {.code_hash = bh_span(hash, sizeof(hash)),
		.person = person,
		.expires_ms = bh_world_ms(world) + ttl_ms};
	assert_int_equal(bh_encode_entry_enrol_code(&entry, &payload), 0);
	assert_int_equal(operate(world, BH_VERB_ENROL_CODE, &payload).verdict, BH_VERDICT_ACCEPTED);
}

void bh_world_revoke(struct bh_world *world, uint32_t device)
{
	struct bh_buf payload = BH_BUF(512);
	struct bh_msg_entry_revoked entry = {.device = device, .reason = bh_span("lost", 4)};
	assert_int_equal(bh_encode_entry_revoked(&entry, &payload), 0);
	assert_int_equal(operate(world, BH_VERB_REVOKE, &payload).verdict, BH_VERDICT_ACCEPTED);
}

void bh_world_desk(struct bh_world *world, enum bh_verb verb, uint32_t person, uint64_t number,
	uint32_t unit, const char *text)
{
	struct bh_command command = {.source = BH_SOURCE_DESK,
		.verb = verb,
		.person = person,
		.case_number = number,
		.unit = unit,
		.reason_code = 1,
		.text = bh_span(text, strlen(text))};
	bh_demo_say(&command);
	memcpy(command.key_hash, &number, sizeof(number));
	command.key_hash[31] = (uint8_t)++world->keys;
	struct bh_outcome outcome = bh_world_run(world, &command);
	if (outcome.verdict != BH_VERDICT_ACCEPTED)
		print_message("# desk: %s, %s\n", bh_reason_name(outcome.reason),
			outcome.detail != NULL ? outcome.detail : "");
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
}

static void store_open(struct bh_world *world)
{
	const char *detail = "";
	assert_int_equal(bh_writer_open(&world->options, world->now, &world->writer, &detail), 0);
	assert_int_equal(bh_reader_open(&world->options, &world->reader), 0);
	assert_int_equal(bh_blob_files_open(&world->options, &world->files), 0);
}

static void store_close(struct bh_world *world)
{
	bh_reader_close(world->reader);
	bh_writer_close(world->writer);
	bh_blob_files_close(world->files);
}

void bh_world_restart(struct bh_world *world)
{
	bh_hub_close(world->hub);
	world->hub = NULL;
	store_close(world);
	store_open(world);
	bh_world_hub(world, 0, 0);
}

void bh_world_open(struct bh_world *world)
{
	const char *tmp = getenv("TMPDIR");
	memset(world, 0, sizeof(*world));
	world->now = (struct bh_now){INT64_C(1795132800000), 3600000};
	world->seed = 7;
	snprintf(world->folder, sizeof(world->folder), "%s/bh-sync-XXXXXX",
		tmp != NULL ? tmp : "/tmp");
	assert_non_null(mkdtemp(world->folder));
	snprintf(world->path, sizeof(world->path), "%s/district.db", world->folder);
	world->options = (struct bh_store_options){
		.path = world->path, .rng = bh_world_rng(world), .boot = 1};
	assert_int_equal(bh_store_create(&world->options, BH_WORLD_CODE, world->now), 0);
	store_open(world);
	assert_int_equal(bh_packer_open(&world->packer), 0);
	assert_int_equal(bh_hasher_open(&world->hasher), 0);
	assert_int_equal(bh_key_generate(&world->ca), 0);
	world->demo = malloc(sizeof(*world->demo));
	assert_non_null(world->demo);
	bh_demo_profile(world->demo);
	bh_world_hub(world, 0, 0);
	assert_int_equal(bh_world_profile(world).verdict, BH_VERDICT_ACCEPTED);
}

static int entry_remove(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
	(void)st;
	(void)kind;
	(void)walk;
	return remove(path);
}

void bh_world_close(struct bh_world *world)
{
	bh_hub_close(world->hub);
	store_close(world);
	bh_packer_close(world->packer);
	bh_hasher_close(world->hasher);
	bh_key_free(world->ca);
	free(world->demo);
	(void)nftw(world->folder, entry_remove, 8, FTW_DEPTH | FTW_PHYS);
}
