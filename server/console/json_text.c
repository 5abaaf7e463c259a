/* A scan in one pass bounds depth, count and length before jansson sees a byte (H03); jansson then
 * judges grammar, UTF-8, twice named members and the range of numbers. */
#include "server/console/json_text.h"

#include <stdio.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "proto/number.h"

struct scan {
	size_t line, line_start, at;
	unsigned depth;
	unsigned items;
};

/* From an opening quote to the byte after the closing one, or the end. */
static size_t string_end(struct bh_span text, size_t at)
{
	for (at++; at < text.len; at++) {
		if (text.data[at] == '\\')
			at++;
		else if (text.data[at] == '"')
			return at + 1;
	}
	return text.len;
}

static const char *scan_step(struct scan *scan, struct bh_span text)
{
	size_t end;
	switch (text.data[scan->at]) {
	case '"':
		end = string_end(text, scan->at);
		if (end - scan->at > BH_JSON_STRING_MAX)
			return "a text is too long";
		scan->at = end;
		return NULL;
	case '{':
	case '[':
		if (++scan->depth > BH_JSON_DEPTH_MAX)
			return "nested too deep";
		if (++scan->items > BH_JSON_ITEMS_MAX)
			return "too many values";
		break;
	case '}':
	case ']':
		scan->depth -= scan->depth > 0;
		break;
	case ',':
		if (++scan->items > BH_JSON_ITEMS_MAX)
			return "too many values";
		break;
	case '\n':
		scan->line++;
		scan->line_start = scan->at + 1;
		break;
	default:
		break;
	}
	scan->at++;
	return NULL;
}

static int bounds_check(struct bh_span text, struct bh_json_fault *fault)
{
	struct scan scan = {.line = 1};
	while (scan.at < text.len) {
		const char *what = scan_step(&scan, text);
		if (what) {
			fault->line = scan.line;
			fault->column = scan.at - scan.line_start + 1;
			(void)snprintf(fault->what, sizeof(fault->what), "%s", what);
			return BH_ERR_LIMIT;
		}
	}
	return BH_NOERR;
}

/* jansson calls some of its own want of memory a syntax error.  A text that is wrong is wrong in
 * the same way twice. */
static json_t *load_twice(struct bh_span text, json_error_t *error, bool *sure)
{
	json_error_t again = {.line = 0};
	const char *bytes = (const char *)text.data;
	json_t *value = json_loadb(bytes, text.len, JSON_REJECT_DUPLICATES, error);
	if (!value)
		value = json_loadb(bytes, text.len, JSON_REJECT_DUPLICATES, &again);
	else
		again = *error;
	*sure = error->text[0] != '\0' && strcmp(error->text, again.text) == 0 &&
		json_error_code(error) != json_error_out_of_memory;
	return value;
}

int bh_json_load(struct bh_span text, json_t **out, struct bh_json_fault *fault)
{
	json_error_t error;
	bool sure;
	int err = bounds_check(text, fault);
	if (err)
		return err;
	json_t *value = load_twice(text, &error, &sure);
	if (!value) {
		fault->line = error.line > 0 ? (size_t)error.line : 1;
		fault->column = error.column > 0 ? (size_t)error.column : 1;
		(void)snprintf(fault->what, sizeof(fault->what), "%.150s", error.text);
		return sure ? BH_ERR_MALFORMED : BH_ERR_NOMEM;
	}
	*out = value;
	return BH_NOERR;
}

struct dump {
	struct bh_buf *out;
	int err; /* the first; jansson 2.14 does not hear of one at a member's name */
};

static int dump_append(const char *bytes, size_t len, void *context)
{
	struct dump *dump = context;
	if (!dump->err)
		dump->err = bh_buf_append(dump->out, bytes, len);
	return dump->err;
}

int bh_json_append(const json_t *value, struct bh_buf *out)
{
	size_t before = out->len;
	struct dump dump = {out, BH_NOERR};
	int failed = json_dump_callback(
		value, dump_append, &dump, JSON_COMPACT | JSON_REAL_PRECISION(10));
	if (failed == 0 && !dump.err)
		return BH_NOERR;
	out->len = before;
	return BH_ERR_NOMEM;
}

