/* Days with two spells of work and idle hours between them.  In a spell handsets report, sign,
 * finish and open answers, the desk works, and faults strike; the network is bad all the time.
 *
 *   enrol ──▶ spell, idle, spell, idle ... until enough was recorded and every kind of fault took
 *   effect ──▶ heal ──▶ everything converges ──▶ the judge's last word */
#include "tests/sim/campaign.h"

#include <stdlib.h>

#include "proto/err.h"
#include "tests/sim/desk.h"
#include "tests/sim/fault.h"
#include "tests/sim/judge.h"
#include "tests/sim/phone.h"
#include "tests/sim/server.h"
#include "tests/unit/domain/demo_rules.h"

#define SPELL_MS (75 * BH_SIM_MINUTE)
#define NIGHT_MS (15 * BH_SIM_HOUR)
#define HOLIDAY_MS (10 * BH_SIM_DAY)
#define SPELLS_MIN 10u
#define SPELLS_MAX 90u
#define ACT_MS_MIN (30 * BH_SIM_SECOND)
#define ACT_MS_MAX (11 * BH_SIM_MINUTE)
#define CONVERGE_MS (20 * BH_SIM_DAY)
#define LOOK_MS (10 * BH_SIM_MINUTE)
#define DOOMED 3u
#define LIVE_TRIES 120 /* a handset is lost while it is in session, if that can be had */
#define FIELD_PPM 120000u
#define STICK_PPM 20000u /* of what is done with a handset */
#define CARRIAGE_PPM 60000u
#define YEARS_MS (4 * 365 * BH_SIM_DAY)

struct state {
	const struct bh_simcampaign *plan;
	bool working;
	uint64_t spell;
	uint32_t lost;
};

/* ---- Who is there ---- */

static const uint32_t workers[] = {BH_DEMO_WORKER(1111), BH_DEMO_WORKER(1211),
	BH_DEMO_PERSON(REPORTER), BH_DEMO_WORKER(1112), BH_DEMO_WORKER(1121), BH_DEMO_WORKER(1122),
	BH_DEMO_WORKER(1212), BH_DEMO_WORKER(1221), BH_DEMO_WORKER(1222)};
static const uint32_t handlers[] = {BH_DEMO_HANDLER(BH_DEMO_CLEAN_A),
	BH_DEMO_HANDLER(BH_DEMO_WORKS), BH_DEMO_HANDLER(BH_DEMO_POLICE_A),
	BH_DEMO_HANDLER(BH_DEMO_MEDIATION_A)};

static void phone_add(struct bh_simrun *run, uint32_t person, bool handler)
{
	struct bh_simrng *rng = &run->rng;
	struct bh_simphone_options options = {.person = person,
		.handler = handler,
		.colleague = person == BH_DEMO_PERSON(REPORTER) ? BH_SIMDESK_COLLEAGUE : 0,
		.keen = true,
		.key_outside = run->phones_count % 3 == 1,
		.stay = bh_simrng_chance(rng, 250000),
		.drift_ppm = (uint32_t)bh_simrng_below(rng, 100)};
	struct bh_simnet_profile rough = bh_simnet_profile_rough();

	if (bh_simrng_chance(rng, 400000))
		options.skew_ms = bh_simrng_between(rng, -YEARS_MS, YEARS_MS);
	bh_simnet_host_profile(run->net, run->phones_count + 1, &rough);
	uint32_t index = bh_simphone_index(bh_simphone_make(run, &options));
	bh_simdesk_admit(run->desk, index);
	bh_simrun_after(run, bh_simrng_between(rng, ACT_MS_MIN, ACT_MS_MAX), BH_SIMKIND_PHONE_ACT,
		index, 0, 0);
}

