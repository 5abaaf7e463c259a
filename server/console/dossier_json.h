/* A case's dossier as JSON (一案一卷). */
#ifndef BH_CONSOLE_DOSSIER_JSON_H
#define BH_CONSOLE_DOSSIER_JSON_H

#include "server/console/exchange.h"

/* A new reference in *out; written: with what people wrote into it.  Storage codes, BH_ERR_LIMIT or
 * BH_ERR_NOMEM. */
int bh_dossier_json(struct bh_exchange *x, const struct bh_case *cased, bool written, json_t **out);
/* A loan with its case; likewise, NULL without memory. */
struct bh_dossier_row;
json_t *bh_loan_json(struct bh_exchange *x, const struct bh_dossier_row *row, bool written);

#endif
