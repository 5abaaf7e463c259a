/* The scripted handset: its disk, its store, its enrolment. */
#include "tests/unit/client/scripted.h"

#include <stdlib.h>
#include <string.h>

#include "proto/caseflow.h"
#include "proto/err.h"

#define DISTRICT "340803"
#define CHEAP 4 /* of a PIN: what is tried here is how often, not how long */

static void scripted_open_local(struct scripted *s)
{
	const struct bh_local_options options = {.path = SCRIPTED_PATH,
		.vfs = bh_simvfs_name(s->disk),
		.rng = bh_simrng_source(&s->rng),
		.app_key = s->app_key,
		.pin_cost = CHEAP};

	assert_int_equal(bh_local_open(&options, &s->local), 0);
}

struct scripted *scripted_new(void)
{
	struct scripted *s = calloc(1, sizeof(*s));
	const struct bh_simvfs_config config = {.number = 1, .seed = 42};

	assert_non_null(s);
	assert_int_equal(bh_simvfs_create(&config, &s->disk), 0);
	s->rng = bh_simrng_make(7);
	s->now = (struct bh_now){1790000000000, 500000};
	s->arena = BH_ARENA(64u << 20);
	s->in = BH_BUF(16u << 20);
	memset(s->binding.exporter, 0xe1, sizeof(s->binding.exporter));
	assert_int_equal(bh_hasher_open(&s->hasher), 0);
	assert_int_equal(bh_packer_open(&s->packer), 0);
	assert_int_equal(bh_key_generate(&s->ca), 0);
	scripted_open_local(s);
	return s;
}

void scripted_engine_end(struct scripted *s)
{
	bh_engine_close(s->engine);
	s->engine = NULL;
}

void scripted_free(struct scripted *s)
{
	scripted_engine_end(s);
	bh_local_close(s->local);
	bh_simvfs_free(s->disk);
	bh_hasher_close(s->hasher);
	bh_packer_close(s->packer);
	bh_key_free(s->ca);
	bh_arena_free(&s->arena);
	bh_buf_free(&s->in);
	free(s);
}

void scripted_crash(struct scripted *s)
{
	bool had_engine = s->engine != NULL;

	bh_simvfs_crash(s->disk);
	scripted_engine_end(s);
	bh_local_close(s->local);
	scripted_open_local(s);
	if (had_engine)
		scripted_engine(s);
}

void scripted_engine(struct scripted *s)
{
	const struct bh_engine_options options = {
		s->local, bh_simrng_source(&s->rng), "test 1", !s->once};

	bh_buf_consume(&s->in, s->in.len);
	assert_int_equal(bh_engine_open(&options, s->now, &s->engine), 0);
	bh_engine_check(s->engine);
}

void scripted_later(struct scripted *s, int64_t ms)
{
	s->now.wall_ms += ms;
	s->now.mono_ms += ms;
	if (s->engine) {
		bh_engine_tick(s->engine, s->now);
		bh_engine_check(s->engine);
	}
}

struct bh_span scripted_text(const char *text)
{
	return bh_span(text, strlen(text));
}

/* ---- Enrolment ---- */

void scripted_ask(struct scripted *s)
{
	struct bh_device asked = {.host = "127.0.0.1",
		.port = 7443,
		.district = DISTRICT,
		.pins_count = 1,
		.model = "test"};
	uint8_t ca[BH_PUBLIC_KEY_BYTES];

	bh_key_public(s->ca, ca);
	assert_int_equal(bh_key_pin(ca, asked.pins[0]), 0);
	memset(asked.code, 0xc0, sizeof(asked.code));
	assert_int_equal(bh_local_ask(s->local, &asked), 0);
	bh_key_public(bh_local_key(s->local), s->public_key);
}

static const struct bh_msg_area grids[] = {{.id = 1,
	.code = {(const uint8_t *)"340803001001001", 15},
	.kind = BH_AREA_GRID,
	.name = {(const uint8_t *)"grid one", 8}}};
static const struct bh_msg_checkpoint checkpoints[] = {
	{{(const uint8_t *)"east gate", 9}, true, 310000000, 1170000000, 50},
	{{(const uint8_t *)"pump house", 10}, false, 0, 0, 0},
	{{(const uint8_t *)"river walk", 10}, false, 0, 0, 0}};
static const struct bh_msg_patrol patrols[] = {{.id = 1,
	.code = {(const uint8_t *)"P1", 2},
	.name = {(const uint8_t *)"morning", 7},
	.area = 1,
	.weekdays = 0x7f,
	.rounds = 2,
	.checkpoints = checkpoints,
	.checkpoints_count = 3}};

static const struct bh_msg_work_period week[] = {{1, 480, 720}, {1, 840, 1080}, {2, 480, 720},
	{2, 840, 1080}, {3, 480, 720}, {3, 840, 1080}, {4, 480, 720}, {4, 840, 1080}, {5, 480, 720},
	{5, 840, 1080}};
/* 2026-11-25, a holiday, and the Saturday after it. */
static const struct bh_msg_calendar_day days[] = {
	{.day = 20782}, {.day = 20785, .works = true, .as = 1}};

static const struct bh_msg_catalogue_condition conditions[] = {
	{1, {(const uint8_t *)"small", 5}, {1, 1}}, {2, {(const uint8_t *)"large", 5}, {2, 1}}};
