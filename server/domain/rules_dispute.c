/* Where a dispute goes (domain.md, Routing 7): its grade says the tier, its type the industry's
 * body.
 *
 *   a body for the type, at the grade's tier or above it ─▶ resident, on rota today, on call
 *                                                           (of equals: the lower tier, as listed)
 *   else with a grade ─▶ the desk of that tier
 *   else ─▶ as any other case */
#include "server/domain/mediation.h"
#include "server/domain/rules_body.h"

#define DAY_MS INT64_C(86400000)

bool bh_rules_is_dispute(const struct bh_rules *rules, uint32_t type)
{
	const struct bh_msg_catalogue_type *known = bh_rules_type(rules, type);
	return known != NULL && known->dispute;
}

uint32_t bh_rules_grade_tier(const struct bh_rules *rules, uint32_t grade)
{
	const struct bh_msg_profile *profile = &rules->profile;
	for (size_t i = 0; i < profile->grades_count; i++)
		if (profile->grades[i].grade == grade)
			return profile->grades[i].tier;
	return grade <= BH_GRADES ? grade : 0;
}

uint32_t bh_rules_desk_below(const struct bh_rules *rules, uint32_t area, uint32_t tier)
{
	uint32_t at = bh_rules_area_at(rules, area), found = 0;
	for (; at != BH_RULES_NONE; at = rules->area_links[at].parent) {
		uint32_t desk = rules->area_links[at].desk;
		uint32_t id = desk == BH_RULES_NONE ? 0 : rules->profile.units[desk].id;
		if (id != 0 && bh_rules_unit_tier(rules, id) < tier)
			found = id; /* the highest of them */
	}
	return found;
}

/* 0 Monday .. 6 Sunday, of the district's own day. */
static uint32_t weekday_of(const struct bh_rules *rules, int64_t now_ms)
{
	int64_t local_ms = now_ms + (int64_t)rules->settings.utc_offset_min * 60000;
	int64_t day = local_ms / DAY_MS - (local_ms % DAY_MS < 0);
	return (uint32_t)(((day + 3) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

/* How soon somebody of it sits there: the lower the sooner; 0: not today. */
static uint32_t standing_of(const struct bh_msg_unit *unit, uint32_t weekdays, uint32_t weekday)
{
	bool today = weekdays == 0 || (weekdays & 1u << weekday) != 0;
	if (unit->mode == BH_UNIT_MODE_ON_CALL)
		return 3;
	return !today ? 0 : unit->mode == BH_UNIT_MODE_ROTA ? 2 : 1;
}

static bool industry_fits(
	const struct bh_msg_industry *industry, const struct bh_msg_catalogue_type *type)
{
	return industry->type != 0 ? industry->type == type->code : industry->class == type->class;
}

static uint32_t industry_body(const struct bh_rules *rules,
	const struct bh_msg_catalogue_type *type, uint32_t area, uint32_t tier_min, int64_t now_ms)
{
	const struct bh_msg_profile *profile = &rules->profile;
	uint32_t weekday = weekday_of(rules, now_ms), best = UINT32_MAX, found = 0;
	for (size_t i = 0; i < profile->industries_count; i++) {
		const struct bh_msg_industry *industry = &profile->industries[i];
		const struct bh_msg_unit *unit = bh_rules_unit(rules, industry->unit);
		if (bh_rules_unit_is_gone(rules, industry->unit) ||
			!industry_fits(industry, type) ||
			!bh_rules_area_within(rules, area, unit->area))
			continue;
		uint32_t tier = bh_rules_unit_tier(rules, unit->id);
		uint32_t standing = standing_of(unit, industry->weekdays, weekday);
		uint32_t rank = standing * 4 + tier;
		if (tier < tier_min || standing == 0 || rank >= best)
			continue;
		best = rank;
		found = unit->id;
	}
	return found;
}

uint32_t bh_rules_dispute_unit(
	const struct bh_rules *rules, uint32_t type, uint32_t area, uint32_t grade, int64_t now_ms)
{
	const struct bh_msg_catalogue_type *known = bh_rules_type(rules, type);
	uint32_t tier = bh_rules_grade_tier(rules, grade);
	if (known == NULL || !known->dispute)
		return 0;
	uint32_t body = industry_body(rules, known, area, tier, now_ms);
	if (body != 0 || grade == 0)
		return body;
	return bh_rules_desk_of_grade(rules, bh_rules_desk(rules, area, 0), grade);
}

uint32_t bh_rules_desk_of_grade(const struct bh_rules *rules, uint32_t desk, uint32_t grade)
{
	while (desk != 0 && bh_rules_unit_tier(rules, desk) < bh_rules_grade_tier(rules, grade)) {
		uint32_t above = bh_rules_desk_above(rules, desk);
		if (above == 0)
			break;
		desk = above;
	}
	return desk;
}

void bh_rules_check_disputes(const struct bh_rules *rules, struct bh_fault_list *list)
{
	const struct bh_msg_profile *profile = &rules->profile;
	uint32_t seen = 0;
	for (size_t i = 0; i < profile->grades_count; i++) {
		const struct bh_msg_grade *grade = &profile->grades[i];
		if (grade->grade == 0 || grade->grade > BH_GRADES || grade->tier == 0 ||
			grade->tier > 3)
			bh_fault_add(list, "grades", i, "its grade or its tier is none of three");
		else if ((seen & 1u << grade->grade) != 0)
			bh_fault_add(list, "grades", i, "its grade stands there twice");
		else
			seen |= 1u << grade->grade;
	}
	for (size_t i = 0; i < profile->industries_count; i++) {
		const struct bh_msg_industry *industry = &profile->industries[i];
		if ((industry->type == 0) == (industry->class == 0))
			bh_fault_add(list, "industries", i, "it is for a type, or for a class");
		if (industry->type != 0 && !bh_rules_is_dispute(rules, industry->type))
			bh_fault_add(list, "industries", i, "its type is no dispute");
		if (bh_rules_unit(rules, industry->unit) == NULL)
			bh_fault_add(list, "industries", i, "its unit is missing");
		if (industry->weekdays > 0x7f)
			bh_fault_add(list, "industries", i, "a week has seven days");
	}
}
