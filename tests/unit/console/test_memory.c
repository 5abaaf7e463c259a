/* Memory that ends at every point of a request (faults.md E10), once or for good: the answer is 503
 * or there is none, a list never lacks a row in silence, nothing leaks, and the same request with
 * the same key and with memory is answered as if nothing had been.  The writer and the test have
 * memory of their own. */
#include "tests/unit/console/desk.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/client/short_memory.h"

#define D "/districts/" KIT_CODE
#define POINTS_MAX 5000
#define BODY_BYTES_MAX 2048
#define SQUARE "[[117,31],[117.01,31],[117.01,31.01],[117,31.01],[117,31]]"
#define PROFILE_FORMAT                                                                           \
	"{\"name\":\"县%ld\",\"areas\":[{\"code\":\"c\",\"kind\":\"county\",\"name\":\"县\"}," \
	"{\"code\":\"g\",\"kind\":\"grid\",\"name\":\"格\",\"parent\":\"c\",\"polygon\":" SQUARE \
	"}],\"units\":[{\"code\":\"u\",\"name\":\"所\",\"kind\":\"SANITATION\",\"area\":\"c\"," \
	"\"desk\":true}],\"people\":[{\"code\":\"p\",\"name\":\"人\",\"posts\":[{\"role\":"     \
	"\"dispatcher\",\"area\":\"c\"}]}]}"

/* Gives an exchange what it needs; only the exchange's memory is short. */
static void exchange_serve(struct desk *desk, struct bh_exchange *exchange)
{
	while (bh_exchange_need(exchange) == BH_NEED_JOB) {
		struct bh_job *job = bh_exchange_job(exchange);
		short_memory.armed = false;
		assert_int_equal(
			bh_writer_run(desk->kit.writer, desk->kit.now, &job, 1, &desk->kit.wakes),
			0);
		short_memory.armed = true;
		bh_exchange_job_done(exchange, &desk->host);
	}
	assert_int_equal(bh_exchange_need(exchange), BH_NEED_NOTHING);
}

/* ---- What memory still holds when it is given back ---- */

static struct {
	const char *secret; /* looked for where it is set */
	unsigned found;
} given_back;

void __real_free(void *block);
void __wrap_free(void *block);

void __wrap_free(void *block)
{
	if (block && given_back.secret &&
		memmem(block, malloc_usable_size(block), given_back.secret,
			strlen(given_back.secret)))
		given_back.found++;
	__real_free(block);
}

static void test_memory__of_an_enrolment_is_given_back_without_its_code(void **state)
{
	static const struct bh_request request = {
		.method = "POST", .target = D "/people/W2/enrolment", .operator_link = true};
	struct desk desk;
	struct bh_exchange *exchange = NULL;
	char code[24];
	(void)state;
	desk_open(&desk, 564, true);
	assert_int_equal(bh_exchange_begin(&desk.host, &request, desk.kit.now, &exchange), 0);
	exchange_serve(&desk, exchange);
	short_memory.armed = false;
	const struct bh_response *response = bh_exchange_response(exchange);
	assert_int_equal(response->status, 201);
	json_t *said = json_loadb((const char *)response->body.data, response->body.len, 0, NULL);
	(void)snprintf(code, sizeof(code), "%s", json_string_value(json_object_get(said, "code")));
	json_decref(said);
	assert_int_equal(strlen(code), 16);
	given_back.secret = code;
	bh_exchange_free(exchange);
	given_back.secret = NULL;
	assert_int_equal(given_back.found, 0);
	desk_close(&desk);
}

/* Asks with short memory; what is answered is 503, or as good as with memory. */
static void ask_short(struct desk *desk, const struct bh_request *request, long k, bool once)
{
	struct bh_exchange *exchange = NULL;
	short_memory = (struct short_memory){.armed = true, .left = k, .once = once};
	int err = bh_exchange_begin(&desk->host, request, desk->kit.now, &exchange);
	if (err == 0)
		exchange_serve(desk, exchange);
	short_memory.armed = false;
	if (err != 0) {
		assert_int_equal(err, BH_ERR_NOMEM);
		assert_true(short_memory.failed);
		return;
	}
	const struct bh_response *response = bh_exchange_response(exchange);
	if (response->status != 503 && response->status / 100 != 2)
		fail_msg("%s %s at %ld: %d %.*s", request->method, request->target, k,
			response->status, (int)response->body.len,
			(const char *)response->body.data);
	if (response->status / 100 == 2) {
		json_t *said = json_loadb(
			(const char *)response->body.data, response->body.len, 0, NULL);
		if (strcmp(request->method, "GET") == 0)
			assert_true(json_equal(said, desk->answer));
		assert_true(json_is_object(said));
		json_decref(said);
	}
	bh_exchange_free(exchange);
}

