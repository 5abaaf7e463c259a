/* Places of the worker's grids where something comes again and again, as last told. */
#include "client-lib/client_state.h"
#include "client-lib/include/bihuan_offline.h"

#define METRES_PER_DEGREE 111319.49
#define RADIANS_PER_DEGREE 0.017453292519943295

/* Over hundreds of metres the earth is flat; cos by its series: right to a ten-thousandth up to the
 * poles. */
static double cosine(double degrees)
{
	double x = degrees * RADIANS_PER_DEGREE, xx = x * x;

	return 1 - xx / 2 * (1 - xx / 12 * (1 - xx / 30 * (1 - xx / 56)));
}

bool bh_place_is_within(int32_t latitude_e7, int32_t longitude_e7, double latitude_deg,
	double longitude_deg, double metres)
{
	double from_deg = latitude_e7 / 1e7;
	double north_m = (latitude_deg - from_deg) * METRES_PER_DEGREE;
	double east_m = (longitude_deg - longitude_e7 / 1e7) * METRES_PER_DEGREE * cosine(from_deg);

	return north_m * north_m + east_m * east_m <= metres * metres;
}

static bh_repeat_view view_of(const struct bh_msg_repeat *repeat)
{
	bh_repeat_view view = {.grid = repeat->grid,
		.cases = repeat->cases,
		.days = BH_REPEAT_DAYS,
		.has_place = repeat->has_place,
		.latitude_deg = repeat->latitude_e7 / 1e7,
		.longitude_deg = repeat->longitude_e7 / 1e7,
		.last_at = repeat->last_ms};

	bh_text_cut(view.asset, sizeof(view.asset), repeat->asset);
	return view;
}

bh_status bh_repeat_get(bh_client *client, uint32_t index, bh_repeat_view *out, bh_error *err)
{
	struct bh_arena arena;
	struct bh_msg_district district;
	bh_status status = bh_enter(client, err);

	if (status == BH_OK)
		status = bh_struct_check(out, "repeat view", err);
	if (status != BH_OK)
		return status;
	int rc = bh_district_take(client, &arena, &district);

	if (rc != 0) {
		status = bh_fail_rc(err, client, rc, "repeats");
	} else if (index >= district.repeats_count) {
		status = bh_fail(err, BH_E_NOT_FOUND, "repeat: no such place");
	} else {
		const bh_repeat_view view = view_of(&district.repeats[index]);

		bh_struct_give(&view, sizeof(view), out);
	}
	bh_arena_free(&arena);
	return status;
}

static const struct bh_msg_repeat *near_find(
	const struct bh_msg_district *district, double latitude_deg, double longitude_deg)
{
	for (size_t i = 0; i < district->repeats_count; i++) {
		const struct bh_msg_repeat *repeat = &district->repeats[i];

		if (repeat->has_place &&
			bh_place_is_within(repeat->latitude_e7, repeat->longitude_e7, latitude_deg,
				longitude_deg, BH_REPEAT_METRES))
			return repeat;
	}
	return NULL;
}

bh_status bh_repeat_near(bh_client *client, double latitude_deg, double longitude_deg,
	bh_repeat_view *out, bh_error *err)
{
	struct bh_arena arena;
	struct bh_msg_district district;
	bh_status status = bh_enter(client, err);

	if (status == BH_OK)
		status = bh_struct_check(out, "repeat view", err);
	if (status == BH_OK && !(latitude_deg >= -90.0 && latitude_deg <= 90.0 &&
				       longitude_deg >= -180.0 && longitude_deg <= 180.0))
		status = bh_fail(err, BH_E_INVALID, "repeat: the place is out of range");
	if (status != BH_OK)
		return status;
	int rc = bh_district_take(client, &arena, &district);
	const struct bh_msg_repeat *near = rc == 0 ? near_find(
							     &district, latitude_deg, longitude_deg)
						   : NULL;

	if (rc != 0) {
		status = bh_fail_rc(err, client, rc, "repeats");
	} else if (!near) {
		status = bh_fail(err, BH_E_NOT_FOUND, "repeat: none is near");
	} else {
		const bh_repeat_view view = view_of(near);

		bh_struct_give(&view, sizeof(view), out);
	}
	bh_arena_free(&arena);
	return status;
}
