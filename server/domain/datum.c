/* A place goes through GCJ-02 on its way between any two datums; each shift is a smooth function
 * that differs from the identity by little, so its inverse is found by a few rounds of
 *   guess = target - (shift(guess) - guess)
 * which contracts by a factor of 50 and more.  A result that would leave the earth is refused. */
#include "server/domain/datum.h"

#include <math.h>

#include "proto/err.h"

/* The rectangle outside which GCJ-02 is the identity, as all published converters draw it. */
#define CHINA_SOUTH 0.8293
#define CHINA_NORTH 55.8271
#define CHINA_WEST 72.004
#define CHINA_EAST 137.8347

/* GCJ-02's ellipsoid is Krasovsky 1940. */
#define KRASOVSKY_RADIUS_M 6378245.0
#define KRASOVSKY_ECCENTRICITY2 0.00669342162296594323

#define PI 3.14159265358979323846
#define BD_TURNS (PI * 3000.0 / 180.0)

/* Ten rounds reach the last bit of a double from anywhere; measured: four suffice for 1 cm. */
#define INVERSE_ROUNDS 10

struct degrees {
	double latitude;
	double longitude;
};

static bool is_in_china(struct degrees at)
{
	return at.latitude >= CHINA_SOUTH && at.latitude <= CHINA_NORTH &&
	       at.longitude >= CHINA_WEST && at.longitude <= CHINA_EAST;
}

/* The part both axes share: the ripple of 6 and 2 turns a degree along longitude. */
static double gcj_ripple(double x)
{
	return (20.0 * sin(6.0 * x * PI) + 20.0 * sin(2.0 * x * PI)) * 2.0 / 3.0;
}

static struct degrees gcj_shift(struct degrees at)
{
	double x = at.longitude - 105.0, y = at.latitude - 35.0;
	double north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y +
		       0.2 * sqrt(fabs(x)) + gcj_ripple(x) +
		       (20.0 * sin(y * PI) + 40.0 * sin(y / 3.0 * PI)) * 2.0 / 3.0 +
		       (160.0 * sin(y / 12.0 * PI) + 320.0 * sin(y * PI / 30.0)) * 2.0 / 3.0;
	double east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(fabs(x)) +
		      gcj_ripple(x) + (20.0 * sin(x * PI) + 40.0 * sin(x / 3.0 * PI)) * 2.0 / 3.0 +
		      (150.0 * sin(x / 12.0 * PI) + 300.0 * sin(x / 30.0 * PI)) * 2.0 / 3.0;
	double phi = at.latitude / 180.0 * PI;
	double bend = 1.0 - KRASOVSKY_ECCENTRICITY2 * sin(phi) * sin(phi);
	double meridian_m = KRASOVSKY_RADIUS_M * (1.0 - KRASOVSKY_ECCENTRICITY2) /
			    (bend * sqrt(bend));
	double parallel_m = KRASOVSKY_RADIUS_M / sqrt(bend) * cos(phi);

	return (struct degrees){
		north * 180.0 / (meridian_m * PI), east * 180.0 / (parallel_m * PI)};
}

static struct degrees bd_shift(struct degrees at)
{
	double x = at.longitude, y = at.latitude;
	double radius = sqrt(x * x + y * y) + 0.00002 * sin(y * BD_TURNS);
	double angle = atan2(y, x) + 0.000003 * cos(x * BD_TURNS);

	return (struct degrees){radius * sin(angle) + 0.006 - y, radius * cos(angle) + 0.0065 - x};
}

static struct degrees shift_apply(struct degrees (*shift)(struct degrees), struct degrees at)
{
	struct degrees by = shift(at);

	return (struct degrees){at.latitude + by.latitude, at.longitude + by.longitude};
}

static struct degrees shift_undo(struct degrees (*shift)(struct degrees), struct degrees target)
{
	struct degrees guess = target;
	int round;

	for (round = 0; round < INVERSE_ROUNDS; round++) {
		struct degrees by = shift(guess);

		guess.latitude = target.latitude - by.latitude;
		guess.longitude = target.longitude - by.longitude;
	}
	return guess;
}

static struct degrees degrees_from_place(struct bh_place place)
{
	return (struct degrees){place.latitude_e7 / 1e7, place.longitude_e7 / 1e7};
}

static int place_from_degrees(struct degrees at, struct bh_place *out)
{
	double latitude_e7 = nearbyint(at.latitude * 1e7);
	double longitude_e7 = nearbyint(at.longitude * 1e7);

	if (!(fabs(latitude_e7) <= BH_LATITUDE_E7_MAX && fabs(longitude_e7) <= BH_LONGITUDE_E7_MAX))
		return BH_ERR_INVALID;
	out->latitude_e7 = (int32_t)latitude_e7;
	out->longitude_e7 = (int32_t)longitude_e7;
	return BH_NOERR;
}

static bool datum_is_known(enum bh_datum datum)
{
	return datum == BH_DATUM_WGS84 || datum == BH_DATUM_GCJ02 || datum == BH_DATUM_BD09;
}

int bh_datum_to_wgs84(enum bh_datum datum, struct bh_place place, struct bh_place *out)
{
	struct degrees at = degrees_from_place(place);

	if (!datum_is_known(datum) || !bh_place_is_on_earth(place))
		return BH_ERR_INVALID;
	if (datum == BH_DATUM_WGS84) {
		*out = place;
		return BH_NOERR;
	}
	if (datum == BH_DATUM_BD09)
		at = shift_undo(bd_shift, at);
	if (is_in_china(at))
		at = shift_undo(gcj_shift, at);
	return place_from_degrees(at, out);
}

int bh_datum_from_wgs84(enum bh_datum datum, struct bh_place place, struct bh_place *out)
{
	struct degrees at = degrees_from_place(place);

	if (!datum_is_known(datum) || !bh_place_is_on_earth(place))
		return BH_ERR_INVALID;
	if (datum == BH_DATUM_WGS84) {
		*out = place;
		return BH_NOERR;
	}
	if (is_in_china(at))
		at = shift_apply(gcj_shift, at);
	if (datum == BH_DATUM_BD09)
		at = shift_apply(bd_shift, at);
	return place_from_degrees(at, out);
}
