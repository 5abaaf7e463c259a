/* A handset's session on the server, and the hub that holds a loop's live sessions of one district.
 * No socket, clock or thread: bytes, time and store results in; bytes and jobs out. */
#ifndef BH_SYNC_SESSION_H
#define BH_SYNC_SESSION_H

#include <stdatomic.h>

#include "proto/pack.h"
#include "proto/sign.h"
#include "server/store/blob_files.h"
#include "server/store/notice.h"

/*
 *   OPEN --Hello, proved--> LIVE --Bye, refusal, silence--> CLOSING
 *     \--Enrol--> ENROLLING --Enrolled--> OPEN (Hello follows on the same link)
 *     \--10 s, anything else--> CLOSING
 *
 * A session never touches the writer: it emits jobs, which the driver queues and gives back done.
 * It reads through the hub's reader.  A device has one live session: a newer one fences the older
 * off (C02), also where that is at another hub of its district.
 */
struct bh_hub;
struct bh_session;

#define BH_HUB_SESSIONS_MAX 20000u
#define BH_SESSION_OUTPUT_MAX (1024u * 1024u) /* a slower reader is cut */

/* What handsets are told of the district's CA (PROTOCOL.md, section 12). */
struct bh_hub_pins {
	uint8_t backup[BH_PIN_BYTES];          /* of the key that comes next */
	uint8_t signature[BH_SIGNATURE_BYTES]; /* over bh_pins_message, by the CA's key */
};

struct bh_hub_options {
	struct bh_store_reader *reader;  /* borrowed; of this thread */
	struct bh_packer *packer;        /* borrowed; of this thread */
	struct bh_hasher *hasher;        /* borrowed; of this thread */
	struct bh_span mac_key;          /* receipts; copied, wiped at close */
	const struct bh_key *ca_key;     /* signs enrolment receipts; borrowed */
	const struct bh_key *bundle_key; /* what is carried by hand is sealed for it; borrowed;
					    NULL: nothing is */
	const struct bh_hub_pins *pins;  /* borrowed; NULL: handsets are told none */
	uint32_t enrol_failures_per_min; /* 0: 30; of one source; beyond it its enrolments are
					    answered BUSY (B09) */
	uint32_t ops_per_device_per_min; /* 0: 60,000: a device's token bucket (G05) */
	uint32_t device_quarantined_max; /* 0: BH_DEVICE_QUARANTINED_MAX */
	atomic_uint_fast64_t *claims;    /* counts them for all hubs of the district, which tell
					    each other; NULL: there is one hub */
};

int bh_hub_open(const struct bh_hub_options *options, struct bh_hub **out);
/* Every session must have been closed. */
void bh_hub_close(struct bh_hub *hub);

/* A link came up.  NULL when the hub is full or out of memory.  source: where from, as far as it
 * can be told, an IPv4 address or an IPv6 network; 0 is one like any other.  owner is the driver's.
 */
struct bh_session *bh_session_open(struct bh_hub *hub, struct bh_now now, int64_t district_ms,
	const struct bh_binding *binding, uint64_t source, void *owner);
/* When the link itself began, where a handshake lies between: whatever its Hello says was so since.
 */
void bh_session_linked(struct bh_session *session, int64_t mono_ms);
/* The link is gone, or the driver has finished closing it.  Jobs still out are answered to nobody.
 */
void bh_session_close(struct bh_session *session);
void *bh_session_owner(const struct bh_session *session);

void bh_session_bytes(
	struct bh_session *session, struct bh_now now, int64_t district_ms, struct bh_span bytes);
void bh_session_tick(struct bh_session *session, struct bh_now now, int64_t district_ms);

/* Bytes to send; the driver consumes what it has taken, and frees the buffer (bh_buf_free) once it
 * is empty: an idle session owns none.  After bh_session_is_closing the driver sends what is left,
 * closes the link, and calls bh_session_close. */
