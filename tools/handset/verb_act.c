/*
 * What a handler does to cases of the unit, and a reporter to answers: one by one or all that allow
 * it.  Recorded here, durable at once; the server's verdict comes with a sync.
 */
#include <stdio.h>
#include <string.h>

#include "tools/handset/photo.h"

#define LIMIT_MAX 1000000000u

static const struct {
	const char *word;
	int32_t act;
} acts[] = {
	{"sign", BH_ACT_SIGN},
	{"finish", BH_ACT_FINISH},
	{"self_dispose", BH_ACT_SELF_DISPOSE},
	{"hand_back", BH_ACT_HAND_BACK},
};

#define ACTS (sizeof(acts) / sizeof(acts[0]))

struct act {
	const struct bh_handset *handset;
	bh_act_input input;
	uint64_t limit;
	uint64_t recorded;
};

static void recorded_say(const struct act *act, uint64_t sequence)
{
	const char *verb = act->handset->words->arguments[0];
	char text[BH_NUMBER_TEXT_SIZE];
	bh_number_format(act->input.case_number, text);
	if (act->handset->say->json)
		bh_say_json(json_pack("{s:s, s:s, s:s, s:I}", "verb", verb, "case", text, "number",
			text, "sequence", (json_int_t)sequence));
	else
		(void)printf("%s %s\n", verb, text);
}

static int act_one(struct act *act, const char *text)
{
	bh_error err = {0};
	uint64_t sequence = 0;
	if (!bh_handset_number(act->handset, text, &act->input.case_number))
		return BH_EXIT_DATA;
	if (bh_act_record(act->handset->client, &act->input, &sequence, &err) != BH_OK)
		return bh_handset_fault(act->handset, &err);
	act->recorded++;
	recorded_say(act, sequence);
	return BH_EXIT_DONE;
}

/* Every case that allows it; a case that does not is passed over, not a fault. */
static int act_all(struct act *act)
{
	bh_error err = {0};
	bh_case_cursor *cursor = NULL;
	bh_case_view view = BH_CASE_VIEW_INIT;
	bh_status status = bh_case_cursor_open(act->handset->client, &cursor, &err);
	while (status == BH_OK && act->recorded < act->limit &&
		(status = bh_case_cursor_next(cursor, &view, &err)) == BH_OK) {
		uint64_t sequence = 0;
		if (!view.known || view.state >= BH_CASE_CLOSED)
			continue;
		act->input.case_number = view.case_number;
		status = bh_act_record(act->handset->client, &act->input, &sequence, &err);
		if (status == BH_OK) {
			act->recorded++;
			recorded_say(act, sequence);
		} else if (status == BH_E_STATE || status == BH_E_NOT_FOUND) {
			status = BH_OK;
		}
	}
	bh_case_cursor_close(cursor);
	return status < 0 ? bh_handset_fault(act->handset, &err) : BH_EXIT_DONE;
}

static int act_run(struct act *act)
{
	const struct bh_words *words = act->handset->words;
	int status = BH_EXIT_DONE;
	if (bh_words_flag(words, "all"))
		status = act_all(act);
	for (size_t i = 1; i < words->arguments_count && !status; i++)
		status = act_one(act, words->arguments[i]);
	if (!status)
		bh_say_words(act->handset->say, "%llu recorded; next: %s sync",
			(unsigned long long)act->recorded, words->program->name);
	return status;
}

