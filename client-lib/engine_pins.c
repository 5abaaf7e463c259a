/* Whom this handset goes by, when the district's CA changes: the server answers by the backup key,
 * and names the one that comes after it.
 *
 *   pins          answered by   told       after
 *   ca, backup    ca            backup     ca, backup                       as ever
 *   ca, backup    backup        next       backup, next (ca: no link more)  one step
 *   ca            ca            backup     ca, backup                       enrolled without
 *   ca, backup    ca            another    ca, backup                       the CA's key alone
 *
 * The last row is what a backup is for: who has stolen the key in use cannot talk a handset out of
 * the one that lies elsewhere. */
#include "client-lib/engine_state.h"

#include <string.h>

static int told_verify(
	const struct bh_engine *engine, const char *district, const struct bh_msg_district *told)
{
	struct bh_buf message = BH_BUF(BH_FRAME_HELLO_BYTES_MAX);
	int rc = told->pins_signature.len == BH_SIGNATURE_BYTES
			 ? bh_pins_message(&message, district, told->backup_pin.data)
			 : BH_ERR_AUTH;

	if (rc == 0)
		rc = bh_key_verify(
			engine->ca_key, bh_buf_span(&message), told->pins_signature.data);
	bh_buf_free(&message);
	return rc;
}

static bool pin_is(const uint8_t *pin, struct bh_span other)
{
	return bh_span_equal(bh_span(pin, BH_PIN_BYTES), other);
}

int bh_engine_pins(const struct bh_engine *engine, const struct bh_device *device,
	const struct bh_msg_district *told, struct bh_pins *out)
{
	uint8_t answered[BH_PIN_BYTES];

	*out = (struct bh_pins){0};
	if (!engine->ca_key_known || told->backup_pin.len == 0)
		return 0;
	int rc = told_verify(engine, device->district, told);

	if (rc == 0)
		rc = bh_key_pin(engine->ca_key, answered);
	if (rc != 0 || pin_is(answered, told->backup_pin))
		return rc;
	bool is_first = memcmp(answered, device->pins[0], BH_PIN_BYTES) == 0;
	bool is_held = device->pins_count > 1 && pin_is(device->pins[1], told->backup_pin);

	if (is_first && device->pins_count > 1 && !is_held)
		return 0;
	out->mark = bh_pin_mark(told->backup_pin.data);
	if (is_held)
		return 0;
	memcpy(out->pins[0], answered, BH_PIN_BYTES);
	memcpy(out->pins[1], told->backup_pin.data, BH_PIN_BYTES);
	memcpy(out->pins[2], device->pins[0], BH_PIN_BYTES);
	out->count = is_first ? 2 : 3;
	return 0;
}
