/* The handset's sync engine: no socket, no clock, no thread; events and bytes in, bytes and wishes
 * out. */
#ifndef BH_CLIENT_ENGINE_H
#define BH_CLIENT_ENGINE_H

#include "client-lib/local.h"
#include "proto/clock.h"
#include "proto/message_bundle.h"
#include "proto/sign.h"

/*
 *            want.connect                link_up
 *   IDLE ------------------> CONNECTING --------> GREETING --Welcome--> LIVE
 *    ^  \ nothing unsent, no                         |                    |
 *    |   \ records wanted                            | Refusal, silence   | cut, Refusal, Bye
 *    |    `--------------------- BACKING_OFF <-------+--------------------'
 *    `------------------------------'
 *
 * Where the key is outside, PROVING stands between CONNECTING and GREETING until it has signed.
 *
 * Level-triggered: "unacknowledged rows exist and the link is allowed" implies a scheduled attempt;
 * everything is recomputed from rows at open and after each event, and bh_engine_check asserts it
 * (sync.md). The engine reads and writes its own store synchronously inside these calls; a storage
 * error becomes a status cause and a later attempt, never a lost op.
 */
struct bh_engine;

struct bh_engine_options {
	struct bh_local *local;  /* the handset's store; borrowed, outlives the engine */
	struct bh_rng rng;       /* jitter */
	const char *app_version; /* may be NULL */
	bool stay_connected;     /* keep a live session for pushes while the link is allowed */
	bool signs_outside;      /* the driver can sign for a key that is not in the store */
};

/* What the driver should do; computed anew by every event. */
struct bh_engine_want {
	bool connect; /* open a link now (the engine is in CONNECTING until link_up or link_down) */
	bool disconnect;      /* send what is in the output, then close */
	bool sign;            /* have bh_engine_to_sign signed, and say bh_engine_signed */
	int64_t wake_mono_ms; /* call bh_engine_tick at this monotonic time; INT64_MAX: never */
};

/* 0, BH_ERR_NOMEM or the store's code. */
int bh_engine_open(
	const struct bh_engine_options *options, struct bh_now now, struct bh_engine **out);
void bh_engine_close(struct bh_engine *engine);

/* ---- Events ---- */
void bh_engine_tick(struct bh_engine *engine, struct bh_now now);
/* Rows were added or options changed in the store: look again. */
void bh_engine_poke(struct bh_engine *engine, struct bh_now now);
/* The application knows that the network is (not) there: only shortens the back-off. */
void bh_engine_hint_reachable(struct bh_engine *engine, struct bh_now now, bool reachable);
/* No attempt while suspended. */
void bh_engine_set_suspended(struct bh_engine *engine, struct bh_now now, bool suspended);
void bh_engine_link_up(
	struct bh_engine *engine, struct bh_now now, const struct bh_binding *binding);
void bh_engine_bytes(struct bh_engine *engine, struct bh_now now, struct bh_span bytes);
/* The district's CA key, where the link knows it: an enrolment receipt is then verified.  Before
 * link_up. */
void bh_engine_ca_key(struct bh_engine *engine, const uint8_t key[BH_PUBLIC_KEY_BYTES]);
/* What was in the output is on its way, and the output is empty: the next part of a photo may
 * follow. Without it one part follows each answer. */
void bh_engine_drained(struct bh_engine *engine, struct bh_now now);
/* cause: an enum bh_link_cause of cause.h.  Also the answer to want.disconnect. */
void bh_engine_link_down(struct bh_engine *engine, struct bh_now now, int cause);
/* The key outside has signed what was to be signed, as bh_signature_take takes it; empty: it would
 * not. Nothing is believed: what does not verify, or came too late, ends the link, and the back-off
 * asks again. */
void bh_engine_signed(struct bh_engine *engine, struct bh_now now, struct bh_span signature);
/* A push service says that there may be something: bh_engine_ask, and a shorter back-off; one in
 * 30 s at most, and never before what a server asked for. */
void bh_engine_hint(struct bh_engine *engine, struct bh_now now);
/* A session is wanted until everything is known to be sent and told (see bh_engine_status.settled).
 */
void bh_engine_ask(struct bh_engine *engine, struct bh_now now);
/* The same, at once, whatever the back-off; a revoked handset waits for its hour all the same. */
void bh_engine_sync_now(struct bh_engine *engine, struct bh_now now);

/* The district's word that came by hand, its signature checked (carry.h): as its Ack and what it
 * says of photos, unless the server was put back since, or what it was sealed for was forgotten.
 * 0; BH_ERR_FORK: it is not of the present log, and nothing of it was taken; the store's codes. */
int bh_engine_answered(struct bh_engine *engine, struct bh_now now,
	const struct bh_msg_bundle_answer *answer, const uint8_t reply_key[BH_PUBLIC_KEY_BYTES]);

/* ---- Effects ---- */
struct bh_engine_want bh_engine_want(const struct bh_engine *engine);
/* The SHA-256 that the key outside is to sign when want.sign, and which key that is: 0 or
 * BH_ERR_CRYPTO. */
int bh_engine_to_sign(const struct bh_engine *engine, uint8_t digest[BH_HASH_BYTES],
	uint8_t public_key[BH_PUBLIC_KEY_BYTES]);
/* Bytes to send; the driver consumes what it has sent. */
struct bh_buf *bh_engine_output(struct bh_engine *engine);
/* Counts up with every change an application would want to reread (records, verdicts, status). */
uint64_t bh_engine_changes(const struct bh_engine *engine);
/* The next thing an application would want to reread; false when there is none. */
bool bh_engine_take_change(struct bh_engine *engine, struct bh_change *out);

/* Since the engine was opened. */
struct bh_engine_counts {
	uint64_t sessions;       /* proved */
	uint64_t photo_bytes_up; /* parts handed to the link, and taken from it */
	uint64_t photo_bytes_down;
};

struct bh_engine_status {
	bool live;    /* a proved session is open */
	bool settled; /* nothing is unsent that may be sent now, and since sync_now a ping went
			 round with nothing to tell */
	int cause;    /* enum bh_cause */
	int64_t attempt_mono_ms; /* the next attempt; INT64_MAX: none is planned */
	uint64_t session_seq;    /* acknowledged by this session's server; 0 without one */
	int64_t heartbeat_ms;    /* the silence after which it is pinged; 0 without one */
	struct bh_engine_counts counts;
};
struct bh_engine_status bh_engine_status(const struct bh_engine *engine);
/* Whether this photo is on its way up, and how much of it the server has. */
bool bh_engine_upload_at(
	const struct bh_engine *engine, const uint8_t hash[BH_HASH_BYTES], uint32_t *bytes);
/* ... or down, and how much of it is here. */
bool bh_engine_fetch_at(
	const struct bh_engine *engine, const uint8_t hash[BH_HASH_BYTES], uint32_t *bytes);
/* One line of prose about the last thing that mattered, for the log; "" once read. */
const char *bh_engine_take_line(struct bh_engine *engine);
/* Asserts the level trigger and the bounds.  Every event ends with it; drivers may ask again. */
void bh_engine_check(const struct bh_engine *engine);

#endif
