/* Following segments from file to file.
 *
 *   ... 50 ─┬─ 51 ... 100     file 1, epoch 1
 *           └─ 51 ... 70      file 2, epoch 2: begun later, so the journal went this way
 *
 * A file is joined where its chain has the hash that the road stands at: at its first entry, or
 * inside it.  It is left for one that was begun later and goes on from the same entry.  At the end
 * the road must stand at the newest file's last entry. */
#include "server/store/segment_follow.h"

#include <string.h>

#include "proto/err.h"

struct following {
	struct bh_hasher *hasher;
	struct bh_segment_road *road;
	bh_segment_each each;
	void *context;
	size_t file;     /* that is followed */
	uint64_t branch; /* the next position at which a later one begins; 0: none */
};

static bool is_empty(const struct bh_segment_info *info)
{
	return !info->named || info->last < info->head.first;
}

static bool is_later(const struct bh_segment_info *a, const struct bh_segment_info *b)
{
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 66
	return a->head.number < b->head.number;
#endif
	return a->head.epoch != b->head.epoch ? a->head.epoch > b->head.epoch
					      : a->head.number > b->head.number;
}

size_t bh_segment_newest(const struct bh_segment_road *road)
{
	size_t newest = road->count;

	for (size_t i = 0; i < road->count; i++) {
		if (!is_empty(&road->infos[i]) &&
			(newest == road->count || is_later(&road->infos[i], &road->infos[newest])))
			newest = i;
	}
	return newest;
}

/* ---- Joining ---- */

struct seeking {
	uint64_t position;
	uint8_t hash[BH_HASH_BYTES];
	bool found;
};

static int entry_seek(void *context, const struct bh_entry *entry, const struct bh_caller_key *key)
{
	struct seeking *seeking = context;

	(void)key;
	seeking->found |= entry->position == seeking->position &&
			  memcmp(entry->hash, seeking->hash, BH_HASH_BYTES) == 0;
	return entry->position < seeking->position ? BH_NOERR : BH_ERR_CLOSED;
}

static int file_joins(const struct following *following, size_t file, bool *joins)
{
	const struct bh_segment_road *road = following->road;
	const struct bh_segment_info *info = &road->infos[file];
	struct seeking seeking = {.position = road->position};
	struct bh_segment_info ignored;
	struct bh_span bytes;

	*joins = memcmp(info->head.prev, road->hash, BH_HASH_BYTES) == 0;
	if (info->head.first == road->position + 1)
		return BH_NOERR;
	memcpy(seeking.hash, road->hash, BH_HASH_BYTES);
	int err = road->load(road->context, file, &bytes);
	if (!err)
		err = bh_segment_read(
			following->hasher, road->code, bytes, entry_seek, &seeking, &ignored);
	*joins = seeking.found;
	return err == BH_ERR_CLOSED ? BH_NOERR : err;
}

/* The one begun last of those that hold the next entry and join; count: none. */
static int file_find(const struct following *following, size_t *out)
{
	const struct bh_segment_road *road = following->road;
	const struct bh_segment_info *below = NULL;
	uint64_t next = road->position + 1;
	bool joins = false;
	int err = BH_NOERR;

	do {
		*out = road->count;
		for (size_t i = 0; i < road->count; i++) {
			const struct bh_segment_info *info = &road->infos[i];
			if (is_empty(info) || next < info->head.first || next > info->last ||
				(below && !is_later(below, info)))
				continue;
			if (*out == road->count || is_later(info, &road->infos[*out]))
				*out = i;
		}
		if (*out == road->count)
			return BH_NOERR;
		below = &road->infos[*out];
		err = file_joins(following, *out, &joins);
	} while (!err && !joins);
	return err;
}

/* ---- Going on ---- */

static void branch_find(struct following *following)
{
	const struct bh_segment_road *road = following->road;

	following->branch = 0;
	for (size_t i = 0; i < road->count; i++) {
		const struct bh_segment_info *info = &road->infos[i];
		if (is_empty(info) || info->head.first <= road->position + 1 ||
			!is_later(info, &road->infos[following->file]))
			continue;
		if (following->branch == 0 || info->head.first < following->branch)
			following->branch = info->head.first;
	}
}

static bool branch_joins(const struct following *following)
{
	const struct bh_segment_road *road = following->road;

	for (size_t i = 0; i < road->count; i++) {
		const struct bh_segment_info *info = &road->infos[i];
		if (!is_empty(info) && info->head.first == road->position + 1 &&
			is_later(info, &road->infos[following->file]) &&
			memcmp(info->head.prev, road->hash, BH_HASH_BYTES) == 0)
			return true;
	}
	return false;
}

