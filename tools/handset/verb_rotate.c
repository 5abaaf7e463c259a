/* rotate: another key takes over from the one that holds; it waits in the store until the server
 * has it, so that sync goes on with it after anything. */
#include <stdio.h>

#include "tools/handset/handset.h"

#define ROTATE_S_DEFAULT 30

static int rotate_run(const struct bh_handset *handset)
{
	bh_error err = {0};
	bh_status_view view = BH_STATUS_VIEW_INIT;
	bool done = false;
	if (bh_client_rotate_key(handset->client, NULL, &err) != BH_OK)
		return bh_handset_fault(handset, &err);
	int status = bh_handset_drive(handset, "timeout", ROTATE_S_DEFAULT, &done);
	if (status)
		return status;
	if (bh_client_status(handset->client, &view, &err) != BH_OK)
		return bh_handset_fault(handset, &err);
	if (handset->say->json)
		bh_say_json(json_pack("{s:I, s:b, s:s}", "device", (json_int_t)view.device,
			"rotated", view.key_waits == 0, "cause", bh_cause_name(view.cause)));
	else
		(void)printf("%s\n",
			view.key_waits ? "the new key waits for the server" : "the new key holds");
	return view.key_waits ? bh_handset_cause_fault(handset, view.cause) : BH_EXIT_DONE;
}

int bh_verb_rotate(const struct bh_words *words)
{
	const struct bh_handset_mode mode = {0};
	struct bh_handset handset;
	int status = bh_handset_open(words, &mode, &handset);
	if (status)
		return status;
	status = rotate_run(&handset);
	bh_handset_close(&handset);
	return status;
}
