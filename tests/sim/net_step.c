/* What an event does.  Each turn of a connection has one handler; it changes the connection and
 * says what one of its ends sees, if anything.  The connection may be gone when its event comes:
 * ids are never used again, so that is noticed. */
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "tests/sim/net_pipe.h"

#define LONG_DELAY_MS 10000

static int64_t now_of(const struct bh_simnet *net)
{
	return bh_simqueue_now(net->queue);
}

static void say(const struct bh_simconn *conn, unsigned end, enum bh_simnet_seen seen,
	struct bh_simnet_news *news)
{
	*news = (struct bh_simnet_news){
		.seen = seen,
		.end = (enum bh_simnet_end)end,
		.conn = conn->id,
		.host = conn->host[end],
		.peer = conn->host[end ^ 1u],
		.replay = conn->replay,
	};
}

/* Neither end will ever see anything. */
static void conn_drop(struct bh_simnet *net, struct bh_simconn *conn)
{
	conn->state[BH_SIMNET_SERVER] = BH_SIMSTATE_OVER;
	conn->state[BH_SIMNET_CLIENT] = BH_SIMSTATE_OVER;
	conn->records = false;
	bh_simconn_reap(net, conn);
}

static void turn_syn(
	struct bh_simnet *net, struct bh_simconn *conn, uint64_t c, struct bh_simnet_news *news)
{
	uint32_t client = conn->host[BH_SIMNET_CLIENT];
	uint32_t server = conn->host[BH_SIMNET_SERVER];
	int64_t back_ms = now_of(net) + bh_simconn_latency(net, conn);
	int64_t give_up_ms = now_of(net) + bh_simconn_profile(net, conn)->connect_ms;

	(void)c;
	if (conn->state[BH_SIMNET_CLIENT] == BH_SIMSTATE_OVER) {
		conn_drop(net, conn);
	} else if (net->hosts[server].state == BH_SIMHOST_DARK || net->blocked[client][server] ||
		   net->blocked[server][client]) {
		net->stats.connects_lost++;
		bh_simnet_turn(net, give_up_ms, conn, BH_SIMTURN_REFUSED, 0);
	} else if (!net->hosts[server].listening) {
		net->stats.refused++;
		bh_simnet_turn(net, back_ms, conn, BH_SIMTURN_REFUSED, 0);
	} else {
		conn->state[BH_SIMNET_SERVER] = BH_SIMSTATE_OPEN;
		conn->pipe[BH_SIMNET_SERVER].last_due_ms = back_ms;
		bh_simnet_turn(net, back_ms, conn, BH_SIMTURN_CONNECTED, 0);
		bh_simfault_newer(net, conn);
		say(conn, BH_SIMNET_SERVER, BH_SIMNET_ACCEPTED, news);
	}
}

static void turn_connected(
	struct bh_simnet *net, struct bh_simconn *conn, uint64_t c, struct bh_simnet_news *news)
{
	(void)c;
	if (conn->state[BH_SIMNET_CLIENT] != BH_SIMSTATE_NEW)
		return;
	conn->state[BH_SIMNET_CLIENT] = BH_SIMSTATE_OPEN;
	net->stats.connected++;
	say(conn, BH_SIMNET_CLIENT, BH_SIMNET_CONNECTED, news);
}

static void turn_refused(
	struct bh_simnet *net, struct bh_simconn *conn, uint64_t c, struct bh_simnet_news *news)
{
	(void)c;
	if (conn->state[BH_SIMNET_CLIENT] == BH_SIMSTATE_NEW)
		say(conn, BH_SIMNET_CLIENT, BH_SIMNET_REFUSED, news);
	conn_drop(net, conn);
}

/* Something arrived at an end that is over.  Its system answers RESET if it is there and is heard.
 */
static void bounce(struct bh_simnet *net, struct bh_simconn *conn, unsigned sender)
{
	unsigned gone = sender ^ 1u;
	bool heard = !conn->pipe[gone].dead || conn->forgot[gone];

	if (conn->state[sender] != BH_SIMSTATE_OPEN)
		return;
	if (net->hosts[conn->host[gone]].state != BH_SIMHOST_DARK && heard &&
		!net->blocked[conn->host[gone]][conn->host[sender]])
		bh_simnet_turn(net, now_of(net) + bh_simconn_latency(net, conn), conn,
			BH_SIMTURN_TOLD, sender);
	else
		bh_simfault_watch(net, conn, sender);
}

