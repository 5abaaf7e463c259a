/* A store that is damaged, or that somebody else's file lies in the place of: put aside, and what
 * can be read of it carried into a new one. */
#ifndef BH_CLIENT_STORE_SALVAGE_H
#define BH_CLIENT_STORE_SALVAGE_H

#include "client-lib/store.h"

#define BH_ASIDE_MAX 9u /* files that are put aside in a store's life */

enum bh_aside_state {
	BH_ASIDE_NONE = 0,
	BH_ASIDE_TAKING, /* the store's file is still in its place, or was just deleted */
	BH_ASIDE_TAKEN,  /* the new one is being made, or was just made */
};

struct bh_aside {
	enum bh_aside_state state;
	uint32_t n; /* PATH-damaged-n */
};

/* All of these: 0, BH_ERR_IO, BH_ERR_FULL, BH_ERR_NOMEM, BH_ERR_LIMIT. */

int bh_aside_read(struct bh_local *local, struct bh_aside *out);
/* Puts the store's file and its WAL aside and takes them away; the connection is closed.  Done
 * again from the start when it was cut short.  BH_ERR_LIMIT: there are BH_ASIDE_MAX already; the
 * file stays where it is. */
int bh_aside_take(struct bh_local *local, struct bh_aside *aside);
/* The new store is whole. */
int bh_aside_end(struct bh_local *local);
/* How many files lie aside. */
int bh_aside_count(struct bh_local *local, uint32_t *count);
/* The caller frees. */
int bh_aside_path(struct bh_local *local, uint32_t n, char **out);

/* Into the empty store, inside the transaction that makes its tables: whoever file n said we are,
 * and every op that is whole.  The log goes on where all of it was read; else a new one begins with
 * what nobody has acknowledged.  What the server told is not carried: it tells it again. */
int bh_salvage_carry(struct bh_local *local, uint32_t n);

#endif
