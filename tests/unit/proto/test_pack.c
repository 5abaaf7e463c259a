/* Packing comes back; whatever is not exactly a packed batch does not come in. */
#include <string.h>

#include <openssl/evp.h>
#include <zlib.h>

#include "proto/err.h"
#include "proto/limits.h"
#include "proto/number.h"
#include "proto/pack.h"
#include "tests/unit/proto/cmocka_all.h"
#include "tests/unit/proto/seeded.h"

static int open_packer(void **state)
{
	return bh_packer_open((struct bh_packer **)state);
}

static int close_packer(void **state)
{
	bh_packer_close(*state);
	return 0;
}

static struct bh_span text_span(const char *text)
{
	return bh_span(text, strlen(text));
}

static void assert_comes_back(struct bh_packer *packer, struct bh_span raw)
{
	struct bh_buf packed = BH_BUF(BH_UNPACKED_BYTES_MAX), again = BH_BUF(BH_UNPACKED_BYTES_MAX);
	enum bh_pack_scheme scheme;
	assert_int_equal(bh_buf_append(&packed, "front", 5), 0);
	assert_int_equal(bh_pack(packer, raw, &packed, &scheme), 0);
	struct bh_span bytes = bh_span(packed.data + 5, packed.len - 5);
	assert_true(bytes.len <= raw.len);
	assert_int_equal(bh_unpack(packer, scheme, (uint32_t)raw.len, bytes, &again), 0);
	assert_true(bh_span_equal(bh_buf_span(&again), raw));
	bh_buf_free(&packed);
	bh_buf_free(&again);
}

/* Frozen: what handsets have packed with it must unpack for ever. */
static void test_pack__dictionary_1_is_the_released_one(void **state)
{
	(void)state;
	uint8_t hash[BH_HASH_BYTES];
	char text[2 * BH_HASH_BYTES + 1];
	struct bh_span dictionary = bh_pack_dictionary();
	assert_int_equal(
		EVP_Digest(dictionary.data, dictionary.len, hash, NULL, EVP_sha256(), NULL), 1);
	bh_hex_format(bh_span(hash, sizeof(hash)), text);
	assert_string_equal(
		text, "a4239ef914a46375a097b61ac82052631a7f0bd86ae85a5e60c6855c091b008b");
}

static void test_pack__comes_back_for_any_length_and_content(void **state)
{
	struct seeded seeded = {6};
	uint8_t bytes[5000];
	assert_comes_back(*state, bh_span(NULL, 0));
	for (unsigned round = 0; round < 300; round++) {
		size_t len = seeded_below(&seeded, sizeof(bytes));
		uint32_t letters = 1 + seeded_below(&seeded, 256);
		for (size_t i = 0; i < len; i++)
			bytes[i] = (uint8_t)seeded_below(&seeded, letters);
		assert_comes_back(*state, bh_span(bytes, len));
	}
}

static void test_pack__a_report_in_the_domains_words_shrinks_to_half(void **state)
{
	struct bh_buf packed = BH_BUF(1000);
	enum bh_pack_scheme scheme;
	struct bh_span raw = text_span("小区门口路灯不亮,影响居民出行,请尽快安排人员处理");
	assert_int_equal(bh_pack(*state, raw, &packed, &scheme), 0);
	assert_int_equal(scheme, BH_PACK_DEFLATE_DICT1);
	assert_true(packed.len * 2 < raw.len);
	bh_buf_free(&packed);
}

static void test_pack__what_does_not_shrink_goes_bare(void **state)
{
	struct seeded seeded = {2};
	struct bh_buf packed = BH_BUF(1000);
	enum bh_pack_scheme scheme;
	uint8_t noise[100];
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)seeded_next(&seeded);
	assert_int_equal(bh_pack(*state, bh_span(noise, sizeof(noise)), &packed, &scheme), 0);
	assert_int_equal(scheme, BH_PACK_BARE);
	assert_true(bh_span_equal(bh_buf_span(&packed), bh_span(noise, sizeof(noise))));
	bh_buf_free(&packed);
}

