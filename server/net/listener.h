/* The listening socket of handsets: admission at a bounded rate, and a pause when descriptors run
 * out. */
#ifndef BH_NET_LISTENER_H
#define BH_NET_LISTENER_H

#include <stdint.h>

#include "server/net/loop.h"

struct bh_listener;

struct bh_listener_options {
	struct bh_loop *loop;
	int fd; /* a bound, non-blocking socket (systemd's or bh_listen_tcp's); owned, failed or not
		 */
	uint32_t admit_per_s;     /* new connections a second; herds wait in the backlog (G01) */
	uint32_t connections_max; /* counted by the caller through open_count */
	uint32_t (*open_count)(void *context);
	void (*accepted)(void *context, int fd); /* non-blocking, owned by the callee */
	void *context;
};

/* Parses "host:port", "[v6]:port" or "port" (every address, of both kinds) with numeric addresses,
 * binds and listens; port 0 takes a free one. 0 and *fd, BH_ERR_INVALID (not such an address) or
 * BH_ERR_IO (errno tells). */
int bh_listen_tcp(const char *address, int *fd);
/* Removes a socket file left by a process that is gone, and nothing that is no socket; mode is that
 * of the file. 0, BH_ERR_EXISTS (somebody answers there), BH_ERR_INVALID (path too long), BH_ERR_IO
 * (errno tells). */
int bh_listen_unix(const char *path, unsigned mode, int *fd);
/* The port a TCP socket is bound to; 0 when it is none. */
uint16_t bh_listen_port(int fd);

int bh_listener_open(const struct bh_listener_options *options, struct bh_listener **out);
/* On the loop's thread: new limits take effect with the next second. */
void bh_listener_set_limits(
	struct bh_listener *listener, uint32_t admit_per_s, uint32_t connections_max);
void bh_listener_close(struct bh_listener *listener);

#endif
