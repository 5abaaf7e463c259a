/* A mediation session: the two sides of a dispute met.  Recorded here, durable at once; no names
 * but the text's own. */
#include <stdio.h>
#include <string.h>

#include "tools/handset/handset.h"
#include "tools/handset/view.h"

static bool outcome_read(const struct bh_words *words, uint32_t *out)
{
	static const char *const names[] = {NULL, "again", "agreed", "parted"};
	const char *word = bh_words_option(words, "outcome");
	for (uint32_t i = BH_SESSION_AGAIN; word && i <= BH_SESSION_PARTED; i++)
		if (strcmp(word, names[i]) == 0)
			*out = i;
	return *out != 0;
}

/* "2,1,0,0": parties, mediators, experts, officials. */
static bool present_read(const struct bh_words *words, uint32_t *out)
{
	const char *text = bh_words_option(words, "present");
	unsigned parties = 0, mediators = 0, experts = 0, officials = 0;
	char end;
	if (!text || sscanf(text, "%3u,%3u,%3u,%3u%c", &parties, &mediators, &experts, &officials,
			     &end) != 4)
		return false;
	if (parties > 255 || mediators > 255 || experts > 255 || officials > 255)
		return false;
	*out = BH_PRESENT_OF(parties, mediators, experts, officials);
	return *out != 0;
}

static int session_run(const struct bh_handset *handset, bh_act_input *input)
{
	char number[BH_NUMBER_TEXT_SIZE];
	uint64_t sequence = 0;
	bh_error err = {0};
	if (!bh_handset_number(handset, handset->words->arguments[0], &input->case_number))
		return BH_EXIT_DATA;
	if (bh_act_record(handset->client, input, &sequence, &err) != BH_OK)
		return bh_handset_fault(handset, &err);
	bh_number_format(input->case_number, number);
	if (handset->say->json)
		bh_say_json(
			json_pack("{s:s, s:I}", "case", number, "sequence", (json_int_t)sequence));
	else
		(void)printf("session %s\n", number);
	bh_say_words(handset->say, "recorded; next: %s sync", handset->words->program->name);
	return BH_EXIT_DONE;
}

int bh_verb_session(const struct bh_words *words)
{
	const struct bh_handset_mode mode = {0};
	struct bh_handset handset;
	bh_act_input input = BH_ACT_INPUT_INIT;
	input.act = BH_ACT_SESSION;
	input.text = bh_words_option(words, "text");
	if (!outcome_read(words, &input.reason))
		return bh_words_fault(words, "session needs --outcome: again, agreed or parted");
	if (!present_read(words, &input.present))
		return bh_words_fault(words, "session needs --present: four counts as in 2,1,0,0");
	if (!input.text)
		return bh_words_fault(words, "session needs --text: what was said");
	if (bh_words_blank(words, "text"))
		return BH_EXIT_DATA;
	int exit = bh_handset_open(words, &mode, &handset);
	if (exit)
		return exit;
	exit = session_run(&handset, &input);
	bh_handset_close(&handset);
	return exit;
}
