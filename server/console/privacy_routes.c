/* People that a case names.  Every list has a placeholder where a field is sealed; the plain text
 * leaves by one route alone, after the entry that says who opened it, and for what, is durable.
 *
 *   open ──▶ OPEN entry ──commit──▶ unseal ──▶ answer      no entry, no answer
 *
 * What was opened under a key is told again for some minutes, to whom it was told and while the
 * right stands: an answer may be lost. */
#include <stdio.h>
#include <string.h>

#include "proto/err.h"
#include "proto/hash.h"
#include "proto/number.h"
#include "server/console/case_json.h"
#include "server/console/privacy_case.h"
#include "server/console/profile.h"
#include "server/domain/rights.h"
#include "server/store/privacy.h"

#define FIELD_BYTES_MAX 2048u
#define PARTY_BYTES_MAX 4096u
#define TOLD_AGAIN_MS 600000

static const char no_key[] = "the district has no seal key";

/* ---- The case ---- */

bool bh_privacy_case(struct bh_exchange *x, enum bh_verb verb, struct bh_case *out)
{
	int err = bh_case_number_parse(x->captures[1], &x->command.case_number);
	if (!err)
		err = bh_reader_case(x->district->reader, x->command.case_number, out);
	if (err && err != BH_ERR_MALFORMED && err != BH_ERR_NOT_FOUND) {
		bh_answer_err(x, err);
		return false;
	}
	if (err || (!bh_may_see_case(x, out) && bh_privacy_post(x->rules, x->now_ms, x->person,
							x->post, verb, out) == 0)) {
		bh_answer_no_case(x, x->captures[1]);
		return false;
	}
	return true;
}

void bh_privacy_submit(
	struct bh_exchange *x, enum bh_verb verb, void (*done)(struct bh_exchange *x))
{
	bh_exchange_desk(x, verb);
	bh_exchange_submit(x, done);
}

/* ---- Lists ---- */

static json_t *party_json(const struct bh_party *party, json_t *name, json_t *contact)
{
	return json_pack("{s:I, s:s, s:s, s:o, s:o}", "party", (json_int_t)party->party, "role",
		bh_party_role_name(party->role), "consent", bh_consent_name(party->consent), "name",
		name, "contact", contact);
}

static json_t *placeholder(struct bh_span sealed)
{
	return sealed.len ? json_string(BH_SEALED_PLACEHOLDER) : json_null();
}

/* The case's, as they are sealed; false: answered. */
static bool parties_load(
	struct bh_exchange *x, struct bh_party parties[BH_PARTIES_MAX], size_t *count)
{
	int err = bh_reader_parties(x->district->reader, x->command.case_number, &x->arena, parties,
		BH_PARTIES_MAX, count);
	if (err)
		bh_answer_err(x, err);
	return err == BH_NOERR;
}

static json_t *standing_json(struct bh_exchange *x, json_t *answer)
{
	struct bh_guarded guarded;
	if (bh_reader_guarded(x->district->reader, x->command.case_number, &guarded)) {
		json_decref(answer);
		return NULL;
	}
	answer = bh_member_set(answer, "held", json_boolean(guarded.held != 0));
	answer = bh_member_set(
		answer, "erase_asked_by", bh_person_code(x->rules, guarded.asked_by));
	return bh_member_set(answer, "erased_at", bh_exchange_time(x, guarded.erased_ms));
}

/* Not who reported it, nor whose task it has, nor who only reads figures and logs. */
static bool may_list(struct bh_exchange *x, const struct bh_case *cased)
{
	return bh_views_are_whole(bh_case_views(x, cased)) ||
	       bh_privacy_post(x->rules, x->now_ms, x->person, x->post, BH_VERB_OPEN, cased) != 0;
}

void bh_route_parties(struct bh_exchange *x)
{
	struct bh_party parties[BH_PARTIES_MAX];
	struct bh_case cased;
	size_t count;
	if (!bh_privacy_case(x, BH_VERB_OPEN, &cased))
		return;
	if (!may_list(x, &cased)) {
		bh_answer_error(x, 403, "no_right",
			"whom a case names is its desk's, its archivist's and its unit's", NULL);
		return;
	}
	if (!parties_load(x, parties, &count))
		return;
	json_t *items = json_array();
	for (size_t i = 0; i < count; i++)
		items = bh_items_add(items, party_json(&parties[i], placeholder(parties[i].name),
						    placeholder(parties[i].contact)));
	bh_answer_json(x, 200, standing_json(x, bh_list_json(items, NULL)));
}

