/* Reading dossiers: a case's own entries and the papers that were added, its seals, its loans. */
#ifndef BH_STORE_DOSSIER_H
#define BH_STORE_DOSSIER_H

#include "server/domain/dossier.h"
#include "server/store/store.h"

/* In order of positions; owned by whoever asked. */
struct bh_dossier_entries {
	struct bh_dossier_entry *items;
	size_t count;
};
void bh_dossier_entries_free(struct bh_dossier_entries *entries);
/* BH_ERR_NOT_FOUND: no such case.  BH_ERR_LIMIT: more entries than BH_DOSSIER_ENTRIES_MAX. */
int bh_reader_dossier(
	struct bh_store_reader *reader, uint64_t number, struct bh_dossier_entries *out);

/* A row for each PAPER, SEAL, LEND and entry about an order, in order of positions. */
struct bh_dossier_row {
	uint64_t position;
	uint64_t number;
	uint32_t verb;
	uint32_t kind;    /* PAPER: enum bh_paper */
	int64_t until_ms; /* LEND: due back */
	uint64_t back;    /* LEND: position of the GIVE_BACK; 0: it is out */
};
/* Of a case, past a position, at most max. */
int bh_reader_dossier_rows(struct bh_store_reader *reader, uint64_t number, uint64_t after,
	struct bh_dossier_row *rows, size_t max, size_t *count);
/* Loans that are out, past a position, at most max. */
int bh_reader_loans(struct bh_store_reader *reader, uint64_t after, struct bh_dossier_row *rows,
	size_t max, size_t *count);
/* The newest seal of a case and its entry's position.  BH_ERR_NOT_FOUND: it has none. */
int bh_reader_seal(struct bh_store_reader *reader, uint64_t number, struct bh_seal_said *said,
	uint64_t *position);

#endif
