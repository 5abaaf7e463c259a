/* protobuf-c's own description of a message whose rows the codec reads. */
#ifndef BH_TESTS_UNIT_PROTO_SCHEMA_H
#define BH_TESTS_UNIT_PROTO_SCHEMA_H

#include "proto/bihuan.pb-c.h"
#include "proto/bihuan_wire.h"
#include "proto/codec_map.h"
#include "tests/unit/proto/cmocka_all.h"

#define BOTH(name) {bh_wire_##name, &bh__pb__##name##__descriptor},
static const struct {
	const struct bh_wire_row *ours;
	const ProtobufCMessageDescriptor *theirs;
} both[] = {BH_WIRE_MESSAGES(BOTH)};

static inline const ProtobufCMessageDescriptor *pb_of(const struct bh_message_map *map)
{
	for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
		if (both[i].ours == map->wire)
			return both[i].theirs;
	}
	fail_msg("no message of the schema");
	return NULL;
}

#endif
