/* A sealed file gives its content to one key, whole or not at all, and shows nothing of it. */
#include <stdio.h>
#include <string.h>

#include "proto/bundle.h"
#include "proto/err.h"
#include "proto/hash.h"
#include "tests/fuzz/bundle_key.h"
#include "tests/unit/proto/cmocka_all.h"
#include "tests/unit/proto/seeded.h"

#define FILE_BYTES_MAX (4u << 20)
#define CONTENT_BYTES (BH_BUNDLE_CHUNK_BYTES - 4u)
#define SEALED_BYTES (BH_BUNDLE_CHUNK_BYTES + BH_BUNDLE_SEAL_BYTES)

static const char *corpus;

struct world {
	struct bh_key *key, *other;
	struct bh_buf content, file, read;
};

static int open_world(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	assert_non_null(world);
	assert_int_equal(
		bh_key_import(bh_span(bundle_key_der, sizeof(bundle_key_der)), &world->key), 0);
	assert_int_equal(bh_key_generate(&world->other), 0);
	world->content = world->file = world->read = BH_BUF(FILE_BYTES_MAX);
	*state = world;
	return 0;
}

static int close_world(void **state)
{
	struct world *world = *state;
	bh_key_free(world->key);
	bh_key_free(world->other);
	bh_buf_free(&world->content);
	bh_buf_free(&world->file);
	bh_buf_free(&world->read);
	free(world);
	return 0;
}

static int keep(void *context, struct bh_span bytes)
{
	return bh_buf_append(context, bytes.data, bytes.len);
}

static void make_content(struct world *world, size_t len)
{
	struct seeded seeded = {len + 1};
	uint8_t *to;
	world->content.len = 0;
	assert_int_equal(bh_buf_reserve(&world->content, len, &to), 0);
	for (size_t i = 0; i < len; i++)
		to[i] = (uint8_t)seeded_next(&seeded);
	world->content.len = len;
}

static void seal_content(struct world *world)
{
	uint8_t to[BH_PUBLIC_KEY_BYTES];
	struct bh_bundle_sink sink = {keep, &world->file};
	struct bh_bundle_writer *writer;
	world->file.len = 0;
	bh_key_public(world->key, to);
	assert_int_equal(bh_bundle_writer_open(to, sink, &writer), 0);
	for (size_t at = 0; at < world->content.len; at += 1000) {
		size_t rest = world->content.len - at;
		struct bh_span part = bh_span(world->content.data + at, rest < 1000 ? rest : 1000);
		assert_int_equal(bh_bundle_writer_put(writer, part), 0);
	}
	assert_int_equal(bh_bundle_writer_end(writer), 0);
	bh_bundle_writer_close(writer);
}

static int read_with(
	struct world *world, const struct bh_key *const *keys, size_t count, struct bh_span file)
{
	struct bh_bundle_sink sink = {keep, &world->read};
	struct bh_bundle_reader *reader;
	world->read.len = 0;
	assert_int_equal(bh_bundle_reader_open(keys, count, sink, &reader), 0);
	int put = bh_bundle_reader_put(reader, file);
	int err = bh_bundle_reader_end(reader);
	assert_true(put == 0 || put == err);
	assert_int_equal(bh_bundle_reader_end(reader), err == 0 ? BH_ERR_AUTH : err);
	bh_bundle_reader_close(reader);
	return err;
}

static int read_file(struct world *world, struct bh_span file)
{
	const struct bh_key *key = world->key;
	return read_with(world, &key, 1, file);
}

static void test_bundle__of_any_length_comes_back_padded_by_less_than_an_eighth(void **state)
{
	struct world *world = *state;
	const size_t lengths[] = {0, 1, 4092, 4093, CONTENT_BYTES - 1, CONTENT_BYTES,
		CONTENT_BYTES + 1, 2 * CONTENT_BYTES, 1000000, 1048560};
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		make_content(world, lengths[i]);
		seal_content(world);
		assert_int_equal(read_file(world, bh_buf_span(&world->file)), 0);
		assert_true(bh_span_equal(bh_buf_span(&world->read), bh_buf_span(&world->content)));
		assert_true(world->file.len < 5000 + lengths[i] + lengths[i] / 8);
	}
}

