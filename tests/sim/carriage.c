/* Somebody's handset carries what another wrote.
 *
 *   WRITTEN ──▶ (a while) ──▶ CARRIED: its sessions bring it ──▶ ANSWERED ──▶ (a while) ──▶ OVER
 *                                      └─ refused, or lost with its handset's memory ─────────┘
 *
 * Each may be off, killed, full, restored, copied or cut off at any moment; who wrote it goes on
 * meanwhile, by sessions, sticks and other carriers. */
#include "tests/sim/carriage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "tests/sim/phone.h"
#include "tests/sim/run.h"

#define WAY_MS_MIN BH_SIM_MINUTE
#define WAY_MS_MAX (3 * BH_SIM_HOUR)
#define LOOK_MS_MIN (10 * BH_SIM_MINUTE)
#define LOOK_MS_MAX (4 * BH_SIM_HOUR)
#define AGAIN_MS (7 * BH_SIM_MINUTE)
#define TRIES_MAX 60u
#define POWER_PPM 250000u /* ... falls out of a handset right after it was given one */
#define OFF_MS_MAX (20 * BH_SIM_MINUTE)
#define FILE_BYTES_MAX (64u << 20)

static void walk(struct bh_simrun *run, const struct bh_simcarriage *carriage, int64_t ms)
{
	bh_simrun_after(run, ms, BH_SIMKIND_CARRIAGE, carriage->written.phone, 0,
		(uint64_t)(carriage - run->carriages.all));
}

static int64_t while_ms(struct bh_simrun *run, int64_t least_ms, int64_t most_ms)
{
	return run->healing ? AGAIN_MS : bh_simrng_tail(&run->carriages.rng, least_ms, most_ms);
}

static void end(struct bh_simcarriage *carriage)
{
	bh_buf_free(&carriage->file);
	bh_buf_free(&carriage->answer);
	carriage->state = BH_SIMCARRIAGE_OVER;
}

void bh_simcarriages_free(struct bh_simcarriages *carriages)
{
	for (size_t i = 0; i < carriages->count; i++)
		end(&carriages->all[i]);
	free(carriages->all);
}

struct bh_simcarriage *bh_simcarriage_find(struct bh_simrun *run, const uint8_t name[BH_HASH_BYTES])
{
	for (size_t i = run->carriages.count; i-- > 0;) {
		struct bh_simcarriage *carriage = &run->carriages.all[i];
		/* Who died in taking it may have it; nothing is called as what was never given. */
		if (memcmp(carriage->name, name, BH_HASH_BYTES) == 0)
			return carriage;
	}
	return NULL;
}

static struct bh_simcarriage *carriage_add(struct bh_simcarriages *carriages)
{
	if (carriages->count == carriages->room) {
		carriages->room = carriages->room ? 2 * carriages->room : 16;
		carriages->all = realloc(carriages->all, carriages->room * sizeof(*carriages->all));
		bh_assert(carriages->all != NULL);
	}
	struct bh_simcarriage *carriage = &carriages->all[carriages->count++];
	*carriage = (struct bh_simcarriage){
		.file = BH_BUF(FILE_BYTES_MAX), .answer = BH_BUF(FILE_BYTES_MAX)};
	return carriage;
}

void bh_simcarriage_begin(struct bh_simrun *run, uint32_t phone)
{
	struct bh_simcarriage *carriage = carriage_add(&run->carriages);
	struct bh_simrng *rng = &run->carriages.rng;

	if (!bh_simphone_export(run->phones[phone], &carriage->file, &carriage->written)) {
		end(carriage);
		run->carriages.count--;
		return;
	}
	carriage->carrier = (uint32_t)bh_simrng_below(rng, run->phones_count - 1);
	carriage->carrier += carriage->carrier >= phone;
	if (!bh_simphone_is_opaque(carriage->file.data, carriage->file.len))
		bh_simrun_fail(run, "sealed", "a bundle of handset %u shows what is in it", phone);
	run->tally.cargo++;
	walk(run, carriage, while_ms(run, WAY_MS_MIN, WAY_MS_MAX));
}

/* ---- Into the carrier's handset, and out of it ---- */

/* Whose it is, and now and then the battery falls out of it. */
static bool load(struct bh_simrun *run, struct bh_simcarriage *carriage)
{
	struct bh_simphone *carrier = run->phones[carriage->carrier];
	struct bh_simrng *rng = &run->carriages.rng;

	if (!bh_simphone_load(carrier, &carriage->file, carriage->name))
		return false;
	carriage->state = BH_SIMCARRIAGE_CARRIED;
	carriage->loaded_at_ms = bh_simrun_now(run);
	bh_buf_free(&carriage->file);
	run->tally.cargo_loaded++;
	bh_simtrace_say(&run->trace, bh_simrun_now(run), "handset %u: carries for handset %u",
		carriage->carrier, carriage->written.phone);
	if (!run->healing && bh_simrng_chance(rng, POWER_PPM))
		bh_simphone_down(carrier, true, bh_simrng_tail(rng, BH_SIM_SECOND, OFF_MS_MAX));
	return true;
}

