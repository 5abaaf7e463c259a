/* Bodies: taken where somebody reads them, bounded one by one and all together (I13). */
#include "tests/unit/net/http_host.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BODIES 40u      /* begun at once, each nearly as long as one may be */
#define BODIES_BORNE 8u /* of them, and nobody's visit is ended for it */

static int bodiless_open(void **state)
{
	return host_open_of(state, 0);
}

static void test_I13_http__where_nobody_reads_a_body_none_is_taken(void **state)
{
	struct host *host = *state;
	ask(host, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na");
	assert_int_equal(host->requests, 0);
	assert_true(begins(host, "HTTP/1.1 413 "));
	host->got.len = 0;
	ask(host, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_true(begins(host, "HTTP/1.1 200 "));
}

static void test_I13_http__bodies_that_are_not_whole_are_bounded_all_together(void **state)
{
	struct host *host = *state;
	char *body = long_request("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\n\r\n",
		"0123456789abcdef", BODY_BYTES_MAX - 65536, "");
	int fds[BODIES];
	unsigned ended = 0;
	for (size_t i = 0; i < BODIES; i++) {
		fds[i] = call(host);
		(void)talk(host, fds[i], body, strlen(body));
	}
	for (size_t i = 0; i < BODIES; i++)
		ended += !read_some(host, fds[i]);
	assert_in_range(ended, BODIES - 16, BODIES - 1);
	ask(host, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(host->requests, 1);
	for (size_t i = 0; i < BODIES; i++)
		(void)close(fds[i]);
	free(body);
}

/* What hung up holds nothing; nor is its number, which is another's by now, anything to shut. */
static void test_I13_http__who_hung_up_amid_a_body_costs_nobody_his_visit(void **state)
{
	struct host *host = *state;
	char *body = long_request("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\n\r\n",
		"0123456789abcdef", BODY_BYTES_MAX - 65536, "");
	int fds[BODIES_BORNE];
	for (unsigned round = 0; round < 4; round++) {
		for (size_t i = 0; i < BODIES_BORNE; i++) {
			fds[i] = call(host);
			(void)talk(host, fds[i], body, strlen(body));
			assert_true(read_some(host, fds[i]));
		}
		for (size_t i = 0; i < BODIES_BORNE; i++)
			(void)close(fds[i]);
		for (int i = 0; i < 20; i++)
			turn(host);
	}
	ask(host, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(host->requests, 1);
	free(body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_I13_http__where_nobody_reads_a_body_none_is_taken, bodiless_open,
			host_close),
		cmocka_unit_test_setup_teardown(
			test_I13_http__bodies_that_are_not_whole_are_bounded_all_together,
			host_open, host_close),
		cmocka_unit_test_setup_teardown(
			test_I13_http__who_hung_up_amid_a_body_costs_nobody_his_visit, host_open,
			host_close),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
