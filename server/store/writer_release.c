/* What stands in quarantine is decided by an administrator, in an entry of its own (I15).
 *
 *   op, quarantined ──release──▶ RELEASE, accepted: the report is decided as if it were submitted
 *          │                     now, under the number its worker knows; its chain begins at the op
 *          └────────discard──▶ RELEASE of no cycle: nothing changes, the op stays in the journal
 *
 * Photos of what stands in quarantine stay on the handset.  The release names those of its op: each
 * is asked for when a handset of the person greets next (blob_lost.c), drained or not; one that
 * this person brought before is the case's at once.
 *
 * What was released stays so; what was discarded may be released after all.  Clocks run from the
 * release: when the op had come is its own entry's time. */
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "server/domain/decide.h"
#include "server/store/asked.h"
#include "server/store/case_row.h"
#include "server/store/entry_row.h"
#include "server/store/writer.h"

#define ASIDES_LOOKED_AT 64

static int refuse(struct bh_outcome *out, enum bh_reason reason, const char *detail)
{
	out->verdict = BH_VERDICT_REJECTED;
	out->reason = reason;
	out->detail = detail;
	return BH_NOERR;
}

static int entry_keep(struct bh_writer *w, struct bh_entry *entry)
{
	int err = bh_arena_copy(&w->arena, entry->header, &entry->header);

	return err ? err : bh_arena_copy(&w->arena, entry->content, &entry->content);
}

/* BH_ERR_NOT_FOUND: there is no such entry, or its content is erased. */
static int op_load(struct bh_writer *w, uint64_t position, struct bh_entry *op)
{
	struct bh_db *db = &w->projector.db;
	sqlite3_stmt *s = bh_sql(db, BH_SQL_JOURNAL_GET);
	bool row = false, erased = false;

	bh_bind(s, 1, (int64_t)position);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_NOT_FOUND;
	err = bh_entry_row_read(s, op);
	if (!err)
		err = bh_entry_row_content(db, w->projector.hasher, op, &erased);
	if (!err)
		err = entry_keep(w, op);
	op->decision = bh_span(NULL, 0);
	bh_row_end(bh_sql(db, BH_SQL_CONTENT_GET));
	bh_row_end(s);
	return !err && erased ? BH_ERR_NOT_FOUND : err;
}

static int released_find(struct bh_writer *w, const struct bh_entry *op, bool *released)
{
	struct bh_case cased;
	int err = bh_case_row_first(&w->projector.db, op->position, &cased);

	*released = err == BH_NOERR;
	return err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
}

/* Its discard stands aside of its number, and leads back to it. */
static int discarded_find(struct bh_writer *w, const struct bh_entry *op, bool *discarded)
{
	struct bh_db *db = &w->projector.db;
	sqlite3_stmt *s = bh_sql(db, BH_SQL_ASIDE_NEWEST);
	struct bh_entry_brief brief;
	bool row = false;

	*discarded = false;
	bh_bind(s, 1, (int64_t)op->case_number);
	bh_bind(s, 2, ASIDES_LOOKED_AT);
	int err = bh_row_next(s, &row);
	while (!err && row && !*discarded) {
		err = bh_entry_brief(db, (uint64_t)bh_column(s, 0), &brief);
		*discarded = !err && brief.prev == op->position && !brief.has_link &&
			     brief.verdict == BH_VERDICT_ACCEPTED;
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

static int device_person(struct bh_writer *w, uint32_t device, uint32_t *person)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_DEVICE_BRIEF);
	bool row = false;

	bh_bind(s, 1, device);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_CORRUPT;
	*person = bh_column_u32(s, 0);
	bh_row_end(s);
	return BH_NOERR;
}

/* The report as its handset would give it now, were that live. */
static int report_decide(struct bh_writer *w, const struct bh_entry *op,
	struct bh_msg_op_header *header, struct bh_verdict_on *on)
{
	struct bh_msg_op_content content;
	struct bh_standing standing = {.rules = w->rules,
		.now_ms = w->now_ms,
		.punishes = bh_timeline_punishes(&w->timeline),
		.device_live = true};
	int header_reason = 0, content_reason = 0;
	int err = device_person(w, op->device, &standing.device_person);

	if (!err)
		err = bh_op_decode_header(op->header, &w->arena, header, &header_reason);
	if (!err)
		err = bh_op_decode_content(op->content, &w->arena, &content, &content_reason);
	if (err)
		return err;
	struct bh_command command = {.source = BH_SOURCE_DEVICE,
		.verb = BH_VERB_SUBMIT,
		.device = op->device,
		.log_short = op->log_short,
		.seq = op->seq,
		.person = header->author,
		.post = header->post,
		.captured_ms = op->captured_ms,
		.clock_bound_ms = op->captured_bound_ms,
		.type = header->type,
		.condition = header->condition,
		.urgency = header->urgency,
		.reason = header_reason ? header_reason : content_reason,
		.text = content.text,
		.has_place = content.has_place,
		.latitude_e7 = content.latitude_e7,
		.longitude_e7 = content.longitude_e7,
		.datum = content.datum,
		.accuracy_dm = content.accuracy_dm};
	bh_decide(&standing, &command, on);
	return BH_NOERR;
}

