/* Whose pace an urgent notice takes from, and what is told in one sentence when there are many: who
 * floods delays nobody else's. */
#include "server/domain/intake.h"
#include "server/domain/notice_body.h"

uint32_t bh_notice_paced(const struct bh_entry *entry, const struct bh_case *after)
{
	bool by_itself = entry->person == 0 || entry->person == after->reporter ||
			 entry->verb == BH_VERB_RELEASE;
	/* Who takes calls at a desk registers as many as there are. */
	bool flows = after->urgency == BH_NOTICE_P1 && after->intake == BH_INTAKE_HANDSET;
	return by_itself && flows ? after->reporter : 0;
}

bool bh_notice_is_summed(uint32_t kind)
{
	return kind == BH_NOTICE_ARRIVED || kind == BH_NOTICE_URGENT_TOLD ||
	       kind == BH_NOTICE_AUTOMATIC || kind == BH_NOTICE_REMIND_50 ||
	       kind == BH_NOTICE_REMIND_80 || kind == BH_NOTICE_BREACH ||
	       kind == BH_NOTICE_UNDISPATCHED;
}
