/* What people do with a dossier: add a paper, seal it, lend it, take it back.  One table says who
 * may, by the area of a post or by the case's own unit.  Deny by default, and nothing here moves a
 * case.
 *
 * Who is judged by a paper neither takes it out nor fills the dossier so that no other comes in.
 *
 *   papers ──SEAL──▶ sealed ──another paper──▶ sealed, and something newer ──SEAL──▶ ...
 *   archived ──LEND──▶ lent ──GIVE_BACK──▶ archived
 *                        └──its day──▶ LOAN_OVERDUE of the clock, once: lent still */
#include <string.h>

#include "proto/codec.h"
#include "server/domain/dossier.h"
#include "server/domain/paper_file.h"
#include "server/domain/rights.h"

#define R(name) (1u << BH_ROLE_##name)

static const struct bh_right_beside rights[] = {
	{BH_VERB_PAPER,
		R(ACCEPTOR) | R(DISPATCHER) | R(SHIFT_LEADER) | R(TIER_DESK) | R(SUPERVISOR) |
			R(FOLLOWUP_AGENT) | R(ARCHIVIST),
		R(UNIT_LEAD) | R(HANDLER) | R(MEDIATOR)},
	{BH_VERB_WITHDRAW_PAPER,
		R(ACCEPTOR) | R(DISPATCHER) | R(SHIFT_LEADER) | R(TIER_DESK) | R(SUPERVISOR) |
			R(FOLLOWUP_AGENT) | R(ARCHIVIST),
		R(UNIT_LEAD) | R(HANDLER) | R(MEDIATOR)},
	{BH_VERB_SEAL, R(ARCHIVIST), 0},
	{BH_VERB_LEND, R(ARCHIVIST), 0},
	{BH_VERB_GIVE_BACK, R(ARCHIVIST), 0},
};

#define RIGHTS_COUNT (sizeof(rights) / sizeof(rights[0]))

bool bh_verb_is_dossier(unsigned verb)
{
	return (verb >= BH_VERB_PAPER && verb <= BH_VERB_LOAN_OVERDUE) ||
	       verb == BH_VERB_WITHDRAW_PAPER;
}

uint32_t bh_dossier_post(const struct bh_rules *rules, int64_t now_ms, uint32_t person,
	uint32_t post, enum bh_verb verb, const struct bh_case *cased)
{
	const struct bh_rights_ask ask = bh_rights_ask_beside(
		rules, now_ms, person, post, verb, cased);
	return bh_rights_beside(rights, RIGHTS_COUNT, &ask);
}

/* ---- Guards ---- */

static void refuse(struct bh_dossier_answer *out, enum bh_reason reason, const char *detail)
{
	out->accepted = false;
	out->reason = reason;
	out->detail = detail;
}

/* A person's post by its id; NULL: it is no more. */
static const struct bh_msg_post *post_of(
	const struct bh_rules *rules, uint32_t person, uint32_t post)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts(rules, person, posts);

	for (size_t i = 0; i < count; i++)
		if (posts[i]->id == post)
			return posts[i];
	return NULL;
}

/* A desk that handles a case itself is its unit, too. */
static bool is_of_unit(const struct bh_dossier_ask *ask, const struct bh_msg_post *post)
{
	bool has_it = post->unit != 0 && post->unit == ask->cased->unit;
	return has_it || (1u << post->role & (R(UNIT_LEAD) | R(HANDLER) | R(MEDIATOR))) != 0;
}

/* One person leaves room for others, and a unit for the desk and the archivist, who has all. */
static bool has_room(const struct bh_dossier_ask *ask, const struct bh_msg_post *post)
{
	uint32_t added_max = BH_PAPERS_MAX, brought_max = BH_PAPERS_EVER_MAX;

	if (is_of_unit(ask, post)) {
		added_max -= BH_PAPERS_DESK_ROOM;
		brought_max -= BH_PAPERS_DESK_EVER_ROOM;
	}
	if (ask->dossier.added >= added_max || ask->dossier.brought >= brought_max)
		return false;
	return post->role == BH_ROLE_ARCHIVIST ||
	       (ask->own_added < BH_PAPERS_PERSON_MAX &&
		       ask->own_brought < BH_PAPERS_PERSON_EVER_MAX);
}

static void paper_guard(const struct bh_dossier_ask *ask, const struct bh_command *command,
	struct bh_dossier_answer *out)
{
	const struct bh_msg_post *post = post_of(ask->rules, command->person, out->post);
	struct bh_span text = command->text;
	const uint8_t *end = text.len ? memchr(text.data, '\n', text.len) : NULL;
	struct bh_span title = bh_span(text.data, end ? (size_t)(end - text.data) : text.len);

