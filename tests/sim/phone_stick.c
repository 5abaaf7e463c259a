/* A handset's bundle onto a stick, and the district's answer off it. */
#include <string.h>

#include "client-lib/carry.h"
#include "client-lib/local_bundle.h"
#include "proto/err.h"
#include "tests/sim/judge.h"
#include "tests/sim/phone_state.h"

struct writing {
	struct bh_simphone *phone;
	struct bh_simwritten *written;
};

static int stick_grow(void *context, struct bh_span bytes)
{
	return bh_buf_append(context, bytes.data, bytes.len);
}

static int device_sign(void *context, const uint8_t public_key[BH_PUBLIC_KEY_BYTES],
	struct bh_span message, uint8_t signature[BH_SIGNATURE_BYTES])
{
	const struct writing *writing = context;
	struct bh_simwritten *written = writing->written;
	int rc = bh_carry_sign(writing->phone->local, public_key, message, signature);

	if (rc == 0 && written->signers_count < 2)
		memcpy(written->signers[written->signers_count++], public_key, BH_PUBLIC_KEY_BYTES);

	return rc == BH_ERR_NOT_FOUND ? BH_ERR_AUTH : rc;
}

/* Which key an answer is sealed for now; zeros: none. */
static void reply_note(const struct bh_simphone *phone, uint8_t out[BH_PUBLIC_KEY_BYTES])
{
	struct bh_key *key = NULL;

	memset(out, 0, BH_PUBLIC_KEY_BYTES);
	if (bh_local_reply_key(phone->local, &key) == 0)
		bh_key_public(key, out);
	bh_key_free(key);
}

/* The server asked for a photo since: answers from before are let go.  What it was could not be
 * read where the disk failed just then. */
static bool reply_is_forgotten(const struct bh_simphone *phone, const struct bh_simwritten *written)
{
	static const uint8_t none[BH_PUBLIC_KEY_BYTES];
	uint8_t now[BH_PUBLIC_KEY_BYTES];

	reply_note(phone, now);
	return memcmp(now, none, sizeof(now)) == 0 || memcmp(now, written->reply, sizeof(now)) != 0;
}

/* As of before it is written. */
static void written_begin(struct bh_simphone *phone, struct bh_simwritten *written)
{
	struct bh_device device = {0};
	struct bh_log log = {0};

	*written = (struct bh_simwritten){.phone = phone->index};
	if (bh_local_device(phone->local, &device) != 0 || bh_local_log(phone->local, &log) != 0)
		return;
	written->device = device.device;
	/* where it was told of a restore, and not yet brought what that took */
	bool behind = bh_simjudge_lacks(phone->run->judge, log.log_id, log.acked_seq);
	written->epoch = behind ? 0 : device.epoch;
	memcpy(written->log_id, log.log_id, BH_LOG_ID_BYTES);
}

bool bh_simphone_export(
	struct bh_simphone *phone, struct bh_buf *file, struct bh_simwritten *written)
{
	const struct bh_bundle_sink sink = {stick_grow, file};
	struct writing writing = {phone, written};
	struct bh_carried carried;

	if (!phone->up)
		return false;
	written_begin(phone, written);
	const struct bh_carry_options options = {
		.local = phone->local, .context = &writing, .sign = device_sign};
	int rc = bh_carry_out(&options, sink, &carried);
	if (bh_simphone_has_died(phone))
		return false;
	if (rc == BH_ERR_CRYPTO || rc == BH_ERR_FORK || rc == BH_ERR_MALFORMED)
		bh_simrun_fail(phone->run, "I15", "handset %u cannot write a bundle: %s",
			phone->index, bh_err_name(rc));
	if (rc == 0) {
		bh_simtrace_say(&phone->run->trace, bh_simrun_now(phone->run),
			"handset %u: a bundle of %llu ops and %llu photos", phone->index,
			(unsigned long long)carried.ops, (unsigned long long)carried.photos);
		reply_note(phone, written->reply);
		written->ops = carried.ops;
		written->photos = carried.photos;
	}
	bh_simphone_settle(phone);
	return rc == 0 && phone->up;
}

bool bh_simphone_was_undone(
	const struct bh_simphone *phone, const uint8_t log_id[BH_LOG_ID_BYTES], uint64_t seq)
{
	bool was = false;

	for (uint32_t i = 0; i < phone->went_back_count && !was; i++)
		was = memcmp(phone->went_back[i].log_id, log_id, BH_LOG_ID_BYTES) == 0 &&
		      seq > phone->went_back[i].head_seq;
	return was;
}

bool bh_simphone_may_part(const struct bh_simphone *phone, const struct bh_simwritten *written)
{
	bool parts = phone->cloned ||
		     bh_simjudge_has_gone_beyond(phone->run->judge, written->epoch);

	return parts || bh_simphone_was_undone(phone, written->log_id, UINT64_MAX);
}

/* ---- The answer ---- */

static int word_take(void *context, const struct bh_msg_bundle_answer *answer,
	const uint8_t reply_key[BH_PUBLIC_KEY_BYTES])
{
	struct bh_simphone *phone = context;

	return bh_engine_answered(phone->engine, bh_simphone_now(phone), answer, reply_key);
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

/* The server had a photo of it when it was put back, or let in a report of its owner's that names
 * one, and may ask for it at any time after. */
static bool photo_may_be_asked(const struct bh_simphone *phone)
{
	const struct bh_simalbum *album = &phone->run->album;
	bool may = false;

	for (size_t i = 0; i < album->count && !may; i++) {
		const struct bh_simphoto *photo = &album->photos[i];
		const struct bh_simphone *taker = phone->run->phones[photo->phone];
		may = (photo->came && taker == phone) ||
		      (photo->asked && taker->options.person == phone->options.person);
	}
	return may;
}

/* It is of no use any more; nothing else makes an answer that came back unreadable. */
static bool answer_is_void(
	const struct bh_simphone *phone, const struct bh_simwritten *written, int rc)
{
	bool parted = bh_simphone_may_part(phone, written);

	if (rc == BH_ERR_NOT_FOUND)
		return (parted || photo_may_be_asked(phone)) && reply_is_forgotten(phone, written);
	return rc == BH_ERR_FORK && parted;
}

bool bh_simphone_answer(
	struct bh_simphone *phone, const struct bh_buf *answer, const struct bh_simwritten *written)
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
	bool is_void = answer_is_void(phone, written, rc);
	if (!is_void && (rc == BH_ERR_AUTH || rc == BH_ERR_MALFORMED || rc == BH_ERR_NOT_FOUND ||
				rc == BH_ERR_FORK))
		bh_simrun_fail(phone->run, "I15", "handset %u cannot read its answer: %s",
			phone->index, bh_err_name(rc));
	phone->run->tally.bundle_answers += rc == 0;
	phone->run->tally.answers_void += is_void;
	phone->run->tally.bundle_acked += rc == 0 && before.ops > after.ops ? before.ops - after.ops
									    : 0;
	bh_simphone_settle(phone);
	return rc == 0 || is_void;
}
