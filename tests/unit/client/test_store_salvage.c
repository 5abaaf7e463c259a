/* A store that is damaged at any page, or somebody else's: put aside as it was, and the handset
 * goes on with what can be read. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "tests/unit/client/scripted.h"

#define PAGE_BYTES 4096u
#define ACKED 30u
#define OPS 44u
#define OPS_OF_A_PAGE 7u

static struct bh_local_options options_of(struct scripted *s)
{
	return (struct bh_local_options){.path = SCRIPTED_PATH,
		.vfs = bh_simvfs_name(s->disk),
		.rng = bh_simrng_source(&s->rng)};
}

static void shut(struct scripted *s)
{
	bh_local_close(s->local);
	s->local = NULL;
}

/* Bytes of a file, beside SQLite. */
static void file_put(struct scripted *s, const char *path, size_t offset, struct bh_span bytes)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(bh_simvfs_name(s->disk));
	sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_DB;

	assert_non_null(file);
	assert_int_equal(vfs->xOpen(vfs, path, file, flags, &flags), SQLITE_OK);
	assert_int_equal(
		file->pMethods->xWrite(file, bytes.data, (int)bytes.len, (sqlite3_int64)offset),
		SQLITE_OK);
	assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_FULL), SQLITE_OK);
	file->pMethods->xClose(file);
	free(file);
}

static size_t file_len(struct scripted *s, const char *path)
{
	const uint8_t *data;
	size_t len = 0;

	assert_int_equal(bh_simvfs_file_image(s->disk, path, &data, &len), 0);
	return len;
}

/* A handset with records, ACKED ops that the server has, and as many more up to OPS; closed. */
static struct scripted *used(void)
{
	struct scripted *s = scripted_new();
	struct bh_msg_record record = {.case_number = 4711,
		.state = 2,
		.position = 3,
		.scopes = (uint64_t[]){SCRIPTED_OWN},
		.scopes_count = 1};
	static char text[400];

	memset(text, 'x', sizeof(text) - 1);
	scripted_enrol(s);
	scripted_engine(s);
	for (uint32_t i = 0; i < ACKED; i++)
		scripted_report(s, text);
	scripted_session(s);
	while (s->held < ACKED)
		scripted_take_push(s);
	scripted_ack(s, ACKED);
	scripted_delta(s, &record, 1, 3);
	scripted_engine_end(s);
	for (uint32_t i = ACKED; i < OPS; i++)
		scripted_report(s, text);
	shut(s);
	return s;
}

/* Whichever call meets the damage fails; the one after it finds a store. */
static void met(struct scripted *s, struct bh_log *log, struct bh_device *device)
{
	int rc = bh_local_device(s->local, device);

	if (rc == 0)
		rc = bh_local_log(s->local, log);
	if (rc == BH_ERR_CORRUPT) {
		assert_int_equal(bh_local_device(s->local, device), 0);
		rc = bh_local_log(s->local, log);
	}
	assert_int_equal(rc, 0);
}

/* The server is told of another log, which it does not know yet. */
static void log_is_another(struct scripted *s, const struct bh_log *log)
{
	memcpy(s->log_id, log->log_id, BH_LOG_ID_BYTES);
	memcpy(s->links[0], log->acked_link, BH_HASH_BYTES);
	s->held = 0;
}

/* One session; it ends early where damage shows. */
static void session(struct scripted *s, const struct bh_log *log, bool moved)
{
	scripted_engine(s);
	if (!bh_engine_want(s->engine).connect)
		return;
	scripted_connect(s);
	if (scripted_silent(s))
		return;
	scripted_take(s, BH_CLIENT_HELLO);
	const struct bh_server_frame welcome = scripted_welcome(s);

	scripted_give(s, &welcome);
	while (s->held < log->head_seq && !scripted_silent(s)) {
		scripted_take_push(s);
		assert_int_equal(s->last_header.has_origin, moved);
		assert_true(!moved || s->last_header.origin.seq > ACKED);
	}
	scripted_ack(s, s->held);
}

/* Sessions until all is acknowledged: damage may show only while something is written down, and
 * then another log begins.  How many ops the server got that it had not acknowledged before. */
