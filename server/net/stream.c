/*
 * Happy path: the handshake as the socket allows, then records: those that are there are read one
 * after another, as many as a turn may take; what is written goes out at once, and what does not
 * fit waits for the socket.  It fails in one way, for good, and tells it from a turn of its own.
 * Every turn begins with a poll: an event made active by hand would come before it again and again,
 * and one busy peer would be the only one.
 *
 *   SHAKING --done--> OPEN --deafened--> DEAF
 *      `----------------`------------------`--cut, ended--> ENDED
 */
#include "server/net/stream.h"

#include <stdlib.h>
#include <unistd.h>

#include <openssl/err.h>

#include "proto/err.h"

#define READS_MAX 128       /* of a turn: other links wait */
#define READ_BYTES 2048u    /* so few that what they ask for is done soon */
#define RECORD_BYTES 16384u /* at most (RFC 8446, 5.1) */

enum stream_state {
	STREAM_SHAKING,
	STREAM_OPEN,
	STREAM_DEAF,
	STREAM_ENDED,
};

struct bh_stream {
	const struct bh_stream_events *events;
	void *context;
	SSL *ssl;
	int fd;
	struct event *readable;
	struct event *writable; /* once: what waits goes on, or all of it is told to be sent */
	struct bh_buf out;
	enum stream_state state;
	bool shaken;
	bool broken; /* no close_notify can be sent */
};

/* ---- What OpenSSL says ---- */

/* Of a call that did not succeed; false: it never will. */
static bool stream_waits(struct bh_stream *stream, int done)
{
	int error = SSL_get_error(stream->ssl, done);

	if (error == SSL_ERROR_WANT_WRITE)
		(void)event_add(stream->writable, NULL);
	if (error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ)
		return true;
	stream->broken = error != SSL_ERROR_ZERO_RETURN;
	return false;
}

static void stream_stop(struct bh_stream *stream)
{
	stream->state = STREAM_ENDED;
	(void)event_del(stream->readable);
	(void)event_del(stream->writable);
}

static void stream_cut(struct bh_stream *stream)
{
	stream_stop(stream);
	stream->events->cut(stream->context);
}

/* ---- Out ---- */

/* *sent: how much the system took.  False: the connection is gone.  A record at a time: of a call
 * with more that ends behind some records OpenSSL says that nothing went, until all of it has. */
static bool bytes_send(struct bh_stream *stream, struct bh_span bytes, size_t *sent)
{
	*sent = 0;
	while (*sent < bytes.len) {
		size_t left = bytes.len - *sent, written = 0;

		ERR_clear_error();
		if (SSL_write_ex(stream->ssl, bytes.data + *sent,
			    left < RECORD_BYTES ? left : RECORD_BYTES, &written) != 1)
			return stream_waits(stream, 0);
		*sent += written;
	}
	return true;
}

static void out_flush(struct bh_stream *stream)
{
	size_t sent = 0;

	if (!bytes_send(stream, bh_buf_span(&stream->out), &sent)) {
		stream_cut(stream);
		return;
	}
	bh_buf_consume(&stream->out, sent);
	if (stream->out.len > 0)
		return;
	bh_buf_free(&stream->out);
	stream->events->sent(stream->context);
}

int bh_stream_write(struct bh_stream *stream, struct bh_span bytes)
{
	size_t sent = 0;
	int err = stream->state == STREAM_ENDED ? BH_ERR_CLOSED : BH_NOERR;

	if (!err && stream->out.len == 0 && !bytes_send(stream, bytes, &sent))
		err = BH_ERR_CLOSED;
	if (!err)
		err = bh_buf_append(&stream->out, bytes.data + sent, bytes.len - sent);
	if (!err)
		err = event_add(stream->writable, NULL) == 0 ? BH_NOERR : BH_ERR_NOMEM;
	return err;
}

size_t bh_stream_waiting(const struct bh_stream *stream)
{
	return stream->out.len;
}

/* ---- In ---- */

static bool hears(const struct bh_stream *stream)
{
	return stream->state == STREAM_OPEN;
}

