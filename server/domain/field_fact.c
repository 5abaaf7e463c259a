/* A fact's bytes: day u16, grid u32, then kind u8, or plan u32, done u8, missed u8, minutes u16. */
#include "server/domain/field_fact.h"

#include "proto/err.h"

#define DAY_MS INT64_C(86400000)
#define MINUTE_MS INT64_C(60000)

bool bh_verb_is_field(unsigned verb)
{
	return verb == BH_VERB_SERVICE || verb == BH_VERB_PATROL;
}

uint32_t bh_local_day(int64_t at_ms, int32_t utc_offset_min)
{
	int64_t day = (at_ms + utc_offset_min * MINUTE_MS) / DAY_MS;
	if (day < 0)
		return 0;
	return day > UINT16_MAX ? UINT16_MAX : (uint32_t)day;
}

int bh_field_fact_encode(unsigned verb, const struct bh_field_fact *fact, struct bh_buf *out)
{
	bh_assert(bh_verb_is_field(verb) && fact->day <= UINT16_MAX &&
		  fact->kind <= BH_SERVICE_MAX && fact->done <= UINT8_MAX &&
		  fact->missed <= UINT8_MAX && fact->minutes <= UINT16_MAX);
	int err = bh_put_u16(out, (uint16_t)fact->day);
	if (err == 0)
		err = bh_put_u32(out, fact->grid);
	if (err == 0 && verb == BH_VERB_SERVICE)
		return bh_put_u8(out, (uint8_t)fact->kind);
	if (err == 0)
		err = bh_put_u32(out, fact->plan);
	if (err == 0)
		err = bh_put_u8(out, (uint8_t)fact->done);
	if (err == 0)
		err = bh_put_u8(out, (uint8_t)fact->missed);
	return err != 0 ? err : bh_put_u16(out, (uint16_t)fact->minutes);
}

int bh_field_fact_decode(unsigned verb, struct bh_span bytes, struct bh_field_fact *out)
{
	struct bh_reader reader = bh_reader(bytes);
	struct bh_field_fact fact = {.day = bh_get_u16(&reader), .grid = 0};
	fact.grid = bh_get_u32(&reader);
	if (verb == BH_VERB_SERVICE) {
		fact.kind = bh_get_u8(&reader);
	} else {
		fact.plan = bh_get_u32(&reader);
		fact.done = bh_get_u8(&reader);
		fact.missed = bh_get_u8(&reader);
		fact.minutes = bh_get_u16(&reader);
	}
	if (!bh_verb_is_field(verb) || !bh_reader_done(&reader))
		return BH_ERR_MALFORMED;
	*out = fact;
	return 0;
}
