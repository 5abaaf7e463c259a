/* A district that lives through a year in one process: the server's own domain and store on a
 * simulated disk, under a simulated clock, and everybody who works there as seeded actors.
 *
 * Real: rules, calendars, decisions, journal, projections, notices, clock, sealing, restart,
 * verification; ops and logs in the bytes that handsets make.  Not here: sessions and the handset's
 * own store, which bh_sim has between both ends. */
#ifndef BH_TESTS_YEAR_YEAR_H
#define BH_TESTS_YEAR_YEAR_H

#include "server/store/store.h"
#include "server/store/vault.h"
#include "tests/sim/queue.h"
#include "tests/sim/rng.h"
#include "tests/sim/vfs.h"
#include "tests/year/year_district.h"

#define YEAR_MINUTE INT64_C(60000)
#define YEAR_HOUR (60 * YEAR_MINUTE)
#define YEAR_DAY (24 * YEAR_HOUR)
#define YEAR_WINDING_DAYS 60 /* after the last report what is open comes to its end */
#define YEAR_PATH "/district/district.db"
#define YEAR_TEXT_BYTES 96u
#define YEAR_JOBS_MAX 512u /* of one minute */

struct year_options {
	uint64_t seed;
	uint32_t townships; /* of 27 grids, a worker each */
	uint32_t cases;
	uint32_t days;
	const char *export; /* folder; NULL: none */
	bool verbose;
};

/* kind of a struct bh_simevent */
enum year_kind {
	YEAR_KIND_DAY = 1,
	YEAR_KIND_REPORT,  /* a: phone */
	YEAR_KIND_FIELD,   /* a: phone */
	YEAR_KIND_SYNC,    /* a: phone */
	YEAR_KIND_LOOK,    /* a: case */
	YEAR_KIND_RESTART, /* a: 1, the power goes; 2, in the middle of a write */
	YEAR_KIND_CLOCK,   /* c: the wall clock's error, in ms */
	YEAR_KIND_CONFIRM,
	YEAR_KIND_PROFILE,
	YEAR_KIND_LOST,    /* a: phone */
	YEAR_KIND_HANDSET, /* a: phone; b: enum year_oddity */
	YEAR_KIND_RELEASE, /* a: device; c: its op, which stands in quarantine */
	YEAR_KIND_PHOTO,   /* a: of the list of photos */
	YEAR_KIND_SHIFT,   /* a: enum year_shift */
	YEAR_KIND_REGISTER,
};

/* What else than losing it happens to a handset. */
enum year_oddity {
	YEAR_ODD_KEY,        /* it takes another key */
	YEAR_ODD_LOG,        /* it begins a further log */
	YEAR_ODD_CLONE,      /* another phone goes on with its log */
	YEAR_ODD_UNREADABLE, /* an op of it cannot be read */
	YEAR_ODD_BY_HAND,    /* what it has is carried in a file */
	YEAR_ODDITIES,
};

enum year_shift {
	YEAR_SHIFT_GIVE,
	YEAR_SHIFT_TAKE,
};

/* A photo that an op names. */
struct year_photo {
	uint8_t hash[BH_HASH_BYTES];
	uint32_t size, kind; /* enum bh_blob_kind */
};
#define YEAR_PHOTOS_MAX 2u /* of an op */

/* ... and the case that waits for it. */
struct year_waiting {
	struct year_photo photo;
	uint64_t number;
};

/* A handset's log, and what it recorded and the server has not confirmed. */
struct year_op {
	struct year_op *next;
	struct bh_command command;
	struct bh_buf header, content;
	char text[YEAR_TEXT_BYTES];
	struct year_photo photos[YEAR_PHOTOS_MAX];
	unsigned photos_count;
};

struct year_phone {
	uint32_t person;
	uint32_t grid; /* a worker's; 0 */
	uint32_t device, log_short;
	uint32_t life; /* how often it was replaced */
	uint8_t log_id[BH_LOG_ID_BYTES];
	uint8_t key[BH_PUBLIC_KEY_BYTES];
	uint64_t seq;
	uint8_t link[BH_HASH_BYTES];
	struct year_op *first, **last;
	int64_t offline_until_ms;
	bool syncing; /* an event waits */
	bool pushing; /* a job of this minute */
	bool by_hand; /* ... out of a file */
};

struct year_case {
	uint64_t number;
	uint32_t told; /* bit n - 1: the reporter's handset took note of cycle n's answer */
	uint32_t seen;
};

/* A command of a desk on its way. */
struct year_order {
	struct bh_command command;
	struct bh_outcome outcome;
	struct bh_buf payload;
	char text[YEAR_TEXT_BYTES];
};

/* One job of the minute: an order, or what a handset pushes. */
struct year_job {
	struct bh_job job;
	struct year_order order;
	struct year_phone *phone; /* NULL: an order */
	struct bh_command *commands;
	struct bh_outcome *outcomes;
};

