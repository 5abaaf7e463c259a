/* SipHash-2-4 (Aumasson, Bernstein: "SipHash: a fast short-input PRF", 2012) of eight bytes. */
#include "server/domain/sample.h"

struct state {
	uint64_t v0, v1, v2, v3;
};

static uint64_t rotated(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

static void rounds(struct state *s, unsigned count)
{
	while (count-- > 0) {
		s->v0 += s->v1;
		s->v1 = rotated(s->v1, 13) ^ s->v0;
		s->v0 = rotated(s->v0, 32);
		s->v2 += s->v3;
		s->v3 = rotated(s->v3, 16) ^ s->v2;
		s->v0 += s->v3;
		s->v3 = rotated(s->v3, 21) ^ s->v0;
		s->v2 += s->v1;
		s->v1 = rotated(s->v1, 17) ^ s->v2;
		s->v2 = rotated(s->v2, 32);
	}
}

static void word_take(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	rounds(s, 2);
	s->v0 ^= word;
}

static uint64_t word_read(const uint8_t *bytes)
{
	uint64_t word = 0;
	for (unsigned i = 8; i-- > 0;)
		word = word << 8 | bytes[i];
	return word;
}

uint64_t bh_sample_hash(const uint8_t secret[BH_SALT_BYTES], uint64_t number)
{
	uint64_t k0 = word_read(secret), k1 = word_read(secret + 8);
	struct state s = {k0 ^ UINT64_C(0x736f6d6570736575), k1 ^ UINT64_C(0x646f72616e646f6d),
		k0 ^ UINT64_C(0x6c7967656e657261), k1 ^ UINT64_C(0x7465646279746573)};
	word_take(&s, number);
	word_take(&s, UINT64_C(8) << 56); /* how many bytes there were */
	s.v2 ^= 0xff;
	rounds(&s, 4);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
