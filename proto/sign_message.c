/* What is signed, and what a signature is for: every message begins with a tag of its own. */
#include <string.h>

#include "proto/sign.h"

#define TAG_SESSION "bh-session-1"
#define TAG_ENROL "bh-enrol-1"
#define TAG_HEAD "bh-head-1"
#define TAG_RECEIPT "bh-receipt-1"
#define TAG_ROTATE "bh-rotate-1"
#define TAG_PHOTO "bh-photo-1"
#define TAG_BUNDLE "bh-bundle-1"
#define TAG_BUNDLE_ANSWER "bh-bundle-ack-1"
#define TAG_PINS "bh-pins-1"

/* The parts of a message, each a block; the buffer is as it was when one does not fit. */
static int put_blocks(struct bh_buf *out, const struct bh_span *blocks, size_t count)
{
	size_t before = out->len;
	for (size_t i = 0; i < count; i++) {
		int err = bh_put_block(out, blocks[i]);
		if (err != 0) {
			out->len = before;
			return err;
		}
	}
	return 0;
}

static struct bh_span text_span(const char *text)
{
	return bh_span(text, strlen(text));
}

static void write_be(uint8_t *out, uint64_t value, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		out[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
}

int bh_session_message(struct bh_buf *out, const struct bh_binding *binding, const char *district,
	uint32_t device, const uint8_t log_id[BH_LOG_ID_BYTES])
{
	uint8_t number[4];
	write_be(number, device, 4);
	struct bh_span blocks[] = {
		text_span(TAG_SESSION),
		bh_span(binding->exporter, BH_EXPORTER_BYTES),
		text_span(district),
		bh_span(binding->server_key_hash, BH_HASH_BYTES),
		bh_span(number, 4),
		bh_span(log_id, BH_LOG_ID_BYTES),
	};
	return put_blocks(out, blocks, sizeof(blocks) / sizeof(blocks[0]));
}

int bh_enrol_message(struct bh_buf *out, const struct bh_binding *binding, const char *district,
	const uint8_t code[BH_CODE_BYTES], const uint8_t public_key[BH_PUBLIC_KEY_BYTES],
	const uint8_t log_id[BH_LOG_ID_BYTES])
{
	struct bh_span blocks[] = {
		text_span(TAG_ENROL),
		bh_span(binding->exporter, BH_EXPORTER_BYTES),
		text_span(district),
		bh_span(binding->server_key_hash, BH_HASH_BYTES),
		bh_span(code, BH_CODE_BYTES),
		bh_span(public_key, BH_PUBLIC_KEY_BYTES),
		bh_span(log_id, BH_LOG_ID_BYTES),
	};
	return put_blocks(out, blocks, sizeof(blocks) / sizeof(blocks[0]));
}

int bh_rotate_message(struct bh_buf *out, const struct bh_binding *binding, const char *district,
	uint32_t device, const uint8_t old_key[BH_PUBLIC_KEY_BYTES],
	const uint8_t new_key[BH_PUBLIC_KEY_BYTES])
{
	uint8_t number[4];
	write_be(number, device, 4);
	struct bh_span blocks[] = {
		text_span(TAG_ROTATE),
		bh_span(binding->exporter, BH_EXPORTER_BYTES),
		text_span(district),
		bh_span(binding->server_key_hash, BH_HASH_BYTES),
		bh_span(number, 4),
		bh_span(old_key, BH_PUBLIC_KEY_BYTES),
		bh_span(new_key, BH_PUBLIC_KEY_BYTES),
	};
	return put_blocks(out, blocks, sizeof(blocks) / sizeof(blocks[0]));
}

int bh_head_message(struct bh_buf *out, const char *district, uint32_t device,
	const uint8_t log_id[BH_LOG_ID_BYTES], uint64_t seq, const uint8_t link[BH_HASH_BYTES])
{
	uint8_t number[4], position[8];
	write_be(number, device, 4);
	write_be(position, seq, 8);
	struct bh_span blocks[] = {
		text_span(TAG_HEAD),
		text_span(district),
		bh_span(number, 4),
		bh_span(log_id, BH_LOG_ID_BYTES),
		bh_span(position, 8),
		bh_span(link, BH_HASH_BYTES),
	};
	return put_blocks(out, blocks, sizeof(blocks) / sizeof(blocks[0]));
}

int bh_receipt_message(struct bh_buf *out, struct bh_span receipt)
{
	struct bh_span blocks[] = {text_span(TAG_RECEIPT), receipt};
	return put_blocks(out, blocks, 2);
}

int bh_bundle_message(struct bh_buf *out, struct bh_span statement)
{
	struct bh_span blocks[] = {text_span(TAG_BUNDLE), statement};
	return put_blocks(out, blocks, 2);
}

int bh_bundle_answer_message(struct bh_buf *out, struct bh_span answer)
{
	struct bh_span blocks[] = {text_span(TAG_BUNDLE_ANSWER), answer};
	return put_blocks(out, blocks, 2);
}

int bh_pins_message(
	struct bh_buf *out, const char *district, const uint8_t backup_pin[BH_PIN_BYTES])
{
	struct bh_span blocks[] = {
		text_span(TAG_PINS), text_span(district), bh_span(backup_pin, BH_PIN_BYTES)};
	return put_blocks(out, blocks, sizeof(blocks) / sizeof(blocks[0]));
}

uint32_t bh_pin_mark(const uint8_t backup_pin[BH_PIN_BYTES])
{
	return (uint32_t)backup_pin[0] << 24 | (uint32_t)backup_pin[1] << 16 |
	       (uint32_t)backup_pin[2] << 8 | backup_pin[3];
}

int bh_photo_proof_head(struct bh_buf *out, const struct bh_binding *binding)
{
	struct bh_span blocks[] = {
		text_span(TAG_PHOTO), bh_span(binding->exporter, BH_EXPORTER_BYTES)};
	return put_blocks(out, blocks, 2);
}
