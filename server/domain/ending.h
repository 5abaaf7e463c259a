/* Why a report is not taken up, and to which other channel it, or whoever made it, goes (rows 5 and
 * 7; S2-8, and the refusal text of the privacy line: a report about a person is 110's). */
#ifndef BH_DOMAIN_ENDING_H
#define BH_DOMAIN_ENDING_H

#include "proto/arena.h"
#include "server/domain/entry.h"

/* REFUSE's reason.  Values are frozen: they stand in journals. */
enum bh_ground {
	BH_GROUND_NONE = 0,
	BH_GROUND_NOT_OURS = 1, /* another authority's */
	BH_GROUND_OUTSIDE = 2,  /* outside the district */
	BH_GROUND_NO_SUCH_PLACE = 3,
	BH_GROUND_DUPLICATE = 4, /* of what has ended */
	BH_GROUND_PERSON = 5,    /* about a person, and no matter */
	BH_GROUND_PRIVATE = 6,   /* a private dispute that is a court's */
	BH_GROUND_EMERGENCY = 7, /* 110's, 119's, 120's: at once */
	BH_GROUND_DECIDED = 8,   /* before a court, an arbitration or a review, or decided there */
	BH_GROUND_UNCLEAR = 9,   /* what was meant cannot be made out */
	BH_GROUND_OTHER = 10,    /* as the text says */
	BH_GROUND_COUNT = 11,
};

enum bh_channel {
	BH_CHANNEL_NONE = 0,
	BH_CHANNEL_110 = 1,
	BH_CHANNEL_119 = 2,
	BH_CHANNEL_120 = 3,
	BH_CHANNEL_12345 = 4,
	BH_CHANNEL_COURT = 5,
	BH_CHANNEL_ARBITRATION = 6,
	BH_CHANNEL_POLICE = 7, /* the station of the place */
	BH_CHANNEL_OTHER = 8,  /* as the text says */
	BH_CHANNEL_COUNT = 9,
};

#define BH_RECEIPT_NUMBER_BYTES_MAX 64u

/* What an entry of REFUSE or REFER says; zero for any other. */
struct bh_ending {
	uint32_t ground;
	uint32_t channel;
	struct bh_span receipt; /* the other channel's number; empty where it was erased */
};

/* "not-ours", or NULL: there is no such one. */
const char *bh_ground_name(uint32_t ground);
const char *bh_channel_name(uint32_t channel);
/* "" for none. */
const char *bh_ground_words(uint32_t ground);
const char *bh_ground_words_zh(uint32_t ground);
const char *bh_channel_words(uint32_t channel);
const char *bh_channel_words_zh(uint32_t channel);
/* It is somebody else's: who asked is told whose. */
bool bh_ground_needs_channel(uint32_t ground);

/* Of an accepted entry; the receipt lies in the arena. */
struct bh_ending bh_ending_of(const struct bh_entry *entry, struct bh_arena *arena);
/* What the reporter reads, before the text: in Chinese, "" where the entry says neither. */
#define BH_ENDING_WORDS_SIZE 400u
void bh_ending_words_zh(const struct bh_ending *ending, char out[BH_ENDING_WORDS_SIZE]);
void bh_ending_words(const struct bh_ending *ending, char out[BH_ENDING_WORDS_SIZE]);

#endif
