/* What whoever runs the server does to the district: rules, codes, devices, logs, the clock.
 *
 * Each handler checks its message against what is so, and either appends one entry or refuses
 * without one.  What is asked twice is answered as a repeat: it holds already.  A caller's key is
 * kept with what came of it in the same transaction, and asked for before anything else. */
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "server/store/kept_apply.h"
#include "server/store/rules_load.h"

static int refuse(struct bh_outcome *out, enum bh_reason reason, const char *detail)
{
	out->verdict = BH_VERDICT_REJECTED;
	out->reason = reason;
	out->detail = detail;
	return BH_NOERR;
}

static int hold(struct bh_outcome *out, uint32_t id)
{
	out->verdict = BH_VERDICT_ACCEPTED;
	out->repeat = true;
	out->id = id;
	return BH_NOERR;
}

static int append(struct bh_writer *w, const struct bh_command *command, struct bh_span content,
	uint32_t id, struct bh_outcome *out)
{
	struct bh_entry entry = {
		.log_short = BH_LOG_OPERATOR,
		.person = command->person,
		.verb = command->verb,
		.verdict = BH_VERDICT_ACCEPTED,
		.content = content,
		/* what it replaces, so that a repeat can be told again what changed */
		.prev = command->verb == BH_VERB_PROFILE ? w->projector.district.profile_position
							 : 0,
	};
	int err = bh_writer_append(w, &entry, true, NULL, NULL, NULL);
	if (err)
		return err;
	out->verdict = BH_VERDICT_ACCEPTED;
	out->position = w->position;
	out->id = id;
	return BH_NOERR;
}

/* A decode that fails is a refusal, unless memory ran out. */
static int undecoded(int err, struct bh_outcome *out)
{
	if (err == BH_ERR_NOMEM)
		return err;
	return refuse(out, BH_REASON_FIELD, "the message does not decode");
}

static int one_number(sqlite3_stmt *s, uint32_t *out)
{
	bool row = false;
	int err = bh_row_next(s, &row);

	if (err || !row)
		return err ? err : BH_ERR_CORRUPT;
	*out = bh_column_u32(s, 0);
	bh_row_end(s);
	return BH_NOERR;
}

struct device_seen {
	bool there;
	enum bh_device_state state;
	uint8_t public_key[BH_PUBLIC_KEY_BYTES];
};

static int device_look(struct bh_writer *w, uint32_t id, struct device_seen *out)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_DEVICE_GET);

	*out = (struct device_seen){0};
	bh_bind(s, 1, id);
	int err = bh_row_next(s, &out->there);
	if (err || !out->there)
		return err;
	out->state = (enum bh_device_state)bh_column(s, 2);
	err = bh_column_exact(s, 3, out->public_key, BH_PUBLIC_KEY_BYTES);
	bh_row_end(s);
	return err;
}

/* 0 in *device: no such log. */
static int log_look(
	struct bh_writer *w, struct bh_span log_id, uint32_t *log_short, uint32_t *device)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_LOG_BY_ID);
	bool row = false;

	*device = 0;
	bh_bind_span(s, 1, log_id);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err;
	*log_short = bh_column_u32(s, 0);
	*device = bh_column_u32(s, 1) ? bh_column_u32(s, 1) : UINT32_MAX; /* the desks' own */
	bh_row_end(s);
	return BH_NOERR;
}

int bh_log_next(struct bh_writer *w, uint32_t *log_short)
{
	int err = one_number(bh_sql(&w->projector.db, BH_SQL_LOG_LAST), log_short);

	if (err)
		return err;
	if (*log_short < w->kept.log_last)
		*log_short = w->kept.log_last;
	*log_short = *log_short < BH_LOG_FIRST_DEVICE ? BH_LOG_FIRST_DEVICE : *log_short + 1;
	return BH_NOERR;
}

/* ---- handlers ---- */

static int profile(struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out)
{
	struct bh_rules *rules = NULL;
	uint64_t kept = 0;

	if (command->holds) {
		if (!w->projector.district.profile_position)
			return refuse(out, BH_REASON_NOT_NOW, "there is no profile yet");
		out->verdict = BH_VERDICT_ACCEPTED;
		return BH_NOERR;
	}
	int err = bh_rules_from_profile(&w->projector.db, command->payload, w->due_divisor, &rules);
	if (err == BH_ERR_NOMEM)
		return err;
	if (err)
		return refuse(out, BH_REASON_FIELD, "the profile has faults");
	err = append(w, command, command->payload, w->projector.district.profiles + 1, out);
	if (!err)
		err = bh_project_rules(&w->projector, rules, w->now_ms);
	if (err) {
		bh_rules_unref(rules);
		return err;
	}
	if (w->rules_before)
		bh_rules_unref(w->rules);
	else
		w->rules_before = w->rules;
	w->rules = rules;
	w->shift_due_ms = 0;
	return bh_kept_apply(w, &kept); /* whose people it brings back */
}

