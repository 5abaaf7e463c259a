/* Datum conversion against published points, and there and back over the whole country. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "proto/err.h"
#include "server/domain/datum.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static double metres_apart(struct bh_place a, struct bh_place b)
{
	double north = (a.latitude_e7 - b.latitude_e7) * 0.0111195;
	double east = (a.longitude_e7 - b.longitude_e7) * 0.0111195 *
		      cos(a.latitude_e7 / 1e7 * 3.14159265358979 / 180);

	return sqrt(north * north + east * east);
}

static void assert_near(struct bh_place got, struct bh_place want, double metres)
{
	if (metres_apart(got, want) > metres)
		fail_msg("%d %d is %.3f m from %d %d", got.latitude_e7, got.longitude_e7,
			metres_apart(got, want), want.latitude_e7, want.longitude_e7);
}

/* The three points that googollee/eviltransform tests in every language it is written in, and the
 * one of wandergis/coordtransform. */
static void test_datum__gcj02_gives_the_published_points(void **state)
{
	static const struct {
		struct bh_place wgs84, gcj02;
	} points[] = {
		{{311774276, 1215272106}, {311753040, 1215315419}},
		{{225438470, 1139123160}, {225407961, 1139171765}},
		{{399119540, 1163778170}, {399133455, 1163840472}},
		{{399150000, 1164040000}, {399164043, 1164102445}},
	};
	struct bh_place got;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(points); i++) {
		assert_int_equal(
			bh_datum_from_wgs84(BH_DATUM_GCJ02, points[i].wgs84, &got), BH_NOERR);
		assert_near(got, points[i].gcj02, 0.02);
		assert_int_equal(
			bh_datum_to_wgs84(BH_DATUM_GCJ02, points[i].gcj02, &got), BH_NOERR);
		assert_near(got, points[i].wgs84, 0.03);
	}
}

/* Cities as the map services themselves convert them (the fixtures of hujiulong/gcoord). */
static void test_datum__cities_agree_with_the_map_services(void **state)
{
	static const struct {
		struct bh_place wgs84, gcj02, bd09;
	} cities[] = {
		{{330133556, 1140164322}, {330115324, 1140223060}, {330176697, 1140287781}},
		{{272421240, 1114622119}, {272388981, 1114677938}, {272451662, 1114742271}},
		{{370700925, 1144989160}, {370705911, 1145048503}, {370766790, 1145113116}},
		{{314784436, 920499619}, {314762063, 920512438}, {314824421, 920576832}},
		{{439312805, 1160414035}, {439334573, 1160482308}, {439397782, 1160546232}},
		{{219828281, 1086503952}, {219799392, 1086541485}, {219856319, 1086607283}},
		{{418032629, 1234253306}, {418057023, 1234314787}, {418114013, 1234380950}},
		{{397319946, 984937175}, {397328234, 984943595}, {397388949, 985008441}},
	};
	struct bh_place got;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cities); i++) {
		assert_int_equal(
			bh_datum_from_wgs84(BH_DATUM_GCJ02, cities[i].wgs84, &got), BH_NOERR);
		assert_near(got, cities[i].gcj02, 2.0);
		assert_int_equal(
			bh_datum_to_wgs84(BH_DATUM_GCJ02, cities[i].gcj02, &got), BH_NOERR);
		assert_near(got, cities[i].wgs84, 2.0);
		assert_int_equal(bh_datum_to_wgs84(BH_DATUM_BD09, cities[i].bd09, &got), BH_NOERR);
		assert_near(got, cities[i].wgs84, 2.0);
		assert_int_equal(
			bh_datum_from_wgs84(BH_DATUM_BD09, cities[i].wgs84, &got), BH_NOERR);
		assert_near(got, cities[i].bd09, 2.0);
	}
}

