/* Ratings through the routes: a token told once, one answer to whatever is wrong, and what units
 * are shown of them. */
#include "tests/unit/console/desk.h"

#include <stdio.h>
#include <stdlib.h>

#define D "/districts/" KIT_CODE
#define DAY (24 * 60 * KIT_MINUTE)
#define UNIT BH_DEMO_CLEAN_A
#define LEAD "W2111"

struct world {
	struct desk desk;
	struct phone phone;
	char number[BH_CASE_TEXT_SIZE];
	char token[32];
};

static int ask(struct world *w, const char *what, const char *acting, const char *body)
{
	char target[120];
	(void)snprintf(target, sizeof(target), D "/cases/%s/%s", w->number, what);
	return desk_ask_as(&w->desk, body ? "POST" : "GET", target, body, acting, NULL);
}

static void closed(struct world *w)
{
	static const char *const steps[][3] = {
		{"dispatch", "W6", "{\"unit\": \"U111\", \"condition\": \"none-of-them\"}"},
		{"sign", LEAD, "{}"}, {"finish", LEAD, "{\"text\": \"swept\"}"},
		{"close", "W5", "{\"text\": \"it is swept\", \"matter_ended\": true}"}};
	bh_case_number_format(kit_report(&w->desk.kit, &w->phone, "litter"), w->number);
	for (size_t i = 0; i < 4; i++)
		if (ask(w, steps[i][0], steps[i][1], steps[i][2]) != 200)
			fail_msg("%s: %s", steps[i][0], desk_text(&w->desk, "message"));
}

static void invited(struct world *w)
{
	assert_int_equal(ask(w, "invite", "W1", "{}"), 201);
	(void)snprintf(w->token, sizeof(w->token), "%s", desk_text(&w->desk, "token"));
	assert_int_equal(strlen(w->token), 26);
}

static int rate(struct world *w, const char *token, const char *rating)
{
	char body[160];
	(void)snprintf(body, sizeof(body),
		"{\"token\": \"%s\", \"rating\": \"%s\", \"text\": \"人很好\"}", token, rating);
	return ask(w, "rating", NULL, body);
}

static void begin(struct world *w, uint32_t number)
{
	desk_open(&w->desk, number, true);
	kit_enrol(&w->desk.kit, &w->phone, BH_DEMO_PERSON(REPORTER), 1);
	closed(w);
}

static void test_rating__takes_a_token_and_no_name(void **state)
{
	struct world w;
	char target[120], body[120];
	(void)state;
	begin(&w, 620);
	invited(&w);
	(void)snprintf(target, sizeof(target), D "/cases/%s/rating", w.number);
	(void)snprintf(body, sizeof(body), "{\"token\": \"%s\", \"rating\": \"fair\"}", w.token);
	for (char *at = body + 11; *at != '"'; at++) /* read out and typed again */
		*at = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
	struct bh_request nobody = {.method = "POST",
		.target = target,
		.acting = "no such person",
		.body = bh_span(body, strlen(body))};
	assert_int_equal(desk_request(&w.desk, &nobody), 200);
	assert_string_equal(desk_text(&w.desk, "rating"), "fair");
	assert_int_equal(rate(&w, w.token, "satisfied"), 409);
	assert_string_equal(desk_text(&w.desk, "code"), "not_now");
	desk_close(&w.desk);
}

