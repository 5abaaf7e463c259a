/* Makes a log of writes that a failed sync left behind as durable as it looks. */
#ifndef BH_PROTO_DISK_WAL_RENEW_H
#define BH_PROTO_DISK_WAL_RENEW_H

#include <sqlite3.h>
#include <stdbool.h>

/* Makes the last commit in the WAL of an open file durable, before anything is checkpointed.
 * Beside the file lies "-renew", laid by the first call and never given back, so that this works on
 * a full disk.  *again: a renewal that was cut short was finished, and the file must be closed and
 * opened anew, since what it now holds was not read.  Only for who holds the file's one writer's
 * lock.  An SQLite code; SQLITE_FULL: there is something to renew, and no room to lay "-renew". */
int bh_wal_renew(sqlite3 *handle, bool *again);
/* Writes zeros over what the copy's file held before: for a file that becomes sealed.  After a
 * checkpoint that left no WAL, by the same.  An SQLite code. */
int bh_wal_renew_blank(sqlite3 *handle);

#endif
