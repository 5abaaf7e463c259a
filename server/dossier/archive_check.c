/* Proving an archive from its bytes: what is in it is exactly what hashes.txt lists, and what it
 * says of itself holds.  A file of anybody's: every length is bounded before it is read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#include "proto/err.h"
#include "proto/limits.h"
#include "proto/number.h"
#include "server/domain/paper_file.h"
#include "server/dossier/archive.h"

#define FILES_MAX (BH_BOOK_PHOTOS_MAX + 8u)
#define ARENA_BYTES_MAX (256u << 20)
#define HASH_LINE_BYTES (2 * BH_HASH_BYTES + 2)

struct check {
	zip_t *zip;
	struct bh_entries_check entries;
	struct bh_archive_report *report;
	struct bh_buf hashes, list, seal;
	bool listed[FILES_MAX];
	uint8_t held[FILES_MAX][BH_HASH_BYTES]; /* what photos and papers hash to */
	size_t held_count;
};

static int wrong(struct check *c, const char *what, const char *name)
{
	(void)snprintf(c->report->what, sizeof(c->report->what), "%s%s%.70s", what,
		name ? ": " : "", name ? name : "");
	return BH_ERR_CORRUPT;
}

/* ---- Reading ---- */

static bool name_is_ours(const char *name)
{
	static const char *const names[] = {
		BH_BOOK_INDEX, BH_BOOK_INDEX_TEXT, BH_BOOK_ENTRIES, BH_BOOK_SEAL, BH_BOOK_HASHES};
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	const char *const ends[] = {".jpg", ".pdf", ".png"};
	bool paper = strncmp(name, BH_BOOK_PAPERS, strlen(BH_BOOK_PAPERS)) == 0;
	const size_t folder = strlen(paper ? BH_BOOK_PAPERS : BH_BOOK_PHOTOS);
	bool ours = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	if (!paper && strncmp(name, BH_BOOK_PHOTOS, folder) != 0)
		return false;
	size_t len = strspn(name + folder, letters);
	for (size_t i = 0; i < (paper ? sizeof(ends) / sizeof(ends[0]) : 1); i++)
		ours = ours || strcmp(name + folder + len, ends[i]) == 0;
	return len > 0 && ours;
}

static int bytes_read(struct check *c, zip_uint64_t index, struct bh_buf *out)
{
	zip_stat_t found;
	uint8_t *room = NULL;

	if (zip_stat_index(c->zip, index, 0, &found) != 0 || !(found.valid & ZIP_STAT_SIZE) ||
		found.size > out->max)
		return wrong(c, "a file is larger than it may be", NULL);
	zip_file_t *file = zip_fopen_index(c->zip, index, 0);
	if (!file)
		return wrong(c, "a file cannot be read", zip_get_name(c->zip, index, 0));
	int err = bh_buf_reserve(out, found.size + 1, &room);
	if (err == BH_ERR_LIMIT)
		err = bh_buf_reserve(out, found.size, &room);
	zip_int64_t got = 0, n = 1;
	while (!err && n > 0 && (zip_uint64_t)got < found.size) {
		n = zip_fread(file, room + got, found.size - (zip_uint64_t)got);
		got += n > 0 ? n : 0;
	}
	(void)zip_fclose(file);
	if (!err && (n < 0 || (zip_uint64_t)got != found.size))
		return wrong(c, "a file is not as long as it says", NULL);
	if (!err)
		out->len += (size_t)got;
	return err;
}

static int page_read(struct check *c, const char *name, struct bh_buf *out)
{
	zip_int64_t index = zip_name_locate(c->zip, name, ZIP_FL_ENC_RAW);

	return index < 0 ? wrong(c, "a page is missing", name)
			 : bytes_read(c, (zip_uint64_t)index, out);
}

/* ---- The list of hashes ---- */

static bool photo_is_named(const struct bh_entries_check *entries, const uint8_t *hash)
{
	for (size_t i = 0; i < entries->count; i++) {
		struct bh_span header = entries->items[i].header;
		if (header.len && memmem(header.data, header.len, hash, BH_HASH_BYTES))
			return true;
	}
	return false;
}

