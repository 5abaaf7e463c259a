/* A bundle goes the way of a session: a hub of its own holds one, which is greeted in the device's
 * name and given the very frames that the file holds; what it asks of writer and files is run at
 * once, and what it says becomes the answer.  Nobody else's session is touched, and rules, repeats,
 * gaps, forks, quarantine and quotas are a session's.
 *
 * Its clocks say nothing: the file was under way for nobody knows how long, and a handset's clock
 * may be years off.  What it says of when an op was captured is kept as its claim, and not
 * believed. */
#include "server/sync/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "proto/frame.h"
#include "server/sync/bundle_part.h"

#define OPS_PER_MIN 4000000u    /* who brings it is trusted with its pace */
#define CLOCK_UNKNOWN INT64_MIN /* so far off that nobody believes it (capture.c) */
#define TOLD_ARENA_BYTES_MAX (16u * BH_FRAME_BYTES_MAX)

static const struct {
	const char *name, *sentence;
} faults[BH_BUNDLE_FAULTS] = {
	[BH_BUNDLE_HOLDS] = {"", ""},
	[BH_BUNDLE_NOT_ONE] = {"not-a-bundle", "the file is no bundle"},
	[BH_BUNDLE_SEALED] = {"sealed",
		"the bundle is sealed for another district, or for a key that is not here"},
	[BH_BUNDLE_DAMAGED] = {"damaged", "the bundle was changed or cut short"},
	[BH_BUNDLE_DISTRICT] = {"another-district", "the bundle is of another district's handset"},
	[BH_BUNDLE_DEVICE] = {"unknown-device",
		"the bundle is of a handset that this district does not know"},
	[BH_BUNDLE_SIGNATURE] = {"signature",
		"the bundle is not signed by the handset it names, or was written before that "
		"took another key: then its next one brings what is not here"},
	[BH_BUNDLE_CONTENT] = {"content", "the bundle does not hold what was signed"},
	[BH_BUNDLE_GAP] = {"gap",
		"what the handset recorded before this bundle is not here: the district was put "
		"back since"},
	[BH_BUNDLE_FORK] = {"fork", "the bundle is of a log that went another way than ours"},
	[BH_BUNDLE_STORAGE] = {"storage", "the district or the file cannot be read or written now"},
};

const char *bh_bundle_fault_name(enum bh_bundle_fault fault)
{
	return faults[fault].name;
}

const char *bh_bundle_fault_sentence(enum bh_bundle_fault fault)
{
	return faults[fault].sentence;
}

static int fail(struct bh_bundle_play *play, enum bh_bundle_fault fault)
{
	play->fault = fault;
	return BH_ERR_INVALID;
}

/* ---- Saying and being told ---- */

static void work_run(struct bh_bundle_play *play)
{
	const struct bh_bundle_door *door = play->door;
	int64_t district_ms;
	for (;;) {
		struct bh_job *job = bh_hub_take_job(play->hub);
		struct bh_blob_job *blob = job == NULL ? bh_hub_take_blob_job(play->hub) : NULL;
		if (job == NULL && blob == NULL)
			return;
		if (job != NULL)
			door->run_job(door->context, job);
		else
			door->run_blob_job(door->context, blob);
		struct bh_now now = door->now(door->context, &district_ms);
		if (job != NULL)
			bh_hub_job_done(play->hub, now, district_ms, job);
		else
			bh_hub_blob_done(play->hub, now, district_ms, blob);
	}
}

static int refused(struct bh_bundle_play *play, const struct bh_msg_refusal *refusal)
{
	if (refusal->code == BH_REFUSAL_GAP)
		return fail(play, BH_BUNDLE_GAP);
	if (refusal->code == BH_REFUSAL_FORK)
		return fail(play, BH_BUNDLE_FORK);
	if (refusal->code == BH_REFUSAL_NOT_PROVED)
		return fail(play, BH_BUNDLE_SIGNATURE);
	if (refusal->code == BH_REFUSAL_BUSY || refusal->code == BH_REFUSAL_STORAGE)
		return fail(play, BH_BUNDLE_STORAGE);
	return fail(play, BH_BUNDLE_CONTENT);
}

/* Each frame of the output; the last one stays in play->told, its spans in the output. */
static int told_read(struct bh_bundle_play *play)
{
	struct bh_buf *out = bh_session_output(play->session);
	size_t at = 0;
	play->told.kind = BH_SERVER_UNKNOWN;
	while (at < out->len) {
		struct bh_span body;
		size_t used;
		int err = bh_frame_take(bh_span(out->data + at, out->len - at),
			BH_FRAME_BYTES_MAX - 1, &body, &used);
		bh_arena_reset(&play->arena);
		if (err == 0)
			err = bh_decode_server_frame(body, &play->arena, &play->told);
		if (err != 0)
			return fail(play, BH_BUNDLE_STORAGE);
		at += used;
		if (play->told.kind == BH_SERVER_REFUSAL)
			return refused(play, &play->told.u.refusal);
	}
	return bh_session_is_closing(play->session) ? fail(play, BH_BUNDLE_STORAGE) : 0;
}

