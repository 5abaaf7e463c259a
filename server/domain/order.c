/* The field table of an order (fields.c), and what it is called. */
#include "server/domain/order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/calendar.h"
#include "proto/err.h"
#include "server/domain/fields.h"

#define F(id, kind, member) BH_FIELD_ROW(id, kind, bh_order, member)
#define FIELD_REF 512u
#define DAY_MS INT64_C(86400000)
#define MINUTE_MS INT64_C(60000)

/* In id order.  Append; never renumber, never reuse. */
static const struct bh_field rows[] = {
	F(FIELD_REF, U64, ref),
	F(513, U64, number),
	F(514, U32, cycle),
	F(515, U32, unit),
	F(516, U32, area),
	F(517, U32, by),
	F(518, U32, threshold),
	F(519, U32, urgency),
	F(520, U32, state),
	F(521, U32, told),
	F(522, U32, returned),
	F(523, U32, late),
	F(524, U32, answered_by),
	F(525, U32, ended_by),
	F(526, I64, made_ms),
	F(527, I64, due_ms),
	F(528, I64, next_ms),
	F(529, I64, answered_ms),
	F(530, I64, ended_ms),
};

static const struct bh_fields fields = {rows, sizeof(rows) / sizeof(rows[0])};

int bh_order_diff(const struct bh_order *before, const struct bh_order *after, struct bh_buf *out)
{
	struct bh_order unnamed = *before;
	unnamed.ref = 0;
	unnamed.number = 0;
	unnamed.unit = 0;
	unnamed.area = 0;
	unnamed.by = 0;
	unnamed.urgency = 0;
	return bh_fields_diff(&fields, &unnamed, after, out);
}

int bh_order_patch(struct bh_order *order, const struct bh_entry *entry)
{
	struct bh_order patched = *order;
	int err = bh_fields_patch(&fields, entry->decision, &patched);
	if (err != 0)
		return err;
	if (patched.first == 0)
		patched.first = entry->position;
	if (entry->verb == BH_VERB_ORDER_ANSWER)
		patched.answer = entry->position;
	patched.last = entry->position;
	*order = patched;
	return 0;
}

uint64_t bh_order_of_decision(struct bh_span decision)
{
	int64_t ref = 0;
	return bh_decision_names(decision, FIELD_REF, &ref) && ref > 0 ? (uint64_t)ref : 0;
}

/* ---- Names ---- */

static const struct {
	const char *en;
	const char *zh;
	const char *word; /* in a number */
} kinds[BH_ORDER_KINDS] = {
	{"unknown", "未知", "未知"},
	{"chaser", "催办单", "催办"},
	{"supervision", "督办单", "督办"},
	{"handover", "交办单", "交办"},
};

static const char *const states[BH_ORDER_STATES][2] = {
	{"unknown", "未知"},
	{"issued", "待回复"},
	{"answered", "已回复 待审核"},
	{"sent_back", "退回补充"},
	{"closed", "已销单"},
	{"withdrawn", "已撤回"},
};

const char *bh_order_kind_name(unsigned kind)
{
	return kinds[kind < BH_ORDER_KINDS ? kind : 0].en;
}

const char *bh_order_kind_name_zh(unsigned kind)
{
	return kinds[kind < BH_ORDER_KINDS ? kind : 0].zh;
}

int bh_order_kind_parse(const char *name, uint32_t *out)
{
	for (uint32_t kind = BH_ORDER_CHASER; kind < BH_ORDER_KINDS; kind++) {
		if (strcmp(name, kinds[kind].en) == 0) {
			*out = kind;
			return 0;
		}
	}
	return BH_ERR_NOT_FOUND;
}

const char *bh_order_state_name(unsigned state)
{
	return states[state < BH_ORDER_STATES ? state : 0][0];
}

const char *bh_order_state_name_zh(unsigned state)
{
	return states[state < BH_ORDER_STATES ? state : 0][1];
}

