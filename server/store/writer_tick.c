/* The clock's turn: what is due is decided and journalled like anything else, in order of its
 * instants; the heartbeat is kept; a wall clock that jumped is said once.
 *
 *   (next_ms, first) index of cases, tasks, mediations:   due ... due | not yet
 *                             ▲ cursor: moves past a case only when the clock holds back there, so
 * that one that fired is looked at again at once, and none blocks those after it */
#include <string.h>

#include "proto/err.h"
#include "server/store/case_row.h"
#include "server/store/due_look.h"
#include "server/store/writer.h"

int bh_heartbeat_write(struct bh_writer *w)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_LOCAL_SET);
	uint8_t packed[BH_TIMELINE_BYTES];

	bh_timeline_pack(&w->timeline, packed);
	bh_bind(s, 1, BH_HEARTBEAT_ROW);
	bh_bind_span(s, 2, bh_span(packed, sizeof(packed)));
	int err = bh_row_run(s);
	if (!err)
		w->heartbeat_mono_ms = w->now.mono_ms;
	return err;
}

/* Of cases that have ended, an archive or a follow-up: however many wait, no other alarm waits for
 * more of them than this. */
#define ENDED_AT_ONCE 100u
#define SLICE_PAUSE_MS 200

/* Each index in its own order; what is due first of all comes first.  Where nothing of them is
 * due, cases that have ended. */
enum due_kind {
	DUE_CASE,
	DUE_TASK,
	DUE_MEDIATION,
	DUE_ENDED,
	DUE_KINDS,
};

struct due_cursor {
	struct bh_due of[DUE_KINDS];
	uint32_t over;  /* bit: nothing was due of it; what comes due now waits for the next turn */
	uint32_t ended; /* of this group */
	bool held;
};

/* What was read ahead of each index, and how many are read at once. */
struct due_look {
	struct bh_due_ahead ahead[DUE_KINDS];
	size_t max;
};

static void look_on(struct due_look *look, bool wrote)
{
	look->max = wrote ? 1 : BH_DUE_AHEAD_MAX;
	for (size_t i = 0; wrote && i < DUE_KINDS; i++)
		bh_due_forget(&look->ahead[i]);
}

/* One alarm of one case. *fires false: the clock has nothing to do there now. */
static int alarm_fire(struct bh_writer *w, uint64_t first, bool *fires)
{
	struct bh_case cased;
	struct bh_command command;
	int err = bh_case_row_first(&w->projector.db, first, &cased);

	*fires = false;
	if (err)
		return err == BH_ERR_NOT_FOUND ? BH_ERR_CORRUPT : err;
	if (!bh_clock_command(
		    w->rules, &cased, w->now_ms, bh_timeline_punishes(&w->timeline), &command))
		return BH_NOERR;
	command.log_short = BH_LOG_CLOCK;
	command.seq = 0;
	err = bh_command_fire(w, &command, &cased, fires);
	w->counts.breaches += *fires && command.verb == BH_VERB_BREACH;
	return err;
}

static const struct {
	enum bh_sql next;
	int (*fire)(struct bh_writer *w, uint64_t first, bool *fires);
} clocks[DUE_KINDS] = {
	[DUE_CASE] = {BH_SQL_DUE_NEXT, alarm_fire},
	[DUE_TASK] = {BH_SQL_TASK_DUE_NEXT, bh_task_fire},
	[DUE_MEDIATION] = {BH_SQL_MEDIATION_DUE_NEXT, bh_mediation_fire},
	[DUE_ENDED] = {BH_SQL_DUE_ENDED, alarm_fire},
};

/* What is due first of an index behind the cursor. */
static int due_of(struct bh_writer *w, struct due_look *look, struct due_cursor *cursor,
	enum due_kind kind, bool *any, struct bh_due *due)
{
	*any = false;
	if (cursor->over & 1u << kind)
		return BH_NOERR;
	int err = bh_due_next(&w->projector.db, clocks[kind].next, w->now_ms, &cursor->of[kind],
		look->max, &look->ahead[kind], any, due);
	if (!err && !*any && kind != DUE_CASE)
		cursor->over |= 1u << kind;
	return err;
}

/* Of *out only what it found moved; *kind says which.  At one instant cases come before the rest.
 */
static int due_next(struct bh_writer *w, struct due_look *look, struct due_cursor *cursor,
	bool *found, enum due_kind *kind, struct due_cursor *out)
{
	struct bh_due first = {0}, due;
	bool any = false;
	int err = BH_NOERR;

	*found = false;
	for (unsigned i = 0; !err && i < DUE_ENDED; i++) {
		err = due_of(w, look, cursor, (enum due_kind)i, &any, &due);
		if (err || !any || (*found && first.next_ms <= due.next_ms))
			continue;
		*found = true;
		*kind = (enum due_kind)i;
		first = due;
	}
	if (!err && !*found && cursor->ended < ENDED_AT_ONCE) {
		err = due_of(w, look, cursor, DUE_ENDED, found, &first);
		*kind = DUE_ENDED;
	}
	if (err)
		return err;
	*out = *cursor;
	if (*found)
		out->of[*kind] = first;
	out->ended += *found && *kind == DUE_ENDED;
	return BH_NOERR;
}

