/* A dossier is gathered once, then each of its pages is written from what was gathered:
 *
 *   entries, photos, seal ──▶ index.html  index.txt  entries.txt  seal.txt
 *                                        └──── and every photo ────┴──▶ hashes.txt
 *
 * Nothing in it says when or by whom it was made, so that the same case gives the same bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "proto/message_dispute.h"
#include "proto/number.h"
#include "server/domain/ending.h"
#include "server/domain/order.h"
#include "server/domain/paper_file.h"
#include "server/dossier/book_part.h"
#include "server/store/blob_files.h"

#define ARENA_BYTES_MAX (96u << 20)
#define PAGES 5u
#define PATH_BYTES 1024u

/* ---- Gathering ---- */

static int text_take(struct bh_book_facts *f, const struct bh_entry *entry, struct bh_span *out)
{
	struct bh_msg_op_content content;
	int reason = 0;

	if (entry->content.len == 0)
		return BH_NOERR;
	int err = bh_op_decode_content(entry->content, &f->arena, &content, &reason);
	if (err == BH_ERR_NOMEM)
		return err;
	if (!err && reason == 0 && bh_utf8_valid(content.text))
		*out = content.text;
	return BH_NOERR;
}

/* What a consultation decided, the steps of a plan: lines behind the text. */
static int lines_take(struct bh_book_facts *f, const struct bh_entry *entry, struct bh_span *out)
{
	struct bh_msg_dispute_content papers = {.decisions_count = 0};
	size_t len = out->len, at = out->len;

	if ((entry->verb != BH_VERB_CONSULT && entry->verb != BH_VERB_MILESTONES) ||
		entry->content.len == 0)
		return BH_NOERR;
	int err = bh_decode_dispute_content(entry->content, &f->arena, &papers);
	if (err || papers.decisions_count == 0)
		return err == BH_ERR_NOMEM ? err : BH_NOERR;
	for (size_t i = 0; i < papers.decisions_count; i++)
		len += 1 + papers.decisions[i].len;
	uint8_t *text = bh_arena_array(&f->arena, len, 1);
	if (!text)
		return BH_ERR_NOMEM;
	if (out->len)
		memcpy(text, out->data, out->len);
	for (size_t i = 0; i < papers.decisions_count; i++) {
		text[at++] = '\n';
		if (papers.decisions[i].len)
			memcpy(text + at, papers.decisions[i].data, papers.decisions[i].len);
		at += papers.decisions[i].len;
	}
	if (bh_utf8_valid(bh_span(text, len)))
		*out = bh_span(text, len);
	return BH_NOERR;
}

/* An order's is what it is called, which no erasure touches; of what went elsewhere, why and to
 * whom, and the number that it has there. */
static int title_take(struct bh_book_facts *f, const struct bh_entry *entry, struct bh_span *out)
{
	char name[BH_ENDING_WORDS_SIZE > BH_ORDER_TEXT_SIZE ? BH_ENDING_WORDS_SIZE
							    : BH_ORDER_TEXT_SIZE] = "";
	struct bh_ending ending = bh_ending_of(entry, &f->arena);

	if (bh_verb_is_order(entry->verb))
		bh_order_ref_format_zh(bh_order_of_decision(entry->decision), name);
	else
		bh_ending_words_zh(&ending, name);
	return name[0] == '\0' ? BH_NOERR
			       : bh_arena_copy(&f->arena, bh_span(name, strlen(name)), out);
}

static int words_take(struct bh_book_facts *f, struct bh_book_entry *paper)
{
	struct bh_entry entry;
	int err = bh_reader_entry(f->ask->reader, paper->entry->position, &f->arena, &entry);

	if (!err)
		err = title_take(f, &entry, &paper->title);
	if (!err)
		err = text_take(f, &entry, &paper->text);
	return err ? err : lines_take(f, &entry, &paper->text);
}

