/* What handsets drained after they were cut off, and what else was set aside: looked at whole, and
 * let in or put away, each by an administrator with a name and a reason. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "proto/number.h"
#include "server/console/case_json.h"
#include "server/console/profile.h"
#include "server/store/blob.h"

#define QUARANTINE_PAGE 100u
#define DEVICES_PAGE 50u
#define DIGITS_MAX 19u

static bool number_read(const char *text, uint64_t max, uint64_t *out)
{
	size_t len = strlen(text);
	if (len == 0 || len > DIGITS_MAX || strspn(text, "0123456789") != len)
		return false;
	*out = strtoull(text, NULL, 10);
	return *out <= max;
}

/* The device of the path; false: answered. */
static bool device_find(struct bh_exchange *x, struct bh_device *device)
{
	uint64_t number = 0;
	int err = number_read(x->captures[1], UINT32_MAX, &number)
			  ? bh_reader_device(x->district->reader, (uint32_t)number, device)
			  : BH_ERR_NOT_FOUND;
	if (err == BH_ERR_NOT_FOUND)
		bh_answer_error(
			x, 404, "device", "there is no such device", "see `bihuan devices`");
	else if (err)
		bh_answer_err(x, err);
	return err == 0;
}

/* ---- One device ---- */

struct photos {
	json_int_t named; /* by an op's header, thumbnails left out */
	json_int_t here;  /* of them, those that an op of the same person's brought */
};

/* What of an op cannot be read names none. */
static int photos_count(
	struct bh_exchange *x, const struct bh_entry *entry, uint32_t person, struct photos *out)
{
	struct bh_msg_op_header header;
	int reason = BH_REASON_NONE, err = BH_NOERR;
	*out = (struct photos){0, 0};
	if (entry->header.len == 0 || entry->case_number == 0 ||
		bh_op_decode_header(entry->header, &x->arena, &header, &reason) != BH_NOERR)
		return BH_NOERR;
	for (size_t i = 0; err == BH_NOERR && i < header.blobs_count; i++) {
		const struct bh_msg_blob *blob = &header.blobs[i];
		enum bh_blob_right right = BH_BLOB_NOT_NAMED;
		if ((blob->kind != BH_BLOB_PHOTO && blob->kind != BH_BLOB_AFTER) ||
			blob->hash.len != BH_HASH_BYTES)
			continue;
		err = bh_reader_blob_named(
			x->district->reader, blob->hash.data, blob->size, person, &right);
		out->named++;
		out->here += right == BH_BLOB_ARRIVED || right == BH_BLOB_SHOWN;
	}
	return err;
}

/* Who decides of it has no cases: he reads a report of what gives nobody away, while it is held.
 * What is a case already, or was done to one, is read by whom that case's report is. */
static bool words_are_shown(
	struct bh_exchange *x, const struct bh_entry *entry, const struct bh_quarantine_row *row)
{
	struct bh_msg_op_header header;
	struct bh_case cased;
	int reason = BH_REASON_NONE;
	if (x->person == 0)
		return true;
	if (bh_reader_case(x->district->reader, entry->case_number, &cased) == BH_NOERR)
		return bh_views_show_text(bh_case_views(x, &cased));
	return entry->verb == BH_VERB_SUBMIT && !row->released && !row->discarded &&
	       bh_op_decode_header(entry->header, &x->arena, &header, &reason) == BH_NOERR &&
	       bh_rules_type(x->rules, header.type) != NULL &&
	       !bh_rules_is_sealed(x->rules, header.type);
}

static json_t *row_json(struct bh_exchange *x, uint32_t owner, const struct bh_quarantine_row *row)
{
	struct bh_entry entry;
	struct photos photos;
	char number[BH_CASE_TEXT_SIZE] = "";
	if (bh_reader_entry(x->district->reader, row->position, &x->arena, &entry) ||
		photos_count(x, &entry, owner, &photos))
		return NULL;
	struct bh_span text = bh_entry_text(x, &entry);
	bool withheld = text.len && !words_are_shown(x, &entry, row);
	if (entry.case_number)
		bh_case_number_format(entry.case_number, number);
	const char *stands = row->released ? "released" : row->discarded ? "discarded" : "held";
	return json_pack("{s:I, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:I, s:I}", "position",
		(json_int_t)entry.position, "stands", stands, "verb",
		bh_verb_name((enum bh_verb)entry.verb), "number",
		entry.case_number ? json_string(number) : json_null(), "person",
		bh_person_code(x->rules, entry.person), "captured_at",
		bh_exchange_time(x, entry.captured_ms), "received_at",
		bh_exchange_time(x, entry.at_ms), "text",
		text.len && !withheld ? bh_json_span(text) : json_null(), "withheld", withheld,
		"photos", photos.named, "photos_here", photos.here);
}

