/* A store with a key: nothing of what it hides lies open in any of its files, another key opens
 * nothing and harms nothing, and what is damaged is mended as ever. */
#include "tests/unit/client/sealed_world.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"

#define PAGE_BYTES 4096u

static int setup(void **state)
{
	*state = sealed_world_new(sealed_key);
	return 0;
}

static int teardown(void **state)
{
	sealed_world_free(*state);
	return 0;
}

static void test_sealed__no_file_shows_what_was_written(void **state)
{
	struct sealed_world *w = sealed_world_new(NULL);

	(void)state;
	/* the search finds each of them where nothing is sealed */
	assert_true(sealed_search(w, false) >= 9);
	sealed_world_free(w);
	w = sealed_world_new(sealed_key);
	sealed_read_back(w);
	assert_int_equal(bh_local_sealed(w->s->local), BH_LOCAL_SEALED);
	assert_int_equal(sealed_search(w, true), 0); /* its WAL is there */
	sealed_shut(w);
	assert_int_equal(sealed_open(w, sealed_key), 0);
	sealed_read_back(w);
	sealed_shut(w);
	assert_int_equal(sealed_search(w, true), 0);
	sealed_world_free(w);
}

static void test_sealed__another_key_or_none_opens_nothing_and_changes_nothing(void **state)
{
	struct sealed_world *w = *state;

	sealed_shut(w);
	uint64_t before = bh_simvfs_hash(w->s->disk);

	assert_int_equal(sealed_open(w, sealed_other_key), BH_ERR_SEALED);
	assert_null(w->s->local);
	assert_int_equal(sealed_open(w, NULL), BH_ERR_SEALED);
	assert_true(bh_simvfs_hash(w->s->disk) == before);
	assert_int_equal(sealed_open(w, sealed_key), 0);
	sealed_read_back(w);
	assert_int_equal(bh_local_aside(w->s->local), 0);
}

/* An empty store, too, knows its key. */
static void test_sealed__a_store_without_anything_knows_its_key(void **state)
{
	struct sealed_world *w = *state;

	sealed_shut(w);
	bh_simvfs_sweep(w->s->disk, "/", NULL, NULL);
	assert_int_equal(sealed_open(w, sealed_key), 0);
	sealed_shut(w);
	assert_int_equal(sealed_open(w, sealed_other_key), BH_ERR_SEALED);
	assert_int_equal(sealed_open(w, sealed_key), 0);
}

/* What travels is what was recorded: chain, salts and signature are verified as a server would. */
static void test_sealed__what_is_sent_is_as_it_was_recorded(void **state)
{
	struct sealed_world *w = sealed_world_new(NULL);
	struct bh_unsent unsent, unsent_open;
	uint8_t part[50000];

	(void)state;
	assert_int_equal(bh_local_unsent(w->s->local, &unsent_open), 0);
	sealed_world_free(w);
	w = sealed_world_new(sealed_key);
	assert_int_equal(bh_local_unsent(w->s->local, &unsent), 0);
	assert_int_equal(unsent.bytes, unsent_open.bytes);
	/* any part of a photo, over the chunks' borders */
	for (uint32_t at = 0; at + sizeof(part) <= SEALED_PHOTO_BYTES; at += 9999) {
		assert_int_equal(
			bh_local_blob_read(w->s->local, w->photo.hash, at, part, sizeof(part)), 0);
		assert_memory_equal(part, w->photo.data + at, sizeof(part));
	}
	assert_int_equal(
		bh_local_blob_read(w->s->local, w->photo.hash, SEALED_PHOTO_BYTES - 10, part, 11),
		BH_ERR_NOT_FOUND);
	scripted_engine(w->s);
	memcpy(w->s->log_id, scripted_log(w->s).log_id, BH_LOG_ID_BYTES);
	sealed_world_free(w);
}

