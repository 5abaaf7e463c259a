/* A read-mostly map from ids to positions in a list: open addressing, built once, never shrunk. */
#ifndef BH_SERVER_DOMAIN_ID_MAP_H
#define BH_SERVER_DOMAIN_ID_MAP_H

#include <stdint.h>

#include "proto/arena.h"

#define BH_ID_MAP_NONE UINT32_MAX

/* Slots lie in the arena it was built in. */
struct bh_id_map {
	struct bh_id_slot {
		uint64_t key;
		uint32_t value; /* BH_ID_MAP_NONE: free */
	} * slots;
	uint64_t mask; /* slots less one; at least half of them stay free */
};

/* Room for count keys.  BH_ERR_NOMEM. */
int bh_id_map_open(struct bh_id_map *map, struct bh_arena *arena, size_t count);
/* False, and the first value stays, where the key is there already. */
bool bh_id_map_put(struct bh_id_map *map, uint64_t key, uint32_t value);
/* Puts it, or replaces the value that is there. */
void bh_id_map_set(struct bh_id_map *map, uint64_t key, uint32_t value);
/* BH_ID_MAP_NONE when it is not there, also in a map that is all zero. */
uint32_t bh_id_map_get(const struct bh_id_map *map, uint64_t key);

#endif
