/* What a desk has to say when it files, refuses and refers (rows 4, 5 and 7). */
#include "tests/unit/domain/docket.h"

#include <string.h>

#include "server/domain/ending.h"
#include "tests/unit/domain/demo_rules.h"

#define ACCEPTOR BH_DEMO_PERSON(ACCEPTOR)

/* Row 5: a ground, and where it is somebody else's the channel, which the reporter reads. */
static void test_refuse__is_on_a_ground_and_says_where_to_go(void **state)
{
	static const struct {
		uint32_t ground, channel;
		bool stands;
	} said[] = {{0, BH_CHANNEL_110, false}, {BH_GROUND_COUNT, BH_CHANNEL_110, false},
		{BH_GROUND_PRIVATE, 0, false}, {BH_GROUND_EMERGENCY, BH_CHANNEL_COUNT, false},
		{BH_GROUND_PRIVATE, BH_CHANNEL_COURT, true}, {BH_GROUND_NO_SUCH_PLACE, 0, true},
		{BH_GROUND_OTHER, BH_CHANNEL_OTHER, true}};
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		struct bh_docket docket;
		bh_docket_open(&docket, *state);
		bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
		struct bh_command command = bh_docket_desk(
			&docket, BH_VERB_REFUSE, ACCEPTOR, "the court is asked");
		command.reason_code = said[i].ground;
		command.channel = said[i].channel;
		if (!said[i].stands) {
			bh_docket_refused(&docket, &command, BH_REASON_FIELD);
			continue;
		}
		bh_docket_must(&docket, &command);
		assert_int_equal(docket.cased.ground, said[i].ground);
		assert_int_equal(docket.cased.channel, said[i].channel);
	}
}

/* Row 7: the receipt is kept. */
static void test_refer__names_a_channel_and_its_receipt(void **state)
{
	static const char *const no_lines[] = {
		"  ", "\u3000", "119\n4711", "119\u202e1174", "119\xc2\x85"};
	static char long_receipt[BH_RECEIPT_NUMBER_BYTES_MAX + 1];
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command command = bh_docket_desk(&docket, BH_VERB_REFER, ACCEPTOR, "it burns");
	command.channel = BH_CHANNEL_NONE;
	bh_docket_refused(&docket, &command, BH_REASON_FIELD);
	command.channel = BH_CHANNEL_119;
	command.receipt = bh_span(NULL, 0);
	bh_docket_refused(&docket, &command, BH_REASON_FIELD);
	for (size_t i = 0; i < sizeof(no_lines) / sizeof(no_lines[0]); i++) {
		command.receipt = bh_span(no_lines[i], strlen(no_lines[i]));
		bh_docket_refused(&docket, &command, BH_REASON_FIELD);
	}
	memset(long_receipt, '7', sizeof(long_receipt));
	command.receipt = bh_span(long_receipt, sizeof(long_receipt));
	bh_docket_refused(&docket, &command, BH_REASON_FIELD);
	command.receipt.len--;
	bh_docket_must(&docket, &command);
	assert_int_equal(docket.cased.channel, BH_CHANNEL_119);
	assert_int_equal(docket.cased.ground, BH_GROUND_NONE);
}

static void test_refusals__have_words_for_the_reporter(void **state)
{
	char zh[BH_ENDING_WORDS_SIZE], en[BH_ENDING_WORDS_SIZE];
	struct bh_ending ending = {BH_GROUND_PRIVATE, BH_CHANNEL_COURT, {NULL, 0}};
	(void)state;
	bh_ending_words(&ending, en);
	bh_ending_words_zh(&ending, zh);
	assert_string_equal(en, "it is a private dispute for a court; turn to the court");
	assert_string_equal(zh, "属民事争议，应通过诉讼解决，请联系：人民法院。");
	ending = (struct bh_ending){0, BH_CHANNEL_119, bh_span("119-4711", 8)};
	bh_ending_words(&ending, en);
	bh_ending_words_zh(&ending, zh);
	assert_string_equal(en, "passed to 119 (119-4711)");
	assert_string_equal(zh, "已转：119 火警电话（受理编号 119-4711）。");
	ending = (struct bh_ending){0};
	bh_ending_words_zh(&ending, zh);
	assert_string_equal(zh, "");
	for (uint32_t i = 1; i < BH_GROUND_COUNT; i++)
		assert_true(bh_ground_name(i) != NULL && bh_ground_words(i)[0] != '\0' &&
			    bh_ground_words_zh(i)[0] != '\0');
	for (uint32_t i = 1; i < BH_CHANNEL_COUNT; i++)
		assert_true(bh_channel_name(i) != NULL && bh_channel_words(i)[0] != '\0' &&
			    bh_channel_words_zh(i)[0] != '\0');
	assert_null(bh_ground_name(BH_GROUND_COUNT));
	assert_null(bh_channel_name(BH_CHANNEL_COUNT));
}

/* S4-16, row 4: what was left out is no word that there is none. */
static void test_file__names_a_condition_and_a_grid_or_says_that_there_is_none(void **state)
{
	static const enum bh_verb verbs[] = {BH_VERB_FILE, BH_VERB_DISPATCH};
	for (size_t i = 0; i < 2; i++) {
		struct bh_docket docket;
		bh_docket_open(&docket, *state);
		bh_docket_to_received(&docket, BH_DEMO_COVER, 1111);
		docket.cased.grid = 0;
		struct bh_command command = bh_docket_desk(&docket, verbs[i], ACCEPTOR, NULL);
		command.outside = command.none_fits = false;
		bh_docket_refused(&docket, &command, BH_REASON_GUARD);
		command.outside = true;
		bh_docket_refused(&docket, &command, BH_REASON_GUARD);
		struct bh_docket none = docket;
		command.none_fits = true;
		bh_docket_must(&none, &command);
		assert_true(none.cased.none_fits == 1 && none.cased.outside == 1);
		command.none_fits = command.outside = false;
		command.condition = 2;
		bh_docket_refused(&docket, &command, BH_REASON_GUARD);
		command.area = 12;
		bh_docket_refused(&docket, &command, BH_REASON_FIELD); /* a township */
		command.area = 1112;
		bh_docket_must(&docket, &command);
		assert_true(docket.cased.none_fits == 0 && docket.cased.outside == 0);
		assert_int_equal(docket.cased.grid, 1112);
		assert_int_equal(docket.cased.area, 1112);
		assert_int_equal(docket.cased.place_marked, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refuse__is_on_a_ground_and_says_where_to_go),
		cmocka_unit_test(test_refer__names_a_channel_and_its_receipt),
		cmocka_unit_test(test_refusals__have_words_for_the_reporter),
		cmocka_unit_test(
			test_file__names_a_condition_and_a_grid_or_says_that_there_is_none),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
