/*
 * service records one service entry; grids says which grids it may name.  Durable at once, without
 * a network.
 */
#include <stdio.h>
#include <string.h>

#include "tools/handset/handset.h"
#include "tools/handset/view.h"

/* The kind of that name, 0: none. */
static int32_t kind_of(const char *name)
{
	for (int32_t kind = 1; strcmp(bh_service_kind_name(kind, "en"), "unknown") != 0; kind++)
		if (strcmp(bh_service_kind_name(kind, "en"), name) == 0)
			return kind;
	return 0;
}

/* The number of the grid with that code; 0, and an exit status that was said, where there is none.
 */
static void grid_print(const bh_grid_view *view)
{
	(void)printf("%s  ", view->code);
	bh_text_print(view->name, 0, 0);
	(void)printf("\n");
}

static int grid_find(const struct bh_handset *handset, const char *code, uint32_t *out)
{
	bh_grid_view view = BH_GRID_VIEW_INIT;
	bh_error err = {0};
	bh_status status = BH_OK;
	for (uint32_t i = 0; status == BH_OK; i++) {
		status = bh_grid_get(handset->client, i, &view, &err);
		if (status != BH_OK || strcmp(view.code, code) != 0)
			continue;
		*out = view.grid;
		return BH_EXIT_DONE;
	}
	return status == BH_E_NOT_FOUND ? bh_handset_fault_next(handset, &err, "grids lists them")
					: bh_handset_fault(handset, &err);
}

static int service_run(const struct bh_handset *handset, bh_service_input *input)
{
	const char *grid = bh_words_option(handset->words, "grid");
	bh_error err = {0};
	uint64_t sequence = 0;
	int exit = grid ? grid_find(handset, grid, &input->grid) : BH_EXIT_DONE;
	if (exit)
		return exit;
	if (bh_service_record(handset->client, input, &sequence, &err) != BH_OK)
		return bh_handset_fault(handset, &err);
	if (handset->say->json)
		bh_say_json(json_pack("{s:s, s:s, s:I}", "verb", "service", "kind",
			bh_service_kind_name(input->kind, "en"), "sequence", (json_int_t)sequence));
	else
		(void)printf("%s %llu\n", bh_service_kind_name(input->kind, "en"),
			(unsigned long long)sequence);
	bh_say_words(handset->say, "recorded; next: %s sync", handset->words->program->name);
	return BH_EXIT_DONE;
}

int bh_verb_service(const struct bh_words *words)
{
	const struct bh_handset_mode mode = {0};
	struct bh_handset handset;
	bh_report_input place = BH_REPORT_INPUT_INIT;
	bh_service_input input = BH_SERVICE_INPUT_INIT;
	input.kind = kind_of(words->arguments[0]);
	if (input.kind == 0)
		return bh_words_fault(
			words, "'%s' is no kind of service entry: see --help", words->arguments[0]);
	if (!bh_report_place(words, &place) || !bh_report_captured(words, &place))
		return BH_EXIT_USAGE;
	if (bh_words_blank(words, "text"))
		return BH_EXIT_DATA;
	input.text = bh_words_option(words, "text");
	input.has_place = place.has_place;
	input.datum = place.datum;
	input.latitude_deg = place.latitude_deg;
	input.longitude_deg = place.longitude_deg;
	input.accuracy_m = place.accuracy_m;
	input.captured_at = place.captured_at;
	int status = bh_handset_open(words, &mode, &handset);
	if (status)
		return status;
	status = service_run(&handset, &input);
	bh_handset_close(&handset);
	return status;
}

/* ---- grids ---- */

static int grids_run(const struct bh_handset *handset)
{
	bh_grid_view view = BH_GRID_VIEW_INIT;
	bh_error err = {0};
	bh_status status = BH_OK;
	for (uint32_t i = 0; (status = bh_grid_get(handset->client, i, &view, &err)) == BH_OK;
		i++) {
		if (handset->say->json)
			bh_say_json(json_pack("{s:o, s:o}", "code", bh_json_text(view.code), "name",
				bh_json_text(view.name)));
		else
			grid_print(&view);
	}
	return status == BH_E_NOT_FOUND ? BH_EXIT_DONE : bh_handset_fault(handset, &err);
}

int bh_verb_grids(const struct bh_words *words)
{
	const struct bh_handset_mode mode = {0};
	struct bh_handset handset;
	int status = bh_handset_open(words, &mode, &handset);
	if (status)
		return status;
	status = grids_run(&handset);
	bh_handset_close(&handset);
	return status;
}
