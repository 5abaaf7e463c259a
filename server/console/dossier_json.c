/* A case's dossier: which papers it needs, which are there, its newest seal and whether that still
 * holds, and whether it is lent. */
#include "server/console/dossier_json.h"

#include <string.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/console/case_json.h"
#include "server/domain/order.h"
#include "server/domain/paper_file.h"
#include "server/store/dossier.h"

static json_t *paper_word(unsigned paper)
{
	return json_pack(
		"{s:s, s:s}", "paper", bh_paper_name(paper), "paper_zh", bh_paper_name_zh(paper));
}

static json_t *set_json(uint32_t set)
{
	json_t *items = json_array();

	for (unsigned paper = BH_PAPER_REPORT; paper < BH_PAPER_COUNT; paper++)
		if ((set >> paper & 1) != 0)
			items = bh_items_add(items, paper_word(paper));
	return items;
}

static int count_of(uint32_t set)
{
	int count = 0;

	for (; set != 0; set &= set - 1)
		count++;
	return count;
}

/* ---- Papers ---- */

static json_t *order_title_json(const struct bh_entry *entry)
{
	char name[BH_ORDER_TEXT_SIZE];

	bh_order_ref_format_zh(bh_order_of_decision(entry->decision), name);
	return json_string(name);
}

/* Of what a person added its first line, of an order what it is called. */
static json_t *title_json(struct bh_exchange *x, const struct bh_dossier_entry *entry)
{
	struct bh_entry read;

	bool order = bh_verb_is_order(entry->verb);
	if ((entry->verb != BH_VERB_PAPER && !order) ||
		bh_reader_entry(x->district->reader, entry->position, &x->arena, &read) != BH_NOERR)
		return json_null();
	if (order)
		return order_title_json(&read);
	struct bh_span text = bh_entry_text(x, &read);
	const uint8_t *end = text.len ? memchr(text.data, '\n', text.len) : NULL;
	return text.len ? bh_json_span(
				  bh_span(text.data, end ? (size_t)(end - text.data) : text.len))
			: json_null();
}

/* Of a paper that has one; its size and hash are what was said when it was added. */
static json_t *file_json(struct bh_exchange *x, const struct bh_dossier_entry *entry)
{
	struct bh_paper_said said;
	struct bh_entry read;

	if (entry->verb != BH_VERB_PAPER ||
		bh_reader_entry(x->district->reader, entry->position, &x->arena, &read) !=
			BH_NOERR ||
		bh_paper_decode(read.header, &said) != BH_NOERR || said.form == BH_PAPER_FORM_NONE)
		return json_null();
	bool erased = bh_entry_file_is_erased(x, &read);
	return json_pack("{s:s, s:o, s:o}", "form", bh_paper_form_name(said.form), "size",
		erased ? json_null() : json_integer(said.size), "hash",
		erased ? json_null() : bh_json_hex(bh_span(said.hash, BH_HASH_BYTES)));
}

static json_t *withdrawn_json(
	struct bh_exchange *x, const struct bh_dossier_entries *entries, bool written)
{
	json_t *items = json_array();

	for (size_t i = 0; i < entries->count; i++) {
		const struct bh_dossier_entry *entry = &entries->items[i];
		if (entry->verb == BH_VERB_PAPER && entry->kind == BH_PAPER_NONE)
			items = bh_items_add(
				items, json_pack("{s:I, s:o, s:o, s:o}", "position",
					       (json_int_t)entry->position, "at",
					       bh_exchange_time(x, entry->at_ms), "title",
					       written ? title_json(x, entry) : json_null(), "file",
					       written ? file_json(x, entry) : json_null()));
	}
	return items;
}

static json_t *papers_json(
	struct bh_exchange *x, const struct bh_dossier_entries *entries, bool written)
{
	json_t *items = json_array();

	for (size_t i = 0; i < entries->count; i++) {
		const struct bh_dossier_entry *entry = &entries->items[i];
		enum bh_paper paper = bh_paper_of(entry);
		if (paper == BH_PAPER_NONE)
			continue;
		json_t *item = json_pack("{s:I, s:o, s:s, s:s, s:i, s:o, s:b, s:o, s:i, s:i}",
			"position", (json_int_t)entry->position, "at",
			bh_exchange_time(x, entry->at_ms), "verb",
			bh_verb_name((enum bh_verb)entry->verb), "verb_zh",
			bh_verb_name_zh((enum bh_verb)entry->verb), "cycle", (int)entry->cycle,
			"person", bh_person_code(x->rules, entry->person), "automatic",
			entry->log_short == BH_LOG_CLOCK, "title",
			written ? title_json(x, entry) : json_null(), "photos", (int)entry->photos,
			"photos_here", (int)entry->photos_here);
		json_t *word = paper_word(paper);
		if (item && word && json_object_update(item, word) != 0) {
			json_decref(item);
			item = NULL;
		}
		json_decref(word);
		item = bh_member_set(item, "file", written ? file_json(x, entry) : json_null());
		item = bh_member_set(item, "also", set_json(bh_papers_of(entry) & ~(1u << paper)));
		items = bh_items_add(items, item);
	}
	return items;
}

/* ---- Seal and loan ---- */

static int papers_after(const struct bh_dossier_entries *entries, uint64_t upto)
{
	int count = 0;

	for (size_t i = 0; i < entries->count; i++)
		count += entries->items[i].position > upto &&
			 (bh_paper_of(&entries->items[i]) != BH_PAPER_NONE ||
				 entries->items[i].verb == BH_VERB_WITHDRAW_PAPER);
	return count;
}

