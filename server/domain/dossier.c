/* Papers from entries: one table says which paper a verb's entry is, another which papers a case
 * needs, and why.
 *
 *   REPORT  FILING  DISPATCH  SIGN  RESULT  [CHECK]  CLOSING            every case
 *   ... MEDIATION                                                       a dispute
 *   ... PERFORMANCE for each date of an AGREEMENT that has come
 *   ... PLAN                                                            a major case
 *   ... ORDER_REPLY while an order waits for it, APPEAL_REVIEW for an APPEAL
 *
 * What a person adds stands for the paper whose kind it has.  A new cycle needs its papers anew;
 * the report itself, plans and what people added stay. */
#include "server/domain/dossier.h"

#include <string.h>

#include "proto/err.h"

#define P(name) (1u << BH_PAPER_##name)

static const struct {
	uint8_t verb;
	uint8_t paper;
	uint8_t outcome; /* the entry's; 0: any */
} papers[] = {
	{BH_VERB_SUBMIT, BH_PAPER_REPORT, 0},
	{BH_VERB_REGISTER, BH_PAPER_REPORT, 0},
	{BH_VERB_RELEASE, BH_PAPER_REPORT, 0},
	{BH_VERB_ANSWER_VERIFY, BH_PAPER_VERIFY, 0},
	{BH_VERB_FILE, BH_PAPER_FILING, 0},
	{BH_VERB_REOPEN, BH_PAPER_FILING, 0},
	{BH_VERB_RECUR, BH_PAPER_FILING, 0},
	{BH_VERB_RECONSIDER, BH_PAPER_FILING, 0},
	{BH_VERB_DISPATCH, BH_PAPER_DISPATCH, 0},
	{BH_VERB_REDIRECT, BH_PAPER_DISPATCH, 0},
	{BH_VERB_SIGN, BH_PAPER_SIGN, 0},
	{BH_VERB_FINISH, BH_PAPER_RESULT, 0},
	{BH_VERB_HAND_IN, BH_PAPER_RESULT, 0},
	{BH_VERB_SELF_DISPOSE, BH_PAPER_RESULT, 0},
	{BH_VERB_PASS, BH_PAPER_CHECK, 0},
	{BH_VERB_CHECK_FAILED, BH_PAPER_CHECK, 0},
	{BH_VERB_CLOSE, BH_PAPER_CLOSING, 0},
	{BH_VERB_REFUSE, BH_PAPER_CLOSING, 0},
	{BH_VERB_REFER, BH_PAPER_CLOSING, 0},
	{BH_VERB_VOID, BH_PAPER_CLOSING, 0},
	{BH_VERB_MERGE, BH_PAPER_CLOSING, 0},
	{BH_VERB_MAIN_ENDED, BH_PAPER_CLOSING, 0},
	{BH_VERB_RETURN, BH_PAPER_RETURN, 0},
	{BH_VERB_ACCEPT_RETURN, BH_PAPER_RETURN, 0},
	{BH_VERB_REFUSE_RETURN, BH_PAPER_RETURN, 0},
	{BH_VERB_ASK_REDIRECT, BH_PAPER_RETURN, 0},
	{BH_VERB_ASK_EXTENSION, BH_PAPER_EXTENSION, 0},
	{BH_VERB_EXTEND, BH_PAPER_EXTENSION, 0},
	{BH_VERB_ASK_SUSPENSION, BH_PAPER_SUSPENSION, 0},
	{BH_VERB_SUSPEND, BH_PAPER_SUSPENSION, 0},
	{BH_VERB_HELP_DONE, BH_PAPER_HELP, 0},
	{BH_VERB_MOVE_UP, BH_PAPER_TIER, 0},
	{BH_VERB_RECEIVE, BH_PAPER_TIER, 0},
	{BH_VERB_FOLLOW_UP, BH_PAPER_FOLLOW_UP, 0},
	{BH_VERB_MOVE_DOWN, BH_PAPER_TIER, 0},
	{BH_VERB_MEDIATE, BH_PAPER_MEDIATION, 0},
	{BH_VERB_SESSION, BH_PAPER_MEDIATION, 0},
	{BH_VERB_CONCLUDE, BH_PAPER_AGREEMENT, BH_MEDIATION_END_AGREED},
	{BH_VERB_CONCLUDE, BH_PAPER_MEDIATION, BH_MEDIATION_END_FAILED}, /* the failure note */
	{BH_VERB_PERFORM, BH_PAPER_PERFORMANCE, 0},
	{BH_VERB_PLAN, BH_PAPER_PLAN, 0},
	{BH_VERB_MILESTONES, BH_PAPER_MILESTONES, 0},
	{BH_VERB_MILESTONE_DONE, BH_PAPER_MILESTONES, 0},
	{BH_VERB_CONSULT, BH_PAPER_CONSULTATION, BH_CONSULTATION_HELD},
	{BH_VERB_ORDER, BH_PAPER_ORDER, 0},
	{BH_VERB_ORDER_ANSWER, BH_PAPER_ORDER_REPLY, 0},
	{BH_VERB_ORDER_REVIEW, BH_PAPER_ORDER_REVIEW, 0},
	{BH_VERB_APPEAL, BH_PAPER_APPEAL, 0},
	{BH_VERB_REVIEW_APPEAL, BH_PAPER_APPEAL_REVIEW, 0},
};

