/* A command of a desk or of the operator, from the thought to the outcome.  Where the process ends
 * first, nobody knows whether it happened: the same command is given again under its key. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "proto/hash.h"
#include "server/domain/paper_file.h"
#include "tests/sim/desk_state.h"
#include "tests/sim/judge.h"
#include "tests/sim/phone.h"

#define AGAIN_MS_MIN 5000
#define AGAIN_MS_MAX 120000
#define PAYLOAD_BYTES_MAX (1u << 20)
#define CODE_TTL_MS (60 * BH_SIM_DAY)

struct bh_simorder *bh_simorder_new(struct bh_simdesk *desk, enum bh_source source, uint32_t verb)
{
	struct bh_simorder *order = calloc(1, sizeof(*order));

	bh_assert(order != NULL);
	order->desk = desk;
	order->id = ++desk->orders_made;
	order->payload = BH_BUF(PAYLOAD_BYTES_MAX);
	order->command = (struct bh_command){.source = source, .verb = (enum bh_verb)verb};
	snprintf(
		order->text, sizeof(order->text), "d%llu as agreed", (unsigned long long)order->id);
	order->command.text = bh_span(order->text, strlen(order->text));
	if (source == BH_SOURCE_DESK)
		bh_simrng_fill(&desk->chance, order->command.key_hash, BH_HASH_BYTES);
	order->next = desk->orders;
	desk->orders = order;
	desk->pending++;
	return order;
}

static void order_free(struct bh_simorder *order)
{
	struct bh_simorder **at = &order->desk->orders;

	while (*at != order)
		at = &(*at)->next;
	*at = order->next;
	order->desk->pending--;
	bh_buf_free(&order->payload);
	free(order);
}

void bh_simorder_send(struct bh_simorder *order, int64_t after_ms)
{
	order->submitted = false;
	bh_simrun_after(order->desk->run, after_ms, BH_SIMKIND_DESK_JOB, 0, 0, order->id);
}

static void order_again(struct bh_simorder *order)
{
	bh_simorder_send(order, bh_simrng_between(&order->desk->rng, AGAIN_MS_MIN, AGAIN_MS_MAX));
}

static void outcome_tell(const struct bh_simorder *order, const struct bh_outcome *outcome)
{
	struct bh_simrun *run = order->desk->run;
	const struct bh_command *command = &order->command;
	const char *what = outcome->verdict == BH_VERDICT_ACCEPTED
				   ? (outcome->repeat ? "known" : "done")
				   : (outcome->detail ? outcome->detail
						      : bh_reason_name(outcome->reason));

	bool registers = command->verb == BH_VERB_REGISTER;
	uint64_t number = registers ? outcome->case_number : command->case_number;

	if (number != 0 || registers)
		bh_simtrace_say(&run->trace, bh_simrun_now(run), "desk: %s %u-%u by %u: %s",
			bh_verb_name(command->verb), (unsigned)(number >> 32),
			(unsigned)(number & 0xffffffffu), command->person, what);
	else
		bh_simtrace_say(&run->trace, bh_simrun_now(run), "operator: %s: %s",
			bh_verb_name(command->verb), what);
	run->tally.version_conflicts += outcome->reason == BH_REASON_MOVED_ON;
}

static void order_done(void *context, struct bh_command *command, const struct bh_outcome *outcome)
{
	struct bh_simorder *order = context;
	struct bh_simrun *run = order->desk->run;

	(void)command;
	if (outcome == NULL || outcome->err != 0) {
		order_again(order);
		return;
	}
	bool good = outcome->verdict == BH_VERDICT_ACCEPTED;
	if (good && !outcome->repeat && order->step == BH_SIMFILE_ROOM) {
		bh_simdesk_file_granted(order);
		return;
	}
	outcome_tell(order, outcome);
	if (!good && order->command.source == BH_SOURCE_DESK)
		bh_simjudge_refused(run->judge, order->id);
	switch (order->command.verb) {
	case BH_VERB_ENROL_CODE: /* refused the second time: it was known already */
		bh_simphone_enrol(run->phones[order->phone], order->code);
		break;
	case BH_VERB_CLOCK_CONFIRM:
		run->tally.server_clock_confirmed += good;
		bh_simjudge_time_anew(run->judge);
		break;
	case BH_VERB_REVOKE:
		run->tally.revocations += good;
		break;
	case BH_VERB_RELEASE:
		run->tally.decided_again += good && outcome->repeat;
		break;
	case BH_VERB_PROFILE:
		bh_assert(good);
		run->tally.profile_changes++;
		break;
	default:
		break;
	}
	order_free(order);
}

