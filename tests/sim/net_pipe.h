/* The inside of the virtual network: connections, and the two pipes of each; part of net.h's
 * implementation. */
#ifndef BH_TESTS_SIM_NET_PIPE_H
#define BH_TESTS_SIM_NET_PIPE_H

#include "tests/sim/net.h"
#include "tests/sim/rng.h"

/* What an event of ours means; it stands in bh_simevent.b, the connection in .a. */
enum bh_simnet_turn {
	BH_SIMTURN_SYN,       /* c unused: the connect reaches the server's host */
	BH_SIMTURN_CONNECTED, /* c unused */
	BH_SIMTURN_REFUSED,   /* c unused */
	BH_SIMTURN_ARRIVE,    /* c: direction | generation << 1 */
	BH_SIMTURN_WRITABLE,  /* c: end */
	BH_SIMTURN_TOLD,      /* c: end; a RESET reaches it outside the pipe */
	BH_SIMTURN_NOTICE,    /* c: end | generation << 1; its own system gives up */
	BH_SIMTURN_RELEASE,   /* c unused: a stale connection's bytes are let go */
	BH_SIMTURN_REPLAY     /* c unused: what was recorded goes to the server again */
};

enum bh_simpiece_kind { BH_SIMPIECE_DATA, BH_SIMPIECE_EOF, BH_SIMPIECE_RESET };

/* Something under way in one direction. */
struct bh_simpiece {
	struct bh_simpiece *next;
	enum bh_simpiece_kind kind;
	int64_t sent_ms;
	int64_t due_ms;
	size_t len;
	uint8_t *data; /* owned; NULL without bytes */
};

/* What one end has sent.  Pieces arrive in order; at most one event is armed, for the first. */
struct bh_simpipe {
	struct bh_simpiece *first;
	struct bh_simpiece *last;
	size_t unacked; /* taken by send, not delivered: lost bytes stay in here for ever */
	int64_t last_due_ms;
	int64_t free_at_ms;  /* when the link has sent what it was given */
	uint64_t generation; /* of the armed event */
	bool dead;           /* cut or swallowed: what is sent is lost */
	bool held;           /* stale: waits for release */
	bool waiting;        /* a partition holds the first piece */
	bool wants_room;     /* a send was taken in part */
};

enum bh_simnet_state { BH_SIMSTATE_NEW, BH_SIMSTATE_OPEN, BH_SIMSTATE_OVER };
enum bh_simnotice { BH_SIMNOTICE_NONE, BH_SIMNOTICE_ARMED, BH_SIMNOTICE_NEVER };

struct bh_simconn {
	struct bh_simconn *next;
	struct bh_simconn *previous;
	uint32_t id;
	uint32_t host[2];              /* by end */
	enum bh_simnet_state state[2]; /* by end: NEW -> OPEN -> OVER */
	struct bh_simpipe pipe[2];     /* by the end that sends */
	enum bh_simnotice notice[2];
	uint64_t notice_generation[2];
	bool saw_eof[2];
	/* the end's system knows nothing of the connection any more, though the path is sound: to
	 * what arrives it answers RESET */
	bool forgot[2];
	bool stale;      /* its client has been told RESET and its bytes are kept */
	bool stale_late; /* ... and a newer connection was accepted before they went on */
	bool replay;     /* the client end is nobody's */
	bool counted;    /* stale or replay: its bytes have reached the server */
	bool records;    /* what the client sends is kept for a replay */
	uint8_t *record;
	size_t record_len;
};

enum bh_simhost_state { BH_SIMHOST_UP, BH_SIMHOST_DEAD, BH_SIMHOST_DARK };

struct bh_simhost {
	struct bh_simnet_profile profile;
	enum bh_simhost_state state;
	bool listening;
};

