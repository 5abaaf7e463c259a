/* What a stranger may ask of evhttp with our limits on it (H10, G02): raw requests in, statuses
 * out, on one thread and a clock that a test moves. */
#include "tests/unit/proto/cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/net/http.h"
#include "server/net/listener.h"

#define PIPELINED 10000u
#define BODY_BYTES_MAX (1u << 20)
#define BODIES 40u      /* begun at once, each nearly as long as one may be */
#define BODIES_BORNE 8u /* of them, and nobody's visit is ended for it */
#define TURNS_MAX 20000
#define ANSWER_BYTES_MAX (4u * 1024u * 1024u)

struct host {
	struct bh_now now;
	struct bh_loop *loop;
	struct bh_http *http;
	uint16_t port;
	unsigned requests;
	size_t body_bytes;
	char method[8], target[64];
	bool keeps; /* a request waits in waiting */
	struct bh_http_call *waiting;
	struct bh_buf got; /* what the caller read */
};

static struct bh_now now_of(void *context)
{
	return ((struct host *)context)->now;
}

static void on_request(void *context, const struct bh_request *request, struct bh_http_call *call)
{
	struct host *host = context;
	host->requests++;
	host->body_bytes = request->body.len;
	(void)snprintf(host->method, sizeof(host->method), "%s", request->method);
	(void)snprintf(host->target, sizeof(host->target), "%s", request->target);
	if (host->keeps)
		host->waiting = call;
	else
		bh_http_answer(call, 200, "text/plain", bh_span("fine", 4));
}

static int host_open_of(void **state, size_t body_bytes_max)
{
	const struct bh_http_peers peers = {.body_bytes_max = body_bytes_max};
	static struct host host;
	int fd;
	memset(&host, 0, sizeof(host));
	host.now = (struct bh_now){INT64_C(1795132800000), 3600000};
	host.got = BH_BUF(ANSWER_BYTES_MAX);
	assert_int_equal(bh_loop_new((struct bh_clock){now_of, &host}, &host, &host.loop), 0);
	assert_int_equal(bh_listen_tcp("127.0.0.1:0", &fd), 0);
	host.port = bh_listen_port(fd);
	assert_int_equal(bh_http_open(host.loop, fd, peers, on_request, &host, &host.http), 0);
	*state = &host;
	return 0;
}

static int host_open(void **state)
{
	return host_open_of(state, BODY_BYTES_MAX);
}

static int bodiless_open(void **state)
{
	return host_open_of(state, 0);
}

static int host_close(void **state)
{
	struct host *host = *state;
	bh_http_close(host->http);
	bh_loop_free(host->loop);
	bh_buf_free(&host->got);
	return 0;
}

static int call(const struct host *host)
{
	const struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(host->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

/* False at the end of the connection. */
static bool read_some(struct host *host, int fd)
{
	char bytes[16384];
	ssize_t n;
	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		assert_int_equal(bh_buf_append(&host->got, bytes, (size_t)n), 0);
	return n < 0 && errno == EAGAIN;
}

static void turn(struct host *host)
{
	assert_true(event_base_loop(bh_loop_base(host->loop), EVLOOP_NONBLOCK) >= 0);
}

/* Sends as much as is taken and reads as much as comes, until the peer ends or nothing is left to
 * say and nothing comes.  True when the peer ended it. */
static bool talk(struct host *host, int fd, const char *bytes, size_t len)
{
	unsigned quiet = 0;
	for (int i = 0; i < TURNS_MAX && quiet < 20; i++) {
		size_t before = host->got.len;
		ssize_t n = len > 0 ? send(fd, bytes, len, MSG_NOSIGNAL) : 0;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
		turn(host);
		if (!read_some(host, fd))
			return true;
		quiet = n > 0 || host->got.len != before ? 0 : quiet + 1;
	}
	return false;
}

static unsigned count_of(const struct host *host, const char *what)
{
	unsigned count = 0;
	size_t len = strlen(what);
	for (size_t i = 0; i + len <= host->got.len; i++)
		count += memcmp(host->got.data + i, what, len) == 0;
	return count;
}

static bool begins(const struct host *host, const char *what)
{
	return host->got.len >= strlen(what) && memcmp(host->got.data, what, strlen(what)) == 0;
}

static void ask(struct host *host, const char *request)
{
	int fd = call(host);
	(void)talk(host, fd, request, strlen(request));
	(void)close(fd);
	turn(host);
}

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

/* A request of so many bytes that one of its parts makes up. */
static char *long_request(const char *head, const char *part, size_t bytes, const char *tail)
{
	char *text = calloc(1, strlen(head) + bytes + strlen(part) + strlen(tail) + 1);
	assert_non_null(text);
	size_t at = strlen(head);
	memcpy(text, head, at);
	for (size_t end = at + bytes; at < end; at += strlen(part))
		memcpy(text + at, part, strlen(part));
	memcpy(text + at, tail, strlen(tail));
	return text;
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
		cmocka_unit_test_setup_teardown(
			test_I13_http__where_nobody_reads_a_body_none_is_taken, bodiless_open,
			host_close),
		CASE(test_I13_http__bodies_that_are_not_whole_are_bounded_all_together),
		CASE(test_I13_http__who_hung_up_amid_a_body_costs_nobody_his_visit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
