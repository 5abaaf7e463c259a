/*
 * What this handset carries for others: how far it is, and nothing about whose it is.  Answers that
 * came are written out for whoever takes them back, and are carried no further.
 */
#include <stdio.h>

#include "tools/handset/handset.h"
#include "tools/handset/moment.h"

#define PATH_SIZE 4096

static const char *state_name(int32_t cargo)
{
	static const char *const names[] = {
		[BH_CARGO_WAITING] = "waiting",
		[BH_CARGO_ANSWERED] = "answered",
		[BH_CARGO_REFUSED] = "refused",
	};
	return cargo >= BH_CARGO_WAITING && cargo <= BH_CARGO_REFUSED ? names[cargo] : "unknown";
}

/* written: where its answer is now; NULL: it is not. */
static void piece_say(const struct bh_handset *handset, uint32_t n, const bh_bundle_view *view,
	const char *written)
{
	char since[BH_MOMENT_TEXT_SIZE];
	if (handset->say->json) {
		json_t *row = json_pack("{s:I, s:s, s:I, s:o}", "cargo", (json_int_t)n, "state",
			state_name(view->cargo), "file_bytes", (json_int_t)view->file_bytes,
			"since", bh_json_time(handset->say, view->since));
		if (view->reason[0])
			(void)json_object_set_new(row, "reason", json_string(view->reason));
		if (written)
			(void)json_object_set_new(row, "answer", json_string(written));
		bh_say_json(row);
		return;
	}
	bh_moment_format(view->since, handset->say->offset_min, since);
	(void)printf("%u  %-8s  %10llu bytes  since %s%s%s\n", n, state_name(view->cargo),
		(unsigned long long)view->file_bytes, since, view->reason[0] ? "  " : "",
		view->reason);
}

/* One after another, so that an answer that cannot be written leaves the rest to be. */
static int pieces_say(const struct bh_handset *handset, const char *folder)
{
	char path[PATH_SIZE];
	bh_error err = {0};
	uint32_t at = 0;
	for (;;) {
		uint32_t before = at;
		bh_bundle_view view = BH_BUNDLE_VIEW_INIT;
		bh_status status = bh_bundle_cargo(handset->client, &at, NULL, &view, &err);
		if (status == BH_DONE)
			return BH_EXIT_DONE;
		bool writes = status == BH_OK && folder && view.cargo == BH_CARGO_ANSWERED;
		if (writes) {
			int n = snprintf(path, sizeof(path), "%s/answer-%u-%lld.ack", folder, at,
				(long long)view.since);
			if (n < 0 || (size_t)n >= sizeof(path))
				return bh_words_fault(
					handset->words, "the folder's name is too long");
			status = bh_bundle_cargo(handset->client, &before, path, &view, &err);
		}
		if (status < 0 && writes)
			return bh_handset_fault_next(handset, &err,
				"--ack-out names a folder that is there and may be written");
		if (status < 0)
			return bh_handset_fault(handset, &err);
		piece_say(handset, at, &view, writes ? path : NULL);
	}
}

int bh_verb_cargo(const struct bh_words *words)
{
	const struct bh_handset_mode mode = {0};
	struct bh_handset handset;
	int status = bh_handset_open(words, &mode, &handset);
	if (status)
		return status;
	status = pieces_say(&handset, bh_words_option(words, "ack-out"));
	bh_handset_close(&handset);
	return status;
}
