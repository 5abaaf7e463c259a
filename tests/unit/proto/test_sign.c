/* Signatures hold for one key and one message, and nothing else is one. */
#include <string.h>

#include "proto/err.h"
#include "proto/sign.h"
#include "tests/unit/proto/cmocka_all.h"
#include "tests/unit/proto/seeded.h"

static int make_key(void **state)
{
	return bh_key_generate((struct bh_key **)state);
}

static int drop_key(void **state)
{
	bh_key_free(*state);
	return 0;
}

static void test_key__signs_what_its_public_half_verifies(void **state)
{
	uint8_t public_key[BH_PUBLIC_KEY_BYTES], signature[BH_SIGNATURE_BYTES];
	bh_key_public(*state, public_key);
	assert_true(public_key[0] == 2 || public_key[0] == 3);
	for (unsigned i = 0; i < 64; i++) { /* short r or s come up */
		uint8_t message[2] = {1, (uint8_t)i};
		assert_int_equal(bh_key_sign(*state, bh_span(message, 2), signature), 0);
		assert_int_equal(bh_key_verify(public_key, bh_span(message, 2), signature), 0);
		message[0] = 2;
		assert_int_equal(
			bh_key_verify(public_key, bh_span(message, 2), signature), BH_ERR_AUTH);
	}
}

static void test_key__signs_a_digest_as_the_message_itself(void **state)
{
	uint8_t public_key[BH_PUBLIC_KEY_BYTES], signature[BH_SIGNATURE_BYTES],
		digest[BH_HASH_BYTES];
	bh_key_public(*state, public_key);
	assert_int_equal(bh_sign_digest(bh_span("message", 7), digest), 0);
	assert_int_equal(bh_key_sign_digest(*state, digest, signature), 0);
	assert_int_equal(bh_key_verify(public_key, bh_span("message", 7), signature), 0);
	assert_int_equal(bh_key_verify(public_key, bh_span("messagf", 7), signature), BH_ERR_AUTH);
}

static void test_key__comes_back_from_its_der_with_either_parity(void **state)
{
	(void)state;
	unsigned seen[2] = {0, 0};
	for (unsigned i = 0; i < 200 && (seen[0] == 0 || seen[1] == 0); i++) {
		struct bh_key *key, *again;
		uint8_t a[BH_PUBLIC_KEY_BYTES], b[BH_PUBLIC_KEY_BYTES],
			signature[BH_SIGNATURE_BYTES];
		struct bh_buf der = BH_BUF(1000);
		assert_int_equal(bh_key_generate(&key), 0);
		assert_int_equal(bh_key_export(key, &der), 0);
		assert_int_equal(bh_key_import(bh_buf_span(&der), &again), 0);
		bh_key_public(key, a);
		bh_key_public(again, b);
		assert_memory_equal(a, b, sizeof(a));
		assert_int_equal(bh_key_sign(again, bh_span("m", 1), signature), 0);
		assert_int_equal(bh_key_verify(a, bh_span("m", 1), signature), 0);
		seen[a[0] & 1]++;
		bh_key_free(key);
		bh_key_free(again);
		bh_buf_wipe(&der);
	}
	assert_true(seen[0] > 0 && seen[1] > 0);
}

static void test_key__import_refuses_damaged_and_trailing_der(void **state)
{
	struct bh_buf der = BH_BUF(1000);
	struct bh_key *out = NULL;
	assert_int_equal(bh_key_export(*state, &der), 0);
	assert_int_equal(bh_key_import(bh_span(der.data, der.len - 1), &out), BH_ERR_MALFORMED);
	assert_int_equal(bh_buf_append(&der, "x", 1), 0);
	assert_int_equal(bh_key_import(bh_buf_span(&der), &out), BH_ERR_MALFORMED);
	assert_int_equal(bh_key_import(bh_span(NULL, 0), &out), BH_ERR_MALFORMED);
	assert_int_equal(bh_key_import(bh_span("0123456789", 10), &out), BH_ERR_MALFORMED);
	assert_null(out);
	bh_buf_wipe(&der);
}

