/* One light handset of the load generator: a TLS link with a log, no store; as fast as may be, so
 * that what is measured is the server. */
#ifndef BH_BENCH_LANE_H
#define BH_BENCH_LANE_H

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <openssl/ssl.h>

#include "proto/codec.h"
#include "proto/hash.h"
#include "proto/pack.h"
#include "proto/sign.h"

#define LANE_BOOT 7u /* of its machine, as a phone of some weeks has it */

struct lane;

/* What all lanes share. */
struct lane_yard {
	struct event_base *base;
	SSL_CTX *context;
	struct bh_packer *packer;
	struct bh_hasher *hasher;
	struct bh_clock clock;
	struct bh_rng rng;
	uint16_t port;
	const char *district;
	size_t sources; /* how many addresses of 127.0.0.0/8 links come from; 0: the kernel's */
	size_t live;    /* lanes that were welcomed and are still there */
	size_t enrolled;
	size_t lost; /* links that broke or were refused */
	void (*on_live)(struct lane *lane);
	void (*on_ack)(struct lane *lane, uint64_t seq);
	void (*on_record)(struct lane *lane, const struct bh_msg_record *record);
	void *context_of_phase;
};

enum lane_state {
	LANE_IDLE,
	LANE_RISING,
	LANE_ENROLLING,
	LANE_GREETING,
	LANE_LIVE,
	LANE_LOST,
};

struct lane {
	struct lane_yard *yard;
	enum lane_state state;
	struct bufferevent *bev;
	struct bh_key *key;
	struct bh_binding binding;
	uint8_t code[BH_CODE_BYTES];
	bool has_device;
	uint32_t device, person, log_short;
	uint8_t log_id[BH_LOG_ID_BYTES];
	uint64_t seq;                /* made so far */
	uint8_t link[BH_HASH_BYTES]; /* at seq */
	uint64_t acked_seq;          /* at the server */
	uint8_t acked_link[BH_HASH_BYTES];
	struct bh_msg_cursor cursors[8]; /* as last told */
	size_t cursors_count;
	uint64_t epoch;
	uint8_t head_hash[8];
	bool has_head_hash;
	struct bh_buf ready; /* frames of pushes, made beforehand, one after another */
	size_t ready_at;
	uint64_t sent_ns; /* a phase's own stamp */
	uint64_t mark;
};

/* Makes a key and a log; 0 or a negative code. */
int lane_make(struct lane *lane, struct lane_yard *yard, const uint8_t code[BH_CODE_BYTES]);
void lane_free(struct lane *lane);
/* Connects: enrols first if it has no device yet, then says Hello. */
void lane_connect(struct lane *lane);
void lane_hang_up(struct lane *lane);
/* Ends the measurement: a figure comes from a whole run or not at all. */
void lane_lose(struct lane *lane, const char *why);

/* A report's or an act's bytes.  text of at most BH_TEXT_BYTES_MAX. */
struct lane_op {
	uint32_t verb;
	uint32_t type;
	uint64_t case_number;
	uint32_t cycle;
	uint64_t base_position;
	struct bh_span text;
	bool has_place;
	int32_t latitude_e7, longitude_e7;
	int64_t captured_ms; /* 0: now */
};
/* Appends one push of these ops to lane->ready and moves the log on. */
int lane_push_make(struct lane *lane, const struct lane_op *ops, size_t count);
/* Sends the next made push; false when there is none. */
bool lane_push_send(struct lane *lane);
/* TLS bytes of this link so far, both ways. */
void lane_bytes(struct lane *lane, uint64_t *in, uint64_t *out);

#endif
