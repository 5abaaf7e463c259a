/* A case in codes and words.  A clock that does not run and a thing that is not there are null, so
 * that every case has every member. */
#include "server/console/case_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/caseflow_words.h"
#include "proto/codec.h"
#include "proto/err.h"
#include "proto/light.h"
#include "proto/number.h"
#include "proto/verdict.h"
#include "server/console/dispute.h"
#include "server/console/filing.h"
#include "server/console/milestone.h"
#include "server/domain/alarm.h"
#include "server/domain/intake.h"
#include "server/domain/threshold.h"

#define CLOCK_OFF_MS INT64_C(300000) /* a skew that is told (domain.md, offline rule 7) */

static json_t *number_or_null(int64_t value)
{
	return value ? json_integer(value) : json_null();
}

static json_t *what_json(const struct bh_exchange *x, const struct bh_case *cased)
{
	char urgency[] = "P0";
	const struct bh_msg_catalogue_type *type = bh_rules_type(x->rules, cased->type);
	urgency[1] = (char)('0' + (cased->urgency <= 4 ? cased->urgency : 0));
	return json_pack("{s:o, s:o, s:b, s:o, s:o, s:s?, s:s?, s:o}", "type",
		number_or_null(cased->type), "type_name",
		type ? bh_json_span(type->name) : json_null(), "type_known", type != NULL,
		"condition", number_or_null(cased->condition), "urgency",
		cased->urgency ? json_string(urgency) : json_null(), "intake",
		bh_intake_name(cased->intake), "intake_zh", bh_intake_name_zh(cased->intake),
		"visitors", number_or_null(cased->visitors));
}

static json_t *unit_name(const struct bh_exchange *x, uint32_t id)
{
	const struct bh_msg_unit *unit = id ? bh_rules_unit(x->rules, id) : NULL;
	return unit ? bh_json_span(unit->name) : json_null();
}

static json_t *where_json(const struct bh_exchange *x, const struct bh_case *cased)
{
	const struct bh_msg_area *area = bh_rules_area(x->rules, cased->area);
	json_t *place = json_null();
	if (cased->has_place)
		place = json_pack("{s:f, s:f, s:s, s:b}", "latitude",
			(double)cased->latitude_e7 / 1e7, "longitude",
			(double)cased->longitude_e7 / 1e7, "datum", "wgs84", "marked",
			cased->place_marked != 0);
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "area",
		bh_area_code(x->rules, cased->area), "area_name",
		area ? bh_json_span(area->name) : json_null(), "grid",
		bh_area_code(x->rules, cased->grid), "place", place, "unit",
		bh_unit_code(x->rules, cased->unit), "unit_name", unit_name(x, cased->unit),
		"proposed_unit", bh_unit_code(x->rules, cased->proposed_unit), "proposed_unit_name",
		unit_name(x, cased->proposed_unit), "reporter",
		bh_person_code(x->rules, cased->reporter), "acceptor",
		bh_person_code(x->rules, cased->acceptor));
}

static json_t *times_json(const struct bh_exchange *x, const struct bh_case *cased)
{
	static const struct {
		const char *name;
		size_t offset;
	} times[] = {
		{"captured_at", offsetof(struct bh_case, captured_ms)},
		{"received_at", offsetof(struct bh_case, received_ms)},
		{"queued_at", offsetof(struct bh_case, queue_ms)},
		{"dispatch_due", offsetof(struct bh_case, dispatch_due_ms)},
		{"dispatched_at", offsetof(struct bh_case, dispatched_ms)},
		{"sign_due", offsetof(struct bh_case, sign_due_ms)},
		{"disposal_due", offsetof(struct bh_case, disposal_due_ms)},
		{"review_due", offsetof(struct bh_case, review_due_ms)},
		{"done_at", offsetof(struct bh_case, done_ms)},
		{"handed_at", offsetof(struct bh_case, handed_ms)},
		{"check_due", offsetof(struct bh_case, check_due_ms)},
		{"closed_at", offsetof(struct bh_case, closed_ms)},
		{"resume_due", offsetof(struct bh_case, resume_due_ms)},
		{"asked_until", offsetof(struct bh_case, asked_until_ms)},
		{"archived_at", offsetof(struct bh_case, archived_ms)},
		{"follow_due", offsetof(struct bh_case, follow_due_ms)},
	};
	json_t *json = json_object();
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		int64_t ms;
		memcpy(&ms, (const char *)cased + times[i].offset, sizeof(ms));
		json = bh_member_set(json, times[i].name, bh_exchange_time(x, ms));
	}
	json = bh_member_set(json, "archive_due",
		bh_exchange_time(x, cased->state == BH_STATE_CLOSED
					    ? bh_case_archive_due(x->rules, cased)
					    : 0));
	json = bh_member_set(json, "dispatch_left_s",
		cased->dispatch_due_ms
			? json_integer((cased->dispatch_due_ms - x->district->district_ms) / 1000)
			: json_null());
	return json;
}

