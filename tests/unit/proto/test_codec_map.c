/* The tables against the schema, and the codec against protobuf-c itself: what we write, it reads
 * and writes back byte for byte; what we accept of damaged bytes, it accepts too. */
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/codec_map.h"
#include "proto/err.h"
#include "proto/limits.h"
#include "tests/unit/proto/cmocka_all.h"
#include "tests/unit/proto/schema.h"
#include "tests/unit/proto/seeded.h"

#define ROUNDS 400
#define ARENA_MAX (16u * 1024u * 1024u)

static const struct bh_message_map *const maps[] = {
	&bh_map_hello,
	&bh_map_enrol,
	&bh_map_push,
	&bh_map_applied,
	&bh_map_ping,
	&bh_map_bye,
	&bh_map_welcome,
	&bh_map_enrolled,
	&bh_map_ack,
	&bh_map_delta,
	&bh_map_refusal,
	&bh_map_blob_offer,
	&bh_map_blob_part,
	&bh_map_blob_state,
	&bh_map_blob_ask,
	&bh_map_rotate,
	&bh_map_rotated,
	&bh_map_batch,
	&bh_map_records,
	&bh_map_receipt,
	&bh_map_op_header,
	&bh_map_op_content,
	&bh_map_district,
	&bh_map_profile,
	&bh_map_entry_enrol_code,
	&bh_map_entry_enrolled,
	&bh_map_entry_revoked,
	&bh_map_entry_log,
	&bh_map_entry_rotated,
	&bh_map_entry_restored,
	&bh_map_entry_bundle,
	&bh_map_signed,
	&bh_map_bundle_statement,
	&bh_map_bundle_answer,
	&bh_map_cargo,
	&bh_map_cargo_state,
};
#define MAPS (sizeof(maps) / sizeof(maps[0]))

/* ---- The tables ---- */

static void check_row(const struct bh_field_map *row, const ProtobufCFieldDescriptor *field)
{
	assert_string_equal(row->name, field->name);
	bool repeated = field->label == PROTOBUF_C_LABEL_REPEATED;
	assert_true(repeated == (row->max != 0 && field->type != PROTOBUF_C_TYPE_STRING));
	assert_true((field->type == PROTOBUF_C_TYPE_MESSAGE) == (row->message != NULL));
	if (row->message != NULL)
		assert_ptr_equal(pb_of(row->message), field->descriptor);
	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
		assert_true(row->lenient || row->max != 0);
		break;
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_BOOL:
		assert_int_equal(row->exact, 0);
		assert_true(!repeated || (field->flags & PROTOBUF_C_FIELD_FLAG_PACKED) != 0);
		break;
	default:
		assert_true(field->type == PROTOBUF_C_TYPE_BYTES ||
			    field->type == PROTOBUF_C_TYPE_MESSAGE);
	}
}

static void check_map(const struct bh_message_map *map)
{
	bool lists = false;
	assert_int_equal(map->count, pb_of(map)->n_fields);
	assert_true(map->count <= BH_MAP_FIELDS_MAX);
	assert_true(map->size <= BH_MAP_STRUCT_MAX);
	for (unsigned i = 0; i < map->count; i++) {
		/* find_field relies on it */
		assert_true(pb_of(map)->fields[i].id > (i > 0 ? pb_of(map)->fields[i - 1].id : 0));
		assert_int_equal(map->wire[i].id, pb_of(map)->fields[i].id);
		check_row(&map->fields[i], &pb_of(map)->fields[i]);
		lists |= pb_of(map)->fields[i].label == PROTOBUF_C_LABEL_REPEATED;
		if (map->fields[i].message != NULL)
			check_map(map->fields[i].message);
	}
	assert_true(lists == map->has_lists);
}

static void test_codec_map__rows_agree_with_the_schema(void **state)
{
	(void)state;
	for (size_t i = 0; i < MAPS; i++)
		check_map(maps[i]);
}

