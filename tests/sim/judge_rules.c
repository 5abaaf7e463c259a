/* Under which rules a case begins: the version in force, its day, and the heightened duty of that
 * day, for as long as the cycle goes on; and whose component it is about (domain.md, Routing). */
#include <string.h>

#include "proto/codec.h"
#include "tests/sim/judge_state.h"
#include "tests/unit/domain/demo_rules.h"

#define EAST_MS (8 * BH_SIM_HOUR)

static bool begins(uint32_t verb)
{
	return verb == BH_VERB_SUBMIT || verb == BH_VERB_REGISTER || verb == BH_VERB_RELEASE ||
	       verb == BH_VERB_REOPEN || verb == BH_VERB_RECONSIDER || verb == BH_VERB_RECUR ||
	       verb == BH_VERB_UNMERGE;
}

static uint32_t duty_on(const struct bh_msg_profile *profile, int32_t day)
{
	for (size_t i = 0; i < profile->duty_periods_count; i++)
		if (day >= profile->duty_periods[i].from_day &&
			day <= profile->duty_periods[i].to_day)
			return profile->duty_periods[i].id;
	return 0;
}

static void begun(struct bh_simjudge *judge, const struct bh_msg_profile *profile,
	const struct bh_case *now, const struct bh_entry *entry)
{
	int64_t at_ms = entry->verb == BH_VERB_SUBMIT ? now->received_ms : entry->at_ms;
	int32_t day = (int32_t)((at_ms + EAST_MS) / BH_SIM_DAY);

	if (now->rules != profile->routes_version || now->rules_day != day)
		bh_simjudge_break(
			judge, "I6", entry, "it begins under rules that are not in force");
	if (now->duty != duty_on(profile, day))
		bh_simjudge_break(judge, "I6", entry, "its day's duty is another");
	judge->run->tally.cases_of_duty += now->duty != 0;
	judge->run->tally.cases_of_later_rules += now->rules > 1;
}

/* The one whose mark stands in the report. */
static uint32_t asset_named(struct bh_simjudge *judge, const struct bh_msg_profile *profile,
	const struct bh_entry *entry)
{
	struct bh_msg_op_content content;
	int reason = 0;

	bh_assert(bh_op_decode_content(entry->content, &judge->arena, &content, &reason) == 0);
	for (size_t i = 0; i < profile->assets_count; i++) {
		struct bh_span mark = profile->assets[i].mark;
		if (memmem(content.text.data, content.text.len, mark.data, mark.len) != NULL)
			return profile->assets[i].id;
	}
	return 0;
}

/* What nobody returned goes first to whom its component belongs. */
static void dispatched(struct bh_simjudge *judge, const struct bh_msg_profile *profile,
	const struct bh_case *now, const struct bh_entry *entry)
{
	const struct bh_msg_asset *asset = NULL;

	for (size_t i = 0; i < profile->assets_count; i++)
		if (profile->assets[i].id == now->asset)
			asset = &profile->assets[i];
	if (asset == NULL || now->type != asset->type || now->returns != 0)
		return;
	if (now->unit != asset->owner)
		bh_simjudge_break(
			judge, "I6", entry, "the clock gives it to another than its owner");
	judge->run->tally.cases_of_owners++;
}

void bh_simjudge_rules(struct bh_simjudge *judge, const struct bh_case *before,
	const struct bh_case *now, const struct bh_entry *entry)
{
	const struct bh_msg_profile *profile = bh_rules_profile(judge->rules);

	if (begins(entry->verb))
		begun(judge, profile, now, entry);
	else if (now->rules != before->rules || now->rules_day != before->rules_day ||
		 now->duty != before->duty)
		bh_simjudge_break(judge, "I6", entry, "other rules, and it does not begin");
	bool named = entry->verb == BH_VERB_SUBMIT || entry->verb == BH_VERB_REGISTER;
	if (named && now->asset != asset_named(judge, profile, entry))
		bh_simjudge_break(judge, "I6", entry, "it is about another component");
	if (entry->verb == BH_VERB_DISPATCH && entry->log_short == BH_LOG_CLOCK)
		dispatched(judge, profile, now, entry);
}
