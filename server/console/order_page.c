/* An order on paper: one page of HTML without any script or outside thing, whose every text is
 * escaped, and which a browser prints on one sheet of A4. */
#include <stdio.h>
#include <string.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/console/order_json.h"
#include "server/console/time_text.h"

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"zh\"><head><meta charset=\"utf-8\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	"style-src 'unsafe-inline'\">\n<style>\n"
	"@page{size:A4;margin:25mm 22mm}\n"
	"body{font:16px/1.8 SimSun,\"Noto Serif CJK SC\",serif;max-width:170mm;margin:auto}\n"
	"h1{text-align:center;letter-spacing:.5em;font-size:28px}\n"
	".number{text-align:right}\n"
	"table{width:100%;border-collapse:collapse}\n"
	"th,td{border:1px solid;padding:.4em .6em;text-align:left;vertical-align:top}\n"
	"th{width:7em;font-weight:normal}\n"
	"td{white-space:pre-wrap;overflow-wrap:anywhere}\n"
	".sign{margin-top:2em;display:flex;justify-content:space-between}\n"
	"@media print{body{max-width:none}table{page-break-inside:avoid}}\n"
	"</style>\n<title>";

struct page {
	struct bh_exchange *x;
	int err;
};

static void put(struct page *page, const char *text, size_t len)
{
	if (!page->err)
		page->err = bh_buf_append(&page->x->response.body, text, len);
}

static void put_plain(struct page *page, const char *text)
{
	put(page, text, strlen(text));
}

static void put_escaped(struct page *page, struct bh_span text)
{
	for (size_t i = 0; i < text.len; i++) {
		char letter = (char)text.data[i];
		if (letter == '&')
			put_plain(page, "&amp;");
		else if (letter == '<')
			put_plain(page, "&lt;");
		else if (letter == '>')
			put_plain(page, "&gt;");
		else if (letter == '"')
			put_plain(page, "&quot;");
		else if (letter == '\'')
			put_plain(page, "&#39;");
		else
			put(page, &letter, 1);
	}
}

static void put_row(struct page *page, const char *name, struct bh_span value)
{
	put_plain(page, "<tr><th>");
	put_plain(page, name);
	put_plain(page, "</th><td>");
	put_escaped(page, value);
	put_plain(page, "</td></tr>\n");
}

static void put_word(struct page *page, const char *name, const char *value)
{
	put_row(page, name, bh_span(value, strlen(value)));
}

/* "2026-03-02 17:00", in the district's own time; nothing for none. */
static void put_time(struct page *page, const char *name, int64_t ms)
{
	char text[BH_TIME_TEXT_SIZE];
	int32_t offset_min = bh_rules_settings(page->x->rules)->utc_offset_min;
	if (ms == 0 || !bh_time_format(ms, offset_min, text))
		return;
	text[strcspn(text, "T")] = ' ';
	text[strlen("2026-03-02 17:00")] = '\0';
	put_word(page, name, text);
}

static struct bh_span person_name(const struct page *page, uint32_t id)
{
	const struct bh_msg_person *person = id ? bh_rules_person(page->x->rules, id) : NULL;
	return person ? person->name : bh_span(NULL, 0);
}

static void put_case(struct page *page, const struct bh_order *order)
{
	char number[BH_CASE_TEXT_SIZE];
	struct bh_case cased;
	if (order->number == 0 ||
		bh_reader_case(page->x->district->reader, order->number, &cased) != BH_NOERR)
		return;
	const struct bh_msg_catalogue_type *type = bh_rules_type(page->x->rules, cased.type);
	bh_case_number_format(order->number, number);
	put_word(page, "案件编号", number);
	put_row(page, "案件类别", type ? type->name : bh_span(NULL, 0));
	put_time(page, "处置时限", cased.disposal_due_ms);
}

/* What was written, for whom may read it. */
static void put_text(
	struct page *page, const char *name, const struct bh_order *order, uint64_t position)
{
	bool may = bh_may_read_order(page->x, order);
	put_row(page, name, may ? bh_order_text(page->x, position) : bh_span(NULL, 0));
}

static void put_answer(struct page *page, const struct bh_order *order)
{
	if (order->answer == 0)
		return;
	put_time(page, "回复时间", order->answered_ms);
	put_row(page, "回复人", person_name(page, order->answered_by));
	put_text(page, "回复内容", order, order->answer);
}

static void put_rows(struct page *page, const struct bh_order *order)
{
	const struct bh_rules *rules = page->x->rules;
	const struct bh_msg_unit *unit = bh_rules_unit(rules, order->unit);
	const struct bh_msg_area *county = bh_rules_area(rules, bh_rules_county(rules));
	put_row(page, "下达区县", county ? county->name : bh_span(NULL, 0));
	put_row(page, "承办单位", unit ? unit->name : bh_span(NULL, 0));
	put_case(page, order);
	put_time(page, "下达时间", order->made_ms);
	if (order->by)
		put_row(page, "下达人", person_name(page, order->by));
	else
		put_word(page, "下达人", "系统按时限自动下达");
	put_text(page, "要求", order, order->first);
	put_time(page, "回复时限", order->due_ms);
	put_word(page, "状态", bh_order_state_name_zh(order->state));
	put_answer(page, order);
	put_time(page, "销单或撤回", order->ended_ms);
}

void bh_order_page(struct bh_exchange *x, const struct bh_order *order)
{
	struct page page = {.x = x};
	char ref[BH_ORDER_TEXT_SIZE];
	bh_order_ref_format_zh(order->ref, ref);
	x->response.body.len = 0;
	put_plain(&page, head);
	put_plain(&page, ref);
	put_plain(&page, "</title></head><body>\n<h1>");
	put_plain(&page, bh_order_kind_name_zh(BH_ORDER_KIND(order->ref)));
	put_plain(&page, "</h1>\n<p class=\"number\">");
	put_plain(&page, ref);
	put_plain(&page, "</p>\n<table>\n");
	put_rows(&page, order);
	put_plain(&page, "</table>\n<p class=\"sign\"><span>签发：</span><span>签收：</span>"
			 "<span>日期：</span></p>\n</body></html>\n");
	if (page.err) {
		bh_answer_err(x, page.err);
		return;
	}
	x->response.status = 200;
	x->response.content_type = "text/html; charset=utf-8";
}
