/* An errand carries a job to the blob thread; a letter brings it back to the hub that asked. */
#include "server/net/seat_blob.h"

#include <stddef.h>
#include <stdlib.h>

#include "proto/err.h"

struct seat_blob {
	struct bh_blob_errand errand;
	struct bh_letter letter;
	struct bh_seat *seat;
};

static void blob_back(struct bh_seat *seat, struct bh_blob_job *job)
{
	struct bh_now now = bh_loop_now(bh_seat_loop(seat));
	bh_hub_blob_done(bh_seat_hub(seat), now, bh_seat_district_ms(seat, now), job);
}

static void blob_open(struct bh_letter *letter, void *loop_context)
{
	const size_t at = offsetof(struct seat_blob, letter);
	struct seat_blob *carried = (struct seat_blob *)(void *)((char *)letter - at);
	struct bh_seat *seat = carried->seat;
	(void)loop_context;
	blob_back(seat, carried->errand.job);
	free(carried);
	bh_seat_pump(seat);
}

static void blob_done(struct bh_blob_errand *errand)
{
	struct seat_blob *carried = (struct seat_blob *)(void *)errand;
	bh_loop_post(bh_seat_loop(carried->seat), &carried->letter);
}

void bh_seat_blob_send(struct bh_seat *seat, struct bh_blob_loop *blobs, struct bh_blob_job *job)
{
	struct seat_blob *carried = calloc(1, sizeof(*carried));
	int err = carried ? BH_NOERR : BH_ERR_NOMEM;
	if (!err) {
		carried->errand.job = job;
		carried->errand.done = blob_done;
		carried->letter.open = blob_open;
		carried->seat = seat;
		err = bh_blob_loop_submit(blobs, &carried->errand);
	}
	if (!err)
		return;
	free(carried);
	job->err = BH_ERR_CLOSED;
	blob_back(seat, job);
}
