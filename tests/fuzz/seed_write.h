/* An input's files: for fuzz_codec as it is, for fuzz_frame in a frame, for fuzz_unpack packed. */
#ifndef BH_FUZZ_SEED_WRITE_H
#define BH_FUZZ_SEED_WRITE_H

#include "proto/bytes.h"
#include "proto/pack.h"

#define BH_SEED_BYTES_MAX (1u << 16)

/* What the first byte of an input to fuzz_codec chooses. */
enum bh_seed_choice {
	BH_SEED_CLIENT,
	BH_SEED_SERVER,
	BH_SEED_BATCH,
	BH_SEED_RECORDS,
	BH_SEED_PROFILE,
	BH_SEED_RECEIPT,
	BH_SEED_HEADER,
	BH_SEED_CONTENT,
	BH_SEED_DISPUTE = 11,
};

struct bh_seeder {
	const char *folder; /* holds one for each target */
	struct bh_packer *packer;
};

void bh_seed_file(const struct bh_seeder *seeder, const char *target, const char *name,
	const void *prefix, size_t prefix_len, struct bh_span body);
/* The same body as a message, in a frame, and packed; empties it. */
void bh_seed_write(const struct bh_seeder *seeder, enum bh_seed_choice choice, const char *name,
	struct bh_buf *body);

#endif
