/* What a stranger may ask of evhttp with our limits on it (H10, G02): raw requests in, statuses
 * out, on one thread and a clock that a test moves. */
#include "tests/unit/net/http_host.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/err.h"

#define PIPELINED 10000u

static void test_http__hands_on_a_request_and_its_answer(void **state)
{
	struct host *host = *state;
	ask(host, "POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
	assert_int_equal(host->requests, 1);
	assert_string_equal(host->method, "POST");
	assert_string_equal(host->target, "/a?b=c");
	assert_int_equal(host->body_bytes, 5);
	assert_true(begins(host, "HTTP/1.1 200 "));
	assert_int_equal(count_of(host, "X-Content-Type-Options: nosniff"), 1);
	assert_int_equal(count_of(host, "Cache-Control: no-store"), 1);
}

/* The routes answer them in their own form. */
static void test_H10_http__methods_that_no_route_knows_arrive_as_other_ones(void **state)
{
	struct host *host = *state;
	static const char *const methods[] = {"DELETE", "PUT", "PATCH", "OPTIONS", "HEAD"};
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		char request[64];
		host->got.len = 0;
		(void)snprintf(
			request, sizeof(request), "%s / HTTP/1.1\r\nHost: x\r\n\r\n", methods[i]);
		ask(host, request);
		assert_int_equal(host->requests, i + 1);
		assert_string_equal(host->method, "OTHER");
	}
}

static void test_H10_http__methods_of_proxies_never_arrive(void **state)
{
	struct host *host = *state;
	static const char *const methods[] = {"TRACE", "CONNECT", "BREW"};
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		char request[64];
		host->got.len = 0;
		(void)snprintf(
			request, sizeof(request), "%s / HTTP/1.1\r\nHost: x\r\n\r\n", methods[i]);
		ask(host, request);
		assert_int_equal(host->requests, 0);
		assert_false(begins(host, "HTTP/1.1 200 "));
	}
}

static void never_arrives(struct host *host, char *request)
{
	int fd = call(host);
	assert_true(talk(host, fd, request, strlen(request)));
	(void)close(fd);
	assert_int_equal(host->requests, 0);
	assert_false(begins(host, "HTTP/1.1 200 "));
	free(request);
}

static void test_H10_http__a_line_or_headers_without_end_are_closed(void **state)
{
	struct host *host = *state;
	never_arrives(host, long_request("GET /", "a", 65536, " HTTP/1.1\r\nHost: x\r\n\r\n"));
	host->got.len = 0;
	never_arrives(host, long_request("GET / HTTP/1.1\r\n", "X-A: b\r\n", 80000, "\r\n"));
	host->got.len = 0;
	never_arrives(host, long_request("GET / HTTP/1.1\r\nX-A: ", "b", 65536, "\r\n\r\n"));
}