static uint32_t sent_again(struct scripted *s, struct bh_log *log)
{
	bool moved = false;

	for (int tries = 0; tries < 4 && (tries == 0 || log->acked_seq < log->head_seq); tries++) {
		struct bh_device device;

		if (memcmp(log->log_id, s->log_id, BH_LOG_ID_BYTES) != 0) {
			moved = true;
			log_is_another(s, log);
		}
		session(s, log, moved);
		scripted_engine_end(s);
		s->in.len = 0;
		met(s, log, &device);
	}
	assert_int_equal(log->acked_seq, log->head_seq);
	return (uint32_t)(moved ? log->head_seq : log->head_seq - ACKED);
}

static void test_salvage__any_page_may_be_damaged(void **state)
{
	uint32_t clean = 0, strangers = 0, bare = 0, pages = 2;

	(void)state;
	for (uint32_t page = 0; page < pages; page++) {
		struct scripted *s = used();
		const struct bh_local_options options = options_of(s);
		uint8_t noise[PAGE_BYTES];
		struct bh_device device;
		struct bh_log log;

		pages = (uint32_t)(file_len(s, SCRIPTED_PATH) / PAGE_BYTES);
		bh_simrng_fill(&s->rng, noise, sizeof(noise));
		file_put(
			s, SCRIPTED_PATH, (size_t)page * PAGE_BYTES, bh_span(noise, sizeof(noise)));
		assert_int_equal(bh_local_open(&options, &s->local), 0);
		met(s, &log, &device);
		if (device.enrolled != BH_ENROL_YES) {
			strangers++; /* the page that says who we are */
			assert_int_equal(log.head_seq, 0);
		} else {
			uint32_t again = sent_again(s, &log);
			clean += again == OPS - ACKED;
			bare += again + OPS_OF_A_PAGE < OPS - ACKED;
			uint64_t seq = scripted_report(s, "goes on");
			assert_int_equal(scripted_head(s), seq);
		}
		assert_true(bh_local_aside(s->local) <= 1);
		scripted_free(s);
	}
	print_message("# %u pages: %u cost no op, %u the identity, %u more than a page's ops\n",
		pages, clean, strangers, bare);
	assert_true(pages > 12);
	assert_true(strangers <= 2); /* the head with the schema; the device */
	assert_true(bare <= 2);      /* what leads to the others; the log's name */
	assert_true(clean + strangers + 5 >= pages);
}

/* The bytes lie aside as they were. */
static void test_salvage__a_foreign_file_is_put_aside_whole(void **state)
{
	struct scripted *s = *state;
	const struct bh_local_options options = options_of(s);
	static const char text[] = "somebody's letter, no database at all";
	const uint8_t *data;
	size_t len;

	shut(s);
	file_put(s, "/letter", 0, bh_span(text, sizeof(text)));
	struct bh_local_options elsewhere = options;

	elsewhere.path = "/letter";
	for (uint32_t n = 1; n <= 2; n++) {
		char aside[32];

		snprintf(aside, sizeof(aside), "/letter-damaged-%u", n);
		assert_int_equal(bh_local_open(&elsewhere, &s->local), 0);
		assert_int_equal(bh_local_aside(s->local), n);
		shut(s);
		assert_int_equal(bh_simvfs_file_image(s->disk, aside, &data, &len), 0);
		assert_memory_equal(data, text, sizeof(text));
		file_put(s, "/letter", 0, bh_span(text, sizeof(text)));
	}
}

