/* A shift leader's commands, and the clock that looks whether they came.
 *
 *   HAND_OVER    the open cases of the desk's area are counted by light, and the note kept
 *   TAKE_OVER    the last hand-over that nobody took
 *   tick         an end that passed half an hour ago and has no row: HAND_OVER_MISSED, told to the
 *                level above (S0-31)
 *
 * A refused one leaves nothing, as any desk's. */
#include "proto/err.h"
#include "server/domain/notice.h"
#include "server/store/case_row.h"
#include "server/store/shift_row.h"
#include "server/store/writer.h"

#define PAGE 500u
#define HOLDERS_MAX 64u
#define LOOK_AGAIN_MS INT64_C(86400000)

static int refuse(struct bh_outcome *out, enum bh_reason reason, const char *detail)
{
	out->verdict = BH_VERDICT_REJECTED;
	out->reason = reason;
	out->detail = detail;
	return BH_NOERR;
}

/* ---- Counts ---- */

static void light_count(
	struct bh_writer *w, const struct bh_case *cased, struct bh_shift_fact *fact)
{
	const struct bh_msg_unit *desk = bh_rules_unit(w->rules, fact->unit);
	int64_t due_ms = 0;
	if (desk == NULL || !bh_rules_area_within(w->rules, cased->area, desk->area))
		return;
	const char *light = bh_notice_light(w->rules, cased, w->now_ms, &due_ms);
	uint32_t *of = *light == 'g'   ? &fact->green
		       : *light == 'y' ? &fact->yellow
		       : *light == 'r' ? &fact->red
				       : &fact->other;
	*of += 1;
}

