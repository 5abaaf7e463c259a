/* The JSON interface over plain request and response structs: one route table for the terminal and
 * the console. No socket here: the driver hands in a request, does what the exchange needs, and
 * sends its response. */
#ifndef BH_CONSOLE_ROUTE_H
#define BH_CONSOLE_ROUTE_H

#include "server/domain/rating.h"
#include "server/dossier/book.h"
#include "server/store/backup.h"
#include "server/store/blob_files.h"
#include "server/store/vault.h"

#define BH_REQUEST_BODY_MAX (16u * 1024u * 1024u) /* a profile with every polygon of a county */
#define BH_REQUEST_PATH_MAX 2048u
#define BH_RESPONSE_ROWS_MAX 500u
#define BH_RESPONSE_FILE_MAX 600u

/* Borrowed until bh_exchange_begin returns. */
struct bh_request {
	const char *method;          /* "GET", "POST" */
	const char *target;          /* path and query as sent, still percent-encoded */
	const char *idempotency_key; /* header Idempotency-Key, or NULL */
	const char *acting; /* header Bihuan-As: a person's code, optionally "/" and a post id; or
			       NULL */
	struct bh_span body;
	bool operator_link; /* came over the server's own local socket */
};

struct bh_response {
	int status;               /* HTTP */
	const char *content_type; /* constant */
	struct bh_buf body;       /* one JSON object; a photo's bytes */
	/* Instead of a body: a file that is sent and removed; "": none. */
	char file[BH_RESPONSE_FILE_MAX];
};

/* One served district as its main loop sees it. */
struct bh_console_district {
	const char *code;
	struct bh_store_reader *reader; /* of the calling thread */
	struct bh_blob_files *files;    /* likewise */
	const char *public_host;        /* where handsets connect, for QR payloads */
	uint16_t public_port;
	const char *folder;        /* its own, with its keys */
	uint8_t pin[BH_PIN_BYTES]; /* of the CA key */
	uint8_t backup_pin[BH_PIN_BYTES];
	struct bh_span mac_key; /* the receipts' (keys.h): codes asked for with a key */
	int64_t district_ms;    /* set by the driver before each begin and done */
	struct bh_vault *vault; /* of the calling thread; NULL: no seal key, nothing is opened */
	bool clock_alarm;
	struct bh_rating_pace rating_pace; /* the routes' own, as the next */
	bool importing; /* the routes' own: a profile is on its way to the writer */
};

/* What the process offers beyond one district; answers are constant clauses or NULL for done. */
struct bh_console_host {
	void *context;
	struct bh_console_district *(*find)(void *context, const char *code);
	size_t (*list)(void *context, const char **codes, size_t max);
	/* Makes and serves a district: 0, BH_ERR_EXISTS, BH_ERR_INVALID, storage codes.  key may be
	 * NULL. */
	int (*create)(void *context, const char *code, const struct bh_caller_key *key,
		const char **detail);
	/* Reads the configuration again: JSON text of what took effect and what waits, in out. */
	int (*reload)(void *context, struct bh_buf *out);
	/* JSON text: uptime, sessions, queue, versions. */
	int (*status)(void *context, struct bh_buf *out);
	struct bh_rng rng;
};

enum bh_need {
	BH_NEED_NOTHING = 0, /* the response is ready */
	BH_NEED_JOB = 1,     /* run bh_exchange_job on bh_exchange_district's writer, then
				bh_exchange_job_done */
	BH_NEED_VERIFY = 2,  /* copy the district and verify the copy, then bh_exchange_verified */
	BH_NEED_BACKUP = 3,  /* make a backup in bh_exchange_place, then bh_exchange_backed_up */
	BH_NEED_BUNDLE = 4,  /* take in the file bh_exchange_place, then bh_exchange_bundle_taken */
	BH_NEED_BOOK = 5, /* write bh_exchange_book as an archive, then bh_exchange_book_written */
};

struct bh_exchange;

/* 0 or BH_ERR_NOMEM; every wrong request is an exchange whose response says so:
 * {"code": "...", "message": "...", "hint": "..."} with 400, 403, 404, 405, 409, 413, 422, 503. */
int bh_exchange_begin(const struct bh_console_host *host, const struct bh_request *request,
	struct bh_now now, struct bh_exchange **out);
enum bh_need bh_exchange_need(const struct bh_exchange *exchange);
const char *bh_exchange_district(const struct bh_exchange *exchange);
struct bh_job *bh_exchange_job(struct bh_exchange *exchange);
void bh_exchange_job_done(struct bh_exchange *exchange, const struct bh_console_host *host);
void bh_exchange_verified(
	struct bh_exchange *exchange, int err, const struct bh_verify_report *report);
/* The folder that backups go to, or a bundle's file: an absolute path. */
const char *bh_exchange_place(const struct bh_exchange *exchange);
/* name: the backup's folder in the place; what: what is wrong, with any err. */
void bh_exchange_backed_up(struct bh_exchange *exchange, int err, const char *name,
	const struct bh_backup_manifest *manifest, const char *what);
/* Who asks; 0: the operator. */
uint32_t bh_exchange_person(const struct bh_exchange *exchange);
/* What became of a bundle. */
struct bh_bundle_told {
	const char *fault; /* a code, constant; "": it was taken */
	const char *sentence;
	uint32_t device;
	uint64_t ops, ops_new, ops_refused, photos, photos_new, photos_left;
	struct bh_span answer; /* what may be carried back */
};
/* err: BH_ERR_INVALID with the fault, BH_ERR_BUSY, BH_ERR_NOT_FOUND (no such file), storage codes.
 */
void bh_exchange_bundle_taken(
	struct bh_exchange *exchange, int err, const struct bh_bundle_told *told);
/* A dossier to be written beside the district; borrowed until the exchange is freed.  path: the
 * file that was written, the response's from then on; NULL with an err. */
const struct bh_book *bh_exchange_book(const struct bh_exchange *exchange);
void bh_exchange_book_written(struct bh_exchange *exchange, int err, const char *path);
/* Borrowed until the exchange is freed. */
const struct bh_response *bh_exchange_response(const struct bh_exchange *exchange);
void bh_exchange_free(struct bh_exchange *exchange);

/* The route table, for documentation and tests that compare. */
struct bh_route {
	const char *method;
	const char *pattern; /* "/districts/{code}/cases/{number}" */
	const char *summary;
};
extern const struct bh_route bh_routes[];
extern const size_t bh_routes_count;

#endif
