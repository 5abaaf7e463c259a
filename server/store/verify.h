/* Inside verification: one file, one replay, one report. */
#ifndef BH_STORE_VERIFY_H
#define BH_STORE_VERIFY_H

#include "server/store/project.h"

struct bh_verify {
	struct bh_db file;
	struct bh_projector replay;
	struct bh_hasher *hasher;
	struct bh_arena arena;
	struct bh_buf scratch;
	uint8_t hash[BH_HASH_BYTES]; /* of the entry before */
	int64_t at_ms;
	uint32_t due_divisor;
	struct bh_rules *rules; /* in force where the replay stands; owned */
	uint64_t *profiles;     /* positions of the PROFILE entries so far, in order */
	size_t profiles_count;
	struct bh_verify_report *report;
};

/* Notes the first difference and gives BH_ERR_CORRUPT. */
int bh_verify_fail(struct bh_verify *verify, uint64_t position, const char *what, const char *name);
/* verify_tables.c: every projection of the file against the replay's, row by row. */
int bh_verify_tables(struct bh_verify *verify);
/* verify_rules.c: a PROFILE entry was replayed: its rules are in force from here on. */
int bh_verify_rules(struct bh_verify *verify, const struct bh_entry *entry);
/* verify_dues.c: every due column against what its case's entries give (faults.md I7), each clock
 * by the rules of the entry that started it. */
int bh_verify_dues(struct bh_verify *verify);

#endif
