/* The field table of a case: what changed, as bytes; and the way back.
 *
 *   before, after ──diff──▶ (id, value) (id, value) ... ──patch──▶ after
 *
 * A decision names only fields that differ, in id order, as varints; values are zigzag, so that
 * small negative ones stay short.  Ids are frozen: they stand in journals.  A field that a newer
 * program wrote is skipped by its id, and a value that does not fit its field is malformed.  What
 * is an index of the others under the rules of the day has an id too, but is never decided: no diff
 * names it and no patch sets it. */
#include <string.h>

#include "proto/err.h"
#include "server/domain/case.h"

#define VARINT_BYTES_MAX 10u

enum field_kind {
	FIELD_U32,
	FIELD_I32,
	FIELD_I64,
	FIELD_U64,
	FIELD_INDEX, /* an int64_t that nobody decides */
};

struct field {
	unsigned id;
	enum field_kind kind;
	size_t at;
	const char *name;
};

#define F(id, kind, member)                                                 \
	{                                                                   \
		id, FIELD_##kind, offsetof(struct bh_case, member), #member \
	}

/* In id order, with holes.  Append; never renumber, never reuse. */
static const struct field fields[] = {
	F(1, U32, cycle),
	F(2, U32, state),
	F(3, U32, reporter),
	F(4, U32, type),
	F(5, U32, condition),
	F(6, U32, urgency),
	F(7, U32, grid),
	F(8, U32, area),
	F(9, U32, place_marked),
	F(10, U32, unit),
	F(11, U32, proposed_unit),
	F(12, U32, automatic),
	F(13, U32, auto_signed),
	F(14, U32, dispatches),
	F(15, U32, return_from),
	F(16, U32, refusals),
	F(17, U32, returns),
	F(18, U32, redirects),
	F(19, I64, captured_ms),
	F(20, I64, received_ms),
	F(21, I64, queue_ms),
	F(22, I64, dispatch_due_ms),
	F(23, U32, reminded),
	F(24, U32, breached),
	F(25, I64, dispatched_ms),
	F(26, I64, sign_due_ms),
	F(27, I64, disposal_due_ms),
	F(28, I64, review_due_ms),
	F(29, I64, done_ms),
	F(30, I64, check_due_ms),
	F(31, I64, closed_ms),
	F(32, INDEX, next_ms),
	F(33, I32, latitude_e7),
	F(34, I32, longitude_e7),
	F(35, U32, has_place),
	F(36, U64, quiet_from),
	F(37, U32, delivered),
	F(38, U32, seen),
	F(39, U32, limit_works),
	F(40, I64, limit_ms),
	F(41, U32, halved),
	F(42, U32, extensions),
	F(43, I64, used_ms),
	F(44, I64, clock_from_ms),
	F(45, I64, resume_due_ms),
	F(46, U32, suspensions),
	F(47, U32, asked),
	F(48, U32, asked_level),
	F(49, U32, asked_by),
	F(50, I64, asked_until_ms),
	F(51, U32, reworks),
	F(52, U32, late),
	F(53, U32, reconsiderations),
	F(54, U32, tier),
	F(60, U64, main),
	F(61, U32, finished_by),
	F(62, I64, archived_ms),
	F(63, I64, follow_due_ms),
	F(64, U32, follow_tries),
	F(65, U32, follow_answer),
};

#define FIELDS_COUNT (sizeof(fields) / sizeof(fields[0]))

static int64_t field_get(const struct bh_case *cased, const struct field *field)
{
	const char *at = (const char *)cased + field->at;
	uint32_t u32;
	int32_t i32;
	int64_t i64;
	uint64_t u64;
	switch (field->kind) {
	case FIELD_U32:
		memcpy(&u32, at, sizeof u32);
		return u32;
	case FIELD_I32:
		memcpy(&i32, at, sizeof i32);
		return i32;
	case FIELD_I64:
	case FIELD_INDEX:
		memcpy(&i64, at, sizeof i64);
		return i64;
	case FIELD_U64:
		memcpy(&u64, at, sizeof u64);
		return (int64_t)u64;
	}
	return 0;
}

static int field_set(struct bh_case *cased, const struct field *field, int64_t value)
{
	char *at = (char *)cased + field->at;
	if (field->kind == FIELD_U32) {
		if (value < 0 || value > UINT32_MAX)
			return BH_ERR_MALFORMED;
		uint32_t u32 = (uint32_t)value;
		memcpy(at, &u32, sizeof u32);
	} else if (field->kind == FIELD_I32) {
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

int bh_case_diff(const struct bh_case *before, const struct bh_case *after, struct bh_buf *out)
{
	uint8_t bytes[FIELDS_COUNT * 2 * VARINT_BYTES_MAX];
	size_t len = 0;
	for (size_t i = 0; i < FIELDS_COUNT; i++) {
		int64_t value = field_get(after, &fields[i]);
		if (fields[i].kind == FIELD_INDEX || value == field_get(before, &fields[i]))
			continue;
		len += varint_write(bytes + len, fields[i].id);
		uint64_t zigzag = (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
		len += varint_write(bytes + len, zigzag);
	}
	return len == 0 ? 0 : bh_buf_append(out, bytes, len);
}

static const struct field *field_find(uint64_t id)
{
	size_t low = 0, high = FIELDS_COUNT;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (fields[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < FIELDS_COUNT && fields[low].id == id ? &fields[low] : NULL;
}

int bh_case_patch(struct bh_case *cased, struct bh_span decision)
{
	struct bh_case patched = *cased;
	uint64_t last_id = 0;
	while (decision.len > 0) {
		uint64_t id, zigzag;
		if (!varint_read(&decision, &id) || !varint_read(&decision, &zigzag))
			return BH_ERR_MALFORMED;
		if (id <= last_id)
			return BH_ERR_MALFORMED;
		last_id = id;
		const struct field *field = field_find(id);
		if (field == NULL || field->kind == FIELD_INDEX)
			continue;
		int64_t value = (int64_t)(zigzag >> 1 ^ (~(zigzag & 1) + 1));
		int err = field_set(&patched, field, value);
		if (err != 0)
			return err;
	}
	*cased = patched;
	return 0;
}

bool bh_case_equal(const struct bh_case *a, const struct bh_case *b)
{
	if (a->number != b->number || a->first != b->first || a->last != b->last)
		return false;
	for (size_t i = 0; i < FIELDS_COUNT; i++) {
		if (fields[i].kind != FIELD_INDEX &&
			field_get(a, &fields[i]) != field_get(b, &fields[i]))
			return false;
	}
	return true;
}

const char *bh_case_field_name(unsigned id)
{
	const struct field *field = field_find(id);
	return field == NULL ? NULL : field->name;
}

unsigned bh_case_field_last(void)
{
	return fields[FIELDS_COUNT - 1].id;
}

int64_t bh_case_field(const struct bh_case *cased, unsigned id)
{
	const struct field *field = field_find(id);
	return field == NULL ? 0 : field_get(cased, field);
}
