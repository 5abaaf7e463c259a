/* The field tables of projections.
 *
 *   before, after ──diff──▶ (id, value) (id, value) ... ──patch──▶ after
 *
 * A decision names only fields that differ, in id order, as varints; values are zigzag, so that
 * small negative ones stay short.  Ids are frozen: they stand in journals.  A field that a newer
 * program wrote, or that is another projection's, is skipped by its id, and a value that does not
 * fit its field is malformed.  What is an index of the others under the rules of the day has an id
 * too, but is never decided: no diff names it and no patch sets it. */
#include "server/domain/fields.h"

#include <string.h>

#include "proto/err.h"

#define VARINT_BYTES_MAX 10u

int64_t bh_field_get(const struct bh_field *field, const void *from)
{
	const char *at = (const char *)from + field->at;
	uint32_t u32;
	int32_t i32;
	int64_t i64;
	uint64_t u64;
	switch (field->kind) {
	case BH_FIELD_U32:
		memcpy(&u32, at, sizeof u32);
		return u32;
	case BH_FIELD_I32:
		memcpy(&i32, at, sizeof i32);
		return i32;
	case BH_FIELD_I64:
	case BH_FIELD_INDEX:
		memcpy(&i64, at, sizeof i64);
		return i64;
	case BH_FIELD_U64:
		memcpy(&u64, at, sizeof u64);
		return (int64_t)u64;
	}
	return 0;
}

static bool field_same(const struct bh_field *field, const void *a, const void *b)
{
	const char *left = (const char *)a + field->at, *right = (const char *)b + field->at;

	return field->kind == BH_FIELD_U32 || field->kind == BH_FIELD_I32
		       ? memcmp(left, right, sizeof(uint32_t)) == 0
		       : memcmp(left, right, sizeof(uint64_t)) == 0;
}

static int field_set(const struct bh_field *field, void *out, int64_t value)
{
	char *at = (char *)out + field->at;
	if (field->kind == BH_FIELD_U32) {
		if (value < 0 || value > UINT32_MAX)
			return BH_ERR_MALFORMED;
		uint32_t u32 = (uint32_t)value;
		memcpy(at, &u32, sizeof u32);
	} else if (field->kind == BH_FIELD_I32) {
		if (value < INT32_MIN || value > INT32_MAX)
			return BH_ERR_MALFORMED;
		int32_t i32 = (int32_t)value;
		memcpy(at, &i32, sizeof i32);
	} else {
		memcpy(at, &value, sizeof value);
	}
	return 0;
}

static size_t varint_write(uint8_t *to, uint64_t value)
{
	size_t len = 0;
	while (value >= 0x80) {
		to[len++] = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	to[len++] = (uint8_t)value;
	return len;
}

/* False: cut short, or longer than 64 bits. */
static bool varint_read(struct bh_span *from, uint64_t *out)
{
	uint64_t value = 0;
	for (size_t i = 0; i < from->len && i < VARINT_BYTES_MAX; i++) {
		uint8_t byte = from->data[i];
		if (i == VARINT_BYTES_MAX - 1 && byte > 1)
			return false;
		value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (byte < 0x80) {
			*out = value;
			from->data += i + 1;
			from->len -= i + 1;
			return true;
		}
	}
	return false;
}

static int64_t unzigzag(uint64_t zigzag)
{
	return (int64_t)(zigzag >> 1 ^ (~(zigzag & 1) + 1));
}

int bh_fields_diff(
	const struct bh_fields *fields, const void *before, const void *after, struct bh_buf *out)
{
	uint8_t bytes[BH_FIELDS_MAX * 2 * VARINT_BYTES_MAX];
	size_t len = 0;
	bh_assert(fields->count <= BH_FIELDS_MAX);
	for (size_t i = 0; i < fields->count; i++) {
		const struct bh_field *field = &fields->rows[i];
		if (field->kind == BH_FIELD_INDEX || field_same(field, before, after))
			continue;
		int64_t value = bh_field_get(field, after);
		len += varint_write(bytes + len, field->id);
		uint64_t zigzag = (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
		len += varint_write(bytes + len, zigzag);
	}
	return len == 0 ? 0 : bh_buf_append(out, bytes, len);
}

const struct bh_field *bh_fields_find(const struct bh_fields *fields, uint64_t id)
{
	size_t low = 0, high = fields->count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (fields->rows[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < fields->count && fields->rows[low].id == id ? &fields->rows[low] : NULL;
}

int bh_fields_patch(const struct bh_fields *fields, struct bh_span decision, void *out)
{
	uint64_t last_id = 0;
	size_t at = 0; /* both are in id order */
	while (decision.len > 0) {
		uint64_t id, zigzag;
		if (!varint_read(&decision, &id) || !varint_read(&decision, &zigzag))
			return BH_ERR_MALFORMED;
		if (id <= last_id)
			return BH_ERR_MALFORMED;
		last_id = id;
		while (at < fields->count && fields->rows[at].id < id)
			at++;
		const struct bh_field *field = &fields->rows[at];
		if (at == fields->count || field->id != id || field->kind == BH_FIELD_INDEX)
			continue;
		int err = field_set(field, out, unzigzag(zigzag));
		if (err != 0)
			return err;
	}
	return 0;
}

bool bh_decision_names(struct bh_span decision, unsigned id, int64_t *value)
{
	while (decision.len > 0) {
		uint64_t named, zigzag;
		if (!varint_read(&decision, &named) || !varint_read(&decision, &zigzag))
			return false;
		if (named == id) {
			*value = unzigzag(zigzag);
			return true;
		}
	}
	return false;
}

bool bh_fields_equal(const struct bh_fields *fields, const void *a, const void *b)
{
	for (size_t i = 0; i < fields->count; i++) {
		const struct bh_field *field = &fields->rows[i];
		if (field->kind != BH_FIELD_INDEX && !field_same(field, a, b))
			return false;
	}
	return true;
}
