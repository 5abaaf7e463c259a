/* Signatures of the handset's key.  Our own key signs on the spot.  One that lies outside, in
 * hardware or another process, may take its time and is not waited for here: the message is
 * remembered, the driver has it signed, and whoever needed it asks again with the same message.  A
 * signature is verified before it is used: a key's holder that fails, is slow or lies costs an
 * attempt, nothing else. */
#include <string.h>

#include "client-lib/engine_state.h"

/* key NULL: it lies outside. */
static int sign_with(struct bh_engine *engine, struct bh_now now, const struct bh_key *key,
	const uint8_t public_key[BH_PUBLIC_KEY_BYTES], struct bh_span message,
	uint8_t out[BH_SIGNATURE_BYTES])
{
	struct bh_proof *proof = &engine->proof;
	bool same = bh_span_equal(message, bh_span(proof->message, proof->message_len)) &&
		    memcmp(proof->public_key, public_key, BH_PUBLIC_KEY_BYTES) == 0;

	if (key)
		return bh_key_sign(key, message, out);
	if (!engine->signs_outside)
		return BH_ERR_AUTH;
	if (message.len > sizeof(proof->message))
		return BH_ERR_LIMIT;
	if (same && proof->state == BH_PROOF_READY) {
		memcpy(out, proof->signature, BH_SIGNATURE_BYTES);
		proof->state = BH_PROOF_NONE;
		return 0;
	}
	if (!same || proof->state == BH_PROOF_NONE) {
		memcpy(proof->message, message.data, message.len);
		proof->message_len = message.len;
		memcpy(proof->public_key, public_key, BH_PUBLIC_KEY_BYTES);
		proof->asked_mono_ms = now.mono_ms;
		proof->state = BH_PROOF_WANTED;
	}
	return BH_ERR_BUSY;
}

int bh_engine_sign(struct bh_engine *engine, struct bh_now now, struct bh_span message,
	uint8_t out[BH_SIGNATURE_BYTES])
{
	struct bh_device device;
	int rc = bh_local_device(engine->local, &device);

	return rc != 0 ? rc
		       : sign_with(engine, now, bh_local_key(engine->local), device.public_key,
				 message, out);
}

int bh_engine_sign_next(struct bh_engine *engine, struct bh_now now, struct bh_span message,
	uint8_t out[BH_SIGNATURE_BYTES])
{
	uint8_t public_key[BH_PUBLIC_KEY_BYTES];
	const struct bh_key *key;

	return bh_local_next_key(engine->local, &key, public_key)
		       ? sign_with(engine, now, key, public_key, message, out)
		       : BH_ERR_NOT_FOUND;
}

bool bh_engine_sign_wanted(const struct bh_engine *engine)
{
	return engine->proof.state == BH_PROOF_WANTED &&
	       (engine->phase == BH_PHASE_PROVING || engine->phase == BH_PHASE_LIVE);
}

bool bh_engine_sign_late(const struct bh_engine *engine, struct bh_now now)
{
	return engine->proof.state == BH_PROOF_WANTED &&
	       now.mono_ms - engine->proof.asked_mono_ms >= BH_ENGINE_SIGN_MS_MAX;
}

int bh_engine_to_sign(const struct bh_engine *engine, uint8_t digest[BH_HASH_BYTES],
	uint8_t public_key[BH_PUBLIC_KEY_BYTES])
{
	memcpy(public_key, engine->proof.public_key, BH_PUBLIC_KEY_BYTES);
	return bh_sign_digest(bh_span(engine->proof.message, engine->proof.message_len), digest);
}

/* NULL when it is good, else what is wrong. */
static const char *signed_fault(
	struct bh_engine *engine, struct bh_now now, struct bh_span signature)
{
	struct bh_proof *proof = &engine->proof;

	if (bh_engine_sign_late(engine, now))
		return "took too long";
	if (signature.len == 0)
		return "would not sign";
	if (bh_signature_take(signature, proof->signature) != 0)
		return "gave no signature";
	return bh_key_verify(proof->public_key, bh_span(proof->message, proof->message_len),
		       proof->signature) == 0
		       ? NULL
		       : "signed with another key, or something else";
}

void bh_engine_signed(struct bh_engine *engine, struct bh_now now, struct bh_span signature)
{
	if (!bh_engine_sign_wanted(engine))
		return;
	const char *fault = signed_fault(engine, now, signature);

	engine->proof.state = fault ? BH_PROOF_NONE : BH_PROOF_READY;
	if (fault) {
		bh_engine_say(engine, "the key outside %s", fault);
		bh_engine_hang_up(engine, now, BH_WHY_KEY);
	} else if (engine->phase == BH_PHASE_PROVING) {
		bh_engine_greet(engine, now);
	}
	bh_engine_update(engine, now);
}
