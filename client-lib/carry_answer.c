/* The district's answer to a bundle: sealed for the store that asked, signed by the key that is
 * pinned, and of this device; anything else is not an answer. */
#include "client-lib/carry.h"

#include <stdlib.h>
#include <string.h>

#include "proto/bundle_frames.h"
#include "proto/codec.h"
#include "proto/err.h"

#define ARENA_BYTES_MAX (16u * BH_FRAME_BYTES_MAX)

struct bh_carry_answer {
	struct bh_device device;
	struct bh_key *reply_key;
	const struct bh_key *keys[1];
	struct bh_bundle_frames *frames;
	uint8_t reply_public[BH_PUBLIC_KEY_BYTES];
	bh_carry_take *take;
	void *context;
	struct bh_arena arena;
	struct bh_buf message;
	uint64_t words;
};

static bool key_is_pinned(
	const struct bh_device *device, const uint8_t public_key[BH_PUBLIC_KEY_BYTES])
{
	uint8_t pin[BH_PIN_BYTES];
	bool pinned = false;

	if (bh_key_pin(public_key, pin) != 0)
		return false;
	for (size_t i = 0; i < device->pins_count; i++)
		pinned |= memcmp(pin, device->pins[i], sizeof(pin)) == 0;
	return pinned;
}

static int signature_check(struct bh_carry_answer *answer, const struct bh_msg_signed *message)
{
	if (message->key.len != BH_PUBLIC_KEY_BYTES ||
		!key_is_pinned(&answer->device, message->key.data))
		return BH_ERR_AUTH;
	answer->message.len = 0;
	int rc = bh_bundle_answer_message(&answer->message, message->statement);

	return rc == 0 ? bh_key_verify(message->key.data, bh_buf_span(&answer->message),
				 message->signature.data)
		       : rc;
}

static int body_take(void *context, struct bh_span body)
{
	struct bh_carry_answer *answer = context;
	struct bh_msg_bundle_answer told;
	struct bh_msg_signed message;

	bh_arena_reset(&answer->arena);
	int rc = bh_decode_signed(body, &answer->arena, &message);

	if (rc == 0)
		rc = signature_check(answer, &message);
	if (rc == 0)
		rc = bh_decode_bundle_answer(message.statement, &answer->arena, &told);
	if (rc != 0)
		return rc;
	if (told.device != answer->device.device ||
		!bh_span_equal(told.district,
			bh_span(answer->device.district, strlen(answer->device.district))))
		return BH_ERR_AUTH;
	answer->words++;
	return answer->take ? answer->take(answer->context, &told, answer->reply_public) : 0;
}

int bh_carry_answer_open(
	struct bh_local *local, bh_carry_take *take, void *context, struct bh_carry_answer **out)
{
	struct bh_carry_answer *answer = calloc(1, sizeof(*answer));

	if (!answer)
		return BH_ERR_NOMEM;
	answer->take = take;
	answer->context = context;
	answer->arena = BH_ARENA(ARENA_BYTES_MAX);
	answer->message = BH_BUF(BH_FRAME_BYTES_MAX + 64u);
	int rc = bh_local_device(local, &answer->device);

	if (rc == 0)
		rc = bh_local_reply_key(local, &answer->reply_key);
	answer->keys[0] = answer->reply_key;
	if (rc == 0)
		bh_key_public(answer->reply_key, answer->reply_public);
	if (rc == 0)
		rc = bh_bundle_frames_open(answer->keys, 1, body_take, answer, &answer->frames);
	if (rc != 0) {
		bh_carry_answer_close(answer);
		return rc;
	}
	*out = answer;
	return 0;
}

int bh_carry_answer_put(struct bh_carry_answer *answer, struct bh_span bytes)
{
	return bh_bundle_frames_put(answer->frames, bytes);
}

int bh_carry_answer_end(struct bh_carry_answer *answer)
{
	int rc = bh_bundle_frames_end(answer->frames);

	return rc == 0 && answer->words == 0 ? BH_ERR_MALFORMED : rc;
}

void bh_carry_answer_close(struct bh_carry_answer *answer)
{
	if (!answer)
		return;
	bh_bundle_frames_close(answer->frames);
	bh_key_free(answer->reply_key);
	bh_arena_free(&answer->arena);
	bh_buf_free(&answer->message);
	free(answer);
}
