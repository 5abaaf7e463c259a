/* Inside verification: one file, at most one replay, one report; and a second road beside it. */
#ifndef BH_STORE_VERIFY_H
#define BH_STORE_VERIFY_H

#include <pthread.h>

#include "server/store/project.h"

struct bh_verify {
	struct bh_db file;
	struct bh_projector replay; /* not of the chain alone */
	bool replays;
	struct bh_hasher *hasher;
	struct bh_arena arena;
	struct bh_buf scratch;
	uint8_t hash[BH_HASH_BYTES]; /* of the entry before */
	int64_t at_ms;
	uint32_t due_divisor;
	struct bh_rules *rules; /* in force where the replay stands; owned */
	uint64_t *profiles;     /* for due times: positions of the PROFILE entries, in order */
	size_t profiles_count;
	struct bh_verify_report *report;
};

/* Notes the first difference and gives BH_ERR_CORRUPT. */
int bh_verify_fail(struct bh_verify *verify, uint64_t position, const char *what, const char *name);
/* verify_tables.c: every projection of the file against the replay's, row by row. */
int bh_verify_tables(struct bh_verify *verify);
/* verify_rules.c: a PROFILE entry was replayed: its rules are in force from here on. */
int bh_verify_rules(struct bh_verify *verify, const struct bh_entry *entry);
/* Notes the position of one more PROFILE entry, in order. */
int bh_verify_profile(struct bh_verify *verify, uint64_t position);
/* verify_dues.c: every due column against what its case's entries give (faults.md I7), each clock
 * by the rules of the entry that started it. */
int bh_verify_dues(struct bh_verify *verify);
/* verify_pages.c: every page of the file and every row of its indexes, as SQLite finds them. */
int bh_verify_pages(struct bh_verify *verify);

/* ---- verify_beside.c ---- */
/* What is looked at beside the journal, on a connection of its own: by another thread, or, on a VFS
 * that is not the system's, once the journal is through. */
struct bh_verify_beside {
	struct bh_verify verify;
	struct bh_verify_report report;
	const struct bh_store_options *options;
	int (*road)(struct bh_verify *verify);
	pthread_t thread;
	bool runs;
	int err;
};
void bh_verify_beside_begin(struct bh_verify_beside *beside, const struct bh_store_options *options,
	int (*road)(struct bh_verify *verify));
/* What it found, with err, what the road of v gave: that comes first, and its report stands. */
int bh_verify_beside_end(struct bh_verify_beside *beside, struct bh_verify *v, int err);
/* verify.c: the file and what every road needs; close also what is half open. */
int bh_verify_open(struct bh_verify *verify, const struct bh_store_options *options);
void bh_verify_close(struct bh_verify *verify);

#endif
