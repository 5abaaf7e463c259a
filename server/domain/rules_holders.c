/* Who holds which posts, asked by where: by role and area, and by unit.
 *
 *   role << 32 | area  ─▶ posts       UNIT_BIT | unit ─▶ posts      one sorted list, halved down
 *
 * A post without a unit stands there once, one with a unit twice. */
#include <stdlib.h>

#include "proto/caseflow.h"
#include "proto/err.h"
#include "server/domain/rules_body.h"

#define UNIT_BIT (UINT64_C(1) << 63)

static int rank_compare(const void *left, const void *right)
{
	const struct bh_post_rank *a = left, *b = right;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->post < b->post ? -1 : a->post > b->post;
}

static uint64_t key_of_area(uint32_t role, uint32_t area)
{
	return (uint64_t)role << 32 | area;
}

int bh_rules_index_posts(struct bh_rules *rules)
{
	const struct bh_msg_profile *profile = &rules->profile;
	size_t count = 0;
	rules->post_ranks = bh_arena_array(
		&rules->arena, 2 * profile->posts_count + 1, sizeof *rules->post_ranks);
	if (rules->post_ranks == NULL)
		return BH_ERR_NOMEM;
	for (uint32_t i = 0; i < profile->posts_count; i++) {
		const struct bh_msg_post *post = &profile->posts[i];
		rules->post_ranks[count++] = (struct bh_post_rank){
			key_of_area(post->role, post->area), i};
		if (post->unit != 0)
			rules->post_ranks[count++] = (struct bh_post_rank){
				UNIT_BIT | post->unit, i};
	}
	qsort(rules->post_ranks, count, sizeof *rules->post_ranks, rank_compare);
	rules->post_ranks_count = count;
	return 0;
}

static size_t rank_first(const struct bh_rules *rules, uint64_t key)
{
	size_t from = 0, upto = rules->post_ranks_count;
	while (from < upto) {
		size_t middle = from + (upto - from) / 2;
		if (rules->post_ranks[middle].key < key)
			from = middle + 1;
		else
			upto = middle;
	}
	return from;
}

static size_t posts_take(const struct bh_rules *rules, int64_t now_ms, uint64_t key, uint32_t roles,
	uint32_t type, const struct bh_msg_post **posts, size_t max)
{
	size_t count = 0;
	for (size_t at = rank_first(rules, key);
		at < rules->post_ranks_count && rules->post_ranks[at].key == key && count < max;
		at++) {
		const struct bh_msg_post *post = &rules->profile.posts[rules->post_ranks[at].post];
		if ((roles & 1u << post->role) != 0 &&
			bh_rules_post_in_force(rules, post, now_ms) &&
			bh_rules_post_is_trusted(rules, post, type))
			posts[count++] = post;
	}
	return count;
}

size_t bh_rules_posts_of_area(const struct bh_rules *rules, int64_t now_ms, uint32_t role,
	uint32_t area, const struct bh_msg_post **posts, size_t max)
{
	return posts_take(rules, now_ms, key_of_area(role, area), UINT32_MAX, 0, posts, max);
}

size_t bh_rules_trusted_of_area(const struct bh_rules *rules, int64_t now_ms, uint32_t role,
	uint32_t area, uint32_t type, const struct bh_msg_post **posts, size_t max)
{
	return posts_take(rules, now_ms, key_of_area(role, area), UINT32_MAX, type, posts, max);
}

/* Who handles its cases, one after the other, in force or not; NULL: no more of them. */
static const struct bh_msg_post *handles_next(
	const struct bh_rules *rules, uint32_t unit, size_t *at)
{
	uint64_t key = UNIT_BIT | unit;
	while (*at < rules->post_ranks_count && rules->post_ranks[*at].key == key) {
		uint32_t post = rules->post_ranks[(*at)++].post;
		if ((BH_ROLES_HANDLE & 1u << rules->profile.posts[post].role) != 0)
			return &rules->profile.posts[post];
	}
	return NULL;
}

static const struct bh_msg_post *handles_first(
	const struct bh_rules *rules, uint32_t unit, size_t *at)
{
	*at = rank_first(rules, UNIT_BIT | unit);
	return handles_next(rules, unit, at);
}

static int32_t last_day(const struct bh_msg_post *post)
{
	return post->to_day == 0 ? INT32_MAX : post->to_day;
}

static bool is_held_on(const struct bh_msg_post *post, int32_t day)
{
	return (post->from_day == 0 || day >= post->from_day) && day <= last_day(post);
}

bool bh_rules_unit_has_people(const struct bh_rules *rules, uint32_t unit, int32_t day)
{
	size_t at;
	const struct bh_msg_post *post = handles_first(rules, unit, &at);
	while (post != NULL && !is_held_on(post, day))
		post = handles_next(rules, unit, &at);
	return post != NULL;
}

/* That day, or the next on which anybody begins; INT32_MAX: nobody is there any more. */
static int32_t day_of_people(const struct bh_rules *rules, uint32_t unit, int32_t day)
{
	int32_t first = INT32_MAX;
	size_t at;
	for (const struct bh_msg_post *post = handles_first(rules, unit, &at); post != NULL;
		post = handles_next(rules, unit, &at)) {
		if (last_day(post) < day)
			continue;
		int32_t from = is_held_on(post, day) ? day : post->from_day;
		first = from < first ? from : first;
	}
	return first;
}

/* Of those who are there on a day, when the last one goes; the day before: nobody is. */
static int32_t last_day_of_people(const struct bh_rules *rules, uint32_t unit, int32_t day)
{
	int32_t last = day - 1;
	size_t at;
	for (const struct bh_msg_post *post = handles_first(rules, unit, &at); post != NULL;
		post = handles_next(rules, unit, &at))
		if (is_held_on(post, day) && last_day(post) > last)
			last = last_day(post);
	return last;
}

/* From one's end to the end of who is there then: never the same post twice. */
int64_t bh_rules_unit_left_ms(const struct bh_rules *rules, uint32_t unit, int32_t day)
{
	int32_t first = day_of_people(rules, unit, day);
	if (first == INT32_MAX)
		return bh_rules_day_begin_ms(rules, day);
	int32_t last = last_day_of_people(rules, unit, first);
	while (last >= first && last != INT32_MAX) {
		first = last + 1;
		last = last_day_of_people(rules, unit, first);
	}
	return last == INT32_MAX ? INT64_MAX : bh_rules_day_begin_ms(rules, first);
}

size_t bh_rules_posts_of_unit(const struct bh_rules *rules, int64_t now_ms, uint32_t unit,
	uint32_t roles, const struct bh_msg_post **posts, size_t max)
{
	return unit == 0 ? 0 : posts_take(rules, now_ms, UNIT_BIT | unit, roles, 0, posts, max);
}