/* Byte for byte but the number that was asked for. */
static void test_rating__whatever_is_wrong_has_one_answer(void **state)
{
	static const char *const numbers[] = {"17-999-K", "x", "17-42", NULL};
	struct world w;
	char first[400], *text;
	(void)state;
	begin(&w, 621);
	char there[BH_CASE_TEXT_SIZE];
	(void)snprintf(there, sizeof(there), "%s", w.number);
	assert_int_equal(rate(&w, "AAAAAAAAAAAAAAAAAAAAAAAAAA", "fair"), 404); /* it has none */
	text = json_dumps(w.desk.answer, JSON_SORT_KEYS);
	(void)snprintf(first, sizeof(first), "%s", text);
	free(text);
	invited(&w);
	const char *const tokens[] = {"", "A", "AAAAAAAAAAAAAAAAAAAAAAAAAA",
		"11111111111111111111111111", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
	for (size_t i = 0; i < 5 + 3; i++) {
		(void)snprintf(w.number, sizeof(w.number), "%s", i < 5 ? there : numbers[i - 5]);
		assert_int_equal(rate(&w, i < 5 ? tokens[i] : w.token, "fair"), 404);
		text = json_dumps(w.desk.answer, JSON_SORT_KEYS);
		assert_string_equal(text, first);
		free(text);
	}
	assert_int_equal(w.desk.jobs, 5); /* none of them came as far as the writer */
	(void)snprintf(w.number, sizeof(w.number), "%s", there);
	for (size_t i = 0; i < BH_RATING_WRONG_BURST - 9; i++)
		assert_int_equal(rate(&w, "A", "fair"), 404);
	assert_int_equal(rate(&w, "A", "fair"), 429);
	assert_string_equal(desk_text(&w.desk, "code"), "too-many");
	assert_int_equal(rate(&w, w.token, "great"), 422);
	assert_int_equal(rate(&w, w.token, "fair"), 200); /* who has it waits for nobody */
	assert_int_equal(ask(&w, "rating", NULL, "{\"token\": 7, \"rating\": \"fair\"}"), 422);
	assert_int_equal(ask(&w, "rating", NULL, "{\"token\": \"A\", \"as\": \"W1\"}"), 422);
	kit_pass(&w.desk.kit, BH_RATING_WRONG_PAUSE_MS);
	assert_int_equal(rate(&w, "A", "fair"), 404);
	desk_close(&w.desk);
}

static void test_rating__is_in_nobodys_history_and_told_to_who_watches(void **state)
{
	static const char *const blind[] = {LEAD, "W3111", "W5", "W6", "W7", "W1", "W17", NULL};
	struct world w;
	char target[80];
	(void)state;
	begin(&w, 622);
	(void)snprintf(target, sizeof(target), D "/cases/%s", w.number);
	assert_int_equal(desk_ask(&w.desk, "GET", target, NULL), 200);
	char *before = json_dumps(w.desk.answer, JSON_SORT_KEYS);
	invited(&w);
	assert_int_equal(rate(&w, w.token, "dissatisfied"), 200);
	assert_int_equal(desk_ask(&w.desk, "GET", target, NULL), 200);
	char *after = json_dumps(w.desk.answer, JSON_SORT_KEYS);
	assert_string_equal(before, after);
	free(before);
	free(after);
	for (size_t i = 0; i == 0 || blind[i - 1]; i++) { /* and the operator */
		int status = ask(&w, "ratings", blind[i], NULL);
		assert_true(status == 403 || status == 404);
	}
	assert_int_equal(ask(&w, "ratings", "W12", NULL), 200);
	const json_t *one = json_array_get(json_object_get(w.desk.answer, "items"), 0);
	assert_string_equal(json_string_value(json_object_get(one, "rating")), "dissatisfied");
	assert_string_equal(json_string_value(json_object_get(one, "text")), "人很好");
	assert_int_equal(desk_ask(&w.desk, "GET", D "/notices", NULL), 200);
	unsigned told = 0;
	for (size_t i = 0; i < (size_t)desk_number(&w.desk, "count"); i++) {
		one = json_array_get(json_object_get(w.desk.answer, "items"), i);
		if (strcmp(json_string_value(json_object_get(one, "kind")), "rated-low") != 0)
			continue;
		told++;
		assert_string_equal(json_string_value(json_object_get(one, "person")), "W12");
	}
	assert_int_equal(told, 1);
	desk_close(&w.desk);
}

static const json_t *row_of(struct world *w, const char *acting, const char *query)
{
	char target[80];
	(void)snprintf(target, sizeof(target), D "/ratings%s", query);
	assert_int_equal(desk_ask_as(&w->desk, "GET", target, NULL, acting, NULL), 200);
	assert_int_equal(desk_number(&w->desk, "count"), 1);
	return json_array_get(json_object_get(w->desk.answer, "items"), 0);
}

static json_int_t figure(const json_t *row, const char *rate, const char *which)
{
	return json_integer_value(json_object_get(json_object_get(row, rate), which));
}

static bool is_hidden(const json_t *row)
{
	bool bare = !json_object_get(row, "satisfaction") && !json_object_get(row, "response") &&
		    !json_object_get(row, "dissatisfied");
	assert_int_equal(json_is_true(json_object_get(row, "hidden")), bare);
	return bare;
}

/* Four are, and one is not: whom that is of his unit would find. */
static void most_alone(const json_t *satisfaction)
{
	assert_true(json_is_null(json_object_get(satisfaction, "numerator")));
	assert_true(json_is_null(json_object_get(satisfaction, "percent")));
	assert_string_equal(json_string_value(json_object_get(satisfaction, "about")), "most");
}

static void test_ratings__hide_small_cells_and_unfinished_months(void **state)
{
	static const char month[] = "?month=2026-03";
	struct world w;
	(void)state;
	begin(&w, 623);
	for (unsigned i = 0; i < 5; i++) {
		invited(&w);
		assert_int_equal(rate(&w, w.token, i == 0 ? "dissatisfied" : "satisfied"), 200);
		const json_t *row = row_of(&w, "W12", month);
		assert_false(is_hidden(row));
		assert_int_equal(figure(row, "satisfaction", "denominator"), i + 1);
		assert_int_equal(figure(row, "satisfaction", "numerator"), i);
		assert_int_equal(json_integer_value(json_object_get(row, "dissatisfied")), 1);
		assert_true(is_hidden(row_of(&w, LEAD, month)));
		assert_true(is_hidden(row_of(&w, NULL, month)));
		if (i < 4)
			closed(&w);
	}
	closed(&w);                      /* rated by nobody */
	kit_pass(&w.desk.kit, 29 * DAY); /* the last of March */
	assert_true(is_hidden(row_of(&w, LEAD, month)));
	kit_pass(&w.desk.kit, 8 * DAY);
	const json_t *row = row_of(&w, LEAD, month);
	assert_false(is_hidden(row));
	most_alone(json_object_get(row, "satisfaction"));
	assert_int_equal(figure(row, "satisfaction", "denominator"), 5);
	assert_int_equal(figure(row, "response", "denominator"), 6);
	assert_null(json_object_get(row, "dissatisfied"));
	assert_true(json_real_value(json_object_get(json_object_get(row, "response"), "percent")) ==
		    83.3);
	(void)row_of(&w, LEAD, ""); /* the month before this one */
	assert_string_equal(desk_text(&w.desk, "month"), "2026-03");
	static const char *const wrong[] = {
		"2026", "2026-3", "2026-13", "2026-00", "2026-03-01", "-026-03", "abcd-ef"};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char target[80];
		(void)snprintf(target, sizeof(target), D "/ratings?month=%s", wrong[i]);
		assert_int_equal(desk_ask(&w.desk, "GET", target, NULL), 400);
	}
	desk_close(&w.desk);
}

