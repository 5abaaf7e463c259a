/* How much of a case each is shown who may see it: D168, D180, D184. */
#include "tests/unit/console/desk.h"

#include <stdio.h>
#include <stdlib.h>

#define D "/districts/" KIT_CODE
#define READERS_COUNT 2

static const char *const readers[READERS_COUNT] = {"W14", "W18"}; /* assessor, auditor */

static bool said(const struct desk *desk, const char *text)
{
	char *dumped = json_dumps(desk->answer, 0);
	bool found = strstr(dumped, text) != NULL;
	free(dumped);
	return found;
}

static const json_t *first(const struct desk *desk, const char *list)
{
	return json_array_get(json_object_get(desk->answer, list), 0);
}

static void begin(
	struct desk *desk, uint32_t number, struct phone *phone, char text[BH_CASE_TEXT_SIZE])
{
	desk_open(desk, number, true);
	kit_enrol(&desk->kit, phone, BH_DEMO_PERSON(REPORTER), 1);
	bh_case_number_format(kit_report(&desk->kit, phone, "井盖破损,请处理"), text);
}

/* All of its entries, so many of them with a text; with the bytes of them or without. */
static void seen_is(
	struct desk *desk, const char *number, const char *acting, size_t texts, bool with_bytes)
{
	size_t i, has_text = 0;
	json_t *entry;
	assert_int_equal(desk_look(desk, number, "", acting), 200);
	json_array_foreach(json_object_get(desk->answer, "history"), i, entry)
	{
		const json_t *raw = json_object_get(entry, "raw");
		has_text += json_is_string(json_object_get(entry, "text"));
		assert_true(json_is_string(json_object_get(entry, "words")));
		assert_true(json_is_string(json_object_get(raw, "hash")));
		assert_int_equal(json_is_string(json_object_get(raw, "header")), with_bytes);
		assert_int_equal(json_is_string(json_object_get(raw, "decision")), with_bytes);
		assert_int_equal(json_is_object(json_object_get(raw, "sets")), with_bytes);
	}
	assert_int_equal(has_text, texts);
}

static void test_sight__each_is_shown_what_is_his(void **state)
{
	struct desk desk;
	struct phone phone;
	char number[BH_CASE_TEXT_SIZE];
	(void)state;
	begin(&desk, 520, &phone, number);
	desk_must(&desk, number, "ask-void", "W5", "{\"text\": \"not ours\"}", NULL);
	desk_must(&desk, number, "refuse-ask", "W7", "{\"text\": \"it is\"}", NULL);
	desk_must(&desk, number, "refuse", "W5",
		"{\"ground\": \"person\", \"channel\": \"110\", \"text\": \"call 110\"}", NULL);
	seen_is(&desk, number, "W5", 4, true);
	assert_true(json_is_string(json_object_get(desk.answer, "text")));
	assert_true(said(&desk, "latitude_e7"));
	for (size_t i = 0; i < READERS_COUNT; i++) {
		seen_is(&desk, number, readers[i], 0, false);
		assert_true(json_is_null(json_object_get(desk.answer, "text")));
		assert_true(json_is_null(json_object_get(desk.answer, "place")));
		assert_false(said(&desk, "latitude"));
	}
	assert_int_equal(desk_look(&desk, number, "", "W1"), 200);
	const json_t *history = json_object_get(desk.answer, "history");
	assert_int_equal(json_array_size(history), 2); /* his report, and the answer */
	assert_true(json_is_null(json_object_get(json_array_get(history, 1), "person")));
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(history, 1), "text")), "call 110");
	assert_true(json_is_null(json_object_get(desk.answer, "asked_by")));
	desk_close(&desk);
}

