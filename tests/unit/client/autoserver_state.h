/* What the files of the obliging server share. */
#ifndef BH_TESTS_UNIT_CLIENT_AUTOSERVER_STATE_H
#define BH_TESTS_UNIT_CLIENT_AUTOSERVER_STATE_H

#include "tests/unit/client/autoserver.h"

#include <pthread.h>

#include "proto/hash.h"
#include "proto/pack.h"
#include "tests/unit/client/scripted.h"

#define AUTOSERVER_PHOTOS_MAX 32u

/* One that it has, whole or in part. */
struct autoserver_photo {
	uint8_t hash[BH_HASH_BYTES];
	struct bh_buf bytes;
	uint32_t size;
};

struct bh_link {
	struct autoserver *server;
};

struct autoserver {
	pthread_mutex_t lock; /* guards everything below */
	pthread_cond_t woken;
	bool ringing;
	bool unreachable;
	bool codes_refused;
	struct bh_link link;
	bool welcomed;
	struct bh_buf in, out;
	struct bh_arena arena;
	struct bh_hasher *hasher;
	struct bh_packer *packer;
	struct bh_key *ca;
	bool knows_key; /* of who enrolled here: its proofs are verified */
	uint8_t public_key[BH_PUBLIC_KEY_BYTES];
	uint8_t log_id[BH_LOG_ID_BYTES];
	uint8_t links[SCRIPTED_OPS_MAX + 1][BH_HASH_BYTES];
	uint64_t held;
	uint64_t position;
	struct bh_msg_verdict verdict;
	struct bh_msg_record told;
	bool tells;
	struct autoserver_counts counts;
	struct bh_traffic traffic;
	struct autoserver_photo photos[AUTOSERVER_PHOTOS_MAX];
	size_t photos_count;
	enum bh_blob_state photos_answer; /* to the next Offer, instead of taking it; 0: take */
};

void autoserver_answer(struct autoserver *server, const struct bh_server_frame *frame);
/* ---- autoserver_proof.c ---- */
/* What every link of it proves. */
const struct bh_binding *autoserver_binding(void);
void autoserver_enrol_verify(struct autoserver *server, const struct bh_msg_enrol *enrol);
/* Of who enrolled here; else anybody's will do. */
void autoserver_hello_verify(struct autoserver *server, const struct bh_msg_hello *hello);
/* After its ops were held. */
void autoserver_head_verify(struct autoserver *server, const struct bh_msg_push *push);
/* ---- autoserver_photo.c ---- */
void autoserver_blob(struct autoserver *server, const struct bh_client_frame *frame);
void autoserver_photos_free(struct autoserver *server);

#endif
