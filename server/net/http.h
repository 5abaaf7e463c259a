/* evhttp with every limit set: requests as plain structs in, responses out, now or later. */
#ifndef BH_NET_HTTP_H
#define BH_NET_HTTP_H

#include "server/console/route.h"
#include "server/net/loop.h"

struct bh_http;
/* One request that waits for its answer. */
struct bh_http_call;

/* request is borrowed during the call.  The handler answers by bh_http_answer, exactly once, at any
 * later time on the loop's thread. */
typedef void (*bh_http_handler)(
	void *context, const struct bh_request *request, struct bh_http_call *call);

/* Who comes by a socket. */
struct bh_http_peers {
	bool operator_link;    /* requests are marked as the operator's */
	size_t body_bytes_max; /* of one request; of all that are not answered yet, eight times that
				*/
};

/* fd: a listening socket, owned, failed or not. */
int bh_http_open(struct bh_loop *loop, int fd, struct bh_http_peers peers, bh_http_handler handler,
	void *context, struct bh_http **out);
/* Calls not answered yet must not be answered after it. */
void bh_http_close(struct bh_http *http);
/* A peer that went away is answered into nothing. */
void bh_http_answer(
	struct bh_http_call *call, int status, const char *content_type, struct bh_span body);
/* A whole file, which is sent from the disk, never read into memory, and closed; name is what the
 * peer may call it. */
void bh_http_answer_file(struct bh_http_call *call, int fd, int64_t size, const char *content_type,
	const char *name);

#endif
