/* What a worker did in the grid that is no case: the decided facts of a service entry or a round.
 */
#ifndef BH_DOMAIN_FIELD_FACT_H
#define BH_DOMAIN_FIELD_FACT_H

#include "proto/bytes.h"
#include "proto/caseflow.h"

struct bh_field_fact {
	uint32_t grid; /* or the smallest area that is known */
	uint32_t day;  /* local, of when it was done: days since 1970-01-01 */
	uint32_t kind; /* service: enum bh_service, or a newer one, up to BH_SERVICE_MAX */
	uint32_t plan; /* patrol, with the next three */
	uint32_t done; /* checkpoints that were confirmed, and that were not */
	uint32_t missed;
	uint32_t minutes;
};

/* Is it an entry about no case, of what a worker did? */
bool bh_verb_is_field(unsigned verb);
/* The day of an instant, minutes east of Greenwich; before 1970 it is day 0. */
uint32_t bh_local_day(int64_t at_ms, int32_t utc_offset_min);
/* A decision's bytes, appended: 0 or the codes of bh_buf_append. */
int bh_field_fact_encode(unsigned verb, const struct bh_field_fact *fact, struct bh_buf *out);
/* BH_ERR_MALFORMED: these are not a fact of this verb; *out is untouched. */
int bh_field_fact_decode(unsigned verb, struct bh_span bytes, struct bh_field_fact *out);

#endif
