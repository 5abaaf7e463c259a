/* Dossiers: how a case's stands, a paper that a person adds, and what is lent.  Sealing, lending
 * and giving back are verbs like any other (verb_routes.c). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/console/case_json.h"
#include "server/console/dossier_json.h"
#include "server/console/profile.h"
#include "server/domain/dossier.h"
#include "server/store/dossier.h"

#define LOANS_A_PAGE 200u

static void dossier_answer(struct bh_exchange *x, const struct bh_case *cased, bool written)
{
	json_t *json = NULL;
	int err = bh_dossier_json(x, cased, written, &json);

	if (err == BH_ERR_LIMIT)
		bh_answer_error(
			x, 422, "dossier", "the case has more entries than a dossier holds", NULL);
	else if (err)
		bh_answer_err(x, err);
	else
		bh_answer_json(x, 200, json);
}

void bh_route_dossier(struct bh_exchange *x)
{
	struct bh_case cased;

	if (!bh_case_asked(x, &cased))
		return;
	unsigned views = bh_case_views(x, &cased);
	if (bh_views_show_course(views))
		dossier_answer(x, &cased, bh_views_show_words(views));
	else
		bh_case_refuse_part(x);
}

/* ---- A paper ---- */

/* Its text is its title, and what it says from the next line on. */
static void paper_read(struct bh_exchange *x, const struct bh_import_at *at)
{
	static const char *const names[] = {"kind", "title", "text", NULL};
	const char *kind = json_string_value(json_object_get(x->body, "kind"));
	struct bh_span title = {NULL, 0}, text = {NULL, 0};
	int err = BH_NOERR;

	if (x->body)
		bh_fields_check(at, x->body, names);
	if (!kind || bh_paper_parse(kind, &x->command.reason_code) != BH_NOERR)
		bh_fault_say(at, "kind",
			"no such kind of paper; `bihuan dossier paper --help` lists them");
	(void)bh_field_text(at, x->body, "title", BH_NAME_BYTES_MAX, true, &title);
	(void)bh_field_text(
		at, x->body, "text", BH_TEXT_BYTES_MAX - BH_NAME_BYTES_MAX - 1, false, &text);
	if (title.len && memchr(title.data, '\n', title.len))
		bh_fault_say(at, "title", "it is one line");
	err = bh_buf_append(&x->payload, title.data, title.len);
	if (!err && text.len)
		err = bh_buf_append(&x->payload, "\n", 1);
	if (!err && text.len)
		err = bh_buf_append(&x->payload, text.data, text.len);
	if (err)
		bh_fault_say(at, "text", "out of memory");
	x->command.text = bh_buf_span(&x->payload);
}

static void paper_done(struct bh_exchange *x)
{
	bh_answer_json(x, 200,
		json_pack("{s:s, s:s, s:I, s:b, s:o}", "number", x->captures[1], "paper",
			bh_paper_name(x->command.reason_code), "position",
			(json_int_t)x->outcome.position, "repeat", x->outcome.repeat, "at",
			bh_exchange_time(x, x->outcome.at_ms)));
}

void bh_route_paper(struct bh_exchange *x)
{
	struct bh_import_faults faults = {0};
	struct bh_import_at at = {&faults, "", 0, NULL};
	struct bh_case cased;

	if (!bh_case_asked(x, &cased))
		return;
	paper_read(x, &at);
	x->command.case_number = cased.number;
	bh_exchange_desk(x, BH_VERB_PAPER);
	if (faults.count > 0)
		bh_answer_field(x, &faults);
	else
		bh_exchange_submit(x, paper_done);
	bh_faults_free(&faults);
}

/* ---- Loans ---- */

static bool place_read(struct bh_exchange *x, uint64_t *after)
{
	const char *text = bh_target_parameter(&x->target, "after");
	char *end;

	*after = 0;
	if (!text)
		return true;
	*after = strtoull(text, &end, 10);
	if (*text >= '0' && *text <= '9' && *end == '\0' && *after <= INT64_MAX)
		return true;
	bh_answer_error(
		x, 400, "parameter", "after: it is not what `next` of an earlier page said", NULL);
	return false;
}

/* Those of cases that the caller sees; to whom and what for is told who sees all of the case. */
void bh_route_loans(struct bh_exchange *x)
{
	struct bh_dossier_row *rows = bh_arena_array(&x->arena, LOANS_A_PAGE, sizeof(*rows));
	char next[24];
	uint64_t after;
	size_t count = 0;
	int err = rows ? BH_NOERR : BH_ERR_NOMEM;

	if (!err && !place_read(x, &after))
		return;
	if (!err)
		err = bh_reader_loans(x->district->reader, after, rows, LOANS_A_PAGE, &count);
	json_t *items = json_array();
	for (size_t i = 0; !err && i < count; i++) {
		struct bh_case cased;
		err = bh_reader_case(x->district->reader, rows[i].number, &cased);
		unsigned views = err ? 0 : bh_case_views(x, &cased);
		if (bh_views_show_course(views))
			items = bh_items_add(
				items, bh_loan_json(x, &rows[i], bh_views_show_words(views)));
	}
	if (err) {
		json_decref(items);
		bh_answer_err(x, err);
		return;
	}
	(void)snprintf(next, sizeof(next), "%llu",
		count ? (unsigned long long)rows[count - 1].position : 0ULL);
	bh_answer_json(x, 200, bh_list_json(items, count == LOANS_A_PAGE ? next : NULL));
}
