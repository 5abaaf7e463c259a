/* A store that was open becomes sealed: whatever cuts it, nothing is lost, and in the end nothing
 * of what it hid lies in any of its files. */
#include "tests/unit/client/sealed_world.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "client-lib/local_author.h"
#include "proto/err.h"

static void is_sealed(struct sealed_world *w)
{
	assert_int_equal(bh_local_sealed(w->s->local), BH_LOCAL_SEALED);
	sealed_read_back(w);
	assert_int_equal(scripted_head(w->s), SEALED_REPORTS + 1 + 1); /* a photo, a receipt */
	assert_int_equal(sealed_search(w, true), 0);
	sealed_shut(w);
	assert_int_equal(sealed_open(w, NULL), BH_ERR_SEALED);
}

static void test_sealing__an_open_store_becomes_sealed_by_being_opened(void **state)
{
	struct sealed_world *w = sealed_world_new(NULL);

	(void)state;
	assert_int_equal(bh_local_sealed(w->s->local), BH_LOCAL_PLAIN);
	sealed_shut(w);
	assert_int_equal(sealed_open(w, sealed_key), 0);
	is_sealed(w);
	sealed_world_free(w);
}

/* What was deleted or written over before lies free in the file, and is not carried along. */
static void test_sealing__what_lay_free_in_the_file_goes(void **state)
{
	struct sealed_world *w = sealed_world_new(NULL);
	struct bh_changes *changes = calloc(1, sizeof(*changes));
	const struct bh_msg_left left = {SCRIPTED_UNIT, ((uint64_t)SCRIPTED_SHORT << 32) + 2};
	const struct bh_msg_records records = {.left = &left, .left_count = 1};
	const struct bh_msg_delta delta = {.more = false};

	(void)state;
	assert_int_equal(bh_local_apply(w->s->local, &delta, &records, w->s->now, changes), 0);
	sealed_shut(w);
	assert_int_equal(sealed_open(w, sealed_key), 0);
	sealed_shut(w);
	assert_int_equal(sealed_search(w, true), 0);
	sealed_world_free(w);
	free(changes);
}

/* Cut at every change of the disk, by a kill or by the power, it goes on. */
static void test_sealing__cut_anywhere_it_goes_on(void **state)
{
	unsigned partly = 0;
	uint64_t cut = 1;
	bool done = false;

	(void)state;
	for (; !done && cut < 1000; cut++) {
		struct sealed_world *w = sealed_world_new(NULL);

		sealed_shut(w);
		bh_simvfs_stop_at(w->s->disk, cut);
		done = sealed_open(w, sealed_key) == 0 && !bh_simvfs_is_stopped(w->s->disk);
		if (!done) {
			if (cut % 2)
				bh_simvfs_crash(w->s->disk);
			else
				bh_simvfs_kill(w->s->disk);
			sealed_shut(w);
			/* once it has begun the key is needed */
			int rc = sealed_open(w, NULL);

			assert_true(rc == 0 || rc == BH_ERR_SEALED);
			partly += rc == BH_ERR_SEALED;
			if (rc == 0)
				sealed_read_back(w);
			sealed_shut(w);
			assert_int_equal(sealed_open(w, sealed_key), 0);
		}
		is_sealed(w);
		sealed_world_free(w);
	}
	print_message(
		"# cut at %llu changes, %u of them on the way\n", (unsigned long long)cut, partly);
	assert_true(done && cut > 40 && partly > 20);
}

/* Room ends at every write once: what was recorded can be read, and more is sealed later. */
static void test_sealing__on_a_full_disk_it_waits(void **state)
{
	unsigned waited = 0, refused = 0;
	bool done = false;

	(void)state;
	for (uint64_t room = 0; !done && room < 2000000; room += 9000) {
		struct sealed_world *w = sealed_world_new(NULL);

		sealed_shut(w);
		bh_simvfs_budget_set(w->s->disk, bh_simvfs_bytes_used(w->s->disk) + room);
		int rc = sealed_open(w, sealed_key);

		assert_true(rc == 0 || rc == BH_ERR_FULL);
		refused += rc != 0;
		if (rc == 0) {
			sealed_read_back(w);
			done = bh_local_sealed(w->s->local) == BH_LOCAL_SEALED;
			waited += !done;
		}
		bh_simvfs_heal(w->s->disk);
		if (rc == 0 && !done) {
			scripted_report(w->s, "written while it waits");
			sealed_read_back(w);
		}
		sealed_shut(w);
		assert_int_equal(sealed_open(w, sealed_key), 0);
		assert_int_equal(bh_local_sealed(w->s->local), BH_LOCAL_SEALED);
		sealed_read_back(w);
		assert_int_equal(sealed_search(w, true), 0);
		sealed_world_free(w);
	}
	print_message("# %u times it did not begin, %u times it waited\n", refused, waited);
	assert_true(done && waited > 3);
}

