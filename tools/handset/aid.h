/* What a worker is told while he records: that something comes again here, or whom to call. */
#ifndef BH_HANDSET_AID_H
#define BH_HANDSET_AID_H

#include "tools/handset/handset.h"

/* Where life is at stake, before anything else: the numbers to call and a text that any phone can
 * send.  An object for machines, printed for people; null: it is not. */
json_t *bh_aid_emergency(const struct bh_handset *handset, uint64_t case_number);
/* How many cases the place of a report has seen; null: it does not repeat, or its datum is none
 * that is compared. */
json_t *bh_aid_repeat(const struct bh_handset *handset, const bh_report_input *input);

/* What had better be otherwise in a report of this type, and is recorded all the same: "no-names"
 * (whom it is about has no place in its text), "photo" (its result needs photos, and it shows none
 * of how it was).  An array for machines, said to people. */
json_t *bh_aid_hints(const struct bh_handset *handset, const bh_report_input *input);

#endif