/* What OpenSSL has opened already makes no socket readable: a timer does, behind the next poll. */
static bool opened_rest_is_read(struct bh_stream *stream)
{
	static const struct timeval at_once = {0, 0};

	return !hears(stream) || SSL_pending(stream->ssl) == 0 ||
	       event_add(stream->readable, &at_once) == 0;
}

static void records_read(struct bh_stream *stream)
{
	uint8_t bytes[READ_BYTES];
	size_t len = 0;
	int left = READS_MAX, done = 1;
	bool more = true;

	while (hears(stream) && more && left > 0) {
		ERR_clear_error();
		done = SSL_read_ex(stream->ssl, bytes, sizeof(bytes), &len);
		if (done != 1)
			break;
		left--;
		more = stream->events->bytes(stream->context, bh_span(bytes, len));
	}
	bool goes_on = done == 1 || stream_waits(stream, 0);

	if (left < READS_MAX && stream->state != STREAM_ENDED)
		stream->events->paused(stream->context);
	goes_on = goes_on && opened_rest_is_read(stream);
	if (!goes_on && stream->state != STREAM_ENDED)
		stream_cut(stream);
}

static void handshake_step(struct bh_stream *stream)
{
	ERR_clear_error();
	int done = SSL_do_handshake(stream->ssl);

	if (done == 1) {
		stream->state = STREAM_OPEN;
		stream->shaken = true;
		stream->events->up(stream->context);
	} else if (!stream_waits(stream, done)) {
		stream_cut(stream);
	}
}

static void on_readable(evutil_socket_t fd, short events, void *context)
{
	struct bh_stream *stream = context;

	(void)fd;
	/* A timer takes the event with it. */
	if ((events & EV_TIMEOUT) != 0 && event_add(stream->readable, NULL) != 0) {
		stream_cut(stream);
		return;
	}
	if (stream->state == STREAM_SHAKING)
		handshake_step(stream);
	if (hears(stream))
		records_read(stream);
}

/* A read may have waited for this, too. */
static void on_writable(evutil_socket_t fd, short events, void *context)
{
	struct bh_stream *stream = context;

	if (stream->state != STREAM_SHAKING)
		out_flush(stream);
	on_readable(fd, events, stream);
}

/* ---- Life ---- */

int bh_stream_open(struct event_base *base, int fd, SSL *ssl, const struct bh_stream_events *events,
	void *context, struct bh_stream **out)
{
	struct bh_stream *stream = calloc(1, sizeof(*stream));

	if (!stream) {
		SSL_free(ssl);
		(void)close(fd);
		return BH_ERR_NOMEM;
	}
	*stream = (struct bh_stream){.events = events, .context = context, .ssl = ssl, .fd = fd};
	stream->out = BH_BUF(BH_STREAM_OUT_BYTES_MAX);
	stream->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, stream);
	stream->writable = event_new(base, fd, EV_WRITE, on_writable, stream);
	if (!stream->readable || !stream->writable || SSL_set_fd(ssl, fd) != 1 ||
		event_add(stream->readable, NULL) != 0) {
		bh_stream_free(stream);
		return BH_ERR_NOMEM;
	}
	SSL_set_accept_state(ssl);
	/* A record without bytes, of which a peer may send any number, ends a read. */
	(void)SSL_clear_mode(ssl, SSL_MODE_AUTO_RETRY);
	*out = stream;
	return BH_NOERR;
}

SSL *bh_stream_ssl(struct bh_stream *stream)
{
	return stream->ssl;
}

void bh_stream_deafen(struct bh_stream *stream)
{
	if (!hears(stream))
		return;
	stream->state = STREAM_DEAF;
	(void)event_del(stream->readable);
}

void bh_stream_end(struct bh_stream *stream)
{
	stream_stop(stream);
	if (!stream->shaken || stream->broken)
		return;
	ERR_clear_error();
	(void)SSL_shutdown(stream->ssl);
	ERR_clear_error();
}

void bh_stream_free(struct bh_stream *stream)
{
	if (!stream)
		return;
	if (stream->readable)
		event_free(stream->readable);
	if (stream->writable)
		event_free(stream->writable);
	SSL_free(stream->ssl);
	(void)close(stream->fd);
	bh_buf_free(&stream->out);
	free(stream);
}