static void file_sql(struct sealed_world *w, const char *sql)
{
	sqlite3 *db;

	sealed_shut(w);
	assert_int_equal(sqlite3_open_v2(SCRIPTED_PATH, &db, SQLITE_OPEN_READWRITE,
				 bh_simvfs_name(w->s->disk)),
		SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(sealed_open(w, sealed_key), 0);
}

/* What tells the keys apart may be what is damaged. */
static void test_sealed__a_damaged_mark_shuts_nobody_out_but_the_wrong_key(void **state)
{
	struct sealed_world *w = *state;
	sqlite3 *db;

	for (int i = 0; i < 2; i++) {
		sealed_shut(w);
		assert_int_equal(sqlite3_open_v2(SCRIPTED_PATH, &db, SQLITE_OPEN_READWRITE,
					 bh_simvfs_name(w->s->disk)),
			SQLITE_OK);
		assert_int_equal(sqlite3_exec(db,
					 i == 0 ? "UPDATE seal SET mark = zeroblob(29)"
						: "UPDATE seal SET mark = x'', state = 77",
					 NULL, NULL, NULL),
			SQLITE_OK);
		sqlite3_close(db);
		assert_int_equal(sealed_open(w, sealed_other_key), BH_ERR_SEALED);
		assert_int_equal(sealed_open(w, sealed_key), 0);
		sealed_read_back(w);
		sealed_shut(w);
		assert_int_equal(sealed_open(w, sealed_key), 0);
		assert_int_equal(bh_local_sealed(w->s->local), BH_LOCAL_SEALED);
		assert_int_equal(bh_local_aside(w->s->local), 0);
	}
}

/* A value that was put into another row, and one that was put there open. */
static void test_sealed__what_is_not_in_its_place_is_damage(void **state)
{
	static const char *const changes[] = {"UPDATE op SET content = (SELECT content FROM op "
					      "WHERE id & 4294967295 = 8) WHERE id "
					      "& 4294967295 = 7",
		"UPDATE op SET content = x'' WHERE id & 4294967295 = 7"};
	struct bh_arena arena = BH_ARENA(1u << 20);
	struct bh_case_row row;

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct sealed_world *w = sealed_world_new(sealed_key);
		const struct bh_case_key key = {(uint64_t)SCRIPTED_SHORT << 32 | 7u, 0};

		file_sql(w, changes[i]);
		assert_int_equal(bh_local_case(w->s->local, key, &arena, &row), BH_ERR_CORRUPT);
		/* The next call mends: all but that one are there, in a log that goes on. */
		assert_int_equal(bh_local_case(w->s->local, key, &arena, &row), BH_ERR_NOT_FOUND);
		assert_int_equal(bh_local_aside(w->s->local), 1);
		assert_int_equal(scripted_head(w->s), SEALED_REPORTS + 1 - 5 - 1 + 1);
		assert_int_equal(sealed_search(w, true), 0);
		sealed_world_free(w);
	}
	bh_arena_free(&arena);
}

static void page_spoil(struct sealed_world *w, uint32_t page)
{
	const uint8_t *data;
	size_t len;

	assert_int_equal(bh_simvfs_file_image(w->s->disk, SCRIPTED_PATH, &data, &len), 0);
	uint8_t *copy = malloc(len);

	assert_non_null(copy);
	memcpy(copy, data, len);
	bh_simrng_fill(&w->s->rng, copy + (size_t)page * PAGE_BYTES, PAGE_BYTES);
	bh_simvfs_kill(w->s->disk);
	assert_int_equal(bh_simvfs_file_put(w->s->disk, SCRIPTED_PATH, copy, len), 0);
	free(copy);
}

static uint32_t pages_of(struct sealed_world *w)
{
	const uint8_t *data;
	size_t len;

	assert_int_equal(bh_simvfs_file_image(w->s->disk, SCRIPTED_PATH, &data, &len), 0);
	return (uint32_t)(len / PAGE_BYTES);
}

