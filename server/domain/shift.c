/* A fact's bytes: unit u32, end u64, then the four counts, u32 each. */
#include "server/domain/shift.h"

#include "proto/caseflow.h"
#include "proto/err.h"

bool bh_verb_is_shift(unsigned verb)
{
	return verb == BH_VERB_HAND_OVER || verb == BH_VERB_TAKE_OVER;
}

int bh_shift_fact_encode(const struct bh_shift_fact *fact, struct bh_buf *out)
{
	const uint32_t counts[] = {fact->green, fact->yellow, fact->red, fact->other};
	int err = bh_put_u32(out, fact->unit);
	if (err == 0)
		err = bh_put_u64(out, (uint64_t)fact->end_ms);
	for (size_t i = 0; err == 0 && i < sizeof(counts) / sizeof(counts[0]); i++)
		err = bh_put_u32(out, counts[i]);
	return err;
}

int bh_shift_fact_decode(struct bh_span bytes, struct bh_shift_fact *out)
{
	struct bh_reader reader = bh_reader(bytes);
	struct bh_shift_fact fact = {.unit = bh_get_u32(&reader)};
	fact.end_ms = (int64_t)bh_get_u64(&reader);
	fact.green = bh_get_u32(&reader);
	fact.yellow = bh_get_u32(&reader);
	fact.red = bh_get_u32(&reader);
	fact.other = bh_get_u32(&reader);
	if (!bh_reader_done(&reader))
		return BH_ERR_MALFORMED;
	*out = fact;
	return 0;
}

uint32_t bh_shift_post(
	const struct bh_rules *rules, uint32_t unit, uint32_t person, uint32_t post, int64_t at_ms)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	const struct bh_msg_unit *desk = bh_rules_unit(rules, unit);
	size_t count = bh_rules_posts_now(rules, person, at_ms, posts);
	for (size_t i = 0; desk != NULL && i < count; i++)
		if (posts[i]->role == BH_ROLE_SHIFT_LEADER && (post == 0 || posts[i]->id == post) &&
			bh_rules_area_within(rules, desk->area, posts[i]->area))
			return posts[i]->id;
	return 0;
}

static bool is_there(const struct bh_rules *rules, uint32_t unit, uint32_t person, int64_t at_ms)
{
	const struct bh_msg_profile *profile = bh_rules_profile(rules);
	for (size_t i = 0; i < profile->shifts_count; i++)
		if (profile->shifts[i].unit == unit && profile->shifts[i].person == person &&
			bh_rules_shift_holds(rules, &profile->shifts[i], at_ms))
			return true;
	return false;
}

enum bh_reason bh_shift_hand_over(const struct bh_rules *rules, uint32_t unit, uint32_t person,
	int64_t now_ms, int64_t handed_ms, int64_t *end_ms, const char **detail)
{
	int64_t from_ms = now_ms - BH_SHIFT_MADE_GOOD_MS;
	int64_t at_ms = bh_rules_shift_end(rules, unit, handed_ms > from_ms ? handed_ms : from_ms);
	/* Of several that nobody handed over the last in which this person led. */
	int64_t own_ms = 0;
	while (at_ms <= now_ms + BH_SHIFT_BEFORE_MS) {
		if (is_there(rules, unit, person, at_ms - 1))
			own_ms = at_ms;
		at_ms = bh_rules_shift_end(rules, unit, at_ms);
	}
	if (own_ms == 0) {
		*detail = "no shift of yours ended within a day or ends within two hours, that "
			  "was not handed over";
		return BH_REASON_NOT_NOW;
	}
	*end_ms = own_ms;
	return BH_REASON_NONE;
}

enum bh_reason bh_shift_take_over(
	const struct bh_shift_end *last, uint32_t person, int64_t now_ms, const char **detail)
{
	if (last == NULL || last->person == 0 || last->taken_by != 0 ||
		now_ms - last->at_ms > BH_SHIFT_MADE_GOOD_MS) {
		*detail = "nothing waits to be taken over";
		return BH_REASON_NOT_NOW;
	}
	if (last->person == person) {
		*detail = "another one takes over";
		return BH_REASON_GUARD;
	}
	return BH_REASON_NONE;
}

int64_t bh_shift_late_ms(uint32_t due_divisor)
{
	return BH_SHIFT_LATE_MS / (due_divisor > 1 ? due_divisor : 1);
}
