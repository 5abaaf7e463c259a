/* A session's life: bytes become frames, and a frame finds its handler in a table of (kind,
 * phases).
 *
 * The happy path: Hello, Welcome, then pushes up and deltas down until Bye.  What goes wrong is
 * answered with one Refusal; a final one ends the session, and whatever lies unread behind it is
 * not looked at. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/frame.h"
#include "server/sync/hub.h"

/* ---- Coming and going ---- */

struct bh_session *bh_session_open(struct bh_hub *hub, struct bh_now now, int64_t district_ms,
	const struct bh_binding *binding, uint64_t source, void *owner)
{
	(void)district_ms;
	if (hub->counts.sessions >= BH_HUB_SESSIONS_MAX)
		return NULL;
	struct bh_session *session = calloc(1, sizeof(*session));
	if (session == NULL)
		return NULL;
	session->hub = hub;
	session->owner = owner;
	session->binding = *binding;
	session->source = source;
	session->in = BH_BUF(BH_FRAME_BYTES_MAX + BH_FRAME_HEAD_BYTES);
	session->out = BH_BUF(BH_SESSION_OUTPUT_MAX);
	session->opened_mono_ms = now.mono_ms;
	session->hello_since_mono_ms = now.mono_ms;
	session->heard_mono_ms = now.mono_ms;
	session->heartbeat_ms = BH_HEARTBEAT_MS;
	session->retry_mono_ms = BH_NEVER;
	session->district_mono_ms = BH_NEVER;
	session->next = hub->sessions;
	if (session->next != NULL)
		session->next->prev = session;
	hub->sessions = session;
	hub->counts.sessions++;
	return session;
}

void bh_session_linked(struct bh_session *session, int64_t mono_ms)
{
	session->hello_since_mono_ms = mono_ms;
}

static void touched_remove(struct bh_session *session)
{
	struct bh_hub *hub = session->hub;
	if (!session->touched)
		return;
	*(session->touched_prev != NULL ? &session->touched_prev->touched_next
					: &hub->touched_first) = session->touched_next;
	*(session->touched_next != NULL ? &session->touched_next->touched_prev
					: &hub->touched_last) = session->touched_prev;
	session->touched = false;
}

void bh_session_touch(struct bh_session *session)
{
	struct bh_hub *hub = session->hub;
	if (session->touched)
		return;
	session->touched = true;
	session->touched_next = NULL;
	session->touched_prev = hub->touched_last;
	*(hub->touched_last != NULL ? &hub->touched_last->touched_next
				    : &hub->touched_first) = session;
	hub->touched_last = session;
}

void bh_session_end(struct bh_session *session, const char *why)
{
	if (session->phase == BH_PHASE_CLOSING)
		return;
	if (session->phase == BH_PHASE_LIVE)
		session->hub->counts.proved--;
	session->phase = BH_PHASE_CLOSING;
	snprintf(session->reason, sizeof(session->reason), "%s", why);
	bh_hub_unclaim(session);
	bh_blobs_end(session);
	bh_session_touch(session);
}

void bh_session_close(struct bh_session *session)
{
	struct bh_hub *hub = session->hub;
	bh_session_end(session, "the link is gone");
	for (struct bh_work *work = session->works; work != NULL; work = work->session_next)
		work->session = NULL;
	bh_blobs_close(session);
	touched_remove(session);
	*(session->prev != NULL ? &session->prev->next : &hub->sessions) = session->next;
	if (session->next != NULL)
		session->next->prev = session->prev;
	hub->counts.sessions--;
	bh_buf_free(&session->in);
	bh_buf_free(&session->out);
	free(session);
}

void *bh_session_owner(const struct bh_session *session)
{
	return session->owner;
}

struct bh_buf *bh_session_output(struct bh_session *session)
{
	return &session->out;
}

bool bh_session_is_closing(const struct bh_session *session)
{
	return session->phase == BH_PHASE_CLOSING;
}

const char *bh_session_reason(const struct bh_session *session)
{
	return session->reason;
}

uint32_t bh_session_device(const struct bh_session *session)
{
	return session->device;
}

/* ---- Answers ---- */

void bh_session_send(struct bh_session *session, const struct bh_server_frame *frame)
{
	if (session->phase == BH_PHASE_CLOSING)
		return;
	size_t before = session->out.len, mark = 0;
	int err = bh_frame_begin(&session->out, &mark);
	if (err == 0)
		err = bh_encode_server_frame(frame, &session->out);
	if (err == 0)
		err = bh_frame_end(&session->out, mark);
	if (err != 0) {
		session->out.len = before;
		bh_session_end(session, err == BH_ERR_LIMIT ? "it reads too slowly" : "no memory");
		return;
	}
	session->hub->counts.bytes_out += session->out.len - before;
	bh_session_touch(session);
}

