/* A handset's TLS connection: libevent's bytes in and out of a session, deadlines, and one way to
 * close. */
#ifndef BH_NET_LINK_H
#define BH_NET_LINK_H

#include <stdatomic.h>
#include <stddef.h>

#include "server/net/loop.h"
#include "server/net/tls.h"

struct bh_link;

/* Chooses the seat of a district on this link's loop; NULL when it is not served here any more. */
typedef struct bh_seat *(*bh_seat_chooser)(void *loop_context, void *district);

/* The links of one loop. */
struct bh_links {
	struct bh_loop *loop;
	struct bh_tls_door *door;
	bh_seat_chooser choose;
	void *loop_context;
	atomic_uint *open_links; /* counted up and down, for admission */
	struct bh_link *first;
	size_t count;
	atomic_ullong handshakes_failed;
};

/* Takes the accepted socket, whatever happens.  On the loop's thread. */
void bh_link_open(struct bh_links *links, int fd);
/* Its session has something to say or is closing. */
void bh_link_speak(struct bh_link *link);
/* The loop is about to stop: links that have not shaken hands go at once, the others when their
 * last words are sent or DRAIN_MS_MAX has passed.  Poll links->count. */
void bh_links_end(struct bh_links *links);
/* Closes every link now; on the loop's thread or after it has ended. */
void bh_links_close_all(struct bh_links *links);

#endif
