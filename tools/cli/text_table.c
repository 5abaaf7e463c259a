/* Widths first, then rows.  A character is never cut in two, and what could move the cursor is
 * shown as a question mark: reports are written by strangers. */
#include "tools/cli/text_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utf8proc.h>

#define COLUMNS_MAX 16u

static size_t point_width(utf8proc_int32_t point)
{
	int width = point < 0x20 || point == 0x7f ? 0 : utf8proc_charwidth(point);
	return width > 0 ? (size_t)width : 0;
}

/* The bytes of text that fit into cells, and how many cells they take. */
static size_t fitting(const char *text, size_t cells, size_t *taken)
{
	size_t at = 0, len = strlen(text);
	*taken = 0;
	while (at < len) {
		utf8proc_int32_t point;
		utf8proc_ssize_t n = utf8proc_iterate(
			(const utf8proc_uint8_t *)text + at, (utf8proc_ssize_t)(len - at), &point);
		size_t bytes = n > 0 ? (size_t)n : 1;
		size_t width = n > 0 ? point_width(point) : 1;
		if (*taken + width > cells)
			break;
		*taken += width;
		at += bytes;
	}
	return at;
}

size_t bh_cli_width(const char *text)
{
	size_t taken;
	(void)fitting(text, (size_t)-1 / 2, &taken);
	return taken;
}

/* Controls, and what turns the writing direction. */
static bool is_harmful(utf8proc_int32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) ||
	       (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069) ||
	       point == 0x200e || point == 0x200f || point == 0x061c;
}

static char *harmless(const char *text)
{
	size_t len = strlen(text), at = 0, n = 0;
	char *out = malloc(len + 1);
	while (out && at < len) {
		utf8proc_int32_t point;
		utf8proc_ssize_t bytes = utf8proc_iterate(
			(const utf8proc_uint8_t *)text + at, (utf8proc_ssize_t)(len - at), &point);
		if (bytes < 1 || is_harmful(point)) {
			out[n++] = point == '\n' || point == '\t' ? ' ' : '?';
			at += bytes < 1 ? 1 : (size_t)bytes;
			continue;
		}
		memcpy(out + n, text + at, (size_t)bytes);
		n += (size_t)bytes;
		at += (size_t)bytes;
	}
	if (out)
		out[n] = '\0';
	return out;
}

char *bh_cli_cell(const json_t *value)
{
	if (json_is_string(value))
		return harmless(json_string_value(value));
	if (!value || json_is_null(value))
		return strdup("");
	if (json_is_boolean(value))
		return strdup(json_is_true(value) ? "yes" : "no");
	return json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(10));
}

static size_t terminal_cells(void)
{
	struct winsize size;
	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 ||
		size.ws_col == 0)
		return 0;
	return size.ws_col;
}

static void cell_print(const char *text, size_t width, bool last, size_t left)
{
	size_t taken = bh_cli_width(text);
	size_t bytes = strlen(text);
	if (last && left)
		bytes = fitting(text, left, &taken);
	(void)fwrite(text, 1, bytes, stdout);
	if (!last)
		printf("%*s", (int)(width > taken ? width - taken + 2 : 2), "");
}

static size_t widest(const json_t *rows, const struct bh_cli_column *column, bool zh)
{
	size_t width = bh_cli_width(zh ? column->zh : column->en);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		char *cell = bh_cli_cell(json_object_get(json_array_get(rows, i), column->member));
		size_t cells = cell ? bh_cli_width(cell) : 0;
		width = cells > width ? cells : width;
		free(cell);
	}
	return width;
}

void bh_cli_table(const json_t *rows, const struct bh_cli_column *columns, bool zh)
{
	size_t widths[COLUMNS_MAX], count = 0, before_last = 0, cells = terminal_cells();
	for (; columns[count].member && count < COLUMNS_MAX; count++)
		widths[count] = widest(rows, &columns[count], zh);
	for (size_t c = 0; c + 1 < count; c++)
		before_last += widths[c] + 2;
	size_t left = cells > before_last + 4 ? cells - before_last : 0;
	for (size_t c = 0; c < count; c++)
		cell_print(zh ? columns[c].zh : columns[c].en, widths[c], c + 1 == count, left);
	(void)putchar('\n');
	for (size_t i = 0; i < json_array_size(rows); i++) {
		for (size_t c = 0; c < count; c++) {
			char *cell = bh_cli_cell(
				json_object_get(json_array_get(rows, i), columns[c].member));
			cell_print(cell ? cell : "", widths[c], c + 1 == count, left);
			free(cell);
		}
		(void)putchar('\n');
	}
}

void bh_cli_members(const json_t *object, const struct bh_cli_column *members, bool zh)
{
	size_t width = 0;
	for (const struct bh_cli_column *m = members; m->member; m++) {
		const char *title = zh ? m->zh : m->en;
		size_t cells = title ? bh_cli_width(title) : 0;
		width = cells > width ? cells : width;
	}
	for (const struct bh_cli_column *m = members; m->member; m++) {
		const json_t *value = json_object_get(object, m->member);
		const char *title = zh ? m->zh : m->en;
		if (!title || !value || json_is_null(value))
			continue;
		char *cell = bh_cli_cell(value);
		cell_print(title, width, false, 0);
		printf("%s\n", cell ? cell : "");
		free(cell);
	}
}
