/* A desk's look at reports that may be of the same thing: for a person, who decides. */
#ifndef BH_STORE_SIMILAR_H
#define BH_STORE_SIMILAR_H

#include "server/store/store.h"

#define BH_SIMILAR_ROWS_MAX 20000u /* looked at for one case */

/* Cases that may be of the same thing (server/domain/similar.h), nearest first, at most max.  *cut:
 * the newest BH_SIMILAR_ROWS_MAX were looked at, and its type's window reaches further back. */
struct bh_similar {
	struct bh_case other;
	uint32_t distance_m;
};
int bh_reader_similar(struct bh_store_reader *reader, const struct bh_case *cased, int64_t now_ms,
	struct bh_similar *out, size_t max, size_t *count, bool *cut);

#endif
