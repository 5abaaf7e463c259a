/*
 * The three doors: handsets by TCP, metrics on loopback, administration by a local socket; each
 * from systemd when it hands one over under that name, else bound here.  An accepted handset
 * travels to its loop by letter.
 */
#include "server/main/sockets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/main/admin.h"
#include "server/main/log.h"
#include "server/main/metrics.h"
#include "server/main/platform_systemd.h"

#define METRICS_BODY_BYTES_MAX 4096u /* which no route reads: they say so themselves */

struct accepted_letter {
	struct bh_letter letter;
	int fd;
};

static void accepted_open(struct bh_letter *letter, void *loop_context)
{
	struct accepted_letter *accepted = (struct accepted_letter *)(void *)letter;
	struct bh_loop_seat *seat = loop_context;
	bh_link_open(&seat->process->links[seat->index], accepted->fd);
	free(accepted);
}

static void on_accepted(void *context, int fd)
{
	struct bh_process *process = context;
	struct accepted_letter *accepted = calloc(1, sizeof(*accepted));
	if (!accepted) {
		(void)close(fd);
		return;
	}
	accepted->letter.open = accepted_open;
	accepted->fd = fd;
	process->next_loop = (process->next_loop + 1) % process->loops_count;
	bh_loop_post(process->loops[process->next_loop], &accepted->letter);
}

static uint32_t on_open_count(void *context)
{
	struct bh_process *process = context;
	return atomic_load(&process->connections);
}

/* What stands in the way of a socket: somebody who may go, or what only the file can change. */
static int socket_err(int err)
{
	if (err != BH_ERR_IO)
		return err;
	return errno == EADDRINUSE || errno == EADDRNOTAVAIL || errno == EMFILE ||
			       errno == ENFILE || errno == ENOBUFS || errno == ENOMEM
		       ? BH_ERR_BUSY
		       : BH_ERR_AUTH;
}

static int socket_take(const char *name, const char *address, int *fd)
{
	*fd = bh_notify_socket(name);
	if (*fd >= 0)
		return BH_NOERR;
	int err = bh_listen_tcp(address, fd);
	if (err)
		bh_log(BH_LOG_ERROR, NULL, 0, "%s: cannot listen on %s: %s", name, address,
			err == BH_ERR_INVALID ? "needs a numeric address:port" : strerror(errno));
	return err ? socket_err(err) : BH_NOERR;
}

int bh_handsets_listen(struct bh_process *process)
{
	struct bh_listener_options options = {.loop = process->main_loop,
		.admit_per_s = process->config.admit_per_s,
		.connections_max = process->config.connections_max,
		.open_count = on_open_count,
		.accepted = on_accepted,
		.context = process};
	int err = socket_take("handset", process->config.listen, &options.fd);
	if (err)
		return err;
	process->handset_port = bh_listen_port(options.fd);
	return bh_listener_open(&options, &process->listener);
}

int bh_metrics_listen(struct bh_process *process)
{
	int fd;
	if (!process->config.metrics[0])
		return BH_NOERR;
	int err = socket_take("metrics", process->config.metrics, &fd);
	if (err)
		return err;
	process->metrics_port = bh_listen_port(fd);
	return bh_http_open(process->main_loop, fd,
		(struct bh_http_peers){.body_bytes_max = METRICS_BODY_BYTES_MAX}, bh_metrics_handle,
		process, &process->metrics);
}

int bh_admin_listen(struct bh_process *process)
{
	int from_systemd = bh_notify_socket("admin"), fd = from_systemd;
	int err = fd >= 0 ? BH_NOERR : bh_listen_unix(process->config.admin, 0660, &fd);
	if (err) {
		bh_log(BH_LOG_ERROR, NULL, 0, "admin: cannot listen on %s: %s",
			process->config.admin,
			err == BH_ERR_EXISTS ? "another bihuand answers there" : strerror(errno));
		return socket_err(err);
	}
	const struct bh_http_peers peers = {
		.operator_link = true, .body_bytes_max = BH_REQUEST_BODY_MAX};
	process->admin_is_ours = from_systemd < 0;
	return bh_http_open(
		process->main_loop, fd, peers, bh_admin_handle, process, &process->admin);
}

void bh_admin_leave(const struct bh_process *process)
{
	if (process->admin_is_ours)
		(void)unlink(process->config.admin);
}