/* The disposal limit as it is seen at a glance, and who was told of it. */
static json_t *limit_json(const struct bh_exchange *x, const struct bh_case *cased)
{
	int64_t yellow_ms = bh_case_threshold_ms(x->rules, cased, BH_THRESHOLD_YELLOW);
	bool runs = yellow_ms != BH_CALENDAR_NEVER;
	enum bh_light light = bh_light_at(
		yellow_ms, runs ? cased->disposal_due_ms : 0, x->district->district_ms);
	return json_pack("{s:s?, s:o, s:i, s:o, s:i, s:i, s:o}", "light", bh_light_name(light),
		"yellow_at", bh_exchange_time(x, runs ? yellow_ms : 0), "warned",
		(int)cased->warned, "warned_unit", bh_unit_code(x->rules, cased->warned_unit),
		"misses", (int)cased->misses, "overdue_calls", (int)cased->overdue_calls,
		"late_unit",
		bh_unit_code(x->rules, cased->late != 0 ? bh_case_late_unit(cased) : 0));
}

/* Field work, and what the clock did for want of somebody. */
static json_t *field_json(const struct bh_case *cased)
{
	static const char *const audits[] = {NULL, "asked", "passed", "failed", "lapsed"};
	return json_pack("{s:s?, s:o, s:b, s:i, s:i, s:i}", "audit",
		audits[cased->audit <= BH_AUDIT_LAPSED ? cased->audit : 0], "audit_task",
		number_or_null(cased->audit_task), "self_disposed", cased->self_disposed != 0,
		"returns_lapsed", (int)cased->returns_lapsed, "check_calls",
		(int)cased->check_calls, "repeats", (int)cased->repeats);
}

static json_t *course_json(const struct bh_case *cased)
{
	static const char *const checks[] = {NULL, "passed", "failed", "lapsed"};
	static const char *const with[] = {NULL, "complete", "incomplete"};
	return json_pack("{s:b, s:b, s:b, s:i, s:i, s:i, s:i, s:b, s:i, s:i, s:i, s:o, s:i, s:s?, "
			 "s:s?}",
		"automatic", cased->automatic != 0, "auto_signed", cased->auto_signed != 0,
		"breached", cased->breached != 0, "reminded", (int)cased->reminded, "dispatches",
		(int)cased->dispatches, "returns", (int)cased->returns, "redirects",
		(int)cased->redirects, "late", cased->late != 0, "reworks", (int)cased->reworks,
		"extensions", (int)cased->extensions, "suspensions", (int)cased->suspensions,
		"tier", number_or_null(cased->tier), "open_tasks", (int)cased->open_tasks,
		"checked", checks[cased->checked <= BH_CHECKED_LAPSED ? cased->checked : 0],
		"archived_with",
		with[cased->dossier <= BH_ARCHIVED_INCOMPLETE ? cased->dossier : 0]);
}

/* Of a follow-up that ended unreached: did a person try at all? */
static bool was_tried(const struct bh_case *cased)
{
	return cased->follow_lapses < BH_FOLLOW_TRIES;
}

/* How it looks from outside: the steps and stages that its state stands for, and what its reporter
 * reads of it. */
static json_t *view_json(const struct bh_case *cased)
{
	enum bh_state state = (enum bh_state)cased->state;
	unsigned step = bh_state_step(state), stage = bh_state_stage(state);
	bool unreached = state == BH_STATE_FOLLOWED && cased->follow_answer == BH_FOLLOW_UNREACHED;
	return json_pack("{s:{s:o, s:s, s:s}, s:{s:o, s:s, s:s}, s:{s:s, s:s}}", "step", "number",
		number_or_null(step), "en", bh_step_name(step), "zh", bh_step_name_zh(step),
		"stage", "number", number_or_null(stage), "en", bh_stage_name(stage), "zh",
		bh_stage_name_zh(stage), "for_reporter", "en",
		unreached ? bh_unreached_words(was_tried(cased)) : bh_state_words(state), "zh",
		unreached ? bh_unreached_words_zh(was_tried(cased)) : bh_state_words_zh(state));
}