void bh_simorder_due(struct bh_simdesk *desk, uint64_t id)
{
	for (struct bh_simorder *order = desk->orders; order != NULL; order = order->next) {
		if (order->id != id || order->submitted)
			continue;
		order->submitted = true;
		if ((order->step != BH_SIMFILE_NONE && !bh_simdesk_file_goes_on(order)) ||
			!bh_simserver_submit(desk->run->server, &order->command, order_done, order))
			order_again(order);
		return;
	}
}

void bh_simorders_send(struct bh_simdesk *desk)
{
	for (struct bh_simorder *order = desk->orders; order != NULL; order = order->next) {
		if (!order->submitted && order->step == BH_SIMFILE_NONE)
			bh_simorder_due(desk, order->id);
	}
}

/* ---- The orders ---- */

static int64_t thinking_ms(struct bh_simdesk *desk)
{
	return bh_simrng_tail(&desk->rng, 100, 90000);
}

static struct bh_simorder *order_new(
	struct bh_simdesk *desk, uint32_t verb, uint32_t person, uint64_t number, uint64_t base)
{
	struct bh_simorder *order = bh_simorder_new(desk, BH_SOURCE_DESK, verb);

	order->command.person = person;
	order->command.case_number = number;
	order->command.base_position = base;
	order->command.reason_code = 1;
	bh_demo_say(&order->command);
	return order;
}

static void order_think(struct bh_simorder *order)
{
	const struct bh_simdesk *desk = order->desk;

	bh_simorder_send(order, desk->run->calm || desk->hurried ? 0 : thinking_ms(order->desk));
}

void bh_simdesk_order(struct bh_simdesk *desk, uint32_t verb, uint32_t person, uint64_t number,
	uint32_t unit, uint64_t base)
{
	struct bh_simorder *order = order_new(desk, verb, person, number, base);

	order->command.unit = unit;
	order_think(order);
}

void bh_simdesk_order_until(struct bh_simdesk *desk, uint32_t verb, uint32_t person,
	uint64_t number, int64_t until_ms, uint64_t base)
{
	struct bh_simorder *order = order_new(desk, verb, person, number, base);

	order->command.until_ms = until_ms;
	order_think(order);
}

void bh_simdesk_order_task(
	struct bh_simdesk *desk, uint32_t verb, uint32_t person, uint64_t number, uint32_t task)
{
	struct bh_simorder *order = order_new(desk, verb, person, number, 0);

	order->command.task = task;
	order_think(order);
}

void bh_simdesk_order_reassign(
	struct bh_simdesk *desk, uint32_t person, uint64_t number, uint32_t task, uint32_t assignee)
{
	struct bh_simorder *order = order_new(desk, BH_VERB_REASSIGN, person, number, 0);

	order->command.task = task;
	order->command.assignee = assignee;
	order_think(order);
}

void bh_simdesk_order_dispute(struct bh_simdesk *desk, uint32_t verb, uint32_t person,
	uint64_t number, uint32_t reason, const struct bh_dispute_ask *ask)
{
	struct bh_simorder *order = order_new(desk, verb, person, number, 0);

	order->command.reason_code = reason;
	order->command.dispute = *ask;
	if (verb == BH_VERB_PLAN) {
		order->command.assignee = BH_DEMO_PERSON(SPONSOR);
		order->command.unit = BH_DEMO_DESK_COUNTY;
	}
	order_think(order);
}

void bh_simdesk_order_steps(struct bh_simdesk *desk, uint32_t verb, uint32_t person,
	uint64_t number, const struct bh_dispute_ask *words, const struct bh_milestone_ask *ask)
{
	struct bh_simorder *order = order_new(desk, verb, person, number, 0);

	order->command.dispute = *words;
	order->command.milestones = *ask;
	order_think(order);
}

void bh_simdesk_order_letter(struct bh_simdesk *desk, uint32_t verb, uint32_t person,
	uint64_t number, uint32_t code, uint64_t ref)
{
	struct bh_simorder *order = order_new(desk, verb, person, number, 0);

	order->command.reason_code = code;
	order->command.order = ref;
	order_think(order);
}

void bh_simdesk_order_file(struct bh_simdesk *desk, uint32_t person, uint64_t number, uint32_t kind,
	const struct bh_simphoto *file)
{
	struct bh_simorder *order = order_new(desk, BH_VERB_PAPER, person, number, 0);

	order->command.reason_code = kind;
	order->command.type = BH_PAPER_FORM_PDF;
	order->command.blob_size = file->size;
	order->step = BH_SIMFILE_ROOM;
	memcpy(order->command.blob_hash, file->hash, BH_HASH_BYTES);
	order_think(order);
}

void bh_simdesk_order_withdraw(
	struct bh_simdesk *desk, uint32_t person, uint64_t number, uint64_t paper)
{
	struct bh_simorder *order = order_new(desk, BH_VERB_WITHDRAW_PAPER, person, number, 0);

	order->command.main_number = paper;
	order_think(order);
}