/* An open one that is damaged: what can be read is sealed, what lies aside is as it was. */
static void test_sealing__a_damaged_open_store_is_mended_and_sealed(void **state)
{
	struct sealed_world *w = sealed_world_new(NULL);
	static const uint8_t noise[100] = {0xff};
	const uint8_t *data;
	size_t len;

	(void)state;
	sealed_shut(w);
	assert_int_equal(bh_simvfs_file_image(w->s->disk, SCRIPTED_PATH, &data, &len), 0);
	uint8_t *copy = malloc(len);

	assert_non_null(copy);
	memcpy(copy, data, len);
	memcpy(copy + len - 4096, noise, sizeof(noise));
	bh_simvfs_kill(w->s->disk);
	assert_int_equal(bh_simvfs_file_put(w->s->disk, SCRIPTED_PATH, copy, len), 0);
	free(copy);
	assert_int_equal(sealed_open(w, sealed_key), 0);
	struct bh_device device;
	int rc = bh_local_device(w->s->local, &device);

	if (rc == BH_ERR_CORRUPT)
		rc = bh_local_device(w->s->local, &device);
	assert_int_equal(rc, 0);
	sealed_shut(w);
	assert_int_equal(sealed_open(w, sealed_key), 0);
	assert_int_equal(bh_local_sealed(w->s->local), BH_LOCAL_SEALED);
	sealed_world_free(w);
}

/* ---- What begins like a sealed value and is none ---- */

static const uint8_t like_sealed[64] = {0xb1};

static int like_sealed_fill(void *context, uint8_t *out, size_t len)
{
	(void)context;
	memset(out, 0xb1, len);
	return 0;
}

/* An author whose salt, and a draft that, begins as what is sealed does. */
static struct sealed_world *opaque_world(void)
{
	struct sealed_world *w = sealed_world_new(NULL);
	const struct bh_local_options options = {.path = SCRIPTED_PATH,
		.vfs = bh_simvfs_name(w->s->disk),
		.rng = {like_sealed_fill, NULL}};

	assert_int_equal(
		bh_local_draft_put(w->s->local, 3, bh_span(like_sealed, sizeof(like_sealed))), 0);
	sealed_shut(w);
	assert_int_equal(bh_local_open(&options, &w->s->local), 0);
	assert_int_equal(bh_local_author_set(w->s->local, SCRIPTED_PERSON, scripted_text("three"),
				 scripted_text("2468"), bh_span(NULL, 0), w->s->now),
		0);
	sealed_shut(w);
	return w;
}

static void opaque_holds(struct sealed_world *w)
{
	struct bh_span body = {NULL, 0};

	assert_int_equal(bh_local_author_choose(
				 w->s->local, SCRIPTED_PERSON, scripted_text("2468"), w->s->now),
		0);
	bh_arena_reset(&w->s->arena);
	assert_int_equal(bh_local_draft_get(w->s->local, 3, &w->s->arena, &body), 0);
	assert_true(bh_span_equal(body, bh_span(like_sealed, sizeof(like_sealed))));
}

static void file_sql(struct sealed_world *w, const char *sql, int *out)
{
	sqlite3_stmt *row = NULL;
	sqlite3 *db;

	sealed_shut(w);
	assert_int_equal(sqlite3_open_v2(SCRIPTED_PATH, &db, SQLITE_OPEN_READWRITE,
				 bh_simvfs_name(w->s->disk)),
		SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(row), out ? SQLITE_ROW : SQLITE_DONE);
	if (out)
		*out = sqlite3_column_int(row, 0);
	sqlite3_finalize(row);
	sqlite3_close(db);
}

/* A page that says nothing of who we are and what was recorded. */
static void damage(struct sealed_world *w)
{
	const uint8_t *data;
	size_t len;
	int page = 0;

	file_sql(w, "SELECT rootpage FROM sqlite_schema WHERE name = 'rotation'", &page);
	assert_int_equal(bh_simvfs_file_image(w->s->disk, SCRIPTED_PATH, &data, &len), 0);
	uint8_t *copy = malloc(len);

	assert_non_null(copy);
	memcpy(copy, data, len);
	copy[((size_t)page - 1) * 4096] = 0x77;
	bh_simvfs_kill(w->s->disk);
	assert_int_equal(bh_simvfs_file_put(w->s->disk, SCRIPTED_PATH, copy, len), 0);
	free(copy);
}

