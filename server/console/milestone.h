/* A plan's steps in the interface's words: read from a body, told of a case. */
#ifndef BH_CONSOLE_MILESTONE_H
#define BH_CONSOLE_MILESTONE_H

#include "server/console/case_json.h"

struct bh_import_at;

#define BH_STEP_BYTES_MAX 600u /* a line: its limit and its words */

/* `steps`: lines, or a list of them, "2 work_day survey the place". */
void bh_milestones_read(struct bh_exchange *x, const struct bh_import_at *at);
/* New references.  How the plan stands; null: the case has none. */
json_t *bh_milestones_json(const struct bh_exchange *x, const struct bh_case *cased);
/* Its steps one by one, with words and results where all of the case is shown, and who did them
 * where its course is.  0, storage codes or BH_ERR_NOMEM. */
int bh_milestone_steps_json(
	struct bh_exchange *x, const struct bh_case *cased, unsigned views, json_t **out);

#endif