static void count_delivery(struct bh_simnet *net, struct bh_simconn *conn, unsigned direction,
	const struct bh_simpiece *piece)
{
	net->stats.bytes_delivered += piece->len;
	net->stats.pieces_delivered++;
	net->stats.long_delays += now_of(net) - piece->sent_ms >= LONG_DELAY_MS ? 1 : 0;
	if (direction != BH_SIMNET_CLIENT)
		return;
	if (conn->stale_late) {
		net->stats.stale_conns += conn->counted ? 0 : 1;
		net->stats.stale_bytes += piece->len;
		conn->counted = true;
	} else if (conn->replay) {
		net->stats.replays += conn->counted ? 0 : 1;
		net->stats.replay_bytes += piece->len;
		conn->counted = true;
	}
}

static void deliver(struct bh_simnet *net, struct bh_simconn *conn, unsigned direction,
	struct bh_simpiece *piece, struct bh_simnet_news *news)
{
	struct bh_simpipe *pipe = &conn->pipe[direction];

	count_delivery(net, conn, direction, piece);
	bh_assert(conn->replay || pipe->unacked >= piece->len);
	pipe->unacked -= conn->replay ? 0 : piece->len;
	/* Where nothing comes back the acknowledgement does not either. */
	if (pipe->unacked == 0 && conn->notice[direction] == BH_SIMNOTICE_ARMED &&
		!bh_simconn_is_mute(net, conn)) {
		conn->notice[direction] = BH_SIMNOTICE_NONE;
		conn->notice_generation[direction]++;
	}
	if (pipe->wants_room && conn->state[direction] == BH_SIMSTATE_OPEN) {
		pipe->wants_room = false;
		bh_simnet_turn(net, now_of(net), conn, BH_SIMTURN_WRITABLE, direction);
	}
	say(conn, direction ^ 1u, BH_SIMNET_DATA, news);
	net->shown = piece->data;
	piece->data = NULL;
	news->data = net->shown;
	news->len = piece->len;
}

static void turn_arrive(
	struct bh_simnet *net, struct bh_simconn *conn, uint64_t c, struct bh_simnet_news *news)
{
	unsigned direction = (unsigned)(c & 1);
	unsigned receiver = direction ^ 1u;
	struct bh_simpipe *pipe = &conn->pipe[direction];
	struct bh_simpiece *piece;

	if (pipe->generation != c >> 1 || pipe->first == NULL)
		return;
	if (net->blocked[conn->host[direction]][conn->host[receiver]]) {
		pipe->waiting = true;
		net->stats.partition_waits++;
		return;
	}
	piece = bh_simpipe_take(pipe);
	bh_simpipe_arm(net, conn, direction);
	if (conn->state[receiver] == BH_SIMSTATE_OVER) {
		net->stats.bytes_lost += piece->len;
		if (piece->kind == BH_SIMPIECE_DATA)
			bounce(net, conn, direction);
	} else if (piece->kind == BH_SIMPIECE_DATA) {
		deliver(net, conn, direction, piece, news);
	} else if (piece->kind == BH_SIMPIECE_EOF) {
		conn->saw_eof[receiver] = true;
		say(conn, receiver, BH_SIMNET_EOF, news);
	} else {
		say(conn, receiver, BH_SIMNET_RESET, news);
		bh_simconn_end_over(net, conn, receiver);
	}
	free(piece->data);
	free(piece);
}

static void turn_writable(
	struct bh_simnet *net, struct bh_simconn *conn, uint64_t c, struct bh_simnet_news *news)
{
	(void)net;
	if (conn->state[c] == BH_SIMSTATE_OPEN)
		say(conn, (unsigned)c, BH_SIMNET_WRITABLE, news);
}

static void turn_told(
	struct bh_simnet *net, struct bh_simconn *conn, uint64_t c, struct bh_simnet_news *news)
{
	unsigned end = (unsigned)c;

	if (conn->state[end] != BH_SIMSTATE_OPEN)
		return;
	net->stats.half_open_resets += conn->saw_eof[end] ? 0 : 1;
	say(conn, end, BH_SIMNET_RESET, news);
	bh_simconn_end_over(net, conn, end);
}

static void turn_notice(
	struct bh_simnet *net, struct bh_simconn *conn, uint64_t c, struct bh_simnet_news *news)
{
	unsigned end = (unsigned)(c & 1);

