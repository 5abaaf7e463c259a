/* A district's one file: the journal, its projections, one writer and any number of readers; all
 * SQL and nothing but SQL, behind functions in domain words. */
#ifndef BH_STORE_STORE_H
#define BH_STORE_STORE_H

#include "proto/arena.h"
#include "proto/clock.h"
#include "server/domain/notice.h"
#include "server/domain/timeline.h"

#define BH_DISTRICT_CODE_BYTES_MAX 12u
#define BH_GROUP_COMMANDS_MAX 2000u /* in one transaction */
/* Likewise: what reached it takes nothing more.  One command's own, with what follows from it, stay
 * together, however many they are: two for each case that is merged, at most. */
#define BH_GROUP_ENTRIES_MAX 4000u
#define BH_WAKES_MAX 4096u /* past it a run says all instead */
#define BH_FEED_ROWS_MAX 200u
#define BH_LIST_ROWS_MAX 2000u /* looked at for one page of a list */
#define BH_ASIDES_MAX 200u     /* of one case's history */
#define BH_READ_MS_MAX 1000    /* a read transaction never lives longer (faults.md fact 3) */
#define BH_BALLAST_BYTES (8u << 20)
#define BH_UPLOAD_BYTES_MAX (UINT64_C(256) << 20)
#define BH_DEVICE_LOGS_MAX 10000u /* a device begins in its life: each is kept for ever */
#define BH_DEVICE_LOGS_A_DAY 100u /* and in a day; as many at once where it began none for one */
#define BH_DEVICE_KEYS_MAX 1000u  /* that a device takes in its life: each is kept for ever */
#define BH_DEVICE_KEYS_A_DAY 4u
#define BH_KEPT_ALARM_PERCENT 75u /* of what the kept file may be (kept.h): an operator is told */
#define BH_BLOBS_BYTES_MAX (UINT64_C(64) << 30)
#define BH_BLOB_RESERVE_BYTES (UINT64_C(128) << 20) /* of the disk, which text alone may take */
#define BH_DEVICE_UPLOADS_MAX 2000u                 /* photos of one device on their way */

/* ---- Files ---- */

struct bh_vault_keys; /* vault.h */

/* What is pinned of the key that a district's server answers by, and of the one that comes next. */
struct bh_store_pins {
	uint8_t ca[BH_PIN_BYTES];
	uint8_t backup[BH_PIN_BYTES];
};

/* Beside the file lie SQLite's "-wal" and "-shm", an empty "-lock", which the one writer holds,
 * "-ballast", room that is given up when the disk is full, and "-renew" (proto/disk/wal_renew.h).
 * Nothing else in its process may open the file by other means: closing any descriptor of a file
 * lets go of all the process's locks on it (fcntl). */
struct bh_store_options {
	const char *path;  /* of the file */
	const char *vfs;   /* NULL: the system's; simulators name theirs */
	struct bh_rng rng; /* salts of desk and operator entries */
	uint64_t boot; /* which boot of the machine the monotonic clock belongs to; 0: not known */
	uint32_t wal_pages_max; /* 0: 16,000; past it the writer checkpoints before it goes on */
	uint32_t ballast_bytes; /* 0: none; what a writer lays so that a full disk has room left */
	uint64_t upload_bytes_max;   /* 0: 256 MiB; photos of one device on their way */
	uint64_t blob_bytes_max;     /* 0: 64 GiB; photos of the district */
	uint64_t blob_reserve_bytes; /* 0: BH_BLOB_RESERVE_BYTES; below it no photo is taken */
	uint32_t device_uploads_max; /* 0: BH_DEVICE_UPLOADS_MAX */
	uint32_t device_logs_max;    /* 0: BH_DEVICE_LOGS_MAX */
	uint32_t device_logs_a_day;  /* 0: BH_DEVICE_LOGS_A_DAY */
	uint32_t device_keys_a_day;  /* 0: BH_DEVICE_KEYS_A_DAY */
	uint32_t device_keys_max;    /* 0: BH_DEVICE_KEYS_MAX */
	uint64_t kept_bytes_max;     /* 0: BH_KEPT_BYTES_MAX (kept.h) */
	/* The file that is never rolled back (kept.h), elsewhere than the rest; NULL: none. */
	const char *kept_path;
	const struct bh_vault_keys *vault; /* NULL: nothing can be sealed or opened */
	const struct bh_store_pins *pins;  /* of the district's keys; NULL: not to be looked at */
	uint32_t due_divisor; /* tests of the real programs: every limit is divided by it; 0 and 1:
				 none */
};

