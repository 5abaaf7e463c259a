/* Service entries, counted and listed.
 *
 *   the days, the area, the kind ─▶ a walk along the days ─▶ what the caller may see ─▶ rows
 *
 * No row names a worker.  Who neither works there nor sits at a desk of there is told counts alone,
 * and none of a few (requirements.md, small-count rule). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "server/console/field_filter.h"
#include "server/domain/small_count.h"

#define ROWS_USUAL 100u
#define PAGE_ROWS 200u
#define PAGES_MAX 20u
#define GROUPS_MAX BH_RESPONSE_ROWS_MAX
#define PARTS_MAX 4096u

/* ---- Parameters ---- */

static bool kind_read(struct bh_exchange *x, struct bh_field_filter *filter)
{
	const char *kind = bh_target_parameter(&x->target, "kind");
	if (kind && bh_service_parse(kind, &filter->kind) != BH_NOERR)
		return bh_field_refuse(x, "kind: there is no such kind of service entry",
			"consultation, proxy, publicity, hazard_check or place_fact");
	return true;
}

static bool page_read(struct bh_exchange *x, struct bh_field_filter *filter)
{
	const char *limit = bh_target_parameter(&x->target, "limit");
	const char *after = bh_target_parameter(&x->target, "after");
	struct bh_service_row *at = &filter->after;
	int used = 0;
	char *end;
	filter->limit = limit ? strtoul(limit, &end, 10) : ROWS_USUAL;
	if (limit && (*limit < '0' || *limit > '9' || *end || filter->limit == 0 ||
			     filter->limit > BH_RESPONSE_ROWS_MAX))
		return bh_field_refuse(x, "limit: it is not from 1 to 500", NULL);
	*at = (struct bh_service_row){.day = filter->from_day};
	if (!after)
		return true;
	if (sscanf(after, "%" SCNu32 ":%" SCNu32 ":%" SCNu32 ":%" SCNu64 "%n", &at->day, &at->grid,
		    &at->kind, &at->position, &used) == 4 &&
		after[used] == '\0' && at->position <= INT64_MAX)
		return true;
	return bh_field_refuse(x, "after: it is not what `next` of an earlier page said", NULL);
}

/* ---- Counts ---- */

enum by { BY_KIND, BY_DAY, BY_GRID };

struct group {
	uint32_t key;
	uint64_t counts[BH_SERVICE_COUNT]; /* 0: of kinds that are not known here */
	bool partly;     /* some of it lies where the caller is told no small count */
	uint32_t hidden; /* bits 1u << kind: a part of that has a few */
};

/* A month of a grid: the least of which a small count is told to anybody, and so what all others
 * are sums of. */
struct part {
	uint32_t grid;
	uint64_t counts[BH_SERVICE_COUNT];
	struct group *group;
};

struct counting {
	const struct bh_exchange *x;
	const struct bh_field_filter *filter;
	enum by by;
	struct group *groups;
	size_t count;
	bool months;        /* whole ones that ended, and nothing else */
	struct part *parts; /* of the month that is being counted */
	size_t parts_count;
};

static struct group *group_of(struct counting *counting, uint32_t key)
{
	/* days come in order: the last one is looked at first */
	for (size_t i = counting->count; i > 0; i--)
		if (counting->groups[i - 1].key == key)
			return &counting->groups[i - 1];
	if (counting->count == GROUPS_MAX)
		return NULL;
	counting->groups[counting->count] = (struct group){.key = key};
	return &counting->groups[counting->count++];
}

static struct part *part_of(struct counting *counting, uint32_t grid)
{
	/* in order of grids, day by day */
	for (size_t i = counting->parts_count; i > 0; i--)
		if (counting->parts[i - 1].grid == grid)
			return &counting->parts[i - 1];
	if (counting->parts_count == PARTS_MAX)
		return NULL;
	counting->parts[counting->parts_count] = (struct part){.grid = grid};
	return &counting->parts[counting->parts_count++];
}

static int count_add(void *context, const struct bh_service_count *row)
{
	struct counting *counting = context;
	const struct bh_field_filter *filter = counting->filter;
	uint32_t key = counting->by == BY_DAY ? row->day : counting->by == BY_GRID ? row->grid : 0;
	if ((filter->kind != 0 && row->kind != filter->kind) ||
		!bh_field_grid_fits(counting->x, filter, row->grid))
		return BH_NOERR;
	struct group *group = group_of(counting, key);
	if (!group)
		return BH_ERR_LIMIT;
	unsigned kind = row->kind < BH_SERVICE_COUNT ? row->kind : 0;
	group->counts[kind] += row->count;
	if (bh_field_grid_whole(counting->x, row->grid))
		return BH_NOERR;
	group->partly = true;
	if (!counting->months || counting->by == BY_DAY)
		group->hidden = UINT32_MAX;
	struct part *part = part_of(counting, row->grid);
	if (!part)
		return BH_ERR_LIMIT;
	part->group = group;
	part->counts[kind] += row->count;
	return BH_NOERR;
}

