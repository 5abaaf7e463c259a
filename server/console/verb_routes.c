/* Acting on a case: the verb of the path, what the body says, one command of the desk.  The server
 * decides; here is only checked that the words can be understood. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "proto/datum.h"
#include "proto/err.h"
#include "proto/number.h"
#include "server/console/case_json.h"
#include "server/console/dispute.h"
#include "server/console/filing.h"
#include "server/console/milestone.h"
#include "server/console/profile.h"
#include "server/console/time_text.h"
#include "server/domain/rights.h"

static const struct {
	const char *name;
	enum bh_verb verb;
} verbs[] = {
	{"file", BH_VERB_FILE},
	{"dispatch", BH_VERB_DISPATCH},
	{"redirect", BH_VERB_REDIRECT},
	{"amend", BH_VERB_AMEND},
	{"return", BH_VERB_RETURN},
	{"accept-return", BH_VERB_ACCEPT_RETURN},
	{"refuse-return", BH_VERB_REFUSE_RETURN},
	{"sign", BH_VERB_SIGN},
	{"finish", BH_VERB_FINISH},
	{"close", BH_VERB_CLOSE},
	{"refuse", BH_VERB_REFUSE},
	{"refer", BH_VERB_REFER},
	{"ask-void", BH_VERB_ASK_VOID},
	{"void", BH_VERB_VOID},
	{"ask-extension", BH_VERB_ASK_EXTENSION},
	{"extend", BH_VERB_EXTEND},
	{"ask-suspension", BH_VERB_ASK_SUSPENSION},
	{"suspend", BH_VERB_SUSPEND},
	{"resume", BH_VERB_RESUME},
	{"refuse-ask", BH_VERB_REFUSE_ASK},
	{"fail", BH_VERB_FAIL},
	{"start", BH_VERB_START},
	{"move-up", BH_VERB_MOVE_UP},
	{"receive", BH_VERB_RECEIVE},
	{"reopen", BH_VERB_REOPEN},
	{"reconsider", BH_VERB_RECONSIDER},
	{"merge", BH_VERB_MERGE},
	{"unmerge", BH_VERB_UNMERGE},
	{"archive", BH_VERB_ARCHIVE},
	{"follow-try", BH_VERB_FOLLOW_TRY},
	{"follow-up", BH_VERB_FOLLOW_UP},
	{"recur", BH_VERB_RECUR},
	{"appeal", BH_VERB_APPEAL},
	{"review-appeal", BH_VERB_REVIEW_APPEAL},
	{"ask-verify", BH_VERB_VERIFY},
	{"answer-verify", BH_VERB_ANSWER_VERIFY},
	{"check", BH_VERB_CHECK},
	{"pass", BH_VERB_PASS},
	{"check-failed", BH_VERB_CHECK_FAILED},
	{"ask-help", BH_VERB_ASK_HELP},
	{"help-done", BH_VERB_HELP_DONE},
	{"ask-visit", BH_VERB_ASK_VISIT},
	{"visit-done", BH_VERB_VISIT_DONE},
	{"reassign", BH_VERB_REASSIGN},
	{"hand-in", BH_VERB_HAND_IN},
	{"hand-back", BH_VERB_HAND_BACK},
	{"ask-redirect", BH_VERB_ASK_REDIRECT},
	{"seal", BH_VERB_SEAL},
	{"lend", BH_VERB_LEND},
	{"give-back", BH_VERB_GIVE_BACK},
	{"grade", BH_VERB_GRADE},
	{"mediate", BH_VERB_MEDIATE},
	{"session", BH_VERB_SESSION},
	{"conclude", BH_VERB_CONCLUDE},
	{"perform", BH_VERB_PERFORM},
	{"move-down", BH_VERB_MOVE_DOWN},
	{"plan", BH_VERB_PLAN},
	{"consult", BH_VERB_CONSULT},
	{"milestones", BH_VERB_MILESTONES},
	{"milestone-done", BH_VERB_MILESTONE_DONE},
};

static enum bh_verb verb_find(const char *name)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return verbs[i].verb;
	return BH_VERB_NONE;
}

/* Of the case's whole life, not decided yet: "move-up" and the like. */
static bool verb_is_known(const char *name)
{
	char plain[40];
	(void)snprintf(plain, sizeof(plain), "%s", strlen(name) < sizeof(plain) ? name : "");
	for (char *at = plain; *at; at++)
		*at = *at == '-' ? '_' : *at;
	for (int verb = BH_VERB_VERIFY; verb <= BH_VERB_UNMERGE; verb++)
		if (strcmp(bh_verb_name((enum bh_verb)verb), plain) == 0)
			return true;
	return false;
}

/* ---- Body ---- */

