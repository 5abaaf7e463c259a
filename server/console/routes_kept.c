/* A case keeps the rules that it began with until another cycle begins, so that a profile keeps
 * what the oldest open case needs, and no more:
 *
 *   of 2 until 3   of 3 until 5   of 4 ...          oldest open case: of 3
 *   goes           stays          stays */
#include "proto/caseflow.h"
#include "proto/err.h"
#include "server/console/exchange.h"

#define PAGE 200u

static uint32_t open_states(void)
{
	uint32_t states = 0;
	for (unsigned state = BH_STATE_RECEIVED; state <= BH_STATE_REFERRED; state++)
		if (!bh_state_is_end((enum bh_state)state))
			states |= UINT32_C(1) << state;
	return states;
}

static bool any_gone(const struct bh_msg_profile *profile)
{
	for (size_t i = 0; i < profile->routes_count; i++)
		if (profile->routes[i].until != 0)
			return true;
	return false;
}

/* The version of the rules that the oldest of the open cases began with; as it was: there is none.
 */
static int oldest_find(struct bh_exchange *x, uint32_t *oldest)
{
	struct bh_case_query query = {.states = open_states()};
	struct bh_case *cases = bh_arena_array(&x->arena, PAGE, sizeof(*cases));
	size_t count = PAGE;
	int err = cases ? BH_NOERR : BH_ERR_NOMEM;
	while (!err && count == PAGE) {
		err = bh_reader_cases(x->district->reader, &query, cases, PAGE, &count);
		for (size_t i = 0; !err && i < count; i++)
			if (cases[i].rules < *oldest)
				*oldest = cases[i].rules;
		if (!err && count > 0)
			query.after_number = cases[count - 1].number;
	}
	return err;
}

int bh_routes_drop(
	struct bh_exchange *x, const struct bh_msg_profile *before, struct bh_msg_profile *after)
{
	uint32_t oldest = after->routes_version;
	if (after->routes_version == before->routes_version || !any_gone(after))
		return BH_NOERR;
	struct bh_msg_route *kept = bh_arena_array(
		&x->arena, after->routes_count + 1, sizeof(*kept));
	int err = kept ? oldest_find(x, &oldest) : BH_ERR_NOMEM;
	size_t count = 0;
	for (size_t i = 0; !err && i < after->routes_count; i++)
		if (after->routes[i].until == 0 || after->routes[i].until > oldest)
			kept[count++] = after->routes[i];
	if (!err) {
		after->routes = kept;
		after->routes_count = count;
	}
	return err;
}
