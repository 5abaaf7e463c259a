/*
 * Said at once and without a network, from what the handset carries.
 */
#include "tools/handset/aid.h"

#include <stdio.h>

#include <bihuan_offline.h>

#include "tools/handset/view.h"

static void emergency_print(const struct bh_say *say, const bh_emergency_view *view)
{
	(void)printf("%s", say->chinese ? "先打电话" : "CALL FIRST");
	for (uint32_t i = 0; i < view->numbers_count; i++)
		(void)printf("%s%s", i == 0 ? " " : " / ", view->numbers[i]);
	(void)printf("\n");
	if (view->sms[0])
		(void)printf("%s: %s\n", say->chinese ? "短信" : "SMS", view->sms);
}

json_t *bh_aid_emergency(const struct bh_handset *handset, uint64_t case_number)
{
	bh_emergency_view view = BH_EMERGENCY_VIEW_INIT;
	if (case_number == 0 ||
		bh_emergency_get(handset->client, 0, case_number, &view, NULL) != BH_OK ||
		!view.life)
		return json_null();
	json_t *numbers = json_array();
	for (uint32_t i = 0; i < view.numbers_count; i++)
		(void)json_array_append_new(numbers, json_string(view.numbers[i]));
	if (!handset->say->json)
		emergency_print(handset->say, &view);
	return json_pack("{s:o, s:o}", "call", numbers, "sms", bh_json_text(view.sms));
}

json_t *bh_aid_repeat(const struct bh_handset *handset, const bh_report_input *input)
{
	bh_repeat_view view = BH_REPEAT_VIEW_INIT;
	if (!input->has_place || input->datum != BH_PLACE_WGS84 ||
		bh_repeat_near(handset->client, input->latitude_deg, input->longitude_deg, &view,
			NULL) != BH_OK)
		return json_null();
	bh_say_words(handset->say,
		handset->say->chinese ? "此处已有 %u 件(%u 天内)" : "%u cases here in %u days",
		(unsigned)view.cases, (unsigned)view.days);
	return json_integer(view.cases);
}

/* ---- places ---- */

static void place_say(const struct bh_say *say, const bh_repeat_view *view)
{
	json_t *place = json_null();
	if (view->has_place)
		place = json_pack("{s:f, s:f}", "latitude", view->latitude_deg, "longitude",
			view->longitude_deg);
	if (say->json) {
		bh_say_json(json_pack("{s:I, s:I, s:I, s:o, s:o, s:o}", "grid",
			(json_int_t)view->grid, "cases", (json_int_t)view->cases, "days",
			(json_int_t)view->days, "last_at", bh_json_time(say, view->last_at),
			"asset", bh_json_text(view->asset), "place", place));
		return;
	}
	json_decref(place);
	(void)printf("%3u  %s", (unsigned)view->cases, view->asset);
	if (view->has_place)
		(void)printf(" %.6f, %.6f", view->latitude_deg, view->longitude_deg);
	(void)printf("\n");
}

int bh_verb_places(const struct bh_words *words)
{
	const struct bh_handset_mode mode = {0};
	struct bh_handset handset;
	bh_repeat_view view = BH_REPEAT_VIEW_INIT;
	bh_error err = {0};
	int exit = bh_handset_open(words, &mode, &handset);
	if (exit)
		return exit;
	bh_status status = BH_OK;
	for (uint32_t i = 0; status == BH_OK; i++) {
		status = bh_repeat_get(handset.client, i, &view, &err);
		if (status == BH_OK)
			place_say(handset.say, &view);
	}
	if (status != BH_E_NOT_FOUND)
		exit = bh_handset_fault(&handset, &err);
	bh_handset_close(&handset);
	return exit;
}
