/* A dossier as one ZIP.  Its pages are made here, at once; the archive is written by the process,
 * aside.  Names of people are placeholders, unless whoever asks may open them and says what for:
 *
 *   GET    ──▶ pages with placeholders ──▶ archive
 *   POST   ──▶ OPEN entry ──commit──▶ unseal ──▶ pages ──▶ archive      no entry, no names */
#include <stdio.h>
#include <string.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/console/case_json.h"
#include "server/console/privacy_case.h"
#include "server/store/privacy.h"

#define PATH_BYTES 512u

static void book_answer_err(struct bh_exchange *x, int err)
{
	if (err == BH_ERR_LIMIT)
		bh_answer_error(x, 422, "dossier", "the case has more than a dossier holds", NULL);
	else
		bh_answer_err(x, err);
}

static int book_make(struct bh_exchange *x, const struct bh_case *cased,
	const struct bh_book_party *parties, size_t count)
{
	char path[PATH_BYTES];
	int n = snprintf(path, sizeof(path), "%s/district.db", x->district->folder);
	const struct bh_book_ask ask = {
		.reader = x->district->reader,
		.rules = x->rules,
		.district = x->district_code,
		.db_path = path,
		.cased = cased,
		.parties = parties,
		.parties_count = count,
	};

	if (n < 0 || (size_t)n >= sizeof(path))
		return BH_ERR_LIMIT;
	int err = bh_book_make(&ask, &x->book);
	if (!err)
		x->need = BH_NEED_BOOK;
	return err;
}

/* ---- Names ---- */

static int plain_take(
	struct bh_exchange *x, const struct bh_party *party, unsigned field, struct bh_span *out)
{
	const char *why = NULL;
	int err = BH_NOERR;
	json_t *value = bh_party_field_open(x, party, field, &why, &err);
	struct bh_span text = bh_span(json_string_value(value), json_string_length(value));

	if (!value)
		err = BH_ERR_NOMEM;
	*out = bh_span(NULL, 0);
	if (!err && text.len)
		err = bh_arena_copy(&x->arena, text, out);
	json_decref(value);
	return err;
}

static struct bh_span masked(struct bh_span sealed)
{
	static const char placeholder[] = BH_SEALED_PLACEHOLDER;

	return sealed.len ? bh_span(placeholder, sizeof(placeholder) - 1) : bh_span(NULL, 0);
}

static int parties_take(
	struct bh_exchange *x, bool opened, struct bh_book_party out[BH_PARTIES_MAX], size_t *count)
{
	struct bh_party parties[BH_PARTIES_MAX];
	int err = bh_reader_parties(x->district->reader, x->command.case_number, &x->arena, parties,
		BH_PARTIES_MAX, count);

	for (size_t i = 0; !err && i < *count; i++) {
		out[i] = (struct bh_book_party){.role = bh_party_role_name(parties[i].role),
			.name = masked(parties[i].name),
			.contact = masked(parties[i].contact)};
		if (opened)
			err = plain_take(x, &parties[i], 0, &out[i].name);
		if (!err && opened)
			err = plain_take(x, &parties[i], 1, &out[i].contact);
	}
	return err;
}

static void book_begin(struct bh_exchange *x, const struct bh_case *cased, bool opened)
{
	struct bh_book_party parties[BH_PARTIES_MAX];
	size_t count = 0;
	int err = parties_take(x, opened, parties, &count);

	if (!err)
		err = book_make(x, cased, parties, count);
	if (err)
		book_answer_err(x, err);
}

/* ---- Routes ---- */

void bh_route_book(struct bh_exchange *x)
{
	struct bh_case cased;

	if (!bh_case_asked_words(x, &cased))
		return;
	x->command.case_number = cased.number;
	book_begin(x, &cased, false);
}

static void opened_done(struct bh_exchange *x)
{
	struct bh_case cased;
	int err = bh_reader_case(x->district->reader, x->command.case_number, &cased);

	if (err)
		bh_answer_err(x, err);
	else if (x->outcome.repeat && !bh_may_be_told_again(x))
		bh_answer_error(x, 409, "told", "this opening was told before",
			"open it again: each opening is an entry of its own");
	else
		book_begin(x, &cased, true);
}

void bh_route_book_opened(struct bh_exchange *x)
{
	struct bh_case cased;

	/* Who may open names alone has them by `open`: the rest of the case is not his. */
	if (!bh_case_asked_whole(x, &cased) || !bh_purpose_read(x, true))
		return;
	if (bh_privacy_post(x->rules, x->now_ms, x->person, x->post, BH_VERB_OPEN, &cased) == 0) {
		bh_answer_error(x, 403, "no_right", "this post opens nobody's name", NULL);
		return;
	}
	x->command.case_number = cased.number;
	bh_privacy_submit(x, BH_VERB_OPEN, opened_done);
}

/* ---- The archive ---- */

const struct bh_book *bh_exchange_book(const struct bh_exchange *x)
{
	return &x->book;
}

void bh_exchange_book_written(struct bh_exchange *x, int err, const char *path)
{
	bh_assert(x->need == BH_NEED_BOOK);
	x->need = BH_NEED_NOTHING;
	bh_book_free(&x->book);
	if (!err && strlen(path) >= sizeof(x->response.file))
		err = BH_ERR_LIMIT;
	if (err) {
		book_answer_err(x, err);
		return;
	}
	(void)snprintf(x->response.file, sizeof(x->response.file), "%s", path);
	x->response.status = 200;
	x->response.content_type = "application/zip";
}
