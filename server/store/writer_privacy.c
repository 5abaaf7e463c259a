/* Desk's commands about the people that a case names: decide, seal, append.
 *
 *   PARTY   plain in the command ──case key──▶ sealed in the entry; the plain bytes are wiped;
 *           who is taken out has nothing to seal, and goes without a key, too
 *   OPEN    the entry alone: who is answered with the plain text is answered after its commit
 *   ASK_ERASE, HOLD, UNHOLD      the entry with its reason
 *   ERASE   writer_erase.c
 *
 * A refused one leaves nothing, as any desk's. */
#include <string.h>

#include "proto/err.h"
#include "server/store/case_row.h"
#include "server/store/guarded.h"
#include "server/store/writer.h"

#define DAY_MS INT64_C(86400000)
#define SEALED_BYTES_MAX 4096u

static const char no_key[] = "the district has no seal key";

static int refuse(struct bh_outcome *out, enum bh_reason reason, const char *detail)
{
	out->verdict = BH_VERDICT_REJECTED;
	out->reason = reason;
	out->detail = detail;
	return BH_NOERR;
}

/* ---- A party ---- */

/* *there: it is one of the case's that was not taken out. */
static int party_find(struct bh_writer *w, uint64_t number, uint32_t party, bool *there)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_PARTY_LIST);
	bool row = false;

	*there = false;
	bh_bind(s, 1, (int64_t)number);
	bh_bind(s, 2, BH_PARTIES_MAX);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		*there |= bh_column_u32(s, 0) == party && bh_column_u32(s, 1) != BH_PARTY_GONE;
		err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

static int field_seal(struct bh_writer *w, const uint8_t key[BH_CASE_KEY_BYTES], uint64_t number,
	const struct bh_party *party, unsigned field, struct bh_buf *out)
{
	struct bh_span plain = field == 0 ? party->name : party->contact;
	const struct bh_vault_place place = {
		.district = w->projector.district.code,
		.number = number,
		.party = party->party,
		.field = field,
	};

	return plain.len ? bh_vault_seal(w->vault, key, &place, plain, out) : BH_NOERR;
}

static int party_seal(struct bh_writer *w, uint64_t number, const struct bh_party *party)
{
	struct bh_buf name = BH_BUF(SEALED_BYTES_MAX), contact = BH_BUF(SEALED_BYTES_MAX);
	struct bh_party sealed = *party;
	uint8_t key[BH_CASE_KEY_BYTES];

	w->content.len = 0;
	if (party->role == BH_PARTY_GONE)
		return bh_party_encode(party, &w->content);
	int err = bh_case_key_make(
		&w->projector.db, w->vault, w->projector.district.code, number, key);

	if (!err)
		err = field_seal(w, key, number, party, 0, &name);
	if (!err)
		err = field_seal(w, key, number, party, 1, &contact);
	explicit_bzero(key, sizeof(key));
	sealed.name = bh_buf_span(&name);
	sealed.contact = bh_buf_span(&contact);
	if (!err)
		err = bh_party_encode(&sealed, &w->content);
	bh_buf_free(&name);
	bh_buf_free(&contact);
	return err;
}

static int party_run(struct bh_writer *w, const struct bh_command *command,
	const struct bh_case *cased, struct bh_entry *entry, struct bh_outcome *out)
{
	struct bh_party party = {0};
	uint32_t last = 0;
	bool there = false;
	int err = bh_party_decode(command->payload, &party);

	if (err)
		return refuse(out, BH_REASON_FIELD, "the party cannot be read");
	if (party.role != BH_PARTY_GONE && !w->vault)
		return refuse(out, BH_REASON_GUARD, no_key);
	err = bh_party_last(&w->projector.db, entry->case_number, &last);
	if (!err && party.party != 0)
		err = party_find(w, entry->case_number, party.party, &there);
	if (err)
		return err;
	if (party.party != 0 && !there)
		return refuse(out, BH_REASON_FIELD, "the case has no such party");
	if (party.party == 0 && last >= BH_PARTIES_MAX)
		return refuse(out, BH_REASON_GUARD, "the case names as many as it may");
	if (party.party == 0)
		party.party = last + 1;
	if (party.role == BH_PARTY_GONE)
		party.name = party.contact = bh_span(NULL, 0);
	err = party_seal(w, entry->case_number, &party);
	if (err == BH_ERR_AUTH)
		return refuse(out, BH_REASON_GUARD,
			"the case's key was wrapped by a seal key that is not here");
	if (err)
		return err;
	entry->content = bh_buf_span(&w->content);
	out->id = party.party;
	return bh_desk_append(w, entry, cased, out);
}

