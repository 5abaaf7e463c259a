/* Whom a profile leaves a district without, said with every check: no fault, since a district may
 * be in the making.
 *
 *   desk roles that nobody holds today, over the county or over a township of it: there nobody
 *     files, dispatches, closes or watches, and what the clock calls out is heard by nobody
 *   event classes that no field worker's post is for: nobody verifies or checks what is of them */
#include "proto/caseflow.h"
#include "server/console/exchange.h"
#include "server/console/profile.h"

static bool holds(const struct bh_msg_post *post, int32_t today)
{
	return (post->from_day == 0 || post->from_day <= today) &&
	       (post->to_day == 0 || today <= post->to_day);
}

static int32_t today_of(const struct bh_exchange *x)
{
	int32_t offset_min = bh_rules_settings(x->rules)->utc_offset_min;
	return (int32_t)bh_local_day(x->district->district_ms, offset_min);
}

/* ---- The desk ---- */

/* area 0: anywhere. */
static bool role_is_held(
	const struct bh_msg_profile *profile, uint32_t role, uint32_t area, int32_t today)
{
	for (size_t i = 0; i < profile->posts_count; i++) {
		const struct bh_msg_post *post = &profile->posts[i];
		if (post->role == role && (area == 0 || post->area == area) && holds(post, today))
			return true;
	}
	return false;
}

static uint32_t county_of(const struct bh_msg_profile *profile)
{
	for (size_t i = 0; i < profile->areas_count; i++)
		if (profile->areas[i].kind == BH_AREA_COUNTY)
			return profile->areas[i].id;
	return 0;
}

/* One line for the whole where nobody holds it at all. */
static json_t *role_lacks(
	json_t *items, const struct bh_msg_profile *profile, uint32_t role, int32_t today)
{
	bool anywhere = role_is_held(profile, role, 0, today);
	if (role_is_held(profile, role, county_of(profile), today))
		return items;
	for (size_t i = 0; i < profile->areas_count; i++) {
		const struct bh_msg_area *area = &profile->areas[i];
		bool asked = area->kind == BH_AREA_COUNTY ||
			     (anywhere && area->kind == BH_AREA_TOWNSHIP);
		if (asked && !role_is_held(profile, role, area->id, today))
			items = bh_items_add(items, json_pack("{s:s, s:o, s:o}", "role",
							    bh_role_name((enum bh_role)role),
							    "area", bh_json_span(area->code),
							    "name", bh_json_span(area->name)));
	}
	return items;
}

json_t *bh_no_desk_json(struct bh_exchange *x, const struct bh_msg_profile *profile)
{
	static const uint32_t roles[] = {
		BH_ROLE_ACCEPTOR, BH_ROLE_DISPATCHER, BH_ROLE_SHIFT_LEADER, BH_ROLE_SUPERVISOR};
	json_t *items = json_array();
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		items = role_lacks(items, profile, roles[i], today_of(x));
	return items;
}

/* ---- The field ---- */

static bool is_for(const struct bh_msg_post *post, uint32_t class)
{
	bool for_it = post->classes_count == 0;
	for (size_t i = 0; i < post->classes_count; i++)
		for_it = for_it || post->classes[i] == class;
	return for_it;
}

static bool field_covers(const struct bh_msg_profile *profile, uint32_t class, int32_t today)
{
	for (size_t i = 0; i < profile->posts_count; i++) {
		const struct bh_msg_post *post = &profile->posts[i];
		bool field = post->role == BH_ROLE_GRID_WORKER || post->role == BH_ROLE_GRID_LEADER;
		if (field && holds(post, today) && is_for(post, class))
			return true;
	}
	return false;
}

json_t *bh_no_field_json(struct bh_exchange *x, const struct bh_msg_profile *profile)
{
	const struct bh_msg_catalogue *catalogue = &profile->catalogue;
	json_t *items = json_array();
	for (size_t i = 0; i < catalogue->classes_count; i++)
		if (!field_covers(profile, catalogue->classes[i].code, today_of(x)))
			items = bh_items_add(
				items, json_pack("{s:I, s:o}", "class",
					       (json_int_t)catalogue->classes[i].code, "name",
					       bh_json_span(catalogue->classes[i].name)));
	return items;
}
