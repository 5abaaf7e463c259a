/* How much time is left, counted as the server counts it (proto/calendar.h), at any instant.
 *
 *   told: when it is due, when yellow ──▶ light, time left, working time left
 *   told: how a type is limited ──────▶ walked over the district's calendar from an instant */
#include "client-lib/client_state.h"
#include "client-lib/include/bihuan_offline.h"
#include "proto/calendar.h"
#include "proto/light.h"
#include "proto/limit.h"

#define UTC_OFFSET_USUAL_MIN 480

_Static_assert(BH_DUE_RED == (int)BH_LIGHT_RED, "lights");

/* The district as told, its calendar built: both lie in the arena. */
struct almanac {
	struct bh_arena arena;
	struct bh_msg_district district;
	struct bh_calendar calendar;
	bool known;
	int64_t now_ms; /* by the server's clock, as far as it is known */
};

static int days_add(
	struct bh_arena *arena, const struct bh_msg_calendar *told, struct bh_calendar *calendar)
{
	struct bh_calendar_day *room = bh_arena_array(arena, told->days_count, sizeof(*room));
	int rc = room || told->days_count == 0 ? 0 : BH_ERR_NOMEM;

	if (rc == 0)
		bh_calendar_give_room(calendar, room, (uint32_t)told->days_count);
	for (size_t i = 0; rc == 0 && i < told->days_count; i++)
		rc = bh_calendar_add_day(
			calendar, told->days[i].day, told->days[i].works ? told->days[i].as : 0);
	return rc;
}

/* One that a newer server tells in a way that is not understood here is none. */
static int calendar_read(struct almanac *almanac)
{
	const struct bh_msg_calendar *told = &almanac->district.calendar;
	struct bh_work_period periods[BH_CALENDAR_PERIODS_MAX];
	int32_t offset_min = almanac->district.utc_offset_min;

	if (told->version == 0 || told->week_count > BH_CALENDAR_PERIODS_MAX)
		return 0;
	for (size_t i = 0; i < told->week_count; i++)
		periods[i] = (struct bh_work_period){
			told->week[i].weekday, told->week[i].from_min, told->week[i].to_min};
	int rc = bh_calendar_build(told->version,
		offset_min != 0 ? offset_min : UTC_OFFSET_USUAL_MIN, periods, told->week_count,
		&almanac->calendar, NULL);

	if (rc == 0)
		rc = days_add(&almanac->arena, told, &almanac->calendar);
	almanac->known = rc == 0;
	return rc == BH_ERR_NOMEM ? rc : 0;
}

/* Takes the lock.  The caller frees the arena whatever became of it. */
static int almanac_read(bh_client *client, struct almanac *out)
{
	struct bh_device device;

	*out = (struct almanac){.arena = BH_ARENA(BH_TYPES_ARENA_BYTES_MAX)};
	bh_worker_lock(client->worker);
	out->now_ms = bh_worker_now(client->worker).wall_ms;
	int rc = bh_local_device(client->local, &device);

	if (rc == 0 && device.skew_known)
		out->now_ms += device.skew_ms;
	if (rc == 0)
		rc = bh_local_district_read(client->local, &out->arena, &out->district);
	bh_worker_unlock(client->worker);
	if (rc == BH_ERR_NOT_FOUND)
		return 0;
	return rc == 0 ? calendar_read(out) : rc;
}

