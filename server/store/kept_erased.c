/* Erasures never roll back: of a district that was put back the case is erased again before it is
 * served, whether it is there or comes again; and what a process that was cut short had committed
 * gets its line. */
#include "server/store/kept_erased.h"

#include <stdlib.h>

#include "proto/err.h"
#include "server/store/guarded.h"
#include "server/store/kept_apply.h"

struct bh_kept_erased_case {
	uint64_t number;
	uint32_t times;
};

static const char reason_kept[] = "erased before a backup was put back";

int bh_kept_erased_add(struct bh_kept_erased *erased, const struct bh_kept_line *line)
{
	if (erased->count == erased->max) {
		size_t max = erased->max ? 2 * erased->max : 64;
		struct bh_kept_erased_case *items = realloc(erased->items, max * sizeof(*items));
		if (!items)
			return BH_ERR_NOMEM;
		erased->items = items;
		erased->max = max;
	}
	erased->items[erased->count++] = (struct bh_kept_erased_case){
		.number = line->case_number, .times = line->times};
	erased->sorted = false;
	return BH_NOERR;
}

void bh_kept_erased_free(struct bh_kept_erased *erased)
{
	free(erased->items);
	*erased = (struct bh_kept_erased){0};
}

static int case_order(const void *a, const void *b)
{
	const struct bh_kept_erased_case *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->times < y->times ? -1 : x->times > y->times;
}

uint32_t bh_kept_erased_times(struct bh_kept_erased *erased, uint64_t number)
{
	size_t from = 0, upto = erased->count;

	if (!erased->sorted && erased->count)
		qsort(erased->items, erased->count, sizeof(*erased->items), case_order);
	erased->sorted = true;
	while (from < upto) { /* the first behind it */
		size_t middle = (from + upto) / 2;
		if (erased->items[middle].number <= number)
			from = middle + 1;
		else
			upto = middle;
	}
	return from > 0 && erased->items[from - 1].number == number ? erased->items[from - 1].times
								    : 0;
}

/* ---- File and district ---- */

int bh_kept_erased_apply(struct bh_writer *w, const struct bh_kept_line *line, uint64_t *applied)
{
	struct bh_guarded guarded;
	struct bh_command command = {
		.source = BH_SOURCE_OPERATOR,
		.verb = BH_VERB_ERASE,
		.log_short = BH_LOG_OPERATOR,
		.case_number = line->case_number,
		.text = bh_span(reason_kept, sizeof(reason_kept) - 1),
	};
	int err = bh_guarded_get(&w->projector.db, line->case_number, &guarded);

	for (uint32_t times = guarded.erasures; !err && times < line->times; times++) {
		uint64_t position;
		err = bh_writer_erase(w, &command, 0, &position);
		*applied += !err;
	}
	return err;
}

static int line_note(struct bh_writer *w, uint64_t number, uint32_t times)
{
	const struct bh_kept_line line = {
		.kind = BH_KEPT_ERASED, .case_number = number, .times = times};

	return bh_kept_note(&w->kept, &line);
}

int bh_kept_erased_note(
	struct bh_writer *w, const struct bh_entry *entry, struct bh_kept_line *line)
{
	struct bh_guarded guarded;
	int err = bh_guarded_get(&w->projector.db, entry->case_number, &guarded);

	line->kind = BH_KEPT_ERASED;
	line->case_number = entry->case_number;
	line->times = guarded.erasures;
	return err;
}

int bh_kept_erased_keep(struct bh_writer *w, struct bh_kept_erased *known)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_GUARDED_ERASED);
	bool row = false;
	int err = bh_row_next(s, &row);

	while (!err && row) {
		uint64_t number = (uint64_t)bh_column(s, 0);
		uint32_t times = bh_column_u32(s, 1);
		w->scrub = true; /* the process that erased may have ended before the WAL was */
		if (bh_kept_erased_times(known, number) < times)
			err = line_note(w, number, times);
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}
