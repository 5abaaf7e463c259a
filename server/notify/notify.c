/* The thread sleeps until a commit rings, an attempt ends, or the next notice is ready.  Then it
 * takes up what has ended, gives that to the writer in one errand at a time, and fills the free
 * slots of each channel, urgent first.  A notice is in one slot from its start until the writer has
 * kept what came of it, so that it is never in two.
 *
 *   FREE ──start──▶ RUNNING ──ended──▶ DONE ──errand──▶ CARRIED ──kept──▶ FREE
 *                                        ▲────not kept, in a second──┘
 *
 * A channel that stalls fills its own slots and no others. */
#include "server/notify/notify.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/notify/hook.h"
#include "server/notify/message.h"
#include "server/notify/notify_part.h"
#include "server/notify/webhook.h"

#define SLEEP_MS_MAX 5000
#define GATHER_MS 50 /* many small commits are looked at once */
#define RETRY_MS 1000

/* ---- The writer keeps what came of it ---- */

static bool results_turn(struct bh_errand *errand, struct bh_writer *writer)
{
	struct bh_notify *notify = (struct bh_notify *)(void *)errand;
	struct bh_now now = notify->options.clock.now(notify->options.clock.context);
	notify->carried_err = bh_writer_notices_set(
		writer, now, notify->carried, notify->carried_count);
	return false;
}

static void results_done(struct bh_errand *errand)
{
	struct bh_notify *notify = (struct bh_notify *)(void *)errand;
	pthread_mutex_lock(&notify->lock);
	notify->returned = true;
	pthread_mutex_unlock(&notify->lock);
	bh_notify_ring(notify);
}

static void carried_back(struct bh_notify *notify)
{
	pthread_mutex_lock(&notify->lock);
	bool returned = notify->returned;
	notify->returned = false;
	pthread_mutex_unlock(&notify->lock);
	if (!returned)
		return;
	notify->out = false;
	notify->again_mono_ms = notify->carried_err ? notify->now.mono_ms + RETRY_MS : 0;
	for (size_t i = 0; i < BH_NOTIFY_SLOTS; i++)
		if (notify->slots[i].state == BH_SLOT_CARRIED)
			notify->slots[i].state = notify->carried_err ? BH_SLOT_DONE : BH_SLOT_FREE;
}

static void results_carry(struct bh_notify *notify)
{
	if (notify->out || notify->now.mono_ms < notify->again_mono_ms)
		return;
	notify->carried_count = 0;
	for (size_t i = 0; i < BH_NOTIFY_SLOTS; i++) {
		if (notify->slots[i].state != BH_SLOT_DONE)
			continue;
		notify->slots[i].state = BH_SLOT_CARRIED;
		notify->carried[notify->carried_count++] = notify->slots[i].row;
	}
	if (notify->carried_count == 0)
		return;
	notify->errand = (struct bh_errand){.turn = results_turn, .done = results_done};
	notify->out = true;
	if (bh_writer_loop_submit(notify->options.writer, &notify->errand) != BH_NOERR) {
		notify->carried_err = BH_ERR_BUSY;
		notify->returned = true; /* nobody else writes it: nothing is out */
		carried_back(notify);
	}
}

/* ---- What came of an attempt ---- */

/* 5 s, 10 s ... an hour, a quarter up or down, so that many do not come at once. */
static int64_t pause_ms(struct bh_notify *notify, uint32_t tries)
{
	int64_t pause = BH_NOTIFY_PAUSE_MS;
	uint32_t divisor = notify->options.store->due_divisor;
	uint16_t random = UINT16_MAX / 2;
	struct bh_rng rng = notify->options.store->rng;
	for (uint32_t i = 1; i < tries && pause < BH_NOTIFY_PAUSE_MS_MAX; i++)
		pause *= 2;
	if (pause > BH_NOTIFY_PAUSE_MS_MAX)
		pause = BH_NOTIFY_PAUSE_MS_MAX;
	(void)rng.fill(rng.context, (uint8_t *)&random, sizeof(random));
	pause += pause / 2 * random / UINT16_MAX - pause / 4;
	return pause / (divisor > 1 ? divisor : 1);
}

static bool channel_next(const struct bh_notify *notify, uint32_t *channel)
{
	*channel += 1;
	return *channel < notify->channels_count;
}

/* What nobody took for a day the outbox itself lets go. */
static bool goes_on_here(
	const struct bh_notify *notify, const struct bh_slot *slot, enum bh_attempt attempt)
{
	uint32_t channel = slot->channel, tries = slot->row.tries;
	bool urgent = slot->row.lane % 2 == 0;
	if (attempt == BH_ATTEMPT_REFUSED)
		return tries < BH_NOTIFY_TRIES_REFUSED;
	if (attempt != BH_ATTEMPT_LATER || !channel_next(notify, &channel))
		return attempt == BH_ATTEMPT_LATER;
	if (urgent && slot->wait_ms > BH_NOTIFY_URGENT_WAIT_MS)
		return false;
	return tries < (urgent ? BH_NOTIFY_TRIES_URGENT : BH_NOTIFY_TRIES_MAX);
}

