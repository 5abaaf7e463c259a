/* Disputes in the interface's words: read from a body, told of a case and of its entries. */
#ifndef BH_CONSOLE_DISPUTE_H
#define BH_CONSOLE_DISPUTE_H

#include "server/console/case_json.h"

struct bh_import_at;

#define BH_DECISION_BYTES_MAX 600u
/* The members that bh_dispute_read takes, for the list of what a body may have. */
#define BH_DISPUTE_MEMBERS                                                                  \
	"grade", "major", "kind", "linkage", "outcome", "present", "measures", "mediation", \
		"date", "amount_fen", "agreement", "dates", "decisions", "sponsor", "force"

extern const char *const bh_present_names[4];

void bh_dispute_read(struct bh_exchange *x, const struct bh_import_at *at);
/* "held"; NULL: the verb has no such outcome. */
const char *bh_dispute_outcome_name(enum bh_verb verb, uint32_t reason);
/* dispute_json.c: new references.  How a dispute or a major case stands, in a list. */
json_t *bh_dispute_json(const struct bh_exchange *x, const struct bh_case *cased);
/* Its mediations; written: with the terms, number and amount of their agreements, and the notes of
 * failures.  0, storage codes or BH_ERR_NOMEM. */
int bh_mediations_json(struct bh_exchange *x, uint64_t number, bool written, json_t **out);
/* What an entry's content says beside its text; NULL: nothing. */
json_t *bh_papers_json(struct bh_exchange *x, const struct bh_entry *entry);

#endif
