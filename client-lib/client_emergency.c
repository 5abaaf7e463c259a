/* Life is at stake and there is no network: whom to call, and a text that any phone can send.
 *
 *   a type of P1 ──▶ the numbers that it names, else 110 and 119
 *   a case of it ──▶ "大观区 17-42-K 340803001001001 燃气泄漏": the grid that holds the place, or
 * the worker's first; nothing that was written, and nobody's name */
#include <stdio.h>
#include <string.h>

#include "client-lib/client_state.h"
#include "client-lib/include/bihuan_offline.h"
#include "proto/number.h"

#define URGENCY_LIFE 1u

/* Even-odd, over a ring of longitude, latitude, ... */
static bool ring_holds(const struct bh_msg_area *area, int32_t latitude_e7, int32_t longitude_e7)
{
	size_t corners = area->ring_e7_count / 2;
	bool inside = false;

	for (size_t i = 0, j = corners - 1; i < corners; j = i++) {
		double x1 = area->ring_e7[2 * i], y1 = area->ring_e7[2 * i + 1];
		double x2 = area->ring_e7[2 * j], y2 = area->ring_e7[2 * j + 1];

		if ((y1 > latitude_e7) != (y2 > latitude_e7) &&
			longitude_e7 < (x2 - x1) * (latitude_e7 - y1) / (y2 - y1) + x1)
			inside = !inside;
	}
	return inside;
}

/* Of a case with a place in WGS-84 the grid that holds it, else that of which it was told, else the
 * worker's first. */
static struct bh_span grid_code(
	const struct bh_msg_district *district, const struct bh_case_row *row)
{
	const struct bh_msg_op_content *content = &row->content;
	bool placed = row->own && content->has_place && content->datum == BH_PLACE_WGS84;

	for (size_t i = 0; i < district->grids_count; i++) {
		const struct bh_msg_area *grid = &district->grids[i];

		if (row->known && row->record.grid != 0
				? grid->id == row->record.grid
				: placed && ring_holds(grid, content->latitude_e7,
						    content->longitude_e7))
			return grid->code;
	}
	return district->grids_count > 0 ? district->grids[0].code : bh_span(NULL, 0);
}

/* Appends whole characters, as far as a message of one part has room. */
static void sms_put(bh_emergency_view *view, struct bh_span text)
{
	size_t len = strlen(view->sms), i = 0;

	while (i < text.len && view->sms_characters < BH_SMS_CHARACTERS_MAX) {
		size_t next = i + 1;

		while (next < text.len && (text.data[next] & 0xc0) == 0x80)
			next++;
		/* outside the basic plane a character takes two */
		uint32_t takes = next - i > 3 ? 2 : 1;

		if (len + (next - i) >= sizeof(view->sms) ||
			view->sms_characters + takes > BH_SMS_CHARACTERS_MAX)
			break;
		memcpy(view->sms + len, text.data + i, next - i);
		len += next - i;
		view->sms_characters += takes;
		i = next;
	}
	view->sms[len] = '\0';
}

static void sms_word(bh_emergency_view *view, struct bh_span text)
{
	if (text.len == 0 || view->sms_characters + 1 >= BH_SMS_CHARACTERS_MAX)
		return;
	if (view->sms[0] != '\0')
		sms_put(view, bh_span(" ", 1));
	sms_put(view, text);
}

static void sms_write(const struct bh_msg_district *district, const struct bh_case_row *row,
	const struct bh_msg_catalogue_type *type, bh_emergency_view *view)
{
	char number[BH_NUMBER_TEXT_SIZE];

	bh_number_format(row->key.number, number);
	sms_word(view, bh_span(number, strlen(number)));
	sms_word(view, grid_code(district, row));
	sms_word(view, type ? type->name : bh_span(NULL, 0));
	sms_word(view, district->name);
}

static void numbers_fill(const struct bh_msg_catalogue_type *type, bh_emergency_view *view)
{
	static const uint32_t usual[] = {110, 119};
	const uint32_t *numbers = type && type->emergency_count > 0 ? type->emergency : usual;
	size_t count = type && type->emergency_count > 0 ? type->emergency_count : 2;

	for (size_t i = 0; i < count && i < BH_EMERGENCY_NUMBERS_MAX; i++)
		(void)snprintf(view->numbers[view->numbers_count++], BH_EMERGENCY_NUMBER_SIZE, "%u",
			(unsigned)numbers[i]);
}

static int emergency_read(bh_client *client, uint32_t code, uint64_t number, struct bh_arena *arena,
	bh_emergency_view *view)
{
	struct bh_case_row row = {.known = false};
	struct bh_msg_district district;
	int rc = bh_local_district_read(client->local, arena, &district);

	if (rc == 0 && number != 0)
		rc = bh_local_case(client->local, (struct bh_case_key){number, 0}, arena, &row);
	if (rc != 0)
		return rc;
	uint32_t urgency = row.known ? row.record.urgency : row.header.urgency;

	if (code == 0)
		code = row.known ? row.record.type : row.header.type;
	const struct bh_msg_catalogue_type *type = bh_district_type(&district, code);

	view->life = urgency == URGENCY_LIFE ||
		     (urgency == 0 && type && type->urgency == URGENCY_LIFE);
	numbers_fill(type, view);
	if (number != 0)
		sms_write(&district, &row, type, view);
	return 0;
}

bh_status bh_emergency_get(bh_client *client, uint32_t type, uint64_t case_number,
	bh_emergency_view *out, bh_error *err)
{
	struct bh_arena arena = BH_ARENA(BH_TYPES_ARENA_BYTES_MAX);
	bh_emergency_view view = {.life = 0};
	bh_status status = bh_enter(client, err);

	if (status == BH_OK)
		status = bh_struct_check(out, "emergency view", err);
	if (status != BH_OK)
		return status;
	bh_worker_lock(client->worker);
	int rc = emergency_read(client, type, case_number, &arena, &view);

	if (rc == BH_ERR_NOT_FOUND)
		status = bh_fail(err, BH_E_NOT_FOUND,
			"emergency: no such case here, or no district was told of");
	else if (rc != 0)
		status = bh_fail_rc(err, client, rc, "emergency");
	bh_worker_unlock(client->worker);
	bh_arena_free(&arena);
	if (status == BH_OK)
		bh_struct_give(&view, sizeof(view), out);
	return status;
}