void bh_command_unit_read(
	struct bh_exchange *x, const struct bh_import_at *at, struct bh_command *command)
{
	struct bh_span code = {NULL, 0};
	if (!bh_field_text(at, x->body, "unit", BH_NAME_BYTES_MAX, false, &code) || code.len == 0)
		return;
	const struct bh_msg_unit *unit = bh_rules_unit_by_code(x->rules, code);
	if (unit)
		command->unit = unit->id;
	else
		bh_fault_say(at, "unit", "there is no unit with this code");
}

void bh_command_urgency_read(
	const struct bh_import_at *at, const json_t *body, struct bh_command *command)
{
	const char *text = json_string_value(json_object_get(body, "urgency"));
	if (text && text[0] == 'P' && text[1] >= '1' && text[1] <= '4' && text[2] == '\0')
		command->urgency = (uint32_t)(text[1] - '0');
	else
		(void)bh_field_u32(at, body, "urgency", 1, 4, false, &command->urgency);
}

/* A number is a code of the catalogue; words are the text. */
static void reason_read(
	const struct bh_import_at *at, const json_t *body, struct bh_command *command)
{
	struct bh_span words = {NULL, 0};
	if (json_is_integer(json_object_get(body, "reason"))) {
		(void)bh_field_u32(at, body, "reason", 1, 100000, false, &command->reason_code);
		return;
	}
	if (!bh_field_text(at, body, "reason", BH_TEXT_BYTES_MAX, false, &words) || words.len == 0)
		return;
	if (command->text.len)
		bh_fault_say(at, "reason", "give words as text or as reason, not as both");
	else
		command->text = words;
}

/* What a follow-up heard, in a word. */
static void answer_read(
	const struct bh_import_at *at, const json_t *body, struct bh_command *command)
{
	const json_t *answer = json_object_get(body, "answer");
	const char *name = json_string_value(answer);
	if (!answer || json_is_null(answer))
		return;
	for (uint32_t i = BH_FOLLOW_SATISFIED; name && i <= BH_FOLLOW_RECURRED; i++)
		if (strcmp(name, bh_follow_answer_name(i)) == 0)
			command->reason_code = i;
	if (command->reason_code == 0)
		bh_fault_say(at, "answer", "it is none of satisfied, fair, dissatisfied, recurred");
}

/* Into which case it is merged. */
static void main_read(const struct bh_import_at *at, const json_t *body, struct bh_command *command)
{
	const json_t *main = json_object_get(body, "main");
	if (!main || json_is_null(main))
		return;
	if (!json_is_string(main) ||
		bh_case_number_parse(json_string_value(main), &command->main_number) != 0)
		bh_fault_say(at, "main", "it is no case number");
}

void bh_command_place_read(
	const struct bh_import_at *at, const json_t *body, struct bh_command *command)
{
	const json_t *place = json_object_get(body, "place");
	const json_t *latitude = json_object_get(place, "latitude");
	const json_t *longitude = json_object_get(place, "longitude");
	const char *datum = json_string_value(json_object_get(place, "datum"));
	double north = json_number_value(latitude), east = json_number_value(longitude);
	if (!place || json_is_null(place))
		return;
	if (!json_is_number(latitude) || !json_is_number(longitude) ||
		!(north >= -90 && north <= 90 && east >= -180 && east <= 180)) {
		bh_fault_say(at, "place", "it is not {\"latitude\", \"longitude\", \"datum\"}");
		return;
	}
	command->datum = !datum || strcmp(datum, "wgs84") == 0 ? BH_DATUM_WGS84
			 : strcmp(datum, "gcj02") == 0         ? BH_DATUM_GCJ02
			 : strcmp(datum, "bd09") == 0          ? BH_DATUM_BD09
							       : 0u;
	if (command->datum == 0)
		bh_fault_say(at, "place", "its datum is none of wgs84, gcj02, bd09");
	command->has_place = true;
	command->latitude_e7 = (int32_t)lround(north * 1e7);
	command->longitude_e7 = (int32_t)lround(east * 1e7);
}

/* A date is the beginning of that day in the district. */
static void until_read(
	struct bh_exchange *x, const struct bh_import_at *at, struct bh_command *command)
{
	const json_t *until = json_object_get(x->body, "until");
	int32_t offset_min = bh_rules_settings(x->rules)->utc_offset_min;
	if (!until || json_is_null(until))
		return;
	if (!json_is_string(until) ||
		!bh_time_parse(json_string_value(until), offset_min, &command->until_ms))
		bh_fault_say(at, "until",
			"it is no date, 2026-10-12, and no time, 2026-10-12T09:00:00+08:00");
}

