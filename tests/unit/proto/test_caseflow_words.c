/* What people read of the table: every state has its step or is outside of them, every move that
 * concerns the reporter its sentence, in both languages. */
#include <string.h>

#include "proto/caseflow_words.h"
#include "tests/unit/proto/cmocka_all.h"

/* domain.md "Case state machine", columns A and B, in the order of the states. */
static const struct {
	const char *step;
	const char *stage;
} paper[BH_STATE_COUNT] = {
	{"", ""},
	{"统一受理", "信息收集"},
	{"统一受理", "信息收集"},
	{"分流转办", "案件建立"},
	{"分流转办", "任务派遣"},
	{"协同办理", "任务处理"},
	{"分流转办", "任务派遣"},
	{"跟踪督办", "任务处理"},
	{"协同办理", "任务处理"},
	{"跟踪督办", "处理反馈"},
	{"跟踪督办", "核查结案"},
	{"协同办理", "任务处理"},
	{"群众评价", "核查结案"},
	{"办结归档", "综合评价"},
	{"回访了解", "综合评价"},
	{"", ""},
	{"", ""},
	{"", ""},
	{"", ""},
};

static void test_words__both_outer_views_are_the_paper_s(void **state)
{
	(void)state;
	for (unsigned i = 0; i < BH_STATE_COUNT; i++) {
		enum bh_state at = (enum bh_state)i;
		assert_string_equal(bh_step_name_zh(bh_state_step(at)), paper[i].step);
		assert_string_equal(bh_stage_name_zh(bh_state_stage(at)), paper[i].stage);
		assert_int_equal(
			strlen(bh_step_name(bh_state_step(at))) > 0, strlen(paper[i].step) > 0);
		assert_int_equal(
			strlen(bh_stage_name(bh_state_stage(at))) > 0, strlen(paper[i].stage) > 0);
	}
	assert_int_equal(bh_state_step(BH_STATE_COUNT), 0);
	assert_string_equal(bh_step_name(BH_STEPS + 1), "");
	assert_string_equal(bh_stage_name_zh(UINT32_MAX), "");
}

static void test_words__the_reporter_reads_something_of_every_state(void **state)
{
	(void)state;
	for (unsigned i = 0; i <= BH_STATE_COUNT; i++) {
		assert_true(strlen(bh_state_words((enum bh_state)i)) > 10);
		assert_true(strlen(bh_state_words_zh((enum bh_state)i)) > 10);
	}
}

/* A move that changes the state is told, and one that stays is between a unit and its desk, but for
 * more time and for what the matter is. */
static void test_words__the_reporter_reads_something_of_every_move(void **state)
{
	(void)state;
	for (size_t i = 0; i < bh_moves_count; i++) {
		const struct bh_move *move = &bh_moves[i];
		enum bh_verb verb = (enum bh_verb)move->verb;
		if (move->from != move->to)
			assert_true(strlen(bh_verb_words(verb)) > 0);
		assert_int_equal(
			strlen(bh_verb_words(verb)) > 0, strlen(bh_verb_words_zh(verb)) > 0);
	}
	assert_true(strlen(bh_verb_words(BH_VERB_EXTEND)) > 0);
	assert_string_equal(bh_verb_words(BH_VERB_ASK_EXTENSION), "");
	assert_string_equal(bh_verb_words(BH_VERB_REMIND), "");
	assert_string_equal(bh_verb_words(BH_VERB_OVERDUE), "");
	assert_true(strlen(bh_verb_words(BH_VERB_AMEND)) > 0);
	assert_string_equal(bh_verb_words_zh(BH_VERB_MAX), "");
}

/* A help that lapsed beside the case says nothing about the place; and nobody reads that he was
 * asked who was not. */
static void test_words__the_reporter_reads_what_was_so(void **state)
{
	(void)state;
	assert_true(bh_verb_tells(BH_VERB_TASK_LAPSED, true));
	assert_false(bh_verb_tells(BH_VERB_TASK_LAPSED, false));
	assert_false(bh_verb_tells(BH_VERB_HAND_IN, false)); /* ... but of a rework */
	assert_true(bh_verb_tells(BH_VERB_VISIT_DONE, false));
	assert_false(bh_verb_tells(BH_VERB_ASK_HELP, false));
	assert_null(strstr(bh_state_words(BH_STATE_FOLLOWED), "you were asked"));
	assert_string_not_equal(bh_unreached_words(true), bh_unreached_words(false));
	assert_string_not_equal(bh_unreached_words_zh(true), bh_unreached_words_zh(false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words__both_outer_views_are_the_paper_s),
		cmocka_unit_test(test_words__the_reporter_reads_something_of_every_state),
		cmocka_unit_test(test_words__the_reporter_reads_something_of_every_move),
		cmocka_unit_test(test_words__the_reporter_reads_what_was_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
