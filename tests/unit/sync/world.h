/* A district with its real store on a temporary file, a hub, and handsets played by hand. */
#ifndef BH_TESTS_UNIT_SYNC_WORLD_H
#define BH_TESTS_UNIT_SYNC_WORLD_H

#include "proto/codec.h"
#include "proto/err.h"
#include "proto/pack.h"
#include "server/sync/session.h"
#include "tests/unit/domain/demo_rules.h"

#define BH_WORLD_CODE "371482"
#define BH_WORLD_JOBS_MAX 64u
#define BH_WORLD_MAC "0123456789abcdef0123456789abcdef"

struct bh_world {
	char folder[64];
	char path[96];
	struct bh_writer *writer;
	struct bh_store_reader *reader;
	struct bh_blob_files *files;
	struct bh_store_options options;
	struct bh_packer *packer;
	struct bh_hasher *hasher;
	struct bh_key *ca;
	const struct bh_hub_pins *pins; /* of hubs opened from now on; NULL: none */
	struct bh_hub *hub;
	atomic_uint_fast64_t claims;
	struct bh_now now;
	uint64_t seed;
	struct bh_demo_profile *demo;
	uint32_t keys; /* of desk commands */
	bool held;     /* jobs stay in the hub */
};

/* Opens everything; asserts on failure.  The district has the demo profile. */
void bh_world_open(struct bh_world *world);
/* The hub anew, with other options; every session must be closed. */
void bh_world_hub(struct bh_world *world, uint32_t enrol_failures, uint32_t ops_per_min);
void bh_world_close(struct bh_world *world);
int64_t bh_world_ms(struct bh_world *world);
void bh_world_pass(struct bh_world *world, int64_t ms);
struct bh_rng bh_world_rng(struct bh_world *world);
/* Runs what the hub has queued, each call of the writer as one group, until nothing is left; wakes
 * the hub after each. */
void bh_world_pump(struct bh_world *world);
/* Ends the writer, the reader and the files, as a stop does, and opens them anew with the world's
 * options; the hub too, so every session must be closed. */
void bh_world_restart(struct bh_world *world);
/* One command of a desk or an operator, run and woken at once; the outcome, whatever it is. */
struct bh_outcome bh_world_run(struct bh_world *world, struct bh_command *command);
struct bh_outcome bh_world_profile(struct bh_world *world);
/* Gives out a code for a person that expires after ttl_ms. */
void bh_world_code(
	struct bh_world *world, uint32_t person, int64_t ttl_ms, const uint8_t code[BH_CODE_BYTES]);
void bh_world_revoke(struct bh_world *world, uint32_t device);
/* Desk: asserts that it is accepted. */
void bh_world_desk(struct bh_world *world, enum bh_verb verb, uint32_t person, uint64_t number,
	uint32_t unit, const char *text);

/* ---- A handset ---- */

#define BH_PHONE_OPS_MAX 1600u

struct bh_phone_op {
	struct bh_buf header, content;
	uint8_t salt[BH_SALT_BYTES];
	uint8_t link[BH_HASH_BYTES];
};

struct bh_phone {
	struct bh_world *world;
	struct bh_session *session;
	struct bh_binding binding;
	uint64_t source; /* where its links come from */
	struct bh_key *key;
	uint32_t person, device, log_short;
	uint8_t log_id[BH_LOG_ID_BYTES];
	uint8_t start[BH_HASH_BYTES];
	struct bh_phone_op *ops; /* op n at n - 1 */
	size_t count;
	const struct bh_msg_push_receipt *receipts; /* go with every push */
	size_t receipts_count;
	int64_t skew_ms; /* its wall clock less the world's */
	int64_t boot_mono_ms;
	struct bh_arena arena; /* of what it received since the last reset */
	uint64_t acked_seq;
	uint8_t acked_link[BH_HASH_BYTES];
	uint32_t profile_version; /* of the District that it says it holds; 0: the first */
};

/* A phone with a key and an empty log, not known to the district yet. */
void bh_phone_make(struct bh_world *world, uint32_t person, struct bh_phone *phone);
void bh_phone_free(struct bh_phone *phone);
/* Makes, enrols over a session, and hangs up. */
void bh_phone_enrolled(struct bh_world *world, uint32_t person, struct bh_phone *phone);
void bh_phone_new_log(struct bh_phone *phone);

void bh_phone_connect(struct bh_phone *phone);
void bh_phone_hang_up(struct bh_phone *phone);
/* Appends the frame as bytes. */
void bh_phone_frame(const struct bh_client_frame *frame, struct bh_buf *out);
/* Hands a frame to the session, and runs what it queues. */
void bh_phone_send(struct bh_phone *phone, const struct bh_client_frame *frame);
/* The next frame the session says, or false. */
bool bh_phone_next(struct bh_phone *phone, struct bh_server_frame *frame);
/* The next frame, which must be of this kind. */
struct bh_server_frame bh_phone_expect(struct bh_phone *phone, enum bh_server_kind kind);
void bh_phone_expect_nothing(struct bh_phone *phone);
/* The next frame must be this refusal. */
struct bh_msg_refusal bh_phone_expect_refusal(struct bh_phone *phone, enum bh_refusal code);
/* The driver takes the output away: a download goes on. */
void bh_phone_taken(struct bh_phone *phone);
/* Reads everything and forgets it; gives how many frames. */
size_t bh_phone_drain(struct bh_phone *phone);

/* A Hello that holds; spans point into the phone.  Sign after changing. */
struct bh_msg_hello bh_phone_hello(struct bh_phone *phone);
void bh_phone_sign_hello(
	struct bh_phone *phone, struct bh_msg_hello *hello, uint8_t signature[BH_SIGNATURE_BYTES]);
/* connect, Hello, Welcome: into LIVE; takes the acknowledged sequence over.  Leaves what follows
 * unread. */
struct bh_msg_welcome bh_phone_live(struct bh_phone *phone);

/* Appends an op to the log; gives its sequence. */
uint64_t bh_phone_op(struct bh_phone *phone, const struct bh_msg_op_header *header,
	const struct bh_msg_op_content *content);
uint64_t bh_phone_report(struct bh_phone *phone, const char *text);
/* A report that names photos. */
uint64_t bh_phone_report_with(
	struct bh_phone *phone, const char *text, const struct bh_msg_blob *blobs, size_t count);
/* Relinks from an op on, after its bytes were changed. */
void bh_phone_relink(struct bh_phone *phone, uint64_t from_seq);
/* Pushes ops first .. first + count - 1 as they stand. */
void bh_phone_push_frame(
	struct bh_phone *phone, uint64_t first, size_t count, bool sign, struct bh_buf *out);
void bh_phone_push(struct bh_phone *phone, uint64_t first, size_t count, bool sign);
/* ... and its acknowledgement. */
struct bh_msg_ack bh_phone_pushed(struct bh_phone *phone, uint64_t first, size_t count);
/* Applied for a delta's cursors. */
void bh_phone_applied(struct bh_phone *phone, const struct bh_msg_delta *delta);
/* The records of a delta, in the phone's arena. */
struct bh_msg_records bh_phone_records(struct bh_phone *phone, const struct bh_msg_delta *delta);

#endif
