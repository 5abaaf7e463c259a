/* What a district is made of: the rows of its profile, of what its handsets are told about it, and
 * of its journal entries.  See codec_session.c. */
#include "proto/calendar.h"
#include "proto/codec_table.h"

/* clang-format off */
static const struct bh_field_map limit_rows[] = {
	ANY(limit, value),
	ANY(limit, unit),
};
static const struct bh_message_map map_limit =
	PLAIN_MAP(limit, limit_rows, limit);

static const struct bh_field_map catalogue_condition_rows[] = {
	ANY(catalogue_condition, id),
	TEXT(catalogue_condition, label),
	INNER(catalogue_condition, limit, map_limit),
};
static const struct bh_message_map map_catalogue_condition =
	PLAIN_MAP(catalogue_condition, catalogue_condition_rows, catalogue_condition);

static const struct bh_field_map catalogue_type_rows[] = {
	ANY(catalogue_type, code),
	TEXT(catalogue_type, name),
	ANY(catalogue_type, class),
	ANY(catalogue_type, urgency),
	ANY(catalogue_type, unit_kind),
	INNER(catalogue_type, limit, map_limit),
	INNER_LIST(catalogue_type, conditions, BH_PROFILE_ITEMS_MAX, map_catalogue_condition),
	ANY(catalogue_type, privacy),
	ANY(catalogue_type, photos_min),
	ANY(catalogue_type, dispute),
	ANY(catalogue_type, dedupe_radius_m),
	ANY(catalogue_type, dedupe_window_h),
	ANY(catalogue_type, self_dispose),
	LIST(catalogue_type, emergency, BH_EMERGENCY_MAX),
};
static const struct bh_message_map map_catalogue_type =
	LIST_MAP(catalogue_type, catalogue_type_rows, catalogue_type);

static const struct bh_field_map catalogue_class_rows[] = {
	ANY(catalogue_class, code),
	TEXT(catalogue_class, name),
};
static const struct bh_message_map map_catalogue_class =
	PLAIN_MAP(catalogue_class, catalogue_class_rows, catalogue_class);

static const struct bh_field_map unit_kind_rows[] = {
	ANY(unit_kind, id),
	TEXT(unit_kind, code),
	TEXT(unit_kind, name),
};
static const struct bh_message_map map_unit_kind =
	PLAIN_MAP(unit_kind, unit_kind_rows, unit_kind);

static const struct bh_field_map area_rows[] = {
	ANY(area, id),
	TEXT(area, code),
	ANY(area, kind),
	ANY(area, parent),
	TEXT(area, name),
	LIST(area, ring_e7, BH_PROFILE_ITEMS_MAX),
	LIST(area, classes, BH_PROFILE_ITEMS_MAX),
	ANY(area, micro_kind),
};
static const struct bh_message_map map_area =
	LIST_MAP(area, area_rows, area);

static const struct bh_field_map unit_rows[] = {
	ANY(unit, id),
	TEXT(unit, code),
	TEXT(unit, name),
	ANY(unit, kind),
	ANY(unit, area),
	ANY(unit, desk),
	ANY(unit, form),
	ANY(unit, mode),
	ANY(unit, liaison),
	ANY(unit, deputy),
	ANY(unit, dissolved),
};
static const struct bh_message_map map_unit =
	PLAIN_MAP(unit, unit_rows, unit);

static const struct bh_field_map person_rows[] = {
	ANY(person, id),
	TEXT(person, code),
	TEXT(person, name),
};
static const struct bh_message_map map_person =
	PLAIN_MAP(person, person_rows, person);

static const struct bh_field_map post_rows[] = {
	ANY(post, id),
	ANY(post, person),
	ANY(post, role),
	ANY(post, unit),
	ANY(post, area),
	LIST(post, classes, BH_PROFILE_ITEMS_MAX),
	ANY(post, from_day),
	ANY(post, to_day),
	TEXT(post, title),
};
static const struct bh_message_map map_post =
	LIST_MAP(post, post_rows, post);

