/* A deep copy of a profile into one arena, so that rules own all they point to. */
#include <string.h>

#include "proto/err.h"
#include "server/domain/rules_body.h"

/* A copy of count items, or NULL for none; *err becomes BH_ERR_NOMEM on failure and stays. */
static void *array_copy(
	struct bh_arena *arena, const void *from, size_t count, size_t size, int *err)
{
	if (count == 0 || *err != 0)
		return NULL;
	void *to = bh_arena_array(arena, count, size);
	if (to == NULL) {
		*err = BH_ERR_NOMEM;
		return NULL;
	}
	memcpy(to, from, count * size);
	return to;
}

#define ARRAY_COPY(from, count) array_copy(arena, (from), (count), sizeof *(from), err)

static void span_copy(struct bh_arena *arena, struct bh_span *span, int *err)
{
	struct bh_span from = *span;
	*span = (struct bh_span){NULL, 0};
	if (*err == 0 && from.len > 0)
		*err = bh_arena_copy(arena, from, span);
}

static void areas_copy(struct bh_arena *arena, struct bh_msg_profile *profile, int *err)
{
	struct bh_msg_area *areas = ARRAY_COPY(profile->areas, profile->areas_count);
	for (size_t i = 0; areas != NULL && i < profile->areas_count; i++) {
		span_copy(arena, &areas[i].code, err);
		span_copy(arena, &areas[i].name, err);
		areas[i].ring_e7 = ARRAY_COPY(areas[i].ring_e7, areas[i].ring_e7_count);
		areas[i].classes = ARRAY_COPY(areas[i].classes, areas[i].classes_count);
	}
	profile->areas = areas;
}

static void units_copy(struct bh_arena *arena, struct bh_msg_profile *profile, int *err)
{
	struct bh_msg_unit *units = ARRAY_COPY(profile->units, profile->units_count);
	for (size_t i = 0; units != NULL && i < profile->units_count; i++) {
		span_copy(arena, &units[i].code, err);
		span_copy(arena, &units[i].name, err);
	}
	profile->units = units;
}

static void people_copy(struct bh_arena *arena, struct bh_msg_profile *profile, int *err)
{
	struct bh_msg_person *people = ARRAY_COPY(profile->people, profile->people_count);
	for (size_t i = 0; people != NULL && i < profile->people_count; i++) {
		span_copy(arena, &people[i].code, err);
		span_copy(arena, &people[i].name, err);
	}
	profile->people = people;
	struct bh_msg_post *posts = ARRAY_COPY(profile->posts, profile->posts_count);
	for (size_t i = 0; posts != NULL && i < profile->posts_count; i++) {
		posts[i].classes = ARRAY_COPY(posts[i].classes, posts[i].classes_count);
		span_copy(arena, &posts[i].title, err);
	}
	profile->posts = posts;
}

static void routes_copy(struct bh_arena *arena, struct bh_msg_profile *profile, int *err)
{
	struct bh_msg_route *routes = ARRAY_COPY(profile->routes, profile->routes_count);
	for (size_t i = 0; routes != NULL && i < profile->routes_count; i++)
		span_copy(arena, &routes[i].paper, err);
	profile->routes = routes;
}

static void duty_copy(struct bh_arena *arena, struct bh_msg_profile *profile, int *err)
{
	struct bh_msg_duty_period *periods = ARRAY_COPY(
		profile->duty_periods, profile->duty_periods_count);
	for (size_t i = 0; periods != NULL && i < profile->duty_periods_count; i++) {
		span_copy(arena, &periods[i].name, err);
		span_copy(arena, &periods[i].paper, err);
	}
	profile->duty_periods = periods;
}

static void assets_copy(struct bh_arena *arena, struct bh_msg_profile *profile, int *err)
{
	struct bh_msg_asset *assets = ARRAY_COPY(profile->assets, profile->assets_count);
	for (size_t i = 0; assets != NULL && i < profile->assets_count; i++)
		span_copy(arena, &assets[i].mark, err);
	profile->assets = assets;
}