void bh_route_quarantine(struct bh_exchange *x)
{
	struct bh_quarantine_row rows[QUARANTINE_PAGE];
	char next[24];
	size_t count = 0;
	uint64_t after = 0;
	struct bh_device device;
	const char *text = bh_target_parameter(&x->target, "after");
	if (text && !number_read(text, INT64_MAX, &after)) {
		bh_answer_error(x, 400, "parameter", "after: it is not a position", NULL);
		return;
	}
	if (!device_find(x, &device))
		return;
	int err = bh_reader_quarantine(
		x->district->reader, device.id, after, rows, QUARANTINE_PAGE, &count);
	if (err) {
		bh_answer_err(x, err);
		return;
	}
	json_t *items = json_array();
	for (size_t i = 0; i < count; i++)
		items = bh_items_add(items, row_json(x, device.person, &rows[i]));
	(void)snprintf(next, sizeof(next), "%llu",
		count ? (unsigned long long)rows[count - 1].position : 0ULL);
	bh_answer_json(x, 200, bh_list_json(items, count == QUARANTINE_PAGE ? next : NULL));
}

/* ---- All devices ---- */

static json_t *sum_json(const struct bh_exchange *x, const struct bh_quarantine_sum *sum)
{
	const struct bh_msg_person *person = bh_rules_person(x->rules, sum->person);
	int64_t age_ms = x->district->district_ms - sum->oldest_ms;
	return json_pack("{s:I, s:o, s:o, s:s, s:I, s:I, s:I, s:o, s:o}", "device",
		(json_int_t)sum->device, "person", bh_person_code(x->rules, sum->person), "name",
		person ? bh_json_span(person->name) : json_null(), "state",
		bh_device_state_name(sum->state), "held", (json_int_t)sum->held, "released",
		(json_int_t)sum->released, "discarded", (json_int_t)sum->discarded, "oldest_at",
		bh_exchange_time(x, sum->oldest_ms), "oldest_s",
		sum->held ? json_integer(age_ms > 0 ? age_ms / 1000 : 0) : json_null());
}

void bh_route_quarantines(struct bh_exchange *x)
{
	struct bh_quarantine_sum sums[DEVICES_PAGE];
	char next[24];
	size_t count = 0;
	uint64_t after = 0;
	const char *text = bh_target_parameter(&x->target, "after");
	if (text && !number_read(text, UINT32_MAX, &after)) {
		bh_answer_error(x, 400, "parameter", "after: it is not a device's number", NULL);
		return;
	}
	int err = bh_reader_quarantines(
		x->district->reader, (uint32_t)after, sums, DEVICES_PAGE, &count);
	if (err) {
		bh_answer_err(x, err);
		return;
	}
	json_t *items = json_array();
	for (size_t i = 0; i < count; i++)
		items = bh_items_add(items, sum_json(x, &sums[i]));
	(void)snprintf(next, sizeof(next), "%u", count ? sums[count - 1].device : 0);
	bh_answer_json(x, 200, bh_list_json(items, count == DEVICES_PAGE ? next : NULL));
}

/* ---- What is decided ---- */

static void decided(struct bh_exchange *x)
{
	char number[BH_CASE_TEXT_SIZE];
	struct bh_entry entry;
	struct bh_device device;
	struct photos photos;
	uint64_t position = 0;
	if (x->outcome.verdict != BH_VERDICT_ACCEPTED) {
		bh_answer_refused(x, &x->outcome);
		return;
	}
	(void)number_read(x->captures[2], INT64_MAX, &position);
	bh_case_number_format(x->outcome.case_number, number);
	if (!device_find(x, &device))
		return;
	int err = bh_reader_entry(x->district->reader, position, &x->arena, &entry);
	if (!err)
		err = photos_count(x, &entry, device.person, &photos);
	if (err) {
		bh_answer_err(x, err);
		return;
	}
	bh_answer_json(x, 200,
		json_pack("{s:I, s:s, s:b, s:I, s:I, s:I}", "op", (json_int_t)position, "number",
			number, "repeat", x->outcome.repeat, "position",
			(json_int_t)x->outcome.position, "photos", photos.named, "photos_here",
			photos.here));
}

/* False: answered. */
static bool reason_read(struct bh_exchange *x)
{
	static const char *const names[] = {"reason", NULL};
	struct bh_import_faults faults = {0};
	struct bh_import_at at = {&faults, "", 0, NULL};
	if (x->body)
		bh_fields_check(&at, x->body, names);
	(void)bh_field_text(&at, x->body, "reason", BH_NAME_BYTES_MAX, true, &x->command.text);
	bool holds = faults.count == 0 && x->command.text.len > 0;
	bh_faults_free(&faults);
	if (!holds)
		bh_answer_error(x, 422, "field", "reason: say why", NULL);
	return holds;
}

static void decide(struct bh_exchange *x, uint32_t discards)
{
	uint64_t position = 0;
	struct bh_device device;
	if (bh_key_told(x, decided) || !device_find(x, &device))
		return;
	if (!number_read(x->captures[2], INT64_MAX, &position) || position == 0) {
		bh_answer_error(x, 404, "position", "it is not an entry's position",
			"see `bihuan quarantine show`");
		return;
	}
	if (!x->person) {
		bh_answer_error(x, 422, "acting", "this is done in an administrator's name",
			"--as CODE, or header Bihuan-As: CODE");
		return;
	}
	if (!reason_read(x))
		return;
	x->command.device = device.id;
	x->command.base_position = position;
	x->command.reason_code = discards;
	bh_exchange_submit_operator(x, BH_VERB_RELEASE, decided);
}

void bh_route_release(struct bh_exchange *x)
{
	decide(x, 0);
}

void bh_route_discard(struct bh_exchange *x)
{
	decide(x, 1);
}