/* Who shall do a task; which one is answered, and how. */
static void task_read(
	struct bh_exchange *x, const struct bh_import_at *at, struct bh_command *command)
{
	struct bh_span code = {NULL, 0};
	const char *result = json_string_value(json_object_get(x->body, "result"));
	(void)bh_field_u32(at, x->body, "task", 1, UINT32_MAX, false, &command->task);
	if (result && strcmp(result, "yes") == 0)
		command->reason_code = BH_TASK_YES;
	else if (result && strcmp(result, "no") == 0)
		command->reason_code = BH_TASK_NO;
	else if (result)
		bh_fault_say(at, "result", "it is neither yes nor no");
	if (!bh_field_text(at, x->body, "assignee", BH_NAME_BYTES_MAX, false, &code) ||
		code.len == 0)
		return;
	const struct bh_msg_person *person = bh_rules_person_by_code(x->rules, code);
	if (person)
		command->assignee = person->id;
	else
		bh_fault_say(at, "assignee", "there is no person with this code");
}

static void body_read(struct bh_exchange *x, const struct bh_import_at *at)
{
	static const char *const names[] = {"unit", "type", "urgency", "text", "reason", "version",
		"place", "until", "answer", "main", "task", "result", "assignee", "steps",
		BH_FILING_MEMBERS, BH_DISPUTE_MEMBERS, NULL};
	struct bh_command *command = &x->command;
	int64_t version = 0;
	if (!x->body)
		return;
	bh_fields_check(at, x->body, names);
	bh_command_unit_read(x, at, command);
	(void)bh_field_u32(at, x->body, "type", 1, UINT32_MAX, false, &command->type);
	bh_command_urgency_read(at, x->body, command);
	(void)bh_field_text(at, x->body, "text", BH_TEXT_BYTES_MAX, false, &command->text);
	reason_read(at, x->body, command);
	answer_read(at, x->body, command);
	main_read(at, x->body, command);
	bh_command_place_read(at, x->body, command);
	until_read(x, at, command);
	task_read(x, at, command);
	bh_filing_read(x, at);
	bh_dispute_read(x, at);
	bh_milestones_read(x, at);
	if (bh_field_number(at, x->body, "version", 1, INT64_MAX, false, &version))
		command->base_position = (uint64_t)version;
}

/* ---- The command ---- */

static void acted(struct bh_exchange *x)
{
	char number[BH_CASE_TEXT_SIZE];
	struct bh_case cased;
	bh_case_number_format(x->command.case_number, number);
	json_t *answer = json_pack("{s:s, s:s, s:I, s:b, s:s, s:o}", "number", number, "verb",
		x->captures[2], "position", (json_int_t)x->outcome.position, "repeat",
		x->outcome.repeat, "state", bh_state_name((enum bh_state)x->outcome.state), "at",
		bh_exchange_time(x, x->outcome.at_ms));
	if (answer &&
		bh_reader_case(x->district->reader, x->command.case_number, &cased) == BH_NOERR)
		answer = bh_member_set(
			answer, "case", bh_case_json_seen(x, &cased, bh_case_views(x, &cased)));
	bh_answer_json(x, 200, answer);
}

/* Who may not see a case is told the same as for a case that is not there. */
static bool case_find(struct bh_exchange *x)
{
	struct bh_case cased;
	int err = bh_case_number_parse(x->captures[1], &x->command.case_number);
	if (!err)
		err = bh_reader_case(x->district->reader, x->command.case_number, &cased);
	if (err && err != BH_ERR_MALFORMED && err != BH_ERR_NOT_FOUND) {
		bh_answer_err(x, err);
		return false;
	}
	if (err || !bh_may_see_case(x, &cased)) {
		bh_answer_no_case(x, x->captures[1]);
		return false;
	}
	return true;
}

void bh_route_verb(struct bh_exchange *x)
{
	struct bh_import_faults faults = {0};
	struct bh_import_at at = {&faults, "", 0, NULL};
	bh_exchange_desk(x, verb_find(x->captures[2]));
	if (x->command.verb == BH_VERB_NONE && verb_is_known(x->captures[2])) {
		char message[100];
		(void)snprintf(message, sizeof(message), "%.40s is not decided by this release",
			x->captures[2]);
		bh_answer_error(x, 422, "unsupported", message, NULL);
		return;
	}
	if (x->command.verb == BH_VERB_NONE) {
		bh_answer_error(x, 404, "verb", "there is no such verb",
			"file, dispatch, redirect, amend, return, accept-return, refuse-return, "
			"sign, "
			"finish, close, refuse, refer, ask-void, void, ask-extension, extend, "
			"ask-suspension, suspend, resume, refuse-ask, fail, start, move-up, "
			"receive, reopen, reconsider, merge, unmerge, archive, follow-try, "
			"follow-up, recur, appeal, review-appeal, ask-verify, answer-verify, "
			"check, pass, check-failed, ask-help, help-done, ask-visit, visit-done, "
			"seal, lend, give-back, grade, mediate, session, conclude, perform, "
			"move-down, plan, consult, reassign, ask-redirect, milestones, "
			"milestone-done, hand-in, hand-back");
		return;
	}
	if (!case_find(x))
		return;
	body_read(x, &at);
	if (faults.count > 0)
		bh_answer_field(x, &faults);
	else
		bh_exchange_submit(x, acted);
	bh_faults_free(&faults);
}
