/* Orders: listed, looked at, printed, issued, answered and judged.  Who may not see one is told the
 * same as for one that is not there. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/console/case_json.h"
#include "server/console/order_json.h"
#include "server/console/profile.h"

#define ROWS_USUAL 100u
#define PAGE_ROWS 100u
#define PAGES_MAX 50u

static const struct {
	const char *name;
	enum bh_verb verb;
	enum bh_order_act act;
} acts[] = {
	{"answer", BH_VERB_ORDER_ANSWER, BH_ORDER_ACT_NONE},
	{"close", BH_VERB_ORDER_REVIEW, BH_ORDER_CLOSE},
	{"send-back", BH_VERB_ORDER_REVIEW, BH_ORDER_SEND_BACK},
	{"withdraw", BH_VERB_ORDER_REVIEW, BH_ORDER_WITHDRAW},
};

/* ---- One ---- */

/* The one that the path names; false: answered. */
static bool order_find(struct bh_exchange *x, struct bh_order *out)
{
	char message[200];
	uint64_t ref = 0;
	int err = bh_order_ref_parse(x->captures[1], &ref);
	if (!err)
		err = bh_reader_order(x->district->reader, ref, out);
	if (err && err != BH_ERR_MALFORMED && err != BH_ERR_NOT_FOUND) {
		bh_answer_err(x, err);
		return false;
	}
	if (!err && bh_may_see_order(x, out))
		return true;
	(void)snprintf(message, sizeof(message), "there is no order %.60s that you may see",
		x->captures[1]);
	bh_answer_error(x, 404, "no_order", message, "they are called as in chaser-2026-0001");
	return false;
}

void bh_route_order(struct bh_exchange *x)
{
	struct bh_order order;
	if (order_find(x, &order))
		bh_answer_json(x, 200, bh_order_json(x, &order, true));
}

void bh_route_order_page(struct bh_exchange *x)
{
	struct bh_order order;
	if (order_find(x, &order))
		bh_order_page(x, &order);
}

/* ---- All of them ---- */

struct filter {
	uint32_t kind;
	uint32_t state;
	uint32_t unit;
	bool open;
	uint64_t before;
	size_t limit;
};

static bool refuse(struct bh_exchange *x, const char *message)
{
	bh_answer_error(x, 400, "parameter", message, NULL);
	return false;
}

static bool number_parameter(struct bh_exchange *x, const char *name, uint64_t max, uint64_t *out)
{
	const char *text = bh_target_parameter(&x->target, name);
	char *end;
	if (!text)
		return true;
	unsigned long long value = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || value == 0 || value > max)
		return refuse(x, "limit is from 1 to 500, after what `next` gave");
	*out = value;
	return true;
}

static bool filter_read(struct bh_exchange *x, struct filter *out)
{
	const char *kind = bh_target_parameter(&x->target, "kind");
	const char *state = bh_target_parameter(&x->target, "state");
	const char *unit = bh_target_parameter(&x->target, "unit");
	uint64_t limit = ROWS_USUAL;
	*out = (struct filter){.state = 0};
	if (kind && bh_order_kind_parse(kind, &out->kind) != BH_NOERR)
		return refuse(x, "kind: it is none of chaser, supervision, handover");
	out->open = state && strcmp(state, "open") == 0;
	for (uint32_t i = BH_ORDER_ISSUED; state && i < BH_ORDER_STATES; i++)
		if (strcmp(state, bh_order_state_name(i)) == 0)
			out->state = i;
	if (state && !out->open && out->state == 0)
		return refuse(x, "state: it is none of open, issued, answered, sent_back, closed, "
				 "withdrawn");
	const struct bh_msg_unit *found = unit ? bh_rules_unit_by_code(
							 x->rules, bh_span(unit, strlen(unit)))
					       : NULL;
	if (unit && !found)
		return refuse(x, "unit: there is no unit with this code");
	out->unit = found ? found->id : 0;
	if (!number_parameter(x, "limit", BH_RESPONSE_ROWS_MAX, &limit) ||
		!number_parameter(x, "after", INT64_MAX, &out->before))
		return false;
	out->limit = (size_t)limit;
	return true;
}

static bool row_fits(
	const struct bh_exchange *x, const struct filter *filter, const struct bh_order *order)
{
	return (filter->kind == 0 || BH_ORDER_KIND(order->ref) == filter->kind) &&
	       (filter->state == 0 || order->state == filter->state) &&
	       (filter->unit == 0 || order->unit == filter->unit) &&
	       (!filter->open || bh_order_is_open(order)) && bh_may_see_order(x, order);
}

/* *more: the list goes on behind filter->before. */
static int list_gather(struct bh_exchange *x, struct filter *filter, json_t *items, bool *more)
{
	struct bh_order *orders = bh_arena_array(&x->arena, PAGE_ROWS, sizeof(*orders));
	size_t count = PAGE_ROWS;
	if (!orders)
		return BH_ERR_NOMEM;
	for (unsigned page = 0; page < PAGES_MAX && count == PAGE_ROWS; page++) {
		int err = bh_reader_orders(
			x->district->reader, filter->before, orders, PAGE_ROWS, &count);
		for (size_t i = 0; !err && i < count; i++) {
			*more = json_array_size(items) == filter->limit;
			if (*more)
				return BH_NOERR;
			filter->before = orders[i].first;
			if (row_fits(x, filter, &orders[i]) &&
				json_array_append_new(items, bh_order_json(x, &orders[i], false)) !=
					0)
				err = BH_ERR_NOMEM;
		}
		if (err)
			return err;
	}
	*more = count == PAGE_ROWS;
	return BH_NOERR;
}

