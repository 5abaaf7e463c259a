/* A writer agrees on a key with the receiver's public one by a pair of its own that is forgotten,
 * fills a chunk, seals it under its number, and marks the last.  A reader holds back one chunk
 * until it knows whether that was the last one, and lends out nothing that has not proved whole.
 * The first error ends either for good. */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "proto/bundle.h"
#include "proto/err.h"
#include "proto/hash.h"

#define MAGIC "bhbundl1"
#define MAGIC_BYTES 8u
#define TAG_KEY_ID "bh-bundle-key-1"
#define TAG_SEAL "bh-bundle-seal-1"
#define KEY_BYTES 32u
#define NONCE_BYTES 12u
#define COUNT_BYTES 4u
#define CONTENT_BYTES (BH_BUNDLE_CHUNK_BYTES - COUNT_BYTES)
#define SEALED_BYTES (BH_BUNDLE_CHUNK_BYTES + BH_BUNDLE_SEAL_BYTES)
#define CHUNK_STEPS (BH_BUNDLE_CHUNK_BYTES / BH_BUNDLE_STEP_BYTES)

struct seal {
	EVP_CIPHER_CTX *cipher;
	uint8_t head[BH_BUNDLE_HEAD_BYTES];
	uint8_t key[KEY_BYTES];
	uint32_t chunk; /* the number of the next one */
};

struct bh_bundle_writer {
	struct seal seal;
	struct bh_bundle_sink sink;
	size_t used; /* of CONTENT_BYTES */
	bool ended;
	int err;
	uint8_t plain[BH_BUNDLE_CHUNK_BYTES];
	uint8_t sealed[SEALED_BYTES];
};

struct bh_bundle_reader {
	struct seal seal;
	struct bh_bundle_sink sink;
	const struct bh_key *const *keys;
	size_t key_count;
	struct bh_hasher *hasher;
	size_t head_used;
	size_t used;       /* of sealed */
	bool content_over; /* a chunk was not full: nothing but zeros may follow */
	int err;
	uint8_t plain[BH_BUNDLE_CHUNK_BYTES];
	uint8_t sealed[SEALED_BYTES];
};

void bh_bundle_key_id(struct bh_hasher *hasher, const uint8_t public_key[BH_PUBLIC_KEY_BYTES],
	uint8_t out[BH_BUNDLE_KEY_ID_BYTES])
{
	uint8_t hash[BH_HASH_BYTES];
	struct bh_span parts[] = {
		bh_span(TAG_KEY_ID, sizeof(TAG_KEY_ID) - 1),
		bh_span(public_key, BH_PUBLIC_KEY_BYTES),
	};
	bh_hash_parts(hasher, parts, 2, hash);
	memcpy(out, hash, BH_BUNDLE_KEY_ID_BYTES);
}

/* ---- One chunk ---- */

/* HKDF (RFC 5869) of what both agree on: no salt; info is the tag and the file's head. */
static int seal_derive(struct seal *seal, uint8_t shared[BH_SHARED_BYTES])
{
	uint8_t info[sizeof(TAG_SEAL) - 1 + BH_BUNDLE_HEAD_BYTES];
	char digest[] = "SHA256";
	memcpy(info, TAG_SEAL, sizeof(TAG_SEAL) - 1);
	memcpy(info + sizeof(TAG_SEAL) - 1, seal->head, BH_BUNDLE_HEAD_BYTES);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, shared, BH_SHARED_BYTES),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, sizeof(info)),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *context = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
	bool ok = context != NULL && EVP_KDF_derive(context, seal->key, KEY_BYTES, params) == 1;
	EVP_KDF_CTX_free(context);
	EVP_KDF_free(kdf);
	return ok ? 0 : BH_ERR_CRYPTO;
}

/* The chunk's number, zeros, and 1 for the last: no other chunk of this key has the same. */
static void nonce_write(uint8_t nonce[NONCE_BYTES], uint32_t chunk, bool last)
{
	memset(nonce, 0, NONCE_BYTES);
	for (unsigned i = 0; i < 4; i++)
		nonce[i] = (uint8_t)(chunk >> (8 * (3 - i)));
	nonce[NONCE_BYTES - 1] = last ? 1 : 0;
}

