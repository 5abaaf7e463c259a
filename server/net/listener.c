/*
 * Accepts while the second's allowance lasts, then rests until the next; the kernel's backlog holds
 * who waits, so a herd of ten thousand costs nothing but time (G01).  Out of descriptors (E09):
 * rest a second, the connections that live go on.  The allowance is refilled whole each second.
 */
#include "server/net/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>

#include "proto/err.h"

#define BACKLOG 4096
#define ACCEPTS_A_TURN 64

struct bh_listener {
	struct bh_listener_options options;
	struct event *readable;
	struct event *refill;
	uint32_t left; /* of this second's allowance */
	bool resting;
};

static void rest(struct bh_listener *listener)
{
	if (!listener->resting)
		(void)event_del(listener->readable);
	listener->resting = true;
}

static void on_readable(evutil_socket_t fd, short events, void *context)
{
	struct bh_listener *listener = context;
	(void)events;
	for (int i = 0; i < ACCEPTS_A_TURN; i++) {
		if (listener->left == 0 ||
			listener->options.open_count(listener->options.context) >=
				listener->options.connections_max) {
			rest(listener);
			return;
		}
		int accepted = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (accepted < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
				errno == ENOMEM)
				rest(listener);
			return;
		}
		listener->left--;
		listener->options.accepted(listener->options.context, accepted);
	}
}

static void on_refill(evutil_socket_t fd, short events, void *context)
{
	struct bh_listener *listener = context;
	(void)fd;
	(void)events;
	listener->left = listener->options.admit_per_s;
	if (listener->resting && event_add(listener->readable, NULL) == 0)
		listener->resting = false;
}

int bh_listener_open(const struct bh_listener_options *options, struct bh_listener **out)
{
	static const struct timeval second = {.tv_sec = 1};
	struct bh_listener *listener = calloc(1, sizeof(*listener));
	if (!listener) {
		(void)close(options->fd);
		return BH_ERR_NOMEM;
	}
	listener->options = *options;
	listener->left = options->admit_per_s;
	struct event_base *base = bh_loop_base(options->loop);
	listener->readable = event_new(
		base, options->fd, EV_READ | EV_PERSIST, on_readable, listener);
	listener->refill = event_new(base, -1, EV_PERSIST, on_refill, listener);
	if (!listener->readable || !listener->refill || event_add(listener->readable, NULL) != 0 ||
		event_add(listener->refill, &second) != 0) {
		bh_listener_close(listener);
		return BH_ERR_NOMEM;
	}
	*out = listener;
	return BH_NOERR;
}

void bh_listener_set_limits(
	struct bh_listener *listener, uint32_t admit_per_s, uint32_t connections_max)
{
	listener->options.admit_per_s = admit_per_s;
	listener->options.connections_max = connections_max;
}

void bh_listener_close(struct bh_listener *listener)
{
	if (!listener)
		return;
	if (listener->readable)
		event_free(listener->readable);
	if (listener->refill)
		event_free(listener->refill);
	(void)close(listener->options.fd);
	free(listener);
}

/* ---- Sockets ---- */

/* getaddrinfo takes any number for a port and keeps its low bits. */
static bool port_is_one(const char *port)
{
	size_t len = strspn(port, "0123456789");
	return len >= 1 && len <= 5 && port[len] == '\0' && strtoul(port, NULL, 10) <= UINT16_MAX;
}

/* Splits "host:port", "[v6]:port" or "port"; no host: every address. */
static int address_split(const char *address, char *host, size_t size, const char **port)
{
	const char *colon = strrchr(address, ':');
	size_t len = colon ? (size_t)(colon - address) : 0;
	const char *from = address;
	if (len >= 2 && address[0] == '[' && address[len - 1] == ']') {
		from++;
		len -= 2;
	}
	if (len >= size)
		return BH_ERR_INVALID;
	memcpy(host, from, len);
	host[len] = '\0';
	*port = colon ? colon + 1 : address;
	return port_is_one(*port) ? BH_NOERR : BH_ERR_INVALID;
}

static int bind_listen(const struct addrinfo *info, int *fd)
{
	int on = 1, off = 0;
	int made = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (made < 0)
		return BH_ERR_IO;
	(void)setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (info->ai_family == AF_INET6) /* "every address" is IPv4's, too */
		(void)setsockopt(made, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(made, info->ai_addr, info->ai_addrlen) != 0 || listen(made, BACKLOG) != 0) {
		int saved = errno;
		(void)close(made);
		errno = saved;
		return BH_ERR_IO;
	}
	*fd = made;
	return BH_NOERR;
}

static int host_listen(const char *host, const char *port, int *fd)
{
	struct addrinfo *found = NULL;
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
	if (getaddrinfo(host, port, &hints, &found) != 0)
		return BH_ERR_INVALID;
	int err = bind_listen(found, fd);
	freeaddrinfo(found);
	return err;
}

int bh_listen_tcp(const char *address, int *fd)
{
	char host[128];
	const char *port;
	int err = address_split(address, host, sizeof(host), &port);
	if (err)
		return err;
	if (host[0])
		return host_listen(host, port, fd);
	err = host_listen("::", port, fd);
	if (err && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL)) /* a machine without IPv6 */
		err = host_listen("0.0.0.0", port, fd);
	return err;
}

uint16_t bh_listen_port(int fd)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	char port[8];
	if (getsockname(fd, (struct sockaddr *)&address, &len) != 0 ||
		address.ss_family == AF_UNIX ||
		getnameinfo((struct sockaddr *)&address, len, NULL, 0, port, sizeof(port),
			NI_NUMERICSERV) != 0)
		return 0;
	return (uint16_t)strtoul(port, NULL, 10);
}

static int unix_address(const char *path, struct sockaddr_un *address)
{
	size_t len = strlen(path);
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	if (len == 0 || len >= sizeof(address->sun_path))
		return BH_ERR_INVALID;
	memcpy(address->sun_path, path, len + 1);
	return BH_NOERR;
}

/* Makes way at this path: what nobody listens on any more is removed, all else stays. */
static int unix_clear(const struct sockaddr_un *address)
{
	struct stat st;
	if (lstat(address->sun_path, &st) != 0)
		return errno == ENOENT ? BH_NOERR : BH_ERR_IO;
	if (!S_ISSOCK(st.st_mode)) {
		errno = ENOTSOCK;
		return BH_ERR_IO;
	}
	int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (probe < 0)
		return BH_ERR_IO;
	bool refused = connect(probe, (const struct sockaddr *)address, sizeof(*address)) != 0 &&
		       errno == ECONNREFUSED;
	(void)close(probe);
	if (!refused) /* a full backlog is somebody's, too */
		return BH_ERR_EXISTS;
	return unlink(address->sun_path) == 0 || errno == ENOENT ? BH_NOERR : BH_ERR_IO;
}

int bh_listen_unix(const char *path, unsigned mode, int *fd)
{
	struct sockaddr_un address;
	int err = unix_address(path, &address);
	if (!err)
		err = unix_clear(&address);
	if (err)
		return err;
	int made = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (made < 0)
		return BH_ERR_IO;
	/* Narrow from the first instant: the mode is set before anybody can listen in. */
	if (fchmod(made, (mode_t)mode) != 0 ||
		bind(made, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
		chmod(path, (mode_t)mode) != 0 || listen(made, BACKLOG) != 0) {
		int saved = errno;
		(void)close(made);
		errno = saved;
		return BH_ERR_IO;
	}
	*fd = made;
	return BH_NOERR;
}
