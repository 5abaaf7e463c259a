/*
 * A file is read whole, recognised and made UTF-8: with or without the BOM that spreadsheets write,
 * else as GB18030, which Chinese spreadsheets write when nobody asked them for anything better.
 * Bytes that are no character in it are marked, so that every row that has some can be told.
 * Then rows are taken apart in place: a field never grows by losing its quotes.
 */
#include "tools/cli/csv.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#define READ_BYTES ((size_t)1 << 20)
#define GB18030_GROWTH 2 /* two bytes become three at most, four stay four */

static enum bh_csv_err stream_read(FILE *stream, char **bytes, size_t *len)
{
	size_t size = 0, got = 0;
	char *held = NULL;
	do {
		if (size - got < READ_BYTES) {
			char *grown = realloc(held, size = size * 2 + READ_BYTES + 1);
			if (!grown) {
				free(held);
				return BH_CSV_NO_MEMORY;
			}
			held = grown;
		}
		got += fread(held + got, 1, size - got - 1, stream);
	} while (!feof(stream) && !ferror(stream) && got <= BH_CSV_BYTES_MAX);
	if (ferror(stream) || got > BH_CSV_BYTES_MAX) {
		free(held);
		return ferror(stream) ? BH_CSV_UNREADABLE : BH_CSV_TOO_LARGE;
	}
	held[got] = '\0';
	*bytes = held;
	*len = got;
	return BH_CSV_OK;
}

static size_t line_of(const char *bytes, size_t at)
{
	size_t line = 1;
	for (size_t i = 0; i < at; i++)
		line += bytes[i] == '\n';
	return line;
}

/* What bytes look like as UTF-8. */
struct look {
	size_t bad;    /* the first that is none; len where all are */
	size_t wide;   /* bytes in characters of three and more, as Chinese has */
	size_t others; /* bytes above ASCII that are in no such character */
};

static struct look utf8_look(const char *bytes, size_t len)
{
	struct look look = {.bad = len};
	utf8proc_int32_t point;
	for (size_t at = 0; at < len;) {
		utf8proc_ssize_t n = utf8proc_iterate(
			(const utf8proc_uint8_t *)bytes + at, (utf8proc_ssize_t)(len - at), &point);
		if (n <= 0 && look.bad == len)
			look.bad = at;
		if (n >= 3)
			look.wide += (size_t)n;
		else if (n != 1)
			look.others += n <= 0 ? 1 : (size_t)n;
		at += n <= 0 ? 1 : (size_t)n;
	}
	return look;
}

static void utf8_mark(char *bytes, size_t len)
{
	utf8proc_int32_t point;
	for (size_t at = 0; at < len;) {
		utf8proc_ssize_t n = utf8proc_iterate(
			(const utf8proc_uint8_t *)bytes + at, (utf8proc_ssize_t)(len - at), &point);
		if (n <= 0)
			bytes[at] = BH_CSV_NO_CHARACTER;
		at += n <= 0 ? 1 : (size_t)n;
	}
}

/* Makes csv's bytes UTF-8 from GB18030, marking those that are no character.  A line ends where it
 * ends, also behind half a character. */
static enum bh_csv_err from_gb18030(struct bh_csv *csv)
{
	size_t in_left = csv->len, out_left = csv->len * GB18030_GROWTH + 1;
	char *in = csv->bytes, *made = malloc(out_left), *out = made;
	iconv_t open = made ? iconv_open("UTF-8", "GB18030") : (iconv_t)-1;
	if (!made || open == (iconv_t)-1) {
		free(made);
		return made ? BH_CSV_ENCODING : BH_CSV_NO_MEMORY;
	}
	while (in_left > 0 && iconv(open, &in, &in_left, &out, &out_left) == (size_t)-1) {
		if (in_left == 0 || out_left < 2)
			break;
		csv->damage = BH_CSV_ENCODING;
		*out++ = BH_CSV_NO_CHARACTER;
		out_left--;
		in++;
		in_left--;
		(void)iconv(open, NULL, NULL, NULL, NULL);
	}
	(void)iconv_close(open);
	*out = '\0';
	free(csv->bytes);
	csv->bytes = made;
	csv->len = (size_t)(out - made);
	return BH_CSV_OK;
}

/* Takes over csv.bytes, on failure, too.  Text in GB18030 has next to no characters that are of
 * three bytes in UTF-8, so that a file full of them was UTF-8 before something harmed it. */
static enum bh_csv_err recognise(struct bh_csv csv, struct bh_csv *out, size_t *line)
{
	static const char bom[] = "\xEF\xBB\xBF";
	enum bh_csv_err err = BH_CSV_OK;
	struct look look = utf8_look(csv.bytes, csv.len);
	bool marked = csv.len >= 3 && memcmp(csv.bytes, bom, 3) == 0;
	const char *nul = memchr(csv.bytes, '\0', csv.len);
	csv.line = 1;
	csv.encoding = marked ? "UTF-8 with BOM" : "UTF-8";
	csv.at = marked ? 3 : 0;
	if (nul) {
		*line = line_of(csv.bytes, (size_t)(nul - csv.bytes));
		err = BH_CSV_BINARY;
	} else if (look.bad < csv.len && (marked || look.wide > look.others)) {
		csv.damage = BH_CSV_DAMAGED;
		utf8_mark(csv.bytes, csv.len);
	} else if (look.bad < csv.len) {
		csv.encoding = "GB18030";
		err = from_gb18030(&csv);
	}
	if (err)
		free(csv.bytes);
	else
		*out = csv;
	return err;
}

