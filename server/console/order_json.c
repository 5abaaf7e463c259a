/* Orders in codes and words. */
#include "server/console/order_json.h"

#include "proto/codec.h"
#include "proto/err.h"
#include "proto/number.h"

#define ORDERS_MAX 100u /* of one case, the first ones */

typedef bool (*order_right)(const struct bh_rules *rules, int64_t now_ms, uint32_t person,
	uint32_t post, const struct bh_order *order, const struct bh_case *cased);

static bool caller_may(const struct bh_exchange *x, const struct bh_order *order, order_right what)
{
	struct bh_case cased;
	if (x->person == 0)
		return true;
	if (order->number && bh_reader_case(x->district->reader, order->number, &cased) != BH_NOERR)
		return false;
	return what(x->rules, x->now_ms, x->person, x->post, order, order->number ? &cased : NULL);
}

bool bh_may_see_order(const struct bh_exchange *x, const struct bh_order *order)
{
	return caller_may(x, order, bh_order_sees);
}

bool bh_may_read_order(const struct bh_exchange *x, const struct bh_order *order)
{
	return caller_may(x, order, bh_order_reads);
}

struct bh_span bh_order_text(struct bh_exchange *x, uint64_t position)
{
	struct bh_msg_op_content content;
	struct bh_entry entry;
	int reason = 0;
	if (position == 0 ||
		bh_reader_entry(x->district->reader, position, &x->arena, &entry) != BH_NOERR ||
		entry.content.len == 0 ||
		bh_op_decode_content(entry.content, &x->arena, &content, &reason) != BH_NOERR ||
		!bh_utf8_valid(content.text))
		return bh_span(NULL, 0);
	return content.text;
}

static json_t *text_json(struct bh_exchange *x, uint64_t position)
{
	struct bh_span text = bh_order_text(x, position);
	return text.len ? bh_json_span(text) : json_null();
}

static json_t *times_json(const struct bh_exchange *x, const struct bh_order *order)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:i, s:b, s:b}", "made_at",
		bh_exchange_time(x, order->made_ms), "due", bh_exchange_time(x, order->due_ms),
		"answered_at", bh_exchange_time(x, order->answered_ms), "ended_at",
		bh_exchange_time(x, order->ended_ms), "told_up", (int)order->told, "sent_back",
		order->returned != 0, "late", order->late != 0);
}

static json_t *whom_json(const struct bh_exchange *x, const struct bh_order *order)
{
	const struct bh_msg_unit *unit = bh_rules_unit(x->rules, order->unit);
	return json_pack("{s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o}", "unit",
		bh_unit_code(x->rules, order->unit), "unit_name",
		unit ? bh_json_span(unit->name) : json_null(), "area",
		bh_area_code(x->rules, order->area), "source", order->by ? "desk" : "clock", "by",
		bh_person_code(x->rules, order->by), "answered_by",
		bh_person_code(x->rules, order->answered_by), "ended_by",
		bh_person_code(x->rules, order->ended_by), "threshold",
		order->threshold ? json_integer(order->threshold) : json_null());
}

static json_t *texts_json(struct bh_exchange *x, const struct bh_order *order)
{
	bool may = bh_may_read_order(x, order);
	bool reviewed = order->last != order->first && order->last != order->answer;
	return json_pack("{s:o, s:o, s:o}", "text", text_json(x, may ? order->first : 0), "answer",
		text_json(x, may ? order->answer : 0), "review",
		text_json(x, may && reviewed ? order->last : 0));
}

json_t *bh_order_json(struct bh_exchange *x, const struct bh_order *order, bool whole)
{
	char ref[BH_ORDER_TEXT_SIZE], ref_zh[BH_ORDER_TEXT_SIZE], number[BH_CASE_TEXT_SIZE];
	uint32_t kind = BH_ORDER_KIND(order->ref);
	bh_order_ref_format(order->ref, ref);
	bh_order_ref_format_zh(order->ref, ref_zh);
	if (order->number)
		bh_case_number_format(order->number, number);
	json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s?}", "order", ref, "order_zh",
		ref_zh, "kind", bh_order_kind_name(kind), "kind_zh", bh_order_kind_name_zh(kind),
		"state", bh_order_state_name(order->state), "state_zh",
		bh_order_state_name_zh(order->state), "number", order->number ? number : NULL);
	json_t *parts[] = {whom_json(x, order), times_json(x, order),
		whole ? texts_json(x, order) : json_object()};
	return bh_members_join(json, parts, sizeof(parts) / sizeof(parts[0]));
}

int bh_orders_json(struct bh_exchange *x, uint64_t number, json_t **out)
{
	struct bh_order *orders = bh_arena_array(&x->arena, ORDERS_MAX, sizeof(*orders));
	size_t count = 0;
	int err = orders ? bh_reader_orders_of(
				   x->district->reader, number, 0, orders, ORDERS_MAX, &count)
			 : BH_ERR_NOMEM;
	json_t *items = err ? NULL : json_array();
	for (size_t i = 0; i < count; i++)
		if (bh_may_see_order(x, &orders[i]))
			items = bh_items_add(items, bh_order_json(x, &orders[i], true));
	if (!err && !items)
		err = BH_ERR_NOMEM;
	*out = items;
	return err;
}
