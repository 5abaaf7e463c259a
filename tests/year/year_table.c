/* Who does what, and how often: the table, and what its lines need besides.
 *
 * least is of a year of 22,000 cases, about half of what a run gives; a shorter year has its part
 * of it. */
#include "proto/err.h"
#include "server/domain/privacy.h"
#include "server/store/privacy.h"
#include "tests/year/year_act.h"

#define UNITS_MAX 128u
#define MAIN_BACK 60u /* how far back a main case is looked for */
#define CYCLES_MAX 5u
#define ARCHIVE_MS (4 * YEAR_DAY)

static const char party_name[] = "placeholder-of-a-name";
static const char party_contact[] = "placeholder-of-a-number";

/* ---- Conditions ---- */

static bool void_asked(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->asked == BH_ASK_VOID;
}

static bool nothing_asked(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->asked == BH_ASK_NONE;
}

static bool extension_of_unit(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->asked == BH_ASK_EXTENSION && cased->asked_level == BH_ASK_OF_UNIT;
}

static bool suspension_of_unit(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->asked == BH_ASK_SUSPENSION && cased->asked_level == BH_ASK_OF_UNIT;
}

static bool extension_of_desk(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->asked == BH_ASK_EXTENSION && cased->asked_level == BH_ASK_OF_DESK;
}

static bool suspension_of_desk(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->asked == BH_ASK_SUSPENSION && cased->asked_level == BH_ASK_OF_DESK;
}

static bool asked_of_desk(struct year *year, const struct bh_case *cased)
{
	return extension_of_desk(year, cased) || suspension_of_desk(year, cased);
}

static bool no_help(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->open_helps == 0;
}

static bool help_open(struct year *year, const struct bh_case *cased)
{
	return !no_help(year, cased);
}

static bool dispute_of_township(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->tier == 2;
}

static bool not_checked(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->checked == BH_CHECKED_NOT;
}

static bool check_failed(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->checked == BH_CHECKED_FAILED;
}

static bool not_failed(struct year *year, const struct bh_case *cased)
{
	return !check_failed(year, cased);
}

static bool refused_before(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->refusals > 0;
}

static bool not_refused_before(struct year *year, const struct bh_case *cased)
{
	return !refused_before(year, cased);
}

static bool may_go_on(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->cycle < CYCLES_MAX;
}

/* Another was merged into it already. */
static bool is_main(struct year *year, const struct bh_case *cased)
{
	uint64_t merged[BH_MERGED_MAX];
	size_t count = 0;
	return may_go_on(year, cased) &&
	       bh_reader_merged(year->reader, cased->number, merged, &count) == 0 && count > 0;
}

static bool not_reconsidered(struct year *year, const struct bh_case *cased)
{
	return cased->reconsiderations == 0 && may_go_on(year, cased);
}

static bool window_over(struct year *year, const struct bh_case *cased)
{
	return year_wall_ms(year) - cased->closed_ms > ARCHIVE_MS;
}

static bool has_type(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->type != 0 && cased->type != 99999 && cased->asked == BH_ASK_NONE;
}

static bool guarded_is(struct year *year, const struct bh_case *cased, bool asked, bool held)
{
	struct bh_guarded guarded;
	return bh_reader_guarded(year->reader, cased->number, &guarded) == 0 &&
	       (guarded.asked != 0) == asked && (guarded.held != 0) == held;
}

static bool not_guarded(struct year *year, const struct bh_case *cased)
{
	return guarded_is(year, cased, false, false);
}

static bool erasure_asked(struct year *year, const struct bh_case *cased)
{
	return guarded_is(year, cased, true, false);
}

static bool held(struct year *year, const struct bh_case *cased)
{
	return guarded_is(year, cased, false, true);
}

static bool has_party(struct year *year, const struct bh_case *cased)
{
	struct bh_arena arena = BH_ARENA(1u << 20);
	struct bh_party parties[BH_PARTIES_MAX];
	size_t count = 0;
	int err = bh_reader_parties(
		year->reader, cased->number, &arena, parties, BH_PARTIES_MAX, &count);
	bh_arena_free(&arena);
	return err == 0 && count > 0;
}

/* ---- What else is said ---- */

