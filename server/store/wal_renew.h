/* Makes a log of writes that a failed sync left behind as durable as it looks. */
#ifndef BH_STORE_WAL_RENEW_H
#define BH_STORE_WAL_RENEW_H

/* Before the file is opened by anybody.  path and vfs as in
 * bh_store_options; beside the
 * file "-renew" is used for a copy.  0 (also where there is no WAL), or a code of
 * bh_db_err. */
int bh_wal_renew(const char *path, const char *vfs_name);

#endif
