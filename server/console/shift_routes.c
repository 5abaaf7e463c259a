/* Shifts: a leader hands one over, another takes it over; what was, and what nobody did. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "server/console/exchange.h"
#include "server/console/profile.h"
#include "server/domain/rights.h"
#include "server/store/shift.h"

#define ROWS_USUAL 50u
#define ROWS_MAX 500u

static json_t *open_json(const struct bh_shift_end *end)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "green", (json_int_t)end->fact.green, "yellow",
		(json_int_t)end->fact.yellow, "red", (json_int_t)end->fact.red, "other",
		(json_int_t)end->fact.other);
}

static json_t *end_json(const struct bh_exchange *x, const struct bh_shift_told *told)
{
	const struct bh_shift_end *end = &told->end;
	return json_pack("{s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "desk",
		bh_unit_code(x->rules, end->fact.unit), "ended_at",
		bh_exchange_time(x, end->fact.end_ms), "missed", end->missed, "handed_over_by",
		bh_person_code(x->rules, end->person), "handed_over_at",
		end->person ? bh_exchange_time(x, end->at_ms) : json_null(), "taken_over_by",
		bh_person_code(x->rules, end->taken_by), "taken_over_at",
		bh_exchange_time(x, end->taken_ms), "open",
		end->person ? open_json(end) : json_null(), "note",
		told->note.len ? bh_json_span(told->note) : json_null());
}

/* ---- What was ---- */

static bool page_read(struct bh_exchange *x, uint32_t *unit, int64_t *before_ms, size_t *limit)
{
	const char *desk = bh_target_parameter(&x->target, "desk");
	const char *after = bh_target_parameter(&x->target, "after");
	const char *rows = bh_target_parameter(&x->target, "limit");
	const struct bh_msg_unit *found = desk ? bh_rules_unit_by_code(
							 x->rules, bh_span(desk, strlen(desk)))
					       : NULL;
	if (desk && !found) {
		bh_answer_error(x, 404, "unit", "there is no such desk", "bihuan units");
		return false;
	}
	*unit = found ? found->id : 0;
	bool fits = !after || (strlen(after) <= 18 && strspn(after, "0123456789") == strlen(after));
	if (fits && after)
		*before_ms = strtoll(after, NULL, 10);
	if (fits && rows) {
		fits = strlen(rows) <= 3 && strspn(rows, "0123456789") == strlen(rows);
		*limit = fits ? strtoul(rows, NULL, 10) : 0;
		fits = *limit > 0 && *limit <= ROWS_MAX;
	}
	if (!fits)
		bh_answer_error(x, 400, "parameter", "limit or after cannot be read",
			"limit is from 1 to 500; after is what `next` of an earlier page said");
	return fits;
}

void bh_route_hand_overs(struct bh_exchange *x)
{
	int64_t before_ms = INT64_MAX;
	size_t limit = ROWS_USUAL, count = 0;
	uint32_t unit = 0;
	char next[24] = "";
	if (!page_read(x, &unit, &before_ms, &limit))
		return;
	struct bh_shift_told *told = bh_arena_array(&x->arena, limit, sizeof(*told));
	int err = told ? bh_reader_shifts(x->district->reader, unit, before_ms, &x->arena, told,
				 limit, &count)
		       : BH_ERR_NOMEM;
	json_t *items = json_array();
	for (size_t i = 0; !err && i < count; i++)
		if (x->person == 0 ||
			bh_rights_see_desk(x->rules, x->person, x->now_ms, told[i].end.fact.unit))
			items = bh_items_add(items, end_json(x, &told[i]));
	if (!err && count == limit)
		(void)snprintf(
			next, sizeof(next), "%lld", (long long)told[count - 1].end.fact.end_ms);
	json_t *answer = bh_list_json(items, *next ? next : NULL);
	if (!err) {
		bh_answer_json(x, 200, answer);
		return;
	}
	json_decref(answer);
	bh_answer_err(x, err);
}

/* ---- Acts ---- */

static void acted(struct bh_exchange *x)
{
	bh_answer_json(x, 200,
		json_pack("{s:s, s:s, s:I, s:b, s:o}", "desk", x->captures[1], "verb",
			bh_verb_name(x->command.verb), "position", (json_int_t)x->outcome.position,
			"repeat", x->outcome.repeat, "at", bh_exchange_time(x, x->outcome.at_ms)));
}

static void act(struct bh_exchange *x, enum bh_verb verb)
{
	static const char *const names[] = {"text", NULL};
	struct bh_import_faults faults = {0};
	struct bh_import_at at = {&faults, "", 0, NULL};
	const char *code = x->captures[1];
	const struct bh_msg_unit *desk = bh_rules_unit_by_code(
		x->rules, bh_span(code, strlen(code)));
	if (!desk) {
		bh_answer_error(x, 404, "unit", "there is no such desk", "bihuan units");
		return;
	}
	bh_exchange_desk(x, verb);
	x->command.unit = desk->id;
	bh_fields_check(&at, x->body, names);
	(void)bh_field_text(&at, x->body, "text", BH_TEXT_BYTES_MAX, verb == BH_VERB_HAND_OVER,
		&x->command.text);
	if (faults.count > 0)
		bh_answer_field(x, &faults);
	else
		bh_exchange_submit(x, acted);
	bh_faults_free(&faults);
}

void bh_route_hand_over(struct bh_exchange *x)
{
	act(x, BH_VERB_HAND_OVER);
}

void bh_route_take_over(struct bh_exchange *x)
{
	act(x, BH_VERB_TAKE_OVER);
}