int bh_district_take(bh_client *client, struct bh_arena *arena, struct bh_msg_district *out)
{
	*arena = BH_ARENA(BH_TYPES_ARENA_BYTES_MAX);
	*out = (struct bh_msg_district){.version = 0};
	bh_worker_lock(client->worker);
	int rc = bh_local_district_read(client->local, arena, out);

	bh_worker_unlock(client->worker);
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

/* due 0: no such clock runs; yellow 0: it never is. */
static void due_give(
	const struct almanac *almanac, bh_due_view view, int64_t at_ms, bh_due_view *out)
{
	int64_t at = at_ms != 0 ? at_ms : almanac->now_ms;

	if (view.due_at != 0) {
		view.light = (int32_t)bh_light_at(
			view.yellow_at != 0 ? view.yellow_at : INT64_MAX, view.due_at, at);
		view.left_ms = view.due_at - at;
		if (almanac->known)
			view.left_work_ms = bh_calendar_between(
				&almanac->calendar, at, view.due_at);
	}
	view.calendar = almanac->known ? almanac->calendar.version : 0;
	bh_struct_give(&view, sizeof(view), out);
}

/* ---- Of a case --------------------------------------------------------------------------- */

static bh_due_view case_due(
	const struct bh_case_row *row, const struct bh_msg_district *district, int32_t clock)
{
	const struct bh_msg_record *record = &row->record;
	bh_due_view view = {.due_at = 0};

	if (clock == BH_CLOCK_DISPATCH) {
		view.due_at = row->known ? record->dispatch_due_ms : row->dispatch_due_ms;
		if (view.due_at != 0)
			view.yellow_at = view.due_at - (int64_t)district->dispatch_limit_s * 10 *
							       (100 - BH_LIMIT_YELLOW_PERCENT);
	} else if (row->known && clock == BH_CLOCK_SIGN) {
		view.due_at = record->sign_due_ms;
		view.works = 1;
	} else if (row->known && record->disposal_yellow_ms != 0) {
		view.due_at = record->disposal_due_ms;
		view.yellow_at = record->disposal_yellow_ms;
		view.works = record->disposal_works;
	}
	return view;
}

/* The guards of both. */
static bh_status due_begin(
	bh_case_cursor *cursor, bool known, bh_time_ms at, const bh_due_view *out, bh_error *err)
{
	bh_status status = cursor ? bh_enter(bh_case_cursor_client(cursor), err)
				  : bh_fail(err, BH_E_INVALID, "cursor is NULL");

	if (status == BH_OK)
		status = bh_struct_check(out, "due view", err);
	if (status == BH_OK && (!known || at < 0))
		status = bh_fail(err, BH_E_INVALID, "due: no such clock, or at is before 1970");
	return status;
}

bh_status bh_case_due(
	bh_case_cursor *cursor, int32_t clock, bh_time_ms at, bh_due_view *out, bh_error *err)
{
	struct almanac almanac;
	bool known = clock >= BH_CLOCK_DISPATCH && clock <= BH_CLOCK_DISPOSAL;
	bh_status status = due_begin(cursor, known, at, out, err);

	if (status != BH_OK)
		return status;
	const struct bh_case_row *row = bh_case_cursor_row(cursor);

	if (!row)
		return bh_fail(err, BH_E_NOT_FOUND, "due: the cursor stands on no case");
	int rc = almanac_read(bh_case_cursor_client(cursor), &almanac);

	if (rc == 0)
		due_give(&almanac, case_due(row, &almanac.district, clock), at, out);
	else
		status = bh_fail_rc(err, bh_case_cursor_client(cursor), rc, "due");
	bh_arena_free(&almanac.arena);
	return status;
}

/* 80 % of what lies between its making and its end, on the clock that it goes by. */
static bh_due_view task_due(const struct almanac *almanac, const struct bh_msg_record_task *task)
{
	bh_due_view view = {.due_at = task->due_ms, .works = task->works};

	if (task->due_ms == 0)
		return view;
	bool works = task->works && almanac->known;
	int64_t whole_ms = bh_length_used_ms(
		&almanac->calendar, works, task->made_ms, task->due_ms);

	view.yellow_at = bh_length_due(
		&almanac->calendar, works, task->made_ms, whole_ms / 100 * BH_LIMIT_YELLOW_PERCENT);
	return view;
}

bh_status bh_task_due(
	bh_case_cursor *cursor, uint32_t index, bh_time_ms at, bh_due_view *out, bh_error *err)
{
	struct almanac almanac;
	bh_status status = due_begin(cursor, true, at, out, err);

	if (status != BH_OK)
		return status;
	const struct bh_case_row *row = bh_case_cursor_row(cursor);

	if (!row || !row->known || index >= row->record.tasks_count)
		return bh_fail(err, BH_E_NOT_FOUND, "task: no such task");
	int rc = almanac_read(bh_case_cursor_client(cursor), &almanac);

	if (rc == 0)
		due_give(&almanac, task_due(&almanac, &row->record.tasks[index]), at, out);
	else
		status = bh_fail_rc(err, bh_case_cursor_client(cursor), rc, "due");
	bh_arena_free(&almanac.arena);
	return status;
}

/* ---- Of a type --------------------------------------------------------------------------- */

static bool limit_find(const struct bh_msg_district *district, uint32_t code, uint32_t condition,
	struct bh_limit *out)
{
	const struct bh_msg_catalogue_type *type = bh_district_type(district, code);
	const struct bh_msg_limit *limit = type && condition == 0 ? &type->limit : NULL;

	for (size_t i = 0; type && condition != 0 && i < type->conditions_count; i++) {
		if (type->conditions[i].id == condition)
			limit = &type->conditions[i].limit;
	}
	if (!limit)
		return false;
	*out = (struct bh_limit){limit->value, limit->unit};
	return bh_limit_is_valid(*out);
}

bh_status bh_type_due(bh_client *client, uint32_t type, uint32_t condition, bh_time_ms from,
	bh_time_ms at, bh_due_view *out, bh_error *err)
{
	struct almanac almanac;
	struct bh_limit limit;
	bh_status status = bh_enter(client, err);

	if (status == BH_OK)
		status = bh_struct_check(out, "due view", err);
	if (status == BH_OK && (from < 0 || at < 0))
		status = bh_fail(err, BH_E_INVALID, "due: an instant is before 1970");
	if (status != BH_OK)
		return status;
	int rc = almanac_read(client, &almanac);

	if (rc != 0) {
		status = bh_fail_rc(err, client, rc, "due");
	} else if (!limit_find(&almanac.district, type, condition, &limit)) {
		status = bh_fail(err, BH_E_NOT_FOUND, "due: no such type or condition here");
	} else if (bh_limit_is_working(limit) && !almanac.known) {
		status = bh_fail(err, BH_E_NOT_FOUND, "due: the district told no calendar");
	} else {
		const struct bh_calendar *calendar = &almanac.calendar;
		int64_t start_ms = from != 0 ? from : almanac.now_ms;
		const bh_due_view view = {.due_at = bh_limit_due(calendar, limit, start_ms, 0),
			.yellow_at = bh_limit_threshold(
				calendar, limit, start_ms, 0, BH_LIMIT_YELLOW_PERCENT),
			.works = bh_limit_is_working(limit)};

		due_give(&almanac, view, at != 0 ? at : start_ms, out);
	}
	bh_arena_free(&almanac.arena);
	return status;
}
