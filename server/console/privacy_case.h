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
/* The body's purpose into the command; sealed: names are opened, too, which takes a seal
 * key.  False: answered. */
bool bh_purpose_read(struct bh_exchange *x, bool sealed);
/* May an opening that was told before be told again: soon, and to whom still may? */
bool bh_may_be_told_again(struct bh_exchange *x);
/* One field's text after an opening, which the entry of x's outcome says; the placeholder where it
 * is withheld or cannot be opened, with *why then.  Storage codes in *err. */
json_t *bh_party_field_open(struct bh_exchange *x, const struct bh_party *party, unsigned field,
	const char **why, int *err);
#define BH_SEALED_PLACEHOLDER "(sealed)"

#endif
