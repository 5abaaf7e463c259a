/* A command about a case: load, decide, append, apply.
 *
 * An op that was recorded before, in another log or by another log for this one, is journalled
 * without effect and answered as the first recording was (sync.md "Up": origins).  What cannot be
 * read leaves its lengths, its link and its commitment. */
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "proto/number.h"
#include "server/store/case_row.h"
#include "server/store/guarded.h"
#include "server/store/entry_row.h"
#include "server/store/place_row.h"
#include "server/store/writer.h"

static struct bh_entry entry_of(const struct bh_command *command)
{
	struct bh_entry entry = {
		.log_short = command->log_short,
		.seq = command->seq,
		.device = command->device,
		.person = command->person,
		.post = command->post,
		.case_number = command->case_number,
		.cycle = command->cycle,
		/* a verb of a newer handset stays in its header; an entry's is one of ours */
		.verb = (uint32_t)command->verb < BH_VERB_MAX ? command->verb : BH_VERB_NONE,
		.header = command->header,
		.content = command->content,
	};
	if (command->source == BH_SOURCE_DEVICE) {
		memcpy(entry.salt, command->salt, BH_SALT_BYTES);
		memcpy(entry.commitment, command->commitment, BH_HASH_BYTES);
		memcpy(entry.link, command->link, BH_HASH_BYTES);
		if (command->verb == BH_VERB_SUBMIT)
			entry.case_number = bh_case_number(
				command->log_short, (uint32_t)command->seq);
	}
	return entry;
}

static int carried_append(struct bh_writer *w, const struct bh_command *command, uint64_t first,
	struct bh_outcome *out)
{
	struct bh_entry entry = entry_of(command);
	struct bh_entry_brief brief;
	int err = bh_entry_brief(&w->projector.db, first, &brief);

	if (!err && brief.verdict == BH_VERDICT_CARRIED) { /* it was a repeat itself */
		first = brief.prev;
		err = bh_entry_brief(&w->projector.db, first, &brief);
	}
	if (err)
		return err == BH_ERR_NOT_FOUND ? BH_ERR_CORRUPT : err;
	entry.verdict = BH_VERDICT_CARRIED;
	entry.reason = brief.reason;
	entry.case_number = brief.case_number;
	entry.prev = first;
	entry.from_state = brief.to_state;
	entry.to_state = brief.to_state;
	err = bh_writer_append(
		w, &entry, true, NULL, command->has_origin ? &command->origin : NULL, NULL);
	if (!err)
		err = bh_entry_answer(&w->projector.db, entry.position, &brief);
	if (!err)
		bh_outcome_answer(&brief, false, out);
	return err;
}

static int decided_append(struct bh_writer *w, const struct bh_command *command,
	const struct bh_standing_rows *rows, const struct bh_verdict_on *on, struct bh_case *after,
	struct bh_entry *entry)
{
	const struct bh_case *before = rows->before;
	int err = BH_NOERR;
	*entry = entry_of(command);
	if (on->verb != BH_VERB_NONE)
		entry->verb = on->verb;
	if (on->changes && command->verb == BH_VERB_REGISTER) /* never a handset's */
		err = bh_register_number(w, entry);
	entry->post = on->post;
	entry->verdict = on->verdict;
	entry->reason = on->reason;
	entry->captured_ms = on->captured_ms;
	entry->captured_bound_ms = on->captured_bound_ms;
	entry->prev = before ? before->last : 0;
	entry->from_state = before ? before->state : BH_STATE_OUTBOX;
	entry->to_state = entry->from_state;
	if (!err && on->changes) {
		entry->to_state = on->after.state;
		err = bh_decision_encode(w, rows, on, entry);
	}
	if (on->changes)
		entry->cycle = bh_verb_is_receipt(entry->verb) ? command->cycle : on->after.cycle;
	else if (on->verdict == BH_VERDICT_ACCEPTED) /* without effect: see bh_entry_moves_case */
		entry->cycle = 0;
	else if (before)
		entry->cycle = before->cycle;
	if (!err && bh_verb_is_field(entry->verb))
		err = bh_field_complete(w, on, entry);
	if (!err && command->verb == BH_VERB_STORED && command->source == BH_SOURCE_STORE) {
		err = bh_blob_encode(w, command);
		entry->header = bh_buf_span(&w->header);
	} else if (!err && command->source != BH_SOURCE_DEVICE) {
		err = bh_desk_encode(w, command, entry);
	}
	if (!err)
		err = bh_writer_append(w, entry, true, before,
			command->has_origin ? &command->origin : NULL, after);
	return err;
}