/* ---- Naming one ---- */

static bool word_read(const struct bh_import_at *at, const json_t *body, const char *field,
	int (*parse)(const char *name, uint32_t *out), uint32_t *out)
{
	const json_t *value = json_object_get(body, field);
	if (!value || json_is_null(value))
		return true;
	if (json_is_string(value) && parse(json_string_value(value), out) == BH_NOERR)
		return true;
	bh_fault_say(at, field, "it is none of the words that it may be");
	return false;
}

static void party_read(
	const struct bh_import_at *at, const json_t *body, struct bh_party *party, bool *removes)
{
	static const char *const names[] = {
		"party", "role", "consent", "name", "contact", "remove", NULL};
	bh_fields_check(at, body, names);
	(void)bh_field_u32(at, body, "party", 1, BH_PARTIES_MAX, false, &party->party);
	(void)bh_field_bool(at, body, "remove", removes);
	(void)word_read(at, body, "role", bh_party_role_parse, &party->role);
	(void)word_read(at, body, "consent", bh_consent_parse, &party->consent);
	(void)bh_field_text(at, body, "name", BH_PARTY_NAME_BYTES_MAX, !*removes, &party->name);
	(void)bh_field_text(
		at, body, "contact", BH_PARTY_CONTACT_BYTES_MAX, false, &party->contact);
	if (*removes)
		*party = (struct bh_party){.party = party->party};
	else if (party->role == BH_PARTY_GONE)
		bh_fault_say(
			at, "role", "complainant, other_party, witness, contact or representative");
}

static void party_done(struct bh_exchange *x)
{
	bh_answer_json(x, 200,
		json_pack("{s:s, s:I, s:I, s:b, s:o}", "number", x->captures[1], "party",
			(json_int_t)x->outcome.id, "position", (json_int_t)x->outcome.position,
			"repeat", x->outcome.repeat, "at", bh_exchange_time(x, x->outcome.at_ms)));
}

void bh_route_party(struct bh_exchange *x)
{
	struct bh_import_faults faults = {0};
	struct bh_import_at at = {&faults, "", 0, NULL};
	struct bh_party party = {0};
	struct bh_case cased;
	bool removes = false;
	if (!bh_privacy_case(x, BH_VERB_PARTY, &cased))
		return;
	party_read(&at, x->body, &party, &removes);
	int err = faults.count ? BH_NOERR : bh_party_encode(&party, &x->payload);
	x->command.payload = bh_buf_span(&x->payload);
	if (faults.count)
		bh_answer_field(x, &faults);
	else if (err)
		bh_answer_err(x, err);
	else
		bh_privacy_submit(x, BH_VERB_PARTY, party_done);
	bh_faults_free(&faults);
}

/* ---- Opening ---- */

/* One that cannot be opened is told why; the others are opened all the same. */
json_t *bh_party_field_open(struct bh_exchange *x, const struct bh_party *party, unsigned field,
	const char **why, int *err)
{
	struct bh_buf plain = BH_BUF(FIELD_BYTES_MAX);
	struct bh_span sealed = field == 0 ? party->name : party->contact;
	bool withheld = party->consent == BH_CONSENT_WITHDRAWN &&
			x->command.reason_code != BH_PURPOSE_SUBJECT &&
			x->command.reason_code != BH_PURPOSE_LEGAL;
	if (sealed.len == 0)
		return json_null();
	int rc = withheld ? BH_ERR_CLOSED
			  : bh_reader_unseal(x->district->reader, x->district->vault,
				    x->district_code, x->command.case_number, party, field, &plain);
	json_t *value = rc ? json_string(BH_SEALED_PLACEHOLDER) : bh_json_span(bh_buf_span(&plain));
	bh_buf_wipe(&plain);
	if (rc == BH_ERR_CLOSED)
		*why = "the consent was withdrawn";
	else if (rc == BH_ERR_NOT_FOUND)
		*why = "the case's key is gone";
	else if (rc == BH_ERR_AUTH)
		*why = "no seal key that is here opens it";
	else if (rc)
		*err = rc;
	return value;
}

