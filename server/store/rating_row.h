/* Rows of ratings, for both sides of the store. */
#ifndef BH_STORE_RATING_ROW_H
#define BH_STORE_RATING_ROW_H

#include "server/store/db.h"
#include "server/store/rating.h"

/* As bh_reader_tokens, bh_reader_ratings. */
int bh_token_rows(struct bh_db *db, uint64_t number, struct bh_rating_tokens *out);
int bh_rating_rows(
	struct bh_db *db, uint64_t number, struct bh_rating_row *rows, size_t max, size_t *count);

#endif
