/* Reading mediations: those of a case. */
#ifndef BH_STORE_MEDIATION_H
#define BH_STORE_MEDIATION_H

#include "server/store/store.h"

/* In order, at most max. */
int bh_reader_mediations(struct bh_store_reader *reader, uint64_t number,
	struct bh_mediation *mediations, size_t max, size_t *count);

#endif
