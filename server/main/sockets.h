/* The three doors of a running server. */
#ifndef BH_MAIN_SOCKETS_H
#define BH_MAIN_SOCKETS_H

#include "server/main/process.h"

/* Each takes systemd's socket of its name or binds the configured address, and serves it on the
 * main loop. 0, or the codes of bh_listen_tcp, bh_listen_unix; what went wrong is logged. */
int bh_handsets_listen(struct bh_process *process);
/* Nothing when no address is configured. */
int bh_metrics_listen(struct bh_process *process);
int bh_admin_listen(struct bh_process *process);
/* At a stop: removes the administration socket's file, unless it is systemd's. */
void bh_admin_leave(const struct bh_process *process);

#endif
