/*
 * bihuan.h - the field client of Bihuan: records reports durably without a network, and brings the
 * answer back.  This is the whole contract; what is not declared here is private.
 *
 * Names      Functions bh_<noun>_<verb>; types bh_<noun>; constants BH_*.
 * Ownership  A function that gives a handle through `out` gives you ownership; release it with that
 *            type's _close function, which accepts NULL.  Arguments are copied before a call
 *            returns.  Strings inside a view are borrowed: they live until the next call on the
 *            same cursor, or until it closes.  Strings are UTF-8, never NULL in a view.
 * Structs    Begin with struct_size, which you set to sizeof (the _INIT macros do).  Fields are
 *            only ever appended; a zero field means its default.  The library reads and writes no
 *            further than struct_size, so old programs run with new libraries and the reverse.
 * Errors     Fallible functions return a bh_status and write the reason to the caller's own
 *            bh_error (may be NULL).  Nothing is thread-local.  Out-parameters are untouched on
 *            failure unless said otherwise.
 * Threads    A bh_client may be used from any thread; calls on it take turns, and
 *            bh_client_close comes after all of them.  A cursor belongs to one thread at a time;
 *            one that outlives its client answers BH_E_CLOSED, and is still to be closed.
 * Callbacks  Three, set at open: wake, log and sign (or sign_for).  They run on the library's
 * worker thread, or inside bh_client_run_until.  None may call back into the library: that returns
 *            BH_E_REENTRANT (and does nothing where there is no status to return).
 * Durability When a function that records returns BH_OK, what it recorded survives the death of the
 *            process and the loss of power.  Nothing recorded is ever deleted by the library but
 *            photos, when the host asks for it and the server has them.
 */
#ifndef BIHUAN_H
#define BIHUAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BH_VERSION_MAJOR 1
#define BH_VERSION_MINOR 0
#define BH_VERSION_PATCH 0

#if defined(__GNUC__)
#define BH_API __attribute__((visibility("default")))
#else
#define BH_API
#endif

/* The version of the library actually linked: major << 16 | minor << 8 | patch. */
BH_API uint32_t bh_version(void);

/* ---- Status ------------------------------------------------------------------------------ */

/* Fixed width on purpose: an enum's size is no part of a stable ABI.  Values are never renumbered
 * or reused.  Negative is failure. */
typedef int32_t bh_status;

#define BH_OK 0
#define BH_DONE 1 /* a cursor or queue is exhausted, or an end was reached: no error */
#define BH_E_NOMEM (-1)
#define BH_E_INVALID (-2)   /* an argument breaks this header's contract; the message names it */
#define BH_E_REENTRANT (-3) /* called from inside a callback */
#define BH_E_CLOSED (-4)
#define BH_E_NOT_FOUND (-5)
#define BH_E_LIMIT (-6)    /* a documented bound was exceeded */
#define BH_E_NO_SPACE (-7) /* the device is full; nothing was recorded */
#define BH_E_STORAGE (-8)  /* an I/O error; see bh_error.detail.  See bh_report_record */
#define BH_E_CORRUPT (-9)  /* the store is damaged; the next call mends it */
#define BH_E_AUTH (-10)    /* not enrolled (yet), or enrolment was refused: see bh_client_status */
#define BH_E_BUSY (-11)    /* another process has this store open */
#define BH_E_UPGRADE (-12) /* the store was written by a newer version of the library */
#define BH_E_EXISTS (-13)  /* already enrolled */
#define BH_E_STATE (-14)   /* the case is not in a state in which this can be done */
#define BH_E_CRYPTO (-15)
#define BH_E_SEALED (-16) /* the store is sealed, and not with options.app_key */

#define BH_DOMAIN_BIHUAN 0 /* detail is 0 */
#define BH_DOMAIN_OS 1     /* detail is an errno */
#define BH_DOMAIN_SQLITE 2 /* detail is an extended result code */

typedef struct bh_error {
	bh_status status;
	int32_t domain; /* BH_DOMAIN_* */
	int64_t detail;
	char message[240]; /* one line of English, NUL-terminated */
} bh_error;

/* "BH_E_STORAGE"; never NULL. */
BH_API const char *bh_status_name(bh_status status);

/* ---- Values ------------------------------------------------------------------------------ */

/* What machines keep: made on the handset, so a report has its final name before any network. */
typedef struct bh_id {
	uint8_t bytes[16];
} bh_id;

#define BH_ID_TEXT_SIZE 37 /* "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx" and NUL */
BH_API void bh_id_format(const bh_id *id, char text[BH_ID_TEXT_SIZE]);
BH_API bh_status bh_id_parse(const char *text, bh_id *out); /* BH_OK or BH_E_INVALID */

/* What people read: "17-42-K".  0 is "no number yet" and gives "". */
#define BH_NUMBER_TEXT_SIZE 24
BH_API void bh_number_format(uint64_t number, char text[BH_NUMBER_TEXT_SIZE]);
/* BH_OK or BH_E_INVALID: shape, range or check character. */
BH_API bh_status bh_number_parse(const char *text, uint64_t *out);

typedef int64_t bh_time_ms; /* milliseconds since 1970-01-01T00:00:00Z; 0: none */

/* ---- Client ------------------------------------------------------------------------------ */

typedef struct bh_client bh_client;

/* "There is something to read": call bh_client_next_event from a thread of yours.  Carries no data,
 * must return at once, and is coalesced. */
typedef void (*bh_wake_fn)(void *payload);

#define BH_LOG_ERROR 1
#define BH_LOG_WARN 2
#define BH_LOG_INFO 3
#define BH_LOG_DEBUG 4

