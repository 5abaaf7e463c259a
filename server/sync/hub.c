/* A hub holds the live sessions of one district on one loop.  A commit's wake finds the sessions
 * concerned by scope, so its cost is what changed, not who is connected.  Order within a wake:
 * revocations first (nothing is sent to who was cut off), then changed rules, then records. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/sync/hub.h"

#define FRAME_ARENA_BYTES_MAX (8u * 1024u * 1024u)
#define WORK_ARENA_BYTES_MAX (16u * 1024u * 1024u)

int bh_hub_open(const struct bh_hub_options *options, struct bh_hub **out)
{
	struct bh_hub *hub = calloc(1, sizeof(*hub));
	if (hub == NULL)
		return BH_ERR_NOMEM;
	hub->options = *options;
	if (hub->options.enrol_failures_per_min == 0)
		hub->options.enrol_failures_per_min = BH_ENROL_FAILURES_PER_MIN;
	if (hub->options.ops_per_device_per_min == 0)
		hub->options.ops_per_device_per_min = BH_OPS_PER_DEVICE_PER_MIN;
	if (hub->options.device_quarantined_max == 0)
		hub->options.device_quarantined_max = BH_DEVICE_QUARANTINED_MAX;
	hub->frame_arena = BH_ARENA(FRAME_ARENA_BYTES_MAX);
	hub->work_arena = BH_ARENA(WORK_ARENA_BYTES_MAX);
	hub->mac_key = BH_BUF(64);
	if (options->bundle_key != NULL) {
		bh_key_public(options->bundle_key, hub->bundle_key);
		bh_bundle_key_id(options->hasher, hub->bundle_key, hub->bundle_key_id);
	}
	int err = bh_buf_append(&hub->mac_key, options->mac_key.data, options->mac_key.len);
	hub->options.mac_key = bh_buf_span(&hub->mac_key);
	if (err == 0)
		err = bh_table_open(&hub->devices);
	if (err == 0)
		err = bh_table_open(&hub->scopes);
	if (err == 0)
		err = bh_hub_district(hub);
	if (err != 0) {
		bh_hub_close(hub);
		return err;
	}
	*out = hub;
	return 0;
}

static void devices_free(struct bh_hub *hub)
{
	for (size_t i = 0; hub->devices.buckets != NULL && i <= hub->devices.mask; i++) {
		struct bh_table_node *node = hub->devices.buckets[i];
		while (node != NULL) {
			struct bh_table_node *next = node->next;
			free((struct bh_hub_device *)(void *)node);
			node = next;
		}
	}
	bh_table_close(&hub->devices);
}

void bh_hub_close(struct bh_hub *hub)
{
	if (hub == NULL)
		return;
	bh_assert(hub->sessions == NULL);
	while (hub->queue_first != NULL) {
		struct bh_work *work = hub->queue_first->owner;
		hub->queue_first = hub->queue_first->next;
		bh_work_free(work);
	}
	bh_hub_blobs_close(hub);
	devices_free(hub);
	bh_table_close(&hub->scopes);
	bh_buf_wipe(&hub->mac_key);
	bh_arena_free(&hub->frame_arena);
	bh_arena_free(&hub->work_arena);
	free(hub);
}

/* ---- Devices and scopes ---- */

static void follows_drop(struct bh_session *session)
{
	for (size_t i = 0; i < session->follows_count; i++)
		bh_table_remove(&session->hub->scopes, &session->follows[i].node);
	free(session->follows);
	session->follows = NULL;
	session->follows_count = 0;
}

void bh_hub_tell(struct bh_hub *hub, struct bh_hub_device *known)
{
	if (known->is_quiet)
		return;
	known->is_quiet = true;
	known->quiet_next = hub->quiet;
	hub->quiet = known;
}

void bh_hub_unclaim(struct bh_session *session)
{
	struct bh_hub_device *known = session->known;
	if (known != NULL && known->session == session)
		known->session = NULL;
	if (known != NULL)
		bh_hub_tell(session->hub, known);
	session->known = NULL;
	follows_drop(session);
}

int bh_session_scopes(struct bh_session *session, uint64_t scopes[BH_SCOPES_MAX], size_t *count)
{
	struct bh_rules *rules;
	int err = bh_reader_rules(session->hub->options.reader, &rules);
	if (err)
		return err;
	*count = bh_rights_scopes(
		rules, session->person, session->hub->district_ms, scopes, BH_SCOPES_MAX);
	return 0;
}

static uint64_t cursor_of(const struct bh_msg_cursor *cursors, size_t count, uint64_t scope)
{
	for (size_t i = 0; i < count; i++) {
		if (cursors[i].scope == scope)
			return cursors[i].position;
	}
	return 0;
}

