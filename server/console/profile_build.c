/* The rules' own judgement of a profile that was read, told in the words of its file; and what
 * putting it in force would change. */
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "server/console/profile.h"

#define ITEM_BYTES_MAX (1u << 20)
#define PART_BYTES_MAX (64u << 20)

/* ---- Faults ---- */

static struct bh_span code_of(const struct bh_msg_profile *profile, const char *list, size_t i)
{
	if (strcmp(list, "areas") == 0 && i < profile->areas_count)
		return profile->areas[i].code;
	if (strcmp(list, "units") == 0 && i < profile->units_count)
		return profile->units[i].code;
	if (strcmp(list, "people") == 0 && i < profile->people_count)
		return profile->people[i].code;
	if (strcmp(list, "patrols") == 0 && i < profile->patrols_count)
		return profile->patrols[i].code;
	if (strcmp(list, "assets") == 0 && i < profile->assets_count)
		return profile->assets[i].mark;
	return bh_span(NULL, 0);
}

/* Posts stand with their people, or in rows of their own; ids are codes in the file. */
static void fault_tell(const struct bh_profile_import *import, const struct bh_profile_fault *fault)
{
	bool of_post = strcmp(fault->list, "posts") == 0;
	const char *list = of_post ? "people" : fault->list;
	bool is_read = of_post && import->post_people;
	size_t index = is_read ? import->post_people[fault->index] : fault->index;
	const char *code = (const char *)code_of(&import->out, list, index).data;
	uint32_t row = is_read ? import->posts_told[fault->index] : 0;
	const char *what = fault->what;
	if (row) {
		list = "posts";
		index = row - 1;
	}
	if (bh_fault_stands(import->faults, list, index))
		return;
	if (strcmp(what, "its id is 0 or stands there twice") == 0)
		what = of_post ? "the same post stands there twice" : "its code stands there twice";
	struct bh_import_at at = {import->faults, list, index, code};
	bh_fault_say(&at, of_post && !row ? "posts" : NULL, "%s", what);
}

int bh_profile_build(const struct bh_profile_import *import, struct bh_rules **out)
{
	struct bh_import_faults *faults = import->faults;
	struct bh_profile_fault *found = calloc(BH_FAULTS_KEPT_MAX, sizeof(*found));
	struct bh_rules *rules = NULL;
	size_t count = 0;
	if (!found)
		return BH_ERR_NOMEM;
	int err = bh_rules_build(&import->out, found, BH_FAULTS_KEPT_MAX, &count, &rules);
	for (size_t i = 0; err == BH_ERR_INVALID && i < count && i < BH_FAULTS_KEPT_MAX; i++)
		fault_tell(import, &found[i]);
	free(found);
	if (err == BH_ERR_INVALID && faults->count > 0)
		return BH_NOERR;
	if (err == BH_ERR_INVALID || err == BH_ERR_LIMIT) {
		struct bh_import_at whole = {faults, "", 0, NULL};
		bh_fault_say(&whole, NULL, "the whole is too large for one district");
		return BH_NOERR;
	}
	if (!err)
		*out = rules;
	return err;
}

/* ---- Changes ---- */

enum list { AREAS, UNITS, PEOPLE, POSTS, DAYS, ASSETS, LISTS };

static size_t list_count(const struct bh_msg_profile *profile, enum list list)
{
	const size_t counts[LISTS] = {profile->areas_count, profile->units_count,
		profile->people_count, profile->posts_count, profile->settings.days_count,
		profile->assets_count};
	return counts[list];
}

static uint32_t item_id(const struct bh_msg_profile *profile, enum list list, size_t i)
{
	switch (list) {
	case AREAS:
		return profile->areas[i].id;
	case UNITS:
		return profile->units[i].id;
	case PEOPLE:
		return profile->people[i].id;
	case POSTS:
		return profile->posts[i].id;
	case ASSETS:
		return profile->assets[i].id;
	default:
		return (uint32_t)profile->settings.days[i].day;
	}
}

/* One element as bytes, so that equal bytes are equal elements. */
static int item_bytes(
	const struct bh_msg_profile *profile, enum list list, size_t i, struct bh_buf *out)
{
	struct bh_msg_profile one = {.areas_count = list == AREAS,
		.units_count = list == UNITS,
		.people_count = list == PEOPLE,
		.posts_count = list == POSTS,
		.assets_count = list == ASSETS};
	one.areas = list == AREAS ? &profile->areas[i] : NULL;
	one.units = list == UNITS ? &profile->units[i] : NULL;
	one.people = list == PEOPLE ? &profile->people[i] : NULL;
	one.posts = list == POSTS ? &profile->posts[i] : NULL;
	one.assets = list == ASSETS ? &profile->assets[i] : NULL;
	one.settings.days = list == DAYS ? &profile->settings.days[i] : NULL;
	one.settings.days_count = list == DAYS;
	out->len = 0;
	return bh_encode_profile(&one, out);
}

struct differing {
	struct bh_buf a, b;
	json_t *places; /* id, as text -> place in before */
	json_int_t added, changed, kept;
};

static int list_differ(struct differing *d, const struct bh_msg_profile *before,
	const struct bh_msg_profile *after, enum list list)
{
	for (size_t i = 0; i < list_count(after, list); i++) {
		uint32_t id = item_id(after, list, i);
		const json_t *place = json_object_getn(d->places, (const char *)&id, sizeof(id));
		if (!place) {
			d->added++;
			continue;
		}
		int err = item_bytes(after, list, i, &d->a);
		if (!err)
			err = item_bytes(before, list, (size_t)json_integer_value(place), &d->b);
		if (err)
			return err;
		if (bh_span_equal(bh_buf_span(&d->a), bh_buf_span(&d->b)))
			d->kept++;
		else
			d->changed++;
	}
	return BH_NOERR;
}

