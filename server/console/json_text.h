/* The only way JSON comes in: bounded before it is parsed, strict when it is. */
#ifndef BH_CONSOLE_JSON_TEXT_H
#define BH_CONSOLE_JSON_TEXT_H

#include <jansson.h>

#include "proto/bytes.h"

#define BH_JSON_DEPTH_MAX 16u
#define BH_JSON_ITEMS_MAX 4000000u /* values and members: a county's polygons have fewer */
#define BH_JSON_STRING_MAX 65536u  /* bytes of one, as written */

struct bh_json_fault {
	size_t line;
	size_t column;
	char what[160];
};

/* 0 and a new reference; BH_ERR_MALFORMED (not JSON, a member twice, a number out of range),
 * BH_ERR_LIMIT (too deep, too many, too long), BH_ERR_NOMEM.  *fault says where and what. */
int bh_json_load(struct bh_span text, json_t **out, struct bh_json_fault *fault);
/* Appends compact JSON; places have seven decimals.  The codes of bh_buf_append. */
int bh_json_append(const json_t *value, struct bh_buf *out);
/* New references, or NULL without memory. */
json_t *bh_json_span(struct bh_span text);
json_t *bh_json_hex(struct bh_span bytes);
/* Takes what is no whole character out of a text that was cut to fit: jansson refuses the rest for
 * its sake. */
void bh_text_mend(char *text);

/* ---- Which lines the elements of a top-level list begin on ---- */
/* 1.. for the elements of "areas", at most max of them; gives how many.  text is JSON that loads.
 */
size_t bh_json_lines(struct bh_span text, const char *list, size_t *lines, size_t max);

#endif
