/* A small district for tests: a county, two townships, four villages, eight grids and a market,
 * with units, people for every role and a catalogue of seven types.  All of it is made up.
 *
 *      lon 117.00   .01    .02    .03    .04    .05    .06    .07    .08
 *  30.52 ┌──────┬──────┬──────┬──────┬──────┬──────┬──────┬──────┐
 *        │ 1111 │ 1112 │ 1121 │ 1122 │ 1211 │ 1212 │ 1221 │ 1222 │  grids
 *        │  village 111│  village 112│  village 121│  village 122│
 *  30.50 └──────┴──────┴──────┴──────┴──────┴──────┴──────┴──────┘
 *           township 11                 township 12                 county 1
 *  The market 1901 is a special grid around (30.51, 117.01), for class 20. */
#ifndef BH_TEST_DEMO_RULES_H
#define BH_TEST_DEMO_RULES_H

#include "proto/caseflow.h"
#include "server/domain/command.h"
#include "server/domain/rules.h"

#define BH_DEMO_COUNTY 1u
#define BH_DEMO_TOWNSHIP_A 11u
#define BH_DEMO_TOWNSHIP_B 12u
#define BH_DEMO_MARKET 1901u

/* Units.  Each has a lead (person 2000 + unit) and a handler (3000 + unit); a post's id is its
 * person's. */
#define BH_DEMO_DESK_COUNTY 100u
#define BH_DEMO_DESK_A 101u
#define BH_DEMO_DESK_B 102u
#define BH_DEMO_DESK_VILLAGE 103u /* of village 111 only */
#define BH_DEMO_CLEAN_COUNTY 110u
#define BH_DEMO_CLEAN_A 111u
#define BH_DEMO_GAS 120u
#define BH_DEMO_POLICE_A 130u
#define BH_DEMO_POLICE_B 131u
#define BH_DEMO_MEDIATION_A 140u
#define BH_DEMO_MEDIATION_B 141u
#define BH_DEMO_WORKS 150u
#define BH_DEMO_LEAD(unit) (2000u + (unit))
#define BH_DEMO_HANDLER(unit) (3000u + (unit))

/* People.  Person r holds role r for the whole county (unit lead, handler: of BH_DEMO_CLEAN_A,
 * mediator: BH_DEMO_MEDIATION_A, tier desk: BH_DEMO_DESK_COUNTY).  Grid workers hold their grid
 * alone. */
#define BH_DEMO_PERSON(role) ((uint32_t)BH_ROLE_##role)
#define BH_DEMO_WORKER(grid) (5000u + (grid))
#define BH_DEMO_TOWNSHIP_DESK 50u /* post 50 acceptor and 51 dispatcher, of township B only */
#define BH_DEMO_TWO_POSTS 60u     /* post 60 dispatcher and 61 shift leader, of the county */

/* Types. */
#define BH_DEMO_LITTER \
	10001u /* class 10, P3, cleaning; condition 1: 2 work hours, 2: 1 work day; else 4 h */
#define BH_DEMO_STALL \
	20001u /* class 20, P3; cleaning by its kind, in township B the police by a route */
#define BH_DEMO_COVER \
	40001u /* class 40, P2, works; conditions 1..4: 2 urgent h, 4 work h, 2 d, 5 d */
#define BH_DEMO_UNKNOWN 40006u  /* class 40, P2, the township's own desk; 2 urgent hours */
#define BH_DEMO_GAS_LEAK 50001u /* class 50, P1, gas; dispatched at once; 1 urgent hour */
#define BH_DEMO_QUARREL                                                                         \
	60001u                /* class 60, P3, a dispute: mediation; 3 days of the village tier \
			       */
#define BH_DEMO_HAZARD 70001u /* class 70, P2, nobody's kind: the backstop; 1 natural day */

#define BH_DEMO_AREAS 16u
#define BH_DEMO_UNITS 12u
#define BH_DEMO_PEOPLE (19u + 8u + 2u + 2u * BH_DEMO_UNITS)
#define BH_DEMO_POSTS (BH_DEMO_PEOPLE + 2u)
#define BH_DEMO_TYPES 7u
#define BH_DEMO_ROUTES 3u
#define BH_DEMO_RING 10u
#define BH_DEMO_CODE 12u

/* The profile with the arrays it points to: fill it, change what a test needs, build.  Do not move
 * it. */
struct bh_demo_profile {
	struct bh_msg_profile profile;
	struct bh_msg_area areas[BH_DEMO_AREAS];
	int32_t rings[BH_DEMO_AREAS][BH_DEMO_RING];
	char area_codes[BH_DEMO_AREAS][BH_DEMO_CODE];
	struct bh_msg_unit units[BH_DEMO_UNITS];
	char unit_codes[BH_DEMO_UNITS][BH_DEMO_CODE];
	struct bh_msg_person people[BH_DEMO_PEOPLE];
	char people_codes[BH_DEMO_PEOPLE][BH_DEMO_CODE];
	struct bh_msg_post posts[BH_DEMO_POSTS];
	struct bh_msg_route routes[BH_DEMO_ROUTES];
	struct bh_msg_catalogue_type types[BH_DEMO_TYPES];
};

void bh_demo_profile(struct bh_demo_profile *out);
/* Built; the caller unrefs.  Asserts that it has no fault. */
struct bh_rules *bh_demo_rules(void);
/* The same with automatic dispatch switched off: for one class, or for all (0). */
struct bh_rules *bh_demo_rules_by_hand(uint32_t class);
/* Builds a profile that a test has changed; asserts likewise. */
struct bh_rules *bh_demo_build(const struct bh_demo_profile *demo);

/* The middle of a grid. */
void bh_demo_place(uint32_t grid, int32_t *latitude_e7, int32_t *longitude_e7);

/* What a desk's verb says besides: that a matter has ended; that of a type's conditions none fits
 * and what lies in no grid lies outside; on which ground, to which channel, under which receipt. */
void bh_demo_say(struct bh_command *command);

#endif