/* Mediated to an agreement with a plan of experts beside it, and with an order about it. */
static void agreed(
	struct desk *desk, uint32_t at, struct phone *phone, char number[BH_CASE_TEXT_SIZE])
{
	char body[200];
	begin(desk, at, phone, number);
	desk_must(
		desk, number, "dispatch", "W6", "{\"unit\": \"U140\", \"type\": \"60001\"}", NULL);
	desk_must(desk, number, "sign", "W2140", NULL, NULL);
	desk_must(desk, number, "mediate", "W2140", "{\"kind\": \"peoples\"}", NULL);
	desk_must(desk, number, "consult", "W2140",
		"{\"outcome\": \"asked\", \"text\": \"whose wall\"}", NULL);
	desk_must(desk, number, "consult", "W2140",
		"{\"outcome\": \"held\", \"text\": \"his\", \"decisions\": [\"measure the "
		"wall\"]}",
		NULL);
	(void)snprintf(body, sizeof(body),
		"{\"kind\": \"supervision\", \"case\": \"%s\", \"text\": \"hurry the wall\"}",
		number);
	assert_int_equal(desk_ask_as(desk, "POST", D "/orders", body, "W12", NULL), 200);
	desk_must(desk, number, "conclude", "W2140",
		"{\"outcome\": \"agreed\", \"text\": \"he mends the wall\", \"agreement\": "
		"\"2026-wall-7\", \"amount_fen\": 123456}",
		NULL);
}

static void test_sight__what_a_mediation_wrote_is_its_desks_and_its_units(void **state)
{
	static const char *const whole[] = {"W5", "W2140", NULL};
	struct desk desk;
	struct phone phone;
	char number[BH_CASE_TEXT_SIZE];
	(void)state;
	agreed(&desk, 521, &phone, number);
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		assert_int_equal(desk_look(&desk, number, "", whole[i]), 200);
		const json_t *one = first(&desk, "mediations");
		assert_string_equal(
			json_string_value(json_object_get(one, "text")), "he mends the wall");
		assert_string_equal(
			json_string_value(json_object_get(one, "agreement")), "2026-wall-7");
		assert_int_equal(json_integer_value(json_object_get(one, "amount_fen")), 123456);
		assert_true(said(&desk, "measure the wall"));
	}
	for (size_t i = 0; i < READERS_COUNT; i++) {
		assert_int_equal(desk_look(&desk, number, "", readers[i]), 200);
		assert_string_equal(
			json_string_value(json_object_get(first(&desk, "mediations"), "state")),
			"agreed");
		assert_true(json_is_object(json_object_get(desk.answer, "dispute")));
		assert_true(said(&desk, "\"outcome\": \"held\""));
		assert_false(said(&desk, "wall"));
		assert_false(said(&desk, "123456"));
	}
	assert_int_equal(desk_look(&desk, number, "", "W1"), 200);
	assert_true(json_is_null(json_object_get(desk.answer, "dispute")));
	assert_int_equal(json_array_size(json_object_get(desk.answer, "mediations")), 0);
	assert_false(said(&desk, "wall"));
	assert_false(said(&desk, "123456"));
	desk_close(&desk);
}

static void test_sight__an_orders_texts_are_for_whom_it_binds(void **state)
{
	struct desk desk;
	struct phone phone;
	char number[BH_CASE_TEXT_SIZE], target[120];
	(void)state;
	agreed(&desk, 522, &phone, number);
	assert_int_equal(desk_look(&desk, number, "", "W2140"), 200);
	assert_string_equal(json_string_value(json_object_get(first(&desk, "orders"), "text")),
		"hurry the wall");
	(void)snprintf(target, sizeof(target), D "/orders/%s",
		json_string_value(json_object_get(first(&desk, "orders"), "order")));
	for (size_t i = 0; i < READERS_COUNT; i++) {
		assert_int_equal(desk_look(&desk, number, "", readers[i]), 200);
		assert_true(json_is_null(json_object_get(first(&desk, "orders"), "text")));
		assert_int_equal(desk_ask_as(&desk, "GET", target, NULL, readers[i], NULL), 200);
		assert_string_equal(desk_text(&desk, "state"), "issued");
		assert_true(json_is_null(json_object_get(desk.answer, "text")));
	}
	assert_int_equal(desk_ask_as(&desk, "GET", target, NULL, "W12", NULL), 200);
	assert_string_equal(desk_text(&desk, "text"), "hurry the wall");
	desk_close(&desk);
}

