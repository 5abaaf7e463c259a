/* Patrols: what can be wrong with a plan, and finding one. */
#include "proto/err.h"
#include "server/domain/datum.h"
#include "server/domain/rules_body.h"

#define WEEKDAYS 0x7fu
#define ROUNDS_MAX 24u
#define RADIUS_M_MAX 10000u

static bool checkpoint_fits(const struct bh_msg_checkpoint *checkpoint)
{
	struct bh_place place = {checkpoint->latitude_e7, checkpoint->longitude_e7};
	if (checkpoint->name.len == 0)
		return false;
	return !checkpoint->has_place || (bh_place_is_on_earth(place) && checkpoint->radius_m > 0 &&
						 checkpoint->radius_m <= RADIUS_M_MAX);
}

static void patrol_check(struct bh_rules *rules, size_t index, struct bh_fault_list *list)
{
	const struct bh_msg_patrol *patrol = &rules->profile.patrols[index];
	const struct bh_msg_area *area = bh_rules_area(rules, patrol->area);
	if (area == NULL || area->kind < BH_AREA_GRID)
		bh_fault_add(list, "patrols", index, "it is of no grid");
	if (patrol->weekdays == 0 || patrol->weekdays > WEEKDAYS || patrol->rounds == 0 ||
		patrol->rounds > ROUNDS_MAX)
		bh_fault_add(list, "patrols", index, "it has no days, or no rounds a day");
	if (patrol->checkpoints_count == 0 || patrol->checkpoints_count > BH_CHECKPOINTS_MAX)
		bh_fault_add(list, "patrols", index, "it has no checkpoints, or more than 64");
	for (size_t i = 0; i < patrol->checkpoints_count; i++)
		if (!checkpoint_fits(&patrol->checkpoints[i]))
			bh_fault_add(list, "patrols", index,
				"a checkpoint has no name, or a place or radius out of range");
}

int bh_rules_check_patrols(struct bh_rules *rules, struct bh_fault_list *list)
{
	const struct bh_msg_profile *profile = &rules->profile;
	if (bh_id_map_open(&rules->patrols, &rules->arena, profile->patrols_count) != 0)
		return BH_ERR_NOMEM;
	for (uint32_t i = 0; i < profile->patrols_count; i++) {
		uint32_t id = profile->patrols[i].id;
		if (id == 0 || !bh_id_map_put(&rules->patrols, id, i))
			bh_fault_add(list, "patrols", i, "its id is 0 or stands there twice");
		patrol_check(rules, i, list);
	}
	return 0;
}

const struct bh_msg_patrol *bh_rules_patrol(const struct bh_rules *rules, uint32_t id)
{
	uint32_t at = bh_id_map_get(&rules->patrols, id);
	return at == BH_ID_MAP_NONE ? NULL : &rules->profile.patrols[at];
}
