/* What a seat's hub heard that handsets took up, to the writer's outbox. */
#ifndef BH_NET_SEAT_APPLIED_H
#define BH_NET_SEAT_APPLIED_H

#include "server/net/writer_loop.h"
#include "server/sync/session.h"

/* On the loop's thread; what cannot be told now is not: it is said again with the next delta. */
void bh_seat_applied_send(struct bh_hub *hub, struct bh_writer_loop *writer, struct bh_clock clock);

#endif
