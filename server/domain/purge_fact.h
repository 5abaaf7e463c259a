/* What a purge of texts about no case did: the decided facts of a PURGE_TEXTS. */
#ifndef BH_DOMAIN_PURGE_FACT_H
#define BH_DOMAIN_PURGE_FACT_H

#include "proto/bytes.h"

struct bh_purge_fact {
	uint64_t after;    /* positions from behind this one ... */
	uint64_t upto;     /* ... to this one were gone through */
	int64_t before_ms; /* what came up to then has no text any more */
	uint32_t texts;    /* so many were destroyed */
};

/* A decision's bytes, appended: 0 or the codes of bh_buf_append. */
int bh_purge_fact_encode(const struct bh_purge_fact *fact, struct bh_buf *out);
/* BH_ERR_MALFORMED; *out is untouched. */
int bh_purge_fact_decode(struct bh_span bytes, struct bh_purge_fact *out);
/* An entry about no case with a text of people's: field work, a shift's note, an order. */
bool bh_verb_has_text_beside(unsigned verb);

#endif
