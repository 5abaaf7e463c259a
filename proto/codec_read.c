/* Reads a message in two walks over its bytes: the first counts what repeats, so that each array is
 * allocated once and exactly; the second fills in.  Bytes and strings are lent out of the input, so
 * a decode allocates nothing else.  Unknown fields are counted and skipped, never kept and never
 * entered, which bounds the depth by the schema's own. */
#include <string.h>

#include "proto/codec.h"
#include "proto/codec_map.h"
#include "proto/err.h"
#include "proto/limits.h"

struct decoder {
	struct bh_arena *arena;
	size_t heap_left;
	unsigned unknown_left;
	unsigned depth;
};

typedef uint32_t field_counts[BH_MAP_FIELDS_MAX];

static int message_read(struct decoder *decoder, const struct bh_message_map *map,
	struct bh_span body, uint8_t *out);

static const struct bh_wire_row *description(const struct bh_message_map *map, unsigned i)
{
	return &map->wire[i];
}

static bool is_repeated(const struct bh_wire_row *field)
{
	return field->repeated;
}

/* Field numbers are nearly dense: the number is the index, or a little past it where one was left
 * out. */
static bool find_field(const struct bh_message_map *map, uint32_t id, unsigned *index)
{
	unsigned i = id <= map->count ? id - 1 : map->count - 1u;
	while (i > 0 && description(map, i)->id > id)
		i--;
	*index = i;
	return description(map, i)->id == id;
}

static bool is_scalar(const struct bh_wire_row *field)
{
	return field->type != BH_FIELD_STRING && field->type != BH_FIELD_BYTES &&
	       field->type != BH_FIELD_MESSAGE;
}

static size_t item_size(const struct bh_field_map *row, const struct bh_wire_row *field)
{
	switch (field->type) {
	case BH_FIELD_UINT32:
	case BH_FIELD_SINT32:
		return sizeof(uint32_t);
	case BH_FIELD_UINT64:
	case BH_FIELD_SINT64:
		return sizeof(uint64_t);
	case BH_FIELD_MESSAGE:
		return row->message->size;
	default:
		return sizeof(struct bh_span);
	}
}

static int64_t unzigzag(uint64_t value)
{
	return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}

/* As every protobuf reader does, a value too wide for its field loses its upper bits. */
static void store_scalar(unsigned type, uint64_t value, uint8_t *at)
{
	uint32_t narrow = (uint32_t)value;
	int64_t wide_signed = unzigzag(value);
	int32_t narrow_signed = (int32_t)unzigzag(narrow);
	bool truth = value != 0;
	switch (type) {
	case BH_FIELD_UINT32:
		memcpy(at, &narrow, sizeof(narrow));
		break;
	case BH_FIELD_SINT32:
		memcpy(at, &narrow_signed, sizeof(narrow_signed));
		break;
	case BH_FIELD_UINT64:
		memcpy(at, &value, sizeof(value));
		break;
	case BH_FIELD_SINT64:
		memcpy(at, &wide_signed, sizeof(wide_signed));
		break;
	case BH_FIELD_BOOL:
		memcpy(at, &truth, sizeof(truth));
		break;
	default:
		bh_assert_failed("the schema uses this scalar type", __FILE__, __LINE__);
	}
}

static int store_bytes(const struct bh_field_map *row, struct bh_span bytes, uint8_t *at)
{
	if (row->exact != 0 && bytes.len != row->exact && (row->required || bytes.len != 0))
		return BH_ERR_MALFORMED;
	memcpy(at, &bytes, sizeof(bytes));
	return 0;
}

static int store_string(const struct bh_field_map *row, struct bh_span text, uint8_t *at)
{
	if (!row->lenient && text.len > row->max)
		return BH_ERR_LIMIT;
	if (!row->lenient && !bh_utf8_valid(text))
		return BH_ERR_MALFORMED;
	memcpy(at, &text, sizeof(text));
	return 0;
}

static int store_item(struct decoder *decoder, const struct bh_field_map *row,
	const struct bh_wire_row *field, const struct bh_wire_field *wire, uint8_t *at)
{
	if (is_scalar(field)) {
		if (wire->type != BH_WIRE_VARINT)
			return BH_ERR_MALFORMED;
		store_scalar(field->type, wire->value, at);
		return 0;
	}
	if (wire->type != BH_WIRE_BYTES)
		return BH_ERR_MALFORMED;
	if (field->type == BH_FIELD_MESSAGE)
		return message_read(decoder, row->message, wire->bytes, at);
	if (field->type == BH_FIELD_STRING)
		return store_string(row, wire->bytes, at);
	return store_bytes(row, wire->bytes, at);
}

/* ---- First walk ---- */

static uint32_t packed_count(struct bh_span bytes)
{
	uint32_t count = 0;
	for (size_t i = 0; i < bytes.len; i++)
		count += bytes.data[i] < 0x80;
	return count;
}