/* Another program's database, sound as it is. */
static void test_salvage__anothers_database_lends_nothing(void **state)
{
	struct scripted *s = *state;
	struct bh_local_options options = options_of(s);
	struct bh_device device;
	sqlite3 *db;

	shut(s);
	options.path = "/other.db";
	assert_int_equal(sqlite3_open_v2(options.path, &db,
				 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, options.vfs),
		SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "CREATE TABLE log(a); INSERT INTO log VALUES(1)", NULL,
				 NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(bh_local_open(&options, &s->local), 0);
	assert_int_equal(bh_local_device(s->local, &device), 0);
	assert_int_equal(device.enrolled, BH_ENROL_NO);
	assert_int_equal(
		sqlite3_open_v2("/other.db-damaged-1", &db, SQLITE_OPEN_READWRITE, options.vfs),
		SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "SELECT a FROM log", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void file_sql(struct scripted *s, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(
		sqlite3_open_v2(SCRIPTED_PATH, &db, SQLITE_OPEN_READWRITE, bh_simvfs_name(s->disk)),
		SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* Cut at every change of the disk, by a kill or by the power, it is done again. */
static void test_salvage__a_mending_that_is_cut_goes_on(void **state)
{
	bool done = false;
	uint64_t cut = 1;

	(void)state;
	for (; !done && cut < 2000; cut++) {
		struct scripted *s = used();
		const struct bh_local_options options = options_of(s);
		struct bh_device device;
		struct bh_log log;

		file_sql(s, "DELETE FROM op WHERE id & 4294967295 = 30");
		assert_int_equal(bh_local_open(&options, &s->local), 0);
		assert_int_equal(bh_local_log(s->local, &log), BH_ERR_CORRUPT);
		bh_simvfs_stop_at(s->disk, cut);
		done = bh_local_log(s->local, &log) == 0 && !bh_simvfs_is_stopped(s->disk);
		if (!done) {
			if (cut % 2)
				bh_simvfs_crash(s->disk);
			else
				bh_simvfs_kill(s->disk);
			shut(s);
			assert_int_equal(bh_local_open(&options, &s->local), 0);
		}
		met(s, &log, &device);
		assert_int_equal(log.head_seq, OPS - ACKED);
		assert_int_equal(bh_local_aside(s->local), 1);
		assert_false(bh_simvfs_file_exists(s->disk, SCRIPTED_PATH "-salvage"));
		scripted_free(s);
	}
	print_message("# cut at %llu changes\n", (unsigned long long)cut);
	assert_true(done && cut > 20);
}

/* What no page's structure shows: what was acknowledged last is gone, or what was not; one has
 * other words; the log itself is gone.  How much is left to be sent. */
static void test_salvage__ops_that_do_not_follow_are_left_behind(void **state)
{
	static const struct {
		const char *sql;
		uint32_t left;
	} damages[] = {{"DELETE FROM op WHERE id & 4294967295 = 30", OPS - ACKED},
		{"DELETE FROM op WHERE id & 4294967295 IN (30, 37)", OPS - ACKED - 1},
		{"UPDATE op SET content = x'00' WHERE id & 4294967295 = 33;"
		 "DELETE FROM op WHERE id & 4294967295 = 30",
			OPS - ACKED - 1},
		{"DELETE FROM op WHERE id & 4294967295 >= 30", 0}, {"DELETE FROM log", 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		struct scripted *s = used();
		const struct bh_local_options options = options_of(s);
		struct bh_device device;
		struct bh_log log;

		file_sql(s, damages[i].sql);
		assert_int_equal(bh_local_open(&options, &s->local), 0);
		met(s, &log, &device);
		assert_int_equal(device.enrolled, BH_ENROL_YES);
		assert_int_equal(sent_again(s, &log), damages[i].left);
		uint64_t seq = scripted_report(s, "goes on");
		assert_int_equal(scripted_head(s), seq);
		scripted_free(s);
	}
}

/* Nine lie there: the tenth stays where it is. */
static void test_salvage__files_put_aside_are_bounded(void **state)
{
	struct scripted *s = *state;
	const struct bh_local_options options = options_of(s);
	static const uint8_t nothing[64];

	for (uint32_t n = 1; n <= 10; n++) {
		shut(s);
		file_put(s, SCRIPTED_PATH, 0, bh_span(nothing, sizeof(nothing)));
		assert_int_equal(bh_local_open(&options, &s->local), n <= 9 ? 0 : BH_ERR_CORRUPT);
	}
	assert_null(s->local);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_salvage__any_page_may_be_damaged),
		CASE(test_salvage__a_foreign_file_is_put_aside_whole),
		CASE(test_salvage__anothers_database_lends_nothing),
		cmocka_unit_test(test_salvage__a_mending_that_is_cut_goes_on),
		cmocka_unit_test(test_salvage__ops_that_do_not_follow_are_left_behind),
		CASE(test_salvage__files_put_aside_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
