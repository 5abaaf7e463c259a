/*
 * patrol shows the day's rounds, marks checkpoints of an open one, and finishes it.  Each mark is
 * durable at once; the summary goes with the next sync.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/handset/handset.h"
#include "tools/handset/view.h"

struct patrol {
	const struct bh_handset *handset;
	bh_patrol_view view;
};

/* The plan of the second argument: an exit status that was said, where there is none. */
static int plan_find(struct patrol *patrol)
{
	const struct bh_words *words = patrol->handset->words;
	bh_error err = {0};
	bh_status status = BH_OK;
	if (words->arguments_count < 2)
		return bh_words_fault(words, "patrol %s needs a PLAN", words->arguments[0]);
	for (uint32_t i = 0; status == BH_OK; i++) {
		status = bh_patrol_get(patrol->handset->client, i, &patrol->view, &err);
		if (status == BH_OK && strcmp(patrol->view.code, words->arguments[1]) == 0)
			return BH_EXIT_DONE;
	}
	return status == BH_E_NOT_FOUND
		       ? bh_handset_fault_next(patrol->handset, &err, "patrol list says which")
		       : bh_handset_fault(patrol->handset, &err);
}

/* ---- Looking ---- */

static void plan_say(const struct bh_say *say, const bh_patrol_view *view)
{
	if (say->json) {
		bh_say_json(json_pack("{s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:o}", "plan",
			bh_json_text(view->code), "name", bh_json_text(view->name), "checkpoints",
			(json_int_t)view->checkpoints_count, "rounds_today",
			(json_int_t)view->rounds_today, "finished_today",
			(json_int_t)view->finished_today, "confirmed", (json_int_t)view->confirmed,
			"skipped", (json_int_t)view->skipped, "started_at",
			bh_json_time(say, view->started_at)));
		return;
	}
	(void)printf("%-12s %u/%u  ", view->code, (unsigned)view->finished_today,
		(unsigned)view->rounds_today);
	bh_text_print(view->name, 0, 0);
	if (view->started_at)
		(void)printf("  %u+%u/%u", (unsigned)view->confirmed, (unsigned)view->skipped,
			(unsigned)view->checkpoints_count);
	(void)printf("\n");
}

static int run_list(struct patrol *patrol)
{
	bh_error err = {0};
	bh_status status = BH_OK;
	for (uint32_t i = 0;
		(status = bh_patrol_get(patrol->handset->client, i, &patrol->view, &err)) == BH_OK;
		i++)
		plan_say(patrol->handset->say, &patrol->view);
	return status == BH_E_NOT_FOUND ? BH_EXIT_DONE : bh_handset_fault(patrol->handset, &err);
}

static const char *state_text(int32_t state)
{
	return state == BH_CHECKPOINT_CONFIRMED ? "confirmed"
	       : state == BH_CHECKPOINT_SKIPPED ? "skipped"
						: "open";
}

static void point_print(unsigned point, const bh_checkpoint_view *view)
{
	(void)printf("%2u  %-9s  ", point, state_text(view->state));
	bh_text_print(view->name, 0, 0);
	(void)printf("%s", view->reason[0] ? ": " : "");
	bh_text_print(view->reason, 0, 0);
	(void)printf("\n");
}

static int run_show(struct patrol *patrol)
{
	const struct bh_say *say = patrol->handset->say;
	bh_error err = {0};
	for (uint32_t i = 0; i < patrol->view.checkpoints_count; i++) {
		bh_checkpoint_view view = BH_CHECKPOINT_VIEW_INIT;
		if (bh_checkpoint_get(patrol->handset->client, patrol->view.plan, i, &view, &err) !=
			BH_OK)
			return bh_handset_fault(patrol->handset, &err);
		if (say->json)
			bh_say_json(json_pack("{s:I, s:o, s:s, s:o}", "point", (json_int_t)i + 1,
				"name", bh_json_text(view.name), "state", state_text(view.state),
				"reason", bh_json_text(view.reason)));
		else
			point_print(i + 1, &view);
	}
	return BH_EXIT_DONE;
}

/* ---- Walking ---- */

