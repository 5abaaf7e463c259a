/* The district's journal as it went on, entry by entry, over every restore: what is replayed is
 * what was, up to where a new epoch begins (I16). */
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "tests/sim/judge_state.h"

void bh_simjudge_history_free(struct bh_simjudge *judge)
{
	free(judge->hashes);
	free(judge->former);
}

/* Ops behind the backup's head are answered anew. */
static void answers_forget(struct bh_simjudge *judge)
{
	for (size_t i = 0; i < judge->begun_count; i++) {
		struct bh_simheard *log = &judge->logs[judge->begun[i]];
		if (log->head < log->told_room)
			memset(log->told + log->head, 0, log->told_room - log->head);
	}
}

static void epoch_follow(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	struct bh_msg_entry_restored restored;

	bh_assert(bh_decode_entry_restored(entry->content, &judge->arena, &restored) == 0);
	if (restored.epoch <= judge->epoch)
		bh_simjudge_break(judge, "I16", entry, "its epoch was used before");
	judge->epoch = restored.epoch;
	judge->merged_owed = 0;
}

/* The history goes on otherwise from there: what it had is kept, for a later restore may find that
 * in segments while those of what came after never left the server. */
static void history_leave(struct bh_simjudge *judge, size_t at)
{
	for (size_t i = at; i < judge->hashes_count; i++) {
		bh_simjudge_grow((void **)&judge->former, &judge->former_room, judge->former_count,
			sizeof(*judge->former));
		struct bh_simformer *former = &judge->former[judge->former_count++];
		former->at = i;
		memcpy(former->hash, judge->hashes[i], BH_HASH_BYTES);
	}
	judge->hashes_count = at;
}

static bool was_history(const struct bh_simjudge *judge, size_t at, const uint8_t *hash)
{
	bool was = false;

	for (size_t i = 0; i < judge->former_count && !was; i++)
		was = judge->former[i].at == at &&
		      memcmp(judge->former[i].hash, hash, BH_HASH_BYTES) == 0;
	return was;
}

static void history_add(struct bh_simjudge *judge, size_t at, const uint8_t *hash)
{
	history_leave(judge, at);
	bh_simjudge_grow((void **)&judge->hashes, &judge->hashes_room, at, sizeof(*judge->hashes));
	memcpy(judge->hashes[at], hash, BH_HASH_BYTES);
	judge->hashes_count = at + 1;
}

void bh_simjudge_back_entry(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	size_t at = (size_t)entry->position - 1;
	bool begins = entry->device == 0 && entry->verb == BH_VERB_RESTORED;

	if (judge->replaying && at < judge->hashes_count &&
		memcmp(judge->hashes[at], entry->hash, BH_HASH_BYTES) == 0)
		return;
	if (judge->replaying && was_history(judge, at, entry->hash)) {
		history_add(judge, at, entry->hash);
		return;
	}
	if (judge->replaying && !begins)
		bh_simjudge_break(judge, "I16", entry, "the history goes on in no new epoch");
	if (judge->replaying) {
		answers_forget(judge);
		judge->replaying = false;
	}
	if (begins)
		epoch_follow(judge, entry);
	history_add(judge, at, entry->hash);
}