static uint32_t unit_draw(struct year *year, uint32_t except)
{
	uint32_t units[UNITS_MAX];
	uint32_t count = year_district_units(year->district, units, UNITS_MAX);
	uint32_t unit = units[bh_simrng_below(&year->acts, count)];
	return unit != except ? unit : units[0] != except ? units[0] : units[1];
}

/* By the rule mostly. */
static bool dispatch_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	(void)cased;
	if (bh_simrng_chance(&year->acts, 100000))
		draft->unit = unit_draw(year, 0);
	return true;
}

static bool other_unit(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	draft->unit = unit_draw(year, cased->unit);
	return true;
}

static bool until_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	(void)cased;
	draft->until_ms = year_wall_ms(year) +
			  bh_simrng_between(&year->acts, YEAR_DAY, 20 * YEAR_DAY);
	return true;
}

static bool amend_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	static const uint32_t types[] = {
		BH_DEMO_LITTER, BH_DEMO_STALL, BH_DEMO_COVER, BH_DEMO_HAZARD, BH_DEMO_QUARREL};
	uint32_t type = types[bh_simrng_below(&year->acts, sizeof(types) / sizeof(types[0]))];
	draft->type = type == cased->type ? 0 : type;
	if (draft->type == 0)
		draft->urgency = cased->urgency == 2 ? 3 : 2;
	return true;
}

static bool answer_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	(void)cased;
	draft->reason_code = (uint32_t)bh_simrng_between(
		&year->acts, BH_FOLLOW_SATISFIED, BH_FOLLOW_RECURRED);
	return true;
}

/* Another report of late that goes on. */
static bool main_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	struct bh_case main;
	uint32_t back = (uint32_t)bh_simrng_below(&year->acts, MAIN_BACK) + 1;
	if (back > year->cases_count)
		return false;
	uint64_t number = year->cases[year->cases_count - back].number;
	draft->main_number = number;
	return number != cased->number && bh_reader_case(year->reader, number, &main) == 0 &&
	       main.state != BH_STATE_MERGED && !bh_state_is_end((enum bh_state)main.state);
}

static bool purpose_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	(void)year;
	(void)cased;
	draft->reason_code = BH_PURPOSE_HANDLING;
	return true;
}

static void party_pay(struct year *year, struct year_order *order)
{
	const struct bh_party plain = {.role = BH_PARTY_COMPLAINANT,
		.consent = BH_CONSENT_GIVEN,
		.name = bh_span(party_name, sizeof(party_name) - 1),
		.contact = bh_span(party_contact, sizeof(party_contact) - 1)};
	(void)year;
	year_must(bh_party_encode(&plain, &order->payload) == 0, "party");
	order->command.payload = bh_buf_span(&order->payload);
	order->command.text = bh_span(NULL, 0);
}

/* ---- The table ---- */

#define S(name) (1u << BH_STATE_##name)
#define WAITING (S(RECEIVED) | S(FILED))
#define WITH_UNIT (S(DISPATCHED) | S(HANDLING))
#define OPEN_STATES                                                                   \
	(WAITING | WITH_UNIT | S(VERIFYING) | S(RETURNING) | S(SUSPENDED) | S(DONE) | \
		S(CHECKING) | S(REWORK))
#define ENDED (S(ARCHIVED) | S(FOLLOWED) | S(REJECTED) | S(VOID))
#define BY(name) .who = YEAR_BY_ROLE, .role = BH_ROLE_##name
#define WHO(name) .who = YEAR_BY_##name
#define DEVICE .device = true
#define STRAIGHT .straight = true
#define ASIDE .straight = false
#define ACT(verb_, states_, share_, least_, ...)                                 \
	{                                                                        \
		.verb = BH_VERB_##verb_, .states = (states_), .share = (share_), \
		.least = (least_), __VA_ARGS__                                   \
	}
/* Made without a case before them, or by the server alone. */
#define SELF(verb_, least_, by_worker_)                                           \
	{                                                                         \
		.verb = BH_VERB_##verb_, .least = (least_), .who = YEAR_BY_CLOCK, \
		.by_worker = (by_worker_)                                         \
	}