static void handlers_name(struct bh_simrun *run)
{
	static const uint32_t units[] = {BH_DEMO_DESK_COUNTY, BH_DEMO_DESK_A, BH_DEMO_DESK_B,
		BH_DEMO_DESK_VILLAGE, BH_DEMO_CLEAN_COUNTY, BH_DEMO_CLEAN_A, BH_DEMO_GAS,
		BH_DEMO_POLICE_A, BH_DEMO_POLICE_B, BH_DEMO_MEDIATION_A, BH_DEMO_MEDIATION_B,
		BH_DEMO_WORKS};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		bh_simdesk_has_handler(run->desk, units[i], false);
	for (uint32_t i = 0; i < run->phones_count; i++) {
		uint32_t unit = bh_simdesk_unit_of(run->desk, bh_simphone_person(run->phones[i]));
		if (unit != 0 && !bh_simphone_is_doomed(run->phones[i]))
			bh_simdesk_has_handler(run->desk, unit, true);
	}
}

static void populate(struct bh_simrun *run, const struct bh_simcampaign *plan)
{
	uint32_t count = plan->handsets + 2 * DOOMED;

	for (uint32_t i = 0; i < count; i++) {
		bool handler = i % 2 == 1 && i < plan->handsets;
		phone_add(run, handler ? handlers[i / 2 % 4] : workers[i % 9], handler);
	}
	handlers_name(run);
}

/* ---- What they do ---- */

/* Not those who will be cloned: whose the other key is would be a matter of chance. */
static void sync_or_rotate(struct bh_simrun *run, struct bh_simphone *phone)
{
	const struct state *state = run->campaign;

	if (bh_simphone_index(phone) < state->plan->handsets)
		bh_simphone_rotate(phone);
	bh_simphone_sync(phone);
}

static void act(struct bh_simrun *run, struct bh_simphone *phone)
{
	uint64_t draw = bh_simrng_below(&run->rng, 100);
	bool reports = !run->healing && !bh_simphone_is_doomed(phone);

	if (reports && bh_simrng_chance(&run->hand, STICK_PPM))
		bh_simstick_take(run, bh_simphone_index(phone));
	if (reports && bh_simrng_chance(&run->carriages.rng, CARRIAGE_PPM))
		bh_simcarriage_begin(run, bh_simphone_index(phone));
	if (reports && bh_simrng_chance(&run->field, FIELD_PPM))
		bh_simphone_field_work(phone);
	if (reports)
		bh_simphone_hand_over(phone);
	if (draw < 8)
		bh_simphone_reach(phone, draw % 2 == 0);
	else if (draw < 11)
		bh_simphone_hint(phone);
	else if (run->healing && draw < 60)
		bh_simphone_sync(phone);
	else if (draw < 25)
		sync_or_rotate(run, phone);
	else if (draw < 28)
		(void)bh_simphone_look(phone);
	else if (draw < 30)
		bh_simphone_make_room(phone);
	else if (draw < 38)
		(void)bh_simphone_open_closure(phone);
	else if (reports && draw < 63)
		(void)bh_simphone_report(phone, 0, 0);
	else
		(void)bh_simphone_serve(phone);
}

static void phone_act(struct bh_simrun *run, const struct bh_simevent *event)
{
	struct state *state = run->campaign;
	int64_t after_ms = bh_simrng_between(&run->rng, ACT_MS_MIN, ACT_MS_MAX);

	if (state->working)
		act(run, run->phones[event->a]);
	else
		after_ms += 20 * BH_SIM_MINUTE;
	bh_simrun_after(run, after_ms, BH_SIMKIND_PHONE_ACT, event->a, 0, 0);
}

void bh_simcampaign_event(struct bh_simrun *run, const struct bh_simevent *event)
{
	if (event->kind == BH_SIMKIND_PHONE_ACT)
		phone_act(run, event);
	else if (event->kind == BH_SIMKIND_HEAL)
		bh_simfault_undo(run, event);
	else if (event->kind == BH_SIMKIND_FAULT && !run->healing &&
		 !bh_simfault_do(run, (enum bh_simfault)event->a))
		bh_simrun_after(run, BH_SIM_MINUTE, BH_SIMKIND_FAULT, event->a, 0, 0);
}

/* ---- Faults of a spell ---- */

