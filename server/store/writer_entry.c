/* Appending: the next position, the district's time, the chain's next hash; then the projections.
 *
 *   hash(n) = SHA-256(hash(n-1) ‖ canonical(entry n)), the head kept in memory and put back by a
 * rollback. */
#include <string.h>

#include "proto/err.h"
#include "server/domain/order.h"
#include "server/store/entry_row.h"
#include "server/store/guarded.h"
#include "server/store/held.h"
#include "server/store/kept_apply.h"

static int content_commit(struct bh_writer *w, struct bh_entry *entry)
{
	int err = w->rng.fill(w->rng.context, entry->salt, BH_SALT_BYTES);

	if (!err)
		bh_op_commitment(
			w->projector.hasher, entry->salt, entry->content, entry->commitment);
	return err;
}

int bh_writer_append(struct bh_writer *w, struct bh_entry *entry, bool keep_content,
	const struct bh_case *before, const struct bh_msg_origin *origin, struct bh_case *after)
{
	struct bh_projector *p = &w->projector;
	bool covered = false;
	int err = bh_guarded_entry(&p->db, entry, &covered);

	if (err)
		return err;
	entry->position = w->position + 1;
	entry->at_ms = w->now_ms;
	if (entry->seq == 0) {
		struct bh_head *head;
		err = bh_heads_get(&p->heads, &p->db, entry->log_short, &head);
		if (err == BH_NOERR)
			entry->seq = head->seq + 1;
		else if (entry->verb == BH_VERB_FOUND && err == BH_ERR_NOT_FOUND)
			err = BH_NOERR, entry->seq = 1;
	}
	if (!err && !entry->device && entry->content.len)
		err = content_commit(w, entry);
	if (err)
		return err;
	w->scratch.len = 0;
	err = bh_entry_hash(p->hasher, w->hash, entry, &w->scratch, entry->hash);
	if (!err)
		err = bh_entry_row_add(&p->db, entry, keep_content && !covered);
	if (!err)
		err = bh_project(p, entry, before, origin, after);
	if (!err)
		err = bh_held_entry(&p->db, entry);
	if (!err && (entry->case_number || bh_verb_is_order(entry->verb)))
		err = bh_notice_entry(w, entry, before, after);
	if (err)
		return err;
	w->position = entry->position;
	w->at_ms = entry->at_ms;
	memcpy(w->hash, entry->hash, BH_HASH_BYTES);
	w->counts.entries++;
	return bh_kept_entry(w, entry);
}

int bh_writer_append_district(struct bh_writer *w, uint32_t log_short, enum bh_verb verb,
	uint32_t person, struct bh_span content)
{
	struct bh_entry entry = {
		.log_short = log_short,
		.person = person,
		.verb = verb,
		.verdict = BH_VERDICT_ACCEPTED,
		.content = content,
	};
	return bh_writer_append(w, &entry, true, NULL, NULL, NULL);
}

void bh_outcome_answer(const struct bh_entry_brief *brief, bool repeat, struct bh_outcome *out)
{
	*out = (struct bh_outcome){
		.verdict = brief->verdict,
		.reason = brief->reason,
		.repeat = repeat,
		.position = brief->position,
		.case_number = brief->case_number,
		.state = brief->to_state,
		.at_ms = brief->at_ms,
	};
}
