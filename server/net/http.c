/*
 * evhttp has no limits of its own (faults.md fact 7): headers, body, time, methods, requests of a
 * connection and connections are bounded here; whatever passes becomes a bh_request, and the answer
 * goes out with headers that keep browsers from guessing.  A call outlives its request when the
 * peer hangs up first: the close callback takes the request away from it.
 *
 * evhttp's timeout is one of idling, so each connection is a visit with a deadline of its own: from
 * its beginning, and from each answer on, until the next request is whole.  evhttp does not tell
 * when a connection ends; a visit holds a reference to its bufferevent and sees that evhttp has let
 * go of it.
 *
 * evhttp collects a body before anybody is asked: what all visits have sent and were not answered
 * is counted, and of more than a server takes in all the visit that sent most is ended.
 */
#include "server/net/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>

#include "proto/err.h"

#define HEADERS_BYTES_MAX (16 * 1024)
#define IDLE_S 30
#define REQUEST_MS_MAX 60000
#define REQUESTS_MAX 1000u /* of one connection */
#define VISITS_MAX 256u
#define SWEEP_S 1
#define BODIES_AT_ONCE 8u /* of the longest that is taken, all visits together */

struct visit {
	struct visit *next;
	struct bh_http *http;
	struct bufferevent *bev;
	int64_t since_mono_ms; /* it began, or was answered */
	size_t unanswered_bytes;
	unsigned requests;
	bool answering; /* a request is whole and not answered: no deadline of the peer's */
};

struct bh_http {
	struct evhttp *server;
	struct evconnlistener *listener; /* NULL: it goes down */
	struct event *sweep;
	struct visit *visits;
	unsigned visits_count;
	size_t unanswered_bytes; /* of all visits */
	size_t body_bytes_max;
	struct bh_loop *loop;
	bh_http_handler handler;
	void *context;
	bool operator_link;
};

struct bh_http_call {
	struct bh_http *http;
	struct evhttp_request *request; /* NULL once the peer is gone */
};

/* ---- Visits ---- */

static void unanswered_set(struct visit *visit, size_t bytes)
{
	visit->http->unanswered_bytes += bytes - visit->unanswered_bytes;
	visit->unanswered_bytes = bytes;
}

/* evhttp has freed it when it takes no events any more. */
static bool visit_is_over(const struct visit *visit)
{
	bufferevent_event_cb on_event = NULL;
	bufferevent_getcb(visit->bev, NULL, NULL, &on_event, NULL);
	return on_event == NULL;
}

static bool bodies_are_too_many(const struct bh_http *http)
{
	return http->unanswered_bytes >
	       BODIES_AT_ONCE * http->body_bytes_max + VISITS_MAX * HEADERS_BYTES_MAX;
}

/* What came of a peer: it is in memory until its request is answered.  Of too much the visit that
 * sent most ends.  One that evhttp let go of holds nothing any more, and the number of its socket
 * may be another connection's by now. */
static void on_bytes(struct evbuffer *buffer, const struct evbuffer_cb_info *change, void *context)
{
	struct visit *visit = context, *most = visit;
	struct bh_http *http = visit->http;
	(void)buffer;
	unanswered_set(visit, visit->unanswered_bytes + change->n_added);
	if (!bodies_are_too_many(http))
		return;
	for (struct visit *each = http->visits; each; each = each->next) {
		if (visit_is_over(each))
			unanswered_set(each, 0);
		else if (each->unanswered_bytes > most->unanswered_bytes)
			most = each;
	}
	if (!bodies_are_too_many(http))
		return;
	(void)shutdown(bufferevent_getfd(most->bev), SHUT_RDWR);
	unanswered_set(most, 0);
}

/* Called for each connection that is accepted.  NULL: evhttp makes one itself, with no deadline. */
static struct bufferevent *on_accept(struct event_base *base, void *context)
{
	struct bh_http *http = context;
	struct visit *visit = calloc(1, sizeof(*visit));
	struct bufferevent *bev = visit ? bufferevent_socket_new(base, -1, 0) : NULL;
	if (!bev) {
		free(visit);
		return NULL;
	}
	bufferevent_incref(bev);
	visit->bev = bev;
	visit->http = http;
	(void)evbuffer_add_cb(bufferevent_get_input(bev), on_bytes, visit);
	visit->since_mono_ms = bh_loop_now(http->loop).mono_ms;
	visit->next = http->visits;
	http->visits = visit;
	if (++http->visits_count >= VISITS_MAX)
		(void)evconnlistener_disable(http->listener);
	return bev;
}

