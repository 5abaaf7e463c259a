/* One table: who may do which of these verbs, by the area of a post or by the case's own unit; then
 * what else must hold.  Deny by default, and nothing here moves a case.
 *
 * An administrator has accounts and rules, an auditor reads logs, an assessor figures: none of them
 * opens a sealed field (domain.md, roles). */
#include "server/domain/privacy.h"

#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "server/domain/intake.h"
#include "server/domain/rights.h"

#define R(name) (1u << BH_ROLE_##name)
/* Alone at night a shift leader is acceptor and dispatcher. */
#define DESK (R(ACCEPTOR) | R(DISPATCHER) | R(SHIFT_LEADER))
#define TEXT_OF(number) TEXT_OF_(number)
#define TEXT_OF_(number) #number

#define DAY_MS INT64_C(86400000)

static const struct bh_right_beside rights[] = {
	{BH_VERB_PARTY, DESK | R(PRIVACY_OFFICER), R(MEDIATOR) | R(UNIT_LEAD)},
	{BH_VERB_OPEN, DESK | R(TIER_DESK) | R(FOLLOWUP_AGENT) | R(PRIVACY_OFFICER),
		R(MEDIATOR) | R(UNIT_LEAD)},
	{BH_VERB_ASK_ERASE, R(PRIVACY_OFFICER), 0},
	{BH_VERB_ERASE, R(PRIVACY_OFFICER) | R(ARCHIVIST) | R(SHIFT_LEADER), 0},
	{BH_VERB_HOLD, R(PRIVACY_OFFICER) | R(ARCHIVIST) | R(SUPERVISOR), 0},
	{BH_VERB_UNHOLD, R(PRIVACY_OFFICER) | R(SUPERVISOR), 0},
};

#define RIGHTS_COUNT (sizeof(rights) / sizeof(rights[0]))

bool bh_verb_is_privacy(unsigned verb)
{
	return verb >= BH_VERB_PARTY && verb <= BH_VERB_ASK_ERASE;
}

uint32_t bh_privacy_post(const struct bh_rules *rules, int64_t now_ms, uint32_t person,
	uint32_t post, enum bh_verb verb, const struct bh_case *cased)
{
	const struct bh_rights_ask ask = bh_rights_ask_beside(
		rules, now_ms, person, post, verb, cased);
	return bh_rights_beside(rights, RIGHTS_COUNT, &ask);
}

uint32_t bh_privacy_oversees(const struct bh_rules *rules, int64_t now_ms, uint32_t person,
	uint32_t post, const struct bh_case *cased)
{
	static const struct bh_right_beside oversight[] = {{BH_VERB_OPEN, BH_ROLES_OVERSEE, 0}};
	const struct bh_rights_ask ask = bh_rights_ask_beside(
		rules, now_ms, person, post, BH_VERB_OPEN, cased);

	return bh_rules_is_sealed(rules, cased->type) ? bh_rights_beside(oversight, 1, &ask) : 0;
}

/* Whether the clock dispatched it by then or nobody: the citizen has just been before him. */
uint32_t bh_privacy_registers(const struct bh_rules *rules, int64_t now_ms, uint32_t person,
	uint32_t post, const struct bh_case *cased)
{
	struct bh_rights_ask ask = bh_rights_ask_beside(
		rules, now_ms, person, post, BH_VERB_REGISTER, cased);
	bool own = person != 0 && person == cased->reporter && cased->intake != BH_INTAKE_HANDSET;
	bool waits = cased->state == BH_STATE_RECEIVED || cased->state == BH_STATE_DISPATCHED;
	const struct bh_move *move;

	ask.state = BH_STATE_OUTBOX;
	return own && waits && cased->cycle == 1 && cased->filed_by == 0 &&
			       cased->dispatched_by == 0
		       ? bh_rights_ask(&ask, &move)
		       : 0;
}