struct bh_simnet {
	struct bh_simqueue *queue;
	uint32_t event_kind;
	int err; /* sticky: the queue was full or memory short where nothing could be returned */
	struct bh_simrng rng;
	struct bh_simhost hosts[BH_SIMNET_HOSTS_MAX];
	bool blocked[BH_SIMNET_HOSTS_MAX][BH_SIMNET_HOSTS_MAX]; /* [from][to] */
	struct bh_simconn **conns;                              /* by id; NULL when reaped */
	size_t conns_len;
	struct bh_simconn *living; /* newest first */
	uint8_t *shown;            /* the bytes of the news given last */
	struct bh_simnet_stats stats;
	uint64_t hash;
};

/* ---- net_pipe.c ---- */

const struct bh_simnet_profile *bh_simconn_profile(
	const struct bh_simnet *net, const struct bh_simconn *conn);
int64_t bh_simconn_latency(struct bh_simnet *net, const struct bh_simconn *conn);

/* Pushes an event for the connection; a failure sticks to net->err. */
void bh_simnet_turn(struct bh_simnet *net, int64_t at_ms, const struct bh_simconn *conn,
	enum bh_simnet_turn turn, uint64_t c);

/* Arms the event for the first piece, if there is one and it is not held; older events die. */
void bh_simpipe_arm(struct bh_simnet *net, struct bh_simconn *conn, unsigned direction);
/* Adds a piece (bytes copied) that is due then at the earliest, never before what precedes it. */
void bh_simpipe_add(struct bh_simnet *net, struct bh_simconn *conn, unsigned direction,
	enum bh_simpiece_kind kind, const uint8_t *data, size_t len, int64_t due_ms);
/* Adds the bytes of one send as the sender's profile splits, glues and delays them. */
void bh_simpipe_feed(struct bh_simnet *net, struct bh_simconn *conn, unsigned direction,
	const uint8_t *data, size_t len);
/* Takes the first piece out; the caller owns it.  NULL if there is none. */
struct bh_simpiece *bh_simpipe_take(struct bh_simpipe *pipe);
/* Loses everything after a random byte of what is under way, and all that will be sent.  True if
 * bytes lay on both sides. */
bool bh_simpipe_cut(struct bh_simnet *net, struct bh_simconn *conn, unsigned direction);
void bh_simpipe_clear(struct bh_simnet *net, struct bh_simpipe *pipe);

/* ---- net_fault.c ---- */

/* Whether what an end is about to send is lost at once: dead already, or swallowed from here on. */
bool bh_simfault_swallows(struct bh_simnet *net, struct bh_simconn *conn, unsigned direction);
/* What may befall a send that has just been put under way. */
void bh_simfault_after_send(struct bh_simnet *net, struct bh_simconn *conn, unsigned direction);
/* The end has sent and may not get an answer: if so, and not yet drawn, draws when its system gives
 * up. */
void bh_simfault_watch(struct bh_simnet *net, struct bh_simconn *conn, unsigned end);
/* Whether the two ends cannot exchange bytes and acknowledgements now. */
bool bh_simconn_is_mute(const struct bh_simnet *net, const struct bh_simconn *conn);
/* Lets a stale connection's bytes go on, after_newer if a newer connection is the reason. */
void bh_simfault_release(struct bh_simnet *net, struct bh_simconn *conn);
/* A newer connection of the same hosts was accepted. */
void bh_simfault_newer(struct bh_simnet *net, const struct bh_simconn *newer);

/* ---- net.c ---- */

struct bh_simconn *bh_simconn_find(const struct bh_simnet *net, uint32_t id);
int bh_simconn_make(
	struct bh_simnet *net, uint32_t client, uint32_t server, struct bh_simconn **out);
/* The end is over: the connection is freed if nothing can come of it any more.  Do not use it
 * after. */
void bh_simconn_end_over(struct bh_simnet *net, struct bh_simconn *conn, unsigned end);
void bh_simconn_reap(struct bh_simnet *net, struct bh_simconn *conn);

/* ---- net_host.c ---- */

/* Lets go what a partition held, if it does not any more. */
void bh_simconn_resume(struct bh_simnet *net, struct bh_simconn *conn);

#endif