static int enrol_code(struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_CODE_GET);
	struct bh_msg_entry_enrol_code code;
	bool row = false;
	int err = bh_decode_entry_enrol_code(command->payload, &w->arena, &code);

	if (err)
		return undecoded(err, out);
	if (!bh_rules_person(w->rules, code.person))
		return refuse(out, BH_REASON_FIELD, "there is no such person");
	bh_bind_span(s, 1, code.code_hash);
	err = bh_row_next(s, &row);
	if (err)
		return err;
	if (row) {
		bh_row_end(s);
		return refuse(out, BH_REASON_FIELD, "this code was given out before");
	}
	return append(w, command, command->payload, 0, out);
}

/* A code that was used is good for one thing: to tell the very same handset again what it got,
 * while that may be told anything (I14). */
static int enrolled_again(struct bh_writer *w, const struct bh_msg_entry_enrolled *asked,
	uint32_t device, struct bh_outcome *out)
{
	struct device_seen seen;
	uint32_t log_short, log_device;
	int err = device_look(w, device, &seen);

	if (!err)
		err = log_look(w, asked->log_id, &log_short, &log_device);
	if (err)
		return err;
	if (!seen.there || seen.state != BH_DEVICE_LIVE || log_device != device ||
		!bh_span_equal(asked->public_key, bh_span(seen.public_key, BH_PUBLIC_KEY_BYTES)))
		return refuse(out, BH_REASON_DEVICE, "the code was used");
	return hold(out, device);
}

static int enrolled_append(struct bh_writer *w, const struct bh_command *command,
	struct bh_msg_entry_enrolled *enrolled, struct bh_outcome *out)
{
	uint32_t log_short = 0, taken = 0;
	int err = log_look(w, enrolled->log_id, &log_short, &taken);

	if (err)
		return err;
	if (taken)
		return refuse(out, BH_REASON_DEVICE, "the log belongs to another device");
	if (bh_kept_is_nearly_full(w))
		return refuse(out, BH_REASON_NOT_NOW, "its kept file is nearly full");
	err = one_number(bh_sql(&w->projector.db, BH_SQL_DEVICE_LAST), &enrolled->device);
	if (!err)
		err = bh_log_next(w, &enrolled->log_short);
	if (err)
		return err;
	if (enrolled->device < w->kept.device_last)
		enrolled->device = w->kept.device_last;
	enrolled->device++;
	w->content.len = 0;
	err = bh_encode_entry_enrolled(enrolled, &w->content);
	return err ? err : append(w, command, bh_buf_span(&w->content), enrolled->device, out);
}

static int enrolled(struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_CODE_GET);
	struct bh_msg_entry_enrolled asked;
	bool row = false;
	int err = bh_decode_entry_enrolled(command->payload, &w->arena, &asked);

	if (err)
		return undecoded(err, out);
	bh_bind_span(s, 1, asked.code_hash);
	err = bh_row_next(s, &row);
	if (err)
		return err;
	if (!row)
		return refuse(out, BH_REASON_DEVICE, "there is no such code");
	asked.person = bh_column_u32(s, 0);
	int64_t expires_ms = bh_column(s, 1);
	uint32_t used_by = bh_column_u32(s, 2);
	bh_row_end(s);
	if (used_by)
		return enrolled_again(w, &asked, used_by, out);
	if (w->now_ms >= expires_ms)
		return refuse(out, BH_REASON_DEVICE, "the code has expired");
	return enrolled_append(w, command, &asked, out);
}

static int log_begin(struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out)
{
	struct bh_msg_entry_log begun;
	struct device_seen seen;
	uint32_t log_short = 0, owner = 0;
	const char *why = NULL;
	int err = bh_decode_entry_log(command->payload, &w->arena, &begun);

	if (err)
		return undecoded(err, out);
	err = log_look(w, begun.log_id, &log_short, &owner);
	if (err)
		return err;
	if (owner == begun.device && owner)
		return hold(out, log_short);
	if (owner)
		return refuse(out, BH_REASON_DEVICE, "the log belongs to another device");
	err = device_look(w, begun.device, &seen);
	if (!err && seen.there && begun.forked_from.len)
		err = log_look(w, begun.forked_from, &log_short, &owner);
	if (err)
		return err;
	/* A log that nobody knows was begun after the backup that this server was restored from. */
	if (!seen.there || (owner && owner != begun.device))
		return refuse(
			out, BH_REASON_DEVICE, "no such device, or another's log to fork from");
	err = bh_log_allow(w, begun.device, out, &why);
	if (!err && why)
		return refuse(out, out->reason, why);
	if (!err)
		err = bh_log_next(w, &begun.log_short);
	w->content.len = 0;
	if (!err)
		err = bh_encode_entry_log(&begun, &w->content);
	return err ? err : append(w, command, bh_buf_span(&w->content), begun.log_short, out);
}