/* Once in a process, before anything else of the store: SQLite keeps no account of its memory,
 * whose lock every allocation would take (a tenth of the writer's CPU).  BH_ERR_INVALID: SQLite is
 * in use already.  Libraries and tests may do without. */
int bh_store_start(void);

/* A folder's name and a server name, no program's option: 1..12 of [0-9a-z-], the first no '-'. */
bool bh_district_code_valid(const char *code);
/* Creates a district: schema, its FOUND entry, epoch 1.  code: its division code.  BH_ERR_INVALID
 * (code), BH_ERR_EXISTS when the file is there, else as bh_writer_open. */
int bh_store_create(const struct bh_store_options *options, const char *code, struct bh_now now);
/* A caller's key, hashed with whose it is; and what was asked with it, zero: not stated. */
struct bh_caller_key {
	uint8_t key_hash[BH_HASH_BYTES];
	uint8_t request_hash[BH_HASH_BYTES];
};
/* The same under a key, which the district keeps as the one that made its FOUND entry. */
int bh_store_create_keyed(const struct bh_store_options *options, const char *code,
	struct bh_now now, const struct bh_caller_key *key);

/* ---- The writer ---------------------------------------------------------------------------------
 *
 *   jobs --> load > decide > append > apply (each command in turn, in one open transaction)
 *        --> COMMIT (WAL, synchronous=FULL) --> outcomes and wakes may leave
 *
 * One connection a district does all commits and checkpoints, on one thread.  An unexpected storage
 * error rolls the group back and runs its commands singly, so that one poison command harms only
 * itself. A COMMIT whose outcome is unknown: BH_ERR_UNKNOWN; the process must end without answering
 * anybody. After a restart bh_writer_open checkpoints with success before it returns, so no verdict
 * rests on unsynced pages.
 */
struct bh_writer;

/* 0; BH_ERR_NOT_FOUND (no file), BH_ERR_VERSION (newer schema; *detail says which), BH_ERR_CORRUPT,
 * BH_ERR_IO, BH_ERR_FULL, BH_ERR_BUSY (another process has it open), BH_ERR_NOMEM. detail (may be
 * NULL) gets a constant English clause. */
int bh_writer_open(const struct bh_store_options *options, struct bh_now now,
	struct bh_writer **out, const char **detail);
void bh_writer_close(struct bh_writer *writer);
/* Why a kept file was refused, as "path: line 12: ..."; BH_ERR_CORRUPT: text says it. */
int bh_store_kept_fault(
	const struct bh_store_options *options, const char *code, char *text, size_t size);

/* Commands that are answered together: a push, or one command of the desk. */
struct bh_job {
	struct bh_job *next; /* for whoever queues it */
	struct bh_command *commands;
	struct bh_outcome *outcomes; /* same count; filled by the run */
	size_t count;                /* at most BH_BATCH_OPS_MAX */
	/* BH_NOERR: every outcome is durable.  BH_ERR_FULL, BH_ERR_IO: nothing of it was taken,
	 * give it again later.  A push also: BH_ERR_FORK, its first op does not follow the log's
	 * head and is no repeat of what the log holds; BH_ERR_LIMIT, a gap; BH_ERR_NOT_FOUND, no
	 * such log of this device; BH_ERR_INVALID, its ops are not one run of one log (or the
	 * storage will not even take the lengths of one): nothing of it was taken. */
	int err;
	uint64_t acked_seq;                /* DEVICE: the log's head after this job, */
	uint8_t acked_link[BH_HASH_BYTES]; /* and its link; also after BH_ERR_FORK and BH_ERR_LIMIT
					    */
	void *owner;
};

/* How outcomes are to be read, besides command.h:
 *
 * - An op that was recorded before under another name (its origin, or a copy of it that came first)
 * is journalled with verdict CARRIED and without effect.  It is answered CARRIED with the first
 *   recording's case number where that was accepted, and with the first's verdict and reason where
 *   it was not.  entry.prev is then the first recording.
 * - A case's own chain is made of accepted entries only: cases begin at first, and prev leads back
 *   from last.  An entry about a case that had no effect on it (stale, rejected, quarantined; a
 *   receipt that was given before, which is accepted and of cycle 0) names the last entry that it
 *   met in prev, and nothing names it; bh_reader_history gives both.
 * - An op that could not be read is journalled with its link and commitment and, in place of its
 *   header, two lengths (u32 header, u32 content).  So is one that the storage will not take.
 * - Operator's verbs that change nothing (a code used by the very same handset, a log begun before,
 * a device revoked before) are accepted as repeats without an entry; refused ones leave none.
 * - A desk's or an operator's command whose key came before is answered as that one was, with the
 *   position of its entry (0: it had held already); with another request, key_taken and no effect.
 *   What was refused leaves no key. */

