/* Tasks that are open, in the order in which they were made: of a person, of a unit, or all, as the
 * case of each shows them to whoever asks (task_json.c); rows that he may not see are passed over,
 * within a bound. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/console/case_json.h"
#include "server/store/task.h"

#define ROWS_MAX 200u
#define PAGE_ROWS 100u
#define PAGES_MAX 50u

struct wanted {
	uint32_t person; /* 0: anybody */
	uint32_t unit;
	uint64_t after; /* the place from where it goes on */
};

static struct bh_span parameter(struct bh_exchange *x, const char *name)
{
	const char *text = bh_target_parameter(&x->target, name);
	return bh_span(text ? text : "", text ? strlen(text) : 0);
}

static bool wanted_read(struct bh_exchange *x, struct wanted *out)
{
	struct bh_span person = parameter(x, "person"), unit = parameter(x, "unit"),
		       after = parameter(x, "after");
	const struct bh_msg_person *who = bh_rules_person_by_code(x->rules, person);
	const struct bh_msg_unit *which = bh_rules_unit_by_code(x->rules, unit);
	char *end = NULL;
	if ((person.len && !who) || (unit.len && !which)) {
		bh_answer_error(x, 400, "parameter",
			person.len && !who ? "person: there is no person with this code"
					   : "unit: there is no unit with this code",
			NULL);
		return false;
	}
	out->after = after.len ? strtoull((const char *)after.data, &end, 10) : 0;
	if (after.len && (after.data[0] < '0' || after.data[0] > '9' || *end)) {
		bh_answer_error(x, 400, "parameter", "after: it is no place of such a list", NULL);
		return false;
	}
	out->person = person.len ? who->id : 0;
	out->unit = unit.len ? which->id : 0;
	return true;
}

/* NULL and *shown false: it is not for whoever asks. */
static json_t *row_json(
	struct bh_exchange *x, const struct bh_task *task, const struct bh_case *cased, bool *shown)
{
	char number[BH_CASE_TEXT_SIZE];
	json_t *json = bh_task_json_seen(x, task, bh_case_views(x, cased), shown);
	if (!*shown)
		return NULL;
	bh_case_number_format(task->number, number);
	json = bh_member_set(json, "number", json_string(number));
	json = bh_member_set(
		json, "case_state", json_string(bh_state_name((enum bh_state)cased->state)));
	return bh_member_set(json, "left_s", json_integer((task->due_ms - x->now_ms) / 1000));
}

static int row_add(struct bh_exchange *x, const struct bh_task *task, json_t *items)
{
	struct bh_case cased;
	bool shown = false;
	int err = bh_reader_case(x->district->reader, task->number, &cased);
	json_t *row = err ? NULL : row_json(x, task, &cased, &shown);
	return !err && shown && json_array_append_new(items, row) != 0 ? BH_ERR_NOMEM : err;
}

static bool fits(const struct wanted *wanted, const struct bh_task *task)
{
	return (wanted->person == 0 || task->person == wanted->person) &&
	       (wanted->unit == 0 || task->unit == wanted->unit);
}

/* *after: 0, or where the list goes on. */
static int gather(
	struct bh_exchange *x, const struct wanted *wanted, json_t *items, uint64_t *after)
{
	struct bh_task *tasks = bh_arena_array(&x->arena, PAGE_ROWS, sizeof(*tasks));
	size_t count = PAGE_ROWS;
	if (!tasks)
		return BH_ERR_NOMEM;
	*after = wanted->after;
	for (unsigned page = 0; page < PAGES_MAX && count == PAGE_ROWS; page++) {
		int err = bh_reader_tasks_open(
			x->district->reader, *after, tasks, PAGE_ROWS, &count);
		for (size_t i = 0; !err && i < count; i++) {
			if (json_array_size(items) == ROWS_MAX)
				return BH_NOERR;
			*after = tasks[i].first;
			if (fits(wanted, &tasks[i]))
				err = row_add(x, &tasks[i], items);
		}
		if (err)
			return err;
	}
	if (count < PAGE_ROWS)
		*after = 0;
	return BH_NOERR;
}

void bh_route_tasks(struct bh_exchange *x)
{
	struct wanted wanted;
	uint64_t after = 0;
	char next[32];
	if (!wanted_read(x, &wanted))
		return;
	json_t *items = json_array();
	int err = items ? gather(x, &wanted, items, &after) : BH_ERR_NOMEM;
	if (err) {
		json_decref(items);
		bh_answer_err(x, err);
		return;
	}
	(void)snprintf(next, sizeof(next), "%" PRIu64, after);
	bh_answer_json(x, 200, bh_list_json(items, after ? next : NULL));
}