static void patrols_copy(struct bh_arena *arena, struct bh_msg_profile *profile, int *err)
{
	struct bh_msg_patrol *patrols = ARRAY_COPY(profile->patrols, profile->patrols_count);
	for (size_t i = 0; patrols != NULL && i < profile->patrols_count; i++) {
		span_copy(arena, &patrols[i].code, err);
		span_copy(arena, &patrols[i].name, err);
		struct bh_msg_checkpoint *checkpoints = ARRAY_COPY(
			patrols[i].checkpoints, patrols[i].checkpoints_count);
		for (size_t k = 0; checkpoints != NULL && k < patrols[i].checkpoints_count; k++)
			span_copy(arena, &checkpoints[k].name, err);
		patrols[i].checkpoints = checkpoints;
	}
	profile->patrols = patrols;
}

static void types_copy(struct bh_arena *arena, struct bh_msg_catalogue *catalogue, int *err)
{
	struct bh_msg_catalogue_type *types = ARRAY_COPY(catalogue->types, catalogue->types_count);
	for (size_t i = 0; types != NULL && i < catalogue->types_count; i++) {
		span_copy(arena, &types[i].name, err);
		struct bh_msg_catalogue_condition *conditions = ARRAY_COPY(
			types[i].conditions, types[i].conditions_count);
		for (size_t k = 0; conditions != NULL && k < types[i].conditions_count; k++)
			span_copy(arena, &conditions[k].label, err);
		types[i].conditions = conditions;
		types[i].emergency = ARRAY_COPY(types[i].emergency, types[i].emergency_count);
	}
	catalogue->types = types;
}

static void catalogue_copy(struct bh_arena *arena, struct bh_msg_catalogue *catalogue, int *err)
{
	types_copy(arena, catalogue, err);
	span_copy(arena, &catalogue->version, err);
	struct bh_msg_unit_kind *kinds = ARRAY_COPY(
		catalogue->unit_kinds, catalogue->unit_kinds_count);
	for (size_t i = 0; kinds != NULL && i < catalogue->unit_kinds_count; i++) {
		span_copy(arena, &kinds[i].code, err);
		span_copy(arena, &kinds[i].name, err);
	}
	catalogue->unit_kinds = kinds;
	struct bh_msg_catalogue_class *classes = ARRAY_COPY(
		catalogue->classes, catalogue->classes_count);
	for (size_t i = 0; classes != NULL && i < catalogue->classes_count; i++)
		span_copy(arena, &classes[i].name, err);
	catalogue->classes = classes;
}

static void days_copy(struct bh_arena *arena, struct bh_msg_settings *settings, int *err)
{
	struct bh_msg_calendar_day *days = ARRAY_COPY(settings->days, settings->days_count);
	for (size_t i = 0; days != NULL && i < settings->days_count; i++)
		span_copy(arena, &days[i].name, err);
	settings->days = days;
}

int bh_profile_copy(
	struct bh_arena *arena, const struct bh_msg_profile *from, struct bh_msg_profile *out)
{
	struct bh_msg_profile copy = *from;
	struct bh_msg_settings *settings = &copy.settings;
	int failed = 0;
	int *err = &failed;
	span_copy(arena, &copy.name, err);
	areas_copy(arena, &copy, err);
	units_copy(arena, &copy, err);
	people_copy(arena, &copy, err);
	routes_copy(arena, &copy, err);
	duty_copy(arena, &copy, err);
	assets_copy(arena, &copy, err);
	patrols_copy(arena, &copy, err);
	copy.grades = ARRAY_COPY(copy.grades, copy.grades_count);
	copy.industries = ARRAY_COPY(copy.industries, copy.industries_count);
	copy.shifts = ARRAY_COPY(copy.shifts, copy.shifts_count);
	catalogue_copy(arena, &copy.catalogue, err);
	settings->close_by_clock_off_classes = ARRAY_COPY(
		settings->close_by_clock_off_classes, settings->close_by_clock_off_classes_count);
	settings->automatic_off_classes = ARRAY_COPY(
		settings->automatic_off_classes, settings->automatic_off_classes_count);
	settings->self_dispose_classes = ARRAY_COPY(
		settings->self_dispose_classes, settings->self_dispose_classes_count);
	settings->week = ARRAY_COPY(settings->week, settings->week_count);
	days_copy(arena, settings, err);
	settings->retention = ARRAY_COPY(settings->retention, settings->retention_count);
	if (failed == 0)
		*out = copy;
	return failed;
}