static const struct bh_field_map route_rows[] = {
	ANY(route, type),
	ANY(route, class),
	ANY(route, unit_kind),
	ANY(route, area),
	ANY(route, unit),
	ANY(route, immediate),
	TEXT(route, paper),
	ANY(route, condition),
	ANY(route, heightened),
	ANY(route, from_day),
	ANY(route, to_day),
	ANY(route, version),
	ANY(route, until),
	ANY(route, limit_value),
	ANY(route, limit_unit),
	ANY(route, no_pause),
	ANY(route, escalates),
};
static const struct bh_message_map map_route =
	PLAIN_MAP(route, route_rows, route);

static const struct bh_field_map duty_period_rows[] = {
	ANY(duty_period, id),
	TEXT(duty_period, name),
	ANY(duty_period, from_day),
	ANY(duty_period, to_day),
	TEXT(duty_period, paper),
	ANY(duty_period, dispatch_limit_min),
};
static const struct bh_message_map map_duty_period =
	PLAIN_MAP(duty_period, duty_period_rows, duty_period);

static const struct bh_field_map asset_rows[] = {
	ANY(asset, id),
	TEXT(asset, mark),
	ANY(asset, type),
	ANY(asset, owner),
	ANY(asset, grade),
	ANY(asset, state),
};
static const struct bh_message_map map_asset =
	PLAIN_MAP(asset, asset_rows, asset);

static const struct bh_field_map checkpoint_rows[] = {
	TEXT(checkpoint, name),
	ANY(checkpoint, has_place),
	ANY(checkpoint, latitude_e7),
	ANY(checkpoint, longitude_e7),
	ANY(checkpoint, radius_m),
};
static const struct bh_message_map map_checkpoint =
	PLAIN_MAP(checkpoint, checkpoint_rows, checkpoint);

static const struct bh_field_map patrol_rows[] = {
	ANY(patrol, id),
	TEXT(patrol, code),
	TEXT(patrol, name),
	ANY(patrol, area),
	ANY(patrol, weekdays),
	ANY(patrol, rounds),
	INNER_LIST(patrol, checkpoints, BH_CHECKPOINTS_MAX, map_checkpoint),
};
static const struct bh_message_map map_patrol =
	LIST_MAP(patrol, patrol_rows, patrol);

static const struct bh_field_map grade_rows[] = {
	ANY(grade, grade),
	ANY(grade, tier),
};
static const struct bh_message_map map_grade =
	PLAIN_MAP(grade, grade_rows, grade);

static const struct bh_field_map industry_rows[] = {
	ANY(industry, type),
	ANY(industry, class),
	ANY(industry, unit),
	ANY(industry, weekdays),
};
static const struct bh_message_map map_industry =
	PLAIN_MAP(industry, industry_rows, industry);

static const struct bh_field_map shift_rows[] = {
	ANY(shift, unit),
	ANY(shift, person),
	ANY(shift, from_day),
	ANY(shift, to_day),
	ANY(shift, days),
	ANY(shift, weekdays),
	ANY(shift, from_min),
	ANY(shift, to_min),
	ANY(shift, heightened),
};
static const struct bh_message_map map_shift =
	PLAIN_MAP(shift, shift_rows, shift);

static const struct bh_field_map work_period_rows[] = {
	ANY(work_period, weekday),
	ANY(work_period, from_min),
	ANY(work_period, to_min),
};
static const struct bh_message_map map_work_period =
	PLAIN_MAP(work_period, work_period_rows, work_period);

static const struct bh_field_map calendar_day_rows[] = {
	ANY(calendar_day, day),
	ANY(calendar_day, works),
	ANY(calendar_day, as),
	TEXT(calendar_day, name),
	ANY(calendar_day, list_year),
};
static const struct bh_message_map map_calendar_day =
	PLAIN_MAP(calendar_day, calendar_day_rows, calendar_day);

static const struct bh_field_map calendar_rows[] = {
	ANY(calendar, version),
	INNER_LIST(calendar, week, BH_CALENDAR_PERIODS_MAX, map_work_period),
	INNER_LIST(calendar, days, BH_CALENDAR_TOLD_MAX, map_calendar_day),
};
static const struct bh_message_map map_calendar =
	LIST_MAP(calendar, calendar_rows, calendar);

