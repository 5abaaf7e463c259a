/* What the files that make a book share. */
#ifndef BH_DOSSIER_BOOK_PART_H
#define BH_DOSSIER_BOOK_PART_H

#include "server/dossier/book.h"
#include "server/store/blob.h"
#include "server/store/dossier.h"

/* An entry with what its paper shows. */
struct bh_book_entry {
	const struct bh_dossier_entry *entry;
	enum bh_paper paper;
	struct bh_span text;  /* what was said; of a paper that was added behind its title */
	struct bh_span title; /* of an order what it is called */
};

/* A photo in the order in which ops name them. */
struct bh_book_photo {
	char name[BH_BOOK_NAME_MAX]; /* in the archive */
	const struct bh_blob_row *row;
	bool here;  /* stored, and on the disk in its length */
	bool again; /* the same file as an earlier one's */
};

struct bh_book_facts {
	const struct bh_book_ask *ask;
	struct bh_arena arena;
	struct bh_dossier_entries entries;
	struct bh_book_entry *papers; /* one for each entry */
	struct bh_blob_row *rows;
	struct bh_book_photo *photos;
	size_t photos_count;
	struct bh_dossier dossier;
	uint32_t kinds;
	bool sealed;
	struct bh_seal_said seal;
	uint64_t seal_position;
	char number[32];
};

/* A page in the making: printf, and text of people's made harmless.  The first fault stays. */
struct bh_page {
	struct bh_buf *out;
	int err;
	bool html;
};
void bh_page_print(struct bh_page *page, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Escaped where the page is HTML; controls and what turns the writing direction become blanks, in
 * plain text line ends too. */
void bh_page_words(struct bh_page *page, struct bh_span text);
void bh_page_hex(struct bh_page *page, struct bh_span bytes);
/* All that an entry is: "立案、派单". */
void bh_page_papers(struct bh_page *page, const struct bh_book_entry *paper);
/* "2026-03-02 09:00:00" in the district's time. */
void bh_page_time(struct bh_page *page, const struct bh_rules *rules, int64_t ms);

/* "在卷", or where it is instead. */
const char *bh_book_photo_state(const struct bh_book_photo *photo);

/* book_html.c, book_text.c, book_list.c: each fills one page. */
int bh_book_html(const struct bh_book_facts *facts, struct bh_buf *out);
int bh_book_text(const struct bh_book_facts *facts, struct bh_buf *out);
int bh_book_entries(struct bh_book_facts *facts, struct bh_buf *out);
int bh_book_seal(const struct bh_book_facts *facts, struct bh_buf *out);
int bh_book_hashes(const struct bh_book *book, struct bh_buf *out);

#endif
