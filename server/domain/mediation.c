/* The field table of a mediation (fields.c), its names, and when the clock has to say something:
 *
 *   date comes ──▶ asked ──three days, no answer──▶ chased
 *                    └──────────answer──────────▶ done, partly, not
 */
#include "server/domain/mediation.h"

#include "proto/err.h"
#include "server/domain/case.h"
#include "server/domain/fields.h"
#include "server/domain/rules.h"

#define F(id, kind, member) BH_FIELD_ROW(id, kind, bh_mediation, member)
#define EIGHT(id, kind, member)                                                             \
	F(id, kind, member[0]), F((id) + 1, kind, member[1]), F((id) + 2, kind, member[2]), \
		F((id) + 3, kind, member[3]), F((id) + 4, kind, member[4]),                 \
		F((id) + 5, kind, member[5]), F((id) + 6, kind, member[6]),                 \
		F((id) + 7, kind, member[7])

/* In id order.  Append; never renumber, never reuse. */
static const struct bh_field rows[] = {
	F(400, U32, ordinal),
	F(401, U32, state),
	F(402, U32, kind),
	F(403, U32, linkage),
	F(404, U32, unit),
	F(405, U32, tier),
	F(406, U32, cycle),
	F(407, U32, opened_by),
	F(408, I64, opened_ms),
	F(409, U32, sessions),
	F(410, U32, present),
	F(411, U32, session),
	F(412, I64, session_ms),
	F(413, I64, ended_ms),
	F(414, U32, ended_by),
	F(415, I64, amount_fen),
	F(416, U32, dates),
	F(417, U32, asked),
	F(418, U32, chased),
	F(419, U64, paper),
	EIGHT(420, I64, due_ms),
	EIGHT(430, I64, chase_ms),
	EIGHT(440, U32, result),
};

static const struct bh_fields fields = {rows, sizeof(rows) / sizeof(rows[0])};

int bh_mediation_diff(
	const struct bh_mediation *before, const struct bh_mediation *after, struct bh_buf *out)
{
	struct bh_mediation unnamed = *before;
	unnamed.ordinal = 0;
	return bh_fields_diff(&fields, &unnamed, after, out);
}

int bh_mediation_patch(struct bh_mediation *mediation, struct bh_span decision)
{
	struct bh_mediation patched = *mediation;
	int err = bh_fields_patch(&fields, decision, &patched);
	if (err == 0 && patched.dates > BH_PERFORMANCES_MAX)
		err = BH_ERR_MALFORMED;
	if (err == 0)
		*mediation = patched;
	return err;
}

uint32_t bh_mediation_of_decision(struct bh_span decision)
{
	int64_t ordinal = 0;
	if (!bh_decision_names(decision, BH_MEDIATION_FIELD_ORDINAL, &ordinal) || ordinal < 0 ||
		ordinal > UINT32_MAX)
		return 0;
	return (uint32_t)ordinal;
}

bool bh_mediation_due(const struct bh_mediation *mediation, uint32_t *date, int64_t *at_ms)
{
	bool found = false;
	for (uint32_t i = 0; i < mediation->dates && i < BH_PERFORMANCES_MAX; i++) {
		bool asked = (mediation->asked & 1u << i) != 0;
		int64_t next_ms = asked ? mediation->chase_ms[i] : mediation->due_ms[i];
		if (mediation->result[i] != BH_PERFORMANCE_OPEN ||
			(mediation->chased & 1u << i) != 0 || (found && *at_ms <= next_ms))
			continue;
		found = true;
		*date = i;
		*at_ms = next_ms;
	}
	return found;
}

int64_t bh_mediation_next_ms(const struct bh_mediation *mediation)
{
	uint32_t date;
	int64_t at_ms;
	return bh_mediation_due(mediation, &date, &at_ms) ? at_ms : 0;
}

/* ---- Names ---- */

#define NAME_OF(names, value) ((value) < sizeof(names) / sizeof((names)[0]) ? (names)[value] : NULL)

const char *bh_grade_name(uint32_t grade)
{
	static const char *const names[] = {NULL, "plain", "harder", "complex"};
	return NAME_OF(names, grade);
}

const char *bh_mediation_kind_name(uint32_t kind)
{
	static const char *const names[] = {
		NULL, "peoples", "administrative", "judicial", "professional"};
	return NAME_OF(names, kind);
}

const char *bh_mediation_kind_name_zh(uint32_t kind)
{
	static const char *const names[] = {NULL, "人民调解", "行政调解", "司法调解", "专业调解"};
	return NAME_OF(names, kind);
}

const char *bh_linkage_name(uint32_t linkage)
{
	static const char *const names[] = {
		NULL, "litigation", "police", "procuratorate", "arbitration", "trade", "petition"};
	return NAME_OF(names, linkage);
}

const char *bh_linkage_name_zh(uint32_t linkage)
{
	static const char *const names[] = {NULL, "诉调", "警调", "检调", "仲调", "专调", "访调"};
	return NAME_OF(names, linkage);
}

const char *bh_mediation_state_name(uint32_t state)
{
	static const char *const names[] = {NULL, "open", "agreed", "failed", "left"};
	return NAME_OF(names, state);
}

const char *bh_performance_name(uint32_t performance)
{
	static const char *const names[] = {"open", "done", "partly", "not"};
	return NAME_OF(names, performance);
}

const char *bh_sitting_name(uint32_t session)
{
	static const char *const names[] = {NULL, "again", "agreed", "parted"};
	return NAME_OF(names, session);
}

const char *bh_measure_name(uint32_t bit)
{
	static const char *const names[BH_MEASURES] = {"prevention", "early_warning", "mediation",
		"sponsor", "county_consultation", "legal"};
	return NAME_OF(names, bit);
}

uint32_t bh_mediation_keeper(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t now_ms)
{
	int32_t day = bh_rules_day(rules, now_ms);
	uint32_t desk = bh_rules_desk(rules, cased->area, cased->unit);
	if (!bh_rules_unit_is_gone(rules, cased->unit) &&
		bh_rules_unit_has_people(rules, cased->unit, day))
		return cased->unit;
	while (desk != 0 && !bh_rules_unit_has_people(rules, desk, day))
		desk = bh_rules_desk_above(rules, desk);
	return desk != 0 ? desk : cased->unit;
}