/* It says what the server said, and nothing else takes it from its carrier but its own memory. */
static void refusal_judge(
	struct bh_simrun *run, const struct bh_simcarriage *carriage, const char *why)
{
	/* Lost there again and again by the server's power: its writer has everything still. */
	bool torn = carriage->torn > 1 && strcmp(why, "damaged") == 0;

	if (!torn && (carriage->refused == NULL || strcmp(carriage->refused, why) != 0))
		bh_simrun_fail(run, "I3",
			"what handset %u carries for handset %u is refused: %s; the server says %s",
			carriage->carrier, carriage->written.phone, why,
			carriage->refused == NULL ? "nothing" : carriage->refused);
	run->tally.cargo_refused++;
}

static void loss_judge(struct bh_simrun *run, const struct bh_simcarriage *carriage)
{
	if (!bh_simphone_may_lose_cargo(run->phones[carriage->carrier], carriage->loaded_at_ms))
		bh_simrun_fail(run, "I3", "handset %u has lost what it carries for handset %u",
			carriage->carrier, carriage->written.phone);
	run->tally.cargo_lost++;
}

static void unload(struct bh_simrun *run, struct bh_simcarriage *carriage)
{
	struct bh_simphone *carrier = run->phones[carriage->carrier];
	char why[BH_CARGO_REASON_BYTES_MAX + 1];

	switch (bh_simphone_unload(carrier, carriage->name, &carriage->answer, why)) {
	case BH_SIMCARGO_WAITS:
		walk(run, carriage, while_ms(run, LOOK_MS_MIN, LOOK_MS_MAX));
		return;
	case BH_SIMCARGO_REFUSED:
		refusal_judge(run, carriage, why);
		end(carriage);
		return;
	case BH_SIMCARGO_GONE:
		loss_judge(run, carriage);
		end(carriage);
		return;
	case BH_SIMCARGO_ANSWERED:
		break;
	}
	if (carriage->refused == NULL || carriage->answer.len == 0)
		bh_simrun_fail(run, "I11", "handset %u has an answer that the server did not give",
			carriage->carrier);
	if (!run->phones[carriage->written.phone] ||
		bh_simphone_device(carrier) != carriage->written.device)
		bh_simphone_learns_nothing(carrier, &carriage->answer);
	carriage->state = BH_SIMCARRIAGE_ANSWERED;
	carriage->tries = 0;
	walk(run, carriage, while_ms(run, WAY_MS_MIN, WAY_MS_MAX));
}

static bool give_back(struct bh_simrun *run, struct bh_simcarriage *carriage)
{
	struct bh_simphone *writer = run->phones[carriage->written.phone];

	if (!bh_simphone_answer(writer, &carriage->answer, &carriage->written))
		return false;
	run->tally.cargo_answers++;
	end(carriage);
	return true;
}

void bh_simcarriage_event(struct bh_simrun *run, const struct bh_simevent *event)
{
	struct bh_simcarriage *carriage = &run->carriages.all[event->c];
	bool done = true;

	if (carriage->state == BH_SIMCARRIAGE_CARRIED) {
		unload(run, carriage);
		return;
	}
	if (++carriage->tries > TRIES_MAX) {
		end(carriage);
		return;
	}
	if (carriage->state == BH_SIMCARRIAGE_WRITTEN) {
		done = load(run, carriage);
		if (done)
			walk(run, carriage, while_ms(run, LOOK_MS_MIN, LOOK_MS_MAX));
	} else if (carriage->state == BH_SIMCARRIAGE_ANSWERED) {
		done = give_back(run, carriage);
	}
	if (!done)
		walk(run, carriage, AGAIN_MS);
}

bool bh_simcarriages_are_over(struct bh_simrun *run, char *why, size_t size)
{
	for (size_t i = 0; i < run->carriages.count; i++) {
		const struct bh_simcarriage *carriage = &run->carriages.all[i];
		uint32_t who = carriage->state == BH_SIMCARRIAGE_ANSWERED ? carriage->written.phone
									  : carriage->carrier;
		if (carriage->state == BH_SIMCARRIAGE_OVER ||
			bh_simphone_is_doomed(run->phones[who]))
			continue;
		snprintf(why, size, "what handset %u wrote is still with handset %u",
			carriage->written.phone, carriage->carrier);
		return false;
	}
	return true;
}
