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

/* How many bytes of what steers begin there: controls, also U+0080 to U+009F, and what turns the
 * writing direction (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069); 0: none. */
static size_t steering(struct bh_span text, size_t at)
{
	const uint8_t *b = text.data + at;
	size_t left = text.len - at;

	if (*b < ' ' || *b == 0x7f)
		return 1;
	if (left >= 2 &&
		((*b == 0xc2 && b[1] >= 0x80 && b[1] <= 0x9f) || (*b == 0xd8 && b[1] == 0x9c)))
		return 2;
	if (left < 3 || *b != 0xe2)
		return 0;
	bool turns = (b[1] == 0x80 && (b[2] == 0x8e || b[2] == 0x8f)) ||
		     (b[1] == 0x80 && b[2] >= 0xaa && b[2] <= 0xae) ||
		     (b[1] == 0x81 && b[2] >= 0xa6 && b[2] <= 0xa9);
	return turns ? 3 : 0;
}

void bh_page_words(struct bh_page *page, struct bh_span text)
{
	size_t from = 0, bytes;

	for (size_t i = 0; i < text.len; i += bytes) {
		uint8_t byte = text.data[i];
		const char *escape = page->html ? escape_of(byte) : NULL;
		bool keeps = page->html && byte == '\n';
		size_t steers = keeps ? 0 : steering(text, i);
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
