/*
 * Carried by hand: what is not acknowledged goes into a file that only the district can read, and
 * the district's answer comes back the same way.
 */
#include <stdio.h>

#include "tools/handset/handset.h"

static const char *kind_name(int32_t kind)
{
	if (kind == BH_BUNDLE_CARGO)
		return "cargo";
	return kind == BH_BUNDLE_ANSWERED ? "answered" : "exported";
}

static void view_say(const struct bh_handset *handset, const char *path, const bh_bundle_view *view)
{
	if (handset->say->json) {
		json_t *row = json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I}", "bundle",
			kind_name(view->kind), "file", path, "ops", (json_int_t)view->ops, "photos",
			(json_int_t)view->photos, "photo_bytes", (json_int_t)view->photo_bytes,
			"photos_left", (json_int_t)view->photos_left, "file_bytes",
			(json_int_t)view->file_bytes);
		if (view->reason[0])
			(void)json_object_set_new(row, "reason", json_string(view->reason));
		bh_say_json(row);
		return;
	}
	(void)printf("%s  %llu recorded, %llu photos, %llu bytes\n", kind_name(view->kind),
		(unsigned long long)view->ops, (unsigned long long)view->photos,
		(unsigned long long)view->file_bytes);
}

static int nothing_say(const struct bh_handset *handset)
{
	if (handset->say->json)
		bh_say_json(
			json_pack("{s:s, s:i, s:i}", "bundle", "nothing", "ops", 0, "photos", 0));
	bh_say_words(handset->say, "everything is acknowledged: there is nothing to carry");
	return BH_EXIT_DONE;
}

static int export_run(const struct bh_handset *handset, const char *path)
{
	bh_error err = {0};
	bh_bundle_view view = BH_BUNDLE_VIEW_INIT;
	bh_status status = bh_bundle_export(handset->client, path, &view, &err);
	if (status == BH_DONE)
		return nothing_say(handset);
	if (status == BH_E_EXISTS)
		return bh_handset_fault_next(
			handset, &err, "name a new file: none is written over");
	if (status < 0)
		return bh_handset_fault(handset, &err);
	view_say(handset, path, &view);
	if (view.photos_left > 0)
		bh_say_words(handset->say, "%llu photos are not in it: no room, or not here",
			(unsigned long long)view.photos_left);
	bh_say_words(handset->say, "next, at the server: bihuan import %s --ack-out=FILE", path);
	return BH_EXIT_DONE;
}

static int verb_run(const struct bh_words *words,
	int (*run)(const struct bh_handset *handset, const char *path))
{
	const struct bh_handset_mode mode = {0};
	struct bh_handset handset;
	int status = bh_handset_open(words, &mode, &handset);
	if (status)
		return status;
	status = run(&handset, words->arguments[0]);
	bh_handset_close(&handset);
	return status;
}

int bh_verb_export(const struct bh_words *words)
{
	return verb_run(words, export_run);
}

static int import_run(const struct bh_handset *handset, const char *path)
{
	bh_error err = {0};
	bh_bundle_view view = BH_BUNDLE_VIEW_INIT;
	if (bh_bundle_import(handset->client, path, &view, &err) != BH_OK)
		return bh_handset_fault(handset, &err);
	view_say(handset, path, &view);
	if (view.kind == BH_BUNDLE_CARGO && view.cargo == BH_CARGO_WAITING && view.reason[0])
		bh_say_words(handset->say,
			"it is not sealed for the key that this handset knows of its district: an "
			"answer is for the handset that wrote the bundle, and another district's "
			"file is refused there; carried all the same");
	else if (view.kind == BH_BUNDLE_CARGO && view.cargo == BH_CARGO_WAITING)
		bh_say_words(handset->say,
			"carried for another handset; next: %s sync, then %s cargo",
			handset->words->program->name, handset->words->program->name);
	return BH_EXIT_DONE;
}

int bh_verb_import(const struct bh_words *words)
{
	return verb_run(words, import_run);
}
