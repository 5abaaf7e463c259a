/* Ends of shifts as rows: who handed over, who took over, what nobody did; and since when a desk
 * has a roster. */
#ifndef BH_STORE_SHIFT_ROW_H
#define BH_STORE_SHIFT_ROW_H

#include "server/domain/shift.h"
#include "server/store/db.h"

/* BH_ERR_NOT_FOUND. */
void bh_shift_row_read(sqlite3_stmt *s, struct bh_shift_end *out);
int bh_shift_row_get(struct bh_db *db, uint32_t unit, int64_t end_ms, struct bh_shift_end *out);
/* The last hand-over of a desk, missed ones left out; likewise. */
int bh_shift_row_handed(struct bh_db *db, uint32_t unit, struct bh_shift_end *out);
/* When the desk's roster began; 0: it has none. */
int bh_shift_row_since(struct bh_db *db, uint32_t unit, int64_t *out);

#endif
