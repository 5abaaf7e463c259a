/* The type's own word first, then its class's. */
#include "proto/self_dispose.h"

/* CatalogueType.privacy from which on a case is opened with a party's consent, or by few. */
#define PRIVACY_CONSENT 2u

bool bh_type_self_disposes(
	const struct bh_msg_catalogue_type *type, const uint32_t *classes, size_t count)
{
	if (type == NULL || type->dispute || type->urgency == 1 ||
		type->self_dispose == BH_SELF_NO || type->privacy >= PRIVACY_CONSENT)
		return false;
	if (type->self_dispose == BH_SELF_YES)
		return true;
	for (size_t i = 0; i < count; i++) {
		if (classes[i] == type->class)
			return true;
	}
	return false;
}
