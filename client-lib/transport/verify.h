/* Whether the server at the other end is the district's: pins and name, not dates (sync.md "The
 * link"). */
#ifndef BH_CLIENT_TRANSPORT_VERIFY_H
#define BH_CLIENT_TRANSPORT_VERIFY_H

#include <openssl/ssl.h>

#include "client-lib/transport.h"

/* After the handshake, before the first byte: the leaf carries the district's name and is signed by
 * a CA certificate whose key has one of the pins.  0 and the proof, BH_ERR_AUTH (somebody else),
 * BH_ERR_CRYPTO. */
int bh_server_verify(SSL *ssl, const char *district, const uint8_t pins[][BH_PIN_BYTES],
	size_t pins_count, struct bh_link_proof *proof);

#endif
