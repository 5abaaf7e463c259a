/* What becomes of a photo before it is stored (S0-36, the privacy line). */
#include "tests/unit/client/jpeg_maker.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client-lib/photo.h"
#include "proto/err.h"
#include "proto/limits.h"
#include "tests/unit/proto/cmocka_all.h"

struct prepared {
	struct bh_buf photo, small;
};

static struct prepared prepared_of(struct bh_span jpeg, enum bh_photo_policy policy)
{
	struct prepared out = {BH_BUF(BH_BLOB_BYTES_MAX * 2), BH_BUF(1u << 20)};

	assert_int_equal(bh_photo_prepare(jpeg, policy, &out.photo, &out.small), 0);
	return out;
}

static void prepared_free(struct prepared *prepared)
{
	bh_buf_free(&prepared->photo);
	bh_buf_free(&prepared->small);
}

static void assert_refused(struct bh_span jpeg, int expected)
{
	struct bh_buf photo = BH_BUF(BH_BLOB_BYTES_MAX * 2), small = BH_BUF(1u << 20);

	assert_int_equal(bh_buf_append(&photo, "kept", 4), 0);
	assert_int_equal(bh_photo_prepare(jpeg, BH_PHOTO_TIME_AND_PLACE, &photo, &small), expected);
	assert_int_equal(photo.len, 4);
	assert_int_equal(small.len, 0);
	bh_buf_free(&photo);
	bh_buf_free(&small);
}

/* A photo as a phone writes it, with everything that may be about a person. */
static struct bh_buf laden(uint32_t orientation, bool big_endian)
{
	struct bh_buf jpeg = jpeg_make(800, 600, 1, false);

	jpeg_insert(&jpeg, 0xfe, bh_span("SecretComment", 13));
	jpeg_insert(&jpeg, 0xed, bh_span("Photoshop SecretCaption", 23));
	jpeg_insert(&jpeg, 0xe2, bh_span("MPF\0SecretSecondPicture", 23));
	jpeg_insert(&jpeg, 0xe2, bh_span("ICC_PROFILE\0colours", 19));
	jpeg_insert(&jpeg, 0xe1, bh_span("http://ns.adobe.com/xap/1.0/\0SecretXmp", 38));
	jpeg_insert_exif(&jpeg, orientation, big_endian);
	assert_int_equal(bh_buf_append(&jpeg, "SecretFilm", 10), 0);
	return jpeg;
}

static void test_photo__time_and_place_stay_and_nothing_of_a_person(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		struct bh_buf jpeg = laden(6, big != 0);
		assert_true(jpeg_holds(bh_buf_span(&jpeg), "SecretSerial"));
		struct prepared out = prepared_of(bh_buf_span(&jpeg), BH_PHOTO_TIME_AND_PLACE);
		struct bh_span photo = bh_buf_span(&out.photo);
		struct bh_photo_head head;
		assert_false(jpeg_holds(photo, "Secret"));
		assert_true(jpeg_holds(photo, "2026:03:02 10:11:12"));
		assert_true(jpeg_holds(photo, "2026:03:02 10:11:13"));
		assert_true(jpeg_holds(photo, "ICC_PROFILE"));
		assert_int_equal(bh_photo_look(photo, &head), 0);
		assert_int_equal(head.orientation, 6);
		/* 31 degrees as a rational, in its own byte order. */
		static const char *const place[] = {"\x1f\0\0\0\1\0\0\0", "\0\0\0\x1f\0\0\0\1"};
		bool found = false;
		for (size_t i = 0; i + 8 <= head.exif.len; i++)
			found |= memcmp(head.exif.data + i, place[big], 8) == 0;
		assert_true(found);
		assert_false(jpeg_holds(bh_buf_span(&out.small), "Secret"));
		assert_false(jpeg_holds(bh_buf_span(&out.small), "2026"));
		prepared_free(&out);
		bh_buf_free(&jpeg);
	}
}

static void test_photo__without_metadata_it_still_stands_upright(void **state)
{
	struct bh_buf jpeg = laden(3, false);
	struct prepared out = prepared_of(bh_buf_span(&jpeg), BH_PHOTO_NO_METADATA);
	struct bh_photo_head head;
	(void)state;
	assert_false(jpeg_holds(bh_buf_span(&out.photo), "Secret"));
	assert_false(jpeg_holds(bh_buf_span(&out.photo), "2026"));
	assert_int_equal(bh_photo_look(bh_buf_span(&out.photo), &head), 0);
	assert_int_equal(head.orientation, 3);
	prepared_free(&out);
	out = prepared_of(bh_buf_span(&jpeg), BH_PHOTO_AS_IT_IS);
	assert_true(bh_span_equal(bh_buf_span(&out.photo), bh_buf_span(&jpeg)));
	prepared_free(&out);
	bh_buf_free(&jpeg);
}

