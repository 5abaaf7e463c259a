/* Outlines first, each by itself; then each area against those right below it; then those of one
 * kind against each other; then people.
 *
 *   parent  ▒▒▒▒▒▒▒▒▒▒     parent - union(children): gaps     child - parent: outside
 *   children ███ █████     where the parent has no outline: the holes between its children
 */
#include "tools/coverage/coverage.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tools/coverage/overlay.h"

struct area {
	const json_t *json;
	const char *code, *name, *kind;
	size_t parent; /* itself where there is none */
	struct bh_shape *shape;
	bool drawn; /* has an outline, valid or not */
	bool has_worker;
};

struct finding {
	struct bh_overlay *overlay;
	struct area *areas;
	size_t count;
	double min_m2;
	json_t *found;
	size_t more, pairs;
	bool no_memory;
	/* What a patch is of: */
	const char *what;
	const struct area *area, *other;
};

static void found_add(struct finding *f, const struct bh_patch *patch, const char *message)
{
	static const struct bh_patch nowhere = {0, 0, 0};
	const struct bh_patch *at = patch ? patch : &nowhere;
	if (json_array_size(f->found) >= BH_COVERAGE_FOUND_MAX) {
		f->more++;
		return;
	}
	json_t *one = json_pack("{s:s, s:s, s:s, s:s?, s:I, s:f, s:f, s:s}", "what", f->what,
		"area", f->area->code, "name", f->area->name, "other",
		f->other ? f->other->code : NULL, "square_m", (json_int_t)(at->square_m + 0.5),
		"longitude", at->longitude, "latitude", at->latitude, "message", message);
	if (json_array_append_new(f->found, one) != 0)
		f->no_memory = true;
}

static void say(struct finding *f, const char *what, const struct area *area,
	const struct area *other, const char *message)
{
	f->what = what;
	f->area = area;
	f->other = other;
	found_add(f, NULL, message);
}

static void patch_take(void *context, const struct bh_patch *patch)
{
	struct finding *f = context;
	found_add(f, patch,
		strcmp(f->what, "gap") == 0       ? "in none of the areas below it"
		: strcmp(f->what, "outside") == 0 ? "outside the area that it belongs to"
						  : "in both");
}

static bool is(const struct area *area, const char *kind)
{
	return strcmp(area->kind, kind) == 0;
}

static bool is_grid(const struct area *area)
{
	return is(area, "grid") || is(area, "special");
}

/* ---- Outlines ---- */

static const json_t *ring_of(const json_t *area)
{
	const json_t *ring = json_object_get(area, "polygon");
	if (json_is_object(ring))
		ring = json_array_get(json_object_get(ring, "coordinates"), 0);
	return json_array_size(ring) > 0 ? ring : NULL;
}

/* Closed for them, as an import does. */
static double *ring_read(const json_t *ring, size_t *points)
{
	size_t count = json_array_size(ring);
	double *places = calloc(2 * (count + 1), sizeof(*places));
	for (size_t i = 0; places && i < count; i++)
		for (size_t k = 0; k < 2; k++)
			places[2 * i + k] = json_number_value(
				json_array_get(json_array_get(ring, i), k));
	if (places && (places[0] != places[2 * count - 2] || places[1] != places[2 * count - 1])) {
		places[2 * count] = places[0];
		places[2 * count + 1] = places[1];
		count++;
	}
	*points = count;
	return places;
}

static void outline_take(struct finding *f, struct area *area)
{
	char why[BH_OVERLAY_WHY_MAX] = "";
	struct bh_patch at;
	size_t points = 0;
	const json_t *ring = ring_of(area->json);
	double *places = ring ? ring_read(ring, &points) : NULL;
	area->drawn = ring != NULL;
	if (ring && !places)
		f->no_memory = true;
	if (places)
		area->shape = bh_shape_make(f->overlay, places, points, why, &at);
	if (places && !area->shape) {
		f->what = "invalid";
		f->area = area;
		f->other = NULL;
		found_add(f, &at, why);
	}
	free(places);
}

/* ---- One area and those right below it ---- */