/* What came when the month was closed already is no part of what is told without small counts: two
 * readings would differ by it. */
static int late_drop(void *context, const struct bh_service_count *row)
{
	struct counting *counting = context;
	const struct bh_field_filter *filter = counting->filter;
	unsigned kind = row->kind < BH_SERVICE_COUNT ? row->kind : 0;
	if ((filter->kind != 0 && row->kind != filter->kind) ||
		!bh_field_grid_fits(counting->x, filter, row->grid) ||
		bh_field_grid_whole(counting->x, row->grid))
		return BH_NOERR;
	struct part *part = part_of(counting, row->grid);
	if (!part)
		return BH_ERR_LIMIT;
	bh_assert(part->group); /* of one instant with what was counted */
	part->counts[kind] -= row->count;
	part->group->counts[kind] -= row->count;
	return BH_NOERR;
}

static int month_close(struct counting *counting, uint32_t day, uint32_t last)
{
	struct bh_store_reader *reader = counting->x->district->reader;
	uint64_t position = 0;
	int err = bh_reader_position_before(
		reader, bh_field_month_closes_ms(counting->x, last), &position);
	return err ? err : bh_reader_service_late(reader, day, last, position, late_drop, counting);
}

static void month_end(struct counting *counting)
{
	for (size_t i = 0; i < counting->parts_count; i++)
		for (unsigned kind = 0; kind < BH_SERVICE_COUNT; kind++) {
			const struct part *part = &counting->parts[i];
			if (part->counts[kind] != 0 && !bh_cell_is_shown(part->counts[kind], false))
				part->group->hidden |= 1u << kind;
		}
	counting->parts_count = 0;
}

/* Month by month, or all at once for who is told each of all of it. */
static int months_count(struct counting *counting)
{
	const struct bh_field_filter *filter = counting->filter;
	const struct bh_exchange *x = counting->x;
	bool by_day = counting->by == BY_DAY;
	int err = BH_NOERR;
	for (uint32_t day = filter->from_day; !err && day <= filter->to_day;) {
		uint32_t last = x->person == 0 ? filter->to_day : bh_field_month_last(day);
		last = last < filter->to_day ? last : filter->to_day;
		err = bh_reader_service_counts(
			x->district->reader, day, last, by_day, count_add, counting);
		if (!err && counting->months && counting->parts_count > 0)
			err = month_close(counting, day, last);
		month_end(counting);
		day = last + 1;
	}
	return err;
}

/* What is counted and what came late are of one instant: a handset's entry may be taken meanwhile.
 */
static int all_count(struct counting *counting)
{
	struct bh_store_reader *reader = counting->x->district->reader;
	int err = bh_reader_hold(reader);
	if (err)
		return err;
	err = months_count(counting);
	bh_reader_release(reader);
	return err;
}

static json_t *cell_json(uint64_t count, bool shown)
{
	return shown ? json_integer((json_int_t)count) : json_null();
}

static json_t *kind_json(const struct group *group, unsigned kind)
{
	uint64_t count = group->counts[kind];
	return cell_json(count,
		(group->hidden & 1u << kind) == 0 && bh_cell_is_shown(count, !group->partly));
}

static json_t *group_json(const struct counting *counting, const struct group *group)
{
	json_t *json = json_object();
	uint64_t all = 0;
	if (counting->by == BY_DAY)
		json = bh_member_set(json, "day", bh_field_day_json(counting->x, group->key));
	if (counting->by == BY_GRID) {
		json = bh_member_set(json, "grid", bh_area_code(counting->x->rules, group->key));
		json = bh_member_set(json, "name", bh_field_area_name(counting->x, group->key));
	}
	for (unsigned kind = 1; kind < BH_SERVICE_COUNT; kind++) {
		json = bh_member_set(json, bh_service_name(kind), kind_json(group, kind));
		all += group->counts[kind];
	}
	json = bh_member_set(json, "other", kind_json(group, 0));
	return bh_member_set(json, "all",
		cell_json(all + group->counts[0],
			group->hidden == 0 &&
				bh_cell_is_shown(all + group->counts[0], !group->partly)));
}

