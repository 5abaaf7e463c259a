/* Commands about orders: a desk's, the clock's at their limits, and those that a case's course
 * raises or ends, in the transaction of the entry that does.
 *
 *   OVERDUE of a case ──▶ ORDER            its unit finished, or lost it ──▶ ORDER_REVIEW
 *
 * A number is the next one after the last of its kind, year and series that is on file. */
#include "proto/err.h"
#include "server/store/case_row.h"
#include "server/store/order_row.h"
#include "server/store/writer.h"

#define OF_CASE_MAX 16u /* looked at in one step */
#define SERIES_MAX 0xffffu

static int ref_next(struct bh_writer *w, uint32_t kind, uint64_t *out)
{
	uint32_t year = bh_order_year(w->now_ms, bh_rules_settings(w->rules)->utc_offset_min);
	uint64_t epoch = w->projector.district.epoch;
	uint64_t none = BH_ORDER_REF(kind, year, epoch, 0), last = 0;

	*out = 0;
	if (kind == BH_ORDER_NONE || kind >= BH_ORDER_KINDS || epoch > SERIES_MAX)
		return BH_NOERR;
	int err = bh_order_row_last(&w->projector.db, none, none + BH_ORDER_SERIAL_MAX, &last);
	if (!err && last != none + BH_ORDER_SERIAL_MAX)
		*out = last ? last + 1 : none + 1;
	return err;
}

/* What decide may know; *out's pointers go to the buffers. */
static int ask_load(struct bh_writer *w, const struct bh_command *command, struct bh_case *cased,
	struct bh_order *order, struct bh_order_ask *out)
{
	struct bh_db *db = &w->projector.db;
	bool issues = command->verb == BH_VERB_ORDER;
	int err = issues ? BH_NOERR : bh_order_row_get(db, command->order, order);
	bool there = !issues && !err;
	uint64_t number = there ? order->number : command->case_number;

	*out = (struct bh_order_ask){
		.rules = w->rules,
		.now_ms = w->now_ms,
		.punishes = bh_timeline_punishes(&w->timeline),
		.order = there ? order : NULL,
	};
	if (err && err != BH_ERR_NOT_FOUND)
		return err;
	err = number ? bh_case_row_get(db, number, cased) : BH_ERR_NOT_FOUND;
	out->cased = err ? NULL : cased;
	if (err && err != BH_ERR_NOT_FOUND)
		return err;
	return issues ? ref_next(w, command->reason_code, &out->ref) : BH_NOERR;
}

/* Of one that stands free, notices go by its unit and area. */
static struct bh_case subject_of(const struct bh_order_ask *ask, const struct bh_order *order)
{
	if (ask->cased)
		return *ask->cased;
	return (struct bh_case){.unit = order->unit, .area = order->area, .urgency = 3};
}

static int append(struct bh_writer *w, const struct bh_command *command,
	const struct bh_order_ask *ask, const struct bh_order_answer *answer,
	struct bh_outcome *out)
{
	static const struct bh_order nothing;
	struct bh_case subject = subject_of(ask, &answer->after);
	struct bh_entry entry = {
		.log_short = command->log_short,
		.person = command->person,
		.post = answer->post,
		.case_number = answer->after.number,
		.verb = command->verb,
		.verdict = BH_VERDICT_ACCEPTED,
		.prev = ask->cased ? ask->cased->last : 0,
		.from_state = ask->cased ? ask->cased->state : BH_STATE_OUTBOX,
		.to_state = ask->cased ? ask->cased->state : BH_STATE_OUTBOX,
	};

	w->decision.len = 0;
	int err = bh_order_diff(ask->order ? ask->order : &nothing, &answer->after, &w->decision);
	entry.decision = bh_buf_span(&w->decision);
	if (!err)
		err = bh_desk_encode(w, command, &entry);
	if (!err)
		err = bh_writer_append(w, &entry, true, &subject, NULL, NULL);
	if (err)
		return err;
	out->verdict = BH_VERDICT_ACCEPTED;
	out->position = entry.position;
	out->case_number = entry.case_number;
	return BH_NOERR;
}

int bh_command_order(struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out)
{
	struct bh_order_answer answer;
	struct bh_order_ask ask;
	struct bh_order order;
	struct bh_case cased;
	int err = ask_load(w, command, &cased, &order, &ask);

	if (err)
		return err;
	*out = (struct bh_outcome){.at_ms = w->now_ms, .case_number = command->case_number};
	bh_order_decide(&ask, command, &answer);
	if (answer.accepted)
		return append(w, command, &ask, &answer, out);
	out->verdict = BH_VERDICT_REJECTED;
	out->reason = answer.reason;
	out->detail = answer.detail;
	return BH_NOERR;
}

/* ---- Beside a case ---- */

static int by_clock(struct bh_writer *w, const struct bh_command *command)
{
	struct bh_outcome outcome;

	w->counts.commands++;
	return bh_command_order(w, command, &outcome);
}

static int end_what_is_left(struct bh_writer *w, const struct bh_case *cased)
{
	struct bh_order orders[OF_CASE_MAX];
	struct bh_command command;
	size_t count = OF_CASE_MAX;
	uint64_t after = 0;
	int err = BH_NOERR;

	while (!err && count == OF_CASE_MAX) {
		err = bh_order_rows_of(
			&w->projector.db, cased->number, after, orders, OF_CASE_MAX, &count);
		for (size_t i = 0; !err && i < count; i++) {
			after = orders[i].first;
			if (bh_order_command_after(&orders[i], cased, &command))
				err = by_clock(w, &command);
		}
	}
	return err;
}

int bh_orders_follow(struct bh_writer *w, const struct bh_command *command,
	const struct bh_case *before, const struct bh_case *after)
{
	struct bh_command order;

	/* Called again, it was written to at its threshold. */
	if (command->verb == BH_VERB_OVERDUE && before && before->warned != after->warned &&
		bh_order_of_threshold(after, (enum bh_threshold)after->warned, &order))
		return by_clock(w, &order);
	bool moved = before && before->unit != 0 &&
		     (before->state != after->state || before->unit != after->unit);
	return moved ? end_what_is_left(w, after) : BH_NOERR;
}

/* ---- At their limits ---- */

int bh_orders_tick(struct bh_writer *w, size_t max, size_t *fired, bool *held)
{
	struct bh_order order = {0};
	struct bh_command command;
	bool found = true;
	int err = BH_NOERR;

	while (!err && found && *fired < max) {
		err = bh_order_row_due(&w->projector.db, &order, w->now_ms, &found, &order);
		if (err || !found)
			break;
		if (!bh_order_command(
			    &order, w->now_ms, bh_timeline_punishes(&w->timeline), &command)) {
			*held = true;
			continue;
		}
		err = by_clock(w, &command);
		*fired += !err;
	}
	return err;
}