/* Lines never hold credentials, coordinates, or the text of a report. */
typedef void (*bh_log_fn)(int32_t level, const char *line, void *payload);

#define BH_DIGEST_SIZE 32
#define BH_SIGNATURE_SIZE_MAX 80
#define BH_PUBLIC_KEY_SIZE 33

/* Signs for a key that never enters the library: in a key store, a secure element, another process.
 * digest is the SHA-256 of what is to be proved, and is signed as it is, by ECDSA on P-256 (Android
 * "NONEwithECDSA", iOS ecdsaSignatureDigestX962SHA256, HUKS with the digest NONE).  Writes at most
 * BH_SIGNATURE_SIZE_MAX bytes to signature, their count to *length, and gives 0: exactly 64 bytes
 * are r and s, anything else is DER.  Not 0: not now.
 * Asked for at enrolment, at each session, and for the head of the log; it may take up to 8 s, and
 * nothing else of the library waits for it but bh_client_close and, in a host drive,
 * bh_client_run_until.  What is signed is verified; a callback that fails, is slower or signs with
 * another key is seen as BH_CAUSE_KEY, and asked again by the next attempt. */
typedef int32_t (*bh_sign_fn)(const uint8_t digest[BH_DIGEST_SIZE],
	uint8_t signature[BH_SIGNATURE_SIZE_MAX], size_t *length, void *payload);

#define BH_APP_KEY_SIZE 32
/* The same, told which of several keys is to sign: what bh_client_rotate_key needs, since a handset
 * may hold two for a while, also after a restart. */
typedef int32_t (*bh_sign_for_fn)(const uint8_t public_key[BH_PUBLIC_KEY_SIZE],
	const uint8_t digest[BH_DIGEST_SIZE], uint8_t signature[BH_SIGNATURE_SIZE_MAX],
	size_t *length, void *payload);

#define BH_DRIVE_THREAD 0u /* the library runs one worker thread */
#define BH_DRIVE_HOST 1u   /* the host calls bh_client_run_until */

typedef struct bh_client_options {
	uint32_t struct_size;
	uint32_t drive;         /* BH_DRIVE_* */
	const char *store_path; /* required: the store's file; made if missing, its folder is not */
	bh_wake_fn wake;        /* may be NULL */
	void *wake_payload;
	bh_log_fn log; /* may be NULL */
	void *log_payload;
	const char *app_version; /* may be NULL; told to the server, at most 64 bytes */
	uint32_t sync_once; /* not 0: hang up when nothing is left to do, no waiting for pushes */
	uint32_t reserved0;
	bh_sign_fn sign; /* NULL: the key is made by the library, and lies in the store */
	void *sign_payload;
	const uint8_t *app_key;  /* BH_APP_KEY_SIZE bytes, or NULL: see bh_client_open */
	bh_sign_for_fn sign_for; /* instead of sign, where it is not NULL; the same payload */
} bh_client_options;
#define BH_CLIENT_OPTIONS_INIT                                                                   \
	{                                                                                        \
		(uint32_t)sizeof(bh_client_options), 0u, NULL, NULL, NULL, NULL, NULL, NULL, 0u, \
			0u, NULL, NULL, NULL, NULL                                               \
	}

/* Opens the store, recovering it if the last run died.  Needs no network and no enrolment.  On
 * failure *out is NULL and nothing needs releasing.
 *
 * A file that is damaged, or is somebody else's, is put aside beside the store, as
 * STORE-damaged-1 to -9, and never touched again; what can be read of it is carried into a new one:
 * who this handset is, and every op that is whole.  Ops that were not acknowledged are sent again;
 * the server takes none twice.  bh_status_view.damaged_files counts them.
 * BH_E_CORRUPT only when nine lie there already.
 *
 * With app_key (random; kept in the system's key store, not beside the file) what names people,
 * places and what was written lies sealed by AES-256-GCM under keys derived from it: contents of
 * reports and acts, what was told, names, answers, photos, the private key.  Numbers, times, types
 * and states do not.  A store that is not sealed becomes so by being opened with a key, which takes
 * about a second for 10,000 reports, goes on where it was cut, and needs as much room (and, once,
 * memory) as the store's file is large; without room it goes on at the next opening.  From then on
 * it opens with that key alone: BH_E_SEALED for another or none, and nothing is changed.  A key
 * that is lost takes what was not sent with it. */
BH_API bh_status bh_client_open(const bh_client_options *options, bh_client **out, bh_error *err);

/* Stops, joins the worker, releases.  No callback runs after this returned.  Unsent work stays in
 * the store for the next open.  NULL is a no-op. */
BH_API void bh_client_close(bh_client *client);

typedef struct bh_enrolment_input {
	uint32_t struct_size;
	uint32_t port;          /* of the fields below; 0: 7443 */
	const char *qr_payload; /* "BH1:HOST:PORT:DISTRICT:CODE:PIN[:PIN]"; NULL: as below */
	const char *host;
	const char *district;
	const char *code;          /* 16 base32 characters */
	const char *pin;           /* 32 base32 characters: the district's CA key */
	const char *backup_pin;    /* may be NULL */
	const char *device_model;  /* may be NULL; at most 120 bytes */
	const uint8_t *public_key; /* of the key outside (SEC 1, 2.3.3: compressed), or NULL */
} bh_enrolment_input;
#define BH_ENROLMENT_INPUT_INIT                                                               \
	{                                                                                     \
		(uint32_t)sizeof(bh_enrolment_input), 0u, NULL, NULL, NULL, NULL, NULL, NULL, \
			NULL, NULL                                                            \
	}

