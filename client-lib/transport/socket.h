/* A non-blocking TCP connection under way, and the pipe that wakes a waiting thread. */
#ifndef BH_CLIENT_TRANSPORT_SOCKET_H
#define BH_CLIENT_TRANSPORT_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#define BH_ADDRESSES_MAX 8u /* of one name that are tried in turn */

/* Addresses of a host, tried one after another until one connects. */
struct bh_dialling {
	struct {
		uint8_t bytes[28]; /* a sockaddr_in or sockaddr_in6 */
		uint32_t len;
	} addresses[BH_ADDRESSES_MAX];
	uint32_t count;
	uint32_t turn; /* with which of them to begin */
	uint32_t next; /* how many were tried */
	int fd;        /* of the attempt under way; -1 when there is none */
};

/* Resolves (numeric at once, names through the system) and starts the first attempt.  turn says
 * with which of several addresses to begin, so that one which swallows everything does not stand
 * before the others for ever.  0, or BH_ERR_NOT_FOUND (no such name), BH_ERR_IO (no descriptor, or
 * all refused at once). */
int bh_dialling_start(struct bh_dialling *dialling, const char *host, uint16_t port, uint32_t turn);
/* 1 when fd is connected, 0 while under way, BH_ERR_CLOSED when every address failed. */
int bh_dialling_step(struct bh_dialling *dialling);
/* Closes the attempt under way, if any. */
void bh_dialling_stop(struct bh_dialling *dialling);

/* A pipe whose read end is polled; write any byte to wake.  0 or BH_ERR_IO. */
int bh_wake_pipe_open(int fds[2]);
void bh_wake_pipe_ring(const int fds[2]);
/* Waits until fd (-1: none) is readable (or writable, if asked), the pipe rings (and is emptied),
 * or the timeout passes (-1: none). */
void bh_wake_pipe_wait(
	const int fds[2], int fd, bool want_read, bool want_write, int64_t timeout_ms);

#endif
