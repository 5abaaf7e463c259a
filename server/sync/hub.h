/* What the files of this folder know of a hub and its sessions; nobody outside includes it. */
#ifndef BH_SYNC_HUB_H
#define BH_SYNC_HUB_H

#include "proto/bundle.h"
#include "proto/codec.h"
#include "proto/err.h"
#include "server/domain/rights.h"
#include "server/sync/session.h"
#include "server/sync/table.h"

#define BH_HUB_QUEUE_BYTES_MAX (64u * 1024u * 1024u) /* pushes taken and not yet done */
#define BH_DELTA_RAW_BYTES (192u * 1024u) /* a delta is cut after the record that passes it */
#define BH_HUB_APPLIED_MAX 256u
#define BH_NEVER INT64_MAX
#define BH_REASON_BYTES 96u
#define BH_ENROL_FAILURES_PER_MIN 30u
#define BH_ENROL_SLOTS 1024u /* sources that fail are counted in so many slots */
#define BH_OPS_PER_DEVICE_PER_MIN 60000u
#define BH_LOG_COSTS_OPS 1000u
#define BH_LOGS_SPENT_RETRY_MS 3600000u /* a device that has begun all its logs */
#define BH_QUARANTINE_FULL_RETRY_MS 3600000u
#define BH_RETRY_STORAGE_MS 5000u
#define BH_RETRY_BUSY_MS 1000u
#define BH_FEED_RETRY_MS 1000    /* a read that failed is tried again then */
#define BH_HELLO_BOUND_MS 1000u  /* no way up is known to take less */
#define BH_DISTRICT_STAGGER_MS 2 /* new rules reach so many sessions one after another */

/* An event's instants. */
struct bh_moment {
	struct bh_now now;
	int64_t district_ms;
};

enum bh_phase {
	BH_PHASE_OPEN = 0,      /* nothing is proved */
	BH_PHASE_ENROLLING = 1, /* an ENROLLED job is out */
	BH_PHASE_BEGINNING = 2, /* proved; a LOG_BEGIN job is out */
	BH_PHASE_FORKED = 3,    /* proved; told to begin a new log: Hello follows */
	BH_PHASE_LIVE = 4,
	BH_PHASE_CLOSING = 5,
	BH_PHASE_COUNT = 6,
};

/* A scope that a session follows. */
struct bh_follow {
	struct bh_table_node node; /* key: the scope; first, so that a node is its follow */
	struct bh_session *session;
	uint64_t sent;    /* cursor up to which rows were sent */
	uint64_t applied; /* ... and durably applied by the handset */
	bool waiting;     /* may have rows past sent */
	bool woken;       /* by a run, not by Hello */
};

/* What a hub remembers of a device beyond its session, while the hub lives: bounded by the devices
 * that have proved themselves. */
struct bh_hub_device {
	struct bh_table_node node; /* key: the device; first */
	struct bh_session *session;
	uint64_t tokens; /* thousandths of an op */
	uint64_t owed;   /* likewise: what photos cost beyond what was there for them */
	int64_t tokens_mono_ms;
	struct bh_contact contact;
	struct bh_hub_device *quiet_next;
	struct bh_hub_device *claimed_next;
	uint64_t claim;      /* of its session */
	uint32_t lost_place; /* of the photo that it was asked for last */
	bool lost_begun;
	bool is_quiet;    /* its contact is to be taken */
	bool pins_due;    /* likewise, while its session goes on: it has taken the present pins */
	bool claim_waits; /* to be told to the district's other hubs */
};

enum bh_work_kind {
	BH_WORK_PUSH = 1,
	BH_WORK_ENROL = 2,
	BH_WORK_LOG = 3,
	BH_WORK_ROOM = 4,   /* for a photo that is offered */
	BH_WORK_STORED = 5, /* a photo is whole */
	BH_WORK_ROTATED = 6,
};

/* A job with everything its commands point to. */
struct bh_work {
	struct bh_job job; /* job.owner is this */
	enum bh_work_kind kind;
	struct bh_session *session; /* NULL: it has gone */
	struct bh_work *session_next;
	uint32_t generation; /* of the session's pushes; older ones were answered already */
	struct bh_buf raw;   /* unpacked batch, payload, or the Hello to go on with */
	struct bh_buf payload;
	struct bh_arena arena;
	size_t bytes; /* counted against BH_HUB_QUEUE_BYTES_MAX */
};

