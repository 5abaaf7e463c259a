/* A frame's body holds one message under the number of its kind.  A body that holds none we know is
 * a kind of a newer program: it decodes as unknown, to be skipped. */
#include <string.h>

#include "proto/codec.h"
#include "proto/codec_map.h"
#include "proto/err.h"
#include "proto/limits.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct bh_message_map *const client_maps[] = {
	[BH_CLIENT_HELLO] = &bh_map_hello,
	[BH_CLIENT_ENROL] = &bh_map_enrol,
	[BH_CLIENT_PUSH] = &bh_map_push,
	[BH_CLIENT_APPLIED] = &bh_map_applied,
	[BH_CLIENT_PING] = &bh_map_ping,
	[BH_CLIENT_PONG] = &bh_map_ping,
	[BH_CLIENT_BYE] = &bh_map_bye,
	[BH_CLIENT_BLOB_OFFER] = &bh_map_blob_offer,
	[BH_CLIENT_BLOB_PART] = &bh_map_blob_part,
	[BH_CLIENT_BLOB_ASK] = &bh_map_blob_ask,
	[BH_CLIENT_CARGO] = &bh_map_cargo,
	[BH_CLIENT_ROTATE] = &bh_map_rotate,
};

static const struct bh_message_map *const server_maps[] = {
	[BH_SERVER_WELCOME] = &bh_map_welcome,
	[BH_SERVER_ENROLLED] = &bh_map_enrolled,
	[BH_SERVER_ACK] = &bh_map_ack,
	[BH_SERVER_DELTA] = &bh_map_delta,
	[BH_SERVER_DISTRICT] = &bh_map_district,
	[BH_SERVER_PING] = &bh_map_ping,
	[BH_SERVER_PONG] = &bh_map_ping,
	[BH_SERVER_REFUSAL] = &bh_map_refusal,
	[BH_SERVER_BLOB_STATE] = &bh_map_blob_state,
	[BH_SERVER_BLOB_PART] = &bh_map_blob_part,
	[BH_SERVER_CARGO_STATE] = &bh_map_cargo_state,
	[BH_SERVER_ROTATED] = &bh_map_rotated,
};

/* The one field of a body that is a kind of the maps: *kind 0 when there is none. */
static int find_kind(struct bh_span body, const struct bh_message_map *const *maps, size_t count,
	unsigned *kind, struct bh_span *message)
{
	struct bh_reader reader = bh_reader(body);
	struct bh_wire_field wire;
	unsigned unknown = 0;
	int more;
	*kind = 0;
	while ((more = bh_wire_next(&reader, &wire)) > 0) {
		if (wire.id >= count || maps[wire.id] == NULL) {
			if (++unknown > BH_DECODE_UNKNOWN_MAX)
				return BH_ERR_LIMIT;
			continue;
		}
		if (wire.type != BH_WIRE_BYTES || *kind != 0)
			return BH_ERR_MALFORMED;
		*kind = wire.id;
		*message = wire.bytes;
	}
	return more;
}

/* salts: one for each op, so a multiple of their size. */
static bool push_is_whole(const struct bh_msg_push *push)
{
	return push->salts.len % BH_SALT_BYTES == 0;
}

int bh_decode_client_frame(struct bh_span body, struct bh_arena *arena, struct bh_client_frame *out)
{
	struct bh_client_frame frame;
	struct bh_span message = {NULL, 0};
	unsigned kind;
	memset(&frame, 0, sizeof(frame));
	int err = find_kind(body, client_maps, COUNT(client_maps), &kind, &message);
	if (err == 0 && kind != BH_CLIENT_UNKNOWN)
		err = bh_message_decode(client_maps[kind], message, arena, &frame.u);
	if (err == 0 && kind == BH_CLIENT_PUSH && !push_is_whole(&frame.u.push))
		err = BH_ERR_MALFORMED;
	if (err != 0)
		return err;
	frame.kind = (enum bh_client_kind)kind;
	*out = frame;
	return 0;
}

int bh_decode_server_frame(struct bh_span body, struct bh_arena *arena, struct bh_server_frame *out)
{
	struct bh_server_frame frame;
	struct bh_span message = {NULL, 0};
	unsigned kind;
	memset(&frame, 0, sizeof(frame));
	int err = find_kind(body, server_maps, COUNT(server_maps), &kind, &message);
	if (err == 0 && kind != BH_SERVER_UNKNOWN)
		err = bh_message_decode(server_maps[kind], message, arena, &frame.u);
	if (err != 0)
		return err;
	frame.kind = (enum bh_server_kind)kind;
	*out = frame;
	return 0;
}

static int encode_kind(
	unsigned kind, const struct bh_message_map *map, const void *message, struct bh_buf *out)
{
	size_t size;
	uint8_t *at;
	int err = bh_message_measure(map, message, &size);
	if (err != 0)
		return err;
	uint64_t tag = (uint64_t)kind << 3 | BH_WIRE_BYTES;
	size_t whole = bh_wire_varint_size(tag) + bh_wire_varint_size(size) + size;
	err = bh_buf_reserve(out, whole, &at);
	if (err != 0)
		return err;
	uint8_t *start = bh_message_write(map, message, at + whole);
	start = bh_wire_varint_write(tag, bh_wire_varint_write(size, start));
	bh_assert(start == at);
	out->len += whole;
	return 0;
}

int bh_encode_client_frame(const struct bh_client_frame *frame, struct bh_buf *out)
{
	unsigned kind = frame->kind;
	if (kind == BH_CLIENT_UNKNOWN || kind >= COUNT(client_maps) || !client_maps[kind])
		return BH_ERR_INVALID;
	if (kind == BH_CLIENT_PUSH && !push_is_whole(&frame->u.push))
		return BH_ERR_INVALID;
	return encode_kind(kind, client_maps[kind], &frame->u, out);
}

int bh_encode_server_frame(const struct bh_server_frame *frame, struct bh_buf *out)
{
	unsigned kind = frame->kind;
	if (kind == BH_SERVER_UNKNOWN || kind >= COUNT(server_maps) || !server_maps[kind])
		return BH_ERR_INVALID;
	return encode_kind(kind, server_maps[kind], &frame->u, out);
}
