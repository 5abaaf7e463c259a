/* Responses as JSON text.  Every error is {"code", "message", "hint"} and may say more; whatever
 * cannot be put into words for want of memory is one constant answer. */
#include <stdio.h>
#include <string.h>

#include "proto/err.h"
#include "proto/verdict.h"
#include "server/console/exchange.h"
#include "server/console/profile.h"
#include "server/console/time_text.h"

#define MESSAGE_BYTES_MAX 600

static const char type_json[] = "application/json";

void bh_answer_json(struct bh_exchange *x, int status, json_t *value)
{
	static const char no_memory[] =
		"{\"code\":\"no-memory\",\"message\":\"out of memory\",\"hint\":\"try again\"}";
	x->need = BH_NEED_NOTHING;
	x->response.status = status;
	x->response.content_type = type_json;
	x->response.body.len = 0;
	if (!value || bh_json_append(value, &x->response.body) != BH_NOERR) {
		x->response.status = 503;
		(void)bh_buf_append(&x->response.body, no_memory, sizeof(no_memory) - 1);
	}
	json_decref(value);
}

/* Messages quote what was asked, cut to a length. */
static json_t *error_json(const char *code, const char *message, const char *hint)
{
	char whole[MESSAGE_BYTES_MAX];
	(void)snprintf(whole, sizeof(whole), "%s", message);
	bh_text_mend(whole);
	return json_pack("{s:s, s:s, s:s?}", "code", code, "message", whole, "hint", hint);
}

void bh_answer_error(
	struct bh_exchange *x, int status, const char *code, const char *message, const char *hint)
{
	bh_answer_json(x, status, error_json(code, message, hint));
}

void bh_answer_error_with(struct bh_exchange *x, int status, const char *code, const char *message,
	const char *hint, json_t *extra)
{
	json_t *error = error_json(code, message, hint);
	if (!error || !extra || json_object_update_missing(error, extra) != 0) {
		json_decref(error);
		error = NULL;
	}
	json_decref(extra);
	bh_answer_json(x, status, error);
}

void bh_answer_err(struct bh_exchange *x, int err)
{
	switch (err) {
	case BH_ERR_FULL:
		bh_answer_error(x, 503, "storage-full", "the disk is full; nothing was changed",
			"make room, then try again");
		return;
	case BH_ERR_BUSY:
		bh_answer_error(x, 503, "busy", "the district is busy with earlier commands",
			"try again in a moment");
		return;
	case BH_ERR_NOMEM:
		bh_answer_error(x, 503, "no-memory", "out of memory", "try again");
		return;
	case BH_ERR_LIMIT:
		bh_answer_error(
			x, 413, "too-large", "this is more than one request may hold", NULL);
		return;
	default:
		bh_answer_error(x, 503, "storage", "the district's storage failed",
			"see the server's log; try again when it is mended");
		return;
	}
}

static int refused_status(enum bh_reason reason)
{
	switch (reason) {
	case BH_REASON_NO_RIGHT:
	case BH_REASON_AUTHOR:
		return 403;
	case BH_REASON_NO_CASE:
		return 404;
	case BH_REASON_NOT_NOW:
	case BH_REASON_MOVED_ON:
	case BH_REASON_WINDOW:
		return 409;
	default:
		return 422;
	}
}

static const char *refused_hint(enum bh_reason reason)
{
	switch (reason) {
	case BH_REASON_MOVED_ON:
		return "look at the case again, then decide anew";
	case BH_REASON_NO_UNIT:
		return "name a unit by its code";
	case BH_REASON_NO_REASON:
		return "give a text";
	case BH_REASON_NOT_NOW:
		return "the case's state says what can be done next";
	case BH_REASON_NO_RIGHT:
		return "act as a person whose post covers this case";
	default:
		return NULL;
	}
}

/* The clause is more exact than the sentence: it leads, and to who runs the server it is all that
 * is said, since the sentences are to workers and about cases. */
void bh_answer_refused(struct bh_exchange *x, const struct bh_outcome *outcome)
{
	char message[300];
	const char *clause = outcome->detail;
	bool alone = clause && x->command.source == BH_SOURCE_OPERATOR;
	(void)snprintf(message, sizeof(message), "%s%s%s", clause ? clause : "",
		clause && !alone ? ": " : "", alone ? "" : bh_reason_sentence_en(outcome->reason));
	bh_answer_error_with(x, refused_status(outcome->reason), bh_reason_name(outcome->reason),
		message, alone ? NULL : refused_hint(outcome->reason),
		json_pack("{s:s, s:s?, s:s?, s:s}", "verdict", bh_verdict_name(outcome->verdict),
			"message_zh", alone ? NULL : bh_reason_sentence_zh(outcome->reason),
			"detail", clause, "state", bh_state_name((enum bh_state)outcome->state)));
}

void bh_answer_no_case(struct bh_exchange *x, const char *number)
{
	char message[200];
	(void)snprintf(message, sizeof(message), "there is no case %.60s that you may see", number);
	bh_answer_error(x, 404, bh_reason_name(BH_REASON_NO_CASE), message,
		"numbers look like 17-42-K; the last character checks the others");
}

json_t *bh_exchange_time(const struct bh_exchange *x, int64_t ms)
{
	char text[BH_TIME_TEXT_SIZE];
	int32_t offset_min = x->rules ? bh_rules_settings(x->rules)->utc_offset_min : 0;
	if (ms == 0 || !bh_time_format(ms, offset_min, text))
		return json_null();
	return json_string(text);
}

json_t *bh_items_add(json_t *items, json_t *item)
{
	if (items && json_array_append_new(items, item) == 0)
		return items;
	if (!items)
		json_decref(item);
	json_decref(items);
	return NULL;
}

void bh_answer_field(struct bh_exchange *x, const struct bh_import_faults *faults)
{
	const struct bh_import_fault *first = &faults->kept[0];
	char message[300];
	if (faults->kept_count == 0) {
		bh_answer_err(x, BH_ERR_NOMEM);
		return;
	}
	(void)snprintf(message, sizeof(message), "%.60s: %s", first->field ? first->field : "body",
		first->what);
	bh_answer_error_with(
		x, 422, "field", message, NULL, json_pack("{s:s?}", "field", first->field));
}

json_t *bh_member_set(json_t *object, const char *name, json_t *value)
{
	if (object && json_object_set_new(object, name, value) == 0)
		return object;
	if (!object)
		json_decref(value);
	json_decref(object);
	return NULL;
}

json_t *bh_members_join(json_t *object, json_t *const *parts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (object && (!parts[i] || json_object_update(object, parts[i]) != 0)) {
			json_decref(object);
			object = NULL;
		}
		json_decref(parts[i]);
	}
	return object;
}

json_t *bh_list_json(json_t *items, const char *next)
{
	if (!items)
		return NULL;
	return json_pack("{s:o, s:I, s:s?}", "items", items, "count",
		(json_int_t)json_array_size(items), "next", next);
}