static int reason_encode(struct bh_writer *w, const struct bh_command *command)
{
	const struct bh_msg_op_content content = {.text = command->text};

	w->content.len = 0;
	return bh_op_encode_content(&content, &w->content);
}

/* ---- Its photos -------------------------------------------------------------------------- */

static int names_encode(struct bh_writer *w, const struct bh_msg_op_header *of)
{
	const struct bh_msg_op_header header = {
		.verb = BH_VERB_RELEASE, .blobs = of->blobs, .blobs_count = of->blobs_count};

	w->header.len = 0;
	return of->blobs_count ? bh_op_encode_header(&header, &w->header) : BH_NOERR;
}

static int photos_lost_look(
	struct bh_writer *w, const struct bh_msg_op_header *header, bool lost[BH_OP_BLOBS_MAX])
{
	int err = BH_NOERR;

	for (size_t i = 0; !err && i < header->blobs_count; i++)
		if (header->blobs[i].hash.len == BH_HASH_BYTES)
			err = bh_asked_is_lost(
				&w->projector.db, header->blobs[i].hash.data, &lost[i]);
	return err;
}

/* What is lost stays asked for: it is theirs by its entry, and no bytes came with that. */
static int photos_settle(struct bh_writer *w, const struct bh_entry *op,
	const struct bh_msg_op_header *header, const bool *lost)
{
	uint32_t person = 0;
	int err = header->blobs_count ? device_person(w, op->device, &person) : BH_NOERR;

	for (size_t i = 0; !err && i < header->blobs_count; i++) {
		err = bh_shown_settle(w, op->case_number, person, &header->blobs[i]);
		if (!err && lost[i])
			err = bh_asked_note(&w->projector.db, header->blobs[i].hash.data);
	}
	return err;
}

/* ---- The entry --------------------------------------------------------------------------- */

static int release_append(struct bh_writer *w, const struct bh_command *command,
	const struct bh_entry *op, const struct bh_verdict_on *on, struct bh_outcome *out)
{
	static const struct bh_case nothing;
	struct bh_case after;
	struct bh_entry entry = {.log_short = BH_LOG_OPERATOR,
		.person = command->person,
		.verb = BH_VERB_RELEASE,
		.verdict = BH_VERDICT_ACCEPTED,
		.case_number = op->case_number,
		.prev = op->position};
	int err = reason_encode(w, command);

	w->decision.len = 0;
	if (!err && on) {
		entry.cycle = on->after.cycle;
		entry.to_state = on->after.state;
		entry.captured_ms = on->captured_ms;
		entry.captured_bound_ms = on->captured_bound_ms;
		err = bh_case_diff(&nothing, &on->after, &w->decision);
	}
	entry.decision = bh_buf_span(&w->decision);
	entry.header = bh_buf_span(&w->header);
	entry.content = bh_buf_span(&w->content);
	if (!err)
		err = bh_writer_append(w, &entry, true, NULL, NULL, on ? &after : NULL);
	if (err)
		return err;
	out->verdict = BH_VERDICT_ACCEPTED;
	out->position = entry.position;
	out->case_number = entry.case_number;
	out->state = entry.to_state;
	out->dispatch_due_ms = on ? after.dispatch_due_ms : 0;
	return BH_NOERR;
}

static int release(struct bh_writer *w, const struct bh_command *command, const struct bh_entry *op,
	struct bh_outcome *out)
{
	struct bh_msg_op_header header = {.verb = BH_VERB_NONE};
	struct bh_verdict_on on;
	bool lost[BH_OP_BLOBS_MAX] = {false};

	if (op->verb != BH_VERB_SUBMIT)
		return refuse(out, BH_REASON_UNSUPPORTED,
			"only a report is released; what it did to a case is done at a desk");
	int err = report_decide(w, op, &header, &on);
	if (err == BH_ERR_MALFORMED)
		return refuse(out, BH_REASON_UNREADABLE, "it cannot be read as a report");
	if (err)
		return err;
	if (on.verdict != BH_VERDICT_ACCEPTED)
		return refuse(out, on.reason, on.detail);
	err = names_encode(w, &header);
	if (!err)
		err = photos_lost_look(w, &header, lost);
	if (!err)
		err = release_append(w, command, op, &on, out);
	return err ? err : photos_settle(w, op, &header, lost);
}

int bh_command_release(
	struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out)
{
	struct bh_entry op = {0};
	bool released = false, discarded = false, discards = command->reason_code != 0;
	int err = op_load(w, command->base_position, &op);

	if (err && err != BH_ERR_NOT_FOUND)
		return err;
	if (err || op.verdict != BH_VERDICT_QUARANTINED || op.device != command->device ||
		op.case_number == 0)
		return refuse(out, BH_REASON_NO_CASE,
			"no op of this device that can be read stands in quarantine there");
	err = released_find(w, &op, &released);
	if (!err)
		err = discarded_find(w, &op, &discarded);
	if (err)
		return err;
	if (released && discards)
		return refuse(out, BH_REASON_NOT_NOW, "it was released before");
	out->case_number = op.case_number;
	if (released || (discarded && discards)) {
		out->verdict = BH_VERDICT_ACCEPTED;
		out->repeat = true;
		return BH_NOERR;
	}
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 52
	return release(w, command, &op, out);
#endif
	w->header.len = 0;
	return discards ? release_append(w, command, &op, NULL, out)
			: release(w, command, &op, out);
}
