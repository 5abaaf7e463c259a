/* Read before what is to be done about a line: a device may have come back to a key it had, and
 * only its last one says that nothing is missing. */
#include "server/store/kept_keys.h"

#include <stdlib.h>
#include <string.h>

#include "proto/err.h"

int bh_kept_keys_add(struct bh_kept_keys *keys, const struct bh_kept_line *line)
{
	if (line->kind != BH_KEPT_DEVICE && line->kind != BH_KEPT_ROTATED)
		return BH_NOERR;
	if (line->device >= keys->count) {
		size_t count = 2 * (size_t)line->device + 64;
		void *grown = realloc(keys->keys, count * sizeof(keys->keys[0]));
		if (!grown)
			return BH_ERR_NOMEM;
		keys->keys = grown;
		memset(keys->keys[keys->count], 0, (count - keys->count) * sizeof(keys->keys[0]));
		keys->count = count;
	}
	memcpy(keys->keys[line->device], line->key, BH_PUBLIC_KEY_BYTES);
	return BH_NOERR;
}

const uint8_t *bh_kept_keys_of(const struct bh_kept_keys *keys, uint32_t device)
{
	return device < keys->count && keys->keys[device][0] ? keys->keys[device] : NULL;
}

void bh_kept_keys_free(struct bh_kept_keys *keys)
{
	free(keys->keys);
	*keys = (struct bh_kept_keys){0};
}
