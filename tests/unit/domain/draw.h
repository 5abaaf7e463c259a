/* What is drawn at random for tests that decide: the same of the same seed, for ever. */
#ifndef BH_TEST_DRAW_H
#define BH_TEST_DRAW_H

#include "tests/unit/domain/docket.h"

static inline uint32_t draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((*seed >> 33) % below);
}

#define PICK(seed, list) ((list)[draw(seed, sizeof(list) / sizeof((list)[0]))])

/* What a dispute comes to, instead of *verb by *person; and what such a command says. */
void bh_draw_dispute(
	const struct bh_docket *docket, uint64_t *seed, enum bh_verb *verb, uint32_t *person);
void bh_draw_papers(const struct bh_docket *docket, uint64_t *seed, struct bh_command *command);

/* Now and then what no other draw gives; what it then says; a row that need not have been taken. */
enum bh_verb bh_draw_seldom(
	const struct bh_docket *docket, uint64_t *seed, enum bh_verb otherwise, uint32_t *person);
void bh_draw_reassign(const struct bh_docket *docket, uint64_t *seed, struct bh_command *command);
bool bh_draw_is_seldom(const struct bh_move *move);

#endif
