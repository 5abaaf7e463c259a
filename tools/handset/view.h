/* Cases as rows: for a machine one object, for a person one line or a page. */
#ifndef BH_HANDSET_VIEW_H
#define BH_HANDSET_VIEW_H

#include "tools/handset/handset.h"

/* "waiting", "accepted" ...; never NULL. */
const char *bh_op_verdict_name(int32_t verdict);
/* The view as an object, with its closures, which the cursor gives. */
json_t *bh_case_json(const struct bh_say *say, bh_case_cursor *cursor, const bh_case_view *view);
json_t *bh_closure_json(const struct bh_say *say, const bh_closure_view *view);
/* The titles of bh_case_print's columns. */
void bh_case_print_header(const struct bh_say *say);
/* One line: number, state, unit, text (cut to the terminal's width, only on a terminal). */
void bh_case_print(const struct bh_say *say, const bh_case_view *view);
/* Everything, line by line. */
void bh_case_print_page(const struct bh_say *say, bh_case_cursor *cursor, const bh_case_view *view);
/* Prints text padded to a width in columns; wide characters count two, control characters become
 * blanks.  columns_max cuts, 0: never. */
void bh_text_print(const char *text, size_t columns_min, size_t columns_max);

/* "verify"; "unknown". */
const char *bh_task_kind(int32_t kind);
json_t *bh_task_json(const struct bh_say *say, const bh_task_view *view);

#endif