struct bh_session {
	struct bh_hub *hub;
	void *owner;
	struct bh_session *next, *prev;
	struct bh_session *touched_next, *touched_prev;
	struct bh_buf in, out;
	struct bh_work *works;
	struct bh_blob_task *blob_tasks;
	const struct bh_span *carried; /* no link: a bundle's signed statement; borrowed */
	struct bh_upload *upload;      /* blob.h; NULL: none */
	struct bh_download *download;
	struct bh_hub_device *known; /* proved, and not fenced off */
	struct bh_follow *follows;
	int64_t opened_mono_ms; /* of the link, or of the Enrolled after which Hello is due */
	int64_t heard_mono_ms;
	int64_t frame_mono_ms;    /* of the unfinished frame's first byte; in.len != 0 */
	int64_t retry_mono_ms;    /* of a feed that failed to read, else BH_NEVER */
	int64_t district_mono_ms; /* when District is to be sent again, else BH_NEVER */
	int64_t offset_ms;        /* district time less the handset's wall clock */
	int64_t mono_offset_ms;   /* district time less its monotonic clock */
	int64_t enrolled_ms;
	int64_t hello_since_mono_ms; /* the next Hello was not made before */
	uint64_t acked_seq;
	uint64_t
		flight_seq; /* last sequence of the last push that is out; acked_seq when none is */
	uint64_t last_seq;  /* what the handset said it holds */
	uint64_t source;
	uint32_t device;
	uint32_t person;
	uint32_t boot; /* of an op recorded at Hello; 0: not known */
	uint32_t log_short;
	uint32_t hello_bound_ms; /* its Hello took so long to come, at most */
	uint32_t generation;
	uint32_t heartbeat_ms; /* the silence after which it is pinged */
	uint16_t follows_count;
	uint8_t phase;
	uint8_t pushes; /* out */
	uint8_t works_count;
	uint8_t blob_tasks_count;
	uint8_t blob_parts; /* out, not yet answered */
	bool touched;
	bool draining;   /* its device is cut off: it gives, and receives nothing (I14) */
	bool pinged;     /* and silent since */
	bool pong_due;   /* to a ping of ours */
	bool unapplied;  /* a Delta is out */
	bool owes_delta; /* from_start, or more was told of: even an empty one */
	uint8_t acked_link[BH_HASH_BYTES];
	uint8_t flight_link[BH_HASH_BYTES];
	uint8_t log_id[BH_LOG_ID_BYTES];
	struct bh_binding binding;
	char reason[BH_REASON_BYTES];
};

_Static_assert(sizeof(struct bh_session) <= 600, "an idle session is small (sync.md, figures)");

struct bh_hub {
	struct bh_hub_options options;
	struct bh_buf mac_key;
	uint8_t bundle_key[BH_PUBLIC_KEY_BYTES];
	uint8_t bundle_key_id[BH_BUNDLE_KEY_ID_BYTES];
	struct bh_district district; /* its profile_version as handsets are told it */
	struct bh_session *sessions;
	struct bh_session *touched_first, *touched_last;
	struct bh_hub_device *quiet;   /* contacts to be taken */
	struct bh_hub_device *claimed; /* claims to be told */
	struct bh_table devices;       /* of struct bh_hub_device */
	struct bh_table scopes;        /* of struct bh_follow */
	struct bh_job *queue_first, *queue_last;
	struct bh_blob_job *blobs_first, *blobs_last;
	size_t queue_bytes;                         /* of both queues */
	int64_t district_ms;                        /* of the last event: who holds which post */
	int64_t enrol_paid_mono_ms[BH_ENROL_SLOTS]; /* by source: when all its failures are paid */
	struct bh_arena frame_arena;                /* the frame that is being handled */
	struct bh_arena work_arena;                 /* the answer that is being made */
	struct bh_hub_counts counts;
	struct bh_notice_applied applied[BH_HUB_APPLIED_MAX]; /* applied.c */
	size_t applied_count;
};