static int64_t again_ms(struct bh_notify *notify, const struct bh_slot *slot)
{
	int64_t wait_ms = pause_ms(notify, slot->row.tries);
	return notify->district_ms + (slot->wait_ms > wait_ms ? slot->wait_ms : wait_ms);
}

static void channel_hold(struct bh_notify *notify, const struct bh_slot *slot)
{
	struct bh_notify_channel *channel = &notify->channels[slot->channel];
	int64_t until_ms = notify->district_ms + slot->wait_ms;
	if (slot->wait_ms > 0 && until_ms > channel->hold_ms)
		channel->hold_ms = until_ms;
}

void bh_notify_settle(struct bh_notify *notify, struct bh_slot *slot, enum bh_attempt attempt)
{
	struct bh_notice_row *row = &slot->row;
	uint32_t channel = slot->channel;
	row->tries++;
	slot->state = BH_SLOT_DONE;
	channel_hold(notify, slot);
	if (attempt == BH_ATTEMPT_SENT) {
		row->state = BH_NOTICE_SENT;
		row->error = BH_NOTICE_ERR_NONE;
	} else if (goes_on_here(notify, slot, attempt)) {
		row->next_ms = again_ms(notify, slot);
	} else if (channel_next(notify, &channel)) {
		row->lane = BH_NOTICE_LANE(channel, row->lane % 2 == 0);
		row->tries = 0;
		row->next_ms = notify->district_ms;
	} else {
		row->state = BH_NOTICE_FAILED;
	}
	bh_notify_say(notify, slot->channel, attempt == BH_ATTEMPT_SENT, row->error);
}

static void ended_take(struct bh_notify *notify)
{
	enum bh_attempt attempt;
	struct bh_slot *slot;
	while ((slot = bh_webhook_ended(notify->webhook, &attempt)) != NULL)
		bh_notify_settle(notify, slot, attempt);
	for (size_t i = 0; i < BH_NOTIFY_SLOTS; i++) {
		slot = &notify->slots[i];
		if (slot->state == BH_SLOT_RUNNING && slot->pid > 0 &&
			bh_hook_ended(slot, notify->now.mono_ms, &attempt))
			bh_notify_settle(notify, slot, attempt);
	}
}

/* ---- Starting ---- */

static void slot_start(struct bh_notify *notify, struct bh_slot *slot)
{
	const struct bh_notify_channel *channel = &notify->channels[slot->channel];
	int err = bh_notify_message(
		notify->reader, notify->options.code, notify->district_ms, slot);
	enum bh_attempt attempt = err == BH_ERR_NOT_FOUND ? BH_ATTEMPT_NEVER : BH_ATTEMPT_LATER;
	slot->state = BH_SLOT_RUNNING;
	slot->wait_ms = 0;
	if (!err && channel->program)
		err = bh_hook_start(
			channel->program, notify->options.code, slot, notify->now.mono_ms);
	else if (!err)
		err = bh_webhook_start(notify->webhook, slot, notify->now.wall_ms);
	if (!err)
		return;
	slot->row.error = BH_NOTICE_ERR_LOCAL;
	bh_notify_settle(notify, slot, attempt);
}

static bool is_in_hand(const struct bh_notify *notify, uint64_t id)
{
	for (size_t i = 0; i < BH_NOTIFY_SLOTS; i++)
		if (notify->slots[i].state != BH_SLOT_FREE && notify->slots[i].row.id == id)
			return true;
	return false;
}

static struct bh_slot *slot_free(struct bh_notify *notify, uint32_t channel)
{
	for (size_t i = 0; i < BH_NOTIFY_SLOTS; i++)
		if (notify->slots[i].channel == channel && notify->slots[i].state == BH_SLOT_FREE)
			return &notify->slots[i];
	return NULL;
}

/* What of a lane is ready and in no slot yet; gives when the next of it will be, 0: none. */
static int64_t lane_start(struct bh_notify *notify, uint32_t channel, uint32_t lane)
{
	struct bh_notice_row rows[2 * BH_NOTIFY_SLOTS];
	size_t count = 0;
	int64_t next_ms = 0;
	if (lane % 2 != 0 && notify->district_ms < notify->channels[channel].hold_ms)
		return notify->channels[channel].hold_ms;
	if (bh_reader_notices_due(notify->reader, lane, notify->district_ms, rows,
		    2 * BH_NOTIFY_SLOTS, &count) != BH_NOERR)
		return notify->district_ms + RETRY_MS;
	for (size_t i = 0; i < count; i++) {
		struct bh_slot *slot = slot_free(notify, channel);
		if (!slot)
			return 0; /* an attempt that ends wakes us */
		if (is_in_hand(notify, rows[i].id))
			continue;
		slot->row = rows[i];
		slot_start(notify, slot);
	}
	if (count == 0)
		(void)bh_reader_notices_next(notify->reader, lane, &next_ms);
	return next_ms;
}

