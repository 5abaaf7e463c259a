/* The routes as a whole: wrong requests, the table against its page, who may use what, storage that
 * fails. */
#include "tests/unit/console/desk.h"

#include <stdio.h>
#include <stdlib.h>

#define D "/districts/" KIT_CODE

static const char *api_page;

static const struct {
	const char *method, *target, *body, *acting;
	int status;
	const char *code;
} wrong_requests[] = {
	{"GET", "/nowhere", NULL, NULL, 404, "path"},
	{"GET", "/", NULL, NULL, 404, "path"},
	{"GET", "/../../etc/passwd", NULL, NULL, 404, "path"},
	{"GET", "/%2e%2e%2fetc", NULL, NULL, 404, "path"},
	{"GET", "/%00", NULL, NULL, 400, "target"},
	{"GET", D "/cases/%c0%ae", NULL, NULL, 400, "target"},
	{"DELETE", "/status", NULL, NULL, 405, "method"},
	{"POST", D "/queue", "{}", NULL, 405, "method"},
	{"GET", "/districts/other/queue", NULL, NULL, 404, "district"},
	{"POST", "/districts", "{\"code\": \"A B\"}", NULL, 422, "code"},
	{"POST", "/districts", "{\"code\": \"" KIT_CODE "\"}", NULL, 409, "exists"},
	{"POST", "/districts", "{\"code\": \"full\"}", NULL, 503, "storage-full"},
	{"POST", "/districts", "[]", NULL, 400, "json"},
	{"POST", "/districts", "{\"code\":1,\"code\":2}", NULL, 400, "json"},
	{"GET", D "/cases/17-42-X", NULL, NULL, 404, "no_case"},
	{"GET", D "/cases/1'%20OR%20'1'='1", NULL, NULL, 404, "no_case"},
	{"GET", D "/cases?limit=0", NULL, NULL, 400, "parameter"},
	{"GET", D "/cases?limit=501", NULL, NULL, 400, "parameter"},
	{"GET", D "/cases?limit=1;drop", NULL, NULL, 400, "parameter"},
	{"GET", D "/cases?state=open", NULL, NULL, 400, "parameter"},
	{"GET", D "/cases?state=received'--", NULL, NULL, 400, "parameter"},
	{"GET", D "/cases?unit='%20OR%201=1", NULL, NULL, 400, "parameter"},
	{"GET", D "/cases?area=%22", NULL, NULL, 400, "parameter"},
	{"GET", D "/cases?after=17-42-K", NULL, NULL, 400, "parameter"},
	{"GET", D "/cases?stat=received", NULL, NULL, 400, "parameter"},
	{"GET", D "/cases?unit=U1&unit=U2", NULL, NULL, 400, "parameter"},
	{"GET", D "/stats?limit=1", NULL, NULL, 400, "parameter"},
	{"GET", "/status?x", NULL, NULL, 400, "parameter"},
	{"POST", D "/profile?aply=1", "{}", NULL, 400, "parameter"},
	{"GET", D "/queue?after=x", NULL, NULL, 400, "parameter"},
	{"GET", D "/devices?after=x", NULL, NULL, 400, "parameter"},
	{"POST", D "/people/nobody/enrolment", "{}", NULL, 404, "person"},
	{"POST", D "/people/W2/enrolment", "{\"ttl_minutes\": 0}", NULL, 422, "field"},
	{"POST", D "/people/W2/enrolment", "{\"ttl\": 5}", NULL, 422, "field"},
	{"POST", D "/devices/1/revoke", "{\"reason\": \"x\"}", NULL, 404, "device"},
	{"POST", D "/devices/1/key", "{\"key\": \"x\"}", NULL, 404, "device"},
	{"POST", D "/devices/x/revoke", "{\"reason\": \"x\"}", NULL, 404, "device"},
	{"POST", D "/profile", NULL, NULL, 400, "json"},
	{"POST", D "/cases/17-42-K/file", "{}", NULL, 403, "acting"},
	{"POST", D "/cases/17-42-K/file", "{}", "W'--", 403, "acting"},
	{"POST", D "/cases/17-42-K/file", "{}", "W5/x", 403, "acting"},
	{"POST", D "/cases/17-42-K/file", "{}", "W5/6", 403, "acting"},
	{"POST", D "/cases/17-42-K/melt", "{}", "W5", 404, "verb"},
	{"POST", D "/cases/17-42-K/submit", "{}", "W5", 404, "verb"},
	{"POST", D "/cases/17-42-K/self-dispose", "{}", "W5", 422, "unsupported"},
	{"POST", D "/clock/confirm", "{}", NULL, 409, "not_now"},
	{"POST", "/districts", "{\"code\": \"-1\"}", NULL, 422, "code"},
};

