/* Disputes and major cases in codes and words. */
#include "server/console/dispute.h"

#include "proto/codec.h"
#include "proto/err.h"
#include "proto/message_dispute.h"
#include "server/store/mediation.h"

#define MEDIATIONS_MAX 64u /* of one case, the first ones */

const char *const bh_present_names[4] = {"parties", "mediators", "experts", "officials"};

const char *bh_dispute_outcome_name(enum bh_verb verb, uint32_t reason)
{
	static const char *const ends[] = {NULL, "agreed", "failed"};
	static const char *const consultations[] = {NULL, "asked", "held"};
	switch (verb) {
	case BH_VERB_SESSION:
		return bh_sitting_name(reason);
	case BH_VERB_PERFORM:
		return reason != 0 ? bh_performance_name(reason) : NULL;
	case BH_VERB_CONCLUDE:
		return reason < 3 ? ends[reason] : NULL;
	case BH_VERB_CONSULT:
		return reason < 3 ? consultations[reason] : NULL;
	default:
		return NULL;
	}
}

static json_t *measures_json(uint32_t measures)
{
	json_t *json = json_array();
	for (uint32_t i = 0; i < BH_MEASURES; i++)
		if ((measures & 1u << i) != 0)
			json = bh_items_add(json, json_string(bh_measure_name(i)));
	return json;
}

json_t *bh_dispute_json(const struct bh_exchange *x, const struct bh_case *cased)
{
	static const char *const consulting[] = {NULL, "asked", "held"};
	return json_pack("{s:s?, s:b, s:o, s:o, s:o, s:s?, s:i, s:i, s:i, s:s?, s:i, s:o}", "grade",
		bh_grade_name(cased->grade), "major", cased->major != 0, "sponsor",
		bh_person_code(x->rules, cased->sponsor), "force",
		bh_unit_code(x->rules, cased->force), "measures", measures_json(cased->measures),
		"mediation", bh_mediation_state_name(cased->mediation_state), "mediations",
		(int)cased->mediations, "owed", (int)cased->owed, "unkept", (int)cased->unkept,
		"consultation", cased->consulting < 3 ? consulting[cased->consulting] : NULL,
		"consultations", (int)cased->consultations, "copied_to",
		bh_unit_code(x->rules, cased->copied));
}

static json_t *sitting_json(const struct bh_exchange *x, const struct bh_mediation *mediation)
{
	json_t *present = json_object();
	if (mediation->sessions == 0) {
		json_decref(present);
		return json_null();
	}
	for (uint32_t i = 0; i < BH_PRESENT_PARTS; i++)
		present = bh_member_set(present, bh_present_names[i],
			json_integer(BH_PRESENT_PART(mediation->present, i)));
	return json_pack("{s:o, s:s?, s:o}", "at", bh_exchange_time(x, mediation->session_ms),
		"outcome", bh_sitting_name(mediation->session), "present", present);
}

static json_t *performances_json(const struct bh_exchange *x, const struct bh_mediation *mediation)
{
	json_t *list = json_array();
	for (uint32_t i = 0; i < mediation->dates && i < BH_PERFORMANCES_MAX; i++)
		list = bh_items_add(
			list, json_pack("{s:i, s:o, s:s?, s:b, s:b}", "date", (int)i + 1, "due",
				      bh_exchange_time(x, mediation->due_ms[i]), "outcome",
				      bh_performance_name(mediation->result[i]), "asked",
				      (mediation->asked & 1u << i) != 0, "chased",
				      (mediation->chased & 1u << i) != 0));
	return list;
}

/* The paper that ended it: its number and its text, until they are erased. */
static bool paper_read(struct bh_exchange *x, const struct bh_mediation *mediation,
	struct bh_msg_dispute_content *out)
{
	struct bh_entry entry;
	return mediation->paper != 0 &&
	       bh_reader_entry(x->district->reader, mediation->paper, &x->arena, &entry) ==
		       BH_NOERR &&
	       entry.content.len > 0 &&
	       bh_decode_dispute_content(entry.content, &x->arena, out) == BH_NOERR;
}

