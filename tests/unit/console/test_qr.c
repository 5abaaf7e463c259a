/* QR codes as a terminal and as a picture show them, read back by a foreign decoder (zbarimg). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/cli/qr.h"

#define SCALE 6u
#define SIDE_MAX 100u

/* As long as a host's name lets it become. */
static const char payload[] = "BH1:BIHUAN.YUNHE.EXAMPLE:7443:990101:SEG3PZ7ZERJ2JD7Y:"
			      "QTKQBEPJPLJ7A2B5O25OG2QR6XHSQZJL:U5IWGQFQROJRGQZ2O7IERWFGAXBCQ3NX";

static void decoder_needed(void)
{
	if (system("command -v zbarimg >/dev/null 2>&1") == 0)
		return;
	print_message("# zbarimg is not installed\n");
	skip();
}

/* What zbarimg reads in a picture; empties the folder. */
static void read_back(const char *path, char *text, size_t size)
{
	char command[200];
	(void)snprintf(command, sizeof(command), "zbarimg -q --raw %s 2>/dev/null", path);
	FILE *decoder = popen(command, "r");
	assert_non_null(decoder);
	size_t n = fread(text, 1, size - 1, decoder);
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	(void)pclose(decoder);
	(void)unlink(path);
}

static void folder_make(char folder[32], char path[64], const char *name)
{
	(void)snprintf(folder, 32, "/tmp/bihuan-qr-XXXXXX");
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, 64, "%s/%s", folder, name);
}

static void test_qr__as_a_picture_is_read_back(void **state)
{
	char folder[32], path[64], text[400];
	(void)state;
	decoder_needed();
	folder_make(folder, path, "code.png");
	struct bh_cli_qr *qr = bh_cli_qr_make(payload);
	assert_non_null(qr);
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(bh_cli_qr_png(qr, SCALE, file), 0);
	assert_int_equal(fclose(file), 0);
	read_back(path, text, sizeof(text));
	assert_string_equal(text, payload);
	bh_cli_qr_free(qr);
	(void)rmdir(folder);
}

/* One line of cells into two rows of modules; gives how many columns there were. */
static size_t cells_read(const char *line, bool *upper, bool *lower)
{
	static const struct {
		const char *cell;
		bool upper, lower;
	} cells[] = {{" ", false, false}, {"\u2580", true, false}, {"\u2584", false, true},
		{"\u2588", true, true}};
	size_t columns = 0;
	assert_memory_equal(line, "\x1b[30;107m", 9);
	for (line += 9; *line != '\x1b';) {
		size_t i = 0;
		while (i < 4 && strncmp(line, cells[i].cell, strlen(cells[i].cell)) != 0)
			i++;
		assert_true(i < 4 && columns < SIDE_MAX);
		upper[columns] = cells[i].upper;
		lower[columns++] = cells[i].lower;
		line += strlen(cells[i].cell);
	}
	assert_string_equal(line, "\x1b[0m\n");
	return columns;
}

static size_t terminal_read(
	const struct bh_cli_qr *qr, bool rows[SIDE_MAX][SIDE_MAX], size_t *lines)
{
	char line[1024];
	size_t columns = 0;
	FILE *terminal = tmpfile();
	assert_non_null(terminal);
	bh_cli_qr_print(qr, terminal);
	rewind(terminal);
	*lines = 0;
	while (fgets(line, sizeof(line), terminal)) {
		columns = cells_read(line, rows[2 * *lines], rows[2 * *lines + 1]);
		(*lines)++;
	}
	(void)fclose(terminal);
	return columns;
}

static void picture_write(const char *path, bool rows[SIDE_MAX][SIDE_MAX], size_t side)
{
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	fprintf(file, "P5 %zu %zu 255\n", side * SCALE, side * SCALE);
	for (size_t y = 0; y < side * SCALE; y++)
		for (size_t x = 0; x < side * SCALE; x++)
			(void)fputc(rows[y / SCALE][x / SCALE] ? 0 : 255, file);
	assert_int_equal(fclose(file), 0);
}

static void test_qr__on_a_terminal_fits_and_is_read_back(void **state)
{
	static bool rows[SIDE_MAX][SIDE_MAX];
	char folder[32], path[64], text[400];
	size_t lines;
	(void)state;
	struct bh_cli_qr *qr = bh_cli_qr_make(payload);
	assert_non_null(qr);
	size_t columns = terminal_read(qr, rows, &lines);
	assert_int_equal(columns, bh_cli_qr_cells(qr));
	assert_true(columns <= 80 && lines <= 23);
	for (size_t i = 0; i < BH_CLI_QR_QUIET * columns; i++) /* the quiet zone is white */
		assert_false(rows[i / columns][i % columns] || rows[i % columns][i / columns]);
	decoder_needed();
	folder_make(folder, path, "terminal.pgm");
	picture_write(path, rows, columns);
	read_back(path, text, sizeof(text));
	assert_string_equal(text, payload);
	bh_cli_qr_free(qr);
	(void)rmdir(folder);
}

static void test_qr__of_too_much_is_none(void **state)
{
	char text[8000];
	(void)state;
	memset(text, 'A', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_null(bh_cli_qr_make(text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_qr__as_a_picture_is_read_back),
		cmocka_unit_test(test_qr__on_a_terminal_fits_and_is_read_back),
		cmocka_unit_test(test_qr__of_too_much_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