/* What a run made worth telling; borrowed until the next run. */
struct bh_wakes {
	const uint64_t *scopes; /* that have rows past what they had; each once */
	size_t scopes_count;
	bool all;               /* more than BH_WAKES_MAX: wake everybody */
	const uint32_t *kicked; /* devices revoked or suspended, or given another key */
	size_t kicked_count;
	bool rules_changed;
	bool photos_gone;  /* erased: their files can be collected */
	uint64_t position; /* the journal's head after the run */
};

/* Runs jobs as one group.  Returns BH_NOERR (each job's err tells its own fate), or BH_ERR_UNKNOWN
 * / BH_ERR_CORRUPT: end the process.  Commands beyond BH_GROUP_COMMANDS_MAX, and jobs beyond
 * BH_GROUP_ENTRIES_MAX, are committed in further groups of this call. */
int bh_writer_run(struct bh_writer *writer, struct bh_now now, struct bh_job *const *jobs,
	size_t count, struct bh_wakes *wakes);
/* Fires what is due on the district's own time, at most alarms_max of them in order of their
 * instants and of BH_GROUP_ENTRIES_MAX, in one group; persists the heartbeat when it is older than
 * 5 s.  *fired tells how many; codes as bh_writer_run, and BH_ERR_FULL / BH_ERR_IO when nothing
 * could be written (call again later). */
int bh_writer_tick(struct bh_writer *writer, struct bh_now now, size_t alarms_max, size_t *fired,
	struct bh_wakes *wakes);
/* The monotonic instant of the next alarm or heartbeat, whichever is first. */
int64_t bh_writer_wake_mono_ms(struct bh_writer *writer, struct bh_now now);
/* That of the next alarm or call in district time; 0: nothing is due ever. */
int64_t bh_writer_due_ms(struct bh_writer *writer);
/* In an idle moment: a passive checkpoint when it is worth one, and the ballast laid again when
 * there is room for it. */
int bh_writer_idle(struct bh_writer *writer);
/* District time now, and whether a clock alarm holds what punishes. */
int64_t bh_writer_time(const struct bh_writer *writer, struct bh_now now, bool *alarmed);
/* The rules in force; a new reference. */
struct bh_rules *bh_writer_rules(const struct bh_writer *writer);

/* A write that finds the disk full takes the ballast's room and is done again; what is in the log
 * of writes moves into the file with it. */
enum bh_ballast_state {
	BH_BALLAST_UNWANTED,
	BH_BALLAST_LAID,
	BH_BALLAST_RELEASED, /* the disk was full, and is not known to have room again */
	BH_BALLAST_MISSING,  /* it could not be laid: no room, or no permission */
};

struct bh_writer_counts {
	uint64_t commits, commands, entries, alarms, poison, checkpoints, rollbacks, chores_failed;
	uint64_t wal_pages; /* now */
	enum bh_ballast_state ballast;
	uint64_t ballast_bytes;       /* laid now */
	int64_t next_dispatch_due_ms; /* the shortest dispatch time left, as an instant; 0: empty
					 queue */
	uint64_t breaches;
	uint64_t blobs, blob_bytes; /* photos that are here, each once */
	uint64_t photos_lost;       /* which handsets are asked for again (blob.h) */
	uint64_t kept_bytes, kept_bytes_max;
	uint64_t notices[BH_NOTICE_STATE_COUNT]; /* that came into each state, since the start */
	uint64_t notices_purged;                 /* old ones, and those past how many are kept */
};
void bh_writer_counts(const struct bh_writer *writer, struct bh_writer_counts *out);

/* An online copy in slices between groups: begin, then step until BH_NOERR with *done.  The copy is
 * a complete file of its own.  One at a time. */
int bh_writer_copy_begin(struct bh_writer *writer, const char *path);
int bh_writer_copy_step(struct bh_writer *writer, int pages, bool *done);
void bh_writer_copy_abort(struct bh_writer *writer);

/* ---- Readers: one a thread, read-only, never checkpointing ----------------------------------- */
struct bh_store_reader;

int bh_reader_open(const struct bh_store_options *options, struct bh_store_reader **out);
void bh_reader_close(struct bh_store_reader *reader);

struct bh_district {
	char code[BH_DISTRICT_CODE_BYTES_MAX + 1];
	uint64_t epoch;
	uint32_t profile_version; /* number of PROFILE entries so far */
};
int bh_reader_district(struct bh_store_reader *reader, struct bh_district *out);
/* The rules in force, built again only when they changed; borrowed until the next call on this
 * reader. */
