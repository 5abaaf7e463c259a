/*
 * evhttp has no limits of its own (faults.md fact 7): headers, body, time and methods are bounded
 * here, whatever passes becomes a bh_request, and the answer goes out with headers that keep
 * browsers from guessing. A call outlives its request when the peer hangs up first: the close
 * callback takes the request away from it.
 */
#include "server/net/http.h"

#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>

#include "proto/err.h"

#define HEADERS_BYTES_MAX (16 * 1024)
#define IDLE_S 30

struct bh_http {
	struct evhttp *server;
	struct bh_loop *loop;
	bh_http_handler handler;
	void *context;
	bool operator_link;
};

struct bh_http_call {
	struct evhttp_request *request; /* NULL once the peer is gone */
};

static const char *method_name(struct evhttp_request *request)
{
	switch (evhttp_request_get_command(request)) {
	case EVHTTP_REQ_GET:
		return "GET";
	case EVHTTP_REQ_POST:
		return "POST";
	default:
		return "OTHER";
	}
}

static void on_gone(struct evhttp_connection *connection, void *context)
{
	struct bh_http_call *call = context;
	(void)connection;
	call->request = NULL;
}

static void on_request(struct evhttp_request *request, void *context)
{
	struct bh_http *http = context;
	struct evkeyvalq *headers = evhttp_request_get_input_headers(request);
	struct evbuffer *body = evhttp_request_get_input_buffer(request);
	size_t len = evbuffer_get_length(body);
	struct bh_http_call *call = calloc(1, sizeof(*call));
	const uint8_t *bytes = len > 0 ? evbuffer_pullup(body, -1) : NULL;
	if (!call || (len > 0 && !bytes)) {
		free(call);
		evhttp_send_error(request, 503, "Out of memory");
		return;
	}
	call->request = request;
	evhttp_connection_set_closecb(evhttp_request_get_connection(request), on_gone, call);
	struct bh_request plain = {.method = method_name(request),
		.target = evhttp_request_get_uri(request),
		.idempotency_key = evhttp_find_header(headers, "Idempotency-Key"),
		.acting = evhttp_find_header(headers, "Bihuan-As"),
		.body = bh_span(bytes, len),
		.operator_link = http->operator_link};
	http->handler(http->context, &plain, call);
}

void bh_http_answer(
	struct bh_http_call *call, int status, const char *content_type, struct bh_span body)
{
	struct evhttp_request *request = call->request;
	free(call);
	if (!request)
		return;
	evhttp_connection_set_closecb(evhttp_request_get_connection(request), NULL, NULL);
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	struct evbuffer *out = evhttp_request_get_output_buffer(request);
	(void)evhttp_add_header(headers, "Content-Type", content_type);
	(void)evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
	(void)evhttp_add_header(headers, "Cache-Control", "no-store");
	if (body.len > 0 && evbuffer_add(out, body.data, body.len) != 0) {
		evhttp_send_error(request, 503, "Out of memory");
		return;
	}
	evhttp_send_reply(request, status, NULL, NULL);
}

int bh_http_open(struct bh_loop *loop, int fd, bool operator_link, bh_http_handler handler,
	void *context, struct bh_http **out)
{
	struct bh_http *http = calloc(1, sizeof(*http));
	if (!http)
		return BH_ERR_NOMEM;
	http->loop = loop;
	http->handler = handler;
	http->context = context;
	http->operator_link = operator_link;
	http->server = evhttp_new(bh_loop_base(loop));
	if (!http->server || evhttp_accept_socket(http->server, fd) != 0) {
		bh_http_close(http);
		return BH_ERR_NOMEM;
	}
	evhttp_set_max_headers_size(http->server, HEADERS_BYTES_MAX);
	evhttp_set_max_body_size(http->server, (ev_ssize_t)BH_REQUEST_BODY_MAX);
	evhttp_set_timeout(http->server, IDLE_S);
	evhttp_set_allowed_methods(http->server, EVHTTP_REQ_GET | EVHTTP_REQ_POST);
	evhttp_set_default_content_type(http->server, NULL);
	evhttp_set_gencb(http->server, on_request, http);
	*out = http;
	return BH_NOERR;
}

void bh_http_close(struct bh_http *http)
{
	if (!http)
		return;
	if (http->server)
		evhttp_free(http->server);
	free(http);
}