void bh_route_service_counts(struct bh_exchange *x)
{
	struct bh_field_filter filter = {0};
	struct counting counting = {.x = x, .filter = &filter};
	const char *by = bh_target_parameter(&x->target, "by");
	if (by && strcmp(by, "day") != 0 && strcmp(by, "grid") != 0) {
		bh_field_refuse(x, "by: it is day or grid", NULL);
		return;
	}
	if (!bh_field_days_read(x, &filter) || !bh_field_area_read(x, &filter) ||
		!kind_read(x, &filter))
		return;
	counting.by = !by ? BY_KIND : *by == 'd' ? BY_DAY : BY_GRID;
	counting.groups = bh_arena_array(&x->arena, GROUPS_MAX, sizeof(*counting.groups));
	counting.parts = bh_arena_array(&x->arena, PARTS_MAX, sizeof(*counting.parts));
	counting.months = bh_field_months_whole(x, &filter);
	int err = counting.groups && counting.parts ? all_count(&counting) : BH_ERR_NOMEM;
	if (err == BH_ERR_LIMIT)
		bh_field_refuse(x, "too many grids have something", "name an area");
	else if (err)
		bh_answer_err(x, err);
	if (err)
		return;
	if (counting.by == BY_KIND && counting.count == 0)
		counting.groups[counting.count++] = (struct group){.key = 0};
	json_t *items = json_array();
	for (size_t i = 0; i < counting.count; i++)
		items = bh_items_add(items, group_json(&counting, &counting.groups[i]));
	bh_answer_json(x, 200, bh_list_json(items, NULL));
}

/* ---- The list ---- */

static json_t *text_json(struct bh_exchange *x, const struct bh_entry *entry)
{
	struct bh_msg_op_content content = {.has_place = false};
	int reason = 0;
	if (entry->content.len == 0 ||
		bh_op_decode_content(entry->content, &x->arena, &content, &reason) != BH_NOERR)
		return json_null();
	return bh_json_span(content.text);
}

static json_t *service_json(struct bh_exchange *x, const struct bh_service_row *row)
{
	struct bh_entry entry;
	if (bh_reader_entry(x->district->reader, row->position, &x->arena, &entry) != BH_NOERR)
		return NULL;
	return json_pack("{s:I, s:o, s:s, s:s, s:o, s:o, s:o, s:o}", "entry",
		(json_int_t)row->position, "day", bh_field_day_json(x, row->day), "kind",
		bh_service_name(row->kind), "kind_zh", bh_service_name_zh(row->kind), "grid",
		bh_area_code(x->rules, row->grid), "grid_name", bh_field_area_name(x, row->grid),
		"at", bh_exchange_time(x, entry.captured_ms), "text", text_json(x, &entry));
}

/* *more: the list goes on behind filter's place. */
static int list_gather(
	struct bh_exchange *x, struct bh_field_filter *filter, json_t *items, bool *more)
{
	struct bh_service_row *rows = bh_arena_array(&x->arena, PAGE_ROWS, sizeof(*rows));
	size_t count = PAGE_ROWS;
	if (!rows)
		return BH_ERR_NOMEM;
	for (unsigned page = 0; page < PAGES_MAX && count == PAGE_ROWS; page++) {
		int err = bh_reader_services(x->district->reader, &filter->after, filter->to_day,
			rows, PAGE_ROWS, &count);
		for (size_t i = 0; !err && i < count; i++) {
			*more = json_array_size(items) == filter->limit;
			if (*more)
				return BH_NOERR;
			filter->after = rows[i];
			if ((filter->kind == 0 || rows[i].kind == filter->kind) &&
				bh_field_grid_fits(x, filter, rows[i].grid) &&
				bh_field_grid_whole(x, rows[i].grid) &&
				json_array_append_new(items, service_json(x, &rows[i])) != 0)
				err = BH_ERR_NOMEM;
		}
		if (err)
			return err;
	}
	*more = count == PAGE_ROWS;
	return BH_NOERR;
}

void bh_route_services(struct bh_exchange *x)
{
	struct bh_field_filter filter = {0};
	char next[80];
	bool more = false;
	if (!bh_field_days_read(x, &filter) || !bh_field_area_read(x, &filter) ||
		!kind_read(x, &filter) || !page_read(x, &filter))
		return;
	json_t *items = json_array();
	int err = items ? list_gather(x, &filter, items, &more) : BH_ERR_NOMEM;
	if (err) {
		json_decref(items);
		bh_answer_err(x, err);
		return;
	}
	(void)snprintf(next, sizeof(next), "%u:%u:%u:%" PRIu64, filter.after.day, filter.after.grid,
		filter.after.kind, filter.after.position);
	bh_answer_json(x, 200, bh_list_json(items, more ? next : NULL));
}