static void children_check(
	struct finding *f, const struct area *parent, struct bh_shape *const *shapes, size_t count)
{
	struct bh_shape *all = bh_shape_union(f->overlay, shapes, count);
	bool fine = all != NULL;
	f->what = "gap";
	f->area = parent;
	f->other = NULL;
	if (all && parent->shape)
		fine = bh_shape_minus(f->overlay, parent->shape, all, f->min_m2, patch_take, f);
	else if (all && !parent->drawn)
		fine = bh_shape_holes(f->overlay, all, f->min_m2, patch_take, f);
	if (!fine)
		say(f, "failed", parent, NULL, "what lies below it could not be joined");
	bh_shape_free(f->overlay, all);
}

static void child_check(struct finding *f, const struct area *child, const struct area *parent)
{
	f->what = "outside";
	f->area = child;
	f->other = parent;
	if (child->shape && parent->shape &&
		!bh_shape_minus(f->overlay, child->shape, parent->shape, f->min_m2, patch_take, f))
		say(f, "failed", child, parent, "the two could not be compared");
}

/* A special grid lies over base grids, a micro-grid in one: neither covers its parent. */
static void area_check(struct finding *f, size_t index, struct bh_shape **shapes)
{
	const struct area *parent = &f->areas[index];
	size_t count = 0, grids = 0, drawn = 0, children = 0;
	for (size_t i = 0; i < f->count; i++) {
		const struct area *child = &f->areas[i];
		if (i == index || child->parent != index)
			continue;
		grids += is_grid(child);
		child_check(f, child, parent);
		if (is(child, "special") || is(child, "micro"))
			continue;
		children++;
		drawn += child->drawn;
		if (child->shape)
			shapes[count++] = child->shape;
	}
	if (is(parent, "village") && grids == 0)
		say(f, "no_grid", parent, NULL, "a village without a grid");
	for (size_t i = 0; i < f->count && drawn > 0 && drawn < children; i++)
		if (i != index && f->areas[i].parent == index && !f->areas[i].drawn &&
			!is(&f->areas[i], "micro"))
			say(f, "no_polygon", &f->areas[i], parent,
				"its neighbours have an outline, it has none");
	if (count > 0)
		children_check(f, parent, shapes, count);
}

/* ---- Those of one kind ---- */

static void overlaps_find(struct finding *f, const struct area *a, size_t from)
{
	for (size_t i = from; i < f->count; i++) {
		const struct area *b = &f->areas[i];
		if (!b->shape || strcmp(a->kind, b->kind) != 0 ||
			!bh_shapes_near(a->shape, b->shape))
			continue;
		if (f->pairs++ >= BH_COVERAGE_PAIRS_MAX) {
			f->more++;
			continue;
		}
		f->what = "overlap";
		f->area = a;
		f->other = b;
		if (!bh_shape_common(f->overlay, a->shape, b->shape, f->min_m2, patch_take, f))
			say(f, "failed", a, b, "the two could not be compared");
	}
}

/* ---- People ---- */

