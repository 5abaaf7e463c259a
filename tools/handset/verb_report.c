/*
 * report records one report, or every row of a table.  What it says was recorded is durable;
 * nothing here needs a network.
 */
#include <stdio.h>
#include <string.h>

#include "tools/handset/aid.h"
#include "tools/handset/handset.h"
#include "tools/handset/moment.h"
#include "tools/handset/photo.h"

bool bh_report_place(const struct bh_words *words, bh_report_input *input)
{
	bool has_latitude = bh_words_flag(words, "lat"),
	     has_longitude = bh_words_flag(words, "lon");
	input->datum = bh_datum_parse(bh_words_option(words, "datum"));
	if (!bh_words_real(words, "lat", -90, 90, &input->latitude_deg) ||
		!bh_words_real(words, "lon", -180, 180, &input->longitude_deg) ||
		!bh_words_real(words, "accuracy", 0, 1000000, &input->accuracy_m))
		return false;
	if (has_latitude != has_longitude) {
		(void)bh_words_fault(words, "--lat and --lon go together");
		return false;
	}
	input->has_place = has_latitude;
	return true;
}

bool bh_report_captured(const struct bh_words *words, bh_report_input *input)
{
	const char *captured = bh_words_option(words, "captured");
	if (captured && bh_moment_parse(captured, words->say.offset_min, &input->captured_at) &&
		bh_moment_is_ahead(input->captured_at)) {
		(void)bh_words_fault(
			words, "--captured is '%s', more than a day ahead of this clock", captured);
		return false;
	}
	if (captured && !bh_moment_parse(captured, words->say.offset_min, &input->captured_at)) {
		(void)bh_words_fault(words,
			"--captured is '%s', needs 2026-11-22T20:28:51+08:00 or the like",
			captured);
		return false;
	}
	return true;
}

/* All options but the text. */
static bool input_take(const struct bh_words *words, bh_report_input *input)
{
	uint64_t type = 0, urgency = 0, condition = 0;
	if (!bh_report_place(words, input) || !bh_report_captured(words, input) ||
		!bh_words_number(words, "type", 0, UINT32_MAX, &type) ||
		!bh_words_number(words, "urgency", 1, 4, &urgency) ||
		!bh_words_number(words, "condition", 1, 1000, &condition))
		return false;
	input->type = (uint32_t)type;
	input->urgency = (uint32_t)urgency;
	input->condition = (uint32_t)condition;
	return true;
}

/* Put right on the spot: the report with its first photo, and then the act with all. */
static bh_status report_disposed(const struct bh_handset *handset, const bh_report_input *input,
	bh_report_ref *ref, bh_error *err)
{
	bh_report_input before = *input;
	bh_act_input act = BH_ACT_INPUT_INIT;
	before.photos_count = 1;
	bh_status status = bh_report_record(handset->client, &before, ref, err);
	if (status != BH_OK)
		return status;
	act.act = BH_ACT_SELF_DISPOSE;
	act.case_number = ref->case_number;
	act.captured_at = input->captured_at;
	act.photos = input->photos;
	act.photos_count = input->photos_count;
	status = bh_act_record(handset->client, &act, NULL, err);
	if (status != BH_OK)
		bh_say_words(handset->say, "%s is recorded, but not as put right on the spot",
			ref->case_text);
	return status;
}

static int report_one(const struct bh_handset *handset, const bh_report_input *input)
{
	bool disposed = bh_words_flag(handset->words, "disposed");
	bh_error err = {0};
	char id[BH_ID_TEXT_SIZE];
	bh_report_ref ref = BH_REPORT_REF_INIT;
	bh_status status = disposed ? report_disposed(handset, input, &ref, &err)
				    : bh_report_record(handset->client, input, &ref, &err);
	if (status != BH_OK)
		return bh_handset_fault(handset, &err);
	bh_id_format(&ref.id, id);
	json_t *emergency = bh_aid_emergency(handset, ref.case_number);
	json_t *repeat = bh_aid_repeat(handset, input);
	json_t *hints = bh_aid_hints(handset, input);
	json_t *object = json_pack("{s:s, s:s, s:s, s:I, s:o, s:o, s:o}", "case", ref.case_text,
		"number", ref.case_text, "id", id, "sequence", (json_int_t)ref.sequence,
		"emergency", emergency, "repeat", repeat, "hints", hints);
	if (handset->say->json)
		bh_say_json(json_incref(object));
	else
		(void)printf("%s\n", ref.case_text[0] ? ref.case_text : id);
	json_decref(object);
	bh_say_words(handset->say, "recorded; next: %s sync, then %s show %s",
		handset->words->program->name, handset->words->program->name, ref.case_text);
	return BH_EXIT_DONE;
}

int bh_verb_report(const struct bh_words *words)
{
	const struct bh_handset_mode mode = {0};
	struct bh_handset handset;
	bh_photo_input photos[BH_PHOTOS_MAX];
	bh_report_input input = BH_REPORT_INPUT_INIT;
	const char *table = bh_words_option(words, "csv");
	input.text = bh_words_option(words, "text");
	if ((input.text == NULL) == (table == NULL))
		return bh_words_fault(words, "report needs --text TEXT or --csv FILE");
	if (!table && bh_words_flag(words, "check"))
		return bh_words_fault(words, "--check goes with --csv");
	if (table && words->files_count > 0)
		return bh_words_fault(words, "--photo goes with --text, not with --csv");
	if (bh_words_flag(words, "disposed") && words->files_count < 2)
		return bh_words_fault(words, "--disposed needs --photo twice: before, and after");
	input.photos = photos;
	input.photos_count = bh_photos_given(words, photos);
	if (!input_take(words, &input))
		return BH_EXIT_USAGE;
	if (bh_words_blank(words, "text"))
		return BH_EXIT_DATA;
	int status = bh_handset_open(words, &mode, &handset);
	if (status)
		return status;
	status = table ? bh_report_table(&handset, table, &input) : report_one(&handset, &input);
	bh_handset_close(&handset);
	return status;
}
