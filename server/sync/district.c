/* District: what a handset must know to record offline: the catalogue, the units' names, its
 * worker's posts, and the outlines of that worker's own grids; nobody else's posts, and no list of
 * people. */
#include <string.h>

#include "server/domain/routing.h"
#include "server/store/place.h"
#include "server/sync/hub.h"

#define RING_NUMBERS_MAX                                                        \
	40000u /* outlines beyond this are left out: a frame is 512 KiB at most \
		*/

/* District.version is only ever compared with itself: profiles are counted in it and mixed with
 * what the bundle key in force is called, so that another key is heard of however it came about. */
#define VERSION_PINS_MASK UINT32_C(0xf0000000)

static bool is_grid(const struct bh_msg_area *area)
{
	return area->kind == BH_AREA_GRID || area->kind == BH_AREA_SPECIAL_GRID;
}

/* The grids that a grid post reaches. */
static bool is_own(const struct bh_rules *rules, const struct bh_msg_post *posts, size_t count,
	const struct bh_msg_area *area)
{
	for (size_t i = 0; i < count; i++) {
		bool for_grids = posts[i].role == BH_ROLE_GRID_WORKER ||
				 posts[i].role == BH_ROLE_GRID_LEADER;
		if (for_grids && bh_rules_area_within(rules, area->id, posts[i].area))
			return true;
	}
	return false;
}

static int posts_fill(const struct bh_rules *rules, uint32_t person, struct bh_arena *arena,
	struct bh_msg_district *out)
{
	const struct bh_msg_post *own[BH_POSTS_MAX];
	size_t count = bh_rules_posts(rules, person, own);
	struct bh_msg_post *posts = bh_arena_array(arena, count, sizeof(*posts));
	if (posts == NULL)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < count; i++)
		posts[i] = *own[i];
	out->posts = posts;
	out->posts_count = count;
	return 0;
}

static struct bh_msg_repeat repeat_told(
	const struct bh_rules *rules, const struct bh_repeat *repeat)
{
	const struct bh_msg_asset *asset = repeat->asset != 0 ? bh_rules_asset(rules, repeat->asset)
							      : NULL;
	return (struct bh_msg_repeat){.grid = repeat->grid,
		.has_place = repeat->has_place,
		.latitude_e7 = repeat->latitude_e7,
		.longitude_e7 = repeat->longitude_e7,
		.cases = repeat->cases,
		.last_ms = repeat->last_ms,
		.asset = asset != NULL ? asset->mark : bh_span(NULL, 0)};
}

static int grids_fill(const struct bh_rules *rules, const struct bh_msg_profile *profile,
	struct bh_arena *arena, struct bh_msg_district *out)
{
	size_t count = 0, numbers = 0;
	for (size_t i = 0; i < profile->areas_count; i++)
		count += is_grid(&profile->areas[i]) &&
			 is_own(rules, out->posts, out->posts_count, &profile->areas[i]);
	struct bh_msg_area *grids = bh_arena_array(arena, count, sizeof(*grids));
	if (grids == NULL)
		return BH_ERR_NOMEM;
	count = 0;
	for (size_t i = 0; i < profile->areas_count; i++) {
		const struct bh_msg_area *area = &profile->areas[i];
		if (!is_grid(area) || !is_own(rules, out->posts, out->posts_count, area))
			continue;
		grids[count] = *area;
		numbers += area->ring_e7_count;
		if (numbers > RING_NUMBERS_MAX)
			grids[count].ring_e7_count = 0;
		count++;
	}
	out->grids = grids;
	out->grids_count = count;
	return 0;
}

/* Where something comes again and again, grid by grid; what is more than a handset is told of stays
 * out. */
