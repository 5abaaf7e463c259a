/* What the files of the handset's store share: the connection, its statements, its transactions. */
#ifndef BH_CLIENT_STORE_H
#define BH_CLIENT_STORE_H

#include <sqlite3.h>

#include "client-lib/local_cargo.h"
#include "proto/err.h"
#include "proto/hash.h"
#include "proto/seal.h"

#define BH_STORE_APPLICATION_ID 0x42484831 /* "BHH1" */
#define BH_STORE_SCHEMA 3
#define BH_STORE_WAL_PAGES_IDLE 256 /* worth a checkpoint in an idle moment */
#define BH_STORE_WAL_PAGES_MAX 2000 /* checkpointed after the commit that passed it */
#define BH_STORE_CACHE_PAGES 500

enum bh_sql {
	BH_SQL_BEGIN,
	BH_SQL_COMMIT,
	BH_SQL_ROLLBACK,
	BH_SQL_DEVICE,
	BH_SQL_KEY,
	BH_SQL_KEY_SET,
	BH_SQL_NEXT,
	BH_SQL_NEXT_SET,
	BH_SQL_NEXT_DROP,
	BH_SQL_ASK,
	BH_SQL_ENROLLED,
	BH_SQL_CODE_REFUSED,
	BH_SQL_REVOKED,
	BH_SQL_CONTACT,
	BH_SQL_EPOCH,
	BH_SQL_HEAD_HASH,
	BH_SQL_SWEEPING,
	BH_SQL_PROFILE_SET,
	BH_SQL_PROFILE,
	BH_SQL_NAMES,
	BH_SQL_PINS,
	BH_SQL_BOOT,
	BH_SQL_LOG,
	BH_SQL_LOG_NAME,
	BH_SQL_LOG_START,
	BH_SQL_LOG_RETIRE,
	BH_SQL_LOG_ADD,
	BH_SQL_LOG_ACKED,
	BH_SQL_HEAD,
	BH_SQL_LINK,
	BH_SQL_OP_ADD,
	BH_SQL_OP,
	BH_SQL_OP_BELOW,
	BH_SQL_OP_TOLD,
	BH_SQL_OP_NUMBERED,
	BH_SQL_OP_RANGE,
	BH_SQL_OP_VERDICT,
	BH_SQL_OP_CARRIED,
	BH_SQL_OP_WAITING_ON,
	BH_SQL_OP_WAITING_VERBS,
	BH_SQL_OP_SINCE,
	BH_SQL_OP_REPORTS,
	BH_SQL_UNSENT,
	BH_SQL_REFUSED,
	BH_SQL_UNSEEN,
	BH_SQL_ACK_ADD,
	BH_SQL_ACK_OF,
	BH_SQL_ACK_BEFORE,
	BH_SQL_ACK_RANGE,
	BH_SQL_OP_ANSWERS,
	BH_SQL_RECORD,
	BH_SQL_RECORD_SET,
	BH_SQL_RECORD_DROP,
	BH_SQL_RECORDS,
	BH_SQL_SCOPE_CLEAR,
	BH_SQL_SCOPE_ADD,
	BH_SQL_SCOPE_LEAVE,
	BH_SQL_SCOPE_ANY,
	BH_SQL_SCOPE_CLOSE,
	BH_SQL_SCOPE_MARK,
	BH_SQL_SCOPE_SWEEP,
	BH_SQL_RECORD_SWEEP,
	BH_SQL_CURSORS,
	BH_SQL_CURSOR_SET,
	BH_SQL_CURSOR_CLOSE,
	BH_SQL_CURSOR_CLEAR,
	BH_SQL_RECEIPT,
	BH_SQL_RECEIPT_ADD,
	BH_SQL_RECEIPT_SEEN,
	BH_SQL_RECEIPT_DROP,
	BH_SQL_BLOB_BEGIN,
	BH_SQL_BLOB_WHOLE,
	BH_SQL_BLOB,
	BH_SQL_BLOB_NEXT,
	BH_SQL_BLOB_STATE,
	BH_SQL_BLOB_CASE,
	BH_SQL_BLOB_UNSENT,
	BH_SQL_BLOB_ACCEPTED,
	BH_SQL_BLOB_KEPT,
	BH_SQL_BLOB_AGAIN,
	BH_SQL_BLOB_WANTED,
	BH_SQL_BLOB_HALF,
	BH_SQL_BLOB_UNDO,
	BH_SQL_BLOB_OLD,
	BH_SQL_BLOB_FREE,
	BH_SQL_BLOB_FREED,
	BH_SQL_BLOB_CARRY,
	BH_SQL_BLOB_ANSWERED,
	BH_SQL_PHOTO_ADD,
	BH_SQL_PHOTOS,
	BH_SQL_FETCH_TELL,
	BH_SQL_FETCH,
	BH_SQL_FETCH_NEXT,
	BH_SQL_FETCH_WANT,
	BH_SQL_FETCH_FATE,
	BH_SQL_FETCH_LEAVE,
	BH_SQL_FETCH_LEFT,
	BH_SQL_FETCH_DROP,
	BH_SQL_FETCH_OLD,
	BH_SQL_BLOB_FILES,
	BH_SQL_FETCH_FILES,
	BH_SQL_SEAL,
	BH_SQL_SEAL_SET,
	BH_SQL_AUTHOR_ANY,
	BH_SQL_AUTHOR,
	BH_SQL_AUTHOR_SET,
	BH_SQL_AUTHOR_TRIED,
	BH_SQL_AUTHORS,
	BH_SQL_DRAFT,
	BH_SQL_DRAFT_SET,
	BH_SQL_DRAFT_DROP,
	BH_SQL_DRAFTS_DROP,
	BH_SQL_COUNT,
};