static int clock_doubt(struct bh_writer *w)
{
	if (bh_timeline_punishes(&w->timeline) || w->projector.district.clock_alarm)
		return BH_NOERR;
	int err = bh_writer_append_district(
		w, BH_LOG_CLOCK, BH_VERB_CLOCK_ALARM, 0, bh_span(NULL, 0));
	return err ? err : bh_heartbeat_write(w);
}

static bool heartbeat_is_due(const struct bh_writer *w)
{
	return w->now.mono_ms - w->heartbeat_mono_ms >= BH_HEARTBEAT_PERSIST_MS ||
	       w->now.mono_ms < w->heartbeat_mono_ms;
}

static int tick_group(struct bh_writer *w, struct bh_now now, size_t alarms_max,
	struct due_cursor *cursor, size_t *fired)
{
	struct due_look look = {.max = 1};
	int err = bh_group_begin(w, now);

	if (!err)
		err = clock_doubt(w);
	while (!err && *fired < alarms_max && !bh_group_is_full(w)) {
		struct due_cursor due;
		enum due_kind kind = DUE_CASE;
		bool found = false, fires = false;
		err = due_next(w, &look, cursor, &found, &kind, &due);
		if (err || !found)
			break;
		err = clocks[kind].fire(w, due.of[kind].first, &fires);
		cursor->ended = due.ended;
		if (err || !fires) {
			*cursor = due; /* past it: held, or, on an error, to be passed over */
			cursor->held = true;
		}
		*fired += fires;
		look_on(&look, fires);
	}
	if (!err)
		err = bh_orders_tick(w, alarms_max, fired, &cursor->held);
	if (!err)
		err = bh_loans_tick(w, alarms_max, fired, &cursor->held);
	bool beats = heartbeat_is_due(w);
	if (!err)
		err = bh_notice_tick(w, beats, fired);
	if (!err)
		err = bh_shift_turn(w, fired);
	if (!err && beats)
		err = bh_heartbeat_write(w);
	return err ? err : bh_group_commit(w);
}

/* What failed then was no case's alarm. */
static bool cursor_is_at(const struct due_cursor *cursor, const struct due_cursor *at)
{
	return memcmp(at->of, cursor->of, sizeof(at->of)) == 0;
}

static int alarms_run(struct bh_writer *w, struct bh_now now, size_t alarms_max, size_t *fired)
{
	struct due_cursor cursor = {0};
	size_t alarms = alarms_max, total = 0;
	int err;

	for (;;) {
		struct due_cursor at = cursor;
		size_t count = 0;
		err = tick_group(w, now, alarms, &at, &count);
		if (err == BH_ERR_UNKNOWN)
			return err;
		if (!err) {
			cursor.held |= at.held;
			total += count;
			if (alarms == alarms_max || count == 0 || total >= alarms_max)
				break;
			continue;
		}
		int back = bh_group_rollback(w);
		if (back || err == BH_ERR_CORRUPT)
			return back ? back : err;
		if (bh_group_finds_room(w, err))
			continue;
		bool alone = alarms == 1;
		bool ends = bh_err_is_storage(err) || (alone && cursor_is_at(&cursor, &at));
		if (ends && total > 0)
			break; /* whom those woke must hear of it; the next turn meets the error */
		if (ends)
			return err == BH_ERR_FULL ? BH_ERR_FULL : BH_ERR_IO;
		alarms = 1;
		if (alone) {
			cursor = at; /* alone it failed too: pass over it */
			w->counts.poison++;
		}
	}
	w->held_mono_ms = cursor.held ? now.mono_ms + BH_HELD_RETRY_MS : 0;
	*fired = total;
	return BH_NOERR;
}

int bh_writer_tick(struct bh_writer *w, struct bh_now now, size_t alarms_max, size_t *fired,
	struct bh_wakes *wakes)
{
	bh_wake_clear(&w->wakes);
	bh_checkpoint_if_needed(w);
	int err = alarms_run(w, now, alarms_max, fired);
	if (!err)
		err = bh_chores_run(w, now);
	if (!err)
		bh_wakes_give(w, wakes);
	return err;
}

int64_t bh_writer_first(const struct bh_writer *w, enum bh_sql sql)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, sql);
	bool row = false;
	int64_t at_ms = 0;

	if (w->broken || bh_row_next(s, &row) || !row)
		return 0;
	at_ms = bh_column(s, 0);
	bh_row_end(s);
	return at_ms;
}

