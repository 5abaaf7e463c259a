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

const struct misuse_export misuse_offlines[] = {
	{"bh_case_due", MISUSE_CURSOR, right_case_due, nulls_case_due},
	{"bh_light_word", MISUSE_PURE, right_light_word, NULL},
	{"bh_task_due", MISUSE_CURSOR, right_task_due, nulls_task_due},
	{"bh_type_due", MISUSE_CLIENT, right_type_due, nulls_type_due},
};
const size_t misuse_offlines_count = sizeof(misuse_offlines) / sizeof(misuse_offlines[0]);