struct bh_local {
	sqlite3 *db; /* NULL: broken, opened anew by the next call */
	sqlite3_stmt *statements[BH_SQL_COUNT];
	char *path;
	char *file; /* the path as SQLite made it absolute */
	char *vfs;
	bool has_folder; /* for photos, durably */
	struct bh_rng rng;
	uint64_t boot_name;
	struct bh_hasher *hasher;
	struct bh_key *key;
	struct bh_sealer *sealer; /* NULL: nothing is sealed */
	bool all_sealed;          /* what is not is damaged */
	bool is_clean;            /* ... and nothing lies free in the file that was open */
	bool seal_waits;          /* for room: what is not sealed yet stays so */
	uint32_t author;          /* who records; 0: whose handset it is */
	bool is_shared;           /* there are authors */
	bool author_unlocked;     /* by the author's own PIN */
	unsigned pin_cost;
	bool has_next; /* another key waits to take over: next_public's */
	struct bh_key *next_key;
	uint8_t next_public[BH_PUBLIC_KEY_BYTES];
	bool keys_doubted; /* a commit that changed them is not known to hold: read them again */
	int wal_pages;
	int last_code;
	bool damaged;    /* seen just now */
	uint32_t opened; /* how often */
	struct bh_cargo cargo[BH_CARGO_MAX];
	uint32_t aside; /* files that were put aside, ever */
};

/* The key of an op: its log's row and its sequence in one integer. */
static inline int64_t bh_op_key(int64_t log, uint64_t seq)
{
	return (int64_t)((uint64_t)log << 32 | seq);
}

#define BH_SEQ_MAX UINT32_MAX

/* ---- store_boot.c ---- */
/* What the machine's present boot is called; name 0: nobody knows. */
int bh_store_boot_name(struct bh_local *local, uint64_t name);
/* Inside the transaction that records: the count an op carries, raised by the first of a boot. */
int bh_store_boot_count(struct bh_local *local, const struct bh_device *device, uint32_t *boot);

/* ---- store.c ---- */
/* Opens anew what a failure closed. */
int bh_store_ready(struct bh_local *local);
int bh_store_begin(struct bh_local *local);
/* Commits when rc is 0, else rolls back and gives rc.  A commit that fails closes the connection:
 * BH_ERR_UNKNOWN. */
int bh_store_end(struct bh_local *local, int rc);
/* The file holds what cannot be: the next call puts it aside.  Gives BH_ERR_CORRUPT. */
int bh_store_damaged(struct bh_local *local);
/* Notes SQLite's code and gives ours. */
int bh_store_fault(struct bh_local *local, int code);