static void check_depth(const ProtobufCMessageDescriptor *message, unsigned left)
{
	assert_true(left > 0);
	for (unsigned i = 0; i < message->n_fields; i++) {
		if (message->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
			check_depth(message->fields[i].descriptor, left - 1);
	}
}

/* A11: a recursive schema would run out of depth too. */
static void test_codec_map__schema_nests_at_most_eight_and_never_recurs(void **state)
{
	(void)state;
	check_depth(&bh__pb__client_frame__descriptor, BH_DECODE_DEPTH_MAX);
	check_depth(&bh__pb__server_frame__descriptor, BH_DECODE_DEPTH_MAX);
	for (size_t i = 0; i < MAPS; i++)
		check_depth(pb_of(maps[i]), BH_DECODE_DEPTH_MAX);
}

/* ---- Random structs ---- */

static void fill_message(struct seeded *seeded, struct bh_arena *arena,
	const struct bh_message_map *map, uint8_t *out);

static void fill_scalar(struct seeded *seeded, ProtobufCType type, uint8_t *at)
{
	uint64_t value = seeded_below(seeded, 4) == 0 ? 0 : seeded_number(seeded);
	if (seeded_below(seeded, 2) == 0)
		value = 0 - value;
	bool truth = value & 1;
	if (type == PROTOBUF_C_TYPE_BOOL)
		memcpy(at, &truth, sizeof(truth));
	else if (type == PROTOBUF_C_TYPE_UINT32 || type == PROTOBUF_C_TYPE_SINT32)
		memcpy(at, &(uint32_t){(uint32_t)value}, sizeof(uint32_t));
	else
		memcpy(at, &value, sizeof(value));
}

static struct bh_span random_text(struct seeded *seeded, struct bh_arena *arena)
{
	static const char *const pieces[] = {"a", "路", "灯", "\xf0\x9f\x92\xa1", "é", " "};
	struct bh_buf text = BH_BUF(200);
	for (uint32_t i = seeded_below(seeded, 20); i > 0; i--) {
		const char *piece = pieces[seeded_below(seeded, 6)];
		assert_int_equal(bh_buf_append(&text, piece, strlen(piece)), 0);
	}
	struct bh_span out;
	assert_int_equal(bh_arena_copy(arena, bh_buf_span(&text), &out), 0);
	bh_buf_free(&text);
	return out;
}

static struct bh_span random_bytes(
	struct seeded *seeded, struct bh_arena *arena, const struct bh_field_map *row)
{
	size_t len = row->exact != 0 ? row->exact : seeded_below(seeded, 40);
	if (row->exact != 0 && !row->required && seeded_below(seeded, 3) == 0)
		len = 0;
	uint8_t *bytes = bh_arena_alloc(arena, len);
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)seeded_next(seeded);
	return bh_span(bytes, len);
}

static void fill_item(struct seeded *seeded, struct bh_arena *arena, const struct bh_field_map *row,
	const ProtobufCFieldDescriptor *field, uint8_t *at)
{
	struct bh_span span;
	switch (field->type) {
	case PROTOBUF_C_TYPE_MESSAGE:
		fill_message(seeded, arena, row->message, at);
		return;
	case PROTOBUF_C_TYPE_STRING:
		span = random_text(seeded, arena);
		memcpy(at, &span, sizeof(span));
		return;
	case PROTOBUF_C_TYPE_BYTES:
		span = random_bytes(seeded, arena, row);
		memcpy(at, &span, sizeof(span));
		return;
	default:
		fill_scalar(seeded, field->type, at);
	}
}

static size_t size_of_item(const struct bh_field_map *row, const ProtobufCFieldDescriptor *field)
{
	if (field->type == PROTOBUF_C_TYPE_MESSAGE)
		return row->message->size;
	if (field->type == PROTOBUF_C_TYPE_BYTES)
		return sizeof(struct bh_span);
	return field->type == PROTOBUF_C_TYPE_UINT64 ? 8 : 4;
}

static void fill_list(struct seeded *seeded, struct bh_arena *arena, const struct bh_field_map *row,
	const ProtobufCFieldDescriptor *field, uint8_t *out)
{
	size_t count = seeded_below(seeded, 5), size = size_of_item(row, field);
	uint8_t *items = bh_arena_array(arena, count, size);
	for (size_t i = 0; i < count; i++)
		fill_item(seeded, arena, row, field, items + i * size);
	memcpy(out + row->offset, &items, sizeof(items));
	memcpy(out + row->count_offset, &count, sizeof(count));
}

