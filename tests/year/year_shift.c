/* The county's desk day and night (S0-31): who leads its shift hands over around its end, mostly,
 * and the next one takes over; what nobody hands over the clock says.  Who leads also issues an
 * order about no case now and then, and judges its answer.
 *
 *   07:00 ─── hand over ─── 08:00 ── take over ──      19:00 ─── hand over ─── 20:00 ── ... */
#include "server/domain/shift.h"

#include "server/store/order.h"
#include "tests/year/year.h"

#define FIRST_END_MS (8 * YEAR_HOUR)
#define SHIFT_MS (12 * YEAR_HOUR)
#define GIVEN_PPM 850000u
#define TAKEN_PPM 900000u
#define LATE_PPM 100000u
#define ORDERS_MAX 12u
#define ORDER_PPM 100000u
#define ACT_PPM 400000u

static struct year_order *leader_order(struct year *year, enum bh_verb verb, uint32_t person)
{
	struct year_order *order = year_order_new(year, BH_SOURCE_DESK, verb);
	if (order != NULL) {
		order->command.person = person;
		order->command.reason_code = 0;
	}
	return order;
}

void year_shifts_plan(struct year *year)
{
	for (int64_t end_ms = FIRST_END_MS; end_ms < YEAR_DAY; end_ms += SHIFT_MS) {
		int64_t late_ms = bh_simrng_chance(&year->acts, LATE_PPM) ? 3 * YEAR_HOUR : 0;
		int64_t at_ms = end_ms + late_ms -
				bh_simrng_between(&year->acts, YEAR_MINUTE, YEAR_HOUR);
		if (bh_simrng_chance(&year->acts, GIVEN_PPM))
			year_after(year, at_ms, YEAR_KIND_SHIFT, YEAR_SHIFT_GIVE);
		if (bh_simrng_chance(&year->acts, TAKEN_PPM))
			year_after(year,
				end_ms + late_ms +
					bh_simrng_between(&year->acts, YEAR_MINUTE, YEAR_HOUR),
				YEAR_KIND_SHIFT, YEAR_SHIFT_TAKE);
	}
}

/* Who leads at an instant, by the roster that is in force. */
static uint32_t leader_at(struct year *year, int64_t at_ms)
{
	struct bh_rules *rules = NULL;
	year_must(bh_reader_rules(year->reader, &rules) == 0, "rules");
	const struct bh_msg_profile *profile = bh_rules_profile(rules);
	for (size_t i = 0; i < profile->shifts_count; i++)
		if (bh_rules_shift_holds(rules, &profile->shifts[i], at_ms))
			return profile->shifts[i].person;
	year_must(false, "somebody leads every shift");
	return 0;
}

/* ---- Orders about no case ---- */

static void free_issue(struct year *year)
{
	uint32_t units[128], count = year_district_units(year->district, units, 128);
	struct year_order *order = leader_order(year, BH_VERB_ORDER, BH_DEMO_PERSON(SHIFT_LEADER));
	if (order == NULL)
		return;
	order->command.reason_code = BH_ORDER_HAND_OVER;
	order->command.unit = units[bh_simrng_below(&year->acts, count)];
}

static void free_act(struct year *year, const struct bh_order *order)
{
	bool open = bh_order_is_open(order);
	struct year_order *made = bh_order_is_end(order)
					  ? NULL
					  : leader_order(year,
						    open ? BH_VERB_ORDER_ANSWER
							 : BH_VERB_ORDER_REVIEW,
						    open ? BH_DEMO_LEAD(order->unit)
							 : BH_DEMO_PERSON(SHIFT_LEADER));
	if (made == NULL)
		return;
	made->command.order = order->ref;
	made->command.reason_code = open ? 0 : BH_ORDER_CLOSE;
}

static void free_orders(struct year *year)
{
	struct bh_order orders[ORDERS_MAX];
	size_t count = 0;
	if (bh_simrng_chance(&year->acts, ORDER_PPM))
		free_issue(year);
	year_must(bh_reader_orders(year->reader, 0, orders, ORDERS_MAX, &count) == 0, "orders");
	for (size_t i = 0; i < count; i++)
		if (orders[i].number == 0 && bh_simrng_chance(&year->acts, ACT_PPM))
			free_act(year, &orders[i]);
}

void year_shift_turn(struct year *year, enum year_shift turn)
{
	bool gives = turn == YEAR_SHIFT_GIVE;
	int64_t now_ms = bh_writer_time(year->writer, year_now(year), NULL);
	/* Given around the end of the shift, taken in the next one. */
	int64_t end_ms = (year->at_ms - FIRST_END_MS + 2 * YEAR_HOUR) / SHIFT_MS * SHIFT_MS +
			 FIRST_END_MS;
	int64_t at_ms = gives ? YEAR_START_MS + end_ms - YEAR_MINUTE : now_ms;
	struct year_order *order = leader_order(
		year, gives ? BH_VERB_HAND_OVER : BH_VERB_TAKE_OVER, leader_at(year, at_ms));
	if (order != NULL)
		order->command.unit = YEAR_ROSTER_DESK;
	if (gives)
		free_orders(year);
}
