/* One run of the simulator: what all its machines share, and the kinds of things that happen.
 * Both ends' code lives behind phone.h and server.h, which name none of its types: the handset's
 * and the server's headers use some names twice. */
#ifndef BH_TESTS_SIM_RUN_H
#define BH_TESTS_SIM_RUN_H

#include "proto/sign.h"
#include "tests/sim/album.h"
#include "tests/sim/carriage.h"
#include "tests/sim/net.h"
#include "tests/sim/queue.h"
#include "tests/sim/rng.h"
#include "tests/sim/stick.h"
#include "tests/sim/tally.h"
#include "tests/sim/trace.h"
#include "tests/sim/truth.h"
#include "tests/sim/vfs.h"

#define BH_SIM_EPOCH_MS INT64_C(1772413200000) /* Monday 2026-03-02, 09:00 in UTC+8 */
#define BH_SIM_PHONES_MAX 40u
#define BH_SIM_SERVER_HOST 0u /* handset n is host n + 1 */
#define BH_SIM_DISTRICT "330106"
#define BH_SIM_MAC "0123456789abcdef0123456789abcdef"
#define BH_SIM_SECOND INT64_C(1000)
#define BH_SIM_MINUTE (60 * BH_SIM_SECOND)
#define BH_SIM_HOUR (60 * BH_SIM_MINUTE)
#define BH_SIM_DAY (24 * BH_SIM_HOUR)

/* kind of a struct bh_simevent; a, b, c as said. */
enum bh_simkind {
	BH_SIMKIND_NET = 1,
	BH_SIMKIND_PHONE_WAKE,   /* a: phone, c: generation */
	BH_SIMKIND_PHONE_ACT,    /* a: phone */
	BH_SIMKIND_PHONE_UP,     /* a: phone, c: life */
	BH_SIMKIND_SERVER_TICK,  /* c: generation */
	BH_SIMKIND_SERVER_RUN,   /* c: life */
	BH_SIMKIND_SERVER_TELL,  /* c: life */
	BH_SIMKIND_SERVER_BLOB,  /* c: life */
	BH_SIMKIND_SERVER_CARGO, /* c: life */
	BH_SIMKIND_SERVER_UP,    /* c: life */
	BH_SIMKIND_DESK,         /* somebody at the desk looks around */
	BH_SIMKIND_DESK_JOB,     /* c: index of a command that somebody has thought about */
	BH_SIMKIND_FAULT,        /* a: enum bh_simfault */
	BH_SIMKIND_HEAL,         /* a: host, b: what */
	BH_SIMKIND_STEP,         /* of a scenario; a: which */
	BH_SIMKIND_STICK,        /* a: whose, b: 1 on its way back, c: which */
	BH_SIMKIND_CARRIAGE,     /* c: which */
};

struct bh_simphone;
struct bh_simserver;
struct bh_simdesk;
struct bh_simjudge;

struct bh_simrun {
	uint64_t seed;
	struct bh_simrng rng;
	struct bh_simqueue *queue;
	struct bh_simnet *net;
	struct bh_simtrace trace;
	struct bh_simtruth truth;
	struct bh_simalbum album;
	struct bh_simalbum files; /* that desks add to dossiers */
	struct bh_simtally tally;
	struct bh_simphone *phones[BH_SIM_PHONES_MAX];
	struct bh_simstick sticks[BH_SIM_PHONES_MAX]; /* each handset has one */
	struct bh_simrng hand;                        /* who carries them */
	struct bh_simcarriages carriages;
	struct bh_simrng field; /* who does what in a grid that is no case */
	uint32_t phones_count;
	struct bh_simserver *server;
	struct bh_simdesk *desk;
	struct bh_simjudge *judge;
	bool healing; /* no fault begins any more */
	bool calm;    /* handsets act only when a scenario says so */
	uint32_t next_token;
	uint64_t plans_made[2]; /* of faults of disks: of handsets, of the server */
	void *campaign;         /* who drives it */
};

static inline int64_t bh_simrun_now(const struct bh_simrun *run)
{
	return bh_simqueue_now(run->queue);
}

/* A district that has its profile, and nobody in it yet.  Asserts on failure.  One at a time in a
 * process. */
void bh_simrun_open(struct bh_simrun *run, uint64_t seed, bool calm, FILE *trace);
void bh_simrun_close(struct bh_simrun *run);
/* What took effect so far. */
void bh_simrun_count(struct bh_simrun *run, struct bh_simtally *out);
/* Over everything said, seen and stored. */
uint64_t bh_simrun_hash(struct bh_simrun *run);

/* Pushes an event after delay_ms; asserts that there is room. */
void bh_simrun_after(struct bh_simrun *run, int64_t delay_ms, enum bh_simkind kind, uint32_t a,
	uint32_t b, uint64_t c);
/* Handles one event; false when none is left at or before until_ms (now is then until_ms). */
bool bh_simrun_step(struct bh_simrun *run, int64_t until_ms);
void bh_simrun_until(struct bh_simrun *run, int64_t until_ms);

/* An invariant does not hold: says the seed, the virtual time, which one and how, and exits with 1.
 */
_Noreturn void bh_simrun_fail(const struct bh_simrun *run, const char *invariant,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

/* What a connection proves, the same at both ends and nowhere else. */
struct bh_binding bh_simrun_binding(uint32_t conn);

#endif