int bh_hub_follow(struct bh_session *session, const struct bh_msg_cursor *cursors, size_t count)
{
	uint64_t scopes[BH_SCOPES_MAX];
	size_t scopes_count;
	int err = bh_session_scopes(session, scopes, &scopes_count);
	if (!err)
		follows_drop(session);
	if (err || scopes_count == 0 || session->draining || session->carried != NULL)
		return err;
	session->follows = calloc(scopes_count, sizeof(*session->follows));
	if (session->follows == NULL)
		return BH_ERR_NOMEM;
	session->follows_count = (uint16_t)scopes_count;
	for (size_t i = 0; i < scopes_count; i++) {
		struct bh_follow *follow = &session->follows[i];
		follow->session = session;
		follow->sent = cursor_of(cursors, count, scopes[i]);
		follow->applied = follow->sent;
		follow->waiting = true;
		bh_table_add(&session->hub->scopes, &follow->node, scopes[i]);
	}
	return 0;
}

struct bh_follow *bh_session_follow(struct bh_session *session, uint64_t scope)
{
	for (size_t i = 0; i < session->follows_count; i++) {
		if (session->follows[i].node.key == scope)
			return &session->follows[i];
	}
	return NULL;
}

/* A bucket of one minute's ops, filled evenly; it outlives the session, so that reconnecting fills
 * nothing. */
static uint64_t tokens_full(const struct bh_hub *hub)
{
	return (uint64_t)hub->options.ops_per_device_per_min * 1000;
}

static void tokens_gain(struct bh_hub *hub, struct bh_hub_device *known, struct bh_now now)
{
	uint64_t full = tokens_full(hub), per_second = full / 60;
	int64_t passed_ms = now.mono_ms - known->tokens_mono_ms;
	if (passed_ms > 60000)
		passed_ms = 60000;
	uint64_t gained = passed_ms > 0 ? (uint64_t)passed_ms * per_second / 1000 : 0;
	if (gained > 0) {
		known->tokens = known->tokens + gained < full ? known->tokens + gained : full;
		known->tokens_mono_ms = now.mono_ms;
	}
}

static uint32_t wait_for_ms(const struct bh_hub *hub, uint64_t tokens)
{
	return (uint32_t)(tokens * 1000 / (tokens_full(hub) / 60 + 1) + 1);
}

/* From what the device has above keep. */
static uint32_t spend_above(struct bh_hub *hub, struct bh_session *session, struct bh_now now,
	size_t ops, uint64_t keep)
{
	struct bh_hub_device *known = session->known;
	uint64_t cost = (uint64_t)ops * 1000;
	if (cost > tokens_full(hub) - keep)
		cost = tokens_full(hub) - keep;
	tokens_gain(hub, known, now);
	if (known->tokens < cost + keep)
		return wait_for_ms(hub, cost + keep - known->tokens);
	known->tokens -= cost;
	return 0;
}

uint32_t bh_hub_spend(struct bh_hub *hub, struct bh_session *session, struct bh_now now, size_t ops)
{
	return spend_above(hub, session, now, ops, 0);
}

/* As far as it is there above keep. */
static void owed_pay(struct bh_hub_device *known, uint64_t keep)
{
	uint64_t spare = known->tokens > keep ? known->tokens - keep : 0;
	uint64_t paid = known->owed < spare ? known->owed : spare;
	known->tokens -= paid;
	known->owed -= paid;
}

uint32_t bh_hub_spend_spare(
	struct bh_hub *hub, struct bh_session *session, struct bh_now now, size_t ops)
{
	struct bh_hub_device *known = session->known;
	uint64_t keep = tokens_full(hub) / 2;
	tokens_gain(hub, known, now);
	owed_pay(known, keep);
	return known->owed > 0 ? wait_for_ms(hub, known->owed)
			       : spend_above(hub, session, now, ops, keep);
}

void bh_hub_charge_spare(struct bh_hub *hub, struct bh_session *session, uint64_t ops)
{
	struct bh_hub_device *known = session->known;
	if (known == NULL)
		return;
	known->owed += ops * 1000;
	owed_pay(known, tokens_full(hub) / 2);
}

size_t bh_hub_take_contacts(struct bh_hub *hub, struct bh_contact *contacts, size_t max)
{
	size_t count = 0;
	while (hub->quiet != NULL && count < max) {
		struct bh_hub_device *known = hub->quiet;
		hub->quiet = known->quiet_next;
		known->is_quiet = false;
		/* what it said it held has arrived since, and its end will tell */
		if (known->session == NULL || known->contact.unsent_ops > 0 || known->pins_due) {
			contacts[count] = known->contact;
			if (!known->pins_due)
				contacts[count].pins = 0; /* kept already */
			count++;
		}
		known->pins_due = false;
	}
	return count;
}

