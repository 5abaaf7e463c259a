/* A key that another one replaced proves nothing any more, in no history that a restore makes
 * (I16): who took the handset's old copy must not come in by it. */
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "tests/sim/judge_state.h"

void bh_simjudge_key(struct bh_simjudge *judge, uint32_t device, struct bh_span key)
{
	if (judge->keys == NULL) {
		judge->keys = calloc(BH_SIMJUDGE_DEVICES_MAX, sizeof(*judge->keys));
		bh_assert(judge->keys != NULL);
	}
	bh_assert(device < BH_SIMJUDGE_DEVICES_MAX && key.len == sizeof(judge->keys[device]));
	memcpy(judge->keys[device], key.data, key.len);
}

static bool is_replaced(
	const struct bh_simjudge *judge, uint32_t device, const uint8_t key[BH_PUBLIC_KEY_BYTES])
{
	for (size_t i = 0; i < judge->replaced_count; i++) {
		const struct bh_simreplaced *replaced = &judge->replaced[i];
		if (replaced->device == device &&
			memcmp(replaced->key, key, sizeof(replaced->key)) == 0)
			return true;
	}
	return false;
}

void bh_simjudge_rotated(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	struct bh_msg_entry_rotated rotated;

	bh_assert(bh_decode_entry_rotated(entry->content, &judge->arena, &rotated) == 0);
	judge->run->tally.keys_rotated++;
	if (rotated.replaces.len != BH_PUBLIC_KEY_BYTES || judge->keys == NULL ||
		memcmp(judge->keys[rotated.device], rotated.replaces.data, BH_PUBLIC_KEY_BYTES) !=
			0)
		bh_simjudge_break(judge, "I14", entry, "it replaces a key that the device has not");
	if (!is_replaced(judge, rotated.device, rotated.replaces.data)) {
		bh_simjudge_grow((void **)&judge->replaced, &judge->replaced_room,
			judge->replaced_count, sizeof(*judge->replaced));
		struct bh_simreplaced *replaced = &judge->replaced[judge->replaced_count++];
		replaced->device = rotated.device;
		memcpy(replaced->key, rotated.replaces.data, sizeof(replaced->key));
	}
	bh_simjudge_key(judge, rotated.device, rotated.public_key);
}

void bh_simjudge_keys_look(struct bh_simjudge *judge)
{
	for (size_t i = 0; i < judge->replaced_count; i++) {
		uint32_t device = judge->replaced[i].device;
		if (is_replaced(judge, device, judge->keys[device]))
			bh_simrun_fail(judge->run, "I16",
				"device %u has a key again that was replaced before the server was "
				"put back",
				device);
	}
}

void bh_simjudge_keys_forget(struct bh_simjudge *judge)
{
	if (judge->keys != NULL)
		memset(judge->keys, 0, BH_SIMJUDGE_DEVICES_MAX * sizeof(*judge->keys));
}

void bh_simjudge_keys_free(struct bh_simjudge *judge)
{
	free(judge->replaced);
	free(judge->keys);
}
