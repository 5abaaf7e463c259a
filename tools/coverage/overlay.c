/* GEOS behind a few questions.  Degrees become metres around the county's middle, so that sizes are
 * sizes and thresholds mean something; points go back. */
#include "tools/coverage/overlay.h"

#include <geos_c.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define METRES_PER_DEGREE 111319.49
#define RADIANS_PER_DEGREE 0.017453292519943295

struct bh_overlay {
	GEOSContextHandle_t geos;
	double longitude, latitude, east_m; /* of one degree of longitude */
};

struct bh_shape {
	GEOSGeometry *geometry;
	double west, east, south, north;
};

struct bh_overlay *bh_overlay_open(double longitude, double latitude)
{
	struct bh_overlay *overlay = calloc(1, sizeof(*overlay));
	if (!overlay)
		return NULL;
	overlay->geos = GEOS_init_r();
	overlay->longitude = longitude;
	overlay->latitude = latitude;
	overlay->east_m = METRES_PER_DEGREE * cos(latitude * RADIANS_PER_DEGREE);
	if (overlay->geos)
		return overlay;
	free(overlay);
	return NULL;
}

void bh_overlay_close(struct bh_overlay *overlay)
{
	if (!overlay)
		return;
	GEOS_finish_r(overlay->geos);
	free(overlay);
}

/* Takes over the geometry; NULL frees it. */
static struct bh_shape *shape_of(struct bh_overlay *overlay, GEOSGeometry *geometry)
{
	struct bh_shape *shape = geometry ? calloc(1, sizeof(*shape)) : NULL;
	if (shape && !GEOSisEmpty_r(overlay->geos, geometry) &&
		GEOSGeom_getXMin_r(overlay->geos, geometry, &shape->west) &&
		GEOSGeom_getXMax_r(overlay->geos, geometry, &shape->east) &&
		GEOSGeom_getYMin_r(overlay->geos, geometry, &shape->south) &&
		GEOSGeom_getYMax_r(overlay->geos, geometry, &shape->north)) {
		shape->geometry = geometry;
		return shape;
	}
	GEOSGeom_destroy_r(overlay->geos, geometry);
	free(shape);
	return NULL;
}

/* A point in it, whatever its form. */
static void point_in(
	struct bh_overlay *overlay, const GEOSGeometry *geometry, struct bh_patch *patch)
{
	double x = 0, y = 0;
	GEOSGeometry *point = GEOSPointOnSurface_r(overlay->geos, geometry);
	if (point && GEOSGeomGetX_r(overlay->geos, point, &x) == 1 &&
		GEOSGeomGetY_r(overlay->geos, point, &y) == 1) {
		patch->longitude = overlay->longitude + x / overlay->east_m;
		patch->latitude = overlay->latitude + y / METRES_PER_DEGREE;
	}
	if (point)
		GEOSGeom_destroy_r(overlay->geos, point);
}

static GEOSGeometry *polygon_make(struct bh_overlay *overlay, const double *ring, size_t points)
{
	GEOSCoordSequence *places = GEOSCoordSeq_create_r(overlay->geos, (unsigned)points, 2);
	for (size_t i = 0; places && i < points; i++)
		(void)GEOSCoordSeq_setXY_r(overlay->geos, places, (unsigned)i,
			(ring[2 * i] - overlay->longitude) * overlay->east_m,
			(ring[2 * i + 1] - overlay->latitude) * METRES_PER_DEGREE);
	GEOSGeometry *line = places ? GEOSGeom_createLinearRing_r(overlay->geos, places) : NULL;
	return line ? GEOSGeom_createPolygon_r(overlay->geos, line, NULL, 0) : NULL;
}

struct bh_shape *bh_shape_make(struct bh_overlay *overlay, const double *ring, size_t points,
	char why[BH_OVERLAY_WHY_MAX], struct bh_patch *at)
{
	char *reason = NULL;
	GEOSGeometry *place = NULL;
	*at = (struct bh_patch){0, 0, 0};
	GEOSGeometry *polygon = points >= 4 ? polygon_make(overlay, ring, points) : NULL;
	if (!polygon) {
		(void)snprintf(why, BH_OVERLAY_WHY_MAX, "it is not a closed ring of three points");
		return NULL;
	}
	char valid = GEOSisValidDetail_r(overlay->geos, polygon, 0, &reason, &place);
	if (valid != 1) {
		(void)snprintf(why, BH_OVERLAY_WHY_MAX, "%s", reason ? reason : "it is not valid");
		if (place)
			point_in(overlay, place, at);
		GEOSGeom_destroy_r(overlay->geos, polygon);
		polygon = NULL;
	}
	if (place)
		GEOSGeom_destroy_r(overlay->geos, place);
	GEOSFree_r(overlay->geos, reason);
	return shape_of(overlay, polygon);
}

