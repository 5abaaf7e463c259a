/* The messages of bihuan.proto that describe a district: what its handsets are told of it, its
 * whole profile, and its journal's entries.  Conventions as in message.h. */
#ifndef BH_PROTO_MESSAGE_DISTRICT_H
#define BH_PROTO_MESSAGE_DISTRICT_H

#include "proto/bytes.h"
#include "proto/message_patrol.h"

struct bh_msg_area {
	uint32_t id;         /* the district's own number, stable */
	struct bh_span code; /* division or grid code */
	uint32_t kind;       /* enum bh_area_kind: county, township, village, grid, special grid,
				micro-grid */
	uint32_t parent;
	struct bh_span name;
	const int32_t
		*ring_e7; /* one closed ring: longitude, latitude, ... in WGS-84, e-7 degrees */
	size_t ring_e7_count;
	const uint32_t *classes; /* special grid: event classes it wins */
	size_t classes_count;
	uint32_t micro_kind; /* micro-grid, enum bh_micro_kind: building, enterprise, shop street */
};

struct bh_msg_unit {
	uint32_t id;
	struct bh_span code;
	struct bh_span name;
	uint32_t kind; /* index in the catalogue's unit kinds, 1.. */
	uint32_t area;
	bool desk;        /* an area's desk: the backstop */
	uint32_t form;    /* enum bh_unit_form: unit, body, team */
	uint32_t mode;    /* enum bh_unit_mode: resident, rota, on call; 0: none */
	uint32_t liaison; /* person; 0: none */
	uint32_t deputy;  /* of the liaison */
	bool dissolved;   /* it is given nothing more, and what it has goes on elsewhere */
};

struct bh_msg_person {
	uint32_t id;
	struct bh_span code; /* the employer's own number */
	struct bh_span name;
};

struct bh_msg_post {
	uint32_t id;
	uint32_t person;
	uint32_t role;           /* enum bh_role */
	uint32_t unit;           /* 0: none */
	uint32_t area;           /* authority reaches to what lies in it */
	const uint32_t *classes; /* and is of these event classes; none: of all */
	size_t classes_count;
	int32_t from_day; /* first and last local day, counted from 1970-01-01; 0: without end */
	int32_t to_day;
	struct bh_span title; /* what it is called in its own place */
};

struct bh_msg_route {
	uint32_t type;  /* catalogue type; 0: any */
	uint32_t class; /* event class; 0: any */
	uint32_t unit_kind;
	uint32_t area;        /* applies inside it; 0: everywhere */
	uint32_t unit;        /* a named unit instead of a kind; 0: by kind */
	bool immediate;       /* dispatched at once, without a person */
	struct bh_span paper; /* the rule's source */
	uint32_t condition;   /* of the type; 0: any */
	bool heightened;      /* only for what began in a period of heightened duty */
	int32_t from_day; /* first and last local day on which what it is for began; 0: no end */
	int32_t to_day;
	uint32_t version;     /* of the rules with which it came */
	uint32_t until;       /* ... and with which it went; 0: it is in force */
	uint32_t limit_value; /* instead of the catalogue's disposal limit */
	uint32_t limit_unit;  /* enum bh_limit_unit; 0: the catalogue's */
	bool no_pause;        /* neither extended nor suspended */
	uint32_t escalates;   /* unit to which it goes unsigned at the limit; 0: the clock signs */
};

struct bh_msg_duty_period {
	uint32_t id;
	struct bh_span name;
	int32_t from_day; /* both whole */
	int32_t to_day;
	struct bh_span paper;
	uint32_t dispatch_limit_min; /* of what enters the queue on its days; 0: as ever */
};

struct bh_msg_asset {
	uint32_t id;
	struct bh_span mark; /* 16 characters */
	uint32_t type;
	uint32_t owner; /* unit; 0: not known */
	uint32_t grade; /* of its position: 1 A, 2 B, 3 C; 0: none */
	uint32_t state; /* enum bh_asset_state */
};

struct bh_msg_work_period {
	uint32_t weekday;  /* 1 Monday .. 7 Sunday */
	uint32_t from_min; /* of the local day */
	uint32_t to_min;   /* up to 1440 */
};

