/* Desk's commands about a dossier: what stands of it, decide, append.  A refused one leaves
 * nothing, as any desk's.  Beside them the clock: a loan whose day has passed is said once. */
#include <string.h>

#include "proto/err.h"
#include "server/domain/paper_file.h"
#include "server/store/case_row.h"
#include "server/store/dossier_row.h"
#include "server/store/entry_row.h"
#include "server/store/writer.h"

/* A case's dossier as it stands now, with its entries for whoever needs them. */
static int dossier_stand(struct bh_writer *w, const struct bh_case *cased,
	struct bh_dossier_entries *entries, struct bh_dossier *out)
{
	int err = bh_dossier_read(&w->projector.db, cased->number, entries);

	if (!err)
		bh_dossier_judge(
			entries->items, entries->count, bh_dossier_kinds(w->rules, cased), out);
	return err;
}

int bh_dossier_stands(struct bh_writer *w, const struct bh_case *cased, uint32_t *lacks)
{
	struct bh_dossier_entries entries = {0};
	struct bh_dossier dossier = {0};
	int err = cased ? dossier_stand(w, cased, &entries, &dossier) : BH_NOERR;

	bh_dossier_entries_free(&entries);
	/* more entries than any archivist can look through: it is not complete */
	*lacks = err == BH_ERR_LIMIT ? 1 : bh_dossier_lacks(&dossier);
	return err == BH_ERR_LIMIT ? BH_NOERR : err;
}

static int adder_load(struct bh_writer *w, uint64_t position, struct bh_dossier_ask *ask)
{
	struct bh_entry_brief brief = {0};
	int err = bh_entry_brief(&w->projector.db, position, &brief);

	ask->paper.person = brief.person;
	ask->paper.post = brief.post;
	return err == BH_ERR_NOT_FOUND ? BH_ERR_CORRUPT : err;
}

/* Whether a paper that somebody added stands at a position, and who added it. */
static int paper_look(
	struct bh_writer *w, uint64_t number, uint64_t position, struct bh_dossier_ask *ask)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_DOSSIER_LIST);
	bool row = false;

	if (position == 0 || position > INT64_MAX)
		return BH_NOERR;
	bh_bind(s, 1, (int64_t)number);
	bh_bind(s, 2, (int64_t)position - 1);
	bh_bind(s, 3, 1);
	int err = bh_row_next(s, &row);
	ask->paper.stands = !err && row && (uint64_t)bh_column(s, 0) == position &&
			    bh_column_u32(s, 2) == BH_VERB_PAPER && bh_column(s, 5) == 0;
	bh_row_end(s);
	return ask->paper.stands ? adder_load(w, position, ask) : err;
}

static void own_count(
	const struct bh_dossier_entries *entries, uint32_t person, struct bh_dossier_ask *ask)
{
	for (size_t i = 0; i < entries->count; i++) {
		const struct bh_dossier_entry *entry = &entries->items[i];
		bool own = entry->verb == BH_VERB_PAPER && entry->person == person;
		ask->own_brought += own;
		ask->own_added += own && entry->kind != BH_PAPER_NONE;
	}
}

static int ask_load(struct bh_writer *w, struct bh_dossier_ask *ask, struct bh_case *buffer,
	const struct bh_command *command, struct bh_dossier_entries *entries)
{
	uint64_t number = command->case_number;
	struct bh_db *db = &w->projector.db;
	struct bh_seal_said said = {.upto = 0};
	uint64_t position = 0, loan = 0;
	int err = bh_case_row_get(db, number, buffer);

	ask->rules = w->rules;
	ask->now_ms = w->now_ms;
	if (err)
		return err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
	ask->cased = buffer;
	err = dossier_stand(w, buffer, entries, &ask->dossier);
	own_count(entries, command->person, ask);
	if (!err)
		err = bh_seal_read(db, number, &said, &position);
	if (err == BH_ERR_NOT_FOUND)
		err = BH_NOERR;
	if (!err)
		err = bh_loan_open(db, number, &loan);
	if (!err && command->verb == BH_VERB_WITHDRAW_PAPER)
		err = paper_look(w, number, command->main_number, ask);
	ask->sealed_upto = said.upto;
	ask->lent = loan != 0;
	return err;
}

static int header_make(struct bh_writer *w, const struct bh_command *command,
	const struct bh_dossier_entries *entries)
{
	struct bh_seal_said said;

	w->header.len = 0;
	if (command->verb == BH_VERB_PAPER) {
		struct bh_paper_said paper = {.kind = command->reason_code,
			.form = command->type,
			.size = command->blob_size};
		memcpy(paper.hash, command->blob_hash, BH_HASH_BYTES);
		return bh_paper_encode(&paper, &w->header);
	}
	if (command->verb == BH_VERB_WITHDRAW_PAPER)
		return bh_withdraw_encode(command->main_number, &w->header);
	if (command->verb == BH_VERB_LEND)
		return bh_loan_encode(command->until_ms, &w->header);
	if (command->verb != BH_VERB_SEAL)
		return BH_NOERR;
	int err = bh_dossier_seal(w->projector.hasher, w->projector.district.code,
		command->case_number, entries->items, entries->count, UINT64_MAX, &said);
	return err ? err : bh_seal_encode(&said, &w->header);
}

