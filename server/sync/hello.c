/* Hello: who calls proves it in one frame and is told where it stands.
 *
 *   version --> device's row --> signature over this very connection --> its log --> Welcome
 *                                                     `-- not known: LOG_BEGIN, then Welcome
 *
 * Whatever fails before the signature held is NOT_PROVED, one word for all; the exact reason stays
 * in the server's log.  A head that is not ours means a fork: the handset begins a new log and says
 * Hello again.  One that is acknowledged further than we are means that this server was put back:
 * the handset goes on after our head.
 *
 * Who was revoked or suspended is heard (B12): its session drains what it holds into quarantine,
 * follows no scope, and is told of nothing but its own ops. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "server/sync/blob.h"
#include "server/sync/log_pace.h"

#define PROOF_BYTES_MAX 9000u /* a bundle's statement is the longest */
#define VERDICTS_A_FRAME 400u
#define CHECK_BYTES 8u /* of a link or journal hash that is only compared */

/* What a Hello is judged by. */
struct standing {
	struct bh_device device;
	struct bh_log log;
	bool log_known;
	enum bh_refusal refusal; /* NONE: it holds */
	const char *why;
};

static void fail(struct standing *standing, int err, const char *why)
{
	bool storage = err != 0 && err != BH_ERR_NOT_FOUND;
	standing->refusal = storage ? BH_REFUSAL_STORAGE : BH_REFUSAL_NOT_PROVED;
	standing->why = storage ? "the district cannot be read" : why;
}

static bool signature_holds(const struct bh_session *session, const struct bh_msg_hello *hello,
	const struct bh_device *device)
{
	struct bh_buf message = BH_BUF(PROOF_BYTES_MAX);
	int err = session->carried != NULL
			  ? bh_bundle_message(&message, *session->carried)
			  : bh_session_message(&message, &session->binding,
				    session->hub->district.code, hello->device, hello->log_id.data);
	if (err == 0)
		err = bh_key_verify(
			device->public_key, bh_buf_span(&message), hello->signature.data);
	bh_buf_free(&message);
	return err == 0;
}

/* The log, and the one it says it continues, must be this device's or nobody's (B03, B07). */
static void judge_logs(
	struct bh_session *session, const struct bh_msg_hello *hello, struct standing *standing)
{
	struct bh_store_reader *reader = session->hub->options.reader;
	struct bh_log from;
	int err = bh_reader_log(reader, hello->log_id.data, &standing->log);
	standing->log_known = err == 0;
	if (err != 0 && err != BH_ERR_NOT_FOUND)
		fail(standing, err, "");
	else if (err == 0 && standing->log.device != hello->device)
		fail(standing, 0, "the log of another device");
	if (standing->refusal != BH_REFUSAL_NONE || hello->forked_from.len == 0)
		return;
	err = bh_reader_log(reader, hello->forked_from.data, &from);
	if (err != 0 && err != BH_ERR_NOT_FOUND)
		fail(standing, err, "");
	else if (err == 0 && from.device != hello->device)
		fail(standing, 0, "it continues the log of another device");
}

static void judge(
	struct bh_session *session, const struct bh_msg_hello *hello, struct standing *standing)
{
	*standing = (struct standing){.refusal = BH_REFUSAL_NONE};
	/* After a fork the same device says Hello again; the hub knows the link as this one's. */
	if (session->known != NULL && hello->device != session->device) {
		fail(standing, 0, "another device than the one that was proved");
		return;
	}
	int err = bh_reader_device(session->hub->options.reader, hello->device, &standing->device);
	if (err != 0) {
		fail(standing, err, "unknown device");
		return;
	}
	if (hello->log_id.len != BH_LOG_ID_BYTES || hello->signature.len != BH_SIGNATURE_BYTES) {
		fail(standing, 0, "no signature");
		return;
	}
	if (!signature_holds(session, hello, &standing->device)) {
		fail(standing, 0, "the signature does not hold");
		return;
	}
	session->draining = standing->device.state != BH_DEVICE_LIVE;
	judge_logs(session, hello, standing);
}