/* ---- Wakes ---- */

static void hub_kick(struct bh_hub *hub, const struct bh_wakes *wakes)
{
	for (size_t i = 0; i < wakes->kicked_count; i++) {
		struct bh_hub_device *known = (struct bh_hub_device *)(void *)bh_table_find(
			&hub->devices, wakes->kicked[i]);
		if (known != NULL && known->session != NULL && !known->session->draining)
			bh_session_cut_off(known->session);
	}
}

/* Whose scopes changed says Hello again, and its Welcome names what it may keep; the others are
 * told the district anew, one after another. */
static void hub_new_rules(struct bh_hub *hub, const struct bh_moment *at)
{
	(void)bh_hub_district(hub);
	int64_t due_mono_ms = at->now.mono_ms;
	struct bh_session *next;
	for (struct bh_session *session = hub->sessions; session != NULL; session = next) {
		next = session->next;
		if (session->phase != BH_PHASE_LIVE || session->draining)
			continue;
		if (bh_session_scopes_left(session))
			continue;
		session->district_mono_ms = due_mono_ms;
		due_mono_ms += BH_DISTRICT_STAGGER_MS;
		bh_session_touch(session);
	}
}

static void hub_mark(struct bh_hub *hub, const struct bh_wakes *wakes)
{
	for (size_t i = 0; !wakes->all && i < wakes->scopes_count; i++) {
		struct bh_table_node *node = bh_table_find(&hub->scopes, wakes->scopes[i]);
		for (; node != NULL; node = bh_table_again(node)) {
			struct bh_follow *follow = (struct bh_follow *)(void *)node;
			follow->waiting = true;
			follow->woken = true;
		}
	}
	if (!wakes->all)
		return;
	size_t bucket = 0;
	struct bh_table_node *node = bh_table_walk(&hub->scopes, &bucket, NULL);
	for (; node != NULL; node = bh_table_walk(&hub->scopes, &bucket, node)) {
		struct bh_follow *follow = (struct bh_follow *)(void *)node;
		follow->waiting = true;
		follow->woken = true;
	}
}

/* Feeding may end that session, never another one. */
static void hub_feed(struct bh_hub *hub, const struct bh_moment *at, const struct bh_wakes *wakes)
{
	if (wakes->all) {
		struct bh_session *next;
		for (struct bh_session *session = hub->sessions; session != NULL; session = next) {
			next = session->next;
			bh_session_feed(session, at);
		}
		return;
	}
	for (size_t i = 0; i < wakes->scopes_count; i++) {
		struct bh_table_node *next;
		struct bh_table_node *node = bh_table_find(&hub->scopes, wakes->scopes[i]);
		for (; node != NULL; node = next) {
			next = bh_table_again(node);
			bh_session_feed(((struct bh_follow *)(void *)node)->session, at);
		}
	}
}

void bh_hub_wake(
	struct bh_hub *hub, struct bh_now now, int64_t district_ms, const struct bh_wakes *wakes)
{
	struct bh_moment at = {now, district_ms};
	hub->district_ms = district_ms;
	hub_mark(hub, wakes);
#if !defined(BH_PLANTED_BUG) || BH_PLANTED_BUG != 32
	hub_kick(hub, wakes);
#endif
	if (wakes->rules_changed)
		hub_new_rules(hub, &at);
	hub_feed(hub, &at, wakes);
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 32
	hub_kick(hub, wakes);
#endif
}

void bh_hub_wake_whole(struct bh_hub *hub, struct bh_now now, int64_t district_ms)
{
	const struct bh_wakes wakes = {.all = true, .rules_changed = true};
	for (struct bh_session *session = hub->sessions; session != NULL; session = session->next)
		if (session->known != NULL)
			(void)bh_session_may_receive(session);
	bh_hub_wake(hub, now, district_ms, &wakes);
}

/* ---- The rest of the hub's face ---- */

struct bh_session *bh_hub_next_touched(struct bh_hub *hub)
{
	struct bh_session *session = hub->touched_first;
	if (session == NULL)
		return NULL;
	hub->touched_first = session->touched_next;
	if (hub->touched_first != NULL)
		hub->touched_first->touched_prev = NULL;
	else
		hub->touched_last = NULL;
	session->touched_next = NULL;
	session->touched = false;
	return session;
}

void bh_hub_shutdown(struct bh_hub *hub, struct bh_now now)
{
	(void)now;
	for (struct bh_session *session = hub->sessions; session != NULL; session = session->next)
		bh_session_refuse(session, BH_REFUSAL_SHUTDOWN, "the server stops");
}

void bh_hub_counts(const struct bh_hub *hub, struct bh_hub_counts *out)
{
	*out = hub->counts;
}
