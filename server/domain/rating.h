/* 群众评价: what a member of the public says of an answer, by the case's number and a token, and
 * who may see of it what: the assessed unit the score, not who gave it ("The privacy line"). */
#ifndef BH_DOMAIN_RATING_H
#define BH_DOMAIN_RATING_H

#include "proto/hash.h"
#include "server/domain/command.h"
#include "server/domain/rules.h"

#define BH_RATING_TOKEN_BYTES 16u
#define BH_RATING_TOKEN_SIZE 27u /* 26 base32 characters and NUL */
#define BH_RATING_TEXT_MAX 1200u
#define BH_RATING_INVITES_MAX 20u /* of one case by the desk, and as many by who reported it */

/* Values are frozen: they stand in journals. */
enum bh_rating {
	BH_RATING_NONE = 0,
	BH_RATING_SATISFIED = 1,
	BH_RATING_FAIR = 2,
	BH_RATING_DISSATISFIED = 3,
	BH_RATING_COUNT = 4,
};

/* RATE, INVITE: beside a case, of no cycle, moving nothing. */
bool bh_verb_is_rating(unsigned verb);
/* "satisfied"; NULL for none and unknown ones. */
const char *bh_rating_name(uint32_t rating);
/* BH_ERR_NOT_FOUND. */
int bh_rating_parse(const char *name, uint32_t *out);

/* No post but a reporter's: what such a person reports came from the public. */
bool bh_rating_is_public(const struct bh_rules *rules, uint32_t person);
/* Until when an answer of this instant is rated (domain.md, CLOSED: 7 days). */
int64_t bh_rating_due(const struct bh_rules *rules, int64_t closed_ms);
/* Its answer stands, and it is so late at most. */
bool bh_rating_is_open(const struct bh_rules *rules, const struct bh_case *cased, int64_t now_ms);

/* ---- What is kept of a token ---- */
/* SHA-256("bh-rate-1" ‖ number u64 ‖ token): a token is of one case. */
void bh_rating_token_hash(struct bh_hasher *hasher, uint64_t number,
	const uint8_t token[BH_RATING_TOKEN_BYTES], uint8_t out[BH_HASH_BYTES]);
/* INVITE's content, which an erasure destroys. */
int bh_invite_encode(const uint8_t hash[BH_HASH_BYTES], struct bh_buf *out);
int bh_invite_decode(struct bh_span content, uint8_t hash[BH_HASH_BYTES]);
/* RATE's header, which stays; what was written stands in its content. */
struct bh_rating_said {
	uint32_t rating; /* enum bh_rating */
	uint32_t cycle;
};
int bh_rating_encode(const struct bh_rating_said *said, struct bh_buf *out);
int bh_rating_decode(struct bh_span header, struct bh_rating_said *out);

/* ---- Who may ---- */
struct bh_rating_ask {
	const struct bh_rules *rules;
	int64_t now_ms;
	const struct bh_case *cased; /* NULL: no such case */
	bool erased;
	uint32_t invites;     /* so far, by the desk */
	uint32_t own_invites; /* ... and by who reported it */
	bool token_fits;      /* RATE: what came is one of the tokens that stand */
	uint32_t given_by;    /* ... and who of the desk gave it out; 0: the reporter's own */
	bool rated;           /* RATE: this cycle was */
};
struct bh_rating_answer {
	bool accepted;
	enum bh_reason reason;
	const char *detail; /* constant clause, or NULL */
	uint32_t post;      /* INVITE; 0: the reporter's own, without one */
};
/* INVITE: the reporter; or for one who took none himself who of the desk had no part in the case.
 * What the desk hands out never ends the reporter's own; the first that is used counts.  RATE:
 * whoever has the token, in nobody's name; that there is no such case and that the token is
 * another's are one answer, and one by whom of the desk took part since is worth nothing.
 * reason_code is the rating. */
void bh_rating_decide(const struct bh_rating_ask *ask, const struct bh_command *command,
	struct bh_rating_answer *out);
/* What was said of this very case: whoever watches over its area or asks how it went, and is not of
 * the unit that is assessed, which a cycle before may have been another. */
bool bh_rating_may_read(const struct bh_rules *rules, uint32_t person, int64_t now_ms,
	const struct bh_case *cased, uint32_t unit);
/* ... and a unit's figures without the rule of small counts. */
bool bh_rating_may_count(
	const struct bh_rules *rules, uint32_t person, int64_t now_ms, uint32_t unit);

/* I11, of a unit's answers to the public in a period: how many there were, were rated, and how. */
struct bh_rating_count {
	uint32_t unit;
	uint32_t closed;
	uint32_t rated;
	uint32_t satisfied;
	uint32_t fair;
	uint32_t dissatisfied;
};
/* whole: to who may count all of it; told: its month is complete.  To others no small cell. */
bool bh_rating_is_shown(const struct bh_rating_count *row, bool whole, bool told);
/* ... nor, of a row that is shown, how many were satisfied where they or the others are few, or
 * where so many rated, and all alike, that each is known to have. */
bool bh_rating_is_counted(const struct bh_rating_count *row, bool whole);
/* Per cent in tenths, half up; 0 of nothing. */
uint32_t bh_rating_permille(uint32_t numerator, uint32_t denominator);

/* ---- Wrong tokens ---- */
#define BH_RATING_WRONG_BURST 20u
#define BH_RATING_WRONG_PAUSE_MS INT64_C(3000)
/* A bucket of a district: whoever guesses waits; who has the token does not (H06). */
struct bh_rating_pace {
	int64_t free_at_ms; /* monotonic: when the bucket is full again */
};
/* One more was wrong.  False: too many were. */
bool bh_rating_pace_take(struct bh_rating_pace *pace, int64_t mono_ms);

#endif
