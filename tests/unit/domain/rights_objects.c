/* One number is one combination of where, whose, of what and when. */
#include "tests/unit/domain/rights_objects.h"

#define OTHER_PERSON 9999u

struct bh_rules *bh_object_rules(void)
{
	static const uint32_t classes[] = {10};
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++) {
		struct bh_msg_post *post = &demo.posts[i];
		if (post->person >= BH_ROLE_CLOCK)
			continue;
		post->area = BH_DEMO_TOWNSHIP_A;
		post->unit = BH_DEMO_CLEAN_A;
		post->classes = classes;
		post->classes_count = 1;
		post->from_day = BH_OBJECT_FIRST_DAY;
		post->to_day = BH_OBJECT_LAST_DAY;
	}
	return bh_demo_build(&demo);
}

struct bh_object bh_object_of(unsigned number, uint32_t person)
{
	static const uint32_t areas[] = {1111, BH_DEMO_COUNTY, 1211};
	static const uint32_t units[] = {BH_DEMO_CLEAN_A, BH_DEMO_GAS, 0};
	static const uint32_t types[] = {BH_DEMO_LITTER, BH_DEMO_STALL, 0};
	static const int64_t instants[] = {BH_OBJECT_MIDNIGHT(BH_OBJECT_FIRST_DAY),
		BH_OBJECT_MIDNIGHT(BH_OBJECT_LAST_DAY + 1) - 1,
		BH_OBJECT_MIDNIGHT(BH_OBJECT_FIRST_DAY + 100),
		BH_OBJECT_MIDNIGHT(BH_OBJECT_FIRST_DAY) - 1,
		BH_OBJECT_MIDNIGHT(BH_OBJECT_LAST_DAY + 1), 0};
	unsigned area = number % 3, unit = number / 3 % 3, type = number / 9 % 3;
	unsigned instant = number / 27 % 6;
	bool own = number / 162 % 2 == 0;
	return (struct bh_object){.in_area = area == 0,
		.in_unit = unit == 0,
		.in_class = type == 0,
		.in_period = instant < 3,
		.own = own,
		.area = areas[area],
		.unit = units[unit],
		.type = types[type],
		.reporter = own ? person : OTHER_PERSON,
		.now_ms = instants[instant]};
}
