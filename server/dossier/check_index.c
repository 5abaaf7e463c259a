/* The two pages for reading against entries.txt: each paper's title and words stand in them, in the
 * order of the entries.  Names, times and what is missing are the district's words and in no entry,
 * so that no page is proved by this but for what its papers say. */
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "server/dossier/archive.h"
#include "server/dossier/book_part.h"
#include "server/domain/paper_file.h"

static bool is_withdrawn(const struct bh_entries_check *check, const struct bh_checked_entry *item)
{
	bool is = false;

	for (size_t i = 0; i < check->count && !is; i++) {
		uint64_t position = 0;
		is = check->items[i].verb == BH_VERB_WITHDRAW_PAPER &&
		     bh_withdraw_decode(check->items[i].header, &position) == BH_NOERR &&
		     position == item->position;
	}
	return is;
}

/* As book.c takes it; empty: it shows no words. */
static int words_of(
	struct bh_entries_check *check, const struct bh_checked_entry *item, struct bh_span *out)
{
	const struct bh_dossier_entry entry = {
		.verb = item->verb, .log_short = item->log_short, .kind = BH_PAPER_OTHER};
	struct bh_msg_op_content content;
	int reason = 0;

	*out = bh_span(NULL, 0);
	if (item->content.len == 0 || bh_paper_of(&entry) == BH_PAPER_NONE)
		return BH_NOERR;
	if (item->verb == BH_VERB_PAPER && is_withdrawn(check, item))
		return BH_NOERR;
	int err = bh_op_decode_content(item->content, &check->arena, &content, &reason);
	if (!err && reason == 0 && bh_utf8_valid(content.text))
		*out = content.text;
	return err == BH_ERR_NOMEM ? err : BH_NOERR;
}

/* What is left of the page behind these words; false: they are not in it. */
static int words_find(struct bh_span words, bool html, struct bh_span *page, bool *found)
{
	struct bh_buf shown = BH_BUF(BH_BOOK_PAGE_BYTES_MAX);
	struct bh_page made = {.out = &shown, .html = html};

	bh_page_words(&made, words);
	const uint8_t *at = made.err || shown.len == 0
				    ? NULL
				    : memmem(page->data, page->len, shown.data, shown.len);
	*found = at != NULL || shown.len == 0;
	if (at) {
		size_t before = (size_t)(at - page->data) + shown.len;
		*page = bh_span(page->data + before, page->len - before);
	}
	bh_buf_free(&shown);
	return made.err;
}

int bh_index_check(struct bh_entries_check *check, struct bh_span page, bool html)
{
	bool found = true;
	int err = BH_NOERR;

	for (size_t i = 0; !err && found && i < check->count; i++) {
		const struct bh_checked_entry *item = &check->items[i];
		struct bh_span words, title = {NULL, 0};
		err = words_of(check, item, &words);
		const uint8_t *end = item->verb == BH_VERB_PAPER && words.len
					     ? memchr(words.data, '\n', words.len)
					     : NULL;
		if (end) {
			title = bh_span(words.data, (size_t)(end - words.data));
			words = bh_span(end + 1, words.len - title.len - 1);
		}
		if (!err)
			err = words_find(title, html, &page, &found);
		if (!err && found)
			err = words_find(words, html, &page, &found);
	}
	if (err || found)
		return err;
	check->what = "an index does not say what an entry does";
	return BH_ERR_CORRUPT;
}
