/* Entries about orders, as rows: all of it from their decisions, numbers too.  They move no case,
 * and where they are about one they stand aside of it. */
#include "proto/err.h"
#include "server/store/order_row.h"
#include "server/store/project.h"

int bh_project_order(struct bh_projector *p, const struct bh_entry *entry)
{
	struct bh_order order = {0};
	uint64_t ref = bh_order_of_decision(entry->decision);
	int err = ref ? bh_order_row_get(&p->db, ref, &order) : BH_ERR_MALFORMED;
	bool fresh = err == BH_ERR_NOT_FOUND;

	if (err && !fresh)
		return err;
	if (fresh != (entry->verb == BH_VERB_ORDER))
		return BH_ERR_MALFORMED;
	err = bh_order_patch(&order, entry);
	if (!err && order.number != entry->case_number)
		err = BH_ERR_MALFORMED;
	return err ? err : bh_order_row_put(&p->db, &order, fresh, &p->scratch);
}