/* Four are too few also where the month is complete. */
static void test_ratings__hide_four_for_ever(void **state)
{
	struct world w;
	(void)state;
	begin(&w, 624);
	for (unsigned i = 0; i < 4; i++) {
		invited(&w);
		assert_int_equal(rate(&w, w.token, "satisfied"), 200);
		if (i < 3)
			closed(&w);
	}
	kit_pass(&w.desk.kit, 60 * DAY);
	assert_true(is_hidden(row_of(&w, LEAD, "?month=2026-03")));
	assert_false(is_hidden(row_of(&w, "W12", "?month=2026-03")));
	desk_close(&w.desk);
}

static void test_invite__is_told_again_by_its_key_alone(void **state)
{
	struct world w;
	char target[80], first[32];
	(void)state;
	begin(&w, 625);
	(void)snprintf(target, sizeof(target), D "/cases/%s/invite", w.number);
	assert_int_equal(desk_ask_as(&w.desk, "POST", target, NULL, "W15", "k1"), 201);
	(void)snprintf(first, sizeof(first), "%s", desk_text(&w.desk, "token"));
	assert_int_equal(desk_ask_as(&w.desk, "POST", target, NULL, "W15", "k1"), 201);
	assert_string_equal(desk_text(&w.desk, "token"), first);
	assert_true(json_is_true(json_object_get(w.desk.answer, "repeat")));
	assert_int_equal(desk_ask_as(&w.desk, "POST", target, NULL, "W1", "k1"), 201);
	assert_string_not_equal(desk_text(&w.desk, "token"), first);
	assert_int_equal(desk_ask_as(&w.desk, "POST", target, NULL, "W15", "k1"), 201);
	assert_string_equal(desk_text(&w.desk, "token"), first); /* the desk's stands beside it */
	assert_int_equal(desk_ask_as(&w.desk, "POST", target, NULL, "W15", "k2"), 422);
	assert_int_equal(desk_ask_as(&w.desk, "POST", target, NULL, "W1", "k2"), 201);
	assert_int_equal(desk_ask_as(&w.desk, "POST", target, NULL, "W1", "k1"), 409);
	assert_string_equal(desk_text(&w.desk, "code"), "code-lost");
	assert_int_equal(desk_ask_as(&w.desk, "POST", target, NULL, LEAD, NULL), 403);
	assert_int_equal(desk_ask_as(&w.desk, "POST", target, "{\"a\": 1}", "W1", NULL), 422);
	desk_close(&w.desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rating__takes_a_token_and_no_name),
		cmocka_unit_test(test_rating__whatever_is_wrong_has_one_answer),
		cmocka_unit_test(test_rating__is_in_nobodys_history_and_told_to_who_watches),
		cmocka_unit_test(test_ratings__hide_small_cells_and_unfinished_months),
		cmocka_unit_test(test_ratings__hide_four_for_ever),
		cmocka_unit_test(test_invite__is_told_again_by_its_key_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