/* Sets the cipher at the next chunk, the head bound to it. */
static bool cipher_begin(struct seal *seal, bool last, int sealing)
{
	uint8_t nonce[NONCE_BYTES];
	int len;
	nonce_write(nonce, seal->chunk, last);
	return EVP_CipherInit_ex2(
		       seal->cipher, EVP_aes_256_gcm(), seal->key, nonce, sealing, NULL) == 1 &&
	       EVP_CipherUpdate(seal->cipher, NULL, &len, seal->head, BH_BUNDLE_HEAD_BYTES) == 1;
}

static int chunk_seal(struct seal *seal, const uint8_t *plain, size_t len, bool last, uint8_t *out)
{
	int part = 0, rest = 0;
	if (seal->chunk >= BH_BUNDLE_CHUNKS_MAX)
		return BH_ERR_LIMIT;
	if (!cipher_begin(seal, last, 1) ||
		EVP_CipherUpdate(seal->cipher, out, &part, plain, (int)len) != 1 ||
		EVP_CipherFinal_ex(seal->cipher, out + part, &rest) != 1 ||
		EVP_CIPHER_CTX_ctrl(
			seal->cipher, EVP_CTRL_GCM_GET_TAG, BH_BUNDLE_SEAL_BYTES, out + len) != 1)
		return BH_ERR_CRYPTO;
	bh_assert((size_t)part + (size_t)rest == len);
	seal->chunk++;
	return 0;
}

/* len: of the sealed bytes, BH_BUNDLE_SEAL_BYTES at least. */
static int chunk_open(struct seal *seal, uint8_t *sealed, size_t len, bool last, uint8_t *out)
{
	int part = 0, rest = 0;
	size_t plain = len - BH_BUNDLE_SEAL_BYTES;
	if (seal->chunk >= BH_BUNDLE_CHUNKS_MAX)
		return BH_ERR_LIMIT;
	if (!cipher_begin(seal, last, 0) ||
		EVP_CipherUpdate(seal->cipher, out, &part, sealed, (int)plain) != 1 ||
		EVP_CIPHER_CTX_ctrl(seal->cipher, EVP_CTRL_GCM_SET_TAG, BH_BUNDLE_SEAL_BYTES,
			sealed + plain) != 1)
		return BH_ERR_CRYPTO;
	if (EVP_CipherFinal_ex(seal->cipher, out + part, &rest) != 1)
		return BH_ERR_AUTH;
	seal->chunk++;
	return 0;
}

/* ---- Writing ---- */

/* A pair of its own, used once; its public half goes into the head. */
static int writer_agree(struct seal *seal, const uint8_t to[BH_PUBLIC_KEY_BYTES])
{
	struct bh_key *pair = NULL;
	struct bh_hasher *hasher = NULL;
	uint8_t shared[BH_SHARED_BYTES];
	int err = bh_hasher_open(&hasher);
	if (err == 0)
		err = bh_key_generate(&pair);
	if (err == 0) {
		memcpy(seal->head, MAGIC, MAGIC_BYTES);
		bh_bundle_key_id(hasher, to, seal->head + MAGIC_BYTES);
		bh_key_public(pair, seal->head + MAGIC_BYTES + BH_BUNDLE_KEY_ID_BYTES);
		err = bh_key_agree(pair, to, shared);
	}
	if (err == 0)
		err = seal_derive(seal, shared);
	OPENSSL_cleanse(shared, sizeof(shared));
	bh_key_free(pair);
	bh_hasher_close(hasher);
	return err;
}

int bh_bundle_writer_open(const uint8_t to[BH_PUBLIC_KEY_BYTES], struct bh_bundle_sink sink,
	struct bh_bundle_writer **out)
{
	struct bh_bundle_writer *writer = calloc(1, sizeof(*writer));
	if (writer == NULL)
		return BH_ERR_NOMEM;
	writer->sink = sink;
	writer->seal.cipher = EVP_CIPHER_CTX_new();
	int err = writer->seal.cipher == NULL ? BH_ERR_NOMEM : writer_agree(&writer->seal, to);
	if (err == 0)
		err = sink.take(sink.context, bh_span(writer->seal.head, BH_BUNDLE_HEAD_BYTES));
	if (err != 0) {
		bh_bundle_writer_close(writer);
		return err;
	}
	*out = writer;
	return 0;
}

