/* Connections as their owners hold them: made, fed, closed, forgotten.  What the owner does happens
 * at once at his end; what the other end sees of it comes later as an event (net_step.c), if the
 * faults (net_fault.c) and the hosts (net_host.c) let it. */
#include "tests/sim/net.h"

#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "tests/sim/net_pipe.h"

#define CONNS_START_LEN 64u

int bh_simnet_create(
	struct bh_simqueue *queue, uint32_t event_kind, uint64_t seed, struct bh_simnet **out)
{
	struct bh_simrng rng = bh_simrng_make(seed);
	struct bh_simnet *net = calloc(1, sizeof(*net));

	if (net == NULL)
		return BH_ERR_NOMEM;
	net->queue = queue;
	net->event_kind = event_kind;
	net->rng = bh_simrng_fork(&rng, "net", 0);
	net->hash = BH_SIMHASH_START;
	for (size_t i = 0; i < BH_SIMNET_HOSTS_MAX; i++)
		net->hosts[i].profile = bh_simnet_profile_calm();
	*out = net;
	return BH_NOERR;
}

static void conn_free(struct bh_simnet *net, struct bh_simconn *conn)
{
	bh_simpipe_clear(net, &conn->pipe[0]);
	bh_simpipe_clear(net, &conn->pipe[1]);
	if (conn->previous != NULL)
		conn->previous->next = conn->next;
	else
		net->living = conn->next;
	if (conn->next != NULL)
		conn->next->previous = conn->previous;
	net->conns[conn->id] = NULL;
	free(conn->record);
	free(conn);
}

void bh_simnet_free(struct bh_simnet *net)
{
	if (net == NULL)
		return;
	while (net->living != NULL)
		conn_free(net, net->living);
	free(net->conns);
	free(net->shown);
	free(net);
}

struct bh_simconn *bh_simconn_find(const struct bh_simnet *net, uint32_t id)
{
	return id < net->conns_len ? net->conns[id] : NULL;
}

/* Makes room for one more id; id 0 is never given. */
static int conns_reserve(struct bh_simnet *net)
{
	size_t cap = CONNS_START_LEN;
	struct bh_simconn **conns;

	if (net->conns_len > BH_SIMNET_CONNS_MAX)
		return BH_ERR_LIMIT;
	if (net->conns_len > 0 && (net->conns_len & (net->conns_len - 1)) != 0)
		return BH_NOERR; /* the room is a power of two */
	while (cap <= net->conns_len)
		cap *= 2;
	conns = realloc(net->conns, cap * sizeof(*conns));
	if (conns == NULL)
		return BH_ERR_NOMEM;
	net->conns = conns;
	if (net->conns_len == 0)
		net->conns[net->conns_len++] = NULL;
	return BH_NOERR;
}

int bh_simconn_make(
	struct bh_simnet *net, uint32_t client, uint32_t server, struct bh_simconn **out)
{
	struct bh_simconn *conn;
	int err = conns_reserve(net);

	if (err != BH_NOERR)
		return err;
	conn = calloc(1, sizeof(*conn));
	if (conn == NULL)
		return BH_ERR_NOMEM;
	conn->id = (uint32_t)net->conns_len;
	conn->host[BH_SIMNET_CLIENT] = client;
	conn->host[BH_SIMNET_SERVER] = server;
	net->conns[net->conns_len++] = conn;
	conn->next = net->living;
	if (net->living != NULL)
		net->living->previous = conn;
	net->living = conn;
	*out = conn;
	return BH_NOERR;
}

void bh_simconn_reap(struct bh_simnet *net, struct bh_simconn *conn)
{
	if (conn->state[0] == BH_SIMSTATE_OVER && conn->state[1] == BH_SIMSTATE_OVER &&
		!conn->records)
		conn_free(net, conn);
}

void bh_simconn_end_over(struct bh_simnet *net, struct bh_simconn *conn, unsigned end)
{
	int64_t delay_max = bh_simconn_profile(net, conn)->replay_ms_max;
	int64_t now = bh_simqueue_now(net->queue);

	if (conn->state[end] == BH_SIMSTATE_OVER)
		return;
	conn->state[end] = BH_SIMSTATE_OVER;
	if (end == BH_SIMNET_CLIENT && conn->records) {
		conn->records = conn->record_len > 0;
		if (conn->records)
			bh_simnet_turn(net, now + bh_simrng_between(&net->rng, 0, delay_max), conn,
				BH_SIMTURN_REPLAY, 0);
	}
	bh_simconn_reap(net, conn);
}

int bh_simnet_connect(struct bh_simnet *net, uint32_t client, uint32_t server, uint32_t *conn)
{
	const struct bh_simnet_profile *profile = &net->hosts[client].profile;
	struct bh_simconn *made;
	int64_t now = bh_simqueue_now(net->queue);
	bool refuses = bh_simrng_chance(&net->rng, profile->refuse_ppm);
	bool loses = bh_simrng_chance(&net->rng, profile->connect_lost_ppm);
	int err;

	bh_assert(client < BH_SIMNET_HOSTS_MAX && server < BH_SIMNET_HOSTS_MAX);
	if (net->hosts[client].state != BH_SIMHOST_UP)
		return BH_ERR_CLOSED;
	err = bh_simconn_make(net, client, server, &made);
	if (err != BH_NOERR)
		return err;
	made->records = bh_simrng_chance(&net->rng, profile->replay_ppm);
	net->stats.connects++;
	if (refuses) {
		net->stats.refused++;
		bh_simnet_turn(
			net, now + 2 * bh_simconn_latency(net, made), made, BH_SIMTURN_REFUSED, 0);
	} else if (loses) {
		net->stats.connects_lost++;
		bh_simnet_turn(net, now + profile->connect_ms, made, BH_SIMTURN_REFUSED, 0);
	} else {
		bh_simnet_turn(net, now + bh_simconn_latency(net, made), made, BH_SIMTURN_SYN, 0);
	}
	*conn = made->id;
	return net->err;
}