/* clang-format off */
const struct year_act year_acts[] = {
	ACT(VERIFY, S(RECEIVED), 60, 600, BY(ACCEPTOR), ASIDE, .fits = nothing_asked),
	ACT(ANSWER_VERIFY, S(VERIFYING), 800, 400, WHO(TASK), DEVICE, STRAIGHT),
	ACT(FILE, S(RECEIVED), 150, 1500, BY(ACCEPTOR), ASIDE, .fits = has_type),
	ACT(REFUSE, S(RECEIVED), 30, 300, BY(ACCEPTOR), ASIDE),
	ACT(MERGE, S(RECEIVED), 40, 200, BY(ACCEPTOR), ASIDE, .fits = may_go_on,
		.fill = main_fill),
	ACT(MERGE, S(RECEIVED), 700, 0, BY(ACCEPTOR), ASIDE, .fits = is_main,
		.fill = main_fill),
	ACT(REFER, S(RECEIVED), 20, 200, BY(ACCEPTOR), ASIDE),
	ACT(ASK_VOID, WAITING, 20, 200, BY(ACCEPTOR), ASIDE, .fits = nothing_asked),
	ACT(VOID, WAITING, 500, 100, BY(SHIFT_LEADER), ASIDE, .fits = void_asked),
	ACT(REFUSE_ASK, WAITING, 250, 150, BY(SHIFT_LEADER), STRAIGHT, .fits = void_asked),
	ACT(AMEND, OPEN_STATES, 15, 1000, BY(ACCEPTOR), ASIDE, .fill = amend_fill),
	ACT(DISPATCH, WAITING, 500, 9000, BY(DISPATCHER), STRAIGHT, .fits = nothing_asked,
		.fill = dispatch_fill),
	ACT(SIGN, S(DISPATCHED), 650, 8000, WHO(HANDLER), DEVICE, STRAIGHT),
	ACT(RETURN, WITH_UNIT, 40, 500, WHO(LEAD), ASIDE, .fits = nothing_asked),
	ACT(REDIRECT, WITH_UNIT, 20, 500, BY(DISPATCHER), ASIDE, .fill = other_unit),
	ACT(ACCEPT_RETURN, S(RETURNING), 550, 200, BY(DISPATCHER), STRAIGHT),
	ACT(REFUSE_RETURN, S(RETURNING), 300, 100, BY(DISPATCHER), ASIDE,
		.fits = not_refused_before),
	ACT(REFUSE_RETURN, S(RETURNING), 300, 0, BY(SHIFT_LEADER), ASIDE,
		.fits = refused_before),
	ACT(ASK_EXTENSION, S(HANDLING), 30, 300, WHO(HANDLER), ASIDE, .fits = nothing_asked),
	ACT(ASK_EXTENSION, S(HANDLING), 600, 0, WHO(LEAD), ASIDE, .fits = extension_of_unit),
	ACT(ASK_SUSPENSION, S(HANDLING), 30, 300, WHO(HANDLER), ASIDE, .fits = nothing_asked,
		.fill = until_fill),
	ACT(ASK_SUSPENSION, S(HANDLING), 600, 0, WHO(LEAD), ASIDE, .fits = suspension_of_unit,
		.fill = until_fill),
	ACT(EXTEND, S(HANDLING), 600, 50, BY(DISPATCHER), ASIDE, .fits = extension_of_desk),
	ACT(SUSPEND, S(HANDLING), 600, 50, BY(DISPATCHER), ASIDE, .fits = suspension_of_desk),
	ACT(REFUSE_ASK, S(HANDLING), 150, 0, BY(DISPATCHER), ASIDE, .fits = asked_of_desk),
	ACT(REFUSE_ASK, S(HANDLING), 150, 0, WHO(LEAD), ASIDE, .fits = extension_of_unit),
	ACT(RESUME, S(SUSPENDED), 150, 20, BY(DISPATCHER), STRAIGHT),
	ACT(MOVE_UP, S(HANDLING), 100, 100, WHO(TIER), ASIDE, .fits = dispute_of_township),
	ACT(RECEIVE, S(TIER_MOVING), 500, 30, WHO(TIER), STRAIGHT),
	ACT(ASK_HELP, S(HANDLING), 40, 400, WHO(LEAD), ASIDE, .fits = no_help,
		.fill = other_unit),
	ACT(HELP_DONE, WITH_UNIT | S(RETURNING) | S(SUSPENDED), 500, 150, WHO(TASK), DEVICE,
		STRAIGHT, .fits = help_open),
	ACT(FINISH, S(HANDLING), 450, 8000, WHO(HANDLER), DEVICE, STRAIGHT, .fits = no_help),
	ACT(CHECK, S(DONE), 200, 2000, BY(ACCEPTOR), STRAIGHT, .fits = not_checked),
	ACT(PASS, S(CHECKING), 600, 800, WHO(TASK), DEVICE, STRAIGHT, .fits = not_failed),
	ACT(CHECK_FAILED, S(CHECKING), 120, 150, WHO(TASK), DEVICE, ASIDE, .fits = not_failed),
	ACT(FAIL, S(CHECKING), 600, 500, BY(ACCEPTOR), STRAIGHT, .fits = check_failed),
	ACT(FAIL, S(DONE), 40, 0, BY(ACCEPTOR), ASIDE),
	ACT(START, S(REWORK), 600, 200, WHO(LEAD), STRAIGHT),
	ACT(CLOSE, S(DONE), 500, 5000, BY(ACCEPTOR), STRAIGHT),
	ACT(REOPEN, S(CLOSED), 15, 150, WHO(REPORTER), ASIDE, .fits = may_go_on),
	ACT(REOPEN, S(CLOSED), 10, 0, BY(SUPERVISOR), ASIDE, .fits = may_go_on),
	ACT(ARCHIVE, S(CLOSED), 700, 3000, BY(ARCHIVIST), STRAIGHT, .fits = window_over),
	ACT(FOLLOW_TRY, S(ARCHIVED), 100, 1000, BY(FOLLOWUP_AGENT), ASIDE),
	ACT(FOLLOW_UP, S(ARCHIVED), 400, 5000, BY(FOLLOWUP_AGENT), STRAIGHT,
		.fill = answer_fill),
	ACT(RECUR, S(ARCHIVED) | S(FOLLOWED), 3, 100, BY(SUPERVISOR), ASIDE, .fits = may_go_on),
	ACT(RECONSIDER, S(REJECTED), 60, 50, WHO(REPORTER), ASIDE, .fits = not_reconsidered),
	ACT(UNMERGE, S(MERGED), 8, 20, BY(ACCEPTOR), ASIDE, .fits = may_go_on),
	ACT(PARTY, S(RECEIVED) | S(HANDLING), 20, 400, BY(ACCEPTOR), ASIDE, .pay = party_pay),
	ACT(OPEN, S(HANDLING) | S(ARCHIVED), 100, 100, BY(ACCEPTOR), ASIDE, .fits = has_party,
		.fill = purpose_fill),
	ACT(HOLD, ENDED, 3, 100, BY(ARCHIVIST), ASIDE, .fits = not_guarded),
	ACT(UNHOLD, ENDED, 200, 30, BY(PRIVACY_OFFICER), ASIDE, .fits = held),
	ACT(ASK_ERASE, ENDED, 3, 100, BY(PRIVACY_OFFICER), ASIDE, .fits = not_guarded),
	ACT(ERASE, ENDED, 300, 40, BY(ARCHIVIST), ASIDE, .fits = erasure_asked),
	SELF(SUBMIT, 20000, false),
	SELF(SERVICE, 200000, true),
	SELF(PATROL, 50000, true),
	SELF(DELIVERED, 18000, false),
	SELF(SEEN, 12000, false),
	SELF(REMIND, 5000, false),
	SELF(BREACH, 1, false),
	SELF(WARN, 5000, false),
	SELF(OVERDUE, 2000, false),
	SELF(RECOMPUTE, 20, false),
	SELF(MAIN_ENDED, 100, false),
	SELF(MAIN_MOVED, 1, false),
	SELF(CHECK_OVERDUE, 500, false),
	SELF(TASK_LAPSED, 100, false),
	SELF(TASK_WITHDRAWN, 10, false),
	SELF(PROFILE, 10, true),
	SELF(ENROLLED, 380, true),
	SELF(REVOKE, 30, true),
	SELF(CLOCK_ALARM, 5, true),
	SELF(CLOCK_CONFIRM, 5, true),
};
/* clang-format on */

const size_t year_acts_count = sizeof(year_acts) / sizeof(year_acts[0]);