/* ---- applied.c ---- */
/* The session's handset holds what the scope had up to there. */
void bh_hub_applied(struct bh_session *session, uint64_t scope, uint64_t position);
/* As its Hello said. */
void bh_hub_applied_all(struct bh_session *session);

/* ---- session.c ---- */
typedef void bh_frame_handler(struct bh_session *session, const struct bh_moment *at,
	const struct bh_client_frame *frame, struct bh_span body);

/* Sends a frame, or ends the session when its output is full. */
void bh_session_send(struct bh_session *session, const struct bh_server_frame *frame);
/* Says no; ends the session when the refusal is final or nothing is proved.  why: for
 * bh_session_reason. */
void bh_session_refuse(struct bh_session *session, enum bh_refusal code, const char *why);
void bh_session_refuse_with(
	struct bh_session *session, struct bh_msg_refusal *refusal, const char *why);
/* No word more: what is in the output may still leave. */
void bh_session_end(struct bh_session *session, const char *why);
void bh_session_touch(struct bh_session *session);
/* True while the device's row permits it to be told anything (I14): looked at before every answer
 * that carries data.  Ends the session when not; one that drains goes on, and is told nothing. */
bool bh_session_may_receive(struct bh_session *session);
/* The device was revoked or suspended: what it was not yet given is dropped. */
void bh_session_cut_off(struct bh_session *session);

/* ---- claim.c ---- */
/* 0 or BH_ERR_NOMEM; the session becomes the device's, the older one is fenced off. */
int bh_hub_claim(struct bh_hub *hub, struct bh_session *session, struct bh_moment at);

/* ---- hub.c and work.c ---- */
/* Forgets a session's device and scopes. */
void bh_hub_unclaim(struct bh_session *session);
/* The device's last word is to be taken (bh_hub_take_contacts). */
void bh_hub_tell(struct bh_hub *hub, struct bh_hub_device *known);
/* Replaces what the session follows: scopes, each with its cursor.  0 or BH_ERR_NOMEM. */
int bh_hub_follow(struct bh_session *session, const struct bh_msg_cursor *cursors, size_t count);
struct bh_follow *bh_session_follow(struct bh_session *session, uint64_t scope);
/* A job with room for count commands (0: bh_work_commands follows); NULL without memory. */
struct bh_work *bh_work_new(struct bh_session *session, enum bh_work_kind kind, size_t count);
/* Room for count commands and outcomes: 0 or BH_ERR_NOMEM. */
int bh_work_commands(struct bh_work *work, size_t count);
void bh_work_free(struct bh_work *work);
void bh_hub_queue(struct bh_hub *hub, struct bh_session *session, struct bh_work *work);
/* Takes ops from the device's bucket: 0, or how many ms until they are there. */
uint32_t bh_hub_spend(
	struct bh_hub *hub, struct bh_session *session, struct bh_now now, size_t ops);
/* The same for photos, which never take the half that is left for ops. */
uint32_t bh_hub_spend_spare(
	struct bh_hub *hub, struct bh_session *session, struct bh_now now, size_t ops);
/* What something turned out to cost: what is not there is owed, and paid before the next photo. */
void bh_hub_charge_spare(struct bh_hub *hub, struct bh_session *session, uint64_t ops);
/* Whose scopes changed says Hello again, and its Welcome names what it may keep.  False: they are
 * as they were. */
bool bh_session_scopes_left(struct bh_session *session);
/* The scopes of the session's person under the rules in force. */
int bh_session_scopes(struct bh_session *session, uint64_t scopes[BH_SCOPES_MAX], size_t *count);

/* ---- hello.c, enrol.c, push.c, ack.c, feed.c: handlers and what is called when a job is done ----
 */