int bh_reader_rules(struct bh_store_reader *reader, struct bh_rules **out);
int bh_reader_head(struct bh_store_reader *reader, uint64_t *position, uint8_t hash[BH_HASH_BYTES]);
/* BH_ERR_NOT_FOUND past the head. */
int bh_reader_hash_at(
	struct bh_store_reader *reader, uint64_t position, uint8_t hash[BH_HASH_BYTES]);

enum bh_device_state {
	BH_DEVICE_LIVE = 1,
	BH_DEVICE_REVOKED = 2,
	BH_DEVICE_SUSPENDED = 3, /* two phones advance its logs */
};
struct bh_device {
	uint32_t id;
	uint32_t person;
	enum bh_device_state state;
	uint8_t public_key[BH_PUBLIC_KEY_BYTES];
	int64_t enrolled_ms;
	uint32_t logs;
};
int bh_reader_device(struct bh_store_reader *reader, uint32_t id, struct bh_device *out);

struct bh_log {
	uint32_t log_short;
	uint32_t device;
	uint8_t log_id[BH_LOG_ID_BYTES];
	uint64_t head_seq;
	uint8_t head_link[BH_HASH_BYTES]; /* the log's start link when head_seq is 0 */
	uint32_t successor; /* log_short of the log that continues it after a fork; 0 */
};
int bh_reader_log(
	struct bh_store_reader *reader, const uint8_t log_id[BH_LOG_ID_BYTES], struct bh_log *out);
/* The link at a sequence (0: the start link).  BH_ERR_NOT_FOUND past the head. */
int bh_reader_link_at(struct bh_store_reader *reader, const struct bh_log *log, uint64_t seq,
	uint8_t link[BH_HASH_BYTES]);

/* What of a device stands in quarantine: the op's entry, and what was decided about it. */
struct bh_quarantine_row {
	uint64_t position;
	bool released;
	bool discarded; /* where it is also released, that came later */
};
/* Past a position, in order, at most max. */
int bh_reader_quarantine(struct bh_store_reader *reader, uint32_t device, uint64_t after,
	struct bh_quarantine_row *rows, size_t max, size_t *count);

/* The same in figures, for one device. */
struct bh_quarantine_sum {
	uint32_t device;
	uint32_t person;
	enum bh_device_state state;
	uint64_t held, released, discarded; /* ops, each counted once */
	int64_t oldest_ms;                  /* received, of those that are held; 0: none */
};
/* As `held` of its sum, at the cost of one row. */
int bh_reader_held(struct bh_store_reader *reader, uint32_t device, uint64_t *held);
/* Devices past this one of which something ever was put into quarantine, whatever their state, in
 * order, at most max. */
int bh_reader_quarantines(struct bh_store_reader *reader, uint32_t after,
	struct bh_quarantine_sum *sums, size_t max, size_t *count);

struct bh_verdict_row {
	uint64_t seq;
	enum bh_verdict verdict;
	enum bh_reason reason;
	uint32_t state; /* the case's state that a stale op met */
	uint64_t case_number;
};
/* Verdicts other than plain accepted with after < seq <= upto, in order, at most max; and the entry
 * time of upto in *received_ms. */
int bh_reader_verdicts(struct bh_store_reader *reader, uint32_t log_short, uint64_t after,
	uint64_t upto, struct bh_verdict_row *rows, size_t max, size_t *count,
	int64_t *received_ms);

/* The cases of a scope whose row lies past a position, in order of position. */
struct bh_feed_row {
	uint64_t position;
	uint64_t case_number;
	bool left;
};
int bh_reader_feed(struct bh_store_reader *reader, uint64_t scope, uint64_t after,
	struct bh_feed_row *rows, size_t max, size_t *count);

int bh_reader_case(struct bh_store_reader *reader, uint64_t number, struct bh_case *out);
/* An entry with its content; spans live in the arena. */
int bh_reader_entry(struct bh_store_reader *reader, uint64_t position, struct bh_arena *arena,
	struct bh_entry *out);
/* A case's entries, first to last, at most max: its own chain (of one that is longer than max, the
 * first and the newest), and of what had no effect on it at most the newest BH_ASIDES_MAX, which
 * anybody can add to. */
int bh_reader_history(struct bh_store_reader *reader, uint64_t number, struct bh_arena *arena,
	struct bh_entry *entries, size_t max, size_t *count);
/* The entries that ended each cycle (for closures), oldest first; of more than max, the first and
 * the newest. */
int bh_reader_closures(struct bh_store_reader *reader, uint64_t number, struct bh_arena *arena,
	struct bh_entry *entries, size_t max, size_t *count);
