/* What rules are made of, for the files that build and read them; nobody else looks inside. */
#ifndef BH_SERVER_DOMAIN_RULES_BODY_H
#define BH_SERVER_DOMAIN_RULES_BODY_H

#include <stdatomic.h>

#include "proto/arena.h"
#include "server/domain/id_map.h"
#include "server/domain/place_index.h"
#include "server/domain/rules.h"

#define BH_RULES_BYTES_MAX ((size_t)256 << 20)
#define BH_AREA_DEPTH_MAX 8u  /* county .. micro-grid are five; special grids may hang on any */
#define BH_CONDITIONS_MAX 64u /* of one type */
#define BH_RULES_NONE UINT32_MAX
#define BH_RULES_OFFSET_MIN 480

/* Positions in the profile's lists; BH_RULES_NONE where there is none. */
struct bh_area_links {
	uint32_t parent;
	uint32_t depth; /* the county's is 0 */
	uint32_t desk;  /* unit: this area's own desk, the lowest id of several */
};

/* A route by its rank: the more it names, the earlier it is tried. */
struct bh_route_rank {
	uint32_t kind;  /* 0: names a type, 1: a class, 2: neither */
	uint32_t key;   /* the type or class */
	uint32_t named; /* + 2: a condition, + 1: heightened duty */
	uint32_t depth; /* of its area; 0 everywhere */
	uint32_t route;
};

/* A post by where it is asked for: see rules_posts.c. */
struct bh_post_rank {
	uint64_t key;
	uint32_t post;
};

struct bh_code_rank {
	struct bh_span code;
	uint32_t at;
};

struct bh_rules {
	atomic_uint references;
	struct bh_arena arena; /* everything below lies in it, but the place index */
	struct bh_msg_profile profile;
	struct bh_msg_settings settings; /* with defaults */
	struct bh_calendar calendar;
	uint32_t calendar_mark;
	uint8_t sample_secret[BH_SALT_BYTES];
	struct bh_place_index *places; /* NULL: no polygon */

	struct bh_id_map areas, units, people, types; /* id -> position */
	struct bh_id_map classes, unit_kinds, patrols;
	struct bh_id_map assets;
	struct bh_id_map units_by_kind; /* kind << 32 | area -> the unit of lowest id */
	struct bh_area_links *area_links;
	uint32_t county; /* BH_RULES_NONE only without any area */
	struct bh_route_rank *routes;
	struct bh_code_rank *unit_codes, *people_codes; /* sorted */
	struct bh_code_rank *asset_marks;               /* likewise */
	uint32_t *posts;                                /* sorted by person, then as listed */
	uint32_t *posts_first; /* people_count + 1: where each person's posts begin */
	struct bh_post_rank *post_ranks;
	size_t post_ranks_count;
	uint32_t *shifts_by_person, *shifts_by_unit; /* sorted: rules_shift.c */
};

/* Copies a whole profile with everything it points to.  BH_ERR_NOMEM. */
int bh_profile_copy(
	struct bh_arena *arena, const struct bh_msg_profile *from, struct bh_msg_profile *out);

/* Where faults go: counts all, keeps the first max. */
struct bh_fault_list {
	struct bh_profile_fault *faults;
	size_t max;
	size_t count;
};
void bh_fault_add(struct bh_fault_list *list, const char *where, size_t index, const char *what);

/* Reports what is wrong.  Maps of types, areas, units and people are opened and filled on the way
 * (rules->profile is the copy).  BH_ERR_NOMEM, or 0 whatever was found. */
int bh_rules_check_catalogue(struct bh_rules *rules, struct bh_fault_list *list);
int bh_rules_check_tree(struct bh_rules *rules, struct bh_fault_list *list);
int bh_rules_check_people(struct bh_rules *rules, struct bh_fault_list *list);
/* Fills settings, too. */
void bh_rules_check_settings(struct bh_rules *rules, struct bh_fault_list *list);
/* Makes the calendar of the settings. */
int bh_rules_check_calendar(struct bh_rules *rules, struct bh_fault_list *list);
/* rules_patrol.c: opens and fills the map of patrols.  As bh_rules_check_people. */
int bh_rules_check_patrols(struct bh_rules *rules, struct bh_fault_list *list);
/* rules_dispute.c */
void bh_rules_check_disputes(const struct bh_rules *rules, struct bh_fault_list *list);
/* rules_shift.c: the roster, and its indices.  As bh_rules_check_people, after the calendar. */
int bh_rules_check_shifts(struct bh_rules *rules, struct bh_fault_list *list);
void bh_rules_check_routes(const struct bh_rules *rules, struct bh_fault_list *list);
/* rules_asset.c: opens and fills the map of assets.  As bh_rules_check_people. */
int bh_rules_check_assets(struct bh_rules *rules, struct bh_fault_list *list);
void bh_rules_check_duty(const struct bh_rules *rules, struct bh_fault_list *list);
/* Indices of a profile without fault.  BH_ERR_NOMEM, BH_ERR_LIMIT (too large a plane). */
int bh_rules_index(struct bh_rules *rules);
/* rules_posts.c: who holds which posts where.  BH_ERR_NOMEM. */
int bh_rules_index_posts(struct bh_rules *rules);

/* The class a type is of; an unknown type's is that of 40006, else 0. */
uint32_t bh_rules_class(const struct bh_rules *rules, uint32_t type);
/* Of sorted ranks; BH_RULES_NONE. */
uint32_t bh_rules_code_find(const struct bh_code_rank *ranks, size_t count, struct bh_span code);
uint32_t bh_rules_area_at(const struct bh_rules *rules, uint32_t id);

#endif