static void reading(struct desk *desk, const char *target, const char *acting)
{
	const struct bh_request request = {
		.method = "GET", .target = target, .acting = acting, .operator_link = true};
	for (int once = 0; once < 2; once++) {
		bool reached = true;
		long k = 0;
		for (; reached && k < POINTS_MAX; k++) {
			assert_int_equal(desk_request(desk, &request), 200);
			ask_short(desk, &request, k, once == 1);
			reached = short_memory.failed;
		}
		assert_false(reached);
		assert_true(k > 3);
	}
	assert_int_equal(desk_request(desk, &request), 200);
}

static void test_memory__what_is_read_is_whole_or_refused(void **state)
{
	static const char *const targets[] = {"/status", "/districts", D, D "/areas", D "/units",
		D "/people", D "/devices", D "/census", D "/queue", D "/cases", D "/stats"};
	struct desk desk;
	struct phone phone;
	(void)state;
	desk_open(&desk, 560, true);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	(void)kit_report(&desk.kit, &phone, "井盖破损");
	(void)kit_report(&desk.kit, &phone, "路灯不亮");
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
		reading(&desk, targets[i], NULL);
	reading(&desk, D "/cases", "W6");
	desk_close(&desk);
}

static size_t history_of(struct desk *desk, const char *number)
{
	char target[120];
	(void)snprintf(target, sizeof(target), D "/cases/%s", number);
	assert_int_equal(desk_ask(desk, "GET", target, NULL), 200);
	return json_array_size(json_object_get(desk->answer, "history"));
}

/* A case of its own is dispatched; true when memory ended on the way. */
static bool dispatch_short(struct desk *desk, struct phone *phone, long k, bool once)
{
	char number[BH_CASE_TEXT_SIZE], target[120];
	bh_case_number_format(kit_report(&desk->kit, phone, "井盖破损"), number);
	(void)snprintf(target, sizeof(target), D "/cases/%s/file", number);
	assert_int_equal(desk_ask_as(desk, "POST", target,
				 "{\"type\": \"10001\", \"condition\": 2}", "W5", NULL),
		200);
	(void)snprintf(target, sizeof(target), D "/cases/%s/dispatch", number);
	size_t before = history_of(desk, number);
	const struct bh_request request = {.method = "POST",
		.target = target,
		.acting = "W6",
		.idempotency_key = target,
		.body = bh_span("{\"unit\": \"U110\"}", 16),
		.operator_link = true};
	ask_short(desk, &request, k, once);
	bool failed = short_memory.failed;
	assert_int_equal(desk_request(desk, &request), 200);
	assert_string_equal(desk_text(desk, "state"), "dispatched");
	assert_int_equal(history_of(desk, number), before + 1);
	return failed;
}

static void test_memory__a_dispatch_happens_once_however_often_it_is_asked(void **state)
{
	struct desk desk;
	struct phone phone;
	(void)state;
	desk_open(&desk, 561, true);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	for (int once = 0; once < 2; once++) {
		bool reached = true;
		long k = 0;
		for (; reached && k < POINTS_MAX; k++)
			reached = dispatch_short(&desk, &phone, k, once == 1);
		print_message("# %ld points\n", k);
		assert_false(reached);
		assert_true(k > 10);
	}
	desk_close(&desk);
}

/* Each key is another code; asked again with memory, the one that was made. */
static bool enrol_short(struct desk *desk, long k, bool once)
{
	char key[40];
	uint8_t hash[BH_HASH_BYTES];
	uint64_t before = 0, after = 0;
	(void)snprintf(key, sizeof(key), "%ld-%d", k, once);
	const struct bh_request request = {.method = "POST",
		.target = D "/people/W2/enrolment",
		.idempotency_key = key,
		.operator_link = true};
	assert_int_equal(bh_reader_head(desk->kit.reader, &before, hash), 0);
	ask_short(desk, &request, k, once);
	bool failed = short_memory.failed;
	assert_int_equal(desk_request(desk, &request), 201);
	assert_int_equal(bh_reader_head(desk->kit.reader, &after, hash), 0);
	assert_int_equal(after, before + 1);
	assert_int_equal(desk_number(desk, "position"), after);
	json_t *first = json_incref(desk->answer);
	ask_short(desk, &request, k, once);
	assert_int_equal(desk_request(desk, &request), 201);
	assert_string_equal(
		desk_text(desk, "payload"), json_string_value(json_object_get(first, "payload")));
	json_decref(first);
	return failed;
}