/* How many of each in two spells. */
static const uint8_t often[BH_SIMFAULT_COUNT] = {
	[BH_SIMFAULT_PHONE_KILL] = 1,
	[BH_SIMFAULT_PHONE_POWER] = 3,
	[BH_SIMFAULT_PHONE_STOP] = 20,
	[BH_SIMFAULT_PHONE_DISK] = 16,
	[BH_SIMFAULT_PHONE_FULL] = 10,
	[BH_SIMFAULT_PHONE_CLOCK] = 1,
	[BH_SIMFAULT_PHONE_YEARS] = 1,
	[BH_SIMFAULT_PHONE_BACKUP] = 2,
	[BH_SIMFAULT_PHONE_RESTORE] = 1,
	[BH_SIMFAULT_SERVER_KILL] = 1,
	[BH_SIMFAULT_SERVER_POWER] = 1,
	[BH_SIMFAULT_SERVER_STOP] = 8,
	[BH_SIMFAULT_SERVER_DISK] = 10,
	[BH_SIMFAULT_SERVER_FULL] = 10,
	[BH_SIMFAULT_SERVER_CLOCK] = 1,
	[BH_SIMFAULT_SERVER_YEARS] = 1,
	[BH_SIMFAULT_SERVER_LONG] = 1,
	[BH_SIMFAULT_SERVER_SLOW] = 6,
	[BH_SIMFAULT_SERVER_BACKUP] = 2,
	[BH_SIMFAULT_SERVER_BACK] = 1,
	[BH_SIMFAULT_PARTITION] = 10,
	[BH_SIMFAULT_PROFILE] = 1,
};

static void faults_plan(struct bh_simrun *run)
{
	for (uint32_t fault = 0; fault < BH_SIMFAULT_COUNT; fault++) {
		for (uint8_t i = 0; i < often[fault]; i++) {
			if (bh_simrng_chance(&run->rng, 500000))
				bh_simrun_after(run, bh_simrng_between(&run->rng, 0, SPELL_MS),
					BH_SIMKIND_FAULT, fault, 0, 0);
		}
	}
}

/* The doomed: first as many are cloned, then as many are revoked, one a spell. */
static void doom(struct bh_simrun *run, struct state *state)
{
	uint32_t first = state->plan->handsets;

	if (state->spell >= 2 && state->spell < 2 + DOOMED) {
		struct bh_simphone *phone = run->phones[first + state->spell - 2];
		uint32_t clone = bh_simphone_index(bh_simphone_clone(phone));
		struct bh_simnet_profile rough = bh_simnet_profile_rough();
		bh_simnet_host_profile(run->net, clone + 1, &rough);
		bh_simrun_after(run, ACT_MS_MIN, BH_SIMKIND_PHONE_ACT, clone, 0, 0);
	}
}

/* The revocation waits for its commit together with what the handset pushes meanwhile. */
static void revoke_among_pushes(struct bh_simrun *run, struct bh_simphone *phone, uint32_t device)
{
	bh_simserver_slow(run->server, 2 * BH_SIM_SECOND);
	bh_simdesk_revoke(run->desk, device);
	bh_simdesk_stir(run->desk, bh_simphone_person(phone));
	bh_simrun_until(run, bh_simrun_now(run) + 5 * BH_SIM_SECOND);
	bh_simserver_slow(run->server, 0);
}

/* A Delta is on its way to the handset, and more is waiting behind it, when the revocation is
 * committed; its Applied comes back before the sessions hear of that: the rest may not follow. */
static void revoke_while_told(struct bh_simrun *run, struct bh_simphone *phone, uint32_t device)
{
	bh_simdesk_stir(run->desk, bh_simphone_person(phone));
	bh_simrun_until(run, bh_simrun_now(run) + bh_simrng_between(&run->rng, 5, 60));
	bh_simdesk_stir(run->desk, bh_simphone_person(phone));
	bh_simrun_until(run, bh_simrun_now(run) + bh_simrng_between(&run->rng, 5, 60));
	bh_simserver_hand_over_slowly(run->server, 3 * BH_SIM_SECOND);
	bh_simdesk_revoke(run->desk, device);
	bh_simrun_until(run, bh_simrun_now(run) + 6 * BH_SIM_SECOND);
	bh_simserver_hand_over_slowly(run->server, 0);
}