/* Thirty characters of three bytes, and thirty that take two places of a message each. */
#define TEN(text) text text text text text text text text text text
#define LONG_NAME                                   \
	TEN("\xe7\x87\x83\xe6\xb0\x94\xe6\xbc\x8f") \
	TEN("\xf0\xa0\x80\x80\xf0\xa0\x80\x81\xf0\xa0\x80\x82")
static const uint32_t emergency[] = {122, 120};
static const struct bh_msg_catalogue_type types[] = {
	{.code = 10001,
		.name = {(const uint8_t *)"manhole", 7},
		.class = 10,
		.urgency = 2,
		.limit = {4, 3},
		.emergency = emergency,
		.emergency_count = 2,
		.conditions = conditions,
		.conditions_count = 2},
	{.code = 20001,
		.name = {(const uint8_t *)"quarrel", 7},
		.class = 20,
		.urgency = 3,
		.photos_min = 1,
		.dispute = true},
	{.code = 30001, .name = {(const uint8_t *)LONG_NAME, sizeof(LONG_NAME) - 1}, .class = 30}};

static const struct bh_msg_repeat repeats[] = {{.grid = 1,
	.has_place = true,
	.latitude_e7 = 310000000,
	.longitude_e7 = 1170000000,
	.cases = 4,
	.last_ms = 77,
	.asset = {(const uint8_t *)"3408031234567890", 16}}};

struct bh_msg_district scripted_district(void)
{
	static const struct bh_msg_post posts[] = {
		{.id = 31, .person = SCRIPTED_PERSON, .role = BH_ROLE_GRID_WORKER, .area = 1},
		{.id = 32,
			.person = SCRIPTED_PERSON,
			.role = BH_ROLE_HANDLER,
			.unit = 9,
			.area = 1}};

	return (struct bh_msg_district){.code = scripted_text(DISTRICT),
		.grids = grids,
		.grids_count = 1,
		.patrols = patrols,
		.patrols_count = 1,
		.repeats = repeats,
		.repeats_count = 1,
		.calendar = {.version = 7,
			.week = week,
			.week_count = 10,
			.days = days,
			.days_count = 2},
		.name = scripted_text("Daguan"),
		.version = 4,
		.types = types,
		.types_count = sizeof(types) / sizeof(types[0]),
		.person = SCRIPTED_PERSON,
		.person_name = scripted_text("worker three"),
		.posts = posts,
		.posts_count = 2,
		.catalogue_version = scripted_text("1")};
}

void scripted_enrol(struct scripted *s)
{
	const struct bh_msg_district district = scripted_district();
	static const uint8_t signature[BH_SIGNATURE_BYTES];
	struct bh_log log;

	scripted_ask(s);
	assert_int_equal(bh_local_log(s->local, &log), 0);
	const struct bh_msg_enrolment_receipt receipt = {.district = scripted_text(DISTRICT),
		.device = SCRIPTED_DEVICE,
		.person = SCRIPTED_PERSON,
		.log_short = SCRIPTED_SHORT,
		.log_id = bh_span(log.log_id, sizeof(log.log_id)),
		.public_key = bh_span(s->public_key, sizeof(s->public_key))};

	assert_int_equal(bh_local_enrolled(s->local, &receipt, scripted_text("raw"),
				 bh_span(signature, sizeof(signature)), &district, NULL, s->now),
		0);
	memcpy(s->log_id, log.log_id, sizeof(s->log_id));
	bh_log_start(s->hasher, DISTRICT, s->log_id, s->links[0]);
	s->held = 0;
}

uint64_t scripted_report(struct scripted *s, const char *text)
{
	const struct bh_msg_op_header header = {.verb = BH_VERB_SUBMIT, .type = 10001};
	const struct bh_msg_op_content content = {.text = scripted_text(text)};
	struct bh_op_ref ref;

	assert_int_equal(bh_local_record(s->local, &header, &content, s->now, &ref), 0);
	if (s->engine) {
		bh_engine_poke(s->engine, s->now);
		bh_engine_check(s->engine);
	}
	return ref.seq;
}

uint64_t scripted_acked(struct scripted *s)
{
	struct bh_log log;

	assert_int_equal(bh_local_log(s->local, &log), 0);
	return log.acked_seq;
}

uint64_t scripted_head(struct scripted *s)
{
	struct bh_log log;

	assert_int_equal(bh_local_log(s->local, &log), 0);
	return log.head_seq;
}

struct bh_log scripted_log(struct scripted *s)
{
	struct bh_log log;

	assert_int_equal(bh_local_log(s->local, &log), 0);
	return log;
}

int scripted_record(struct scripted *s, const char *text, struct bh_op_ref *ref)
{
	const struct bh_msg_op_header header = {.verb = BH_VERB_SUBMIT, .type = 10001};
	const struct bh_msg_op_content content = {.text = scripted_text(text)};

	return bh_local_record(s->local, &header, &content, s->now, ref);
}

int scripted_setup(void **state)
{
	struct scripted *s = scripted_new();

	scripted_enrol(s);
	*state = s;
	return 0;
}

int scripted_teardown(void **state)
{
	scripted_free(*state);
	return 0;
}
