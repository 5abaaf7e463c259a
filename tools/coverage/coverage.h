/* Do a district's areas cover it, each place once, and has each grid its worker?  A report, not a
 * refusal: an outline may be drawn later (S4-16). */
#ifndef BH_COVERAGE_COVERAGE_H
#define BH_COVERAGE_COVERAGE_H

#include <jansson.h>

#define BH_COVERAGE_AREAS_MAX 30000u
#define BH_COVERAGE_PAIRS_MAX 2000000u /* of outlines whose boxes meet */
#define BH_COVERAGE_FOUND_MAX 5000u

/* Of a profile as JSON, today as "2026-12-31": a new list of {"what", "area", "name", "other",
 * "square_m", "longitude", "latitude", "message"}, and in *more how many were not kept.  what is
 * one of invalid, gap, overlap, outside, no_polygon, no_grid, no_worker, worker_without_grid,
 * failed. NULL: no memory, or more areas than BH_COVERAGE_AREAS_MAX. */
json_t *bh_coverage_find(const json_t *profile, const char *today, double min_m2, size_t *more);

#endif
