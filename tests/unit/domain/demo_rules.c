/* Fills the district of demo_rules.h, table by table. */
#include <stdio.h>
#include <string.h>

#include "proto/err.h"
#include "server/domain/ending.h"
#include "tests/unit/domain/demo_rules.h"

#define WEST_E7 1170000000
#define SOUTH_E7 305000000
#define GRID_WIDTH_E7 100000
#define HEIGHT_E7 200000

#define TEXT(literal)                                           \
	{                                                       \
		(const uint8_t *)(literal), sizeof(literal) - 1 \
	}

/* clang-format off */
static const struct area {
	uint32_t id, kind, parent;
	int32_t first, last; /* grids from the west, [first, last) */
} areas[BH_DEMO_AREAS] = {
	{1, BH_AREA_COUNTY, 0, 0, 8},
	{11, BH_AREA_TOWNSHIP, 1, 0, 4}, {12, BH_AREA_TOWNSHIP, 1, 4, 8},
	{111, BH_AREA_VILLAGE, 11, 0, 2}, {112, BH_AREA_VILLAGE, 11, 2, 4},
	{121, BH_AREA_VILLAGE, 12, 4, 6}, {122, BH_AREA_VILLAGE, 12, 6, 8},
	{1111, BH_AREA_GRID, 111, 0, 1}, {1112, BH_AREA_GRID, 111, 1, 2},
	{1121, BH_AREA_GRID, 112, 2, 3}, {1122, BH_AREA_GRID, 112, 3, 4},
	{1211, BH_AREA_GRID, 121, 4, 5}, {1212, BH_AREA_GRID, 121, 5, 6},
	{1221, BH_AREA_GRID, 122, 6, 7}, {1222, BH_AREA_GRID, 122, 7, 8},
	{BH_DEMO_MARKET, BH_AREA_SPECIAL_GRID, 111, 0, 0},
};

enum kind { TOWNSHIP = 1, CLEAN, GAS, POLICE, MEDIATION, WORKS };

static const struct bh_msg_unit_kind kinds[] = {
	{TOWNSHIP, TEXT("TOWNSHIP"), TEXT("乡镇")},
	{CLEAN, TEXT("CLEAN"), TEXT("环卫")},
	{GAS, TEXT("GAS"), TEXT("燃气")},
	{POLICE, TEXT("POLICE"), TEXT("派出所")},
	{MEDIATION, TEXT("MEDIATION"), TEXT("人民调解委员会")},
	{WORKS, TEXT("WORKS"), TEXT("市政")},
};

static const struct unit {
	uint32_t id, kind, area;
	bool desk;
} units[BH_DEMO_UNITS] = {
	{BH_DEMO_DESK_COUNTY, 0, 1, true},
	{BH_DEMO_DESK_A, TOWNSHIP, 11, true}, {BH_DEMO_DESK_B, TOWNSHIP, 12, true},
	{BH_DEMO_DESK_VILLAGE, 0, 111, true},
	{BH_DEMO_CLEAN_COUNTY, CLEAN, 1, false}, {BH_DEMO_CLEAN_A, CLEAN, 11, false},
	{BH_DEMO_GAS, GAS, 1, false},
	{BH_DEMO_POLICE_A, POLICE, 11, false}, {BH_DEMO_POLICE_B, POLICE, 12, false},
	{BH_DEMO_MEDIATION_A, MEDIATION, 11, false}, {BH_DEMO_MEDIATION_B, MEDIATION, 12, false},
	{BH_DEMO_WORKS, WORKS, 1, false},
};

static const struct bh_msg_catalogue_class classes[] = {
	{10, TEXT("市容环境")}, {20, TEXT("街面秩序")}, {40, TEXT("公共设施")},
	{50, TEXT("突发事件")},
	{60, TEXT("矛盾纠纷")}, {70, TEXT("安全隐患")},
};

static const struct bh_msg_catalogue_condition litter_conditions[] = {
	{1, TEXT("主干道"), {2, BH_LIMIT_WORK_HOUR}},
	{2, TEXT("背街小巷"), {1, BH_LIMIT_WORK_DAY}},
};

