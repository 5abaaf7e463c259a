/* What the files of the engine share: its state, and the moves between its phases. */
#ifndef BH_CLIENT_ENGINE_STATE_H
#define BH_CLIENT_ENGINE_STATE_H

#include "client-lib/engine.h"
#include "client-lib/local_cargo.h"
#include "client-lib/local_photo.h"
#include "proto/codec.h"
#include "proto/err.h"
#include "proto/pack.h"
#include "proto/verdict.h"

#define BH_ENGINE_IN_BYTES_MAX (BH_FRAME_BYTES_MAX + 64u * 1024u)
#define BH_ENGINE_OUT_BYTES_MAX (4u * BH_FRAME_BYTES_MAX)
/* Of one frame with everything unpacked from it. */
#define BH_ENGINE_ARENA_BYTES_MAX (16u * BH_UNPACKED_BYTES_MAX + (1u << 20))
#define BH_ENGINE_LINE_BYTES 160u
#define BH_ENGINE_PROOF_BYTES_MAX 512u   /* of a message that is signed */
#define BH_ENGINE_SIGN_MS_MAX 8000       /* to sign it outside; a server waits 10 s for a proof */
#define BH_ENGINE_AFTER_MS 5000          /* the server's ping is waited for so long */
#define BH_ENGINE_HEARTBEAT_MS_MIN 20000 /* however often the path died of silence */
#define BH_ENGINE_HEARTBEAT_MS_MAX (BH_HEARTBEAT_MS_MAX + BH_ENGINE_AFTER_MS)
/* From our ping to its answer, or the link is cut: as the server has it. */
#define BH_ENGINE_PONG_MS_MAX (BH_SILENCE_MS_MAX - BH_HEARTBEAT_MS - BH_ENGINE_AFTER_MS)
#define BH_ENGINE_HINT_MS 30000       /* hints take effect no oftener */
#define BH_ENGINE_HINT_SPREAD_MS 2000 /* ... and not in all handsets at once */
#define BH_ENGINE_ACK_MS_MAX 120000   /* an answer to a push; then the link is cut */
#define BH_ENGINE_STEADY_MS 60000     /* a session this long lets the back-off begin anew */
#define BH_ENGINE_HOLD_MS 5000        /* a server that cannot store, and does not say when */
#define BH_ENGINE_HOLD_MS_MAX 3600000 /* whatever a server says, it is asked again after this */
/* No wait for the next attempt is longer: the greatest hold, an eighth of it with its jitter. */
#define BH_ENGINE_WAIT_MS_MAX (BH_ENGINE_HOLD_MS_MAX + BH_ENGINE_HOLD_MS_MAX / 8 * 5 / 4)
#define BH_ENGINE_REVOKED_MS 3600000 /* a revoked handset asks once an hour */

enum bh_phase {
	BH_PHASE_IDLE = 0,        /* no link, none wanted */
	BH_PHASE_BACKING_OFF = 1, /* no link, one is wanted at attempt_mono_ms */
	BH_PHASE_CONNECTING = 2,
	BH_PHASE_PROVING = 3,   /* Enrol or Hello waits for the key outside */
	BH_PHASE_ENROLLING = 4, /* Enrol is out */
	BH_PHASE_GREETING = 5,  /* Hello is out */
	BH_PHASE_LIVE = 6,
	BH_PHASE_CLOSING = 7, /* waits for the driver's link_down */
	BH_PHASE_COUNT = 8,
};

enum bh_proof_state {
	BH_PROOF_NONE = 0,
	BH_PROOF_WANTED = 1, /* the key outside has the message */
	BH_PROOF_READY = 2,  /* signed, verified, not yet sent */
};

/* What the key outside is to sign, or has signed. */
struct bh_proof {
	enum bh_proof_state state;
	int64_t asked_mono_ms;
	uint8_t message[BH_ENGINE_PROOF_BYTES_MAX];
	size_t message_len;
	uint8_t public_key[BH_PUBLIC_KEY_BYTES]; /* of the one that is to sign it */
	uint8_t signature[BH_SIGNATURE_BYTES];
};