/* Everything that is known once the signature held. */
static int session_prove(struct bh_session *session, const struct bh_moment *at,
	const struct bh_msg_hello *hello, const struct bh_device *device)
{
	session->device = device->id;
	session->person = device->person;
	session->enrolled_ms = device->enrolled_ms;
	memcpy(session->log_id, hello->log_id.data, BH_LOG_ID_BYTES);
	bh_capture_hello(session, at, hello);
	session->last_seq = hello->last_seq;
	return bh_hub_claim(session->hub, session, *at);
}

/* ---- Welcome ---- */

/* Is our head a point of the handset's log, as far as it says?  What it lost, we hold.  What it was
 * acknowledged beyond our head a server said that was put back since (C04): the handset compares
 * our head's link with its own, and gives again what follows. */
static int fork_look(struct bh_session *session, const struct bh_msg_hello *hello,
	const struct bh_log *log, const char **why)
{
	uint8_t link[BH_HASH_BYTES];
	*why = NULL;
	if (hello->last_seq < log->head_seq)
		*why = "our head is beyond what it holds";
	if (*why != NULL || hello->acked_seq == 0 || hello->acked_seq > log->head_seq)
		return 0;
	int err = bh_reader_link_at(session->hub->options.reader, log, hello->acked_seq, link);
	if (err == 0 && !bh_span_equal(hello->acked_link, bh_span(link, sizeof(link))))
		*why = "the link it was acknowledged is not ours";
	return err;
}

/* Cursors of another epoch, or of a history that this server does not have, are worth nothing. */
static int cursors_look(
	struct bh_session *session, const struct bh_msg_hello *hello, bool *from_start)
{
	uint64_t greatest = 0;
	uint8_t hash[BH_HASH_BYTES];
	*from_start = hello->cursors_count > 0 && hello->epoch != session->hub->district.epoch;
	for (size_t i = 0; i < hello->cursors_count; i++) {
		if (hello->cursors[i].position > greatest)
			greatest = hello->cursors[i].position;
	}
	if (*from_start || greatest == 0)
		return 0;
	int err = bh_reader_hash_at(session->hub->options.reader, greatest, hash);
	if (err == BH_ERR_NOT_FOUND || err == 0)
		*from_start = err != 0 ||
			      !bh_span_equal(hello->head_hash, bh_span(hash, CHECK_BYTES));
	return err == BH_ERR_NOT_FOUND ? 0 : err;
}

/* A receipt for one stretch of the log with its verdicts. */
struct stretch {
	uint64_t upto;
	int64_t received_ms;
	uint8_t link[BH_HASH_BYTES];
	struct bh_msg_verdict *verdicts;
	size_t count;
	struct bh_span mac;
};

/* The verdicts after a sequence.  So many that they do not fit one frame end the stretch early: the
 * handset goes on from there, and its pushes, repeats by now, are answered by Acks with the rest.
 */
static int stretch_read(
	struct bh_session *session, const struct bh_log *log, uint64_t after, struct stretch *out)
{
	struct bh_store_reader *reader = session->hub->options.reader;
	struct bh_arena *arena = &session->hub->work_arena;
	struct bh_verdict_row *rows = bh_arena_array(arena, VERDICTS_A_FRAME, sizeof(*rows));
	*out = (struct stretch){.upto = log->head_seq};
	out->verdicts = bh_arena_array(arena, VERDICTS_A_FRAME, sizeof(*out->verdicts));
	if (rows == NULL || out->verdicts == NULL)
		return BH_ERR_NOMEM;
	memcpy(out->link, log->head_link, sizeof(out->link));
	int err = 0;
	if (log->head_seq > 0)
		err = bh_reader_verdicts(reader, log->log_short, after, out->upto, rows,
			VERDICTS_A_FRAME, &out->count, &out->received_ms);
	if (err == 0 && out->count == VERDICTS_A_FRAME) {
		out->upto = rows[out->count - 1].seq;
		err = bh_reader_verdicts(reader, log->log_short, after, out->upto, rows,
			VERDICTS_A_FRAME, &out->count, &out->received_ms);
		if (err == 0)
			err = bh_reader_link_at(reader, log, out->upto, out->link);
	}
	for (size_t i = 0; err == 0 && i < out->count; i++)
		out->verdicts[i] = bh_verdict_told(rows[i].verdict, rows[i].reason, log->log_short,
			rows[i].seq, session->draining ? 0 : rows[i].state, rows[i].case_number);
	if (err == 0)
		err = bh_receipt_over(session, out->upto, out->link, out->received_ms,
			out->verdicts, out->count, &out->mac);
	return err;
}

