/* Entries that were decided before, appended to a file as they are: the journal goes on with them,
 * and its projections follow by the writer's own code. */
#ifndef BH_STORE_REPLAY_H
#define BH_STORE_REPLAY_H

#include "server/domain/entry.h"
#include "server/store/store.h"

struct bh_replay;

/* Makes a file with nothing in it but its tables, to replay a journal from its first entry into.
 * BH_ERR_EXISTS; codes of bh_writer_open. */
int bh_replay_create(const struct bh_store_options *options);
/* A file nobody else has open.  Codes of bh_writer_open. */
int bh_replay_open(const struct bh_store_options *options, struct bh_replay **out);
/* Where it stands: 0 and zeroes before the first entry. */
uint64_t bh_replay_head(const struct bh_replay *replay, uint8_t hash[BH_HASH_BYTES]);
/* The next entry, with the key that made it (NULL: none, or none that is known): a bh_segment_each.
 * BH_ERR_CORRUPT: it does not follow the head, or contradicts what came before it; storage errors.
 * After a failure the file is good for nothing. */
int bh_replay_entry(void *replay, const struct bh_entry *entry, const struct bh_caller_key *key);
/* All of it in the file, and durable. */
int bh_replay_finish(struct bh_replay *replay);
void bh_replay_close(struct bh_replay *replay); /* NULL is fine */

#endif
