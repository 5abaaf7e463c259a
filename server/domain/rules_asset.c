/* Components: what can be wrong with one, and finding it by its mark. */
#include "proto/err.h"
#include "server/domain/routing.h"
#include "server/domain/rules_body.h"

#define GRADE_MAX 3u

/* Marks are of digits and capital letters, so that one is found in a text. */
static bool is_of_mark(uint8_t byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z');
}

static bool mark_fits(struct bh_span mark)
{
	for (size_t i = 0; i < mark.len; i++)
		if (!is_of_mark(mark.data[i]))
			return false;
	return mark.len == BH_ASSET_MARK_BYTES;
}

/* An owner that is gone leaves the component, which is then of an unknown owner. */
static void asset_check(const struct bh_rules *rules, size_t index, struct bh_fault_list *list)
{
	const struct bh_msg_asset *asset = &rules->profile.assets[index];
	if (!mark_fits(asset->mark))
		bh_fault_add(
			list, "assets", index, "its mark is not of 16 digits and capital letters");
	if (asset->type != 0 && bh_rules_type(rules, asset->type) == NULL)
		bh_fault_add(list, "assets", index, "its type is not in the catalogue");
	if (asset->grade > GRADE_MAX || asset->state >= BH_ASSET_STATES)
		bh_fault_add(list, "assets", index, "its grade or its state is out of range");
}

int bh_rules_check_assets(struct bh_rules *rules, struct bh_fault_list *list)
{
	const struct bh_msg_profile *profile = &rules->profile;
	if (bh_id_map_open(&rules->assets, &rules->arena, profile->assets_count) != 0)
		return BH_ERR_NOMEM;
	for (uint32_t i = 0; i < profile->assets_count; i++) {
		uint32_t id = profile->assets[i].id;
		if (id == 0 || !bh_id_map_put(&rules->assets, id, i))
			bh_fault_add(list, "assets", i, "its id is 0 or stands there twice");
		asset_check(rules, i, list);
	}
	return 0;
}

const struct bh_msg_asset *bh_rules_asset(const struct bh_rules *rules, uint32_t id)
{
	uint32_t at = id == 0 ? BH_ID_MAP_NONE : bh_id_map_get(&rules->assets, id);
	return at == BH_ID_MAP_NONE ? NULL : &rules->profile.assets[at];
}

const struct bh_msg_asset *bh_rules_asset_by_mark(const struct bh_rules *rules, struct bh_span mark)
{
	uint32_t at = bh_rules_code_find(rules->asset_marks, rules->profile.assets_count, mark);
	return at == BH_RULES_NONE ? NULL : &rules->profile.assets[at];
}

const struct bh_msg_asset *bh_rules_asset_named(const struct bh_rules *rules, struct bh_span text)
{
	size_t run = 0;
	if (rules->profile.assets_count == 0)
		return NULL;
	for (size_t i = 0; i <= text.len; i++) {
		if (i < text.len && is_of_mark(text.data[i])) {
			run++;
			continue;
		}
		struct bh_span mark = {text.data + i - run, run};
		const struct bh_msg_asset *asset = NULL;
		if (run == BH_ASSET_MARK_BYTES)
			asset = bh_rules_asset_by_mark(rules, mark);
		if (asset != NULL)
			return asset;
		run = 0;
	}
	return NULL;
}
