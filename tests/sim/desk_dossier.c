/* Dossiers: a paper is added to one under way or closed, or withdrawn (desk_paper.c), an archivist
 * seals what has ended, once more when there is more, lends what is archived and takes it back. */
#include "server/domain/dossier.h"

#include "server/store/store.h"
#include "tests/sim/desk_state.h"

#define DOSSIERS_MAX 6u
#define S(name) (1u << BH_STATE_##name)

static bool is_drawn(struct bh_simdesk *desk, uint32_t in_thousand)
{
	return bh_simrng_below(&desk->dossiers, 1000) < in_thousand;
}

static void paper(struct bh_simdesk *desk, const struct bh_case *cased)
{
	uint32_t who = cased->unit != 0 && is_drawn(desk, 500) ? BH_DEMO_LEAD(cased->unit)
							       : BH_DEMO_PERSON(ACCEPTOR);

	bh_simdesk_order_letter(desk, BH_VERB_PAPER, who, cased->number, BH_PAPER_OTHER, 0);
}

static void lend(struct bh_simdesk *desk, const struct bh_case *cased)
{
	int64_t until_ms = bh_simserver_district_ms(desk->run->server) +
			   bh_simrng_between(&desk->dossiers, BH_SIM_DAY, 20 * BH_SIM_DAY);

	bh_simdesk_order_until(
		desk, BH_VERB_LEND, BH_SIMDESK_ARCHIVIST, cased->number, until_ms, 0);
}

static void act(struct bh_simdesk *desk, const struct bh_case *cased)
{
	bool archived = cased->state == BH_STATE_ARCHIVED || cased->state == BH_STATE_FOLLOWED;
	bool ended = archived || cased->state == BH_STATE_CLOSED;

	if (!archived && is_drawn(desk, 80))
		paper(desk, cased);
	else if (is_drawn(desk, 60))
		bh_simdesk_paper_file(desk, cased);
	else if (is_drawn(desk, 60))
		bh_simdesk_paper_withdraw(desk, cased);
	else if (ended && is_drawn(desk, 120))
		bh_simdesk_order_letter(
			desk, BH_VERB_SEAL, BH_SIMDESK_ARCHIVIST, cased->number, 0, 0);
	else if (archived && is_drawn(desk, 250))
		lend(desk, cased);
	else if (archived && is_drawn(desk, 500))
		bh_simdesk_order_letter(
			desk, BH_VERB_GIVE_BACK, BH_SIMDESK_ARCHIVIST, cased->number, 0, 0);
}

void bh_simdesk_dossiers(struct bh_simdesk *desk)
{
	struct bh_store_reader *reader = bh_simserver_reader(desk->run->server);
	struct bh_case cases[DOSSIERS_MAX];
	struct bh_case_query query = {.states = S(HANDLING) | S(CLOSED) | S(ARCHIVED) | S(FOLLOWED),
		.after_number = desk->dossier_number};
	size_t count = 0;

	if (desk->diligent || reader == NULL || !is_drawn(desk, 350))
		return;
	if (bh_reader_cases(reader, &query, cases, DOSSIERS_MAX, &count) != 0) {
		desk->dossier_number = 0; /* where it went on is gone, or nothing can be read now */
		return;
	}
	desk->dossier_number = count == DOSSIERS_MAX ? cases[count - 1].number : 0;
	for (size_t i = 0; i < count; i++)
		act(desk, &cases[i]);
}
