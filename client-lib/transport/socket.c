/*
 * Addresses are tried in the resolver's order, from the one whose turn it is; a refused or
 * unreachable one gives way to the next at once. Nothing here blocks but the resolver (for names)
 * and the wait.
 */
#include "client-lib/transport/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/err.h"
#include "proto/limits.h"

static int fd_prepare(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
		fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return BH_ERR_IO;
	return BH_NOERR;
}

/* Starts attempts until one is under way; -1 when there is none left. */
static void attempt(struct bh_dialling *dialling)
{
	/* What waits in the kernel cannot be overtaken: no more than a part of a photo. */
	int on = 1, waiting_bytes = (int)BH_BLOB_PART_BYTES_MAX;
	dialling->fd = -1;
	while (dialling->fd < 0 && dialling->next < dialling->count) {
		struct sockaddr_storage address = {0};
		uint32_t at = (uint32_t)(((uint64_t)dialling->turn + dialling->next++) %
					 dialling->count);
		uint32_t len = dialling->addresses[at].len;
		memcpy(&address, dialling->addresses[at].bytes, len);
		int fd = socket(address.ss_family, SOCK_STREAM, 0);
		if (fd < 0)
			continue;
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		(void)setsockopt(
			fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &waiting_bytes, sizeof(waiting_bytes));
		if (fd_prepare(fd) == BH_NOERR &&
			(connect(fd, (struct sockaddr *)&address, len) == 0 ||
				errno == EINPROGRESS))
			dialling->fd = fd;
		else
			(void)close(fd);
	}
}

/* The addresses of a name; 0 or BH_ERR_NOT_FOUND. */
static int resolve(struct bh_dialling *dialling, const char *host, uint16_t port)
{
	char service[8];
	struct addrinfo *found = NULL;
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	(void)snprintf(service, sizeof(service), "%u", port);
	if (getaddrinfo(host, service, &hints, &found) != 0)
		return BH_ERR_NOT_FOUND;
	for (const struct addrinfo *at = found; at && dialling->count < BH_ADDRESSES_MAX;
		at = at->ai_next) {
		if (at->ai_addrlen > sizeof(dialling->addresses[0].bytes))
			continue;
		memcpy(dialling->addresses[dialling->count].bytes, at->ai_addr, at->ai_addrlen);
		dialling->addresses[dialling->count++].len = (uint32_t)at->ai_addrlen;
	}
	freeaddrinfo(found);
	return BH_NOERR;
}

int bh_dialling_start(struct bh_dialling *dialling, const char *host, uint16_t port, uint32_t turn)
{
	struct bh_dialling found = {.turn = turn, .fd = -1};
	int err = resolve(&found, host, port);
	if (err)
		return err;
	*dialling = found;
	attempt(dialling);
	return dialling->fd >= 0 ? BH_NOERR : BH_ERR_IO;
}

int bh_dialling_step(struct bh_dialling *dialling)
{
	struct pollfd ready = {.fd = dialling->fd, .events = POLLOUT};
	int error = 0;
	socklen_t len = sizeof(error);
	if (poll(&ready, 1, 0) != 1)
		return 0;
	if (getsockopt(dialling->fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error == 0)
		return 1;
	bh_dialling_stop(dialling);
	attempt(dialling);
	return dialling->fd >= 0 ? 0 : BH_ERR_CLOSED;
}

void bh_dialling_stop(struct bh_dialling *dialling)
{
	if (dialling->fd >= 0)
		(void)close(dialling->fd);
	dialling->fd = -1;
}

/* ---- Waking ---- */

int bh_wake_pipe_open(int fds[2])
{
	if (pipe(fds) != 0)
		return BH_ERR_IO;
	if (fd_prepare(fds[0]) == BH_NOERR && fd_prepare(fds[1]) == BH_NOERR)
		return BH_NOERR;
	(void)close(fds[0]);
	(void)close(fds[1]);
	return BH_ERR_IO;
}

void bh_wake_pipe_ring(const int fds[2])
{
	/* A full pipe rings already. */
	while (write(fds[1], "", 1) < 0 && errno == EINTR) {
	}
}

void bh_wake_pipe_wait(
	const int fds[2], int fd, bool want_read, bool want_write, int64_t timeout_ms)
{
	char rings[64];
	short events = (short)((want_read ? POLLIN : 0) | (want_write ? POLLOUT : 0));
	struct pollfd ready[2] = {{.fd = fds[0], .events = POLLIN}, {.fd = fd, .events = events}};
	int timeout = timeout_ms > INT32_MAX ? INT32_MAX : (int)timeout_ms;
	if (poll(ready, fd >= 0 ? 2 : 1, timeout_ms < 0 ? -1 : timeout) > 0 && ready[0].revents)
		while (read(fds[0], rings, sizeof(rings)) > 0) {
		}
}