/* What was told before is let go first: the new words take its place. */
static int body_say(struct bh_bundle_play *play)
{
	int64_t district_ms;
	struct bh_now now = play->door->now(play->door->context, &district_ms);
	bh_session_output(play->session)->len = 0;
	bh_session_bytes(play->session, now, district_ms, bh_buf_span(&play->frame));
	work_run(play);
	return told_read(play);
}

int bh_bundle_say(struct bh_bundle_play *play, const struct bh_client_frame *frame)
{
	size_t mark;
	play->frame.len = 0;
	int err = bh_frame_begin(&play->frame, &mark);
	if (err == 0)
		err = bh_encode_client_frame(frame, &play->frame);
	if (err == 0)
		err = bh_frame_end(&play->frame, mark);
	return err != 0 ? err : body_say(play);
}

int bh_bundle_journal(struct bh_bundle_play *play)
{
	const struct bh_msg_bundle_statement *statement = &play->said->statement;
	const struct bh_msg_entry_bundle entry = {.device = statement->device,
		.log_id = statement->log_id,
		.after_seq = statement->after_seq,
		.last_seq = statement->last_seq};
	struct bh_buf payload = BH_BUF(256);
	if (play->journalled)
		return 0;
	int err = bh_encode_entry_bundle(&entry, &payload);
	struct bh_command command = {.source = BH_SOURCE_OPERATOR,
		.verb = BH_VERB_BUNDLE,
		.person = play->door->person,
		.payload = bh_buf_span(&payload)};
	struct bh_outcome outcome = {0};
	struct bh_job job = {.commands = &command, .outcomes = &outcome, .count = 1};
	if (err == 0) {
		play->door->run_job(play->door->context, &job);
		err = job.err != 0 ? job.err : outcome.err;
	}
	bh_buf_free(&payload);
	play->journalled = err == 0;
	return err == 0 ? 0 : fail(play, BH_BUNDLE_STORAGE);
}

/* ---- The greeting ---- */

static struct bh_client_frame hello_of(const struct bh_bundle_play *play)
{
	const struct bh_msg_bundle_statement *statement = &play->said->statement;
	struct bh_log log = {0};
	struct bh_client_frame frame = {.kind = BH_CLIENT_HELLO,
		.u.hello = {.version_min = BH_PROTOCOL_VERSION_MIN,
			.version_max = BH_PROTOCOL_VERSION,
			.device = statement->device,
			.log_id = statement->log_id,
			.acked_seq = statement->after_seq,
			.acked_link = bh_span(statement->after_link.data,
				statement->after_seq > 0 ? BH_HASH_BYTES : 0),
			.last_seq = statement->last_seq,
			.signature = play->said->signature,
			.forked_from = statement->forked_from,
			.wall_ms = CLOCK_UNKNOWN,
			.mono_ms = CLOCK_UNKNOWN}};
	/* An old one: what came since came from the same log. */
	if (bh_reader_log(play->door->reader, statement->log_id.data, &log) == 0 &&
		log.head_seq > frame.u.hello.last_seq)
		frame.u.hello.last_seq = log.head_seq;
	return frame;
}

static int greet(struct bh_bundle_play *play)
{
	struct bh_client_frame hello = hello_of(play);
	int err = bh_bundle_say(play, &hello);
	if (err != 0)
		return err;
	if (play->told.kind != BH_SERVER_WELCOME)
		return fail(play, BH_BUNDLE_STORAGE);
	if (play->told.u.welcome.fork)
		return fail(play, BH_BUNDLE_FORK);
	if (play->session->acked_seq < play->said->statement.after_seq && play->said->ops > 0)
		return fail(play, BH_BUNDLE_GAP);
	return 0;
}

/* ---- The file's frames ---- */

static int push_play(struct bh_bundle_play *play, const struct bh_client_frame *frame)
{
	struct bh_hub_counts before, after;
	uint64_t first = frame->u.push.first_seq, count = frame->u.push.salts.len / BH_SALT_BYTES;
	int err = 0;
	if (first + count - 1 > play->session->acked_seq)
		err = bh_bundle_journal(play);
	bh_hub_counts(play->hub, &before);
	if (err == 0)
		err = bh_bundle_say(play, frame);
	if (err != 0)
		return err;
	if (play->told.kind != BH_SERVER_ACK)
		return fail(play, BH_BUNDLE_STORAGE);
	bh_hub_counts(play->hub, &after);
	play->report->ops += after.ops - before.ops;
	play->report->ops_new += after.ops - before.ops - (after.repeats - before.repeats);
	play->report->ops_refused += play->told.u.ack.verdicts_count;
	return bh_bundle_answer_ack(play, &play->told.u.ack);
}

