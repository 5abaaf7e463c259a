/* Conversion of positions between the datums of Chinese maps and WGS-84, the only one we store.
 *
 * GCJ-02 and BD-09 have no published definition; these are the formulas that every open converter
 * uses (googollee/eviltransform, wandergis/coordtransform, hujiulong/gcoord), and the inverse is
 * iterated, so that there and back again is within 3 cm instead of their usual metres.
 *
 *   WGS-84 ──shift by a sum of sines──▶ GCJ-02 ──turn and shift──▶ BD-09
 *
 * Outside the rectangle 0.8293..55.8271 N, 72.004..137.8347 E GCJ-02 is the identity.  The
 * rectangle is wider than the country by at least a degree, so its edge lies in no district.
 * Floating point: results are rounded to 1e-7 degree and recorded at entry, never recomputed. */
#ifndef BH_SERVER_DOMAIN_DATUM_H
#define BH_SERVER_DOMAIN_DATUM_H

#include "proto/datum.h"

/* The WGS-84 position of a place given in datum (and the reverse).  BH_ERR_INVALID: not a datum we
 * know, a place that is not on earth, or a result that would not be. */
int bh_datum_to_wgs84(enum bh_datum datum, struct bh_place place, struct bh_place *out);
int bh_datum_from_wgs84(enum bh_datum datum, struct bh_place place, struct bh_place *out);

#endif