static const struct bh_field_map retention_rows[] = {
	ANY(retention, class),
	ANY(retention, days),
	ANY(retention, entries),
};
static const struct bh_message_map map_retention =
	PLAIN_MAP(retention, retention_rows, retention);

static const struct bh_field_map settings_rows[] = {
	ANY(settings, dispatch_limit_min),
	ANY(settings, dispatch_margin_min),
	ANY(settings, automatic_off),
	LIST(settings, automatic_off_classes, BH_PROFILE_ITEMS_MAX),
	ANY(settings, sign_limit_work_min),
	ANY(settings, check_limit_work_min),
	ANY(settings, nearest_grid_m),
	ANY(settings, utc_offset_min),
	INNER_LIST(settings, week, BH_PROFILE_ITEMS_MAX, map_work_period),
	ANY(settings, return_window_work_min),
	INNER_LIST(settings, days, BH_PROFILE_ITEMS_MAX, map_calendar_day),
	INNER_LIST(settings, retention, BH_PROFILE_ITEMS_MAX, map_retention),
	LIST(settings, self_dispose_classes, BH_PROFILE_ITEMS_MAX),
	ANY(settings, check_percent),
	ANY(settings, check_sampling_off),
	ANY(settings, evidence_off),
	LIST(settings, close_by_clock_off_classes, BH_PROFILE_ITEMS_MAX),
	ANY(settings, repeat_check_off),
	ANY(settings, unit_sign_off),
};
static const struct bh_message_map map_settings =
	LIST_MAP(settings, settings_rows, settings);

static const struct bh_field_map catalogue_rows[] = {
	TEXT(catalogue, version),
	INNER_LIST(catalogue, types, BH_PROFILE_ITEMS_MAX, map_catalogue_type),
	INNER_LIST(catalogue, unit_kinds, BH_PROFILE_ITEMS_MAX, map_unit_kind),
	INNER_LIST(catalogue, classes, BH_PROFILE_ITEMS_MAX, map_catalogue_class),
};
static const struct bh_message_map map_catalogue =
	LIST_MAP(catalogue, catalogue_rows, catalogue);

static const struct bh_field_map repeat_rows[] = {
	ANY(repeat, grid),
	ANY(repeat, has_place),
	ANY(repeat, latitude_e7),
	ANY(repeat, longitude_e7),
	ANY(repeat, cases),
	ANY(repeat, last_ms),
	TEXT(repeat, asset),
};
static const struct bh_message_map map_repeat =
	PLAIN_MAP(repeat, repeat_rows, repeat);

static const struct bh_field_map district_rows[] = {
	TEXT(district, code),
	TEXT(district, name),
	ANY(district, version),
	INNER_LIST(district, types, BH_PROFILE_ITEMS_MAX, map_catalogue_type),
	INNER_LIST(district, grids, BH_PROFILE_ITEMS_MAX, map_area),
	INNER_LIST(district, units, BH_PROFILE_ITEMS_MAX, map_unit),
	ANY(district, person),
	TEXT(district, person_name),
	INNER_LIST(district, posts, BH_POSTS_MAX, map_post),
	ANY(district, catalogue_version),
	ANY(district, dispatch_limit_s),
	EXACT_OR_NONE(district, bundle_key, BH_PUBLIC_KEY_BYTES),
	EXACT_OR_NONE(district, bundle_key_id, BH_CHECK_BYTES),
	EXACT_OR_NONE(district, backup_pin, BH_PIN_BYTES),
	EXACT_OR_NONE(district, pins_signature, BH_SIGNATURE_BYTES),
	INNER_LIST(district, patrols, BH_PATROLS_MAX, map_patrol),
	ANY(district, utc_offset_min),
	LIST(district, self_dispose_classes, BH_PROFILE_ITEMS_MAX),
	ANY(district, evidence_off),
	INNER(district, calendar, map_calendar),
	INNER_LIST(district, repeats, BH_REPEATS_TOLD_MAX, map_repeat),
};
const struct bh_message_map bh_map_district =
	LIST_MAP(district, district_rows, district);