static json_t *list_changes(const struct bh_msg_profile *before, const struct bh_msg_profile *after,
	enum list list, bool *any)
{
	struct differing d = {.a = BH_BUF(ITEM_BYTES_MAX), .b = BH_BUF(ITEM_BYTES_MAX)};
	json_t *changes = NULL;
	int failed = (d.places = json_object()) ? 0 : -1;
	for (size_t i = 0; i < list_count(before, list) && !failed; i++) {
		uint32_t id = item_id(before, list, i);
		failed = json_object_setn_new_nocheck(
			d.places, (const char *)&id, sizeof(id), json_integer((json_int_t)i));
	}
	if (!failed && list_differ(&d, before, after, list) == BH_NOERR) {
		json_int_t removed = (json_int_t)list_count(before, list) - d.changed - d.kept;
		*any = *any || d.added || d.changed || removed;
		changes = json_pack("{s:I, s:I, s:I, s:I}", "added", d.added, "changed", d.changed,
			"removed", removed, "kept", d.kept);
	}
	json_decref(d.places);
	bh_buf_free(&d.a);
	bh_buf_free(&d.b);
	return changes;
}

/* What is neither area, unit, person nor post, compared as one. */
static bool rest_differs(const struct bh_msg_profile *before, const struct bh_msg_profile *after,
	void (*keep)(struct bh_msg_profile *to, const struct bh_msg_profile *from))
{
	struct bh_msg_profile a = {.areas_count = 0}, b = {.areas_count = 0};
	struct bh_buf before_bytes = BH_BUF(PART_BYTES_MAX);
	struct bh_buf after_bytes = BH_BUF(PART_BYTES_MAX);
	keep(&a, before);
	keep(&b, after);
	bool differs = bh_encode_profile(&a, &before_bytes) != BH_NOERR ||
		       bh_encode_profile(&b, &after_bytes) != BH_NOERR ||
		       !bh_span_equal(bh_buf_span(&before_bytes), bh_buf_span(&after_bytes));
	bh_buf_free(&before_bytes);
	bh_buf_free(&after_bytes);
	return differs;
}

static void keep_routes(struct bh_msg_profile *to, const struct bh_msg_profile *from)
{
	to->routes = from->routes;
	to->routes_count = from->routes_count;
	to->routes_version = from->routes_version;
}

static void keep_duty(struct bh_msg_profile *to, const struct bh_msg_profile *from)
{
	to->duty_periods = from->duty_periods;
	to->duty_periods_count = from->duty_periods_count;
}

/* The name stands with the settings; days are a list of their own. */
static void keep_settings(struct bh_msg_profile *to, const struct bh_msg_profile *from)
{
	to->name = from->name;
	to->settings = from->settings;
	to->settings.days_count = 0;
}

static void keep_catalogue(struct bh_msg_profile *to, const struct bh_msg_profile *from)
{
	to->catalogue = from->catalogue;
}

static void keep_patrols(struct bh_msg_profile *to, const struct bh_msg_profile *from)
{
	to->patrols = from->patrols;
	to->patrols_count = from->patrols_count;
}

static void keep_disputes(struct bh_msg_profile *to, const struct bh_msg_profile *from)
{
	to->grades = from->grades;
	to->grades_count = from->grades_count;
	to->industries = from->industries;
	to->industries_count = from->industries_count;
}

static void keep_shifts(struct bh_msg_profile *to, const struct bh_msg_profile *from)
{
	to->shifts = from->shifts;
	to->shifts_count = from->shifts_count;
}

json_t *bh_profile_changes(
	const struct bh_msg_profile *before, const struct bh_msg_profile *after, bool *any)
{
	static const char *const names[LISTS] = {
		"areas", "units", "people", "posts", "calendar", "assets"};
	json_t *changes = json_object();
	bool routes = rest_differs(before, after, keep_routes);
	bool settings = rest_differs(before, after, keep_settings);
	bool catalogue = rest_differs(before, after, keep_catalogue);
	int failed = changes ? 0 : -1;
	bool patrols = rest_differs(before, after, keep_patrols);
	bool disputes = rest_differs(before, after, keep_disputes);
	bool duty = rest_differs(before, after, keep_duty);
	bool shifts = rest_differs(before, after, keep_shifts);
	*any = routes || settings || catalogue || patrols || duty || disputes || shifts;
	for (unsigned list = 0; list < LISTS && !failed; list++)
		failed = json_object_set_new(
			changes, names[list], list_changes(before, after, (enum list)list, any));
	if (!failed)
		failed = json_object_set_new(changes, "routes", json_boolean(routes)) ||
			 json_object_set_new(changes, "patrols", json_boolean(patrols)) ||
			 json_object_set_new(changes, "disputes", json_boolean(disputes)) ||
			 json_object_set_new(changes, "duty_periods", json_boolean(duty)) ||
			 json_object_set_new(changes, "shifts", json_boolean(shifts)) ||
			 json_object_set_new(changes, "settings", json_boolean(settings)) ||
			 json_object_set_new(changes, "catalogue", json_boolean(catalogue));
	if (!failed)
		return changes;
	json_decref(changes);
	return NULL;
}