/* Stores the request durably; the drive then connects and enrols, through restarts, until the
 * server has answered.  bh_client_status tells how it went: enrolled, or a cause
 * (BH_CAUSE_CODE_REFUSED: ask for a new code and call again, which replaces the request).
 * A store that was enrolled with the library's own key goes on with it, whatever options.sign says.
 * BH_E_EXISTS when enrolled already. */
BH_API bh_status bh_client_enrol(bh_client *client, const bh_enrolment_input *input, bh_error *err);

/* Another key is to prove who this handset is: public_key (BH_PUBLIC_KEY_SIZE bytes) is that of a
 * key outside, for which options.sign_for signs; NULL: the library makes one.  So a key moves into
 * hardware, too.  Stores it durably; the drive then tells the server, signed by both, through
 * restarts: until the server has it the old key holds, and both must be able to sign.
 * bh_status_view.key_waits tells whether it is still on its way, bh_status_view.public_key which
 * one holds.  Where the server would not have it (another handset has it), the old one stays.
 * A store put back from a copy of before the change cannot prove itself any more.
 * BH_E_AUTH before enrolment; BH_E_EXISTS: another one is on its way, or it holds already;
 * BH_E_INVALID: no point of P-256, or no options.sign_for to sign for it. */
BH_API bh_status bh_client_rotate_key(bh_client *client, const uint8_t *public_key, bh_error *err);

#define BH_ENROLLED_NO 0
#define BH_ENROLLED_ASKED 1
#define BH_ENROLLED_YES 2

/* Why the handset is not in step with its server.  Frozen; tolerate unknown ones. */
#define BH_CAUSE_NONE 0 /* in step */
#define BH_CAUSE_NOT_ENROLLED 1
#define BH_CAUSE_OFFLINE 2        /* the host said there is no network */
#define BH_CAUSE_UNREACHABLE 3    /* no answer from the server's address */
#define BH_CAUSE_WRONG_SERVER 4   /* who answers has none of the pinned keys, or another name */
#define BH_CAUSE_CUT 5            /* the connection broke; trying again */
#define BH_CAUSE_SERVER_BUSY 6    /* the server asks to come back later */
#define BH_CAUSE_SERVER_STORAGE 7 /* the server cannot store just now */
#define BH_CAUSE_NOT_RECOGNISED 8 /* the server does not accept this handset */
#define BH_CAUSE_REVOKED 9        /* this handset was revoked; what was recorded is kept */
#define BH_CAUSE_UPGRADE 10       /* the server no longer speaks this version */
#define BH_CAUSE_STORE 11         /* the handset's own storage fails or is full */
#define BH_CAUSE_CODE_REFUSED 12  /* the enrolment code is wrong, used or expired */
#define BH_CAUSE_PROTOCOL 13      /* the server and this version misunderstand each other */
#define BH_CAUSE_REPLACED 14      /* another connection of this handset took over */
#define BH_CAUSE_SUSPENDED 15     /* the host suspended synchronising */
#define BH_CAUSE_WAITING 16       /* nothing failed; what was recorded waits to be sent */
#define BH_CAUSE_KEY 17           /* options.sign fails, is slow, or signs with another key */

/* "unreachable"; never NULL. */
BH_API const char *bh_cause_name(int32_t cause);
/* A sentence for the user; language "zh" or "en" (anything else: "en"); never NULL. */
BH_API const char *bh_cause_sentence(int32_t cause, const char *language);

/* How the store lies at rest: see bh_client_open. */
#define BH_SEALED_NO 0u
#define BH_SEALED_PARTLY 1u /* goes on at the next opening */
#define BH_SEALED_YES 2u

typedef struct bh_status_view {
	uint32_t struct_size;
	int32_t enrolled;    /* BH_ENROLLED_* */
	int32_t cause;       /* BH_CAUSE_* */
	int32_t live;        /* 1: a proved session is open now */
	uint64_t unsent_ops; /* recorded, and not known to be durable at the server */
	uint64_t unsent_bytes;
	bh_time_ms oldest_unsent_at; /* when the oldest of them was recorded */
	bh_time_ms last_contact_at;
	bh_time_ms next_attempt_at; /* 0: none is planned */
	int64_t clock_skew_ms;      /* the server's clock less this handset's, if it is known */
	int32_t clock_skew_known;
	uint32_t device;      /* the handset's number in the district; 0 before enrolment */
	uint64_t refused_ops; /* rejected or quarantined, ever: list them with bh_op_cursor_open */
	uint64_t unseen_closures; /* closures of own reports not marked seen */
	char district_code[64];
	char district_name[128];
	char person_name[128];
	uint64_t unsent_photos; /* recorded, and not known to be whole at the server */
	uint64_t unsent_photo_bytes;
	uint32_t damaged_files; /* put aside beside the store, ever: see bh_client_open */
	uint32_t key_waits;     /* not 0: another key is on its way, see bh_client_rotate_key */
	/* Since this client was opened: */
	uint64_t bytes_up; /* to the network and from it, TLS included; as of the last wake-up */
	uint64_t bytes_down;
	uint64_t photo_bytes_up; /* of them, photos and cargo */
	uint64_t photo_bytes_down;
	uint64_t attempts;     /* to connect */
	uint64_t sessions;     /* proved to the server, of those */
	uint64_t wakeups;      /* of the drive: by the network, by time, or by a call */
	uint32_t heartbeat_ms; /* silence after which a live session is asked for life; else 0 */
	uint32_t open_cursors; /* not yet closed by the host */
	uint8_t public_key[BH_PUBLIC_KEY_SIZE]; /* of the key that holds; else zero */
	uint8_t clock_is_off, reserved0[2];     /* 1: by over five minutes, at the last contact */
	uint32_t sealed;                        /* BH_SEALED_* */
} bh_status_view;
#define BH_STATUS_VIEW_INIT                                                                        \
	{                                                                                          \
		(uint32_t)sizeof(bh_status_view), 0, 0, 0, 0u, 0u, 0, 0, 0, 0, 0, 0u, 0u, 0u, {0}, \
			{0}, {0}, 0u, 0u, 0u, 0u, 0u, 0u, 0u, 0u, 0u, 0u, 0u, 0u, 0u, {0}, 0u,     \
			{0}, 0u                                                                    \
	}