/* Whichever page it is: with another key nothing is given up, and the right one mends it. */
static void test_sealed__a_damaged_one_is_mended_by_its_own_key_alone(void **state)
{
	uint32_t pages = 2, refused = 0, mended = 0;

	(void)state;
	for (uint32_t page = 0; page < pages; page++) {
		struct sealed_world *w = sealed_world_new(sealed_key);
		struct bh_device device;
		int rc;

		sealed_shut(w);
		pages = pages_of(w);
		page_spoil(w, page);
		rc = sealed_open(w, sealed_other_key);
		/* only where nothing of it could be read there is nothing to refuse by */
		if (rc == 0)
			sealed_shut(w);
		refused += rc == BH_ERR_SEALED;
		if (rc == BH_ERR_SEALED) {
			assert_int_equal(sealed_open(w, sealed_key), 0);
			rc = bh_local_device(w->s->local, &device);
			if (rc == BH_ERR_CORRUPT)
				rc = bh_local_device(w->s->local, &device);
			assert_int_equal(rc, 0);
			mended += device.enrolled == BH_ENROL_YES &&
				  bh_local_sealed(w->s->local) == BH_LOCAL_SEALED;
		}
		sealed_world_free(w);
	}
	print_message("# %u pages: %u refused to another key, %u mended by the right one\n", pages,
		refused, mended);
	assert_true(pages > 10);
	assert_true(refused + 1 >= pages); /* the first page leads to all others */
	assert_true(mended + 2 >= pages);  /* ... and one says who we are */
}

/* A download that the power cut goes on at a chunk, and a spoilt one is fetched anew. */
static void test_sealed__a_photo_of_another_comes_in_any_parts(void **state)
{
	struct sealed_world *w = *state;
	struct bh_changes *changes = calloc(1, sizeof(*changes));
	struct scripted_photo other = scripted_photo_make(w->s, 90000, 5);
	const struct bh_msg_record_blob blob = {
		bh_span(other.hash, BH_HASH_BYTES), 90000, 1, 1, 1, true};
	const struct bh_msg_record record = {.case_number = 4711,
		.state = 2,
		.position = 9,
		.blobs = &blob,
		.blobs_count = 1,
		.scopes = (uint64_t[]){SCRIPTED_UNIT},
		.scopes_count = 1};
	const struct bh_msg_records records = {.records = &record, .records_count = 1};
	const struct bh_msg_delta delta = {.more = false};
	struct bh_buf bytes = BH_BUF(BH_BLOB_BYTES_MAX);
	struct bh_fetch_due due;

	assert_int_equal(bh_local_apply(w->s->local, &delta, &records, w->s->now, changes), 0);
	assert_int_equal(bh_local_fetch_want(w->s->local, other.hash), 0);
	for (uint32_t at = 0; at < 50000; at += 10000)
		assert_int_equal(bh_local_fetch_put(w->s->local, other.hash, at,
					 bh_span(other.data + at, 10000)),
			0);
	assert_int_equal(bh_local_fetch_next(w->s->local, &due), 0);
	assert_int_equal(due.held, 32768); /* the whole chunks */
	for (uint32_t at = due.held, part = 7001; at < 90000; at += part) {
		part = part < 90000 - at ? part : 90000 - at;
		assert_int_equal(bh_local_fetch_put(w->s->local, other.hash, at,
					 bh_span(other.data + at, part)),
			0);
	}
	assert_int_equal(bh_local_fetch_end(w->s->local, &due, changes), 0);
	assert_int_equal(bh_local_photo_read(w->s->local, other.hash, &bytes), 0);
	assert_true(bh_span_equal(bh_buf_span(&bytes), scripted_photo_span(&other)));
	bh_buf_free(&bytes);
	scripted_photo_free(&other);
	free(changes);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sealed__no_file_shows_what_was_written),
		CASE(test_sealed__another_key_or_none_opens_nothing_and_changes_nothing),
		CASE(test_sealed__a_damaged_mark_shuts_nobody_out_but_the_wrong_key),
		CASE(test_sealed__a_store_without_anything_knows_its_key),
		cmocka_unit_test(test_sealed__what_is_sent_is_as_it_was_recorded),
		cmocka_unit_test(test_sealed__what_is_not_in_its_place_is_damage),
		cmocka_unit_test(test_sealed__a_damaged_one_is_mended_by_its_own_key_alone),
		CASE(test_sealed__a_photo_of_another_comes_in_any_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
