/* Lists of cases and one case.  A person is given only what their posts reach; rows they may not
 * see are passed over page by page, within a bound, and the answer says where to go on. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/console/case_json.h"
#include "server/console/dispute.h"
#include "server/console/filing.h"
#include "server/console/milestone.h"
#include "server/console/order_json.h"
#include "server/domain/privacy.h"
#include "server/domain/rating.h"
#include "server/domain/rights.h"
#include "server/domain/similar.h"
#include "server/store/similar.h"

#define ROWS_USUAL 100u
#define PAGE_ROWS 200u
#define PAGES_MAX 50u
#define HISTORY_MAX 2000u
#define SIMILAR_MAX 20u

static void bad_parameter(struct bh_exchange *x, const char *name, const char *what)
{
	char message[160];
	(void)snprintf(message, sizeof(message), "%s: %s", name, what);
	bh_answer_error(x, 400, "parameter", message, NULL);
}

/* ---- Parameters ---- */

static bool limit_parameter(struct bh_exchange *x, size_t *limit)
{
	const char *text = bh_target_parameter(&x->target, "limit");
	char *end;
	*limit = ROWS_USUAL;
	if (!text)
		return true;
	unsigned long value = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || value == 0 || value > BH_RESPONSE_ROWS_MAX) {
		bad_parameter(x, "limit", "it is not from 1 to 500");
		return false;
	}
	*limit = value;
	return true;
}

static bool state_parameter(struct bh_exchange *x, struct bh_case_query *query)
{
	const char *text = bh_target_parameter(&x->target, "state");
	while (text && *text) {
		char name[24];
		enum bh_state state;
		size_t len = strcspn(text, ",");
		(void)snprintf(name, sizeof(name), "%.*s", (int)(len < 24 ? len : 23), text);
		if (bh_state_parse(name, &state) != 0 || state == BH_STATE_OUTBOX) {
			bad_parameter(x, "state",
				"there is no such state; received, filed, dispatched ...");
			return false;
		}
		query->states |= 1u << state;
		text += len + (text[len] == ',');
	}
	return true;
}

static bool code_parameters(struct bh_exchange *x, struct bh_case_query *query)
{
	const char *unit = bh_target_parameter(&x->target, "unit");
	const char *area = bh_target_parameter(&x->target, "area");
	if (unit) {
		const struct bh_msg_unit *found = bh_rules_unit_by_code(
			x->rules, bh_span(unit, strlen(unit)));
		if (!found) {
			bad_parameter(x, "unit", "there is no unit with this code");
			return false;
		}
		query->unit = found->id;
	}
	if (area) {
		const struct bh_msg_area *found = bh_area_by_code(x->rules, area);
		if (!found) {
			bad_parameter(x, "area", "there is no area with this code");
			return false;
		}
		query->area = found->id;
	}
	return true;
}

/* What `next` gave: "4711", for the queue "1790000000000:4711".  A place in the journal, not a
 * number: where a hidden case stands and where none does the list goes on alike. */
static bool after_parameter(struct bh_exchange *x, struct bh_case_query *query)
{
	const char *text = bh_target_parameter(&x->target, "after");
	char *end;
	if (!text)
		return true;
	if (query->queue) {
		query->after_due_ms = strtoll(text, &end, 10);
		text = *end == ':' ? end + 1 : "";
	}
	query->after_first = strtoull(text, &end, 10);
	if (text[0] >= '1' && text[0] <= '9' && *end == '\0' && query->after_first <= INT64_MAX)
		return true;
	bad_parameter(x, "after", "it is not what `next` of an earlier page said");
	return false;
}

/* ---- Lists ---- */

static void go_on_after(struct bh_case_query *query, const struct bh_case *cased)
{
	query->after_first = cased->first;
	query->after_due_ms = cased->dispatch_due_ms;
}

static void next_format(const struct bh_case_query *query, char *next, size_t size)
{
	if (query->queue)
		(void)snprintf(next, size, "%" PRId64 ":%" PRIu64, query->after_due_ms,
			query->after_first);
	else
		(void)snprintf(next, size, "%" PRIu64, query->after_first);
}