struct bh_buf *bh_session_output(struct bh_session *session);
bool bh_session_is_closing(const struct bh_session *session);
/* Why it closes, as prose for the server's log: "device 7 replaced by a newer connection". */
const char *bh_session_reason(const struct bh_session *session);
/* Monotonic; bh_session_tick is due then. */
int64_t bh_session_wake_mono_ms(const struct bh_session *session);
/* 0 until proved. */
uint32_t bh_session_device(const struct bh_session *session);

/* The next job to queue for the writer, or NULL.  The driver owns it until bh_hub_job_done. */
struct bh_job *bh_hub_take_job(struct bh_hub *hub);
/* The job ran (job->err and outcomes are set).  Consumes it; its session, if still there, answers.
 */
void bh_hub_job_done(
	struct bh_hub *hub, struct bh_now now, int64_t district_ms, struct bh_job *job);
/* The same of photos: run by bh_blob_files_run, one after another in the order in which they were
 * taken, given back in that order, where they are of one photo.  One that never ran has the error
 * BH_ERR_CLOSED. */
struct bh_blob_job *bh_hub_take_blob_job(struct bh_hub *hub);
void bh_hub_blob_done(
	struct bh_hub *hub, struct bh_now now, int64_t district_ms, struct bh_blob_job *job);
/* The driver took all the output, and what it holds itself is little: a download goes on. */
void bh_session_output_taken(struct bh_session *session);
/* A run's wakes: feeds what changed to the sessions concerned, drops kicked devices, resends
 * District. */
void bh_hub_wake(
	struct bh_hub *hub, struct bh_now now, int64_t district_ms, const struct bh_wakes *wakes);
/* What a run woke is not known, for want of memory: whoever may still be told anything is told what
 * there is, and the others end. */
void bh_hub_wake_whole(struct bh_hub *hub, struct bh_now now, int64_t district_ms);
/* Sessions that gained output or began closing since they were last given; NULL when none. */
struct bh_session *bh_hub_next_touched(struct bh_hub *hub);
/* Everybody out: refuse with SHUTDOWN. */
void bh_hub_shutdown(struct bh_hub *hub, struct bh_now now);

/* For bh_writer_contacts: the last word of each device whose session ended since this was last
 * asked (its Bye; else what its Hello and pushes left unsent), or began with something unsent that
 * has not arrived yet, at most max; gives how many.  Lost with the hub. */
size_t bh_hub_take_contacts(struct bh_hub *hub, struct bh_contact *contacts, size_t max);

/* For bh_writer_notices_applied: what handsets durably took up since this was last asked, at most
 * max; gives how many.  Bounded: past it some are not told, and what they took up counts when they
 * next say so. */
size_t bh_hub_take_applied(struct bh_hub *hub, struct bh_notice_applied *applied, size_t max);

/* A device's session at one hub, which the district's other hubs have to hear of. */
struct bh_claim {
	uint32_t device;
	uint64_t number; /* the greater is the newer */
};
/* The next that was made here; false: none.  Asked for after whatever ran the hub. */
bool bh_hub_take_claim(struct bh_hub *hub, struct bh_claim *claim);
/* It was made at another hub: an older session here is told so and ends. */
void bh_hub_claimed(struct bh_hub *hub, const struct bh_claim *claim);

struct bh_hub_counts {
	uint64_t sessions, proved, refused, replaced, pushes, ops, repeats, deltas, records,
		bytes_in, bytes_out, bad_frames, enrol_failures, enrolled, forks;
	uint64_t receipts_believed, receipts_strange; /* given back; strange: not ours */
	uint64_t uploads;                             /* of photos, now */
	uint64_t blob_parts, blobs_complete, blobs_refused, blob_bytes_out;
	uint64_t blobs_foreign; /* offered or asked for by who may not */
	uint64_t photos_asked;  /* of their reporters again: this server has lost them */
};
void bh_hub_counts(const struct bh_hub *hub, struct bh_hub_counts *out);

#endif
