/* The server itself and a district as a whole.  What the process knows comes as JSON text from the
 * host and is passed on as it is; a verification is the driver's work and only told here. */
#include <stdio.h>
#include <string.h>

#include "proto/err.h"
#include "server/console/exchange.h"

#define DISTRICTS_LISTED_MAX 1024u

static void host_text(struct bh_exchange *x, int (*ask)(void *context, struct bh_buf *out))
{
	x->response.body.len = 0;
	int err = ask(x->host->context, &x->response.body);
	if (err == BH_ERR_INVALID && x->response.body.len > 0) {
		x->response.status = 422; /* the text says what is wrong */
		x->response.content_type = "application/json";
	} else if (err == BH_ERR_INVALID) {
		bh_answer_error(x, 422, "configuration",
			"the configuration has faults; the old one stays in force",
			"run `bihuand --check`, or see the server's log");
	} else if (err) {
		bh_answer_err(x, err);
	} else {
		x->response.status = 200;
		x->response.content_type = "application/json";
	}
}

void bh_route_status(struct bh_exchange *x)
{
	host_text(x, x->host->status);
}

void bh_route_reload(struct bh_exchange *x)
{
	host_text(x, x->host->reload);
}

static json_t *district_brief(const char *code, struct bh_store_reader *reader)
{
	struct bh_district district;
	struct bh_rules *rules;
	if (bh_reader_district(reader, &district) != BH_NOERR ||
		bh_reader_rules(reader, &rules) != BH_NOERR)
		return NULL;
	return json_pack("{s:s, s:o, s:I, s:I}", "code", code, "name",
		bh_json_span(bh_rules_profile(rules)->name), "epoch", (json_int_t)district.epoch,
		"profile_version", (json_int_t)district.profile_version);
}

void bh_route_districts(struct bh_exchange *x)
{
	const char *codes[DISTRICTS_LISTED_MAX];
	json_t *items = json_array();
	size_t count = x->host->list(x->host->context, codes, DISTRICTS_LISTED_MAX);
	for (size_t i = 0; i < count; i++) {
		struct bh_console_district *district = x->host->find(x->host->context, codes[i]);
		if (!district)
			continue;
		json_t *item = district_brief(codes[i], district->reader);
		if (!item) {
			json_decref(items);
			bh_answer_err(x, BH_ERR_IO);
			return;
		}
		items = bh_items_add(items, item);
	}
	bh_answer_json(x, 200, bh_list_json(items, NULL));
}

static void created(struct bh_exchange *x, const char *code)
{
	bh_answer_json(x, 201,
		json_pack("{s:s, s:b, s:b}", "code", code, "created", 1, "repeat",
			x->outcome.repeat));
}

/* The district that a key made keeps the key; with another code it stands in another district's. */
static bool created_before(struct bh_exchange *x, const char *code)
{
	const char *codes[DISTRICTS_LISTED_MAX];
	size_t count = x->host->list(x->host->context, codes, DISTRICTS_LISTED_MAX);
	bool told = false;
	for (size_t i = 0; i < count && !told; i++) {
		struct bh_console_district *district = x->host->find(x->host->context, codes[i]);
		if (district && bh_key_find(x, district->reader, &told))
			created(x, code);
	}
	return told;
}

void bh_route_district_create(struct bh_exchange *x)
{
	const char *detail = NULL;
	struct bh_caller_key key;
	const char *code = json_string_value(json_object_get(x->body, "code"));
	if (!code || !bh_district_code_valid(code)) {
		bh_answer_error(x, 422, "code", "a district's code is 1 to 12 of 0-9, a-z and -",
			"use the division code, as in 990101");
		return;
	}
	if (x->keyed && created_before(x, code))
		return;
	memcpy(key.key_hash, x->command.key_hash, sizeof(key.key_hash));
	memcpy(key.request_hash, x->command.request_hash, sizeof(key.request_hash));
	int err = x->host->create(x->host->context, code, x->keyed ? &key : NULL, &detail);
	if (err == BH_ERR_EXISTS) {
		bh_answer_error(x, 409, "exists", "there is a district with this code already",
			"see `bihuan districts`");
	} else if (err == BH_ERR_INVALID || err == BH_ERR_LIMIT) {
		bh_answer_error(x, 422, "code", detail ? detail : "the code cannot be used", NULL);
	} else if (err) {
		bh_answer_err(x, err);
	} else {
		created(x, code);
	}
}