static void fill_message(struct seeded *seeded, struct bh_arena *arena,
	const struct bh_message_map *map, uint8_t *out)
{
	for (unsigned i = 0; i < map->count; i++) {
		const struct bh_field_map *row = &map->fields[i];
		const ProtobufCFieldDescriptor *field = &pb_of(map)->fields[i];
		if (field->label == PROTOBUF_C_LABEL_REPEATED) {
			fill_list(seeded, arena, row, field, out);
			continue;
		}
		if (row->has_flag) {
			bool present = seeded_below(seeded, 2) == 0;
			memcpy(out + row->count_offset, &present, sizeof(present));
			if (!present)
				continue;
		}
		fill_item(seeded, arena, row, field, out + row->offset);
	}
}

static struct bh_buf encode_random(
	struct seeded *seeded, struct bh_arena *arena, const struct bh_message_map *map)
{
	struct bh_buf bytes = BH_BUF(ARENA_MAX);
	void *plain = bh_arena_alloc(arena, map->size);
	fill_message(seeded, arena, map, plain);
	assert_int_equal(bh_message_encode(map, plain, &bytes), 0);
	return bytes;
}

static void check_against_protobuf_c(const struct bh_message_map *map, struct bh_span bytes)
{
	ProtobufCMessage *theirs = protobuf_c_message_unpack(
		pb_of(map), NULL, bytes.len, bytes.data);
	assert_non_null(theirs);
	size_t size = protobuf_c_message_get_packed_size(theirs);
	assert_int_equal(size, bytes.len);
	uint8_t *again = malloc(size + 1);
	protobuf_c_message_pack(theirs, again);
	assert_memory_equal(again, bytes.data, size);
	free(again);
	protobuf_c_message_free_unpacked(theirs, NULL);
}

static void check_round_trip(
	const struct bh_message_map *map, struct bh_span bytes, struct bh_arena *arena)
{
	struct bh_buf again = BH_BUF(ARENA_MAX);
	void *plain = bh_arena_alloc(arena, map->size);
	assert_int_equal(bh_message_decode(map, bytes, arena, plain), 0);
	assert_int_equal(bh_message_encode(map, plain, &again), 0);
	assert_true(bh_span_equal(bh_buf_span(&again), bytes));
	bh_buf_free(&again);
}

static void test_codec_map__protobuf_c_reads_and_rewrites_what_we_write(void **state)
{
	(void)state;
	struct seeded seeded = {20261122};
	struct bh_arena arena = BH_ARENA(ARENA_MAX);
	for (unsigned round = 0; round < ROUNDS; round++) {
		const struct bh_message_map *map = maps[round % MAPS];
		struct bh_buf bytes = encode_random(&seeded, &arena, map);
		check_against_protobuf_c(map, bh_buf_span(&bytes));
		check_round_trip(map, bh_buf_span(&bytes), &arena);
		bh_buf_free(&bytes);
		bh_arena_reset(&arena);
	}
	bh_arena_free(&arena);
}

/* ---- Frames ---- */

static const struct bh_message_map *map_of(const ProtobufCMessageDescriptor *pb)
{
	for (size_t i = 0; i < MAPS; i++) {
		if (pb_of(maps[i]) == pb)
			return maps[i];
	}
	fail_msg("no map for %s", pb->name);
	return NULL;
}

/* A random message of the kind, in a body written by hand. */
static struct bh_buf random_frame(
	struct seeded *seeded, struct bh_arena *arena, const ProtobufCFieldDescriptor *kind)
{
	struct bh_buf message = encode_random(seeded, arena, map_of(kind->descriptor));
	struct bh_buf body = BH_BUF(ARENA_MAX);
	uint8_t head[20], *end = head + sizeof(head);
	uint8_t *at = bh_wire_varint_write(message.len, end);
	at = bh_wire_varint_write((uint64_t)kind->id << 3 | BH_WIRE_BYTES, at);
	assert_int_equal(bh_buf_append(&body, at, (size_t)(end - at)), 0);
	assert_int_equal(bh_buf_append(&body, message.data, message.len), 0);
	bh_buf_free(&message);
	return body;
}