/* 33 steps become 36, 513 become 544: their last chunk holds zeros alone. */
static void test_bundle__is_as_long_as_its_rounded_steps(void **state)
{
	struct world *world = *state;
	make_content(world, 2 * CONTENT_BYTES + 1);
	seal_content(world);
	assert_int_equal(world->file.len, BH_BUNDLE_HEAD_BYTES + 2 * SEALED_BYTES +
						  4 * BH_BUNDLE_STEP_BYTES + BH_BUNDLE_SEAL_BYTES);
	assert_int_equal(read_file(world, bh_buf_span(&world->file)), 0);
	make_content(world, 32 * CONTENT_BYTES + 1);
	seal_content(world);
	assert_int_equal(world->file.len, BH_BUNDLE_HEAD_BYTES + 34 * SEALED_BYTES);
	assert_int_equal(read_file(world, bh_buf_span(&world->file)), 0);
	assert_true(bh_span_equal(bh_buf_span(&world->read), bh_buf_span(&world->content)));
}

static void test_bundle__shows_neither_its_content_nor_its_length(void **state)
{
	struct world *world = *state;
	const char text[] = "a text that must not be found outside";
	world->content.len = 0;
	assert_int_equal(bh_buf_append(&world->content, text, sizeof(text)), 0);
	seal_content(world);
	size_t len = world->file.len;
	assert_null(memmem(world->file.data, len, text, 8));
	uint8_t first[BH_BUNDLE_HEAD_BYTES];
	memcpy(first, world->file.data, sizeof(first));
	make_content(world, 4092);
	seal_content(world);
	assert_int_equal(world->file.len, len);
	assert_memory_equal(first, world->file.data, 16);                /* the same receiver ... */
	assert_memory_not_equal(first, world->file.data, sizeof(first)); /* ... another pair */
}

static void test_bundle__opens_with_a_key_that_was_rolled_and_for_nobody_else(void **state)
{
	struct world *world = *state;
	const struct bh_key *both[] = {world->other, world->key};
	make_content(world, 300);
	seal_content(world);
	struct bh_span file = bh_buf_span(&world->file);
	assert_int_equal(read_with(world, both, 2, file), 0);
	assert_int_equal(read_with(world, both, 1, file), BH_ERR_NOT_FOUND);
	assert_int_equal(world->read.len, 0);
	assert_int_equal(read_with(world, NULL, 0, file), BH_ERR_NOT_FOUND);
}

static void test_bundle__is_refused_when_a_bit_is_changed(void **state)
{
	struct world *world = *state;
	make_content(world, CONTENT_BYTES + 5000);
	seal_content(world);
	for (size_t at = 0; at < world->file.len; at += at < 64 ? 1 : 3001) {
		world->file.data[at] ^= 0x10;
		int err = read_file(world, bh_buf_span(&world->file));
		assert_int_equal(err, at < 8    ? BH_ERR_MALFORMED
				      : at < 16 ? BH_ERR_NOT_FOUND
						: BH_ERR_AUTH);
		assert_true(world->read.len == 0 || (at >= BH_BUNDLE_HEAD_BYTES + SEALED_BYTES &&
							    world->read.len == CONTENT_BYTES));
		world->file.data[at] ^= 0x10;
	}
}

static void test_bundle__is_refused_when_cut_anywhere(void **state)
{
	struct world *world = *state;
	make_content(world, 2 * CONTENT_BYTES);
	seal_content(world);
	size_t chunk = BH_BUNDLE_HEAD_BYTES + SEALED_BYTES;
	for (size_t len = 0; len < world->file.len; len += len < 64 ? 1 : 1501)
		assert_int_equal(read_file(world, bh_span(world->file.data, len)),
			len < BH_BUNDLE_HEAD_BYTES ? BH_ERR_MALFORMED : BH_ERR_AUTH);
	assert_int_equal(read_file(world, bh_span(world->file.data, chunk)), BH_ERR_AUTH);
	assert_int_equal(bh_buf_append(&world->file, "", 1), 0);
	assert_int_equal(read_file(world, bh_buf_span(&world->file)), BH_ERR_AUTH);
}

static void test_bundle__is_refused_when_chunks_change_places(void **state)
{
	struct world *world = *state;
	make_content(world, 2 * CONTENT_BYTES);
	seal_content(world);
	uint8_t *first = world->file.data + BH_BUNDLE_HEAD_BYTES;
	assert_int_equal(world->file.len, BH_BUNDLE_HEAD_BYTES + 2 * SEALED_BYTES);
	for (size_t i = 0; i < SEALED_BYTES; i++) {
		uint8_t byte = first[i];
		first[i] = first[SEALED_BYTES + i];
		first[SEALED_BYTES + i] = byte;
	}
	assert_int_equal(read_file(world, bh_buf_span(&world->file)), BH_ERR_AUTH);
	assert_int_equal(world->read.len, 0);
}

