/* The exports of bihuan_field.h. */
#include <bihuan_field.h>
#include <string.h>

#include "tests/unit/client/misuse.h"

#define INVALID(call) assert_int_equal((call), BH_E_INVALID)
#define PLAN 1u

static bh_status right_kind_name(struct misuse *m)
{
	(void)m;
	return strcmp(bh_service_kind_name(BH_SERVICE_KIND_PROXY, "zh"), "帮办代办") == 0 &&
			       strcmp(bh_service_kind_name(INT32_MIN, NULL), "unknown") == 0
		       ? BH_OK
		       : BH_E_STATE;
}

static bh_status right_grid(struct misuse *m)
{
	bh_grid_view view = BH_GRID_VIEW_INIT;

	return bh_grid_get(m->client, 0, &view, NULL);
}

static void nulls_grid(struct misuse *m)
{
	bh_grid_view view = BH_GRID_VIEW_INIT;

	INVALID(bh_grid_get(m->client, 0, NULL, NULL));
	INVALID(bh_grid_get(NULL, 0, &view, NULL));
}

static bh_status right_service(struct misuse *m)
{
	bh_service_input input = BH_SERVICE_INPUT_INIT;

	input.kind = BH_SERVICE_KIND_PROXY;
	return bh_service_record(m->client, &input, NULL, NULL);
}

static void nulls_service(struct misuse *m)
{
	bh_service_input input = BH_SERVICE_INPUT_INIT;

	INVALID(bh_service_record(m->client, NULL, NULL, NULL));
	INVALID(bh_service_record(m->client, &input, NULL, NULL)); /* of no kind */
	input.kind = BH_SERVICE_KIND_PROXY;
	INVALID(bh_service_record(NULL, &input, NULL, NULL));
}

static bh_status right_patrol(struct misuse *m)
{
	bh_patrol_view view = BH_PATROL_VIEW_INIT;

	return bh_patrol_get(m->client, 0, &view, NULL);
}

static void nulls_patrol(struct misuse *m)
{
	bh_patrol_view view = BH_PATROL_VIEW_INIT;

	INVALID(bh_patrol_get(m->client, 0, NULL, NULL));
	INVALID(bh_patrol_get(NULL, 0, &view, NULL));
}

static bh_status right_checkpoint(struct misuse *m)
{
	bh_checkpoint_view view = BH_CHECKPOINT_VIEW_INIT;

	return bh_checkpoint_get(m->client, PLAN, 0, &view, NULL);
}

static void nulls_checkpoint(struct misuse *m)
{
	bh_checkpoint_view view = BH_CHECKPOINT_VIEW_INIT;

	INVALID(bh_checkpoint_get(m->client, PLAN, 0, NULL, NULL));
	INVALID(bh_checkpoint_get(NULL, PLAN, 0, &view, NULL));
}

static bh_status right_mark(struct misuse *m)
{
	bh_checkpoint_input input = BH_CHECKPOINT_INPUT_INIT;

	input.state = BH_CHECKPOINT_CONFIRMED;
	return bh_checkpoint_mark(m->client, PLAN, 0, &input, NULL);
}

static void nulls_mark(struct misuse *m)
{
	bh_checkpoint_input input = BH_CHECKPOINT_INPUT_INIT;

	INVALID(bh_checkpoint_mark(m->client, PLAN, 0, NULL, NULL));
	INVALID(bh_checkpoint_mark(NULL, PLAN, 0, &input, NULL));
	input.state = BH_CHECKPOINT_SKIPPED; /* for no reason */
	INVALID(bh_checkpoint_mark(m->client, PLAN, 0, &input, NULL));
}

/* Of a plan that there is not: whoever finishes a round may have begun it. */
static bh_status right_finish(struct misuse *m)
{
	return bh_patrol_finish(m->client, UINT32_MAX, NULL, NULL);
}

static void nulls_finish(struct misuse *m)
{
	(void)m;
	INVALID(bh_patrol_finish(NULL, PLAN, NULL, NULL));
}

static bh_status right_drop(struct misuse *m)
{
	return bh_patrol_drop(m->client, UINT32_MAX, NULL);
}

static void nulls_drop(struct misuse *m)
{
	(void)m;
	INVALID(bh_patrol_drop(NULL, PLAN, NULL));
}

const struct misuse_export misuse_fields[] = {
	{"bh_checkpoint_get", MISUSE_CLIENT, right_checkpoint, nulls_checkpoint},
	{"bh_checkpoint_mark", MISUSE_CLIENT, right_mark, nulls_mark},
	{"bh_grid_get", MISUSE_CLIENT, right_grid, nulls_grid},
	{"bh_patrol_drop", MISUSE_CLIENT, right_drop, nulls_drop},
	{"bh_patrol_finish", MISUSE_CLIENT, right_finish, nulls_finish},
	{"bh_patrol_get", MISUSE_CLIENT, right_patrol, nulls_patrol},
	{"bh_service_kind_name", MISUSE_PURE, right_kind_name, NULL},
	{"bh_service_record", MISUSE_CLIENT, right_service, nulls_service},
};
const size_t misuse_fields_count = sizeof(misuse_fields) / sizeof(misuse_fields[0]);
