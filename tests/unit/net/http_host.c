/* One loop for both: each call goes as far as it goes at once, then the loop has a turn. */
#include "tests/unit/net/http_host.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/net/listener.h"

#define TURNS_MAX 20000

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

int host_open_of(void **state, size_t body_bytes_max)
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

int host_open(void **state)
{
	return host_open_of(state, BODY_BYTES_MAX);
}

int host_close(void **state)
{
	struct host *host = *state;
	bh_http_close(host->http);
	bh_loop_free(host->loop);
	bh_buf_free(&host->got);
	return 0;
}

int call(const struct host *host)
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

bool read_some(struct host *host, int fd)
{
	char bytes[16384];
	ssize_t n;
	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		assert_int_equal(bh_buf_append(&host->got, bytes, (size_t)n), 0);
	return n < 0 && errno == EAGAIN;
}

void turn(struct host *host)
{
	assert_true(event_base_loop(bh_loop_base(host->loop), EVLOOP_NONBLOCK) >= 0);
}

bool talk(struct host *host, int fd, const char *bytes, size_t len)
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

unsigned count_of(const struct host *host, const char *what)
{
	unsigned count = 0;
	size_t len = strlen(what);
	for (size_t i = 0; i + len <= host->got.len; i++)
		count += memcmp(host->got.data + i, what, len) == 0;
	return count;
}

bool begins(const struct host *host, const char *what)
{
	return host->got.len >= strlen(what) && memcmp(host->got.data, what, strlen(what)) == 0;
}

void ask(struct host *host, const char *request)
{
	int fd = call(host);
	(void)talk(host, fd, request, strlen(request));
	(void)close(fd);
	turn(host);
}

char *long_request(const char *head, const char *part, size_t bytes, const char *tail)
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
