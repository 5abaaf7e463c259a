/* A case's photos through the routes: which there are, the bytes of those that are here, and for
 * whom (faults.md F08). */
#include "tests/unit/console/desk.h"

#include <stdio.h>

#define D "/districts/" KIT_CODE

struct fixture {
	struct desk desk;
	struct phone phone;
	uint8_t bytes[2][3000];
	uint8_t hashes[2][BH_HASH_BYTES];
	char names[2][2 * BH_HASH_BYTES + 1];
	char number[BH_CASE_TEXT_SIZE];
	uint64_t number_raw;
};

static void photo_make(struct fixture *f, size_t i)
{
	static const uint8_t head[] = {
		0xff, 0xd8, 0xff, 0xc0, 0x00, 0x0b, 0x08, 0x00, 0x10, 0x00, 0x10};
	struct bh_span whole = bh_span(f->bytes[i], sizeof(f->bytes[i]));
	memset(f->bytes[i], (int)i + 1, sizeof(f->bytes[i]));
	memcpy(f->bytes[i], head, sizeof(head));
	bh_hash_parts(f->desk.kit.hasher, &whole, 1, f->hashes[i]);
	bh_hex_format(bh_span(f->hashes[i], BH_HASH_BYTES), f->names[i]);
}

/* A report with two photos, of which none is here. */
static int setup(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));
	struct bh_msg_blob blobs[2];
	struct push push;
	desk_open(&f->desk, 520, true);
	kit_enrol(&f->desk.kit, &f->phone, BH_DEMO_WORKER(1111), 1);
	for (size_t i = 0; i < 2; i++) {
		photo_make(f, i);
		blobs[i] = (struct bh_msg_blob){bh_span(f->hashes[i], BH_HASH_BYTES),
			sizeof(f->bytes[i]), i == 0 ? BH_BLOB_PHOTO : BH_BLOB_THUMBNAIL};
	}
	push_begin(&push);
	push.blobs = blobs;
	push.blobs_count = 2;
	push_report(&f->desk.kit, &push, &f->phone, "井盖破损,请处理");
	assert_int_equal(push_run(&f->desk.kit, &push), 0);
	f->number_raw = push.outcomes[0].case_number;
	bh_case_number_format(f->number_raw, f->number);
	push_end(&push);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	desk_close(&f->desk);
	test_free(f);
	return 0;
}

static void arrives(struct fixture *f, size_t i)
{
	struct bh_blob_job open = {.work = BH_BLOB_OPEN, .size = sizeof(f->bytes[i])}, part;
	memcpy(open.hash, f->hashes[i], BH_HASH_BYTES);
	bh_blob_files_run(f->desk.files, &open);
	part = (struct bh_blob_job){
		.work = BH_BLOB_PART, .upload = open.upload, .data = BH_BUF(3000)};
	assert_int_equal(bh_buf_append(&part.data, f->bytes[i], sizeof(f->bytes[i])), 0);
	bh_blob_files_run(f->desk.files, &part);
	assert_int_equal(part.found, BH_BLOB_WHOLE);
	bh_buf_free(&part.data);
	struct bh_command command = {.source = BH_SOURCE_STORE,
		.case_number = f->number_raw,
		.blob_size = sizeof(f->bytes[i])};
	memcpy(command.blob_hash, f->hashes[i], BH_HASH_BYTES);
	assert_int_equal(kit_run(&f->desk.kit, &command).verdict, BH_VERDICT_ACCEPTED);
}

static int fetch(struct fixture *f, const char *name, const char *acting)
{
	char target[160];
	(void)snprintf(target, sizeof(target), D "/blobs/%s", name);
	return desk_ask_as(&f->desk, "GET", target, NULL, acting, NULL);
}

static const json_t *photo_at(struct fixture *f, size_t i)
{
	char target[120];
	(void)snprintf(target, sizeof(target), D "/cases/%s", f->number);
	assert_int_equal(desk_ask(&f->desk, "GET", target, NULL), 200);
	const json_t *photos = json_object_get(f->desk.answer, "photos");
	assert_int_equal(json_array_size(photos), 2);
	return json_array_get(photos, i);
}

