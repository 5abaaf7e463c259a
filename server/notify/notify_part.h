/* Inside the outbox's thread: what its two files share. */
#ifndef BH_NOTIFY_NOTIFY_PART_H
#define BH_NOTIFY_NOTIFY_PART_H

#include <pthread.h>
#include <stdatomic.h>

#include "server/notify/notify.h"
#include "server/notify/slot.h"

#define BH_NOTIFY_WEBHOOKS 8u /* at once */
#define BH_NOTIFY_PROGRAMS 4u
#define BH_NOTIFY_SLOTS (BH_NOTIFY_WEBHOOKS + BH_NOTIFY_PROGRAMS)

struct bh_webhook;

struct bh_notify_channel {
	const char *program; /* NULL: the webhook */
	bool fails;          /* as was said, */
	bool shuts_out;      /* and that it lets nobody in */
	int64_t hold_ms;     /* it asked for quiet until then: what is not urgent waits */
};

struct bh_notify {
	struct bh_errand errand; /* first: the errand is its notify; out while out is true */
	struct bh_notify_options options;
	struct bh_store_options store;
	char *texts[3]; /* what options name, kept */
	struct bh_notify_channel channels[BH_NOTICE_CHANNELS_MAX];
	uint32_t channels_count;
	struct bh_store_reader *reader;
	struct bh_webhook *webhook;
	struct bh_slot slots[BH_NOTIFY_SLOTS];
	struct bh_notice_row carried[BH_NOTIFY_SLOTS]; /* the errand's while it is out */
	size_t carried_count;
	int carried_err;
	bool out;
	int64_t again_mono_ms; /* results are not given to the writer before */
	struct bh_now now;     /* of this turn */
	int64_t district_ms;
	int bell_fd;
	atomic_bool stopping;
	pthread_t thread;
	bool started;
	pthread_mutex_t lock; /* guards returned */
	bool returned;        /* the errand has ended; the thread does not know yet */
};

/* How an attempt ended: the slot's row is what the writer is to keep. */
void bh_notify_settle(struct bh_notify *notify, struct bh_slot *slot, enum bh_attempt attempt);
/* Once when a channel begins to fail, once when it is well again. */
void bh_notify_say(struct bh_notify *notify, uint32_t channel, bool sent, uint32_t error);

#endif
