/* Room put by for a full disk: a file of noise beside the district's, given up when a write finds
 * none (faults.md fact 9). */
#ifndef BH_STORE_BALLAST_H
#define BH_STORE_BALLAST_H

#include <sqlite3.h>

#include "server/store/store.h"

#define BH_BALLAST_RETRY_MS 15000 /* between two tries to lay it */

struct bh_ballast {
	sqlite3_vfs *vfs;
	char *path;
	uint64_t bytes;
	enum bh_ballast_state state;
	int64_t tried_mono_ms; /* when it was last laid, given up or tried */
};

/* Looks whether "-ballast" lies beside the file at path; writes nothing.  bytes 0: none is wanted,
 * and nothing below does anything.  Only for who holds the file's one writer's lock.  BH_ERR_NOMEM,
 * or BH_ERR_INVALID for a VFS that is not there. */
int bh_ballast_open(struct bh_ballast *ballast, const char *path, const char *vfs, uint64_t bytes);
/* Forgets it; the file stays.  Zero-filled is fine. */
void bh_ballast_close(struct bh_ballast *ballast);
/* Lays it if it is not there, all of it and synced, where the disk has room for as much again.
 * That it could not be laid harms nobody: ballast->state says so. */
void bh_ballast_lay(struct bh_ballast *ballast, int64_t mono_ms);
/* The same where the last try is BH_BALLAST_RETRY_MS old. */
void bh_ballast_lay_again(struct bh_ballast *ballast, int64_t mono_ms);
/* Gives it up.  True: there is room now that was not there before. */
bool bh_ballast_release(struct bh_ballast *ballast, int64_t mono_ms);

#endif