bool bh_privacy_reads(const struct bh_rules *rules, int64_t now_ms, uint32_t person, uint32_t post,
	const struct bh_case *cased)
{
	const uint32_t readers = R(PRIVACY_OFFICER) | R(AUDITOR);
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts_now(rules, person, now_ms, posts);

	for (size_t i = 0; i < count; i++)
		if ((post == 0 || posts[i]->id == post) && (1u << posts[i]->role & readers) != 0 &&
			(cased == NULL ||
				(bh_rules_area_within(rules, cased->area, posts[i]->area) &&
					bh_rules_post_is_for(rules, posts[i], cased->type) &&
					bh_rules_post_is_trusted(rules, posts[i], cased->type))))
			return true;
	return false;
}

/* ---- Guards ---- */

static void refuse(struct bh_privacy_answer *out, enum bh_reason reason, const char *detail)
{
	out->accepted = false;
	out->reason = reason;
	out->detail = detail;
}

static void party_guard(const struct bh_command *command, struct bh_privacy_answer *out)
{
	struct bh_party party;

	if (bh_party_decode(command->payload, &party) != 0 || party.role >= BH_PARTY_ROLES ||
		party.consent >= BH_CONSENTS)
		refuse(out, BH_REASON_FIELD, "the party cannot be read");
	else if (party.role == BH_PARTY_GONE && party.party == 0)
		refuse(out, BH_REASON_FIELD, "say which party");
	else if (party.role != BH_PARTY_GONE &&
		 (party.name.len == 0 || party.name.len > BH_PARTY_NAME_BYTES_MAX ||
			 party.contact.len > BH_PARTY_CONTACT_BYTES_MAX ||
			 !bh_utf8_valid(party.name) || !bh_utf8_valid(party.contact)))
		refuse(out, BH_REASON_TEXT, "a name of up to 200 bytes, a contact of up to 400");
}

static bool names_complainant(const struct bh_command *command)
{
	struct bh_party party;

	return command->verb == BH_VERB_PARTY && bh_party_decode(command->payload, &party) == 0 &&
	       party.party == 0 && party.role == BH_PARTY_COMPLAINANT;
}

static void open_guard(const struct bh_privacy_ask *ask, const struct bh_command *command,
	struct bh_privacy_answer *out)
{
	if (command->reason_code == BH_PURPOSE_NONE || command->reason_code >= BH_PURPOSES)
		refuse(out, BH_REASON_NO_REASON, "say for which purpose");
	else if (ask->openings >= BH_OPENINGS_A_DAY)
		refuse(out, BH_REASON_NOT_NOW,
			"a person opens at most " TEXT_OF(BH_OPENINGS_A_DAY) " times in 24 hours");
}

static void erase_guard(const struct bh_privacy_ask *ask, const struct bh_command *command,
	struct bh_privacy_answer *out)
{
	const struct bh_guarded *guarded = &ask->guarded;

	if (guarded->held != 0)
		refuse(out, BH_REASON_GUARD, "a legal hold stands on the case");
	else if (!bh_state_is_end((enum bh_state)ask->cased->state))
		refuse(out, BH_REASON_NOT_NOW, "the case goes on: its end comes first");
	else if (command->verb == BH_VERB_ASK_ERASE && guarded->asked != 0)
		refuse(out, BH_REASON_NOT_NOW, "it was asked for already");
	else if (command->verb == BH_VERB_ERASE && guarded->asked == 0)
		refuse(out, BH_REASON_GUARD, "a privacy officer has to ask for it first");
	else if (command->verb == BH_VERB_ERASE && guarded->asked_by == command->person)
		refuse(out, BH_REASON_GUARD, "another person than who asked for it");
}

static void guards_check(const struct bh_privacy_ask *ask, const struct bh_command *command,
	struct bh_privacy_answer *out)
{
	bool reasons = command->verb != BH_VERB_PARTY && command->verb != BH_VERB_OPEN;

