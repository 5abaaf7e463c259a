/* Areas of a profile: their tree by codes, their outlines turned into WGS-84 as they come in. */
#include <math.h>
#include <string.h>

#include "proto/caseflow.h"
#include "proto/err.h"
#include "server/console/profile.h"
#include "server/domain/datum.h"
#include "server/domain/ring.h"

static const char *const kinds[] = {
	[BH_AREA_COUNTY] = "county",
	[BH_AREA_TOWNSHIP] = "township",
	[BH_AREA_VILLAGE] = "village",
	[BH_AREA_GRID] = "grid",
	[BH_AREA_SPECIAL_GRID] = "special",
	[BH_AREA_MICRO_GRID] = "micro",
};

const char *const bh_micro_kinds[] = {"", "building", "enterprise", "shop_street", NULL};

const char *bh_area_kind_name(uint32_t kind)
{
	return kind >= BH_AREA_COUNTY && kind <= BH_AREA_MICRO_GRID ? kinds[kind] : "unknown";
}

static void kind_read(const struct bh_import_at *at, const json_t *object, struct bh_msg_area *area)
{
	struct bh_span text = {NULL, 0};
	if (!bh_field_text(at, object, "kind", BH_NAME_BYTES_MAX, true, &text))
		return;
	for (uint32_t kind = BH_AREA_COUNTY; kind <= BH_AREA_MICRO_GRID; kind++)
		if (bh_span_equal(text, bh_span(kinds[kind], strlen(kinds[kind]))))
			area->kind = kind;
	if (area->kind == 0)
		bh_fault_say(at, "kind",
			"it is none of county, township, village, grid, special, micro");
}

static bool datum_read(const struct bh_import_at *at, const json_t *object, enum bh_datum *datum)
{
	static const char *const names[] = {"", "wgs84", "gcj02", "bd09"};
	struct bh_span text = bh_span("wgs84", 5);
	if (!bh_field_text(at, object, "datum", 16, false, &text))
		return false;
	for (size_t i = BH_DATUM_WGS84; i <= BH_DATUM_BD09; i++) {
		if (bh_span_equal(text, bh_span(names[i], strlen(names[i])))) {
			*datum = (enum bh_datum)i;
			return true;
		}
	}
	bh_fault_say(at, "datum", "it is none of wgs84, gcj02, bd09");
	return false;
}

/* A bare ring, or a GeoJSON Polygon with its outer ring alone. */
static const json_t *ring_find(const struct bh_import_at *at, const json_t *polygon)
{
	if (json_is_object(polygon)) {
		const char *type = json_string_value(json_object_get(polygon, "type"));
		polygon = json_object_get(polygon, "coordinates");
		if (!type || strcmp(type, "Polygon") != 0 || json_array_size(polygon) == 0) {
			bh_fault_say(at, "polygon", "it is not a GeoJSON Polygon");
			return NULL;
		}
		if (json_array_size(polygon) > 1) {
			bh_fault_say(at, "polygon", "it has a hole; holes are not supported");
			return NULL;
		}
		polygon = json_array_get(polygon, 0);
	}
	if (!json_is_array(polygon) || json_array_size(polygon) < 3) {
		bh_fault_say(at, "polygon", "it is not a list of at least three points");
		return NULL;
	}
	if (json_array_size(polygon) > BH_RING_POINTS_MAX - 1) {
		bh_fault_say(at, "polygon", "it has more than %u points", BH_RING_POINTS_MAX - 1);
		return NULL;
	}
	return polygon;
}

static bool point_read(const json_t *point, enum bh_datum datum, struct bh_place *out)
{
	const json_t *longitude = json_array_get(point, 0);
	const json_t *latitude = json_array_get(point, 1);
	if (!json_is_number(longitude) || !json_is_number(latitude) || json_array_size(point) > 3)
		return false;
	double east = json_number_value(longitude), north = json_number_value(latitude);
	if (!(east >= -180 && east <= 180 && north >= -90 && north <= 90))
		return false;
	struct bh_place place = {
		.latitude_e7 = (int32_t)lround(north * 1e7),
		.longitude_e7 = (int32_t)lround(east * 1e7),
	};
	return bh_datum_to_wgs84(datum, place, out) == BH_NOERR;
}

static int ring_read(struct bh_profile_import *import, const struct bh_import_at *at,
	const json_t *polygon, enum bh_datum datum, struct bh_msg_area *area)
{
	const json_t *ring = ring_find(at, polygon);
	size_t count = json_array_size(ring);
	if (!ring)
		return BH_NOERR;
	int32_t *e7 = bh_arena_array(import->arena, count + 1, 2 * sizeof(*e7));
	if (!e7)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < count; i++) {
		struct bh_place place;
		if (!point_read(json_array_get(ring, i), datum, &place)) {
			bh_fault_say(at, "polygon",
				"point %zu is not [longitude, latitude] in degrees", i + 1);
			return BH_NOERR;
		}
		e7[2 * i] = place.longitude_e7;
		e7[2 * i + 1] = place.latitude_e7;
	}
	if (e7[0] != e7[2 * count - 2] || e7[1] != e7[2 * count - 1]) { /* closed for them */
		e7[2 * count] = e7[0];
		e7[2 * count + 1] = e7[1];
		count++;
	}
	area->ring_e7 = e7;
	area->ring_e7_count = 2 * count;
	return BH_NOERR;
}