/* ---- All of them ---- */

static int open_run(struct bh_writer *w, const struct bh_command *command,
	const struct bh_case *cased, struct bh_entry *entry, struct bh_outcome *out)
{
	uint32_t last = 0;
	int err = bh_party_last(&w->projector.db, entry->case_number, &last);
	/* what was written needs no key, and is there where nobody is named */
	bool words = bh_privacy_oversees(
			     w->rules, w->now_ms, command->person, command->post, cased) != 0;

	if (!words && !w->vault)
		return refuse(out, BH_REASON_GUARD, no_key);
	if (!err && !words && last == 0)
		return refuse(out, BH_REASON_NOT_NOW, "the case names nobody");
	if (!err)
		err = bh_desk_encode(w, command, entry);
	return err ? err : bh_desk_append(w, entry, NULL, out);
}

static int reason_run(struct bh_writer *w, const struct bh_command *command,
	const struct bh_case *cased, struct bh_entry *entry, struct bh_outcome *out)
{
	(void)cased;
	int err = bh_desk_encode(w, command, entry);

	return err ? err : bh_desk_append(w, entry, NULL, out);
}

static int erase_run(struct bh_writer *w, const struct bh_command *command,
	const struct bh_case *cased, struct bh_entry *entry, struct bh_outcome *out)
{
	(void)cased;
	int err = bh_writer_erase(w, command, entry->post, &out->position);

	if (!err)
		out->verdict = BH_VERDICT_ACCEPTED;
	return err;
}

static const struct {
	enum bh_verb verb;
	int (*run)(struct bh_writer *w, const struct bh_command *command,
		const struct bh_case *cased, struct bh_entry *entry, struct bh_outcome *out);
} handlers[] = {
	{BH_VERB_PARTY, party_run},
	{BH_VERB_OPEN, open_run},
	{BH_VERB_ASK_ERASE, reason_run},
	{BH_VERB_HOLD, reason_run},
	{BH_VERB_UNHOLD, reason_run},
	{BH_VERB_ERASE, erase_run},
};

static int accepted_run(struct bh_writer *w, const struct bh_command *command,
	const struct bh_case *cased, uint32_t post, struct bh_outcome *out)
{
	struct bh_entry entry = bh_desk_entry(command, cased, post);

	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
		if (handlers[i].verb == command->verb)
			return handlers[i].run(w, command, cased, &entry, out);
	}
	return refuse(out, BH_REASON_UNSUPPORTED, NULL);
}

static int ask_load(struct bh_writer *w, const struct bh_command *command, struct bh_case *buffer,
	struct bh_privacy_ask *ask)
{
	struct bh_db *db = &w->projector.db;
	int err = bh_case_row_get(db, command->case_number, buffer);

	ask->rules = w->rules;
	ask->now_ms = w->now_ms;
	ask->cased = err ? NULL : buffer;
	if (err == BH_ERR_NOT_FOUND)
		err = BH_NOERR;
	if (!err)
		err = bh_guarded_now(db, command->case_number, &ask->guarded);
	if (!err && command->verb == BH_VERB_OPEN)
		err = bh_openings_since(db, command->person, w->now_ms - DAY_MS, &ask->openings);
	return err;
}

int bh_command_privacy(
	struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out)
{
	struct bh_privacy_ask ask = {0};
	struct bh_privacy_answer answer;
	struct bh_case cased;
	int err = ask_load(w, command, &cased, &ask);

	if (err)
		return err;
	*out = (struct bh_outcome){.at_ms = w->now_ms, .case_number = command->case_number};
	bh_privacy_decide(&ask, command, &answer);
	if (!answer.accepted)
		return refuse(out, answer.reason, answer.detail);
	out->state = cased.state;
	return accepted_run(w, command, &cased, answer.post, out);
}