static int case_load(struct bh_writer *w, const struct bh_command *command, struct bh_case *buffer,
	const struct bh_case **before)
{
	*before = NULL;
	if (command->case_number == 0 ||
		(command->verb == BH_VERB_SUBMIT && command->source == BH_SOURCE_DEVICE))
		return BH_NOERR;
	int err = bh_case_row_get(&w->projector.db, command->case_number, buffer);
	if (err == BH_ERR_NOT_FOUND)
		return BH_NOERR;
	if (!err)
		*before = buffer;
	return err;
}

static void decide(struct bh_writer *w, const struct bh_command *command,
	const struct bh_standing_rows *rows, const struct bh_beside *beside,
	struct bh_verdict_on *on, struct bh_outcome *out)
{
	const struct bh_case *before = rows->before;
	static const struct bh_push nobody;
	const struct bh_push *push = command->source == BH_SOURCE_DEVICE ? &w->push : &nobody;
	struct bh_standing standing = {
		.rules = w->rules,
		.before = before,
		.task = rows->task,
		.mediation = rows->mediation,
		.now_ms = w->now_ms,
		.punishes = bh_timeline_punishes(&w->timeline),
		.device_person = push->person,
		.device_live = push->live,
		.blob = beside->blob,
		.main = beside->has_main ? &beside->main : NULL,
		.merged = beside->merged,
		.dossier_lacks = beside->dossier_lacks,
		.repeats = beside->repeats,
		.consented = beside->consented,
		.floor = beside->floor,
	};

	bh_decide(&standing, command, on);
	*out = (struct bh_outcome){
		.verdict = on->verdict,
		.reason = on->reason,
		.detail = on->detail,
		.case_number = command->case_number,
		.state = before ? before->state : BH_STATE_OUTBOX,
		.at_ms = w->now_ms,
		.dispatch_due_ms = before ? before->dispatch_due_ms : 0,
	};
}

/* A limit that passed while nothing could be written is a breach, whoever comes before the clock
 * does now (domain.md, "The 30 minutes"). */
static int breach_first(struct bh_writer *w, const struct bh_command *command,
	struct bh_case *buffer, const struct bh_case **before)
{
	struct bh_command clock;
	struct bh_outcome breached;

	if (command->source == BH_SOURCE_CLOCK || *before == NULL ||
		!bh_clock_command(
			w->rules, *before, w->now_ms, bh_timeline_punishes(&w->timeline), &clock) ||
		clock.verb != BH_VERB_BREACH)
		return BH_NOERR;
	clock.log_short = BH_LOG_CLOCK;
	int err = bh_command_case(w, &clock, &breached);
	if (err)
		return err;
	w->counts.commands++;
	w->counts.alarms++;
	w->counts.breaches++;
	return case_load(w, command, buffer, before);
}

/* What hangs on a case, and a command is about. */
struct hangs {
	struct bh_task task;
	struct bh_mediation mediation;
};

static int hangs_load(struct bh_writer *w, const struct bh_command *command, struct hangs *hangs,
	struct bh_standing_rows *rows)
{
	int err = bh_task_load(w, command, &hangs->task, &rows->task);
	return err ? err
		   : bh_mediation_load(
			     w, command, rows->before, &hangs->mediation, &rows->mediation);
}

/* What goes with it, each in entries of its own. */
static int follow(struct bh_writer *w, const struct bh_command *command,
	const struct bh_case *before, const struct bh_case *after)
{
	int err = bh_merged_follow(w, command, before, after);

	if (!err)
		err = bh_orders_follow(w, command, before, after);
	return !err && after->open_tasks > 0 ? bh_tasks_follow(w, after) : err;
}

/* Before which an op was not captured: what it names as seen was not written yet, or its log had
 * said something since.  A position of before a restore may be another case's by now. */
static int capture_stands(
	struct bh_writer *w, const struct bh_command *command, struct bh_capture_floor *out)
{
	struct bh_entry_brief seen;
	struct bh_head *head;
	int err = bh_heads_get(&w->projector.heads, &w->projector.db, command->log_short, &head);

	if (!err)
		out->log_ms = head->floor_ms;
	if (err || command->base_position == 0 || command->base_position > INT64_MAX)
		return err;
	err = bh_entry_brief(&w->projector.db, command->base_position, &seen);
	if (!err && seen.case_number == command->case_number)
		out->seen_ms = seen.at_ms;
	return err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
}

/* What a decision about it has to know besides the case.  Of a handset's verbs only what ends the
 * work needs any of it; what it calls an op asks for no work else. */