/* domain.md, finding 1. */
static const struct bh_msg_catalogue_condition cover_conditions[] = {
	{1, TEXT("缺失"), {2, BH_LIMIT_URGENT_HOUR}},
	{2, TEXT("破损"), {4, BH_LIMIT_WORK_HOUR}},
	{3, TEXT("异响"), {2, BH_LIMIT_WORK_DAY}},
	{4, TEXT("周边沉陷"), {5, BH_LIMIT_WORK_DAY}},
};

static const uint32_t self_classes[] = {20, 60};

static const struct bh_msg_catalogue_type types[BH_DEMO_TYPES] = {
	{.code = BH_DEMO_LITTER, .name = TEXT("暴露垃圾"), .class = 10, .urgency = 3,
		.unit_kind = CLEAN, .limit = {4, BH_LIMIT_WORK_HOUR},
		.conditions = litter_conditions, .conditions_count = 2,
		.self_dispose = 1},
	{.code = BH_DEMO_STALL, .name = TEXT("占道经营"), .class = 20, .urgency = 3,
		.unit_kind = CLEAN, .limit = {1, BH_LIMIT_WORK_DAY}},
	{.code = BH_DEMO_COVER, .name = TEXT("井盖"), .class = 40, .urgency = 2,
		.unit_kind = WORKS, .limit = {2, BH_LIMIT_WORK_DAY},
		.conditions = cover_conditions, .conditions_count = 4},
	{.code = BH_DEMO_UNKNOWN, .name = TEXT("权属不明"), .class = 40, .urgency = 2,
		.unit_kind = TOWNSHIP, .limit = {2, BH_LIMIT_URGENT_HOUR}},
	{.code = BH_DEMO_GAS_LEAK, .name = TEXT("燃气泄漏"), .class = 50, .urgency = 1,
		.unit_kind = GAS, .limit = {1, BH_LIMIT_URGENT_HOUR}},
	{.code = BH_DEMO_QUARREL, .name = TEXT("邻里纠纷"), .class = 60, .urgency = 3,
		.unit_kind = MEDIATION, .limit = {3, BH_LIMIT_TIER}, .dispute = true},
	{.code = BH_DEMO_HAZARD, .name = TEXT("其他隐患"), .class = 70, .urgency = 2,
		.limit = {1, BH_LIMIT_NATURAL_DAY}},
};

static const struct bh_msg_route routes[BH_DEMO_ROUTES] = {
	{.class = 50, .unit_kind = GAS, .immediate = true, .paper = TEXT("demo rule 1")},
	{.type = BH_DEMO_STALL, .area = BH_DEMO_TOWNSHIP_B, .unit = BH_DEMO_POLICE_B,
		.paper = TEXT("demo rule 2")},
	{.type = BH_DEMO_LITTER, .area = 112, .unit = BH_DEMO_CLEAN_COUNTY,
		.paper = TEXT("demo rule 3")},
};
/* clang-format on */

static struct bh_span code_write(char text[BH_DEMO_CODE], const char *prefix, uint32_t id)
{
	int len = snprintf(text, BH_DEMO_CODE, "%s%u", prefix, id);
	bh_assert(len > 0 && (unsigned)len < BH_DEMO_CODE);
	return bh_span(text, (size_t)len);
}

static void ring_write(
	int32_t ring[BH_DEMO_RING], int32_t west, int32_t east, int32_t south, int32_t north)
{
	const int32_t corners[BH_DEMO_RING] = {
		west, south, east, south, east, north, west, north, west, south};
	memcpy(ring, corners, sizeof corners);
}

