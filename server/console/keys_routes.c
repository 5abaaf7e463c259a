/* What handsets go by: the pins of the CA's key and of the one that comes after it, and who of them
 * has said that it knows.  The keys themselves are nobody's to read here. */
#include "proto/err.h"
#include "proto/number.h"
#include "server/console/exchange.h"
#include "server/identity/keys_roll.h"
#include "server/store/census.h"

#define PIN_TEXT_SIZE 33

void bh_route_keys(struct bh_exchange *x)
{
	const struct bh_console_district *district = x->district;
	char ca[PIN_TEXT_SIZE], backup[PIN_TEXT_SIZE];
	struct bh_pins_census census;
	json_t *first = json_array();
	int err = first ? bh_reader_pins(district->reader, district->backup_pin, &census)
			: BH_ERR_NOMEM;
	for (size_t i = 0; !err && i < census.first_count; i++)
		if (json_array_append_new(first, json_integer((json_int_t)census.first[i])) != 0)
			err = BH_ERR_NOMEM;
	if (err) {
		json_decref(first);
		bh_answer_err(x, err);
		return;
	}
	bh_base32_format(bh_span(district->pin, BH_PIN_BYTES), ca);
	bh_base32_format(bh_span(district->backup_pin, BH_PIN_BYTES), backup);
	bh_answer_json(x, 200,
		json_pack("{s:s, s:s, s:b, s:I, s:I, s:o}", "ca_pin", ca, "backup_pin", backup,
			"backup_key_here",
			district->folder && bh_keys_backup_is_here(district->folder), "devices",
			(json_int_t)census.devices, "devices_lacking", (json_int_t)census.lacking,
			"lacking", first));
}