static void test_sight__a_dossier_and_a_proposal_are_its_desks_and_its_units(void **state)
{
	struct desk desk;
	struct phone phone;
	char number[BH_CASE_TEXT_SIZE];
	(void)state;
	agreed(&desk, 523, &phone, number);
	desk_must(&desk, number, "papers", "W2140",
		"{\"kind\": \"other\", \"title\": \"of the wall\"}", NULL);
	assert_int_equal(desk_look(&desk, number, "/dossier", "W16"), 200);
	assert_true(said(&desk, "of the wall"));
	for (size_t i = 0; i < READERS_COUNT; i++) {
		assert_int_equal(desk_look(&desk, number, "/dossier", readers[i]), 200);
		assert_true(json_is_integer(json_object_get(desk.answer, "required")));
		assert_false(said(&desk, "wall"));
		assert_int_equal(desk_look(&desk, number, "/proposal", readers[i]), 403);
	}
	assert_int_equal(desk_look(&desk, number, "/dossier", "W1"), 403);
	assert_string_equal(desk_text(&desk, "code"), "no_right");
	assert_int_equal(desk_look(&desk, number, "/proposal", "W1"), 403);
	assert_int_equal(desk_look(&desk, number, "/proposal", "W6"), 200);
	assert_int_equal(desk_look(&desk, number, "/dossier", "W17"), 404);
	desk_close(&desk);
}

static void test_sight__whom_a_dossier_is_lent_to_is_not_for_everybody(void **state)
{
	struct desk desk;
	struct phone phone;
	char number[BH_CASE_TEXT_SIZE];
	(void)state;
	agreed(&desk, 524, &phone, number);
	desk_must(&desk, number, "finish", "W2140", "{\"text\": \"agreed\"}", NULL);
	desk_must(&desk, number, "close", "W5", "{\"text\": \"settled\", \"matter_ended\": true}",
		NULL);
	kit_pass(&desk.kit, 4 * 24 * 60 * KIT_MINUTE);
	assert_int_equal(desk_act(&desk, number, "archive", "W16", "{\"text\": \" \"}", NULL), 422);
	desk_must(&desk, number, "archive", "W16", "{\"text\": \"as it is\"}", NULL);
	desk_must(&desk, number, "lend", "W16",
		"{\"text\": \"the court\", \"until\": \"2026-06-01\"}", NULL);
	assert_int_equal(desk_ask_as(&desk, "GET", D "/loans", NULL, "W16", NULL), 200);
	assert_true(said(&desk, "the court"));
	for (size_t i = 0; i < READERS_COUNT; i++) {
		assert_int_equal(
			desk_ask_as(&desk, "GET", D "/loans", NULL, readers[i], NULL), 200);
		assert_int_equal(desk_number(&desk, "count"), 1);
		assert_false(said(&desk, "court"));
		assert_int_equal(desk_look(&desk, number, "/dossier", readers[i]), 200);
		assert_false(said(&desk, "court"));
	}
	assert_int_equal(desk_ask_as(&desk, "GET", D "/loans", NULL, "W1", NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), 0);
	desk_close(&desk);
}

/* The right to open names is not the right to see the case. */
static void test_sight__the_whole_of_it_is_opened_to_nobody_who_does_not_see_it(void **state)
{
	static const struct {
		const char *acting;
		int by_get, by_post;
	} rows[] = {
		{"W1", 403, 403},  /* who reported it */
		{"W14", 403, 403}, /* assessor */
		{"W17", 404, 404}, /* privacy officer */
		{"W18", 403, 403}, /* auditor */
		{"W50", 404, 404}, /* another township's desk */
	};
	struct desk desk;
	struct phone phone;
	char number[BH_CASE_TEXT_SIZE];
	(void)state;
	begin(&desk, 525, &phone, number);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned jobs = desk.jobs;
		assert_int_equal(
			desk_look(&desk, number, "/dossier.zip", rows[i].acting), rows[i].by_get);
		assert_int_equal(desk_act(&desk, number, "dossier.zip", rows[i].acting,
					 "{\"purpose\": \"legal\"}", NULL),
			rows[i].by_post);
		assert_int_equal(desk.jobs, jobs); /* nothing was opened */
	}
	/* Who sees it reaches the writer, which finds nobody named. */
	assert_int_equal(
		desk_act(&desk, number, "dossier.zip", "W5", "{\"purpose\": \"legal\"}", NULL),
		409);
	assert_string_equal(desk_text(&desk, "code"), "seal-key");
	assert_int_equal(
		desk_act(&desk, number, "open", "W17", "{\"purpose\": \"legal\"}", NULL), 409);
	assert_string_equal(desk_text(&desk, "code"), "seal-key");
	desk_close(&desk);
}

/* Closed above the village, its desk is told what became of it, and sees no more of it here than on
 * a handset. */
