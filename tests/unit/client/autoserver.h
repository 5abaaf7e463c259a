/* A transport whose other end is a small obliging server in the same process: enrols, welcomes,
 * acknowledges, and tells what the test gives it to tell.  For the API's tests; everything behind
 * one mutex. */
#ifndef BH_TESTS_UNIT_CLIENT_AUTOSERVER_H
#define BH_TESTS_UNIT_CLIENT_AUTOSERVER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "client-lib/transport.h"
#include "proto/message.h"

struct autoserver;

struct autoserver *autoserver_new(void);
/* After the client was closed. */
void autoserver_free(struct autoserver *server);
/* For struct bh_client_seams; the server outlives it. */
struct bh_transport autoserver_transport(struct autoserver *server);

/* No dial succeeds while unreachable. */
void autoserver_reach(struct autoserver *server, bool reachable);
/* Enrolment codes are refused from now on. */
void autoserver_refuse_codes(struct autoserver *server);
/* The next acknowledgement says this of the op at verdict.seq; spans must be static. */
void autoserver_verdict(struct autoserver *server, struct bh_msg_verdict verdict);
/* Told to the session at its next chance, through the own and the unit's scope; spans must be
 * static. */
void autoserver_tell(struct autoserver *server, const struct bh_msg_record *record);

/* Answers the next Offer of a photo so, instead of taking the photo. */
void autoserver_photo_answer(struct autoserver *server, enum bh_blob_state state);
/* Has a photo, for whoever asks; its hash is filled in. */
void autoserver_photo_add(struct autoserver *server, struct bh_span bytes, uint8_t *hash);
/* The bytes of a photo that it took, borrowed; empty when it has none of this hash, or not all. */
struct bh_span autoserver_photo(struct autoserver *server, const uint8_t *hash);

struct autoserver_counts {
	uint64_t offers, parts, asks;
	uint64_t heads; /* verified signatures of the log's head */
	uint64_t dials, hellos, ops, delivered, seen, signs, finishes, byes, bye_unsent;
};
struct autoserver_counts autoserver_counts(struct autoserver *server);

#endif
