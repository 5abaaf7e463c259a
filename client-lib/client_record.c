/* Recording: a report, an opened closure.  Check completely, then one durable
 * transaction. */
#include <string.h>

#include "client-lib/client_photo.h"
#include "proto/caseflow.h"
#include "proto/datum.h"
#include "proto/number.h"

#define BH_URGENCY_MAX 4u
#define BH_CONDITION_MAX 1000u
#define BH_ACCURACY_M_MAX 1000000.0

_Static_assert(BH_PLACE_WGS84 == BH_DATUM_WGS84 && BH_PLACE_GCJ02 == BH_DATUM_GCJ02 &&
		       BH_PLACE_BD09 == BH_DATUM_BD09,
	"datums");
_Static_assert(BH_REPORT_TEXT_BYTES_MAX == BH_TEXT_BYTES_MAX, "texts");

static int32_t degrees_e7(double degrees)
{
	return (int32_t)(degrees * 1e7 + (degrees < 0 ? -0.5 : 0.5));
}

/* NaN fails every comparison, so each is written to pass only what is good. */
bh_status bh_place_take(
	const bh_report_input *input, struct bh_msg_op_content *content, bh_error *err)
{
	if (!(input->latitude_deg >= -90.0 && input->latitude_deg <= 90.0))
		return bh_fail(err, BH_E_INVALID, "report: latitude is not within 90 degrees");
	if (!(input->longitude_deg >= -180.0 && input->longitude_deg <= 180.0))
		return bh_fail(err, BH_E_INVALID, "report: longitude is not within 180 degrees");
	if (!(input->accuracy_m >= 0.0 && input->accuracy_m <= BH_ACCURACY_M_MAX))
		return bh_fail(err, BH_E_INVALID, "report: accuracy is not within 1000 km");
	if (input->datum < BH_PLACE_WGS84 || input->datum > BH_PLACE_BD09)
		return bh_fail(err, BH_E_INVALID, "report: a place needs its datum");
	content->has_place = true;
	content->latitude_e7 = degrees_e7(input->latitude_deg);
	content->longitude_e7 = degrees_e7(input->longitude_deg);
	content->datum = input->datum;
	/* 0 says unknown: a known one is at least a decimetre. */
	content->accuracy_dm = (uint32_t)(input->accuracy_m * 10.0 + 0.5);
	if (content->accuracy_dm == 0 && input->accuracy_m > 0.0)
		content->accuracy_dm = 1;
	return BH_OK;
}

static bh_status report_take(const bh_report_input *input, struct bh_msg_op_header *header,
	struct bh_msg_op_content *content, bh_error *err)
{
	bh_status status = bh_text_take(
		input->text, BH_REPORT_TEXT_BYTES_MAX, "report: text", &content->text, err);

	if (status != BH_OK)
		return status;
	if (content->text.len == 0)
		return bh_fail(err, BH_E_INVALID, "report: text is missing");
	if (input->urgency > BH_URGENCY_MAX || input->condition > BH_CONDITION_MAX)
		return bh_fail(err, BH_E_INVALID, "report: urgency or condition is out of range");
	if (input->captured_at < 0)
		return bh_fail(err, BH_E_INVALID, "report: captured_at is before 1970");
	*header = (struct bh_msg_op_header){.verb = BH_VERB_SUBMIT,
		.captured_ms = input->captured_at,
		.type = input->type,
		.urgency = input->urgency,
		.condition = input->condition};
	return input->has_place != 0 ? bh_place_take(input, content, err) : BH_OK;
}

static bh_status report_record(bh_client *client, const struct bh_msg_op_header *header,
	const struct bh_msg_op_content *content, const struct bh_photos_taken *photos,
	struct bh_op_ref *op, bh_error *err)
{
	bh_worker_lock(client->worker);
	int rc = bh_local_record_photos(client->local, header, content, photos->bytes,
		photos->count, bh_worker_now(client->worker), op);
	bh_status status = rc == 0 ? BH_OK : bh_fail_rc(err, client, rc, "report");

	bh_worker_unlock(client->worker);
	return status;
}

bh_status bh_report_record(
	bh_client *client, const bh_report_input *input, bh_report_ref *out, bh_error *err)
{
	struct bh_msg_op_header header;
	struct bh_msg_op_content content = {0};
	struct bh_photos_taken photos = {.count = 0};
	struct bh_op_ref op;
	bh_report_input given;
	bh_status status = bh_enter(client, err);

	if (status == BH_OK)
		status = bh_struct_take(input, &given, sizeof(given), "report", err);
	if (status == BH_OK && out)
		status = bh_struct_check(out, "report ref", err);
	if (status == BH_OK)
		status = report_take(&given, &header, &content, err);
	if (status == BH_OK)
		status = bh_photos_take(given.photos, given.photos_count, &photos, err);
	if (status == BH_OK)
		status = report_record(client, &header, &content, &photos, &op, err);
	bh_photos_release(&photos);
	if (status != BH_OK)
		return status;
	bh_worker_nudge(client->worker);
	if (out) {
		bh_report_ref ref = {.case_number = op.number, .sequence = op.seq};

		memcpy(ref.id.bytes, op.id, sizeof(ref.id.bytes));
		bh_number_format(op.number, ref.case_text);
		bh_struct_give(&ref, sizeof(ref), out);
	}
	return BH_OK;
}

bh_status bh_case_mark_seen(bh_client *client, uint64_t case_number, uint32_t cycle, bh_error *err)
{
	bh_status status = bh_enter(client, err);

	if (status != BH_OK)
		return status;
	bh_worker_lock(client->worker);
	int rc = bh_local_mark_seen(
		client->local, case_number, cycle, bh_worker_now(client->worker));

	if (rc != 0 && rc != BH_ERR_EXISTS)
		status = bh_fail_rc(err, client, rc, "seen");
	bh_worker_unlock(client->worker);
	if (rc == 0)
		bh_worker_nudge(client->worker);
	return rc == BH_ERR_EXISTS ? BH_DONE : status;
}