/* The unit that a case had after an entry of its chain; 0: none. */
int bh_reader_unit_then(struct bh_store_reader *reader, uint64_t position, uint32_t *unit);
/* What is read up to bh_reader_release is of one instant; a second at most.  0 or the reader's
 * codes; nothing is to be released where it fails. */
int bh_reader_hold(struct bh_store_reader *reader);
void bh_reader_release(struct bh_store_reader *reader);
/* The cases merged into one, in order of their numbers, BH_MERGED_MAX at most. */
int bh_reader_merged(struct bh_store_reader *reader, uint64_t main, uint64_t *out, size_t *count);

/* What a desk lists.  Zero fields do not restrict. */
struct bh_case_query {
	uint32_t states; /* 1u << enum bh_state */
	uint32_t unit;
	uint32_t area; /* and all areas in it */
	uint32_t reporter;
	uint32_t intake;       /* enum bh_intake: of what desks registered alone; 0: all */
	bool queue;            /* only with a running dispatch clock, least time left first */
	uint64_t after_number; /* page on: strictly after this row in the list's order */
	int64_t after_due_ms;
	uint64_t after_first; /* the same by where its first entry stands, also where none does */
};
/* One bounded step: looks at no more than BH_LIST_ROWS_MAX rows and moves query's after_ fields to
 * the last of them.  *more: the list goes on there, even where *count is less than max or 0. */
int bh_reader_cases_page(struct bh_store_reader *reader, struct bh_case_query *query,
	struct bh_case *cases, size_t max, size_t *count, bool *more);
/* Steps until max cases are there or the list ends: as long as it takes. */
int bh_reader_cases(struct bh_store_reader *reader, const struct bh_case_query *query,
	struct bh_case *cases, size_t max, size_t *count);

struct bh_stats {
	uint64_t entries, cases, by_state[BH_STATE_COUNT];
	uint64_t dispatched, dispatched_in_time, automatic, breached, closed;
	uint64_t closures_owed, closures_delivered, closures_seen;
	int64_t longest_wait_ms; /* longest from entry into the queue to dispatch */
	uint64_t devices, devices_live;
	uint64_t blobs, blob_bytes; /* photos that are here, each once */
};
int bh_reader_stats(struct bh_store_reader *reader, struct bh_stats *out);
int bh_reader_devices(struct bh_store_reader *reader, uint32_t after, struct bh_device *devices,
	size_t max, size_t *count);

/* What came of a caller's key.  BH_ERR_NOT_FOUND: nothing yet. */
struct bh_key_use {
	uint64_t position; /* of the entry it made; or, where what was asked held already, of the
			      profile in force (the head for other verbs) */
	bool held;
	uint8_t request_hash[BH_HASH_BYTES]; /* zero: not stated */
};
int bh_reader_key(struct bh_store_reader *reader, const uint8_t key_hash[BH_HASH_BYTES],
	struct bh_key_use *out);
/* The key that made an entry.  BH_ERR_NOT_FOUND: none did. */
int bh_reader_key_of(struct bh_store_reader *reader, uint64_t position, struct bh_caller_key *out);
/* Whether the key came with this request, as far as either is stated. */
bool bh_key_use_fits(const struct bh_key_use *use, const uint8_t request_hash[BH_HASH_BYTES]);
/* The handset that used an enrolment code, 0: none yet.  BH_ERR_NOT_FOUND: no such code. */
int bh_reader_code(
	struct bh_store_reader *reader, const uint8_t code_hash[BH_HASH_BYTES], uint32_t *device);
/* The rules of the PROFILE entry at this position, 0: those of a district without one; a new
 * reference. */
int bh_reader_rules_at(struct bh_store_reader *reader, uint64_t position, struct bh_rules **out);

/* ---- Verification ------------------------------------------------------------------------------
 * Reads a file nobody writes (a copy): the chain from the first entry to the head, every commitment
 * whose content is still there, and every projection against a replay into memory. */
struct bh_verify_report {
	uint64_t entries, cases, contents_checked, contents_erased;
	uint64_t first_bad; /* position; 0: none */
	char what[200];     /* the first difference, in words */
	uint8_t head[BH_HASH_BYTES];
};
/* BH_NOERR: all holds.  BH_ERR_CORRUPT: *report says where it does not. */
int bh_store_verify(const struct bh_store_options *options, struct bh_verify_report *report);
/* In a tenth of the time: every page and index as SQLite checks them, the chain, every commitment;
 * no replay.  What is whole by this is what its writer left.  Answers as bh_store_verify. */
int bh_store_verify_chain(const struct bh_store_options *options, struct bh_verify_report *report);

#endif