static void is_enrolled(struct sealed_world *w, uint32_t aside)
{
	struct bh_device device;

	assert_int_equal(bh_local_device(w->s->local, &device), 0);
	assert_int_equal(device.enrolled, BH_ENROL_YES);
	assert_int_equal(bh_local_aside(w->s->local), aside);
}

static void test_sealing__a_damaged_open_store_is_never_taken_for_a_sealed_one(void **state)
{
	(void)state;
	for (unsigned keyed = 0; keyed < 2; keyed++) {
		struct sealed_world *w = opaque_world();

		damage(w);
		assert_int_equal(sealed_open(w, keyed ? sealed_key : NULL), 0);
		is_enrolled(w, 1);
		opaque_holds(w);
		sealed_world_free(w);
	}
}

static void test_sealing__what_begins_like_a_sealed_value_is_sealed_too(void **state)
{
	struct sealed_world *w = opaque_world();

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(sealed_open(w, sealed_key), 0);
		opaque_holds(w);
		assert_int_equal(bh_local_sealed(w->s->local), BH_LOCAL_SEALED);
		sealed_shut(w);
	}
	assert_int_equal(sealed_open(w, sealed_key), 0);
	is_enrolled(w, 0);
	sealed_world_free(w);
}

/* Neither names, PINs nor drafts lie open. */
static void test_sealing__authors_and_drafts_are_sealed_too(void **state)
{
	struct sealed_world *w = sealed_world_new(NULL);
	const struct bh_span none = {NULL, 0}, pin = scripted_text("2468");
	struct bh_author author;
	struct bh_span body;

	(void)state;
	assert_int_equal(bh_local_author_set(w->s->local, SCRIPTED_PERSON,
				 scripted_text("Lotus Lane Li"), pin, none, w->s->now),
		0);
	assert_int_equal(bh_local_author_choose(w->s->local, SCRIPTED_PERSON, pin, w->s->now), 0);
	assert_int_equal(bh_local_draft_put(w->s->local, 7, scripted_text("in Lotus Lane")), 0);
	sealed_shut(w);
	assert_int_equal(sealed_open(w, sealed_key), 0);
	assert_int_equal(bh_local_author_choose(w->s->local, SCRIPTED_PERSON, pin, w->s->now), 0);
	assert_int_equal(bh_local_author(w->s->local, &author), 0);
	assert_string_equal(author.name, "Lotus Lane Li");
	bh_arena_reset(&w->s->arena);
	assert_int_equal(bh_local_draft_get(w->s->local, 7, &w->s->arena, &body), 0);
	assert_true(bh_span_equal(body, scripted_text("in Lotus Lane")));
	sealed_shut(w);
	assert_int_equal(sealed_search(w, true), 0);
	sealed_world_free(w);
}

/* A byte that flipped is damage of one report: neither a store that nothing opens, nor a text that
 * stays in the clear because it was taken for sealed. */
static void test_sealing__a_report_that_was_damaged_into_its_shape_is_only_that(void **state)
{
	static const char flip[] =
		"UPDATE op SET content = CAST(x'b1' || substr(content, 2) AS BLOB) WHERE id & "
		"4294967295 = 9";

	(void)state;
	for (unsigned keyed = 0; keyed < 2; keyed++) {
		struct sealed_world *w = sealed_world_new(NULL);

		file_sql(w, flip, NULL);
		if (!keyed)
			damage(w);
		assert_int_equal(sealed_open(w, keyed ? sealed_key : NULL), 0);
		is_enrolled(w, 1);
		/* an answer for five had come, and what follows the damage is carried to a new log
		 */
		assert_int_equal(scripted_head(w->s), SEALED_REPORTS + 1 - 5 - 1 + 1);
		assert_int_equal(
			bh_local_sealed(w->s->local), keyed ? BH_LOCAL_SEALED : BH_LOCAL_PLAIN);
		sealed_world_free(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sealing__an_open_store_becomes_sealed_by_being_opened),
		cmocka_unit_test(test_sealing__what_lay_free_in_the_file_goes),
		cmocka_unit_test(test_sealing__cut_anywhere_it_goes_on),
		cmocka_unit_test(test_sealing__on_a_full_disk_it_waits),
		cmocka_unit_test(test_sealing__a_damaged_open_store_is_mended_and_sealed),
		cmocka_unit_test(
			test_sealing__a_damaged_open_store_is_never_taken_for_a_sealed_one),
		cmocka_unit_test(test_sealing__what_begins_like_a_sealed_value_is_sealed_too),
		cmocka_unit_test(
			test_sealing__a_report_that_was_damaged_into_its_shape_is_only_that),
		cmocka_unit_test(test_sealing__authors_and_drafts_are_sealed_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
