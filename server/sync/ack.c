/* Ack: what became of a push, said only when it is durable.
 *
 * An acknowledgement is a receipt under a MAC whose key lies outside the database.  When a push was
 * not taken, everything behind it in flight falls with it: the first one is answered, the others
 * stay silent, and the session goes on from what is acknowledged.  FORK ends it; a gap and a full
 * disk do not: after STORAGE the handset pushes again on the same session, after the wait it was
 * told. */
#include <stdio.h>
#include <string.h>

#include "proto/number.h"
#include "server/sync/hub.h"

struct bh_msg_verdict bh_verdict_told(enum bh_verdict verdict, enum bh_reason reason,
	uint32_t log_short, uint64_t seq, uint32_t state, uint64_t case_number)
{
	const char *sentence = bh_reason_sentence_zh(reason);
	bool own = case_number == bh_case_number(log_short, (uint32_t)seq);
	return (struct bh_msg_verdict){.seq = seq,
		.verdict = (uint32_t)verdict,
		.code = (uint32_t)reason,
		.sentence = bh_span(sentence, strlen(sentence)),
		.correctable = bh_reason_is_correctable(reason),
		.state = verdict == BH_VERDICT_STALE ? state : 0,
		.case_number = own ? 0 : case_number};
}

int bh_receipt_over(struct bh_session *session, uint64_t seq, const uint8_t link[BH_HASH_BYTES],
	int64_t received_ms, const struct bh_msg_verdict *verdicts, size_t count,
	struct bh_span *mac)
{
	struct bh_hub *hub = session->hub;
	struct bh_receipt_verdict *rows = bh_arena_array(&hub->work_arena, count, sizeof(*rows));
	uint8_t *out = bh_arena_alloc(&hub->work_arena, BH_MAC_BYTES);
	if (rows == NULL || out == NULL)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < count; i++)
		rows[i] = (struct bh_receipt_verdict){
			verdicts[i].seq, (uint8_t)verdicts[i].verdict, (uint16_t)verdicts[i].code};
	bh_receipt_mac(hub->options.hasher, hub->options.mac_key, session->log_id, seq, link,
		received_ms, rows, count, out);
	*mac = bh_span(out, BH_MAC_BYTES);
	return 0;
}

/* The verdicts that are not plain accepted, in the arena; also counts repeats. */
static int verdicts_of(
	struct bh_session *session, const struct bh_work *work, struct bh_msg_ack *ack)
{
	struct bh_hub *hub = session->hub;
	struct bh_msg_verdict *told = bh_arena_array(
		&hub->work_arena, work->job.count, sizeof(*told));
	size_t count = 0;
	if (told == NULL)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < work->job.count; i++) {
		const struct bh_outcome *outcome = &work->job.outcomes[i];
		uint64_t seq = work->job.commands[i].seq;
		hub->counts.repeats += outcome->repeat ? 1 : 0;
		if (outcome->verdict == BH_VERDICT_ACCEPTED && outcome->reason == BH_REASON_NONE)
			continue;
		told[count++] = bh_verdict_told(outcome->verdict, outcome->reason,
			session->log_short, seq, session->draining ? 0 : outcome->state,
			outcome->case_number);
	}
	ack->verdicts = told;
	ack->verdicts_count = count;
	return 0;
}

static void ack_send(struct bh_session *session, const struct bh_work *work)
{
	const struct bh_command *last = &work->job.commands[work->job.count - 1];
	struct bh_server_frame frame = {.kind = BH_SERVER_ACK};
	struct bh_msg_ack *ack = &frame.u.ack;
	bh_arena_reset(&session->hub->work_arena);
	ack->seq = last->seq;
	ack->link_check = bh_span(last->link, 8);
	ack->received_ms = work->job.outcomes[work->job.count - 1].at_ms;
	int err = verdicts_of(session, work, ack);
	if (err == 0)
		err = bh_receipt_over(session, last->seq, last->link, ack->received_ms,
			ack->verdicts, ack->verdicts_count, &ack->mac);
	if (err != 0) {
		bh_session_refuse(session, BH_REFUSAL_BUSY, "no memory for an Ack");
		return;
	}
	bh_session_send(session, &frame);
}

static void session_acked(struct bh_session *session, uint64_t seq, const uint8_t *link)
{
	if (seq > session->acked_seq) {
		session->acked_seq = seq;
		memcpy(session->acked_link, link, BH_HASH_BYTES);
	}
	if (session->flight_seq < session->acked_seq || session->pushes == 0) {
		session->flight_seq = session->acked_seq;
		memcpy(session->flight_link, session->acked_link, BH_HASH_BYTES);
	}
	if (session->last_seq < session->acked_seq)
		session->last_seq = session->acked_seq;
	if (session->known != NULL)
		session->known->contact.unsent_ops = session->last_seq - session->acked_seq;
}

/* The push was not taken: what is in flight behind it is of no use any more. */
static void push_failed(struct bh_session *session, const struct bh_job *job)
{
	char why[BH_REASON_BYTES];
	struct bh_msg_refusal gap = {.code = BH_REFUSAL_GAP, .resume_after = job->acked_seq};
	session->generation++;
	if (job->err == BH_ERR_FORK || job->err == BH_ERR_LIMIT) {
		session->acked_seq = job->acked_seq;
		memcpy(session->acked_link, job->acked_link, BH_HASH_BYTES);
	}
	session->flight_seq = session->acked_seq;
	memcpy(session->flight_link, session->acked_link, BH_HASH_BYTES);
	if (job->err == BH_ERR_FORK) {
		session->hub->counts.forks++;
		snprintf(why, sizeof(why), "device %u pushed another log than ours",
			session->device);
		bh_session_refuse(session, BH_REFUSAL_FORK, why);
	} else if (job->err == BH_ERR_LIMIT) {
		bh_session_refuse_with(session, &gap, "a gap");
	} else {
		bh_session_refuse(session, BH_REFUSAL_STORAGE, "a push was not stored");
	}
}

static int job_err(const struct bh_job *job)
{
	for (size_t i = 0; job->err == 0 && i < job->count; i++) {
		if (job->outcomes[i].err != 0)
			return job->outcomes[i].err;
	}
	return job->err;
}

void bh_push_done(struct bh_session *session, const struct bh_moment *at, struct bh_work *work)
{
	(void)at;
	session->pushes--;
	if (session->phase != BH_PHASE_LIVE)
		return;
	work->job.err = job_err(&work->job);
	if (work->job.err != 0) {
		if (work->generation == session->generation)
			push_failed(session, &work->job);
		return;
	}
	const struct bh_command *last = &work->job.commands[work->job.count - 1];
	session_acked(session, last->seq, last->link);
#if !defined(BH_PLANTED_BUG) || BH_PLANTED_BUG != 30
	ack_send(session, work);
#endif
}

#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 30
/* Acknowledges before the commit. */
void bh_push_promise(struct bh_work *work)
{
	if (work->kind != BH_WORK_PUSH)
		return;
	for (size_t i = 0; i < work->job.count; i++)
		work->job.outcomes[i].verdict = BH_VERDICT_ACCEPTED;
	ack_send(work->session, work);
}
#endif
