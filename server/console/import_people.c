/* People of a profile and the posts they hold.  Who is no longer listed stays as a person without
 * posts: entries of the journal name them, and their ids are nobody else's. */
#include <stdio.h>
#include <string.h>

#include "proto/caseflow.h"
#include "proto/err.h"
#include "server/console/profile.h"

struct people_reading {
	struct bh_profile_import *import;
	struct bh_msg_post *posts;
	size_t posts_count;
	size_t posts_seen; /* also those that are none */
};

static uint32_t unit_area(const struct bh_msg_profile *profile, uint32_t unit)
{
	for (size_t i = 0; unit && i < profile->units_count; i++)
		if (profile->units[i].id == unit)
			return profile->units[i].area;
	return 0;
}

/* Its row, where posts are rows of their own. */
static uint32_t post_row(const struct people_reading *reading)
{
	const uint32_t *rows = reading->import->post_rows;
	return rows ? rows[reading->posts_seen] : 0;
}

static int post_read(struct people_reading *reading, const struct bh_import_at *at,
	const json_t *object, uint32_t person)
{
	static const char *const names[] = {
		"role", "unit", "area", "classes", "from", "to", "title", NULL};
	struct bh_profile_import *import = reading->import;
	struct bh_span text = {NULL, 0};
	enum bh_role role = BH_ROLE_NONE;
	char key[64];
	if (!json_is_object(object)) {
		bh_fault_say(at, "posts", "a post is not an object");
		return BH_NOERR;
	}
	bh_fields_check(at, object, names);
	if (bh_field_text(at, object, "role", BH_NAME_BYTES_MAX, true, &text) &&
		bh_role_parse((const char *)text.data, &role) != 0)
		bh_fault_say(at, "role", "there is no role %.*s", (int)text.len,
			(const char *)text.data);
	struct bh_msg_post post = {.person = person, .role = role};
	post.unit = bh_import_code(at, object, "unit", &import->unit_now, false);
	post.area = bh_import_code(at, object, "area", &import->area_now, post.unit == 0);
	if (post.area == 0)
		post.area = unit_area(&import->out, post.unit);
	(void)bh_field_day(at, object, "from", &post.from_day);
	(void)bh_field_day(at, object, "to", &post.to_day);
	(void)bh_field_text(at, object, "title", BH_NAME_BYTES_MAX, false, &post.title);
	if (bh_field_numbers(at, import->arena, object, "classes", &post.classes,
		    &post.classes_count) != BH_NOERR)
		return BH_ERR_NOMEM;
	int n = snprintf(key, sizeof(key), "%u/%u/%u/%u", person, post.role, post.unit, post.area);
	post.id = bh_code_book_id(&import->posts, bh_span(key, (size_t)n));
	if (post.id == 0)
		return BH_ERR_NOMEM;
	import->posts_told[reading->posts_count] = post_row(reading);
	reading->posts[reading->posts_count++] = post;
	return BH_NOERR;
}

static int person_read(struct people_reading *reading, const struct bh_import_at *at,
	const json_t *object, struct bh_msg_person *person)
{
	static const char *const names[] = {"code", "name", "posts", NULL};
	struct bh_profile_import *import = reading->import;
	int err = BH_NOERR;
	bh_fields_check(at, object, names);
	(void)bh_field_text(at, object, "name", BH_NAME_BYTES_MAX, true, &person->name);
	const json_t *posts = bh_field_list(at, object, "posts", false);
	if (json_array_size(posts) > BH_POSTS_MAX) {
		bh_fault_say(at, "posts", "one person holds at most %u posts", BH_POSTS_MAX);
		reading->posts_seen += json_array_size(posts);
		return BH_NOERR;
	}
	for (size_t i = 0; i < json_array_size(posts) && !err; i++) {
		uint32_t row = post_row(reading);
		struct bh_import_at own = {at->faults, "posts", row - 1, at->code};
		import->post_people[reading->posts_count] = (uint32_t)at->index;
		err = post_read(reading, row ? &own : at, json_array_get(posts, i), person->id);
		reading->posts_seen++;
	}
	return err;
}

/* Those of before whom the file does not name any more. */
static void people_keep(struct bh_profile_import *import, const struct bh_code_book *now,
	struct bh_msg_person *people, size_t *count)
{
	const struct bh_msg_profile *before = import->before;
	for (size_t i = 0; i < before->people_count; i++)
		if (bh_code_book_find(now, before->people[i].code) == 0)
			people[(*count)++] = before->people[i];
}

static int people_fill(struct people_reading *reading, const json_t *list,
	struct bh_msg_person *people, size_t *count)
{
	struct bh_profile_import *import = reading->import;
	struct bh_code_book now;
	int err = bh_code_book_open(&now);
	for (size_t i = 0; i < json_array_size(list) && !err; i++) {
		const json_t *object = json_array_get(list, i);
		struct bh_import_at at = {import->faults, "people", i, NULL};
		struct bh_msg_person *person = &people[(*count)++];
		if (bh_field_text(&at, object, "code", 60, true, &person->code)) {
			at.code = (const char *)person->code.data;
			person->id = bh_code_book_id(&import->people, person->code);
			if (strchr(at.code, '/'))
				bh_fault_say(&at, "code", "it must not hold a slash");
			if (person->id == 0 || bh_code_book_keep(&now, person->code, person->id))
				err = BH_ERR_NOMEM;
		}
		if (!err)
			err = person_read(reading, &at, object, person);
	}
	if (!err)
		people_keep(import, &now, people, count);
	bh_code_book_close(&now);
	return err;
}

int bh_people_read(struct bh_profile_import *import, const json_t *profile)
{
	struct bh_import_at whole = {import->faults, "", 0, NULL};
	const json_t *list = bh_field_list(&whole, profile, "people", true);
	size_t listed = json_array_size(list), count = 0, posts = 0;
	for (size_t i = 0; i < listed; i++)
		posts += json_array_size(json_object_get(json_array_get(list, i), "posts"));
	struct bh_msg_person *people = bh_arena_array(
		import->arena, listed + import->before->people_count + 1, sizeof(*people));
	struct people_reading reading = {.import = import};
	reading.posts = bh_arena_array(import->arena, posts + 1, sizeof(*reading.posts));
	import->post_people = bh_arena_array(
		import->arena, posts + 1, sizeof(*import->post_people));
	import->posts_told = bh_arena_array(import->arena, posts + 1, sizeof(*import->posts_told));
	if (!people || !reading.posts || !import->post_people || !import->posts_told)
		return BH_ERR_NOMEM;
	int err = people_fill(&reading, list, people, &count);
	import->out.people = people;
	import->out.people_count = count;
	import->out.posts = reading.posts;
	import->out.posts_count = reading.posts_count;
	return err;
}