/* "...-0123456789ab.pdf", "...-0123456789ab-small.jpg" */
static bool name_has_hash(const char *name, const uint8_t *hash)
{
	const size_t small = strlen(BH_BOOK_SMALL);
	char digits[2 * BH_HASH_BYTES + 1];
	size_t len = strcspn(name, ".");

	if (len > small && memcmp(name + len - small, BH_BOOK_SMALL, small) == 0)
		len -= small;
	bh_hex_format(bh_span(hash, BH_HASH_BYTES), digits);
	return len > BH_BOOK_HASH_SHOWN && name[len - BH_BOOK_HASH_SHOWN - 1] == '-' &&
	       memcmp(name + len - BH_BOOK_HASH_SHOWN, digits, BH_BOOK_HASH_SHOWN) == 0;
}

static int photo_check(struct check *c, const char *name, const uint8_t *hash)
{
	if (!photo_is_named(&c->entries, hash))
		return wrong(c, "no entry names this photo", name);
	if (!name_has_hash(name, hash))
		return wrong(c, "a file stands under the name of another", name);
	bh_assert(c->held_count < FILES_MAX);
	memcpy(c->held[c->held_count++], hash, BH_HASH_BYTES);
	return BH_NOERR;
}

static int file_check(struct check *c, zip_uint64_t index, const char *name, const uint8_t *hash)
{
	bool photo = strncmp(name, BH_BOOK_PHOTOS, strlen(BH_BOOK_PHOTOS)) == 0 ||
		     strncmp(name, BH_BOOK_PAPERS, strlen(BH_BOOK_PAPERS)) == 0;
	struct bh_buf bytes = BH_BUF(photo ? BH_BLOB_BYTES_MAX : BH_BOOK_PAGE_BYTES_MAX);
	uint8_t found[BH_HASH_BYTES];
	int err = bytes_read(c, index, &bytes);

	if (!err) {
		struct bh_span all = bh_buf_span(&bytes);
		bh_hash_parts(c->entries.hasher, &all, 1, found);
		if (memcmp(found, hash, BH_HASH_BYTES) != 0)
			err = wrong(c, "a file is not what hashes.txt says", name);
	}
	bh_buf_free(&bytes);
	if (!err && photo)
		err = photo_check(c, name, hash);
	c->report->photos += photo;
	c->report->files++;
	return err;
}

/* "<64 digits>  <name>" */
static int line_check(struct check *c, char *line)
{
	uint8_t hash[BH_HASH_BYTES];
	char *name = line + HASH_LINE_BYTES;

	if (strlen(line) <= HASH_LINE_BYTES || memcmp(name - 2, "  ", 2) != 0)
		return wrong(c, "hashes.txt cannot be read", NULL);
	name[-2] = '\0';
	if (bh_hex_parse(line, hash, sizeof(hash)) != BH_NOERR || !name_is_ours(name) ||
		strcmp(name, BH_BOOK_HASHES) == 0)
		return wrong(c, "hashes.txt cannot be read", NULL);
	zip_int64_t index = zip_name_locate(c->zip, name, ZIP_FL_ENC_RAW);
	if (index < 0 || c->listed[index])
		return wrong(c, index < 0 ? "a file is missing" : "a file is listed twice", name);
	c->listed[index] = true;
	return file_check(c, (zip_uint64_t)index, name, hash);
}

static int list_check(struct check *c)
{
	char *at = (char *)c->hashes.data, *end = at + c->hashes.len;
	int err = BH_NOERR;

	while (!err && at < end) {
		char *stop = memchr(at, '\n', (size_t)(end - at));
		if (!stop || memchr(at, '\0', (size_t)(stop - at)))
			return wrong(c, "hashes.txt cannot be read", NULL);
		*stop = '\0';
		err = line_check(c, at);
		at = stop + 1;
	}
	return err;
}

static bool is_held(const struct check *c, struct bh_span hash)
{
	bool held = false;

	for (size_t i = 0; i < c->held_count && !held; i++)
		held = bh_span_equal(hash, bh_span(c->held[i], BH_HASH_BYTES));
	return held;
}

/* A paper that is lost in the district is in no archive either: it is told, and no fault. */
static void papers_count(struct check *c)
{
	const struct bh_entries_check *entries = &c->entries;

	for (size_t i = 0; i < entries->count; i++) {
		struct bh_paper_said said;
		if (entries->items[i].verb == BH_VERB_PAPER &&
			bh_paper_decode(entries->items[i].header, &said) == BH_NOERR &&
			said.size != 0)
			c->report->papers_missing += !is_held(c, bh_span(said.hash, BH_HASH_BYTES));
	}
}

