/* Patrol plans of a profile: each of a grid, on certain days, with its checkpoints in order. */
#include <string.h>

#include "proto/err.h"
#include "server/console/profile.h"

#define ROUNDS_MAX 24u
#define RADIUS_USUAL_M 50u

/* [1, 3, 5]: Monday, Wednesday, Friday; missing: every day. */
static void weekdays_read(const struct bh_import_at *at, const json_t *object, uint32_t *out)
{
	const json_t *list = bh_field_list(at, object, "weekdays", false);
	*out = list ? 0 : 0x7fu;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		json_int_t weekday = json_integer_value(one);
		if (!json_is_integer(one) || weekday < 1 || weekday > 7)
			bh_fault_say(at, "weekdays", "element %zu is not from 1 to 7", i + 1);
		else
			*out |= 1u << (weekday - 1);
	}
}

static bool degrees_read(const struct bh_import_at *at, const json_t *object, const char *name,
	double most, int32_t *out)
{
	const json_t *value = json_object_get(object, name);
	double degrees = json_number_value(value);
	if (!json_is_number(value) || !(degrees >= -most && degrees <= most)) {
		bh_fault_say(at, name, "it is not a number of degrees");
		return false;
	}
	*out = (int32_t)(degrees * 1e7 + (degrees < 0 ? -0.5 : 0.5));
	return true;
}

static void checkpoint_read(
	const struct bh_import_at *at, const json_t *object, struct bh_msg_checkpoint *out)
{
	static const char *const names[] = {"name", "latitude", "longitude", "radius_m", NULL};
	bh_fields_check(at, object, names);
	(void)bh_field_text(at, object, "name", BH_NAME_BYTES_MAX, true, &out->name);
	if (!json_object_get(object, "latitude") && !json_object_get(object, "longitude"))
		return;
	out->radius_m = RADIUS_USUAL_M;
	out->has_place = degrees_read(at, object, "latitude", 90, &out->latitude_e7) &&
			 degrees_read(at, object, "longitude", 180, &out->longitude_e7);
	(void)bh_field_u32(at, object, "radius_m", 1, 10000, false, &out->radius_m);
}

static int checkpoints_read(struct bh_profile_import *import, const struct bh_import_at *at,
	const json_t *object, struct bh_msg_patrol *patrol)
{
	const json_t *list = bh_field_list(at, object, "checkpoints", true);
	size_t count = json_array_size(list);
	if (count > BH_CHECKPOINTS_MAX) {
		bh_fault_say(at, "checkpoints", "it has more than %u", BH_CHECKPOINTS_MAX);
		return BH_NOERR;
	}
	struct bh_msg_checkpoint *checkpoints = bh_arena_array(
		import->arena, count + 1, sizeof(*checkpoints));
	if (!checkpoints)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < count; i++)
		checkpoint_read(at, json_array_get(list, i), &checkpoints[i]);
	patrol->checkpoints = checkpoints;
	patrol->checkpoints_count = count;
	return BH_NOERR;
}

static int patrol_read(struct bh_profile_import *import, const struct bh_import_at *at,
	const json_t *object, struct bh_msg_patrol *patrol)
{
	static const char *const names[] = {
		"code", "name", "grid", "weekdays", "rounds", "checkpoints", NULL};
	bh_fields_check(at, object, names);
	(void)bh_field_text(at, object, "code", BH_NAME_BYTES_MAX, true, &patrol->code);
	(void)bh_field_text(at, object, "name", BH_NAME_BYTES_MAX, true, &patrol->name);
	patrol->area = bh_import_code(at, object, "grid", &import->area_now, true);
	patrol->rounds = 1;
	(void)bh_field_u32(at, object, "rounds", 1, ROUNDS_MAX, false, &patrol->rounds);
	weekdays_read(at, object, &patrol->weekdays);
	patrol->id = patrol->code.len ? bh_code_book_id(&import->patrols, patrol->code) : 0;
	if (patrol->code.len && patrol->id == 0)
		return BH_ERR_NOMEM;
	return checkpoints_read(import, at, object, patrol);
}

int bh_patrols_read(struct bh_profile_import *import, const json_t *profile)
{
	struct bh_import_at whole = {import->faults, "", 0, NULL};
	import->out.patrols = import->before->patrols;
	import->out.patrols_count = import->before->patrols_count;
	if (!json_object_get(profile, "patrols"))
		return BH_NOERR;
	const json_t *list = bh_field_list(&whole, profile, "patrols", false);
	size_t count = json_array_size(list);
	struct bh_msg_patrol *patrols = bh_arena_array(import->arena, count + 1, sizeof(*patrols));
	int err = patrols ? BH_NOERR : BH_ERR_NOMEM;
	for (size_t i = 0; !err && i < count; i++) {
		const json_t *one = json_array_get(list, i);
		struct bh_import_at at = {import->faults, "patrols", i,
			json_string_value(json_object_get(one, "code"))};
		err = patrol_read(import, &at, one, &patrols[i]);
	}
	import->out.patrols = patrols;
	import->out.patrols_count = err ? 0 : count;
	return err;
}
