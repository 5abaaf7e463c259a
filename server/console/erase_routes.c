/* Erasing what cases hold of people, and who looked: for privacy officers, and for auditors who
 * read.  Numbers, people and times; no list here has a name of a party. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/console/case_json.h"
#include "server/console/privacy_case.h"
#include "server/domain/purge_fact.h"
#include "server/store/privacy.h"

#define ROWS 200u

/* ---- Acting ---- */

static void erase_done(struct bh_exchange *x)
{
	bh_answer_json(x, 200,
		json_pack("{s:s, s:s, s:I, s:b, s:o}", "number", x->captures[1], "verb",
			bh_verb_name(x->command.verb), "position", (json_int_t)x->outcome.position,
			"repeat", x->outcome.repeat, "at", bh_exchange_time(x, x->outcome.at_ms)));
}

static void act(struct bh_exchange *x, enum bh_verb verb)
{
	static const char *const names[] = {"reason", NULL};
	struct bh_import_faults faults = {0};
	struct bh_import_at at = {&faults, "", 0, NULL};
	struct bh_case cased;
	if (!bh_privacy_case(x, verb, &cased))
		return;
	if (x->body)
		bh_fields_check(&at, x->body, names);
	(void)bh_field_text(&at, x->body, "reason", BH_TEXT_BYTES_MAX, false, &x->command.text);
	if (faults.count)
		bh_answer_field(x, &faults);
	else
		bh_privacy_submit(x, verb, erase_done);
	bh_faults_free(&faults);
}

void bh_route_ask_erase(struct bh_exchange *x)
{
	act(x, BH_VERB_ASK_ERASE);
}

void bh_route_erase(struct bh_exchange *x)
{
	act(x, BH_VERB_ERASE);
}

void bh_route_hold(struct bh_exchange *x)
{
	act(x, BH_VERB_HOLD);
}

void bh_route_unhold(struct bh_exchange *x)
{
	act(x, BH_VERB_UNHOLD);
}

/* ---- Reading ---- */

static bool reads(const struct bh_exchange *x, uint32_t area)
{
	return bh_privacy_reads(x->rules, x->now_ms, x->person, x->post, area);
}

static bool reads_at_all(struct bh_exchange *x)
{
	if (reads(x, 0))
		return true;
	bh_answer_error(
		x, 403, "post", "this needs a privacy officer's or an auditor's post", NULL);
	return false;
}

/* Of a case that a restore left out nobody knows the area, and what is about no case has none: who
 * reads the county reads it. */
static bool reads_case(struct bh_exchange *x, uint64_t number)
{
	struct bh_case cased;
	if (number == 0 || bh_reader_case(x->district->reader, number, &cased) != BH_NOERR)
		return reads(x, bh_rules_county(x->rules));
	return reads(x, cased.area);
}

static bool after_read(struct bh_exchange *x, uint64_t *after)
{
	const char *text = bh_target_parameter(&x->target, "after");
	size_t len = text ? strlen(text) : 0;
	*after = 0;
	if (!text)
		return true;
	if (len == 0 || len > 18 || strspn(text, "0123456789") != len) {
		bh_answer_error(x, 400, "parameter", "after: it is not a position", NULL);
		return false;
	}
	*after = strtoull(text, NULL, 10);
	return true;
}

static json_t *number_json(uint64_t number)
{
	char text[BH_CASE_TEXT_SIZE];
	bh_case_number_format(number, text);
	return json_string(text);
}

static void list_answer(struct bh_exchange *x, json_t *items, size_t count, uint64_t last)
{
	char next[24];
	(void)snprintf(next, sizeof(next), "%llu", (unsigned long long)last);
	bh_answer_json(x, 200, bh_list_json(items, count == ROWS ? next : NULL));
}

static json_t *opening_json(struct bh_exchange *x, const struct bh_opening *opening)
{
	return json_pack("{s:I, s:o, s:o, s:I, s:o, s:s}", "position",
		(json_int_t)opening->position, "at", bh_exchange_time(x, opening->at_ms), "person",
		bh_person_code(x->rules, opening->person), "post", (json_int_t)opening->post,
		"number", number_json(opening->number), "purpose",
		bh_purpose_name(opening->purpose));
}

void bh_route_openings(struct bh_exchange *x)
{
	struct bh_opening openings[ROWS];
	uint64_t after;
	size_t count;
	if (!reads_at_all(x) || !after_read(x, &after))
		return;
	int err = bh_reader_openings(x->district->reader, after, openings, ROWS, &count);
	if (err) {
		bh_answer_err(x, err);
		return;
	}
	json_t *items = json_array();
	for (size_t i = 0; i < count; i++)
		if (reads_case(x, openings[i].number))
			items = bh_items_add(items, opening_json(x, &openings[i]));
	list_answer(x, items, count, count ? openings[count - 1].position : 0);
}

