/* A TLS connection on a loop: bytes in as they come, bytes out as they fit. */
#ifndef BH_NET_STREAM_H
#define BH_NET_STREAM_H

#include <event2/event.h>
#include <openssl/ssl.h>

#include "proto/bytes.h"

#define BH_STREAM_OUT_BYTES_MAX (2u << 20)

struct bh_stream;

/* All are called from a turn of the loop's own, never from within a function of the stream; none
 * may free it. */
struct bh_stream_events {
	void (*up)(void *context);                          /* the handshake is done */
	bool (*bytes)(void *context, struct bh_span bytes); /* false: enough for this turn */
	void (*paused)(void *context); /* behind some calls of bytes: no more for now */
	void (*sent)(void *context);   /* all that was written is with the system */
	void (*cut)(void *context);    /* for good, however it ended; nothing is called any more */
};

/* An accepted socket, which does not block, and who speaks TLS on it: both are the stream's, or
 * gone on failure.  events is borrowed.  BH_ERR_NOMEM. */
int bh_stream_open(struct event_base *base, int fd, SSL *ssl, const struct bh_stream_events *events,
	void *context, struct bh_stream **out);
SSL *bh_stream_ssl(struct bh_stream *stream);
/* Copies what does not fit now.  BH_ERR_NOMEM, BH_ERR_LIMIT: more than BH_STREAM_OUT_BYTES_MAX
 * waits, BH_ERR_CLOSED. */
int bh_stream_write(struct bh_stream *stream, struct bh_span bytes);
/* What has not gone to the system. */
size_t bh_stream_waiting(const struct bh_stream *stream);
/* Reads no more; what waits is sent, and said to be. */
void bh_stream_deafen(struct bh_stream *stream);
/* No event comes any more.  Says close_notify where a handshake was done, as far as it fits at
 * once; the other side's is not waited for. */
void bh_stream_end(struct bh_stream *stream);
void bh_stream_free(struct bh_stream *stream); /* takes NULL */

#endif
