/* Tables as spreadsheets write them, made into the rows that a server takes, and what is wrong with
 * them by file, line and column: server/console/IMPORT.md tells the form. */
#ifndef BH_TABLES_TABLE_H
#define BH_TABLES_TABLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "tools/cli/csv.h"

#define BH_TABLE_FILES_MAX 64u
#define BH_TABLE_ROWS_MAX 200000u /* of one list */
#define BH_TABLE_FAULTS_MAX 5000u

enum bh_table_list {
	BH_TABLE_LIST_AREAS,
	BH_TABLE_LIST_UNITS,
	BH_TABLE_LIST_PEOPLE,
	BH_TABLE_LIST_POSTS,
	BH_TABLE_LIST_ASSETS,
	BH_TABLE_LISTS,
	BH_TABLE_LIST_NONE = BH_TABLE_LISTS
};

struct bh_table_file {
	char *name;
	const char *encoding; /* NULL: it could not be read */
	size_t rows;
	enum bh_table_list list;
	json_t *heads; /* field -> its column, from 1 */
	json_t *texts; /* field -> what its column is called */
};

struct bh_table_place {
	size_t file;
	size_t line;
	enum {
		BH_TABLE_ROW_FINE,
		BH_TABLE_ROW_CELLS, /* what a cell says is left out: it is told */
		BH_TABLE_ROW_WHOLE, /* its cells may be others' */
	} fault;
};

struct bh_table_fault {
	size_t file;   /* BH_TABLE_FILES_MAX: in none of them */
	size_t line;   /* 0: the file as a whole */
	size_t column; /* from 1; 0: the row as a whole */
	char name[64]; /* of the column, or of what is missing */
	char what[240];
};

/* One import's files together. */
struct bh_table_set {
	json_t *body; /* {"areas": [...], ...}: only the lists that files were given for */
	struct bh_table_file files[BH_TABLE_FILES_MAX];
	size_t files_count;
	struct bh_table_places {
		struct bh_table_place *at; /* of each row of body's list */
		size_t count, room;
	} places[BH_TABLE_LISTS];
	struct bh_table_fault *faults;
	size_t faults_count; /* also of those that were not kept */
	/* 1u << enum bh_table_list: of which a file could not be read, and what speaks of those. */
	unsigned unread;
	bool no_memory;
	bool too_many; /* files: those beyond BH_TABLE_FILES_MAX were not read */
};

bool bh_table_open(struct bh_table_set *set);
void bh_table_close(struct bh_table_set *set);
/* By the file's name: "areas.csv", "人员-2026.csv". */
enum bh_table_list bh_table_list_of(const char *path);
const char *bh_table_list_name(enum bh_table_list list);
/* Adds a file's rows; what is wrong goes to the faults. */
void bh_table_read(struct bh_table_set *set, const char *path);
/* The same with a file's content. */
void bh_table_take(struct bh_table_set *set, const char *path, const char *bytes, size_t len);
/* A file of this list could not be read. */
void bh_table_unread(struct bh_table_set *set, enum bh_table_list list);
/* Leaves in body what can be judged without the files that could not be read; false: nothing. */
bool bh_table_drop_unread(struct bh_table_set *set);
void bh_table_fault(struct bh_table_set *set, const struct bh_table_fault *where,
	const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Takes what a server found wrong with body's rows ({"list", "index", "field", "code", "message"});
 * of rows with a fault already, nothing. */
void bh_table_take_errors(struct bh_table_set *set, const json_t *errors);
/* Every fault, by file, line and column: [{"file", "line", "column", "name", "message"}]; a new
 * reference or NULL. */
json_t *bh_table_faults_json(struct bh_table_set *set);

/* ---- Columns (column.c) ---- */
enum bh_table_cell {
	BH_TABLE_TEXT,
	BH_TABLE_CODE, /* of an area: twelve digits of the statistics' list are cut to its level */
	BH_TABLE_AREA_KIND,
	BH_TABLE_ROLE,
	BH_TABLE_MICRO_KIND,
	BH_TABLE_FORM,
	BH_TABLE_MODE,
	BH_TABLE_ASSET_STATE,
	BH_TABLE_DAY,
	BH_TABLE_FLAG,
	BH_TABLE_NUMBERS,
	BH_TABLE_RING,
	BH_TABLE_NOTE, /* for people: passed over */
};

struct bh_table_column {
	unsigned lists; /* 1u << enum bh_table_list */
	const char *field;
	enum bh_table_cell cell;
	const char *names; /* what a heading may say: "code|代码|编码" */
};

/* NULL: there is no such column in a table of this list. */
const struct bh_table_column *bh_table_column_of(enum bh_table_list list, const char *heading);
/* A cell as JSON, a new reference; NULL: it is none, and *what says why (NULL: no memory). */
json_t *bh_table_cell(const struct bh_table_column *column, const char *text, const char **what);
/* What an area's code tells of it: {"kind", "parent"}, as far as it does; a new reference. */
json_t *bh_table_code_tells(const char *code);
/* "POLYGON((x y, ...))", "x y, x y ...", or JSON; as bh_table_cell (ring.c). */
json_t *bh_table_ring(const char *text, const char **what);

#endif