bh_frame_handler bh_handle_hello, bh_handle_enrol, bh_handle_push, bh_handle_applied;
void bh_hello_begun(struct bh_session *session, const struct bh_moment *at, struct bh_work *work);
void bh_enrol_done(struct bh_session *session, const struct bh_moment *at, struct bh_work *work);
void bh_push_done(struct bh_session *session, const struct bh_moment *at, struct bh_work *work);
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 30
void bh_push_promise(struct bh_work *work);
#endif
/* rotate.c */
bh_frame_handler bh_handle_rotate;
void bh_rotate_done(struct bh_session *session, struct bh_work *work);
/* blob.c, blob_up.c, blob_down.c */
bh_frame_handler bh_handle_blob_offer, bh_handle_blob_part, bh_handle_blob_ask;
bh_frame_handler bh_handle_cargo; /* cargo.c */
void bh_upload_room(struct bh_session *session, struct bh_work *work);
void bh_upload_stored(struct bh_session *session, struct bh_work *work);
void bh_blobs_end(struct bh_session *session);   /* no word more about photos */
void bh_blobs_close(struct bh_session *session); /* its tasks answer nobody */
void bh_hub_blobs_close(struct bh_hub *hub);
/* A verdict as it is told; spans are constants. */
struct bh_msg_verdict bh_verdict_told(enum bh_verdict verdict, enum bh_reason reason,
	uint32_t log_short, uint64_t seq, uint32_t state, uint64_t case_number);
/* Fills a receipt over the verdicts: mac lives in the arena.  0 or BH_ERR_NOMEM. */
int bh_receipt_over(struct bh_session *session, uint64_t seq, const uint8_t link[BH_HASH_BYTES],
	int64_t received_ms, const struct bh_msg_verdict *verdicts, size_t count,
	struct bh_span *mac);
/* receipt.c: tells the job's commands what receipts of this server's own say of them. */
void bh_receipts_believe(struct bh_session *session, const struct bh_moment *at,
	const struct bh_msg_push *push, struct bh_job *job);
/* Sends what waits, if the window is open. */
void bh_session_feed(struct bh_session *session, const struct bh_moment *at);

/* ---- capture.c ---- */
/* Takes over what a Hello says of the handset's clocks. */
void bh_capture_hello(
	struct bh_session *session, const struct bh_moment *at, const struct bh_msg_hello *hello);
/* What to add to an op's captured_ms, and how far that may be wrong.  INT64_MAX: not to be
 * believed; a sum that cannot be is what decide replaces by the time of receipt. */
void bh_capture_offset(const struct bh_session *session, int64_t district_ms,
	const struct bh_msg_op_header *header, int64_t *offset_ms, int64_t *bound_ms);

/* An instant of the handset's wall clock as one of the district's, from its enrolment to now: 0 for
 * one that cannot be. */
int64_t bh_capture_wall(const struct bh_session *session, int64_t district_ms, int64_t wall_ms);

/* ---- record.c ---- */
/* What the session's device may see of a case now.  record->scopes_count 0: nothing.  Everything
 * lives in the arena or in the rules. */
int bh_record_build(struct bh_session *session, struct bh_rules *rules, uint64_t number,
	struct bh_arena *arena, struct bh_msg_record *record);
/* Whether a photo that this person's op brought to this case is told to the session. */
int bh_record_shows(struct bh_session *session, uint64_t number, uint32_t person, bool *shows);

/* ---- district.c ---- */
/* The District message for a person; lives in the arena, the hub and the rules. */
int bh_district_build(const struct bh_hub *hub, const struct bh_rules *rules, uint32_t person,
	struct bh_arena *arena, struct bh_msg_district *out);
/* Reads the district anew into the hub.  A version counts the profiles, in its upper bits the
 * bundle keys, and in the four above those it changes with the pins.  On failure it stays as it
 * was. */
int bh_hub_district(struct bh_hub *hub);
/* Whether a Hello's version says that the handset has the present District and goes by its pins;
 * that it does is to be kept then. */
bool bh_session_holds_pins(struct bh_session *session, uint32_t version);
/* What the session's handset holds, if it holds the present one: the hub's version, changed with
 * the year for which the calendar's days are told. */
uint32_t bh_session_district_version(const struct bh_session *session);
/* Sends it to the session; tries again later when it cannot be read. */
void bh_session_send_district(struct bh_session *session, const struct bh_moment *at);

/* ---- district_calendar.c ---- */
/* The local year, which decides on the days that are told. */
uint32_t bh_district_year(const struct bh_hub *hub, const struct bh_rules *rules);
int bh_district_calendar(const struct bh_hub *hub, const struct bh_rules *rules,
	struct bh_arena *arena, struct bh_msg_calendar *out);

#endif