/* *more: the list goes on behind query's place. */
static int list_gather(
	struct bh_exchange *x, struct bh_case_query *query, size_t limit, json_t *items, bool *more)
{
	struct bh_case *cases = bh_arena_array(&x->arena, PAGE_ROWS, sizeof(*cases));
	if (!cases)
		return BH_ERR_NOMEM;
	for (unsigned page = 0; page < PAGES_MAX; page++) {
		struct bh_case_query looked = *query;
		size_t count = 0;
		bool goes_on = false;
		int err = bh_reader_cases_page(
			x->district->reader, &looked, cases, PAGE_ROWS, &count, &goes_on);
		if (err)
			return err;
		for (size_t i = 0; i < count; i++) {
			if (json_array_size(items) == limit) {
				*more = true;
				return BH_NOERR;
			}
			go_on_after(query, &cases[i]);
			unsigned views = bh_case_views(x, &cases[i]);
			if (views != 0 && json_array_append_new(items,
						  bh_case_json_seen(x, &cases[i], views)) != 0)
				return BH_ERR_NOMEM;
		}
		if (!goes_on)
			return BH_NOERR;
		*query = looked;
		if (count < PAGE_ROWS)
			break; /* enough was looked at for one answer */
	}
	*more = true;
	return BH_NOERR;
}

static void list_answer(struct bh_exchange *x, struct bh_case_query *query)
{
	char next[64];
	bool more = false;
	size_t limit;
	if (!limit_parameter(x, &limit) || !state_parameter(x, query) ||
		!code_parameters(x, query) || !bh_case_origin_asked(x, query) ||
		!after_parameter(x, query))
		return;
	json_t *items = json_array();
	int err = list_gather(x, query, limit, items, &more);
	if (err) {
		json_decref(items);
		bh_answer_err(x, err);
		return;
	}
	next_format(query, next, sizeof(next));
	bh_answer_json(x, 200, bh_list_json(items, more ? next : NULL));
}

void bh_route_queue(struct bh_exchange *x)
{
	struct bh_case_query query = {.queue = true};
	list_answer(x, &query);
}

void bh_route_cases(struct bh_exchange *x)
{
	struct bh_case_query query = {.queue = false};
	list_answer(x, &query);
}

/* ---- One case ---- */

/* What hangs on a case, in the order in which it is said. */
enum {
	PART_TEXT,
	PART_RECEIPT,
	PART_MERGED,
	PART_PHOTOS,
	PART_TASKS,
	PART_MEDIATIONS,
	PART_STEPS,
	PART_ORDERS,
	PART_HISTORY,
	PARTS
};

/* The report's own; an erasure that a restored server did again may stand before it. */
static struct bh_span report_text(
	struct bh_exchange *x, const struct bh_entry *entries, size_t count)
{
	size_t i = 0;
	while (i < count && bh_verb_is_privacy(entries[i].verb))
		i++;
	return i < count ? bh_entry_text(x, &entries[i]) : bh_span(NULL, 0);
}

static int history_json(struct bh_exchange *x, uint64_t number, unsigned views, json_t *out[PARTS])
{
	struct bh_entry *entries = bh_arena_array(&x->arena, HISTORY_MAX, sizeof(*entries));
	size_t count = 0;
	if (!entries)
		return BH_ERR_NOMEM;
	int err = bh_reader_history(
		x->district->reader, number, &x->arena, entries, HISTORY_MAX, &count);
	if (err)
		return err;
	json_t *history = json_array();
	for (size_t i = 0; i < count; i++) {
		bool shown;
		json_t *entry = bh_entry_json_seen(x, &entries[i], views, &shown);
		if (shown)
			history = bh_items_add(history, entry);
	}
	struct bh_span report = report_text(x, entries, count);
	out[PART_HISTORY] = history;
	out[PART_RECEIPT] = bh_ending_receipt_json(history);
	out[PART_TEXT] = report.len && bh_views_show_text(views) ? bh_json_span(report)
								 : json_null();
	return BH_NOERR;
}

/* The case that a path names, where whoever asks may see it; else the answer is made. */
bool bh_case_asked(struct bh_exchange *x, struct bh_case *out)
{
	uint64_t number;
	bool known = bh_case_number_parse(x->captures[1], &number) == BH_NOERR;
	int err = known ? bh_reader_case(x->district->reader, number, out) : BH_ERR_NOT_FOUND;
	if (err != BH_NOERR && err != BH_ERR_NOT_FOUND) {
		bh_answer_err(x, err);
		return false;
	}
	if (err != BH_NOERR || !bh_may_see_case(x, out)) {
		bh_answer_no_case(x, x->captures[1]);
		return false;
	}
	return true;
}

/* The numbers of what is merged into it. */
static json_t *merged_json(struct bh_exchange *x, uint64_t number)
{
	uint64_t numbers[BH_MERGED_MAX];
	char text[BH_CASE_TEXT_SIZE];
	size_t count = 0;
	int err = bh_reader_merged(x->district->reader, number, numbers, &count);
	json_t *json = err ? NULL : json_array();
	for (size_t i = 0; i < count && json; i++) {
		bh_case_number_format(numbers[i], text);
		if (json_array_append_new(json, json_string(text)) != 0) {
			json_decref(json);
			json = NULL;
		}
	}
	return json;
}

