/* What becomes of a case after its answer: an archivist is quicker than the clock, the reporter is
 * asked how it is now and cannot be reached, or says that it is back; a supervisor lets it begin
 * anew.  Much is left to the clock. */
#include "server/store/store.h"
#include "tests/sim/desk_state.h"

#define ENDED_MAX 6u
#define CYCLES_MAX 6u
#define MERGED_CYCLES_MAX 3u /* each end of its main case is one more */
#define MAINS_MAX 8u
#define S(name) (1u << BH_STATE_##name)

static bool is_drawn(struct bh_simdesk *desk, uint32_t in_thousand)
{
	return bh_simrng_below(&desk->ends, 1000) < in_thousand;
}

static void order(struct bh_simdesk *desk, const struct bh_case *cased, enum bh_verb verb,
	uint32_t person, uint32_t answer)
{
	uint64_t base = is_drawn(desk, 850) ? cased->last : 0;

	bh_simdesk_order_answer(desk, verb, person, cased->number, answer, base);
}

static void go_on(struct bh_simdesk *desk, const struct bh_case *cased, enum bh_verb verb)
{
	uint32_t who = is_drawn(desk, 500) ? BH_DEMO_PERSON(SUPERVISOR) : cased->reporter;

	if (cased->cycle < CYCLES_MAX)
		order(desk, cased, verb, who, 0);
}

static void archived(struct bh_simdesk *desk, const struct bh_case *cased)
{
	uint32_t agent = BH_DEMO_PERSON(FOLLOWUP_AGENT);
	uint32_t answer = (uint32_t)bh_simrng_between(
		&desk->ends, BH_FOLLOW_NONE, BH_FOLLOW_RECURRED);

	if (is_drawn(desk, 60))
		order(desk, cased, BH_VERB_FOLLOW_UP, agent, answer);
	else if (is_drawn(desk, 60))
		order(desk, cased, BH_VERB_FOLLOW_TRY, agent, 0);
	else if (is_drawn(desk, 15) && cased->cycle < CYCLES_MAX)
		order(desk, cased, BH_VERB_RECUR, BH_DEMO_PERSON(SUPERVISOR), 0);
}

/* What was late: its unit says why, and two desks say what they think of it, or nothing. */
static bool appealed(struct bh_simdesk *desk, const struct bh_case *cased)
{
	uint32_t result = is_drawn(desk, 700) ? BH_TASK_YES : BH_TASK_NO;

	if (cased->late != 0 && cased->appeal == BH_APPEAL_NONE && is_drawn(desk, 300))
		bh_simdesk_order_letter(
			desk, BH_VERB_APPEAL, BH_DEMO_LEAD(cased->unit), cased->number, 0, 0);
	else if (cased->appeal == BH_APPEAL_FIRST && is_drawn(desk, 150))
		bh_simdesk_order_letter(desk, BH_VERB_REVIEW_APPEAL, BH_DEMO_PERSON(DISPATCHER),
			cased->number, result, 0);
	else if (cased->appeal == BH_APPEAL_SECOND && is_drawn(desk, 150))
		bh_simdesk_order_letter(desk, BH_VERB_REVIEW_APPEAL, BH_DEMO_PERSON(SUPERVISOR),
			cased->number, result, 0);
	else
		return false;
	return true;
}

static void ended(struct bh_simdesk *desk, const struct bh_case *cased)
{
	if (appealed(desk, cased))
		return;
	switch ((enum bh_state)cased->state) {
	case BH_STATE_CLOSED:
		if (is_drawn(desk, 100))
			go_on(desk, cased, BH_VERB_REOPEN);
		else if (is_drawn(desk, 60))
			order(desk, cased, BH_VERB_ARCHIVE, BH_SIMDESK_ARCHIVIST, 0);
		return;
	case BH_STATE_REJECTED:
		if (is_drawn(desk, 100))
			go_on(desk, cased, BH_VERB_RECONSIDER);
		return;
	case BH_STATE_ARCHIVED:
		archived(desk, cased);
		return;
	case BH_STATE_MERGED:
		if (is_drawn(desk, 20) && cased->cycle < CYCLES_MAX)
			order(desk, cased, BH_VERB_UNMERGE, BH_DEMO_PERSON(ACCEPTOR), 0);
		return;
	case BH_STATE_FOLLOWED:
		if (is_drawn(desk, 15) && cased->cycle < CYCLES_MAX)
			order(desk, cased, BH_VERB_RECUR, BH_DEMO_PERSON(SUPERVISOR), 0);
		return;
	default:
		return;
	}
}

void bh_simdesk_merge(struct bh_simdesk *desk, const struct bh_case *cased)
{
	struct bh_store_reader *reader = bh_simserver_reader(desk->run->server);
	struct bh_case mains[MAINS_MAX];
	struct bh_case_query query = {.states = S(RECEIVED) | S(FILED) | S(DISPATCHED) |
						S(HANDLING) | S(DONE) | S(CLOSED),
		.after_number = is_drawn(desk, 500) ? desk->ended_number : desk->seen_number};
	size_t count = 0;

	if (reader == NULL || cased->cycle >= MERGED_CYCLES_MAX ||
		bh_reader_cases(reader, &query, mains, MAINS_MAX, &count) != 0 || count == 0)
		return;
	const struct bh_case *main = &mains[bh_simrng_below(&desk->ends, count)];
	bh_simdesk_order_merge(
		desk, cased->number, main->number, is_drawn(desk, 850) ? cased->last : 0);
}

void bh_simdesk_ended(struct bh_simdesk *desk)
{
	struct bh_store_reader *reader = bh_simserver_reader(desk->run->server);
	struct bh_case cases[ENDED_MAX];
	struct bh_case_query query = {
		.states = S(CLOSED) | S(REJECTED) | S(ARCHIVED) | S(FOLLOWED) | S(MERGED),
		.after_number = desk->ended_number};
	size_t count = 0;

	if (desk->diligent || reader == NULL || !is_drawn(desk, 250))
		return;
	if (bh_reader_cases(reader, &query, cases, ENDED_MAX, &count) != 0) {
		desk->ended_number = 0; /* where it went on is gone, or nothing can be read now */
		return;
	}
	desk->ended_number = count == ENDED_MAX ? cases[count - 1].number : 0;
	for (size_t i = 0; i < count; i++)
		if (!bh_simdesk_task(desk, &cases[i]))
			ended(desk, &cases[i]);
}
