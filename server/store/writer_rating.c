/* Commands about ratings: what stands of the case's token and of its present answer, decide,
 * append.
 *
 *   INVITE   the hash of a token that whoever commands has made; of the desk's and of who reported
 *            it himself the last stands
 *   RATE     the token in the command, judged here, in the transaction, with what who handed it out
 *            did since; in nobody's name
 *
 * A refused one leaves nothing. */
#include <string.h>

#include "proto/err.h"
#include "server/store/case_row.h"
#include "server/store/entry_row.h"
#include "server/store/guarded.h"
#include "server/store/rating_row.h"
#include "server/store/writer.h"

static int giver_load(struct bh_writer *w, uint64_t position, struct bh_rating_ask *ask)
{
	struct bh_entry_brief brief = {0};
	int err = bh_entry_brief(&w->projector.db, position, &brief);

	ask->given_by = brief.person;
	return err == BH_ERR_NOT_FOUND ? BH_ERR_CORRUPT : err;
}

static int token_load(
	struct bh_writer *w, const struct bh_command *command, struct bh_rating_ask *ask)
{
	struct bh_rating_tokens tokens;
	uint8_t hash[BH_HASH_BYTES];
	int err = bh_token_rows(&w->projector.db, command->case_number, &tokens);

	ask->invites = tokens.desk.invites;
	ask->own_invites = tokens.own.invites;
	if (err || command->payload.len != BH_RATING_TOKEN_BYTES)
		return err;
	bh_rating_token_hash(
		w->projector.hasher, command->case_number, command->payload.data, hash);
	ask->token_fits = bh_rating_tokens_fit(&tokens, hash);
	return bh_rating_token_is_desks(&tokens, hash) ? giver_load(w, tokens.desk.position, ask)
						       : BH_NOERR;
}

static int rated_load(struct bh_writer *w, struct bh_rating_ask *ask)
{
	struct bh_rating_row rows[BH_RECEIPT_CYCLES_MAX];
	size_t count = 0;
	int err = bh_rating_rows(
		&w->projector.db, ask->cased->number, rows, BH_RECEIPT_CYCLES_MAX, &count);

	for (size_t i = 0; i < count; i++)
		ask->rated = ask->rated ||
			     (rows[i].cycle == ask->cased->cycle && rows[i].position != 0);
	return err;
}

static int ask_load(struct bh_writer *w, const struct bh_command *command, struct bh_case *buffer,
	struct bh_rating_ask *ask)
{
	struct bh_guarded guarded;
	int err = bh_case_row_get(&w->projector.db, command->case_number, buffer);

	ask->rules = w->rules;
	ask->now_ms = w->now_ms;
	if (err)
		return err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
	ask->cased = buffer;
	err = bh_guarded_get(&w->projector.db, command->case_number, &guarded);
	ask->erased = !err && guarded.erased != 0;
	if (!err)
		err = token_load(w, command, ask);
	return err ? err : rated_load(w, ask);
}

static int contents_make(struct bh_writer *w, const struct bh_command *command,
	const struct bh_case *cased, struct bh_entry *entry)
{
	struct bh_command said = {.verb = command->verb, .text = command->text};
	const struct bh_rating_said rated = {.rating = command->reason_code, .cycle = cased->cycle};
	int err;

	if (command->verb == BH_VERB_RATE) {
		err = bh_desk_encode(w, &said, entry);
		if (!err)
			err = bh_rating_encode(&rated, &w->header);
		entry->header = bh_buf_span(&w->header);
		return err;
	}
	w->content.len = 0;
	err = command->payload.len == BH_HASH_BYTES
		      ? bh_invite_encode(command->payload.data, &w->content)
		      : BH_ERR_INVALID;
	entry->content = bh_buf_span(&w->content);
	return err;
}

static int accepted_append(struct bh_writer *w, const struct bh_command *command,
	const struct bh_case *cased, uint32_t post, struct bh_outcome *out)
{
	struct bh_entry entry = bh_desk_entry(command, cased, post);
	if (command->verb == BH_VERB_RATE)
		entry.person = entry.post = 0;
	int err = contents_make(w, command, cased, &entry);

	return err ? err : bh_desk_append(w, &entry, cased, out);
}

int bh_command_rating(struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out)
{
	struct bh_rating_ask ask = {.rules = NULL};
	struct bh_rating_answer answer;
	struct bh_case cased;
	int err = ask_load(w, command, &cased, &ask);

	*out = (struct bh_outcome){.at_ms = w->now_ms, .case_number = command->case_number};
	if (err)
		return err;
	bh_rating_decide(&ask, command, &answer);
	if (answer.accepted && ask.cased)
		return accepted_append(w, command, &cased, answer.post, out);
	out->verdict = BH_VERDICT_REJECTED;
	out->reason = answer.reason;
	out->detail = answer.detail;
	return BH_NOERR;
}