/* ---- store_session.c: inside a transaction ---- */
/* A new present log, whose origin is old (NULL: none); *out (may be NULL) is read back. */
int bh_store_log_begin(struct bh_local *local, const struct bh_log *old, struct bh_log *out);
/* A new log with what of old is not acknowledged and still there. */
int bh_store_fork(struct bh_local *local, const struct bh_log *old);

/* ---- store_schema.c ---- */
/* All tables, in one transaction with what can be carried out of file n that lies aside (0: none).
 */
int bh_store_schema(struct bh_local *local, uint32_t n);
/* From an older schema, in one transaction; what is in the file stays as it is. */
int bh_store_upgrade(struct bh_local *local, long from);

/* ---- store_sql.c ---- */
/* Prepared on first use, reset and without bindings; NULL: see last_code. */
sqlite3_stmt *bh_store_sql(struct bh_local *local, enum bh_sql which);
void bh_store_finalize(struct bh_local *local);
/* Steps once: 0 when there is a row (reset after reading it), BH_ERR_NOT_FOUND when not (reset
 * already). */
int bh_store_row(struct bh_local *local, sqlite3_stmt *statement);
/* Steps to the end and resets: 0 or why not. */
int bh_store_run(struct bh_local *local, sqlite3_stmt *statement);

/* Bindings borrow: the value must outlive the step.  A NULL statement is skipped, and the step says
 * so. */
void bh_bind_int(sqlite3_stmt *statement, int at, int64_t value);
void bh_bind_blob(sqlite3_stmt *statement, int at, struct bh_span value);
void bh_bind_text(sqlite3_stmt *statement, int at, struct bh_span value);
/* Borrowed until the next step or reset. */
struct bh_span bh_column_borrow(sqlite3_stmt *statement, int at);
/* Exactly len bytes into out: 0 or BH_ERR_CORRUPT. */
int bh_column_bytes(sqlite3_stmt *statement, int at, uint8_t *out, size_t len);
void bh_column_string(sqlite3_stmt *statement, int at, char *out, size_t size);

/* ---- store_seal.c ---- */
/* The columns that a store with a key keeps sealed.  The numbers are bound into what is sealed, and
 * are for ever. */
enum bh_sealed {
	BH_SEALED_PRIVATE_KEY = 1,
	BH_SEALED_CODE = 2,
	BH_SEALED_DISTRICT_NAME = 3,
	BH_SEALED_PERSON_NAME = 4,
	BH_SEALED_PROFILE = 5,
	BH_SEALED_CONTENT = 6,
	BH_SEALED_SALT = 7,
	BH_SEALED_SENTENCE = 8,
	BH_SEALED_RECORD = 9,
	BH_SEALED_AUTHOR = 10,
	BH_SEALED_PIN = 11,
	BH_SEALED_DRAFT = 12,
	BH_SEALED_NEXT_KEY = 13,
	BH_SEALED_END,
};

/* What a sealed value is bound to. */
struct bh_where {
	enum bh_sealed column;
	int64_t row; /* its integer key; 1 where a table has but one */
};

static inline struct bh_where bh_where(enum bh_sealed column, int64_t row)
{
	return (struct bh_where){column, row};
}

/* Binds a value, sealed where the store has a key, else borrowed as by bh_bind_blob (columns that
 * are names or sentences: bh_bind_text).  0, BH_ERR_NOMEM, BH_ERR_CRYPTO. */
int bh_bind_sealed(struct bh_local *local, sqlite3_stmt *statement, int at, struct bh_where where,
	struct bh_span value);
/* A copy in the arena, opened.  0, BH_ERR_NOMEM; BH_ERR_CORRUPT: damaged, see bh_store_damaged. */
int bh_column_open(struct bh_local *local, sqlite3_stmt *statement, int at, struct bh_where where,
	struct bh_arena *arena, struct bh_span *out);
/* At most size bytes into out; *len is how many.  Also BH_ERR_CORRUPT for more. */
int bh_column_open_into(struct bh_local *local, sqlite3_stmt *statement, int at,
	struct bh_where where, uint8_t *out, size_t size, size_t *len);
