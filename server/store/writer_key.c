/* A caller's key inside the transaction that its command runs in: one that came before gets what
 * was recorded then and has no second effect; with another request it is refused.  What was refused
 * leaves nothing, so the same key may be tried again when what stood in its way is gone. */
#include <string.h>

#include "proto/err.h"
#include "server/store/key_row.h"
#include "server/store/writer.h"

static bool key_is_given(const struct bh_command *command)
{
	static const uint8_t none[BH_HASH_BYTES];

	return memcmp(command->key_hash, none, BH_HASH_BYTES) != 0;
}

static int answer(struct bh_writer *w, const struct bh_key_use *use, struct bh_outcome *out)
{
	struct bh_entry_brief brief;

	if (use->held) {
		*out = (struct bh_outcome){
			.verdict = BH_VERDICT_ACCEPTED, .repeat = true, .at_ms = w->now_ms};
		return BH_NOERR;
	}
	int err = bh_entry_answer(&w->projector.db, use->position, &brief);
	if (err)
		return err == BH_ERR_NOT_FOUND ? BH_ERR_CORRUPT : err;
	bh_outcome_answer(&brief, true, out);
	return BH_NOERR;
}

int bh_key_ask(struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out,
	bool *answered)
{
	struct bh_key_use use;

	*answered = false;
	if (!key_is_given(command))
		return BH_NOERR;
	int err = bh_key_row_get(&w->projector.db, command->key_hash, &use);
	if (err)
		return err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
	*answered = true;
	if (bh_key_use_fits(&use, command->request_hash))
		return answer(w, &use, out);
	*out = (struct bh_outcome){.verdict = BH_VERDICT_REJECTED,
		.reason = BH_REASON_FIELD,
		.detail = "this key came with another request",
		.key_taken = true,
		.at_ms = w->now_ms};
	return BH_NOERR;
}

int bh_key_keep(struct bh_writer *w, const struct bh_command *command, int64_t position)
{
	if (!key_is_given(command))
		return BH_NOERR;
	return bh_key_row_add(&w->projector.db, command->key_hash, command->request_hash, position);
}
