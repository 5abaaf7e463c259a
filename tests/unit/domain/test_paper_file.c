/* What a file is by its bytes, and what an entry says of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "proto/err.h"
#include "server/domain/dossier.h"
#include "server/domain/paper_file.h"

#define PDF "%PDF-1.7\nobjects\n%%EOF\n"
#define PNG "\x89PNG\r\n\x1a\n\0\0\0\rIHDR and so on\0\0\0\0IEND\xae\x42\x60\x82"
#define JPEG "\xff\xd8\xff\xe0 and so on\xff\xd9"

static void test_paper_file__is_what_its_bytes_say(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum bh_paper_form form;
	} rows[] = {
		{PDF, sizeof(PDF) - 1, BH_PAPER_FORM_PDF},
		{PNG, sizeof(PNG) - 1, BH_PAPER_FORM_PNG},
		{JPEG, sizeof(JPEG) - 1, BH_PAPER_FORM_JPEG},
		{PDF, sizeof(PDF) - 5, BH_PAPER_FORM_NONE}, /* cut */
		{PNG, sizeof(PNG) - 2, BH_PAPER_FORM_NONE},
		{JPEG, sizeof(JPEG) - 2, BH_PAPER_FORM_NONE},
		{" " PDF, sizeof(PDF), BH_PAPER_FORM_NONE},
		{"%PDF-", 5, BH_PAPER_FORM_NONE},
		{"%%EOF", 5, BH_PAPER_FORM_NONE},
		{"<script>%PDF-1.7 %%EOF", 22, BH_PAPER_FORM_NONE},
		{"MZ", 2, BH_PAPER_FORM_NONE},
		{"", 0, BH_PAPER_FORM_NONE},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
			bh_paper_form_of(bh_span(rows[i].bytes, rows[i].len)), rows[i].form);
	assert_string_equal(bh_paper_form_type(BH_PAPER_FORM_PDF), "application/pdf");
	assert_string_equal(bh_paper_form_type(99), "application/octet-stream");
}

static void test_paper_file__a_header_says_kind_and_file(void **state)
{
	struct bh_paper_said said = {.kind = BH_PAPER_AGREEMENT}, again;
	struct bh_buf out = BH_BUF(100);
	uint64_t position = 0;
	(void)state;
	assert_int_equal(bh_paper_encode(&said, &out), 0);
	assert_int_equal(out.len, 4); /* words alone, as before there were files */
	assert_int_equal(bh_paper_decode(bh_buf_span(&out), &again), 0);
	assert_int_equal(again.form, BH_PAPER_FORM_NONE);
	said.form = BH_PAPER_FORM_PDF;
	said.size = 1234;
	memset(said.hash, 7, sizeof(said.hash));
	out.len = 0;
	assert_int_equal(bh_paper_encode(&said, &out), 0);
	assert_int_equal(bh_paper_decode(bh_buf_span(&out), &again), 0);
	assert_memory_equal(&again, &said, sizeof(said));
	for (size_t len = 0; len < out.len; len++)
		assert_int_equal(bh_paper_decode(bh_span(out.data, len), &again),
			len == 4 ? BH_NOERR : BH_ERR_MALFORMED);
	out.data[4] = BH_PAPER_FORMS;
	assert_int_equal(bh_paper_decode(bh_buf_span(&out), &again), BH_ERR_MALFORMED);
	out.data[4] = BH_PAPER_FORM_PNG;
	out.data[5] = 0x7f; /* far too large */
	assert_int_equal(bh_paper_decode(bh_buf_span(&out), &again), BH_ERR_MALFORMED);
	out.len = 0;
	assert_int_equal(bh_withdraw_encode(99, &out), 0);
	assert_int_equal(bh_withdraw_decode(bh_buf_span(&out), &position), 0);
	assert_int_equal(position, 99);
	assert_int_equal(bh_withdraw_decode(bh_span(out.data, 7), &position), BH_ERR_MALFORMED);
	bh_buf_free(&out);
}

static void test_paper_file__a_row_of_its_kind_is_no_photos(void **state)
{
	uint32_t kind = BH_PAPER_BLOB_KIND(BH_PAPER_AGREEMENT, BH_PAPER_FORM_PDF);
	(void)state;
	assert_int_equal(BH_PAPER_BLOB_PAPER(kind), BH_PAPER_AGREEMENT);
	assert_int_equal(BH_PAPER_BLOB_FORM(kind), BH_PAPER_FORM_PDF);
	assert_true(kind > 255);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paper_file__is_what_its_bytes_say),
		cmocka_unit_test(test_paper_file__a_header_says_kind_and_file),
		cmocka_unit_test(test_paper_file__a_row_of_its_kind_is_no_photos),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
