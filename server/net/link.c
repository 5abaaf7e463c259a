/*
 * Happy path: accept, handshake within BH_HANDSHAKE_MS_MAX, the server name chooses a seat, the
 * session opens with what the connection proves; then bytes in, output out, one timer for whatever
 * the session wants next. Closing: mark, stop listening, let the output drain for a bounded time,
 * free from a later turn (style.md 6). A FIN without close_notify between frames is an ordinary
 * end; inside one the session has simply no whole frame.
 *
 *   SHAKING --connected--> TALKING --session closing--> DRAINING --sent or late--> DEAD (freed next
 * turn)
 *      \-- late, refused ------\-- cut ------------------------------------------/
 */
#include "server/net/link.h"

#include <stdlib.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "proto/err.h"
#include "server/net/seat.h"
#include "server/net/stream.h"

#define DRAIN_MS_MAX 5000
#define TURN_MS_MAX 5 /* then the others have theirs, whatever was asked for */
#define OUT_LOW_BYTES                                                                      \
	(32u * 1024u)         /* the session's output moves when less than this is waiting \
			       */
#define USER_TIMEOUT_MS 60000 /* a peer that acknowledges nothing (G03) */

enum link_state {
	LINK_SHAKING,
	LINK_TALKING,
	LINK_DRAINING,
	LINK_DEAD,
};

struct bh_link {
	struct bh_links *links;
	struct bh_link *prev, *next;
	struct bh_stream *stream;
	struct event *timer;
	struct bh_seat *seat;
	struct bh_session *session;
	int64_t deadline_ms;  /* SHAKING, DRAINING */
	int64_t timer_ms;     /* what the timer is set to; INT64_MAX: not set */
	int64_t turn_mono_ms; /* since then it is read; 0: it is not */
	uint64_t source;      /* of its peer */
	enum link_state state;
};

static void link_free(struct bh_link *link)
{
	if (link->session)
		bh_session_close(link->session);
	if (link->prev)
		link->prev->next = link->next;
	else
		link->links->first = link->next;
	if (link->next)
		link->next->prev = link->prev;
	link->links->count--;
	atomic_fetch_sub(link->links->open_links, 1);
	event_free(link->timer);
	bh_stream_free(link->stream);
	free(link);
}

/* One that is set to an earlier time stays: its turn sets it again. */
static void timer_set(struct bh_link *link, int64_t at_ms)
{
	if (at_ms >= link->timer_ms)
		return;
	int64_t left = at_ms - bh_loop_now(link->links->loop).mono_ms;
	link->timer_ms = at_ms;
	if (left < 0)
		left = 0;
	struct timeval after = {.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000};
	(void)event_add(link->timer, &after);
}

/* Nothing more is read or called; the timer's next turn frees. */
static void link_die(struct bh_link *link)
{
	if (link->state == LINK_DEAD)
		return;
	if (link->session) {
		if (bh_session_is_closing(link->session))
			bh_seat_say(link->seat, bh_session_device(link->session),
				bh_session_reason(link->session));
		bh_session_close(link->session);
		link->session = NULL;
	}
	link->state = LINK_DEAD;
	bh_stream_end(link->stream);
	timer_set(link, bh_loop_now(link->links->loop).mono_ms);
}

static size_t out_waiting(const struct bh_link *link)
{
	return bh_stream_waiting(link->stream);
}

static void session_output_move(struct bh_link *link)
{
	struct bh_buf *out = bh_session_output(link->session);
	if (out->len == 0 ||
		(out_waiting(link) >= OUT_LOW_BYTES && !bh_session_is_closing(link->session)))
		return;
	if (bh_stream_write(link->stream, bh_buf_span(out)) != BH_NOERR) {
		link_die(link);
		return;
	}
	bh_buf_free(out);
}

void bh_link_speak(struct bh_link *link)
{
	if (!link->session || link->state != LINK_TALKING)
		return;
	session_output_move(link);
	if (link->state != LINK_TALKING)
		return;
	if (!bh_session_is_closing(link->session)) {
		if (out_waiting(link) < OUT_LOW_BYTES)
			bh_session_output_taken(link->session);
		timer_set(link, bh_session_wake_mono_ms(link->session));
		return;
	}
	if (out_waiting(link) == 0) {
		link_die(link);
		return;
	}
	link->state = LINK_DRAINING;
	bh_stream_deafen(link->stream);
	link->deadline_ms = bh_loop_now(link->links->loop).mono_ms + DRAIN_MS_MAX;
	timer_set(link, link->deadline_ms);
}

static bool on_bytes(void *context, struct bh_span bytes)
{
	struct bh_link *link = context;
	struct bh_now now = bh_loop_now(link->links->loop);
	if (link->state != LINK_TALKING)
		return true;
	if (link->turn_mono_ms == 0)
		link->turn_mono_ms = now.mono_ms;
	bh_session_bytes(link->session, now, bh_seat_district_ms(link->seat, now), bytes);
	bh_seat_pump(link->seat);
	return bh_loop_now(link->links->loop).mono_ms - link->turn_mono_ms < TURN_MS_MAX;
}

static void on_paused(void *context)
{
	struct bh_link *link = context;
	link->turn_mono_ms = 0;
	bh_link_speak(link);
	if (link->seat)
		bh_seat_pump(link->seat);
}