static void revoke(struct bh_simrun *run, struct state *state)
{
	uint32_t first = state->plan->handsets + DOOMED;

	if (state->spell < 3 || state->lost >= DOOMED)
		return;
	struct bh_simphone *phone = run->phones[first + state->lost];
	for (int i = 0;
		i < LIVE_TRIES && !(bh_simphone_is_live(phone) && bh_simserver_is_up(run->server));
		i++) {
		bh_simphone_sync(phone);
		bh_simrun_until(run, bh_simrun_now(run) + 5 * BH_SIM_SECOND);
	}
	uint32_t device = bh_simphone_device(phone);
	if (device == 0) /* off just now, or not enrolled yet: in the next spell */
		return;
	state->lost++;
	bh_simphone_doom(phone);
	run->tally.revoked_live += bh_simphone_is_live(phone);
	bh_simtrace_say(
		&run->trace, bh_simrun_now(run), "handset %u: is lost", bh_simphone_index(phone));
	(void)bh_simphone_report(phone, 0, 0);
	if (state->lost % 2 == 0)
		revoke_among_pushes(run, phone, device);
	else
		revoke_while_told(run, phone, device);
}

/* ---- The two phases ---- */

static bool is_enough(struct bh_simrun *run, const struct bh_simcampaign *plan)
{
	struct bh_simtally tally;

	bh_simrun_count(run, &tally);
	if (tally.ops < plan->ops)
		return false;
	for (size_t i = 0; i < bh_simtally_kinds(); i++) {
		uint64_t count;
		(void)bh_simtally_kind(&tally, i, &count);
		if (count < plan->kinds_min)
			return false;
	}
	return true;
}

/* Between spells the handsets lie in pockets and nobody is at the desk; the clock goes on. */
static void work(struct bh_simrun *run, struct state *state, bool works)
{
	state->working = works;
	bh_simdesk_opens(run->desk, works);
	for (uint32_t i = 0; i < run->phones_count; i++)
		bh_simphone_pocket(run->phones[i], !works);
}

static void spell(struct bh_simrun *run, struct state *state)
{
	int64_t begin_ms = bh_simrun_now(run);

	work(run, state, true);
	faults_plan(run);
	doom(run, state);
	bh_simrun_until(run, begin_ms + SPELL_MS / 2);
	revoke(run, state);
	handlers_name(run);
	bh_simrun_until(run, begin_ms + SPELL_MS);
	work(run, state, false);
	bh_simjudge_checkpoint(run->judge);
	bh_simrun_until(run, bh_simrun_now(run) + (state->spell % 2 ? HOLIDAY_MS : NIGHT_MS));
	state->spell++;
}

static void converge(struct bh_simrun *run, struct state *state)
{
	char why[200] = "somebody decides";
	int64_t begin_ms = bh_simrun_now(run);
	bool reviewed = false;

	bh_simtrace_say(&run->trace, begin_ms, "everything heals");
	bh_simfault_heal(run);
	handlers_name(run);
	bh_simdesk_diligent(run->desk, true);
	work(run, state, true);
	for (;;) {
		bh_simrun_until(run, bh_simrun_now(run) + LOOK_MS);
		if (bh_simserver_clock_is_doubted(run->server) &&
			bh_simdesk_pending(run->desk) == 0)
			bh_simdesk_confirm_clock(run->desk);
		bool before = reviewed;
		reviewed = reviewed || bh_simdesk_review_all(run->desk);
		if (before && bh_simdesk_pending(run->desk) == 0 &&
			bh_simjudge_has_converged(run->judge, why, sizeof(why)))
			return;
		if (bh_simrun_now(run) - begin_ms > CONVERGE_MS)
			bh_simrun_fail(run, "I9", "nothing fails any more, and still: %s", why);
	}
}

void bh_simcampaign_run(struct bh_simrun *run, const struct bh_simcampaign *plan)
{
	struct state state = {.plan = plan};

	run->campaign = &state;
	bh_simrun_until(run, BH_SIM_MINUTE); /* the profile is there */
	populate(run, plan);
	state.working = true;
	bh_simrun_until(run, 10 * BH_SIM_MINUTE);
	while (state.spell < SPELLS_MIN || (state.spell < SPELLS_MAX && !is_enough(run, plan)))
		spell(run, &state);
	converge(run, &state);
	bh_simjudge_end(run->judge);
	run->campaign = NULL;
}