static int repeats_fill(const struct bh_hub *hub, const struct bh_rules *rules,
	struct bh_arena *arena, struct bh_msg_district *out)
{
	struct bh_msg_repeat *told = bh_arena_array(arena, BH_REPEATS_TOLD_MAX, sizeof(*told));
	struct bh_repeat found[BH_REPEATS_MAX];
	size_t count = 0;
	int err = told != NULL ? 0 : BH_ERR_NOMEM;
	for (size_t i = 0; err == 0 && i < out->grids_count && count < BH_REPEATS_TOLD_MAX; i++) {
		size_t more = 0;
		err = bh_reader_repeats(hub->options.reader, out->grids[i].id, hub->district_ms,
			found, BH_REPEATS_MAX, &more);
		for (size_t j = 0; err == 0 && j < more && count < BH_REPEATS_TOLD_MAX; j++)
			told[count++] = repeat_told(rules, &found[j]);
	}
	out->repeats = told;
	out->repeats_count = count;
	return err;
}

/* Of the worker's own grids; what is more than a handset is told of stays out. */
static int patrols_fill(const struct bh_rules *rules, const struct bh_msg_profile *profile,
	struct bh_arena *arena, struct bh_msg_district *out)
{
	struct bh_msg_patrol *patrols = bh_arena_array(arena, BH_PATROLS_MAX, sizeof(*patrols));
	size_t count = 0;
	if (patrols == NULL)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < profile->patrols_count && count < BH_PATROLS_MAX; i++) {
		const struct bh_msg_area *area = bh_rules_area(rules, profile->patrols[i].area);
		if (area != NULL && is_own(rules, out->posts, out->posts_count, area))
			patrols[count++] = profile->patrols[i];
	}
	out->patrols = patrols;
	out->patrols_count = count;
	out->utc_offset_min = bh_rules_settings(rules)->utc_offset_min;
	return 0;
}

/* The worker's posts, the grids that they reach, and what comes again and again in them. */
static int own_fill(const struct bh_hub *hub, const struct bh_rules *rules, struct bh_arena *arena,
	struct bh_msg_district *out)
{
	const struct bh_msg_profile *profile = bh_rules_profile(rules);
	int err = posts_fill(rules, out->person, arena, out);
	if (err == 0 && profile != NULL)
		err = grids_fill(rules, profile, arena, out);
	return err == 0 ? repeats_fill(hub, rules, arena, out) : err;
}

/* 0 is a handset's that holds none. */
static uint32_t version_of(const struct bh_hub *hub, uint32_t profiles)
{
	const uint8_t *id = hub->bundle_key_id;
	if (hub->options.bundle_key == NULL)
		return profiles;
	uint32_t mark = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 |
			id[3];
	uint32_t version = (profiles ^ mark) & ~VERSION_PINS_MASK;
	return version != 0 ? version : ~VERSION_PINS_MASK;
}

int bh_hub_district(struct bh_hub *hub)
{
	struct bh_district read;
	int err = bh_reader_district(hub->options.reader, &read);
	if (err != 0)
		return err;
	read.profile_version = version_of(hub, read.profile_version);
	if (hub->options.pins != NULL)
		read.profile_version |= bh_pin_mark(hub->options.pins->backup) & VERSION_PINS_MASK;
	hub->district = read;
	return 0;
}

static uint32_t mix(uint32_t mark, uint64_t number)
{
	return (mark ^ (uint32_t)(number ^ number >> 32)) * UINT32_C(2654435761);
}

/* What changes without a profile: which days are told in this year, and roughly, so that not each
 * case brings everything anew, where things come again and again. */
static uint32_t version_for(
	const struct bh_hub *hub, const struct bh_rules *rules, const struct bh_msg_district *told)
{
	uint32_t mark = 0;
	if (bh_rules_calendar(rules)->days_count > 0)
		mark = mix(mark, bh_district_year(hub, rules));
	for (size_t i = 0; i < told->repeats_count; i++) {
		const struct bh_msg_repeat *repeat = &told->repeats[i];
		mark += mix(mix(repeat->grid, (uint64_t)(repeat->latitude_e7 / 10000)),
			repeat->cases / 3);
	}
	uint32_t version = hub->district.profile_version ^ (mark & ~VERSION_PINS_MASK);
	return version != 0 ? version : ~VERSION_PINS_MASK;
}

