/* The exports that need no client. */
#include "tests/unit/client/misuse.h"

#include <string.h>

#include "client-lib/include/bihuan_flow.h"

#define INVALID(call) assert_int_equal((call), BH_E_INVALID)

static bh_status right_version(struct misuse *m)
{
	(void)m;
	return bh_version() != 0 ? BH_OK : BH_E_STATE;
}

static bh_status right_status_name(struct misuse *m)
{
	(void)m;
	return strcmp(bh_status_name(BH_DONE), "BH_DONE") == 0 ? BH_OK : BH_E_STATE;
}

static bh_status right_id_format(struct misuse *m)
{
	const bh_id id = {{0}};
	char text[BH_ID_TEXT_SIZE];

	(void)m;
	bh_id_format(&id, text);
	return strlen(text) == BH_ID_TEXT_SIZE - 1 ? BH_OK : BH_E_STATE;
}

static void nulls_id_format(struct misuse *m)
{
	const bh_id id = {{0}};
	char text[BH_ID_TEXT_SIZE] = "kept";

	(void)m;
	bh_id_format(NULL, text);
	bh_id_format(&id, NULL);
	assert_string_equal(text, "kept");
}

static bh_status right_id_parse(struct misuse *m)
{
	bh_id id;

	(void)m;
	return bh_id_parse("00000000-0000-0000-0000-000000000000", &id);
}

static void nulls_id_parse(struct misuse *m)
{
	bh_id id;

	(void)m;
	INVALID(bh_id_parse(NULL, &id));
	INVALID(bh_id_parse("00000000-0000-0000-0000-000000000000", NULL));
}

static bh_status right_number_format(struct misuse *m)
{
	char text[BH_NUMBER_TEXT_SIZE];

	bh_number_format(m->number, text);
	return text[0] != '\0' ? BH_OK : BH_E_STATE;
}

static void nulls_number_format(struct misuse *m)
{
	bh_number_format(m->number, NULL);
	bh_number_format(0, NULL);
}

static bh_status right_number_parse(struct misuse *m)
{
	char text[BH_NUMBER_TEXT_SIZE];
	uint64_t number;

	bh_number_format(m->number, text);
	return bh_number_parse(text, &number);
}

static void nulls_number_parse(struct misuse *m)
{
	uint64_t number;

	(void)m;
	INVALID(bh_number_parse(NULL, &number));
	INVALID(bh_number_parse("", NULL));
}

static bh_status right_cause_name(struct misuse *m)
{
	(void)m;
	return strcmp(bh_cause_name(BH_CAUSE_NONE), bh_cause_name(INT32_MIN)) != 0 ? BH_OK
										   : BH_E_STATE;
}

static bh_status right_cause_sentence(struct misuse *m)
{
	(void)m;
	return strcmp(bh_cause_sentence(BH_CAUSE_KEY, "zh"),
		       bh_cause_sentence(BH_CAUSE_KEY, "x")) != 0
		       ? BH_OK
		       : BH_E_STATE;
}

static void nulls_cause_sentence(struct misuse *m)
{
	(void)m;
	assert_string_equal(
		bh_cause_sentence(BH_CAUSE_KEY, NULL), bh_cause_sentence(BH_CAUSE_KEY, "en"));
}

static bh_status right_state_name(struct misuse *m)
{
	(void)m;
	return strcmp(bh_case_state_name(BH_CASE_CLOSED, "en"), "closed") == 0 ? BH_OK : BH_E_STATE;
}

static void nulls_state_name(struct misuse *m)
{
	(void)m;
	assert_string_equal(bh_case_state_name(BH_CASE_CLOSED, NULL), "closed");
	assert_non_null(bh_case_state_name(INT32_MAX, NULL));
	assert_non_null(bh_case_state_name(INT32_MIN, "zh"));
}

static bh_status right_step(struct misuse *m)
{
	(void)m;
	return bh_case_step(BH_CASE_HANDLING) == 3 ? BH_OK : BH_E_STATE;
}

static void wrong_step(struct misuse *m)
{
	(void)m;
	assert_int_equal(bh_case_step(INT32_MAX), 0);
	assert_int_equal(bh_case_step(INT32_MIN), 0);
	assert_int_equal(bh_case_step(-1), 0);
}

static bh_status right_step_name(struct misuse *m)
{
	(void)m;
	return strcmp(bh_case_step_name(3, "zh"), "协同办理") == 0 ? BH_OK : BH_E_STATE;
}

