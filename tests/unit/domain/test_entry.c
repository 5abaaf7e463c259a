/* An entry's canonical bytes, and the chain over them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "proto/err.h"
#include "server/domain/entry.h"

static struct bh_entry entry_sample(void)
{
	struct bh_entry entry = {
		.position = 0x0102030405060708,
		.at_ms = -2,
		.log_short = 0x11121314,
		.seq = 0x2122232425262728,
		.device = 0x31323334,
		.person = 0x41424344,
		.post = 0x51525354,
		.case_number = 0x6162636465666768,
		.prev = 0x7172737475767778,
		.cycle = 0x81828384,
		.verb = 0x91,
		.verdict = 0x92,
		.reason = 0x9394,
		.from_state = 0x95,
		.to_state = 0x96,
		.captured_ms = 0x2a2b2c2d2e2f3031,
		.captured_bound_ms = UINT32_MAX,
		.decision = {(const uint8_t *)"dec", 3},
		.header = {(const uint8_t *)"head", 4},
		.content = {(const uint8_t *)"content", 7},
	};
	memset(entry.salt, 0x5a, sizeof entry.salt);
	memset(entry.commitment, 0xc0, sizeof entry.commitment);
	memset(entry.link, 0x17, sizeof entry.link);
	memset(entry.hash, 0xff, sizeof entry.hash);
	return entry;
}

static void test_entry__canonical_bytes_are_these(void **state)
{
	(void)state;
	static const uint8_t fixed[] = {'b', 'h', '-', 'e', 'n', 't', 'r', 'y', '-', '1',
		/* position, at */
		1, 2, 3, 4, 5, 6, 7, 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
		/* log, seq, device, person, post */
		0x11, 0x12, 0x13, 0x14, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x31, 0x32,
		0x33, 0x34, 0x41, 0x42, 0x43, 0x44, 0x51, 0x52, 0x53, 0x54,
		/* case, prev, cycle */
		0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76,
		0x77, 0x78, 0x81, 0x82, 0x83, 0x84,
		/* verb, verdict, reason, from, to */
		0x91, 0x92, 0x93, 0x94, 0x95, 0x96,
		/* captured, bound, decision, header */
		0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f, 0x30, 0x31, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 3,
		'd', 'e', 'c', 0, 0, 0, 4, 'h', 'e', 'a', 'd'};
	struct bh_entry entry = entry_sample();
	struct bh_buf out = BH_BUF(1024);
	assert_int_equal(bh_entry_canonical(&entry, &out), 0);
	assert_int_equal(out.len, sizeof fixed + 64);
	assert_memory_equal(out.data, fixed, sizeof fixed);
	assert_memory_equal(out.data + sizeof fixed, entry.commitment, 32);
	assert_memory_equal(out.data + sizeof fixed + 32, entry.link, 32);
	bh_buf_free(&out);
}

/* Content can be erased, the chain stays. */
static void test_entry__content_salt_and_hash_are_not_hashed(void **state)
{
	(void)state;
	struct bh_hasher *hasher;
	assert_int_equal(bh_hasher_open(&hasher), 0);
	struct bh_entry entry = entry_sample();
	struct bh_buf scratch = BH_BUF(1024);
	uint8_t prev[BH_HASH_BYTES] = {0}, first[BH_HASH_BYTES], second[BH_HASH_BYTES];
	assert_int_equal(bh_entry_hash(hasher, prev, &entry, &scratch, first), 0);
	entry.content = bh_span(NULL, 0);
	memset(entry.salt, 0, sizeof entry.salt);
	memset(entry.hash, 0, sizeof entry.hash);
	assert_int_equal(bh_entry_hash(hasher, prev, &entry, &scratch, second), 0);
	assert_memory_equal(first, second, sizeof first);
	assert_int_equal(scratch.len, 0);
	bh_buf_free(&scratch);
	bh_hasher_close(hasher);
}

#define AT(field) offsetof(struct bh_entry, field)

static void test_entry__every_hashed_field_counts(void **state)
{
	(void)state;
	static const size_t fields[] = {AT(position), AT(at_ms), AT(log_short), AT(seq), AT(device),
		AT(person), AT(post), AT(case_number), AT(prev), AT(cycle), AT(verb), AT(verdict),
		AT(reason), AT(from_state), AT(to_state), AT(captured_ms), AT(captured_bound_ms),
		AT(commitment), AT(link)};
	enum { COUNT = sizeof(fields) / sizeof(fields[0]) };
	struct bh_hasher *hasher;
	assert_int_equal(bh_hasher_open(&hasher), 0);
	struct bh_buf scratch = BH_BUF(1024);
	uint8_t prev[BH_HASH_BYTES] = {0}, hashes[COUNT + 1][BH_HASH_BYTES];
	for (size_t i = 0; i <= COUNT; i++) {
		struct bh_entry entry = entry_sample();
		if (i < COUNT)
			*((uint8_t *)&entry + fields[i]) ^= 1;
		assert_int_equal(bh_entry_hash(hasher, prev, &entry, &scratch, hashes[i]), 0);
		for (size_t k = 0; k < i; k++)
			assert_memory_not_equal(hashes[i], hashes[k], BH_HASH_BYTES);
	}
	bh_buf_free(&scratch);
	bh_hasher_close(hasher);
}

/* Bytes moved from the decision to the header are another entry, and another past is another hash.
 */
static void test_entry__blocks_and_the_past_are_bound(void **state)
{
	(void)state;
	struct bh_hasher *hasher;
	assert_int_equal(bh_hasher_open(&hasher), 0);
	struct bh_entry entry = entry_sample(), moved = entry;
	struct bh_buf scratch = BH_BUF(1024);
	uint8_t prev[BH_HASH_BYTES] = {0}, a[BH_HASH_BYTES], b[BH_HASH_BYTES], c[BH_HASH_BYTES];
	entry.decision = bh_span("abc", 3);
	entry.header = bh_span("d", 1);
	moved.decision = bh_span("ab", 2);
	moved.header = bh_span("cd", 2);
	assert_int_equal(bh_entry_hash(hasher, prev, &entry, &scratch, a), 0);
	assert_int_equal(bh_entry_hash(hasher, prev, &moved, &scratch, b), 0);
	prev[0] = 1;
	assert_int_equal(bh_entry_hash(hasher, prev, &entry, &scratch, c), 0);
	assert_memory_not_equal(a, b, sizeof a);
	assert_memory_not_equal(a, c, sizeof a);
	bh_buf_free(&scratch);
	bh_hasher_close(hasher);
}

static void test_entry__a_full_buffer_is_left_as_it_was(void **state)
{
	(void)state;
	struct bh_entry entry = entry_sample();
	struct bh_buf out = BH_BUF(100);
	assert_int_equal(bh_buf_append(&out, "x", 1), 0);
	assert_int_equal(bh_entry_canonical(&entry, &out), BH_ERR_LIMIT);
	assert_int_equal(out.len, 1);
	bh_buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entry__canonical_bytes_are_these),
		cmocka_unit_test(test_entry__content_salt_and_hash_are_not_hashed),
		cmocka_unit_test(test_entry__every_hashed_field_counts),
		cmocka_unit_test(test_entry__blocks_and_the_past_are_bound),
		cmocka_unit_test(test_entry__a_full_buffer_is_left_as_it_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
