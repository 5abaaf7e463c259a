/* A journal entry: what was decided, hashed over the one before it. */
#ifndef BH_DOMAIN_ENTRY_H
#define BH_DOMAIN_ENTRY_H

#include "proto/hash.h"
#include "server/domain/command.h"

struct bh_entry {
	uint64_t position;  /* 1, 2, 3 ...: the cursor */
	int64_t at_ms;      /* district time; never less than the entry's before */
	uint32_t log_short; /* source log and sequence: together never twice */
	uint64_t seq;
	uint32_t device; /* 0 unless a handset's */
	uint32_t person;
	uint32_t post;
	uint64_t case_number; /* 0: about the district */
	uint64_t prev;        /* the case's entry before this one; of a PROFILE, the profile's that
				 it replaced; 0 for the first */
	uint32_t cycle; /* of its case, or the one a receipt is of; 0: none, or a receipt given
			   before */
	uint32_t verb;
	uint32_t verdict;
	uint32_t reason;
	uint32_t from_state; /* before and after; equal where nothing moved */
	uint32_t to_state;
	int64_t captured_ms;        /* corrected; 0 when there is none */
	uint32_t captured_bound_ms; /* its uncertainty; UINT32_MAX: the handset's clock is not
				       believed */
	struct bh_span decision;    /* bh_case_diff; empty when no case changed */
	struct bh_span header;      /* the op's own bytes; empty unless a handset's */
	struct bh_span content;     /* erasable; kept in the side table with its salt */
	uint8_t salt[BH_SALT_BYTES];
	uint8_t commitment[BH_HASH_BYTES]; /* SHA-256(salt ‖ content) */
	uint8_t link[BH_HASH_BYTES];       /* DEVICE only, else zero */
	uint8_t hash[BH_HASH_BYTES];
};

/* The fields that are hashed, in a fixed order and width: everything above but content, salt and
 * hash. Layout (big-endian): "bh-entry-1" ‖ position u64 ‖ at i64 ‖ log u32 ‖ seq u64 ‖ device u32
 * ‖ person u32 ‖ post u32 ‖ case u64 ‖ prev u64 ‖ cycle u32 ‖ verb u8 ‖ verdict u8 ‖ reason u16 ‖
 * from u8 ‖ to u8 ‖ captured i64 ‖ bound u32 ‖ block decision ‖ block header ‖ commitment 32 ‖
 * link 32. */
int bh_entry_canonical(const struct bh_entry *entry, struct bh_buf *out);
/* The way back: content is empty, salt and hash are zero, spans are borrowed.  BH_ERR_MALFORMED:
 * these are no entry's canonical bytes; *out is untouched. */
int bh_entry_parse(struct bh_span canonical, struct bh_entry *out);
/* hash = SHA-256(previous entry's hash ‖ canonical).  prev_hash of position 1 is 32 zero bytes. */
int bh_entry_hash(struct bh_hasher *hasher, const uint8_t prev_hash[BH_HASH_BYTES],
	const struct bh_entry *entry, struct bh_buf *scratch, uint8_t out[BH_HASH_BYTES]);

#endif