static void test_sight__a_copied_desk_is_told_the_answer_alone(void **state)
{
	static const char *const nothing[] = {"text", "place", "reporter", "acceptor", "dispute"};
	static const char *const empty[] = {"photos", "tasks", "mediations", "steps", "orders"};
	struct desk desk;
	struct phone phone;
	char number[BH_CASE_TEXT_SIZE];
	(void)state;
	agreed(&desk, 526, &phone, number);
	assert_int_equal(desk_look(&desk, number, "", "W2103"), 404);
	desk_must(&desk, number, "finish", "W2140", "{\"text\": \"agreed\"}", NULL);
	desk_must(&desk, number, "close", "W5", "{\"text\": \"settled\", \"matter_ended\": true}",
		NULL);
	assert_int_equal(desk_look(&desk, number, "", "W2103"), 200);
	assert_string_equal(desk_text(&desk, "state"), "closed");
	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
		assert_true(json_is_null(json_object_get(desk.answer, nothing[i])));
	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
		assert_int_equal(json_array_size(json_object_get(desk.answer, empty[i])), 0);
	assert_int_equal(json_array_size(json_object_get(desk.answer, "history")), 1);
	assert_string_equal(
		json_string_value(json_object_get(first(&desk, "history"), "text")), "settled");
	assert_true(json_is_null(json_object_get(first(&desk, "history"), "person")));
	assert_false(said(&desk, "wall"));
	assert_int_equal(desk_look(&desk, number, "/dossier", "W2103"), 403);
	assert_int_equal(desk_look(&desk, number, "/dossier.zip", "W2103"), 403);
	assert_int_equal(desk_look(&desk, number, "/parties", "W2103"), 403);
	desk_close(&desk);
}

/* Who of the staff hands in and does a step is not for who reported it. */
static void test_sight__who_of_the_staff_did_it_is_not_its_reporters(void **state)
{
	struct desk desk;
	struct phone phone;
	char number[BH_CASE_TEXT_SIZE];
	(void)state;
	begin(&desk, 527, &phone, number);
	desk_must(
		&desk, number, "dispatch", "W6", "{\"unit\": \"U111\", \"type\": \"20001\"}", NULL);
	desk_must(&desk, number, "sign", "W2111", NULL, NULL);
	desk_must(&desk, number, "milestones", "W2111",
		"{\"text\": \"in two\", \"steps\": [\"1 work_hour look\", \"1 work_hour "
		"mend\"]}",
		NULL);
	desk_must(&desk, number, "milestone-done", "W2111", "{\"text\": \"looked\"}", NULL);
	desk_must(&desk, number, "milestone-done", "W2111", "{\"text\": \"mended\"}", NULL);
	desk_must(&desk, number, "hand-in", "W3111", "{\"text\": \"mended\"}", NULL);
	for (size_t i = 0; i < READERS_COUNT; i++) {
		assert_int_equal(desk_look(&desk, number, "", readers[i]), 200);
		assert_true(json_is_string(json_object_get(first(&desk, "steps"), "done_by")));
		assert_true(json_is_null(json_object_get(first(&desk, "steps"), "text")));
		assert_string_equal(desk_text(&desk, "handed_by"), "W3111");
	}
	assert_int_equal(desk_look(&desk, number, "", "W1"), 200);
	assert_string_equal(
		json_string_value(json_object_get(first(&desk, "steps"), "state")), "done");
	assert_true(json_is_null(json_object_get(first(&desk, "steps"), "done_by")));
	assert_true(json_is_null(json_object_get(desk.answer, "handed_by")));
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sight__each_is_shown_what_is_his),
		cmocka_unit_test(test_sight__what_a_mediation_wrote_is_its_desks_and_its_units),
		cmocka_unit_test(test_sight__an_orders_texts_are_for_whom_it_binds),
		cmocka_unit_test(test_sight__a_dossier_and_a_proposal_are_its_desks_and_its_units),
		cmocka_unit_test(test_sight__whom_a_dossier_is_lent_to_is_not_for_everybody),
		cmocka_unit_test(
			test_sight__the_whole_of_it_is_opened_to_nobody_who_does_not_see_it),
		cmocka_unit_test(test_sight__a_copied_desk_is_told_the_answer_alone),
		cmocka_unit_test(test_sight__who_of_the_staff_did_it_is_not_its_reporters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
