/* Service entries and patrol rounds by the public API: durable before any network, told once. */
#include <bihuan_field.h>
#include <string.h>

#include "proto/caseflow.h"
#include "tests/unit/client/client_world.h"

#define PLAN 1u
#define NEAR_DEG 31.0004 /* 44 m north of the checkpoint, whose radius is 50 */
#define FAR_DEG 31.001

static bh_checkpoint_input marked(int32_t state, const char *reason)
{
	bh_checkpoint_input input = BH_CHECKPOINT_INPUT_INIT;

	input.state = state;
	input.reason = reason;
	return input;
}

static bh_status mark(struct world *w, uint32_t index, int32_t state, const char *reason)
{
	const bh_checkpoint_input input = marked(state, reason);

	return bh_checkpoint_mark(w->client, PLAN, index, &input, NULL);
}

static bh_patrol_view patrol(struct world *w)
{
	bh_patrol_view view = BH_PATROL_VIEW_INIT;

	assert_int_equal(bh_patrol_get(w->client, 0, &view, NULL), BH_OK);
	return view;
}

static bh_checkpoint_view checkpoint(struct world *w, uint32_t index)
{
	bh_checkpoint_view view = BH_CHECKPOINT_VIEW_INIT;

	assert_int_equal(bh_checkpoint_get(w->client, PLAN, index, &view, NULL), BH_OK);
	return view;
}

static void reopen(struct world *w)
{
	bh_client_close(w->client);
	world_open(w, BH_DRIVE_HOST, false);
}

static void test_patrol__an_entry_is_recorded_offline_and_sent_once(void **state)
{
	struct world *w = *state;
	bh_service_input input = BH_SERVICE_INPUT_INIT;
	uint64_t sequence = 0;

	input.kind = BH_SERVICE_KIND_CONSULTATION;
	world_open(w, BH_DRIVE_HOST, false);
	assert_int_equal(bh_service_record(w->client, &input, NULL, NULL), BH_E_AUTH);
	bh_client_close(w->client);
	world_enrolled(w);
	autoserver_reach(w->server, false);
	input.text = "a text";
	assert_int_equal(bh_service_record(w->client, &input, &sequence, NULL), BH_OK);
	assert_int_equal(sequence, 1);
	input.kind = (int32_t)BH_SERVICE_COUNT;
	assert_int_equal(bh_service_record(w->client, &input, NULL, NULL), BH_E_INVALID);
	input.kind = BH_SERVICE_KIND_PROXY;
	input.has_place = 1; /* of no datum */
	assert_int_equal(bh_service_record(w->client, &input, NULL, NULL), BH_E_INVALID);
	reopen(w);
	assert_int_equal(world_status(w).unsent_ops, 1);
	autoserver_reach(w->server, true);
	assert_int_equal(bh_client_sync_now(w->client, NULL), BH_OK);
	assert_int_equal(world_run(w, 20000), BH_DONE);
	assert_int_equal(world_status(w).unsent_ops, 0);
	assert_int_equal(autoserver_counts(w->server).ops, 1);
}

static void test_patrol__grids_and_plans_are_those_that_were_told(void **state)
{
	struct world *w = *state;
	bh_grid_view grid = BH_GRID_VIEW_INIT;
	bh_patrol_view view = BH_PATROL_VIEW_INIT;

	world_open(w, BH_DRIVE_HOST, false);
	assert_int_equal(bh_grid_get(w->client, 0, &grid, NULL), BH_E_NOT_FOUND);
	assert_int_equal(bh_patrol_get(w->client, 0, &view, NULL), BH_E_NOT_FOUND);
	bh_client_close(w->client);
	world_enrolled(w);
	assert_int_equal(bh_grid_get(w->client, 0, &grid, NULL), BH_OK);
	assert_string_equal(grid.name, "grid one");
	assert_int_equal(bh_grid_get(w->client, 1, &grid, NULL), BH_E_NOT_FOUND);
	view = patrol(w);
	assert_int_equal(view.rounds_today, 2);
	assert_int_equal(view.checkpoints_count, 3);
	assert_int_equal(view.started_at, 0);
	assert_string_equal(view.code, "P1");
	assert_string_equal(checkpoint(w, 2).name, "river walk");
	bh_checkpoint_view none = BH_CHECKPOINT_VIEW_INIT;

	assert_int_equal(bh_checkpoint_get(w->client, PLAN, 3, &none, NULL), BH_E_NOT_FOUND);
	assert_int_equal(bh_checkpoint_get(w->client, 2, 0, &none, NULL), BH_E_NOT_FOUND);
}