enum bh_csv_err bh_csv_open_any(const char *path, struct bh_csv *out, size_t *line)
{
	bool is_stdin = strcmp(path, "-") == 0;
	char *bytes = NULL;
	size_t len = 0;
	*line = 0;
	FILE *stream = is_stdin ? stdin : fopen(path, "rb");
	if (!stream)
		return BH_CSV_UNREADABLE;
	enum bh_csv_err err = stream_read(stream, &bytes, &len);
	if (!is_stdin)
		(void)fclose(stream);
	return err ? err : recognise((struct bh_csv){.bytes = bytes, .len = len}, out, line);
}

/* The whole file, or nothing of it. */
static enum bh_csv_err sound(enum bh_csv_err err, struct bh_csv *csv, size_t *line)
{
	if (err || !csv->damage)
		return err;
	const char *first = memchr(csv->bytes, (unsigned char)BH_CSV_NO_CHARACTER, csv->len);
	*line = line_of(csv->bytes, first ? (size_t)(first - csv->bytes) : 0);
	bh_csv_close(csv);
	return csv->damage;
}

enum bh_csv_err bh_csv_open(const char *path, struct bh_csv *out, size_t *line)
{
	return sound(bh_csv_open_any(path, out, line), out, line);
}

enum bh_csv_err bh_csv_of(char *bytes, size_t len, struct bh_csv *out, size_t *line)
{
	*line = 0;
	return sound(recognise((struct bh_csv){.bytes = bytes, .len = len}, out, line), out, line);
}

enum bh_csv_err bh_csv_take_any(const char *bytes, size_t len, struct bh_csv *out, size_t *line)
{
	char *copy = malloc(len + 1);
	if (!copy)
		return BH_CSV_NO_MEMORY;
	memcpy(copy, bytes, len);
	copy[len] = '\0';
	*line = 0;
	return recognise((struct bh_csv){.bytes = copy, .len = len}, out, line);
}

/* Takes a quoted part, its quotes gone, to *to; false when it is never closed. */
static bool quoted_take(struct bh_csv *csv, char **to)
{
	for (csv->at++; csv->at < csv->len; csv->at++) {
		char byte = csv->bytes[csv->at];
		if (byte == '"' && csv->at + 1 < csv->len && csv->bytes[csv->at + 1] == '"') {
			csv->at++;
		} else if (byte == '"') {
			csv->at++;
			return true;
		}
		csv->line += byte == '\n';
		*(*to)++ = byte;
	}
	return false;
}

/* Takes one field and what ends it: ',' or '\n' (also for the end of the file); 0 for a quote that
 * is never closed. */
static char field_take(struct bh_csv *csv, char **field)
{
	char *to = *field = csv->bytes + csv->at;
	if (csv->at < csv->len && csv->bytes[csv->at] == '"' && !quoted_take(csv, &to))
		return 0;
	while (csv->at < csv->len && csv->bytes[csv->at] != ',' && csv->bytes[csv->at] != '\n' &&
		!(csv->bytes[csv->at] == '\r' &&
			(csv->at + 1 == csv->len || csv->bytes[csv->at + 1] == '\n')))
		*to++ = csv->bytes[csv->at++];
	char end = csv->at < csv->len ? csv->bytes[csv->at] : '\n';
	if (end == '\r') {
		csv->at++;
		end = '\n';
	}
	csv->at += csv->at < csv->len;
	csv->line += end == '\n';
	*to = '\0'; /* on what ended it, or before */
	return end;
}

static enum bh_csv_err row_take(struct bh_csv *csv)
{
	char end;
	csv->count = 0;
	csv->row_line = csv->line;
	do {
		if (csv->count == BH_CSV_FIELDS_MAX)
			return BH_CSV_FIELDS;
		end = field_take(csv, &csv->fields[csv->count]);
		if (end == 0)
			return BH_CSV_QUOTE;
		csv->count++;
	} while (end == ',');
	return BH_CSV_OK;
}

bool bh_csv_is_damaged(const char *field)
{
	return strchr(field, BH_CSV_NO_CHARACTER) != NULL;
}

static bool row_is_damaged(const struct bh_csv *csv)
{
	bool is = false;
	for (size_t i = 0; csv->damage && i < csv->count && !is; i++)
		is = bh_csv_is_damaged(csv->fields[i]);
	return is;
}

enum bh_csv_err bh_csv_next(struct bh_csv *csv, bool *more)
{
	while (csv->at < csv->len) {
		enum bh_csv_err err = row_take(csv);
		if (err)
			return err;
		if (csv->count > 1 || csv->fields[0][0] != '\0') {
			*more = true;
			return row_is_damaged(csv) ? csv->damage : BH_CSV_OK;
		}
	}
	*more = false;
	return BH_CSV_OK;
}

void bh_csv_close(struct bh_csv *csv)
{
	free(csv->bytes);
	csv->bytes = NULL;
}

const char *bh_csv_err_sentence(enum bh_csv_err err)
{
	switch (err) {
	case BH_CSV_OK:
		return "nothing is wrong";
	case BH_CSV_UNREADABLE:
		return strerror(errno);
	case BH_CSV_TOO_LARGE:
		return "the file is larger than 256 MiB";
	case BH_CSV_BINARY:
		return "a NUL byte: this is no text in UTF-8 or GB18030";
	case BH_CSV_ENCODING:
		return "neither UTF-8 nor GB18030";
	case BH_CSV_DAMAGED:
		return "UTF-8 with bytes that are no character";
	case BH_CSV_EMPTY:
		return "it is empty";
	case BH_CSV_NO_MEMORY:
		return "out of memory";
	case BH_CSV_QUOTE:
		return "a quote begins in this row and never ends";
	case BH_CSV_FIELDS:
		return "more than 256 fields in this row";
	}
	return "unknown";
}