/* What stays when another cycle begins. */
#define LASTING                                                                                \
	(P(REPORT) | P(PLAN) | P(CONSULTATION) | P(ORDER) | P(ORDER_REPLY) | P(ORDER_REVIEW) | \
		P(OTHER))

static const struct {
	const char *en;
	const char *zh;
} names[BH_PAPER_COUNT] = {
	[BH_PAPER_NONE] = {"none", "无"},
	[BH_PAPER_REPORT] = {"report", "上报材料"},
	[BH_PAPER_VERIFY] = {"verification", "核实反馈"},
	[BH_PAPER_FILING] = {"filing", "立案"},
	[BH_PAPER_DISPATCH] = {"dispatch", "派单"},
	[BH_PAPER_SIGN] = {"sign", "签收"},
	[BH_PAPER_RESULT] = {"result", "处置结果及证据"},
	[BH_PAPER_CHECK] = {"check", "核查"},
	[BH_PAPER_CLOSING] = {"closing", "结案答复"},
	[BH_PAPER_RETURN] = {"return", "退单"},
	[BH_PAPER_EXTENSION] = {"extension", "延期"},
	[BH_PAPER_SUSPENSION] = {"suspension", "挂账"},
	[BH_PAPER_HELP] = {"help", "协办"},
	[BH_PAPER_TIER] = {"tier", "上报、退回及接收"},
	[BH_PAPER_MEDIATION] = {"mediation", "调解笔录"},
	[BH_PAPER_AGREEMENT] = {"agreement", "调解协议"},
	[BH_PAPER_PERFORMANCE] = {"performance", "协议履行"},
	[BH_PAPER_PLAN] = {"plan", "包案方案"},
	[BH_PAPER_CONSULTATION] = {"consultation", "会商意见"},
	[BH_PAPER_ORDER] = {"order", "催办、督办、交办单"},
	[BH_PAPER_ORDER_REPLY] = {"order_reply", "催办、督办、交办回复"},
	[BH_PAPER_FOLLOW_UP] = {"follow_up", "回访"},
	[BH_PAPER_OTHER] = {"other", "其他材料"},
	[BH_PAPER_ORDER_REVIEW] = {"order_review", "回复审核"},
	[BH_PAPER_APPEAL] = {"appeal", "申诉"},
	[BH_PAPER_APPEAL_REVIEW] = {"appeal_review", "申诉审核"},
	[BH_PAPER_COPY] = {"copy", "抄告"},
	[BH_PAPER_MILESTONES] = {"milestones", "阶段计划"},
};

const char *bh_paper_name(unsigned paper)
{
	return paper < BH_PAPER_COUNT ? names[paper].en : "unknown";
}

const char *bh_paper_name_zh(unsigned paper)
{
	return paper < BH_PAPER_COUNT ? names[paper].zh : "未知";
}

int bh_paper_parse(const char *name, uint32_t *out)
{
	for (uint32_t i = BH_PAPER_REPORT; i < BH_PAPER_COUNT; i++) {
		if (strcmp(name, names[i].en) == 0) {
			*out = i;
			return BH_NOERR;
		}
	}
	return BH_ERR_NOT_FOUND;
}

enum bh_paper bh_paper_of(const struct bh_dossier_entry *entry)
{
	if (entry->verb == BH_VERB_PAPER)
		return (enum bh_paper)entry->kind;
	if (entry->verb == BH_VERB_ORDER_REVIEW && entry->log_short == BH_LOG_CLOCK)
		return BH_PAPER_NONE; /* told up, or ended with its case's work */
	for (size_t i = 0; i < sizeof(papers) / sizeof(papers[0]); i++) {
		if (papers[i].verb == entry->verb &&
			(papers[i].outcome == 0 || papers[i].outcome == entry->outcome))
			return (enum bh_paper)papers[i].paper;
	}
	return BH_PAPER_NONE;
}

