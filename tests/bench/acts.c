/* Reports first, whose cases the server dispatches at once; when the handler's lane was told of all
 * of them, its pushes are made, and only then the clock starts. */
#include "tests/bench/acts.h"

#include <inttypes.h>
#include <stdio.h>

#include "proto/caseflow.h"
#include "proto/number.h"

#define PATIENCE_S 120.0
#define BATCH_MAX 100u

struct acts {
	uint64_t acked;
	uint64_t told; /* to the handler: dispatched */
	struct lane *handler;
};

static double now_s(void)
{
	return (double)bh_stopwatch_ns() / 1e9;
}

static void on_ack(struct lane *lane, uint64_t seq)
{
	struct acts *acts = lane->yard->context_of_phase;
	acts->acked += seq - lane->mark;
	lane->mark = seq;
	(void)lane_push_send(lane);
}

static void on_record(struct lane *lane, const struct bh_msg_record *record)
{
	struct acts *acts = lane->yard->context_of_phase;
	acts->told += lane == acts->handler && record->state == BH_STATE_DISPATCHED;
}

static bool wait_for(struct lane_yard *yard, const uint64_t *count, uint64_t goal)
{
	double end = now_s() + PATIENCE_S;
	while (*count < goal && yard->lost == 0 && now_s() < end)
		if (event_base_loop(yard->base, EVLOOP_ONCE) != 0)
			return false;
	return *count >= goal;
}

static bool reports_send(
	struct lane_yard *yard, struct acts *acts, struct lane *lanes, const struct acts_size *size)
{
	static const char text[] = "reported for what is done about it";
	struct lane_op ops[BATCH_MAX];
	for (size_t i = 0; i < size->batch; i++)
		ops[i] = (struct lane_op){.verb = BH_VERB_SUBMIT,
			.type = size->type,
			.text = bh_span(text, sizeof(text) - 1),
			.has_place = true,
			.latitude_e7 = 309900000 + (int32_t)(i * 7919 % 160000),
			.longitude_e7 = 1169800000 + (int32_t)(i * 104729 % 400000)};
	for (size_t i = 0; i < size->lanes; i++) {
		lanes[i].mark = lanes[i].acked_seq;
		for (size_t made = 0; made < size->reports; made += size->batch)
			if (lane_push_make(&lanes[i], ops, size->batch) != 0)
				return false;
		(void)lane_push_send(&lanes[i]);
	}
	return wait_for(yard, &acts->acked, size->lanes * size->reports) &&
	       wait_for(yard, &acts->told, size->lanes * size->reports);
}

/* The handler's pushes of one verb about every case: a case's number is its report's place. */
static bool acts_make(
	struct lane *lanes, const struct acts_size *size, const uint64_t *first, uint32_t verb)
{
	static const char text[] = "done, and tidied up";
	struct lane_op ops[BATCH_MAX];
	for (size_t i = 0; i < size->lanes; i++) {
		for (size_t made = 0; made < size->reports; made += size->batch) {
			for (size_t k = 0; k < size->batch; k++)
				ops[k] = (struct lane_op){.verb = verb,
					.case_number = bh_case_number(lanes[i].log_short,
						(uint32_t)(first[i] + made + k + 1)),
					.cycle = 1,
					.text = bh_span(text, sizeof(text) - 1)};
			if (lane_push_make(&lanes[size->lanes], ops, size->batch) != 0)
				return false;
		}
	}
	return true;
}

static bool run(
	struct lane_yard *yard, struct acts *acts, struct lane *lanes, const struct acts_size *size)
{
	uint64_t first[64];
	const uint64_t all = 2 * size->lanes * size->reports;
	for (size_t i = 0; i < size->lanes; i++)
		first[i] = lanes[i].seq;
	if (!reports_send(yard, acts, lanes, size) ||
		!acts_make(lanes, size, first, BH_VERB_SIGN) ||
		!acts_make(lanes, size, first, BH_VERB_FINISH))
		return false;
	acts->handler->mark = acts->handler->acked_seq;
	acts->acked = 0;
	double begun = now_s();
	for (size_t i = 0; i < size->at_once; i++)
		(void)lane_push_send(acts->handler);
	bool good = wait_for(yard, &acts->acked, all);
	(void)printf("acts=%" PRIu64 " lost=%zu elapsed_s=%.6f\n", acts->acked, yard->lost,
		now_s() - begun);
	return good;
}

void acts_run(struct lane_yard *yard, struct lane *lanes, const struct acts_size *size)
{
	struct acts acts = {.handler = &lanes[size->lanes]};
	void *before = yard->context_of_phase;
	bool fits = size->lanes > 0 && size->lanes <= 64 && size->batch > 0 &&
		    size->batch <= BATCH_MAX && size->reports % size->batch == 0 &&
		    yard->live > size->lanes;
	yard->context_of_phase = &acts;
	yard->on_ack = on_ack;
	yard->on_record = on_record;
	if (!fits || !run(yard, &acts, lanes, size))
		(void)printf("error=acts\n");
	yard->on_record = NULL;
	yard->on_ack = NULL;
	yard->context_of_phase = before;
}
