/* The row says who and why; the case says the rest, as it is when it is sent. */
#include "server/notify/message.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/console/time_text.h"
#include "server/store/order.h"

static json_t *span_json(struct bh_span span)
{
	return json_stringn((const char *)span.data, span.len);
}

static json_t *time_json(const struct bh_rules *rules, int64_t ms)
{
	char text[BH_TIME_TEXT_SIZE];
	int32_t offset_min = bh_rules_settings(rules)->utc_offset_min;
	return ms && bh_time_format(ms, offset_min, text) ? json_string(text) : json_null();
}

/* "2026-03-02 17:00", in the district's own time; "" for none. */
static void due_format(const struct bh_rules *rules, int64_t ms, char out[BH_TIME_TEXT_SIZE])
{
	int32_t offset_min = bh_rules_settings(rules)->utc_offset_min;
	out[0] = '\0';
	if (ms == 0 || !bh_time_format(ms, offset_min, out))
		return;
	out[strcspn(out, "T")] = ' ';
	out[strlen("2026-03-02 17:00")] = '\0';
}

/* What an order is called, with its case's number where it is about one. */
static void order_format(
	const struct bh_order *order, const char *number, char out[2 * BH_ORDER_TEXT_SIZE])
{
	char ref[BH_ORDER_TEXT_SIZE];
	bh_order_ref_format_zh(order->ref, ref);
	(void)snprintf(out, 2 * BH_ORDER_TEXT_SIZE, "%s%s%s", ref, *number ? " 案件 " : "", number);
}

static json_t *case_json(const struct bh_rules *rules, const struct bh_case *cased,
	const struct bh_order *order, const struct bh_notice_row *row, const char *number,
	int64_t now_ms)
{
	char text[BH_NOTICE_TEXT_MAX], due[BH_TIME_TEXT_SIZE], called[2 * BH_ORDER_TEXT_SIZE];
	bool hidden = bh_rules_is_restricted(rules, cased->type);
	const struct bh_msg_catalogue_type *type = hidden ? NULL
							  : bh_rules_type(rules, cased->type);
	const struct bh_msg_unit *unit = hidden ? NULL : bh_rules_unit(rules, cased->unit);
	int64_t due_ms = 0;
	const char *light = bh_notice_light(rules, cased, now_ms, &due_ms);
	if (order)
		due_ms = order->due_ms;
	if (order)
		order_format(order, number, called);
	due_format(rules, due_ms, due);
	bh_notice_text(rules, row->kind, cased, order ? called : number, due, text);
	return json_pack("{s:s?, s:o, s:o, s:i, s:s?, s:s?, s:o, s:o, s:s, s:o, s:s, s:s}",
		"number", row->number ? number : NULL, "type",
		cased->type && !hidden ? json_integer(cased->type) : json_null(), "type_name",
		type ? span_json(type->name) : json_null(), "urgency", (int)cased->urgency, "state",
		row->number ? bh_state_name((enum bh_state)cased->state) : NULL, "state_zh",
		row->number ? bh_state_name_zh((enum bh_state)cased->state) : NULL, "unit",
		unit ? span_json(unit->code) : json_null(), "unit_name",
		unit ? span_json(unit->name) : json_null(), "light", light, "due_at",
		time_json(rules, due_ms), "todo", bh_notice_todo(row->kind), "text", text);
}

static json_t *message_json(const struct bh_rules *rules, const struct bh_case *cased,
	const struct bh_order *order, const struct bh_slot *slot, const char *district,
	int64_t now_ms)
{
	char number[BH_CASE_TEXT_SIZE] = "";
	const struct bh_notice_row *row = &slot->row;
	const struct bh_msg_person *person = bh_rules_person(rules, row->person);
	if (row->number)
		bh_case_number_format(row->number, number);
	json_t *head = json_pack("{s:s, s:s, s:s, s:o, s:o}", "key", slot->key, "district",
		district, "kind", bh_notice_kind_name(row->kind), "person",
		person ? span_json(person->code) : json_null(), "made_at",
		time_json(rules, row->made_ms));
	json_t *tail = case_json(rules, cased, order, row, number, now_ms);
	if (!head || !tail || json_object_update(head, tail) != 0) {
		json_decref(head);
		head = NULL;
	}
	json_decref(tail);
	return head;
}

int bh_notify_message(
	struct bh_store_reader *reader, const char *district, int64_t now_ms, struct bh_slot *slot)
{
	struct bh_case cased = {0};
	struct bh_order order;
	struct bh_rules *rules = NULL;
	bool ordered = bh_notice_is_order(slot->row.kind);
	int err = bh_reader_rules(reader, &rules);
	if (!err && slot->row.number)
		err = bh_reader_case(reader, slot->row.number, &cased);
	if (!err && ordered)
		err = bh_reader_order_at(reader, slot->row.position, &order);
	if (!err && ordered)
		cased.unit = order.unit; /* whom it is for, whoever has the case now */
	if (!err && !bh_rules_person(rules, slot->row.person))
		err = BH_ERR_NOT_FOUND;
	if (err)
		return err;
	bh_notice_key(&slot->row, district, slot->key);
	json_t *json = message_json(rules, &cased, ordered ? &order : NULL, slot, district, now_ms);
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	if (!text)
		return BH_ERR_NOMEM;
	slot->message.len = 0;
	err = bh_buf_append(&slot->message, text, strlen(text));
	if (!err)
		err = bh_buf_append(&slot->message, "\n", 1);
	free(text);
	return err;
}
