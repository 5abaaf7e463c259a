/* A ring of changes.  Adding to a full ring drops the new change and remembers that one was lost;
 * then everything in it is said at once by one REREAD, since a reader who must reread all needs no
 * more. */
#include "client-lib/change.h"

void bh_changes_add(struct bh_changes *changes, struct bh_change change)
{
	if (changes->count == BH_CHANGES_MAX) {
		changes->lost = true;
		return;
	}
	changes->items[(changes->first + changes->count) % BH_CHANGES_MAX] = change;
	changes->count++;
}

bool bh_changes_take(struct bh_changes *changes, struct bh_change *out)
{
	if (changes->lost) {
		changes->lost = false;
		changes->count = 0;
		*out = (struct bh_change){.kind = BH_CHANGE_REREAD};
		return true;
	}
	if (changes->count == 0)
		return false;
	*out = changes->items[changes->first];
	changes->first = (changes->first + 1) % BH_CHANGES_MAX;
	changes->count--;
	return true;
}

void bh_changes_cut(struct bh_changes *changes, size_t count)
{
	if (changes->count > count)
		changes->count = count;
}
