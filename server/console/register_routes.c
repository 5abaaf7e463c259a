/* A desk registers a matter: how it came, what it is about, where it is.  Who asks twice with one
 * key has one case: without a key nothing would tell a repeat from a second matter, so one is asked
 * for. */
#include <string.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/console/case_json.h"
#include "server/console/filing.h"
#include "server/console/profile.h"
#include "server/domain/intake.h"
#include "server/domain/privacy.h"

#define URGENCY_LIFE 1u

bool bh_case_origin_asked(struct bh_exchange *x, struct bh_case_query *query)
{
	const char *intake = bh_target_parameter(&x->target, "intake");
	const char *mine = bh_target_parameter(&x->target, "mine");
	query->intake = intake ? bh_intake_parse(intake) : 0;
	query->reporter = mine ? x->person : 0;
	if (intake && query->intake == 0)
		bh_answer_error(x, 400, "parameter",
			"intake: hall, telephone, letter, visit or department", NULL);
	else if (mine && (strcmp(mine, "1") != 0 || x->person == 0))
		bh_answer_error(
			x, 400, "parameter", "mine: it is 1, and is asked for as a person", NULL);
	else
		return true;
	return false;
}

static void intake_read(
	const struct bh_import_at *at, const json_t *body, struct bh_command *command)
{
	const char *name = json_string_value(json_object_get(body, "intake"));
	command->intake = name ? bh_intake_parse(name) : 0;
	if (command->intake == 0)
		bh_fault_say(at, "intake", "hall, telephone, letter, visit or department");
}

static void body_read(struct bh_exchange *x, const struct bh_import_at *at)
{
	static const char *const names[] = {"intake", "visitors", "type", "condition", "urgency",
		"text", "grid", "place", NULL};
	struct bh_command *command = &x->command;
	if (x->body)
		bh_fields_check(at, x->body, names);
	intake_read(at, x->body, command);
	if (!x->body)
		return;
	(void)bh_field_u32(at, x->body, "visitors", 1, BH_VISITORS_MAX, false, &command->visitors);
	(void)bh_field_u32(at, x->body, "type", 1, UINT32_MAX, false, &command->type);
	(void)bh_field_text(at, x->body, "text", BH_TEXT_BYTES_MAX, false, &command->text);
	bh_command_urgency_read(at, x->body, command);
	bh_command_place_read(at, x->body, command);
	bh_filing_read(x, at);
}

/* Where life is at stake: whom the desk calls first, before all else. */
static json_t *emergency_json(const struct bh_exchange *x, const struct bh_case *cased)
{
	static const uint32_t usual[] = {110, 119};
	const struct bh_msg_catalogue_type *type = bh_rules_type(x->rules, cased->type);
	bool own = type && type->emergency_count > 0;
	const uint32_t *numbers = own ? type->emergency : usual;
	size_t count = own ? type->emergency_count : sizeof(usual) / sizeof(usual[0]);
	json_t *json = json_array();
	for (size_t i = 0; cased->urgency == URGENCY_LIFE && i < count; i++)
		json = bh_items_add(json, json_integer(numbers[i]));
	return json;
}

/* What comes next of it, as far as it is this person's. */
static json_t *may_json(const struct bh_exchange *x, const struct bh_case *cased)
{
	struct bh_rights_ask ask = bh_rights_ask_beside(
		x->rules, x->now_ms, x->person, x->post, BH_VERB_DISPATCH, cased);
	const struct bh_move *move;
	json_t *json = json_array();
	bool names = bh_privacy_post(
			     x->rules, x->now_ms, x->person, x->post, BH_VERB_PARTY, cased) != 0 ||
		     bh_privacy_registers(x->rules, x->now_ms, x->person, x->post, cased) != 0;
	ask.state = (enum bh_state)cased->state;
	if (names)
		json = bh_items_add(json, json_string(bh_verb_name(BH_VERB_PARTY)));
	if (bh_rights_ask(&ask, &move) != 0)
		json = bh_items_add(json, json_string(bh_verb_name(BH_VERB_DISPATCH)));
	return json;
}

static void registered(struct bh_exchange *x)
{
	char number[BH_CASE_TEXT_SIZE];
	struct bh_case cased;
	int err = bh_reader_case(x->district->reader, x->outcome.case_number, &cased);
	if (err) {
		bh_answer_err(x, err);
		return;
	}
	bh_case_number_format(cased.number, number);
	bh_answer_json(x, 200,
		json_pack("{s:s, s:s, s:I, s:b, s:s, s:o, s:o, s:o, s:o}", "number", number, "verb",
			"register", "position", (json_int_t)x->outcome.position, "repeat",
			x->outcome.repeat, "state", bh_state_name((enum bh_state)cased.state), "at",
			bh_exchange_time(x, x->outcome.at_ms), "emergency",
			emergency_json(x, &cased), "may", may_json(x, &cased), "case",
			bh_case_json_seen(x, &cased, bh_case_views(x, &cased))));
}

void bh_route_register(struct bh_exchange *x)
{
	struct bh_import_faults faults = {0};
	struct bh_import_at at = {&faults, "", 0, NULL};
	if (!x->keyed) {
		bh_answer_error(x, 400, "key", "registering needs an Idempotency-Key",
			"a new one for each matter; the same one again where an answer is lost");
		return;
	}
	bh_exchange_desk(x, BH_VERB_REGISTER);
	body_read(x, &at);
	if (faults.count > 0)
		bh_answer_field(x, &faults);
	else
		bh_exchange_submit(x, registered);
	bh_faults_free(&faults);
}
