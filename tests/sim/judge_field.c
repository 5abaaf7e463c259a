/* Field work: each entry that was accepted counts once, whatever was lost, repeated, carried or put
 * back on the way (I2), in a grid of its worker's, and the counts are those of the entries. */
#include <string.h>

#include "server/domain/rights.h"
#include "server/store/field_work.h"
#include "tests/sim/judge_state.h"
#include "tests/sim/phone.h"
#include "tests/sim/server.h"

void bh_simjudge_field(struct bh_simjudge *judge, const struct bh_entry *entry,
	const struct bh_msg_op_header *header)
{
	struct bh_field_fact fact;
	size_t op = bh_simjudge_op_of(judge, entry, header);
	size_t room = judge->field_room;

	if (!bh_verb_is_field(entry->verb) || entry->verdict != BH_VERDICT_ACCEPTED)
		return;
	if (entry->case_number != 0 || entry->cycle != 0 ||
		bh_field_fact_decode(entry->verb, entry->decision, &fact) != 0)
		bh_simjudge_break(
			judge, "I6", entry, "field work is about no case, and has a fact");
	judge->services += entry->verb == BH_VERB_SERVICE;
	judge->rounds += entry->verb == BH_VERB_PATROL;
	judge->run->tally.services += entry->verb == BH_VERB_SERVICE;
	judge->run->tally.rounds += entry->verb == BH_VERB_PATROL;
	if (op == SIZE_MAX)
		return;
	while (judge->field_room <= op)
		bh_simjudge_grow((void **)&judge->field, &judge->field_room, judge->field_room, 1);
	memset(judge->field + room, 0, judge->field_room - room);
	if (judge->field[op]++ != 0)
		bh_simjudge_break(judge, "I2", entry, "it counts twice");
}

void bh_simjudge_field_forget(struct bh_simjudge *judge)
{
	if (judge->field_room > 0)
		memset(judge->field, 0, judge->field_room);
	judge->services = judge->rounds = 0;
}

/* ---- The last word ---- */

static int services_sum(void *context, const struct bh_service_count *row)
{
	uint64_t *sum = context;

	*sum += row->count;
	return 0;
}

static int rounds_sum(void *context, const struct bh_patrol_count *row)
{
	uint64_t *sum = context;

	*sum += row->rounds;
	return 0;
}

/* What its handset was told is accepted, counts. */
static void op_counts(struct bh_simjudge *judge, size_t at)
{
	const struct bh_simop *op = &judge->run->truth.ops[at];
	const struct bh_simheard *log = bh_simjudge_log_of(judge, op->log_id);
	bool own = log != NULL && op->seq != 0 && op->seq <= log->head &&
		   memcmp(log->said[op->seq - 1].link, op->link, BH_HASH_BYTES) == 0;

	if (own && log->said[op->seq - 1].verdict == BH_VERDICT_ACCEPTED &&
		(at >= judge->field_room || judge->field[at] != 1))
		bh_simrun_fail(judge->run, "I2", "%s of handset %u, op %llu, counts nowhere",
			bh_verb_name((enum bh_verb)op->verb), op->phone,
			(unsigned long long)op->seq);
}

void bh_simjudge_field_end(struct bh_simjudge *judge)
{
	struct bh_store_reader *reader = bh_simserver_reader(judge->run->server);
	uint64_t services = 0, rounds = 0;

	for (size_t i = 0; i < judge->run->truth.count; i++)
		if (bh_verb_is_field(judge->run->truth.ops[i].verb))
			op_counts(judge, i);
	bh_assert(bh_reader_service_counts(reader, 0, UINT16_MAX, true, services_sum, &services) ==
		  0);
	bh_assert(bh_reader_patrol_counts(reader, 0, UINT16_MAX, rounds_sum, &rounds) == 0);
	if (services != judge->services || rounds != judge->rounds)
		bh_simrun_fail(judge->run, "I2",
			"%llu entries and %llu rounds are counted, and there are %llu and %llu",
			(unsigned long long)services, (unsigned long long)rounds,
			(unsigned long long)judge->services, (unsigned long long)judge->rounds);
}
