/* 群众评价: a token for who reported, a rating by number and token without a name, what was said of
 * a case, and the figures.
 *
 *   rate ─▶ body ─▶ token against what is kept ─▶ writer, which judges it again
 *                     └── wrong: one answer, whatever is; too many: 429, whoever asks
 *
 * Who has the token never waits for those who guess. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/console/case_json.h"
#include "server/console/profile.h"
#include "server/console/rating_json.h"
#include "server/store/rating.h"

/* ---- A token ---- */

/* Of a key: a MAC, so that a repeat tells the same; otherwise random. */
static int token_make(struct bh_exchange *x)
{
	struct bh_hasher *hasher;
	uint8_t of[8];
	struct bh_span parts[] = {bh_span("bh-rate-key-1", 13), bh_span(of, sizeof(of)),
		bh_span(x->command.key_hash, BH_HASH_BYTES)};
	if (!x->keyed)
		return x->host->rng.fill(x->host->rng.context, x->token, BH_RATING_TOKEN_BYTES);
	int err = bh_hasher_open(&hasher);
	if (err)
		return err;
	for (size_t i = 0; i < sizeof(of); i++)
		of[i] = (uint8_t)(x->command.case_number >> (56 - 8 * i));
	bh_mac_parts(hasher, x->district->mac_key, parts, 3, x->token);
	bh_hasher_close(hasher);
	return BH_NOERR;
}

static int token_hash(const struct bh_exchange *x, uint8_t hash[BH_HASH_BYTES])
{
	struct bh_hasher *hasher;
	int err = bh_hasher_open(&hasher);
	if (err)
		return err;
	bh_rating_token_hash(hasher, x->command.case_number, x->token, hash);
	bh_hasher_close(hasher);
	return BH_NOERR;
}

/* A repeat of one that stands no more tells nothing. */
static void invited(struct bh_exchange *x)
{
	struct bh_rating_tokens kept;
	uint8_t hash[BH_HASH_BYTES];
	char text[BH_RATING_TOKEN_SIZE];
	int err = bh_reader_tokens(x->district->reader, x->command.case_number, &kept);
	if (!err)
		err = token_hash(x, hash);
	if (!err && !bh_rating_tokens_fit(&kept, hash)) {
		bh_answer_error(x, 409, "code-lost", "this token stands no more",
			"ask for another one, with another key");
		return;
	}
	if (err) {
		bh_answer_err(x, err);
		return;
	}
	bh_base32_format(bh_span(x->token, BH_RATING_TOKEN_BYTES), text);
	bh_answer_json(x, 201,
		json_pack("{s:s, s:s, s:I, s:b, s:o}", "number", x->captures[1], "token", text,
			"position", (json_int_t)x->outcome.position, "repeat", x->outcome.repeat,
			"at", bh_exchange_time(x, x->outcome.at_ms)));
	explicit_bzero(text, sizeof(text));
}

void bh_route_invite(struct bh_exchange *x)
{
	static const char *const names[] = {NULL};
	struct bh_import_faults faults = {0};
	struct bh_import_at at = {&faults, "", 0, NULL};
	uint8_t hash[BH_HASH_BYTES];
	struct bh_case cased;
	if (!bh_case_asked(x, &cased))
		return;
	if (x->body)
		bh_fields_check(&at, x->body, names);
	x->command.case_number = cased.number;
	bh_exchange_desk(x, BH_VERB_INVITE);
	int err = token_make(x);
	if (!err)
		err = token_hash(x, hash);
	if (!err)
		err = bh_buf_append(&x->payload, hash, sizeof(hash));
	x->command.payload = bh_buf_span(&x->payload);
	if (err)
		bh_answer_err(x, err);
	else if (faults.count > 0)
		bh_answer_field(x, &faults);
	else
		bh_exchange_submit(x, invited);
	bh_faults_free(&faults);
}

/* ---- A rating ---- */

/* False: answered. */
static bool rating_read(struct bh_exchange *x, const char **token)
{
	static const char *const names[] = {"token", "rating", "text", NULL};
	struct bh_import_faults faults = {0};
	struct bh_import_at at = {&faults, "", 0, NULL};
	const char *rating = json_string_value(json_object_get(x->body, "rating"));
	*token = json_string_value(json_object_get(x->body, "token"));
	if (x->body)
		bh_fields_check(&at, x->body, names);
	if (!*token)
		bh_fault_say(&at, "token", "it came with the number of the case");
	if (!rating || bh_rating_parse(rating, &x->command.reason_code) != BH_NOERR)
		bh_fault_say(&at, "rating", "it is none of satisfied, fair, dissatisfied");
	(void)bh_field_text(&at, x->body, "text", BH_RATING_TEXT_MAX, false, &x->command.text);
	bool fits = faults.count == 0;
	if (!fits)
		bh_answer_field(x, &faults);
	bh_faults_free(&faults);
	return fits;
}

