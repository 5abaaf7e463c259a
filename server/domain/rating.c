/* Ratings: what stands of one, when it may be given, and the figures.
 *
 *   report ──▶ by_public ──INVITE──▶ token, told once; its hash stands
 *   CLOSED ──7 days, also archived and followed up meanwhile──▶ no more
 *      └──RATE, once a cycle──▶ score (header, stays), text (content, erasable)
 *
 * A reopened case is rated again when it is closed again; the token is the same. */
#include "server/domain/rating.h"

#include <string.h>

#include "proto/err.h"
#include "proto/limit.h"

bool bh_verb_is_rating(unsigned verb)
{
	return verb == BH_VERB_RATE || verb == BH_VERB_INVITE;
}

static const char *const names[BH_RATING_COUNT] = {
	[BH_RATING_SATISFIED] = "satisfied",
	[BH_RATING_FAIR] = "fair",
	[BH_RATING_DISSATISFIED] = "dissatisfied",
};

const char *bh_rating_name(uint32_t rating)
{
	return rating < BH_RATING_COUNT ? names[rating] : NULL;
}

int bh_rating_parse(const char *name, uint32_t *out)
{
	for (uint32_t i = BH_RATING_SATISFIED; i < BH_RATING_COUNT; i++) {
		if (strcmp(names[i], name) == 0) {
			*out = i;
			return BH_NOERR;
		}
	}
	return BH_ERR_NOT_FOUND;
}

bool bh_rating_is_public(const struct bh_rules *rules, uint32_t person)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts(rules, person, posts), reporters = 0;

	for (size_t i = 0; i < count; i++)
		reporters += posts[i]->role == BH_ROLE_REPORTER;
	return reporters > 0 && reporters == count;
}

int64_t bh_rating_due(const struct bh_rules *rules, int64_t closed_ms)
{
	static const struct bh_limit limit = {7, BH_LIMIT_NATURAL_DAY};

	return bh_limit_due(bh_rules_calendar(rules), limit, closed_ms, 0);
}

bool bh_rating_is_open(const struct bh_rules *rules, const struct bh_case *cased, int64_t now_ms)
{
	bool answered = cased->state == BH_STATE_CLOSED || cased->state == BH_STATE_ARCHIVED ||
			cased->state == BH_STATE_FOLLOWED;

	return answered && cased->closed_ms != 0 &&
	       now_ms <= bh_rating_due(rules, cased->closed_ms);
}

/* ---- Bytes ---- */

void bh_rating_token_hash(struct bh_hasher *hasher, uint64_t number,
	const uint8_t token[BH_RATING_TOKEN_BYTES], uint8_t out[BH_HASH_BYTES])
{
	uint8_t of[8];
	struct bh_span parts[] = {bh_span("bh-rate-1", 9), bh_span(of, sizeof(of)),
		bh_span(token, BH_RATING_TOKEN_BYTES)};

	for (size_t i = 0; i < sizeof(of); i++)
		of[i] = (uint8_t)(number >> (56 - 8 * i));
	bh_hash_parts(hasher, parts, 3, out);
}

int bh_invite_encode(const uint8_t hash[BH_HASH_BYTES], struct bh_buf *out)
{
	return bh_buf_append(out, hash, BH_HASH_BYTES);
}

int bh_invite_decode(struct bh_span content, uint8_t hash[BH_HASH_BYTES])
{
	if (content.len != BH_HASH_BYTES)
		return BH_ERR_MALFORMED;
	memcpy(hash, content.data, BH_HASH_BYTES);
	return BH_NOERR;
}

int bh_rating_encode(const struct bh_rating_said *said, struct bh_buf *out)
{
	int err = bh_put_u8(out, (uint8_t)said->rating);

	return err ? err : bh_put_u32(out, said->cycle);
}

int bh_rating_decode(struct bh_span header, struct bh_rating_said *out)
{
	struct bh_reader reader = bh_reader(header);
	struct bh_rating_said said = {.rating = bh_get_u8(&reader)};

	said.cycle = bh_get_u32(&reader);
	if (!bh_reader_done(&reader) || bh_rating_name(said.rating) == NULL || said.cycle == 0)
		return BH_ERR_MALFORMED;
	*out = said;
	return BH_NOERR;
}

/* ---- Figures ---- */

uint32_t bh_rating_permille(uint32_t numerator, uint32_t denominator)
{
	if (denominator == 0)
		return 0;
	return (uint32_t)(((uint64_t)numerator * 2000 + denominator) / (2 * (uint64_t)denominator));
}

/* Each wrong one fills the bucket by a pause; it empties as time passes. */
bool bh_rating_pace_take(struct bh_rating_pace *pace, int64_t mono_ms)
{
	int64_t from_ms = pace->free_at_ms > mono_ms ? pace->free_at_ms : mono_ms;

	if (from_ms - mono_ms > (BH_RATING_WRONG_BURST - 1) * BH_RATING_WRONG_PAUSE_MS)
		return false;
	pace->free_at_ms = from_ms + BH_RATING_WRONG_PAUSE_MS;
	return true;
}