	if (reasons && bh_span_is_blank(command->text))
		refuse(out, BH_REASON_NO_REASON, NULL);
	else if (command->text.len > BH_TEXT_BYTES_MAX || !bh_utf8_valid(command->text))
		refuse(out, BH_REASON_TEXT, NULL);
	else if (command->verb == BH_VERB_PARTY)
		party_guard(command, out);
	else if (command->verb == BH_VERB_OPEN)
		open_guard(ask, command, out);
	else if (command->verb == BH_VERB_ERASE || command->verb == BH_VERB_ASK_ERASE)
		erase_guard(ask, command, out);
	else if (command->verb == BH_VERB_HOLD && ask->guarded.held != 0)
		refuse(out, BH_REASON_NOT_NOW, "it is held already");
	else if (command->verb == BH_VERB_UNHOLD && ask->guarded.held == 0)
		refuse(out, BH_REASON_NOT_NOW, "no hold stands on it");
}

void bh_privacy_decide(const struct bh_privacy_ask *ask, const struct bh_command *command,
	struct bh_privacy_answer *out)
{
	*out = (struct bh_privacy_answer){.accepted = true};
	if (ask->cased == NULL) {
		refuse(out, BH_REASON_NO_CASE, NULL);
		return;
	}
	out->post = bh_privacy_post(
		ask->rules, ask->now_ms, command->person, command->post, command->verb, ask->cased);
	if (out->post == 0 && command->verb == BH_VERB_OPEN)
		out->post = bh_privacy_oversees(
			ask->rules, ask->now_ms, command->person, command->post, ask->cased);
	if (out->post == 0 && names_complainant(command))
		out->post = bh_privacy_registers(
			ask->rules, ask->now_ms, command->person, command->post, ask->cased);
	if (out->post == 0)
		refuse(out, BH_REASON_NO_RIGHT, NULL);
	else
		guards_check(ask, command, out);
}

/* A handset's clock is a claim: what may have been recorded before is taken to be. */
bool bh_guarded_covers(const struct bh_guarded *guarded, const struct bh_entry *entry)
{
	/* Words about no case have their time again where nobody knows when they were written. */
	if (entry->case_number == 0)
		return entry->device != 0 && guarded->erasures != 0 &&
		       entry->captured_bound_ms != UINT32_MAX &&
		       entry->captured_ms <= guarded->erased_ms;
	return entry->device != 0 && guarded->erasures != 0 &&
	       (entry->verb == BH_VERB_SUBMIT || entry->captured_bound_ms == UINT32_MAX ||
		       entry->captured_ms - entry->captured_bound_ms <= guarded->erased_ms);
}

int64_t bh_retention_ms(const struct bh_rules *rules, uint32_t type)
{
	const struct bh_msg_settings *settings = bh_rules_settings(rules);
	const struct bh_msg_catalogue_type *known = bh_rules_type(rules, type);
	uint32_t class = known ? known->class : 0;
	uint32_t days = 0;

	for (size_t i = 0; i < settings->retention_count; i++) {
		const struct bh_msg_retention *row = &settings->retention[i];
		if (!row->entries &&
			((row->class == class && class != 0) || (row->class == 0 && days == 0)))
			days = row->days;
	}
	return (int64_t)days * DAY_MS;
}

int64_t bh_retention_texts_ms(const struct bh_rules *rules)
{
	const struct bh_msg_settings *settings = bh_rules_settings(rules);

	for (size_t i = 0; i < settings->retention_count; i++)
		if (settings->retention[i].entries)
			return (int64_t)settings->retention[i].days * DAY_MS;
	return 0;
}

void bh_retention_lacks(const struct bh_msg_settings *settings, bool *cases, bool *entries)
{
	*cases = *entries = true;
	for (size_t i = 0; i < settings->retention_count; i++) {
		const struct bh_msg_retention *row = &settings->retention[i];
		*entries = *entries && !row->entries;
		*cases = *cases && (row->entries || row->class != 0);
	}
}