static void test_verify__refuses_every_flipped_bit_and_garbage(void **state)
{
	uint8_t public_key[BH_PUBLIC_KEY_BYTES], signature[BH_SIGNATURE_BYTES];
	struct bh_span message = bh_span("the message", 11);
	bh_key_public(*state, public_key);
	assert_int_equal(bh_key_sign(*state, message, signature), 0);
	for (unsigned bit = 0; bit < 8 * BH_SIGNATURE_BYTES; bit += 7) {
		signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(bh_key_verify(public_key, message, signature), BH_ERR_AUTH);
		signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (unsigned first = 0; first < 256; first += 5) {
		uint8_t other[BH_PUBLIC_KEY_BYTES];
		memcpy(other, public_key, sizeof(other));
		other[0] = (uint8_t)first;
		if (first != public_key[0])
			assert_int_equal(bh_key_verify(other, message, signature), BH_ERR_AUTH);
	}
	uint8_t zeros[BH_SIGNATURE_BYTES] = {0}, ones[BH_SIGNATURE_BYTES];
	memset(ones, 0xff, sizeof(ones));
	assert_int_equal(bh_key_verify(public_key, message, zeros), BH_ERR_AUTH);
	assert_int_equal(bh_key_verify(public_key, message, ones), BH_ERR_AUTH);
	assert_int_equal(bh_key_verify(ones, message, signature), BH_ERR_AUTH);
	assert_int_equal(bh_key_verify(public_key, message, signature), 0);
}

static void test_signature__is_taken_as_r_and_s_or_as_der_and_as_nothing_else(void **state)
{
	/* r = 1, s = 2: the shortest of all. */
	static const uint8_t der[] = {0x30, 6, 2, 1, 1, 2, 1, 2};
	uint8_t out[BH_SIGNATURE_BYTES], bare[BH_SIGNATURE_BYTES] = {0};

	(void)state;
	memset(out, 0xee, sizeof(out));
	assert_int_equal(bh_signature_take(bh_span(der, 0), out), BH_ERR_MALFORMED);
	for (size_t len = 1; len < sizeof(der); len++)
		assert_int_equal(bh_signature_take(bh_span(der, len), out), BH_ERR_MALFORMED);
	assert_int_equal(out[0], 0xee);
	assert_int_equal(bh_signature_take(bh_span(der, sizeof(der)), out), 0);
	bare[31] = 1;
	bare[63] = 2;
	assert_memory_equal(out, bare, sizeof(bare));
	bare[0] = 0x30;
	assert_int_equal(bh_signature_take(bh_span(bare, sizeof(bare)), out), 0);
	assert_memory_equal(out, bare, sizeof(bare));
	uint8_t long_one[200] = {0x30, 0x82, 0, 196};

	assert_int_equal(
		bh_signature_take(bh_span(long_one, sizeof(long_one)), out), BH_ERR_MALFORMED);
}

static void test_public_key__is_a_point_or_it_is_none(void **state)
{
	uint8_t key[BH_PUBLIC_KEY_BYTES];

	bh_key_public(*state, key);
	assert_true(bh_public_key_valid(key));
	key[0] = 4;
	assert_false(bh_public_key_valid(key));
	memset(key, 0xff, sizeof(key));
	key[0] = 2;
	assert_false(bh_public_key_valid(key));
}

static void test_keys__agree_on_the_same_from_either_side(void **state)
{
	struct bh_key *other;
	uint8_t a[BH_PUBLIC_KEY_BYTES], b[BH_PUBLIC_KEY_BYTES], none[BH_PUBLIC_KEY_BYTES] = {2};
	uint8_t here[BH_SHARED_BYTES], there[BH_SHARED_BYTES], own[BH_SHARED_BYTES];
	assert_int_equal(bh_key_generate(&other), 0);
	bh_key_public(*state, a);
	bh_key_public(other, b);
	assert_int_equal(bh_key_agree(*state, b, here), 0);
	assert_int_equal(bh_key_agree(other, a, there), 0);
	assert_memory_equal(here, there, sizeof(here));
	assert_int_equal(bh_key_agree(*state, a, own), 0);
	assert_memory_not_equal(here, own, sizeof(here));
	memset(none + 1, 0xff, sizeof(none) - 1);
	assert_int_equal(bh_key_agree(*state, none, own), BH_ERR_AUTH);
	none[0] = 4;
	assert_int_equal(bh_key_agree(*state, none, own), BH_ERR_AUTH);
	bh_key_free(other);
}

static void fill_binding(struct bh_binding *binding)
{
	memset(binding->exporter, 0xee, sizeof(binding->exporter));
	memset(binding->server_key_hash, 0xdd, sizeof(binding->server_key_hash));
}

/* Takes the next block and compares. */
static void assert_block(struct bh_reader *reader, const void *expected, size_t len)
{
	assert_true(bh_span_equal(bh_get_block(reader), bh_span(expected, len)));
}

static void test_messages__of_session_and_enrolment_are_their_blocks_in_order(void **state)
{
	(void)state;
	struct bh_binding binding;
	uint8_t log_id[BH_LOG_ID_BYTES] = {7}, code[BH_CODE_BYTES] = {8};
	uint8_t public_key[BH_PUBLIC_KEY_BYTES] = {2};
	struct bh_buf out = BH_BUF(1000);
	fill_binding(&binding);

	assert_int_equal(bh_session_message(&out, &binding, "340803", 258, log_id), 0);
	struct bh_reader reader = bh_reader(bh_buf_span(&out));
	assert_block(&reader, "bh-session-1", 12);
	assert_block(&reader, binding.exporter, 32);
	assert_block(&reader, "340803", 6);
	assert_block(&reader, binding.server_key_hash, 32);
	assert_block(&reader, "\0\0\1\2", 4);
	assert_block(&reader, log_id, 16);
	assert_true(bh_reader_done(&reader));

	out.len = 0;
	assert_int_equal(bh_enrol_message(&out, &binding, "340803", code, public_key, log_id), 0);
	reader = bh_reader(bh_buf_span(&out));
	assert_block(&reader, "bh-enrol-1", 10);
	assert_block(&reader, binding.exporter, 32);
	assert_block(&reader, "340803", 6);
	assert_block(&reader, binding.server_key_hash, 32);
	assert_block(&reader, code, 10);
	assert_block(&reader, public_key, 33);
	assert_block(&reader, log_id, 16);
	assert_true(bh_reader_done(&reader));
	bh_buf_free(&out);
}

static void test_messages__of_head_and_receipt_are_their_blocks_in_order(void **state)
{
	(void)state;
	uint8_t log_id[BH_LOG_ID_BYTES] = {7}, link[BH_HASH_BYTES] = {9};
	struct bh_buf out = BH_BUF(1000);

	assert_int_equal(bh_head_message(&out, "340803", 258, log_id, 3, link), 0);
	struct bh_reader reader = bh_reader(bh_buf_span(&out));
	assert_block(&reader, "bh-head-1", 9);
	assert_block(&reader, "340803", 6);
	assert_block(&reader, "\0\0\1\2", 4);
	assert_block(&reader, log_id, 16);
	assert_block(&reader, "\0\0\0\0\0\0\0\3", 8);
	assert_block(&reader, link, 32);
	assert_true(bh_reader_done(&reader));

	out.len = 0;
	assert_int_equal(bh_receipt_message(&out, bh_span("receipt", 7)), 0);
	reader = bh_reader(bh_buf_span(&out));
	assert_block(&reader, "bh-receipt-1", 12);
	assert_block(&reader, "receipt", 7);
	assert_true(bh_reader_done(&reader));
	bh_buf_free(&out);
}

static void test_messages__leave_a_full_buffer_as_it_was(void **state)
{
	(void)state;
	struct bh_binding binding;
	uint8_t log_id[BH_LOG_ID_BYTES] = {7};
	struct bh_buf out = BH_BUF(60);
	fill_binding(&binding);
	assert_int_equal(bh_session_message(&out, &binding, "340803", 1, log_id), BH_ERR_LIMIT);
	assert_int_equal(out.len, 0);
	bh_buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_key__signs_what_its_public_half_verifies),
		cmocka_unit_test(test_key__signs_a_digest_as_the_message_itself),
		cmocka_unit_test(test_key__comes_back_from_its_der_with_either_parity),
		cmocka_unit_test(test_key__import_refuses_damaged_and_trailing_der),
		cmocka_unit_test(test_verify__refuses_every_flipped_bit_and_garbage),
		cmocka_unit_test(test_signature__is_taken_as_r_and_s_or_as_der_and_as_nothing_else),
		cmocka_unit_test(test_public_key__is_a_point_or_it_is_none),
		cmocka_unit_test(test_keys__agree_on_the_same_from_either_side),
		cmocka_unit_test(test_messages__of_session_and_enrolment_are_their_blocks_in_order),
		cmocka_unit_test(test_messages__of_head_and_receipt_are_their_blocks_in_order),
		cmocka_unit_test(test_messages__leave_a_full_buffer_as_it_was),
	};
	return cmocka_run_group_tests(tests, make_key, drop_key);
}
