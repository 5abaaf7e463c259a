/* Makes a log of writes that a failed sync left behind as durable as it looks. */
#ifndef BH_STORE_WAL_RENEW_H
#define BH_STORE_WAL_RENEW_H

#include "server/store/db.h"

/* Writes what the WAL of an open file holds over itself and syncs it, before anything of it is
 * checkpointed.  Only for who holds the file's one writer's lock.  Codes of bh_db_err. */
int bh_wal_renew(sqlite3 *handle);

#endif