/* Inside the transaction that makes the tables: begins sealed, where there is a key. */
int bh_seal_begin(struct bh_local *local);
/* At every opening: BH_ERR_SEALED for a missing or wrong key.  Seals what is not, in steps that a
 * power cut may part; on a full disk the rest waits for the next opening. */
int bh_seal_meet(struct bh_local *local);
/* Inside a salvage: BH_ERR_SEALED as above.  What cannot be opened is dropped. */
int bh_seal_salvaged(struct bh_local *local);

/* ---- store_cargo.c ---- */
/* At every opening: what is carried. */
int bh_store_cargo_load(struct bh_local *local);

/* ---- store_author.c ---- */
/* At every opening: whether there are authors. */
int bh_store_shared_load(struct bh_local *local);
/* Who the author of an op is, and whether that is only claimed. */
void bh_store_author(const struct bh_local *local, const struct bh_device *device,
	struct bh_msg_op_header *header);

/* ---- store_log.c: inside the caller's transaction ---- */
int bh_store_log(struct bh_local *local, struct bh_log *out);
/* Its row alone, as if it held no op; BH_ERR_NOT_FOUND, BH_ERR_CORRUPT. */
int bh_store_log_row(struct bh_local *local, struct bh_log *out);
int bh_store_append(struct bh_local *local, const struct bh_msg_op_header *header,
	struct bh_span content, struct bh_now now, struct bh_op_ref *out);
/* The report op that is this case here; BH_ERR_NOT_FOUND: not recorded here. */
int bh_store_own_op(struct bh_local *local, uint64_t number, int64_t *op);

/* Completes an op as ours (author, clocks) and appends it; content may be NULL.  BH_ERR_AUTH. */
int bh_store_record(struct bh_local *local, const struct bh_msg_op_header *header,
	const struct bh_msg_op_content *content, struct bh_now now, struct bh_op_ref *out);

/* After a commit of unknown outcome: 0 when the op is there after all, BH_ERR_UNKNOWN when that
 * cannot be found out, else why not. */
int bh_store_resolve(struct bh_local *local, const struct bh_op_ref *ref);

/* ---- store_session.c ---- */
/* Once everything was told anew: lets go what was not.  Else nothing. */
int bh_store_sweep(struct bh_local *local, struct bh_changes *changes);

/* ---- store_blob.c: inside the caller's transaction ---- */
/* The op at key names the header's blobs. */
int bh_store_blobs_named(
	struct bh_local *local, int64_t key, const struct bh_msg_op_header *header);
/* The case that the first op to name it is about; 0: it has no number yet. */
int bh_store_blob_case(struct bh_local *local, const uint8_t hash[BH_HASH_BYTES], uint64_t *number);
/* What the verdicts on the log's ops first to last say of their photos. */
int bh_store_blobs_judged(struct bh_local *local, int64_t log, uint64_t first, uint64_t last);
/* The server's history is another one: what it held may be gone, and is offered again. */
int bh_store_blobs_again(struct bh_local *local);

/* ---- store_photo.c ---- */
/* Takes away what a recording that died left half done; what fails is left for the next time. */
void bh_store_photos_sweep(struct bh_local *local);

/* ---- store_fetch.c ---- */
/* Inside the transaction that takes a record: what its photos are, and which are wanted. */
int bh_store_fetches_told(struct bh_local *local, const struct bh_msg_record *record, bool own);
/* ... and inside the one that lets it go. */
int bh_store_fetches_leave(struct bh_local *local, uint64_t number);
/* Takes the files of those that left away; what fails is left for the next time. */
void bh_store_fetches_sweep(struct bh_local *local);
/* Lets go of fetched photos, told of before an instant; adds to *bytes. */
int bh_store_fetches_free(struct bh_local *local, int64_t before_ms, uint64_t *bytes);

/* ---- store_device.c ---- */
int bh_store_device(struct bh_local *local, struct bh_device *out);
int bh_store_key_load(struct bh_local *local);
#define BH_KEY_DER_BYTES_MAX 1024u

/* ---- store_rotate.c ---- */
/* The key that waits to take over, as the rows say; to be called with the other. */
int bh_store_next_load(struct bh_local *local);
void bh_store_next_forget(struct bh_local *local);
int bh_store_profile(
	struct bh_local *local, const struct bh_msg_district *district, const struct bh_pins *pins);

#endif