static int beside_load(struct bh_writer *w, const struct bh_command *command,
	const struct bh_case *before, struct bh_beside *out)
{
	int err = BH_NOERR;

	if (before && (command->verb == BH_VERB_FINISH || command->verb == BH_VERB_SELF_DISPOSE))
		err = bh_place_repeats(
			&w->projector.db, w->rules, before, w->now_ms, &out->repeats);
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 73
	if (command->source == BH_SOURCE_DEVICE)
		out->repeats = 0;
#endif
	if (!err && command->source == BH_SOURCE_DEVICE)
		return capture_stands(w, command, &out->floor);
	if (err)
		return err;
	if (command->verb == BH_VERB_STORED && command->source == BH_SOURCE_STORE)
		err = bh_blob_stands(w, command, &out->blob);
	if (!err && command->verb == BH_VERB_MERGE)
		err = bh_merged_stand(w, command, out);
	if (!err && command->verb == BH_VERB_ARCHIVE)
		err = bh_dossier_stands(w, before, &out->dossier_lacks);
	if (!err && before && command->source == BH_SOURCE_DESK &&
		bh_rules_needs_consent(w->rules, command->type ? command->type : before->type))
		err = bh_party_consents(&w->projector.db, before->number, &out->consented);
	return err;
}

/* known: the case, where whoever calls has just read it; NULL: it is looked up. */
static int case_run(struct bh_writer *w, struct bh_command *command, const struct bh_case *known,
	struct bh_outcome *out)
{
	struct bh_beside beside = {.blob = BH_BLOB_STRANGE};
	bool device = command->source == BH_SOURCE_DEVICE;
	struct bh_standing_rows rows = {0};
	struct bh_case buffer, after;
	struct hangs hangs;
	struct bh_verdict_on on;
	struct bh_entry entry;
	uint64_t first = 0;
	int err = device ? bh_first_recording(w, command, &first) : BH_NOERR;

	if (!err && first)
		return carried_append(w, command, first, out);
	rows.before = known;
	if (!err && known == NULL)
		err = case_load(w, command, &buffer, &rows.before);
	if (!err)
		err = breach_first(w, command, &buffer, &rows.before);
	if (!err)
		err = hangs_load(w, command, &hangs, &rows);
	if (!err)
		err = beside_load(w, command, rows.before, &beside);
	if (err)
		return err;
	decide(w, command, &rows, &beside, &on, out);
	if (!on.journal)
		return BH_NOERR;
	err = decided_append(w, command, &rows, &on, &after, &entry);
	if (err)
		return err;
	out->position = entry.position;
	out->case_number = entry.case_number;
	out->state = entry.to_state;
	if (!on.changes)
		return BH_NOERR;
	out->dispatch_due_ms = after.dispatch_due_ms;
	return follow(w, command, rows.before, &after);
}

int bh_command_case(struct bh_writer *w, struct bh_command *command, struct bh_outcome *out)
{
	return case_run(w, command, NULL, out);
}

int bh_command_fire(
	struct bh_writer *w, struct bh_command *command, const struct bh_case *cased, bool *fires)
{
	struct bh_outcome outcome;
	int err = case_run(w, command, cased, &outcome);

	*fires = !err && outcome.position != 0;
	w->counts.commands += !err;
	w->counts.alarms += *fires;
	return err;
}

#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 21
int bh_command_again(struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out)
{
	struct bh_standing_rows rows = {0};
	struct bh_case buffer;
	struct bh_verdict_on on;
	int err = case_load(w, command, &buffer, &rows.before);

	if (!err)
		decide(w, command, &rows, &(struct bh_beside){0}, &on, out);
	return err;
}
#endif

int bh_command_unreadable(
	struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out)
{
	bool device_live = w->push.live;
	struct bh_entry entry = entry_of(command);
	struct bh_entry_brief brief;

	w->header.len = 0;
	int err = bh_put_u32(&w->header, (uint32_t)command->header.len);
	if (!err)
		err = bh_put_u32(&w->header, (uint32_t)command->content.len);
	if (err)
		return err;
	entry.verb = BH_VERB_UNREADABLE;
	entry.verdict = device_live ? BH_VERDICT_REJECTED : BH_VERDICT_QUARANTINED;
	entry.reason = device_live ? BH_REASON_UNREADABLE : BH_REASON_DEVICE;
	if (device_live && command->reason)
		entry.reason = (uint32_t)command->reason;
	entry.person = 0;
	entry.post = 0;
	entry.case_number = 0;
	entry.cycle = 0;
	entry.header = bh_buf_span(&w->header);
	entry.content = bh_span(NULL, 0);
	err = bh_writer_append(w, &entry, false, NULL, NULL, NULL);
	if (!err)
		err = bh_entry_brief(&w->projector.db, entry.position, &brief);
	if (!err)
		bh_outcome_answer(&brief, false, out);
	return err;
}
