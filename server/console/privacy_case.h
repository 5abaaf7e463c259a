/* What the routes about people that cases name share. */
#ifndef BH_CONSOLE_PRIVACY_CASE_H
#define BH_CONSOLE_PRIVACY_CASE_H

#include "server/console/exchange.h"
#include "server/console/profile.h"
#include "server/domain/privacy.h"

/* The case of the path, for who sees it or may do this to it; false: answered, as for one that is
 * not there. */
bool bh_privacy_case(struct bh_exchange *x, enum bh_verb verb, struct bh_case *out);
/* A command of the desk about it. */
void bh_privacy_submit(
	struct bh_exchange *x, enum bh_verb verb, void (*done)(struct bh_exchange *x));
/* The first thing wrong with a body. */
void bh_privacy_faults(struct bh_exchange *x, struct bh_import_faults *faults);

#endif