void bh_session_refuse_with(
	struct bh_session *session, struct bh_msg_refusal *refusal, const char *why)
{
	enum bh_refusal code = (enum bh_refusal)refusal->code;
	const char *sentence = bh_refusal_sentence_zh(code);
	bool final = bh_refusal_is_final(code) || session->phase != BH_PHASE_LIVE;
	if (session->phase == BH_PHASE_CLOSING)
		return;
	refusal->sentence = bh_span(sentence, strlen(sentence));
	session->hub->counts.refused++;
	struct bh_server_frame frame = {.kind = BH_SERVER_REFUSAL, .u.refusal = *refusal};
	bh_session_send(session, &frame);
	if (final)
		bh_session_end(session, why);
}

void bh_session_refuse(struct bh_session *session, enum bh_refusal code, const char *why)
{
	struct bh_msg_refusal refusal = {.code = code};
	if (code == BH_REFUSAL_BUSY || code == BH_REFUSAL_SHUTDOWN)
		refusal.retry_after_ms = BH_RETRY_BUSY_MS;
	if (code == BH_REFUSAL_STORAGE)
		refusal.retry_after_ms = BH_RETRY_STORAGE_MS;
	bh_session_refuse_with(session, &refusal, why);
}

/* With something still in the output, of which a part may be on its way already, a refusal would
 * stand in the middle of a frame: then the link just ends, and the next Hello is refused. */
void bh_session_cut_off(struct bh_session *session)
{
	char why[BH_REASON_BYTES];
	snprintf(why, sizeof(why), "device %u was revoked or suspended", session->device);
	if (session->out.len == 0)
		bh_session_refuse(session, BH_REFUSAL_REVOKED, why);
	else
		session->out.len = 0;
	bh_session_end(session, why);
}

bool bh_session_may_receive(struct bh_session *session)
{
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 32
	return session->phase == BH_PHASE_LIVE;
#else
	struct bh_device device;
	if (session->draining)
		return false;
	int err = bh_reader_device(session->hub->options.reader, session->device, &device);
	if (err == 0 && device.state == BH_DEVICE_LIVE)
		return true;
	if (err == 0)
		bh_session_cut_off(session);
	return false;
#endif
}

/* ---- Small frames ---- */

static void handle_ping(struct bh_session *session, const struct bh_moment *at,
	const struct bh_client_frame *frame, struct bh_span body)
{
	(void)frame;
	(void)body;
	struct bh_server_frame pong = {.kind = BH_SERVER_PONG,
		.u.ping = {.wall_ms = at->district_ms, .mono_ms = at->now.mono_ms}};
	bh_session_send(session, &pong);
}

/* The path bore a silence: the next may be longer. */
static void handle_pong(struct bh_session *session, const struct bh_moment *at,
	const struct bh_client_frame *frame, struct bh_span body)
{
	(void)at;
	(void)frame;
	(void)body;
	if (session->pong_due)
		session->heartbeat_ms += session->heartbeat_ms / 2;
	if (session->heartbeat_ms > BH_HEARTBEAT_MS_MAX)
		session->heartbeat_ms = BH_HEARTBEAT_MS_MAX;
	session->pong_due = false;
}

static void handle_bye(struct bh_session *session, const struct bh_moment *at,
	const struct bh_client_frame *frame, struct bh_span body)
{
	(void)body;
	if (session->known != NULL) {
		struct bh_contact *contact = &session->known->contact;
		contact->at_ms = at->district_ms;
		contact->unsent_ops = frame->u.bye.unsent_ops;
		contact->unsent_bytes = frame->u.bye.unsent_bytes;
		contact->oldest_ms = frame->u.bye.unsent_ops == 0
					     ? 0
					     : bh_capture_wall(session, at->district_ms,
						       frame->u.bye.oldest_ms);
	}
	bh_session_end(session, "it said goodbye");
}

/* ---- Dispatch ---- */

#define IN(phase) (1u << BH_PHASE_##phase)

static const struct {
	enum bh_client_kind kind;
	unsigned phases;
	bh_frame_handler *handle;
} table[] = {
	{BH_CLIENT_HELLO, IN(OPEN) | IN(FORKED), bh_handle_hello},
	{BH_CLIENT_ENROL, IN(OPEN), bh_handle_enrol},
	{BH_CLIENT_PUSH, IN(LIVE), bh_handle_push},
	{BH_CLIENT_APPLIED, IN(LIVE), bh_handle_applied},
	{BH_CLIENT_PING, IN(BEGINNING) | IN(FORKED) | IN(LIVE), handle_ping},
	{BH_CLIENT_PONG, IN(BEGINNING) | IN(FORKED) | IN(LIVE), handle_pong},
	{BH_CLIENT_BLOB_OFFER, IN(LIVE), bh_handle_blob_offer},
	{BH_CLIENT_BLOB_PART, IN(LIVE), bh_handle_blob_part},
	{BH_CLIENT_BLOB_ASK, IN(LIVE), bh_handle_blob_ask},
	{BH_CLIENT_CARGO, IN(LIVE), bh_handle_cargo},
	{BH_CLIENT_ROTATE, IN(LIVE), bh_handle_rotate},
	{BH_CLIENT_BYE, IN(BEGINNING) | IN(FORKED) | IN(LIVE), handle_bye},
};

