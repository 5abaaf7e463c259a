/* Who reported a case asks for a token, or the desk does for him; and whoever has it rates the
 * answer, now and then with a wrong one, twice, or too late. */
#include <string.h>

#include "proto/err.h"
#include "server/store/rating.h"
#include "tests/sim/desk_state.h"

#define ANSWERED_MAX 6u
#define S(name) (1u << BH_STATE_##name)

static bool is_drawn(struct bh_simdesk *desk, uint32_t in_thousand)
{
	return bh_simrng_below(&desk->ratings, 1000) < in_thousand;
}

/* The nth of a case. */
static void token_of(uint64_t number, uint32_t nth, uint8_t out[BH_RATING_TOKEN_BYTES])
{
	memset(out, 0, BH_RATING_TOKEN_BYTES);
	memcpy(out, &number, sizeof(number));
	memcpy(out + sizeof(number), &nth, sizeof(nth));
}

static void invite(struct bh_simdesk *desk, const struct bh_case *cased, uint32_t nth)
{
	uint8_t token[BH_RATING_TOKEN_BYTES], hash[BH_HASH_BYTES];
	uint32_t who = is_drawn(desk, 700) ? cased->reporter : BH_DEMO_PERSON(FOLLOWUP_AGENT);

	token_of(cased->number, nth, token);
	bh_rating_token_hash(desk->hasher, cased->number, token, hash);
	bh_simdesk_order_rating(
		desk, BH_VERB_INVITE, who, cased->number, 0, bh_span(hash, sizeof(hash)));
}

static void rate(struct bh_simdesk *desk, const struct bh_case *cased, uint32_t nth)
{
	uint8_t token[BH_RATING_TOKEN_BYTES];
	uint32_t rating = (uint32_t)bh_simrng_between(
		&desk->ratings, BH_RATING_SATISFIED, BH_RATING_DISSATISFIED);

	token_of(cased->number, is_drawn(desk, 100) ? nth + 1 : nth, token);
	bh_simdesk_order_rating(
		desk, BH_VERB_RATE, 0, cased->number, rating, bh_span(token, sizeof(token)));
}

static void answered(
	struct bh_simdesk *desk, struct bh_store_reader *reader, const struct bh_case *cased)
{
	struct bh_rating_tokens kept;

	if (bh_reader_tokens(reader, cased->number, &kept) != 0 || !cased->by_public)
		return;
	uint32_t invites = kept.desk.invites + kept.own.invites;
	if (invites == 0 || is_drawn(desk, 30))
		invite(desk, cased, invites + 1);
	else if (is_drawn(desk, 700))
		rate(desk, cased, invites);
}

void bh_simdesk_ratings(struct bh_simdesk *desk)
{
	struct bh_store_reader *reader = bh_simserver_reader(desk->run->server);
	struct bh_case cases[ANSWERED_MAX];
	struct bh_case_query query = {
		.states = S(CLOSED) | (is_drawn(desk, 200) ? S(ARCHIVED) | S(FOLLOWED) : 0),
		.after_number = desk->rated_number};
	size_t count = 0;

	if (desk->diligent || reader == NULL || !is_drawn(desk, 250))
		return;
	if (bh_reader_cases(reader, &query, cases, ANSWERED_MAX, &count) != 0) {
		desk->rated_number = 0;
		return;
	}
	desk->rated_number = count == ANSWERED_MAX ? cases[count - 1].number : 0;
	for (size_t i = 0; i < count; i++)
		answered(desk, reader, &cases[i]);
}
