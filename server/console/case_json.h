/* A case and its entries as JSON: the present state, and the history in words and raw. */
#ifndef BH_CONSOLE_CASE_JSON_H
#define BH_CONSOLE_CASE_JSON_H

#include "server/console/exchange.h"

struct bh_task;

/* New references, NULL without memory. */
/* routing_json.c: by which rule, of which version and paper; a member of bh_case_json's. */
json_t *bh_case_rules_json(const struct bh_exchange *x, const struct bh_case *cased);
json_t *bh_case_json(const struct bh_exchange *x, const struct bh_case *cased);
json_t *bh_entry_json(struct bh_exchange *x, const struct bh_entry *entry);
/* photo_routes.c: what the case's ops brought.  0, storage codes or BH_ERR_NOMEM. */
int bh_photos_json(struct bh_exchange *x, uint64_t number, json_t **out);
json_t *bh_task_json(struct bh_exchange *x, const struct bh_task *task);
/* task_json.c: the case's tasks; likewise. */
int bh_tasks_json(struct bh_exchange *x, uint64_t number, json_t **out);
/* ... and whether an open one of them is the caller's. */
bool bh_may_see_by_task(const struct bh_exchange *x, const struct bh_case *cased);
/* case_routes.c: the case of the target, that the caller may see.  False: answered. */
bool bh_case_asked(struct bh_exchange *x, struct bh_case *out);
/* case_routes.c: whether the caller's posts reach it, or a task of it is theirs; the operator's do.
 */
bool bh_may_see_case(const struct bh_exchange *x, const struct bh_case *cased);
/* The text of an entry's content; empty where there is none or it was erased. */
struct bh_span bh_entry_text(struct bh_exchange *x, const struct bh_entry *entry);

/* "satisfied"; NULL for what is none (case.h). */
const char *bh_follow_answer_name(uint32_t answer);

#endif