/* Computed from the store's rows at this moment; the counts are the process's own. */
BH_API bh_status bh_client_status(bh_client *client, bh_status_view *out, bh_error *err);

/* What the host knows.  Suspend before the system freezes the app; all are idempotent. Reachability
 * only shortens or lengthens the wait for the next attempt. */
BH_API void bh_client_set_reachable(bh_client *client, bool reachable);
BH_API void bh_client_set_suspended(bh_client *client, bool suspended);
/* A push service (a high-priority data message, a silent notification) says that there may be
 * something new: a session follows within 2 s, whatever the back-off, and goes on until everything
 * is told.  One in 30 s at most: what comes sooner is not lost, it takes effect when that time has
 * come; and never before the moment that a busy server asked for.  Call it as often as the service
 * calls. */
BH_API void bh_client_hint(bh_client *client);
/* Try now, whatever the back-off (a button). */
BH_API bh_status bh_client_sync_now(bh_client *client, bh_error *err);

/* BH_DRIVE_HOST only: does all possible work and returns BH_OK when the deadline (wall clock) was
 * reached, or BH_DONE earlier when nothing is left to do: everything is sent and told, and no
 * attempt is planned before the deadline.  A session of a client without sync_once stays open
 * between calls. BH_E_INVALID for the other drive. */
BH_API bh_status bh_client_run_until(bh_client *client, bh_time_ms deadline, bh_error *err);

/* ---- Events ------------------------------------------------------------------------------ */

#define BH_EVENT_STATUS 1  /* reread bh_client_status */
#define BH_EVENT_CASE 2    /* case_number: reread it */
#define BH_EVENT_CLOSURE 3 /* case_number, cycle: the answer to an own report arrived */
#define BH_EVENT_VERDICT 4 /* case_number (of the case it is about), sequence, verdict BH_OP_* */
#define BH_EVENT_REREAD 5  /* too much happened to say what: reread everything shown */
#define BH_EVENT_PHOTO 6   /* case_number: a photo of it arrived here or there; BH_PHOTO_* */

typedef struct bh_event {
	uint32_t struct_size;
	int32_t type; /* ignore types you do not know */
	uint64_t case_number;
	uint64_t sequence;
	uint32_t cycle;
	int32_t verdict;
} bh_event;
#define BH_EVENT_INIT                                        \
	{                                                    \
		(uint32_t)sizeof(bh_event), 0, 0u, 0u, 0u, 0 \
	}

/* Takes the next event.  BH_DONE: none now; wake will say when.  Events do not outlive the process:
 * read the lists once after opening. */
BH_API bh_status bh_client_next_event(bh_client *client, bh_event *out, bh_error *err);

/* ---- Recording --------------------------------------------------------------------------- */

#define BH_REPORT_TEXT_BYTES_MAX 4000

#define BH_PLACE_WGS84 1u /* GNSS; also CGCS2000 */
#define BH_PLACE_GCJ02 2u /* most Chinese map kits */
#define BH_PLACE_BD09 3u

#define BH_PHOTOS_MAX 8 /* of one report or act */
#define BH_PHOTO_BYTES_MAX (16 * 1024 * 1024)

/* What stays of a photo's metadata; how it is to be turned always does. */
#define BH_METADATA_TIME_AND_PLACE 0u /* not whose it is, or which device took it */
#define BH_METADATA_NONE 1u
#define BH_METADATA_ALL 2u /* byte for byte */

/* One JPEG: its bytes, or a file that holds them. */
typedef struct bh_photo_input {
	uint32_t struct_size; /* of an array's elements: all the same */
	uint32_t metadata;    /* BH_METADATA_* */
	const void *data;     /* NULL: path holds */
	size_t size;
	const char *path;      /* NULL: data and size hold */
	const void *thumbnail; /* a JPEG up to 320 pixels and 64 KiB; NULL: it is made */
	size_t thumbnail_size;
} bh_photo_input;
#define BH_PHOTO_INPUT_INIT                                                    \
	{                                                                      \
		(uint32_t)sizeof(bh_photo_input), 0u, NULL, 0u, NULL, NULL, 0u \
	}

typedef struct bh_report_input {
	uint32_t struct_size;
	uint32_t type;       /* code of the catalogue; 0: unknown, a person will decide */
	const char *text;    /* required, not empty, at most BH_REPORT_TEXT_BYTES_MAX bytes */
	uint32_t has_place;  /* not 0: the next four hold */
	uint32_t datum;      /* BH_PLACE_*; required with a place */
	double latitude_deg; /* in that datum */
	double longitude_deg;
	double accuracy_m;            /* 0: unknown */
	uint32_t urgency;             /* 1..4; 0: the type's own */
	uint32_t condition;           /* the type's filing condition, 1..; 0: not stated */
	bh_time_ms captured_at;       /* 0: now */
	const bh_photo_input *photos; /* the first is the main one */
	size_t photos_count;
} bh_report_input;
#define BH_REPORT_INPUT_INIT                                                                   \
	{                                                                                      \
		(uint32_t)sizeof(bh_report_input), 0u, NULL, 0u, 0u, 0.0, 0.0, 0.0, 0u, 0u, 0, \
			NULL, 0u                                                               \
	}

