/* The pages that machines read: a line for each entry with all that proves it, the seal, and the
 * hashes of all files as sha256sum writes them.
 *
 *   entries.txt   position  previous hash  hash  canonical bytes  salt  content       in hex, or -
 *   seal.txt      name and value, a line each
 *   hashes.txt    hash, two blanks, name */
#include <inttypes.h>
#include <string.h>

#include "proto/err.h"
#include "server/dossier/book_part.h"

static int before_hash(struct bh_book_facts *f, uint64_t position, uint8_t out[BH_HASH_BYTES])
{
	struct bh_entry entry;
	int err = BH_NOERR;

	memset(out, 0, BH_HASH_BYTES);
	if (position > 1)
		err = bh_reader_entry(f->ask->reader, position - 1, &f->arena, &entry);
	if (!err && position > 1)
		memcpy(out, entry.hash, BH_HASH_BYTES);
	return err;
}

static int entry_line(struct bh_book_facts *f, uint64_t position, struct bh_page *page)
{
	struct bh_buf canonical = BH_BUF(1u << 20);
	uint8_t before[BH_HASH_BYTES];
	struct bh_entry entry;
	int err = bh_reader_entry(f->ask->reader, position, &f->arena, &entry);

	if (!err)
		err = before_hash(f, position, before);
	if (!err)
		err = bh_entry_canonical(&entry, &canonical);
	if (!err) {
		bool whole = entry.content.len > 0;
		bh_page_print(page, "%" PRIu64 " ", position);
		bh_page_hex(page, bh_span(before, BH_HASH_BYTES));
		bh_page_print(page, " ");
		bh_page_hex(page, bh_span(entry.hash, BH_HASH_BYTES));
		bh_page_print(page, " ");
		bh_page_hex(page, bh_buf_span(&canonical));
		bh_page_print(page, " ");
		bh_page_hex(page, bh_span(entry.salt, whole ? BH_SALT_BYTES : 0));
		bh_page_print(page, " ");
		bh_page_hex(page, entry.content);
		bh_page_print(page, "\n");
		err = page->err;
	}
	bh_buf_free(&canonical);
	return err;
}

int bh_book_entries(struct bh_book_facts *f, struct bh_buf *out)
{
	struct bh_page page = {.out = out};
	int err = BH_NOERR;

	for (size_t i = 0; !err && i < f->entries.count; i++)
		err = entry_line(f, f->entries.items[i].position, &page);
	return err;
}

int bh_book_seal(const struct bh_book_facts *f, struct bh_buf *out)
{
	struct bh_page page = {.out = out};

	bh_page_print(&page, "dossier 1\ndistrict %s\ncase %s\nnumber %" PRIu64 "\n",
		f->ask->district, f->number, f->ask->cased->number);
	bh_page_print(&page, "entries %zu\n", f->entries.count);
	if (f->sealed) {
		bh_page_print(&page, "seal ");
		bh_page_hex(&page, bh_span(f->seal.hash, BH_HASH_BYTES));
		bh_page_print(&page,
			"\nsealed_by %" PRIu64 "\nsealed_upto %" PRIu64 "\nsealed_entries %" PRIu32
			"\n",
			f->seal_position, f->seal.upto, f->seal.count);
	}
	return page.err;
}

int bh_book_hashes(const struct bh_book *book, struct bh_buf *out)
{
	struct bh_page page = {.out = out};

	for (size_t i = 0; i + 1 < book->count; i++) {
		bh_page_hex(&page, bh_span(book->files[i].hash, BH_HASH_BYTES));
		bh_page_print(&page, "  %s\n", book->files[i].name);
	}
	return page.err;
}