static json_t *figures(struct bh_exchange *x, const struct bh_stats *stats)
{
	json_t *states = json_object();
	for (unsigned state = 1; state < BH_STATE_COUNT; state++)
		states = bh_member_set(states, bh_state_name((enum bh_state)state),
			json_integer((json_int_t)stats->by_state[state]));
	return json_pack("{s:s, s:o, s:I, s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f,"
			 " s:I, s:I}",
		"district", x->district_code, "at", bh_exchange_time(x, x->district->district_ms),
		"entries", (json_int_t)stats->entries, "cases", (json_int_t)stats->cases, "states",
		states, "dispatched", (json_int_t)stats->dispatched, "dispatched_in_time",
		(json_int_t)stats->dispatched_in_time, "automatic", (json_int_t)stats->automatic,
		"breached", (json_int_t)stats->breached, "closed", (json_int_t)stats->closed,
		"closures_owed", (json_int_t)stats->closures_owed, "closures_delivered",
		(json_int_t)stats->closures_delivered, "closures_seen",
		(json_int_t)stats->closures_seen, "longest_wait_s",
		(double)stats->longest_wait_ms / 1000.0, "devices", (json_int_t)stats->devices,
		"devices_live", (json_int_t)stats->devices_live);
}

void bh_route_stats(struct bh_exchange *x)
{
	struct bh_stats stats;
	int err = bh_reader_stats(x->district->reader, &stats);
	if (err)
		bh_answer_err(x, err);
	else
		bh_answer_json(x, 200, figures(x, &stats));
}

void bh_route_district(struct bh_exchange *x)
{
	uint8_t head[BH_HASH_BYTES];
	uint64_t position;
	const struct bh_msg_profile *profile = bh_rules_profile(x->rules);
	json_t *brief = district_brief(x->district_code, x->district->reader);
	int err = bh_reader_head(x->district->reader, &position, head);
	if (err || !brief) {
		json_decref(brief);
		bh_answer_err(x, err ? err : BH_ERR_IO);
		return;
	}
	json_t *more = json_pack("{s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:o, s:b, s:o}", "entries",
		(json_int_t)position, "head", bh_json_hex(bh_span(head, sizeof(head))), "areas",
		(json_int_t)profile->areas_count, "units", (json_int_t)profile->units_count,
		"people", (json_int_t)profile->people_count, "routes",
		(json_int_t)profile->routes_count, "types",
		(json_int_t)profile->catalogue.types_count, "catalogue_version",
		bh_json_span(profile->catalogue.version), "clock_alarm", x->district->clock_alarm,
		"at", bh_exchange_time(x, x->district->district_ms));
	if (!more || json_object_update(brief, more) != 0) {
		json_decref(brief);
		brief = NULL;
	}
	json_decref(more);
	bh_answer_json(x, 200, brief);
}

/* ---- Verification ---- */

void bh_route_verify(struct bh_exchange *x)
{
	x->need = BH_NEED_VERIFY;
}

static json_t *verify_json(const struct bh_verify_report *report, bool holds)
{
	return json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:s, s:o}", "holds", holds, "entries",
		(json_int_t)report->entries, "cases", (json_int_t)report->cases, "contents_checked",
		(json_int_t)report->contents_checked, "contents_erased",
		(json_int_t)report->contents_erased, "first_bad", (json_int_t)report->first_bad,
		"what", report->what, "head", bh_json_hex(bh_span(report->head, BH_HASH_BYTES)));
}

void bh_exchange_verified(struct bh_exchange *x, int err, const struct bh_verify_report *report)
{
	if (err == BH_NOERR) {
		bh_answer_json(x, 200, verify_json(report, true));
	} else if (err == BH_ERR_CORRUPT) {
		char message[300];
		(void)snprintf(
			message, sizeof(message), "the copy does not hold: %s", report->what);
		bh_answer_error_with(x, 500, "corrupt", message,
			"keep the files, stop the server, and compare with a backup",
			verify_json(report, false));
	} else if (err == BH_ERR_BUSY) {
		bh_answer_error(x, 503, "busy", "another verification is running",
			"try again when it is done");
	} else {
		bh_answer_err(x, err);
	}
}

/* ---- The clock ---- */

static void clock_confirmed(struct bh_exchange *x)
{
	bh_answer_json(x, 200,
		json_pack("{s:b, s:I, s:o, s:b}", "confirmed", 1, "position",
			(json_int_t)x->outcome.position, "at",
			bh_exchange_time(x, x->outcome.at_ms), "repeat", x->outcome.repeat));
}

void bh_route_clock_confirm(struct bh_exchange *x)
{
	if (!bh_key_told(x, clock_confirmed))
		bh_exchange_submit_operator(x, BH_VERB_CLOCK_CONFIRM, clock_confirmed);
}