static void on_sent(void *context)
{
	struct bh_link *link = context;
	if (link->state == LINK_DRAINING) {
		link_die(link);
	} else if (link->state == LINK_TALKING) {
		bh_link_speak(link);
		bh_seat_pump(link->seat);
	}
}

static void on_up(void *context)
{
	struct bh_link *link = context;
	struct bh_links *links = link->links;
	struct bh_binding binding;
	void *district = NULL;
	struct bh_now now = bh_loop_now(links->loop);
	if (bh_tls_district(bh_stream_ssl(link->stream), &district, &binding) == BH_NOERR)
		link->seat = links->choose(links->loop_context, district);
	if (link->seat)
		link->session = bh_session_open(bh_seat_hub(link->seat), now,
			bh_seat_district_ms(link->seat, now), &binding, link->source, link);
	if (!link->session) {
		link_die(link);
		return;
	}
	bh_session_linked(link->session, link->deadline_ms - BH_HANDSHAKE_MS_MAX);
	link->state = LINK_TALKING;
	bh_link_speak(link);
}

static void on_cut(void *context)
{
	struct bh_link *link = context;
	if (link->state == LINK_SHAKING)
		atomic_fetch_add(&link->links->handshakes_failed, 1);
	link_die(link);
}

static void on_timer(evutil_socket_t fd, short events, void *context)
{
	struct bh_link *link = context;
	struct bh_now now = bh_loop_now(link->links->loop);
	(void)fd;
	(void)events;
	link->timer_ms = INT64_MAX;
	if (link->state == LINK_DEAD) {
		link_free(link);
	} else if (link->state == LINK_TALKING) {
		bh_session_tick(link->session, now, bh_seat_district_ms(link->seat, now));
		bh_seat_pump(link->seat);
		if (link->session)
			bh_link_speak(link);
	} else if (now.mono_ms >= link->deadline_ms) {
		link_die(link);
	} else {
		timer_set(link, link->deadline_ms);
	}
}

/* An IPv4 address, or the upper half of an IPv6 one: a network is given to one customer whole. */
static uint64_t source_of(int fd)
{
	struct sockaddr_storage peer = {0};
	socklen_t len = sizeof(peer);
	uint64_t source = 0;
	const uint8_t *from = NULL;
	size_t count = 0;
	if (getpeername(fd, (struct sockaddr *)&peer, &len) != 0)
		return 0;
	if (peer.ss_family == AF_INET) {
		from = (const uint8_t *)&((const struct sockaddr_in *)(const void *)&peer)
			       ->sin_addr;
		count = 4;
	} else if (peer.ss_family == AF_INET6) {
		const struct in6_addr *six = &((const struct sockaddr_in6 *)(const void *)&peer)
						      ->sin6_addr;
		bool is_mapped = IN6_IS_ADDR_V4MAPPED(six);
		from = six->s6_addr + (is_mapped ? 12 : 0);
		count = is_mapped ? 4 : 8;
	}
	for (size_t i = 0; i < count; i++)
		source = source << 8 | from[i];
	return source;
}

static void socket_tune(int fd)
{
	int on = 1, timeout_ms = USER_TIMEOUT_MS;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof(timeout_ms));
}

static const struct bh_stream_events stream_events = {
	.up = on_up,
	.bytes = on_bytes,
	.paused = on_paused,
	.sent = on_sent,
	.cut = on_cut,
};

static int link_new(struct bh_links *links, int fd, struct bh_link **out)
{
	struct event_base *base = bh_loop_base(links->loop);
	SSL *ssl = bh_tls_accept_new(links->door);
	struct bh_link *link = calloc(1, sizeof(*link));
	int err = link && ssl ? BH_NOERR : BH_ERR_NOMEM;
	if (err) {
		SSL_free(ssl);
		(void)close(fd);
	} else {
		err = bh_stream_open(base, fd, ssl, &stream_events, link, &link->stream);
	}
	if (!err)
		link->timer = event_new(base, -1, 0, on_timer, link);
	if (err || !link->timer) {
		if (link)
			bh_stream_free(link->stream);
		free(link);
		return BH_ERR_NOMEM;
	}
	*out = link;
	return BH_NOERR;
}

void bh_link_open(struct bh_links *links, int fd)
{
	struct bh_link *link;
	socket_tune(fd);
	if (link_new(links, fd, &link) != BH_NOERR)
		return;
	link->links = links;
	link->source = source_of(fd);
	link->state = LINK_SHAKING;
	link->timer_ms = INT64_MAX;
	link->next = links->first;
	if (links->first)
		links->first->prev = link;
	links->first = link;
	links->count++;
	atomic_fetch_add(links->open_links, 1);
	link->deadline_ms = bh_loop_now(links->loop).mono_ms + BH_HANDSHAKE_MS_MAX;
	timer_set(link, link->deadline_ms);
}

void bh_links_end(struct bh_links *links)
{
	for (struct bh_link *link = links->first; link; link = link->next)
		if (link->state == LINK_SHAKING)
			link_die(link);
}

void bh_links_close_all(struct bh_links *links)
{
	struct bh_link *next;
	for (struct bh_link *link = links->first; link; link = next) {
		next = link->next;
		link_free(link);
	}
}