typedef struct bh_report_ref {
	uint32_t struct_size;
	uint32_t reserved0;
	uint64_t case_number; /* 0: provisional, in a new log before its next contact; see id */
	uint64_t sequence;    /* in this handset's log */
	bh_id id;
	char case_text[BH_NUMBER_TEXT_SIZE]; /* "17-42-K"; "" while provisional */
} bh_report_ref;
#define BH_REPORT_REF_INIT                                          \
	{                                                           \
		(uint32_t)sizeof(bh_report_ref), 0u, 0u, 0u, {{0}}, \
		{                                                   \
			0                                           \
		}                                                   \
	}

/* Records a report, offline or not.  On BH_OK it is durable and queued, for ever.  out may be NULL.
 * BH_E_AUTH before enrolment.  BH_E_NO_SPACE: nothing was recorded.  BH_E_STORAGE: nothing was
 * recorded, unless the message says that the outcome is unknown: then look at bh_case_cursor_open
 * before recording again.  Photos are durable with the report, and sent after it: BH_E_INVALID (no
 * JPEG), BH_E_LIMIT (too large, or too many), BH_E_NOT_FOUND (no such file) record nothing. */
BH_API bh_status bh_report_record(
	bh_client *client, const bh_report_input *input, bh_report_ref *out, bh_error *err);

#define BH_ACT_SIGN 10   /* a unit's handler takes the case (签收) */
#define BH_ACT_FINISH 18 /* its result (完成): with a text, but where a lead signs it off */

typedef struct bh_act_input {
	uint32_t struct_size;
	int32_t act; /* BH_ACT_* */
	uint64_t case_number;
	const char *text; /* result; NULL or at most BH_REPORT_TEXT_BYTES_MAX bytes */
	uint32_t reason;  /* catalogue reason, or what an answer says; 0: none */
	uint32_t task;    /* that is answered; 0: the first of its kind that is this handset's */
	bh_time_ms captured_at;       /* 0: now */
	const bh_photo_input *photos; /* evidence; as of a report */
	size_t photos_count;
	uint32_t present; /* BH_ACT_SESSION: BH_PRESENT_OF(...) */
} bh_act_input;
#define BH_ACT_INPUT_INIT                                                            \
	{                                                                            \
		(uint32_t)sizeof(bh_act_input), 0, 0u, NULL, 0u, 0u, 0, NULL, 0u, 0u \
	}

/* Records what a handler or worker did, offline or not; durable on BH_OK.  Its verdict comes later.
 * BH_E_NOT_FOUND: no such case here; BH_E_STATE: not in its state.  sequence may be NULL. */
BH_API bh_status bh_act_record(
	bh_client *client, const bh_act_input *input, uint64_t *sequence, bh_error *err);

/* The acts that bh_act_record would take for this case now, for greying out buttons: writes at most
 * max of them, and how many there are to *count. */
BH_API bh_status bh_acts_possible(bh_client *client, uint64_t case_number, int32_t *acts,
	size_t max, size_t *count, bh_error *err);

/* The reporter has opened this cycle's closure: recorded and told once; BH_DONE: it was before. */
BH_API bh_status bh_case_mark_seen(
	bh_client *client, uint64_t case_number, uint32_t cycle, bh_error *err);

/* ---- Authors of a shared handset ---------------------------------------------------------- */

/* A handset is one person's, and stays so: whose log, rights and answers they are.  Where
 * colleagues use it too (of the same role, unit and area: the server checks), each is an author
 * with a PIN.  Then every report and act says who recorded it, and whether that was only claimed.
 * Each process chooses anew; until then it is whose handset it is, claimed, or nobody shares it. */

#define BH_AUTHOR_NAME_BYTES_MAX 120
#define BH_DRAFT_BYTES_MAX (64 * 1024)

/* Adds an author by their number in the district (ask its administrator): first whose handset it
 * is; then, while that one is unlocked, colleagues, for whom they vouch.  So unlocked proves a PIN
 * that was set under their eyes, no more.  Another name or PIN (4 to 64 bytes) takes the old PIN;
 * with NULL a colleague is vouched for anew, and loses their drafts.  BH_E_AUTH: the old PIN is
 * wrong, or none vouches; BH_E_BUSY: five were wrong, try later; BH_E_LIMIT: 20, or 32 authors. */
BH_API bh_status bh_author_set(bh_client *client, uint32_t person, const char *name,
	const char *pin, const char *old_pin, bh_error *err);
/* Who records from now on: unlocked by the PIN, or claimed with NULL; person 0 is whose handset it
 * is.  As above; BH_E_NOT_FOUND: no such author.  On failure it is as before.  A PIN takes some
 * tens of milliseconds, in which other calls wait. */
BH_API bh_status bh_author_choose(
	bh_client *client, uint32_t person, const char *pin, bh_error *err);

typedef struct bh_author_view {
	uint32_t struct_size;
	uint32_t person;   /* their number in the district */
	uint32_t chosen;   /* 1: records now */
	uint32_t unlocked; /* 1: by a PIN, or nobody shares this handset */
	char name[BH_AUTHOR_NAME_BYTES_MAX + 1];
	char reserved0[7];
} bh_author_view;
#define BH_AUTHOR_VIEW_INIT                                        \
	{                                                          \
		(uint32_t)sizeof(bh_author_view), 0u, 0u, 0u, {0}, \
		{                                                  \
			0                                          \
		}                                                  \
	}

/* 0 is who records now, 1 and more the authors, by number.  BH_E_NOT_FOUND past the last. */
BH_API bh_status bh_author_get(
	bh_client *client, uint32_t index, bh_author_view *out, bh_error *err);

