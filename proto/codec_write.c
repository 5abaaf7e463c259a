/* Writes a message in two passes: the first measures and checks what a reader would check, the
 * second writes from the last byte to the first, so that every length is known when its turn comes.
 * Fields go out in the order of their numbers, zero values not at all: equal structs give equal
 * bytes. */
#include <string.h>

#include "proto/codec.h"
#include "proto/codec_map.h"
#include "proto/err.h"

static bool is_message(const struct bh_wire_row *field)
{
	return field->type == BH_FIELD_MESSAGE;
}

static bool is_delimited(const struct bh_wire_row *field)
{
	return is_message(field) || field->type == BH_FIELD_STRING || field->type == BH_FIELD_BYTES;
}

static uint64_t zigzag(int64_t value)
{
	return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

static uint64_t load_scalar(unsigned type, const uint8_t *at)
{
	uint32_t narrow;
	int32_t narrow_signed;
	uint64_t wide;
	int64_t wide_signed;
	bool truth;
	switch (type) {
	case BH_FIELD_UINT32:
		memcpy(&narrow, at, sizeof(narrow));
		return narrow;
	case BH_FIELD_SINT32:
		memcpy(&narrow_signed, at, sizeof(narrow_signed));
		return zigzag(narrow_signed);
	case BH_FIELD_UINT64:
		memcpy(&wide, at, sizeof(wide));
		return wide;
	case BH_FIELD_SINT64:
		memcpy(&wide_signed, at, sizeof(wide_signed));
		return zigzag(wide_signed);
	case BH_FIELD_BOOL:
		memcpy(&truth, at, sizeof(truth));
		return truth;
	default:
		bh_assert_failed("the schema uses this scalar type", __FILE__, __LINE__);
		return 0;
	}
}

static struct bh_span load_span(const uint8_t *at)
{
	struct bh_span span;
	memcpy(&span, at, sizeof(span));
	return span;
}

struct list {
	const uint8_t *items;
	size_t count;
	size_t size;
};

static struct list load_list(
	const struct bh_field_map *row, const struct bh_wire_row *field, const uint8_t *in)
{
	struct list list;
	memcpy(&list.items, in + row->offset, sizeof(list.items));
	memcpy(&list.count, in + row->count_offset, sizeof(list.count));
	if (is_message(field))
		list.size = row->message->size;
	else if (is_delimited(field))
		list.size = sizeof(struct bh_span);
	else
		list.size = field->type == BH_FIELD_UINT64 ? sizeof(uint64_t) : sizeof(uint32_t);
	return list;
}

static size_t tag_size(const struct bh_wire_row *field)
{
	return bh_wire_varint_size((uint64_t)field->id << 3);
}

static size_t delimited_size(const struct bh_wire_row *field, size_t len)
{
	return tag_size(field) + bh_wire_varint_size(len) + len;
}

/* ---- First pass ---- */

static int measure_span(const struct bh_field_map *row, const struct bh_wire_row *field,
	struct bh_span span, size_t *len)
{
	if (row->exact != 0 && span.len != row->exact && (row->required || span.len != 0))
		return BH_ERR_INVALID;
	if (field->type == BH_FIELD_STRING && !row->lenient) {
		if (span.len > row->max)
			return BH_ERR_LIMIT;
		if (!bh_utf8_valid(span))
			return BH_ERR_INVALID;
	}
	*len = span.len;
	return 0;
}

static int measure_list(const struct bh_field_map *row, const struct bh_wire_row *field,
	const uint8_t *in, size_t *size)
{
	struct list list = load_list(row, field, in);
	size_t total = 0;
	if (list.count > row->max)
		return BH_ERR_LIMIT;
	for (size_t i = 0; i < list.count; i++) {
		const uint8_t *item = list.items + i * list.size;
		size_t len = 0;
		int err = 0;
		if (!is_delimited(field)) {
			total += bh_wire_varint_size(load_scalar(field->type, item));
			continue;
		}
		if (is_message(field))
			err = bh_message_measure(row->message, item, &len);
		else
			err = measure_span(row, field, load_span(item), &len);
		if (err != 0)
			return err;
		total += delimited_size(field, len);
	}
	if (!is_delimited(field) && total > 0)
		total = delimited_size(field, total);
	*size = total;
	return 0;
}

static bool is_present(const struct bh_field_map *row, const uint8_t *in)
{
	bool present = false;
	if (row->has_flag)
		memcpy(&present, in + row->count_offset, sizeof(present));
	return present;
}

static int measure_field(const struct bh_field_map *row, const struct bh_wire_row *field,
	const uint8_t *in, size_t *size)
{
	size_t len = 0;
	int err = 0;
	if (field->repeated)
		return measure_list(row, field, in, size);
	if (!is_delimited(field)) {
		uint64_t value = load_scalar(field->type, in + row->offset);
		*size = value == 0 ? 0 : tag_size(field) + bh_wire_varint_size(value);
		return 0;
	}
	if (row->has_flag && !is_present(row, in)) {
		*size = 0;
		return 0;
	}
	if (is_message(field))
		err = bh_message_measure(row->message, in + row->offset, &len);
	else
		err = measure_span(row, field, load_span(in + row->offset), &len);
	if (err == 0)
		*size = len == 0 && !row->has_flag ? 0 : delimited_size(field, len);
	return err;
}

int bh_message_measure(const struct bh_message_map *map, const void *in, size_t *size)
{
	size_t total = 0;
	for (unsigned i = 0; i < map->count; i++) {
		size_t one = 0;
		int err = measure_field(&map->fields[i], &map->wire[i], in, &one);
		if (err != 0)
			return err;
		total += one;
	}
	*size = total;
	return 0;
}

/* ---- Second pass ---- */

static uint8_t *write_head(const struct bh_wire_row *field, uint8_t *body, uint8_t *end)
{
	uint8_t *at = bh_wire_varint_write((uint64_t)(end - body), body);
	return bh_wire_varint_write((uint64_t)field->id << 3 | BH_WIRE_BYTES, at);
}

static uint8_t *write_span(struct bh_span span, uint8_t *end)
{
	if (span.len > 0)
		memcpy(end - span.len, span.data, span.len);
	return end - span.len;
}

static uint8_t *write_item(const struct bh_field_map *row, const struct bh_wire_row *field,
	const uint8_t *item, uint8_t *end)
{
	if (is_message(field))
		return bh_message_write(row->message, item, end);
	return write_span(load_span(item), end);
}

static uint8_t *write_list(const struct bh_field_map *row, const struct bh_wire_row *field,
	const uint8_t *in, uint8_t *end)
{
	struct list list = load_list(row, field, in);
	uint8_t *at = end;
	for (size_t i = list.count; i-- > 0;) {
		const uint8_t *item = list.items + i * list.size;
		if (is_delimited(field))
			at = write_head(field, write_item(row, field, item, at), at);
		else
			at = bh_wire_varint_write(load_scalar(field->type, item), at);
	}
	return is_delimited(field) || at == end ? at : write_head(field, at, end);
}

static uint8_t *write_field(const struct bh_field_map *row, const struct bh_wire_row *field,
	const uint8_t *in, uint8_t *end)
{
	if (field->repeated)
		return write_list(row, field, in, end);
	if (is_delimited(field)) {
		if (row->has_flag && !is_present(row, in))
			return end;
		uint8_t *body = write_item(row, field, in + row->offset, end);
		return body == end && !row->has_flag ? end : write_head(field, body, end);
	}
	uint64_t value = load_scalar(field->type, in + row->offset);
	if (value == 0)
		return end;
	return bh_wire_varint_write((uint64_t)field->id << 3, bh_wire_varint_write(value, end));
}

uint8_t *bh_message_write(const struct bh_message_map *map, const void *in, uint8_t *end)
{
	for (unsigned i = map->count; i-- > 0;)
		end = write_field(&map->fields[i], &map->wire[i], in, end);
	return end;
}

int bh_message_encode(const struct bh_message_map *map, const void *in, struct bh_buf *out)
{
	size_t size;
	uint8_t *at;
	int err = bh_message_measure(map, in, &size);
	if (err == 0)
		err = bh_buf_reserve(out, size, &at);
	if (err != 0)
		return err;
	uint8_t *start = bh_message_write(map, in, at + size);
	bh_assert(start == at);
	out->len += size;
	return 0;
}
