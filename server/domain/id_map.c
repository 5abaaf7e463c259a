/* Finds a key by its hash and then slot after slot; a free slot ends the search.  Half of the slots
 * are always free, so it ends soon and cannot run round for ever. */
#include "server/domain/id_map.h"

#include "proto/err.h"

static uint64_t key_hash(uint64_t key)
{
	key *= 0x9e3779b97f4a7c15u;
	return key ^ key >> 32;
}

int bh_id_map_open(struct bh_id_map *map, struct bh_arena *arena, size_t count)
{
	size_t slots = 8;
	while (slots < count * 2 + 2)
		slots *= 2;
	struct bh_id_slot *room = bh_arena_array(arena, slots, sizeof *room);
	if (room == NULL)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < slots; i++)
		room[i].value = BH_ID_MAP_NONE;
	*map = (struct bh_id_map){.slots = room, .mask = slots - 1};
	return 0;
}

/* The key's slot, or the free one where it belongs. */
static struct bh_id_slot *slot_of(const struct bh_id_map *map, uint64_t key)
{
	uint64_t at = key_hash(key) & map->mask;
	while (map->slots[at].value != BH_ID_MAP_NONE && map->slots[at].key != key)
		at = (at + 1) & map->mask;
	return &map->slots[at];
}

bool bh_id_map_put(struct bh_id_map *map, uint64_t key, uint32_t value)
{
	struct bh_id_slot *slot = slot_of(map, key);
	if (slot->value != BH_ID_MAP_NONE)
		return false;
	*slot = (struct bh_id_slot){.key = key, .value = value};
	return true;
}

void bh_id_map_set(struct bh_id_map *map, uint64_t key, uint32_t value)
{
	*slot_of(map, key) = (struct bh_id_slot){.key = key, .value = value};
}

uint32_t bh_id_map_get(const struct bh_id_map *map, uint64_t key)
{
	return map->slots == NULL ? BH_ID_MAP_NONE : slot_of(map, key)->value;
}