/* What dispatches from before the filing files, too (9, 29); a return that is refused leaves the
 * unit with what it need not sign for again (13). */
uint32_t bh_papers_of(const struct bh_dossier_entry *entry)
{
	uint32_t set = 1u << bh_paper_of(entry);

	if (entry->verb == BH_VERB_DISPATCH && entry->from_state != BH_STATE_FILED)
		set |= P(FILING);
	if (entry->verb == BH_VERB_REFUSE_RETURN)
		set |= P(SIGN);
	if (entry->copied != 0)
		set |= P(COPY);
	return set & ~P(NONE);
}

uint32_t bh_dossier_kinds(const struct bh_rules *rules, const struct bh_case *cased)
{
	return (bh_rules_is_dispute(rules, cased->type) ? BH_DOSSIER_DISPUTE : 0u) |
	       (cased->major != 0 ? BH_DOSSIER_MAJOR : 0u);
}

/* ---- Completeness ---- */

/* Of what happened in a cycle: what it needs besides.  A date of an agreement that has come needs
 * somebody who looked whether it is kept (S2-24). */
static uint32_t papers_asked(const struct bh_dossier_entry *entry)
{
	switch (entry->verb) {
	case BH_VERB_CHECK:
		return P(CHECK);
	case BH_VERB_APPEAL:
		return P(APPEAL_REVIEW);
	case BH_VERB_PERFORM_DUE:
		return P(PERFORMANCE);
	default:
		return 0;
	}
}

/* ... and of what people added: an order, an agreement on paper. */
static uint32_t added_ask(uint32_t added)
{
	return ((added & P(ORDER)) != 0 ? P(ORDER_REPLY) : 0u) |
	       ((added & P(AGREEMENT)) != 0 ? P(PERFORMANCE) : 0u);
}

static uint32_t required(uint32_t kinds, uint32_t asked, bool self_disposed)
{
	uint32_t set = P(REPORT) | P(RESULT) | P(CLOSING) | asked;

	if (!self_disposed)
		set |= P(FILING) | P(DISPATCH) | P(SIGN);
	if ((kinds & BH_DOSSIER_DISPUTE) != 0)
		set |= P(MEDIATION);
	if ((kinds & BH_DOSSIER_MAJOR) != 0)
		set |= P(PLAN);
	return set;
}

void bh_dossier_judge(const struct bh_dossier_entry *entries, size_t count, uint32_t kinds,
	struct bh_dossier *out)
{
	struct bh_dossier dossier = {0};
	uint32_t cycle = 0, asked = 0, added = 0, waits = 0;
	bool self_disposed = false;

	for (size_t i = 0; i < count; i++) {
		const struct bh_dossier_entry *entry = &entries[i];
		uint32_t set = bh_papers_of(entry), asks = papers_asked(entry);
		if (entry->cycle > cycle && !bh_verb_is_receipt(entry->verb)) {
			cycle = entry->cycle;
			dossier.present &= LASTING;
			asked = 0;
			self_disposed = false;
		}
		dossier.present &= ~(asks & P(PERFORMANCE)); /* of an earlier date */
		dossier.present |= set;
		asked |= asks;
		if (entry->verb == BH_VERB_ORDER && entry->kind != 0)
			waits = P(ORDER_REPLY);
		self_disposed |= entry->verb == BH_VERB_SELF_DISPOSE;
		if (entry->verb == BH_VERB_PAPER) {
			added |= set;
			dossier.added += entry->kind != BH_PAPER_NONE;
			dossier.brought++;
		}
		if (set != 0 || entry->verb == BH_VERB_WITHDRAW_PAPER)
			dossier.newest = entry->position;
		dossier.photos += entry->photos;
		dossier.photos_here += entry->photos_here;
	}
	asked |= added_ask(added);
	dossier.present |= added;
	dossier.required = required(kinds, asked | waits, self_disposed);
	/* what answered one order is no answer to another */
	dossier.missing = (dossier.required & ~dossier.present) | (waits & ~added);
	*out = dossier;
}

uint32_t bh_dossier_lacks(const struct bh_dossier *dossier)
{
	uint32_t lacks = dossier->photos_here < dossier->photos;

	for (uint32_t set = dossier->missing; set != 0; set &= set - 1)
		lacks++;
	return lacks;
}
