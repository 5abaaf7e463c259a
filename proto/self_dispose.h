/* Which types of cases a field worker may put right on the spot (自处置, S0-16): the same rule for
 * the server, which decides, and for the handset, which greys out its button. */
#ifndef BH_PROTO_SELF_DISPOSE_H
#define BH_PROTO_SELF_DISPOSE_H

#include "proto/message.h"

/* What a type of the catalogue says. */
enum bh_self_dispose {
	BH_SELF_AS_CLASS = 0, /* nothing: as the district says of its class */
	BH_SELF_YES = 1,
	BH_SELF_NO = 2,
};

/* Never P1 nor a dispute: those are put right by more than one; nor what needs a party's consent or
 * is restricted, which nobody of the grid opens.  NULL, an unknown type: no. */
bool bh_type_self_disposes(
	const struct bh_msg_catalogue_type *type, const uint32_t *classes, size_t count);

#endif
