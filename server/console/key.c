/* A caller's key.  Two hashes go with its command: of the key with whose it is, and of what was
 * asked.  A route that has kept the key tells again what it told then, from the journal; with
 * another request the key is refused.  The writer asks once more inside its transaction, so that
 * two of the same at once are one. */
#include <string.h>

#include "proto/err.h"
#include "proto/hash.h"
#include "server/console/exchange.h"

#define IDEMPOTENCY_KEY_BYTES_MAX 200u

static void number_put(uint8_t out[4], uint32_t number)
{
	for (size_t i = 0; i < 4; i++)
		out[i] = (uint8_t)(number >> (24 - 8 * i));
}

/* A key is the caller's: two people who choose the same mean two things.  So do the server as a
 * whole and a district. */
static void key_hash(struct bh_exchange *x, struct bh_hasher *hasher, const char *key)
{
	uint8_t who[4];
	struct bh_span parts[] = {
		x->captures[0] ? bh_span("bh-key-1", 8) : bh_span("bh-server-key-1", 15),
		bh_span(who, sizeof(who)), bh_span(key, strlen(key))};
	number_put(who, x->person);
	bh_hash_parts(hasher, parts, 3, x->command.key_hash);
}

static void request_hide(struct bh_exchange *x, struct bh_hasher *hasher)
{
	uint8_t mac[BH_MAC_BYTES], *hash = x->command.request_hash;
	const struct bh_span parts[] = {bh_span("bh-request-2", 12), bh_span(hash, BH_HASH_BYTES)};
	bh_mac_parts(hasher, x->district->mac_key, parts, 2, mac);
	memset(hash, 0, BH_HASH_BYTES);
	memcpy(hash, mac, sizeof(mac) < BH_HASH_BYTES ? sizeof(mac) : BH_HASH_BYTES);
}

/* The same request is the same to the byte: post, method, target, body.  What is kept of it is kept
 * longer than an erased text, which could be guessed from a hash: of a district's it is a MAC under
 * the key that is in no file of its journal.  A server's own request names no case. */
static void request_hash(
	struct bh_exchange *x, struct bh_hasher *hasher, const struct bh_request *request)
{
	uint8_t post[4];
	struct bh_span parts[] = {bh_span("bh-request-1", 12), bh_span(post, sizeof(post)),
		bh_span(request->method, strlen(request->method) + 1),
		bh_span(request->target, strlen(request->target) + 1), request->body};
	number_put(post, x->post);
	bh_hash_parts(hasher, parts, 5, x->command.request_hash);
	if (x->district)
		request_hide(x, hasher);
}

bool bh_key_read(struct bh_exchange *x, const struct bh_request *request)
{
	struct bh_hasher *hasher;
	const char *key = request->idempotency_key;
	if (!key)
		return true;
	if (*key == '\0' || strlen(key) > IDEMPOTENCY_KEY_BYTES_MAX) {
		bh_answer_error(x, 400, "key", "an Idempotency-Key has 1 to 200 bytes", NULL);
		return false;
	}
	if (bh_hasher_open(&hasher) != BH_NOERR) {
		bh_answer_err(x, BH_ERR_NOMEM);
		return false;
	}
	key_hash(x, hasher, key);
	request_hash(x, hasher, request);
	bh_hasher_close(hasher);
	x->keyed = true;
	return true;
}

void bh_answer_key_taken(struct bh_exchange *x)
{
	bh_answer_error(x, 422, "key", "this key came before with another request",
		"nothing was done; give each request a key of its own");
}

bool bh_key_find(struct bh_exchange *x, struct bh_store_reader *reader, bool *told)
{
	struct bh_key_use use;
	int err = bh_reader_key(reader, x->command.key_hash, &use);
	*told = err != BH_ERR_NOT_FOUND;
	if (err == BH_ERR_NOT_FOUND)
		return false;
	if (err) {
		bh_answer_err(x, err);
		return false;
	}
	if (!bh_key_use_fits(&use, x->command.request_hash)) {
		bh_answer_key_taken(x);
		return false;
	}
	x->key_position = use.position;
	x->outcome = (struct bh_outcome){.verdict = BH_VERDICT_ACCEPTED,
		.repeat = true,
		.position = use.held ? 0 : use.position};
	return true;
}

bool bh_key_told(struct bh_exchange *x, void (*tell)(struct bh_exchange *x))
{
	struct bh_entry entry;
	bool told = false;
	if (!x->keyed || !bh_key_find(x, x->district->reader, &told))
		return told;
	int err = bh_reader_entry(x->district->reader, x->key_position, &x->arena, &entry);
	if (err) {
		bh_answer_err(x, err);
		return true;
	}
	x->outcome.at_ms = entry.at_ms;
	tell(x);
	return true;
}

int bh_key_code(const struct bh_exchange *x, uint32_t person, int64_t expires_ms,
	uint8_t code[BH_CODE_BYTES])
{
	struct bh_hasher *hasher;
	uint8_t whose[12], mac[BH_MAC_BYTES];
	struct bh_span parts[] = {bh_span("bh-code-2", 9), bh_span(whose, sizeof(whose)),
		bh_span(x->command.key_hash, BH_HASH_BYTES)};
	int err = bh_hasher_open(&hasher);
	if (err)
		return err;
	number_put(whose, person);
	number_put(whose + 4, (uint32_t)((uint64_t)expires_ms >> 32));
	number_put(whose + 8, (uint32_t)expires_ms);
	bh_mac_parts(hasher, x->district->mac_key, parts, 3, mac);
	bh_hasher_close(hasher);
	memcpy(code, mac, BH_CODE_BYTES);
	explicit_bzero(mac, sizeof(mac));
	return BH_NOERR;
}
