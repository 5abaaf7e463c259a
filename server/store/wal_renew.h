/* Makes a log of writes that a failed sync left behind as durable as it looks. */
#ifndef BH_STORE_WAL_RENEW_H
#define BH_STORE_WAL_RENEW_H

#include "server/store/db.h"

/* Makes the last commit in the WAL of an open file durable, before anything is checkpointed; beside
 * the file "-renew" holds a copy of it meanwhile.  *again: an earlier renewal was finished, and the
 * file must be closed and opened anew, since what it now holds was not read.  Only for who holds
 * the file's one writer's lock.  Codes of bh_db_err. */
int bh_wal_renew(sqlite3 *handle, bool *again);

#endif