/* Page by page: what is read of one closes the list's statement. */
static int open_page(struct bh_writer *w, uint64_t after, uint64_t firsts[PAGE], size_t *count)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_LIST_OPEN);
	bool row = false;

	*count = 0;
	bh_bind(s, 1, (int64_t)after);
	bh_bind(s, 2, 1);
	int err = bh_row_next(s, &row);
	while (!err && row && *count < PAGE) {
		firsts[(*count)++] = (uint64_t)bh_column(s, 0);
		if (*count < PAGE)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

static int lights_count(struct bh_writer *w, struct bh_shift_fact *fact)
{
	uint64_t firsts[PAGE], after = 0;
	size_t count = PAGE;
	int err = BH_NOERR;

	while (!err && count == PAGE) {
		err = open_page(w, after, firsts, &count);
		for (size_t i = 0; !err && i < count; i++) {
			struct bh_case cased;
			err = bh_case_row_first(&w->projector.db, firsts[i], &cased);
			if (!err)
				light_count(w, &cased, fact);
			after = firsts[i];
		}
	}
	return err;
}

/* ---- Commands ---- */

static int append(struct bh_writer *w, const struct bh_command *command, uint32_t post,
	const struct bh_shift_fact *fact, struct bh_outcome *out)
{
	struct bh_entry entry = bh_desk_entry(command, NULL, post);
	int err = bh_desk_encode(w, command, &entry);

	w->decision.len = 0;
	if (!err)
		err = bh_shift_fact_encode(fact, &w->decision);
	entry.decision = bh_buf_span(&w->decision);
	if (!err)
		err = bh_desk_append(w, &entry, NULL, out);
	if (!err)
		w->shift_due_ms = 0;
	return err;
}

/* From when on ends count: the last that was handed over, or the roster's beginning. */
static int handed_until(struct bh_writer *w, uint32_t unit, int64_t *out)
{
	struct bh_shift_end last;
	int err = bh_shift_row_since(&w->projector.db, unit, out);

	if (err)
		return err;
	err = bh_shift_row_handed(&w->projector.db, unit, &last);
	if (!err && last.fact.end_ms > *out)
		*out = last.fact.end_ms;
	return err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
}

static int hand_over(struct bh_writer *w, const struct bh_command *command, uint32_t post,
	struct bh_outcome *out)
{
	struct bh_shift_fact fact = {.unit = command->unit};
	const char *detail = NULL;
	int64_t handed_ms = 0;
	int err = handed_until(w, command->unit, &handed_ms);

	if (err)
		return err;
	if (bh_span_is_blank(command->text))
		return refuse(out, BH_REASON_FIELD, "a hand-over has a note");
	enum bh_reason reason = bh_shift_hand_over(w->rules, command->unit, command->person,
		w->now_ms, handed_ms, &fact.end_ms, &detail);
	if (reason != BH_REASON_NONE)
		return refuse(out, reason, detail);
	err = lights_count(w, &fact);
	return err ? err : append(w, command, post, &fact, out);
}

static int take_over(struct bh_writer *w, const struct bh_command *command, uint32_t post,
	struct bh_outcome *out)
{
	struct bh_shift_end last;
	const char *detail = NULL;
	int err = bh_shift_row_handed(&w->projector.db, command->unit, &last);

	if (err && err != BH_ERR_NOT_FOUND)
		return err;
	enum bh_reason reason = bh_shift_take_over(
		err ? NULL : &last, command->person, w->now_ms, &detail);
	if (reason != BH_REASON_NONE)
		return refuse(out, reason, detail);
	return append(w, command, post, &last.fact, out);
}

int bh_command_shift(struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out)
{
	*out = (struct bh_outcome){.at_ms = w->now_ms};
	uint32_t post = bh_shift_post(
		w->rules, command->unit, command->person, command->post, w->now_ms);
	if (bh_rules_unit(w->rules, command->unit) == NULL)
		return refuse(out, BH_REASON_FIELD, "there is no such desk");
	if (post == 0)
		return refuse(out, BH_REASON_NO_RIGHT, "it is the shift leaders' of this desk");
	return command->verb == BH_VERB_HAND_OVER ? hand_over(w, command, post, out)
						  : take_over(w, command, post, out);
}

/* ---- The clock ---- */

/* Of the nearest area from this one upwards that has somebody of this role. */
static size_t holders_above(struct bh_writer *w, uint32_t area, uint32_t role,
	const struct bh_msg_post *posts[HOLDERS_MAX])
{
	const struct bh_msg_area *at = bh_rules_area(w->rules, area);
	size_t count = 0;
	while (at != NULL && count == 0) {
		count = bh_rules_posts_of_area(
			w->rules, w->now_ms, role, at->id, posts, HOLDERS_MAX);
		at = at->parent ? bh_rules_area(w->rules, at->parent) : NULL;
	}
	return bh_rules_on_duty(w->rules, posts, count, w->now_ms);
}

/* The shift leaders above the desk's area, else who watches over it, else its own. */
static int level_above_tell(struct bh_writer *w, uint32_t unit)
{
	const struct bh_msg_post *posts[HOLDERS_MAX];
	const struct bh_msg_unit *desk = bh_rules_unit(w->rules, unit);
	const struct bh_msg_area *area = desk ? bh_rules_area(w->rules, desk->area) : NULL;
	size_t count = 0;
	int err = BH_NOERR;

	if (area != NULL && area->parent)
		count = holders_above(w, area->parent, BH_ROLE_SHIFT_LEADER, posts);
	if (area != NULL && count == 0)
		count = holders_above(w, area->id, BH_ROLE_SUPERVISOR, posts);
	if (area != NULL && count == 0)
		count = holders_above(w, area->id, BH_ROLE_SHIFT_LEADER, posts);
	for (size_t i = 0; !err && i < count && i < BH_NOTICE_PEOPLE_MAX; i++) {
		const struct bh_notice notice = {.person = posts[i]->person,
			.kind = BH_NOTICE_HAND_OVER_MISSED,
			.ready_ms = w->now_ms};
		err = bh_notice_add(w, w->position, 0, &notice);
	}
	return err;
}

static int missed_append(struct bh_writer *w, uint32_t unit, int64_t end_ms)
{
	const struct bh_shift_fact fact = {.unit = unit, .end_ms = end_ms};
	struct bh_entry entry = {.log_short = BH_LOG_CLOCK,
		.verb = BH_VERB_HAND_OVER_MISSED,
		.verdict = BH_VERDICT_ACCEPTED};

	w->decision.len = 0;
	int err = bh_shift_fact_encode(&fact, &w->decision);
	entry.decision = bh_buf_span(&w->decision);
	if (!err)
		err = bh_writer_append(w, &entry, true, NULL, NULL, NULL);
	return err ? err : level_above_tell(w, unit);
}

/* The first end after from_ms that has no row; *at_ms is NEVER where none comes soon. */
static int end_find(struct bh_writer *w, uint32_t unit, int64_t from_ms, int64_t *at_ms)
{
	struct bh_shift_end row;
	int err = BH_NOERR;

	*at_ms = from_ms;
	while (!err) {
		*at_ms = bh_rules_shift_end(w->rules, unit, *at_ms);
		if (*at_ms == BH_CALENDAR_NEVER)
			return BH_NOERR;
		err = bh_shift_row_get(&w->projector.db, unit, *at_ms, &row);
	}
	return err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
}

static int desk_look(struct bh_writer *w, uint32_t unit, size_t *fired)
{
	int64_t late_ms = bh_shift_late_ms(w->due_divisor), from_ms = 0, at_ms = 0;
	int err = bh_shift_row_since(&w->projector.db, unit, &from_ms);

	if (from_ms < w->now_ms - BH_SHIFT_MADE_GOOD_MS)
		from_ms = w->now_ms - BH_SHIFT_MADE_GOOD_MS;
	if (!err)
		err = end_find(w, unit, from_ms, &at_ms);
	while (!err && at_ms != BH_CALENDAR_NEVER && at_ms + late_ms <= w->now_ms) {
		err = missed_append(w, unit, at_ms);
		*fired += !err;
		if (!err)
			err = end_find(w, unit, at_ms, &at_ms);
	}
	if (!err && at_ms != BH_CALENDAR_NEVER && at_ms + late_ms < w->shift_due_ms)
		w->shift_due_ms = at_ms + late_ms;
	return err;
}

int bh_shift_turn(struct bh_writer *w, size_t *fired)
{
	uint32_t unit = 0;
	int err = BH_NOERR;

	if (w->now_ms < w->shift_due_ms || !bh_timeline_punishes(&w->timeline))
		return BH_NOERR;
	w->shift_due_ms = w->now_ms + LOOK_AGAIN_MS;
	while (!err && (unit = bh_rules_rostered(w->rules, unit)) != 0)
		err = desk_look(w, unit, fired);
	if (err)
		w->shift_due_ms = 0;
	return err;
}

int64_t bh_shift_due_ms(const struct bh_writer *w)
{
	bool waits = bh_rules_rostered(w->rules, 0) != 0 && bh_timeline_punishes(&w->timeline);
	return waits ? w->shift_due_ms : 0;
}
