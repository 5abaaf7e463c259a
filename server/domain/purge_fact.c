/* A fact's bytes: after u64, upto u64, before u64, texts u32. */
#include "server/domain/purge_fact.h"

#include "proto/err.h"
#include "server/domain/field_fact.h"
#include "server/domain/order.h"
#include "server/domain/shift.h"

int bh_purge_fact_encode(const struct bh_purge_fact *fact, struct bh_buf *out)
{
	int err = bh_put_u64(out, fact->after);
	if (err == 0)
		err = bh_put_u64(out, fact->upto);
	if (err == 0)
		err = bh_put_u64(out, (uint64_t)fact->before_ms);
	return err != 0 ? err : bh_put_u32(out, fact->texts);
}

int bh_purge_fact_decode(struct bh_span bytes, struct bh_purge_fact *out)
{
	struct bh_reader reader = bh_reader(bytes);
	struct bh_purge_fact fact = {.after = bh_get_u64(&reader)};
	fact.upto = bh_get_u64(&reader);
	fact.before_ms = (int64_t)bh_get_u64(&reader);
	fact.texts = bh_get_u32(&reader);
	if (!bh_reader_done(&reader) || fact.after > fact.upto || fact.before_ms < 0)
		return BH_ERR_MALFORMED;
	*out = fact;
	return 0;
}

bool bh_verb_has_text_beside(unsigned verb)
{
	return bh_verb_is_field(verb) || bh_verb_is_shift(verb) || bh_verb_is_order(verb);
}
