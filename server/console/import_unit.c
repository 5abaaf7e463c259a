/* Units of a profile, bodies and teams among them; and, once its people are known, whom to call
 * there (S1-14, S1-17). */
#include <stdio.h>
#include <string.h>

#include "proto/caseflow.h"
#include "proto/err.h"
#include "server/console/profile.h"

const char *const bh_unit_forms[] = {"unit", "body", "team", NULL};
const char *const bh_unit_modes[] = {"", "resident", "rota", "on_call", NULL};

uint32_t bh_import_code(const struct bh_import_at *at, const json_t *object, const char *field,
	const struct bh_code_book *book, bool needed)
{
	struct bh_span code = {NULL, 0};
	if (!bh_field_text(at, object, field, BH_NAME_BYTES_MAX, needed, &code) || code.len == 0)
		return 0;
	uint32_t id = bh_code_book_find(book, code);
	if (id == 0)
		bh_fault_say(at, field, "no %s of this file has the code %.*s", field,
			(int)code.len, (const char *)code.data);
	return id;
}

uint32_t bh_unit_kind_id(const struct bh_msg_catalogue *catalogue, struct bh_span code)
{
	for (size_t i = 0; i < catalogue->unit_kinds_count; i++)
		if (bh_span_equal(catalogue->unit_kinds[i].code, code))
			return catalogue->unit_kinds[i].id;
	return 0;
}

static void unit_read(struct bh_profile_import *import, const struct bh_import_at *at,
	const json_t *object, struct bh_msg_unit *unit)
{
	static const char *const names[] = {"code", "name", "kind", "area", "desk", "form", "mode",
		"liaison", "deputy", "dissolved", NULL};
	struct bh_span kind = {NULL, 0};
	bh_fields_check(at, object, names);
	(void)bh_field_text(at, object, "name", BH_NAME_BYTES_MAX, true, &unit->name);
	(void)bh_field_bool(at, object, "desk", &unit->desk);
	(void)bh_field_bool(at, object, "dissolved", &unit->dissolved);
	(void)bh_field_word(at, object, "form", bh_unit_forms, false, &unit->form);
	(void)bh_field_word(at, object, "mode", bh_unit_modes, false, &unit->mode);
	bool itself = unit->desk || unit->form != BH_UNIT_FORM_UNIT;
	if (bh_field_text(at, object, "kind", BH_NAME_BYTES_MAX, !itself, &kind) && kind.len > 0) {
		unit->kind = bh_unit_kind_id(&import->out.catalogue, kind);
		if (unit->kind == 0)
			bh_fault_say(at, "kind", "the catalogue has no kind of unit %.*s",
				(int)kind.len, (const char *)kind.data);
	}
	unit->area = bh_import_code(at, object, "area", &import->area_now, true);
}

int bh_units_read(struct bh_profile_import *import, const json_t *profile)
{
	struct bh_import_at whole = {import->faults, "", 0, NULL};
	const json_t *list = bh_field_list(&whole, profile, "units", true);
	size_t count = json_array_size(list);
	struct bh_msg_unit *units = bh_arena_array(import->arena, count + 1, sizeof(*units));
	if (!units)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < count; i++) {
		const json_t *object = json_array_get(list, i);
		struct bh_import_at at = {import->faults, "units", i, NULL};
		if (bh_field_text(&at, object, "code", BH_NAME_BYTES_MAX, true, &units[i].code)) {
			units[i].id = bh_code_book_id(&import->units, units[i].code);
			at.code = (const char *)units[i].code.data;
			if (units[i].id == 0 ||
				bh_code_book_keep(&import->unit_now, units[i].code, units[i].id))
				return BH_ERR_NOMEM;
		}
		unit_read(import, &at, object, &units[i]);
	}
	import->out.units = import->units_read = units;
	import->out.units_count = count;
	return BH_NOERR;
}

static uint32_t liaison_read(const struct bh_profile_import *import, const struct bh_import_at *at,
	const json_t *object, const char *field)
{
	struct bh_span code = {NULL, 0};
	if (!bh_field_text(at, object, field, BH_NAME_BYTES_MAX, false, &code) || code.len == 0)
		return 0;
	for (size_t i = 0; i < import->out.people_count; i++)
		if (bh_span_equal(import->out.people[i].code, code))
			return import->out.people[i].id;
	bh_fault_say(at, field, "there is no person %.*s", (int)code.len, (const char *)code.data);
	return 0;
}

void bh_liaisons_read(struct bh_profile_import *import, const json_t *profile)
{
	const json_t *list = json_object_get(profile, "units");
	/* Read by bh_units_read, and ours until the import is done. */
	struct bh_msg_unit *units = import->units_read;
	for (size_t i = 0; i < import->out.units_count; i++) {
		const json_t *object = json_array_get(list, i);
		struct bh_import_at at = {
			import->faults, "units", i, (const char *)units[i].code.data};
		units[i].liaison = liaison_read(import, &at, object, "liaison");
		units[i].deputy = liaison_read(import, &at, object, "deputy");
	}
}