/* A push that has no answer yet. */
struct bh_flight {
	uint64_t last_seq;
	int64_t sent_mono_ms;
};

enum bh_upload_phase {
	BH_UPLOAD_NONE = 0,
	BH_UPLOAD_OFFERED = 1, /* its Offer is out */
	BH_UPLOAD_SENDING = 2,
};

/* The one photo that is on its way up. */
struct bh_upload {
	enum bh_upload_phase phase;
	struct bh_blob_due blob;              /* also after the end, while answers are under way */
	uint32_t next;                        /* the offset of the next part */
	uint32_t held;                        /* so much the server has, by its last answer */
	uint32_t ends[BH_BLOB_PARTS_OUT_MAX]; /* of the parts out: what their answers should say */
	unsigned out;                         /* answers due */
	bool proved;                          /* OFFERED: it was shown to be held */
	bool adrift;           /* an answer said something else: no part before all are in */
	unsigned drifts;       /* how often */
	int64_t asked_mono_ms; /* since when the next answer is awaited */
};

/* The one photo that is on its way down. */
struct bh_download {
	bool is_open;
	bool from_start; /* no byte of it is older than this session */
	struct bh_fetch_due fetch;
	uint32_t at; /* the offset of the part that comes next */
	int64_t asked_mono_ms;
};

/* The one piece of cargo that is on its way up, and its answer down. */
struct bh_cargo_way {
	bool is_open;
	bool sending; /* the server said from where */
	bool adrift;  /* an answer said something else: no part before all are in */
	unsigned place;
	struct bh_cargo piece;
	uint32_t next;      /* the offset of the next part */
	uint32_t held;      /* so much the server has, by its last answer */
	uint32_t answer_at; /* so much of the answer is here */
	unsigned out;       /* answers due */
	unsigned drifts;
	int64_t asked_mono_ms; /* since when the next answer is awaited */
};

/* Another key on its way to the server. */
enum bh_rotation {
	BH_ROTATION_NONE = 0,
	BH_ROTATION_OLD = 1,  /* the key that holds has signed */
	BH_ROTATION_SENT = 2, /* the answer is awaited, and nothing is pushed */
};

struct bh_session_state {
	uint64_t epoch;
	uint64_t server_seq; /* acknowledged, in this session's terms: resume after it */
	uint64_t sent_seq;   /* pushed up to here */
	struct bh_flight flights[BH_PIPELINE_PUSHES_MAX];
	size_t flights_count;
	bool careful; /* after a refusal: one push at a time until it is acknowledged */
	bool head_signed;
	bool draining;        /* we are revoked, and heard: what is unsent goes, nothing comes */
	uint64_t sign_seq;    /* the head that the key outside was asked to sign; 0: none */
	bool progressed;      /* something was acknowledged or told */
	bool told_unasked;    /* a delta, or its continuation, came since the settling ping */
	bool more;            /* the last delta said that another follows */
	bool settling;        /* a ping is out whose answer settles */
	int64_t hold_mono_ms; /* no push before this */
	int64_t heard_mono_ms;
	int64_t sent_mono_ms;
	int64_t pinged_mono_ms; /* 0: no ping is out */
	int64_t silence_ms;     /* that a ping of ours ended whose answer is due; 0: none did */
	int64_t heartbeat_ms;   /* what the server's is by now */
	int64_t live_mono_ms;
	enum bh_rotation rotation;
	int64_t rotation_mono_ms; /* SENT: since when */
	uint8_t rotation_signature[BH_SIGNATURE_BYTES];
	struct bh_upload upload;
	struct bh_upload behind; /* the one before: all its parts are out, and not all answered */
	unsigned strays;         /* how often one behind came to nothing, one after another */
	struct bh_download download;
	struct bh_cargo_way cargo;
};

/* What is known of the paths that this process had. */
struct bh_pulse {
	int64_t silence_ms_max; /* that they are trusted to bear */
	unsigned borne;         /* silences of that length, since it was last changed */
};

