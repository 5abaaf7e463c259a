/* A district's profile and catalogue as people write them, and as the journal keeps them:
 * PROFILE.md tells the form. */
#ifndef BH_CONSOLE_PROFILE_H
#define BH_CONSOLE_PROFILE_H

#include <jansson.h>

#include "proto/arena.h"
#include "server/console/time_text.h"
#include "server/domain/rules.h"

#define BH_FAULTS_KEPT_MAX 5000u /* a district's people, each with a fault */
#define BH_FAULT_NO_ROW SIZE_MAX /* of what was not given, but no longer fits what was */

/* One thing wrong with what was to be imported, by where it stands. */
struct bh_import_fault {
	const char *list; /* "areas", "people"; "" for the whole */
	size_t index;
	char code[64];     /* the element's, as far as it has one */
	const char *field; /* constant or the body's; NULL: the element as a whole */
	char what[160];
};

struct bh_import_faults {
	struct bh_import_fault *kept; /* at most BH_FAULTS_KEPT_MAX */
	size_t kept_count;
	size_t count;
	bool no_memory;
};

/* The element that is being read, for the fields below. */
struct bh_import_at {
	struct bh_import_faults *faults;
	const char *list;
	size_t index;
	const char *code;
};

void bh_fault_say(const struct bh_import_at *at, const char *field, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void bh_faults_free(struct bh_import_faults *faults);
bool bh_fault_stands(const struct bh_import_faults *faults, const char *list, size_t index);

/* ---- Fields (field.c): each says what is wrong and gives false ---- */
/* Every member's name is one of `names`, NULL at the end. */
void bh_fields_check(const struct bh_import_at *at, const json_t *object, const char *const *names);
/* Spans point into the JSON. Missing where not needed: true, *out untouched. */
bool bh_field_text(const struct bh_import_at *at, const json_t *object, const char *name,
	size_t bytes_max, bool needed, struct bh_span *out);
/* A whole number, or a text of digits, from min to max. */
bool bh_field_number(const struct bh_import_at *at, const json_t *object, const char *name,
	int64_t min, int64_t max, bool needed, int64_t *out);
bool bh_field_u32(const struct bh_import_at *at, const json_t *object, const char *name,
	uint32_t min, uint32_t max, bool needed, uint32_t *out);
bool bh_field_bool(
	const struct bh_import_at *at, const json_t *object, const char *name, bool *out);
/* One of words, NULL at the end: *out is its place, from 0.  An empty text leaves *out. */
bool bh_field_word(const struct bh_import_at *at, const json_t *object, const char *name,
	const char *const *words, bool needed, uint32_t *out);
/* A day, "2026-12-31", as counted from 1970-01-01. */
bool bh_field_day(
	const struct bh_import_at *at, const json_t *object, const char *name, int32_t *out);
/* A list of numbers, from 1, in the arena.  BH_ERR_NOMEM. */
int bh_field_numbers(const struct bh_import_at *at, struct bh_arena *arena, const json_t *object,
	const char *name, const uint32_t **out, size_t *count);
/* The array of a list, NULL when it is missing (said only where needed) or is none (said). */
const json_t *bh_field_list(
	const struct bh_import_at *at, const json_t *object, const char *name, bool needed);

/* ---- Codes to ids (code_book.c): what has a code keeps its id, what is new gets the next ---- */
struct bh_code_book {
	json_t *ids; /* code -> id */
	uint32_t next;
};
int bh_code_book_open(struct bh_code_book *book);
void bh_code_book_close(struct bh_code_book *book);
/* Enters what is so already. */
int bh_code_book_keep(struct bh_code_book *book, struct bh_span code, uint32_t id);
/* The id of a code, a new one where it has none; 0: no memory. */
uint32_t bh_code_book_id(struct bh_code_book *book, struct bh_span code);
/* 0: not in it. */
uint32_t bh_code_book_find(const struct bh_code_book *book, struct bh_span code);

/* ---- Import ---- */
struct bh_profile_import {
	struct bh_arena *arena;
	struct bh_import_faults *faults;
	const struct bh_msg_profile *before;
	struct bh_code_book areas, units, people, posts, patrols; /* ids for ever */
	struct bh_code_book area_now, unit_now;                   /* codes of this very file */
	struct bh_msg_unit *units_read;                           /* out.units */
	uint32_t *post_people; /* index of the person each post stands with */
	/* Of tables: the row, from 1, of each post that is read, and of each that was; 0: none. */
	const uint32_t *post_rows;
	uint32_t *posts_told;
	bool tells_gaps; /* of a roster */
	json_t *gaps;
	struct bh_msg_profile out;
};

/* Reads a whole profile; the catalogue is taken from out.catalogue as set before.  BH_ERR_NOMEM, or
 * 0 with what is wrong in faults.  people who are gone stay without posts: history names them. */
int bh_profile_read(struct bh_profile_import *import, const json_t *profile);
void bh_profile_import_close(struct bh_profile_import *import);
int bh_areas_read(struct bh_profile_import *import, const json_t *profile);
int bh_units_read(struct bh_profile_import *import, const json_t *profile);
/* After people. */
void bh_liaisons_read(struct bh_profile_import *import, const json_t *profile);
int bh_people_read(struct bh_profile_import *import, const json_t *profile);
int bh_routes_read(struct bh_profile_import *import, const json_t *profile);
/* import_dispute.c: grades and industries; and adds them to a profile's JSON. */
int bh_disputes_read(struct bh_profile_import *import, const json_t *profile);
json_t *bh_profile_disputes_json(const struct bh_rules *rules, json_t *profile);
/* The rules become those given: what is in force and stays keeps its version, what is new has the
 * next one, and what goes stays with the profile for the cases that began with it.  given may be
 * released afterwards. */
int bh_routes_replace(struct bh_arena *arena, const struct bh_msg_profile *before,
	const struct bh_msg_route *given, size_t count, struct bh_msg_profile *out);
/* Rules and periods of heightened duty are those of before. */
void bh_routes_stay(struct bh_profile_import *import);
/* import_route.c: periods of heightened duty, and components; where a profile has no such list,
 * those in force stay. */
int bh_duty_read(struct bh_profile_import *import, const json_t *profile);
int bh_assets_read(struct bh_profile_import *import, const json_t *profile);
/* {"value", "unit"}, and a unit's name; NULL: there is none. */
void bh_limit_read(const struct bh_import_at *at, const json_t *object, const char *name,
	struct bh_msg_limit *out);
const char *bh_limit_unit_name(uint32_t unit);
/* "public-safe" ...; NULL: there is no such level. */
const char *bh_privacy_level_name(uint32_t level);
int bh_patrols_read(struct bh_profile_import *import, const json_t *profile);
/* import_shift.c: after people. */
int bh_shifts_read(struct bh_profile_import *import, const json_t *profile);
/* {"shifts": [...]}: it replaces the rosters of the desks that it names.  As bh_profile_read. */
int bh_roster_read(
	struct bh_profile_import *import, const struct bh_rules *rules, const json_t *roster);
json_t *bh_shift_json(const struct bh_rules *rules, const struct bh_msg_shift *shift);
/* For which times rosters name nobody, from this instant's day on. */
json_t *bh_shift_gaps_json(const struct bh_rules *rules, int64_t from_ms);
int bh_settings_read(struct bh_profile_import *import, const json_t *profile);
/* import_retention.c: of the settings. */
int bh_retention_read(struct bh_profile_import *import, const struct bh_import_at *at,
	const json_t *object, struct bh_msg_settings *settings);
json_t *bh_retention_json(const struct bh_msg_settings *settings);
/* A code of this file as an id, or 0 with a fault. */
uint32_t bh_import_code(const struct bh_import_at *at, const json_t *object, const char *field,
	const struct bh_code_book *book, bool needed);
json_t *bh_unit_kind_code(const struct bh_rules *rules, uint32_t id);
uint32_t bh_unit_kind_id(const struct bh_msg_catalogue *catalogue, struct bh_span code);

/* Schema bihuan-catalogue/1; kinds of units keep the ids they have in before.  As bh_profile_read.
 */
int bh_catalogue_read(struct bh_arena *arena, const json_t *catalogue,
	const struct bh_msg_catalogue *before, struct bh_import_faults *faults,
	struct bh_msg_catalogue *out);
/* A list of holidays and make-up days, in the shape of holiday-cn or as a table has them, over the
 * days in force: it replaces those of the years that it names.  As bh_profile_read. */
int bh_calendar_read(
	struct bh_profile_import *import, const json_t *list, const struct bh_calendar *calendar);
/* "2027-10-01"; false: it has no such text. */
bool bh_day_text(int32_t day, char text[BH_TIME_TEXT_SIZE]);
uint32_t bh_day_year(int32_t day);
/* The days of a profile's settings; where it says none, those in force stay. */
int bh_days_read(struct bh_profile_import *import, const json_t *settings);
/* The catalogue that is shipped: JSON text. */
struct bh_span bh_catalogue_default(void);

/* Builds the rules to find what is still wrong, in the words of the file.  Faults of elements that
 * have one already are left out.  0 (then *out holds the rules unless there are faults) or
 * BH_ERR_NOMEM. */
int bh_profile_build(const struct bh_profile_import *import, struct bh_rules **out);

struct bh_exchange;
/* import_gone.c: a unit, an area or a type that has cases may not be left out. */
int bh_units_gone_check(struct bh_exchange *x, const struct bh_msg_profile *before,
	const struct bh_msg_profile *after, struct bh_import_faults *faults);
int bh_areas_gone_check(struct bh_exchange *x, const struct bh_msg_profile *before,
	const struct bh_code_book *now, struct bh_import_faults *faults);
int bh_types_gone_check(struct bh_exchange *x, const struct bh_msg_profile *before,
	const struct bh_msg_profile *after, struct bh_import_faults *faults);
/* Open cases of units that it dissolves, which the clock gives to others; NULL without memory. */
json_t *bh_moves_json(struct bh_exchange *x, const struct bh_msg_profile *after);
/* import_lack.c: units that nobody holds a post of today, and how many open cases wait there; and
 * what has no retention.  NULL without memory. */
json_t *bh_unmanned_json(struct bh_exchange *x, const struct bh_msg_profile *profile);
json_t *bh_kept_for_ever_json(const struct bh_msg_profile *profile);
/* import_post.c: desk roles that nobody holds today, each with the area that lacks it; event
 * classes that no field worker's post is for.  NULL without memory. */
json_t *bh_no_desk_json(struct bh_exchange *x, const struct bh_msg_profile *profile);
json_t *bh_no_field_json(struct bh_exchange *x, const struct bh_msg_profile *profile);
/* Which of `check_sampling_off`, `evidence_off` are set; a new reference. */
json_t *bh_safeguards_off_json(const struct bh_msg_profile *profile);
/* {"areas": {"added", "changed", "removed", "kept"}, ..., "routes": changed ...}, or NULL. */
json_t *bh_profile_changes(
	const struct bh_msg_profile *before, const struct bh_msg_profile *after, bool *any);

/* ---- Export: new references, NULL without memory ---- */
const char *bh_area_kind_name(uint32_t kind);
/* By enum bh_micro_kind, bh_unit_form, bh_unit_mode; NULL at the end. */
extern const char *const bh_micro_kinds[], *const bh_unit_forms[], *const bh_unit_modes[];
json_t *bh_profile_json(const struct bh_rules *rules);
json_t *bh_profile_unit_json(const struct bh_rules *rules, const struct bh_msg_unit *unit);
json_t *bh_profile_person_json(
	const struct bh_rules *rules, const struct bh_msg_person *person, bool with_ids);
/* route_json.c */
json_t *bh_profile_route_json(const struct bh_rules *rules, const struct bh_msg_route *route);
json_t *bh_profile_duty_json(const struct bh_msg_duty_period *period);
json_t *bh_profile_asset_json(const struct bh_rules *rules, const struct bh_msg_asset *asset);
extern const char *const bh_asset_grades[], *const bh_asset_states[]; /* NULL at the end */
/* "08:00" */
json_t *bh_profile_minutes_json(uint32_t minutes);
/* Of all years, or of one. */
json_t *bh_profile_days_json(const struct bh_msg_settings *settings, uint32_t year);

#endif
