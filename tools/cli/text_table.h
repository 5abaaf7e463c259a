/* Rows in columns by the width that a terminal gives their characters. */
#ifndef BH_CLI_TEXT_TABLE_H
#define BH_CLI_TEXT_TABLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct bh_cli_column {
	const char *member; /* of each row; NULL ends the list */
	const char *en;
	const char *zh;
	enum bh_cli_shape {
		BH_CLI_PLAIN,
		BH_CLI_CLOCK, /* seconds as "29:59", "-1:00:00" */
	} shape;
};

/* Cells of a terminal that a text takes; control characters count none. */
size_t bh_cli_width(const char *text);
/* Prints rows (objects) with a title line, two spaces between columns.  On a terminal a row takes
 * one line: what is too wide is cut, the widest column first and never within a character;
 * elsewhere nothing is cut. */
void bh_cli_table(const json_t *rows, const struct bh_cli_column *columns, bool zh);
/* Makes widths smaller, the widest first, until they stand in so many cells with two between; none
 * below four. */
void bh_cli_fit(size_t *widths, size_t count, size_t cells);
/* "name  value" lines of the members that are no lists or objects.  A member without a title in the
 * language is left out. */
void bh_cli_members(const json_t *object, const struct bh_cli_column *members, bool zh);
/* A value as text, empty for null; texts with controls made harmless; of a list the parts with
 * commas, of an object the values.  Release with free. */
char *bh_cli_cell(const json_t *value);
/* Writes it. */
void bh_cli_cell_put(FILE *to, const json_t *value);

#endif
