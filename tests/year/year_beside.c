/* What stands beside a case, or in place of its straight way: what its worker puts right on the
 * spot, visits, orders to its unit, appeals against its lateness. */
#include "server/store/order.h"
#include "server/store/task.h"

#include "tests/year/year_fit.h"

#define ORDERS_MAX 16u
#define APPEAL_MS (6 * YEAR_DAY)

/* ---- Put right on the spot, and looked at ---- */

bool year_puts_right(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->asked == BH_ASK_NONE && cased->area >= YEAR_GRID(0) &&
	       cased->reporter >= YEAR_WORKER(0) &&
	       (cased->type == BH_DEMO_LITTER || cased->type == BH_DEMO_STALL);
}

bool year_no_visit(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->open_tasks == 0;
}

bool year_visit_open(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->open_tasks > cased->open_helps;
}

/* ---- Orders ---- */

/* The first of its orders in a state, two of which are open; false: none. */
static bool order_find(
	struct year *year, const struct bh_case *cased, bool open, struct bh_order *out)
{
	struct bh_order orders[ORDERS_MAX];
	size_t count = 0;
	if (bh_reader_orders_of(year->reader, cased->number, 0, orders, ORDERS_MAX, &count) != 0)
		return false;
	for (size_t i = 0; i < count; i++) {
		*out = orders[i];
		if (open ? bh_order_is_open(out) : out->state == BH_ORDER_ANSWERED)
			return true;
	}
	return false;
}

bool year_order_open(struct year *year, const struct bh_case *cased)
{
	struct bh_order order;
	return order_find(year, cased, true, &order);
}

bool year_order_answered(struct year *year, const struct bh_case *cased)
{
	struct bh_order order;
	return order_find(year, cased, false, &order);
}

bool year_no_order(struct year *year, const struct bh_case *cased)
{
	return !year_order_open(year, cased) && !year_order_answered(year, cased);
}

bool year_chaser_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	(void)year;
	(void)cased;
	draft->reason_code = BH_ORDER_CHASER;
	return true;
}

bool year_order_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	(void)cased;
	draft->reason_code = bh_simrng_chance(&year->acts, 500000) ? BH_ORDER_SUPERVISION
								   : BH_ORDER_HAND_OVER;
	return true;
}

/* By the lead of the unit that it is for, whoever has the case now. */
bool year_order_answer_fill(
	struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	struct bh_order order;
	if (!order_find(year, cased, true, &order))
		return false;
	draft->order = order.ref;
	draft->person = BH_DEMO_LEAD(order.unit);
	return true;
}

bool year_order_review_fill(
	struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	struct bh_order order;
	uint64_t draw = bh_simrng_below(&year->acts, 10);
	if (!order_find(year, cased, false, &order))
		return false;
	draft->order = order.ref;
	draft->reason_code = draw < 6   ? BH_ORDER_CLOSE
			     : draw < 9 ? BH_ORDER_SEND_BACK
					: BH_ORDER_WITHDRAW;
	return true;
}

/* ---- Appeals ---- */

/* ---- Given to another ---- */

/* The first open task of a worker; NULL: none. */
static const struct bh_task *workers_task(
	struct year *year, const struct bh_case *cased, struct bh_task tasks[BH_TASKS_OPEN_MAX])
{
	size_t count = 0;
	if (cased->open_tasks == 0 || bh_reader_tasks(year->reader, cased->number, true, tasks,
					      BH_TASKS_OPEN_MAX, &count) != 0)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (tasks[i].person >= YEAR_WORKER(0))
			return &tasks[i];
	return NULL;
}

bool year_worker_sent(struct year *year, const struct bh_case *cased)
{
	struct bh_task tasks[BH_TASKS_OPEN_MAX];
	return workers_task(year, cased, tasks) != NULL;
}

/* Another of the same township. */
bool year_reassign_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	struct bh_task tasks[BH_TASKS_OPEN_MAX];
	const struct bh_task *task = workers_task(year, cased, tasks);
	if (task == NULL)
		return false;
	uint32_t at = task->person - YEAR_WORKER(0), from = at - at % YEAR_GRIDS;
	draft->task = task->ordinal;
	draft->assignee = YEAR_WORKER(from + (at - from + 1) % YEAR_GRIDS);
	return true;
}

/* Its limit has passed, and with it the time to return it. */
bool year_no_return(struct year *year, const struct bh_case *cased)
{
	return cased->asked == BH_ASK_NONE && cased->disposal_due_ms != 0 &&
	       year_wall_ms(year) > cased->disposal_due_ms;
}

/* ---- What a lead signs off ---- */

bool year_may_hand_in(struct year *year, const struct bh_case *cased)
{
	return cased->handed_by == 0 && year_may_finish(year, cased);
}

bool year_handed(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->handed_by != 0;
}

bool year_redirect_asked(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->asked == BH_ASK_REDIRECT;
}

bool year_may_appeal(struct year *year, const struct bh_case *cased)
{
	return cased->late != 0 && cased->appeal == BH_APPEAL_NONE && cased->unit != 0 &&
	       year_wall_ms(year) - cased->closed_ms < APPEAL_MS;
}

bool year_appeal_first(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->appeal == BH_APPEAL_FIRST;
}

bool year_appeal_second(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->appeal == BH_APPEAL_SECOND;
}

bool year_appeal_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	(void)cased;
	draft->reason_code = bh_simrng_chance(&year->acts, 700000) ? BH_TASK_YES : BH_TASK_NO;
	return true;
}
