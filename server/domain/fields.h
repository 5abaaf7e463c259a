/* A projection whose fields are integers with frozen ids: what changed, as bytes; and the way back.
 */
#ifndef BH_DOMAIN_FIELDS_H
#define BH_DOMAIN_FIELDS_H

#include "proto/bytes.h"

enum bh_field_kind {
	BH_FIELD_U32,
	BH_FIELD_I32,
	BH_FIELD_I64,
	BH_FIELD_U64,
	BH_FIELD_INDEX, /* an int64_t that nobody decides */
};

struct bh_field {
	unsigned id;
	enum bh_field_kind kind;
	size_t at;
	const char *name;
};

#define BH_FIELD_ROW(id, kind, type, member)                                \
	{                                                                   \
		id, BH_FIELD_##kind, offsetof(struct type, member), #member \
	}
#define BH_FIELDS_MAX 192u /* of one table */

/* In id order, with holes.  Append; never renumber, never reuse. */
struct bh_fields {
	const struct bh_field *rows;
	size_t count;
};

/* Appends what differs as (field id varint, zigzag varint value) pairs in id order.  BH_ERR_NOMEM
 * or BH_ERR_LIMIT. */
int bh_fields_diff(
	const struct bh_fields *fields, const void *before, const void *after, struct bh_buf *out);
/* Sets the fields that a decision names in the projection at out; ids that the table lacks are
 * skipped.  BH_ERR_MALFORMED, and what is at out may be half of it. */
int bh_fields_patch(const struct bh_fields *fields, struct bh_span decision, void *out);
/* Of all that is decided. */
bool bh_fields_equal(const struct bh_fields *fields, const void *a, const void *b);
/* NULL: no such id. */
const struct bh_field *bh_fields_find(const struct bh_fields *fields, uint64_t id);
int64_t bh_field_get(const struct bh_field *field, const void *from);
/* Whether a decision names this id, and what it sets.  False also for what does not decode. */
bool bh_decision_names(struct bh_span decision, unsigned id, int64_t *value);

#endif
