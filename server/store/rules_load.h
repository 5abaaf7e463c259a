/* The rules in force, from the entry that holds their profile. */
#ifndef BH_STORE_RULES_LOAD_H
#define BH_STORE_RULES_LOAD_H

#include "server/domain/rules.h"
#include "server/store/db.h"

struct bh_hasher;

/* due_divisor as in struct bh_store_options.  db: the journal whose first entry's salt, which never
 * leaves it, is the secret that samples are drawn by.  BH_ERR_INVALID, _MALFORMED: the profile has
 * faults; BH_ERR_NOMEM. */
int bh_rules_from_profile(
	struct bh_db *db, struct bh_span profile, uint32_t due_divisor, struct bh_rules **out);
/* Of the PROFILE entry at this position; 0: a district's without one.  BH_ERR_CORRUPT when it is
 * not there. */
int bh_rules_load(struct bh_db *db, struct bh_hasher *hasher, uint64_t position,
	uint32_t due_divisor, struct bh_rules **out);

#endif
