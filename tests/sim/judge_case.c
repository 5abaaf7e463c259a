/* A case is what its entries made of it, by legal moves alone, with live clocks that say what the
 * entries say; the clock acts when it is due, and once (I2, I6, I7, I8). */
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "proto/number.h"
#include "server/domain/alarm_queue.h"
#include "server/domain/sign_off.h"
#include "tests/sim/judge_state.h"
#include "tests/sim/server.h"

static struct bh_simcase *slot_of(struct bh_simjudge *judge, uint64_t number)
{
	uint64_t at = number * UINT64_C(0x9e3779b97f4a7c15) >> 40;
	struct bh_simcase *slot = NULL;
	bool found = false;

	for (uint64_t i = 0; i < BH_SIMJUDGE_SLOTS && !found; i++) {
		slot = &judge->cases[(at + i) % BH_SIMJUDGE_SLOTS];
		found = slot->now.number == number || slot->now.number == 0;
	}
	bh_assert(found); /* there is room for another case */
	return slot;
}

struct bh_simcase *bh_simjudge_case(struct bh_simjudge *judge, uint64_t number)
{
	struct bh_simcase *slot = slot_of(judge, number);

	return slot->now.number == number && number != 0 ? slot : NULL;
}

uint64_t bh_simjudge_version(struct bh_simjudge *judge, uint64_t number)
{
	const struct bh_simcase *cased = bh_simjudge_case(judge, number);

	return cased == NULL ? 0 : cased->now.last;
}

uint32_t bh_simjudge_open_cases(const struct bh_simjudge *judge)
{
	return judge->open_cases;
}

/* ---- Moves (I6) ---- */

static bool verb_stays(uint32_t verb)
{
	return bh_verb_is_receipt(verb) || bh_verb_is_quiet(verb) || verb == BH_VERB_MAIN_ENDED ||
	       verb == BH_VERB_TASK_WITHDRAWN;
}

static bool move_is_legal(const struct bh_entry *entry)
{
	bool by_clock = entry->log_short == BH_LOG_CLOCK;

	/* A report that is let in makes the move of its submission. */
	uint32_t verb = entry->verb == BH_VERB_RELEASE ? BH_VERB_SUBMIT : entry->verb;

	if (verb_stays(verb))
		return entry->from_state == entry->to_state;
	if (verb == BH_VERB_TASK_LAPSED && entry->from_state == entry->to_state)
		return true; /* beside its case */
	for (size_t i = 0; i < bh_moves_count; i++) {
		const struct bh_move *move = &bh_moves[i];
		bool clocks = (move->roles & 1u << BH_ROLE_CLOCK) != 0;
		if (move->from == entry->from_state && move->to == entry->to_state &&
			move->verb == verb && move->in_use && clocks == by_clock)
			return true;
	}
	/* A rule that dispatches at once acts with the report's own entry behind it. */
	return false;
}

/* What the clock archives or follows up long after its end is told to no handset. */
static bool rests(const struct bh_entry *entry, const struct bh_case *before)
{
	return entry->log_short == BH_LOG_CLOCK &&
	       (entry->verb == BH_VERB_ARCHIVE || entry->verb == BH_VERB_FOLLOW_UP) &&
	       entry->at_ms - before->closed_ms > BH_LONG_ENDED_MS;
}

static void move(struct bh_simjudge *judge, struct bh_simcase *cased, const struct bh_entry *entry)
{
	struct bh_scope_change changes[BH_SCOPE_CHANGES_MAX];
	struct bh_case before = cased->now, after;
	size_t count = 0;

	if (entry->from_state != before.state)
		bh_simjudge_break(judge, "I6", entry, "the case was not in the state it left");
	if (!move_is_legal(entry))
		bh_simjudge_break(judge, "I6", entry, "no row of the table allows it");
	bool begins = before.number == 0 && entry->verb == BH_VERB_RELEASE; /* after its op */
	if (entry->prev != before.last && !begins)
		bh_simjudge_break(judge, "I6", entry, "it does not follow the case's last entry");
	if (bh_apply(&before, entry, &after, changes, &count) != 0)
		bh_simjudge_break(judge, "I6", entry, "its decision cannot be read");
	if (after.state != entry->to_state)
		bh_simjudge_break(judge, "I6", entry, "its decision says another state");
	if (rests(entry, &before))
		cased->rested |= 1u << before.state;
	else if (count > 0)
		cased->rested = 0;
	cased->now = after;
	cased->entries++;
	bh_simjudge_past_add(judge, cased, entry);
	if (!cased->touched && judge->touched_count < BH_SIMJUDGE_TOUCHED) {
		judge->touched[judge->touched_count++] = cased;
		cased->touched = true;
	}
}