static void test_patrol__an_open_round_survives_restarts_and_ends_as_one_op(void **state)
{
	struct world *w = *state;
	uint64_t sequence = 0;

	world_enrolled(w);
	assert_int_equal(bh_patrol_finish(w->client, PLAN, NULL, NULL), BH_E_STATE);
	assert_int_equal(mark(w, 0, BH_CHECKPOINT_CONFIRMED, NULL), BH_OK);
	reopen(w);
	assert_int_equal(mark(w, 2, BH_CHECKPOINT_SKIPPED, "locked"), BH_OK);
	reopen(w);
	bh_patrol_view view = patrol(w);

	assert_int_equal(view.confirmed, 1);
	assert_int_equal(view.skipped, 1);
	assert_true(view.started_at > 0);
	assert_int_equal(checkpoint(w, 0).state, BH_CHECKPOINT_CONFIRMED);
	assert_string_equal(checkpoint(w, 2).reason, "locked");
	assert_int_equal(mark(w, 0, BH_CHECKPOINT_OPEN, NULL), BH_OK);
	assert_int_equal(patrol(w).confirmed, 0);
	assert_int_equal(mark(w, 0, BH_CHECKPOINT_CONFIRMED, NULL), BH_OK);
	assert_int_equal(bh_patrol_finish(w->client, PLAN, &sequence, NULL), BH_OK);
	assert_int_equal(sequence, 1);
	reopen(w);
	view = patrol(w);
	assert_int_equal(view.finished_today, 1);
	assert_int_equal(view.started_at, 0);
	assert_int_equal(bh_patrol_finish(w->client, PLAN, NULL, NULL), BH_E_STATE);
	assert_int_equal(world_status(w).unsent_ops, 1);
}

static void test_patrol__the_place_is_compared_with_the_checkpoints(void **state)
{
	struct world *w = *state;
	bh_checkpoint_input input = marked(BH_CHECKPOINT_CONFIRMED, NULL);

	world_enrolled(w);
	input.has_place = 1;
	input.longitude_deg = 117.0;
	input.latitude_deg = FAR_DEG;
	assert_int_equal(bh_checkpoint_mark(w->client, PLAN, 0, &input, NULL), BH_E_STATE);
	assert_int_equal(patrol(w).confirmed, 0);
	input.accuracy_m = 70;
	assert_int_equal(bh_checkpoint_mark(w->client, PLAN, 0, &input, NULL), BH_OK);
	input.accuracy_m = 0;
	input.latitude_deg = NEAR_DEG;
	assert_int_equal(bh_checkpoint_mark(w->client, PLAN, 0, &input, NULL), BH_OK);
	input.longitude_deg = 117.0006; /* 57 m east, at this latitude */
	assert_int_equal(bh_checkpoint_mark(w->client, PLAN, 0, &input, NULL), BH_E_STATE);
	input.accuracy_m = 1e9; /* no more than 100 m of it */
	input.longitude_deg = 117.002;
	assert_int_equal(bh_checkpoint_mark(w->client, PLAN, 0, &input, NULL), BH_E_STATE);
	assert_int_equal(
		bh_checkpoint_mark(w->client, PLAN, 1, &input, NULL), BH_OK); /* has none */
}

static void test_patrol__reasons_are_bounded_together(void **state)
{
	struct world *w = *state;
	char reason[122];

	world_enrolled(w);
	memset(reason, 'x', sizeof(reason));
	reason[121] = '\0';
	assert_int_equal(mark(w, 0, BH_CHECKPOINT_SKIPPED, reason), BH_E_LIMIT);
	assert_int_equal(mark(w, 0, BH_CHECKPOINT_SKIPPED, ""), BH_E_INVALID);
	assert_int_equal(mark(w, 0, 3, "why"), BH_E_INVALID);
	reason[120] = '\0';
	assert_int_equal(mark(w, 0, BH_CHECKPOINT_SKIPPED, reason), BH_OK);
	assert_string_equal(checkpoint(w, 0).reason, reason);
	assert_int_equal(bh_patrol_drop(w->client, PLAN, NULL), BH_OK);
	assert_int_equal(bh_patrol_drop(w->client, PLAN, NULL), BH_DONE);
	assert_int_equal(patrol(w).started_at, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_patrol__an_entry_is_recorded_offline_and_sent_once, world_setup,
			world_teardown),
		cmocka_unit_test_setup_teardown(
			test_patrol__grids_and_plans_are_those_that_were_told, world_setup,
			world_teardown),
		cmocka_unit_test_setup_teardown(
			test_patrol__an_open_round_survives_restarts_and_ends_as_one_op,
			world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
			test_patrol__the_place_is_compared_with_the_checkpoints, world_setup,
			world_teardown),
		cmocka_unit_test_setup_teardown(
			test_patrol__reasons_are_bounded_together, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