static int mark(struct patrol *patrol, int32_t state)
{
	const struct bh_words *words = patrol->handset->words;
	bh_checkpoint_input input = BH_CHECKPOINT_INPUT_INIT;
	bh_report_input place = BH_REPORT_INPUT_INIT;
	bh_error err = {0};
	char *end = NULL;
	unsigned long point = words->arguments_count > 2 ? strtoul(words->arguments[2], &end, 10)
							 : 0;
	if (point == 0 || point > patrol->view.checkpoints_count || *end)
		return bh_words_fault(words, "patrol %s needs a PLAN and a POINT from 1 to %u",
			words->arguments[0], (unsigned)patrol->view.checkpoints_count);
	if (!bh_report_place(words, &place))
		return BH_EXIT_USAGE;
	if (place.has_place && place.datum != BH_PLACE_WGS84)
		return bh_words_fault(words, "a checkpoint is compared in wgs84");
	input.state = state;
	input.reason = bh_words_option(words, "text");
	input.has_place = place.has_place;
	input.latitude_deg = place.latitude_deg;
	input.longitude_deg = place.longitude_deg;
	input.accuracy_m = place.accuracy_m;
	if (bh_checkpoint_mark(patrol->handset->client, patrol->view.plan, (uint32_t)point - 1,
		    &input, &err) != BH_OK)
		return bh_handset_fault_next(
			patrol->handset, &err, "patrol show PLAN says what is open");
	return BH_EXIT_DONE;
}

static int run_check(struct patrol *patrol)
{
	return mark(patrol, BH_CHECKPOINT_CONFIRMED);
}

static int run_skip(struct patrol *patrol)
{
	return mark(patrol, BH_CHECKPOINT_SKIPPED);
}

static int run_finish(struct patrol *patrol)
{
	const struct bh_say *say = patrol->handset->say;
	const bh_patrol_view *view = &patrol->view;
	bh_error err = {0};
	uint64_t sequence = 0;
	if (bh_patrol_finish(patrol->handset->client, view->plan, &sequence, &err) != BH_OK)
		return bh_handset_fault_next(
			patrol->handset, &err, "patrol check PLAN POINT begins a round");
	unsigned missed = view->checkpoints_count - view->confirmed;
	if (say->json)
		bh_say_json(json_pack("{s:s, s:o, s:I, s:I, s:I}", "verb", "patrol", "plan",
			bh_json_text(view->code), "confirmed", (json_int_t)view->confirmed,
			"missed", (json_int_t)missed, "sequence", (json_int_t)sequence));
	else
		(void)printf("%s %u/%u\n", view->code, (unsigned)view->confirmed,
			(unsigned)view->checkpoints_count);
	bh_say_words(say, "recorded; next: %s sync", patrol->handset->words->program->name);
	return BH_EXIT_DONE;
}

static int run_drop(struct patrol *patrol)
{
	bh_error err = {0};
	return bh_patrol_drop(patrol->handset->client, patrol->view.plan, &err) < 0
		       ? bh_handset_fault(patrol->handset, &err)
		       : BH_EXIT_DONE;
}

static const struct {
	const char *name;
	bool of_plan;
	int (*run)(struct patrol *patrol);
} acts[] = {
	{"list", false, run_list},
	{"show", true, run_show},
	{"check", true, run_check},
	{"skip", true, run_skip},
	{"finish", true, run_finish},
	{"drop", true, run_drop},
};

int bh_verb_patrol(const struct bh_words *words)
{
	const struct bh_handset_mode mode = {0};
	struct bh_handset handset;
	struct patrol patrol = {&handset, BH_PATROL_VIEW_INIT};
	size_t at = 0;
	while (at < sizeof(acts) / sizeof(acts[0]) &&
		strcmp(acts[at].name, words->arguments[0]) != 0)
		at++;
	if (at == sizeof(acts) / sizeof(acts[0]))
		return bh_words_fault(words,
			"'%s' is none of list, show, check, skip, finish, drop",
			words->arguments[0]);
	int status = bh_handset_open(words, &mode, &handset);
	if (status)
		return status;
	if (acts[at].of_plan)
		status = plan_find(&patrol);
	if (!status)
		status = acts[at].run(&patrol);
	bh_handset_close(&handset);
	return status;
}
