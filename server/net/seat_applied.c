/* One errand of the writer's with all there is; it writes only where somebody waited for it. */
#include "server/net/seat_applied.h"

#include <stdlib.h>

#include "proto/err.h"

#define APPLIED_MAX 256u

struct applied_errand {
	struct bh_errand errand;
	struct bh_clock clock;
	size_t count;
	struct bh_notice_applied applied[APPLIED_MAX];
};

static bool applied_turn(struct bh_errand *errand, struct bh_writer *writer)
{
	struct applied_errand *carried = (struct applied_errand *)(void *)errand;
	struct bh_now now = carried->clock.now(carried->clock.context);
	(void)bh_writer_notices_applied(writer, now, carried->applied, carried->count);
	return false;
}

static void applied_done(struct bh_errand *errand)
{
	free(errand);
}

void bh_seat_applied_send(struct bh_hub *hub, struct bh_writer_loop *writer, struct bh_clock clock)
{
	struct applied_errand *carried = calloc(1, sizeof(*carried));
	if (!carried)
		return;
	carried->count = bh_hub_take_applied(hub, carried->applied, APPLIED_MAX);
	carried->clock = clock;
	carried->errand.turn = applied_turn;
	carried->errand.done = applied_done;
	if (carried->count == 0 || bh_writer_loop_submit(writer, &carried->errand) != BH_NOERR)
		free(carried);
}