static int body_play(void *context, struct bh_span body)
{
	struct bh_bundle_play *play = context;
	struct bh_arena arena = BH_ARENA(TOLD_ARENA_BYTES_MAX);
	struct bh_client_frame frame;
	if (!play->begun) {
		play->begun = true;
		return 0;
	}
	int err = bh_decode_client_frame(body, &arena, &frame);
	if (err == 0 && frame.kind == BH_CLIENT_PUSH)
		err = push_play(play, &frame);
	else if (err == 0 && frame.kind == BH_CLIENT_BLOB_PART)
		err = bh_bundle_photo_part(play, &frame.u.blob_part);
	bh_arena_free(&arena);
	return err;
}

/* ---- The whole ---- */

static int play_open(struct bh_bundle_play *play)
{
	static const struct bh_binding nobody;
	const struct bh_bundle_door *door = play->door;
	const struct bh_hub_options options = {.reader = door->reader,
		.packer = door->packer,
		.hasher = door->hasher,
		.mac_key = door->mac_key,
		.ca_key = door->ca_key,
		.ops_per_device_per_min = OPS_PER_MIN};
	int64_t district_ms;
	int err = bh_hub_open(&options, &play->hub);
	if (err != 0)
		return err;
	struct bh_now now = door->now(door->context, &district_ms);
	play->session = bh_session_open(play->hub, now, district_ms, &nobody, 0, NULL);
	if (play->session == NULL)
		return BH_ERR_NOMEM;
	play->session->carried = &play->said->statement_bytes;
	return bh_bundle_answer_open(play);
}

static void play_close(struct bh_bundle_play *play)
{
	bh_bundle_answer_close(play);
	if (play->session != NULL)
		bh_session_close(play->session);
	bh_hub_close(play->hub);
	bh_buf_wipe(&play->photo.bytes);
	bh_buf_wipe(&play->frame);
	bh_arena_free(&play->arena);
}

/* A log that is not known begins with the greeting. */
static int log_announce(struct bh_bundle_play *play)
{
	struct bh_log log;
	int err = bh_reader_log(play->door->reader, play->said->statement.log_id.data, &log);
	return err == BH_ERR_NOT_FOUND ? bh_bundle_journal(play) : err;
}

static int play_run(struct bh_bundle_play *play)
{
	int err = play_open(play);
	if (err == 0)
		err = log_announce(play);
	if (err == 0)
		err = greet(play);
	if (err == 0)
		err = bh_bundle_read(play->door, &play->said->pieces, true, body_play, play);
	if (err == 0) {
		bh_bundle_photos_end(play);
		err = bh_bundle_answer_end(play);
	}
	return err;
}

/* 0 with the fault that there was. */
static int gap_tell(struct bh_bundle_play *play)
{
	int err = play_open(play);
	if (err == 0)
		err = bh_bundle_answer_held(play);
	play_close(play);
	if (err != 0)
		bh_buf_free(&play->report->answer);
	return err;
}

int bh_bundle_take(const struct bh_bundle_door *door, struct bh_bundle_report *report,
	enum bh_bundle_fault *fault)
{
	struct bh_bundle_said said;
	struct bh_bundle_play play = {.door = door,
		.said = &said,
		.report = report,
		.frame = BH_BUF(BH_FRAME_BYTES_MAX + BH_FRAME_HEAD_BYTES),
		.arena = BH_ARENA(TOLD_ARENA_BYTES_MAX),
		.photo.bytes = BH_BUF(BH_BLOB_BYTES_MAX)};
	*report = (struct bh_bundle_report){.answer = BH_BUF(0)};
	int err = bh_bundle_look(door, &said, fault);
	if (err == BH_ERR_INVALID && *fault == BH_BUNDLE_GAP) {
		report->device = said.statement.device;
		int told = gap_tell(&play);
		err = told == BH_ERR_NOMEM ? told : err;
	} else if (err == 0) {
		report->device = said.statement.device;
		err = play_run(&play);
		play_close(&play);
		if (err != 0 && err != BH_ERR_NOMEM && err != BH_ERR_INVALID)
			play.fault = bh_bundle_fault_of(err);
		*fault = play.fault;
		if (err != 0)
			bh_buf_free(&report->answer);
	}
	bh_bundle_said_free(&said);
	return err == 0 || err == BH_ERR_NOMEM ? err : BH_ERR_INVALID;
}
