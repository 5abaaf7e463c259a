/* What a seat's hub asks of the blob thread, there and back. */
#ifndef BH_NET_SEAT_BLOB_H
#define BH_NET_SEAT_BLOB_H

#include "server/net/seat.h"

/* On the loop's thread.  The job comes back to the hub by letter, and at once, with BH_ERR_CLOSED,
 * where there is no memory or the thread takes no more. */
void bh_seat_blob_send(struct bh_seat *seat, struct bh_blob_loop *blobs, struct bh_blob_job *job);

#endif
