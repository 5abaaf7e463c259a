/* Destroying what a case holds of people.  One entry says so, in the transaction that destroys; the
 * kept file gets a line before anybody hears of it, so that no restore brings it back. */
#include "proto/err.h"
#include "server/store/case_row.h"
#include "server/store/guarded.h"
#include "server/store/writer.h"

int bh_writer_erase(
	struct bh_writer *w, const struct bh_command *command, uint32_t post, uint64_t *position)
{
	struct bh_entry entry = {
		.log_short = command->log_short,
		.person = command->person,
		.post = post,
		.case_number = command->case_number,
		.verb = BH_VERB_ERASE,
		.verdict = BH_VERDICT_ACCEPTED,
	};
	sqlite3_stmt *notices = bh_sql(&w->projector.db, BH_SQL_NOTICE_FORGET);
	struct bh_case cased;
	int err = bh_case_row_get(&w->projector.db, command->case_number, &cased);

	/* of one that a restore left out: what handsets bring of it again stays without content */
	if (err && err != BH_ERR_NOT_FOUND)
		return err;
	if (!err) {
		entry.prev = cased.last;
		entry.from_state = cased.state;
		entry.to_state = cased.state;
	}
	err = bh_contents_erase(
		&w->projector.db, w->projector.hasher, command->case_number, w->position + 1);
	bh_bind(notices, 1, (int64_t)command->case_number);
	if (!err)
		err = bh_row_run(notices);
	if (!err)
		err = bh_desk_encode(w, command, &entry);
	if (!err)
		err = bh_writer_append(w, &entry, true, NULL, NULL, NULL);
	if (err)
		return err;
	w->scrub = true;
	*position = entry.position;
	return BH_NOERR;
}