static int accepted_append(struct bh_writer *w, const struct bh_command *command,
	const struct bh_case *cased, uint32_t post, const struct bh_dossier_entries *entries,
	struct bh_outcome *out)
{
	struct bh_command said = {.verb = command->verb, .text = command->text};
	struct bh_entry entry = bh_desk_entry(command, cased, post);
	int err = bh_desk_encode(w, &said, &entry);

	if (!err)
		err = header_make(w, command, entries);
	entry.header = bh_buf_span(&w->header);
	return err ? err : bh_desk_append(w, &entry, NULL, out);
}

/* Its file lies here, whole: the journal says so as of a photo that came. */
static int file_store(struct bh_writer *w, const struct bh_command *command)
{
	struct bh_command stored = {.source = BH_SOURCE_STORE,
		.case_number = command->case_number,
		.blob_size = command->blob_size};
	struct bh_outcome outcome;

	memcpy(stored.blob_hash, command->blob_hash, BH_HASH_BYTES);
	int err = bh_command_store(w, &stored, &outcome);
	return !err && outcome.verdict != BH_VERDICT_ACCEPTED ? BH_ERR_INVALID : err;
}

/* A file takes room only where its paper may be added; the paper comes with it, and is decided
 * again. */
static int paper_accepted(struct bh_writer *w, const struct bh_command *command,
	const struct bh_case *cased, uint32_t post, const struct bh_dossier_entries *entries,
	struct bh_outcome *out)
{
	if (command->blob_room)
		return bh_room_command(w, command, out);
	int err = accepted_append(w, command, cased, post, entries, out);
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 72
	return err;
#endif
	return !err && command->blob_size ? file_store(w, command) : err;
}

static int answer_do(struct bh_writer *w, const struct bh_command *command,
	const struct bh_case *cased, const struct bh_dossier_answer *answer,
	const struct bh_dossier_entries *entries, struct bh_outcome *out)
{
	bool paper = command->verb == BH_VERB_PAPER;

	if (answer->accepted)
		return paper ? paper_accepted(w, command, cased, answer->post, entries, out)
			     : accepted_append(w, command, cased, answer->post, entries, out);
	out->verdict = BH_VERDICT_REJECTED;
	out->reason = answer->reason;
	out->detail = answer->detail;
	return paper && command->blob_size && !command->blob_room ? bh_room_uncount(w, command)
								  : BH_NOERR;
}

int bh_command_dossier(
	struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out)
{
	struct bh_dossier_entries entries = {0};
	struct bh_dossier_ask ask = {0};
	struct bh_dossier_answer answer;
	struct bh_case cased;
	int err = ask_load(w, &ask, &cased, command, &entries);

	*out = (struct bh_outcome){.at_ms = w->now_ms, .case_number = command->case_number};
	if (err == BH_ERR_LIMIT) {
		out->verdict = BH_VERDICT_REJECTED;
		out->reason = BH_REASON_GUARD;
		out->detail = "the case has more entries than a dossier holds";
		return BH_NOERR;
	}
	if (!err)
		bh_dossier_decide(&ask, command, &answer);
	if (!err && ask.cased)
		out->state = cased.state;
	if (!err)
		err = answer_do(w, command, &cased, &answer, &entries, out);
	bh_dossier_entries_free(&entries);
	return err;
}

/* ---- The clock ---- */

static int overdue_append(struct bh_writer *w, uint64_t number)
{
	struct bh_case cased = {0};
	int err = bh_case_row_get(&w->projector.db, number, &cased);
	struct bh_entry entry = {
		.log_short = BH_LOG_CLOCK,
		.case_number = number,
		.verb = BH_VERB_LOAN_OVERDUE,
		.verdict = BH_VERDICT_ACCEPTED,
		.prev = cased.last,
		.from_state = cased.state,
		.to_state = cased.state,
	};

	if (err)
		return err == BH_ERR_NOT_FOUND ? BH_ERR_CORRUPT : err;
	err = bh_writer_append(w, &entry, true, &cased, NULL, NULL);
	w->counts.alarms += !err;
	return err;
}

int bh_loans_tick(struct bh_writer *w, size_t max, size_t *fired, bool *held)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_DOSSIER_DUE);
	bool due = true;
	int err = BH_NOERR;

	while (!err && due && *fired < max) {
		uint64_t number = 0;
		bh_bind(s, 1, w->now_ms);
		err = bh_row_next(s, &due);
		if (!err && due)
			number = (uint64_t)bh_column(s, 1);
		bh_row_end(s);
		if (err || !due)
			break;
		if (!bh_timeline_punishes(&w->timeline)) {
			*held = true;
			break;
		}
		err = overdue_append(w, number);
		*fired += !err;
	}
	return err;
}
