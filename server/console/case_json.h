/* A case and its entries as JSON: the present state, and the history in words and raw. */
#ifndef BH_CONSOLE_CASE_JSON_H
#define BH_CONSOLE_CASE_JSON_H

#include "server/console/exchange.h"
#include "server/domain/rights.h"

struct bh_task;

/* New references, NULL without memory. */
/* routing_json.c: by which rule, of which version and paper; a member of bh_case_json's. */
json_t *bh_case_rules_json(const struct bh_exchange *x, const struct bh_case *cased);
json_t *bh_case_json(const struct bh_exchange *x, const struct bh_case *cased);
json_t *bh_entry_json(struct bh_exchange *x, const struct bh_entry *entry);
/* ask_json.c, members of bh_case_json's: what waits for a decision and whose it is; what the unit
 * says of its lateness (exempt: it does not count, whatever late says); how it was after the
 * answer. */
json_t *bh_case_asked_json(const struct bh_exchange *x, const struct bh_case *cased);
json_t *bh_case_appeal_json(const struct bh_exchange *x, const struct bh_case *cased);
json_t *bh_case_follow_json(const struct bh_case *cased);
/* photo_routes.c: what the case's ops brought.  0, storage codes or BH_ERR_NOMEM. */
/* The answer is a stored file of that many bytes, as this media type (photo_routes.c). */
int bh_answer_file(struct bh_exchange *x, const uint8_t hash[BH_HASH_BYTES], uint32_t size,
	uint32_t bytes_max, const char *type);
int bh_photos_json(struct bh_exchange *x, uint64_t number, json_t **out);
/* task_json.c: with what these views of its case show of it; *shown false: nothing. */
json_t *bh_task_json_seen(
	struct bh_exchange *x, const struct bh_task *task, unsigned views, bool *shown);
/* The case's tasks, likewise.  0, storage codes or BH_ERR_NOMEM. */
int bh_tasks_json(struct bh_exchange *x, uint64_t number, unsigned views, json_t **out);
/* ... and whether an open one of them is the caller's. */
bool bh_may_see_by_task(const struct bh_exchange *x, const struct bh_case *cased);
/* case_routes.c: the case of the target, that the caller may see.  False: answered. */
bool bh_case_asked(struct bh_exchange *x, struct bh_case *out);
/* register_routes.c: of a list, what came to a desk so, and what the caller himself reported or
 * registered.  False: answered. */
bool bh_case_origin_asked(struct bh_exchange *x, struct bh_case_query *query);
/* case_sight.c: likewise, and all of it is shown to the caller (403 `no_right` else). */
bool bh_case_asked_whole(struct bh_exchange *x, struct bh_case *out);
/* ... with what was written in it (403 `purpose` else, where that is all that lacks). */
bool bh_case_asked_words(struct bh_exchange *x, struct bh_case *out);
void bh_case_refuse_veiled(struct bh_exchange *x); /* that 403 */
void bh_case_refuse_part(struct bh_exchange *x);   /* that 403 */
/* case_sight.c: enum bh_view bits, by the caller's posts and tasks; the operator's is the desk's.
 */
unsigned bh_case_views(const struct bh_exchange *x, const struct bh_case *cased);
bool bh_may_see_case(const struct bh_exchange *x, const struct bh_case *cased); /* any */
bool bh_views_are_whole(unsigned views);
bool bh_views_show_words(unsigned views);  /* all of it, with what was written */
bool bh_views_show_text(unsigned views);   /* the report's */
bool bh_views_show_report(unsigned views); /* its text, its photos and where it is */
bool bh_views_show_course(unsigned views); /* what was done, by whom */
/* As bh_case_json and bh_entry_json, with what these views show; *shown false: not at all. */
json_t *bh_case_json_seen(const struct bh_exchange *x, const struct bh_case *cased, unsigned views);
json_t *bh_entry_json_seen(
	struct bh_exchange *x, const struct bh_entry *entry, unsigned views, bool *shown);
/* The text of an entry's content; empty where there is none or it was erased. */
struct bh_span bh_entry_text(struct bh_exchange *x, const struct bh_entry *entry);
/* It names a file, and its case was erased since: neither the file nor its hash is told. */
bool bh_entry_file_is_erased(const struct bh_exchange *x, const struct bh_entry *entry);

/* "satisfied"; NULL for what is none (case.h). */
const char *bh_follow_answer_name(uint32_t answer);

#endif
