/* Who may do what of disputes and major cases, for the matrix of rights: from domain.md, "mediator:
 * mediation record, agreement", "tier_desk: receive and move tiers", "sponsor: plan, instructions".
 * Where a body has no mediator its head is. */
#ifndef BH_TEST_RIGHTS_DISPUTE_H
#define BH_TEST_RIGHTS_DISPUTE_H

#define MEDIATES (ROLE(MEDIATOR) | ROLE(TIER_DESK))
#define GRADES (ACCEPTOR | DISPATCHER | ROLE(TIER_DESK) | ROLE(SUPERVISOR))
#define SPONSORS (ROLE(SPONSOR) | ROLE(TIER_DESK) | ROLE(SUPERVISOR) | ROLE(SHIFT_LEADER))

#define KEPT(from)                                                                    \
	{                                                                             \
		64, BH_STATE_##from, BH_VERB_PERFORM, MEDIATES, ROLE(UNIT_LEAD), UNIT \
	}

/* clang-format off */
#define DISPUTE_ROWS \
	{60, BH_STATE_RECEIVED, BH_VERB_GRADE, GRADES, 0, AREA}, \
	{60, BH_STATE_FILED, BH_VERB_GRADE, GRADES, 0, AREA}, \
	{60, BH_STATE_DISPATCHED, BH_VERB_GRADE, GRADES, 0, AREA}, \
	{60, BH_STATE_HANDLING, BH_VERB_GRADE, GRADES, 0, AREA}, \
	{61, BH_STATE_HANDLING, BH_VERB_MEDIATE, MEDIATES, ROLE(UNIT_LEAD), UNIT}, \
	{62, BH_STATE_HANDLING, BH_VERB_SESSION, ANY_OF_UNIT, 0, UNIT}, \
	{63, BH_STATE_HANDLING, BH_VERB_CONCLUDE, MEDIATES, ROLE(UNIT_LEAD), UNIT}, \
	KEPT(HANDLING), \
	KEPT(SUSPENDED), \
	KEPT(DONE), \
	KEPT(CHECKING), \
	KEPT(REWORK), \
	KEPT(CLOSED), \
	KEPT(ARCHIVED), \
	KEPT(FOLLOWED), \
	{65, BH_STATE_HANDLING, BH_VERB_SUSPEND, MEDIATES, ROLE(UNIT_LEAD), UNIT}, \
	{66, BH_STATE_HANDLING, BH_VERB_MOVE_DOWN, ROLE(TIER_DESK), 0, AREA}, \
	{67, BH_STATE_DISPATCHED, BH_VERB_PLAN, SPONSORS, 0, AREA}, \
	{67, BH_STATE_HANDLING, BH_VERB_PLAN, SPONSORS, 0, AREA}, \
	{68, BH_STATE_HANDLING, BH_VERB_CONSULT, MEDIATES, ROLE(UNIT_LEAD), UNIT}
/* clang-format on */

#endif
