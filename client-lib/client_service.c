/* Service entries, and the grids that they and rounds are of. */
#include "client-lib/client_state.h"
#include "client-lib/include/bihuan_field.h"
#include "proto/caseflow.h"

/* ---- Grids ------------------------------------------------------------------------------- */

bh_status bh_grid_get(bh_client *client, uint32_t index, bh_grid_view *out, bh_error *err)
{
	struct bh_arena arena = BH_ARENA(BH_TYPES_ARENA_BYTES_MAX);
	struct bh_msg_district district = {.grids_count = 0};
	bh_status status = bh_enter(client, err);
	bh_grid_view view = {.grid = 0};

	if (status == BH_OK)
		status = bh_struct_check(out, "grid view", err);
	if (status != BH_OK)
		return status;
	bh_worker_lock(client->worker);
	int rc = bh_local_district_read(client->local, &arena, &district);

	if (rc != 0 && rc != BH_ERR_NOT_FOUND)
		status = bh_fail_rc(err, client, rc, "grids");
	else if (index >= district.grids_count)
		status = bh_fail(err, BH_E_NOT_FOUND, "grid: no such grid");
	bh_worker_unlock(client->worker);
	if (status == BH_OK) {
		view.grid = district.grids[index].id;
		bh_text_cut(view.code, sizeof(view.code), district.grids[index].code);
		bh_text_cut(view.name, sizeof(view.name), district.grids[index].name);
		bh_struct_give(&view, sizeof(view), out);
	}
	bh_arena_free(&arena);
	return status;
}

/* ---- Recording --------------------------------------------------------------------------- */

static bh_status service_take(const bh_service_input *input, struct bh_msg_op_header *header,
	struct bh_msg_op_content *content, bh_error *err)
{
	const bh_report_input place = {.datum = input->datum,
		.latitude_deg = input->latitude_deg,
		.longitude_deg = input->longitude_deg,
		.accuracy_m = input->accuracy_m};
	bh_status status = bh_text_take(
		input->text, BH_REPORT_TEXT_BYTES_MAX, "service: text", &content->text, err);

	if (status != BH_OK)
		return status;
	if (input->kind <= BH_SERVICE_NONE || input->kind >= (int32_t)BH_SERVICE_COUNT)
		return bh_fail(err, BH_E_INVALID, "service: kind %d is unknown", (int)input->kind);
	if (input->captured_at < 0)
		return bh_fail(err, BH_E_INVALID, "service: captured_at is before 1970");
	*header = (struct bh_msg_op_header){.verb = BH_VERB_SERVICE,
		.captured_ms = input->captured_at,
		.type = (uint32_t)input->kind,
		.area = input->grid};
	return input->has_place != 0 ? bh_place_take(&place, content, err) : BH_OK;
}

bh_status bh_service_record(
	bh_client *client, const bh_service_input *input, uint64_t *sequence, bh_error *err)
{
	struct bh_msg_op_header header;
	struct bh_msg_op_content content = {.has_place = false};
	struct bh_op_ref op = {.seq = 0};
	bh_service_input given;
	bh_status status = bh_enter(client, err);

	if (status == BH_OK)
		status = bh_struct_take(input, &given, sizeof(given), "service", err);
	if (status == BH_OK)
		status = service_take(&given, &header, &content, err);
	if (status != BH_OK)
		return status;
	bh_worker_lock(client->worker);
	int rc = bh_local_record(
		client->local, &header, &content, bh_worker_now(client->worker), &op);

	if (rc != 0)
		status = bh_fail_rc(err, client, rc, "service");
	bh_worker_unlock(client->worker);
	if (rc != 0)
		return status;
	bh_worker_nudge(client->worker);
	if (sequence)
		*sequence = op.seq;
	return BH_OK;
}
