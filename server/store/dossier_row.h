/* Rows of dossiers, for both sides of the store. */
#ifndef BH_STORE_DOSSIER_ROW_H
#define BH_STORE_DOSSIER_ROW_H

#include "server/store/db.h"
#include "server/store/dossier.h"
#include "server/store/project.h"

/* As bh_reader_dossier. */
int bh_dossier_read(struct bh_db *db, uint64_t number, struct bh_dossier_entries *out);
int bh_seal_read(struct bh_db *db, uint64_t number, struct bh_seal_said *said, uint64_t *position);
/* The loan that is out, 0: none is. */
int bh_loan_open(struct bh_db *db, uint64_t number, uint64_t *position);
/* project_dossier.c: an accepted entry of dossier.h's verbs, by no handset. */
int bh_project_dossier(struct bh_projector *projector, const struct bh_entry *entry);

#endif
