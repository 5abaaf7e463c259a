/* The people of the district: dispatchers, acceptors, shift leaders and unit leads at their desks,
 * and the operator who runs the server. */
#ifndef BH_TESTS_SIM_DESK_H
#define BH_TESTS_SIM_DESK_H

#include "tests/sim/run.h"

#define BH_SIMDESK_UNITS 12u
/* Holds the reporters' post as well, and so may record on a reporter's handset. */
#define BH_SIMDESK_COLLEAGUE BH_DEMO_PERSON(ARCHIVIST)
/* ... whose own work another one does. */
#define BH_SIMDESK_ARCHIVIST BH_DEMO_PERSON(ASSESSOR)

struct bh_simdesk *bh_simdesk_make(struct bh_simrun *run);
void bh_simdesk_free(struct bh_simdesk *desk);
void bh_simdesk_event(struct bh_simdesk *desk, const struct bh_simevent *event);

/* Nothing is left to the clock any more, and what has no handler is done at the desk. */
void bh_simdesk_diligent(struct bh_simdesk *desk, bool diligent);
/* Looks around now and again, or not at all. */
void bh_simdesk_opens(struct bh_simdesk *desk, bool opens);
/* This unit has a handset that signs and finishes. */
void bh_simdesk_has_handler(struct bh_simdesk *desk, uint32_t unit, bool has);

/* ---- one command each; given again until its outcome is known ---- */
/* verb: enum bh_verb of a desk.  unit 0: whom the rules propose.  base 0: no version is named. */
void bh_simdesk_order(struct bh_simdesk *desk, uint32_t verb, uint32_t person, uint64_t number,
	uint32_t unit, uint64_t base);
/* The same with a date; 0: none. */
void bh_simdesk_order_until(struct bh_simdesk *desk, uint32_t verb, uint32_t person,
	uint64_t number, int64_t until_ms, uint64_t base);
/* It turns out to be of another type or urgency; 0: of the one that it has. */
void bh_simdesk_order_amend(struct bh_simdesk *desk, uint32_t person, uint64_t number,
	uint32_t type, uint32_t urgency, uint64_t base);
/* Into which case a report is merged. */
void bh_simdesk_order_merge(struct bh_simdesk *desk, uint64_t number, uint64_t main, uint64_t base);
/* The same with what a follow-up heard (case.h). */
void bh_simdesk_order_answer(struct bh_simdesk *desk, uint32_t verb, uint32_t person,
	uint64_t number, uint32_t answer, uint64_t base);
void bh_simdesk_profile(struct bh_simdesk *desk);
/* Now and then the report of a component says its mark, behind what its text says. */
void bh_simdesk_mark(struct bh_simdesk *desk, uint32_t type, char *text, size_t size);
/* Workers change places: handlers of other units, grids exchanged. */
void bh_simdesk_reshuffle(struct bh_simdesk *desk);
/* A one-time code for the handset's person; told to the handset once it is valid. */
void bh_simdesk_admit(struct bh_simdesk *desk, uint32_t phone);
void bh_simdesk_revoke(struct bh_simdesk *desk, uint32_t device);
/* What an administrator gives for his reason: it says what he meant. */
#define BH_SIMDESK_LETS_IN "let it in"
#define BH_SIMDESK_PUTS_AWAY "put it away"

/* op: the position of its entry, which stands in quarantine. */
void bh_simdesk_release(struct bh_simdesk *desk, uint32_t device, uint64_t op, bool discards);
/* Some of every handset of which something stands in quarantine; false: not now. */
bool bh_simdesk_review_all(struct bh_simdesk *desk);
/* At once something happens to each open case of this reporter. */
void bh_simdesk_stir(struct bh_simdesk *desk, uint32_t person);
void bh_simdesk_confirm_clock(struct bh_simdesk *desk);
/* Everybody at a desk looks, and asks now for what there is to do.  The server is up. */
void bh_simdesk_ask_all(struct bh_simdesk *desk);
/* Commands whose outcome is not known yet. */
uint32_t bh_simdesk_pending(const struct bh_simdesk *desk);
/* The unit of a person who is handler of one; 0. */
uint32_t bh_simdesk_unit_of(const struct bh_simdesk *desk, uint32_t person);

#endif