/* Hints of a push service. */
struct bh_hint {
	int64_t due_mono_ms;   /* the next one takes effect; 0: none came */
	int64_t taken_mono_ms; /* the last one did; 0: none yet */
};

struct bh_engine {
	struct bh_local *local;
	struct bh_rng rng;
	char app_version[65];
	bool stay_connected;
	bool signs_outside;
	bool tries_next; /* the server may know the key that waits by now: Hello is signed by it */
	struct bh_proof proof;
	struct bh_packer *packer;
	struct bh_arena arena; /* the frame that is being handled, or made */
	struct bh_buf in;
	struct bh_buf out;

	enum bh_phase phase;
	int64_t phase_mono_ms;   /* since when */
	int64_t attempt_mono_ms; /* BACKING_OFF */
	int64_t backoff_ms;      /* 0: the next failure waits the minimum */
	int64_t hold_off_ms;     /* the least the next back-off must wait */
	int64_t hold_mono_ms;    /* no hint brings the attempt before this */
	bool at_once;            /* the next attempt follows without a back-off, once */
	bool forked;             /* a fork was begun, and nothing progressed since */
	int cause;               /* enum bh_cause of the last failure; NONE after a Welcome */
	bool is_reachable;
	bool is_suspended;
	struct bh_pulse pulse;
	struct bh_hint hint;
	struct bh_engine_counts counts;
	bool asked; /* a session is wanted though nothing is unsent */
	bool settled;
	int64_t upload_hold_mono_ms; /* no photo is offered before this */
	int64_t fetch_hold_mono_ms;  /* ... nor asked for before this */
	int64_t cargo_hold_mono_ms;  /* ... and no cargo */
	unsigned cargo_laters;       /* so often in a row the server said: later */
	struct bh_session_state session;

	/* Read from rows by engine_look, after every event. */
	bool readable; /* the store answered */
	enum bh_enrolled enrolled;
	bool code_refused;
	int64_t revoked_ms;
	uint64_t head_seq;
	uint64_t acked_seq;
	uint32_t log_short;
	uint8_t log_id[BH_LOG_ID_BYTES];
	bool log_moved;                        /* another one than at the last look */
	bool has_due;                          /* a photo of an accepted op is not complete */
	uint64_t look_version;                 /* of the rows that were looked at last */
	uint8_t look_hashes[2][BH_HASH_BYTES]; /* the photos that were on their way then */
	bool has_wanted;                       /* another's photo is wanted, and not here */
	bool has_next;                         /* another key waits to take over */

	struct bh_binding binding;
	bool ca_key_known;
	uint8_t ca_key[BH_PUBLIC_KEY_BYTES];
	size_t batch_ops_max; /* learned */
	size_t batch_bytes_max;
	size_t link_ops_max; /* what the way lets through: halved by a cut, doubled by an Ack */
	struct bh_changes changes;
	uint64_t changes_seen;
	char line[BH_ENGINE_LINE_BYTES];
	bool line_new;
};

typedef void bh_server_handler(
	struct bh_engine *engine, struct bh_now now, const struct bh_server_frame *frame);

/* ---- engine.c ---- */
/* The end of every event: looks at the rows and the time again, and does what follows. */
void bh_engine_update(struct bh_engine *engine, struct bh_now now);
/* Ends the session from our side: sends what is in the output, closes, and backs off for this
 * cause. */
void bh_engine_hang_up(struct bh_engine *engine, struct bh_now now, int cause);
/* The store failed: the session ends, the ops stay. */
void bh_engine_store_failed(struct bh_engine *engine, struct bh_now now, int rc);
void bh_engine_enter(struct bh_engine *engine, struct bh_now now, enum bh_phase phase);
/* No link; the next attempt is planned. */
void bh_engine_back_off(struct bh_engine *engine, struct bh_now now);
/* Enrolled, and ops are recorded past what was acknowledged, by the rows as last looked at. */
bool bh_engine_has_unsent(const struct bh_engine *engine);

