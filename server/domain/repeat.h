/* Places where something comes again and again (I23), about places alone: whoever a case names, or
 * is guarded, is no part of it.
 *
 *   counts:      received in the 90 days up to an instant, and of a type that is known, public and
 *                no dispute; a report that was refused, void or merged is none
 *   same place:  of the same component, or both with a position, 30 m apart at most
 *   repeats:     three or more at one place, whatever their types */
#ifndef BH_DOMAIN_REPEAT_H
#define BH_DOMAIN_REPEAT_H

#include "proto/limits.h"
#include "server/domain/case.h"
#include "server/domain/rules.h"

#define BH_REPEAT_MS (INT64_C(90) * 86400000)
#define BH_REPEAT_CASES 3u
#define BH_REPEAT_RADIUS_M 30u
#define BH_REPEAT_ROWS_MAX 512u    /* of a grid, the newest that count, of which places are made, */
#define BH_REPEAT_OF_ONE_MAX 64u   /* and of one reporter no more */
#define BH_REPEAT_LOOKED_MAX 4096u /* rows that are looked at for that, or around one place */

struct bh_repeat {
	uint32_t grid;
	uint32_t asset;      /* of the newest; 0: none */
	int32_t latitude_e7; /* of the newest that has a position */
	int32_t longitude_e7;
	bool has_place;
	uint32_t cases;
	int64_t last_ms; /* when the newest was received */
};

bool bh_case_counts_for_repeat(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t now_ms);
bool bh_case_is_at_place(const struct bh_case *a, const struct bh_case *b);
/* The places that repeat among cases that count, of one grid, newest first (at most
 * BH_REPEAT_ROWS_MAX are looked at): each case belongs to the first place that it is at.  Writes at
 * most max, in order of their newest, and gives how many. */
size_t bh_repeat_places(
	const struct bh_case *cases, size_t count, struct bh_repeat *out, size_t max);

#endif