static void frame_handle(
	struct bh_session *session, const struct bh_moment *at, struct bh_span body)
{
	struct bh_arena *arena = &session->hub->frame_arena;
	struct bh_client_frame frame;
	bh_arena_reset(arena);
	int err = bh_decode_client_frame(body, arena, &frame);
	if (err == BH_ERR_NOMEM) {
		bh_session_refuse(session, BH_REFUSAL_BUSY, "no memory for a frame");
		return;
	}
	if (err != 0) {
		session->hub->counts.bad_frames++;
		bh_session_refuse(session,
			err == BH_ERR_LIMIT ? BH_REFUSAL_TOO_COMPLEX : BH_REFUSAL_BAD_FRAME,
			"a frame that does not decode");
		return;
	}
	if (frame.kind == BH_CLIENT_UNKNOWN)
		return; /* of a newer client: skipped */
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].kind != frame.kind)
			continue;
		if ((table[i].phases & 1u << session->phase) != 0)
			table[i].handle(session, at, &frame, body);
		else
			bh_session_refuse(session, BH_REFUSAL_ORDER, "a message out of order");
		return;
	}
}

/* What is missing of the frame that in begins: first its length, then the rest. */
static size_t frame_missing(const struct bh_buf *in)
{
	if (in->len < 4)
		return 4 - in->len;
	struct bh_reader head = bh_reader(bh_buf_span(in));
	return 4 + (size_t)bh_get_u32(&head) - in->len;
}

static bool frame_refuse(struct bh_session *session, int err)
{
	if (err == BH_NOERR)
		return false;
	session->hub->counts.bad_frames++;
	bh_session_refuse(session,
		err == BH_ERR_LIMIT ? BH_REFUSAL_TOO_LARGE : BH_REFUSAL_BAD_FRAME,
		err == BH_ERR_LIMIT ? "a frame over the limit" : "bytes that are no frame");
	return true;
}

static size_t body_max(const struct bh_session *session)
{
	return session->phase == BH_PHASE_LIVE ? BH_FRAME_BYTES_MAX - 1
					       : BH_FRAME_HELLO_BYTES_MAX - 1;
}

/* Takes a first part of bytes into the unfinished frame and handles it when it is whole. */
static size_t bytes_into_frame(
	struct bh_session *session, const struct bh_moment *at, struct bh_span bytes)
{
	struct bh_span body;
	size_t used, part = frame_missing(&session->in);
	if (part > bytes.len)
		part = bytes.len;
	if (bh_buf_append(&session->in, bytes.data, part) != 0) {
		bh_session_refuse(session, BH_REFUSAL_BUSY, "no memory for a frame");
		return bytes.len;
	}
	int err = bh_frame_take(bh_buf_span(&session->in), body_max(session), &body, &used);
	if (err == BH_ERR_BUSY)
		return part;
	if (!frame_refuse(session, err))
		frame_handle(session, at, body);
	bh_buf_free(&session->in);
	return part;
}

/* Handles the frame that bytes begin with, or keeps the beginning of one. */
static size_t bytes_as_frame(
	struct bh_session *session, const struct bh_moment *at, struct bh_span bytes)
{
	struct bh_span body;
	size_t used;
	int err = bh_frame_take(bytes, body_max(session), &body, &used);
	if (err == BH_ERR_BUSY) {
		session->frame_mono_ms = at->now.mono_ms;
		if (bh_buf_append(&session->in, bytes.data, bytes.len) != 0)
			bh_session_refuse(session, BH_REFUSAL_BUSY, "no memory for a frame");
		return bytes.len;
	}
	if (frame_refuse(session, err))
		return bytes.len;
	frame_handle(session, at, body);
	return used;
}

void bh_session_bytes(
	struct bh_session *session, struct bh_now now, int64_t district_ms, struct bh_span bytes)
{
	struct bh_moment at = {now, district_ms};
	session->hub->district_ms = district_ms;
	session->hub->counts.bytes_in += bytes.len;
	session->heard_mono_ms = now.mono_ms;
	session->pinged = false;
	if (session->known != NULL)
		session->known->contact.at_ms = district_ms;
	while (bytes.len > 0 && session->phase != BH_PHASE_CLOSING) {
		size_t used = session->in.len > 0 ? bytes_into_frame(session, &at, bytes)
						  : bytes_as_frame(session, &at, bytes);
		bytes = bh_span(bytes.data + used, bytes.len - used);
	}
}
