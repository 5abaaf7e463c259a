/* Rows of a table as spreadsheets write it: RFC 4180, in UTF-8 or GB18030. */
#ifndef BH_CLI_CSV_H
#define BH_CLI_CSV_H

#include <stdbool.h>
#include <stddef.h>

#define BH_CSV_BYTES_MAX ((size_t)256 << 20)
#define BH_CSV_FIELDS_MAX 256u
#define BH_CSV_NO_CHARACTER '\xff' /* which is in no UTF-8 */

enum bh_csv_err {
	BH_CSV_OK = 0,
	BH_CSV_UNREADABLE, /* errno says why */
	BH_CSV_TOO_LARGE,
	BH_CSV_BINARY,   /* holds a NUL: UTF-16, or no text at all */
	BH_CSV_ENCODING, /* neither UTF-8 nor GB18030 */
	BH_CSV_DAMAGED,  /* UTF-8 but for some bytes: as GB18030 it would be other words */
	BH_CSV_NO_MEMORY,
	BH_CSV_QUOTE,  /* a quote that is never closed, begun on this line */
	BH_CSV_EMPTY,  /* no row at all */
	BH_CSV_FIELDS, /* more fields than BH_CSV_FIELDS_MAX */
};

struct bh_csv {
	char *bytes; /* owned; rows are taken apart in place */
	size_t len;
	const char *encoding; /* "UTF-8", "UTF-8 with BOM", "GB18030" */
	/* BH_CSV_DAMAGED, BH_CSV_ENCODING: what stands for some bytes is BH_CSV_NO_CHARACTER. */
	enum bh_csv_err damage;
	/* Where the reading stands: */
	size_t at;
	size_t line;
	/* The row last read: */
	size_t row_line; /* where it begins, from 1 */
	size_t count;
	char *fields[BH_CSV_FIELDS_MAX]; /* NUL-terminated, in bytes */
};

/* Reads a whole file ("-": stdin) and makes it UTF-8.  On failure nothing is held, and *line is
 * where it went wrong if that is known (else 0). */
enum bh_csv_err bh_csv_open(const char *path, struct bh_csv *out, size_t *line);
/* The same of bytes, which it takes over and which end with a NUL behind them. */
enum bh_csv_err bh_csv_of(char *bytes, size_t len, struct bh_csv *out, size_t *line);
/* The same also of what holds some bytes that are no character: csv->damage. */
enum bh_csv_err bh_csv_open_any(const char *path, struct bh_csv *out, size_t *line);
/* ... of a file's content, which is copied. */
enum bh_csv_err bh_csv_take_any(const char *bytes, size_t len, struct bh_csv *out, size_t *line);
/* The next row into fields and count; lines with nothing on them are passed over.  *more is false
 * at the end.  BH_CSV_DAMAGED and BH_CSV_ENCODING: it was read, but has bytes that are no
 * character; the ones behind it can still be. */
enum bh_csv_err bh_csv_next(struct bh_csv *csv, bool *more);
bool bh_csv_is_damaged(const char *field);
void bh_csv_close(struct bh_csv *csv);
const char *bh_csv_err_sentence(enum bh_csv_err err);

#endif
