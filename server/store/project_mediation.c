/* Mediations of cases: rows from their entries' decisions. */
#include "proto/err.h"
#include "server/store/mediation_row.h"
#include "server/store/project.h"

int bh_project_mediation(struct bh_projector *p, const struct bh_entry *entry)
{
	uint32_t ordinal = bh_mediation_of_decision(entry->decision);
	struct bh_mediation mediation = {0};

	if (ordinal == 0)
		return BH_NOERR;
	int err = bh_mediation_row_get(&p->db, entry->case_number, ordinal, &mediation);
	bool fresh = err == BH_ERR_NOT_FOUND;
	if (err && !fresh)
		return err;
	err = bh_mediation_patch(&mediation, entry->decision);
	if (err)
		return err;
	mediation.number = entry->case_number;
	mediation.last = entry->position;
	if (entry->verb == BH_VERB_CONCLUDE)
		mediation.paper = entry->position;
	if (fresh)
		mediation.first = entry->position;
	return bh_mediation_row_put(&p->db, &mediation, fresh, &p->scratch);
}