static int index_check(struct check *c, const char *name, bool html)
{
	struct bh_buf page = BH_BUF(BH_BOOK_PAGE_BYTES_MAX);
	int err = page_read(c, name, &page);

	if (!err)
		err = bh_index_check(&c->entries, bh_buf_span(&page), html);
	bh_buf_free(&page);
	return err == BH_ERR_CORRUPT && c->report->what[0] == '\0' ? wrong(c, c->entries.what, name)
								   : err;
}

/* What is in it is ours, once, and listed. */
static int names_check(struct check *c)
{
	zip_int64_t count = zip_get_num_entries(c->zip, 0);

	if (count < 0 || (size_t)count > FILES_MAX)
		return wrong(c, "it has more files than a dossier", NULL);
	for (zip_int64_t i = 0; i < count; i++) {
		const char *name = zip_get_name(c->zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW);
		if (!name || !name_is_ours(name))
			return wrong(c, "a file is none of a dossier's", NULL);
		if (zip_name_locate(c->zip, name, ZIP_FL_ENC_RAW) != i)
			return wrong(c, "a file is there twice", name);
	}
	return BH_NOERR;
}

static int unlisted_check(struct check *c)
{
	zip_int64_t count = zip_get_num_entries(c->zip, 0);

	for (zip_int64_t i = 0; i < count; i++) {
		const char *name = zip_get_name(c->zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW);
		if (!c->listed[i] && strcmp(name, BH_BOOK_HASHES) != 0)
			return wrong(c, "hashes.txt does not list a file", name);
	}
	return BH_NOERR;
}

static int all_check(struct check *c)
{
	int err = names_check(c);

	if (!err)
		err = page_read(c, BH_BOOK_HASHES, &c->hashes);
	if (!err)
		err = page_read(c, BH_BOOK_ENTRIES, &c->list);
	if (!err)
		err = page_read(c, BH_BOOK_SEAL, &c->seal);
	if (!err)
		err = bh_entries_check(&c->entries, bh_buf_span(&c->list));
	if (!err)
		err = bh_seal_check(&c->entries, bh_buf_span(&c->seal), c->report);
	if (err == BH_ERR_CORRUPT && c->report->what[0] == '\0')
		return wrong(c, c->entries.what, NULL);
	if (!err)
		err = list_check(c);
	if (!err)
		err = unlisted_check(c);
	if (!err)
		papers_count(c);
	if (!err)
		err = index_check(c, BH_BOOK_INDEX, true);
	return err ? err : index_check(c, BH_BOOK_INDEX_TEXT, false);
}

int bh_archive_check(const char *path, struct bh_archive_report *report)
{
	struct check *c = calloc(1, sizeof(*c));
	int code = 0, err = c ? BH_NOERR : BH_ERR_NOMEM;

	*report = (struct bh_archive_report){.files = 0};
	if (err)
		return err;
	c->report = report;
	c->hashes = c->list = c->seal = BH_BUF(BH_BOOK_PAGE_BYTES_MAX);
	c->entries.arena = BH_ARENA(ARENA_BYTES_MAX);
	c->zip = zip_open(path, ZIP_RDONLY | ZIP_CHECKCONS, &code);
	/* libzip says "no such file" of some damage, too. */
	if (!c->zip)
		err = access(path, F_OK) != 0 ? BH_ERR_NOT_FOUND
		      : code == ZIP_ER_MEMORY ? BH_ERR_NOMEM
		      : code == ZIP_ER_OPEN   ? BH_ERR_IO
					      : wrong(c, "it is no whole ZIP", NULL);
	if (!err)
		err = bh_hasher_open(&c->entries.hasher);
	if (!err)
		err = all_check(c);
	report->entries = (uint32_t)c->entries.count;
	report->contents = (uint32_t)c->entries.contents;
	bh_hasher_close(c->entries.hasher);
	if (c->zip)
		zip_discard(c->zip);
	bh_arena_free(&c->entries.arena);
	bh_buf_free(&c->hashes);
	bh_buf_free(&c->list);
	bh_buf_free(&c->seal);
	free(c);
	return err;
}
