/* Where a ship ends a block: behind a commit, so that what a tear leaves is never half of one; in
 * the middle of one only where that alone is larger than a block. */
#include "server/store/segment.h"
#include "tests/unit/store/ship_kit.h"

#define TOGETHER_MAX 8u

/* The demo's profile and, behind it, a field of a later release, of so many bytes: it is kept. */
static void profile_put(struct bh_buf *out, size_t bytes)
{
	static struct bh_demo_profile demo;
	const uint8_t field[] = {0xfa, 0xff, 0x07, (uint8_t)(0x80 | (bytes & 0x7f)),
		(uint8_t)(0x80 | (bytes >> 7 & 0x7f)), (uint8_t)(bytes >> 14 & 0x7f)};
	uint8_t *room;

	bh_demo_profile(&demo);
	assert_int_equal(bh_encode_profile(&demo.profile, out), 0);
	assert_int_equal(bh_buf_append(out, field, sizeof(field)), 0);
	assert_int_equal(bh_buf_reserve(out, bytes, &room), 0);
	memset(room, 'x', bytes);
	out->len += bytes;
}

/* Profiles, so many in one transaction. */
static void commit(struct shipping *scene, size_t count, size_t bytes)
{
	struct bh_command commands[TOGETHER_MAX];
	struct bh_outcome outcomes[TOGETHER_MAX];
	struct bh_job jobs[TOGETHER_MAX], *list[TOGETHER_MAX];
	struct bh_buf payload = BH_BUF(1u << 22);
	struct kit *kit = &scene->kit;

	profile_put(&payload, bytes);
	for (size_t i = 0; i < count; i++) {
		commands[i] = (struct bh_command){.source = BH_SOURCE_OPERATOR,
			.verb = BH_VERB_PROFILE,
			.payload = bh_buf_span(&payload)};
		jobs[i] = (struct bh_job){
			.commands = &commands[i], .outcomes = &outcomes[i], .count = 1};
		list[i] = &jobs[i];
	}
	kit_pass(kit, KIT_MINUTE);
	assert_int_equal(bh_writer_run(kit->writer, kit->now, list, count, &kit->wakes), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(outcomes[i].verdict, BH_VERDICT_ACCEPTED);
	bh_buf_free(&payload);
}

/* One block: up to which entry. */
static uint64_t block_ship(struct shipping *scene)
{
	bool more = false;

	assert_int_equal(bh_ship_step(scene->ship, scene->kit.now, &more), 0);
	return shipping_counts(scene).shipped;
}

static void test_ship__a_block_ends_where_a_commit_does(void **state)
{
	struct shipping scene;

	(void)state;
	shipping_open(&scene, 110);
	assert_int_equal(shipping_all(&scene), 0);
	uint64_t before = kit_head(&scene.kit);
	commit(&scene, 1, 400u << 10);
	commit(&scene, 2, 150u << 10);
	commit(&scene, 3, 150u << 10); /* the first two of it would fit */
	commit(&scene, 1, 10);
	assert_int_equal(kit_head(&scene.kit), before + 7);
	assert_int_equal(block_ship(&scene), before + 3);
	assert_int_equal(block_ship(&scene), before + 7);
	assert_int_equal(shipping_all(&scene), 0);
	assert_int_equal(shipping_whole(&scene), 1);
	shipping_close(&scene);
}

static void test_ship__a_commit_that_is_larger_than_a_block_takes_several(void **state)
{
	struct shipping scene;
	uint64_t blocks = 0, at = 0;

	(void)state;
	shipping_open(&scene, 111);
	assert_int_equal(shipping_all(&scene), 0);
	uint64_t before = kit_head(&scene.kit);
	commit(&scene, 1, 10);
	commit(&scene, 5, 400u << 10);
	commit(&scene, 1, 10);
	uint64_t head = kit_head(&scene.kit);
	assert_int_equal(head, before + 7);
	assert_int_equal(block_ship(&scene), before + 1); /* it begins a block, */
	for (at = before + 1; at < head; blocks++) {
		uint64_t now = block_ship(&scene);
		assert_true(now > at);
		at = now;
	}
	assert_int_equal(blocks, 3); /* two, two, and one with what comes behind it */
	assert_int_equal(shipping_all(&scene), 0);
	assert_int_equal(shipping_whole(&scene), 1);
	shipping_close(&scene);
}

/* What handsets say is of no commit together: a block takes of it what fits. */
static void test_ship__an_entry_that_is_larger_than_a_block_is_one(void **state)
{
	struct shipping scene;

	(void)state;
	shipping_open(&scene, 112);
	assert_int_equal(shipping_all(&scene), 0);
	uint64_t before = kit_head(&scene.kit);
	(void)kit_report(&scene.kit, &scene.phone, "small");
	commit(&scene, 1, BH_SEGMENT_BODY_BYTES + 1);
	(void)kit_report(&scene.kit, &scene.phone, "small");
	assert_int_equal(block_ship(&scene), before + 1);
	assert_int_equal(block_ship(&scene), before + 2);
	assert_int_equal(block_ship(&scene), before + 3);
	assert_int_equal(shipping_whole(&scene), 1);
	shipping_close(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ship__a_block_ends_where_a_commit_does),
		cmocka_unit_test(test_ship__a_commit_that_is_larger_than_a_block_takes_several),
		cmocka_unit_test(test_ship__an_entry_that_is_larger_than_a_block_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
