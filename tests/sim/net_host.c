/* Hosts: how good their network is, whether they are there, and who cannot reach whom.  A process
 * that dies leaves a system that still answers for it; a host without power leaves silence. */
#include "proto/err.h"
#include "tests/sim/net_pipe.h"

struct bh_simnet_profile bh_simnet_profile_calm(void)
{
	return (struct bh_simnet_profile){
		.latency_ms_min = 20,
		.latency_ms_max = 80,
		.bytes_per_s = 1000000,
		.connect_ms = 10000,
		.notice_ms_min = 30000,
		.notice_ms_max = 60000,
	};
}

struct bh_simnet_profile bh_simnet_profile_rough(void)
{
	return (struct bh_simnet_profile){
		.latency_ms_min = 30,
		.latency_ms_max = 3000,
		.stall_ppm = 20000,
		.stall_ms_max = 180000,
		.bytes_per_s = 20000,
		.bytewise_ppm = 50000,
		.split_ppm = 200000,
		.glue_ppm = 200000,
		.glue_ms = 500,
		.refuse_ppm = 50000,
		.connect_lost_ppm = 50000,
		.connect_ms = 10000,
		.replay_ppm = 60000,
		.replay_ms_max = 120000,
		.cut_ppm = 30000,
		.cut_one_ppm = 400000,
		.cut_silent_ppm = 200000,
		.stale_ppm = 15000,
		.stale_ms_max = 120000,
		.blackhole_ppm = 8000,
		.notice_ms_min = 10000,
		.notice_ms_max = 300000,
		.never_ppm = 300000,
	};
}

void bh_simnet_host_profile(
	struct bh_simnet *net, uint32_t host, const struct bh_simnet_profile *profile)
{
	bh_assert(host < BH_SIMNET_HOSTS_MAX);
	net->hosts[host].profile = *profile;
}

void bh_simnet_host_listen(struct bh_simnet *net, uint32_t host, bool listening)
{
	bh_assert(host < BH_SIMNET_HOSTS_MAX);
	net->hosts[host].listening = listening;
}

static void end_dies(struct bh_simnet *net, struct bh_simconn *conn, unsigned end, bool power)
{
	unsigned peer = end ^ 1u;
	struct bh_simpipe *pipe = &conn->pipe[end];
	int64_t due_ms = bh_simqueue_now(net->queue) + bh_simconn_latency(net, conn);

	if (pipe->held) {
		/* A proxy has the bytes already. */
	} else if (power) {
		(void)bh_simpipe_cut(net, conn, end);
		conn->forgot[end] = true;
	} else if (!pipe->dead && conn->state[peer] == BH_SIMSTATE_OPEN) {
		enum bh_simpiece_kind word = bh_simrng_below(&net->rng, 2) == 0 ? BH_SIMPIECE_EOF
										: BH_SIMPIECE_RESET;

		bh_simpipe_add(net, conn, end, word, NULL, 0, due_ms);
	}
	bh_simfault_watch(net, conn, peer);
	bh_simconn_end_over(net, conn, end);
}

void bh_simnet_host_down(struct bh_simnet *net, uint32_t host, bool power)
{
	struct bh_simconn *next;

	bh_assert(host < BH_SIMNET_HOSTS_MAX);
	net->hosts[host].state = power ? BH_SIMHOST_DARK : BH_SIMHOST_DEAD;
	net->hosts[host].listening = false;
	*(power ? &net->stats.powers_lost : &net->stats.processes_died) += 1;
	for (struct bh_simconn *at = net->living; at != NULL; at = next) {
		bool client = at->host[BH_SIMNET_CLIENT] == host &&
			      at->state[BH_SIMNET_CLIENT] != BH_SIMSTATE_OVER;
		bool server = at->host[BH_SIMNET_SERVER] == host &&
			      at->state[BH_SIMNET_SERVER] == BH_SIMSTATE_OPEN;

		next = at->next;
		bh_assert(at->host[0] != at->host[1]); /* nobody connects to himself */
		if (client)
			end_dies(net, at, BH_SIMNET_CLIENT, power);
		else if (server)
			end_dies(net, at, BH_SIMNET_SERVER, power);
	}
}

void bh_simnet_host_up(struct bh_simnet *net, uint32_t host)
{
	bh_assert(host < BH_SIMNET_HOSTS_MAX);
	net->hosts[host].state = BH_SIMHOST_UP;
}

void bh_simconn_resume(struct bh_simnet *net, struct bh_simconn *conn)
{
	for (unsigned direction = 0; direction < 2; direction++) {
		struct bh_simpipe *pipe = &conn->pipe[direction];

		if (!pipe->waiting ||
			net->blocked[conn->host[direction]][conn->host[direction ^ 1u]])
			continue;
		pipe->waiting = false;
		pipe->first->due_ms = bh_simqueue_now(net->queue) + bh_simconn_latency(net, conn);
		if (pipe->last_due_ms < pipe->first->due_ms)
			pipe->last_due_ms = pipe->first->due_ms;
		bh_simpipe_arm(net, conn, direction);
	}
	for (unsigned end = 0; end < 2 && !bh_simconn_is_mute(net, conn); end++) {
		if (conn->notice[end] == BH_SIMNOTICE_NONE)
			continue;
		conn->notice[end] = BH_SIMNOTICE_NONE;
		conn->notice_generation[end]++;
	}
}

void bh_simnet_partition(struct bh_simnet *net, uint32_t from, uint32_t to, bool blocked)
{
	bh_assert(from < BH_SIMNET_HOSTS_MAX && to < BH_SIMNET_HOSTS_MAX);
	if (net->blocked[from][to] == blocked)
		return;
	net->blocked[from][to] = blocked;
	for (struct bh_simconn *at = net->living; at != NULL; at = at->next) {
		if (!blocked) {
			bh_simconn_resume(net, at);
			continue;
		}
		bh_simfault_watch(net, at, BH_SIMNET_CLIENT);
		bh_simfault_watch(net, at, BH_SIMNET_SERVER);
	}
}

void bh_simnet_heal(struct bh_simnet *net)
{
	for (size_t i = 0; i < BH_SIMNET_HOSTS_MAX; i++) {
		net->hosts[i].profile = bh_simnet_profile_calm();
		for (size_t j = 0; j < BH_SIMNET_HOSTS_MAX; j++)
			net->blocked[i][j] = false;
	}
	for (struct bh_simconn *at = net->living; at != NULL; at = at->next) {
		bh_simfault_release(net, at);
		bh_simconn_resume(net, at);
	}
}
