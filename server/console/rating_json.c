/* Ratings in words and figures.  Each rate comes with numerator, denominator and its scope. */
#include "server/console/rating_json.h"

#include <stdio.h>
#include <string.h>

#include "proto/err.h"
#include "server/console/case_json.h"
#include "server/console/time_text.h"

/* ---- Months ---- */

bool bh_rating_month_parse(const char *text, int32_t offset_min, struct bh_rating_month *out)
{
	char from[16], before[16];
	int year = 0, month = 0, used = 0;
	if (strlen(text) != 7 || strspn(text, "0123456789") != 4 || text[4] != '-' ||
		strspn(text + 5, "0123456789") != 2 ||
		sscanf(text, "%4d-%2d%n", &year, &month, &used) != 2 || used != 7)
		return false;
	(void)snprintf(from, sizeof(from), "%.7s-01", text);
	(void)snprintf(before, sizeof(before), "%04d-%02d-01", (year + month / 12) % 10000,
		month % 12 + 1);
	(void)snprintf(out->text, sizeof(out->text), "%.7s", text);
	return bh_time_parse(from, offset_min, &out->from_ms) &&
	       bh_time_parse(before, offset_min, &out->before_ms);
}

void bh_rating_month_before(int64_t ms, int32_t offset_min, struct bh_rating_month *out)
{
	char text[BH_TIME_TEXT_SIZE] = "1970-01";
	struct bh_rating_month now = {.from_ms = 0};
	(void)bh_time_format(ms, offset_min, text);
	text[7] = '\0';
	*out = (struct bh_rating_month){.from_ms = 0};
	if (bh_rating_month_parse(text, offset_min, &now) &&
		bh_time_format(now.from_ms - 1, offset_min, text)) {
		text[7] = '\0';
		(void)bh_rating_month_parse(text, offset_min, out);
	}
}

/* ---- One rating ---- */

static json_t *name_or_null(const char *name)
{
	return name ? json_string(name) : json_null();
}

json_t *bh_rating_json(struct bh_exchange *x, const struct bh_rating_row *row)
{
	struct bh_span text = bh_span(NULL, 0);
	struct bh_entry entry = {.at_ms = 0};
	if (row->position != 0 &&
		bh_reader_entry(x->district->reader, row->position, &x->arena, &entry) == BH_NOERR)
		text = bh_entry_text(x, &entry);
	return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "cycle", (int)row->cycle, "unit",
		bh_unit_code(x->rules, row->unit), "closed_at", bh_exchange_time(x, row->closed_ms),
		"until", bh_exchange_time(x, bh_rating_due(x->rules, row->closed_ms)), "rating",
		name_or_null(bh_rating_name(row->rating)), "rated_at",
		bh_exchange_time(x, entry.at_ms), "text",
		text.len ? bh_json_span(text) : json_null());
}

/* ---- Figures ---- */

/* Half up, one decimal. */
static json_t *rate_json(const char *scope, uint32_t numerator, uint32_t denominator)
{
	json_t *percent = denominator == 0
				  ? json_null()
				  : json_real(bh_rating_permille(numerator, denominator) / 10.0);
	return json_pack("{s:s, s:I, s:I, s:o}", "scope", scope, "numerator", (json_int_t)numerator,
		"denominator", (json_int_t)denominator, "percent", percent);
}

/* Where the number would say who it was, whether it is most of them. */
static json_t *satisfaction_json(const struct bh_rating_count *row, bool whole)
{
	json_t *json = rate_json(
		"satisfied of rated, public reports of the unit closed in the month",
		row->satisfied, row->rated);
	if (bh_rating_is_counted(row, whole))
		return json;
	json = bh_member_set(json, "numerator", json_null());
	json = bh_member_set(json, "percent", json_null());
	return bh_member_set(json, "about",
		json_string(row->satisfied * 2 > row->rated ? "most" : "no more than half"));
}

json_t *bh_rating_count_json(
	const struct bh_exchange *x, const struct bh_rating_count *row, bool whole, bool told)
{
	const struct bh_msg_unit *unit = bh_rules_unit(x->rules, row->unit);
	bool shown = bh_rating_is_shown(row, whole, told);
	json_t *json = json_pack("{s:o, s:o, s:b}", "unit", bh_unit_code(x->rules, row->unit),
		"unit_name", unit ? bh_json_span(unit->name) : json_null(), "hidden", !shown);
	if (!shown)
		return json;
	json = bh_member_set(json, "satisfaction", satisfaction_json(row, whole));
	json = bh_member_set(json, "response",
		rate_json("rated of closed, public reports of the unit closed in the month",
			row->rated, row->closed));
	if (!whole)
		return json;
	json = bh_member_set(json, "fair", json_integer(row->fair));
	return bh_member_set(json, "dissatisfied", json_integer(row->dissatisfied));
}