static void areas_fill(struct bh_demo_profile *out)
{
	static const uint32_t market_classes[] = {20};
	for (size_t i = 0; i < BH_DEMO_AREAS; i++) {
		const struct area *from = &areas[i];
		struct bh_msg_area *area = &out->areas[i];
		*area = (struct bh_msg_area){
			.id = from->id, .kind = from->kind, .parent = from->parent};
		area->code = code_write(out->area_codes[i], "A", from->id);
		area->name = area->code;
		area->ring_e7 = out->rings[i];
		area->ring_e7_count = BH_DEMO_RING;
		ring_write(out->rings[i], WEST_E7 + from->first * GRID_WIDTH_E7,
			WEST_E7 + from->last * GRID_WIDTH_E7, SOUTH_E7, SOUTH_E7 + HEIGHT_E7);
		if (from->kind == BH_AREA_SPECIAL_GRID) {
			ring_write(out->rings[i], WEST_E7 + 90000, WEST_E7 + 110000,
				SOUTH_E7 + 90000, SOUTH_E7 + 110000);
			area->classes = market_classes;
			area->classes_count = 1;
		}
	}
}

static void person_add(struct bh_demo_profile *out, uint32_t id)
{
	size_t at = out->profile.people_count++;
	bh_assert(at < BH_DEMO_PEOPLE);
	struct bh_span code = code_write(out->people_codes[at], "W", id);
	out->people[at] = (struct bh_msg_person){.id = id, .code = code, .name = code};
}

static void post_add(struct bh_demo_profile *out, uint32_t id, uint32_t person, uint32_t role,
	uint32_t unit, uint32_t area)
{
	size_t at = out->profile.posts_count++;
	bh_assert(at < BH_DEMO_POSTS);
	out->posts[at] = (struct bh_msg_post){id, person, role, unit, area};
}

static uint32_t unit_of_role(uint32_t role)
{
	if (role == BH_ROLE_UNIT_LEAD || role == BH_ROLE_HANDLER)
		return BH_DEMO_CLEAN_A;
	if (role == BH_ROLE_MEDIATOR)
		return BH_DEMO_MEDIATION_A;
	return role == BH_ROLE_TIER_DESK ? BH_DEMO_DESK_COUNTY : 0;
}

static void people_fill(struct bh_demo_profile *out)
{
	for (uint32_t role = BH_ROLE_REPORTER; role < BH_ROLE_CLOCK; role++) {
		person_add(out, role);
		post_add(out, role, role, role, unit_of_role(role), BH_DEMO_COUNTY);
	}
	for (size_t i = 0; i < BH_DEMO_AREAS; i++) {
		uint32_t grid = areas[i].id;
		if (areas[i].kind != BH_AREA_GRID)
			continue;
		person_add(out, BH_DEMO_WORKER(grid));
		post_add(out, BH_DEMO_WORKER(grid), BH_DEMO_WORKER(grid), BH_ROLE_GRID_WORKER, 0,
			grid);
	}
	person_add(out, BH_DEMO_TOWNSHIP_DESK);
	post_add(out, 50, BH_DEMO_TOWNSHIP_DESK, BH_ROLE_ACCEPTOR, 0, BH_DEMO_TOWNSHIP_B);
	post_add(out, 51, BH_DEMO_TOWNSHIP_DESK, BH_ROLE_DISPATCHER, 0, BH_DEMO_TOWNSHIP_B);
	person_add(out, BH_DEMO_TWO_POSTS);
	post_add(out, 60, BH_DEMO_TWO_POSTS, BH_ROLE_DISPATCHER, 0, BH_DEMO_COUNTY);
	post_add(out, 61, BH_DEMO_TWO_POSTS, BH_ROLE_SHIFT_LEADER, 0, BH_DEMO_COUNTY);
	for (size_t i = 0; i < BH_DEMO_UNITS; i++) {
		uint32_t lead = BH_DEMO_LEAD(units[i].id), handler = BH_DEMO_HANDLER(units[i].id);
		person_add(out, lead);
		post_add(out, lead, lead, BH_ROLE_UNIT_LEAD, units[i].id, units[i].area);
		person_add(out, handler);
		post_add(out, handler, handler, BH_ROLE_HANDLER, units[i].id, units[i].area);
	}
}

static void units_fill(struct bh_demo_profile *out)
{
	for (size_t i = 0; i < BH_DEMO_UNITS; i++) {
		struct bh_span code = code_write(out->unit_codes[i], "U", units[i].id);
		out->units[i] = (struct bh_msg_unit){
			.id = units[i].id,
			.code = code,
			.name = code,
			.kind = units[i].kind,
			.area = units[i].area,
			.desk = units[i].desk,
		};
	}
}

