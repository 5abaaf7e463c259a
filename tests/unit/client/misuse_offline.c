/* The exports of bihuan_offline.h. */
#include <bihuan_offline.h>
#include <string.h>

#include "tests/unit/client/misuse.h"

#define INVALID(call) assert_int_equal((call), BH_E_INVALID)
#define TYPE 10001u

static bh_status right_light_word(struct misuse *m)
{
	(void)m;
	return strcmp(bh_light_word(BH_DUE_RED), "red") == 0 &&
			       strcmp(bh_light_word(INT32_MIN), "") == 0
		       ? BH_OK
		       : BH_E_STATE;
}

static bh_status right_case_due(struct misuse *m)
{
	bh_due_view view = BH_DUE_VIEW_INIT;

	return bh_case_due(m->cases, BH_CLOCK_DISPOSAL, 0, &view, NULL);
}

static void nulls_case_due(struct misuse *m)
{
	bh_due_view view = BH_DUE_VIEW_INIT;

	INVALID(bh_case_due(m->cases, BH_CLOCK_DISPOSAL, 0, NULL, NULL));
	INVALID(bh_case_due(NULL, BH_CLOCK_DISPOSAL, 0, &view, NULL));
}

static bh_status right_task_due(struct misuse *m)
{
	bh_due_view view = BH_DUE_VIEW_INIT;

	return bh_task_due(m->cases, 0, 0, &view, NULL);
}

static void nulls_task_due(struct misuse *m)
{
	bh_due_view view = BH_DUE_VIEW_INIT;

	INVALID(bh_task_due(m->cases, 0, 0, NULL, NULL));
	INVALID(bh_task_due(NULL, 0, 0, &view, NULL));
}

static bh_status right_type_due(struct misuse *m)
{
	bh_due_view view = BH_DUE_VIEW_INIT;

	return bh_type_due(m->client, TYPE, 0, 0, 0, &view, NULL);
}

static void nulls_type_due(struct misuse *m)
{
	bh_due_view view = BH_DUE_VIEW_INIT;

	INVALID(bh_type_due(m->client, TYPE, 0, 0, 0, NULL, NULL));
	INVALID(bh_type_due(NULL, TYPE, 0, 0, 0, &view, NULL));
}

static bh_status right_repeat(struct misuse *m)
{
	bh_repeat_view view = BH_REPEAT_VIEW_INIT;

	return bh_repeat_get(m->client, 0, &view, NULL);
}

static void nulls_repeat(struct misuse *m)
{
	bh_repeat_view view = BH_REPEAT_VIEW_INIT;

	INVALID(bh_repeat_get(m->client, 0, NULL, NULL));
	INVALID(bh_repeat_get(NULL, 0, &view, NULL));
}

static bh_status right_near(struct misuse *m)
{
	bh_repeat_view view = BH_REPEAT_VIEW_INIT;

	return bh_repeat_near(m->client, 31.0, 117.0, &view, NULL);
}

static void nulls_near(struct misuse *m)
{
	bh_repeat_view view = BH_REPEAT_VIEW_INIT;

	INVALID(bh_repeat_near(m->client, 31.0, 117.0, NULL, NULL));
	INVALID(bh_repeat_near(NULL, 31.0, 117.0, &view, NULL));
	INVALID(bh_repeat_near(m->client, 91.0, 117.0, &view, NULL));
}

static bh_status right_emergency(struct misuse *m)
{
	bh_emergency_view view = BH_EMERGENCY_VIEW_INIT;

	return bh_emergency_get(m->client, TYPE, m->number, &view, NULL);
}

static void nulls_emergency(struct misuse *m)
{
	bh_emergency_view view = BH_EMERGENCY_VIEW_INIT;

	INVALID(bh_emergency_get(m->client, TYPE, m->number, NULL, NULL));
	INVALID(bh_emergency_get(NULL, TYPE, m->number, &view, NULL));
}

const struct misuse_export misuse_offlines[] = {
	{"bh_emergency_get", MISUSE_CLIENT, right_emergency, nulls_emergency},
	{"bh_repeat_get", MISUSE_CLIENT, right_repeat, nulls_repeat},
	{"bh_repeat_near", MISUSE_CLIENT, right_near, nulls_near},
	{"bh_case_due", MISUSE_CURSOR, right_case_due, nulls_case_due},
	{"bh_light_word", MISUSE_PURE, right_light_word, NULL},
	{"bh_task_due", MISUSE_CURSOR, right_task_due, nulls_task_due},
	{"bh_type_due", MISUSE_CLIENT, right_type_due, nulls_type_due},
};
const size_t misuse_offlines_count = sizeof(misuse_offlines) / sizeof(misuse_offlines[0]);
