/* A list that only grows, looked through from its end: what is asked for is mostly recent. */
#include "tests/sim/truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"

struct bh_simop *bh_simtruth_add(struct bh_simtruth *truth, const struct bh_simop *op)
{
	if (truth->count == truth->room) {
		truth->room = truth->room ? truth->room * 2 : 256;
		truth->ops = realloc(truth->ops, truth->room * sizeof(*truth->ops));
		bh_assert(truth->ops != NULL);
	}
	truth->ops[truth->count] = *op;
	return &truth->ops[truth->count++];
}

struct bh_simop *bh_simtruth_of_token(const struct bh_simtruth *truth, uint32_t token)
{
	for (size_t i = truth->count; token != 0 && i-- > 0;) {
		if (truth->ops[i].token == token)
			return &truth->ops[i];
	}
	return NULL;
}

struct bh_simop *bh_simtruth_of_link(const struct bh_simtruth *truth,
	const uint8_t log_id[BH_LOG_ID_BYTES], uint64_t seq, const uint8_t link[BH_HASH_BYTES])
{
	for (size_t i = truth->count; i-- > 0;) {
		struct bh_simop *op = &truth->ops[i];
		if (op->seq == seq && memcmp(op->log_id, log_id, BH_LOG_ID_BYTES) == 0 &&
			memcmp(op->link, link, BH_HASH_BYTES) == 0)
			return op;
	}
	return NULL;
}

void bh_simtruth_free(struct bh_simtruth *truth)
{
	free(truth->ops);
	*truth = (struct bh_simtruth){0};
}

void bh_simtruth_text(uint32_t token, uint64_t draw, char out[BH_SIMTRUTH_TEXT_BYTES])
{
	static const char *const what[] = {"rubbish by the gate", "cover broken, loud at night",
		"stalls on the footpath", "neighbours quarrel over a wall", "smell of gas"};
	static const char *const more[] = {"", ", since yesterday", ", third time",
		", children play there", ", please come soon"};

	snprintf(
		out, BH_SIMTRUTH_TEXT_BYTES, "r%u %s%s", token, what[draw % 5], more[draw / 5 % 5]);
}

uint32_t bh_simtruth_token(const void *text, size_t len)
{
	const char *at = text;
	uint32_t token = 0;

	if (len < 2 || at[0] != 'r')
		return 0;
	for (size_t i = 1; i < len && at[i] >= '0' && at[i] <= '9'; i++)
		token = token * 10 + (uint32_t)(at[i] - '0');
	return token;
}