size_t bh_simnet_room(const struct bh_simnet *net, uint32_t id, enum bh_simnet_end end)
{
	const struct bh_simconn *conn = bh_simconn_find(net, id);

	if (conn == NULL || conn->state[end] != BH_SIMSTATE_OPEN)
		return 0;
	return BH_SIMNET_WINDOW_BYTES - conn->pipe[end].unacked;
}

bool bh_simnet_end_is_open(const struct bh_simnet *net, uint32_t id, enum bh_simnet_end end)
{
	const struct bh_simconn *conn = bh_simconn_find(net, id);

	return conn != NULL && conn->state[end] == BH_SIMSTATE_OPEN;
}

/* Keeps what a client sends, unless it becomes too much. */
static void conn_record(
	struct bh_simnet *net, struct bh_simconn *conn, const uint8_t *data, size_t len)
{
	uint8_t *record;

	if (!conn->records)
		return;
	if (conn->record_len + len > BH_SIMNET_REPLAY_BYTES_MAX) {
		conn->records = false;
		return;
	}
	record = realloc(conn->record, conn->record_len + len);
	if (record == NULL) {
		net->err = BH_ERR_NOMEM;
		return;
	}
	memcpy(record + conn->record_len, data, len);
	conn->record = record;
	conn->record_len += len;
}

int bh_simnet_send(struct bh_simnet *net, uint32_t id, enum bh_simnet_end end, const void *data,
	size_t len, size_t *taken)
{
	struct bh_simconn *conn = bh_simconn_find(net, id);
	size_t room = bh_simnet_room(net, id, end);
	size_t part = len < room ? len : room;

	if (conn == NULL || conn->state[end] != BH_SIMSTATE_OPEN)
		return BH_ERR_CLOSED;
	if (part < len) {
		conn->pipe[end].wants_room = true;
		net->stats.windows_full++;
	}
	*taken = part;
	if (part == 0)
		return net->err;
	net->stats.sends++;
	net->stats.bytes_sent += part;
	if (conn->replay) {
		net->stats.bytes_lost += part; /* whoever replays throws the answers away */
		return net->err;
	}
	if (end == BH_SIMNET_CLIENT)
		conn_record(net, conn, data, part);
	conn->pipe[end].unacked += part;
	if (bh_simfault_swallows(net, conn, end))
		net->stats.bytes_lost += part;
	else
		bh_simpipe_feed(net, conn, end, data, part);
	bh_simfault_after_send(net, conn, end);
	return net->err;
}

/* Sends the end's last word after what it has sent. */
static void conn_finish(
	struct bh_simnet *net, struct bh_simconn *conn, unsigned end, enum bh_simpiece_kind word)
{
	int64_t due_ms = bh_simqueue_now(net->queue) + bh_simconn_latency(net, conn);

	if (!conn->pipe[end].dead && !conn->stale && conn->state[end] == BH_SIMSTATE_OPEN)
		bh_simpipe_add(net, conn, end, word, NULL, 0, due_ms);
	else if (conn->state[end] == BH_SIMSTATE_NEW && conn->state[end ^ 1u] == BH_SIMSTATE_OPEN)
		bh_simpipe_add(net, conn, end, word, NULL, 0, due_ms);
	bh_simconn_end_over(net, conn, end);
}

void bh_simnet_close(struct bh_simnet *net, uint32_t id, enum bh_simnet_end end)
{
	struct bh_simconn *conn = bh_simconn_find(net, id);

	if (conn != NULL && conn->state[end] != BH_SIMSTATE_OVER)
		conn_finish(net, conn, end, BH_SIMPIECE_EOF);
}

void bh_simnet_abort(struct bh_simnet *net, uint32_t id, enum bh_simnet_end end)
{
	struct bh_simconn *conn = bh_simconn_find(net, id);

	if (conn == NULL || conn->state[end] == BH_SIMSTATE_OVER)
		return;
	if (bh_simrng_below(&net->rng, 2) == 0 && !conn->stale)
		bh_simpipe_clear(net, &conn->pipe[end]);
	conn_finish(net, conn, end, BH_SIMPIECE_RESET);
}

struct bh_simnet_stats bh_simnet_stats(const struct bh_simnet *net)
{
	return net->stats;
}

/* The struct is counts and nothing else, so that it can be added as an array of them. */
_Static_assert(sizeof(struct bh_simnet_stats) % sizeof(uint64_t) == 0, "counts only");

void bh_simnet_stats_add(struct bh_simnet_stats *total, const struct bh_simnet_stats *more)
{
	uint64_t sums[sizeof(*total) / sizeof(uint64_t)];
	uint64_t terms[sizeof(*total) / sizeof(uint64_t)];

	memcpy(sums, total, sizeof(sums));
	memcpy(terms, more, sizeof(terms));
	for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++)
		sums[i] += terms[i];
	memcpy(total, sums, sizeof(sums));
}

uint64_t bh_simnet_hash(const struct bh_simnet *net)
{
	return net->hash;
}