static void test_codec_map__frames_have_the_kinds_of_the_schema(void **state)
{
	(void)state;
	struct seeded seeded = {13};
	struct bh_arena arena = BH_ARENA(ARENA_MAX);
	const ProtobufCMessageDescriptor *server = &bh__pb__server_frame__descriptor;
	assert_int_equal(server->fields[server->n_fields - 1].id, BH_SERVER_ROTATED);
	for (unsigned i = 0; i < server->n_fields; i++) {
		struct bh_server_frame frame;
		struct bh_buf body = random_frame(&seeded, &arena, &server->fields[i]);
		struct bh_buf again = BH_BUF(ARENA_MAX);
		assert_int_equal(bh_decode_server_frame(bh_buf_span(&body), &arena, &frame), 0);
		assert_int_equal(frame.kind, server->fields[i].id);
		assert_int_equal(bh_encode_server_frame(&frame, &again), 0);
		assert_true(bh_span_equal(bh_buf_span(&again), bh_buf_span(&body)));
		bh_buf_free(&body);
		bh_buf_free(&again);
	}
	const ProtobufCMessageDescriptor *client = &bh__pb__client_frame__descriptor;
	assert_int_equal(client->fields[client->n_fields - 1].id, BH_CLIENT_ROTATE);
	for (unsigned i = 0; i < client->n_fields; i++) {
		struct bh_client_frame frame = {.kind = BH_CLIENT_UNKNOWN};
		struct bh_buf body = random_frame(&seeded, &arena, &client->fields[i]);
		int err = bh_decode_client_frame(bh_buf_span(&body), &arena, &frame);
		/* Random salts are seldom whole. */
		assert_true(client->fields[i].id == BH_CLIENT_PUSH || err == 0);
		assert_true(err != 0 || (uint32_t)frame.kind == client->fields[i].id);
		bh_buf_free(&body);
	}
	bh_arena_free(&arena);
}

static void damage(struct seeded *seeded, struct bh_buf *bytes)
{
	if (bytes->len == 0)
		return;
	for (uint32_t i = seeded_below(seeded, 4) + 1; i > 0; i--) {
		size_t at = seeded_below(seeded, (uint32_t)bytes->len);
		bytes->data[at] = (uint8_t)seeded_next(seeded);
	}
	if (seeded_below(seeded, 3) == 0)
		bytes->len = seeded_below(seeded, (uint32_t)bytes->len);
}

static void test_codec_map__what_we_accept_of_damaged_bytes_protobuf_c_accepts(void **state)
{
	(void)state;
	struct seeded seeded = {77};
	struct bh_arena arena = BH_ARENA(ARENA_MAX);
	unsigned accepted = 0, refused = 0;
	for (unsigned round = 0; round < ROUNDS * 20; round++) {
		const struct bh_message_map *map = maps[round % MAPS];
		struct bh_buf bytes = encode_random(&seeded, &arena, map);
		damage(&seeded, &bytes);
		void *plain = bh_arena_alloc(&arena, map->size);
		int err = bh_message_decode(map, bh_buf_span(&bytes), &arena, plain);
		ProtobufCMessage *theirs = protobuf_c_message_unpack(
			pb_of(map), NULL, bytes.len, bytes.data);
		assert_true(err == 0 || err == BH_ERR_MALFORMED || err == BH_ERR_LIMIT);
		assert_true(err != 0 || theirs != NULL);
		accepted += err == 0;
		refused += err != 0;
		if (theirs != NULL)
			protobuf_c_message_free_unpacked(theirs, NULL);
		bh_buf_free(&bytes);
		bh_arena_reset(&arena);
	}
	assert_true(accepted > ROUNDS && refused > ROUNDS);
	bh_arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codec_map__rows_agree_with_the_schema),
		cmocka_unit_test(test_codec_map__schema_nests_at_most_eight_and_never_recurs),
		cmocka_unit_test(test_codec_map__protobuf_c_reads_and_rewrites_what_we_write),
		cmocka_unit_test(test_codec_map__frames_have_the_kinds_of_the_schema),
		cmocka_unit_test(
			test_codec_map__what_we_accept_of_damaged_bytes_protobuf_c_accepts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
