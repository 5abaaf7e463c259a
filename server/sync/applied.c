/* What handsets durably took up, on its way to the outbox: who has a delta needs no other notice of
 * what is in it.  A later word about a scope takes the place of an earlier one. */
#include "server/sync/hub.h"

void bh_hub_applied(struct bh_session *session, uint64_t scope, uint64_t position)
{
	struct bh_hub *hub = session->hub;
	struct bh_notice_applied *row = NULL;
	for (size_t i = 0; i < hub->applied_count && row == NULL; i++)
		if (hub->applied[i].person == session->person && hub->applied[i].scope == scope)
			row = &hub->applied[i];
	if (row == NULL && hub->applied_count < BH_HUB_APPLIED_MAX) {
		row = &hub->applied[hub->applied_count++];
		*row = (struct bh_notice_applied){.person = session->person, .scope = scope};
	}
	if (row != NULL && position > row->position)
		row->position = position;
}

void bh_hub_applied_all(struct bh_session *session)
{
	for (size_t i = 0; i < session->follows_count; i++)
		if (session->follows[i].applied != 0)
			bh_hub_applied(
				session, session->follows[i].node.key, session->follows[i].applied);
}

size_t bh_hub_take_applied(struct bh_hub *hub, struct bh_notice_applied *applied, size_t max)
{
	size_t count = hub->applied_count < max ? hub->applied_count : max;
	for (size_t i = 0; i < count; i++)
		applied[i] = hub->applied[--hub->applied_count];
	return count;
}