uint32_t bh_session_district_version(const struct bh_session *session)
{
	struct bh_hub *hub = session->hub;
	struct bh_msg_district own = {.person = session->person};
	struct bh_rules *rules;
	bh_arena_reset(&hub->work_arena);
	int err = bh_reader_rules(hub->options.reader, &rules);
	if (err == 0)
		err = own_fill(hub, rules, &hub->work_arena, &own);
	return err == 0 ? version_for(hub, rules, &own) : hub->district.profile_version;
}

/* The operator counts who goes by the present pins before he rolls on. */
static void pins_note(struct bh_session *session, uint32_t mark)
{
	uint32_t kept = 0;
	if (session->known->contact.pins == mark)
		return;
	session->known->contact.pins = mark;
	int err = bh_reader_device_pins(session->hub->options.reader, session->device, &kept);
	if (err == 0 && kept == mark)
		return;
	session->known->pins_due = true;
	bh_hub_tell(session->hub, session->known);
}

bool bh_session_holds_pins(struct bh_session *session, uint32_t version)
{
	const struct bh_hub *hub = session->hub;
	if (hub->options.pins == NULL)
		return false;
	uint32_t mark = bh_pin_mark(hub->options.pins->backup);
	if (version != (bh_session_district_version(session) ^ mark))
		return false;
	pins_note(session, mark);
	return true;
}

static void profile_fill(const struct bh_msg_profile *profile, struct bh_msg_district *out)
{
	out->name = profile->name;
	out->types = profile->catalogue.types;
	out->types_count = profile->catalogue.types_count;
	out->self_dispose_classes = profile->settings.self_dispose_classes;
	out->self_dispose_classes_count = profile->settings.self_dispose_classes_count;
	out->evidence_off = profile->settings.evidence_off;
	out->units = profile->units;
	out->units_count = profile->units_count;
	out->catalogue_version = profile->catalogue.version;
}

int bh_district_build(const struct bh_hub *hub, const struct bh_rules *rules, uint32_t person,
	struct bh_arena *arena, struct bh_msg_district *out)
{
	const struct bh_district *district = &hub->district;
	const struct bh_msg_profile *profile = bh_rules_profile(rules);
	const struct bh_msg_person *own = bh_rules_person(rules, person);
	struct bh_msg_district built = {
		.code = bh_span(district->code, strlen(district->code)), .person = person};
	struct bh_dispatch_clock clock;
	bh_rules_dispatch_clock(rules, 0, 0, &clock);
	built.dispatch_limit_s = (uint32_t)(clock.limit_ms / 1000);
	if (hub->options.bundle_key != NULL) {
		built.bundle_key = bh_span(hub->bundle_key, sizeof(hub->bundle_key));
		built.bundle_key_id = bh_span(hub->bundle_key_id, sizeof(hub->bundle_key_id));
	}
	if (hub->options.pins != NULL) {
		built.backup_pin = bh_span(hub->options.pins->backup, BH_PIN_BYTES);
		built.pins_signature = bh_span(hub->options.pins->signature, BH_SIGNATURE_BYTES);
	}
	if (own != NULL)
		built.person_name = own->name;
	int err = own_fill(hub, rules, arena, &built);
	built.version = version_for(hub, rules, &built);
	if (err == 0 && profile != NULL) {
		profile_fill(profile, &built);
		err = bh_district_calendar(hub, rules, arena, &built.calendar);
		if (err == 0)
			err = patrols_fill(rules, profile, arena, &built);
	}
	if (err == 0)
		*out = built;
	return err;
}

void bh_session_send_district(struct bh_session *session, const struct bh_moment *at)
{
	struct bh_hub *hub = session->hub;
	struct bh_rules *rules;
	struct bh_server_frame frame = {.kind = BH_SERVER_DISTRICT};
	if (session->phase != BH_PHASE_LIVE || session->draining)
		return;
	bh_arena_reset(&hub->work_arena);
	int err = bh_session_may_receive(session) ? 0 : BH_ERR_IO;
	if (err == 0)
		err = bh_reader_rules(hub->options.reader, &rules);
	if (err == 0)
		err = bh_district_build(
			hub, rules, session->person, &hub->work_arena, &frame.u.district);
	if (err == 0)
		bh_session_send(session, &frame);
	else
		session->district_mono_ms = at->now.mono_ms + BH_FEED_RETRY_MS;
}
