/* The key store of a simulated handset: outside its file, it outlives its lives; now and then it
 * refuses, signs something else, or does not answer before the link is given up. */
#include "proto/err.h"
#include "tests/sim/phone_state.h"

#define REFUSES_PPM 20000
#define LIES_PPM 10000
#define MUTE_PPM 10000
#define ROTATES_PPM 150000
#define KEY_DER_BYTES_MAX 1024u

void bh_simphone_key_make(struct bh_simphone *phone, const struct bh_key *from)
{
	struct bh_buf der = BH_BUF(KEY_DER_BYTES_MAX);

	if (!phone->options.key_outside)
		return;
	if (from == NULL) {
		bh_assert(bh_key_generate(&phone->key) == 0);
		return;
	}
	bh_assert(bh_key_export(from, &der) == 0);
	bh_assert(bh_key_import(bh_buf_span(&der), &phone->key) == 0);
	bh_buf_wipe(&der);
	bh_buf_free(&der);
}

/* A copy of its disk from before proves nothing any more: nobody keeps one. */
void bh_simphone_rotate(struct bh_simphone *phone)
{
	if (!phone->up || phone->key != NULL || !bh_simrng_chance(&phone->chance, ROTATES_PPM))
		return;
	phone->has_backup = false;
	if (bh_local_rotate(phone->local, NULL) == 0) {
		phone->run->tally.rotations++;
		bh_simtrace_say(&phone->run->trace, bh_simrun_now(phone->run),
			"handset %u: another key is to take over", phone->index);
		bh_engine_sync_now(phone->engine, bh_simphone_now(phone));
	}
	bh_simphone_settle(phone);
}

bool bh_simphone_key_sign(struct bh_simphone *phone)
{
	uint8_t public_key[BH_PUBLIC_KEY_BYTES], digest[BH_HASH_BYTES],
		signature[BH_SIGNATURE_BYTES];
	struct bh_simtally *tally = &phone->run->tally;
	bool refuses = bh_simrng_chance(&phone->chance, REFUSES_PPM);
	bool lies = bh_simrng_chance(&phone->chance, LIES_PPM);

	if (phone->key_is_mute)
		return false;
	phone->key_is_mute = bh_simrng_chance(&phone->chance, MUTE_PPM);
	tally->signatures++;
	tally->signatures_failed += refuses || lies || phone->key_is_mute;
	if (phone->key_is_mute)
		return false;
	bh_assert(bh_engine_to_sign(phone->engine, digest, public_key) == 0);
	digest[0] ^= lies ? 1 : 0;
	bh_assert(bh_key_sign_digest(phone->key, digest, signature) == 0);
	bh_engine_signed(phone->engine, bh_simphone_now(phone),
		bh_span(signature, refuses ? 0 : sizeof(signature)));
	return true;
}
