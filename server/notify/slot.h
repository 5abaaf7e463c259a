/* One attempt at one notice, from the outbox's row to what came of it. */
#ifndef BH_NOTIFY_SLOT_H
#define BH_NOTIFY_SLOT_H

#include <sys/types.h>

#include "proto/bytes.h"
#include "server/store/notice.h"

#define BH_NOTIFY_MESSAGE_MAX 4096u

enum bh_slot_state {
	BH_SLOT_FREE = 0,
	BH_SLOT_RUNNING = 1,
	BH_SLOT_DONE = 2,    /* row says what came of it; the writer does not know yet */
	BH_SLOT_CARRIED = 3, /* it is on its way there */
};

enum bh_attempt {
	BH_ATTEMPT_SENT,
	BH_ATTEMPT_LATER,   /* again after a pause */
	BH_ATTEMPT_REFUSED, /* likewise, a few times: what it was given it does not take */
	BH_ATTEMPT_NEVER,   /* not by this channel */
};

struct bh_slot {
	enum bh_slot_state state;
	uint32_t channel;
	struct bh_notice_row row;
	char key[BH_NOTICE_KEY_MAX];
	struct bh_buf message;
	/* A program's: */
	pid_t pid;
	int pid_fd;
	int64_t deadline_mono_ms;
	/* A webhook's: */
	int64_t wait_ms; /* it asked not to come again before; 0: it did not say */
	void *easy;
	void *headers;
};

#endif