bool bh_order_is_open(const struct bh_order *order)
{
	return order->state == BH_ORDER_ISSUED || order->state == BH_ORDER_SENT_BACK;
}

bool bh_order_is_end(const struct bh_order *order)
{
	return order->state == BH_ORDER_CLOSED || order->state == BH_ORDER_WITHDRAWN;
}

bool bh_verb_is_order(unsigned verb)
{
	return verb >= BH_VERB_ORDER && verb <= BH_VERB_ORDER_REVIEW;
}

/* ---- Numbers ---- */

void bh_order_ref_format(uint64_t ref, char out[BH_ORDER_TEXT_SIZE])
{
	const char *kind = bh_order_kind_name(BH_ORDER_KIND(ref));
	if (BH_ORDER_SERIES(ref) > 1)
		(void)snprintf(out, BH_ORDER_TEXT_SIZE, "%s-%u-%u-%04u", kind, BH_ORDER_YEAR(ref),
			BH_ORDER_SERIES(ref), BH_ORDER_SERIAL(ref));
	else
		(void)snprintf(out, BH_ORDER_TEXT_SIZE, "%s-%u-%04u", kind, BH_ORDER_YEAR(ref),
			BH_ORDER_SERIAL(ref));
}

void bh_order_ref_format_zh(uint64_t ref, char out[BH_ORDER_TEXT_SIZE])
{
	uint32_t kind = BH_ORDER_KIND(ref);
	const char *word = kinds[kind < BH_ORDER_KINDS ? kind : 0].word;
	if (BH_ORDER_SERIES(ref) > 1)
		(void)snprintf(out, BH_ORDER_TEXT_SIZE, "%s〔%u〕%u-%04u号", word,
			BH_ORDER_YEAR(ref), BH_ORDER_SERIES(ref), BH_ORDER_SERIAL(ref));
	else
		(void)snprintf(out, BH_ORDER_TEXT_SIZE, "%s〔%u〕%04u号", word, BH_ORDER_YEAR(ref),
			BH_ORDER_SERIAL(ref));
}

/* "-", then digits alone, up to max; moves *at behind them. */
static bool part_read(const char **at, unsigned long max, unsigned long *out)
{
	char *end;
	if (**at != '-' || (*at)[1] < '0' || (*at)[1] > '9')
		return false;
	*out = strtoul(*at + 1, &end, 10);
	*at = end;
	return *out >= 1 && *out <= max;
}

int bh_order_ref_parse(const char *text, uint64_t *out)
{
	unsigned long year, series = 1, serial, last;
	uint32_t kind = BH_ORDER_CHASER;
	size_t len = strcspn(text, "-");
	while (kind < BH_ORDER_KINDS &&
		(strlen(kinds[kind].en) != len || memcmp(kinds[kind].en, text, len) != 0))
		kind++;
	const char *at = text + len;
	if (kind == BH_ORDER_KINDS || strlen(at) > 32 || !part_read(&at, 9999, &year) ||
		!part_read(&at, BH_ORDER_SERIAL_MAX, &serial))
		return BH_ERR_MALFORMED;
	if (*at != '\0') {
		series = serial;
		if (series < 2 || series > 0xffff || !part_read(&at, BH_ORDER_SERIAL_MAX, &last))
			return BH_ERR_MALFORMED;
		serial = last;
	}
	if (*at != '\0')
		return BH_ERR_MALFORMED;
	*out = BH_ORDER_REF(kind, year, series, serial);
	return 0;
}

/* Days since 0000-03-01 (Howard Hinnant, chrono-compatible low-level date algorithms). */
uint32_t bh_order_year(int64_t at_ms, int32_t utc_offset_min)
{
	int64_t local_ms = at_ms + utc_offset_min * MINUTE_MS;
	int64_t days = (local_ms >= 0 ? local_ms : local_ms - DAY_MS + 1) / DAY_MS + 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t of_era = days - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	return (uint32_t)(year + era * 400 + (of_year >= 306));
}