/* What the app has not recorded yet, under a number below 256: the present author's, and nobody
 * else's.  Size 0 lets it go.  BH_E_AUTH on a shared handset whose author is only claimed. */
BH_API bh_status bh_draft_put(
	bh_client *client, uint32_t slot, const void *data, size_t size, bh_error *err);
/* Copies at most size bytes and gives the whole length, as bh_photo_read.  BH_E_NOT_FOUND: none. */
BH_API bh_status bh_draft_get(
	bh_client *client, uint32_t slot, void *data, size_t size, size_t *length, bh_error *err);

/* ---- Cases ------------------------------------------------------------------------------- */

/* A case's state as the server last told it.  Frozen; tolerate unknown ones. */
#define BH_CASE_OUTBOX 0 /* only here so far */
#define BH_CASE_RECEIVED 1
#define BH_CASE_VERIFYING 2
#define BH_CASE_FILED 3
#define BH_CASE_DISPATCHED 4
#define BH_CASE_HANDLING 5
#define BH_CASE_RETURNING 6
#define BH_CASE_SUSPENDED 7
#define BH_CASE_TIER_MOVING 8
#define BH_CASE_DONE 9
#define BH_CASE_CHECKING 10
#define BH_CASE_REWORK 11
#define BH_CASE_CLOSED 12
#define BH_CASE_ARCHIVED 13
#define BH_CASE_FOLLOWED 14
#define BH_CASE_REJECTED 15
#define BH_CASE_VOID 16
#define BH_CASE_MERGED 17
#define BH_CASE_REFERRED 18

/* "dispatched", "已派单"; language as in bh_cause_sentence; never NULL. */
BH_API const char *bh_case_state_name(int32_t state, const char *language);

/* What became of something recorded here.  Frozen; tolerate unknown ones. */
#define BH_OP_WAITING 0 /* no verdict yet: unsent, or not known to have arrived */
#define BH_OP_ACCEPTED 1
#define BH_OP_STALE 2 /* kept, without effect: the case had moved on */
#define BH_OP_REJECTED 3
#define BH_OP_QUARANTINED 4 /* kept for an administrator to release */
#define BH_OP_CARRIED 5     /* known before from another log; that verdict counts */

typedef struct bh_case_view {
	uint32_t struct_size;
	int32_t state;        /* BH_CASE_* */
	uint64_t case_number; /* 0: provisional */
	uint32_t own;         /* 1: recorded on this handset */
	uint32_t known; /* 1: the server has told about it; else only what was recorded here */
	uint32_t cycle; /* 1 at first, + 1 by each reopening; 0 while not known */
	uint32_t type;
	uint32_t condition;
	uint32_t urgency;
	int32_t report_verdict; /* BH_OP_* of an own report; BH_OP_ACCEPTED for others' */
	uint32_t correctable;   /* a rejected own report: 1: recording it anew, corrected, helps */
	const char *verdict_text; /* why, for the worker; "" */
	const char *text;
	const char *unit_name;      /* who has it; "" */
	const char *unit_note;      /* the dispatcher's instruction to the unit; "" */
	bh_time_ms captured_at;     /* of an own report; else 0 */
	bh_time_ms received_at;     /* at the server; 0 until then */
	bh_time_ms dispatch_due_at; /* 0: no such clock runs */
	bh_time_ms sign_due_at;
	bh_time_ms disposal_due_at;
	uint32_t unsent;    /* own ops about this case without a verdict, its report included */
	uint32_t automatic; /* 1: dispatched by the clock */
	uint32_t has_place;
	uint32_t datum; /* BH_PLACE_* of the next two */
	double latitude_deg;
	double longitude_deg;
	uint32_t grid;
	uint32_t closures_count;  /* read them with bh_case_closure */
	uint32_t unseen_closures; /* of an own report */
	uint32_t reserved0;
	uint64_t position;     /* the case's version as told; 0 while not known */
	bh_id id;              /* of an own report; else zeros */
	uint32_t photos_count; /* thumbnails included; read them with bh_case_photo */
	uint32_t author;       /* of an own report: who recorded it; else 0 */
	uint32_t claimed;      /* 1: the author was not unlocked */
	uint32_t tasks_count;  /* that are open; read them with bh_case_task */
} bh_case_view;
#define BH_CASE_VIEW_INIT                                                                         \
	{                                                                                         \
		(uint32_t)sizeof(bh_case_view), 0, 0u, 0u, 0u, 0u, 0u, 0u, 0u, 0, 0u, NULL, NULL, \
			NULL, NULL, 0, 0, 0, 0, 0, 0u, 0u, 0u, 0u, 0.0, 0.0, 0u, 0u, 0u, 0u, 0u,  \
			{{0}}, 0u, 0u, 0u, 0u                                                     \
	}

typedef struct bh_case_cursor bh_case_cursor;
/* All cases here, newest first: own reports and what the handset's posts bring.  Which cases and in
 * which order is settled at open; what is said of each is as of its _next. */
BH_API bh_status bh_case_cursor_open(bh_client *client, bh_case_cursor **out, bh_error *err);
/* One case: gives its view, and a cursor that owns the view's strings.  BH_E_NOT_FOUND. */
BH_API bh_status bh_case_get(bh_client *client, uint64_t case_number, bh_case_cursor **out,
	bh_case_view *view, bh_error *err);
/* BH_DONE after the last. */
BH_API bh_status bh_case_cursor_next(bh_case_cursor *cursor, bh_case_view *view, bh_error *err);
BH_API void bh_case_cursor_close(bh_case_cursor *cursor);

