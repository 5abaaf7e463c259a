/* Polygons laid over each other, in square metres; GEOS does the work, and only overlay.c knows it.
 */
#ifndef BH_COVERAGE_OVERLAY_H
#define BH_COVERAGE_OVERLAY_H

#include <stdbool.h>
#include <stddef.h>

#define BH_OVERLAY_WHY_MAX 160u

struct bh_overlay;
struct bh_shape;

/* A plane around a place, in metres: good to a thousandth over a county.  NULL: no memory. */
struct bh_overlay *bh_overlay_open(double longitude, double latitude);
void bh_overlay_close(struct bh_overlay *overlay); /* NULL is fine */

/* One piece of what was found: a point in it, in degrees, and how large it is. */
struct bh_patch {
	double square_m;
	double longitude, latitude;
};
typedef void bh_patch_take(void *context, const struct bh_patch *patch);

/* A closed ring of longitude, latitude, ...; the caller frees the shape.  NULL: it is no polygon,
 * and why says so, with the place where that shows in *at (0, 0: nowhere). */
struct bh_shape *bh_shape_make(struct bh_overlay *overlay, const double *ring, size_t points,
	char why[BH_OVERLAY_WHY_MAX], struct bh_patch *at);
/* All of them as one; NULL ones are passed over.  NULL: there is none, or it failed. */
struct bh_shape *bh_shape_union(
	struct bh_overlay *overlay, struct bh_shape *const *shapes, size_t count);
void bh_shape_free(struct bh_overlay *overlay, struct bh_shape *shape); /* NULL is fine */
/* Do their boxes meet? */
bool bh_shapes_near(const struct bh_shape *a, const struct bh_shape *b);

/* The pieces of at least min_m2 of a that are not in b, that are in both, and that a encloses
 * without holding them.  False: GEOS failed on these shapes. */
bool bh_shape_minus(struct bh_overlay *overlay, const struct bh_shape *a, const struct bh_shape *b,
	double min_m2, bh_patch_take *take, void *context);
bool bh_shape_common(struct bh_overlay *overlay, const struct bh_shape *a, const struct bh_shape *b,
	double min_m2, bh_patch_take *take, void *context);
bool bh_shape_holes(struct bh_overlay *overlay, const struct bh_shape *a, double min_m2,
	bh_patch_take *take, void *context);

#endif
