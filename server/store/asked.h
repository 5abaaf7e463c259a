/* Photos that handsets are asked for, by rows of local: those of reports that were let in from
 * quarantine, until they are stored, and those that are lost (writer_lost.c). */
#ifndef BH_STORE_ASKED_H
#define BH_STORE_ASKED_H

#include "proto/hash.h"
#include "server/store/db.h"

int bh_asked_note(struct bh_db *db, const uint8_t hash[BH_HASH_BYTES]);
/* It is asked for because it is lost: no report that was let in lacks it.  To be looked at before a
 * RELEASE that names it is added. */
int bh_asked_is_lost(struct bh_db *db, const uint8_t hash[BH_HASH_BYTES], bool *lost);
/* Unless a report that was let in lacks it still.  *dropped may be NULL. */
int bh_asked_drop(struct bh_db *db, const uint8_t hash[BH_HASH_BYTES], bool *dropped);

#endif