static void session_go_live(struct bh_session *session, const struct bh_log *log, bool from_start)
{
	session->phase = BH_PHASE_LIVE;
	session->hub->counts.proved++;
	session->log_short = log->log_short;
	session->acked_seq = session->flight_seq = log->head_seq;
	memcpy(session->acked_link, log->head_link, BH_HASH_BYTES);
	memcpy(session->flight_link, log->head_link, BH_HASH_BYTES);
	session->owes_delta = from_start;
	struct bh_contact *contact = &session->known->contact;
	contact->unsent_ops = session->last_seq > log->head_seq ? session->last_seq - log->head_seq
								: 0;
	contact->unsent_bytes = 0; /* which only a Bye tells */
	contact->oldest_ms = 0;
	if (contact->unsent_ops > 0)
		bh_hub_tell(session->hub, session->known);
}

static int welcome_fill(struct bh_session *session, const struct bh_msg_hello *hello,
	const struct bh_log *log, struct bh_msg_welcome *welcome)
{
	struct stretch *stretch = bh_arena_alloc(&session->hub->work_arena, sizeof(*stretch));
	uint64_t *scopes = bh_arena_array(
		&session->hub->work_arena, BH_SCOPES_MAX, sizeof(*scopes));
	if (stretch == NULL || scopes == NULL)
		return BH_ERR_NOMEM;
	bool has_news = !welcome->fork && hello->acked_seq < log->head_seq;
	int err = stretch_read(session, log, has_news ? hello->acked_seq : log->head_seq, stretch);
	if (err != 0)
		return err;
	for (size_t i = 0; i < session->follows_count; i++)
		scopes[i] = session->follows[i].node.key;
	welcome->version = BH_PROTOCOL_VERSION;
	welcome->acked_seq = stretch->upto;
	welcome->acked_link = bh_span(stretch->link, BH_HASH_BYTES);
	welcome->epoch = session->hub->district.epoch;
	welcome->log_short = log->log_short;
	welcome->scopes = scopes;
	welcome->scopes_count = session->follows_count;
	welcome->batch_bytes_max = BH_BATCH_BYTES_MAX;
	welcome->verdicts = stretch->verdicts;
	welcome->verdicts_count = stretch->count;
	welcome->mac = stretch->mac;
	welcome->received_ms = stretch->received_ms;
	return 0;
}

static int welcome(struct bh_session *session, const struct bh_moment *at,
	const struct bh_msg_hello *hello, const struct bh_log *log)
{
	const char *fork;
	bool from_start = false;
	struct bh_server_frame frame = {.kind = BH_SERVER_WELCOME};
	bh_arena_reset(&session->hub->work_arena);
	int err = fork_look(session, hello, log, &fork);
	if (err == 0 && !session->draining)
		err = cursors_look(session, hello, &from_start);
	if (err == 0)
		err = bh_hub_follow(session, hello->cursors, from_start ? 0 : hello->cursors_count);
	bh_hub_applied_all(session);
	frame.u.welcome.fork = fork != NULL;
	frame.u.welcome.from_start = from_start;
	frame.u.welcome.draining = session->draining;
	frame.u.welcome.server_ms = at->district_ms;
	if (err == 0)
		err = welcome_fill(session, hello, log, &frame.u.welcome);
	if (err != 0)
		return err;
	if (fork != NULL) {
		session->phase = BH_PHASE_FORKED;
		session->hub->counts.forks++;
		snprintf(session->reason, sizeof(session->reason), "device %u forked: %s",
			session->device, fork);
		session->hello_since_mono_ms = at->now.mono_ms;
		bh_session_send(session, &frame);
		return 0;
	}
	session_go_live(session, log, from_start);
	bh_session_send(session, &frame);
	if (session->carried == NULL && !bh_session_holds_pins(session, hello->profile_version) &&
		hello->profile_version != bh_session_district_version(session))
		bh_session_send_district(session, at);
	bh_session_feed(session, at);
	if (session->carried == NULL) /* a file cannot be asked */
		bh_blobs_ask_again(session);
	return 0;
}