void bh_simdesk_order_rating(struct bh_simdesk *desk, uint32_t verb, uint32_t person,
	uint64_t number, uint32_t rating, struct bh_span payload)
{
	struct bh_simorder *order = order_new(desk, verb, person, number, 0);

	order->command.reason_code = rating;
	bh_assert(bh_buf_append(&order->payload, payload.data, payload.len) == 0);
	order->command.payload = bh_buf_span(&order->payload);
	order_think(order);
}

void bh_simdesk_order_amend(struct bh_simdesk *desk, uint32_t person, uint64_t number,
	uint32_t type, uint32_t urgency, uint64_t base)
{
	struct bh_simorder *order = order_new(desk, BH_VERB_AMEND, person, number, base);

	order->command.type = type;
	order->command.urgency = urgency;
	order_think(order);
}

void bh_simdesk_order_answer(struct bh_simdesk *desk, uint32_t verb, uint32_t person,
	uint64_t number, uint32_t answer, uint64_t base)
{
	struct bh_simorder *order = order_new(desk, verb, person, number, base);

	if (verb == BH_VERB_FOLLOW_UP)
		order->command.reason_code = answer;
	order_think(order);
}

void bh_simdesk_order_merge(struct bh_simdesk *desk, uint64_t number, uint64_t main, uint64_t base)
{
	struct bh_simorder *order = order_new(
		desk, BH_VERB_MERGE, BH_DEMO_PERSON(ACCEPTOR), number, base);

	order->command.main_number = main;
	order_think(order);
}

void bh_simdesk_order_register(struct bh_simdesk *desk, const struct bh_command *matter)
{
	struct bh_simorder *order = bh_simorder_new(desk, BH_SOURCE_DESK, BH_VERB_REGISTER);
	const struct bh_command drawn = order->command;

	order->command = *matter;
	order->command.source = drawn.source;
	order->command.verb = drawn.verb;
	order->command.text = drawn.text;
	memcpy(order->command.key_hash, drawn.key_hash, BH_HASH_BYTES);
	order_think(order);
}

static void operate(struct bh_simorder *order)
{
	order->command.text = bh_span(NULL, 0);
	order->command.payload = bh_buf_span(&order->payload);
	bh_simorder_send(order, 0);
}

void bh_simdesk_profile(struct bh_simdesk *desk)
{
	struct bh_simorder *order = bh_simorder_new(desk, BH_SOURCE_OPERATOR, BH_VERB_PROFILE);

	bh_assert(bh_encode_profile(&desk->profile.profile, &order->payload) == 0);
	operate(order);
}

void bh_simdesk_admit(struct bh_simdesk *desk, uint32_t phone)
{
	struct bh_simorder *order = bh_simorder_new(desk, BH_SOURCE_OPERATOR, BH_VERB_ENROL_CODE);
	uint8_t hash[BH_HASH_BYTES];
	struct bh_msg_entry_enrol_code entry = {.code_hash = bh_span(hash, sizeof(hash)),
		.person = bh_simphone_person(desk->run->phones[phone]),
		.expires_ms = BH_SIM_EPOCH_MS + bh_simrun_now(desk->run) + CODE_TTL_MS};

	bh_simrng_fill(&desk->chance, order->code, sizeof(order->code));
	struct bh_span part = bh_span(order->code, sizeof(order->code));
	bh_hash_parts(desk->hasher, &part, 1, hash);
	order->phone = phone;
	bh_assert(bh_encode_entry_enrol_code(&entry, &order->payload) == 0);
	operate(order);
}

void bh_simdesk_revoke(struct bh_simdesk *desk, uint32_t device)
{
	struct bh_simorder *order = bh_simorder_new(desk, BH_SOURCE_OPERATOR, BH_VERB_REVOKE);
	struct bh_msg_entry_revoked entry = {.device = device, .reason = bh_span("lost", 4)};

	bh_assert(bh_encode_entry_revoked(&entry, &order->payload) == 0);
	operate(order);
}

void bh_simdesk_release(struct bh_simdesk *desk, uint32_t device, uint64_t op, bool discards)
{
	struct bh_simorder *order = bh_simorder_new(desk, BH_SOURCE_OPERATOR, BH_VERB_RELEASE);

	order->command.person = BH_DEMO_PERSON(ADMIN);
	order->command.device = device;
	order->command.base_position = op;
	order->command.reason_code = discards;
	snprintf(order->text, sizeof(order->text), "%s",
		discards ? BH_SIMDESK_PUTS_AWAY : BH_SIMDESK_LETS_IN);
	order->command.text = bh_span(order->text, strlen(order->text));
	bh_simorder_send(order, 0);
}

void bh_simdesk_confirm_clock(struct bh_simdesk *desk)
{
	operate(bh_simorder_new(desk, BH_SOURCE_OPERATOR, BH_VERB_CLOCK_CONFIRM));
}
