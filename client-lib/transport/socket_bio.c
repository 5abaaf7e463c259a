/*
 * send and recv with MSG_NOSIGNAL; "would block" is a retry, everything else is the socket's error
 * or end.
 */
#include "client-lib/transport/socket_bio.h"

#include <errno.h>
#include <sys/socket.h>

static const struct bh_socket_end *end_of(BIO *bio)
{
	return BIO_get_data(bio);
}

static int would_block(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static int socket_write(BIO *bio, const char *data, size_t len, size_t *written)
{
	int more = end_of(bio)->more ? MSG_MORE : 0;
	ssize_t n = send(end_of(bio)->fd, data, len, MSG_NOSIGNAL | more);
	BIO_clear_retry_flags(bio);
	*written = n > 0 ? (size_t)n : 0;
	end_of(bio)->traffic->up_bytes += *written;
	if (n < 0 && would_block())
		BIO_set_retry_write(bio);
	return n > 0;
}

static int socket_read(BIO *bio, char *data, size_t len, size_t *got)
{
	ssize_t n = recv(end_of(bio)->fd, data, len, 0);
	BIO_clear_retry_flags(bio);
	*got = n > 0 ? (size_t)n : 0;
	end_of(bio)->traffic->down_bytes += *got;
	if (n < 0 && would_block())
		BIO_set_retry_read(bio);
	else if (n == 0)
		BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
	return n > 0;
}

static long socket_ctrl(BIO *bio, int command, long number, void *pointer)
{
	(void)number;
	(void)pointer;
	if (command == BIO_CTRL_EOF)
		return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
	return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DUP;
}

static int socket_create(BIO *bio)
{
	BIO_set_init(bio, 1);
	return 1;
}

BIO_METHOD *bh_socket_bio_method(void)
{
	/* No number of its own from BIO_get_new_index: there are 127, and nobody looks for this
	 * one. */
	BIO_METHOD *method = BIO_meth_new(
		BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR, "bihuan socket");
	if (method && (BIO_meth_set_write_ex(method, socket_write) != 1 ||
			      BIO_meth_set_read_ex(method, socket_read) != 1 ||
			      BIO_meth_set_ctrl(method, socket_ctrl) != 1 ||
			      BIO_meth_set_create(method, socket_create) != 1)) {
		BIO_meth_free(method);
		method = NULL;
	}
	return method;
}

BIO *bh_socket_bio_new(const BIO_METHOD *method, struct bh_socket_end *end)
{
	BIO *bio = BIO_new(method);
	if (bio)
		BIO_set_data(bio, end);
	return bio;
}
