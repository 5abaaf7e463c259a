/* What time does to a session: a peer that proves nothing, leaves a frame unfinished or stays
 * silent is dropped; a proved one is pinged first, and
 * later each time that it answers.  Deadlines are absolute, however slowly its
 * bytes drip in. */
#include "server/sync/hub.h"

/* Absolute, however the bytes drip in: until it is proved 10 s, for one frame 30 s (faults.md fact
 * 8). */
static int64_t deadline(const struct bh_session *session)
{
	int64_t due = session->heard_mono_ms + session->heartbeat_ms +
		      (BH_SILENCE_MS_MAX - BH_HEARTBEAT_MS);
	if (session->phase == BH_PHASE_OPEN && session->opened_mono_ms + BH_HANDSHAKE_MS_MAX < due)
		due = session->opened_mono_ms + BH_HANDSHAKE_MS_MAX;
	if (session->in.len > 0 && session->frame_mono_ms + BH_FRAME_MS_MAX < due)
		due = session->frame_mono_ms + BH_FRAME_MS_MAX;
	return due;
}

static bool pings(const struct bh_session *session)
{
	return !session->pinged &&
	       (session->phase == BH_PHASE_LIVE || session->phase == BH_PHASE_FORKED);
}

int64_t bh_session_wake_mono_ms(const struct bh_session *session)
{
	if (session->phase == BH_PHASE_CLOSING)
		return BH_NEVER;
	int64_t due = deadline(session);
	if (pings(session) && session->heard_mono_ms + session->heartbeat_ms < due)
		due = session->heard_mono_ms + session->heartbeat_ms;
	if (session->retry_mono_ms < due)
		due = session->retry_mono_ms;
	return session->district_mono_ms < due ? session->district_mono_ms : due;
}

static const char *deadline_reason(const struct bh_session *session)
{
	if (session->phase == BH_PHASE_OPEN)
		return "nothing was proved in time";
	return session->in.len > 0 ? "a frame was not finished in time" : "it fell silent";
}

void bh_session_tick(struct bh_session *session, struct bh_now now, int64_t district_ms)
{
	struct bh_moment at = {now, district_ms};
	session->hub->district_ms = district_ms;
	if (session->phase == BH_PHASE_CLOSING)
		return;
	if (session->out.len == 0 && session->out.data != NULL)
		bh_buf_free(&session->out);
	if (now.mono_ms >= deadline(session)) {
		bh_session_end(session, deadline_reason(session));
		return;
	}
	if (now.mono_ms >= session->district_mono_ms) {
		session->district_mono_ms = BH_NEVER;
		bh_session_send_district(session, &at);
	}
	if (now.mono_ms >= session->retry_mono_ms) {
		session->retry_mono_ms = BH_NEVER;
		bh_session_feed(session, &at);
	}
	if (pings(session) && now.mono_ms >= session->heard_mono_ms + session->heartbeat_ms) {
		struct bh_server_frame ping = {.kind = BH_SERVER_PING,
			.u.ping = {.wall_ms = district_ms, .mono_ms = now.mono_ms}};
		session->pinged = true;
		session->pong_due = true;
		bh_session_send(session, &ping);
	}
}