static int area_read(struct bh_profile_import *import, const struct bh_import_at *at,
	const json_t *object, struct bh_msg_area *area)
{
	static const char *const names[] = {"code", "kind", "name", "parent", "polygon", "datum",
		"classes", "micro_kind", NULL};
	enum bh_datum datum = BH_DATUM_WGS84;
	const json_t *polygon = json_object_get(object, "polygon");
	bh_fields_check(at, object, names);
	kind_read(at, object, area);
	(void)bh_field_text(at, object, "name", BH_NAME_BYTES_MAX, true, &area->name);
	area->parent = bh_import_code(
		at, object, "parent", &import->area_now, area->kind > BH_AREA_COUNTY);
	bool known = datum_read(at, object, &datum);
	if (bh_field_word(at, object, "micro_kind", bh_micro_kinds, false, &area->micro_kind) &&
		area->kind != BH_AREA_MICRO_GRID)
		bh_fault_say(at, "micro_kind", "it is no micro-grid");
	int err = bh_field_numbers(
		at, import->arena, object, "classes", &area->classes, &area->classes_count);
	if (!err && known && polygon && !json_is_null(polygon))
		err = ring_read(import, at, polygon, datum, area);
	return err;
}

/* ---- Codes ---- */

/* What an area's parent and kind were; 0 for one that is new. */
static uint32_t standing_of(uint32_t parent, uint32_t kind)
{
	return parent << 3 | kind;
}

static bool is_digits(struct bh_span code, size_t len)
{
	for (size_t i = 0; i < code.len; i++)
		if (code.data[i] < '0' || code.data[i] > '9')
			return false;
	return code.len == len;
}

static void code_check(const struct bh_import_at *at, const struct bh_msg_area *area,
	const struct bh_msg_area *parent)
{
	static const size_t digits[] = {[BH_AREA_COUNTY] = 6,
		[BH_AREA_TOWNSHIP] = 9,
		[BH_AREA_VILLAGE] = 12,
		[BH_AREA_GRID] = 15,
		[BH_AREA_SPECIAL_GRID] = 15,
		[BH_AREA_MICRO_GRID] = 17};
	size_t len = parent->code.len;
	if (!is_digits(area->code, digits[area->kind]))
		bh_fault_say(at, "code", "the code of a %s is %zu digits here",
			bh_area_kind_name(area->kind), digits[area->kind]);
	else if (area->code.len <= len || memcmp(area->code.data, parent->code.data, len) != 0)
		bh_fault_say(at, "code", "it does not begin with its parent's code %.*s", (int)len,
			(const char *)parent->code.data);
}

/* Where the county has its official code, so have the areas below it: 12 digits of a village, 3 of
 * a grid, 2 of a micro-grid.  What stands so already is left as it is. */
static int codes_check(struct bh_profile_import *import, const struct bh_msg_area *areas)
{
	const struct bh_msg_profile *before = import->before;
	size_t ids = import->areas.next;
	uint32_t *standing = bh_arena_array(import->arena, ids, sizeof(*standing));
	const struct bh_msg_area **by_id = bh_arena_array(import->arena, ids, sizeof(*by_id));
	bool official = false;
	if (!standing || !by_id)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < before->areas_count; i++)
		standing[before->areas[i].id] = standing_of(
			before->areas[i].parent, before->areas[i].kind);
	for (size_t i = 0; i < import->out.areas_count; i++) {
		by_id[areas[i].id] = &areas[i];
		official = official ||
			   (areas[i].kind == BH_AREA_COUNTY && is_digits(areas[i].code, 6));
	}
	for (size_t i = 0; i < import->out.areas_count && official; i++) {
		const struct bh_msg_area *parent = by_id[areas[i].parent];
		struct bh_import_at at = {
			import->faults, "areas", i, (const char *)areas[i].code.data};
		if (areas[i].id != 0 && areas[i].kind != 0 && areas[i].parent != 0 && parent &&
			standing[areas[i].id] != standing_of(areas[i].parent, areas[i].kind))
			code_check(&at, &areas[i], parent);
	}
	return BH_NOERR;
}

/* Codes first, so that a parent may stand behind its children. */
static int codes_read(
	struct bh_profile_import *import, const json_t *list, struct bh_msg_area *areas)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *object = json_array_get(list, i);
		struct bh_import_at at = {import->faults, "areas", i, NULL};
		if (!bh_field_text(&at, object, "code", BH_NAME_BYTES_MAX, true, &areas[i].code))
			continue;
		areas[i].id = bh_code_book_id(&import->areas, areas[i].code);
		if (areas[i].id == 0 || bh_code_book_keep(&import->area_now, areas[i].code,
						areas[i].id) != BH_NOERR)
			return BH_ERR_NOMEM;
	}
	return BH_NOERR;
}

int bh_areas_read(struct bh_profile_import *import, const json_t *profile)
{
	struct bh_import_at whole = {import->faults, "", 0, NULL};
	const json_t *list = bh_field_list(&whole, profile, "areas", true);
	size_t count = json_array_size(list);
	struct bh_msg_area *areas = bh_arena_array(import->arena, count + 1, sizeof(*areas));
	if (!areas)
		return BH_ERR_NOMEM;
	int err = codes_read(import, list, areas);
	for (size_t i = 0; i < count && !err; i++) {
		struct bh_import_at at = {
			import->faults, "areas", i, (const char *)areas[i].code.data};
		err = area_read(import, &at, json_array_get(list, i), &areas[i]);
	}
	import->out.areas = areas;
	import->out.areas_count = count;
	return err ? err : codes_check(import, areas);
}
