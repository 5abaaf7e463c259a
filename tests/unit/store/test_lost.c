/* Which of the photos that are lost are noted, and of whose handset they are asked again. */
#include <stdio.h>
#include <stdlib.h>

#include "server/store/blob.h"
#include "tests/unit/store/kit.h"

#define PHOTOS 2500u
#define ASKED 32u

/* Photos that a live handset brought, and as many that one brought which is cut off. */
struct lost {
	struct kit kit;
	struct phone phone, gone;
	uint8_t hashes[2 * PHOTOS][BH_HASH_BYTES];
	uint8_t seen[2 * PHOTOS];
};

/* The first four bytes tell it, and the order is that of numbers; odd ones are of the other. */
static void hash_make(uint32_t number, uint8_t hash[BH_HASH_BYTES])
{
	char text[BH_HASH_BYTES + 1];

	(void)snprintf(text, sizeof(text), "%04x%028d", number, 0);
	memcpy(hash, text, BH_HASH_BYTES);
}

static uint32_t hash_number(const uint8_t hash[BH_HASH_BYTES])
{
	char text[5] = "";

	memcpy(text, hash, 4);
	return (uint32_t)strtoul(text, NULL, 16);
}

static void photos_add(struct lost *lost, uint64_t position, unsigned odd)
{
	char sql[400];

	(void)snprintf(sql, sizeof(sql),
		"WITH RECURSIVE n(i) AS (SELECT %u UNION ALL SELECT i + 2 FROM n WHERE i + 2 < %u) "
		"INSERT INTO blob SELECT CAST(printf('%%04x%%028d', i, 0) AS BLOB), %u, 0, 1, 77, "
		"1, 1, 1, "
		"%u FROM n",
		odd, 2 * PHOTOS, (unsigned)position, (unsigned)position);
	kit_down(&lost->kit);
	kit_sql(&lost->kit, KIT_PATH, sql);
	assert_int_equal(kit_up(&lost->kit), 0);
}

static int setup(void **state)
{
	struct lost *lost = test_calloc(1, sizeof(*lost));
	struct kit *kit = &lost->kit;

	kit_open(kit, 53);
	kit_enrol(kit, &lost->phone, BH_DEMO_WORKER(1111), 1);
	kit_enrol(kit, &lost->gone, BH_DEMO_WORKER(1112), 2);
	(void)kit_report(kit, &lost->phone, "seen");
	photos_add(lost, kit_head(kit), 0);
	(void)kit_report(kit, &lost->gone, "seen");
	photos_add(lost, kit_head(kit), 1);
	assert_int_equal(kit_revoke(kit, lost->gone.device).verdict, BH_VERDICT_ACCEPTED);
	for (uint32_t i = 0; i < 2 * PHOTOS; i++)
		hash_make(i, lost->hashes[i]);
	*state = lost;
	return 0;
}

static int teardown(void **state)
{
	struct lost *lost = *state;

	kit_close(&lost->kit);
	test_free(lost);
	return 0;
}

static void note(struct lost *lost, size_t from, size_t count)
{
	assert_int_equal(bh_writer_photos_lost(lost->kit.writer, lost->kit.now,
				 (const uint8_t(*)[BH_HASH_BYTES])lost->hashes[from], count),
		0);
}

/* Asks until everything noted of this person was given once; how many those are. */
static size_t ask_all(struct lost *lost, uint32_t person, size_t noted)
{
	uint8_t hashes[ASKED][BH_HASH_BYTES];
	uint32_t place = 0x80000000u;
	size_t count = 0, fresh = 0;

	for (size_t asked = 0; asked < noted; asked += ASKED) {
		assert_int_equal(bh_reader_photos_lost(
					 lost->kit.reader, person, &place, hashes, ASKED, &count),
			0);
		for (size_t i = 0; i < count; i++) {
			uint32_t number = hash_number(hashes[i]);
			fresh += lost->seen[number] == 0;
			lost->seen[number] = 1;
		}
	}
	return fresh;
}

/* Only the first 32 would be asked for ever, if the handset does not have them. */
static void test_lost__each_greeting_goes_on_where_the_last_one_ended(void **state)
{
	struct lost *lost = *state;

	note(lost, 0, 200); /* 100 of each */
	assert_int_equal(ask_all(lost, BH_DEMO_WORKER(1111), 100), 100);
	assert_int_equal(ask_all(lost, BH_DEMO_WORKER(1112), 100), 100);
}

static void test_lost__each_is_asked_for_once_where_there_are_few(void **state)
{
	struct lost *lost = *state;
	uint8_t hashes[ASKED][BH_HASH_BYTES];
	uint32_t place = 0;
	size_t count = 0;

	note(lost, 0, 10);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(bh_reader_photos_lost(lost->kit.reader, BH_DEMO_WORKER(1111),
					 &place, hashes, ASKED, &count),
			0);
		assert_int_equal(count, 5);
	}
	note(lost, 0, 0);
	assert_int_equal(bh_reader_photos_lost(lost->kit.reader, BH_DEMO_WORKER(1111), &place,
				 hashes, ASKED, &count),
		0);
	assert_int_equal(count, 0);
}

/* A backup that finds more than are noted goes on where the last one ended, and passes over those
 * that nobody can bring. */
static void test_lost__none_of_many_is_left_out_for_ever(void **state)
{
	struct lost *lost = *state;
	struct bh_writer_counts counts;
	size_t fresh = 0;

	for (int backup = 0; backup < 3; backup++) {
		note(lost, 0, (size_t)2 * PHOTOS);
		bh_writer_counts(lost->kit.writer, &counts);
		assert_int_equal(counts.photos_lost, BH_PHOTOS_ASKED_MAX);
		fresh += ask_all(lost, BH_DEMO_WORKER(1111), 1024);
		kit_restart(&lost->kit, backup == 1);
	}
	assert_int_equal(fresh, PHOTOS);
}

/* They are told of all the same. */
static void test_lost__those_that_nobody_can_bring_are_noted_where_there_is_room(void **state)
{
	struct lost *lost = *state;
	struct bh_writer_counts counts;

	note(lost, 0, 1200); /* 600 of each */
	bh_writer_counts(lost->kit.writer, &counts);
	assert_int_equal(counts.photos_lost, BH_PHOTOS_ASKED_MAX);
	assert_int_equal(ask_all(lost, BH_DEMO_WORKER(1111), 600), 600);
	assert_int_equal(ask_all(lost, BH_DEMO_WORKER(1112), 600), 400);
}

/* Whoever its author is. */
static void test_lost__is_asked_of_the_handset_that_brought_it(void **state)
{
	struct lost *lost = *state;
	char sql[100];

	(void)snprintf(sql, sizeof(sql), "UPDATE journal SET person = %u WHERE device = %u",
		BH_DEMO_WORKER(1113), lost->phone.device);
	kit_down(&lost->kit);
	kit_sql(&lost->kit, KIT_PATH, sql);
	assert_int_equal(kit_up(&lost->kit), 0);
	note(lost, 0, 20);
	assert_int_equal(ask_all(lost, BH_DEMO_WORKER(1113), 20), 0);
	assert_int_equal(ask_all(lost, BH_DEMO_WORKER(1111), 20), 10);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_lost__each_greeting_goes_on_where_the_last_one_ended),
		CASE(test_lost__each_is_asked_for_once_where_there_are_few),
		CASE(test_lost__none_of_many_is_left_out_for_ever),
		CASE(test_lost__those_that_nobody_can_bring_are_noted_where_there_is_room),
		CASE(test_lost__is_asked_of_the_handset_that_brought_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