/* The earlier of two instants, 0: none. */
static int64_t earlier_ms(int64_t a, int64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

static int64_t alarm_first_ms(const struct bh_writer *w)
{
	int64_t cases_ms = earlier_ms(
		bh_writer_first(w, BH_SQL_DUE_FIRST), bh_writer_first(w, BH_SQL_DUE_ENDED_FIRST));
	int64_t hangs_ms = earlier_ms(bh_writer_first(w, BH_SQL_TASK_DUE_FIRST),
		bh_writer_first(w, BH_SQL_MEDIATION_DUE_FIRST));
	int64_t due_ms = earlier_ms(cases_ms, hangs_ms);

	due_ms = earlier_ms(due_ms, bh_writer_first(w, BH_SQL_DOSSIER_DUE_FIRST));
	return earlier_ms(due_ms, bh_writer_first(w, BH_SQL_ORDER_DUE_FIRST));
}

/* Asked at every turn of the loop; it changes with a group, and what could not be read is asked
 * again after the heartbeat's. */
static int64_t alarm_due_ms(struct bh_writer *w)
{
	if (!w->alarm_due_known) {
		w->alarm_due_ms = alarm_first_ms(w);
		w->alarm_due_known = !w->in_transaction && !w->broken;
	}
	return w->alarm_due_ms;
}

int64_t bh_writer_due_ms(struct bh_writer *w)
{
	return earlier_ms(
		earlier_ms(alarm_due_ms(w), bh_notice_tick_due_ms(w)), bh_shift_due_ms(w));
}

static int64_t mono_of_ms(const struct bh_writer *w, struct bh_now now, int64_t at_ms)
{
	int64_t left_ms = at_ms - bh_writer_time(w, now, NULL);

	return now.mono_ms + (left_ms > 0 ? left_ms : 0);
}

/* Slices of an upgrade follow each other with pauses, so that ops of handsets come between. */
static int64_t beside_mono_ms(const struct bh_writer *w, struct bh_now now)
{
	int64_t beat_ms = w->heartbeat_mono_ms + BH_HEARTBEAT_PERSIST_MS;
	bool slices = w->upgrade_waits && now.mono_ms >= w->chores_mono_ms;

	return slices ? earlier_ms(beat_ms, now.mono_ms + SLICE_PAUSE_MS) : beat_ms;
}

int64_t bh_writer_wake_mono_ms(struct bh_writer *w, struct bh_now now)
{
	int64_t wake_ms = beside_mono_ms(w, now);
	int64_t due_ms = alarm_due_ms(w), call_ms = bh_notice_tick_due_ms(w);

	if (due_ms) {
		int64_t due_mono_ms = mono_of_ms(w, now, due_ms);
		if (due_mono_ms < w->held_mono_ms)
			due_mono_ms = w->held_mono_ms;
		wake_ms = due_mono_ms < wake_ms ? due_mono_ms : wake_ms;
	}
	int64_t shift_ms = bh_shift_due_ms(w);
	if (shift_ms && (!call_ms || shift_ms < call_ms))
		call_ms = shift_ms;
	if (call_ms) {
		int64_t call_mono_ms = mono_of_ms(w, now, call_ms);
		wake_ms = call_mono_ms < wake_ms ? call_mono_ms : wake_ms;
	}
	return wake_ms;
}

int64_t bh_writer_time(const struct bh_writer *w, struct bh_now now, bool *alarmed)
{
	struct bh_timeline timeline = w->timeline;
	int64_t now_ms = bh_timeline_step(&timeline, now);

	if (alarmed)
		*alarmed = !bh_timeline_punishes(&timeline);
	return now_ms > w->at_ms ? now_ms : w->at_ms;
}

struct bh_rules *bh_writer_rules(const struct bh_writer *w)
{
	return bh_rules_ref(w->rules);
}

void bh_writer_counts(const struct bh_writer *w, struct bh_writer_counts *out)
{
	*out = w->counts;
	out->wal_pages = w->wal_pages;
	out->ballast = w->ballast.state;
	out->ballast_bytes = w->ballast.state == BH_BALLAST_LAID ? w->ballast.bytes : 0;
	out->blobs = (uint64_t)w->projector.tally.values[BH_TALLY_BLOBS];
	out->blob_bytes = (uint64_t)w->projector.tally.values[BH_TALLY_BLOB_BYTES];
	out->kept_bytes = w->kept.bytes;
	out->kept_bytes_max = w->kept.vfs ? w->kept.bytes_max : 0;
	out->next_dispatch_due_ms = bh_writer_first(w, BH_SQL_QUEUE_FIRST);
}
