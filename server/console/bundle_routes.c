/* A bundle: named by its file, taken in by whoever drives the exchange, told with what it held and
 * what may be carried back. */
#include <string.h>

#include "proto/err.h"
#include "server/console/exchange.h"

#define FILE_BYTES_MAX 1000u

void bh_route_bundle(struct bh_exchange *x)
{
	const char *file = json_string_value(json_object_get(x->body, "file"));
	if (!x->operator_link) {
		bh_answer_error(x, 403, "no_right",
			"a file of the server's is named over its own "
			"socket alone",
			NULL);
		return;
	}
	if (!file || file[0] != '/' || strlen(file) > FILE_BYTES_MAX) {
		bh_answer_error(x, 422, "field",
			"file is the absolute path of a bundle, up to 1000 bytes",
			"the server reads it, as its own user");
		return;
	}
	x->place = file; /* the body's */
	x->need = BH_NEED_BUNDLE;
}

uint32_t bh_exchange_person(const struct bh_exchange *x)
{
	return x->person;
}

static json_t *told_json(const struct bh_bundle_told *told)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "device", (json_int_t)told->device,
		"ops", (json_int_t)told->ops, "ops_new", (json_int_t)told->ops_new, "ops_refused",
		(json_int_t)told->ops_refused, "photos", (json_int_t)told->photos, "photos_new",
		(json_int_t)told->photos_new, "photos_left", (json_int_t)told->photos_left);
}

/* What was taken before the fault is told with it. */
static void fault_tell(struct bh_exchange *x, const struct bh_bundle_told *told)
{
	int status = strcmp(told->fault, "storage") == 0 ? 503 : 422;
	bool answered = told->answer.len > 0;
	json_t *extra = told_json(told);
	if (answered)
		extra = bh_member_set(extra, "answer", bh_json_hex(told->answer));
	bh_answer_error_with(x, status, told->fault, told->sentence,
		status == 503 ? "try again: what was taken is a repeat then"
		: answered    ? "carry the answer to the handset: its next bundle begins earlier"
			      : NULL,
		extra);
}

void bh_exchange_bundle_taken(struct bh_exchange *x, int err, const struct bh_bundle_told *told)
{
	if (err == BH_NOERR)
		bh_answer_json(x, 200,
			bh_member_set(told_json(told), "answer", bh_json_hex(told->answer)));
	else if (err == BH_ERR_INVALID)
		fault_tell(x, told);
	else if (err == BH_ERR_NOT_FOUND)
		bh_answer_error(x, 422, "file", "there is no such file, or it cannot be read",
			"the server reads it, as its own user");
	else if (err == BH_ERR_BUSY)
		bh_answer_error(x, 503, "busy", "a backup, a verification or a bundle is under way",
			"try again when it is done");
	else
		bh_answer_err(x, err);
}
