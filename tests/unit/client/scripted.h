/* A handset on a simulated disk, and the other end of its link as the test's own hand: frames out
 * are decoded and checked one by one, frames in are written by the test. */
#ifndef BH_TESTS_UNIT_CLIENT_SCRIPTED_H
#define BH_TESTS_UNIT_CLIENT_SCRIPTED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "client-lib/engine.h"
#include "proto/codec.h"
#include "proto/hash.h"
#include "proto/pack.h"
#include "tests/sim/rng.h"
#include "tests/sim/vfs.h"

#define SCRIPTED_OPS_MAX 4096u
#define SCRIPTED_DEVICE 7u
#define SCRIPTED_PERSON 3u
#define SCRIPTED_SHORT 17u
#define SCRIPTED_EPOCH 5u
#define SCRIPTED_OWN ((uint64_t)1 << 56 | SCRIPTED_PERSON)
#define SCRIPTED_UNIT ((uint64_t)2 << 56 | 9u)
#define SCRIPTED_PATH "/handset.db"

struct scripted {
	struct bh_simvfs *disk;
	struct bh_simrng rng;
	struct bh_local *local;
	struct bh_engine *engine;
	struct bh_now now;
	bool once;              /* engines are opened without stay_connected */
	const uint8_t *app_key; /* of the next opening; NULL: none */
	struct bh_binding binding;
	struct bh_hasher *hasher;
	struct bh_packer *packer;
	struct bh_key *ca;
	struct bh_arena arena; /* of the frame last taken */
	struct bh_buf in;      /* what the handset sent */
	/* The server's view of the present log. */
	uint8_t log_id[BH_LOG_ID_BYTES];
	uint8_t links[SCRIPTED_OPS_MAX + 1][BH_HASH_BYTES];
	uint64_t held;                       /* ops taken */
	struct bh_msg_op_header last_header; /* of the op last taken; spans in the arena */
	uint8_t public_key[BH_PUBLIC_KEY_BYTES];
};

/* An empty disk and a store on it, opened; no engine. */
struct scripted *scripted_new(void);
void scripted_free(struct scripted *s);
/* Opens the store (and the engine) again as a new process would after the power went (loses what
 * was not synced). */
void scripted_crash(struct scripted *s);
void scripted_engine(struct scripted *s);
void scripted_engine_end(struct scripted *s);
void scripted_later(struct scripted *s, int64_t ms);

/* Asks for enrolment in the store. */
void scripted_ask(struct scripted *s);
/* Enrols by the store alone: device SCRIPTED_DEVICE, a unit's handler (unit 9) with types 1 and 2.
 */
void scripted_enrol(struct scripted *s);
struct bh_msg_district scripted_district(void);
/* A test's setup and teardown: an enrolled handset in *state. */
int scripted_setup(void **state);
int scripted_teardown(void **state);
/* Records a report; gives its seq. */
uint64_t scripted_report(struct scripted *s, const char *text);

/* The engine wants a link: it is up. */
void scripted_connect(struct scripted *s);
/* The next frame the handset sent; fails the test when there is none or it is of another kind. */
struct bh_client_frame scripted_take(struct scripted *s, enum bh_client_kind kind);
bool scripted_silent(struct scripted *s);
void scripted_give(struct scripted *s, const struct bh_server_frame *frame);
/* A Welcome of a server that holds `held` ops and knows the epoch. */
struct bh_server_frame scripted_welcome(struct scripted *s);
/* connect, Hello, Welcome. */
void scripted_session(struct scripted *s);
/* Takes a Push, verifies chain, salts and signature as a server would, and holds its ops; gives how
 * many. */
size_t scripted_take_push(struct scripted *s);
void scripted_ack(struct scripted *s, uint64_t seq);
/* Records in a Delta; own cursor at position. */
void scripted_delta(
	struct scripted *s, const struct bh_msg_record *records, size_t count, uint64_t position);
uint64_t scripted_acked(struct scripted *s);
uint64_t scripted_head(struct scripted *s);
void scripted_refuse(struct scripted *s, struct bh_msg_refusal refusal);
/* The engine wants to hang up: what a driver does then. */
void scripted_hang_up(struct scripted *s);
void scripted_cut(struct scripted *s);
/* Lets the back-off pass, not a millisecond less; gives how long it was. */
int64_t scripted_back_off(struct scripted *s);
struct bh_log scripted_log(struct scripted *s);
/* bh_local_record of a report. */
int scripted_record(struct scripted *s, const char *text, struct bh_op_ref *ref);
struct bh_span scripted_text(const char *text);

#endif