/* ---- Clocks (I7, I8) ---- */

static bool clock_is_live(const struct bh_case *cased)
{
	return cased->dispatch_due_ms || cased->sign_due_ms || cased->disposal_due_ms ||
	       cased->review_due_ms || cased->check_due_ms || cased->resume_due_ms ||
	       cased->follow_due_ms || (cased->state == BH_STATE_CLOSED && cased->closed_ms);
}

static void once_a_clock(struct bh_simjudge *judge, const struct bh_entry *entry, int64_t *of_ms,
	int64_t queue_ms, const char *twice)
{
	if (*of_ms == queue_ms)
		bh_simjudge_break(judge, "I8", entry, twice);
	*of_ms = queue_ms;
}

static void clock_tell(
	struct bh_simjudge *judge, const struct bh_simcase *cased, const struct bh_entry *entry)
{
	struct bh_simrun *run = judge->run;

	if (judge->replaying)
		return;
	bh_simtrace_say(&run->trace, bh_simrun_now(run), "clock: %s %u-%u, which is %s%s",
		bh_verb_name((enum bh_verb)entry->verb), (unsigned)(cased->now.number >> 32),
		(unsigned)(cased->now.number & 0xffffffffu),
		bh_state_name((enum bh_state)entry->to_state),
		cased->now.breached ? ", too late" : "");
}

/* Row 81: not before half a working day, and each time later. */
static void lead_called(struct bh_simjudge *judge, const struct bh_case *now,
	const struct bh_case *before, const struct bh_entry *entry)
{
	judge->run->tally.sign_off_calls++;
	if (before->handed_by == 0 || entry->at_ms < before->handed_ms + BH_SIM_DAY / 6 ||
		now->sign_off_calls <= before->sign_off_calls)
		bh_simjudge_break(judge, "I8", entry, "no lead lets a result lie");
}

static void clock_act(struct bh_simjudge *judge, struct bh_simcase *cased,
	const struct bh_case *before, const struct bh_entry *entry)
{
	struct bh_simtally *tally = &judge->run->tally;

	if (entry->verb == BH_VERB_BREACH) {
		int64_t of_ms = before->breach_due_ms != 0 ? before->breach_due_ms
							   : before->dispatch_due_ms;
		tally->breaches++;
		if (of_ms == 0 || entry->at_ms < of_ms)
			bh_simjudge_break(judge, "I8", entry, "there is no limit that passed");
		once_a_clock(judge, entry, &cased->breach_of_ms, of_ms,
			"this clock was breached before");
	} else if (entry->verb == BH_VERB_REMIND && entry->reason >= BH_REMIND_SIGN_OFF) {
		lead_called(judge, &cased->now, before, entry);
	} else if (entry->verb == BH_VERB_REMIND && entry->reason >= BH_REMIND_ABOVE) {
		tally->reminders++;
		if (!before->breached || entry->at_ms < before->dispatch_due_ms ||
			cased->now.queue_calls <= before->queue_calls)
			bh_simjudge_break(judge, "I8", entry, "nothing is to be called for");
	} else if (entry->verb == BH_VERB_REMIND) {
		tally->reminders++;
		once_a_clock(judge, entry, &cased->reminded_of_ms[cased->now.reminded > 50],
			before->queue_ms, "this clock reminded so before");
	} else if (entry->verb == BH_VERB_DISPATCH) {
		tally->automatic_dispatches++;
	} else if (entry->verb == BH_VERB_RESUME && entry->at_ms < before->resume_due_ms) {
		bh_simjudge_break(judge, "I8", entry, "the clock resumes too early");
	} else if ((entry->verb == BH_VERB_SIGN || entry->verb == BH_VERB_START ||
			   entry->verb == BH_VERB_RECEIVE) &&
		   entry->at_ms < before->sign_due_ms) {
		bh_simjudge_break(judge, "I8", entry, "the clock signs too early");
	} else if (entry->verb == BH_VERB_CLOSE && entry->at_ms < before->check_due_ms) {
		bh_simjudge_break(judge, "I8", entry, "the clock closes too early");
	} else if (entry->verb == BH_VERB_ARCHIVE &&
		   entry->at_ms < before->closed_ms + 7 * BH_SIM_DAY) {
		bh_simjudge_break(judge, "I8", entry, "the clock archives too early");
	} else if ((entry->verb == BH_VERB_FOLLOW_TRY || entry->verb == BH_VERB_FOLLOW_UP) &&
		   entry->at_ms < before->follow_due_ms) {
		bh_simjudge_break(judge, "I8", entry, "a try lapses too early");
	}
}

