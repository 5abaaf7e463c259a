/* Mediation rows, to and from struct bh_mediation. */
#ifndef BH_STORE_MEDIATION_ROW_H
#define BH_STORE_MEDIATION_ROW_H

#include "server/domain/mediation.h"
#include "server/store/db.h"

/* By case and ordinal; BH_ERR_NOT_FOUND. */
int bh_mediation_row_get(
	struct bh_db *db, uint64_t number, uint32_t ordinal, struct bh_mediation *out);
/* By the position of the entry that opened it. */
int bh_mediation_row_first(struct bh_db *db, uint64_t first, struct bh_mediation *out);
/* Of a case, in order: at most max. */
int bh_mediation_rows_of(struct bh_db *db, uint64_t number, struct bh_mediation *mediations,
	size_t max, size_t *count);
/* Inserts when fresh, else updates; scratch is overwritten. */
int bh_mediation_row_put(
	struct bh_db *db, const struct bh_mediation *mediation, bool fresh, struct bh_buf *scratch);

#endif