json_t *bh_json_span(struct bh_span text)
{
	return json_stringn(text.len ? (const char *)text.data : "", text.len);
}

json_t *bh_json_hex(struct bh_span bytes)
{
	char *text = malloc(bytes.len * 2 + 1);
	if (!text)
		return NULL;
	bh_hex_format(bytes, text);
	json_t *value = json_string(text);
	free(text);
	return value;
}

/* ---- Lines ---- */

static bool scan_skip_blanks(struct scan *scan, struct bh_span text)
{
	while (scan->at < text.len && memchr(" \t\r\n", text.data[scan->at], 4))
		(void)scan_step(scan, text);
	return scan->at < text.len;
}

static bool scan_take(struct scan *scan, struct bh_span text, char letter)
{
	if (!scan_skip_blanks(scan, text) || text.data[scan->at] != (uint8_t)letter)
		return false;
	return scan_step(scan, text) == NULL;
}

/* To behind the opening bracket of a member of the outermost object. */
static bool scan_list(struct scan *scan, struct bh_span text, const char *list)
{
	size_t len = strlen(list);
	while (scan->at < text.len) {
		size_t at = scan->at;
		if (scan_step(scan, text))
			return false;
		bool named = scan->depth == 1 && text.data[at] == '"' && scan->at - at == len + 2 &&
			     memcmp(text.data + at + 1, list, len) == 0;
		if (named && scan_take(scan, text, ':') && scan_take(scan, text, '['))
			return true;
	}
	return false;
}

/* Behind the next comma of the list; false at its end. */
static bool scan_pass_element(struct scan *scan, struct bh_span text, unsigned depth)
{
	while (scan->at < text.len) {
		uint8_t letter = text.data[scan->at];
		if ((scan->depth == depth && letter == ']') || scan_step(scan, text))
			return false;
		if (scan->depth == depth && letter == ',')
			return true;
	}
	return false;
}

/* From behind the opening bracket of a list. */
static size_t scan_elements(
	struct scan *scan, struct bh_span text, struct bh_json_place *places, size_t max)
{
	unsigned depth = scan->depth;
	size_t count = 0;
	bool more = scan_skip_blanks(scan, text) && text.data[scan->at] != ']';
	while (more && count < max) {
		places[count++] = (struct bh_json_place){scan->line, scan->at};
		more = scan_pass_element(scan, text, depth) && scan_skip_blanks(scan, text);
	}
	return count;
}

size_t bh_json_places(
	struct bh_span text, const char *list, struct bh_json_place *places, size_t max)
{
	struct scan scan = {.line = 1};
	return scan_list(&scan, text, list) ? scan_elements(&scan, text, places, max) : 0;
}

size_t bh_json_elements(
	struct bh_span text, struct bh_json_place from, struct bh_json_place *places, size_t max)
{
	struct scan scan = {.line = from.line, .at = from.at};
	return scan_take(&scan, text, '[') ? scan_elements(&scan, text, places, max) : 0;
}

struct bh_json_place bh_json_member(
	struct bh_span text, struct bh_json_place from, const char *name)
{
	struct scan scan = {.line = from.line, .at = from.at};
	struct bh_json_place below = {0, 0};
	size_t len = strlen(name);
	while (scan.at < text.len) {
		size_t at = scan.at, line = scan.line;
		if (scan_step(&scan, text) || scan.depth == 0)
			break;
		if (text.data[at] != '"' || scan.at - at != len + 2 ||
			memcmp(text.data + at + 1, name, len) != 0 ||
			!scan_take(&scan, text, ':') || !scan_skip_blanks(&scan, text))
			continue;
		if (scan.depth == 1)
			return (struct bh_json_place){line, scan.at};
		if (below.line == 0)
			below = (struct bh_json_place){line, scan.at};
	}
	return below;
}

/* ---- Cut texts ---- */

static size_t character_bytes(uint8_t first)
{
	return first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

void bh_text_mend(char *text)
{
	char *to = text;
	for (const char *at = text; *at;) {
		size_t len = character_bytes((uint8_t)*at);
		bool whole = strnlen(at, len) == len && bh_utf8_valid(bh_span(at, len));
		if (whole)
			memmove(to, at, len);
		to += whole ? len : 0;
		at += whole ? len : 1;
	}
	*to = '\0';
}