static json_t *mediation_json(
	struct bh_exchange *x, const struct bh_mediation *mediation, bool written)
{
	struct bh_msg_dispute_content paper = {.decisions_count = 0};
	bool agreed = mediation->state == BH_MEDIATION_AGREED;
	if (written)
		(void)paper_read(x, mediation, &paper);
	json_t *json = json_pack(
		"{s:i, s:s?, s:s?, s:s?, s:s?, s:s?, s:o, s:i, s:i, s:o, s:o, s:i}", "mediation",
		(int)mediation->ordinal, "state", bh_mediation_state_name(mediation->state), "kind",
		bh_mediation_kind_name(mediation->kind), "kind_zh",
		bh_mediation_kind_name_zh(mediation->kind), "linkage",
		bh_linkage_name(mediation->linkage), "linkage_zh",
		bh_linkage_name_zh(mediation->linkage), "unit",
		bh_unit_code(x->rules, mediation->unit), "tier", (int)mediation->tier, "cycle",
		(int)mediation->cycle, "opened_by", bh_person_code(x->rules, mediation->opened_by),
		"opened_at", bh_exchange_time(x, mediation->opened_ms), "sessions",
		(int)mediation->sessions);
	json = bh_member_set(json, "last_session", sitting_json(x, mediation));
	json = bh_member_set(json, "ended_at", bh_exchange_time(x, mediation->ended_ms));
	json = bh_member_set(json, "ended_by", bh_person_code(x->rules, mediation->ended_by));
	json = bh_member_set(json, "agreement",
		paper.agreement.len ? bh_json_span(paper.agreement) : json_null());
	json = bh_member_set(json, "text", paper.text.len ? bh_json_span(paper.text) : json_null());
	json = bh_member_set(json, "amount_fen",
		agreed && written ? json_integer(mediation->amount_fen) : json_null());
	return bh_member_set(json, "performances", performances_json(x, mediation));
}

int bh_mediations_json(struct bh_exchange *x, uint64_t number, bool written, json_t **out)
{
	struct bh_mediation *mediations = bh_arena_array(
		&x->arena, MEDIATIONS_MAX, sizeof(*mediations));
	size_t count = 0;
	if (!mediations)
		return BH_ERR_NOMEM;
	int err = bh_reader_mediations(
		x->district->reader, number, mediations, MEDIATIONS_MAX, &count);
	if (err)
		return err;
	json_t *items = json_array();
	for (size_t i = 0; i < count; i++)
		items = bh_items_add(items, mediation_json(x, &mediations[i], written));
	*out = items;
	return items ? BH_NOERR : BH_ERR_NOMEM;
}

static const char *outcome_of(struct bh_exchange *x, const struct bh_entry *entry)
{
	struct bh_msg_op_header header;
	int reason = BH_REASON_NONE;
	if (entry->header.len == 0 ||
		bh_op_decode_header(entry->header, &x->arena, &header, &reason) != BH_NOERR)
		return NULL;
	return bh_dispute_outcome_name((enum bh_verb)entry->verb, header.reason);
}

json_t *bh_papers_json(struct bh_exchange *x, const struct bh_entry *entry)
{
	struct bh_msg_dispute_content papers = {.decisions_count = 0};
	bool steps = entry->verb == BH_VERB_MILESTONES;
	if (!steps && (entry->verb < BH_VERB_SESSION || entry->verb > BH_VERB_CONSULT))
		return NULL;
	json_t *decisions = json_array();
	if (entry->content.len > 0)
		(void)bh_decode_dispute_content(entry->content, &x->arena, &papers);
	for (size_t i = 0; i < papers.decisions_count; i++)
		decisions = bh_items_add(decisions, bh_json_span(papers.decisions[i]));
	return json_pack("{s:s?, s:o, s:o}", "outcome", outcome_of(x, entry), "agreement",
		papers.agreement.len ? bh_json_span(papers.agreement) : json_null(), "decisions",
		decisions);
}