static void wrong_step_name(struct misuse *m)
{
	(void)m;
	assert_string_equal(bh_case_step_name(3, NULL), "handling");
	assert_string_equal(bh_case_step_name(0, "zh"), "");
	assert_string_equal(bh_case_step_name(BH_CASE_STEPS + 1, NULL), "");
	assert_string_equal(bh_case_step_name(INT32_MIN, "en"), "");
}

static bh_status right_stage(struct misuse *m)
{
	(void)m;
	return bh_case_stage(BH_CASE_HANDLING) == 4 ? BH_OK : BH_E_STATE;
}

static void wrong_stage(struct misuse *m)
{
	(void)m;
	assert_int_equal(bh_case_stage(INT32_MAX), 0);
	assert_int_equal(bh_case_stage(INT32_MIN), 0);
	assert_int_equal(bh_case_stage(-1), 0);
}

static bh_status right_stage_name(struct misuse *m)
{
	(void)m;
	return strcmp(bh_case_stage_name(4, "zh"), "任务处理") == 0 ? BH_OK : BH_E_STATE;
}

static void wrong_stage_name(struct misuse *m)
{
	(void)m;
	assert_string_equal(bh_case_stage_name(4, NULL), "processing");
	assert_string_equal(bh_case_stage_name(0, "zh"), "");
	assert_string_equal(bh_case_stage_name(BH_CASE_STAGES + 1, NULL), "");
	assert_string_equal(bh_case_stage_name(INT32_MIN, "en"), "");
}

static bh_status right_move_words(struct misuse *m)
{
	(void)m;
	return strcmp(bh_case_move_words(BH_ACT_SIGN, "zh"), "处置单位已签收。") == 0 ? BH_OK
										      : BH_E_STATE;
}

static void wrong_move_words(struct misuse *m)
{
	(void)m;
	assert_string_equal(
		bh_case_move_words(BH_ACT_SIGN, NULL), bh_case_move_words(BH_ACT_SIGN, "en"));
	assert_string_equal(bh_case_move_words(0, "zh"), "");
	assert_string_equal(bh_case_move_words(INT32_MAX, "zh"), "");
	assert_string_equal(bh_case_move_words(INT32_MIN, NULL), "");
}

static bh_status right_words(struct misuse *m)
{
	(void)m;
	return strlen(bh_case_words(BH_CASE_CLOSED, "zh")) > 0 ? BH_OK : BH_E_STATE;
}

static void wrong_words(struct misuse *m)
{
	(void)m;
	assert_string_equal(bh_case_words(BH_CASE_DONE, NULL), bh_case_words(BH_CASE_DONE, "en"));
	assert_true(strlen(bh_case_words(INT32_MAX, "zh")) > 0);
	assert_true(strlen(bh_case_words(INT32_MIN, NULL)) > 0);
}

const struct misuse_export misuse_values[] = {
	{"bh_version", MISUSE_PURE, right_version, NULL},
	{"bh_status_name", MISUSE_PURE, right_status_name, NULL},
	{"bh_id_format", MISUSE_PURE, right_id_format, nulls_id_format},
	{"bh_id_parse", MISUSE_PURE, right_id_parse, nulls_id_parse},
	{"bh_number_format", MISUSE_PURE, right_number_format, nulls_number_format},
	{"bh_number_parse", MISUSE_PURE, right_number_parse, nulls_number_parse},
	{"bh_cause_name", MISUSE_PURE, right_cause_name, NULL},
	{"bh_cause_sentence", MISUSE_PURE, right_cause_sentence, nulls_cause_sentence},
	{"bh_case_state_name", MISUSE_PURE, right_state_name, nulls_state_name},
	{"bh_case_step", MISUSE_PURE, right_step, wrong_step},
	{"bh_case_step_name", MISUSE_PURE, right_step_name, wrong_step_name},
	{"bh_case_stage", MISUSE_PURE, right_stage, wrong_stage},
	{"bh_case_stage_name", MISUSE_PURE, right_stage_name, wrong_stage_name},
	{"bh_case_move_words", MISUSE_PURE, right_move_words, wrong_move_words},
	{"bh_case_words", MISUSE_PURE, right_words, wrong_words},
};
const size_t misuse_values_count = sizeof(misuse_values) / sizeof(misuse_values[0]);