/* Seals what is held, as `len` bytes, and begins an empty chunk. */
static int writer_flush(struct bh_bundle_writer *writer, size_t len, bool last)
{
	for (unsigned i = 0; i < COUNT_BYTES; i++)
		writer->plain[i] = (uint8_t)(writer->used >> (8 * (COUNT_BYTES - 1 - i)));
	writer->err = chunk_seal(&writer->seal, writer->plain, len, last, writer->sealed);
	if (writer->err == 0)
		writer->err = writer->sink.take(
			writer->sink.context, bh_span(writer->sealed, len + BH_BUNDLE_SEAL_BYTES));
	OPENSSL_cleanse(writer->plain, sizeof(writer->plain));
	writer->used = 0;
	return writer->err;
}

int bh_bundle_writer_put(struct bh_bundle_writer *writer, struct bh_span content)
{
	bh_assert(!writer->ended);
	while (content.len > 0 && writer->err == 0) {
		/* A full chunk waits for more: it may be the last. */
		if (writer->used == CONTENT_BYTES &&
			writer_flush(writer, BH_BUNDLE_CHUNK_BYTES, false) != 0)
			break;
		size_t len = CONTENT_BYTES - writer->used;
		if (len > content.len)
			len = content.len;
		memcpy(writer->plain + COUNT_BYTES + writer->used, content.data, len);
		writer->used += len;
		content = bh_span(content.data + len, content.len - len);
	}
	return writer->err;
}

/* Padme (Nikitin et al., PETS 2019): of a length's bits only as many lead as its logarithm has. */
static uint64_t steps_rounded(uint64_t steps)
{
	unsigned bits = 0, kept = 0;
	for (uint64_t rest = steps; rest > 1; rest >>= 1)
		bits++;
	for (unsigned rest = bits; rest > 0; rest >>= 1)
		kept++;
	uint64_t mask = bits > kept ? ((uint64_t)1 << (bits - kept)) - 1 : 0;
	return (steps + mask) & ~mask;
}

int bh_bundle_writer_end(struct bh_bundle_writer *writer)
{
	bh_assert(!writer->ended);
	writer->ended = true;
	size_t held = COUNT_BYTES + writer->used;
	uint64_t steps = (uint64_t)writer->seal.chunk * CHUNK_STEPS +
			 (held + BH_BUNDLE_STEP_BYTES - 1) / BH_BUNDLE_STEP_BYTES;
	uint64_t rest = steps_rounded(steps) - (uint64_t)writer->seal.chunk * CHUNK_STEPS;
	while (writer->err == 0 && rest > CHUNK_STEPS) {
		(void)writer_flush(writer, BH_BUNDLE_CHUNK_BYTES, false);
		rest -= CHUNK_STEPS;
	}
	return writer->err != 0 ? writer->err
				: writer_flush(writer, (size_t)rest * BH_BUNDLE_STEP_BYTES, true);
}

static void seal_wipe(struct seal *seal)
{
	EVP_CIPHER_CTX_free(seal->cipher);
	OPENSSL_cleanse(seal, sizeof(*seal));
}

void bh_bundle_writer_close(struct bh_bundle_writer *writer)
{
	if (writer == NULL)
		return;
	seal_wipe(&writer->seal);
	OPENSSL_cleanse(writer->plain, sizeof(writer->plain));
	free(writer);
}

/* ---- Reading ---- */

int bh_bundle_reader_open(const struct bh_key *const *keys, size_t count,
	struct bh_bundle_sink sink, struct bh_bundle_reader **out)
{
	struct bh_bundle_reader *reader = calloc(1, sizeof(*reader));
	if (reader == NULL)
		return BH_ERR_NOMEM;
	reader->keys = keys;
	reader->key_count = count;
	reader->sink = sink;
	reader->seal.cipher = EVP_CIPHER_CTX_new();
	int err = reader->seal.cipher == NULL ? BH_ERR_NOMEM : bh_hasher_open(&reader->hasher);
	if (err != 0) {
		bh_bundle_reader_close(reader);
		return err;
	}
	*out = reader;
	return 0;
}

