/* The datums a position may come in, and the pair of integers that is a position everywhere. */
#ifndef BH_PROTO_DATUM_H
#define BH_PROTO_DATUM_H

#include <stdbool.h>
#include <stdint.h>

/* Values are frozen: they stand on the wire and in journals.
 *   WGS84  what GNSS gives; CGCS2000 differs by centimetres and counts as this here
 *   GCJ02  what Chinese map kits give (Gaode, Tencent): up to 700 m away
 *   BD09   Baidu's, a second shift upon GCJ-02: up to 1,500 m away */
enum bh_datum {
	BH_DATUM_WGS84 = 1,
	BH_DATUM_GCJ02 = 2,
	BH_DATUM_BD09 = 3,
};

#define BH_LATITUDE_E7_MAX 900000000
#define BH_LONGITUDE_E7_MAX 1800000000

/* Degrees times 10^7, north and east positive; one unit of latitude is 1.1 cm.  Without a word
 * about its datum a place is WGS-84. */
struct bh_place {
	int32_t latitude_e7;
	int32_t longitude_e7;
};

static inline bool bh_place_is_on_earth(struct bh_place place)
{
	return place.latitude_e7 >= -BH_LATITUDE_E7_MAX &&
	       place.latitude_e7 <= BH_LATITUDE_E7_MAX &&
	       place.longitude_e7 >= -BH_LONGITUDE_E7_MAX &&
	       place.longitude_e7 <= BH_LONGITUDE_E7_MAX;
}

#endif
