/* A connection that stalls holds its slot for ten seconds at most, and no other; libcurl keeps the
 * connections to the receiver and gives each request its own. */
#include "server/notify/webhook.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/notify/notify.h"

#define FDS_MAX 32u
#define HMAC_BYTES 32u

struct bh_webhook {
	CURLM *multi;
	char *url;
	char *ca; /* NULL: the system's */
	uint8_t secret[BH_NOTIFY_SECRET_MAX];
	size_t secret_len;
};

int bh_webhook_open(const char *url, const char *ca, struct bh_span secret, struct bh_webhook **out)
{
	struct bh_webhook *webhook = calloc(1, sizeof(*webhook));
	if (!webhook || curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
		free(webhook);
		return BH_ERR_NOMEM;
	}
	bh_assert(secret.len <= sizeof(webhook->secret));
	webhook->multi = curl_multi_init();
	webhook->url = strdup(url);
	webhook->ca = ca[0] ? strdup(ca) : NULL;
	if (secret.len)
		memcpy(webhook->secret, secret.data, secret.len);
	webhook->secret_len = secret.len;
	if (!webhook->multi || !webhook->url || (ca[0] && !webhook->ca)) {
		bh_webhook_close(webhook);
		return BH_ERR_NOMEM;
	}
	*out = webhook;
	return BH_NOERR;
}

void bh_webhook_close(struct bh_webhook *webhook)
{
	if (!webhook)
		return;
	(void)curl_multi_cleanup(webhook->multi);
	curl_global_cleanup();
	explicit_bzero(webhook->secret, sizeof(webhook->secret));
	free(webhook->url);
	free(webhook->ca);
	free(webhook);
}

/* ---- A request ---- */

static bool signature_make(const struct bh_webhook *webhook, const char *timestamp,
	const struct bh_buf *body, char out[2 * HMAC_BYTES + 1])
{
	uint8_t signed_text[BH_NOTIFY_MESSAGE_MAX + 32], mac[HMAC_BYTES];
	unsigned len = 0;
	int n = snprintf((char *)signed_text, sizeof(signed_text), "%s.", timestamp);
	if (n < 0 || (size_t)n + body->len > sizeof(signed_text))
		return false;
	memcpy(signed_text + n, body->data, body->len);
	if (!HMAC(EVP_sha256(), webhook->secret, (int)webhook->secret_len, signed_text,
		    (size_t)n + body->len, mac, &len) ||
		len != HMAC_BYTES)
		return false;
	bh_hex_format(bh_span(mac, HMAC_BYTES), out);
	return true;
}

static bool header_add(struct curl_slist **headers, const char *name, const char *value)
{
	char line[300];
	(void)snprintf(line, sizeof(line), "%s: %s", name, value);
	struct curl_slist *longer = curl_slist_append(*headers, line);
	if (longer)
		*headers = longer;
	return longer != NULL;
}

static bool headers_make(const struct bh_webhook *webhook, struct bh_slot *slot, int64_t wall_ms)
{
	char timestamp[24], signature[2 * HMAC_BYTES + 1], versioned[2 * HMAC_BYTES + 8];
	struct curl_slist *headers = NULL;
	(void)snprintf(timestamp, sizeof(timestamp), "%" PRId64, wall_ms / 1000);
	bool made = signature_make(webhook, timestamp, &slot->message, signature);
	(void)snprintf(versioned, sizeof(versioned), "v1=%s", made ? signature : "");
	made = made && header_add(&headers, "Content-Type", "application/json; charset=utf-8") &&
	       header_add(&headers, "Idempotency-Key", slot->key) &&
	       header_add(&headers, "Bihuan-Timestamp", timestamp) &&
	       header_add(&headers, "Bihuan-Signature", versioned);
	slot->headers = headers;
	return made;
}

/* Nobody reads it; more than so much is an error. */
static size_t answer_drop(char *data, size_t size, size_t count, void *context)
{
	struct bh_slot *slot = context;
	(void)data;
	slot->message.len += size * count; /* the request has left: its length counts no more */
	return slot->message.len > BH_WEBHOOK_ANSWER_MAX ? 0 : size * count;
}

