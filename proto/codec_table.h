/* The rows in which codec_session.c and codec_district.c write their tables; private to them. */
#ifndef BH_PROTO_CODEC_TABLE_H
#define BH_PROTO_CODEC_TABLE_H

#include "proto/bihuan_wire.h"
#include "proto/codec_map.h"
#include "proto/limits.h"

#define AT(type, field) (uint16_t) offsetof(struct bh_msg_##type, field)

/* A number or bytes of any length. */
#define ANY(type, field_)                                   \
	{                                                   \
		.name = #field_, .offset = AT(type, field_) \
	}
/* UTF-8 up to BH_TEXT_BYTES_MAX. */
#define TEXT(type, field_)                                                            \
	{                                                                             \
		.name = #field_, .offset = AT(type, field_), .max = BH_TEXT_BYTES_MAX \
	}
/* Bytes the session judges one by one. */
#define LENIENT(type, field_)                                                \
	{                                                                    \
		.name = #field_, .offset = AT(type, field_), .lenient = true \
	}
/* Exactly so many bytes. */
#define EXACT(type, field_, bytes)                                                              \
	{                                                                                       \
		.name = #field_, .offset = AT(type, field_), .exact = (bytes), .required = true \
	}
/* Exactly so many bytes, or none. */
#define EXACT_OR_NONE(type, field_, bytes)                                    \
	{                                                                     \
		.name = #field_, .offset = AT(type, field_), .exact = (bytes) \
	}
/* A message inside; not written when it is all zero. */
#define INNER(type, field_, map)                                               \
	{                                                                      \
		.name = #field_, .offset = AT(type, field_), .message = &(map) \
	}
/* A message inside that may be absent, told by has_<field>. */
#define INNER_IF(type, field_, map)                                                         \
	{                                                                                   \
		.name = #field_, .offset = AT(type, field_),                                \
		.count_offset = AT(type, has_##field_), .has_flag = true, .message = &(map) \
	}
/* Numbers or bytes, at most so many. */
#define LIST(type, field_, items_max)                                        \
	{                                                                    \
		.name = #field_, .offset = AT(type, field_),                 \
		.count_offset = AT(type, field_##_count), .max = (items_max) \
	}
#define INNER_LIST(type, field_, items_max, map)                                                \
	{                                                                                       \
		.name = #field_, .offset = AT(type, field_),                                    \
		.count_offset = AT(type, field_##_count), .max = (items_max), .message = &(map) \
	}

#define COUNT(rows) (uint16_t)(sizeof(rows) / sizeof((rows)[0]))
#define PLAIN_MAP(pb_, rows, type)                                             \
	{                                                                      \
		.wire = bh_wire_##pb_, .fields = (rows), .count = COUNT(rows), \
		.size = sizeof(struct bh_msg_##type)                           \
	}
/* A map some of whose rows are LIST or INNER_LIST. */
#define LIST_MAP(pb_, rows, type)                                              \
	{                                                                      \
		.wire = bh_wire_##pb_, .fields = (rows), .count = COUNT(rows), \
		.size = sizeof(struct bh_msg_##type), .has_lists = true        \
	}

#endif
