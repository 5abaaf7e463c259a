/* Entries about dossiers, as rows: PAPER, SEAL, LEND and whatever is about an order of the case
 * each have one; GIVE_BACK ends the loan, and LOAN_OVERDUE marks it.  They move no case: each
 * stands aside of it. */
#include "proto/err.h"
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

int bh_project_dossier(struct bh_projector *p, const struct bh_entry *entry)
{
	uint32_t kind = 0;
	int64_t until_ms = 0;
	int err = BH_NOERR;

	if (entry->verb == BH_VERB_GIVE_BACK || entry->verb == BH_VERB_LOAN_OVERDUE)
		return loan_change(p, entry);
	if (entry->verb == BH_VERB_PAPER)
		err = bh_paper_decode(entry->header, &kind);
	else if (entry->verb == BH_VERB_LEND)
		err = bh_loan_decode(entry->header, &until_ms);
	return err ? err : row_add(p, entry, kind, until_ms);
}
