/* Words of a page.  What people wrote cannot leave its place: markup is escaped, and nothing that
 * steers a terminal or a printer passes. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/dossier/book_part.h"

#define LINE_BYTES_MAX 1024

static void append(struct bh_page *page, const void *data, size_t len)
{
	if (!page->err)
		page->err = bh_buf_append(page->out, data, len);
}

void bh_page_print(struct bh_page *page, const char *format, ...)
{
	char line[LINE_BYTES_MAX];
	va_list arguments;

	va_start(arguments, format);
	int n = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	bh_assert(n >= 0 && (size_t)n < sizeof(line)); /* constants and numbers alone */
	append(page, line, (size_t)n);
}

static const char *escape_of(uint8_t byte)
{
	switch (byte) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void bh_page_words(struct bh_page *page, struct bh_span text)
{
	size_t from = 0, bytes;

	if (text.len == 0)
		return;
	for (size_t i = 0; i < text.len; i += bytes) {
		uint8_t byte = text.data[i];
		const char *escape = page->html ? escape_of(byte) : NULL;
		bool keeps = page->html && byte == '\n';
		size_t steers = keeps ? 0 : bh_span_steering(text, i);
		bytes = steers ? steers : 1;
		if (!escape && !steers)
			continue;
		append(page, text.data + from, i - from);
		append(page, escape ? escape : " ", escape ? strlen(escape) : 1);
		from = i + bytes;
	}
	append(page, text.data + from, text.len - from);
}

void bh_page_hex(struct bh_page *page, struct bh_span bytes)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t *room = NULL;

	if (bytes.len == 0) {
		append(page, "-", 1);
		return;
	}
	if (!page->err)
		page->err = bh_buf_reserve(page->out, 2 * bytes.len, &room);
	if (page->err)
		return;
	for (size_t i = 0; i < bytes.len; i++) {
		room[2 * i] = (uint8_t)digits[bytes.data[i] >> 4];
		room[2 * i + 1] = (uint8_t)digits[bytes.data[i] & 15];
	}
	page->out->len += 2 * bytes.len;
}

void bh_page_time(struct bh_page *page, const struct bh_rules *rules, int64_t ms)
{
	int64_t local_s = ms / 1000 + (int64_t)bh_rules_settings(rules)->utc_offset_min * 60;
	time_t at = (time_t)local_s;
	struct tm parts;

	if (ms == 0 || !gmtime_r(&at, &parts)) {
		append(page, "-", 1);
		return;
	}
	bh_page_print(page, "%04d-%02d-%02d %02d:%02d:%02d", parts.tm_year + 1900, parts.tm_mon + 1,
		parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

void bh_page_papers(struct bh_page *page, const struct bh_book_entry *paper)
{
	uint32_t set = bh_papers_of(paper->entry) & ~(1u << paper->paper);

	bh_page_print(page, "%s", bh_paper_name_zh(paper->paper));
	for (unsigned also = BH_PAPER_REPORT; also < BH_PAPER_COUNT; also++)
		if ((set >> also & 1) != 0)
			bh_page_print(page, "、%s", bh_paper_name_zh(also));
}