static void test_route__wrong_requests_are_told_what_is_wrong(void **state)
{
	struct desk desk;
	(void)state;
	desk_open(&desk, 500, true);
	for (size_t i = 0; i < sizeof(wrong_requests) / sizeof(wrong_requests[0]); i++) {
		desk_ask_as(&desk, wrong_requests[i].method, wrong_requests[i].target,
			wrong_requests[i].body, wrong_requests[i].acting, NULL);
		if (desk.status != wrong_requests[i].status ||
			strcmp(desk_text(&desk, "code"), wrong_requests[i].code) != 0)
			fail_msg("%s %s: %d %s", wrong_requests[i].method, wrong_requests[i].target,
				desk.status, desk_text(&desk, "code"));
	}
	desk_close(&desk);
}

static void test_route__a_body_or_key_past_its_bound_is_refused(void **state)
{
	struct desk desk;
	char key[202];
	size_t len = BH_REQUEST_BODY_MAX + 1;
	char *body = malloc(len);
	(void)state;
	assert_non_null(body);
	memset(body, ' ', len);
	desk_open(&desk, 501, true);
	struct bh_request request = {.method = "POST",
		.target = D "/profile",
		.body = bh_span(body, len),
		.operator_link = true};
	assert_int_equal(desk_request(&desk, &request), 413);
	request.body.len--;
	assert_int_equal(desk_request(&desk, &request), 400);
	memset(key, 'k', sizeof(key));
	key[201] = '\0';
	assert_int_equal(desk_ask_as(&desk, "GET", "/status", NULL, NULL, key), 400);
	key[200] = '\0';
	assert_int_equal(desk_ask_as(&desk, "GET", "/status", NULL, NULL, key), 200);
	assert_int_equal(desk_ask_as(&desk, "GET", "/status", NULL, NULL, ""), 400);
	desk_close(&desk);
	free(body);
}

/* A target for a pattern, every brace filled with something that is well-formed. */
static void target_of(const char *pattern, char *target, size_t size)
{
	static const struct {
		const char *brace, *with;
	} fillings[] = {{"{d}", KIT_CODE}, {"{number}", "17-42-K"}, {"{verb}", "file"},
		{"{code}", "W2"}, {"{id}", "1"}, {"{position}", "3"}};
	size_t n = 0;
	while (*pattern) {
		size_t i = 0;
		while (i < 6 && strncmp(pattern, fillings[i].brace, strlen(fillings[i].brace)) != 0)
			i++;
		const char *with = i < 6 ? fillings[i].with : NULL;
		n += (size_t)snprintf(target + n, size - n, "%.*s", with ? (int)strlen(with) : 1,
			with ? with : pattern);
		pattern += with ? strlen(fillings[i].brace) : 1;
	}
}

/* H08: role x route.  'o' the operator alone, 'd' an administrator too, 'r' every person, 'p' a
 * person and not the operator, 'a' anybody, also who comes over no operator's link. */
static char access_of(const struct bh_route *route)
{
	static const char *const district[] = {"GET /districts/{d}/profile",
		"POST /districts/{d}/profile", "POST /districts/{d}/tables",
		"GET /districts/{d}/routes/learn", "POST /districts/{d}/routes/learn",
		"POST /districts/{d}/catalogue", "POST /districts/{d}/calendar",
		"POST /districts/{d}/roster", "POST /districts/{d}/people/{code}/enrolment",
		"GET /districts/{d}/devices", "POST /districts/{d}/devices/{id}/revoke",
		"POST /districts/{d}/verify", "POST /districts/{d}/devices/{id}/key",
		"GET /districts/{d}/unmanned", "GET /districts/{d}/census",
		"GET /districts/{d}/quarantine", "GET /districts/{d}/devices/{id}/quarantine",
		"POST /districts/{d}/devices/{id}/quarantine/{position}/release",
		"POST /districts/{d}/devices/{id}/quarantine/{position}/discard",
		"POST /districts/{d}/bundle", "POST /districts/{d}/clock/confirm",
		"GET /districts/{d}/notices", "GET /districts/{d}/notices/{id}",
		"POST /districts/{d}/notices/{id}/retry",
		"POST /districts/{d}/people/{code}/notice"};
	char name[120];
	(void)snprintf(name, sizeof(name), "%s %s", route->method, route->pattern);
	if (strncmp(route->pattern, "/districts/{d}", 14) != 0 ||
		strstr(route->pattern, "/backup") || strstr(route->pattern, "/keys"))
		return 'o';
	if (strcmp(name, "POST /districts/{d}/cases/{number}/rating") == 0)
		return 'a';
	if (strstr(route->pattern, "{verb}") || strstr(route->pattern, "/openings") ||
		strstr(route->pattern, "/units/{code}/") || strstr(route->pattern, "/erasures") ||
		strstr(route->pattern, "/erasable") ||
		(strcmp(route->method, "POST") == 0 &&
			(strstr(route->pattern, "/cases") || strstr(route->pattern, "/orders"))))
		return 'p';
	for (size_t i = 0; i < sizeof(district) / sizeof(district[0]); i++)
		if (strcmp(district[i], name) == 0)
			return 'd';
	return 'r';
}

