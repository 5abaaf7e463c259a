/* What an op says of itself: whose act it is, and which op of a log that was left it was. */
#include <string.h>

#include "proto/verdict.h"
#include "tests/sim/judge_state.h"
#include "tests/unit/domain/demo_rules.h"

static void carry(
	struct bh_simjudge *judge, const struct bh_entry *entry, const struct bh_msg_origin *origin)
{
	bh_simjudge_grow((void **)&judge->carried, &judge->carried_room, judge->carried_count,
		sizeof(*judge->carried));
	struct bh_simcarried *carried = &judge->carried[judge->carried_count++];
	memcpy(carried->log_id, origin->log_id.data, BH_LOG_ID_BYTES);
	memcpy(carried->link, origin->link.data, BH_HASH_BYTES);
	carried->seq = origin->seq;
	memcpy(carried->by, judge->logs[entry->log_short].log_id, BH_LOG_ID_BYTES);
	judge->run->tally.origins_carried++;
}

/* Whoever had the handset in hand is named, as proved or as claimed, in the log that the op was
 * recorded in and in any that it is carried to; and a colleague's act is refused to nobody. */
static void author(struct bh_simjudge *judge, const struct bh_entry *entry,
	const struct bh_msg_op_header *header, const struct bh_simop *op)
{
	bool colleague = op->author != op->person;

	if (header->author != op->author || header->claimed != op->claimed)
		bh_simjudge_break(
			judge, "author", entry, "it names another author, or not as it was");
	if (entry->verdict == BH_VERDICT_REJECTED && entry->reason == BH_REASON_AUTHOR)
		bh_simjudge_break(judge, "author", entry, "a colleague may not record it");
	judge->run->tally.ops_of_colleagues += colleague;
	judge->run->tally.ops_claimed += op->claimed;
}

void bh_simjudge_header(struct bh_simjudge *judge, const struct bh_entry *entry,
	const struct bh_msg_op_header *header)
{
	const struct bh_simop *op = NULL;
	const struct bh_simtruth *truth = &judge->run->truth;

	if (header->has_origin)
		carry(judge, entry, &header->origin);
	bh_simjudge_field(judge, entry, header);
	/* whose is alone has nothing to say, which is most of them: what they do say is looked at
	 */
	if (header->author == judge->person[entry->device] && !header->claimed &&
		judge->person[entry->device] != BH_DEMO_PERSON(REPORTER))
		return;
	if (header->has_origin)
		op = bh_simtruth_of_link(truth, header->origin.log_id.data, header->origin.seq,
			header->origin.link.data);
	else
		op = bh_simtruth_of_link(
			truth, judge->logs[entry->log_short].log_id, entry->seq, entry->link);
	if (op != NULL)
		author(judge, entry, header, op);
}
