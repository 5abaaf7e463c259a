/* Places of a grid where something comes again and again (server/domain/repeat.h). */
#ifndef BH_STORE_PLACE_H
#define BH_STORE_PLACE_H

#include "server/domain/repeat.h"
#include "server/store/store.h"

/* Those of one grid, the newest first, at most max. */
int bh_reader_repeats(struct bh_store_reader *reader, uint32_t grid, int64_t now_ms,
	struct bh_repeat *out, size_t max, size_t *count);

#endif