struct bh_msg_calendar_day {
	int32_t day; /* of the local calendar, counted from 1970-01-01 */
	bool works;  /* a make-up working day; else a holiday */
	uint32_t as; /* it works the periods of this weekday; 0: of the first that has any */
	struct bh_span name;
	uint32_t list_year; /* of the list that brought it; 0: its own year */
};

/* As handsets are told it: periods and days of one year and the next. */
struct bh_msg_calendar {
	uint32_t version; /* of the whole calendar, by which the server counts; 0: none is told */
	const struct bh_msg_work_period *week;
	size_t week_count;
	const struct bh_msg_calendar_day *days;
	size_t days_count;
};

struct bh_msg_retention {
	uint32_t class; /* event class; 0: every class without a row of its own */
	uint32_t days;  /* after its end a case's content, names and photos are erased */
	bool entries;   /* of no class: the words of entries about no case, after they came */
};

struct bh_msg_settings {
	uint32_t dispatch_limit_min;  /* 30 */
	uint32_t dispatch_margin_min; /* 5 */
	bool automatic_off;
	const uint32_t *automatic_off_classes;
	size_t automatic_off_classes_count;
	uint32_t sign_limit_work_min;  /* 120 */
	uint32_t check_limit_work_min; /* 480 */
	uint32_t nearest_grid_m;       /* 200 */
	int32_t utc_offset_min;        /* 480 */
	const struct bh_msg_work_period *week;
	size_t week_count;
	uint32_t return_window_work_min;        /* from dispatch, in which a unit may return */
	const struct bh_msg_calendar_day *days; /* that are not as the week says */
	size_t days_count;
	const struct bh_msg_retention *retention;
	size_t retention_count;
	const uint32_t *self_dispose_classes; /* self_dispose.h */
	size_t self_dispose_classes_count;
	const uint32_t *close_by_clock_off_classes; /* only people close cases of these */
	size_t close_by_clock_off_classes_count;
	uint32_t check_percent;  /* of cases, that are checked before closing; 0: 20 */
	bool check_sampling_off; /* only P1, rework and repeats are */
	bool repeat_check_off;   /* nor is what comes again in one place */
	bool evidence_off;       /* a result needs no photos, whatever its type says */
	bool unit_sign_off;      /* what a unit's people finish its lead signs off */
};

struct bh_msg_grade {
	uint32_t grade; /* enum bh_grade */
	uint32_t tier;  /* 1 village, 2 township, 3 county */
};

struct bh_msg_industry {
	uint32_t type; /* of the catalogue; 0: by class */
	uint32_t class;
	uint32_t unit;
	uint32_t weekdays; /* bit 0 Monday .. bit 6 Sunday; 0: always */
};

struct bh_msg_catalogue_class {
	uint32_t code;
	struct bh_span name;
};

struct bh_msg_unit_kind {
	uint32_t id;
	struct bh_span code;
	struct bh_span name;
};

struct bh_msg_limit {
	uint32_t value;
	uint32_t unit; /* enum bh_limit_unit */
};

struct bh_msg_catalogue_condition {
	uint32_t id; /* 1.. within the type */
	struct bh_span label;
	struct bh_msg_limit limit;
};

/* A place where something comes again and again (server/domain/repeat.h). */
struct bh_msg_repeat {
	uint32_t grid;
	bool has_place;
	int32_t latitude_e7; /* WGS-84, of the newest */
	int32_t longitude_e7;
	uint32_t cases; /* in ninety days */
	int64_t last_ms;
	struct bh_span asset; /* the component's mark, or empty */
};

struct bh_msg_catalogue_type {
	uint32_t code;
	struct bh_span name;
	uint32_t class;
	uint32_t urgency; /* 1..4 */
	uint32_t unit_kind;
	struct bh_msg_limit limit;
	const struct bh_msg_catalogue_condition *conditions;
	size_t conditions_count;
	uint32_t privacy;
	uint32_t photos_min;
	bool dispute;
	uint32_t dedupe_radius_m; /* similar.h */
	uint32_t dedupe_window_h;
	uint32_t self_dispose;     /* self_dispose.h */
	const uint32_t *emergency; /* whom to call where life is at stake; none: 110 and 119 */
	size_t emergency_count;
};