typedef struct bh_closure_view {
	uint32_t struct_size;
	uint32_t cycle;
	int32_t kind;       /* the state that ended the cycle: BH_CASE_CLOSED, _REJECTED ... */
	uint32_t automatic; /* 1: closed by the clock */
	bh_time_ms closed_at;
	const char *result;    /* the feedback to the reporter */
	const char *unit_name; /* who did it */
	uint32_t delivered;    /* 1: its receipt is recorded here */
	uint32_t seen;
} bh_closure_view;
#define BH_CLOSURE_VIEW_INIT                                                        \
	{                                                                           \
		(uint32_t)sizeof(bh_closure_view), 0u, 0, 0u, 0, NULL, NULL, 0u, 0u \
	}

/* A closure of the case the cursor stands on, 0 .. closures_count - 1, oldest cycle first; strings
 * live as the view's.  BH_E_NOT_FOUND past the last. */
BH_API bh_status bh_case_closure(
	bh_case_cursor *cursor, uint32_t index, bh_closure_view *out, bh_error *err);

/* ---- Photos ------------------------------------------------------------------------------ */

/* Where a photo is.  Frozen; tolerate unknown ones.  Recorded here: */
#define BH_PHOTO_WAITING 0  /* for its report, or for its turn */
#define BH_PHOTO_SENDING 1  /* bytes_done of size are at the server */
#define BH_PHOTO_COMPLETE 2 /* whole and durable at the server */
#define BH_PHOTO_REFUSED 3  /* the server takes it for no photo; it is kept here */
#define BH_PHOTO_UNKNOWN 4  /* the server knows no report that it belongs to; kept here */
#define BH_PHOTO_KEPT 5     /* its report or act was not accepted; kept here */
#define BH_PHOTO_LOST 6     /* its file is gone or damaged */
/* By others: */
#define BH_PHOTO_AWAY 7 /* not yet at the server */
#define BH_PHOTO_FETCHABLE 8
#define BH_PHOTO_FETCHING 9 /* asked for; bytes_done of size are here */
#define BH_PHOTO_HERE 10
#define BH_PHOTO_GONE 11 /* the server does not have it, or not for this handset */

#define BH_PHOTO_HASH_SIZE 65 /* SHA-256 in hexadecimal and NUL: what a photo is called */

typedef struct bh_photo_view {
	uint32_t struct_size;
	int32_t state; /* BH_PHOTO_* */
	char hash[BH_PHOTO_HASH_SIZE];
	uint8_t own;       /* 1: recorded on this handset */
	uint8_t thumbnail; /* 1: a small picture of the photo before it */
	uint8_t here;      /* 1: bh_photo_read gives it */
	uint32_t size;     /* bytes */
	int32_t verb;      /* what brought it: 1 is a report; BH_ACT_* */
	uint32_t cycle;    /* of the case, then */
	uint32_t bytes_done;
} bh_photo_view;
#define BH_PHOTO_VIEW_INIT                                                      \
	{                                                                       \
		(uint32_t)sizeof(bh_photo_view), 0, {0}, 0, 0, 0, 0u, 0, 0u, 0u \
	}

/* A photo of the case the cursor stands on, 0 .. photos_count - 1: own ones first, oldest first.
 * BH_E_NOT_FOUND past the last.  Thumbnails of open cases and own reports come by themselves. */
BH_API bh_status bh_case_photo(
	bh_case_cursor *cursor, uint32_t index, bh_photo_view *out, bh_error *err);
/* Copies a photo that is here, at most size bytes, and gives its whole length: BH_E_LIMIT, with the
 * length, when that is more.  BH_E_NOT_FOUND: not here, or damaged.  size 0: data may be NULL. */
BH_API bh_status bh_photo_read(bh_client *client, const char *hash, void *data, size_t size,
	size_t *length, bh_error *err);
/* Asks for another's photo, durably; BH_EVENT_PHOTO says when it is here.  BH_DONE: it is.
 * BH_E_NOT_FOUND: no case here tells of it, or the server does not have it yet. */
BH_API bh_status bh_photo_fetch(bh_client *client, const char *hash, bh_error *err);
/* Lets go of the photos from before an instant (BH_PHOTO_COMPLETE ones recorded, and fetched ones
 * whose case was received before it) and gives how many bytes that freed; thumbnails stay.
 * Nothing else ever frees one. */
BH_API bh_status bh_photo_free(
	bh_client *client, bh_time_ms before, uint64_t *bytes, bh_error *err);

/* ---- Carried by hand --------------------------------------------------------------------- */

#define BH_BUNDLE_EXPORTED 1
#define BH_BUNDLE_ANSWERED 2 /* the district's answer to a bundle of this handset */
#define BH_BUNDLE_CARGO 3    /* another's: this handset carries it */
#define BH_CARGO_WAITING 1   /* until it is with the district, and the answer here */
#define BH_CARGO_ANSWERED 2  /* the answer is here */
#define BH_CARGO_REFUSED 3   /* by the district; see reason */
#define BH_CARGO_REASON_SIZE 28

typedef struct bh_bundle_view {
	uint32_t struct_size;
	int32_t kind;    /* BH_BUNDLE_*; tolerate unknown ones */
	uint64_t ops;    /* in the file; answered: of this handset, acknowledged by it just now */
	uint64_t photos; /* likewise, thumbnails included: whole at the server */
	uint64_t photo_bytes;
	uint64_t photos_left; /* that did not fit, or are no longer here */
	uint64_t file_bytes;
	bh_time_ms since;                  /* cargo: when it was taken in here */
	char reason[BH_CARGO_REASON_SIZE]; /* refused: why; waiting: "another-key", or "" */
	int32_t cargo;                     /* BH_CARGO_* */
} bh_bundle_view;
#define BH_BUNDLE_VIEW_INIT                                                        \
	{                                                                          \
		(uint32_t)sizeof(bh_bundle_view), 0, 0u, 0u, 0u, 0u, 0u, 0, {0}, 0 \
	}

