/* A handset's bundle onto a stick, and the district's answer off it. */
#include <string.h>

#include "client-lib/carry.h"
#include "client-lib/local_bundle.h"
#include "proto/err.h"
#include "tests/sim/phone_state.h"

static int stick_grow(void *context, struct bh_span bytes)
{
	return bh_buf_append(context, bytes.data, bytes.len);
}

static int device_sign(void *context, const uint8_t public_key[BH_PUBLIC_KEY_BYTES],
	struct bh_span message, uint8_t signature[BH_SIGNATURE_BYTES])
{
	struct bh_simphone *phone = context;
	int rc = bh_carry_sign(phone->local, public_key, message, signature);

	if (rc == 0 && phone->signers_count < 2)
		memcpy(phone->signers[phone->signers_count++], public_key, BH_PUBLIC_KEY_BYTES);

	return rc == BH_ERR_NOT_FOUND ? BH_ERR_AUTH : rc;
}

/* Which key an answer is sealed for now; zeros: none. */
static void reply_note(struct bh_simphone *phone, uint8_t out[BH_PUBLIC_KEY_BYTES])
{
	struct bh_key *key = NULL;

	memset(out, 0, BH_PUBLIC_KEY_BYTES);
	if (bh_local_reply_key(phone->local, &key) == 0)
		bh_key_public(key, out);
	bh_key_free(key);
}

/* The server had lost a photo since: answers from before are let go. */
static bool reply_is_forgotten(struct bh_simphone *phone)
{
	uint8_t now[BH_PUBLIC_KEY_BYTES];

	reply_note(phone, now);
	return memcmp(now, phone->reply, sizeof(now)) != 0;
}

bool bh_simphone_export(struct bh_simphone *phone, struct bh_buf *file)
{
	const struct bh_bundle_sink sink = {stick_grow, file};
	struct bh_device device = {0};
	struct bh_carried carried;

	if (!phone->up)
		return false;
	phone->signers_count = 0;
	if (bh_local_device(phone->local, &device) == 0)
		phone->signers_device = device.device;
	const struct bh_carry_options options = {
		.local = phone->local, .context = phone, .sign = device_sign};
	int rc = bh_carry_out(&options, sink, &carried);
	if (bh_simphone_has_died(phone))
		return false;
	if (rc == BH_ERR_CRYPTO || rc == BH_ERR_FORK || rc == BH_ERR_MALFORMED)
		bh_simrun_fail(phone->run, "I15", "handset %u cannot write a bundle: %s",
			phone->index, bh_err_name(rc));
	if (rc == 0)
		bh_simtrace_say(&phone->run->trace, bh_simrun_now(phone->run),
			"handset %u: a bundle of %llu ops and %llu photos", phone->index,
			(unsigned long long)carried.ops, (unsigned long long)carried.photos);
	if (rc == 0)
		reply_note(phone, phone->reply);
	bh_simphone_settle(phone);
	return rc == 0 && phone->up;
}

bool bh_simphone_bundle_signed(
	const struct bh_simphone *phone, uint32_t *device, const uint8_t key[BH_PUBLIC_KEY_BYTES])
{
	*device = phone->signers_device;
	for (uint32_t i = 0; key != NULL && i < phone->signers_count; i++)
		if (memcmp(phone->signers[i], key, BH_PUBLIC_KEY_BYTES) == 0)
			return true;
	return false;
}

/* ---- The answer ---- */

static int word_take(void *context, const struct bh_msg_bundle_answer *answer)
{
	struct bh_simphone *phone = context;

	return bh_engine_answered(phone->engine, bh_simphone_now(phone), answer);
}

/* What it says is looked at first, and taken when all of it holds. */
static int answer_read(struct bh_simphone *phone, const struct bh_buf *answer, bool takes)
{
	struct bh_carry_answer *reading = NULL;
	int rc = bh_carry_answer_open(phone->local, takes ? word_take : NULL, phone, &reading);

	if (rc == 0)
		rc = bh_carry_answer_put(reading, bh_buf_span(answer));
	if (rc == 0)
		rc = bh_carry_answer_end(reading);
	bh_carry_answer_close(reading);
	return rc;
}

bool bh_simphone_answer(struct bh_simphone *phone, const struct bh_buf *answer)
{
	struct bh_unsent before = {0}, after = {0};

	if (!phone->up)
		return false;
	int rc = bh_local_unsent(phone->local, &before);
	if (rc == 0)
		rc = answer_read(phone, answer, false);
	if (rc == 0)
		rc = answer_read(phone, answer, true);
	if (rc == 0)
		rc = bh_local_unsent(phone->local, &after);
	if (bh_simphone_has_died(phone))
		return false;
	if (rc == BH_ERR_NOT_FOUND && reply_is_forgotten(phone))
		rc = BH_ERR_FORK;
	if (rc == BH_ERR_AUTH || rc == BH_ERR_MALFORMED || rc == BH_ERR_NOT_FOUND)
		bh_simrun_fail(phone->run, "I15", "handset %u cannot read its answer: %s",
			phone->index, bh_err_name(rc));
	phone->run->tally.bundle_answers += rc == 0;
	phone->run->tally.bundle_acked += rc == 0 && before.ops > after.ops ? before.ops - after.ops
									    : 0;
	bh_simphone_settle(phone);
	return rc == 0 || rc == BH_ERR_FORK;
}
