/* A dossier made ready to be written: pages as bytes, photos by where they lie. */
#ifndef BH_DOSSIER_BOOK_H
#define BH_DOSSIER_BOOK_H

#include "server/domain/dossier.h"
#include "server/store/store.h"

#define BH_BOOK_NAME_MAX 80u
#define BH_BOOK_PHOTOS_MAX 1024u
#define BH_BOOK_PAGE_BYTES_MAX (48u << 20)

/* Names inside the archive. */
#define BH_BOOK_INDEX "index.html"
#define BH_BOOK_INDEX_TEXT "index.txt"
#define BH_BOOK_ENTRIES "entries.txt"
#define BH_BOOK_SEAL "seal.txt"
#define BH_BOOK_HASHES "hashes.txt"
#define BH_BOOK_PHOTOS "photos/"
#define BH_BOOK_PAPERS "papers/" /* files that people added */
#define BH_BOOK_HASH_SHOWN 12    /* hex digits of a file's hash in its name */
#define BH_BOOK_SMALL "-small"   /* behind them, of a thumbnail */

struct bh_book_file {
	char name[BH_BOOK_NAME_MAX];
	struct bh_buf bytes; /* of a page; empty for a photo */
	bool photo;
	uint8_t hash[BH_HASH_BYTES]; /* SHA-256 of the whole */
	uint32_t size;               /* of a photo */
};
/* hashes.txt is the last. */
struct bh_book {
	struct bh_book_file *files;
	size_t count;
};

/* A person of the case, as whoever asks may see one. */
struct bh_book_party {
	const char *role; /* constant */
	struct bh_span name;
	struct bh_span contact;
};

struct bh_book_ask {
	struct bh_store_reader *reader;
	const struct bh_rules *rules;
	const char *district;
	const char *db_path; /* photos lie beside it */
	const struct bh_case *cased;
	const struct bh_book_party *parties;
	size_t parties_count;
};
/* The same case at the same position, seen with the same names, gives the same bytes. BH_ERR_LIMIT:
 * more entries or photos, or longer pages, than a dossier holds; storage codes, BH_ERR_NOMEM. */
int bh_book_make(const struct bh_book_ask *ask, struct bh_book *out);
void bh_book_free(struct bh_book *book);

#endif