/* A row of a desk's roster: rules.h says when it holds. */
struct bh_msg_shift {
	uint32_t unit; /* the desk */
	uint32_t person;
	int32_t from_day; /* first and last local day; 0: without end */
	int32_t to_day;
	uint32_t days;     /* enum bh_shift_days */
	uint32_t weekdays; /* bit 0 Monday .. bit 6 Sunday; 0: every one */
	uint32_t from_min; /* of the local day */
	uint32_t to_min;   /* up to 1440; not after from_min: of the next day */
	bool heightened; /* for days of heightened duty, on which it stands for the desk's others */
};

struct bh_msg_district {
	struct bh_span code;
	struct bh_span name;
	uint32_t version; /* grows with every change that a handset should know */
	const struct bh_msg_catalogue_type *types;
	size_t types_count;
	const struct bh_msg_area *grids; /* the device's own grids only */
	size_t grids_count;
	const struct bh_msg_unit *units;
	size_t units_count;
	uint32_t person;
	struct bh_span person_name;
	const struct bh_msg_post *posts; /* of this device's worker */
	size_t posts_count;
	struct bh_span catalogue_version;
	uint32_t dispatch_limit_s;    /* from receipt to dispatch: what an own report's time left is
					 counted by */
	struct bh_span bundle_key;    /* 33, or empty: what is carried by hand is sealed for it */
	struct bh_span bundle_key_id; /* 8 */
	struct bh_span backup_pin;    /* 20, or empty: of the key that comes after the CA's */
	struct bh_span pins_signature;       /* 64, by the CA's key, tag bh-pins-1 */
	const struct bh_msg_patrol *patrols; /* of the device's own grids only */
	size_t patrols_count;
	int32_t utc_offset_min; /* by which a day's list is today's */
	const uint32_t *self_dispose_classes;
	size_t self_dispose_classes_count;
	bool evidence_off;
	struct bh_msg_calendar calendar;
	const struct bh_msg_repeat *repeats; /* of the device's own grids only */
	size_t repeats_count;
};

struct bh_msg_catalogue {
	struct bh_span version;
	const struct bh_msg_catalogue_type *types;
	size_t types_count;
	const struct bh_msg_unit_kind *unit_kinds;
	size_t unit_kinds_count;
	const struct bh_msg_catalogue_class *classes;
	size_t classes_count;
};

struct bh_msg_profile {
	struct bh_span name;
	const struct bh_msg_area *areas;
	size_t areas_count;
	const struct bh_msg_unit *units;
	size_t units_count;
	const struct bh_msg_person *people;
	size_t people_count;
	const struct bh_msg_post *posts;
	size_t posts_count;
	const struct bh_msg_route *routes;
	size_t routes_count;
	struct bh_msg_settings settings;
	struct bh_msg_catalogue catalogue;
	const struct bh_msg_patrol *patrols;
	size_t patrols_count;
	const struct bh_msg_grade *grades;
	size_t grades_count;
	const struct bh_msg_industry *industries;
	size_t industries_count;
	uint32_t routes_version; /* of the rules in force: it grows with each change of them */
	const struct bh_msg_duty_period *duty_periods;
	size_t duty_periods_count;
	const struct bh_msg_asset *assets;
	size_t assets_count;
	const struct bh_msg_shift *shifts;
	size_t shifts_count;
};

struct bh_msg_entry_enrol_code {
	struct bh_span code_hash; /* SHA-256 */
	uint32_t person;
	int64_t expires_ms;
};

struct bh_msg_entry_enrolled {
	struct bh_span code_hash;
	uint32_t device;
	uint32_t person;
	struct bh_span public_key;
	struct bh_span log_id;
	uint32_t log_short;
	struct bh_span device_model;
};

struct bh_msg_entry_revoked {
	uint32_t device;
	struct bh_span reason;
};

struct bh_msg_entry_rotated {
	uint32_t device;
	struct bh_span public_key;
	struct bh_span replaces; /* the key before */
};

struct bh_msg_entry_log {
	uint32_t device;
	struct bh_span log_id;
	uint32_t log_short;
	struct bh_span forked_from;
};

struct bh_msg_entry_restored {
	uint64_t epoch;
};

struct bh_msg_entry_bundle {
	uint32_t device;
	struct bh_span log_id;
	uint64_t after_seq;
	uint64_t last_seq;
};

#endif