static void visit_end(struct bh_http *http, struct visit **at)
{
	struct visit *visit = *at;
	*at = visit->next;
	http->visits_count--;
	unanswered_set(visit, 0);
	(void)evbuffer_remove_cb(bufferevent_get_input(visit->bev), on_bytes, visit);
	(void)bufferevent_decref(visit->bev);
	free(visit);
}

static void on_sweep(evutil_socket_t fd, short events, void *context)
{
	struct bh_http *http = context;
	int64_t now_ms = bh_loop_now(http->loop).mono_ms;
	struct visit **at = &http->visits;
	(void)fd;
	(void)events;
	while (*at) {
		struct visit *visit = *at;
		if (visit_is_over(visit)) {
			visit_end(http, at);
			continue;
		}
		if (!visit->answering && now_ms - visit->since_mono_ms >= REQUEST_MS_MAX)
			(void)shutdown(bufferevent_getfd(visit->bev), SHUT_RDWR);
		at = &visit->next;
	}
	if (http->visits_count < VISITS_MAX)
		(void)evconnlistener_enable(http->listener);
}

/* Out of descriptors (E09) the socket stays readable: without a rest the loop would spin. */
static void on_accept_failed(struct evconnlistener *listener, void *context)
{
	(void)context;
	(void)evconnlistener_disable(listener); /* until the next sweep */
}

static struct visit *visit_of(struct bh_http *http, struct evhttp_request *request)
{
	const struct bufferevent *bev = evhttp_connection_get_bufferevent(
		evhttp_request_get_connection(request));
	struct visit *visit = http->visits;
	while (visit && visit->bev != bev)
		visit = visit->next;
	return visit;
}

/* ---- Requests ---- */

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

/* A place is free: who waits for one is let in at once. */
static void on_closed(struct evhttp_connection *connection, void *context)
{
	struct bh_http *http = context;
	const struct bufferevent *bev = evhttp_connection_get_bufferevent(connection);
	struct visit **at = &http->visits;
	while (*at && (*at)->bev != bev)
		at = &(*at)->next;
	if (*at)
		visit_end(http, at);
	if (http->listener && http->visits_count < VISITS_MAX)
		(void)evconnlistener_enable(http->listener);
}

static void on_gone(struct evhttp_connection *connection, void *context)
{
	struct bh_http_call *call = context;
	call->request = NULL;
	on_closed(connection, call->http);
}

/* Who sets a header in front of us cannot know which of two we go by. */
static bool is_doubled(const struct evkeyvalq *headers, const char *name)
{
	const struct evkeyval *each;
	unsigned count = 0;
	TAILQ_FOREACH(each, headers, next)
	count += evutil_ascii_strcasecmp(each->key, name) == 0;
	return count > 1;
}

static void doubled_answer(struct bh_http_call *call)
{
	static const char said[] =
		"{\"code\":\"bad-request\",\"message\":\"a header that stands there twice\","
		"\"hint\":\"Bihuan-As and Idempotency-Key are said once\"}";
	bh_http_answer(call, 400, "application/json", bh_span(said, sizeof(said) - 1));
}

static void on_request(struct evhttp_request *request, void *context)
{
	struct bh_http *http = context;
	struct visit *visit = visit_of(http, request);
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
	if (visit)
		visit->answering = true;
	call->http = http;
	call->request = request;
	evhttp_connection_set_closecb(evhttp_request_get_connection(request), on_gone, call);
	struct bh_request plain = {.method = method_name(request),
		.target = evhttp_request_get_uri(request),
		.idempotency_key = evhttp_find_header(headers, "Idempotency-Key"),
		.acting = evhttp_find_header(headers, "Bihuan-As"),
		.body = bh_span(bytes, len),
		.operator_link = http->operator_link};
	if (is_doubled(headers, "Bihuan-As") || is_doubled(headers, "Idempotency-Key"))
		doubled_answer(call);
	else
		http->handler(http->context, &plain, call);
}

/* Its peer's time runs again; true when this was its last request. */
static bool visit_answered(struct bh_http *http, struct evhttp_request *request)
{
	struct visit *visit = visit_of(http, request);
	if (!visit)
		return true;
	visit->answering = false;
	unanswered_set(visit, evbuffer_get_length(bufferevent_get_input(visit->bev)));
	visit->since_mono_ms = bh_loop_now(http->loop).mono_ms;
	return ++visit->requests >= REQUESTS_MAX;
}

