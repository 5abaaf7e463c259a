/* Orders to units, in writing: now and then one is issued, answered or not, judged, sent back or
 * withdrawn.  What the clock raises and what nobody answers is left to it. */
#include "server/store/order.h"
#include "server/store/store.h"
#include "tests/sim/desk_state.h"

#define LETTERS_MAX 12u
#define S(name) (1u << BH_STATE_##name)

static bool is_drawn(struct bh_simdesk *desk, uint32_t in_thousand)
{
	return bh_simrng_below(&desk->letters, 1000) < in_thousand;
}

static uint32_t issuer(uint32_t kind)
{
	return kind == BH_ORDER_CHASER ? BH_DEMO_PERSON(DISPATCHER) : BH_DEMO_PERSON(SUPERVISOR);
}

static void issue(struct bh_simdesk *desk, struct bh_store_reader *reader)
{
	struct bh_case_query query = {
		.states = S(DISPATCHED) | S(HANDLING), .after_number = desk->seen_number};
	struct bh_case cased;
	uint32_t kind = (uint32_t)bh_simrng_between(
		&desk->letters, BH_ORDER_CHASER, BH_ORDER_HAND_OVER);
	size_t count = 0;

	if (bh_reader_cases(reader, &query, &cased, 1, &count) == 0 && count == 1)
		bh_simdesk_order_letter(desk, BH_VERB_ORDER, issuer(kind), cased.number, kind, 0);
}

static void act(struct bh_simdesk *desk, const struct bh_order *order)
{
	uint32_t above = issuer(BH_ORDER_KIND(order->ref));
	uint32_t draw = (uint32_t)bh_simrng_below(&desk->letters, 100);
	enum bh_order_act what = draw < 60   ? BH_ORDER_CLOSE
				 : draw < 85 ? BH_ORDER_SEND_BACK
					     : BH_ORDER_WITHDRAW;

	if (bh_order_is_open(order))
		bh_simdesk_order_letter(desk, BH_VERB_ORDER_ANSWER, BH_DEMO_LEAD(order->unit),
			order->number, 0, order->ref);
	else if (order->state == BH_ORDER_ANSWERED)
		bh_simdesk_order_letter(
			desk, BH_VERB_ORDER_REVIEW, above, order->number, what, order->ref);
}

void bh_simdesk_letters(struct bh_simdesk *desk)
{
	struct bh_store_reader *reader = bh_simserver_reader(desk->run->server);
	struct bh_order orders[LETTERS_MAX];
	size_t count = 0;

	if (reader == NULL || desk->diligent)
		return;
	if (is_drawn(desk, 30))
		issue(desk, reader);
	if (!is_drawn(desk, 60) || bh_reader_orders(reader, 0, orders, LETTERS_MAX, &count) != 0)
		return;
	for (size_t i = 0; i < count; i++)
		if (is_drawn(desk, 250))
			act(desk, &orders[i]);
}
