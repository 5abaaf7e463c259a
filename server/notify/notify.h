/* The one thread of a district that tells people: it reads what is ready in the outbox, gives it to
 * a program or a webhook, and has the writer keep what came of it.  Nobody waits for it.
 *
 *   outbox ──▶ slots of a channel ──▶ program, webhook ──▶ what came of it ──▶ the writer
 *     ▲  urgent first, then by time    each bounded in number and time               │
 *     └── again after a pause that doubles, or as the receiver asks; then the other channel, until
 * it is a day old
 *
 * What was sent when the process ended is sent again, under the same key. */
#ifndef BH_NOTIFY_NOTIFY_H
#define BH_NOTIFY_NOTIFY_H

#include "server/net/writer_loop.h"
#include "server/store/notice.h"

#define BH_NOTIFY_TRIES_MAX 10u    /* on a channel where there is another; the last one goes on */
#define BH_NOTIFY_TRIES_URGENT 2u  /* likewise, where somebody has to acknowledge */
#define BH_NOTIFY_TRIES_REFUSED 3u /* what a receiver does not take, with or without another */
#define BH_NOTIFY_URGENT_WAIT_MS \
	30000                   /* who asks for more is passed over, where there is another */
#define BH_NOTIFY_PAUSE_MS 5000 /* before the second; doubled each time, a quarter up or down, */
#define BH_NOTIFY_PAUSE_MS_MAX 3600000 /* up to this */
#define BH_NOTIFY_SECRET_MIN 16u
#define BH_NOTIFY_SECRET_MAX 256u

struct bh_notify;

struct bh_notify_options {
	const struct bh_store_options *store; /* of the district; due_divisor divides pauses, too */
	struct bh_clock clock;
	struct bh_writer_loop *writer;
	const char *code;    /* the district's */
	const char *webhook; /* URL; "": none */
	const char *secret;  /* path of a file with what requests are signed by */
	const char *ca;      /* of a file with CAs to go by; "": the system's */
	const char *command; /* path of a program; "": none */
	/* Prose for the log, from the thread: a channel fails, or is well again. */
	void (*said)(void *context, bool fails, const char *line);
	void *context;
};

/* At least one channel.  0; BH_ERR_AUTH (the secret can be read by others), BH_ERR_NOT_FOUND,
 * BH_ERR_INVALID (it is shorter or longer than one may be), BH_ERR_IO, BH_ERR_NOMEM, the reader's
 * codes.  The webhook is the first channel where both are given. */
int bh_notify_new(const struct bh_notify_options *options, struct bh_notify **out);
int bh_notify_start(struct bh_notify *notify); /* 0 or BH_ERR_NOMEM */
/* From any thread: something was committed. */
void bh_notify_ring(struct bh_notify *notify);
/* Before the writer stops: ends what is under way and joins; what was already known is given to the
 * writer. */
void bh_notify_stop(struct bh_notify *notify);
/* After the writer has stopped.  NULL is fine. */
void bh_notify_free(struct bh_notify *notify);

#endif