static void test_memory__a_key_makes_one_code_however_often_it_is_asked(void **state)
{
	struct desk desk;
	(void)state;
	desk_open(&desk, 563, true);
	for (int once = 0; once < 2; once++) {
		bool reached = true;
		long k = 0;
		for (; reached && k < POINTS_MAX; k++)
			reached = enrol_short(&desk, k, once == 1);
		print_message("# %ld points\n", k);
		assert_false(reached);
		assert_true(k > 10);
	}
	desk_close(&desk);
}

/* Each profile differs from the one before it in its name. */
static bool import_short(struct desk *desk, long k, bool once)
{
	char body[BODY_BYTES_MAX];
	int len = snprintf(body, sizeof(body), PROFILE_FORMAT, k * 2 + once);
	char key[40];
	(void)snprintf(key, sizeof(key), "%ld-%d", k, once);
	const struct bh_request request = {.method = "POST",
		.target = D "/profile?apply=1",
		.idempotency_key = key,
		.body = bh_span(body, (size_t)len),
		.operator_link = true};
	ask_short(desk, &request, k, once);
	bool failed = short_memory.failed;
	assert_int_equal(desk_request(desk, &request), 200);
	ask_short(desk, &request, k, once); /* now as a repeat */
	assert_int_equal(desk_request(desk, &request), 200);
	assert_true(json_is_true(json_object_get(desk->answer, "applied")));
	assert_int_equal(desk_ask(desk, "GET", D "/profile", NULL), 200);
	(void)snprintf(body, sizeof(body), "县%ld", k * 2 + once);
	assert_string_equal(desk_text(desk, "name"), body);
	return failed;
}

static void test_memory__a_profile_is_put_in_force_whole_or_not_at_all(void **state)
{
	struct desk desk;
	(void)state;
	desk_open(&desk, 562, false);
	for (int once = 0; once < 2; once++) {
		bool reached = true;
		long k = 0;
		for (; reached && k < POINTS_MAX; k++)
			reached = import_short(&desk, k, once == 1);
		print_message("# %ld points\n", k);
		assert_false(reached);
		assert_true(k > 50);
	}
	desk_close(&desk);
}

/* Each list differs from the one before it in the name of its day. */
static bool calendar_short(struct desk *desk, long k, bool once)
{
	char body[BODY_BYTES_MAX];
	int len = snprintf(body, sizeof(body),
		"{\"year\": 2027, \"days\": [{\"date\": \"2027-10-01\", \"isOffDay\": true, "
		"\"name\": \"n%ld\"}]}",
		k * 2 + once);
	const struct bh_request request = {.method = "POST",
		.target = D "/calendar?apply=1",
		.body = bh_span(body, (size_t)len),
		.operator_link = true};
	const struct bh_request show = {
		.method = "GET", .target = D "/calendar", .operator_link = true};
	ask_short(desk, &request, k, once);
	bool failed = short_memory.failed;
	assert_int_equal(desk_request(desk, &request), 200);
	assert_int_equal(desk_request(desk, &show), 200);
	ask_short(desk, &show, k, once);
	const json_t *days = json_object_get(desk->answer, "days");
	assert_int_equal(json_array_size(days), 1);
	(void)snprintf(body, sizeof(body), "n%ld", k * 2 + once);
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(days, 0), "name")), body);
	return failed;
}

static void test_memory__a_list_of_holidays_is_put_in_force_whole_or_not_at_all(void **state)
{
	struct desk desk;
	(void)state;
	desk_open(&desk, 569, true);
	for (int once = 0; once < 2; once++) {
		bool reached = true;
		long k = 0;
		for (; reached && k < POINTS_MAX; k++)
			reached = calendar_short(&desk, k, once == 1);
		assert_false(reached);
		assert_true(k > 50);
	}
	desk_close(&desk);
}

/* jansson is a library of its own: it is told whom to ask. */
static void *json_malloc(size_t size)
{
	return malloc(size);
}

static void json_free(void *memory)
{
	free(memory);
}

static int setup_group(void **state)
{
	(void)state;
	json_set_alloc_funcs(json_malloc, json_free);
	return short_memory_install();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory__what_is_read_is_whole_or_refused),
		cmocka_unit_test(test_memory__a_dispatch_happens_once_however_often_it_is_asked),
		cmocka_unit_test(test_memory__a_key_makes_one_code_however_often_it_is_asked),
		cmocka_unit_test(test_memory__of_an_enrolment_is_given_back_without_its_code),
		cmocka_unit_test(test_memory__a_profile_is_put_in_force_whole_or_not_at_all),
		cmocka_unit_test(
			test_memory__a_list_of_holidays_is_put_in_force_whole_or_not_at_all),
	};
	return cmocka_run_group_tests(tests, setup_group, NULL);
}
