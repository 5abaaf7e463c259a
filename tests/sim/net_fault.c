/* What befalls a connection.  Each send draws, in this order: a cut (of both directions, each at a
 * random byte; both ends, one or none are told), being given up by its client while its bytes wait
 * (stale), and being swallowed from here on.  A connection suffers one of these at most.  An end
 * that was not told finds out only if it sends and its own system gives up waiting for an answer,
 * and sometimes not even then. */
#include "tests/sim/net_pipe.h"

#include "proto/err.h"

static unsigned other(unsigned end)
{
	return end ^ 1u;
}

static int64_t now_of(const struct bh_simnet *net)
{
	return bh_simqueue_now(net->queue);
}

static bool conn_is_hurt(const struct bh_simconn *conn)
{
	return conn->pipe[0].dead || conn->pipe[1].dead || conn->stale || conn->replay;
}

bool bh_simconn_is_mute(const struct bh_simnet *net, const struct bh_simconn *conn)
{
	uint32_t client = conn->host[BH_SIMNET_CLIENT];
	uint32_t server = conn->host[BH_SIMNET_SERVER];

	return conn->pipe[0].dead || conn->pipe[1].dead || net->blocked[client][server] ||
	       net->blocked[server][client] || net->hosts[client].state == BH_SIMHOST_DARK ||
	       net->hosts[server].state == BH_SIMHOST_DARK;
}

void bh_simfault_watch(struct bh_simnet *net, struct bh_simconn *conn, unsigned end)
{
	const struct bh_simnet_profile *profile = bh_simconn_profile(net, conn);
	int64_t wait_ms;

	if (conn->replay || conn->state[end] != BH_SIMSTATE_OPEN ||
		conn->notice[end] != BH_SIMNOTICE_NONE || conn->pipe[end].unacked == 0 ||
		!bh_simconn_is_mute(net, conn))
		return;
	if (bh_simrng_chance(&net->rng, profile->never_ppm)) {
		conn->notice[end] = BH_SIMNOTICE_NEVER;
		return;
	}
	wait_ms = bh_simrng_between(&net->rng, profile->notice_ms_min, profile->notice_ms_max);
	conn->notice[end] = BH_SIMNOTICE_ARMED;
	bh_simnet_turn(net, now_of(net) + wait_ms, conn, BH_SIMTURN_NOTICE,
		++conn->notice_generation[end] << 1 | end);
}

/* The end learns of it after what is still under way to it. */
static void tell(struct bh_simnet *net, struct bh_simconn *conn, unsigned end)
{
	int64_t due_ms = now_of(net) + bh_simconn_latency(net, conn);

	bh_simpipe_add(net, conn, other(end), BH_SIMPIECE_RESET, NULL, 0, due_ms);
}

static void cut(struct bh_simnet *net, struct bh_simconn *conn)
{
	const struct bh_simnet_profile *profile = bh_simconn_profile(net, conn);
	bool inside = bh_simpipe_cut(net, conn, BH_SIMNET_CLIENT);
	bool silent = bh_simrng_chance(&net->rng, profile->cut_silent_ppm);
	bool one = bh_simrng_chance(&net->rng, profile->cut_one_ppm);
	unsigned lucky = (unsigned)bh_simrng_below(&net->rng, 2);

	inside = bh_simpipe_cut(net, conn, BH_SIMNET_SERVER) || inside;
	net->stats.cut_inside += inside ? 1 : 0;
	if (silent) {
		net->stats.cuts_silent++;
		return;
	}
	tell(net, conn, lucky);
	if (one) {
		net->stats.cuts_told_one++;
		return;
	}
	tell(net, conn, other(lucky));
	net->stats.cuts_told_both++;
}

/* The client is told RESET; what it has sent waits; what the server sends is lost. */
static void make_stale(struct bh_simnet *net, struct bh_simconn *conn)
{
	const struct bh_simnet_profile *profile = bh_simconn_profile(net, conn);

	conn->stale = true;
	conn->pipe[BH_SIMNET_CLIENT].held = true;
	bh_simpipe_arm(net, conn, BH_SIMNET_CLIENT);
	bh_simpipe_clear(net, &conn->pipe[BH_SIMNET_SERVER]);
	conn->pipe[BH_SIMNET_SERVER].dead = true;
	tell(net, conn, BH_SIMNET_CLIENT);
	bh_simnet_turn(net, now_of(net) + profile->stale_ms_max, conn, BH_SIMTURN_RELEASE, 0);
}

void bh_simfault_after_send(struct bh_simnet *net, struct bh_simconn *conn, unsigned direction)
{
	const struct bh_simnet_profile *profile = bh_simconn_profile(net, conn);
	bool cuts = bh_simrng_chance(&net->rng, profile->cut_ppm);
	bool stale = bh_simrng_chance(&net->rng, profile->stale_ppm);

	if (!conn_is_hurt(conn)) {
		if (cuts)
			cut(net, conn);
		else if (stale && direction == BH_SIMNET_CLIENT)
			make_stale(net, conn);
	}
	bh_simfault_watch(net, conn, direction);
}

bool bh_simfault_swallows(struct bh_simnet *net, struct bh_simconn *conn, unsigned direction)
{
	const struct bh_simnet_profile *profile = bh_simconn_profile(net, conn);
	bool swallows = bh_simrng_chance(&net->rng, profile->blackhole_ppm);

	if (conn->pipe[direction].dead)
		return true;
	if (!swallows || conn_is_hurt(conn))
		return false;
	/* This direction, the other, or both. */
	switch (bh_simrng_below(&net->rng, 3)) {
	case 0:
		conn->pipe[direction].dead = true;
		net->stats.blackholes_one_way++;
		break;
	case 1:
		conn->pipe[other(direction)].dead = true;
		net->stats.blackholes_one_way++;
		break;
	default:
		conn->pipe[0].dead = true;
		conn->pipe[1].dead = true;
		net->stats.blackholes_both_ways++;
		break;
	}
	return conn->pipe[direction].dead;
}

void bh_simfault_release(struct bh_simnet *net, struct bh_simconn *conn)
{
	struct bh_simpipe *pipe = &conn->pipe[BH_SIMNET_CLIENT];

	if (!pipe->held)
		return;
	pipe->held = false;
	/* The proxy closes its side in order, breaks it off, or leaves it open and mute. */
	switch (bh_simrng_below(&net->rng, 3)) {
	case 0:
		bh_simpipe_add(net, conn, BH_SIMNET_CLIENT, BH_SIMPIECE_EOF, NULL, 0, now_of(net));
		break;
	case 1:
		bh_simpipe_add(
			net, conn, BH_SIMNET_CLIENT, BH_SIMPIECE_RESET, NULL, 0, now_of(net));
		break;
	default:
		break;
	}
	pipe->dead = true;
	bh_simpipe_arm(net, conn, BH_SIMNET_CLIENT);
}

void bh_simfault_newer(struct bh_simnet *net, const struct bh_simconn *newer)
{
	for (struct bh_simconn *at = net->living; at != NULL; at = at->next) {
		int64_t wait_ms;

		if (at->id >= newer->id || !at->pipe[BH_SIMNET_CLIENT].held ||
			at->host[0] != newer->host[0] || at->host[1] != newer->host[1])
			continue;
		at->stale_late = true;
		wait_ms = bh_simrng_tail(
			&net->rng, 0, bh_simconn_profile(net, at)->stale_ms_max / 4);
		bh_simnet_turn(net, now_of(net) + wait_ms, at, BH_SIMTURN_RELEASE, 0);
	}
}