static void test_photo__a_case_lists_what_its_ops_brought(void **state)
{
	struct fixture *f = *state;
	const json_t *photo = photo_at(f, 0);
	assert_string_equal(json_string_value(json_object_get(photo, "hash")), f->names[0]);
	assert_int_equal(json_integer_value(json_object_get(photo, "size")), 3000);
	assert_string_equal(json_string_value(json_object_get(photo, "kind")), "photo");
	assert_string_equal(json_string_value(json_object_get(photo, "verb")), "submit");
	assert_int_equal(json_integer_value(json_object_get(photo, "cycle")), 1);
	assert_true(json_is_string(json_object_get(photo, "person")));
	assert_true(json_is_false(json_object_get(photo, "stored")));
	arrives(f, 1);
	photo = photo_at(f, 1);
	assert_string_equal(json_string_value(json_object_get(photo, "kind")), "thumbnail");
	assert_true(json_is_true(json_object_get(photo, "stored")));
	const json_t *history = json_object_get(f->desk.answer, "history");
	const json_t *entry = json_array_get(history, json_array_size(history) - 1);
	assert_string_equal(json_string_value(json_object_get(entry, "verb")), "stored");
	assert_string_equal(json_string_value(json_object_get(entry, "source")), "store");
}

static void test_photo__the_bytes_of_one_that_is_here_are_given(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(fetch(f, f->names[0], NULL), 404); /* still on its handset */
	assert_string_equal(desk_text(&f->desk, "code"), "photo");
	arrives(f, 0);
	assert_int_equal(fetch(f, f->names[0], NULL), 200);
	assert_int_equal(f->desk.photo.len, sizeof(f->bytes[0]));
	assert_memory_equal(f->desk.photo.data, f->bytes[0], sizeof(f->bytes[0]));
	assert_int_equal(fetch(f, f->names[1], NULL), 404);
}

static void test_photo__only_who_may_see_its_case_is_given_it(void **state)
{
	struct fixture *f = *state;
	arrives(f, 0);
	assert_int_equal(fetch(f, f->names[0], "W6111"), 200); /* who reported it */
	assert_int_equal(fetch(f, f->names[0], "W6"), 200);    /* the dispatcher */
	assert_int_equal(fetch(f, f->names[0], "W6112"), 404); /* another worker */
	assert_string_equal(desk_text(&f->desk, "code"), "photo");
}

static void test_photo__a_name_that_is_no_hash_is_no_photo(void **state)
{
	static const char *const names[] = {"", "00", "..%2f..%2fetc%2fpasswd", "zz"};
	struct fixture *f = *state;
	char name[80];
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(fetch(f, names[i], NULL), 404);
	memset(name, 'g', 64);
	name[64] = 0;
	assert_int_equal(fetch(f, name, NULL), 404);
	memset(name, 'a', 66);
	name[66] = 0;
	assert_int_equal(fetch(f, name, NULL), 404);
}

static void test_photo__a_disk_that_fails_is_said(void **state)
{
	struct fixture *f = *state;
	struct bh_simvfs_plan plan = {.call = BH_SIMVFS_READ,
		.fault = BH_SIMVFS_EIO,
		.nth = 1,
		.until_healed = true,
		.suffix = f->names[0] + 2 * BH_HASH_BYTES - 12};
	arrives(f, 0);
	assert_int_equal(bh_simvfs_plan_add(f->desk.kit.vfs, &plan), 0);
	assert_int_equal(fetch(f, f->names[0], NULL), 503);
	assert_string_equal(desk_text(&f->desk, "code"), "storage");
	bh_simvfs_heal(f->desk.kit.vfs);
	assert_int_equal(fetch(f, f->names[0], NULL), 200);
}

int main(void)
{
#define PHOTO_TEST(name) cmocka_unit_test_setup_teardown(test_photo__##name, setup, teardown)
	const struct CMUnitTest tests[] = {
		PHOTO_TEST(a_case_lists_what_its_ops_brought),
		PHOTO_TEST(the_bytes_of_one_that_is_here_are_given),
		PHOTO_TEST(only_who_may_see_its_case_is_given_it),
		PHOTO_TEST(a_name_that_is_no_hash_is_no_photo),
		PHOTO_TEST(a_disk_that_fails_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