/* Marks the grids that a worker's post reaches; false: there is none. */
static bool grids_mark(struct finding *f, const char *code)
{
	bool any = false;
	for (size_t i = 0; i < f->count; i++) {
		size_t at = i;
		for (unsigned k = 0; k < 8 && strcmp(f->areas[at].code, code) != 0; k++)
			at = f->areas[at].parent;
		if (!is_grid(&f->areas[i]) || strcmp(f->areas[at].code, code) != 0)
			continue;
		f->areas[i].has_worker = true;
		any = true;
	}
	return any;
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

static bool is_post_now(
	const json_t *post, const char *member, const char *value, const char *today)
{
	const char *to = text_of(post, "to");
	return strcmp(text_of(post, member), value) == 0 &&
	       strcmp(text_of(post, "from"), today) <= 0 && (!*to || strcmp(today, to) <= 0);
}

static void people_check(struct finding *f, const json_t *profile, const char *today)
{
	size_t i, k;
	json_t *person, *post;
	json_array_foreach(json_object_get(profile, "people"), i, person)
	{
		json_array_foreach(json_object_get(person, "posts"), k, post)
		{
			struct area worker = {
				.code = text_of(person, "code"), .name = text_of(person, "name")};
			if (is_post_now(post, "role", "grid_worker", today) &&
				!grids_mark(f, text_of(post, "area")))
				say(f, "worker_without_grid", &worker, NULL,
					"a grid worker's post that reaches no grid");
		}
	}
	for (i = 0; i < f->count; i++)
		if (is_grid(&f->areas[i]) && !f->areas[i].has_worker)
			say(f, "no_worker", &f->areas[i], NULL, "a grid without a worker today");
}

/* ---- Units ---- */

static bool has_people(const json_t *profile, const char *unit, const char *today)
{
	size_t i, k;
	json_t *person, *post;
	json_array_foreach(json_object_get(profile, "people"), i, person)
	{
		json_array_foreach(json_object_get(person, "posts"), k, post)
		{
			if (is_post_now(post, "unit", unit, today))
				return true;
		}
	}
	return false;
}

static void units_check(struct finding *f, const json_t *profile, const char *today)
{
	size_t i;
	json_t *json;
	json_array_foreach(json_object_get(profile, "units"), i, json)
	{
		struct area unit = {.code = text_of(json, "code"), .name = text_of(json, "name")};
		if (!json_is_true(json_object_get(json, "dissolved")) &&
			!has_people(profile, unit.code, today))
			say(f, "unit_without_people", &unit, NULL,
				"nobody holds a post of the unit today");
	}
}

/* ---- The whole ---- */

static bool areas_read(struct finding *f, const json_t *list)
{
	json_t *places = json_object();
	for (size_t i = 0; places && i < f->count; i++) {
		const json_t *json = json_array_get(list, i);
		f->areas[i] = (struct area){.json = json,
			.code = text_of(json, "code"),
			.name = text_of(json, "name"),
			.kind = text_of(json, "kind")};
		if (json_object_set_new(places, f->areas[i].code, json_integer((json_int_t)i)))
			f->no_memory = true;
	}
	for (size_t i = 0; places && i < f->count; i++) {
		const json_t *parent = json_object_get(places, text_of(f->areas[i].json, "parent"));
		f->areas[i].parent = parent ? (size_t)json_integer_value(parent) : i;
	}
	json_decref(places);
	return places && !f->no_memory;
}

static void middle_find(const json_t *list, double middle[2])
{
	const json_t *ring = NULL;
	for (size_t i = 0; !ring && i < json_array_size(list); i++)
		ring = ring_of(json_array_get(list, i));
	for (size_t k = 0; k < 2; k++)
		middle[k] = json_number_value(json_array_get(json_array_get(ring, 0), k));
}

static void all_check(struct finding *f, const json_t *profile, const char *today)
{
	struct bh_shape **shapes = calloc(f->count + 1, sizeof(*shapes));
	if (!shapes || !areas_read(f, json_object_get(profile, "areas"))) {
		free(shapes);
		f->no_memory = true;
		return;
	}
	for (size_t i = 0; i < f->count; i++)
		outline_take(f, &f->areas[i]);
	for (size_t i = 0; i < f->count; i++)
		area_check(f, i, shapes);
	for (size_t i = 0; i < f->count; i++)
		if (f->areas[i].shape)
			overlaps_find(f, &f->areas[i], i + 1);
	people_check(f, profile, today);
	units_check(f, profile, today);
	for (size_t i = 0; i < f->count; i++)
		bh_shape_free(f->overlay, f->areas[i].shape);
	free(shapes);
}

json_t *bh_coverage_find(const json_t *profile, const char *today, double min_m2, size_t *more)
{
	const json_t *list = json_object_get(profile, "areas");
	double middle[2];
	struct finding f = {.count = json_array_size(list), .min_m2 = min_m2};
	if (f.count > BH_COVERAGE_AREAS_MAX)
		return NULL;
	middle_find(list, middle);
	f.overlay = bh_overlay_open(middle[0], middle[1]);
	f.areas = calloc(f.count + 1, sizeof(*f.areas));
	f.found = json_array();
	if (f.overlay && f.areas && f.found)
		all_check(&f, profile, today);
	else
		f.no_memory = true;
	bh_overlay_close(f.overlay);
	free(f.areas);
	*more = f.more;
	if (!f.no_memory)
		return f.found;
	json_decref(f.found);
	return NULL;
}
