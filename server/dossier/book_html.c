/* The printable index: one page of HTML that needs nothing but the photos beside it.  No script, no
 * address of anything outside. */
#include <inttypes.h>
#include <string.h>

#include "proto/err.h"
#include "server/domain/intake.h"
#include "server/domain/paper_file.h"
#include "server/dossier/book_part.h"

static const char
	head[] = "<!DOCTYPE html>\n<html lang=\"zh\">\n<head>\n<meta charset=\"utf-8\">\n"
		 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		 "img-src 'self'; style-src 'unsafe-inline'\">\n";

static const char
	style[] = "<style>\n"
		  "body { font-family: \"Noto Serif CJK SC\", \"SimSun\", serif; margin: 2em auto; "
		  "max-width: 52em; color: #000; background: #fff; }\n"
		  "h1 { text-align: center; } h2 { border-bottom: 1px solid #000; }\n"
		  "table { border-collapse: collapse; width: 100%; } "
		  "th, td { border: 1px solid #000; padding: .3em .5em; text-align: left; "
		  "vertical-align: top; }\n"
		  "td.words { white-space: pre-wrap; overflow-wrap: anywhere; } "
		  "code { overflow-wrap: anywhere; }\n"
		  "figure { display: inline-block; width: 45%; margin: 1%; break-inside: avoid; } "
		  "img { max-width: 100%; max-height: 12cm; }\n"
		  "@page { size: A4; margin: 2.5cm 2cm; }\n"
		  "@media print { body { margin: 0; max-width: none; } tr { break-inside: avoid; } "
		  "thead { display: table-header-group; } h2 { break-after: avoid; } }\n"
		  "</style>\n";

static void row(struct bh_page *page, const char *name, struct bh_span value)
{
	bh_page_print(page, "<tr><th>%s</th><td class=\"words\">", name);
	bh_page_words(page, value);
	bh_page_print(page, "</td></tr>\n");
}

static void time_row(
	struct bh_page *page, const char *name, const struct bh_book_facts *f, int64_t ms)
{
	bh_page_print(page, "<tr><th>%s</th><td>", name);
	bh_page_time(page, f->ask->rules, ms);
	bh_page_print(page, "</td></tr>\n");
}

static void case_table(struct bh_page *page, const struct bh_book_facts *f)
{
	const struct bh_case *cased = f->ask->cased;
	const struct bh_msg_catalogue_type *type = bh_rules_type(f->ask->rules, cased->type);
	const struct bh_msg_area *area = bh_rules_area(f->ask->rules, cased->area);
	const struct bh_msg_unit *unit = cased->unit ? bh_rules_unit(f->ask->rules, cased->unit)
						     : NULL;
	const char *state = bh_state_name_zh((enum bh_state)cased->state);
	const char *intake = bh_intake_name_zh(cased->intake);
	static const struct bh_span none = {NULL, 0};

	intake = intake ? intake : "";
	bh_page_print(page, "<table>\n");
	row(page, "案件编号", bh_span(f->number, strlen(f->number)));
	row(page, "类别", type ? type->name : none);
	row(page, "地点", area ? area->name : none);
	row(page, "承办单位", unit ? unit->name : none);
	row(page, "状态", bh_span(state, strlen(state)));
	row(page, "来源", bh_span(intake, strlen(intake)));
	time_row(page, "上报时间", f, cased->received_ms);
	time_row(page, "结案时间", f, cased->closed_ms);
	time_row(page, "归档时间", f, cased->archived_ms);
	bh_page_print(page, "</table>\n");
}

/* ---- What is in it ---- */

static void completeness(struct bh_page *page, const struct bh_book_facts *f)
{
	const struct bh_dossier *dossier = &f->dossier;

	bh_page_print(page, "<h2>完整性</h2>\n<p>%s;照片已到 %u / %u。</p>\n",
		bh_dossier_lacks(dossier) == 0 ? "材料齐全" : "材料不齐", dossier->photos_here,
		dossier->photos);
	if (dossier->missing == 0)
		return;
	bh_page_print(page, "<p>缺:");
	for (unsigned paper = BH_PAPER_REPORT; paper < BH_PAPER_COUNT; paper++)
		if ((dossier->missing >> paper & 1) != 0)
			bh_page_print(page, "%s ", bh_paper_name_zh(paper));
	bh_page_print(page, "</p>\n");
}

static void actor(struct bh_page *page, const struct bh_book_facts *f, uint32_t id)
{
	const struct bh_msg_person *person = id ? bh_rules_person(f->ask->rules, id) : NULL;

	if (person)
		bh_page_words(page, person->code);
	else
		bh_page_print(page, "%s", id ? "-" : "系统");
}

static void paper_row(struct bh_page *page, const struct bh_book_facts *f,
	const struct bh_book_entry *paper, unsigned n)
{
	const struct bh_dossier_entry *entry = paper->entry;

	bh_page_print(page, "<tr><td>%u</td><td>", n);
	bh_page_time(page, f->ask->rules, entry->at_ms);
	bh_page_print(page, "</td><td>");
	bh_page_papers(page, paper);
	bh_page_print(page, "</td><td>%s</td><td>", bh_verb_name_zh((enum bh_verb)entry->verb));
	actor(page, f, entry->person);
	bh_page_print(page, "</td><td class=\"words\">");
	if (paper->title.len) {
		bh_page_print(page, "<strong>");
		bh_page_words(page, paper->title);
		bh_page_print(page, "</strong>\n");
	}
	bh_page_words(page, paper->text);
	bh_page_print(page, "</td><td>%u / %u</td><td>%" PRIu64 "</td></tr>\n", entry->photos_here,
		entry->photos, entry->position);
}