/* Of a purge of words about no case: how many there were, and up to when they had come. */
static json_t *purge_json(struct bh_exchange *x, const struct bh_entry *entry)
{
	struct bh_purge_fact fact;
	if (bh_purge_fact_decode(entry->decision, &fact) != 0)
		return NULL;
	return json_pack("{s:n, s:I, s:o}", "number", "texts", (json_int_t)fact.texts, "came_up_to",
		bh_exchange_time(x, fact.before_ms));
}

static json_t *erasure_json(struct bh_exchange *x, const struct bh_erasure *erasure)
{
	struct bh_entry entry = {0};
	const char *how = erasure->log_short == BH_LOG_CLOCK  ? "retention"
			  : erasure->log_short == BH_LOG_DESK ? "asked"
							      : "after_restore";
	if (bh_reader_entry(x->district->reader, erasure->position, &x->arena, &entry))
		return NULL;
	json_t *json = json_pack("{s:I, s:o, s:s, s:o}", "position", (json_int_t)erasure->position,
		"at", bh_exchange_time(x, erasure->at_ms), "how", how, "person",
		bh_person_code(x->rules, entry.person));
	json_t *what[] = {erasure->number
				  ? json_pack("{s:o}", "number", number_json(erasure->number))
				  : purge_json(x, &entry)};
	return bh_members_join(json, what, 1);
}

void bh_route_erasures(struct bh_exchange *x)
{
	struct bh_erasure erasures[ROWS];
	uint64_t after;
	size_t count;
	if (!reads_at_all(x) || !after_read(x, &after))
		return;
	int err = bh_reader_erasures(x->district->reader, after, erasures, ROWS, &count);
	if (err) {
		bh_answer_err(x, err);
		return;
	}
	json_t *items = json_array();
	for (size_t i = 0; i < count; i++)
		if (reads_case(x, erasures[i].number))
			items = bh_items_add(items, erasure_json(x, &erasures[i]));
	list_answer(x, items, count, count ? erasures[count - 1].position : 0);
}

/* ---- Of one reporter ---- */

static json_t *erasable_json(struct bh_exchange *x, const struct bh_case *cased)
{
	struct bh_guarded guarded;
	if (bh_reader_guarded(x->district->reader, cased->number, &guarded))
		return NULL;
	return json_pack("{s:o, s:s, s:b, s:b, s:o, s:o}", "number", number_json(cased->number),
		"state", bh_state_name((enum bh_state)cased->state), "ended",
		bh_state_is_end((enum bh_state)cased->state), "held", guarded.held != 0,
		"erase_asked_by", bh_person_code(x->rules, guarded.asked_by), "erased_at",
		bh_exchange_time(x, guarded.erased_ms));
}

static bool reporter_read(struct bh_exchange *x, struct bh_case_query *query)
{
	const char *code = bh_target_parameter(&x->target, "reporter");
	const char *after = bh_target_parameter(&x->target, "after");
	const struct bh_msg_person *person = code ? bh_rules_person_by_code(
							    x->rules, bh_span(code, strlen(code)))
						  : NULL;
	query->reporter = person ? person->id : 0;
	if (!person)
		bh_answer_error(x, 400, "parameter", "reporter: there is no such person",
			"see `bihuan people`");
	else if (after && bh_case_number_parse(after, &query->after_number) != BH_NOERR)
		bh_answer_error(x, 400, "parameter", "after: it is not what `next` said", NULL);
	else
		return true;
	return false;
}

void bh_route_erasable(struct bh_exchange *x)
{
	struct bh_case_query query = {0};
	struct bh_case *cases = bh_arena_array(&x->arena, ROWS, sizeof(*cases));
	size_t count = 0;
	bool more = false;
	if (!reads_at_all(x) || !reporter_read(x, &query))
		return;
	int err = cases ? bh_reader_cases_page(
				  x->district->reader, &query, cases, ROWS, &count, &more)
			: BH_ERR_NOMEM;
	if (err) {
		bh_answer_err(x, err);
		return;
	}
	json_t *items = json_array();
	for (size_t i = 0; i < count; i++)
		if (reads(x, cases[i].area))
			items = bh_items_add(items, erasable_json(x, &cases[i]));
	char next[BH_CASE_TEXT_SIZE] = "";
	if (more)
		bh_case_number_format(query.after_number, next);
	bh_answer_json(x, 200, bh_list_json(items, more ? next : NULL));
}