void bh_route_orders(struct bh_exchange *x)
{
	struct filter filter;
	char next[24];
	bool more = false;
	if (!filter_read(x, &filter))
		return;
	json_t *items = json_array();
	int err = items ? list_gather(x, &filter, items, &more) : BH_ERR_NOMEM;
	if (err) {
		json_decref(items);
		bh_answer_err(x, err);
		return;
	}
	(void)snprintf(next, sizeof(next), "%" PRIu64, filter.before);
	bh_answer_json(x, 200, bh_list_json(items, more ? next : NULL));
}

/* ---- Issuing, answering, judging ---- */

/* An entry's is read at once; what is answered is the order as it is then. */
static void acted(struct bh_exchange *x)
{
	struct bh_order order;
	int err = bh_reader_order_at(x->district->reader, x->outcome.position, &order);
	if (err) {
		bh_answer_err(x, err);
		return;
	}
	json_t *json = bh_order_json(x, &order, true);
	json = bh_member_set(json, "repeat", json_boolean(x->outcome.repeat));
	bh_answer_json(x, 200, json);
}

static void submit(struct bh_exchange *x, struct bh_import_faults *faults)
{
	x->command.source = BH_SOURCE_DESK;
	x->command.person = x->person;
	x->command.post = x->post;
	if (faults->count == 0) {
		bh_exchange_submit(x, acted);
		return;
	}
	bh_answer_field(x, faults);
}

static void until_read(
	struct bh_exchange *x, const struct bh_import_at *at, struct bh_command *command)
{
	const json_t *until = json_object_get(x->body, "until");
	if (!until || json_is_null(until))
		return;
	if (!json_is_string(until) ||
		!bh_time_parse(json_string_value(until),
			bh_rules_settings(x->rules)->utc_offset_min, &command->until_ms))
		bh_fault_say(at, "until", "it is no date, 2026-10-12, and no time");
}

/* False: it names a case that is not there for who asks, which was answered. */
static bool case_read(struct bh_exchange *x, struct bh_command *command)
{
	const json_t *number = json_object_get(x->body, "case");
	struct bh_case cased;
	if (!number || json_is_null(number))
		return true;
	const char *text = json_is_string(number) ? json_string_value(number) : "";
	if (bh_case_number_parse(text, &command->case_number) == BH_NOERR &&
		bh_reader_case(x->district->reader, command->case_number, &cased) == BH_NOERR &&
		bh_may_see_case(x, &cased))
		return true;
	bh_answer_no_case(x, text);
	return false;
}

void bh_route_order_issue(struct bh_exchange *x)
{
	static const char *const names[] = {"kind", "case", "unit", "until", "text", NULL};
	struct bh_import_faults faults = {0};
	struct bh_import_at at = {&faults, "", 0, NULL};
	struct bh_command *command = &x->command;
	struct bh_span kind = {NULL, 0};
	command->verb = BH_VERB_ORDER;
	if (!x->body)
		bh_fault_say(&at, "kind", "chaser, supervision or handover");
	else if (!case_read(x, command))
		return;
	if (x->body) {
		bh_fields_check(&at, x->body, names);
		(void)bh_field_text(&at, x->body, "kind", 40, true, &kind);
		(void)bh_field_text(&at, x->body, "text", BH_TEXT_BYTES_MAX, true, &command->text);
		until_read(x, &at, command);
		bh_command_unit_read(x, &at, command);
		const char *name = json_string_value(json_object_get(x->body, "kind"));
		if (name && bh_order_kind_parse(name, &command->reason_code) != BH_NOERR)
			bh_fault_say(&at, "kind", "chaser, supervision or handover");
	}
	submit(x, &faults);
	bh_faults_free(&faults);
}

void bh_route_order_act(struct bh_exchange *x)
{
	static const char *const names[] = {"text", NULL};
	struct bh_import_faults faults = {0};
	struct bh_import_at at = {&faults, "", 0, NULL};
	struct bh_order order;
	size_t act = 0, count = sizeof(acts) / sizeof(acts[0]);
	while (act < count && strcmp(acts[act].name, x->captures[2]) != 0)
		act++;
	if (act == count) {
		bh_answer_error(x, 404, "verb", "there is no such verb",
			"answer, close, send-back, withdraw");
		return;
	}
	if (!order_find(x, &order))
		return;
	x->command.verb = acts[act].verb;
	x->command.reason_code = acts[act].act;
	x->command.order = order.ref;
	if (x->body) {
		bh_fields_check(&at, x->body, names);
		(void)bh_field_text(
			&at, x->body, "text", BH_TEXT_BYTES_MAX, false, &x->command.text);
	}
	submit(x, &faults);
	bh_faults_free(&faults);
}
