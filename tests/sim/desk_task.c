/* Tasks of the desks: somebody is sent to look before a case is filed or closed, another unit is
 * asked for help.  Handsets answer (phone_use.c), some too late, some never; towards the end of a
 * run only what nobody closes without begins any more, and who has no handset says at a terminal
 * what was seen, or that help was given. */
#include "server/domain/checking.h"
#include "server/store/task.h"
#include "tests/sim/desk_state.h"

static bool is_drawn(struct bh_simdesk *desk, uint32_t in_thousand)
{
	return bh_simrng_below(&desk->tasks, 1000) < in_thousand;
}

static bool send(struct bh_simdesk *desk, const struct bh_case *cased, enum bh_verb verb)
{
	bh_simdesk_order(desk, verb, BH_DEMO_PERSON(ACCEPTOR), cased->number, 0,
		is_drawn(desk, 850) ? cased->last : 0);
	return true;
}

static bool ask_help(struct bh_simdesk *desk, const struct bh_case *cased)
{
	static const uint32_t helpers[] = {BH_DEMO_CLEAN_A, BH_DEMO_GAS, BH_DEMO_WORKS};
	uint32_t unit = helpers[bh_simrng_below(&desk->tasks, 3)];

	bh_simdesk_order(desk, BH_VERB_ASK_HELP, BH_DEMO_LEAD(cased->unit), cased->number, unit,
		is_drawn(desk, 850) ? cased->last : 0);
	return true;
}

/* The case's first open task of this kind is answered, by whom it was given to. */
static bool answer(struct bh_simdesk *desk, const struct bh_case *cased, enum bh_task_kind kind,
	enum bh_verb verb)
{
	struct bh_store_reader *reader = bh_simserver_reader(desk->run->server);
	struct bh_task tasks[BH_TASKS_OPEN_MAX];
	size_t count = 0;

	if (reader == NULL ||
		bh_reader_tasks(reader, cased->number, true, tasks, BH_TASKS_OPEN_MAX, &count) != 0)
		return false;
	for (size_t i = 0; i < count; i++) {
		uint32_t person = tasks[i].person;
		if (tasks[i].kind != kind)
			continue;
		bh_simdesk_order_task(desk, verb,
			person != 0 ? person : BH_DEMO_LEAD(tasks[i].unit), cased->number,
			tasks[i].ordinal);
		return true;
	}
	return false;
}

/* The leader gives a worker's task to another; whoever had it may be on the way, without a network.
 */
static bool reassign(struct bh_simdesk *desk, const struct bh_case *cased)
{
	static const uint32_t grids[] = {1111, 1112, 1121, 1122, 1211, 1212, 1221, 1222};
	struct bh_store_reader *reader = bh_simserver_reader(desk->run->server);
	uint32_t worker = BH_DEMO_WORKER(grids[bh_simrng_below(&desk->tasks, 8)]);
	struct bh_task tasks[BH_TASKS_OPEN_MAX];
	size_t count = 0;

	if (reader == NULL ||
		bh_reader_tasks(reader, cased->number, true, tasks, BH_TASKS_OPEN_MAX, &count) != 0)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (tasks[i].person == 0 || tasks[i].person == worker)
			continue;
		bh_simdesk_order_reassign(
			desk, BH_DEMO_PERSON(GRID_LEADER), cased->number, tasks[i].ordinal, worker);
		return true;
	}
	return false;
}

/* Nobody closes it before, so that also towards the end of a run somebody is sent. */
static bool check_is_needed(struct bh_simdesk *desk, const struct bh_case *cased)
{
	struct bh_store_reader *reader = bh_simserver_reader(desk->run->server);
	struct bh_rules *rules = NULL;

	if (reader == NULL || bh_reader_rules(reader, &rules) != 0)
		return false;
	return !bh_case_check_stands(rules, cased);
}

/* On a day of the next days. */
static bool visit(struct bh_simdesk *desk, const struct bh_case *cased)
{
	int64_t now_ms = bh_simserver_district_ms(desk->run->server);
	int64_t until_ms = now_ms +
			   BH_SIM_DAY / 4 * (1 + (int64_t)bh_simrng_below(&desk->tasks, 20));

	bh_simdesk_order_until(desk, BH_VERB_ASK_VISIT, BH_DEMO_PERSON(ACCEPTOR), cased->number,
		until_ms, is_drawn(desk, 850) ? cased->last : 0);
	return true;
}

bool bh_simdesk_task(struct bh_simdesk *desk, const struct bh_case *cased)
{
	bool begins = !desk->diligent && cased->open_tasks == 0;

	if (!desk->diligent && cased->open_tasks > 0 && is_drawn(desk, 60) && reassign(desk, cased))
		return true;
	switch ((enum bh_state)cased->state) {
	case BH_STATE_RECEIVED:
		return begins && is_drawn(desk, 80) && send(desk, cased, BH_VERB_VERIFY);
	case BH_STATE_HANDLING:
		if (cased->open_helps > 0)
			return is_drawn(desk, desk->diligent ? 950 : 100) &&
			       answer(desk, cased, BH_TASK_HELP, BH_VERB_HELP_DONE);
		if (begins && is_drawn(desk, 60))
			return visit(desk, cased);
		return begins && is_drawn(desk, 120) && ask_help(desk, cased);
	case BH_STATE_DONE:
		if (check_is_needed(desk, cased))
			return is_drawn(desk, 900) && send(desk, cased, BH_VERB_CHECK);
		return begins && cased->checked == BH_CHECKED_NOT && is_drawn(desk, 200) &&
		       send(desk, cased, BH_VERB_CHECK);
	case BH_STATE_CHECKING:
		if (cased->checked != BH_CHECKED_FAILED)
			return desk->diligent && is_drawn(desk, 600) &&
			       answer(desk, cased, BH_TASK_CHECK, BH_VERB_PASS);
		return is_drawn(desk, 600) && send(desk, cased, BH_VERB_FAIL);
	case BH_STATE_CLOSED:
	case BH_STATE_ARCHIVED:
		return begins && is_drawn(desk, 60) && visit(desk, cased);
	default:
		return false;
	}
}