static bool is_let_in(const struct desk *desk)
{
	const char *code = desk->status == 403 ? desk_text(desk, "code") : "";
	return strcmp(code, "acting") != 0 && strcmp(code, "no_right") != 0;
}

static void test_route__every_role_is_let_into_its_routes_alone(void **state)
{
	struct desk desk;
	char target[120], acting[12];
	(void)state;
	desk_open(&desk, 502, true);
	for (size_t i = 0; i < bh_routes_count; i++) {
		const struct bh_route *route = &bh_routes[i];
		const char *body = strcmp(route->method, "POST") == 0 ? "{}" : NULL;
		char access = access_of(route);
		target_of(route->pattern, target, sizeof(target));
		desk_ask(&desk, route->method, target, body);
		assert_int_equal(is_let_in(&desk), access != 'p');
		for (unsigned role = BH_ROLE_REPORTER; role < BH_ROLE_CLOCK; role++) {
			(void)snprintf(acting, sizeof(acting), "W%u", role);
			desk_ask_as(&desk, route->method, target, body, acting, NULL);
			bool may = access == 'r' || access == 'p' || access == 'a' ||
				   (access == 'd' && role == BH_ROLE_ADMIN);
			if (is_let_in(&desk) != may)
				fail_msg("%s %s as %s: %d", route->method, target,
					bh_role_name((enum bh_role)role), desk.status);
		}
		struct bh_request nobody = {.method = route->method,
			.target = target,
			.body = bh_span(body, body ? 2 : 0)};
		assert_int_equal(desk_request(&desk, &nobody), access == 'a' ? 422 : 403);
	}
	desk_close(&desk);
}

static void test_route__the_table_and_its_page_agree_both_ways(void **state)
{
	char row[200];
	char *page = desk_file(api_page);
	size_t rows = 0;
	(void)state;
	for (size_t i = 0; i < bh_routes_count; i++) {
		(void)snprintf(row, sizeof(row), "| `%s %s` | %s", bh_routes[i].method,
			bh_routes[i].pattern, bh_routes[i].summary);
		if (!strstr(page, row))
			fail_msg("API.md lacks: %s", row);
	}
	for (const char *at = page; (at = strstr(at, "\n| `")); at++)
		rows += strncmp(at + 4, "GET /", 5) == 0 || strncmp(at + 4, "POST /", 6) == 0;
	assert_int_equal(rows, bh_routes_count);
	free(page);
}

static void test_route__storage_that_fails_is_told_apart(void **state)
{
	static const struct {
		int err;
		const char *code;
	} rows[] = {{BH_ERR_FULL, "storage-full"}, {BH_ERR_IO, "storage"}, {BH_ERR_BUSY, "busy"},
		{BH_ERR_NOMEM, "no-memory"}};
	struct desk desk;
	(void)state;
	desk_open(&desk, 503, true);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		desk.job_err = rows[i].err;
		assert_int_equal(desk_ask(&desk, "POST", D "/people/W2/enrolment", "{}"), 503);
		assert_string_equal(desk_text(&desk, "code"), rows[i].code);
		assert_null(desk_text(&desk, "payload"));
	}
	desk_close(&desk);
}

static void test_route__a_district_is_looked_at_and_proved(void **state)
{
	struct desk desk;
	(void)state;
	desk_open(&desk, 504, true);
	assert_int_equal(desk_ask(&desk, "GET", "/districts", NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), 1);
	assert_int_equal(desk_ask(&desk, "GET", D, NULL), 200);
	assert_int_equal(desk_number(&desk, "units"), BH_DEMO_UNITS);
	assert_string_equal(desk_text(&desk, "at"), "2026-03-02T09:00:00.000+08:00");
	assert_int_equal(desk_ask(&desk, "GET", D "/units", NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), BH_DEMO_UNITS);
	assert_int_equal(desk_ask(&desk, "GET", D "/people", NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), BH_DEMO_PEOPLE);
	assert_int_equal(desk_ask(&desk, "GET", D "/areas", NULL), 200);
	assert_int_equal(desk_ask(&desk, "GET", D "/routes", NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), BH_DEMO_ROUTES);
	assert_int_equal(desk_ask(&desk, "POST", D "/verify", NULL), 200);
	assert_true(json_is_true(json_object_get(desk.answer, "holds")));
	assert_int_equal(desk_ask(&desk, "POST", "/districts", "{\"code\": \"new-1\"}"), 201);
	desk_close(&desk);
}

