/* The same index in plain text, a line for each paper. */
#include <inttypes.h>
#include <string.h>

#include "server/dossier/book_part.h"

static void paper_line(struct bh_page *page, const struct bh_book_facts *f,
	const struct bh_book_entry *paper, unsigned n)
{
	const struct bh_dossier_entry *entry = paper->entry;
	const struct bh_msg_person *person = entry->person
						     ? bh_rules_person(f->ask->rules, entry->person)
						     : NULL;

	bh_page_print(page, "%3u  ", n);
	bh_page_time(page, f->ask->rules, entry->at_ms);
	bh_page_print(page, "  ");
	bh_page_papers(page, paper);
	bh_page_print(page, "  %s  ", bh_verb_name_zh((enum bh_verb)entry->verb));
	if (person)
		bh_page_words(page, person->code);
	else
		bh_page_print(page, "%s", entry->person ? "-" : "系统");
	bh_page_print(page, "  照片 %u / %u  条目 %" PRIu64 "\n", entry->photos_here, entry->photos,
		entry->position);
	if (paper->title.len) {
		bh_page_print(page, "     ");
		bh_page_words(page, paper->title);
		bh_page_print(page, "\n");
	}
	if (paper->text.len) {
		bh_page_print(page, "     ");
		bh_page_words(page, paper->text);
		bh_page_print(page, "\n");
	}
}

static void parties_list(struct bh_page *page, const struct bh_book_ask *ask)
{
	for (size_t i = 0; i < ask->parties_count; i++) {
		bh_page_print(page, "当事人  %s  ", ask->parties[i].role);
		bh_page_words(page, ask->parties[i].name);
		bh_page_print(page, "  ");
		bh_page_words(page, ask->parties[i].contact);
		bh_page_print(page, "\n");
	}
}

static void photos_list(struct bh_page *page, const struct bh_book_facts *f)
{
	for (size_t i = 0; i < f->photos_count; i++) {
		const struct bh_book_photo *photo = &f->photos[i];
		bh_page_print(page, "照片  %s  %u 字节  ", photo->name, photo->row->size);
		bh_page_hex(page, bh_span(photo->row->hash, BH_HASH_BYTES));
		bh_page_print(page, "  %s\n", bh_book_photo_state(photo));
	}
}

int bh_book_text(const struct bh_book_facts *f, struct bh_buf *out)
{
	struct bh_page page = {.out = out};
	unsigned n = 0;

	bh_page_print(&page, "案卷 %s  %s  %s\n\n", f->number,
		bh_state_name_zh((enum bh_state)f->ask->cased->state),
		bh_dossier_lacks(&f->dossier) == 0 ? "材料齐全" : "材料不齐");
	for (size_t i = 0; i < f->entries.count; i++)
		if (f->papers[i].paper != BH_PAPER_NONE)
			paper_line(&page, f, &f->papers[i], ++n);
	bh_page_print(&page, "\n");
	for (unsigned paper = BH_PAPER_REPORT; paper < BH_PAPER_COUNT; paper++)
		if ((f->dossier.missing >> paper & 1) != 0)
			bh_page_print(&page, "缺  %s\n", bh_paper_name_zh(paper));
	parties_list(&page, f->ask);
	photos_list(&page, f);
	if (f->sealed) {
		bh_page_print(&page, "封卷  ");
		bh_page_hex(&page, bh_span(f->seal.hash, BH_HASH_BYTES));
		bh_page_print(&page, "\n");
	}
	return page.err;
}
