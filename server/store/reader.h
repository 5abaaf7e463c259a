/* Inside a reader: what its files share. */
#ifndef BH_STORE_READER_H
#define BH_STORE_READER_H

#include "server/store/entry_row.h"
#include "server/store/store.h"

struct bh_store_reader {
	struct bh_db db;
	struct bh_hasher *hasher;
	struct bh_rules *rules;
	uint64_t rules_position; /* of the PROFILE entry they were built from */
	uint32_t due_divisor;
};

#endif
