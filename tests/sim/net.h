/* A virtual network: byte streams between numbered hosts over virtual time, which delay, split,
 *glue, cut, swallow, stall, arrive late on a forgotten connection and arrive twice, all from one
 *seed.
 *
 * No callbacks.  The network puts its events into the simulator's queue under one kind; the
 *simulator pops everything, and hands what has that kind to bh_simnet_step, which answers what an
 *end now sees.  Virtual now is the queue's.
 *
 *	client end                               server end
 *	connect ──▶ CONNECTED | REFUSED          ACCEPTED
 *	send    ──▶                    ··▶       DATA ...
 *	DATA    ◀··                              ◀── send
 *	close/abort ──▶                ··▶       EOF / RESET       (either end, either way)
 *	TIMEOUT                                  TIMEOUT           (its own system gave up)
 *
 * An end is over after REFUSED, RESET, TIMEOUT, its own close or abort, or its host going down:
 *nothing more is ever reported for it, and sends on it are refused.  After EOF an end can still
 *send, and must close. Bytes of one connection in one direction arrive in order and at most once;
 *what is odd happens between connections, as behind a stream proxy: the bytes of an old connection
 *that its client has given up may reach the server after a newer connection of that client is open
 *(stale), and all that a client sent on one connection may be sent to the server again on another,
 *whose client end nobody owns (replay). */
#ifndef BH_TESTS_SIM_NET_H
#define BH_TESTS_SIM_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/sim/queue.h"

#define BH_SIMNET_HOSTS_MAX 256u
#define BH_SIMNET_CONNS_MAX (1u << 20)        /* over a run; ids are never used again */
#define BH_SIMNET_WINDOW_BYTES (256u * 1024u) /* in flight in one direction of a connection */
#define BH_SIMNET_BYTEWISE_MAX 512u           /* of one send, so many arrive one by one */
#define BH_SIMNET_PIECES_MAX 16u              /* a split send arrives in at most so many pieces */
#define BH_SIMNET_REPLAY_BYTES_MAX (1024u * 1024u) /* a longer connection is not replayed */

enum bh_simnet_end { BH_SIMNET_CLIENT, BH_SIMNET_SERVER };

/* How a host's way to the network behaves; it applies to the connections that the host opens, both
 * directions, and is read at each send: a change acts at once.  ppm: chances in a million. */
struct bh_simnet_profile {
	int32_t latency_ms_min; /* one way, with a tail towards max */
	int32_t latency_ms_max;
	uint32_t stall_ppm; /* per send: it arrives up to stall_ms_max later, all after it too */
	int32_t stall_ms_max;
	uint32_t bytes_per_s; /* per direction; 0: no limit */
	/* per send, in this order; otherwise it arrives as one piece */
	uint32_t bytewise_ppm;
	uint32_t split_ppm;
	uint32_t glue_ppm; /* joins what is still under way before it, and waits up to glue_ms for
			      more */
	int32_t glue_ms;
	/* per connect */
	uint32_t refuse_ppm;
	uint32_t connect_lost_ppm; /* no answer: REFUSED after connect_ms */
	int32_t connect_ms;
	uint32_t replay_ppm; /* the connection, once over, is replayed within replay_ms_max */
	int32_t replay_ms_max;
	/* per send: the connection ends at a random byte of it or of what is under way before it */
	uint32_t cut_ppm;
	uint32_t cut_one_ppm; /* of the cuts: only one end (either) is told; the other is half-open
			       */
	uint32_t cut_silent_ppm; /* of the cuts: nobody is told */
	uint32_t stale_ppm; /* per client's send: it is told RESET; what is under way to the server
			     * waits for a newer connection of the same hosts, then arrives; at the
			     * latest after stale_ms_max */
	int32_t stale_ms_max;
	uint32_t blackhole_ppm; /* per send: from here on nothing arrives, in one or both directions
				 */
	/* An end that was not told, and whose bytes are not acknowledged, sees TIMEOUT so long
	 * after; with never_ppm it never does.  Also for partitions and for a peer without power.
	 */
	int32_t notice_ms_min;
	int32_t notice_ms_max;
	uint32_t never_ppm;
};

/* 20-80 ms, 1 MB/s, no faults, notices in 30-60 s. */
struct bh_simnet_profile bh_simnet_profile_calm(void);
/* A bad mobile network: everything above happens, delays to minutes, often enough that a run of a
 * few hundred connections sees each kind. */
struct bh_simnet_profile bh_simnet_profile_rough(void);

struct bh_simnet;

/* A network whose events go to queue (not owned, must outlive it) under event_kind.  All hosts
 * start up, not listening, calm.  0 or BH_ERR_NOMEM.  The caller frees it; free takes NULL. */
int bh_simnet_create(
	struct bh_simqueue *queue, uint32_t event_kind, uint64_t seed, struct bh_simnet **out);
void bh_simnet_free(struct bh_simnet *net);

/* ---- hosts: 0 .. BH_SIMNET_HOSTS_MAX - 1 ---- */

void bh_simnet_host_profile(
	struct bh_simnet *net, uint32_t host, const struct bh_simnet_profile *profile);
/* Whether connects to it are accepted; the others are refused. */
void bh_simnet_host_listen(struct bh_simnet *net, uint32_t host, bool listening);
/* The process on it died (power false): its ends are over, their peers see EOF or RESET after what
 * is under way.  Or it lost power (true): its ends are over and their peers are told nothing until
 * they send something after it is up again (RESET) or give up (TIMEOUT).  It stops listening;
 * connects to it are refused or, without power, lost.  host_up ends both; listening must be set
 * again. */