/* ---- engine_effects.c ---- */
/* Encodes into the output; a full output hangs up. */
void bh_engine_send(
	struct bh_engine *engine, struct bh_now now, const struct bh_client_frame *frame);
void bh_engine_say(struct bh_engine *engine, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void bh_engine_changed(struct bh_engine *engine, struct bh_change change);

/* ---- engine_rotate.c ---- */
/* Another key waits to take over, and may. */
bool bh_engine_rotate_busy(const struct bh_engine *engine);
/* Does what comes next of it. */
void bh_engine_rotate(struct bh_engine *engine, struct bh_now now);
/* A Welcome came to a Hello that the waiting key signed: it took over. */
int bh_engine_rotate_welcome(struct bh_engine *engine);
/* The greeting was not recognised: true, the other key is tried at once. */
bool bh_engine_rotate_unproved(struct bh_engine *engine);
bh_server_handler bh_handle_rotated;

/* ---- engine_sign.c ---- */
/* With our own key at once.  With one outside: BH_ERR_BUSY when it is asked now or was already
 * (engine->proof is WANTED), and 0 when the same message comes again and it has signed.
 * BH_ERR_AUTH: there is no key, and nobody who signs. */
int bh_engine_sign(struct bh_engine *engine, struct bh_now now, struct bh_span message,
	uint8_t out[BH_SIGNATURE_BYTES]);
/* The same with the key that waits to take over. */
int bh_engine_sign_next(struct bh_engine *engine, struct bh_now now, struct bh_span message,
	uint8_t out[BH_SIGNATURE_BYTES]);
bool bh_engine_sign_wanted(const struct bh_engine *engine);
/* It was asked too long ago. */
bool bh_engine_sign_late(const struct bh_engine *engine, struct bh_now now);

/* ---- engine_greet.c ---- */
void bh_engine_greet(struct bh_engine *engine, struct bh_now now);
bh_server_handler bh_handle_welcome, bh_handle_enrolled;

/* ---- engine_pins.c ---- */
/* What becomes of the device's pins by what the server says on this link.  0, or BH_ERR_AUTH: it
 * is not signed by the key that the link was judged by. */
int bh_engine_pins(const struct bh_engine *engine, const struct bh_device *device,
	const struct bh_msg_district *told, struct bh_pins *out);

/* ---- engine_push.c ---- */
/* How long to wait for a server that asked for so long. */
int64_t bh_engine_hold_ms(uint32_t asked_ms);
/* Sends what is recorded and not pushed, as far as the pipeline allows. */
void bh_engine_push(struct bh_engine *engine, struct bh_now now);
/* The link is gone before anything of a push was acknowledged: the way may be too slow for it. */
void bh_engine_push_cut(struct bh_engine *engine);
/* Begins again after what the server has. */
void bh_engine_rewind(struct bh_engine *engine, uint64_t server_seq);
bh_server_handler bh_handle_ack;

#define BH_UPLOAD_DRIFTS_MAX 3u /* of one upload, or one after another; then it has its quiet */
#define BH_UPLOAD_DRIFT_MS (600 * 1000)
#define BH_UPLOAD_LATER_MS 5000 /* a server that says later, and not when */

/* ---- engine_behind.c ---- */
/* Whether the next photo may be offered while this one's answers are under way. */
bool bh_engine_behind_may(const struct bh_engine *engine);
void bh_engine_behind_begin(struct bh_engine *engine);
/* False: the answer is not about it. */
bool bh_engine_behind_told(
	struct bh_engine *engine, struct bh_now now, const struct bh_msg_blob_state *state);

/* ---- engine_upload.c ---- */
/* The next one due besides what is on its way; BH_ERR_NOT_FOUND. */
/* The hashes of those on their way; NULL: no such one. */
void bh_engine_upload_two(
	const struct bh_engine *engine, const uint8_t **one, const uint8_t **other);
int bh_engine_upload_other(const struct bh_engine *engine, struct bh_blob_due *out);
/* One frame of the photo that is on its way, or the next one's Offer, if the output is empty. */
void bh_engine_upload(struct bh_engine *engine, struct bh_now now);
/* What became of it, durably.  One that the server refused or does not know is LOST where its file
 * is not what it was. */
int bh_engine_upload_fate(
	struct bh_engine *engine, const struct bh_blob_due *blob, enum bh_blob_fate fate);
/* The server holds whatever it acknowledged: one that was put back is given the ops again before
 * photos, which it knows by them. */
bool bh_engine_knows_ops(const struct bh_engine *engine);
/* There is one, and the output is empty. */
bool bh_engine_upload_ready(const struct bh_engine *engine, struct bh_now now);
/* One is to be offered, and may be now. */
bool bh_engine_upload_due(const struct bh_engine *engine, struct bh_now now);
/* ... or is on its way. */
bool bh_engine_upload_busy(const struct bh_engine *engine, struct bh_now now);
void bh_engine_upload_told(
	struct bh_engine *engine, struct bh_now now, const struct bh_msg_blob_state *state);
bh_server_handler bh_handle_blob_state;

/* ---- engine_fetch.c ---- */
/* Asks for the next photo that is wanted, if none is on its way down. */
void bh_engine_fetch(struct bh_engine *engine, struct bh_now now);
bool bh_engine_fetch_due(const struct bh_engine *engine, struct bh_now now);
bool bh_engine_fetch_busy(const struct bh_engine *engine, struct bh_now now);
/* True when it was the answer to what was asked for. */
bool bh_engine_fetch_told(
	struct bh_engine *engine, struct bh_now now, const struct bh_msg_blob_state *state);
bh_server_handler bh_handle_blob_down;

/* ---- engine_cargo.c ---- */
/* One frame of what is carried for others, if the output is empty. */
void bh_engine_cargo(struct bh_engine *engine, struct bh_now now);
bool bh_engine_cargo_ready(const struct bh_engine *engine, struct bh_now now);
bool bh_engine_cargo_due(const struct bh_engine *engine, struct bh_now now);
/* It is on its way, or will be in a moment. */
bool bh_engine_cargo_busy(const struct bh_engine *engine, struct bh_now now);
/* When it may move, or its answer is overdue; INT64_MAX: never by itself. */
int64_t bh_engine_cargo_mono_ms(const struct bh_engine *engine, bool live);
bh_server_handler bh_handle_cargo_state;

/* ---- engine_refusal.c ---- */
bh_server_handler bh_handle_refusal;

/* ---- engine_told.c ---- */
bh_server_handler bh_handle_delta, bh_handle_district;
/* Sends the settling ping when one is due. */
void bh_engine_settle(struct bh_engine *engine, struct bh_now now);
/* A pong came: it may be the settling one's. */
void bh_engine_settled(struct bh_engine *engine, struct bh_now now);
void bh_engine_bye(struct bh_engine *engine, struct bh_now now);

/* ---- engine_pulse.c ---- */
bh_server_handler bh_handle_ping, bh_handle_pong;
void bh_engine_ping(struct bh_engine *engine, struct bh_now now);
/* Pings after a silence, and takes the hint whose time has come. */
void bh_engine_pulse(struct bh_engine *engine, struct bh_now now);
/* The silence after which we ping; 0 without a session. */
int64_t bh_engine_heartbeat_ms(const struct bh_engine *engine);
/* When a live link is pinged, or given up for its silence. */
int64_t bh_engine_pulse_mono_ms(const struct bh_engine *engine);
/* It is to be given up. */
bool bh_engine_is_silent(const struct bh_engine *engine, struct bh_now now);
/* The link is gone: if a silence killed it, the next are kept shorter. */
void bh_engine_pulse_cut(struct bh_engine *engine);
/* Another network: what is known of the last one's silences is forgotten. */
void bh_engine_pulse_forget(struct bh_engine *engine);

#endif