static int read_strangers(struct world *world, const char *name)
{
	char path[4096];
	uint8_t *to;
	snprintf(path, sizeof(path), "%s/%s", corpus, name);
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	world->file.len = 0;
	assert_int_equal(bh_buf_reserve(&world->file, FILE_BYTES_MAX, &to), 0);
	world->file.len = fread(to, 1, FILE_BYTES_MAX, file);
	fclose(file);
	return read_file(world, bh_buf_span(&world->file));
}

static void test_bundle__of_a_stranger_who_read_the_page_opens(void **state)
{
	struct world *world = *state;
	const char text[] = "a stranger wrote this";
	assert_int_equal(read_strangers(world, "good"), 0);
	assert_true(bh_span_equal(bh_buf_span(&world->read), bh_span(text, sizeof(text) - 1)));
	assert_int_equal(read_strangers(world, "empty"), 0);
	assert_int_equal(world->read.len, 0);
}

static void test_bundle__that_says_false_things_under_a_good_seal_is_refused(void **state)
{
	struct world *world = *state;
	assert_int_equal(read_strangers(world, "count"), BH_ERR_MALFORMED);
	assert_int_equal(read_strangers(world, "rest"), BH_ERR_MALFORMED);
	assert_int_equal(world->read.len, 0);
	assert_int_equal(read_strangers(world, "late"), BH_ERR_MALFORMED);
	assert_int_equal(read_strangers(world, "odd"), BH_ERR_AUTH);
}

/* Takes so many times, then no more. */
static int take_some(void *context, struct bh_span bytes)
{
	unsigned *left = context;
	(void)bytes;
	if (*left == 0)
		return BH_ERR_FULL;
	--*left;
	return 0;
}

static void test_bundle__ends_with_the_error_of_its_sink(void **state)
{
	struct world *world = *state;
	uint8_t to[BH_PUBLIC_KEY_BYTES], none[BH_PUBLIC_KEY_BYTES] = {2};
	struct bh_bundle_writer *writer = NULL;
	unsigned left = 0;
	struct bh_bundle_sink sink = {take_some, &left};
	bh_key_public(world->key, to);
	memset(none + 1, 0xff, sizeof(none) - 1);
	assert_int_equal(bh_bundle_writer_open(to, sink, &writer), BH_ERR_FULL);
	assert_int_equal(bh_bundle_writer_open(none, sink, &writer), BH_ERR_AUTH);
	assert_null(writer);
	left = 2;
	make_content(world, 3 * CONTENT_BYTES);
	assert_int_equal(bh_bundle_writer_open(to, sink, &writer), 0);
	assert_int_equal(bh_bundle_writer_put(writer, bh_buf_span(&world->content)), BH_ERR_FULL);
	assert_int_equal(bh_bundle_writer_put(writer, bh_span("x", 1)), BH_ERR_FULL);
	assert_int_equal(bh_bundle_writer_end(writer), BH_ERR_FULL);
	bh_bundle_writer_close(writer);
	bh_bundle_writer_close(NULL);
	bh_bundle_reader_close(NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_bundle__of_any_length_comes_back_padded_by_less_than_an_eighth),
		cmocka_unit_test(test_bundle__is_as_long_as_its_rounded_steps),
		cmocka_unit_test(test_bundle__shows_neither_its_content_nor_its_length),
		cmocka_unit_test(test_bundle__opens_with_a_key_that_was_rolled_and_for_nobody_else),
		cmocka_unit_test(test_bundle__is_refused_when_a_bit_is_changed),
		cmocka_unit_test(test_bundle__is_refused_when_cut_anywhere),
		cmocka_unit_test(test_bundle__is_refused_when_chunks_change_places),
		cmocka_unit_test(test_bundle__of_a_stranger_who_read_the_page_opens),
		cmocka_unit_test(test_bundle__that_says_false_things_under_a_good_seal_is_refused),
		cmocka_unit_test(test_bundle__ends_with_the_error_of_its_sink),
	};
	if (argc != 2)
		return 2;
	corpus = argv[1];
	return cmocka_run_group_tests(tests, open_world, close_world);
}