void bh_simnet_host_down(struct bh_simnet *net, uint32_t host, bool power);
void bh_simnet_host_up(struct bh_simnet *net, uint32_t host);
/* Bytes from one host to the other stop (blocked) or flow again; per direction.  What was sent
 * waits and arrives after the healing unless its sender gave up.  A connect needs both directions.
 */
void bh_simnet_partition(struct bh_simnet *net, uint32_t from, uint32_t to, bool blocked);

/* The end of faults: every profile becomes calm, all partitions end, what is stale is let go. Bytes
 * already swallowed stay so: an end of a blackholed or half-open connection that would never notice
 * still does not (heartbeats must find out). */
void bh_simnet_heal(struct bh_simnet *net);

/* ---- connections ---- */

/* Starts a connection; its id (>= 1) names both ends.  CONNECTED or REFUSED follows for the client
 * end. 0, BH_ERR_CLOSED (the client's host is down), BH_ERR_LIMIT, BH_ERR_NOMEM. */
int bh_simnet_connect(struct bh_simnet *net, uint32_t client, uint32_t server, uint32_t *conn);

/* Gives bytes to an end's system; *taken <= len of them were taken (the window may be full:
 * WRITABLE follows when there is room again).  0, BH_ERR_CLOSED (the end is over, or not yet
 * connected: nothing taken), BH_ERR_NOMEM or BH_ERR_LIMIT (the queue is full).  An end whose
 * connection is cut or blackholed but which does not know it sends gladly. */
int bh_simnet_send(struct bh_simnet *net, uint32_t conn, enum bh_simnet_end end, const void *data,
	size_t len, size_t *taken);
/* How many bytes send would take now; 0 if the end is over. */
size_t bh_simnet_room(const struct bh_simnet *net, uint32_t conn, enum bh_simnet_end end);

/* The end is over; its peer sees what was sent, then EOF (close) or RESET (abort: what is under way
 * may be lost).  Nothing happens if it is over already. */
void bh_simnet_close(struct bh_simnet *net, uint32_t conn, enum bh_simnet_end end);
void bh_simnet_abort(struct bh_simnet *net, uint32_t conn, enum bh_simnet_end end);

/* Whether the end still counts as connected for its owner. */
bool bh_simnet_end_is_open(const struct bh_simnet *net, uint32_t conn, enum bh_simnet_end end);

/* ---- what an end sees ---- */

enum bh_simnet_seen {
	BH_SIMNET_NOTHING, /* the event was stale or internal */
	BH_SIMNET_CONNECTED,
	BH_SIMNET_REFUSED,
	BH_SIMNET_ACCEPTED,
	BH_SIMNET_DATA,
	BH_SIMNET_WRITABLE,
	BH_SIMNET_EOF,
	BH_SIMNET_RESET,
	BH_SIMNET_TIMEOUT
};

struct bh_simnet_news {
	enum bh_simnet_seen seen;
	enum bh_simnet_end end; /* the end that sees it */
	uint32_t conn;
	uint32_t host; /* that end's host */
	uint32_t peer; /* the other end's host */
	bool replay; /* the connection is a replay: for the checker, never for the server's code */
	const uint8_t *data; /* DATA: borrowed until the next step; otherwise NULL, 0 */
	size_t len;
};

/* Performs one popped event of this network's kind: 0, or BH_ERR_NOMEM or BH_ERR_LIMIT (of the
 * queue; the run is over).  At most one thing is seen per event. */
int bh_simnet_step(
	struct bh_simnet *net, const struct bh_simevent *event, struct bh_simnet_news *out);

/* ---- what took effect ---- */

struct bh_simnet_stats {
	uint64_t connects;
	uint64_t connected;
	uint64_t refused;       /* by fault or because nobody listened */
	uint64_t connects_lost; /* no answer */
	uint64_t sends;
	uint64_t bytes_sent;
	uint64_t bytes_delivered;
	uint64_t bytes_lost; /* cut, swallowed, or arrived at an end that was over */
	uint64_t pieces_delivered;
	uint64_t sends_bytewise;
	uint64_t sends_split;
	uint64_t sends_glued;  /* arrived in one piece with an earlier one */
	uint64_t stalls;       /* sends that a stall held back */
	uint64_t long_delays;  /* pieces that took 10 s or more */
	uint64_t windows_full; /* sends that were taken in part or not at all */
	uint64_t cuts_told_both;
	uint64_t cuts_told_one;
	uint64_t cuts_silent;
	uint64_t cut_inside; /* cuts with bytes on both sides of the cut in one direction */
	uint64_t blackholes_one_way;
	uint64_t blackholes_both_ways;
	uint64_t timeouts;        /* seen by an end */
	uint64_t partition_waits; /* pieces held by a partition */
	uint64_t stale_conns; /* whose bytes reached the server after a newer one was accepted */
	uint64_t stale_bytes;
	uint64_t replays; /* that reached the server with at least one byte */
	uint64_t replay_bytes;
	uint64_t processes_died;
	uint64_t powers_lost;
	uint64_t half_open_resets; /* an end learnt by RESET that its peer had long been gone */
};

struct bh_simnet_stats bh_simnet_stats(const struct bh_simnet *net);
void bh_simnet_stats_add(struct bh_simnet_stats *total, const struct bh_simnet_stats *more);

/* A hash over every thing seen so far, with its instant and bytes. */
uint64_t bh_simnet_hash(const struct bh_simnet *net);

#endif
