/* Every photo that somebody took in this world, with its bytes: what must arrive, and what is seen
 * of it on its way. */
#ifndef BH_TESTS_SIM_ALBUM_H
#define BH_TESTS_SIM_ALBUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/hash.h"
#include "tests/sim/rng.h"

/* One photo, or thumbnail, as one op names it: bytes that two ops name stand here twice. */
struct bh_simphoto {
	uint8_t hash[BH_HASH_BYTES];
	uint8_t *bytes; /* owned */
	uint32_t size;
	uint32_t kind; /* enum bh_blob_kind */
	uint32_t phone;
	size_t op;   /* of the truth */
	bool undone; /* an old backup was put over it */
	/* what the judge saw */
	uint64_t number;     /* the case for which an accepted op names it; 0: none yet */
	bool released;       /* ... and it was let in from quarantine by that */
	bool asked;          /* ... ever, also before the server was put back */
	bool stored;         /* the journal says so for that case */
	bool came;           /* ... ever */
	bool had;            /* ... since its handset last knew of a restore, its own or that one */
	bool lost;           /* ... and its handset had let go of it */
	bool proved;         /* the power failed since, and it was there */
	uint64_t part_bytes; /* of its parts, that reached the server */
};

struct bh_simalbum {
	struct bh_hasher *hasher;
	struct bh_simphoto *photos; /* a thumbnail stands behind its photo */
	size_t count;
	size_t room;
};

void bh_simalbum_open(struct bh_simalbum *album);
void bh_simalbum_free(struct bh_simalbum *album);

/* A JPEG as far as its markers go, with noise for an image; the caller owns its bytes. */
struct bh_simphoto bh_simalbum_shoot(
	struct bh_simalbum *album, struct bh_simrng *rng, uint32_t kind, uint32_t size);
/* A PDF as far as its ends go, likewise. */
struct bh_simphoto bh_simalbum_write(
	struct bh_simalbum *album, struct bh_simrng *rng, uint32_t size);
struct bh_simphoto bh_simalbum_copy(const struct bh_simphoto *photo);
/* The album owns its bytes from now on. */
void bh_simalbum_add(struct bh_simalbum *album, const struct bh_simphoto *photo);
/* The newest of this hash, or NULL. */
struct bh_simphoto *bh_simalbum_find(
	const struct bh_simalbum *album, const uint8_t hash[BH_HASH_BYTES]);
/* Whether these are its bytes from offset on. */
bool bh_simphoto_holds(
	const struct bh_simphoto *photo, uint32_t offset, const uint8_t *bytes, size_t len);

#endif