static void clocks(struct bh_simjudge *judge, struct bh_simcase *cased,
	const struct bh_case *before, const struct bh_entry *entry)
{
	bool over = !bh_state_is_timed((enum bh_state)cased->now.state);

	if (clock_is_live(&cased->now) == over)
		bh_simjudge_break(judge, "I7", entry,
			over ? "the case is over and a clock runs" : "no clock runs any more");
	if (before->dispatch_due_ms != 0 && cased->now.dispatch_due_ms == 0 &&
		entry->at_ms > before->dispatch_due_ms && !before->breached && !judge->doubted &&
		cased->now.breach_due_ms != before->dispatch_due_ms && !judge->replaying &&
		!bh_simserver_clock_is_doubted(judge->run->server))
		bh_simjudge_break(judge, "I8", entry,
			"the case left the queue late and no breach was recorded");
	if (entry->log_short != BH_LOG_CLOCK)
		return;
	clock_tell(judge, cased, entry);
	clock_act(judge, cased, before, entry);
}

/* ---- Identity (I2) and closures (I9) ---- */

static void begun(struct bh_simjudge *judge, struct bh_simcase *cased, const struct bh_entry *entry,
	uint32_t token)
{
	bh_assert(token < BH_SIMJUDGE_TOKENS);
	cased->token = token;
	if (token != 0 && judge->number_of[token] != 0)
		bh_simjudge_break(judge, "I2", entry, "this report is a case already");
	judge->number_of[token] = entry->case_number;
	if (bh_simtruth_of_token(&judge->run->truth, token) == NULL)
		bh_simjudge_break(judge, "I2", entry, "nobody ever recorded this report");
	judge->cases_count++;
	judge->open_cases++;
}

static void released(
	struct bh_simjudge *judge, struct bh_simcase *cased, const struct bh_entry *entry)
{
	bh_simjudge_decided(judge, entry);
	begun(judge, cased, entry, bh_simjudge_held_of(judge, entry)->token);
	bh_simjudge_let_in(judge, entry, &cased->now);
}

static void submitted(
	struct bh_simjudge *judge, struct bh_simcase *cased, const struct bh_entry *entry)
{
	struct bh_msg_op_content content;
	int reason = 0;

	if (entry->case_number != bh_case_number(entry->log_short, (uint32_t)entry->seq))
		bh_simjudge_break(judge, "I2", entry, "its number is not that of its log");
	bh_assert(bh_op_decode_content(entry->content, &judge->arena, &content, &reason) == 0);
	begun(judge, cased, entry, bh_simtruth_token(content.text.data, content.text.len));
	cased->again = judge->again;
	if (cased->now.received_ms < judge->first_at_ms)
		bh_simrun_fail(judge->run, "I16",
			"case %u-%u was received at %lld, and had come at %lld",
			(unsigned)(entry->case_number >> 32),
			(unsigned)(entry->case_number & 0xffffffffu),
			(long long)cased->now.received_ms, (long long)judge->first_at_ms);
}

static void delivered(
	struct bh_simjudge *judge, struct bh_simcase *cased, const struct bh_entry *entry)
{
	if (entry->cycle == 0 || entry->cycle > BH_SIMJUDGE_CYCLES)
		bh_simjudge_break(judge, "I9", entry, "there is no such cycle");
	if (cased->delivered[entry->cycle - 1])
		bh_simjudge_break(judge, "I9", entry, "one closure was received twice");
	cased->delivered[entry->cycle - 1] = true;
	cased->delivered_by[entry->cycle - 1] = entry->log_short;
	bh_simjudge_back_received(judge, entry);
}