static void test_H10_http__a_body_that_says_it_is_too_long_is_refused_unread(void **state)
{
	struct host *host = *state;
	ask(host, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1073741824\r\n\r\n");
	assert_int_equal(host->requests, 0);
	assert_true(begins(host, "HTTP/1.1 413 "));
}

static void test_H10_http__pipelining_is_answered_in_order_and_ends_at_a_bound(void **state)
{
	struct host *host = *state;
	static const char one[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
	char *all = long_request("", one, (sizeof(one) - 1) * (size_t)PIPELINED, "");
	int fd = call(host);
	assert_true(talk(host, fd, all, strlen(all)));
	(void)close(fd);
	free(all);
	assert_true(host->requests <= 1000);
	assert_true(host->requests >= 1);
}

static void test_http__a_peer_that_hangs_up_is_answered_into_nothing(void **state)
{
	struct host *host = *state;
	host->keeps = true;
	int fd = call(host);
	static const char request[] = "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n";
	assert_false(talk(host, fd, request, sizeof(request) - 1));
	assert_int_equal(host->requests, 1);
	(void)close(fd);
	for (int i = 0; i < 20; i++)
		turn(host);
	bh_http_answer(host->waiting, 200, "text/plain", bh_span("fine", 4));
	turn(host);
	host->keeps = false;
	ask(host, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_true(begins(host, "HTTP/1.1 200 "));
}

/* Until the peer ended it, or the loop's own second-hand has passed often enough. */
static bool is_ended(struct host *host, int fd, unsigned seconds)
{
	for (unsigned i = 0; i < seconds * 4; i++) {
		assert_true(event_base_loop(bh_loop_base(host->loop), EVLOOP_ONCE) >= 0);
		turn(host);
		if (!read_some(host, fd))
			return true;
	}
	return false;
}

static void test_G02_http__a_header_that_drips_is_cut_at_its_deadline(void **state)
{
	struct host *host = *state;
	int slow = call(host), kept = call(host);
	static const char asked[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
	assert_false(talk(host, slow, "GET / HT", 8));
	host->keeps = true;
	assert_false(talk(host, kept, asked, sizeof(asked) - 1));
	host->now.mono_ms += 59000;
	assert_false(talk(host, slow, "TP/1.1\r\n", 8));
	host->now.mono_ms += 2000;
	assert_true(is_ended(host, slow, 5));
	assert_true(read_some(host, kept)); /* who waits for us is not to blame */
	bh_http_answer(host->waiting, 200, "text/plain", bh_span("fine", 4));
	assert_false(talk(host, kept, "", 0));
	assert_true(begins(host, "HTTP/1.1 200 "));
	(void)close(slow);
	(void)close(kept);
	for (int i = 0; i < 20; i++)
		turn(host);
}

static void test_H13_http__connections_are_bounded_and_places_are_given_again(void **state)
{
	struct host *host = *state;
	static int fds[300];
	unsigned answered = 0;
	for (size_t i = 0; i < 300; i++) {
		fds[i] = call(host);
		turn(host);
	}
	for (size_t i = 0; i < 300; i++)
		(void)send(fds[i], "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27, MSG_NOSIGNAL);
	for (int i = 0; i < 50; i++)
		turn(host);
	answered = host->requests;
	assert_true(answered >= 200);
	assert_true(answered <= 256);
	for (size_t i = 0; i < 200; i++)
		(void)close(fds[i]);
	for (int i = 0; i < 20 && host->requests < 300 - (256 - answered); i++)
		assert_true(event_base_loop(bh_loop_base(host->loop), EVLOOP_ONCE) >= 0);
	assert_true(host->requests > answered);
	for (size_t i = 200; i < 300; i++)
		(void)close(fds[i]);
	for (int i = 0; i < 20; i++)
		turn(host);
}

/* Not at the next sweep, a second later: a caller that connects anew for each request would wait.
 */
static void test_http__a_connection_that_ended_leaves_its_place_at_once(void **state)
{
	struct host *host = *state;
	for (int i = 0; i < 600; i++)
		ask(host, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	assert_int_equal(host->requests, 600);
	assert_int_equal(count_of(host, "HTTP/1.1 200 "), 600);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, host_open, host_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_http__hands_on_a_request_and_its_answer),
		CASE(test_H10_http__methods_that_no_route_knows_arrive_as_other_ones),
		CASE(test_H10_http__methods_of_proxies_never_arrive),
		CASE(test_H10_http__a_line_or_headers_without_end_are_closed),
		CASE(test_H10_http__a_body_that_says_it_is_too_long_is_refused_unread),
		CASE(test_H10_http__pipelining_is_answered_in_order_and_ends_at_a_bound),
		CASE(test_http__a_peer_that_hangs_up_is_answered_into_nothing),
		CASE(test_G02_http__a_header_that_drips_is_cut_at_its_deadline),
		CASE(test_http__a_connection_that_ended_leaves_its_place_at_once),
		CASE(test_H13_http__connections_are_bounded_and_places_are_given_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
