/* Every answer has a name and a sentence of its own. */
#include <string.h>

#include "proto/bytes.h"
#include "proto/codec.h"
#include "proto/verdict.h"
#include "tests/unit/proto/cmocka_all.h"

static void assert_sentence(const char *sentence)
{
	assert_true(strlen(sentence) > 8);
	assert_true(bh_utf8_valid(bh_span(sentence, strlen(sentence))));
}

static void test_verdict__every_answer_has_its_own_name(void **state)
{
	(void)state;
	for (unsigned i = 0; i < BH_REASON_COUNT; i++)
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(bh_reason_name((enum bh_reason)i),
				bh_reason_name((enum bh_reason)k));
	for (unsigned i = 0; i < BH_REFUSAL_COUNT; i++)
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(bh_refusal_name((enum bh_refusal)i),
				bh_refusal_name((enum bh_refusal)k));
	for (unsigned i = 0; i <= BH_VERDICT_CARRIED; i++)
		assert_string_not_equal(bh_verdict_name((enum bh_verdict)i), "unknown");
}

static void test_verdict__every_refusal_and_reason_has_a_sentence(void **state)
{
	(void)state;
	for (unsigned i = 1; i < BH_REASON_COUNT + 1; i++) { /* an unknown one too */
		assert_sentence(bh_reason_sentence_zh((enum bh_reason)i));
		assert_sentence(bh_reason_sentence_en((enum bh_reason)i));
	}
	for (unsigned i = 1; i < BH_REFUSAL_COUNT + 1; i++)
		assert_sentence(bh_refusal_sentence_zh((enum bh_refusal)i));
}

static void test_verdict__only_what_the_session_survives_is_not_final(void **state)
{
	(void)state;
	for (unsigned i = 1; i < BH_REFUSAL_COUNT + 1; i++) {
		bool survives = i == BH_REFUSAL_GAP || i == BH_REFUSAL_BATCH ||
				i == BH_REFUSAL_STORAGE;
		assert_true(bh_refusal_is_final((enum bh_refusal)i) == !survives);
	}
	assert_true(bh_reason_is_correctable(BH_REASON_TEXT));
	assert_false(bh_reason_is_correctable(BH_REASON_DEVICE));
	assert_false(bh_reason_is_correctable((enum bh_reason)200));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdict__every_answer_has_its_own_name),
		cmocka_unit_test(test_verdict__every_refusal_and_reason_has_a_sentence),
		cmocka_unit_test(test_verdict__only_what_the_session_survives_is_not_final),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