	if (conn->notice_generation[end] != c >> 1 || conn->state[end] != BH_SIMSTATE_OPEN)
		return;
	conn->notice[end] = BH_SIMNOTICE_NONE;
	if (!bh_simconn_is_mute(net, conn))
		return;
	/* What it has not got rid of goes nowhere any more. */
	conn->forgot[end] = !conn->pipe[0].dead && !conn->pipe[1].dead;
	bh_simpipe_clear(net, &conn->pipe[end]);
	conn->pipe[end].dead = true;
	net->stats.timeouts++;
	say(conn, end, BH_SIMNET_TIMEOUT, news);
	bh_simconn_end_over(net, conn, end);
}

static void turn_release(
	struct bh_simnet *net, struct bh_simconn *conn, uint64_t c, struct bh_simnet_news *news)
{
	(void)c;
	(void)news;
	bh_simfault_release(net, conn);
}

/* All that the client of original sent goes to the server on a connection of its own. */
static void turn_replay(
	struct bh_simnet *net, struct bh_simconn *original, uint64_t c, struct bh_simnet_news *news)
{
	uint32_t server = original->host[BH_SIMNET_SERVER];
	struct bh_simconn *conn = NULL;
	int64_t end_ms;

	(void)c;
	if (net->hosts[server].listening && net->err == BH_NOERR)
		net->err = bh_simconn_make(net, original->host[BH_SIMNET_CLIENT], server, &conn);
	if (conn != NULL) {
		conn->replay = true;
		conn->state[BH_SIMNET_CLIENT] = BH_SIMSTATE_OVER;
		conn->state[BH_SIMNET_SERVER] = BH_SIMSTATE_OPEN;
		net->stats.bytes_sent += original->record_len;
		bh_simpipe_feed(
			net, conn, BH_SIMNET_CLIENT, original->record, original->record_len);
		end_ms = conn->pipe[BH_SIMNET_CLIENT].last_due_ms + bh_simconn_latency(net, conn);
		bh_simpipe_add(net, conn, BH_SIMNET_CLIENT, BH_SIMPIECE_EOF, NULL, 0, end_ms);
		say(conn, BH_SIMNET_SERVER, BH_SIMNET_ACCEPTED, news);
	}
	original->records = false;
	bh_simconn_reap(net, original);
}

/* By enum bh_simnet_turn. */
static void (*const turns[])(
	struct bh_simnet *net, struct bh_simconn *conn, uint64_t c, struct bh_simnet_news *news) = {
	[BH_SIMTURN_SYN] = turn_syn,
	[BH_SIMTURN_CONNECTED] = turn_connected,
	[BH_SIMTURN_REFUSED] = turn_refused,
	[BH_SIMTURN_ARRIVE] = turn_arrive,
	[BH_SIMTURN_WRITABLE] = turn_writable,
	[BH_SIMTURN_TOLD] = turn_told,
	[BH_SIMTURN_NOTICE] = turn_notice,
	[BH_SIMTURN_RELEASE] = turn_release,
	[BH_SIMTURN_REPLAY] = turn_replay,
};

static void net_remember(struct bh_simnet *net, const struct bh_simnet_news *news)
{
	if (news->seen == BH_SIMNET_NOTHING)
		return;
	net->hash = bh_simhash_u64(net->hash, (uint64_t)now_of(net));
	net->hash = bh_simhash_u64(net->hash,
		(uint64_t)news->conn << 32 | (uint64_t)news->seen << 8 | (uint64_t)news->end);
	net->hash = bh_simhash_u64(net->hash, news->len);
	net->hash = bh_simhash_bytes(net->hash, news->data, news->len);
}

int bh_simnet_step(
	struct bh_simnet *net, const struct bh_simevent *event, struct bh_simnet_news *out)
{
	struct bh_simconn *conn = bh_simconn_find(net, event->a);
	struct bh_simnet_news news = {.seen = BH_SIMNET_NOTHING};

	bh_assert(event->kind == net->event_kind);
	bh_assert(event->b < sizeof(turns) / sizeof(turns[0]));
	free(net->shown);
	net->shown = NULL;
	if (conn != NULL)
		turns[event->b](net, conn, event->c, &news);
	if (net->err != BH_NOERR)
		return net->err;
	net_remember(net, &news);
	*out = news;
	return BH_NOERR;
}
