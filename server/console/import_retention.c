/* How long cases of a class are kept whole: [{"class": 50, "days": 365}]; class 0 or none stands
 * for every class without a row of its own, and without rows nothing is ever erased by the clock.
 * [{"entries": true, "days": 730}]: words about no case, so long after they came. */
#include "proto/err.h"
#include "server/console/exchange.h"
#include "server/console/profile.h"

int bh_retention_read(struct bh_profile_import *import, const struct bh_import_at *at,
	const json_t *object, struct bh_msg_settings *settings)
{
	static const char *const names[] = {"class", "days", "entries", NULL};
	const json_t *list = bh_field_list(at, object, "retention", false);
	size_t count = json_array_size(list);
	if (count == 0)
		return BH_NOERR;
	struct bh_msg_retention *rows = bh_arena_array(import->arena, count, sizeof(*rows));
	if (!rows)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < count; i++) {
		const struct bh_import_at here = {at->faults, "retention", i, NULL};
		const json_t *row = json_array_get(list, i);
		rows[i] = (struct bh_msg_retention){0};
		if (!json_is_object(row)) {
			bh_fault_say(&here, NULL, "it is not an object");
			continue;
		}
		bh_fields_check(&here, row, names);
		(void)bh_field_u32(&here, row, "class", 0, UINT32_MAX, false, &rows[i].class);
		(void)bh_field_u32(
			&here, row, "days", 1, BH_RETENTION_DAYS_MAX, true, &rows[i].days);
		(void)bh_field_bool(&here, row, "entries", &rows[i].entries);
	}
	settings->retention = rows;
	settings->retention_count = count;
	return BH_NOERR;
}

json_t *bh_retention_json(const struct bh_msg_settings *settings)
{
	json_t *items = json_array();
	for (size_t i = 0; i < settings->retention_count; i++) {
		const struct bh_msg_retention *row = &settings->retention[i];
		items = bh_items_add(items,
			row->entries ? json_pack("{s:b, s:I}", "entries", true, "days",
					       (json_int_t)row->days)
				     : json_pack("{s:I, s:I}", "class", (json_int_t)row->class,
					       "days", (json_int_t)row->days));
	}
	return items;
}
