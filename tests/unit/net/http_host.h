/* An HTTP door of ours on loopback, and a caller who says any bytes: one thread, a clock that a
 * test moves. */
#ifndef BH_TESTS_NET_HTTP_HOST_H
#define BH_TESTS_NET_HTTP_HOST_H

#include "tests/unit/proto/cmocka_all.h"

#include "proto/bytes.h"
#include "server/net/http.h"

#define BODY_BYTES_MAX (1u << 20)
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

/* A setup, and one of a door that takes bodies of so many bytes; the teardown. */
int host_open(void **state);
int host_open_of(void **state, size_t body_bytes_max);
int host_close(void **state);

/* A connection of its own. */
int call(const struct host *host);
/* False at the end of the connection. */
bool read_some(struct host *host, int fd);
void turn(struct host *host);
/* Sends as much as is taken and reads as much as comes, until the peer ends or nothing is left to
 * say and nothing comes.  True when the peer ended it. */
bool talk(struct host *host, int fd, const char *bytes, size_t len);
unsigned count_of(const struct host *host, const char *what);
bool begins(const struct host *host, const char *what);
void ask(struct host *host, const char *request);
/* A request of so many bytes that one of its parts makes up; the caller's to free. */
char *long_request(const char *head, const char *part, size_t bytes, const char *tail);

#endif
