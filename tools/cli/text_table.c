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
#define COLUMN_CELLS_MIN 4u

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

/* Takes both; NULL without memory. */
static char *joined(char *before, const char *between, char *part)
{
	size_t size = (before ? strlen(before) : 0) + strlen(between) + (part ? strlen(part) : 0) +
		      1;
	char *out = before && part ? malloc(size) : NULL;
	if (out)
		(void)snprintf(
			out, size, "%s%s%s", before, before[0] && part[0] ? between : "", part);
	free(before);
	free(part);
	return out;
}

static char *parts_cell(const json_t *value)
{
	char *out = strdup("");
	const char *name;
	size_t i;
	json_t *part;
	if (json_is_array(value)) {
		json_array_foreach((json_t *)value, i, part)
			out = joined(out, ", ", bh_cli_cell(part));
		return out;
	}
	json_object_foreach((json_t *)value, name, part) out = joined(out, " ", bh_cli_cell(part));
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
	if (json_is_array(value) || json_is_object(value))
		return parts_cell(value);
	return json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(10));
}

static char *clock_cell(long long s)
{
	char text[40];
	const char *sign = s < 0 ? "-" : "";
	s = s < 0 ? -s : s;
	if (s >= 3600)
		(void)snprintf(text, sizeof(text), "%s%lld:%02lld:%02lld", sign, s / 3600,
			s / 60 % 60, s % 60);
	else
		(void)snprintf(text, sizeof(text), "%s%lld:%02lld", sign, s / 60, s % 60);
	return strdup(text);
}

static char *column_cell(const json_t *row, const struct bh_cli_column *column)
{
	const json_t *value = json_object_get(row, column->member);
	if (column->shape == BH_CLI_CLOCK && json_is_integer(value))
		return clock_cell((long long)json_integer_value(value));
	return bh_cli_cell(value);
}

static size_t terminal_cells(void)
{
	struct winsize size;
	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 ||
		size.ws_col == 0)
		return 0;
	return size.ws_col;
}

/* In so many cells, and two more before the next. */
static void cell_print(const char *text, size_t width, bool last)
{
	size_t taken;
	size_t bytes = fitting(text, width, &taken);
	(void)fwrite(text, 1, bytes, stdout);
	if (!last)
		printf("%*s", (int)(width - taken + 2), "");
}

static size_t widest(const json_t *rows, const struct bh_cli_column *column, bool zh)
{
	size_t width = bh_cli_width(zh ? column->zh : column->en);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		char *cell = column_cell(json_array_get(rows, i), column);
		size_t cells = cell ? bh_cli_width(cell) : 0;
		width = cells > width ? cells : width;
		free(cell);
	}
	return width;
}

/* The widest columns give, until all of them stand in so many cells or can give no more. */
void bh_cli_fit(size_t *widths, size_t count, size_t cells)
{
	size_t total = count ? 2 * (count - 1) : 0;
	for (size_t c = 0; c < count; c++)
		total += widths[c];
	while (total > cells) {
		size_t most = 0;
		for (size_t c = 1; c < count; c++)
			most = widths[c] > widths[most] ? c : most;
		if (widths[most] <= COLUMN_CELLS_MIN)
			return;
		widths[most]--;
		total--;
	}
}

void bh_cli_table(const json_t *rows, const struct bh_cli_column *columns, bool zh)
{
	size_t widths[COLUMNS_MAX], count = 0, cells = terminal_cells();
	for (; columns[count].member && count < COLUMNS_MAX; count++)
		widths[count] = widest(rows, &columns[count], zh);
	if (cells)
		bh_cli_fit(widths, count, cells);
	for (size_t c = 0; c < count; c++)
		cell_print(zh ? columns[c].zh : columns[c].en, widths[c], c + 1 == count);
	(void)putchar('\n');
	for (size_t i = 0; i < json_array_size(rows); i++) {
		for (size_t c = 0; c < count; c++) {
			char *cell = column_cell(json_array_get(rows, i), &columns[c]);
			cell_print(cell ? cell : "", widths[c], c + 1 == count);
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
		cell_print(title, width, false);
		printf("%s\n", cell ? cell : "");
		free(cell);
	}
}

void bh_cli_cell_put(FILE *to, const json_t *value)
{
	char *text = bh_cli_cell(value);
	(void)fputs(text ? text : "", to);
	free(text);
}