static void papers_table(struct bh_page *page, const struct bh_book_facts *f)
{
	unsigned n = 0;

	bh_page_print(page, "<h2>卷内目录</h2>\n<table>\n<thead><tr><th>序号</th><th>时间</th>"
			    "<th>材料</th><th>环节</th><th>经办</th><th>内容</th><th>照片</th>"
			    "<th>条目</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < f->entries.count; i++)
		if (f->papers[i].paper != BH_PAPER_NONE)
			paper_row(page, f, &f->papers[i], ++n);
	bh_page_print(page, "</tbody>\n</table>\n");
}

static void parties_table(struct bh_page *page, const struct bh_book_ask *ask)
{
	if (ask->parties_count == 0)
		return;
	bh_page_print(page, "<h2>当事人</h2>\n<table>\n<thead><tr><th>身份</th><th>姓名</th>"
			    "<th>联系方式</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < ask->parties_count; i++) {
		bh_page_print(page, "<tr><td>%s</td><td class=\"words\">", ask->parties[i].role);
		bh_page_words(page, ask->parties[i].name);
		bh_page_print(page, "</td><td class=\"words\">");
		bh_page_words(page, ask->parties[i].contact);
		bh_page_print(page, "</td></tr>\n");
	}
	bh_page_print(page, "</tbody>\n</table>\n");
}

/* A paper like any other: by whose hand, how many bytes, the sum that proves it. */
static void photos_table(struct bh_page *page, const struct bh_book_facts *f)
{
	bh_page_print(page, "<table>\n<thead><tr><th>序号</th><th>文件</th><th>环节</th>"
			    "<th>拍摄</th><th>字节</th><th>SHA-256</th><th>状态</th></tr></thead>\n"
			    "<tbody>\n");
	for (size_t i = 0; i < f->photos_count; i++) {
		const struct bh_book_photo *photo = &f->photos[i];
		bh_page_print(page, "<tr><td>%zu</td><td>%s</td><td>%s</td><td>", i + 1,
			photo->name, bh_verb_name_zh((enum bh_verb)photo->row->verb));
		actor(page, f, photo->row->person);
		bh_page_print(page, "</td><td>%u</td><td><code>", photo->row->size);
		bh_page_hex(page, bh_span(photo->row->hash, BH_HASH_BYTES));
		bh_page_print(page, "</code></td><td>%s</td></tr>\n", bh_book_photo_state(photo));
	}
	bh_page_print(page, "</tbody>\n</table>\n");
}

static void photos_show(struct bh_page *page, const struct bh_book_facts *f)
{
	if (f->photos_count == 0)
		return;
	bh_page_print(page, "<h2>照片</h2>\n");
	photos_table(page, f);
	for (size_t i = 0; i < f->photos_count; i++) {
		const struct bh_book_photo *photo = &f->photos[i];
		if (photo->row->kind == BH_BLOB_THUMBNAIL || photo->again || !photo->here)
			continue;
		if (photo->row->verb == BH_VERB_PAPER &&
			BH_PAPER_BLOB_FORM(photo->row->kind) == BH_PAPER_FORM_PDF) {
			bh_page_print(
				page, "<p><a href=\"%s\">%s</a></p>\n", photo->name, photo->name);
			continue;
		}
		bh_page_print(page,
			"<figure><img src=\"%s\" alt=\"\"><figcaption>%s</figcaption>"
			"</figure>\n",
			photo->name, photo->name);
	}
}

static void seal_show(struct bh_page *page, const struct bh_book_facts *f)
{
	bh_page_print(page, "<h2>封卷</h2>\n");
	if (!f->sealed) {
		bh_page_print(page, "<p>未封卷。</p>\n");
		return;
	}
	bh_page_print(page, "<p>封卷条目 %" PRIu64 ",含条目 %u 个,至 %" PRIu64 ";校验值 <code>",
		f->seal_position, f->seal.count, f->seal.upto);
	bh_page_hex(page, bh_span(f->seal.hash, BH_HASH_BYTES));
	bh_page_print(page, "</code></p>\n");
}

int bh_book_html(const struct bh_book_facts *f, struct bh_buf *out)
{
	struct bh_page page = {.out = out, .html = true};

	bh_page_print(&page, "%s<title>案卷 %s</title>\n", head, f->number);
	page.err = page.err ? page.err : bh_buf_append(out, style, sizeof(style) - 1);
	bh_page_print(&page, "</head>\n<body>\n<h1>案卷 %s</h1>\n", f->number);
	case_table(&page, f);
	completeness(&page, f);
	papers_table(&page, f);
	parties_table(&page, f->ask);
	photos_show(&page, f);
	seal_show(&page, f);
	bh_page_print(&page, "</body>\n</html>\n");
	return page.err;
}
