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

static bool type_find(const struct bh_handset *handset, uint32_t code, bh_type_view *view)
{
	bh_type_cursor *cursor = NULL;
	bool found = false;
	if (bh_type_cursor_open(handset->client, &cursor, NULL) != BH_OK)
		return false;
	while (!found && bh_type_cursor_next(cursor, view, NULL) == BH_OK)
		found = view->code == code;
	bh_type_cursor_close(cursor);
	return found;
}

static void hint_add(
	const struct bh_say *say, json_t *hints, const char *word, const char *en, const char *zh)
{
	(void)json_array_append_new(hints, json_string(word));
	bh_say_words(say, "%s", say->chinese ? zh : en);
}

json_t *bh_aid_hints(const struct bh_handset *handset, const bh_report_input *input)
{
	json_t *hints = json_array();
	bh_type_view view = BH_TYPE_VIEW_INIT;
	if (input->type == 0 || !type_find(handset, input->type, &view))
		return hints;
	if (view.privacy > 0)
		hint_add(handset->say, hints, "no-names",
			"names, telephone numbers and the like do not belong in its text",
			"姓名、电话等个人信息请勿写入正文");
	if (view.photos_min > 0 && input->photos_count == 0)
		hint_add(handset->say, hints, "photo",
			"a report of this type had better show a photo", "该类事项宜附现场照片");
	return hints;
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
	(void)printf("%3u  ", (unsigned)view->cases);
	bh_text_print(view->asset, 0, 0);
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
