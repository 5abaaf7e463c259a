/* The outbox through the routes: what was told to whom, one that is tried, one that goes again, and
 * what is seen by who asks for the case. */
#include "tests/unit/console/desk.h"

#include <stdio.h>

#define D "/districts/" KIT_CODE

static void dispatched(struct desk *desk, char number[BH_CASE_TEXT_SIZE])
{
	struct phone phone;
	char target[120];
	kit_enrol(&desk->kit, &phone, BH_DEMO_WORKER(1111), 1);
	bh_case_number_format(kit_report(&desk->kit, &phone, "井盖破损"), number);
	(void)snprintf(target, sizeof(target), D "/cases/%s/dispatch", number);
	assert_int_equal(
		desk_ask_as(desk, "POST", target,
			"{\"unit\": \"U111\", \"condition\": \"none-of-them\"}", "W6", NULL),
		200);
}

static size_t rows(struct desk *desk, const char *state)
{
	char target[120];
	(void)snprintf(target, sizeof(target), D "/notices?state=%s", state);
	assert_int_equal(desk_ask(desk, "GET", target, NULL), 200);
	return (size_t)desk_number(desk, "count");
}

static void test_notice__what_is_asked_for_is_seen_by_who_asks_and_nobody_else(void **state)
{
	struct desk desk;
	char number[BH_CASE_TEXT_SIZE], target[120];
	(void)state;
	desk_open(&desk, 520, true);
	dispatched(&desk, number);
	size_t told = rows(&desk, "queued");
	assert_in_range(told, 2, 9);
	(void)snprintf(target, sizeof(target), D "/cases/%s", number);
	assert_int_equal(desk_ask(&desk, "GET", target, NULL), 200); /* the operator is nobody */
	assert_int_equal(rows(&desk, "seen"), 0);
	unsigned jobs = desk.jobs;
	assert_int_equal(desk_ask_as(&desk, "GET", target, NULL, "W2111", NULL), 200);
	assert_string_equal(desk_text(&desk, "number"), number);
	assert_int_equal(desk.jobs, jobs + 1);
	assert_int_equal(rows(&desk, "seen"), 1);
	assert_int_equal(rows(&desk, "queued"), told - 1);
	assert_int_equal(desk_ask_as(&desk, "GET", target, NULL, "W2111", NULL), 200);
	assert_int_equal(desk.jobs, jobs + 1); /* a second look writes nothing */
	desk_close(&desk);
}

/* Reads go on when the disk is full (E01). */
static void test_notice__a_case_is_told_where_that_it_was_seen_cannot_be_kept(void **state)
{
	struct desk desk;
	char number[BH_CASE_TEXT_SIZE], target[120];
	(void)state;
	desk_open(&desk, 521, true);
	dispatched(&desk, number);
	desk.job_err = BH_ERR_FULL;
	(void)snprintf(target, sizeof(target), D "/cases/%s", number);
	assert_int_equal(desk_ask_as(&desk, "GET", target, NULL, "W2111", NULL), 200);
	assert_string_equal(desk_text(&desk, "number"), number);
	desk.job_err = 0;
	assert_int_equal(rows(&desk, "seen"), 0);
	desk_close(&desk);
}

static void test_notice__one_is_tried_shown_and_let_go_again(void **state)
{
	struct desk desk;
	char target[120];
	(void)state;
	desk_open(&desk, 522, true);
	assert_int_equal(desk_ask(&desk, "POST", D "/people/nobody/notice", "{}"), 404);
	assert_int_equal(desk_ask(&desk, "POST", D "/people/W2111/notice", "{}"), 200);
	assert_string_equal(desk_text(&desk, "kind"), "test");
	assert_string_equal(desk_text(&desk, "person"), "W2111");
	json_int_t id = desk_number(&desk, "id");
	(void)snprintf(target, sizeof(target), D "/notices/%lld", (long long)id);
	assert_int_equal(desk_ask(&desk, "GET", target, NULL), 200);
	assert_string_equal(desk_text(&desk, "state"), "queued");
	(void)snprintf(target, sizeof(target), D "/notices/%lld/retry", (long long)id);
	assert_int_equal(desk_ask(&desk, "POST", target, "{}"), 200);
	assert_int_equal(desk_ask(&desk, "POST", D "/notices/4711/retry", "{}"), 409);
	assert_int_equal(desk_ask(&desk, "GET", D "/notices/4711", NULL), 404);
	assert_int_equal(desk_ask(&desk, "GET", D "/notices/x", NULL), 404);
	assert_int_equal(desk_ask(&desk, "GET", D "/notices?state=lost", NULL), 400);
	assert_int_equal(desk_ask(&desk, "GET", D "/notices?limit=0", NULL), 400);
	assert_int_equal(desk_ask(&desk, "POST", D "/people/W2111/notice", "{}"), 200);
	assert_int_equal(desk_ask(&desk, "GET", D "/notices?limit=1", NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), 1);
	(void)snprintf(target, sizeof(target), D "/notices?after=%s", desk_text(&desk, "next"));
	assert_int_equal(desk_ask(&desk, "GET", target, NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), 1);
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_notice__what_is_asked_for_is_seen_by_who_asks_and_nobody_else),
		cmocka_unit_test(test_notice__a_case_is_told_where_that_it_was_seen_cannot_be_kept),
		cmocka_unit_test(test_notice__one_is_tried_shown_and_let_go_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