struct bh_shape *bh_shape_union(
	struct bh_overlay *overlay, struct bh_shape *const *shapes, size_t count)
{
	GEOSGeometry **parts = calloc(count + 1, sizeof(GEOSGeometry *));
	GEOSGeometry *together = NULL, *all = NULL;
	unsigned kept = 0;
	for (size_t i = 0; parts && i < count; i++)
		if (shapes[i])
			parts[kept++] = GEOSGeom_clone_r(overlay->geos, shapes[i]->geometry);
	if (kept > 0)
		together = GEOSGeom_createCollection_r(
			overlay->geos, GEOS_MULTIPOLYGON, parts, kept);
	if (together)
		all = GEOSUnaryUnion_r(overlay->geos, together);
	if (together)
		GEOSGeom_destroy_r(overlay->geos, together);
	free(parts);
	return shape_of(overlay, all);
}

void bh_shape_free(struct bh_overlay *overlay, struct bh_shape *shape)
{
	if (!shape)
		return;
	GEOSGeom_destroy_r(overlay->geos, shape->geometry);
	free(shape);
}

bool bh_shapes_near(const struct bh_shape *a, const struct bh_shape *b)
{
	return a->west < b->east && b->west < a->east && a->south < b->north && b->south < a->north;
}

/* Each polygon of what was found; lines and points are edges that touch. */
static bool pieces_take(struct bh_overlay *overlay, GEOSGeometry *found, double min_m2,
	bh_patch_take *take, void *context)
{
	int count = found ? GEOSGetNumGeometries_r(overlay->geos, found) : 0;
	for (int i = 0; i < count; i++) {
		const GEOSGeometry *piece = GEOSGetGeometryN_r(overlay->geos, found, i);
		struct bh_patch patch = {0, 0, 0};
		if (!piece || GEOSArea_r(overlay->geos, piece, &patch.square_m) != 1 ||
			patch.square_m < min_m2)
			continue;
		point_in(overlay, piece, &patch);
		take(context, &patch);
	}
	if (found)
		GEOSGeom_destroy_r(overlay->geos, found);
	return found != NULL;
}

bool bh_shape_minus(struct bh_overlay *overlay, const struct bh_shape *a, const struct bh_shape *b,
	double min_m2, bh_patch_take *take, void *context)
{
	return pieces_take(overlay, GEOSDifference_r(overlay->geos, a->geometry, b->geometry),
		min_m2, take, context);
}

bool bh_shape_common(struct bh_overlay *overlay, const struct bh_shape *a, const struct bh_shape *b,
	double min_m2, bh_patch_take *take, void *context)
{
	return pieces_take(overlay, GEOSIntersection_r(overlay->geos, a->geometry, b->geometry),
		min_m2, take, context);
}

bool bh_shape_holes(struct bh_overlay *overlay, const struct bh_shape *a, double min_m2,
	bh_patch_take *take, void *context)
{
	bool fine = true;
	int parts = GEOSGetNumGeometries_r(overlay->geos, a->geometry);
	for (int i = 0; i < parts; i++) {
		const GEOSGeometry *part = GEOSGetGeometryN_r(overlay->geos, a->geometry, i);
		int holes = GEOSGetNumInteriorRings_r(overlay->geos, part);
		for (int k = 0; k < holes; k++) {
			const GEOSGeometry *ring = GEOSGetInteriorRingN_r(overlay->geos, part, k);
			GEOSGeometry *copy = ring ? GEOSGeom_clone_r(overlay->geos, ring) : NULL;
			GEOSGeometry *hole = copy ? GEOSGeom_createPolygon_r(
							    overlay->geos, copy, NULL, 0)
						  : NULL;
			fine = pieces_take(overlay, hole, min_m2, take, context) && fine;
		}
	}
	return fine;
}
