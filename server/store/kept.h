/* What must never roll back, in a small file that no backup holds and no restore replaces: it lies
 * beside the district's folder, not in it.
 *
 *   bihuan-kept 1 DISTRICT
 *   LINE FIRST epoch N CHECK
 *   LINE FIRST device ID PERSON LOG LOG_ID KEY CODE_HASH PERSON_CODE CHECK   enrolled, by this code
 *   LINE FIRST log LOG DEVICE LOG_ID FROM CHECK   began a further log; of device 0: the desks'
 *   LINE FIRST revoked DEVICE CHECK
 *   LINE FIRST suspended DEVICE CHECK
 *   LINE FIRST rotated DEVICE OLD NEW CHECK        took another key
 *   LINE FIRST floor DEVICE LOG CHECK              numbers up to these are taken
 *   LINE FIRST pins CA BACKUP CHECK                handsets were told to go by these keys
 *   LINE FIRST erased CASE TIMES CHECK             what it held of people was destroyed
 *   LINE FIRST held CASE TIMES CHECK               a hold began or ended: odd, it stands
 *   LINE FIRST purged TIME CHECK                   words about no case up to then are no more
 *
 * LINE counts from 2, FIRST is the line at which its append began, CHECK the first 8 bytes of
 * SHA-256("bh-kept-1" ‖ block(district) ‖ the text before it).  A word that is not known is "-".
 * Appended and synced after the commit and before anything of it is answered, over zeroes that were
 * laid before the commit: a full disk refuses, and breaks nothing. */
#ifndef BH_STORE_KEPT_H
#define BH_STORE_KEPT_H

#include <sqlite3.h>

#include "proto/arena.h"
#include "proto/hash.h"
#include "server/store/store.h"

/* Nothing is noted beyond; what was committed all the same is still kept and read.  In the last
 * BH_KEPT_LAST_PART of it only who is revoked and suspended is, so that no handsets' logs keep an
 * administrator from shutting one out. */
#define BH_KEPT_BYTES_MAX (64u << 20)
#define BH_KEPT_LAST_PART 16u

enum bh_kept_kind {
	BH_KEPT_EPOCH,
	BH_KEPT_DEVICE,
	BH_KEPT_LOG,
	BH_KEPT_REVOKED,
	BH_KEPT_SUSPENDED,
	BH_KEPT_FLOOR,
	BH_KEPT_ROTATED,
	BH_KEPT_PINS,
	BH_KEPT_ERASED,
	BH_KEPT_HELD,
	BH_KEPT_PURGED,
	BH_KEPT_KINDS,
};

struct bh_kept_line {
	enum bh_kept_kind kind;
	uint64_t epoch;
	uint32_t device;
	uint32_t person;
	uint32_t log_short;
	uint8_t log_id[BH_LOG_ID_BYTES];
	uint8_t key[BH_PUBLIC_KEY_BYTES];      /* ROTATED: the new one */
	uint8_t replaces[BH_PUBLIC_KEY_BYTES]; /* ROTATED: the one before */
	bool has_code;
	uint8_t code_hash[BH_HASH_BYTES];
	bool has_from;
	uint8_t from[BH_LOG_ID_BYTES];
	struct bh_store_pins pins;
	uint64_t case_number;
	uint32_t times;
	int64_t before_ms; /* PURGED */
	uint8_t person_code[BH_NAME_BYTES_MAX];
	size_t person_code_len;
};

/* kept_line.c: the words of a line, from its kind on. */
int bh_kept_format(const struct bh_kept_line *line, struct bh_buf *out);
/* BH_ERR_MALFORMED. */
int bh_kept_parse(struct bh_span words, struct bh_kept_line *out);

struct bh_kept {
	sqlite3_vfs *vfs; /* NULL: the district keeps none */
	bool on_system;   /* files are the system's own */
	char path[512];
	char code[BH_DISTRICT_CODE_BYTES_MAX + 1];
	struct bh_hasher *hasher; /* borrowed */
	uint64_t bytes_max;       /* BH_KEPT_BYTES_MAX; tests have less */
	uint64_t bytes;           /* of lines that hold */
	uint64_t last;            /* where the last append of those that were read begins */
	uint64_t room;            /* bytes and the zeroes behind; less than bytes: unknown */
	uint32_t lines;           /* of them, the first included */
	struct bh_buf noted;      /* of the open transaction: words of lines, each with a newline */
	struct bh_arena arena;
	bool applying; /* what is appended to the journal comes from the file */
	uint64_t epoch;
	uint32_t device_last; /* numbers up to these were given out */
	uint32_t log_last;
};

/* What is wrong with a file. */
struct bh_kept_fault {
	uint32_t line;
	const char *what;
};

/* No I/O.  path NULL: it keeps none.  BH_ERR_INVALID (no such VFS), BH_ERR_LIMIT. */
int bh_kept_open(struct bh_kept *kept, const char *path, const char *vfs, const char *code,
	struct bh_hasher *hasher);
void bh_kept_close(struct bh_kept *kept); /* zero-filled is fine */
/* Each line in order; a torn end, which nobody was answered about, is passed over and will be
 * written over.  BH_ERR_NOT_FOUND: no file.  BH_ERR_CORRUPT: *fault says where; no line was given.
 * Else what each gave. */
int bh_kept_read(struct bh_kept *kept, int (*each)(void *context, const struct bh_kept_line *line),
	void *context, struct bh_kept_fault *fault);
/* Between bh_kept_read and the next flush, once the journal has what was read: writes the file
 * again.  The sync of who made the last append may have failed, and such bytes are read back all
 * the same until the power goes; what is appended behind them would then make a hole of them. */
int bh_kept_settle(struct bh_kept *kept);
/* To be appended with the next flush. */
int bh_kept_note(struct bh_kept *kept, const struct bh_kept_line *line);
void bh_kept_forget(struct bh_kept *kept); /* a rollback */
/* Before the commit: room for what was noted.  BH_ERR_FULL, BH_ERR_IO; BH_ERR_LIMIT: the file is as
 * large as it may be. */
int bh_kept_reserve(struct bh_kept *kept);
/* Durable when it returns 0; else nothing of it counts, and it may be called again. */
int bh_kept_flush(struct bh_kept *kept);

#endif
