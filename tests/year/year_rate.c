/* What the public says of an answer: who reported it gets a token, or the desk gives him another,
 * and whoever has it rates the answer, now and then with a wrong one. */
#include <string.h>

#include "proto/err.h"
#include "server/store/rating.h"
#include "tests/year/year_fit.h"

#define WRONG_PPM 50000u

/* The nth of a case. */
static void token_of(uint64_t number, uint32_t nth, uint8_t out[BH_RATING_TOKEN_BYTES])
{
	memset(out, 0, BH_RATING_TOKEN_BYTES);
	memcpy(out, &number, sizeof(number));
	memcpy(out + sizeof(number), &nth, sizeof(nth));
}

static uint32_t invites_of(struct year *year, uint64_t number)
{
	struct bh_rating_tokens tokens;
	year_must(bh_reader_tokens(year->reader, number, &tokens) == 0, "its tokens");
	return tokens.desk.invites + tokens.own.invites;
}

static bool is_rated(struct year *year, const struct bh_case *cased)
{
	struct bh_rating_row rows[32];
	size_t count = 0;
	bool rated = false;
	year_must(bh_reader_ratings(year->reader, cased->number, rows, 32, &count) == 0, "ratings");
	for (size_t i = 0; i < count; i++)
		rated |= rows[i].cycle == cased->cycle && rows[i].position != 0;
	return rated;
}

bool year_no_token(struct year *year, const struct bh_case *cased)
{
	return cased->by_public && invites_of(year, cased->number) == 0;
}

bool year_may_rate(struct year *year, const struct bh_case *cased)
{
	return cased->by_public && invites_of(year, cased->number) > 0 && !is_rated(year, cased);
}

/* In nobody's name. */
bool year_rate_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	(void)cased;
	draft->person = 0;
	draft->reason_code = (uint32_t)bh_simrng_between(
		&year->acts, BH_RATING_SATISFIED, BH_RATING_DISSATISFIED);
	return true;
}

void year_invite_pay(struct year *year, struct year_order *order)
{
	uint8_t token[BH_RATING_TOKEN_BYTES], hash[BH_HASH_BYTES];
	uint64_t number = order->command.case_number;
	token_of(number, invites_of(year, number) + 1, token);
	bh_rating_token_hash(year->hasher, number, token, hash);
	year_must(bh_buf_append(&order->payload, hash, sizeof(hash)) == 0, "memory");
	order->command.payload = bh_buf_span(&order->payload);
}

void year_rate_pay(struct year *year, struct year_order *order)
{
	uint8_t token[BH_RATING_TOKEN_BYTES];
	uint64_t number = order->command.case_number;
	bool wrong = bh_simrng_chance(&year->acts, WRONG_PPM);
	token_of(number, invites_of(year, number) + wrong, token);
	year_must(bh_buf_append(&order->payload, token, sizeof(token)) == 0, "memory");
	order->command.payload = bh_buf_span(&order->payload);
}
