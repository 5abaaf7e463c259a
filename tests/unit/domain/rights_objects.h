/* What rights are tried on: a case of every kind, in and out of a post's area, unit, class and
 * period, one's own or somebody else's; and a district in which every role is held so. */
#ifndef BH_TESTS_RIGHTS_OBJECTS_H
#define BH_TESTS_RIGHTS_OBJECTS_H

#include "tests/unit/domain/demo_rules.h"

#define BH_OBJECT_FIRST_DAY 20454 /* 2026-01-01 */
#define BH_OBJECT_LAST_DAY 20818  /* 2026-12-31 */
#define BH_OBJECT_DAY_MS INT64_C(86400000)
/* A day's beginning, of the district's own clock. */
#define BH_OBJECT_MIDNIGHT(day) ((day)*BH_OBJECT_DAY_MS - 8 * 3600000)
#define BH_OBJECTS (3u * 3u * 3u * 6u * 2u)

/* One kind of case, and one instant. */
struct bh_object {
	bool in_area, in_unit, in_class, in_period, own;
	uint32_t area, unit, type, reporter;
	int64_t now_ms;
};

/* Person r (enum bh_role) holds role r in township A, in BH_DEMO_CLEAN_A, for class 10, in 2026.
 * The caller unrefs. */
struct bh_rules *bh_object_rules(void);
/* number: below BH_OBJECTS; person: whose own it is, or not. */
struct bh_object bh_object_of(unsigned number, uint32_t person);

#endif
