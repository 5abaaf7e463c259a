/*
 * author shows who records on this handset, and makes one more author of it, for whom its own
 * person's PIN vouches.  A PIN is read from a file, for what stands on a command line can be read
 * by others.
 */
#include <stdio.h>
#include <string.h>

#include "tools/handset/handset.h"
#include "tools/handset/view.h"

static void author_say(const struct bh_say *say, const bh_author_view *view)
{
	const char *name = view->name[0] ? view->name : "-";
	if (say->json) {
		bh_say_json(json_pack("{s:I, s:s, s:b, s:b}", "person", (json_int_t)view->person,
			"name", view->name, "chosen", view->chosen != 0, "unlocked",
			view->unlocked != 0));
		return;
	}
	(void)printf("%u  ", (unsigned)view->person);
	bh_text_print(name, 0, 0);
	(void)printf("%s%s\n", view->chosen ? "  records" : "",
		view->chosen && !view->unlocked ? ", as claimed" : "");
}

static int authors_say(const struct bh_handset *handset)
{
	bh_author_view view = BH_AUTHOR_VIEW_INIT;
	bh_error err = {0};
	bool listed = false;
	bh_status status = bh_author_get(handset->client, 0, &view, &err);
	bh_author_view chosen = view;
	for (uint32_t i = 1; status == BH_OK; i++) {
		status = bh_author_get(handset->client, i, &view, &err);
		if (status == BH_OK)
			author_say(handset->say, &view);
		listed = listed || (status == BH_OK && view.chosen);
	}
	if (status != BH_E_NOT_FOUND)
		return bh_handset_fault(handset, &err);
	/* whose it is, where that is none of the authors */
	if (!listed)
		author_say(handset->say, &chosen);
	return BH_EXIT_DONE;
}

/* Whose handset it is, unlocked where their PIN is given. */
static bh_status owner_choose(const struct bh_handset *handset, const char *pin, bh_error *err)
{
	bh_author_view view = BH_AUTHOR_VIEW_INIT;
	if (!pin[0])
		return BH_OK;
	bh_status status = bh_author_get(handset->client, 0, &view, err);
	return status == BH_OK ? bh_author_choose(handset->client, view.person, pin, err) : status;
}

static int author_make(const struct bh_handset *handset, uint32_t person)
{
	bh_error err = {0};
	char pin[BH_LINE_SIZE], old_pin[BH_LINE_SIZE], owner_pin[BH_LINE_SIZE];
	if (!bh_handset_line(handset->words, "pin", pin) ||
		!bh_handset_line(handset->words, "old-pin", old_pin) ||
		!bh_handset_line(handset->words, "owner-pin", owner_pin))
		return BH_EXIT_DATA;
	bh_status status = owner_choose(handset, owner_pin, &err);
	if (status == BH_OK)
		status = bh_author_set(handset->client, person,
			bh_words_option(handset->words, "name"), pin[0] ? pin : NULL,
			old_pin[0] ? old_pin : NULL, &err);
	if (status == BH_OK)
		status = bh_author_choose(handset->client, person, pin, &err);
	explicit_bzero(pin, sizeof(pin));
	explicit_bzero(old_pin, sizeof(old_pin));
	explicit_bzero(owner_pin, sizeof(owner_pin));
	return status == BH_OK ? authors_say(handset)
			       : bh_handset_fault_next(handset, &err,
					 "the owner's PIN comes first; a colleague's takes it as "
					 "--owner-pin, another PIN the one before as --old-pin");
}

int bh_verb_author(const struct bh_words *words)
{
	bool makes = bh_words_option(words, "name") != NULL;
	const struct bh_handset_mode mode = {.chooses_not = makes};
	struct bh_handset handset;
	uint32_t person = 0;
	if (!bh_handset_author(words, &person))
		return BH_EXIT_USAGE;
	if (makes && (person == 0 || !bh_words_option(words, "pin")))
		return bh_words_fault(words, "--name needs --author N and --pin FILE");
	int status = bh_handset_open(words, &mode, &handset);
	if (status)
		return status;
	status = makes ? author_make(&handset, person) : authors_say(&handset);
	bh_handset_close(&handset);
	return status;
}