static int reader_agree(struct bh_bundle_reader *reader)
{
	const uint8_t *id = reader->seal.head + MAGIC_BYTES;
	if (memcmp(reader->seal.head, MAGIC, MAGIC_BYTES) != 0)
		return BH_ERR_MALFORMED;
	for (size_t i = 0; i < reader->key_count; i++) {
		uint8_t public_key[BH_PUBLIC_KEY_BYTES], own[BH_BUNDLE_KEY_ID_BYTES];
		uint8_t shared[BH_SHARED_BYTES];
		bh_key_public(reader->keys[i], public_key);
		bh_bundle_key_id(reader->hasher, public_key, own);
		if (memcmp(own, id, sizeof(own)) != 0)
			continue;
		int err = bh_key_agree(reader->keys[i], id + BH_BUNDLE_KEY_ID_BYTES, shared);
		if (err == 0)
			err = seal_derive(&reader->seal, shared);
		OPENSSL_cleanse(shared, sizeof(shared));
		return err;
	}
	return BH_ERR_NOT_FOUND;
}

static bool is_zero(const uint8_t *bytes, size_t len)
{
	uint8_t any = 0;
	for (size_t i = 0; i < len; i++)
		any |= bytes[i];
	return any == 0;
}

/* Opens what is held and lends its content out: full chunks, one that is not, then zeros alone. */
static int reader_flush(struct bh_bundle_reader *reader, bool last)
{
	if (reader->used < BH_BUNDLE_SEAL_BYTES + BH_BUNDLE_STEP_BYTES ||
		(reader->used - BH_BUNDLE_SEAL_BYTES) % BH_BUNDLE_STEP_BYTES != 0)
		return BH_ERR_AUTH;
	int err = chunk_open(&reader->seal, reader->sealed, reader->used, last, reader->plain);
	if (err != 0)
		return err;
	size_t len = reader->used - BH_BUNDLE_SEAL_BYTES;
	struct bh_reader plain = bh_reader(bh_span(reader->plain, len));
	struct bh_span content = bh_get_bytes(&plain, bh_get_u32(&plain));
	if (plain.bad || (reader->content_over && content.len > 0) ||
		!is_zero(reader->plain + plain.at, len - plain.at))
		return BH_ERR_MALFORMED;
	reader->content_over = content.len < CONTENT_BYTES;
	reader->used = 0;
	return content.len == 0 ? 0 : reader->sink.take(reader->sink.context, content);
}

/* Moves as much as there is room for; the source is what is left. */
static size_t move_bytes(uint8_t *to, size_t room, struct bh_span *from)
{
	size_t len = room < from->len ? room : from->len;
	if (len > 0)
		memcpy(to, from->data, len);
	*from = bh_span(from->data + len, from->len - len);
	return len;
}

int bh_bundle_reader_put(struct bh_bundle_reader *reader, struct bh_span bytes)
{
	while (bytes.len > 0 && reader->err == 0) {
		if (reader->head_used < BH_BUNDLE_HEAD_BYTES) {
			reader->head_used += move_bytes(reader->seal.head + reader->head_used,
				BH_BUNDLE_HEAD_BYTES - reader->head_used, &bytes);
			if (reader->head_used == BH_BUNDLE_HEAD_BYTES)
				reader->err = reader_agree(reader);
			continue;
		}
		if (reader->used == SEALED_BYTES) /* and more follows: not the last */
			reader->err = reader_flush(reader, false);
		else
			reader->used += move_bytes(
				reader->sealed + reader->used, SEALED_BYTES - reader->used, &bytes);
	}
	return reader->err;
}

int bh_bundle_reader_end(struct bh_bundle_reader *reader)
{
	if (reader->err == 0 && reader->head_used < BH_BUNDLE_HEAD_BYTES)
		reader->err = BH_ERR_MALFORMED;
	if (reader->err == 0)
		reader->err = reader_flush(reader, true);
	return reader->err;
}

void bh_bundle_reader_close(struct bh_bundle_reader *reader)
{
	if (reader == NULL)
		return;
	seal_wipe(&reader->seal);
	bh_hasher_close(reader->hasher);
	OPENSSL_cleanse(reader->plain, sizeof(reader->plain));
	free(reader);
}
