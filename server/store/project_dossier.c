/* Entries about dossiers, as rows: PAPER, SEAL, LEND and whatever is about an order of the case
 * each have one; GIVE_BACK ends the loan, and LOAN_OVERDUE marks it.  They move no case: each
 * stands aside of it. */
#include "proto/err.h"
#include "server/domain/paper_file.h"
#include "server/store/dossier_row.h"

static int row_add(
	struct bh_projector *p, const struct bh_entry *entry, uint32_t kind, int64_t until_ms)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_DOSSIER_ADD);

	bh_bind(s, 1, (int64_t)entry->position);
	bh_bind(s, 2, (int64_t)entry->case_number);
	bh_bind(s, 3, entry->verb);
	bh_bind(s, 4, kind);
	bh_bind(s, 5, until_ms);
	return bh_row_run(s);
}

/* The one that is out. */
static int loan_change(struct bh_projector *p, const struct bh_entry *entry)
{
	bool ends = entry->verb == BH_VERB_GIVE_BACK;
	sqlite3_stmt *s = bh_sql(&p->db, ends ? BH_SQL_DOSSIER_BACK : BH_SQL_DOSSIER_TOLD);
	uint64_t loan = 0;
	int err = bh_loan_open(&p->db, entry->case_number, &loan);

	if (err || loan == 0)
		return err ? err : BH_ERR_CORRUPT;
	bh_bind(s, 1, (int64_t)loan);
	if (ends)
		bh_bind(s, 2, (int64_t)entry->position);
	return bh_row_run(s);
}

/* A file is named by its paper, as a photo by its op. */
static int file_add(
	struct bh_projector *p, const struct bh_entry *entry, const struct bh_paper_said *said)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_BLOB_ADD);

	bh_bind_span(s, 1, bh_span(said->hash, BH_HASH_BYTES));
	bh_bind(s, 2, (int64_t)entry->position);
	bh_bind(s, 3, 0);
	bh_bind(s, 4, (int64_t)entry->case_number);
	bh_bind(s, 5, said->size);
	bh_bind(s, 6, BH_PAPER_BLOB_KIND(said->kind, said->form));
	bh_bind(s, 7, BH_VERB_PAPER);
	bh_bind(s, 8, entry->cycle);
	return bh_row_run(s);
}

static int paper_withdraw(struct bh_projector *p, const struct bh_entry *entry)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_DOSSIER_BACK);
	uint64_t position = 0;
	int err = bh_withdraw_decode(entry->header, &position);

	bh_bind(s, 1, (int64_t)position);
	bh_bind(s, 2, (int64_t)entry->position);
	return err ? err : bh_row_run(s);
}

int bh_project_dossier(struct bh_projector *p, const struct bh_entry *entry)
{
	struct bh_paper_said paper = {.kind = 0};
	int64_t until_ms = 0;
	int err = BH_NOERR;

	if (entry->verb == BH_VERB_GIVE_BACK || entry->verb == BH_VERB_LOAN_OVERDUE)
		return loan_change(p, entry);
	if (entry->verb == BH_VERB_PAPER)
		err = bh_paper_decode(entry->header, &paper);
	else if (entry->verb == BH_VERB_WITHDRAW_PAPER)
		err = paper_withdraw(p, entry);
	else if (entry->verb == BH_VERB_LEND)
		err = bh_loan_decode(entry->header, &until_ms);
	if (!err && paper.form != BH_PAPER_FORM_NONE)
		err = file_add(p, entry, &paper);
	return err ? err : row_add(p, entry, paper.kind, until_ms);
}