static int papers_gather(struct bh_book_facts *f)
{
	size_t count = f->entries.count;
	int err = BH_NOERR;

	f->papers = bh_arena_array(&f->arena, count + 1, sizeof(*f->papers));
	if (!f->papers)
		return BH_ERR_NOMEM;
	for (size_t i = 0; !err && i < count; i++) {
		struct bh_book_entry *paper = &f->papers[i];
		*paper = (struct bh_book_entry){.entry = &f->entries.items[i]};
		paper->paper = bh_paper_of(paper->entry);
		err = words_take(f, paper);
		if (paper->entry->verb != BH_VERB_PAPER || paper->text.len == 0)
			continue;
		const uint8_t *end = memchr(paper->text.data, '\n', paper->text.len);
		size_t title = end ? (size_t)(end - paper->text.data) : paper->text.len;
		paper->title = bh_span(paper->text.data, title);
		title += end != NULL;
		paper->text = bh_span(paper->text.data + title, paper->text.len - title);
	}
	return err;
}

static bool photo_is_on_disk(const struct bh_book_ask *ask, const struct bh_blob_row *row)
{
	char path[PATH_BYTES];
	struct stat found;

	return row->stored && bh_blob_path(ask->db_path, row->hash, path, sizeof(path)) == 0 &&
	       stat(path, &found) == 0 && found.st_size == (off_t)row->size;
}

/* "photos/0001-submit-0123456789ab.jpg": nothing in a name is a person's. */
static void photo_name(struct bh_book_photo *photo, size_t n)
{
	char hash[2 * BH_HASH_BYTES + 1];

	bh_hex_format(bh_span(photo->row->hash, BH_HASH_BYTES), hash);
	if (photo->row->verb == BH_VERB_PAPER) {
		(void)snprintf(photo->name, sizeof(photo->name), BH_BOOK_PAPERS "%04zu-%s-%.*s.%s",
			n, bh_paper_name(BH_PAPER_BLOB_PAPER(photo->row->kind)), BH_BOOK_HASH_SHOWN,
			hash, bh_paper_form_name(BH_PAPER_BLOB_FORM(photo->row->kind)));
		return;
	}
	(void)snprintf(photo->name, sizeof(photo->name), BH_BOOK_PHOTOS "%04zu-%s-%.*s%s.jpg", n,
		bh_verb_name((enum bh_verb)photo->row->verb), BH_BOOK_HASH_SHOWN, hash,
		photo->row->kind == BH_BLOB_THUMBNAIL ? BH_BOOK_SMALL : "");
}

static int photos_gather(struct bh_book_facts *f)
{
	size_t count = 0;

	f->rows = bh_arena_array(&f->arena, BH_BOOK_PHOTOS_MAX + 1, sizeof(*f->rows));
	f->photos = bh_arena_array(&f->arena, BH_BOOK_PHOTOS_MAX + 1, sizeof(*f->photos));
	if (!f->rows || !f->photos)
		return BH_ERR_NOMEM;
	int err = bh_reader_case_blobs(
		f->ask->reader, f->ask->cased->number, f->rows, BH_BOOK_PHOTOS_MAX + 1, &count);
	if (!err && count > BH_BOOK_PHOTOS_MAX)
		err = BH_ERR_LIMIT;
	for (size_t i = 0; !err && i < count; i++) {
		struct bh_book_photo *photo = &f->photos[i];
		*photo = (struct bh_book_photo){.row = &f->rows[i]};
		photo->here = photo_is_on_disk(f->ask, photo->row);
		photo_name(photo, i + 1);
		for (size_t j = 0; j < i && !photo->again; j++) {
			photo->again = memcmp(f->rows[j].hash, photo->row->hash, BH_HASH_BYTES) ==
				       0;
			if (photo->again)
				memcpy(photo->name, f->photos[j].name, sizeof(photo->name));
		}
	}
	f->photos_count = err ? 0 : count;
	return err;
}

