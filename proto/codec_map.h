/* Ties the fields of each message, generated from the schema, to the plain struct that stands for
 * it: private to codec*.c. */
#ifndef BH_PROTO_CODEC_MAP_H
#define BH_PROTO_CODEC_MAP_H

#include "proto/arena.h"
#include "proto/message.h"

#define BH_MAP_FIELDS_MAX 32u  /* fields of one message */
#define BH_MAP_STRUCT_MAX 512u /* bytes of one plain struct */

enum bh_field_type {
	BH_FIELD_UINT32,
	BH_FIELD_UINT64,
	BH_FIELD_SINT32,
	BH_FIELD_SINT64,
	BH_FIELD_BOOL,
	BH_FIELD_STRING,
	BH_FIELD_BYTES,
	BH_FIELD_MESSAGE,
};

/* A field as the schema has it (proto/tables.py). */
struct bh_wire_row {
	uint8_t id;
	uint8_t type : 7; /* enum bh_field_type */
	uint8_t repeated : 1;
};

/* One row a field, in the order of field numbers, as the generated rows have them: number, type and
 * repetition come from there, the rest from here. */
struct bh_field_map {
	const char *name;
	uint16_t offset;
	uint16_t count_offset; /* repeated: where the count is; optional message: where its flag is
				*/
	bool has_flag;         /* a message that may be absent, told by the bool at count_offset */
	bool required;         /* exact bytes that may not be absent or empty */
	bool lenient;          /* a string whose bytes somebody else judges */
	uint16_t exact;        /* bytes: exactly this many, or none unless required; 0 is any */
	uint32_t max;          /* repeated: items; string: bytes */
	const struct bh_message_map *message;
};

struct bh_message_map {
	const struct bh_wire_row *wire;
	const struct bh_field_map *fields;
	uint16_t count;
	uint16_t size; /* of the plain struct */
	bool has_lists;
};

extern const struct bh_message_map bh_map_hello, bh_map_enrol, bh_map_push, bh_map_applied,
	bh_map_ping, bh_map_bye, bh_map_welcome, bh_map_enrolled, bh_map_ack, bh_map_delta,
	bh_map_refusal, bh_map_blob_offer, bh_map_blob_part, bh_map_blob_state, bh_map_blob_ask,
	bh_map_rotate, bh_map_rotated, bh_map_batch, bh_map_records, bh_map_receipt,
	bh_map_op_header, bh_map_op_content;
extern const struct bh_message_map bh_map_district, bh_map_profile, bh_map_entry_enrol_code,
	bh_map_entry_enrolled, bh_map_entry_revoked, bh_map_entry_log, bh_map_entry_rotated,
	bh_map_entry_restored;
extern const struct bh_message_map bh_map_entry_bundle, bh_map_signed, bh_map_bundle_statement,
	bh_map_bundle_answer, bh_map_cargo, bh_map_cargo_state;

/* Reads body into the plain struct at out: the codes and promises of codec.h. */
int bh_message_decode(
	const struct bh_message_map *map, struct bh_span body, struct bh_arena *arena, void *out);
/* The size of the plain struct's encoding.  0, BH_ERR_INVALID or BH_ERR_LIMIT when a reader would
 * refuse it. */
int bh_message_measure(const struct bh_message_map *map, const void *in, size_t *size);
/* Writes the encoding so that it ends at end; gives where it starts.  Measure first. */
uint8_t *bh_message_write(const struct bh_message_map *map, const void *in, uint8_t *end);
int bh_message_encode(const struct bh_message_map *map, const void *in, struct bh_buf *out);

/* ---- The wire format (protobuf.dev/programming-guides/encoding) ---- */

enum bh_wire_type {
	BH_WIRE_VARINT = 0,
	BH_WIRE_FIXED64 = 1,
	BH_WIRE_BYTES = 2,
	BH_WIRE_FIXED32 = 5,
};

struct bh_wire_field {
	uint32_t id;
	uint32_t type;
	uint64_t value;       /* of a varint */
	struct bh_span bytes; /* of a length-delimited one */
};

/* 1 and *out, 0 at the end, BH_ERR_MALFORMED. */
int bh_wire_next(struct bh_reader *reader, struct bh_wire_field *out);
bool bh_wire_varint(struct bh_reader *reader, uint64_t *out);
size_t bh_wire_varint_size(uint64_t value);
uint8_t *bh_wire_varint_write(uint64_t value, uint8_t *end);

#endif