struct year_tally {
	uint64_t reports, refused, repeats, stale, offline, kills, cuts, torn, jumps, lost;
	uint64_t looks, commits, profiles, days_checked, open_most;
	uint64_t changes[YEAR_CHANGES];
	uint64_t of_assets, of_duty, of_later_rules;  /* cases at the end */
	uint64_t of_repeats, of_audits, audits_heard; /* likewise */
	uint64_t files;                               /* that became papers */
};

struct year {
	struct year_options options;
	struct bh_simvfs *vfs;
	struct bh_store_options store;
	struct bh_vault_keys keys;
	struct bh_writer *writer;
	struct bh_store_reader *reader;
	struct bh_hasher *hasher;
	struct bh_wakes wakes;
	struct bh_simqueue *queue;
	struct bh_simrng world, acts, salts, desks;
	struct bh_rng source;
	struct year_district *district;
	int64_t at_ms;   /* virtual, since the start */
	int64_t boot_ms; /* when the machine came up, likewise */
	int64_t skew_ms; /* the wall clock's error */
	struct year_phone *phones;
	uint32_t phones_count;
	struct year_case *cases;
	uint32_t cases_count;
	struct year_job *jobs;
	uint32_t jobs_count;
	struct year_waiting *photos;
	uint32_t photos_count, photos_room;
	bool tears;    /* the machine stops in the next group */
	uint64_t made; /* ops and orders, each with its own text */
	struct year_tally tally;
};

/* ---- year.c ---- */
void year_open(struct year *year, const struct year_options *options);
void year_close(struct year *year);
/* All of it, day by day. */
void year_live(struct year *year);
struct bh_now year_now(const struct year *year);
/* Wall time as it should be. */
int64_t year_wall_ms(const struct year *year);
/* The last reports are made: everybody goes straight on. */
bool year_winds_up(const struct year *year);
void year_after(struct year *year, int64_t ms, enum year_kind kind, uint32_t a);
/* Ends the program with what went wrong. */
void year_must(bool holds, const char *what);

/* ---- year_job.c ---- */
/* An order in the making, or NULL: the minute is full. */
struct year_order *year_order_new(struct year *year, enum bh_source source, enum bh_verb verb);
/* What is about no case of the year's list becomes one of it. */
void year_case_add(struct year *year, uint64_t number);
/* What a handset has, as one push. */
void year_push(struct year *year, struct year_phone *phone);
/* Everything of this minute, in one group; through a restart where the machine stops in it. */
void year_jobs_run(struct year *year);
void year_restart(struct year *year, bool power);
/* One command of an operator, at once; whatever is said of it. */
struct bh_outcome year_operate_any(struct year *year, struct bh_command *command);
/* ... which is accepted. */
struct bh_outcome year_operate(struct year *year, enum bh_verb verb, struct bh_span payload);

/* ---- year_phone.c ---- */
void year_phones_enrol(struct year *year);
/* Records an op, and syncs when there is a line; what the content says stands behind the words that
 * make it unlike any other.  It is the phone's until it is confirmed. */
struct year_op *year_record(struct year *year, struct year_phone *phone,
	struct bh_msg_op_header *header, struct bh_msg_op_content *content);
struct year_phone *year_phone_of(struct year *year, uint32_t person);
void year_report(struct year *year, struct year_phone *phone);
void year_field(struct year *year, struct year_phone *phone);
void year_sync(struct year *year, struct year_phone *phone);
/* It is lost with what is on it: revoked, and another one enrolled. */
void year_lose(struct year *year, struct year_phone *phone);
/* The first so many of what it has are at the server. */
void year_phone_confirm(struct year *year, struct year_phone *phone, size_t count);
void year_phone_free(struct year_phone *phone);
/* 32 bytes of what and a number. */
void year_hash(struct year *year, const char *what, uint64_t n, uint8_t out[BH_HASH_BYTES]);

/* ---- year_handset.c ---- */
void year_handset_odd(struct year *year, const struct bh_simevent *event);
/* An op stands in quarantine: an administrator decides about it, and the handset is another. */
void year_op_held(struct year *year, struct year_phone *phone, const struct bh_outcome *outcome);
void year_release(struct year *year, const struct bh_simevent *event);
/* Of an accepted op: its photos come somewhat later. */
void year_photos_wait(struct year *year, const struct year_op *op, uint64_t number);
void year_photo_come(struct year *year, uint32_t which);

/* ---- year_shift.c ---- */
/* Of a day: its shifts' ends. */
void year_shifts_plan(struct year *year);
void year_shift_turn(struct year *year, enum year_shift turn);

/* ---- year_register.c ---- */
/* Of a day: what comes to desks. */
void year_registers_plan(struct year *year, uint32_t day);
void year_register(struct year *year);

/* ---- year_act.c ---- */
/* Somebody looks at a case and does something about it, or not. */
void year_look(struct year *year, uint32_t which);

/* ---- year_count.c ---- */
/* Every verb was done often enough, or it is said why nobody does it here; prints it. */
bool year_verbs_judge(struct year *year);

/* ---- year_judge.c ---- */
void year_day_judge(struct year *year);
/* At the end; prints what was counted, as TAP.  Gives how many did not hold. */
unsigned year_judge(struct year *year);

#endif