/* The pixels are the very same: what is decoded of both is equal, and so is every scan's byte. */
static void test_photo__not_a_pixel_changes(void **state)
{
	(void)state;
	for (int progressive = 0; progressive < 2; progressive++) {
		struct bh_buf jpeg = jpeg_make(333, 222, 7, progressive != 0);
		struct bh_buf plain = BH_BUF(1u << 20);
		assert_int_equal(bh_buf_append(&plain, jpeg.data, jpeg.len), 0);
		jpeg_insert_exif(&jpeg, 1, true);
		struct prepared out = prepared_of(bh_buf_span(&jpeg), BH_PHOTO_TIME_AND_PLACE);
		size_t tail = plain.len - 20; /* behind SOI and JFIF's segment */
		assert_true(out.photo.len > plain.len);
		assert_memory_equal(out.photo.data + out.photo.len - tail, plain.data + 20, tail);
		prepared_free(&out);
		bh_buf_free(&plain);
		bh_buf_free(&jpeg);
	}
}

static void test_photo__thumbnails_are_small_and_upright(void **state)
{
	/* Which patch lies in the upper left, upper right, lower left, lower right once upright. */
	static const enum jpeg_patch turned[9][4] = {[1] = {0, 1, 2, 3},
		[2] = {1, 0, 3, 2},
		[3] = {3, 2, 1, 0},
		[4] = {2, 3, 0, 1},
		[5] = {0, 2, 1, 3},
		[6] = {2, 0, 3, 1},
		[7] = {3, 1, 2, 0},
		[8] = {1, 3, 0, 2}};
	(void)state;
	for (uint32_t orientation = 1; orientation <= 8; orientation++) {
		struct bh_buf jpeg = jpeg_make(1600, 1200, orientation, orientation % 2 == 0);
		jpeg_insert_exif(&jpeg, orientation, orientation % 3 == 0);
		struct prepared out = prepared_of(bh_buf_span(&jpeg), BH_PHOTO_TIME_AND_PLACE);
		struct jpeg_seen seen = jpeg_look(bh_buf_span(&out.small));
		assert_int_equal(seen.width, orientation < 5 ? 320 : 240);
		assert_int_equal(seen.height, orientation < 5 ? 240 : 320);
		assert_memory_equal(seen.corners, turned[orientation], sizeof(seen.corners));
		assert_true(out.small.len <= BH_THUMBNAIL_BYTES_MAX);
		prepared_free(&out);
		bh_buf_free(&jpeg);
	}
}

static void test_photo__odd_sizes_have_thumbnails(void **state)
{
	static const uint32_t sizes[][2] = {
		{1, 1}, {5, 3000}, {3000, 7}, {321, 320}, {100, 50}, {5000, 4000}};
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct bh_buf jpeg = jpeg_make(sizes[i][0], sizes[i][1], 3, false);
		struct prepared out = prepared_of(bh_buf_span(&jpeg), BH_PHOTO_TIME_AND_PLACE);
		struct jpeg_seen seen = jpeg_look(bh_buf_span(&out.small));
		assert_in_range(seen.width, 1, BH_THUMBNAIL_SIDE_MAX);
		assert_in_range(seen.height, 1, BH_THUMBNAIL_SIDE_MAX);
		assert_true(seen.width <= sizes[i][0] && seen.height <= sizes[i][1]);
		prepared_free(&out);
		bh_buf_free(&jpeg);
	}
}

/* A picture that is cut short is kept as far as it goes. */
static void test_photo__what_is_cut_short_stays_and_what_is_none_goes(void **state)
{
	struct bh_buf jpeg = jpeg_make(800, 600, 9, false);
	(void)state;
	jpeg_insert_exif(&jpeg, 1, false);
	for (size_t len = 0; len < jpeg.len; len += len < 1500 ? 1 : 977) {
		struct bh_buf photo = BH_BUF(BH_BLOB_BYTES_MAX), small = BH_BUF(1u << 20);
		struct bh_span part = bh_span(jpeg.data, len);
		struct bh_photo_head head;
		int looked = bh_photo_look(part, &head);
		int err = bh_photo_prepare(part, BH_PHOTO_TIME_AND_PLACE, &photo, &small);
		assert_int_equal(err, looked);
		assert_true(err == 0 || (err == BH_ERR_MALFORMED && photo.len == 0));
		bh_buf_free(&photo);
		bh_buf_free(&small);
	}
	assert_refused(bh_span("", 0), BH_ERR_MALFORMED);
	assert_refused(bh_span("\x89PNG\r\n\x1a\n and so on", 19), BH_ERR_MALFORMED);
	bh_buf_free(&jpeg);
}