/* The same work whatever is wrong: the number, that it has no token, or the token. */
static int token_judge(struct bh_exchange *x, const char *text, bool *fits)
{
	struct bh_rating_tokens kept;
	uint8_t hash[BH_HASH_BYTES];
	bool number = bh_case_number_parse(x->captures[1], &x->command.case_number) == BH_NOERR;
	bool read = bh_base32_parse(text, x->token, BH_RATING_TOKEN_BYTES) == BH_NOERR;
	int err = bh_reader_tokens(x->district->reader, x->command.case_number, &kept);
	if (!err)
		err = token_hash(x, hash);
	*fits = !err && bh_rating_tokens_fit(&kept, hash) && read && number;
	return err;
}

static void wrong_answer(struct bh_exchange *x)
{
	if (bh_rating_pace_take(&x->district->rating_pace, x->mono_ms))
		bh_answer_error(x, 404, "token", "number and token do not fit",
			"they were given together; letters and digits 2 to 7");
	else
		bh_answer_error(x, 429, "too-many", "too many wrong tokens came lately",
			"come again in a minute");
}

static void rated(struct bh_exchange *x)
{
	bh_answer_json(x, 200,
		json_pack("{s:s, s:s, s:o}", "number", x->captures[1], "rating",
			bh_rating_name(x->command.reason_code), "at",
			bh_exchange_time(x, x->outcome.at_ms)));
}

/* Nobody's name, and no key: a rating that came twice was given once. */
void bh_route_rate(struct bh_exchange *x)
{
	const char *text = NULL;
	bool fits = false;
	x->keyed = false;
	memset(x->command.key_hash, 0, sizeof(x->command.key_hash));
	memset(x->command.request_hash, 0, sizeof(x->command.request_hash));
	if (!rating_read(x, &text))
		return;
	int err = token_judge(x, text, &fits);
	if (!err && fits)
		err = bh_buf_append(&x->payload, x->token, BH_RATING_TOKEN_BYTES);
	x->command.source = BH_SOURCE_DESK;
	x->command.verb = BH_VERB_RATE;
	x->command.payload = bh_buf_span(&x->payload);
	if (err)
		bh_answer_err(x, err);
	else if (!fits)
		wrong_answer(x);
	else
		bh_exchange_submit(x, rated);
}

/* ---- What was said ---- */

void bh_route_case_ratings(struct bh_exchange *x)
{
	struct bh_rating_row rows[BH_RECEIPT_CYCLES_MAX];
	size_t count = 0, may = 0;
	struct bh_case cased;
	if (!bh_case_asked(x, &cased))
		return;
	int err = bh_reader_ratings(
		x->district->reader, cased.number, rows, BH_RECEIPT_CYCLES_MAX, &count);
	json_t *items = json_array();
	for (size_t i = 0; !err && i < count; i++) {
		if (!bh_rating_may_read(x->rules, x->person, x->now_ms, &cased, rows[i].unit))
			continue;
		may++;
		items = bh_items_add(items, bh_rating_json(x, &rows[i]));
	}
	bool post = may > 0 ||
		    bh_rating_may_read(x->rules, x->person, x->now_ms, &cased, cased.unit);
	if (!err && post) {
		bh_answer_json(x, 200, bh_list_json(items, NULL));
		return;
	}
	json_decref(items);
	if (err)
		bh_answer_err(x, err);
	else
		bh_answer_error(x, 403, "post", "what was said of a case is not for everybody",
			"act as its area's supervisor, assessor or follow-up agent, not of its "
			"unit");
}

/* ---- Figures ---- */

/* "2026-03" */
static bool month_read(struct bh_exchange *x, struct bh_rating_month *out)
{
	const char *text = bh_target_parameter(&x->target, "month");
	int32_t offset_min = bh_rules_settings(x->rules)->utc_offset_min;
	if (!text)
		bh_rating_month_before(x->district->district_ms, offset_min, out);
	if (!text || bh_rating_month_parse(text, offset_min, out))
		return true;
	bh_answer_error(x, 400, "parameter", "month: it is not like 2026-03", NULL);
	return false;
}

void bh_route_ratings(struct bh_exchange *x)
{
	struct bh_rating_month month;
	size_t count = 0;
	if (!month_read(x, &month))
		return;
	struct bh_rating_count *rows = bh_arena_array(
		&x->arena, BH_RATING_UNITS_MAX, sizeof(*rows));
	int err = rows ? bh_reader_rating_counts(x->district->reader, month.from_ms,
				 month.before_ms, rows, BH_RATING_UNITS_MAX, &count)
		       : BH_ERR_NOMEM;
	if (err) {
		bh_answer_err(x, err);
		return;
	}
	bool told = x->district->district_ms > bh_rating_due(x->rules, month.before_ms);
	json_t *items = json_array();
	for (size_t i = 0; i < count; i++) {
		bool whole = bh_rating_may_count(x->rules, x->person, x->now_ms, rows[i].unit);
		items = bh_items_add(items, bh_rating_count_json(x, &rows[i], whole, told));
	}
	json_t *json = bh_member_set(bh_list_json(items, NULL), "month", json_string(month.text));
	bh_answer_json(x, 200, bh_member_set(json, "complete", json_boolean(told)));
}