static void welcome_or_refuse(struct bh_session *session, const struct bh_moment *at,
	const struct bh_msg_hello *hello, const struct bh_log *log)
{
	int err = welcome(session, at, hello, log);
	if (err == BH_ERR_NOMEM)
		bh_session_refuse(session, BH_REFUSAL_BUSY, "no memory for a Welcome");
	else if (err != 0)
		bh_session_refuse(session, BH_REFUSAL_STORAGE, "the district cannot be read");
	if (err != 0)
		bh_session_end(session, "no Welcome could be made");
}

/* ---- A log we do not know ---- */

static int log_begin(
	struct bh_session *session, const struct bh_msg_hello *hello, struct bh_span body)
{
	struct bh_work *work = bh_work_new(session, BH_WORK_LOG, 1);
	if (work == NULL)
		return BH_ERR_NOMEM;
	struct bh_msg_entry_log entry = {.device = session->device,
		.log_id = hello->log_id,
		.forked_from = hello->forked_from};
	int err = bh_encode_entry_log(&entry, &work->payload);
	if (err == 0)
		err = bh_buf_append(&work->raw, body.data, body.len);
	if (err != 0) {
		bh_work_free(work);
		return err;
	}
	struct bh_command *command = &work->job.commands[0];
	command->source = BH_SOURCE_OPERATOR;
	command->verb = BH_VERB_LOG_BEGIN;
	command->device = session->device;
	command->payload = bh_buf_span(&work->payload);
	session->phase = BH_PHASE_BEGINNING;
	bh_hub_queue(session->hub, session, work);
	bh_session_touch(session);
	return 0;
}

/* The Hello is read once more: it lies in the job as it came. */
void bh_hello_begun(struct bh_session *session, const struct bh_moment *at, struct bh_work *work)
{
	struct bh_client_frame frame;
	struct bh_log log;
	if (session->phase != BH_PHASE_BEGINNING)
		return;
	int err = work->job.err != 0 ? work->job.err : work->job.outcomes[0].err;
	if (err != 0) {
		bh_session_refuse(session, BH_REFUSAL_STORAGE, "its log could not be begun");
		return;
	}
	if (work->job.outcomes[0].verdict != BH_VERDICT_ACCEPTED) {
		bh_log_refused(session, at, &work->job.outcomes[0]);
		return;
	}
	if (!session->draining && !bh_session_may_receive(session))
		return;
	bh_arena_reset(&session->hub->frame_arena);
	err = bh_decode_client_frame(bh_buf_span(&work->raw), &session->hub->frame_arena, &frame);
	if (err == 0)
		err = bh_reader_log(session->hub->options.reader, session->log_id, &log);
	if (err == 0)
		welcome_or_refuse(session, at, &frame.u.hello, &log);
	else
		bh_session_refuse(session, BH_REFUSAL_STORAGE, "its log cannot be read");
}

/* ---- The handler ---- */

void bh_handle_hello(struct bh_session *session, const struct bh_moment *at,
	const struct bh_client_frame *frame, struct bh_span body)
{
	const struct bh_msg_hello *hello = &frame->u.hello;
	char why[BH_REASON_BYTES];
	struct standing standing;
	if (hello->version_min > BH_PROTOCOL_VERSION ||
		hello->version_max < BH_PROTOCOL_VERSION_MIN) {
		struct bh_msg_refusal refusal = {.code = BH_REFUSAL_VERSION,
			.version_min = BH_PROTOCOL_VERSION_MIN,
			.version_max = BH_PROTOCOL_VERSION};
		bh_session_refuse_with(session, &refusal, "it speaks no version of ours");
		return;
	}
	judge(session, hello, &standing);
	if (standing.refusal != BH_REFUSAL_NONE) {
		snprintf(why, sizeof(why), "hello of device %u: %s", hello->device, standing.why);
		bh_session_refuse(session, standing.refusal, why);
		return;
	}
	int err = session_prove(session, at, hello, &standing.device);
	if (err == 0 && !standing.log_known && bh_log_may_begin(session, at))
		err = log_begin(session, hello, body);
	if (err != 0) {
		bh_session_refuse(session, BH_REFUSAL_BUSY, "no memory for a session");
		return;
	}
	if (standing.log_known)
		welcome_or_refuse(session, at, hello, &standing.log);
}
