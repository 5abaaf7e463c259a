/* A person's command at a desk.  A key that came before gets the recorded outcome and has no second
 * effect; a refused command leaves nothing, so the same key may be tried again when what stood in
 * its way is gone. */
#include <string.h>

#include "proto/err.h"
#include "server/store/entry_row.h"
#include "server/store/case_row.h"
#include "server/store/writer.h"

static bool key_is_given(const struct bh_command *command)
{
	static const uint8_t none[BH_HASH_BYTES];

	return memcmp(command->key_hash, none, BH_HASH_BYTES) != 0;
}

/* The position of the entry that a key made, 0 if it made none. */
static int key_find(struct bh_writer *w, const struct bh_command *command, uint64_t *position)
{
	sqlite3_stmt *s = w->projector.db.statements[BH_SQL_KEY_GET];
	bool row = false;

	bh_bind_span(s, 1, bh_span(command->key_hash, BH_HASH_BYTES));
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err;
	*position = (uint64_t)bh_column(s, 0);
	bh_row_end(s);
	return BH_NOERR;
}

static int key_answer(struct bh_writer *w, uint64_t position, struct bh_outcome *out)
{
	struct bh_entry_brief brief;
	struct bh_case cased;
	int err = bh_entry_answer(&w->projector.db, position, &brief);

	if (err)
		return err == BH_ERR_NOT_FOUND ? BH_ERR_CORRUPT : err;
	bh_outcome_answer(&brief, true, out);
	err = bh_case_row_get(&w->projector.db, brief.case_number, &cased);
	if (!err)
		out->dispatch_due_ms = cased.dispatch_due_ms;
	return err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
}

int bh_command_desk(struct bh_writer *w, struct bh_command *command, struct bh_outcome *out)
{
	uint64_t position = 0;
	int err = key_is_given(command) ? key_find(w, command, &position) : BH_NOERR;

	if (err)
		return err;
	if (position)
		return key_answer(w, position, out);
	command->log_short = BH_LOG_DESK;
	command->seq = 0;
	command->device = 0;
	err = bh_command_case(w, command, out);
	if (err || out->position == 0 || !key_is_given(command))
		return err;
	sqlite3_stmt *s = w->projector.db.statements[BH_SQL_KEY_ADD];
	bh_bind_span(s, 1, bh_span(command->key_hash, BH_HASH_BYTES));
	bh_bind(s, 2, (int64_t)out->position);
	return bh_row_run(s);
}
