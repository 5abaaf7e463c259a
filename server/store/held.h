/* How many ops of a device stand in quarantine undecided: kept as they come and are decided. */
#ifndef BH_STORE_HELD_H
#define BH_STORE_HELD_H

#include "server/domain/entry.h"
#include "server/store/db.h"

/* In the transaction of an entry that was added and projected: counts it, where it is one of a
 * device that is cut off, or decides about one. */
int bh_held_entry(struct bh_db *db, const struct bh_entry *entry);
int bh_held_get(struct bh_db *db, uint32_t device, uint64_t *held);
/* In a transaction: counts all, in a file that has none yet. */
int bh_held_begin(struct bh_db *db);
/* Outside of one: likewise, unless it was done. */
int bh_held_upgrade(struct bh_db *db);

#endif
