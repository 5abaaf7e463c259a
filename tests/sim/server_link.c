/* The server's sessions on the virtual network: what net/ does with sockets, event by event.  Every
 * frame that leaves is shown to the judge. */
#include <string.h>

#include "proto/err.h"
#include "proto/frame.h"
#include "tests/sim/judge.h"
#include "tests/sim/server_state.h"

#define SENT_BYTES_MAX (4u * 1024u * 1024u)

static struct bh_simlink *link_of(struct bh_simserver *server, uint32_t conn)
{
	for (size_t i = 0; i < BH_SIMSERVER_LINKS_MAX; i++) {
		if (server->links[i].conn == conn)
			return &server->links[i];
	}
	return NULL;
}

static void link_free(struct bh_simlink *link)
{
	bh_session_close(link->session);
	bh_buf_free(&link->sent);
	*link = (struct bh_simlink){0};
}

void bh_simserver_links_drop(struct bh_simserver *server)
{
	for (size_t i = 0; i < BH_SIMSERVER_LINKS_MAX; i++) {
		if (server->links[i].conn != 0)
			link_free(&server->links[i]);
	}
}

int64_t bh_simserver_links_wake_mono_ms(const struct bh_simserver *server)
{
	int64_t wake_ms = INT64_MAX;

	for (size_t i = 0; i < BH_SIMSERVER_LINKS_MAX; i++) {
		const struct bh_simlink *link = &server->links[i];
		if (link->conn != 0 && bh_session_wake_mono_ms(link->session) < wake_ms)
			wake_ms = bh_session_wake_mono_ms(link->session);
	}
	return wake_ms;
}

void bh_simserver_links_tick(struct bh_simserver *server)
{
	struct bh_now now = bh_simserver_now(server);

	for (size_t i = 0; i < BH_SIMSERVER_LINKS_MAX; i++) {
		struct bh_simlink *link = &server->links[i];
		if (link->conn != 0 && bh_session_wake_mono_ms(link->session) <= now.mono_ms)
			bh_session_tick(link->session, now, bh_simserver_time(server));
	}
}

/* ---- Output ---- */

/* Cuts what leaves into frames.  Those that were begun before a revocation may end after it. */
static void show(struct bh_simserver *server, struct bh_simlink *link, const void *data, size_t len)
{
	struct bh_span body;
	size_t used = 0;
	bool begun = link->sent.len != 0;

	bh_assert(bh_buf_append(&link->sent, data, len) == 0);
	while (bh_frame_take(bh_buf_span(&link->sent), BH_FRAME_BYTES_MAX, &body, &used) == 0) {
		if (!begun)
			bh_simjudge_frame(server->run->judge, bh_session_device(link->session),
				body.data, body.len);
		begun = false;
		bh_buf_consume(&link->sent, used);
	}
}

static void link_flush(struct bh_simserver *server, struct bh_simlink *link)
{
	struct bh_buf *out = bh_session_output(link->session);
	size_t taken = 0;

	if (out->len != 0) {
		int rc = bh_simnet_send(server->run->net, link->conn, BH_SIMNET_SERVER, out->data,
			out->len, &taken);
		bh_assert(rc == 0 || rc == BH_ERR_CLOSED);
		if (rc == BH_ERR_CLOSED)
			taken = out->len;
		show(server, link, out->data, taken);
		bh_buf_consume(out, taken);
		if (out->len == 0)
			bh_buf_free(out);
	}
	if (out->len == 0)
		bh_session_output_taken(link->session);
	if (bh_session_is_closing(link->session) && out->len == 0) {
		bh_simtrace_say(&server->run->trace, bh_simrun_now(server->run), "server: %s",
			bh_session_reason(link->session));
		bh_simnet_close(server->run->net, link->conn, BH_SIMNET_SERVER);
		link_free(link);
	}
}

void bh_simserver_flush(struct bh_simserver *server)
{
	struct bh_session *session;

	while ((session = bh_hub_next_touched(server->hub)) != NULL)
		link_flush(server, bh_session_owner(session));
}

/* ---- Input ---- */

static void accepted(struct bh_simserver *server, uint32_t conn)
{
	struct bh_binding binding = bh_simrun_binding(conn);
	struct bh_simlink *link = link_of(server, 0);

	bh_assert(link != NULL);
	link->session = bh_session_open(server->hub, bh_simserver_now(server),
		bh_simserver_time(server), &binding, conn, link);
	bh_assert(link->session != NULL);
	link->conn = conn;
	link->sent = BH_BUF(SENT_BYTES_MAX);
}

void bh_simserver_news(struct bh_simserver *server, const struct bh_simnet_news *news)
{
	if (!server->up)
		return;
	struct bh_simlink *link = link_of(server, news->conn);

	if (news->seen == BH_SIMNET_ACCEPTED) {
		accepted(server, news->conn);
	} else if (link == NULL) {
		return;
	} else if (news->seen == BH_SIMNET_DATA) {
		bh_session_bytes(link->session, bh_simserver_now(server), bh_simserver_time(server),
			bh_span(news->data, news->len));
	} else if (news->seen == BH_SIMNET_WRITABLE) {
		link_flush(server, link);
	} else if (news->seen == BH_SIMNET_EOF || news->seen == BH_SIMNET_RESET ||
		   news->seen == BH_SIMNET_TIMEOUT) {
		bh_simnet_close(server->run->net, news->conn, BH_SIMNET_SERVER);
		link_free(link);
	}
	bh_simserver_settle(server);
}