/* Again only soon, and only who still may. */
bool bh_may_be_told_again(struct bh_exchange *x)
{
	struct bh_case cased;
	return x->district->district_ms - x->outcome.at_ms <= TOLD_AGAIN_MS &&
	       bh_reader_case(x->district->reader, x->command.case_number, &cased) == BH_NOERR &&
	       (bh_privacy_post(x->rules, x->now_ms, x->person, x->post, BH_VERB_OPEN, &cased) !=
			       0 ||
		       bh_privacy_oversees(x->rules, x->now_ms, x->person, x->post, &cased) != 0);
}

/* Who only watches over it reads what was written, and nobody's name; without a seal key likewise.
 */
static bool opens_names(struct bh_exchange *x)
{
	struct bh_case cased;
	return x->district->vault &&
	       bh_reader_case(x->district->reader, x->command.case_number, &cased) == BH_NOERR &&
	       bh_privacy_post(x->rules, x->now_ms, x->person, x->post, BH_VERB_OPEN, &cased) != 0;
}

static json_t *opened_json(
	struct bh_exchange *x, const struct bh_party *party, bool names, int *err)
{
	const char *why = x->district->vault ? "this post opens nobody's name" : no_key;
	if (!names)
		return bh_member_set(
			party_json(party, placeholder(party->name), placeholder(party->contact)),
			"withheld", json_string(why));
	why = NULL;
	json_t *name = bh_party_field_open(x, party, 0, &why, err);
	json_t *item = party_json(party, name, bh_party_field_open(x, party, 1, &why, err));
	return why ? bh_member_set(item, "withheld", json_string(why)) : item;
}

static void open_done(struct bh_exchange *x)
{
	struct bh_party parties[BH_PARTIES_MAX];
	size_t count;
	int err = BH_NOERR;
	if (x->outcome.repeat && !bh_may_be_told_again(x)) {
		bh_answer_error(x, 409, "told", "this opening was told before",
			"open it again: each opening is an entry of its own");
		return;
	}
	if (!parties_load(x, parties, &count))
		return;
	json_t *items = json_array();
	bool names = opens_names(x);
	for (size_t i = 0; i < count; i++)
		items = bh_items_add(items, opened_json(x, &parties[i], names, &err));
	if (err) {
		json_decref(items);
		bh_answer_err(x, err);
		return;
	}
	json_t *answer = bh_list_json(items, NULL);
	answer = bh_member_set(answer, "position", json_integer((json_int_t)x->outcome.position));
	bh_answer_json(x, 200, bh_member_set(answer, "at", bh_exchange_time(x, x->outcome.at_ms)));
}

bool bh_purpose_read(struct bh_exchange *x, bool sealed)
{
	static const char *const names[] = {"purpose", NULL};
	struct bh_import_faults faults = {0};
	struct bh_import_at at = {&faults, "", 0, NULL};
	bool fits;
	if (sealed && !x->district->vault) {
		bh_answer_error(x, 409, "seal-key", no_key,
			"`bihuan seal-key roll FOLDER` makes one; the server is stopped");
		return false;
	}
	if (x->body)
		bh_fields_check(&at, x->body, names);
	(void)word_read(&at, x->body, "purpose", bh_purpose_parse, &x->command.reason_code);
	fits = faults.count == 0;
	bh_faults_free(&faults);
	if (!fits)
		bh_answer_error(x, 422, "purpose", "purpose: it is not on the list",
			"contact, handling, mediation, follow_up, subject_request, legal, "
			"oversight");
	return fits;
}

void bh_route_open(struct bh_exchange *x)
{
	struct bh_case cased;
	if (bh_privacy_case(x, BH_VERB_OPEN, &cased) &&
		bh_purpose_read(x,
			bh_privacy_oversees(x->rules, x->now_ms, x->person, x->post, &cased) == 0))
		bh_privacy_submit(x, BH_VERB_OPEN, open_done);
}
