/* Field work with a simulated handset: service entries, and rounds that are begun, gone on with and
 * ended, whatever happens to it in between. */
#include <string.h>

#include "client-lib/local_round.h"
#include "proto/caseflow.h"
#include "proto/err.h"
#include "tests/sim/phone_state.h"

#define ROUND_PPM 450000u
#define FINISH_PPM 350000u
#define PLANS 2u
#define CHECKPOINTS 12u

/* A grid of its user's, 0: none. */
static uint32_t own_grid(struct bh_simphone *phone)
{
	struct bh_msg_district district;
	uint32_t grid = 0;

	if (bh_local_district_read(phone->local, &phone->arena, &district) != 0)
		return 0;
	for (size_t i = 0; i < district.posts_count && grid == 0; i++)
		if (district.posts[i].role == BH_ROLE_GRID_WORKER)
			grid = district.posts[i].area;
	return grid;
}

static void record(struct bh_simphone *phone, const struct bh_msg_op_header *header)
{
	const struct bh_msg_op_content content = {.text = bh_span("in the grid", 11)};
	struct bh_simdraft draft = {.count = 0};

	if (bh_simphone_record(phone, header, &content, 0, &draft))
		bh_simtrace_say(&phone->run->trace, bh_simrun_now(phone->run),
			"handset %u: records %s", phone->index,
			bh_verb_name((enum bh_verb)header->verb));
}

static void entry(struct bh_simphone *phone, uint32_t grid)
{
	struct bh_simrng *rng = &phone->run->field;
	const struct bh_msg_op_header header = {.verb = BH_VERB_SERVICE,
		.type = (uint32_t)bh_simrng_between(rng, 1, BH_SERVICE_COUNT - 1),
		.area = bh_simrng_chance(rng, 500000) ? grid : 0};

	record(phone, &header);
}

static void go_round(struct bh_simphone *phone, uint32_t grid)
{
	struct bh_simrng *rng = &phone->run->field;
	uint32_t plan = (uint32_t)bh_simrng_between(rng, 1, PLANS);
	uint64_t bit = UINT64_C(1) << bh_simrng_below(rng, CHECKPOINTS);
	bool ends = bh_simrng_chance(rng, FINISH_PPM);
	struct bh_round round = {.started_ms = 0};
	int rc = bh_local_round_get(phone->local, plan, &round);

	if (rc == 0 && ends) {
		const struct bh_msg_op_header header = {.verb = BH_VERB_PATROL,
			.area = grid,
			.round = {plan, round.done, round.skipped, 1}};
		record(phone, &header);
		return;
	}
	if (rc != 0 && rc != BH_ERR_NOT_FOUND)
		return;
	round.started_ms = round.started_ms ? round.started_ms : bh_simphone_now(phone).wall_ms;
	round.skipped &= ~bit;
	round.done |= bit;
	(void)bh_local_round_put(phone->local, plan, &round);
}

void bh_simphone_field_work(struct bh_simphone *phone)
{
	uint32_t grid = phone->up ? own_grid(phone) : 0;

	bh_arena_reset(&phone->arena);
	if (grid != 0 && bh_simrng_chance(&phone->run->field, ROUND_PPM))
		go_round(phone, grid);
	else if (grid != 0)
		entry(phone, grid);
	if (phone->up)
		bh_simphone_recorded(phone);
}
