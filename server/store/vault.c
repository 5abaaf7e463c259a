/* Wrapping and sealing.  Every seal begins with its algorithm's id (seal.h), so that another one
 * can stand beside it; its nonce is drawn anew each time, and a case's key seals no more than some
 * dozens of fields in its life. */
#include "server/store/vault.h"

#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "proto/hash.h"
#include "server/domain/privacy.h"

#define BOUND_BYTES_MAX 128u

struct bh_vault {
	struct bh_rng rng;
	size_t count;
	struct bh_sealer *sealers[BH_VAULT_KEYS_MAX];
	int64_t ids[BH_VAULT_KEYS_MAX];
};

/* What a key is told apart by: nothing of it can be had from that. */
static int id_of(const uint8_t key[BH_SEAL_KEY_BYTES], int64_t *out)
{
	struct bh_hasher *hasher = NULL;
	uint8_t hash[BH_HASH_BYTES];
	const struct bh_span parts[] = {
		bh_span("bh-seal-key-id-1", 16), bh_span(key, BH_SEAL_KEY_BYTES)};
	int err = bh_hasher_open(&hasher);

	if (err)
		return err;
	bh_hash_parts(hasher, parts, 2, hash);
	bh_hasher_close(hasher);
	uint64_t id = 0;
	for (size_t i = 0; i < 8; i++)
		id = id << 8 | hash[i];
	*out = (int64_t)(id >> 1) + 1;
	return BH_NOERR;
}

int bh_vault_open(const struct bh_vault_keys *keys, struct bh_rng rng, struct bh_vault **out)
{
	struct bh_vault *vault = calloc(1, sizeof(*vault));
	int err = !vault ? BH_ERR_NOMEM : keys->count == 0 ? BH_ERR_INVALID : BH_NOERR;

	for (size_t i = 0; !err && i < keys->count; i++) {
		err = bh_sealer_open(keys->keys[i], rng, &vault->sealers[i]);
		if (!err)
			err = id_of(keys->keys[i], &vault->ids[i]);
		vault->count = i + 1;
	}
	if (err) {
		bh_vault_close(vault);
		return err;
	}
	vault->rng = rng;
	*out = vault;
	return BH_NOERR;
}

void bh_vault_close(struct bh_vault *vault)
{
	if (!vault)
		return;
	for (size_t i = 0; i < vault->count; i++)
		bh_sealer_close(vault->sealers[i]);
	free(vault);
}

int64_t bh_vault_id(const struct bh_vault *vault)
{
	return vault->ids[0];
}

int bh_vault_draw(struct bh_vault *vault, uint8_t key[BH_CASE_KEY_BYTES])
{
	return vault->rng.fill(vault->rng.context, key, BH_CASE_KEY_BYTES);
}

/* ---- A case's key ---- */

static int case_bind(const char *district, uint64_t number, struct bh_buf *out)
{
	static const char title[] = "bh-case-key-1";
	int err = bh_buf_append(out, title, sizeof(title) - 1);

	if (!err)
		err = bh_put_block(out, bh_span(district, strlen(district)));
	return err ? err : bh_put_u64(out, number);
}

int bh_vault_wrap(struct bh_vault *vault, const char *district, uint64_t number,
	const uint8_t key[BH_CASE_KEY_BYTES], uint8_t wrapped[BH_WRAPPED_BYTES])
{
	struct bh_buf bound = BH_BUF(BOUND_BYTES_MAX);
	int err = case_bind(district, number, &bound);

	if (!err)
		err = bh_seal(vault->sealers[0], BH_SEAL_CASE_KEYS, bh_buf_span(&bound),
			bh_span(key, BH_CASE_KEY_BYTES), wrapped);
	bh_buf_free(&bound);
	return err;
}

int bh_vault_unwrap(struct bh_vault *vault, const char *district, uint64_t number, int64_t id,
	struct bh_span wrapped, uint8_t key[BH_CASE_KEY_BYTES])
{
	struct bh_buf bound = BH_BUF(BOUND_BYTES_MAX);
	int err = case_bind(district, number, &bound);
	size_t i = 0;

	while (i < vault->count && vault->ids[i] != id)
		i++;
	if (!err && (i == vault->count || wrapped.len != BH_WRAPPED_BYTES))
		err = BH_ERR_AUTH;
	if (!err)
		err = bh_unseal(
			vault->sealers[i], BH_SEAL_CASE_KEYS, bh_buf_span(&bound), wrapped, key);
	bh_buf_free(&bound);
	return err;
}

/* ---- A field ---- */

static int place_bind(const struct bh_vault_place *place, struct bh_buf *out)
{
	return bh_party_bind(place->district, place->number, place->party, place->field, out);
}

/* A name's length says something of it: zeroes, which no text has, hide it. */
static int padded(struct bh_span plain, struct bh_buf *out)
{
	static const uint8_t zeroes[BH_PARTY_PAD_BYTES];
	int err = bh_buf_append(out, plain.data, plain.len);

	return err ? err : bh_buf_append(out, zeroes, sizeof(zeroes) - plain.len % sizeof(zeroes));
}

int bh_vault_seal(struct bh_vault *vault, const uint8_t key[BH_CASE_KEY_BYTES],
	const struct bh_vault_place *place, struct bh_span plain, struct bh_buf *out)
{
	struct bh_buf bound = BH_BUF(BOUND_BYTES_MAX),
		      text = BH_BUF(plain.len + 2 * BH_PARTY_PAD_BYTES);
	struct bh_sealer *sealer = NULL;
	uint8_t *room = NULL;
	int err = bh_sealer_open(key, vault->rng, &sealer);

	if (!err)
		err = place_bind(place, &bound);
	if (!err)
		err = padded(plain, &text);
	if (!err)
		err = bh_buf_reserve(out, text.len + BH_SEAL_BYTES, &room);
	if (!err)
		err = bh_seal(
			sealer, BH_SEAL_PARTIES, bh_buf_span(&bound), bh_buf_span(&text), room);
	if (!err)
		out->len += text.len + BH_SEAL_BYTES;
	bh_sealer_close(sealer);
	bh_buf_wipe(&text);
	bh_buf_free(&bound);
	return err;
}

int bh_vault_unseal(struct bh_vault *vault, const uint8_t key[BH_CASE_KEY_BYTES],
	const struct bh_vault_place *place, struct bh_span sealed, struct bh_buf *out)
{
	struct bh_buf bound = BH_BUF(BOUND_BYTES_MAX);
	struct bh_sealer *sealer = NULL;
	uint8_t *room = NULL;
	int err = sealed.len < BH_SEAL_BYTES ? BH_ERR_AUTH : BH_NOERR;

	if (!err)
		err = bh_sealer_open(key, vault->rng, &sealer);
	if (!err)
		err = place_bind(place, &bound);
	if (!err)
		err = bh_buf_reserve(out, sealed.len - BH_SEAL_BYTES + 1, &room);
	if (!err)
		err = bh_unseal(sealer, BH_SEAL_PARTIES, bh_buf_span(&bound), sealed, room);
	size_t len = err ? 0 : sealed.len - BH_SEAL_BYTES;
	while (len > 0 && room[len - 1] == 0)
		len--;
	out->len += len;
	bh_sealer_close(sealer);
	bh_buf_free(&bound);
	return err;
}
