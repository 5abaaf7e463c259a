/* What must hold of orders to units, entry by entry: their numbers have no holes, nobody answers or
 * judges what is not there to be answered or judged, and whoever does not answer is told of
 * (domain.md, Order). */
#include <string.h>

#include "tests/sim/judge_state.h"
#include "tests/sim/server.h"

#include "server/store/order.h"

#define TOLD_LATE_MS (2 * INT64_C(3600000)) /* the clock was in doubt, or the server away */

static struct bh_order *order_find(struct bh_simjudge *judge, uint64_t ref)
{
	for (size_t i = 0; i < judge->orders_count; i++)
		if (judge->orders[i].ref == ref)
			return &judge->orders[i];
	return NULL;
}

static void issued(struct bh_simjudge *judge, const struct bh_entry *entry, uint64_t ref)
{
	const struct bh_simcase *cased = bh_simjudge_case(judge, entry->case_number);
	struct bh_order order = {0};

	if (order_find(judge, ref) != NULL)
		bh_simjudge_break(judge, "I16", entry, "a number is given twice");
	if (BH_ORDER_SERIAL(ref) != 1 && order_find(judge, ref - 1) == NULL)
		bh_simjudge_break(judge, "I4", entry, "a number is left out");
	bh_assert(bh_order_patch(&order, entry) == 0);
	if (cased == NULL || order.number != entry->case_number || order.unit == 0)
		bh_simjudge_break(judge, "I6", entry, "it is about no case, or to no unit");
	if (entry->log_short == BH_LOG_CLOCK &&
		(cased->now.warned < BH_THRESHOLD_RED || order.unit != cased->now.unit))
		bh_simjudge_break(judge, "I6", entry, "the clock raised it of no late unit");
	bh_simjudge_grow((void **)&judge->orders, &judge->orders_room, judge->orders_count,
		sizeof(*judge->orders));
	judge->orders[judge->orders_count++] = order;
	judge->run->tally.letters++;
}

static bool is_legal(
	const struct bh_order *before, const struct bh_order *now, const struct bh_entry *entry)
{
	bool open = before->state == BH_ORDER_ISSUED || before->state == BH_ORDER_SENT_BACK;
	bool clock = entry->log_short == BH_LOG_CLOCK;

	if (entry->verb == BH_VERB_ORDER_ANSWER)
		return open && !clock && now->state == BH_ORDER_ANSWERED &&
		       (now->late != 0) >= (entry->at_ms > before->due_ms);
	if (now->state == before->state)
		return open && clock && now->told == before->told + 1 &&
		       entry->at_ms >= before->due_ms;
	if (now->state == BH_ORDER_SENT_BACK)
		return !clock && before->state == BH_ORDER_ANSWERED && before->returned == 0;
	if (now->state == BH_ORDER_CLOSED)
		return clock || before->state == BH_ORDER_ANSWERED;
	return now->state == BH_ORDER_WITHDRAWN && (open || before->state == BH_ORDER_ANSWERED);
}

void bh_simjudge_order(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	uint64_t ref = bh_order_of_decision(entry->decision);

	if (entry->verdict != BH_VERDICT_ACCEPTED || entry->cycle != 0 || ref == 0) {
		bh_simjudge_break(judge, "I6", entry, "it is no order, or moves its case");
		return;
	}
	if (entry->verb == BH_VERB_ORDER) {
		issued(judge, entry, ref);
		return;
	}
	struct bh_order *order = order_find(judge, ref);
	if (order == NULL) {
		bh_simjudge_break(judge, "I6", entry, "there is no such order");
		return;
	}
	struct bh_order before = *order;
	bh_assert(bh_order_patch(order, entry) == 0);
	if (!is_legal(&before, order, entry))
		bh_simjudge_break(judge, "I6", entry, "an order does not go that way");
	judge->run->tally.letters_answered += entry->verb == BH_VERB_ORDER_ANSWER;
	judge->run->tally.letters_told += order->told > before.told;
	judge->run->tally.letters_ended += order->ended_ms != 0;
}

/* Once a cycle, of what was late; nothing that becomes of it makes it less late (S0-45). */
void bh_simjudge_appeal(struct bh_simjudge *judge, const struct bh_case *before,
	const struct bh_case *now, const struct bh_entry *entry)
{
	bool appeals = entry->verb == BH_VERB_APPEAL,
	     reviews = entry->verb == BH_VERB_REVIEW_APPEAL;

	if (!appeals && !reviews)
		return;
	judge->run->tally.appeals += appeals;
	judge->run->tally.appeals_ended += now->appeal > BH_APPEAL_SECOND;
	if ((before->late == 0 && before->appeal_cycle == 0) || now->late != before->late)
		bh_simjudge_break(
			judge, "I6", entry, "an appeal is of what was late, and stays so");
	if (appeals && (before->appeal != BH_APPEAL_NONE || now->appeal != BH_APPEAL_FIRST))
		bh_simjudge_break(judge, "I6", entry, "it was appealed before");
	if (reviews && (before->appeal == BH_APPEAL_NONE || before->appeal > BH_APPEAL_SECOND))
		bh_simjudge_break(judge, "I6", entry, "no appeal waits for this");
	if (now->exempt != before->exempt &&
		(now->appeal != BH_APPEAL_GRANTED || before->appeal != BH_APPEAL_SECOND ||
			before->appeal_seen == entry->person))
		bh_simjudge_break(judge, "I6", entry, "it is exempt by one person alone");
}

void bh_simjudge_orders_forget(struct bh_simjudge *judge)
{
	judge->orders_count = 0;
}

/* The last word: rows are what entries say, and nothing waits unanswered and untold. */
void bh_simjudge_orders_end(struct bh_simjudge *judge)
{
	struct bh_store_reader *reader = bh_simserver_reader(judge->run->server);
	int64_t now_ms = bh_simserver_district_ms(judge->run->server);
	char name[BH_ORDER_TEXT_SIZE];

	for (size_t i = 0; i < judge->orders_count; i++) {
		const struct bh_order *order = &judge->orders[i];
		struct bh_order row;
		bh_order_ref_format(order->ref, name);
		if (bh_reader_order(reader, order->ref, &row) != 0 ||
			memcmp(&row, order, sizeof(row)) != 0)
			bh_simrun_fail(
				judge->run, "I12", "order %s is not what its entries say", name);
		if (bh_order_is_open(order) && order->told == 0 &&
			order->due_ms + TOLD_LATE_MS < now_ms)
			bh_simrun_fail(judge->run, "I8",
				"order %s was neither answered nor told of", name);
	}
}