const char *bh_book_photo_state(const struct bh_book_photo *photo)
{
	if (photo->here)
		return photo->again ? "同前" : "在卷";
	return photo->row->stored ? "已丢失" : "尚在终端,未上传";
}

static int facts_gather(struct bh_book_facts *f)
{
	const struct bh_book_ask *ask = f->ask;
	int err = bh_reader_dossier(ask->reader, ask->cased->number, &f->entries);

	if (err)
		return err;
	bh_case_number_format(ask->cased->number, f->number);
	f->kinds = bh_dossier_kinds(ask->rules, ask->cased);
	bh_dossier_judge(f->entries.items, f->entries.count, f->kinds, &f->dossier);
	err = bh_reader_seal(ask->reader, ask->cased->number, &f->seal, &f->seal_position);
	f->sealed = err == BH_NOERR;
	if (err == BH_ERR_NOT_FOUND)
		err = BH_NOERR;
	if (!err)
		err = papers_gather(f);
	return err ? err : photos_gather(f);
}

/* ---- Files ---- */

static struct bh_book_file *page_add(struct bh_book *book, const char *name)
{
	struct bh_book_file *file = &book->files[book->count++];

	*file = (struct bh_book_file){.bytes = BH_BUF(BH_BOOK_PAGE_BYTES_MAX)};
	(void)snprintf(file->name, sizeof(file->name), "%s", name);
	return file;
}

static void photos_add(struct bh_book *book, const struct bh_book_facts *f)
{
	for (size_t i = 0; i < f->photos_count; i++) {
		const struct bh_book_photo *photo = &f->photos[i];
		if (!photo->here || photo->again)
			continue;
		struct bh_book_file *file = page_add(book, photo->name);
		file->photo = true;
		file->size = photo->row->size;
		memcpy(file->hash, photo->row->hash, BH_HASH_BYTES);
	}
}

static int hashes_take(struct bh_book *book)
{
	struct bh_hasher *hasher;
	int err = bh_hasher_open(&hasher);

	if (err)
		return err;
	for (size_t i = 0; i < book->count; i++) {
		struct bh_span bytes = bh_buf_span(&book->files[i].bytes);
		if (!book->files[i].photo)
			bh_hash_parts(hasher, &bytes, 1, book->files[i].hash);
	}
	bh_hasher_close(hasher);
	return BH_NOERR;
}

static int pages_make(struct bh_book_facts *f, struct bh_book *book)
{
	int err = bh_book_html(f, &page_add(book, BH_BOOK_INDEX)->bytes);

	if (!err)
		err = bh_book_text(f, &page_add(book, BH_BOOK_INDEX_TEXT)->bytes);
	if (!err)
		err = bh_book_entries(f, &page_add(book, BH_BOOK_ENTRIES)->bytes);
	if (!err)
		err = bh_book_seal(f, &page_add(book, BH_BOOK_SEAL)->bytes);
	if (err)
		return err;
	photos_add(book, f);
	err = hashes_take(book);
	return err ? err : bh_book_hashes(book, &page_add(book, BH_BOOK_HASHES)->bytes);
}

int bh_book_make(const struct bh_book_ask *ask, struct bh_book *out)
{
	struct bh_book_facts facts = {.ask = ask, .arena = BH_ARENA(ARENA_BYTES_MAX)};
	struct bh_book book = {0};
	int err = facts_gather(&facts);

	if (!err) {
		book.files = calloc(facts.photos_count + PAGES, sizeof(*book.files));
		err = book.files ? BH_NOERR : BH_ERR_NOMEM;
	}
	if (!err)
		err = pages_make(&facts, &book);
	bh_dossier_entries_free(&facts.entries);
	bh_arena_free(&facts.arena);
	if (err)
		bh_book_free(&book);
	else
		*out = book;
	return err;
}

void bh_book_free(struct bh_book *book)
{
	for (size_t i = 0; i < book->count; i++)
		bh_buf_wipe(&book->files[i].bytes);
	free(book->files);
	*book = (struct bh_book){0};
}
