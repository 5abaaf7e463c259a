/* Components of a profile, known by their marks. */
#include "proto/err.h"
#include "server/console/profile.h"
#include "server/domain/routing.h"

static int asset_read(struct bh_profile_import *import, const struct bh_import_at *at,
	struct bh_code_book *book, const json_t *object, struct bh_msg_asset *asset)
{
	static const char *const names[] = {"code", "type", "unit", "grade", "state", NULL};
	bh_fields_check(at, object, names);
	(void)bh_field_text(at, object, "code", BH_NAME_BYTES_MAX, true, &asset->mark);
	(void)bh_field_u32(at, object, "type", 1, UINT32_MAX, false, &asset->type);
	asset->owner = bh_import_code(at, object, "unit", &import->unit_now, false);
	(void)bh_field_word(at, object, "grade", bh_asset_grades, false, &asset->grade);
	(void)bh_field_word(at, object, "state", bh_asset_states, false, &asset->state);
	asset->id = asset->mark.len ? bh_code_book_id(book, asset->mark) : 0;
	return asset->mark.len && asset->id == 0 ? BH_ERR_NOMEM : BH_NOERR;
}

/* Who is left out stands there no more, and keeps the mark: cases and the journal name it. */
static size_t gone_add(const struct bh_msg_profile *before, struct bh_msg_asset *assets,
	size_t given, const bool *stays)
{
	size_t count = given;
	for (size_t i = 0; i < before->assets_count; i++) {
		uint32_t id = before->assets[i].id;
		if (id <= before->assets_count && stays[id - 1])
			continue;
		assets[count] = before->assets[i];
		assets[count].owner = 0;
		assets[count++].state = BH_ASSET_GONE;
	}
	return count;
}

/* Marks keep their ids; gives room for which of them stay. */
static bool *marks_keep(struct bh_arena *arena, const struct bh_msg_profile *before,
	struct bh_code_book *book, int *err)
{
	*err = bh_code_book_open(book);
	for (size_t i = 0; !*err && i < before->assets_count; i++)
		*err = bh_code_book_keep(book, before->assets[i].mark, before->assets[i].id);
	return bh_arena_array(arena, before->assets_count + 1, sizeof(bool));
}

/* Ids are places, from 1: none ever goes. */
static int list_read(struct bh_profile_import *import, struct bh_code_book *book,
	const json_t *list, bool *stays)
{
	const struct bh_msg_profile *before = import->before;
	size_t count = json_array_size(list);
	struct bh_msg_asset *assets = bh_arena_array(
		import->arena, count + before->assets_count + 1, sizeof(*assets));
	int err = assets && stays ? BH_NOERR : BH_ERR_NOMEM;
	for (size_t i = 0; !err && i < count; i++) {
		const json_t *one = json_array_get(list, i);
		struct bh_import_at at = {import->faults, "assets", i,
			json_string_value(json_object_get(one, "code"))};
		err = asset_read(import, &at, book, one, &assets[i]);
		if (!err && assets[i].id > 0 && assets[i].id <= before->assets_count)
			stays[assets[i].id - 1] = true;
	}
	import->out.assets = assets;
	import->out.assets_count = err ? 0 : gone_add(before, assets, count, stays);
	return err;
}

int bh_assets_read(struct bh_profile_import *import, const json_t *profile)
{
	struct bh_import_at whole = {import->faults, "", 0, NULL};
	const struct bh_msg_profile *before = import->before;
	struct bh_code_book book = {0};
	int err;
	import->out.assets = before->assets;
	import->out.assets_count = before->assets_count;
	if (!json_object_get(profile, "assets"))
		return BH_NOERR;
	const json_t *list = bh_field_list(&whole, profile, "assets", false);
	bool *stays = marks_keep(import->arena, before, &book, &err);
	if (!err)
		err = list_read(import, &book, list, stays);
	bh_code_book_close(&book);
	return err;
}