/* ---- Memory that ends ---- */

static struct {
	size_t left; /* allocations until one fails; 0: none fails */
	bool failed;
} memory;

static void *memory_take(size_t size)
{
	if (memory.left > 0 && --memory.left == 0) {
		memory.failed = true;
		return NULL;
	}
	return malloc(size);
}

static bool json_equal_text(const json_t *answer, struct bh_span text)
{
	json_t *value = json_loadb((const char *)text.data, text.len, 0, NULL);
	bool equal = json_equal(answer, value);
	json_decref(value);
	return equal;
}

/* The answer with the nth allocation failing: whole, or 503.  True while that many were made. */
static bool memory_fails_at(struct desk *desk, const char *method, const char *target,
	const char *body, size_t nth, int status)
{
	struct bh_exchange *exchange = NULL;
	struct bh_request request = {.method = method,
		.target = target,
		.body = bh_span(body, body ? strlen(body) : 0),
		.operator_link = true};
	memory.left = nth;
	memory.failed = false;
	assert_int_equal(bh_exchange_begin(&desk->host, &request, desk->kit.now, &exchange), 0);
	bool failed = memory.failed;
	memory.left = 0;
	const struct bh_response *response = bh_exchange_response(exchange);
	bool whole = response->status == status && response->body.len > 0 &&
		     (!failed || json_equal_text(desk->answer, bh_buf_span(&response->body)));
	if (bh_exchange_need(exchange) == BH_NEED_NOTHING && response->status != 503 && !whole)
		fail_msg("%s %s: allocation %zu fails, %d: %.*s", method, target, nth,
			response->status, (int)response->body.len, (char *)response->body.data);
	bh_exchange_free(exchange);
	return failed;
}

static void test_route__memory_that_ends_never_shortens_an_answer(void **state)
{
	static const struct {
		const char *method, *target, *body;
	} rows[] = {
		{"GET", "/districts", NULL},
		{"GET", D, NULL},
		{"GET", D "/areas", NULL},
		{"GET", D "/units", NULL},
		{"GET", D "/people", NULL},
		{"GET", D "/routes", NULL},
		{"GET", D "/profile", NULL},
		{"GET", D "/stats", NULL},
		{"GET", D "/cases", NULL},
		{"GET", D "/queue", NULL},
		{"GET", D "/devices", NULL},
		{"GET", D "/cases/16-1-C", NULL},
		{"GET", "/nowhere", NULL},
		{"POST", D "/people/W2/enrolment", "{\"ttl_minutes\": 7}"},
		{"POST", D "/profile",
			"{\"name\": \"x\", \"areas\": [{\"code\": \"A1\"}], "
			"\"units\": [{\"code\": 1}], \"people\": [{}]}"},
	};
	struct desk desk;
	struct phone phone;
	(void)state;
	desk_open(&desk, 505, true);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	(void)kit_report(&desk.kit, &phone, "垃圾");
	json_set_alloc_funcs(memory_take, free);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t nth = 1;
		int status = desk_ask(&desk, rows[i].method, rows[i].target, rows[i].body);
		while (memory_fails_at(
			&desk, rows[i].method, rows[i].target, rows[i].body, nth, status))
			nth += 1 + nth / 60;
		assert_true(nth > 3);
	}
	json_set_alloc_funcs(malloc, free);
	desk_close(&desk);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_route__wrong_requests_are_told_what_is_wrong),
		cmocka_unit_test(test_route__a_body_or_key_past_its_bound_is_refused),
		cmocka_unit_test(test_route__every_role_is_let_into_its_routes_alone),
		cmocka_unit_test(test_route__the_table_and_its_page_agree_both_ways),
		cmocka_unit_test(test_route__storage_that_fails_is_told_apart),
		cmocka_unit_test(test_route__a_district_is_looked_at_and_proved),
		cmocka_unit_test(test_route__memory_that_ends_never_shortens_an_answer),
	};
	if (argc != 2)
		return 64;
	api_page = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
