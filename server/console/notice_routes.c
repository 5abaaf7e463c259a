/* The outbox for who runs it: whom the district told of what, and what came of it; one that goes
 * again, and one to try a channel with.  And that a person has a case before them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/console/case_json.h"
#include "server/console/exchange.h"
#include "server/domain/rating.h"
#include "server/store/notice.h"

#define ROWS_USUAL 100u

static bool number_read(const char *text, uint64_t max, uint64_t *out)
{
	size_t len = strlen(text);
	if (len == 0 || len > 18 || strspn(text, "0123456789") != len)
		return false;
	*out = strtoull(text, NULL, 10);
	return *out > 0 && *out <= max;
}

/* "500", "exit 75", "signal 9", "time", "connect", "tls", "local". */
static json_t *error_json(uint32_t error)
{
	char text[32];
	switch (error) {
	case BH_NOTICE_ERR_NONE:
		return json_null();
	case BH_NOTICE_ERR_TIME:
		return json_string("time");
	case BH_NOTICE_ERR_CONNECT:
		return json_string("connect");
	case BH_NOTICE_ERR_TLS:
		return json_string("tls");
	case BH_NOTICE_ERR_LOCAL:
		return json_string("local");
	default:
		break;
	}
	if (error > BH_NOTICE_ERR_SIGNAL)
		(void)snprintf(text, sizeof(text), "signal %u", error - BH_NOTICE_ERR_SIGNAL);
	else if (error > BH_NOTICE_ERR_EXIT)
		(void)snprintf(text, sizeof(text), "exit %u", error - BH_NOTICE_ERR_EXIT);
	else
		(void)snprintf(text, sizeof(text), "%u", error);
	return json_string(text);
}

/* Of a notice about a restricted case is left to who may not see it that there is one; so it is of
 * that a case was rated badly, to who may not read its rating (rating_routes.c). */
static bool is_kept(const struct bh_exchange *x, const struct bh_notice_row *row)
{
	struct bh_case cased;
	if (row->number == 0 || x->person == 0 || x->person == row->person)
		return false;
	if (bh_reader_case(x->district->reader, row->number, &cased) != BH_NOERR)
		return true;
	if (bh_rules_is_restricted(x->rules, cased.type) && !bh_may_see_case(x, &cased))
		return true;
	return row->kind == BH_NOTICE_RATED_LOW &&
	       !bh_rating_may_read(x->rules, x->person, x->now_ms, &cased, cased.unit);
}

static json_t *row_json(const struct bh_exchange *x, const struct bh_notice_row *row)
{
	char number[BH_CASE_TEXT_SIZE] = "", key[BH_NOTICE_KEY_MAX];
	bool waits = row->state == BH_NOTICE_QUEUED;
	if (row->number)
		bh_case_number_format(row->number, number);
	bh_notice_key(row, x->district_code, key);
	bool kept = is_kept(x, row);
	return json_pack("{s:I, s:s?, s:s?, s:o, s:s?, s:s, s:I, s:i, s:o, s:o, s:o, s:o}", "id",
		(json_int_t)row->id, "key", kept ? NULL : key, "kind",
		kept ? NULL : bh_notice_kind_name(row->kind), "person",
		bh_person_code(x->rules, row->person), "number",
		row->number && !kept ? number : NULL, "state", bh_notice_state_name(row->state),
		"tries", (json_int_t)row->tries, "channel", (int)(row->lane / 2) + 1, "error",
		error_json(row->error), "made_at", bh_exchange_time(x, row->made_ms), "next_at",
		waits ? bh_exchange_time(x, row->next_ms) : json_null(), "seen_at",
		bh_exchange_time(x, row->seen_ms));
}

static bool bad_parameter(struct bh_exchange *x, const char *message)
{
	bh_answer_error(x, 400, "parameter", message, NULL);
	return false;
}