/* Holds: what it covers gives its hash still. */
static int seal_json(struct bh_exchange *x, uint64_t number,
	const struct bh_dossier_entries *entries, bool written, json_t **out)
{
	struct bh_seal_said said, now = {.upto = 0};
	struct bh_hasher *hasher = NULL;
	struct bh_entry entry;
	uint64_t position = 0;
	int err = bh_reader_seal(x->district->reader, number, &said, &position);

	if (err == BH_ERR_NOT_FOUND) {
		*out = json_null();
		return BH_NOERR;
	}
	if (!err)
		err = bh_hasher_open(&hasher);
	if (!err)
		err = bh_dossier_seal(hasher, x->district_code, number, entries->items,
			entries->count, said.upto, &now);
	bh_hasher_close(hasher);
	if (!err)
		err = bh_reader_entry(x->district->reader, position, &x->arena, &entry);
	if (err)
		return err;
	bool holds = now.upto == said.upto && now.count == said.count &&
		     memcmp(now.hash, said.hash, BH_HASH_BYTES) == 0;
	struct bh_span reason = written ? bh_entry_text(x, &entry) : bh_span(NULL, 0);
	*out = json_pack("{s:o, s:I, s:o, s:o, s:I, s:I, s:b, s:i, s:o}", "hash",
		bh_json_hex(bh_span(said.hash, BH_HASH_BYTES)), "position", (json_int_t)position,
		"at", bh_exchange_time(x, entry.at_ms), "person",
		bh_person_code(x->rules, entry.person), "upto", (json_int_t)said.upto, "entries",
		(json_int_t)said.count, "holds", holds, "newer", papers_after(entries, said.upto),
		"reason", reason.len ? bh_json_span(reason) : json_null());
	return *out ? BH_NOERR : BH_ERR_NOMEM;
}

json_t *bh_loan_json(struct bh_exchange *x, const struct bh_dossier_row *row, bool written)
{
	char number[BH_CASE_TEXT_SIZE];
	struct bh_entry entry;

	bh_case_number_format(row->number, number);
	if (bh_reader_entry(x->district->reader, row->position, &x->arena, &entry) != BH_NOERR)
		return NULL;
	struct bh_span text = written ? bh_entry_text(x, &entry) : bh_span(NULL, 0);
	return json_pack("{s:s, s:I, s:o, s:o, s:o, s:b, s:o}", "number", number, "position",
		(json_int_t)row->position, "at", bh_exchange_time(x, entry.at_ms), "person",
		bh_person_code(x->rules, entry.person), "until", bh_exchange_time(x, row->until_ms),
		"late", row->back == 0 && row->until_ms < x->district->district_ms, "text",
		text.len ? bh_json_span(text) : json_null());
}

static int loan_json(struct bh_exchange *x, uint64_t number, bool written, json_t **out)
{
	struct bh_dossier_row row;
	uint64_t after = 0;
	size_t count = 1;
	int err = BH_NOERR;

	*out = NULL;
	while (!err && count > 0 && !*out) {
		err = bh_reader_dossier_rows(x->district->reader, number, after, &row, 1, &count);
		if (err || count == 0)
			break;
		after = row.position;
		if (row.verb == BH_VERB_LEND && row.back == 0) {
			*out = bh_loan_json(x, &row, written);
			err = *out ? BH_NOERR : BH_ERR_NOMEM;
		}
	}
	if (!err && !*out)
		*out = json_null();
	return err;
}

/* ---- All of it ---- */

static json_t *standing_json(const char *number, const struct bh_dossier *dossier, uint32_t kinds)
{
	json_t *words = json_array();

	if ((kinds & BH_DOSSIER_DISPUTE) != 0)
		words = bh_items_add(words, json_string("dispute"));
	if ((kinds & BH_DOSSIER_MAJOR) != 0)
		words = bh_items_add(words, json_string("major"));
	return json_pack("{s:s, s:o, s:b, s:i, s:i, s:o, s:i, s:i, s:i}", "number", number, "kinds",
		words, "complete", bh_dossier_lacks(dossier) == 0, "required",
		count_of(dossier->required), "there",
		count_of(dossier->required & dossier->present), "missing",
		set_json(dossier->missing), "photos", (int)dossier->photos, "photos_here",
		(int)dossier->photos_here, "added", (int)dossier->added);
}

int bh_dossier_json(struct bh_exchange *x, const struct bh_case *cased, bool written, json_t **out)
{
	struct bh_dossier_entries entries = {0};
	struct bh_dossier dossier;
	char number[BH_CASE_TEXT_SIZE];
	json_t *seal = NULL, *loan = NULL;
	uint32_t kinds = bh_dossier_kinds(x->rules, cased);
	int err = bh_reader_dossier(x->district->reader, cased->number, &entries);

	if (!err)
		err = seal_json(x, cased->number, &entries, written, &seal);
	if (!err)
		err = loan_json(x, cased->number, written, &loan);
	if (err) {
		json_decref(seal);
		bh_dossier_entries_free(&entries);
		return err;
	}
	bh_case_number_format(cased->number, number);
	bh_dossier_judge(entries.items, entries.count, kinds, &dossier);
	json_t *json = standing_json(number, &dossier, kinds);
	json = bh_member_set(
		json, "state", json_string(bh_state_name((enum bh_state)cased->state)));
	json = bh_member_set(json, "papers", papers_json(x, &entries, written));
	json = bh_member_set(json, "withdrawn", withdrawn_json(x, &entries, written));
	json = bh_member_set(json, "seal", seal);
	json = bh_member_set(json, "loan", loan);
	bh_dossier_entries_free(&entries);
	*out = json;
	return json ? BH_NOERR : BH_ERR_NOMEM;
}
