/* A device has one live session: the newest takes the place, the older one is told so (C02).
 *
 *   hub of loop 0: session, claim 7 --\      count shared by the district's hubs
 *   hub of loop 1: session, claim 8 ---+--> "device 3, claim 8" to every other hub,
 *                                           which ends its session of that device with a lesser one
 *
 * Links come to loops in turn, so the newer session is mostly at another hub than the older. */
#include <stdio.h>
#include <stdlib.h>

#include "server/sync/hub.h"

static struct bh_hub_device *device_find(struct bh_hub *hub, uint32_t device)
{
	return (struct bh_hub_device *)(void *)bh_table_find(&hub->devices, device);
}

static void older_end(struct bh_hub *hub, struct bh_session *older)
{
	char why[BH_REASON_BYTES];
	snprintf(why, sizeof(why), "device %u replaced by a newer connection", older->device);
	hub->counts.replaced++;
	bh_session_refuse(older, BH_REFUSAL_REPLACED, why);
}

/* Each device stands once in what is to be told: the last claim is what counts. */
static void claim_number(struct bh_hub *hub, struct bh_hub_device *known)
{
	if (hub->options.claims == NULL)
		return;
	known->claim = atomic_fetch_add(hub->options.claims, 1) + 1;
	if (known->claim_waits)
		return;
	known->claim_waits = true;
	known->claimed_next = hub->claimed;
	hub->claimed = known;
}

int bh_hub_claim(struct bh_hub *hub, struct bh_session *session, struct bh_moment at)
{
	struct bh_hub_device *known = device_find(hub, session->device);
	if (known == NULL) {
		known = calloc(1, sizeof(*known));
		if (known == NULL)
			return BH_ERR_NOMEM;
		known->tokens = (uint64_t)hub->options.ops_per_device_per_min * 1000;
		known->tokens_mono_ms = at.now.mono_ms;
		known->contact.device = session->device;
		bh_table_add(&hub->devices, &known->node, session->device);
	}
	if (known->session != NULL && known->session != session)
		older_end(hub, known->session);
	known->session = session;
	known->contact.at_ms = at.district_ms;
	session->known = known;
	claim_number(hub, known);
	return 0;
}

bool bh_hub_take_claim(struct bh_hub *hub, struct bh_claim *claim)
{
	struct bh_hub_device *known = hub->claimed;
	if (known == NULL)
		return false;
	hub->claimed = known->claimed_next;
	known->claim_waits = false;
	*claim = (struct bh_claim){(uint32_t)known->node.key, known->claim};
	return true;
}

void bh_hub_claimed(struct bh_hub *hub, const struct bh_claim *claim)
{
	struct bh_hub_device *known = device_find(hub, claim->device);
	if (known != NULL && known->session != NULL && known->claim < claim->number)
		older_end(hub, known->session);
}
