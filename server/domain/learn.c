/* Returns of one type by one unit, from the smallest areas upwards: where there are enough in an
 * area and most of them went to one other unit, that is a rule for this area, and they are counted;
 * what is left is looked at in the area around.
 *
 *   grids 1111: 3, 1112: 1, 1121: 2  ─▶ 1111 by itself; with 1112 and 1121 only their township has
 * 3
 */
#include <stdlib.h>

#include "server/domain/learn.h"
#include "server/domain/rules_body.h"

/* Most of a type and unit is told by its first thousands. */
#define GROUP_MAX 2000u
/* Instead of a proposal: the rules say something else by now. */
#define PAST UINT32_MAX

static int number_compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int returned_compare(const void *left, const void *right)
{
	const struct bh_returned *a = left, *b = right;
	int order = number_compare(a->type, b->type);
	if (order == 0)
		order = number_compare(a->unit, b->unit);
	if (order == 0)
		order = number_compare(a->area, b->area);
	if (order == 0)
		order = number_compare(a->went, b->went);
	return order != 0 ? order : number_compare(a->number, b->number);
}

struct learning {
	const struct bh_rules *rules;
	int64_t now_ms;
	struct bh_returned *group; /* of one type and unit */
	size_t count;
	struct bh_proposal *out;
	size_t max;
	size_t found;
};

/* The area at a depth that an area lies in; 0: it lies less deep. */
static uint32_t area_above(const struct bh_rules *rules, uint32_t area, uint32_t depth)
{
	uint32_t at = bh_rules_area_at(rules, area);
	while (at != BH_RULES_NONE && rules->area_links[at].depth > depth)
		at = rules->area_links[at].parent;
	return at != BH_RULES_NONE && rules->area_links[at].depth == depth
		       ? rules->profile.areas[at].id
		       : 0;
}

static bool is_in(const struct learning *l, const struct bh_returned *one, uint32_t area)
{
	return one->proposal == 0 && bh_rules_area_within(l->rules, one->area, area);
}

/* The unit to which most of those in an area went; *agreed how many, *all of how many. */
static uint32_t most_went(const struct learning *l, uint32_t area, size_t *agreed, size_t *all)
{
	uint32_t went[GROUP_MAX], best = 0;
	*agreed = *all = 0;
	for (size_t i = 0; i < l->count; i++)
		if (is_in(l, &l->group[i], area))
			went[(*all)++] = l->group[i].went;
	for (size_t i = 0; i < *all; i++) {
		size_t same = 0;
		for (size_t k = 0; k <= i; k++)
			same += went[k] == went[i];
		if (same > *agreed) {
			*agreed = same;
			best = went[i];
		}
	}
	return best;
}

static struct bh_routing routing_now(const struct learning *l, uint32_t type, uint32_t area)
{
	struct bh_route_ask ask = bh_rules_ask_at(l->rules, l->now_ms);
	struct bh_routing now;
	ask.type = type;
	ask.area = area;
	bh_rules_route(l->rules, &ask, &now);
	return now;
}

static void area_learn(struct learning *l, uint32_t area)
{
	size_t agreed, all;
	const struct bh_returned *first = &l->group[0];
	uint32_t to = most_went(l, area, &agreed, &all);
	if (agreed < BH_LEARN_RETURNS_MIN || agreed * 100 < all * BH_LEARN_PERCENT ||
		to == first->unit || bh_rules_unit_is_gone(l->rules, to) || l->found == l->max)
		return;
	struct bh_routing now = routing_now(l, first->type, area);
	if (now.unit != first->unit)
		return; /* a rule for all of it would say more than they do */
	l->out[l->found++] = (struct bh_proposal){.type = first->type,
		.area = area,
		.unit = first->unit,
		.to = to,
		.returns = all,
		.agreed = agreed,
		.now = now};
	for (size_t i = 0; i < l->count; i++)
		if (is_in(l, &l->group[i], area))
			l->group[i].proposal = (uint32_t)l->found;
}

static void group_learn(struct learning *l)
{
	if (l->count > GROUP_MAX)
		l->count = GROUP_MAX;
	for (uint32_t depth = BH_AREA_DEPTH_MAX; depth-- > 0;) {
		uint32_t looked_at = 0;
		for (size_t i = 0; i < l->count; i++) {
			uint32_t area = area_above(l->rules, l->group[i].area, depth);
			if (l->group[i].proposal != 0 || area == 0 || area == looked_at)
				continue;
			area_learn(l, area);
			looked_at = area;
		}
	}
}

size_t bh_learn(const struct bh_rules *rules, int64_t now_ms, struct bh_returned *returned,
	size_t count, struct bh_proposal *out, size_t max)
{
	struct learning l = {.rules = rules, .now_ms = now_ms, .out = out, .max = max};
	if (count > 0)
		qsort(returned, count, sizeof *returned, returned_compare);
	for (size_t i = 0; i < count; i += l.count) {
		l.group = &returned[i];
		l.count = 0;
		while (i + l.count < count && returned[i + l.count].type == l.group->type &&
			returned[i + l.count].unit == l.group->unit)
			l.count++;
		size_t all = l.count;
		for (size_t k = 0; k < all; k++) {
			struct bh_returned *one = &l.group[k];
			struct bh_routing now = routing_now(&l, one->type, one->area);
			one->proposal = now.unit == one->unit ? 0 : PAST;
		}
		group_learn(&l);
		l.count = all;
	}
	return l.found;
}
