/* A dossier as one ZIP: written from a book, proved from its bytes alone. */
#ifndef BH_DOSSIER_ARCHIVE_H
#define BH_DOSSIER_ARCHIVE_H

#include "server/dossier/book.h"

/* Writes path anew; photos are read from beside the database, a piece at a time.  Nothing of it is
 * left on failure: BH_ERR_FULL, BH_ERR_IO, BH_ERR_NOMEM. */
int bh_archive_write(const struct bh_book *book, const char *db_path, const char *path);

/* ---- Proving one, without any server ---- */
struct bh_archive_report {
	char number[32]; /* the case's */
	char district[40];
	uint32_t files;
	uint32_t photos;
	uint32_t papers_missing; /* files of papers that entries name, and that are not in it */
	uint32_t entries;
	uint32_t contents; /* texts that are what was committed to */
	bool sealed;
	uint32_t sealed_entries;
	uint8_t seal[BH_HASH_BYTES];
	char what[160]; /* the first thing that is wrong; "": all holds */
};
/* Every file against hashes.txt and the hash in its name, every entry against its hash, every text
 * against its commitment, every photo against the entries that name it, the seal against its
 * entries and the one that made it, the words of papers in both indexes against the entries.
 * BH_ERR_CORRUPT with what; BH_ERR_NOT_FOUND, BH_ERR_IO, BH_ERR_NOMEM. */
int bh_archive_check(const char *path, struct bh_archive_report *report);

/* ---- The two lists, for the check and for whoever tries to break it (check_entries.c) ---- */
struct bh_checked_entry {
	uint64_t position;
	uint32_t verb;
	uint64_t case_number;
	uint8_t hash[BH_HASH_BYTES];
	uint32_t log_short;
	struct bh_span header; /* borrowed from the check's memory, as content is */
	struct bh_span content;
};
struct bh_entries_check {
	struct bh_arena arena; /* BH_ARENA of some maximum, by the caller; freed by the caller */
	struct bh_hasher *hasher;
	struct bh_checked_entry *items;
	size_t count;
	size_t contents;
	const char *what; /* constant; the first fault */
	size_t line;
};
/* entries.txt: BH_ERR_CORRUPT with what and line; BH_ERR_NOMEM. */
int bh_entries_check(struct bh_entries_check *check, struct bh_span text);
/* seal.txt over entries that hold, into report.  BH_ERR_CORRUPT with report->what. */
int bh_seal_check(
	struct bh_entries_check *check, struct bh_span text, struct bh_archive_report *report);
/* index.html or index.txt after the entries: each paper's words, in their order.  BH_ERR_CORRUPT
 * with check->what; BH_ERR_NOMEM. */
int bh_index_check(struct bh_entries_check *check, struct bh_span page, bool html);

#endif
