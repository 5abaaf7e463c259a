/* An administrator vouches for the key that a handset has: for one that took another key after the
 * backup that this server was put back from, where what never rolls back was lost, too.  The worker
 * reads it out (`bihuan-handset status`); the one that held before is worth nothing from then on.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "proto/number.h"
#include "proto/sign.h"
#include "server/console/exchange.h"
#include "server/console/profile.h"

/* False: answered. */
static bool device_find(struct bh_exchange *x, struct bh_device *device)
{
	const char *text = x->captures[1];
	char *end;
	unsigned long id = strtoul(text, &end, 10);
	int err = *text < '0' || *text > '9' || *end || id > UINT32_MAX
			  ? BH_ERR_NOT_FOUND
			  : bh_reader_device(x->district->reader, (uint32_t)id, device);
	if (err == BH_ERR_NOT_FOUND)
		bh_answer_error(
			x, 404, "device", "there is no such device", "see `bihuan devices`");
	else if (err)
		bh_answer_err(x, err);
	return err == 0;
}

/* False: answered. */
static bool key_read(struct bh_exchange *x, uint8_t key[BH_PUBLIC_KEY_BYTES])
{
	static const char *const names[] = {"key", NULL};
	struct bh_import_faults faults = {0};
	struct bh_import_at at = {&faults, "", 0, NULL};
	struct bh_span said = {NULL, 0};
	char text[2 * BH_PUBLIC_KEY_BYTES + 1] = "";
	if (x->body)
		bh_fields_check(&at, x->body, names);
	(void)bh_field_text(&at, x->body, "key", sizeof(text) - 1, true, &said);
	bool holds = faults.count == 0 && said.len == sizeof(text) - 1;
	bh_faults_free(&faults);
	if (holds)
		memcpy(text, said.data, said.len);
	holds = holds && bh_hex_parse(text, key, BH_PUBLIC_KEY_BYTES) == 0 &&
		bh_public_key_valid(key);
	if (!holds)
		bh_answer_error(x, 422, "field",
			"key: it is not a handset's key, 66 hexadecimal digits", NULL);
	return holds;
}

static void rekeyed(struct bh_exchange *x)
{
	struct bh_device device;
	if (x->outcome.verdict != BH_VERDICT_ACCEPTED) {
		bh_answer_refused(x, &x->outcome);
		return;
	}
	if (!device_find(x, &device))
		return;
	bh_answer_json(x, 200,
		json_pack("{s:I, s:o, s:b, s:I}", "device", (json_int_t)device.id, "key",
			bh_json_hex(bh_span(device.public_key, BH_PUBLIC_KEY_BYTES)), "repeat",
			x->outcome.repeat, "position", (json_int_t)x->outcome.position));
}

void bh_route_rekey(struct bh_exchange *x)
{
	struct bh_device device;
	uint8_t key[BH_PUBLIC_KEY_BYTES];
	if (bh_key_told(x, rekeyed) || !device_find(x, &device) || !key_read(x, key))
		return;
	struct bh_msg_entry_rotated entry = {.device = device.id,
		.public_key = bh_span(key, sizeof(key)),
		.replaces = bh_span(device.public_key, BH_PUBLIC_KEY_BYTES)};
	int err = bh_encode_entry_rotated(&entry, &x->payload);
	if (err)
		bh_answer_err(x, err);
	else
		bh_exchange_submit_operator(x, BH_VERB_ROTATED, rekeyed);
}