static int entry_follow(
	void *context, const struct bh_entry *entry, const struct bh_caller_key *key)
{
	struct following *following = context;
	struct bh_segment_road *road = following->road;

	if (entry->position <= road->position)
		return BH_NOERR;
	if (entry->position == following->branch) {
		if (branch_joins(following))
			return BH_ERR_CLOSED;
		branch_find(following);
	}
	int err = following->each(following->context, entry, key);
	if (err)
		return err;
	road->position = entry->position;
	memcpy(road->hash, entry->hash, BH_HASH_BYTES);
	return BH_NOERR;
}

static int file_follow(struct following *following)
{
	const struct bh_segment_road *road = following->road;
	struct bh_segment_info now;
	struct bh_span bytes;
	int err = road->load(road->context, following->file, &bytes);

	branch_find(following);
	if (!err)
		err = bh_segment_read(
			following->hasher, road->code, bytes, entry_follow, following, &now);
	return err == BH_ERR_CLOSED ? BH_NOERR : err;
}

/* ---- The end ---- */

static int fault_say(
	struct bh_segment_fault *fault, size_t file, uint64_t position, const char *what)
{
	*fault = (struct bh_segment_fault){file, position, what};
	return BH_ERR_CORRUPT;
}

/* Behind a tear nothing was written; a file that was begun after it goes on, from before the block
 * that was torn. */
static int damage_check(struct bh_segment_road *road, struct bh_segment_fault *fault)
{
	const struct bh_segment_info *end = NULL; /* begun last of those that hold the last entry */

	for (size_t i = 0; i < road->count; i++) {
		const struct bh_segment_info *info = &road->infos[i];
		if (!is_empty(info) && info->last >= road->position &&
			(!end || is_later(info, end)))
			end = info;
	}
	for (size_t i = 0; i < road->count; i++) {
		const struct bh_segment_info *info = &road->infos[i];
		if (info->beyond > road->position)
			return fault_say(fault, i, road->position + 1,
				"it was damaged, and goes on behind that");
		if (info->torn && (!info->named || !end || !is_later(end, info)))
			road->torn += info->torn;
	}
	return BH_NOERR;
}

static int end_check(
	struct bh_segment_road *road, uint64_t began, size_t last, struct bh_segment_fault *fault)
{
	size_t newest = bh_segment_newest(road), next = road->count;
	const struct bh_segment_info *end = &road->infos[newest];

	for (size_t i = 0; i < road->count; i++) {
		const struct bh_segment_info *info = &road->infos[i];
		if (!is_empty(info) && info->head.first > road->position + 1 &&
			(next == road->count || info->head.first < road->infos[next].head.first))
			next = i;
	}
	if (end->last > road->position && next < road->count &&
		end->head.first > road->position + 1)
		return fault_say(fault, next, road->position + 1,
			"it begins later: what comes before it is missing");
	if (end->last > road->position || (end->last > began && newest != last) ||
		(end->last == road->position &&
			memcmp(end->last_hash, road->hash, BH_HASH_BYTES) != 0))
		return fault_say(fault, newest, road->position + 1,
			"it is of another history than what is put back");
	return BH_NOERR;
}

int bh_segment_follow(struct bh_hasher *hasher, struct bh_segment_road *road, bh_segment_each each,
	void *context, struct bh_segment_fault *fault)
{
	struct following following = {
		.hasher = hasher, .road = road, .each = each, .context = context};
	uint64_t began = road->position;
	size_t last = road->count;

	for (size_t i = 0; i < road->count; i++) {
		if (road->infos[i].named && strcmp(road->infos[i].head.code, road->code) != 0)
			return fault_say(fault, i, 0, "it is another district's");
		if (road->infos[i].format > BH_SEGMENT_FORMAT)
			return fault_say(fault, i, 0, "it was written by a newer program");
	}
	if (bh_segment_newest(road) == road->count)
		return BH_ERR_NOT_FOUND;
	int err = file_find(&following, &following.file);
	while (!err && following.file < road->count) {
		last = following.file;
		err = file_follow(&following);
		if (!err)
			err = file_find(&following, &following.file);
	}
	if (!err)
		err = damage_check(road, fault);
	return err ? err : end_check(road, began, last, fault);
}
