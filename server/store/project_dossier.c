/* Entries about dossiers, as rows: PAPER, SEAL, LEND and whatever is about an order of the case
 * each have one; GIVE_BACK ends the loan. They move no case: each stands aside of it. */
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

static int loan_end(struct bh_projector *p, const struct bh_entry *entry)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_DOSSIER_BACK);
	uint64_t loan = 0;
	int err = bh_loan_open(&p->db, entry->case_number, &loan);

	if (err || loan == 0)
		return err ? err : BH_ERR_CORRUPT;
	bh_bind(s, 1, (int64_t)loan);
	bh_bind(s, 2, (int64_t)entry->position);
	return bh_row_run(s);
}

int bh_project_dossier(struct bh_projector *p, const struct bh_entry *entry)
{
	uint32_t kind = 0;
	int64_t until_ms = 0;
	int err = BH_NOERR;

	if (entry->verb == BH_VERB_GIVE_BACK)
		return loan_end(p, entry);
	if (entry->verb == BH_VERB_PAPER)
		err = bh_paper_decode(entry->header, &kind);
	else if (entry->verb == BH_VERB_LEND)
		err = bh_loan_decode(entry->header, &until_ms);
	return err ? err : row_add(p, entry, kind, until_ms);
}
