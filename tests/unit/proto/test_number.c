/* Numbers as people read them: what is misread is refused. */
#include <stdio.h>
#include <string.h>

#include "proto/err.h"
#include "proto/number.h"
#include "tests/unit/proto/cmocka_all.h"
#include "tests/unit/proto/seeded.h"

static void test_number__comes_back_from_its_text(void **state)
{
	(void)state;
	struct seeded seeded = {11};
	for (unsigned i = 0; i < 20000; i++) {
		uint32_t log_short = (uint32_t)seeded_number(&seeded) & 0x7fffffff;
		uint32_t seq = (uint32_t)seeded_number(&seeded);
		if (log_short == 0 || seq == 0)
			continue;
		uint64_t number = bh_case_number(log_short, seq), parsed = 0;
		char text[BH_CASE_TEXT_SIZE];
		bh_case_number_format(number, text);
		assert_int_equal(bh_case_number_parse(text, &parsed), 0);
		assert_true(parsed == number);
	}
}

static void test_number__the_longest_fits(void **state)
{
	(void)state;
	char text[BH_CASE_TEXT_SIZE];
	bh_case_number_format(bh_case_number(0x7fffffff, UINT32_MAX), text);
	assert_int_equal(strlen(text), BH_CASE_TEXT_SIZE - 1);
	assert_int_equal(strncmp(text, "2147483647-4294967295-", 22), 0);
}

/* One wrong character, two neighbours exchanged, or the hyphen moved. */
static void test_number__a_slip_never_opens_another_case(void **state)
{
	(void)state;
	static const char *const numbers[] = {"17-42", "1-234", "12-34", "123-4", "905-1007"};
	for (size_t n = 0; n < 5; n++) {
		unsigned log_short = 0, seq = 0;
		uint64_t out = 99;
		char text[BH_CASE_TEXT_SIZE] = "", wrong[BH_CASE_TEXT_SIZE];
		assert_int_equal(sscanf(numbers[n], "%u-%u", &log_short, &seq), 2);
		bh_case_number_format(bh_case_number(log_short, seq), text);
		size_t len = strlen(text);
		for (size_t i = 0; i < len; i++) {
			for (char c = '0'; c <= 'Z'; c++) {
				memcpy(wrong, text, sizeof(wrong));
				wrong[i] = c;
				if (c != text[i])
					assert_int_equal(bh_case_number_parse(wrong, &out),
						BH_ERR_MALFORMED);
			}
		}
		for (size_t i = 0; i + 1 < len; i++) {
			memcpy(wrong, text, sizeof(wrong));
			wrong[i] = text[i + 1];
			wrong[i + 1] = text[i];
			if (strcmp(wrong, text) != 0)
				assert_int_equal(
					bh_case_number_parse(wrong, &out), BH_ERR_MALFORMED);
		}
		assert_int_equal(out, 99);
	}
}

static void test_number__refuses_what_format_would_not_write(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "-", "17", "17-42", "17-42-", "17-42-k", "017-42-X",
		"17--X", "0-1-X", "1-0-X", " 17-42-X", "17-42-X ", "2147483648-1-X",
		"1-4294967296-X", "99999999999999999999-1-X", "17-42-\xe8"};
	uint64_t out = 99;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(bh_case_number_parse(bad[i], &out), BH_ERR_MALFORMED);
	assert_int_equal(out, 99);
}

/* By hand: 36; 1: 37%36=1,*2=2; 7: 9,*2=18; Z(35): 53%36=17,*2=34; 4: 38%36=2,*2=4; 2: 6,*2=12;
 * 37-12=25 is P. */
static void test_number__check_character_is_iso_7064_mod_37_36(void **state)
{
	(void)state;
	char text[BH_CASE_TEXT_SIZE];
	bh_case_number_format(bh_case_number(17, 42), text);
	assert_string_equal(text, "17-42-P");
}

static void test_base32__comes_back_and_forgives_only_case(void **state)
{
	(void)state;
	struct seeded seeded = {4};
	for (size_t len = 0; len <= 20; len++) {
		uint8_t bytes[20], again[20];
		char text[40];
		for (size_t i = 0; i < len; i++)
			bytes[i] = (uint8_t)seeded_next(&seeded);
		bh_base32_format(bh_span(bytes, len), text);
		assert_int_equal(strlen(text), (len * 8 + 4) / 5);
		assert_int_equal(bh_base32_parse(text, again, len), 0);
		assert_memory_equal(bytes, again, len);
		for (char *c = text; *c != '\0'; c++)
			*c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
		assert_int_equal(bh_base32_parse(text, again, len), 0);
	}
	uint8_t out[2];
	assert_int_equal(bh_base32_parse("MZXQ", out, 2), 0);
	assert_memory_equal(out, "fo", 2);
	assert_int_equal(bh_base32_parse("MZXR", out, 2), BH_ERR_MALFORMED); /* spare bits set */
	assert_int_equal(bh_base32_parse("MZX1", out, 2), BH_ERR_MALFORMED);
	assert_int_equal(bh_base32_parse("MZX", out, 2), BH_ERR_MALFORMED);
	assert_int_equal(bh_base32_parse("MZXQA", out, 2), BH_ERR_MALFORMED);
}

static void test_hex__comes_back_and_refuses_the_rest(void **state)
{
	(void)state;
	uint8_t out[3] = {0};
	char text[7];
	bh_hex_format(bh_span("\x00\x9f\xff", 3), text);
	assert_string_equal(text, "009fff");
	assert_int_equal(bh_hex_parse("009FfF", out, 3), 0);
	assert_memory_equal(out, "\x00\x9f\xff", 3);
	assert_int_equal(bh_hex_parse("009ff", out, 3), BH_ERR_MALFORMED);
	assert_int_equal(bh_hex_parse("009fgf", out, 3), BH_ERR_MALFORMED);
	assert_int_equal(bh_hex_parse("009fff0", out, 3), BH_ERR_MALFORMED);
}

static void test_op_id__starts_with_the_time_and_depends_on_the_whole_identity(void **state)
{
	(void)state;
	uint8_t log_id[BH_LOG_ID_BYTES] = {1}, link[BH_HASH_BYTES] = {2}, id[16], other[16];
	bh_op_id(0x0102030405, log_id, 7, link, id);
	assert_memory_equal(id, "\x00\x01\x02\x03\x04\x05", 6);
	bh_op_id(0x0102030405, log_id, 8, link, other);
	assert_memory_not_equal(id, other, 16);
	link[31] = 1;
	bh_op_id(0x0102030405, log_id, 7, link, other);
	assert_memory_not_equal(id, other, 16);
	log_id[15] = 1;
	bh_op_id(0x0102030405, log_id, 7, link, id);
	assert_memory_not_equal(id, other, 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_number__comes_back_from_its_text),
		cmocka_unit_test(test_number__the_longest_fits),
		cmocka_unit_test(test_number__a_slip_never_opens_another_case),
		cmocka_unit_test(test_number__refuses_what_format_would_not_write),
		cmocka_unit_test(test_number__check_character_is_iso_7064_mod_37_36),
		cmocka_unit_test(test_base32__comes_back_and_forgives_only_case),
		cmocka_unit_test(test_hex__comes_back_and_refuses_the_rest),
		cmocka_unit_test(
			test_op_id__starts_with_the_time_and_depends_on_the_whole_identity),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