void bh_demo_profile(struct bh_demo_profile *out)
{
	memset(out, 0, sizeof *out);
	areas_fill(out);
	units_fill(out);
	people_fill(out);
	memcpy(out->routes, routes, sizeof routes);
	memcpy(out->types, types, sizeof types);
	struct bh_msg_profile *profile = &out->profile;
	profile->name = (struct bh_span)TEXT("示范区");
	profile->areas = out->areas;
	profile->areas_count = BH_DEMO_AREAS;
	profile->units = out->units;
	profile->units_count = BH_DEMO_UNITS;
	profile->people = out->people;
	profile->posts = out->posts;
	profile->routes = out->routes;
	profile->routes_count = BH_DEMO_ROUTES;
	profile->settings = (struct bh_msg_settings){.dispatch_limit_min = 30,
		.self_dispose_classes = self_classes,
		.self_dispose_classes_count = 2,
		.dispatch_margin_min = 5,
		.sign_limit_work_min = 120,
		.check_limit_work_min = 480,
		.check_sampling_off = true,
		.repeat_check_off = true,
		.nearest_grid_m = 200,
		.utc_offset_min = 480,
		.return_window_work_min = 480};
	profile->catalogue = (struct bh_msg_catalogue){
		.version = TEXT("demo-1"),
		.types = out->types,
		.types_count = BH_DEMO_TYPES,
		.unit_kinds = kinds,
		.unit_kinds_count = sizeof(kinds) / sizeof(kinds[0]),
		.classes = classes,
		.classes_count = sizeof(classes) / sizeof(classes[0]),
	};
}

struct bh_rules *bh_demo_build(const struct bh_demo_profile *demo)
{
	struct bh_rules *rules;
	struct bh_profile_fault fault;
	size_t faults;
	int err = bh_rules_build(&demo->profile, &fault, 1, &faults, &rules);
	if (err == BH_ERR_INVALID)
		fprintf(stderr, "demo profile: %s %zu: %s\n", fault.list, fault.index, fault.what);
	bh_assert(err == 0);
	return rules;
}

struct bh_rules *bh_demo_rules(void)
{
	struct bh_demo_profile *demo = malloc(sizeof *demo);
	bh_assert(demo != NULL);
	bh_demo_profile(demo);
	struct bh_rules *rules = bh_demo_build(demo);
	free(demo);
	return rules;
}

struct bh_rules *bh_demo_rules_by_hand(uint32_t class)
{
	struct bh_demo_profile *demo = malloc(sizeof *demo);
	bh_assert(demo != NULL);
	bh_demo_profile(demo);
	struct bh_msg_settings *settings = &demo->profile.settings;
	settings->automatic_off = class == 0;
	settings->automatic_off_classes = &class;
	settings->automatic_off_classes_count = class != 0;
	struct bh_rules *rules = bh_demo_build(demo);
	free(demo);
	return rules;
}

void bh_demo_place(uint32_t grid, int32_t *latitude_e7, int32_t *longitude_e7)
{
	size_t i = 0;
	while (i < BH_DEMO_AREAS && areas[i].id != grid)
		i++;
	bh_assert(i < BH_DEMO_AREAS);
	*latitude_e7 = SOUTH_E7 + HEIGHT_E7 / 4;
	*longitude_e7 = WEST_E7 + areas[i].first * GRID_WIDTH_E7 + GRID_WIDTH_E7 / 2;
}

void bh_demo_say(struct bh_command *command)
{
	enum bh_verb verb = command->verb;
	bool files = verb == BH_VERB_FILE || verb == BH_VERB_DISPATCH;
	command->matter_ended = verb == BH_VERB_CLOSE;
	command->none_fits = files && command->condition == 0;
	command->outside = files;
	if (verb == BH_VERB_REFUSE || verb == BH_VERB_REFER)
		command->channel = BH_CHANNEL_12345;
	if (verb == BH_VERB_REFUSE && command->reason_code == 0)
		command->reason_code = BH_GROUND_NOT_OURS;
	if (verb == BH_VERB_REFER)
		command->receipt = bh_span("12345-4711", 10);
}