static int count_items(const struct bh_message_map *map, struct bh_span body, field_counts counts)
{
	struct bh_reader reader = bh_reader(body);
	struct bh_wire_field wire;
	int more;
	while ((more = bh_wire_next(&reader, &wire)) > 0) {
		unsigned i;
		if (!find_field(map, wire.id, &i) || !is_repeated(description(map, i)))
			continue;
		bool packed = is_scalar(description(map, i)) && wire.type == BH_WIRE_BYTES;
		counts[i] += packed ? packed_count(wire.bytes) : 1;
		if (counts[i] > map->fields[i].max)
			return BH_ERR_LIMIT;
	}
	return more;
}

static int allocate_lists(struct decoder *decoder, const struct bh_message_map *map,
	const field_counts counts, uint8_t *out)
{
	for (unsigned i = 0; i < map->count; i++) {
		if (counts[i] == 0)
			continue;
		size_t size = counts[i] * item_size(&map->fields[i], description(map, i));
		if (size > decoder->heap_left)
			return BH_ERR_LIMIT;
		decoder->heap_left -= size;
		void *array = bh_arena_alloc(decoder->arena, size);
		if (array == NULL)
			return BH_ERR_NOMEM;
		memcpy(out + map->fields[i].offset, &array, sizeof(array));
	}
	return 0;
}

/* ---- Second walk ---- */

static int append_item(struct decoder *decoder, const struct bh_field_map *row,
	const struct bh_wire_row *field, const struct bh_wire_field *wire, uint8_t *out)
{
	uint8_t *array;
	size_t count, size = item_size(row, field);
	memcpy(&array, out + row->offset, sizeof(array));
	memcpy(&count, out + row->count_offset, sizeof(count));
	int err = 0;
	if (is_scalar(field) && wire->type == BH_WIRE_BYTES) {
		struct bh_reader reader = bh_reader(wire->bytes);
		uint64_t value;
		while (reader.at < reader.len) {
			if (!bh_wire_varint(&reader, &value))
				return BH_ERR_MALFORMED;
			store_scalar(field->type, value, array + size * count++);
		}
	} else {
		err = store_item(decoder, row, field, wire, array + size * count++);
	}
	memcpy(out + row->count_offset, &count, sizeof(count));
	return err;
}

static int fill_field(struct decoder *decoder, const struct bh_message_map *map, unsigned i,
	const struct bh_wire_field *wire, uint32_t *seen, uint8_t *out)
{
	const struct bh_field_map *row = &map->fields[i];
	const struct bh_wire_row *field = description(map, i);
	if (is_repeated(field))
		return append_item(decoder, row, field, wire, out);
	if (field->type == BH_FIELD_MESSAGE) {
		/* Readers would merge a second one; no writer sends it. */
		if ((*seen & 1u << i) != 0)
			return BH_ERR_MALFORMED;
		if (row->has_flag)
			memcpy(out + row->count_offset, &(bool){true}, sizeof(bool));
	}
	*seen |= 1u << i;
	return store_item(decoder, row, field, wire, out + row->offset);
}

static int fill_fields(struct decoder *decoder, const struct bh_message_map *map,
	struct bh_span body, uint8_t *out)
{
	struct bh_reader reader = bh_reader(body);
	struct bh_wire_field wire;
	uint32_t seen = 0;
	int more;
	while ((more = bh_wire_next(&reader, &wire)) > 0) {
		unsigned i;
		if (!find_field(map, wire.id, &i)) {
			if (decoder->unknown_left == 0)
				return BH_ERR_LIMIT;
			decoder->unknown_left--;
			continue;
		}
		int err = fill_field(decoder, map, i, &wire, &seen, out);
		if (err != 0)
			return err;
	}
	for (unsigned i = 0; i < map->count && more == 0; i++) {
		if (map->fields[i].required && (seen & 1u << i) == 0)
			return BH_ERR_MALFORMED;
	}
	return more;
}

/* out is zeroed by whoever owns it. */
static int message_read(struct decoder *decoder, const struct bh_message_map *map,
	struct bh_span body, uint8_t *out)
{
	field_counts counts = {0};
	int err = 0;
	if (decoder->depth == 0)
		return BH_ERR_LIMIT;
	decoder->depth--;
	if (map->has_lists) {
		err = count_items(map, body, counts);
		if (err == 0)
			err = allocate_lists(decoder, map, counts, out);
	}
	if (err == 0)
		err = fill_fields(decoder, map, body, out);
	decoder->depth++;
	return err;
}

int bh_message_decode(
	const struct bh_message_map *map, struct bh_span body, struct bh_arena *arena, void *out)
{
	union {
		max_align_t align;
		uint8_t bytes[BH_MAP_STRUCT_MAX];
	} value;
	struct decoder decoder = {
		.arena = arena,
		.heap_left = BH_DECODE_HEAP_FACTOR * body.len + BH_DECODE_HEAP_BASE,
		.unknown_left = BH_DECODE_UNKNOWN_MAX,
		.depth = BH_DECODE_DEPTH_MAX,
	};
	bh_assert(map->size <= sizeof(value));
	memset(value.bytes, 0, map->size);
	int err = message_read(&decoder, map, body, value.bytes);
	if (err == 0)
		memcpy(out, value.bytes, map->size);
	return err;
}
