/* Filing, refusing, referring and closing in the interface's words: read from a body, told of a
 * case and of its entries. */
#ifndef BH_CONSOLE_FILING_H
#define BH_CONSOLE_FILING_H

#include "server/console/case_json.h"

struct bh_import_at;

/* The members that bh_filing_read takes, for the list of what a body may have. */
#define BH_FILING_MEMBERS "condition", "grid", "ground", "channel", "receipt", "matter_ended"

void bh_filing_read(struct bh_exchange *x, const struct bh_import_at *at);
/* New references.  How it was filed and ended, of a case. */
json_t *bh_filing_json(const struct bh_case *cased);
/* Of an entry that refused or referred; NULL: of no other. */
json_t *bh_ending_json(struct bh_exchange *x, const struct bh_entry *entry);
/* ... and of a history, as far as it is shown: the number that a referral has elsewhere, or null.
 */
json_t *bh_ending_receipt_json(const json_t *history);

#endif
