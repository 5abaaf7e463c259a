/* The census: which handset may hold work that is not here, how much, and since when.  Each stands
 * with its last word and how old that is; the longest since comes first.  What a filter leaves out
 * is looked at in bounded pages, and the answer says where to go on. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "server/console/exchange.h"
#include "server/store/census.h"

#define ROWS_USUAL 100u
#define PAGE_ROWS 200u
#define PAGES_MAX 20u

struct filter {
	uint32_t unit;
	uint32_t area;
	size_t limit;
};

/* ---- Parameters ---- */

static bool refuse(struct bh_exchange *x, const char *message)
{
	bh_answer_error(x, 400, "parameter", message, NULL);
	return false;
}

static bool filter_read(struct bh_exchange *x, struct filter *filter)
{
	const char *limit = bh_target_parameter(&x->target, "limit");
	const char *unit = bh_target_parameter(&x->target, "unit");
	const char *area = bh_target_parameter(&x->target, "area");
	const struct bh_msg_unit *units = NULL;
	const struct bh_msg_area *areas = NULL;
	char *end;
	filter->limit = ROWS_USUAL;
	if (limit)
		filter->limit = strtoul(limit, &end, 10);
	if (limit && (*limit < '0' || *limit > '9' || *end || filter->limit == 0 ||
			     filter->limit > BH_RESPONSE_ROWS_MAX))
		return refuse(x, "limit: it is not from 1 to 500");
	if (unit && !(units = bh_rules_unit_by_code(x->rules, bh_span(unit, strlen(unit)))))
		return refuse(x, "unit: there is no unit with this code");
	if (area && !(areas = bh_area_by_code(x->rules, area)))
		return refuse(x, "area: there is no area with this code");
	filter->unit = units ? units->id : 0;
	filter->area = areas ? areas->id : 0;
	return true;
}

/* holding=1, and after: "1790000000000:17", as `next` gave it. */
static bool query_read(struct bh_exchange *x, struct bh_census_query *query)
{
	const char *holding = bh_target_parameter(&x->target, "holding");
	const char *after = bh_target_parameter(&x->target, "after");
	int used = 0;
	*query = (struct bh_census_query){.after_since_ms = INT64_MIN};
	if (holding && strcmp(holding, "0") != 0 && strcmp(holding, "1") != 0)
		return refuse(x, "holding: it is 0 or 1");
	query->holding = holding && *holding == '1';
	if (!after)
		return true;
	if (sscanf(after, "%" SCNd64 ":%" SCNu32 "%n", &query->after_since_ms, &query->after_device,
		    &used) == 2 &&
		after[used] == '\0')
		return true;
	return refuse(x, "after: it is not what `next` of an earlier page said");
}

/* ---- Rows ---- */

static bool row_fits(
	const struct bh_exchange *x, const struct filter *filter, const struct bh_census_row *row)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	if (filter->unit == 0 && filter->area == 0)
		return true;
	size_t count = bh_rules_posts(x->rules, row->person, posts);
	for (size_t i = 0; i < count; i++)
		if ((filter->unit == 0 || posts[i]->unit == filter->unit) &&
			(filter->area == 0 || posts[i]->area == filter->area ||
				bh_rules_area_within(x->rules, posts[i]->area, filter->area)))
			return true;
	return false;
}

static json_t *known_json(bool known, uint64_t value)
{
	return known ? json_integer((json_int_t)value) : json_null();
}

static json_t *age_json(const struct bh_exchange *x, bool known, int64_t ms)
{
	int64_t age_ms = x->district->district_ms - ms;
	return known ? json_integer(age_ms > 0 ? age_ms / 1000 : 0) : json_null();
}

static json_t *row_json(const struct bh_exchange *x, const struct bh_census_row *row)
{
	const struct bh_msg_person *person = bh_rules_person(x->rules, row->person);
	const struct bh_contact *said = &row->contact;
	bool sized = row->said && (said->unsent_ops == 0 || said->unsent_bytes != 0);
	return json_pack("{s:I, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "device",
		(json_int_t)row->device, "person", bh_person_code(x->rules, row->person), "name",
		person ? bh_json_span(person->name) : json_null(), "state",
		bh_device_state_name(row->state), "unsent_ops",
		known_json(row->said, said->unsent_ops), "unsent_bytes",
		known_json(sized, said->unsent_bytes), "oldest_at",
		bh_exchange_time(x, said->unsent_ops ? said->oldest_ms : 0), "since",
		bh_exchange_time(x, row->since_ms), "since_s", age_json(x, true, row->since_ms),
		"said_at", bh_exchange_time(x, said->at_ms), "said_s",
		age_json(x, row->said, said->at_ms));
}

/* *more: the list goes on behind query's place. */
static int list_gather(struct bh_exchange *x, const struct filter *filter,
	struct bh_census_query *query, json_t *items, bool *more)
{
	struct bh_census_row *rows = bh_arena_array(&x->arena, PAGE_ROWS, sizeof(*rows));
	size_t count = PAGE_ROWS;
	if (!rows)
		return BH_ERR_NOMEM;
	for (unsigned page = 0; page < PAGES_MAX && count == PAGE_ROWS; page++) {
		int err = bh_reader_census(x->district->reader, query, rows, PAGE_ROWS, &count);
		for (size_t i = 0; !err && i < count; i++) {
			*more = json_array_size(items) == filter->limit;
			if (*more)
				return BH_NOERR;
			query->after_since_ms = rows[i].since_ms;
			query->after_device = rows[i].device;
			if (row_fits(x, filter, &rows[i]) &&
				json_array_append_new(items, row_json(x, &rows[i])) != 0)
				err = BH_ERR_NOMEM;
		}
		if (err)
			return err;
	}
	*more = count == PAGE_ROWS;
	return BH_NOERR;
}

static json_t *totals_json(const struct bh_exchange *x, const struct bh_census_totals *totals)
{
	return json_pack("{s:I, s:I, s:I, s:o}", "devices", (json_int_t)totals->devices,
		"unsent_ops", (json_int_t)totals->ops, "unsent_bytes", (json_int_t)totals->bytes,
		"since", bh_exchange_time(x, totals->oldest_ms));
}

void bh_route_census(struct bh_exchange *x)
{
	struct filter filter = {0};
	struct bh_census_query query;
	struct bh_census_totals totals;
	char next[48];
	bool more = false;
	if (!filter_read(x, &filter) || !query_read(x, &query))
		return;
	json_t *items = json_array();
	int err = items ? bh_reader_census_totals(x->district->reader, &totals) : BH_ERR_NOMEM;
	if (!err)
		err = list_gather(x, &filter, &query, items, &more);
	if (err) {
		json_decref(items);
		bh_answer_err(x, err);
		return;
	}
	(void)snprintf(
		next, sizeof(next), "%" PRId64 ":%u", query.after_since_ms, query.after_device);
	json_t *answer = bh_list_json(items, more ? next : NULL);
	bh_answer_json(x, 200, bh_member_set(answer, "totals", totals_json(x, &totals)));
}