/* Two handsets of one person may both have it; one of them has it once, but where a server that was
 * put back ended the cycle once more: then the first receipt may be the one of before, which came
 * again.  A repeat names its cycle in the op alone. */
static void delivered_again(
	struct bh_simjudge *judge, struct bh_simcase *cased, const struct bh_entry *entry)
{
	struct bh_msg_op_header header;
	int reason = 0;

	bh_assert(bh_op_decode_header(entry->header, &judge->arena, &header, &reason) == 0);
	if (header.cycle == 0 || header.cycle > BH_SIMJUDGE_CYCLES ||
		!cased->delivered[header.cycle - 1])
		bh_simjudge_break(judge, "I9", entry, "a first receipt has no effect");
	if (cased->delivered_by[header.cycle - 1] == entry->log_short && judge->restores == 0)
		bh_simjudge_break(judge, "I9", entry, "one handset received one closure twice");
	cased->delivered_by[header.cycle - 1] = entry->log_short;
}

/* What was said about a case and had no effect: not accepted, or a receipt once more. */
static bool stands_aside(
	struct bh_simjudge *judge, struct bh_simcase *cased, const struct bh_entry *entry)
{
	bool again = entry->verdict == BH_VERDICT_ACCEPTED && entry->cycle == 0;
	if (again && entry->verb == BH_VERB_RELEASE) {
		bh_simjudge_decided(judge, entry);
		return true;
	}
	if (entry->verdict == BH_VERDICT_ACCEPTED && !again)
		return false;
	if (bh_verb_is_order(entry->verb)) {
		bh_simjudge_order(judge, entry);
		return true;
	}
	if (bh_simjudge_rating(judge, cased, entry))
		return true;
	if (bh_verb_is_dossier(entry->verb)) {
		bh_simjudge_dossier(judge, entry, &cased->now);
		return true;
	}
	if (entry->decision.len != 0)
		bh_simjudge_break(judge, "I6", entry, "it has no effect and a decision");
	if (again && entry->verb != BH_VERB_DELIVERED && entry->verb != BH_VERB_SEEN)
		bh_simjudge_break(judge, "I6", entry, "it was accepted and has no effect");
	if (again && entry->verb == BH_VERB_DELIVERED)
		delivered_again(judge, cased, entry);
	return true;
}

void bh_simjudge_move(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	struct bh_simcase *cased = slot_of(judge, entry->case_number);
	struct bh_case before = cased->now;

	if (stands_aside(judge, cased, entry))
		return;
	bool begins = entry->verb == BH_VERB_SUBMIT || entry->verb == BH_VERB_RELEASE ||
		      entry->verb == BH_VERB_REGISTER;
	if (before.number == 0 && !begins)
		bh_simjudge_break(judge, "I6", entry, "there is no such case");
	if (before.number != 0 && begins)
		bh_simjudge_break(judge, "I2", entry, "the case exists");
	move(judge, cased, entry);
	bh_simjudge_photo_entry(judge, entry);
	clocks(judge, cased, &before, entry);
	bh_simjudge_clock(judge, cased, &before, entry);
	bh_simjudge_rules(judge, &before, &cased->now, entry);
	if (entry->verb == BH_VERB_SUBMIT)
		submitted(judge, cased, entry);
	if (entry->verb == BH_VERB_REGISTER)
		bh_simjudge_registered(judge, &cased->now, entry);
	if (entry->verb == BH_VERB_RELEASE)
		released(judge, cased, entry);
	if (entry->verb == BH_VERB_DELIVERED)
		delivered(judge, cased, entry);
	if (!bh_state_is_end((enum bh_state)before.state) &&
		bh_state_is_end((enum bh_state)cased->now.state)) {
		judge->open_cases--;
		judge->run->tally.closures++;
	}
	if (bh_state_is_end((enum bh_state)before.state) &&
		!bh_state_is_end((enum bh_state)cased->now.state))
		judge->open_cases++;
	bh_simjudge_merged(judge, &before, &cased->now, entry);
	bh_simjudge_appeal(judge, &before, &cased->now, entry);
	bh_simjudge_task(judge, &before, &cased->now, entry);
	bh_simjudge_checking(judge, &before, &cased->now, entry);
	bh_simjudge_course(&judge->run->tally, entry);
}
