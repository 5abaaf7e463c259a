/* Varints and tags.  A reader never looks past its span and refuses what no writer makes: field
 * number 0, groups, varints of more than ten bytes. */
#include "proto/codec_map.h"
#include "proto/err.h"

#define VARINT_BYTES_MAX 10u
#define TAG_TYPE_BITS 3u
#define FIELD_NUMBER_MAX ((1u << 29) - 1)

bool bh_wire_varint(struct bh_reader *reader, uint64_t *out)
{
	uint64_t value = 0;
	size_t left = reader->len - reader->at;
	if (left > VARINT_BYTES_MAX)
		left = VARINT_BYTES_MAX;
	for (size_t i = 0; i < left; i++) {
		uint8_t byte = reader->data[reader->at + i];
		value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (byte < 0x80) {
			reader->at += i + 1;
			*out = value;
			return true;
		}
	}
	reader->bad = true;
	return false;
}

int bh_wire_next(struct bh_reader *reader, struct bh_wire_field *out)
{
	uint64_t tag, len;
	if (reader->at == reader->len)
		return 0;
	if (!bh_wire_varint(reader, &tag) || tag >> TAG_TYPE_BITS == 0 ||
		tag >> TAG_TYPE_BITS > FIELD_NUMBER_MAX)
		return BH_ERR_MALFORMED;
	out->id = (uint32_t)(tag >> TAG_TYPE_BITS);
	out->type = (uint32_t)tag & 7u;
	switch (out->type) {
	case BH_WIRE_VARINT:
		bh_wire_varint(reader, &out->value);
		break;
	case BH_WIRE_FIXED64:
		bh_get_bytes(reader, 8);
		break;
	case BH_WIRE_FIXED32:
		bh_get_bytes(reader, 4);
		break;
	case BH_WIRE_BYTES:
		if (!bh_wire_varint(reader, &len) || len > reader->len - reader->at)
			return BH_ERR_MALFORMED;
		out->bytes = bh_span(reader->data + reader->at, (size_t)len);
		reader->at += (size_t)len;
		break;
	default:
		return BH_ERR_MALFORMED;
	}
	return reader->bad ? BH_ERR_MALFORMED : 1;
}

size_t bh_wire_varint_size(uint64_t value)
{
	size_t size = 1;
	for (; value >= 0x80; value >>= 7)
		size++;
	return size;
}

uint8_t *bh_wire_varint_write(uint64_t value, uint8_t *end)
{
	uint8_t *start = end - bh_wire_varint_size(value);
	uint8_t *at = start;
	for (; value >= 0x80; value >>= 7)
		*at++ = (uint8_t)(value | 0x80);
	*at = (uint8_t)value;
	return start;
}