	if (command->reason_code == BH_PAPER_NONE || command->reason_code >= BH_PAPER_COUNT)
		refuse(out, BH_REASON_FIELD, "there is no such kind of paper");
	else if (bh_span_is_blank(title) || title.len > BH_NAME_BYTES_MAX)
		refuse(out, BH_REASON_TEXT, "a paper has a title of up to 120 bytes");
	else if (post == NULL || !has_room(ask, post))
		refuse(out, BH_REASON_GUARD, "people have added as many papers as they may");
	else if (command->blob_size > BH_PAPER_FILE_BYTES_MAX ||
		 (command->blob_size != 0) != (command->type != BH_PAPER_FORM_NONE) ||
		 command->type >= BH_PAPER_FORMS)
		refuse(out, BH_REASON_FIELD, "a file is a PDF, a JPEG or a PNG of up to 16 MiB");
}

/* Who added it, an archivist or a supervisor.  A unit's people, while they have the case in hand,
 * what is their unit's own; and what a seal covers an archivist alone. */
static const char *withdraw_lacks(const struct bh_dossier_ask *ask,
	const struct bh_command *command, const struct bh_msg_post *post)
{
	const struct bh_msg_post *of = post_of(ask->rules, ask->paper.person, ask->paper.post);
	bool own = ask->paper.person == command->person;

	if (post->role == BH_ROLE_ARCHIVIST)
		return NULL;
	if (ask->sealed_upto >= command->main_number)
		return "a seal covers it: an archivist withdraws it";
	if (is_of_unit(ask, post) && bh_state_is_end((enum bh_state)ask->cased->state))
		return "the case has ended: its unit withdraws nothing more";
	if (is_of_unit(ask, post))
		own = own || (of != NULL && is_of_unit(ask, of) && of->unit == post->unit);
	return own || post->role == BH_ROLE_SUPERVISOR
		       ? NULL
		       : "it is another's: who added it, an archivist or a supervisor withdraws it";
}

/* Nothing goes: the paper and its file stay, and count no more. */
static void withdraw_guard(const struct bh_dossier_ask *ask, const struct bh_command *command,
	struct bh_dossier_answer *out)
{
	const struct bh_msg_post *post = post_of(ask->rules, command->person, out->post);
	const char *lacks = post != NULL ? withdraw_lacks(ask, command, post) : "";

	if (!ask->paper.stands)
		refuse(out, BH_REASON_FIELD, "it is no paper that people added, or withdrawn");
	else if (lacks != NULL)
		refuse(out, BH_REASON_GUARD, lacks);
	else if (bh_span_is_blank(command->text))
		refuse(out, BH_REASON_NO_REASON, "say why it is withdrawn");
}

/* What is sealed incomplete says why. */
static void seal_guard(const struct bh_dossier_ask *ask, const struct bh_command *command,
	struct bh_dossier_answer *out)
{
	if (!bh_state_is_end((enum bh_state)ask->cased->state))
		refuse(out, BH_REASON_NOT_NOW, "the case goes on: its end comes first");
	else if (ask->sealed_upto >= ask->dossier.newest)
		refuse(out, BH_REASON_NOT_NOW, "it is sealed with all its papers");
	else if (bh_dossier_lacks(&ask->dossier) > 0 && bh_span_is_blank(command->text))
		refuse(out, BH_REASON_NO_REASON, "papers are missing: say why");
}

static void lend_guard(const struct bh_dossier_ask *ask, const struct bh_command *command,
	struct bh_dossier_answer *out)
{
	bool archived = ask->cased->state == BH_STATE_ARCHIVED ||
			ask->cased->state == BH_STATE_FOLLOWED;

	if (!archived)
		refuse(out, BH_REASON_NOT_NOW, "what is lent is archived first");
	else if (ask->lent)
		refuse(out, BH_REASON_NOT_NOW, "it is lent already");
	else if (bh_span_is_blank(command->text))
		refuse(out, BH_REASON_NO_REASON, "say to whom, and what for");
	else if (command->until_ms <= ask->now_ms ||
		 command->until_ms - ask->now_ms > BH_LOAN_MS_MAX)
		refuse(out, BH_REASON_FIELD, "say until when, at most a year");
}

void bh_dossier_decide(const struct bh_dossier_ask *ask, const struct bh_command *command,
	struct bh_dossier_answer *out)
{
	*out = (struct bh_dossier_answer){.accepted = true};
	if (ask->cased == NULL) {
		refuse(out, BH_REASON_NO_CASE, NULL);
		return;
	}
	out->post = bh_dossier_post(
		ask->rules, ask->now_ms, command->person, command->post, command->verb, ask->cased);
	if (out->post == 0)
		refuse(out, BH_REASON_NO_RIGHT, NULL);
	else if (command->text.len > BH_TEXT_BYTES_MAX || !bh_utf8_valid(command->text))
		refuse(out, BH_REASON_TEXT, NULL);
	else if (command->verb == BH_VERB_PAPER)
		paper_guard(ask, command, out);
	else if (command->verb == BH_VERB_WITHDRAW_PAPER)
		withdraw_guard(ask, command, out);
	else if (command->verb == BH_VERB_SEAL)
		seal_guard(ask, command, out);
	else if (command->verb == BH_VERB_LEND)
		lend_guard(ask, command, out);
	else if (!ask->lent)
		refuse(out, BH_REASON_NOT_NOW, "it is not lent");
}