static void test_photo__too_many_pixels_or_bytes_are_refused(void **state)
{
	struct bh_buf jpeg = jpeg_make(64, 64, 2, false);
	uint8_t *big = calloc(1, BH_BLOB_BYTES_MAX + 1);
	size_t at = 0;
	(void)state;
	while (jpeg.data[at] != 0xff || jpeg.data[at + 1] != 0xc0)
		at++;
	memset(jpeg.data + at + 5, 0xff, 4); /* 65,535 by 65,535 */
	assert_refused(bh_buf_span(&jpeg), BH_ERR_LIMIT);
	memset(jpeg.data + at + 5, 0, 2);
	assert_refused(bh_buf_span(&jpeg), BH_ERR_MALFORMED);
	assert_non_null(big);
	assert_refused(bh_span(big, BH_BLOB_BYTES_MAX + 1), BH_ERR_LIMIT);
	free(big);
	bh_buf_free(&jpeg);
}

/* Every change of a byte of the first two kilobytes: whatever comes of it, it is answered. */
static void test_photo__damage_is_answered(void **state)
{
	struct bh_buf jpeg = laden(8, true);
	(void)state;
	for (size_t at = 0; at < 2000; at++) {
		static const uint8_t flips[] = {0xff, 0x01};
		for (size_t i = 0; i < 2; i++) {
			struct bh_buf photo = BH_BUF(BH_BLOB_BYTES_MAX), small = BH_BUF(1u << 20);
			jpeg.data[at] ^= flips[i];
			int err = bh_photo_prepare(bh_buf_span(&jpeg), BH_PHOTO_TIME_AND_PLACE,
				&photo, at % 16 == 0 ? &small : NULL);
			assert_true(err == 0 || err == BH_ERR_MALFORMED || err == BH_ERR_LIMIT);
			assert_true(photo.len == 0 || err == 0);
			jpeg.data[at] ^= flips[i];
			bh_buf_free(&photo);
			bh_buf_free(&small);
		}
	}
	bh_buf_free(&jpeg);
}

/* Real ones, where they lie: argument of the program, from a folder of JPEGs. */
static const char *photos_folder;

static void real_one(const char *path)
{
	struct bh_buf jpeg = BH_BUF(BH_BLOB_BYTES_MAX);
	FILE *file = fopen(path, "rb");
	uint8_t chunk[65536];
	size_t got;
	struct bh_photo_head before, after;

	assert_non_null(file);
	while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0)
		assert_int_equal(bh_buf_append(&jpeg, chunk, got), 0);
	(void)fclose(file);
	struct prepared out = prepared_of(bh_buf_span(&jpeg), BH_PHOTO_TIME_AND_PLACE);
	assert_int_equal(bh_photo_look(bh_buf_span(&jpeg), &before), 0);
	assert_int_equal(bh_photo_look(bh_buf_span(&out.photo), &after), 0);
	assert_int_equal(after.width, before.width);
	assert_int_equal(after.orientation, before.orientation);
	struct jpeg_seen seen = jpeg_look(bh_buf_span(&out.small));
	bool turned = before.orientation >= 5;
	assert_true((seen.width > seen.height) == ((turned ? before.height : before.width) >
							  (turned ? before.width : before.height)));
	assert_true(out.small.len <= BH_THUMBNAIL_BYTES_MAX);
	prepared_free(&out);
	bh_buf_free(&jpeg);
}

static void test_photo__real_ones_of_many_cameras(void **state)
{
	DIR *folder = photos_folder ? opendir(photos_folder) : NULL;
	const struct dirent *entry;
	unsigned count = 0;
	(void)state;
	if (folder == NULL)
		skip();
	while ((entry = readdir(folder)) != NULL) {
		char path[4096];
		if (strstr(entry->d_name, ".jpg") == NULL)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", photos_folder, entry->d_name);
		real_one(path);
		count++;
	}
	(void)closedir(folder);
	assert_true(count > 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_photo__time_and_place_stay_and_nothing_of_a_person),
		cmocka_unit_test(test_photo__without_metadata_it_still_stands_upright),
		cmocka_unit_test(test_photo__not_a_pixel_changes),
		cmocka_unit_test(test_photo__thumbnails_are_small_and_upright),
		cmocka_unit_test(test_photo__odd_sizes_have_thumbnails),
		cmocka_unit_test(test_photo__what_is_cut_short_stays_and_what_is_none_goes),
		cmocka_unit_test(test_photo__too_many_pixels_or_bytes_are_refused),
		cmocka_unit_test(test_photo__damage_is_answered),
		cmocka_unit_test(test_photo__real_ones_of_many_cameras),
	};
	photos_folder = argc > 1 ? argv[1] : NULL;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
