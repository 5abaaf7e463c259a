/* A receiver on the network: one signed POST a notice, several at once on one curl multi handle.
 *
 *   Idempotency-Key: the notice's key      Bihuan-Timestamp: seconds since 1970
 *   Bihuan-Signature: v1=HEX               HMAC-SHA256(secret, timestamp "." body)
 *
 * 2xx: sent.  408, 425, 429, 5xx, 401 and 403, a broken connection and silence: later, and not
 * before what Retry-After asks for, up to BH_WEBHOOK_WAIT_MS_MAX.  Any other: refused.
 *
 * TLS is verified, redirects are not followed, nothing but http and https is spoken, and no proxy
 * of the environment is used. */
#ifndef BH_NOTIFY_WEBHOOK_H
#define BH_NOTIFY_WEBHOOK_H

#include <poll.h>

#include "server/notify/slot.h"

#define BH_WEBHOOK_MS_MAX 10000L
#define BH_WEBHOOK_CONNECT_MS_MAX 5000L
#define BH_WEBHOOK_WAIT_MS_MAX 3600000
#define BH_WEBHOOK_ANSWER_MAX 65536u /* of an answer, which nobody reads */

struct bh_webhook;

/* Who asks is not let in: what is wrong is our secret, or theirs, and somebody has to look. */
bool bh_webhook_shuts_out(uint32_t status);

/* url "": none is spoken to, but bh_webhook_wait works.  The secret is copied, and wiped at close.
 * BH_ERR_NOMEM. */
int bh_webhook_open(
	const char *url, const char *ca, struct bh_span secret, struct bh_webhook **out);
void bh_webhook_close(struct bh_webhook *webhook); /* NULL is fine; no slot runs any more */
/* BH_ERR_NOMEM. */
int bh_webhook_start(struct bh_webhook *webhook, struct bh_slot *slot, int64_t wall_ms);
/* A slot that has ended, with how, or NULL; none twice. */
struct bh_slot *bh_webhook_ended(struct bh_webhook *webhook, enum bh_attempt *attempt);
/* Ends it now. */
void bh_webhook_drop(struct bh_webhook *webhook, struct bh_slot *slot);
/* Drives what runs, and sleeps until something happens there, on one of the fds, or so long. */
void bh_webhook_wait(struct bh_webhook *webhook, const int *fds, size_t count, int timeout_ms);

#endif