static void test_datum__there_and_back_is_within_three_centimetres_all_over_china(void **state)
{
	static const enum bh_datum datums[] = {BH_DATUM_GCJ02, BH_DATUM_BD09};
	double worst = 0, least_shift = 1e9;
	struct bh_place at, there, back;
	size_t i;

	(void)state;
	for (at.latitude_e7 = 30000000; at.latitude_e7 < 540000000; at.latitude_e7 += 1700003)
		for (at.longitude_e7 = 730000000; at.longitude_e7 < 1355000000;
			at.longitude_e7 += 1900007)
			for (i = 0; i < COUNT(datums); i++) {
				double off;

				assert_int_equal(
					bh_datum_from_wgs84(datums[i], at, &there), BH_NOERR);
				assert_int_equal(
					bh_datum_to_wgs84(datums[i], there, &back), BH_NOERR);
				off = metres_apart(at, back);
				worst = off > worst ? off : worst;
				off = metres_apart(at, there);
				least_shift = off < least_shift ? off : least_shift;
				assert_true(off < 3000);
			}
	print_message("# worst %.4f m, least shift %.1f m\n", worst, least_shift);
	assert_true(worst < 0.03);
	/* The conversion is not the identity anywhere there. */
	assert_true(least_shift > 5);
}

static void test_datum__gcj02_is_the_identity_outside_china(void **state)
{
	static const struct bh_place places[] = {{488566000, 23522000}, {-338688000, 1512093000},
		{407128000, -740060000}, {0, 0}, {558271001, 1000000000}, {300000000, 720039000}};
	struct bh_place got;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(places); i++) {
		assert_int_equal(bh_datum_from_wgs84(BH_DATUM_GCJ02, places[i], &got), BH_NOERR);
		assert_memory_equal(&got, &places[i], sizeof(got));
		assert_int_equal(bh_datum_to_wgs84(BH_DATUM_GCJ02, places[i], &got), BH_NOERR);
		assert_memory_equal(&got, &places[i], sizeof(got));
	}
}

static void test_datum__wgs84_passes_unchanged(void **state)
{
	struct bh_place place = {900000000, -1800000000}, got;

	(void)state;
	assert_int_equal(bh_datum_to_wgs84(BH_DATUM_WGS84, place, &got), BH_NOERR);
	assert_memory_equal(&got, &place, sizeof(got));
	assert_int_equal(bh_datum_from_wgs84(BH_DATUM_WGS84, place, &got), BH_NOERR);
	assert_memory_equal(&got, &place, sizeof(got));
}

static void test_datum__what_is_not_a_datum_or_not_on_earth_is_refused(void **state)
{
	struct bh_place good = {300000000, 1100000000}, got = {7, 7};
	struct bh_place north = {900000001, 0}, east = {0, 1800000001}, pole = {900000000, 0};

	(void)state;
	assert_int_equal(bh_datum_to_wgs84((enum bh_datum)0, good, &got), BH_ERR_INVALID);
	assert_int_equal(bh_datum_from_wgs84((enum bh_datum)4, good, &got), BH_ERR_INVALID);
	assert_int_equal(bh_datum_to_wgs84(BH_DATUM_WGS84, north, &got), BH_ERR_INVALID);
	assert_int_equal(bh_datum_to_wgs84(BH_DATUM_GCJ02, east, &got), BH_ERR_INVALID);
	assert_int_equal(bh_datum_from_wgs84(BH_DATUM_WGS84, north, &got), BH_ERR_INVALID);
	/* Baidu's shift would leave the earth. */
	assert_int_equal(bh_datum_from_wgs84(BH_DATUM_BD09, pole, &got), BH_ERR_INVALID);
	assert_int_equal(got.latitude_e7, 7);
	assert_int_equal(got.longitude_e7, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_datum__gcj02_gives_the_published_points),
		cmocka_unit_test(test_datum__cities_agree_with_the_map_services),
		cmocka_unit_test(
			test_datum__there_and_back_is_within_three_centimetres_all_over_china),
		cmocka_unit_test(test_datum__gcj02_is_the_identity_outside_china),
		cmocka_unit_test(test_datum__wgs84_passes_unchanged),
		cmocka_unit_test(test_datum__what_is_not_a_datum_or_not_on_earth_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
