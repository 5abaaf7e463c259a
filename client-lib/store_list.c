/* The list of cases: own reports and what was told, each once, newest first. */
#include <stdlib.h>

#include "client-lib/store.h"
#include "proto/number.h"

/* A key with the instant it is sorted by: when the report was recorded, or when the server received
 * it. */
struct list_item {
	struct bh_case_key key;
	int64_t at_ms;
};

struct list {
	struct list_item *items;
	size_t count;
	size_t cap;
};

static int list_add(struct list *list, struct list_item item)
{
	if (list->count == list->cap) {
		size_t cap = list->cap ? list->cap * 2 : 64;
		struct list_item *more = realloc(list->items, cap * sizeof(*more));

		if (!more)
			return BH_ERR_NOMEM;
		list->items = more;
		list->cap = cap;
	}
	list->items[list->count++] = item;
	return 0;
}

static int list_reports(struct bh_local *local, struct list *list)
{
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_OP_REPORTS);
	int rc;

	while ((rc = bh_store_row(local, row)) == 0 && list->count < BH_LOCAL_LIST_MAX) {
		uint64_t seq = (uint64_t)sqlite3_column_int64(row, 0) & BH_SEQ_MAX;
		uint64_t told = (uint64_t)sqlite3_column_int64(row, 2);
		uint32_t log_short = (uint32_t)sqlite3_column_int64(row, 3);
		uint64_t number = told != 0 || log_short == 0
					  ? told
					  : bh_case_number(log_short, (uint32_t)seq);

		rc = list_add(list, (struct list_item){{number, sqlite3_column_int64(row, 0)},
					    sqlite3_column_int64(row, 1)});
		if (rc != 0)
			break;
	}
	sqlite3_reset(row);
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

static int item_by_number(const void *a, const void *b)
{
	const struct list_item *x = a, *y = b;

	return x->key.number < y->key.number ? -1 : x->key.number > y->key.number;
}

static int item_by_age(const void *a, const void *b)
{
	const struct list_item *x = a, *y = b;

	if (x->at_ms != y->at_ms)
		return x->at_ms > y->at_ms ? -1 : 1;
	if (x->key.number != y->key.number)
		return x->key.number > y->key.number ? -1 : 1;
	return x->key.op > y->key.op ? -1 : x->key.op < y->key.op;
}

/* Others' cases: records that are none of the reports already listed. */
static int list_records(struct bh_local *local, struct list *list)
{
	size_t own = list->count;
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_RECORDS);
	int rc;

	if (own > 0)
		qsort(list->items, own, sizeof(*list->items), item_by_number);
	while ((rc = bh_store_row(local, row)) == 0 && list->count < BH_LOCAL_LIST_MAX) {
		struct list_item item = {
			{(uint64_t)sqlite3_column_int64(row, 0), 0}, sqlite3_column_int64(row, 1)};

		if (own > 0 && bsearch(&item, list->items, own, sizeof(item), item_by_number))
			continue;
		rc = list_add(list, item);
		if (rc != 0)
			break;
	}
	sqlite3_reset(row);
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

int bh_local_cases(struct bh_local *local, struct bh_case_key **keys, size_t *count)
{
	struct list list = {0};
	struct bh_case_key *out = NULL;
	int rc = bh_store_ready(local);

	if (rc == 0)
		rc = list_reports(local, &list);
	if (rc == 0)
		rc = list_records(local, &list);
	if (rc == 0 && !(out = malloc((list.count + 1) * sizeof(*out))))
		rc = BH_ERR_NOMEM;
	if (rc == 0) {
		if (list.count > 0)
			qsort(list.items, list.count, sizeof(*list.items), item_by_age);
		for (size_t i = 0; i < list.count; i++)
			out[i] = list.items[i].key;
		*keys = out;
		*count = list.count;
	}
	free(list.items);
	return rc;
}
