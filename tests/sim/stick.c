/* Somebody carries a stick.
 *
 *   written ──▶ (minutes, or hours) ──▶ at the server ──▶ answered ──▶ (a while) ──▶ at its handset
 *                                        └─ now and then it is brought once more
 *
 * Whoever meets nobody, or a machine that is off, comes again; what is lost with its handset's
 * memory is not carried any further. */
#include "tests/sim/stick.h"

#include "tests/sim/phone.h"
#include "tests/sim/server.h"

#define WAY_MS_MIN (2 * BH_SIM_MINUTE)
#define WAY_MS_MAX (6 * BH_SIM_HOUR)
#define AGAIN_MS (7 * BH_SIM_MINUTE)
#define TRIES_MAX 60u
#define TWICE_PPM 300000u
#define FILE_BYTES_MAX (64u << 20)

static void walk(struct bh_simrun *run, uint32_t phone, uint32_t back, int64_t ms)
{
	bh_simrun_after(run, ms, BH_SIMKIND_STICK, phone, back, run->sticks[phone].trip);
}

void bh_simstick_lose(struct bh_simstick *stick)
{
	bh_buf_free(&stick->file);
	bh_buf_free(&stick->answer);
	stick->trip++;
	stick->tries = 0;
}

void bh_simstick_take(struct bh_simrun *run, uint32_t phone)
{
	struct bh_simstick *stick = &run->sticks[phone];

	if (stick->file.len > 0 || bh_simphone_is_doomed(run->phones[phone]))
		return;
	stick->file = BH_BUF(FILE_BYTES_MAX);
	if (!bh_simphone_export(run->phones[phone], &stick->file, &stick->written)) {
		bh_simstick_lose(stick);
		return;
	}
	run->tally.bundles++;
	walk(run, phone, 0, bh_simrng_tail(&run->hand, WAY_MS_MIN, WAY_MS_MAX));
}

/* False: not now. */
static bool hand_over(struct bh_simrun *run, uint32_t phone, bool back)
{
	struct bh_simstick *stick = &run->sticks[phone];

	if (back)
		return bh_simphone_answer(run->phones[phone], &stick->answer, &stick->written);
	bh_buf_free(&stick->answer);
	stick->answer = BH_BUF(FILE_BYTES_MAX);
	return bh_simserver_bring(
		run->server, &stick->written, 0, &stick->file, &stick->answer, NULL);
}

void bh_simstick_event(struct bh_simrun *run, const struct bh_simevent *event)
{
	struct bh_simstick *stick = &run->sticks[event->a];
	bool back = event->b != 0;

	if (event->c != stick->trip)
		return;
	if (bh_simphone_is_doomed(run->phones[event->a]) || ++stick->tries > TRIES_MAX) {
		bh_simstick_lose(stick);
	} else if (!hand_over(run, event->a, back)) {
		walk(run, event->a, event->b, AGAIN_MS);
	} else if (!back && bh_simrng_chance(&run->hand, TWICE_PPM)) {
		walk(run, event->a, 0, bh_simrng_tail(&run->hand, WAY_MS_MIN, WAY_MS_MAX));
	} else if (!back && stick->answer.len > 0) {
		walk(run, event->a, 1, bh_simrng_tail(&run->hand, WAY_MS_MIN, WAY_MS_MAX));
	} else {
		bh_simstick_lose(stick);
	}
}
