/* Words of a page: what steers a terminal, a printer or a reader's eye does not pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "server/dossier/book_part.h"

static void words_are(bool html, const char *text, const char *wanted)
{
	struct bh_buf out = BH_BUF(1000);
	struct bh_page page = {.out = &out, .html = html};

	bh_page_words(&page, bh_span(text, strlen(text)));
	assert_int_equal(page.err, 0);
	if (!bh_span_equal(bh_buf_span(&out), bh_span(wanted, strlen(wanted))))
		fail_msg("%s: %.*s, not %s", text, (int)out.len, (const char *)out.data, wanted);
	bh_buf_free(&out);
}

static void test_page__words_are_as_they_were_written(void **state)
{
	static const char *const plain[] = {"", "x", "井盖破损,请处理",
		"\u00a0\u00e9\u0600\u200d\u2027\u202f\u2065\u206a", "😀"};

	(void)state;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		words_are(true, plain[i], plain[i]);
		words_are(false, plain[i], plain[i]);
	}
	words_are(true, "<a & \"b\">'", "&lt;a &amp; &quot;b&quot;&gt;&#39;");
	words_are(true, "a\nb", "a\nb");
	words_are(false, "a\nb", "a b");
}

static void test_page__of_nothing_there_is_nothing(void **state)
{
	struct bh_buf out = BH_BUF(1000);
	struct bh_page page = {.out = &out, .html = true};

	(void)state;
	bh_page_words(&page, (struct bh_span){0});
	assert_int_equal(page.err, 0);
	assert_int_equal(out.len, 0);
	bh_buf_free(&out);
}

static void test_page__nothing_that_steers_passes(void **state)
{
	static const char *const steering[] = {"\x1b", "\x7f", "\r", "\xc2\x80", "\xc2\x9b",
		"\xc2\x9f", "\u061c", "\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069"};
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof(steering) / sizeof(steering[0]); i++) {
		(void)snprintf(text, sizeof(text), "前%s后", steering[i]);
		words_are(true, text, "前 后");
		words_are(false, text, "前 后");
		words_are(false, steering[i], " ");
	}
	/* Cut in the middle it is no such thing. */
	words_are(false, "\xe2\x80", "\xe2\x80");
	words_are(false, "\xc2", "\xc2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page__words_are_as_they_were_written),
		cmocka_unit_test(test_page__of_nothing_there_is_nothing),
		cmocka_unit_test(test_page__nothing_that_steers_passes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
