/* Reading ratings: what is kept of a case's token, how its answers were rated, and the figures. */
#ifndef BH_STORE_RATING_H
#define BH_STORE_RATING_H

#include "server/domain/rating.h"
#include "server/store/store.h"

#define BH_RATING_UNITS_MAX 4096u

struct bh_rating_token {
	uint8_t hash[BH_HASH_BYTES];
	uint64_t position; /* of the entry that gave it out; 0: there is none */
	uint32_t invites;
};
/* The last that the desk gave out, and the last that who reported it took himself: both stand. */
struct bh_rating_tokens {
	struct bh_rating_token desk;
	struct bh_rating_token own;
};
int bh_reader_tokens(struct bh_store_reader *reader, uint64_t number, struct bh_rating_tokens *out);
/* Whether it is the hash of one of them; in the same time whatever they are. */
bool bh_rating_tokens_fit(const struct bh_rating_tokens *tokens, const uint8_t hash[BH_HASH_BYTES]);
/* ... of the one that the desk gave out. */
bool bh_rating_token_is_desks(
	const struct bh_rating_tokens *tokens, const uint8_t hash[BH_HASH_BYTES]);

/* One answer to a report of the public. */
struct bh_rating_row {
	uint64_t number;
	uint32_t cycle;
	uint32_t unit; /* that is assessed; 0: none had it */
	int64_t closed_ms;
	uint32_t rating;   /* enum bh_rating */
	uint64_t position; /* of the entry that rated it; 0: nobody did */
};
/* In order of cycles; at most max. */
int bh_reader_ratings(struct bh_store_reader *reader, uint64_t number, struct bh_rating_row *rows,
	size_t max, size_t *count);
/* By unit, of answers given from an instant on and before another; at most max units. */
int bh_reader_rating_counts(struct bh_store_reader *reader, int64_t from_ms, int64_t before_ms,
	struct bh_rating_count *rows, size_t max, size_t *count);

#endif
