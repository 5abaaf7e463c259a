/* A file that is a paper of a dossier: what it is by its own bytes, and what its entry says of it.
 */
#ifndef BH_DOMAIN_PAPER_FILE_H
#define BH_DOMAIN_PAPER_FILE_H

#include "proto/bytes.h"
#include "proto/hash.h"
#include "proto/limits.h"

#define BH_PAPER_FILE_BYTES_MAX BH_BLOB_BYTES_MAX

/* Values are frozen: they stand in journals. */
enum bh_paper_form {
	BH_PAPER_FORM_NONE = 0, /* words alone */
	BH_PAPER_FORM_PDF = 1,
	BH_PAPER_FORM_JPEG = 2,
	BH_PAPER_FORM_PNG = 3,
	BH_PAPER_FORMS = 4,
};

/* By how it begins and ends, never by a name: ISO 32000-1, 7.5; ITU-T T.81, B.1; PNG, 5.2.  NONE:
 * it is no such file, or was cut. */
enum bh_paper_form bh_paper_form_of(struct bh_span whole);
/* "pdf" and "application/pdf"; of others "bin". */
const char *bh_paper_form_name(unsigned form);
const char *bh_paper_form_type(unsigned form);

/* What a PAPER's header says. */
struct bh_paper_said {
	uint32_t kind; /* enum bh_paper */
	uint32_t form; /* NONE: no file, and nothing of the rest */
	uint32_t size;
	uint8_t hash[BH_HASH_BYTES];
};
int bh_paper_encode(const struct bh_paper_said *said, struct bh_buf *out);
/* BH_ERR_MALFORMED; *out is untouched. */
int bh_paper_decode(struct bh_span header, struct bh_paper_said *out);
/* WITHDRAW_PAPER: the position of the paper. */
int bh_withdraw_encode(uint64_t position, struct bh_buf *out);
int bh_withdraw_decode(struct bh_span header, uint64_t *position);

/* As kind of a row of table blob, where the verb is PAPER: of a photo's kinds none. */
#define BH_PAPER_BLOB_KIND(kind, form) (1u << 16 | (kind) << 8 | (form))
#define BH_PAPER_BLOB_PAPER(blob_kind) ((blob_kind) >> 8 & 0xffu)
#define BH_PAPER_BLOB_FORM(blob_kind) ((blob_kind)&0xffu)

#endif