int bh_verb_act(const struct bh_words *words)
{
	const struct bh_handset_mode mode = {0};
	struct bh_handset handset;
	bh_photo_input photos[BH_PHOTOS_MAX];
	struct act act = {.handset = &handset, .input = BH_ACT_INPUT_INIT, .limit = LIMIT_MAX};
	const char *verb = words->arguments[0];
	bool all = bh_words_flag(words, "all");
	for (size_t i = 0; i < ACTS; i++)
		if (strcmp(verb, acts[i].word) == 0)
			act.input.act = acts[i].act;
	if (act.input.act == 0)
		return bh_words_fault(
			words, "act is '%s', needs sign, finish, self_dispose or hand_back", verb);
	if (act.input.act == BH_ACT_SELF_DISPOSE && (all || words->files_count < 2))
		return bh_words_fault(
			words, "self_dispose needs one case, and --photo twice: before, and after");
	act.input.text = bh_words_option(words, "text");
	if (bh_words_blank(words, "text"))
		return BH_EXIT_DATA;
	if (act.input.act == BH_ACT_HAND_BACK && !act.input.text)
		return bh_words_fault(words, "hand_back needs --text: what is to be done yet");
	if (act.input.act == BH_ACT_FINISH && all && !act.input.text)
		return bh_words_fault(words, "finish --all needs --text: what was done");
	if (all == (words->arguments_count > 1))
		return bh_words_fault(words, "act %s needs case numbers or --all", verb);
	act.input.photos = photos;
	act.input.photos_count = bh_photos_given(words, photos);
	if (!bh_words_number(words, "limit", 1, LIMIT_MAX, &act.limit))
		return BH_EXIT_USAGE;
	int status = bh_handset_open(words, &mode, &handset);
	if (status)
		return status;
	status = act_run(&act);
	bh_handset_close(&handset);
	return status;
}

/* ---- seen ---- */

static int seen_mark(
	const struct bh_handset *handset, uint64_t number, uint32_t cycle, uint64_t *marked)
{
	bh_error err = {0};
	char text[BH_NUMBER_TEXT_SIZE];
	bh_status status = bh_case_mark_seen(handset->client, number, cycle, &err);
	if (status < 0)
		return bh_handset_fault(handset, &err);
	*marked += status == BH_OK;
	bh_number_format(number, text);
	if (handset->say->json)
		bh_say_json(json_pack("{s:s, s:s, s:I, s:b}", "case", text, "number", text, "cycle",
			(json_int_t)cycle, "marked", status == BH_OK));
	else
		(void)printf("%s %u%s\n", text, (unsigned)cycle,
			status == BH_DONE ? " was marked before" : "");
	return BH_EXIT_DONE;
}

static int seen_all(const struct bh_handset *handset, uint64_t *marked)
{
	bh_error err = {0};
	bh_case_cursor *cursor = NULL;
	bh_case_view view = BH_CASE_VIEW_INIT;
	bh_status status = bh_case_cursor_open(handset->client, &cursor, &err);
	int exit = BH_EXIT_DONE;
	while (status == BH_OK && !exit &&
		(status = bh_case_cursor_next(cursor, &view, &err)) == BH_OK)
		for (uint32_t i = 0; view.own && i < view.closures_count && !exit; i++) {
			bh_closure_view closure = BH_CLOSURE_VIEW_INIT;
			if (bh_case_closure(cursor, i, &closure, NULL) == BH_OK && !closure.seen)
				exit = seen_mark(handset, view.case_number, closure.cycle, marked);
		}
	bh_case_cursor_close(cursor);
	return status < 0 ? bh_handset_fault(handset, &err) : exit;
}

static int seen_run(const struct bh_handset *handset)
{
	const struct bh_words *words = handset->words;
	uint64_t number = 0, cycle = 0, marked = 0;
	int status = BH_EXIT_DONE;
	if (bh_words_flag(words, "all")) {
		status = seen_all(handset, &marked);
	} else {
		const char *text = words->arguments[1];
		for (const char *at = text; *at && cycle <= UINT32_MAX; at++)
			cycle = *at >= '0' && *at <= '9' ? cycle * 10 + (uint64_t)(*at - '0')
							 : UINT64_C(1) << 32;
		if (cycle == 0 || cycle > UINT32_MAX)
			return bh_words_fault(words, "CYCLE is '%s', needs 1 or more", text);
		if (!bh_handset_number(handset, words->arguments[0], &number))
			return BH_EXIT_DATA;
		status = seen_mark(handset, number, (uint32_t)cycle, &marked);
	}
	if (!status)
		bh_say_words(handset->say, "%llu marked; next: %s sync", (unsigned long long)marked,
			words->program->name);
	return status;
}

int bh_verb_seen(const struct bh_words *words)
{
	const struct bh_handset_mode mode = {0};
	struct bh_handset handset;
	if (words->arguments_count != (bh_words_flag(words, "all") ? 0u : 2u))
		return bh_words_fault(words, "seen needs NUMBER and CYCLE, or --all");
	int status = bh_handset_open(words, &mode, &handset);
	if (status)
		return status;
	status = seen_run(&handset);
	bh_handset_close(&handset);
	return status;
}