json_t *bh_case_json(const struct bh_exchange *x, const struct bh_case *cased)
{
	char number[BH_CASE_TEXT_SIZE];
	bh_case_number_format(cased->number, number);
	json_t *json = json_pack("{s:s, s:I, s:i, s:s, s:s}", "number", number, "version",
		(json_int_t)cased->last, "cycle", (int)cased->cycle, "state",
		bh_state_name((enum bh_state)cased->state), "state_zh",
		bh_state_name_zh((enum bh_state)cased->state));
	json_t *parts[] = {what_json(x, cased), where_json(x, cased), times_json(x, cased),
		limit_json(x, cased), course_json(cased), field_json(cased),
		bh_case_asked_json(x, cased), bh_case_follow_json(cased),
		bh_case_appeal_json(x, cased), view_json(cased), bh_case_rules_json(x, cased),
		bh_filing_json(cased),
		bh_member_set(json_object(), "dispute", bh_dispute_json(x, cased)),
		bh_member_set(json_object(), "milestones", bh_milestones_json(x, cased))};
	return bh_members_join(json, parts, sizeof(parts) / sizeof(parts[0]));
}

/* ---- Entries ---- */

struct bh_span bh_entry_text(struct bh_exchange *x, const struct bh_entry *entry)
{
	struct bh_msg_op_content content;
	int reason = BH_REASON_NONE;
	if (entry->content.len == 0 || entry->case_number == 0 || entry->verb == BH_VERB_PARTY ||
		bh_op_decode_content(entry->content, &x->arena, &content, &reason) != BH_NOERR ||
		!bh_utf8_valid(content.text))
		return bh_span(NULL, 0);
	return content.text;
}

static const char *source_name(const struct bh_entry *entry)
{
	switch (entry->log_short) {
	case BH_LOG_DESK:
		return "desk";
	case BH_LOG_CLOCK:
		return "clock";
	case BH_LOG_OPERATOR:
		return "operator";
	case BH_LOG_STORE:
		return "store";
	default:
		return entry->device != 0 ? "device" : "desk";
	}
}

/* (field id varint, zigzag varint value) pairs: named values for people who check. */
static json_t *decision_json(const struct bh_entry *entry)
{
	static const struct bh_case nothing;
	struct bh_case after = nothing;
	json_t *json = json_object();
	if (entry->decision.len == 0 || bh_case_patch(&after, entry->decision) != BH_NOERR)
		return json;
	for (unsigned id = 0; id <= bh_case_field_last(); id++) {
		const char *name = bh_case_field_name(id);
		if (name && bh_case_field(&after, id) != 0)
			json = bh_member_set(json, name, json_integer(bh_case_field(&after, id)));
	}
	return json;
}

/* By a file's plain hash one finds a form's few unknown words: it goes with what is erased. */
static json_t *raw_json(const struct bh_exchange *x, const struct bh_entry *entry)
{
	json_t *header = bh_entry_file_is_erased(x, entry) ? json_null()
							   : bh_json_hex(entry->header);
	return json_pack("{s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "log", (json_int_t)entry->log_short,
		"seq", (json_int_t)entry->seq, "header", header, "decision",
		bh_json_hex(entry->decision), "sets", decision_json(entry), "commitment",
		bh_json_hex(bh_span(entry->commitment, BH_HASH_BYTES)), "hash",
		bh_json_hex(bh_span(entry->hash, BH_HASH_BYTES)));
}

/* How far captured_at may be off; null: the handset's clock is not believed, or none captured it
 * (D07). */
static json_t *bound_json(const struct bh_entry *entry)
{
	bool known = entry->captured_ms != 0 && entry->captured_bound_ms != UINT32_MAX;
	return known ? json_integer(entry->captured_bound_ms) : json_null();
}

/* On a shared handset, and not unlocked by the author's own credential. */
static bool entry_is_claimed(struct bh_exchange *x, const struct bh_entry *entry)
{
	struct bh_msg_op_header header;
	int reason = BH_REASON_NONE;

	return entry->device != 0 && entry->header.len > 0 &&
	       bh_op_decode_header(entry->header, &x->arena, &header, &reason) == BH_NOERR &&
	       header.claimed;
}

/* "派单 by D001 (区派遣员甲): received -> dispatched" */
static json_t *words_json(const struct bh_exchange *x, const struct bh_entry *entry, bool claimed)
{
	char words[600];
	const struct bh_msg_person *person = entry->person
						     ? bh_rules_person(x->rules, entry->person)
						     : NULL;
	const char *source = source_name(entry);
	struct bh_span who = person ? person->code : bh_span(source, strlen(source));
	struct bh_span name = person ? person->name : bh_span("", 0);
	int n = snprintf(words, sizeof(words), "%s by %.*s%s%.*s%s%s",
		bh_verb_name((enum bh_verb)entry->verb), (int)who.len, (const char *)who.data,
		name.len ? " (" : "", (int)name.len, name.len ? (const char *)name.data : "",
		name.len ? ")" : "", claimed ? " as claimed" : "");
	size_t used = n > 0 && (size_t)n < sizeof(words) ? (size_t)n : 0;
	if (entry->verdict != BH_VERDICT_ACCEPTED)
		(void)snprintf(words + used, sizeof(words) - used, ": %s, %s",
			bh_verdict_name((enum bh_verdict)entry->verdict),
			bh_reason_sentence_en((enum bh_reason)entry->reason));
	else if (entry->from_state != entry->to_state)
		(void)snprintf(words + used, sizeof(words) - used, ": %s -> %s",
			bh_state_name((enum bh_state)entry->from_state),
			bh_state_name((enum bh_state)entry->to_state));
	return json_string(words);
}

