/* What is asked about a case and what was answered: requests, appeals, and how it went for who
 * reported it. */
#include "proto/number.h"
#include "server/console/case_json.h"

json_t *bh_case_asked_json(const struct bh_exchange *x, const struct bh_case *cased)
{
	static const char *const names[] = {NULL, "extension", "suspension", "void", "redirect"};
	bool known = cased->asked > BH_ASK_NONE && cased->asked <= BH_ASK_REDIRECT;
	const char *whose = cased->asked_level == BH_ASK_OF_UNIT ? "unit" : "desk";
	return json_pack("{s:s?, s:o, s:s?, s:o, s:i, s:i, s:o, s:i}", "asked",
		known ? names[cased->asked] : NULL, "asked_by",
		bh_person_code(x->rules, cased->asked_by), "asked_of", known ? whose : NULL,
		"asked_unit", bh_unit_code(x->rules, cased->asked_unit), "redirects_asked",
		(int)cased->redirects_asked, "redirects_refused", (int)cased->redirects_refused,
		"handed_by", bh_person_code(x->rules, cased->handed_by), "sign_off_calls",
		(int)cased->sign_off_calls);
}

const char *bh_follow_answer_name(uint32_t answer)
{
	static const char *const names[] = {
		NULL, "satisfied", "fair", "dissatisfied", "recurred", "unreached"};
	return answer < sizeof(names) / sizeof(names[0]) ? names[answer] : NULL;
}

json_t *bh_case_appeal_json(const struct bh_exchange *x, const struct bh_case *cased)
{
	static const char *const names[] = {
		NULL, "first_review", "second_review", "granted", "refused", "lapsed"};
	const char *name = names[cased->appeal <= BH_APPEAL_LAPSED ? cased->appeal : 0];
	bool exempt = cased->cycle > 0 && (cased->exempt >> (cased->cycle - 1) & 1) != 0;
	json_t *appeal = json_null();
	if (name)
		appeal = json_pack("{s:s, s:o, s:o, s:o}", "state", name, "by",
			bh_person_code(x->rules, cased->appeal_by), "granted_first_by",
			bh_person_code(x->rules, cased->appeal_seen), "due",
			bh_exchange_time(x, cased->appeal_due_ms));
	return json_pack("{s:o, s:b, s:o, s:o}", "appeal", appeal, "exempt", exempt,
		"appeal_cut_short",
		cased->appeal_cycle ? json_integer(cased->appeal_cycle) : json_null(),
		"appeal_cut_short_unit", bh_unit_code(x->rules, cased->appeal_unit));
}

json_t *bh_case_follow_json(const struct bh_case *cased)
{
	char main[BH_CASE_TEXT_SIZE];
	if (cased->main)
		bh_case_number_format(cased->main, main);
	return json_pack("{s:s?, s:s?, s:i, s:i}", "main", cased->main ? main : NULL,
		"follow_answer", bh_follow_answer_name(cased->follow_answer), "follow_tries",
		(int)cased->follow_tries, "follow_lapses", (int)cased->follow_lapses);
}
