/* A sealed file: a stream of any length that only the holder of one P-256 key can read, and whose
 * every cut, change and exchange of places is noticed. */
#ifndef BH_PROTO_BUNDLE_H
#define BH_PROTO_BUNDLE_H

#include "proto/sign.h"

struct bh_hasher;

/*
 *   0       8           16                49
 *   +-------+-----------+-----------------+---------+---------+--- - -+--------+
 *   | magic | key id    | ephemeral point | chunk 0 | chunk 1 |       | last   |
 *   +-------+-----------+-----------------+---------+---------+--- - -+--------+
 *
 * A chunk is sealed on its own; inside are a u32 count of bytes used, those bytes, and zeros.
 * PROTOCOL.md, "A sealed file", has every byte.  Nobody is named outside, and the size is that
 * of the content rounded up (padme: by less than 12 %).
 */
#define BH_BUNDLE_HEAD_BYTES 49u
#define BH_BUNDLE_KEY_ID_BYTES 8u
#define BH_BUNDLE_CHUNK_BYTES (64u * 1024u) /* before sealing, the count included */
#define BH_BUNDLE_STEP_BYTES 4096u          /* a last chunk is a whole number of these */
#define BH_BUNDLE_SEAL_BYTES 16u            /* what sealing adds to a chunk */
#define BH_BUNDLE_CHUNKS_MAX 49152u         /* 3 GiB */

/* Where bytes go as they come: 0, or an error that ends the stream with it. */
struct bh_bundle_sink {
	int (*take)(void *context, struct bh_span bytes);
	void *context;
};

/* The first bytes of SHA-256 of the tag bh-bundle-key-1 and the public key. */
void bh_bundle_key_id(struct bh_hasher *hasher, const uint8_t public_key[BH_PUBLIC_KEY_BYTES],
	uint8_t out[BH_BUNDLE_KEY_ID_BYTES]);

struct bh_bundle_writer;

/* Begins a file for whoever holds the private half of `to`; its head goes to the sink at once.
 * Holds one chunk.  0, BH_ERR_NOMEM, BH_ERR_CRYPTO, BH_ERR_AUTH (`to` is no key) or the sink's. */
int bh_bundle_writer_open(const uint8_t to[BH_PUBLIC_KEY_BYTES], struct bh_bundle_sink sink,
	struct bh_bundle_writer **out);
/* Adds content.  0, BH_ERR_LIMIT (past BH_BUNDLE_CHUNKS_MAX), BH_ERR_CRYPTO or the sink's; any
 * error is final and comes again. */
int bh_bundle_writer_put(struct bh_bundle_writer *writer, struct bh_span content);
/* Pads and seals the end: once, after which only closing is left.  The codes of put. */
int bh_bundle_writer_end(struct bh_bundle_writer *writer);
/* Wipes what it held.  Takes NULL. */
void bh_bundle_writer_close(struct bh_bundle_writer *writer);

struct bh_bundle_reader;

/* A reader with the keys that it may try (borrowed until it is closed): the newest and those that
 * were rolled.  Each chunk's content goes to the sink once it has proved whole; what the sink took
 * is the file's whole content only when bh_bundle_reader_end has given 0.
 * 0, BH_ERR_NOMEM or BH_ERR_CRYPTO. */
int bh_bundle_reader_open(const struct bh_key *const *keys, size_t count,
	struct bh_bundle_sink sink, struct bh_bundle_reader **out);
/* The file's next bytes, cut anywhere.  0 or, from then on always the same, BH_ERR_MALFORMED (not
 * such a file), BH_ERR_NOT_FOUND (sealed for none of the keys), BH_ERR_AUTH (changed, moved or cut
 * bytes), BH_ERR_LIMIT, or the sink's. */
int bh_bundle_reader_put(struct bh_bundle_reader *reader, struct bh_span bytes);
/* There are no more bytes.  The codes of put; BH_ERR_AUTH or BH_ERR_MALFORMED where the file was
 * cut short. */
int bh_bundle_reader_end(struct bh_bundle_reader *reader);
void bh_bundle_reader_close(struct bh_bundle_reader *reader);

#endif
