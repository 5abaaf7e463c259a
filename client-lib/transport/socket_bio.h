/* A BIO over a socket that never raises SIGPIPE: a library must not touch its host's signals. */
#ifndef BH_CLIENT_TRANSPORT_SOCKET_BIO_H
#define BH_CLIENT_TRANSPORT_SOCKET_BIO_H

#include <openssl/bio.h>

#include "client-lib/transport.h"

/* NULL when out of memory. Made once a transport; freed by BIO_meth_free after its last BIO. */
BIO_METHOD *bh_socket_bio_method(void);
/* What a BIO reads and writes by: the caller's, and outlives it. */
struct bh_socket_end {
	int fd;
	struct bh_traffic *traffic; /* counted up */
	bool more;                  /* what is written has more right behind it */
};

/* NULL when out of memory. */
BIO *bh_socket_bio_new(const BIO_METHOD *method, struct bh_socket_end *end);

#endif