/* What the reporter reads of it; null: nothing. */
static json_t *told_json(const struct bh_entry *entry)
{
	enum bh_verb verb = (enum bh_verb)entry->verb;
	struct bh_case sets = {0};
	if (entry->verdict != BH_VERDICT_ACCEPTED ||
		!bh_verb_tells(verb, entry->from_state != entry->to_state))
		return json_null();
	if (verb == BH_VERB_FOLLOW_UP && bh_case_patch(&sets, entry->decision) == BH_NOERR &&
		sets.follow_answer == BH_FOLLOW_UNREACHED)
		return json_pack("{s:s, s:s}", "en", bh_unreached_words(was_tried(&sets)), "zh",
			bh_unreached_words_zh(was_tried(&sets)));
	return json_pack("{s:s, s:s}", "en", bh_verb_words(verb), "zh", bh_verb_words_zh(verb));
}

/* What of a limit was told of, in per cent and hours after it; null: it is no such entry. */
static json_t *threshold_json(const struct bh_entry *entry)
{
	bool told = entry->verb == BH_VERB_REMIND || entry->verb == BH_VERB_WARN ||
		    entry->verb == BH_VERB_OVERDUE || entry->verb == BH_VERB_MILESTONE_DUE;
	return told ? json_integer(entry->reason) : json_null();
}

/* By how many seconds the handset's clock was behind, where that is more than five minutes: what it
 * said stands in the header, what is held for true in the entry. */
static json_t *clock_off_json(struct bh_exchange *x, const struct bh_entry *entry)
{
	struct bh_msg_op_header header;
	int reason = 0;
	bool known = entry->device != 0 && entry->captured_ms != 0 &&
		     entry->captured_bound_ms != UINT32_MAX && entry->header.len > 0 &&
		     bh_op_decode_header(entry->header, &x->arena, &header, &reason) == 0;
	int64_t off_ms = 0;
	if (!known || __builtin_sub_overflow(entry->captured_ms, header.captured_ms, &off_ms) ||
		(off_ms <= CLOCK_OFF_MS && off_ms >= -CLOCK_OFF_MS))
		return json_null();
	return json_integer(off_ms / 1000);
}

json_t *bh_entry_json(struct bh_exchange *x, const struct bh_entry *entry)
{
	struct bh_span text = bh_entry_text(x, entry);
	bool claimed = entry_is_claimed(x, entry);
	json_t *papers = bh_papers_json(x, entry);
	json_t *json = json_pack(
		"{s:I, s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:b, s:o, s:i, s:o, s:o, "
		"s:o, s:o, s:o, s:o, s:o, s:o}",
		"position", (json_int_t)entry->position, "at", bh_exchange_time(x, entry->at_ms),
		"verb", bh_verb_name((enum bh_verb)entry->verb), "verb_zh",
		bh_verb_name_zh((enum bh_verb)entry->verb), "verdict",
		bh_verdict_name((enum bh_verdict)entry->verdict), "reason",
		bh_reason_name((enum bh_reason)entry->reason), "from",
		bh_state_name((enum bh_state)entry->from_state), "to",
		bh_state_name((enum bh_state)entry->to_state), "source", source_name(entry),
		"person", bh_person_code(x->rules, entry->person), "claimed", claimed, "device",
		number_or_null(entry->device), "cycle", (int)entry->cycle, "captured_at",
		bh_exchange_time(x, entry->captured_ms), "captured_bound_ms", bound_json(entry),
		"clock_off_s", clock_off_json(x, entry), "text",
		text.len ? bh_json_span(text) : json_null(), "words", words_json(x, entry, claimed),
		"for_reporter", told_json(entry), "threshold", threshold_json(entry), "raw",
		raw_json(x, entry));
	json_t *ending = bh_ending_json(x, entry);
	if (ending)
		json = bh_member_set(json, "ending", ending);
	return papers ? bh_member_set(json, "papers", papers) : json;
}