static const struct bh_field_map profile_rows[] = {
	TEXT(profile, name),
	INNER_LIST(profile, areas, BH_PROFILE_ITEMS_MAX, map_area),
	INNER_LIST(profile, units, BH_PROFILE_ITEMS_MAX, map_unit),
	INNER_LIST(profile, people, BH_PROFILE_ITEMS_MAX, map_person),
	INNER_LIST(profile, posts, BH_PROFILE_ITEMS_MAX, map_post),
	INNER_LIST(profile, routes, BH_PROFILE_ITEMS_MAX, map_route),
	INNER(profile, settings, map_settings),
	INNER(profile, catalogue, map_catalogue),
	INNER_LIST(profile, patrols, BH_PROFILE_ITEMS_MAX, map_patrol),
	INNER_LIST(profile, grades, BH_PROFILE_ITEMS_MAX, map_grade),
	INNER_LIST(profile, industries, BH_PROFILE_ITEMS_MAX, map_industry),
	ANY(profile, routes_version),
	INNER_LIST(profile, duty_periods, BH_PROFILE_ITEMS_MAX, map_duty_period),
	INNER_LIST(profile, assets, BH_PROFILE_ITEMS_MAX, map_asset),
	INNER_LIST(profile, shifts, BH_PROFILE_ITEMS_MAX, map_shift),
};
const struct bh_message_map bh_map_profile =
	LIST_MAP(profile, profile_rows, profile);

static const struct bh_field_map entry_enrol_code_rows[] = {
	EXACT(entry_enrol_code, code_hash, BH_HASH_BYTES),
	ANY(entry_enrol_code, person),
	ANY(entry_enrol_code, expires_ms),
};
const struct bh_message_map bh_map_entry_enrol_code =
	PLAIN_MAP(entry_enrol_code, entry_enrol_code_rows, entry_enrol_code);

static const struct bh_field_map entry_enrolled_rows[] = {
	EXACT(entry_enrolled, code_hash, BH_HASH_BYTES),
	ANY(entry_enrolled, device),
	ANY(entry_enrolled, person),
	EXACT(entry_enrolled, public_key, BH_PUBLIC_KEY_BYTES),
	EXACT(entry_enrolled, log_id, BH_LOG_ID_BYTES),
	ANY(entry_enrolled, log_short),
	TEXT(entry_enrolled, device_model),
};
const struct bh_message_map bh_map_entry_enrolled =
	PLAIN_MAP(entry_enrolled, entry_enrolled_rows, entry_enrolled);

static const struct bh_field_map entry_revoked_rows[] = {
	ANY(entry_revoked, device),
	TEXT(entry_revoked, reason),
};
const struct bh_message_map bh_map_entry_revoked =
	PLAIN_MAP(entry_revoked, entry_revoked_rows, entry_revoked);

static const struct bh_field_map entry_log_rows[] = {
	ANY(entry_log, device),
	EXACT(entry_log, log_id, BH_LOG_ID_BYTES),
	ANY(entry_log, log_short),
	EXACT_OR_NONE(entry_log, forked_from, BH_LOG_ID_BYTES),
};
const struct bh_message_map bh_map_entry_log =
	PLAIN_MAP(entry_log, entry_log_rows, entry_log);

static const struct bh_field_map entry_rotated_rows[] = {
	ANY(entry_rotated, device),
	EXACT(entry_rotated, public_key, BH_PUBLIC_KEY_BYTES),
	EXACT(entry_rotated, replaces, BH_PUBLIC_KEY_BYTES),
};
const struct bh_message_map bh_map_entry_rotated =
	PLAIN_MAP(entry_rotated, entry_rotated_rows, entry_rotated);

static const struct bh_field_map entry_restored_rows[] = {
	ANY(entry_restored, epoch),
};
const struct bh_message_map bh_map_entry_restored =
	PLAIN_MAP(entry_restored, entry_restored_rows, entry_restored);
/* clang-format on */