static bool parameters_read(
	struct bh_exchange *x, uint64_t *before, uint32_t *state, uint64_t *limit)
{
	const char *after = bh_target_parameter(&x->target, "after");
	const char *name = bh_target_parameter(&x->target, "state");
	const char *rows = bh_target_parameter(&x->target, "limit");
	if (after && !number_read(after, INT64_MAX, before))
		return bad_parameter(x, "after: it is not what `next` of an earlier page said");
	if (name && bh_notice_state_parse(name, state) != BH_NOERR)
		return bad_parameter(
			x, "state: there is no such state; queued, sent, seen, failed, expired");
	if (rows && !number_read(rows, BH_RESPONSE_ROWS_MAX, limit))
		return bad_parameter(x, "limit: it is not from 1 to 500");
	return true;
}

void bh_route_notices(struct bh_exchange *x)
{
	char next[24];
	uint64_t before = 0, limit = ROWS_USUAL;
	uint32_t state = 0;
	size_t count = 0;
	if (!parameters_read(x, &before, &state, &limit))
		return;
	struct bh_notice_row *rows = bh_arena_array(&x->arena, limit, sizeof(*rows));
	int err = rows ? bh_reader_notices(x->district->reader, before, state, rows, limit, &count)
		       : BH_ERR_NOMEM;
	if (err) {
		bh_answer_err(x, err);
		return;
	}
	json_t *items = json_array();
	for (size_t i = 0; i < count; i++)
		items = bh_items_add(items, row_json(x, &rows[i]));
	(void)snprintf(
		next, sizeof(next), "%llu", count ? (unsigned long long)rows[count - 1].id : 0ULL);
	bh_answer_json(x, 200, bh_list_json(items, count == limit ? next : NULL));
}

/* ---- One ---- */

static void no_notice(struct bh_exchange *x)
{
	bh_answer_error(x, 404, "notice", "there is no such notice", "see `bihuan notice list`");
}

static void notice_tell(struct bh_exchange *x, uint64_t id)
{
	struct bh_notice_row row;
	int err = bh_reader_notice(x->district->reader, id, &row);
	if (err == BH_ERR_NOT_FOUND)
		no_notice(x);
	else if (err)
		bh_answer_err(x, err);
	else
		bh_answer_json(x, 200, row_json(x, &row));
}

void bh_route_notice(struct bh_exchange *x)
{
	uint64_t id = 0;
	if (number_read(x->captures[1], INT64_MAX, &id))
		notice_tell(x, id);
	else
		no_notice(x);
}

static void acted(struct bh_exchange *x)
{
	if (x->outcome.position)
		notice_tell(x, x->outcome.position);
	else if (x->command.notice_act == BH_NOTICE_ACT_TEST)
		bh_answer_error(x, 409, "not_now", "one was just made; try again", NULL);
	else
		bh_answer_error(x, 409, "not_now", "it is not there, or was seen",
			"see `bihuan notice list`");
}

static void act(struct bh_exchange *x, enum bh_notice_act act)
{
	x->command.source = BH_SOURCE_NOTICE;
	x->command.notice_act = act;
	bh_exchange_submit(x, acted);
}

void bh_route_notice_retry(struct bh_exchange *x)
{
	if (!number_read(x->captures[1], INT64_MAX, &x->command.notice_id))
		no_notice(x);
	else
		act(x, BH_NOTICE_ACT_RETRY);
}

void bh_route_notice_test(struct bh_exchange *x)
{
	const char *code = x->captures[1];
	const struct bh_msg_person *person = bh_rules_person_by_code(
		x->rules, bh_span(code, strlen(code)));
	if (!person) {
		bh_answer_error(x, 404, "person", "no person of this district has this code",
			"see `bihuan people`");
		return;
	}
	x->command.person = person->id;
	act(x, BH_NOTICE_ACT_TEST);
}

/* ---- A case is opened ---- */

/* The answer stands whatever becomes of it. */
void bh_notice_opened(struct bh_exchange *x, uint64_t number)
{
	bool waits = false;
	if (!x->person || bh_reader_notice_waits(x->district->reader, x->person, number, &waits) ||
		!waits)
		return;
	x->answered = true;
	x->command.person = x->person;
	x->command.case_number = number;
	act(x, BH_NOTICE_ACT_SEEN);
}