static bool options_set(const struct bh_webhook *webhook, CURL *easy, struct bh_slot *slot)
{
	CURLcode code = curl_easy_setopt(easy, CURLOPT_URL, webhook->url);
#define SET(option, value)    \
	if (code == CURLE_OK) \
	code = curl_easy_setopt(easy, option, value)
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_TIMEOUT_MS, BH_WEBHOOK_MS_MAX);
	SET(CURLOPT_CONNECTTIMEOUT_MS, BH_WEBHOOK_CONNECT_MS_MAX);
	SET(CURLOPT_USERAGENT, "bihuan");
	SET(CURLOPT_HTTPHEADER, (struct curl_slist *)slot->headers);
	SET(CURLOPT_POST, 1L);
	SET(CURLOPT_POSTFIELDSIZE, (long)slot->message.len);
	SET(CURLOPT_COPYPOSTFIELDS, (const char *)slot->message.data);
	SET(CURLOPT_WRITEFUNCTION, answer_drop);
	SET(CURLOPT_WRITEDATA, slot);
	SET(CURLOPT_PRIVATE, slot);
	/* A name server that hangs holds up its own attempt, and no end of this program. */
	SET(CURLOPT_QUICK_EXIT, 1L);
	if (webhook->ca) { /* by these alone: the system's folder would stand beside them */
		SET(CURLOPT_CAINFO, webhook->ca);
		SET(CURLOPT_CAPATH, (const char *)NULL);
	}
#undef SET
	return code == CURLE_OK;
}

int bh_webhook_start(struct bh_webhook *webhook, struct bh_slot *slot, int64_t wall_ms)
{
	CURL *easy = curl_easy_init();
	slot->easy = easy;
	bool begun = easy && headers_make(webhook, slot, wall_ms) &&
		     options_set(webhook, easy, slot) &&
		     curl_multi_add_handle(webhook->multi, easy) == CURLM_OK;
	if (begun) {
		slot->message.len = 0; /* counts the answer from here on */
		return BH_NOERR;
	}
	bh_webhook_drop(webhook, slot);
	return BH_ERR_NOMEM;
}

void bh_webhook_drop(struct bh_webhook *webhook, struct bh_slot *slot)
{
	if (slot->easy)
		(void)curl_multi_remove_handle(webhook->multi, slot->easy);
	curl_easy_cleanup(slot->easy);
	curl_slist_free_all(slot->headers);
	slot->easy = NULL;
	slot->headers = NULL;
}

/* ---- Its end ---- */

bool bh_webhook_shuts_out(uint32_t status)
{
	return status == 401 || status == 403;
}

static bool status_is_passing(long status)
{
	return status == 408 || status == 425 || status == 429 || status >= 500 ||
	       bh_webhook_shuts_out((uint32_t)status);
}

/* Seconds or a date, as libcurl reads them. */
static int64_t asked_wait_ms(CURL *easy)
{
	curl_off_t seconds = 0;
	if (curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds) != CURLE_OK || seconds < 0)
		return 0;
	if (seconds > BH_WEBHOOK_WAIT_MS_MAX / 1000)
		return BH_WEBHOOK_WAIT_MS_MAX;
	return seconds * 1000;
}

static enum bh_attempt result_read(CURL *easy, CURLcode code, struct bh_slot *slot)
{
	uint32_t *error = &slot->row.error;
	long status = 0;
	(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 200 && status < 300) /* however its answer, which nobody reads, went on */
		return BH_ATTEMPT_SENT;
	if (code == CURLE_OK) {
		*error = (uint32_t)status;
		slot->wait_ms = status_is_passing(status) ? asked_wait_ms(easy) : 0;
		return status_is_passing(status) ? BH_ATTEMPT_LATER : BH_ATTEMPT_REFUSED;
	}
	bool tls = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR ||
		   code == CURLE_SSL_CACERT_BADFILE;
	*error = code == CURLE_OPERATION_TIMEDOUT ? BH_NOTICE_ERR_TIME
		 : tls                            ? BH_NOTICE_ERR_TLS
						  : BH_NOTICE_ERR_CONNECT;
	return BH_ATTEMPT_LATER;
}

struct bh_slot *bh_webhook_ended(struct bh_webhook *webhook, enum bh_attempt *attempt)
{
	int left = 0;
	CURLMsg *message;
	while ((message = curl_multi_info_read(webhook->multi, &left)) != NULL) {
		char *private = NULL;
		if (message->msg != CURLMSG_DONE)
			continue;
		CURL *easy = message->easy_handle;
		CURLcode code = message->data.result; /* the message goes with its handle */
		(void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
		struct bh_slot *slot = (struct bh_slot *)(void *)private;
		*attempt = result_read(easy, code, slot);
		bh_webhook_drop(webhook, slot);
		return slot;
	}
	return NULL;
}

void bh_webhook_wait(struct bh_webhook *webhook, const int *fds, size_t count, int timeout_ms)
{
	struct curl_waitfd waits[FDS_MAX];
	int running = 0, ready = 0;
	bh_assert(count <= FDS_MAX);
	for (size_t i = 0; i < count; i++)
		waits[i] = (struct curl_waitfd){.fd = fds[i], .events = CURL_WAIT_POLLIN};
	(void)curl_multi_perform(webhook->multi, &running);
	(void)curl_multi_poll(webhook->multi, waits, (unsigned)count, timeout_ms, &ready);
	(void)curl_multi_perform(webhook->multi, &running);
}
