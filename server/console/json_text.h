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

/* ---- Where things stand in JSON that loads ---- */
struct bh_json_place {
	size_t line; /* from 1; 0: nowhere */
	size_t at;   /* the first byte of a value */
};

/* The elements of a top-level list such as "areas", at most max of them; gives how many. */
size_t bh_json_places(
	struct bh_span text, const char *list, struct bh_json_place *places, size_t max);
/* The same of a list whose place is known. */
size_t bh_json_elements(
	struct bh_span text, struct bh_json_place from, struct bh_json_place *places, size_t max);
/* A member of the value that begins at from: the line of its name, the place of its value.  Of the
 * value itself where it has one, else the first below it; line 0: there is none. */
struct bh_json_place bh_json_member(
	struct bh_span text, struct bh_json_place from, const char *name);

#endif