static int revoke(struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out)
{
	struct bh_msg_entry_revoked revoked;
	struct device_seen seen;
	int err = bh_decode_entry_revoked(command->payload, &w->arena, &revoked);

	if (err)
		return undecoded(err, out);
	err = device_look(w, revoked.device, &seen);
	if (err)
		return err;
	if (!seen.there)
		return refuse(out, BH_REASON_DEVICE, "there is no such device");
	err = command->reason_code ? bh_contact_give_up(w, revoked.device) : BH_NOERR;
	if (err)
		return err;
	if (seen.state == BH_DEVICE_REVOKED)
		return hold(out, revoked.device);
	return append(w, command, command->payload, revoked.device, out);
}

/* Who took in what was carried by hand: what it held is journalled as its device's. */
static int bundle(struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out)
{
	struct bh_msg_entry_bundle taken;
	struct device_seen seen;
	int err = bh_decode_entry_bundle(command->payload, &w->arena, &taken);

	if (err)
		return undecoded(err, out);
	err = device_look(w, taken.device, &seen);
	if (err)
		return err;
	if (!seen.there)
		return refuse(out, BH_REASON_DEVICE, "there is no such device");
	return append(w, command, command->payload, taken.device, out);
}

static int clock_confirm(
	struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out)
{
	if (bh_timeline_punishes(&w->timeline) && !w->projector.district.clock_alarm)
		return refuse(out, BH_REASON_NOT_NOW, "nobody doubts the clock");
	int64_t confirmed_ms = bh_timeline_confirm(&w->timeline, w->now);
	if (confirmed_ms > w->now_ms)
		w->now_ms = confirmed_ms;
	out->at_ms = w->now_ms;
	int err = append(w, command, bh_span(NULL, 0), 0, out);
	return err ? err : bh_heartbeat_write(w);
}

static const struct {
	enum bh_verb verb;
	int (*handle)(
		struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out);
} handlers[] = {
	{BH_VERB_PROFILE, profile},
	{BH_VERB_ENROL_CODE, enrol_code},
	{BH_VERB_ENROLLED, enrolled},
	{BH_VERB_LOG_BEGIN, log_begin},
	{BH_VERB_REVOKE, revoke},
	{BH_VERB_CLOCK_CONFIRM, clock_confirm},
	{BH_VERB_RELEASE, bh_command_release},
	{BH_VERB_ROTATED, bh_command_rotate},
	{BH_VERB_BUNDLE, bundle},
};

static int handle(struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out)
{
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
		if (handlers[i].verb == command->verb)
			return handlers[i].handle(w, command, out);
	}
	return refuse(out, BH_REASON_UNSUPPORTED, "not an operator's verb");
}

/* The entry that a key made; or, where what it asked for held already, what it met. */
static int64_t key_position(
	const struct bh_writer *w, const struct bh_command *command, const struct bh_outcome *out)
{
	if (out->position)
		return (int64_t)out->position;
	return -(int64_t)(command->verb == BH_VERB_PROFILE ? w->projector.district.profile_position
							   : w->position);
}

int bh_command_operator(
	struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out)
{
	bool answered = false;
	int err = bh_key_ask(w, command, out, &answered);

	if (err || answered)
		return err;
	*out = (struct bh_outcome){.at_ms = w->now_ms};
	bh_arena_reset(&w->arena);
	err = handle(w, command, out);
	if (err || out->verdict != BH_VERDICT_ACCEPTED)
		return err;
	return bh_key_keep(w, command, key_position(w, command, out));
}

int bh_writer_suspend(struct bh_writer *w, uint32_t device)
{
	static const char reason[] = "two phones advance its logs";
	struct bh_msg_entry_revoked suspended = {
		.device = device, .reason = bh_span(reason, sizeof(reason) - 1)};

	w->content.len = 0;
	int err = bh_encode_entry_revoked(&suspended, &w->content);
	if (err)
		return err;
	return bh_writer_append_district(
		w, BH_LOG_OPERATOR, BH_VERB_SUSPEND_DEVICE, 0, bh_buf_span(&w->content));
}
