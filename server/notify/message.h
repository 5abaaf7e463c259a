/* What a receiver is told, as one object of JSON: about a case and where it stands now, to a person
 * by the code that the district gave them.  No name, no telephone number, no report's text, no
 * place; of what is restricted neither its type nor its unit. */
#ifndef BH_NOTIFY_MESSAGE_H
#define BH_NOTIFY_MESSAGE_H

#include "server/notify/slot.h"

/* Into slot->message and slot->key.  BH_ERR_NOT_FOUND: the person is no longer in the profile, or
 * the case is not there; BH_ERR_LIMIT, BH_ERR_NOMEM, the reader's codes. */
int bh_notify_message(
	struct bh_store_reader *reader, const char *district, int64_t now_ms, struct bh_slot *slot);

#endif
