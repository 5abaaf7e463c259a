/* libcrypto's context, and a second one into which it is copied to be told: finishing a hash ends
 * it. libcrypto fails at none of this but for want of memory, at the beginning. */
#include "server/store/running_hash.h"

#include <stdlib.h>

#include <openssl/evp.h>

#include "proto/err.h"

struct bh_running_hash {
	EVP_MD_CTX *grows;
	EVP_MD_CTX *ends;
};

struct bh_running_hash *bh_running_hash_new(void)
{
	struct bh_running_hash *hash = calloc(1, sizeof(*hash));

	if (!hash)
		return NULL;
	hash->grows = EVP_MD_CTX_new();
	hash->ends = EVP_MD_CTX_new();
	/* the copy is made once here, so that what it needs is there when it is told */
	if (!hash->grows || !hash->ends ||
		EVP_DigestInit_ex(hash->grows, EVP_sha256(), NULL) != 1 ||
		EVP_MD_CTX_copy_ex(hash->ends, hash->grows) != 1) {
		bh_running_hash_free(hash);
		return NULL;
	}
	return hash;
}

void bh_running_hash_free(struct bh_running_hash *hash)
{
	if (!hash)
		return;
	EVP_MD_CTX_free(hash->grows);
	EVP_MD_CTX_free(hash->ends);
	free(hash);
}

void bh_running_hash_restart(struct bh_running_hash *hash)
{
	bh_assert(EVP_DigestInit_ex(hash->grows, NULL, NULL) == 1);
}

void bh_running_hash_add(struct bh_running_hash *hash, struct bh_span bytes)
{
	bh_assert(EVP_DigestUpdate(hash->grows, bytes.data, bytes.len) == 1);
}

void bh_running_hash_tell(const struct bh_running_hash *hash, uint8_t out[BH_HASH_BYTES])
{
	unsigned len = 0;

	bh_assert(EVP_MD_CTX_copy_ex(hash->ends, hash->grows) == 1);
	bh_assert(EVP_DigestFinal_ex(hash->ends, out, &len) == 1 && len == BH_HASH_BYTES);
}