static void headers_add(struct evkeyvalq *headers, const char *content_type, bool last)
{
	if (last)
		(void)evhttp_add_header(headers, "Connection", "close");
	(void)evhttp_add_header(headers, "Content-Type", content_type);
	(void)evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
	(void)evhttp_add_header(headers, "Cache-Control", "no-store");
}

void bh_http_answer(
	struct bh_http_call *call, int status, const char *content_type, struct bh_span body)
{
	struct bh_http *http = call->http;
	struct evhttp_request *request = call->request;
	free(call);
	if (!request)
		return;
	evhttp_connection_set_closecb(evhttp_request_get_connection(request), on_closed, http);
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	struct evbuffer *out = evhttp_request_get_output_buffer(request);
	headers_add(headers, content_type, visit_answered(http, request));
	if (body.len > 0 && evbuffer_add(out, body.data, body.len) != 0) {
		evhttp_send_error(request, 503, "Out of memory");
		return;
	}
	evhttp_send_reply(request, status, NULL, NULL);
}

void bh_http_answer_file(
	struct bh_http_call *call, int fd, int64_t size, const char *content_type, const char *name)
{
	struct bh_http *http = call->http;
	struct evhttp_request *request = call->request;
	char disposition[120];
	free(call);
	if (!request) {
		(void)evutil_closesocket(fd);
		return;
	}
	evhttp_connection_set_closecb(evhttp_request_get_connection(request), on_closed, http);
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	(void)snprintf(disposition, sizeof(disposition), "attachment; filename=\"%.80s\"", name);
	headers_add(headers, content_type, visit_answered(http, request));
	(void)evhttp_add_header(headers, "Content-Disposition", disposition);
	if (evbuffer_add_file(evhttp_request_get_output_buffer(request), fd, 0, size) != 0) {
		(void)evutil_closesocket(fd);
		evhttp_send_error(request, 503, "Out of memory");
		return;
	}
	evhttp_send_reply(request, 200, NULL, NULL);
}

/* ---- Life ---- */

static int server_open(struct bh_http *http, int fd)
{
	static const struct timeval every = {.tv_sec = SWEEP_S};
	struct event_base *base = bh_loop_base(http->loop);
	http->sweep = event_new(base, -1, EV_PERSIST, on_sweep, http);
	http->server = evhttp_new(base);
	struct evhttp_bound_socket *bound = http->server ? evhttp_accept_socket_with_handle(
								   http->server, fd)
							 : NULL;
	if (!bound) {
		(void)evutil_closesocket(fd);
		return BH_ERR_NOMEM;
	}
	http->listener = evhttp_bound_socket_get_listener(bound);
	evconnlistener_set_error_cb(http->listener, on_accept_failed);
	evhttp_set_max_headers_size(http->server, HEADERS_BYTES_MAX);
	evhttp_set_max_body_size(http->server, (ev_ssize_t)http->body_bytes_max);
	evhttp_set_timeout(http->server, IDLE_S);
	/* Those that no route knows are let through: the answer is ours, not evhttp's page. */
	evhttp_set_allowed_methods(
		http->server, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT |
				      EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS | EVHTTP_REQ_PATCH);
	evhttp_set_default_content_type(http->server, NULL);
	evhttp_set_bevcb(http->server, on_accept, http);
	evhttp_set_gencb(http->server, on_request, http);
	return http->sweep && event_add(http->sweep, &every) == 0 ? BH_NOERR : BH_ERR_NOMEM;
}

int bh_http_open(struct bh_loop *loop, int fd, struct bh_http_peers peers, bh_http_handler handler,
	void *context, struct bh_http **out)
{
	struct bh_http *http = calloc(1, sizeof(*http));
	if (!http) {
		(void)evutil_closesocket(fd);
		return BH_ERR_NOMEM;
	}
	http->loop = loop;
	http->handler = handler;
	http->context = context;
	http->operator_link = peers.operator_link;
	http->body_bytes_max = peers.body_bytes_max;
	int err = server_open(http, fd);
	if (err) {
		bh_http_close(http);
		return err;
	}
	*out = http;
	return BH_NOERR;
}

void bh_http_close(struct bh_http *http)
{
	if (!http)
		return;
	if (http->sweep)
		event_free(http->sweep);
	http->listener = NULL;
	if (http->server)
		evhttp_free(http->server);
	while (http->visits)
		visit_end(http, &http->visits);
	free(http);
}
