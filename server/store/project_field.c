/* Field work: an accepted service entry or round becomes one row, by which it is counted and found.
 * Each is there once, as its entry is: what was carried or comes again is another verdict's. */
#include "proto/err.h"
#include "server/store/project.h"

int bh_project_field(struct bh_projector *p, const struct bh_entry *entry)
{
	bool service = entry->verb == BH_VERB_SERVICE;
	sqlite3_stmt *s = bh_sql(&p->db, service ? BH_SQL_SERVICE_ADD : BH_SQL_PATROL_ADD);
	struct bh_field_fact fact;
	int err = entry->case_number == 0
			  ? bh_field_fact_decode(entry->verb, entry->decision, &fact)
			  : BH_ERR_MALFORMED;

	if (err)
		return err;
	bh_bind(s, 1, fact.day);
	bh_bind(s, 2, fact.grid);
	bh_bind(s, 3, service ? fact.kind : fact.plan);
	bh_bind(s, 4, (int64_t)entry->position);
	if (!service) {
		bh_bind(s, 5, fact.done);
		bh_bind(s, 6, fact.missed);
		bh_bind(s, 7, fact.minutes);
	}
	return bh_row_run(s);
}
