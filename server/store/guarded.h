/* What stands about the people that cases name: rows of party, guarded, opening, erasure, case_key,
 * and contents that are erased. */
#ifndef BH_STORE_GUARDED_H
#define BH_STORE_GUARDED_H

#include "server/domain/privacy.h"
#include "server/store/project.h"
#include "server/store/store.h"
#include "server/store/vault.h"

/* Zeroes where nothing stands about it.  Number 0: of what is about no case, how often it was
 * purged and, as erased_ms, up to when. */
int bh_guarded_get(struct bh_db *db, uint64_t number, struct bh_guarded *out);
/* The same as it counts now: an erasure that was asked for lapses when its case goes on. */
int bh_guarded_now(struct bh_db *db, uint64_t number, struct bh_guarded *out);
int bh_guarded_set(struct bh_db *db, uint64_t number, const struct bh_guarded *guarded);
/* Whether what this entry brings came again after its case was erased, or it was purged. */
int bh_guarded_entry(struct bh_db *db, const struct bh_entry *entry, bool *covered);
/* An accepted entry of privacy.h's verbs, by no handset: its rows. */
int bh_project_privacy(struct bh_projector *projector, const struct bh_entry *entry);
/* Content and salt of everything about the case before a position are destroyed, its key and
 * photos given up: the commitments stay.  Not a projection: a replay of contents does it, too. */
int bh_contents_erase(struct bh_db *db, struct bh_hasher *hasher, uint64_t number, uint64_t before);

/* The same of one entry's; *destroyed: there was something. */
int bh_content_erase(
	struct bh_db *db, struct bh_hasher *hasher, uint64_t position, bool *destroyed);

/* ---- case keys ---- */
/* BH_ERR_NOT_FOUND: it has none. */
int bh_case_key_get(struct bh_db *db, struct bh_vault *vault, const char *district, uint64_t number,
	uint8_t key[BH_CASE_KEY_BYTES]);
/* The same, made and kept where there is none. */
int bh_case_key_make(struct bh_db *db, struct bh_vault *vault, const char *district,
	uint64_t number, uint8_t key[BH_CASE_KEY_BYTES]);
/* One slice of those that an older key wrapped, past this case: by the present one from now on.
 * *done: there are no more. */
int bh_case_keys_roll(struct bh_db *db, struct bh_vault *vault, const char *district,
	uint64_t *after, bool *done);

/* ---- parties ---- */
int bh_party_last(struct bh_db *db, uint64_t number, uint32_t *out);
/* Whether one that was not taken out has given consent. */
int bh_party_consents(struct bh_db *db, uint64_t number, bool *out);
int bh_openings_since(struct bh_db *db, uint32_t person, int64_t since_ms, uint32_t *out);

#endif
