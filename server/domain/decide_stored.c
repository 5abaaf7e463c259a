/* A photo of the case is here, whole and verified.  It is a fact about bytes, which no person
 * decided: the case stays where it is, whatever its state, and nobody's act becomes stale by it. A
 * photo that no accepted op of the case names is none of its; one that is known to be here is
 * answered, and leaves no second entry. */
#include "server/domain/decide_body.h"

void bh_decide_stored(struct bh_deciding *d)
{
	if (d->before == NULL)
		bh_deciding_reject(d, BH_REASON_NO_CASE, NULL);
	else if (d->standing->blob == BH_BLOB_STRANGE)
		bh_deciding_reject(d, BH_REASON_FIELD, "the case has no such photo");
	else if (d->standing->blob == BH_BLOB_STORED)
		d->out->verdict = BH_VERDICT_ACCEPTED; /* a repeat: nothing changes */
	else
		bh_deciding_accept(d);
}