/* A batch of nothing but sameness would look like a bomb to its reader. */
static void test_pack__never_writes_what_unpack_refuses(void **state)
{
	static uint8_t same[100000];
	memset(same, 'a', sizeof(same));
	for (size_t len = 1; len <= sizeof(same); len += len / 2 + 1)
		assert_comes_back(*state, bh_span(same, len));
}

/* zlib as anybody has it, with or without the dictionary. */
static struct bh_buf deflate_pack(struct bh_span raw, struct bh_span dictionary)
{
	struct bh_buf out = BH_BUF(4u << 20);
	uint8_t *at;
	z_stream stream;
	memset(&stream, 0, sizeof(stream));
	assert_int_equal(
		deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
	if (dictionary.len > 0)
		assert_int_equal(
			deflateSetDictionary(&stream, dictionary.data, (uInt)dictionary.len), Z_OK);
	uLong bound = deflateBound(&stream, raw.len);
	assert_int_equal(bh_buf_reserve(&out, bound, &at), 0);
	stream.next_in = (z_const Bytef *)raw.data;
	stream.avail_in = (uInt)raw.len;
	stream.next_out = at;
	stream.avail_out = (uInt)bound;
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	out.len = stream.total_out;
	deflateEnd(&stream);
	return out;
}

static void assert_refused(
	struct bh_packer *packer, int err, uint32_t scheme, size_t raw_bytes, struct bh_span packed)
{
	struct bh_buf out = BH_BUF(4u << 20);
	assert_int_equal(bh_buf_append(&out, "kept", 4), 0);
	assert_int_equal(bh_unpack(packer, scheme, (uint32_t)raw_bytes, packed, &out), err);
	assert_true(bh_span_equal(bh_buf_span(&out), bh_span("kept", 4)));
	bh_buf_free(&out);
}

static void test_unpack__takes_a_stream_without_the_dictionary_too(void **state)
{
	struct bh_span raw = text_span("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	struct bh_buf packed = deflate_pack(raw, bh_span(NULL, 0)), out = BH_BUF(100);
	assert_int_equal(bh_unpack(*state, BH_PACK_DEFLATE_DICT1, (uint32_t)raw.len,
				 bh_buf_span(&packed), &out),
		0);
	assert_true(bh_span_equal(bh_buf_span(&out), raw));
	bh_buf_free(&packed);
	bh_buf_free(&out);
}

/* A12 */
static void test_unpack__refuses_bombs_by_their_claim_and_by_their_stream(void **state)
{
	static uint8_t zeros[BH_UNPACKED_BYTES_MAX + 1];
	struct bh_buf bomb = deflate_pack(bh_span(zeros, sizeof(zeros)), bh_span(NULL, 0));
	struct bh_span packed = bh_buf_span(&bomb);
	/* Its honest claim is over the maximum; under it, over the ratio; a modest claim is a lie.
	 */
	assert_refused(*state, BH_ERR_LIMIT, BH_PACK_DEFLATE_DICT1, sizeof(zeros), packed);
	assert_refused(*state, BH_ERR_LIMIT, BH_PACK_DEFLATE_DICT1, packed.len * 200 + 1, packed);
	assert_refused(*state, BH_ERR_MALFORMED, BH_PACK_DEFLATE_DICT1, packed.len * 200, packed);
	assert_refused(*state, BH_ERR_MALFORMED, BH_PACK_DEFLATE_DICT1, 10, packed);
	assert_refused(*state, BH_ERR_LIMIT, BH_PACK_DEFLATE_DICT1, 1, bh_span(NULL, 0));
	assert_refused(*state, BH_ERR_LIMIT, BH_PACK_BARE, UINT32_MAX, packed);
	/* Nested: one layer is taken off, never two. */
	struct bh_buf nested = deflate_pack(packed, bh_span(NULL, 0)), out = BH_BUF(1u << 20);
	assert_int_equal(bh_unpack(*state, BH_PACK_DEFLATE_DICT1, (uint32_t)packed.len,
				 bh_buf_span(&nested), &out),
		0);
	assert_true(bh_span_equal(bh_buf_span(&out), packed));
	bh_buf_free(&out);
	bh_buf_free(&nested);
	bh_buf_free(&bomb);
}

/* A12 */
static void test_unpack__refuses_truncated_damaged_trailing_and_short_streams(void **state)
{
	struct bh_span raw = text_span("井盖破损,存在安全隐患,请及时处理");
	struct bh_buf packed = deflate_pack(raw, bh_pack_dictionary());
	uint8_t first = packed.data[0];
	for (size_t len = 0; len < packed.len; len++)
		assert_refused(*state,
			len * BH_UNPACKED_RATIO_MAX < raw.len ? BH_ERR_LIMIT : BH_ERR_MALFORMED,
			BH_PACK_DEFLATE_DICT1, raw.len, bh_span(packed.data, len));
	assert_refused(
		*state, BH_ERR_MALFORMED, BH_PACK_DEFLATE_DICT1, raw.len + 1, bh_buf_span(&packed));
	assert_refused(
		*state, BH_ERR_MALFORMED, BH_PACK_DEFLATE_DICT1, raw.len - 1, bh_buf_span(&packed));
	packed.data[0] |= 6; /* a block of the kind that does not exist */
	assert_refused(
		*state, BH_ERR_MALFORMED, BH_PACK_DEFLATE_DICT1, raw.len, bh_buf_span(&packed));
	packed.data[0] = first;
	assert_int_equal(bh_buf_append(&packed, "x", 1), 0);
	assert_refused(
		*state, BH_ERR_MALFORMED, BH_PACK_DEFLATE_DICT1, raw.len, bh_buf_span(&packed));
	packed.len--;
	assert_refused(*state, BH_ERR_MALFORMED, 2, raw.len, bh_buf_span(&packed));
	assert_refused(
		*state, BH_ERR_MALFORMED, BH_PACK_BARE, packed.len - 1, bh_buf_span(&packed));
	/* ... and after all of that the same packer still unpacks. */
	assert_comes_back(*state, raw);
	bh_buf_free(&packed);
}

static void test_unpack__respects_the_room_of_its_caller(void **state)
{
	struct bh_buf packed = BH_BUF(100), out = BH_BUF(10);
	enum bh_pack_scheme scheme;
	struct bh_span raw = text_span("影响居民正常生活");
	assert_int_equal(bh_pack(*state, raw, &packed, &scheme), 0);
	assert_int_equal(bh_unpack(*state, scheme, (uint32_t)raw.len, bh_buf_span(&packed), &out),
		BH_ERR_LIMIT);
	assert_int_equal(out.len, 0);
	bh_buf_free(&packed);
	bh_buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pack__dictionary_1_is_the_released_one),
		cmocka_unit_test(test_pack__comes_back_for_any_length_and_content),
		cmocka_unit_test(test_pack__a_report_in_the_domains_words_shrinks_to_half),
		cmocka_unit_test(test_pack__what_does_not_shrink_goes_bare),
		cmocka_unit_test(test_pack__never_writes_what_unpack_refuses),
		cmocka_unit_test(test_unpack__takes_a_stream_without_the_dictionary_too),
		cmocka_unit_test(test_unpack__refuses_bombs_by_their_claim_and_by_their_stream),
		cmocka_unit_test(test_unpack__refuses_truncated_damaged_trailing_and_short_streams),
		cmocka_unit_test(test_unpack__respects_the_room_of_its_caller),
	};
	return cmocka_run_group_tests(tests, open_packer, close_packer);
}
