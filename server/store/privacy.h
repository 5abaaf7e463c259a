/* Reading what stands about the people that cases name: sealed fields, openings, erasures. */
#ifndef BH_STORE_PRIVACY_H
#define BH_STORE_PRIVACY_H

#include "server/domain/privacy.h"
#include "server/store/store.h"
#include "server/store/vault.h"

int bh_reader_guarded(struct bh_store_reader *reader, uint64_t number, struct bh_guarded *out);
/* A case's parties as they are sealed, those taken out left out; spans live in the arena. */
int bh_reader_parties(struct bh_store_reader *reader, uint64_t number, struct bh_arena *arena,
	struct bh_party *parties, size_t max, size_t *count);
/* Appends a field's text; whoever calls has an entry (OPEN) that says so, durable.  field: 0 name,
 * 1 contact.  BH_ERR_NOT_FOUND: the case's key is destroyed or was in no backup; BH_ERR_AUTH: none
 * of these keys wrapped it, or what is sealed was moved here. */
int bh_reader_unseal(struct bh_store_reader *reader, struct bh_vault *vault, const char *district,
	uint64_t number, const struct bh_party *party, unsigned field, struct bh_buf *out);

struct bh_opening {
	uint64_t position;
	uint32_t person;
	uint32_t post;
	int64_t at_ms;
	uint64_t number;
	uint32_t purpose; /* enum bh_purpose */
};
/* Whether this person opened this case since then. */
int bh_reader_opened(struct bh_store_reader *reader, uint32_t person, uint64_t number,
	int64_t since_ms, bool *out);
/* Past a position, in order. */
int bh_reader_openings(struct bh_store_reader *reader, uint64_t after, struct bh_opening *openings,
	size_t max, size_t *count);

struct bh_erasure {
	uint64_t position;
	uint64_t number;
	int64_t at_ms;
	uint32_t log_short; /* BH_LOG_DESK: by two people; _CLOCK: its time was over; _OPERATOR:
			       anew after a restore */
};
int bh_reader_erasures(struct bh_store_reader *reader, uint64_t after, struct bh_erasure *erasures,
	size_t max, size_t *count);

#endif