/* As far as these views show it; a part that is not for them is empty. */
static int parts_gather(
	struct bh_exchange *x, const struct bh_case *cased, unsigned views, json_t *out[PARTS])
{
	bool whole = bh_views_are_whole(views), course = bh_views_show_course(views);
	uint64_t number = cased->number;
	out[PART_MERGED] = whole ? merged_json(x, number) : json_array();
	int err = bh_views_show_report(views) ? bh_photos_json(x, number, &out[PART_PHOTOS])
					      : BH_NOERR;
	if (!err)
		err = bh_tasks_json(x, number, views, &out[PART_TASKS]);
	if (!err && course)
		err = bh_mediations_json(
			x, number, bh_views_show_words(views), &out[PART_MEDIATIONS]);
	if (!err && (course || bh_views_show_report(views)))
		err = bh_milestone_steps_json(x, cased, views, &out[PART_STEPS]);
	if (!err)
		err = bh_orders_json(x, number, &out[PART_ORDERS]);
	if (!err)
		err = history_json(x, number, views, out);
	for (size_t i = 0; !err && i < PARTS; i++)
		if (!out[i] && (i == PART_PHOTOS || i == PART_MEDIATIONS || i == PART_STEPS))
			out[i] = json_array();
	return err;
}

/* Gives the case that was shown, 0: none. */
static uint64_t case_answer(struct bh_exchange *x)
{
	static const char *const names[PARTS] = {"text", "receipt", "merged", "photos", "tasks",
		"mediations", "steps", "orders", "history"};
	json_t *parts[PARTS] = {NULL};
	struct bh_case cased;
	if (!bh_case_asked(x, &cased))
		return 0;
	unsigned views = bh_case_views(x, &cased);
	int err = parts_gather(x, &cased, views, parts);
	json_t *json = err ? NULL : bh_case_json_seen(x, &cased, views);
	for (size_t i = 0; i < PARTS; i++) {
		if (err)
			json_decref(parts[i]);
		else
			json = bh_member_set(json, names[i], parts[i]);
	}
	if (err)
		bh_answer_err(x, err);
	else
		bh_answer_json(x, 200, json);
	return err ? 0 : cased.number;
}

/* The row, what happened and what hangs on it are of one instant. */
void bh_route_case(struct bh_exchange *x)
{
	int err = bh_reader_hold(x->district->reader);
	if (err) {
		bh_answer_err(x, err);
		return;
	}
	uint64_t shown = case_answer(x);
	bh_reader_release(x->district->reader);
	if (shown)
		bh_notice_opened(x, shown);
}

/* ---- What may be of the same thing ---- */

static json_t *similar_json(struct bh_exchange *x, const struct bh_similar *one)
{
	struct bh_entry entry;
	struct bh_span text = bh_span(NULL, 0);
	if (bh_reader_entry(x->district->reader, one->other.first, &x->arena, &entry) == BH_NOERR)
		text = bh_entry_text(x, &entry);
	unsigned views = bh_case_views(x, &one->other);
	/* What is sealed is no excerpt beside another case. */
	bool read = text.len && bh_views_show_words(views) &&
		    !bh_rules_is_sealed(x->rules, one->other.type);
	json_t *json = bh_member_set(bh_case_json_seen(x, &one->other, views), "text",
		read ? bh_json_span(text) : json_null());
	return bh_member_set(json, "distance_m", json_integer(one->distance_m));
}

void bh_route_similar(struct bh_exchange *x)
{
	struct bh_case cased;
	size_t count = 0;
	bool cut = false;
	if (!bh_case_asked(x, &cased))
		return;
	struct bh_similar *found = bh_arena_array(&x->arena, SIMILAR_MAX, sizeof(*found));
	int err = found ? bh_reader_similar(x->district->reader, &cased, x->district->district_ms,
				  found, SIMILAR_MAX, &count, &cut)
			: BH_ERR_NOMEM;
	if (err) {
		bh_answer_err(x, err);
		return;
	}
	struct bh_similar_bound bound = bh_rules_similar(x->rules, cased.type);
	json_t *items = json_array();
	for (size_t i = 0; i < count; i++)
		if (bh_may_see_case(x, &found[i].other))
			items = bh_items_add(items, similar_json(x, &found[i]));
	json_t *json = bh_list_json(items, NULL);
	json = bh_member_set(json, "radius_m", json_integer(bound.radius_m));
	json = bh_member_set(json, "window_h", json_integer(bound.window_ms / 3600000));
	bh_answer_json(x, 200, bh_member_set(json, "cut", json_boolean(cut)));
}