/* What waits for a channel that is configured no more goes by the last one that is. */
static int64_t slots_fill(struct bh_notify *notify)
{
	int64_t next_ms = INT64_MAX;
	for (uint32_t of = 0; of < BH_NOTICE_CHANNELS_MAX; of++) {
		uint32_t last = notify->channels_count - 1;
		uint32_t channel = of < last ? of : last;
		for (unsigned urgent = 2; urgent-- > 0;) {
			int64_t at_ms = lane_start(
				notify, channel, BH_NOTICE_LANE(of, urgent == 1));
			if (at_ms != 0 && at_ms < next_ms)
				next_ms = at_ms;
		}
	}
	return next_ms;
}

/* ---- The thread ---- */

static void time_take(struct bh_notify *notify)
{
	notify->now = notify->options.clock.now(notify->options.clock.context);
	notify->district_ms = notify->now.mono_ms +
			      bh_writer_loop_offset_ms(notify->options.writer, NULL);
}

/* Programs have a time of their own; libcurl keeps its own. */
static int wait_ms(const struct bh_notify *notify, int64_t next_ms)
{
	int64_t left = next_ms == INT64_MAX ? SLEEP_MS_MAX : next_ms - notify->district_ms;
	for (size_t i = 0; i < BH_NOTIFY_SLOTS; i++) {
		const struct bh_slot *slot = &notify->slots[i];
		int64_t to_end = slot->deadline_mono_ms - notify->now.mono_ms;
		if (slot->state == BH_SLOT_RUNNING && slot->pid > 0 && to_end < left)
			left = to_end;
		if (slot->state == BH_SLOT_DONE && RETRY_MS < left)
			left = RETRY_MS;
	}
	if (left < 0)
		left = 0;
	return left > SLEEP_MS_MAX ? SLEEP_MS_MAX : (int)left;
}

static bool bell_clear(struct bh_notify *notify)
{
	uint64_t rings;
	bool rang = false;
	ssize_t n;
	while ((n = read(notify->bell_fd, &rings, sizeof(rings))) > 0 || (n < 0 && errno == EINTR))
		rang = rang || n > 0;
	return rang;
}

static void rest(struct bh_notify *notify, int timeout_ms)
{
	int fds[BH_NOTIFY_SLOTS + 1];
	size_t count = 0;
	for (size_t i = 0; i < BH_NOTIFY_SLOTS; i++)
		if (notify->slots[i].state == BH_SLOT_RUNNING && notify->slots[i].pid > 0)
			fds[count++] = notify->slots[i].pid_fd;
	fds[count++] = notify->bell_fd;
	bh_webhook_wait(notify->webhook, fds, count, timeout_ms);
	if (bell_clear(notify) && !atomic_load(&notify->stopping))
		bh_webhook_wait(notify->webhook, fds, count - 1, GATHER_MS);
	(void)bell_clear(notify);
}

static void *notify_thread(void *context)
{
	struct bh_notify *notify = context;
	while (!atomic_load(&notify->stopping)) {
		time_take(notify);
		carried_back(notify);
		ended_take(notify);
		int64_t next_ms = slots_fill(notify);
		results_carry(notify);
		rest(notify, wait_ms(notify, next_ms));
	}
	time_take(notify);
	carried_back(notify);
	ended_take(notify);
	results_carry(notify);
	return NULL;
}

int bh_notify_start(struct bh_notify *notify)
{
	if (pthread_create(&notify->thread, NULL, notify_thread, notify) != 0)
		return BH_ERR_NOMEM;
	notify->started = true;
	(void)pthread_setname_np(notify->thread, "bh-notify");
	return BH_NOERR;
}

void bh_notify_ring(struct bh_notify *notify)
{
	uint64_t one = 1;
	while (write(notify->bell_fd, &one, sizeof(one)) < 0 && errno == EINTR) {
	}
}

void bh_notify_stop(struct bh_notify *notify)
{
	if (!notify || !notify->started)
		return;
	atomic_store(&notify->stopping, true);
	bh_notify_ring(notify);
	(void)pthread_join(notify->thread, NULL);
	notify->started = false;
	for (size_t i = 0; i < BH_NOTIFY_SLOTS; i++) {
		bh_hook_kill(&notify->slots[i]);
		bh_webhook_drop(notify->webhook, &notify->slots[i]);
	}
}