/* Writes everything that is not acknowledged, and its photos, into a file that anyone may carry to
 * the district: only that can read it, and it says outside neither who, what nor how much beyond
 * its size.  By whatever way, once or many times, its content counts once; nothing is let go here
 * before the answer is known.  The file has its name when all of it is durable; up to 3 GiB.
 * BH_DONE: there is nothing to carry, and no file was written.  BH_E_EXISTS: path names a file.
 * BH_E_STATE: the district has not told this handset yet what to seal it for: it needs one session
 * before.  options.sign is called once, on this thread; BH_E_AUTH when it does not sign. */
BH_API bh_status bh_bundle_export(
	bh_client *client, const char *path, bh_bundle_view *out, bh_error *err);
/* Takes a file that came back: the answer to a bundle, which acknowledges as a session would; or
 * cargo, any other sealed file: a copy is kept, and carried to the district by its sessions, behind
 * photos, for 30 days at most ("another-key": not sealed for the key known here, perhaps another's
 * answer).  A repeat changes nothing.  BH_E_NOT_FOUND: there is no such file; BH_E_INVALID: it is
 * none; BH_E_CORRUPT: it was changed or cut short, nothing was taken; BH_E_STATE: of a log before
 * the present one, which has its matter; BH_E_LIMIT: over eight pieces or 3 GiB; BH_E_BUSY. */
BH_API bh_status bh_bundle_import(
	bh_client *client, const char *path, bh_bundle_view *out, bh_error *err);
/* The first piece of cargo from *place on (begin with 0), which moves behind it; BH_DONE: none.
 * answer_path (may be NULL): an ANSWERED piece's answer, which its owner imports, is written there,
 * as an export is, and the piece let go. */
BH_API bh_status bh_bundle_cargo(bh_client *client, uint32_t *place, const char *answer_path,
	bh_bundle_view *out, bh_error *err);

/* ---- What was recorded here -------------------------------------------------------------- */

typedef struct bh_op_view {
	uint32_t struct_size;
	int32_t verdict; /* BH_OP_* */
	uint64_t sequence;
	uint64_t case_number; /* the case it is about; 0: provisional */
	int32_t verb;         /* 1 is a report; BH_ACT_* */
	uint32_t correctable;
	uint32_t met_state; /* stale: the BH_CASE_* it met */
	uint32_t reason;    /* the server's reason code; 0: none */
	bh_time_ms captured_at;
	bh_time_ms recorded_at;
	bh_time_ms acknowledged_at; /* the server's time of receipt; 0 until then */
	const char *verdict_text;   /* why, for the worker; "" */
	const char *verb_name;      /* "submit", "sign" ... */
	bh_id id;
	uint32_t author;  /* who recorded it */
	uint32_t claimed; /* 1: the author was not unlocked */
} bh_op_view;
#define BH_OP_VIEW_INIT                                                                      \
	{                                                                                    \
		(uint32_t)sizeof(bh_op_view), 0, 0u, 0u, 0, 0u, 0u, 0u, 0, 0, 0, NULL, NULL, \
			{{0}}, 0u, 0u                                                        \
	}

#define BH_OPS_ALL 0u
#define BH_OPS_WAITING 1u
#define BH_OPS_REFUSED 2u /* stale, rejected, quarantined */

typedef struct bh_op_cursor bh_op_cursor;
/* The present log's ops, newest first, by BH_OPS_*. */
BH_API bh_status bh_op_cursor_open(
	bh_client *client, uint32_t which, bh_op_cursor **out, bh_error *err);
BH_API bh_status bh_op_cursor_next(bh_op_cursor *cursor, bh_op_view *view, bh_error *err);
BH_API void bh_op_cursor_close(bh_op_cursor *cursor);

/* ---- The catalogue ----------------------------------------------------------------------- */

typedef struct bh_type_view {
	uint32_t struct_size;
	uint32_t code;
	const char *name;
	uint32_t event_class;
	uint32_t urgency;          /* 1..4, when the report states none */
	uint32_t conditions_count; /* read them with bh_type_condition */
	uint32_t photos_min;       /* its result shows so many; a report had better show one, too */
	uint32_t dispute;          /* 1: a quarrel between people */
	uint32_t privacy;          /* 0: none; 1 and above: names of people stay out of its text */
} bh_type_view;
#define BH_TYPE_VIEW_INIT                                                        \
	{                                                                        \
		(uint32_t)sizeof(bh_type_view), 0u, NULL, 0u, 0u, 0u, 0u, 0u, 0u \
	}

typedef struct bh_type_cursor bh_type_cursor;
/* The district's types as last told, in its order; empty before enrolment. */
BH_API bh_status bh_type_cursor_open(bh_client *client, bh_type_cursor **out, bh_error *err);
BH_API bh_status bh_type_cursor_next(bh_type_cursor *cursor, bh_type_view *view, bh_error *err);
/* The label of a condition, 0 .. conditions_count - 1, of the type the cursor stands on, and the
 * number to record it by.  *label lives until the cursor closes. */
BH_API bh_status bh_type_condition(bh_type_cursor *cursor, uint32_t index, uint32_t *condition,
	const char **label, bh_error *err);
BH_API void bh_type_cursor_close(bh_type_cursor *cursor);

#ifdef __cplusplus
}
#endif
#include "bihuan_task.h"
#endif
