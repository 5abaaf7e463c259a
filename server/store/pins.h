/* A district that nobody serves, while its CA is rolled: held, and what handsets go by. */
#ifndef BH_STORE_PINS_H
#define BH_STORE_PINS_H

#include "server/store/store.h"

/* Keeps a server from opening the district's file until it is released.  BH_ERR_BUSY: one has it;
 * BH_ERR_IO, BH_ERR_NOMEM. */
struct bh_store_hold;
int bh_store_hold(const char *path, struct bh_store_hold **out);
void bh_store_release(struct bh_store_hold *hold); /* takes NULL */

/* The pins that handsets were told last, by the kept file (kept.h) at path; *known false: it has
 * none, or is not there.  BH_ERR_CORRUPT: it does not hold. */
int bh_store_pins_kept(const char *path, const char *code, struct bh_store_pins *out, bool *known);
/* Whether these are what they were told last (zeroes: nothing), or one step on from it; else
 * BH_ERR_AUTH, and *fault says so.  pins NULL: 0. */
int bh_store_pins_judge(
	const struct bh_store_pins *last, const struct bh_store_pins *pins, const char **fault);
/* From now on they go by these, whatever they were told before: whoever cannot follow has to be
 * enrolled anew.  While the district is held. */
int bh_store_pins_keep(const char *path, const char *code, const struct bh_store_pins *pins);

#endif
