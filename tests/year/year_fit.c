/* When a line of the table fits a case, and what else is said with its command. */
#include "tests/year/year_fit.h"

#include "proto/err.h"
#include "server/domain/privacy.h"
#include "server/store/dossier.h"
#include "server/store/privacy.h"

#define UNITS_MAX 128u
#define MAIN_BACK 60u /* how far back a main case is looked for */
#define WAITING_BACK 8u
#define WAITING_PPM 400000u
#define CYCLES_MAX 5u
#define ARCHIVE_MS (4 * YEAR_DAY)
#define ROWS_MAX 32u /* of a dossier */

static const char party_name[] = "placeholder-of-a-name";
static const char party_contact[] = "placeholder-of-a-number";

/* ---- Conditions ---- */

bool year_void_asked(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->asked == BH_ASK_VOID;
}

bool year_nothing_asked(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->asked == BH_ASK_NONE;
}

bool year_extension_of_unit(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->asked == BH_ASK_EXTENSION && cased->asked_level == BH_ASK_OF_UNIT;
}

bool year_suspension_of_unit(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->asked == BH_ASK_SUSPENSION && cased->asked_level == BH_ASK_OF_UNIT;
}

bool year_extension_of_desk(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->asked == BH_ASK_EXTENSION && cased->asked_level == BH_ASK_OF_DESK;
}

bool year_suspension_of_desk(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->asked == BH_ASK_SUSPENSION && cased->asked_level == BH_ASK_OF_DESK;
}

bool year_asked_of_desk(struct year *year, const struct bh_case *cased)
{
	return year_extension_of_desk(year, cased) || year_suspension_of_desk(year, cased);
}

bool year_no_help(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->open_helps == 0;
}

bool year_help_open(struct year *year, const struct bh_case *cased)
{
	return !year_no_help(year, cased);
}

bool year_dispute_of_township(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->tier == 2;
}

bool year_not_checked(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->checked == BH_CHECKED_NOT || cased->checked == BH_CHECKED_LAPSED;
}

bool year_check_failed(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->checked == BH_CHECKED_FAILED;
}

bool year_not_failed(struct year *year, const struct bh_case *cased)
{
	return !year_check_failed(year, cased);
}

bool year_refused_before(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->refusals > 0;
}

bool year_not_refused_before(struct year *year, const struct bh_case *cased)
{
	return !year_refused_before(year, cased);
}

bool year_may_go_on(struct year *year, const struct bh_case *cased)
{
	(void)year;
	return cased->cycle < CYCLES_MAX;
}

/* Another was merged into it already. */
bool year_is_main(struct year *year, const struct bh_case *cased)
{
	uint64_t merged[BH_MERGED_MAX];
	size_t count = 0;
	return year_may_go_on(year, cased) &&
	       bh_reader_merged(year->reader, cased->number, merged, &count) == 0 && count > 0;
}

bool year_not_reconsidered(struct year *year, const struct bh_case *cased)
{
	return cased->reconsiderations == 0 && year_may_go_on(year, cased);
}

bool year_window_over(struct year *year, const struct bh_case *cased)
{
	return year_wall_ms(year) - cased->closed_ms > ARCHIVE_MS;
}

bool year_has_type(struct year *year, const struct bh_case *cased)
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

bool year_not_guarded(struct year *year, const struct bh_case *cased)
{
	return guarded_is(year, cased, false, false);
}

bool year_erasure_asked(struct year *year, const struct bh_case *cased)
{
	return guarded_is(year, cased, true, false);
}

bool year_held(struct year *year, const struct bh_case *cased)
{
	return guarded_is(year, cased, false, true);
}

bool year_has_party(struct year *year, const struct bh_case *cased)
{
	struct bh_arena arena = BH_ARENA(1u << 20);
	struct bh_party parties[BH_PARTIES_MAX];
	size_t count = 0;
	int err = bh_reader_parties(
		year->reader, cased->number, &arena, parties, BH_PARTIES_MAX, &count);
	bh_arena_free(&arena);
	return err == 0 && count > 0;
}

bool year_lent(struct year *year, const struct bh_case *cased)
{
	struct bh_dossier_row rows[ROWS_MAX];
	size_t count = 0;
	bool out = false;
	if (bh_reader_dossier_rows(year->reader, cased->number, 0, rows, ROWS_MAX, &count) != 0)
		return false;
	for (size_t i = 0; i < count; i++)
		out |= rows[i].verb == BH_VERB_LEND && rows[i].back == 0;
	return out;
}

bool year_not_lent(struct year *year, const struct bh_case *cased)
{
	return !year_lent(year, cased);
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
bool year_dispatch_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	(void)cased;
	if (bh_simrng_chance(&year->acts, 100000))
		draft->unit = unit_draw(year, 0);
	return true;
}

bool year_other_unit(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	draft->unit = unit_draw(year, cased->unit);
	return true;
}

bool year_until_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	(void)cased;
	draft->until_ms = year_wall_ms(year) +
			  bh_simrng_between(&year->acts, YEAR_DAY, 20 * YEAR_DAY);
	return true;
}

bool year_amend_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	static const uint32_t types[] = {
		BH_DEMO_LITTER, BH_DEMO_STALL, BH_DEMO_COVER, BH_DEMO_HAZARD, BH_DEMO_QUARREL};
	uint32_t type = types[bh_simrng_below(&year->acts, sizeof(types) / sizeof(types[0]))];
	draft->type = type == cased->type ? 0 : type;
	if (draft->type == 0)
		draft->urgency = cased->urgency == 2 ? 3 : 2;
	return true;
}

bool year_answer_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	(void)cased;
	draft->reason_code = (uint32_t)bh_simrng_between(
		&year->acts, BH_FOLLOW_SATISFIED, BH_FOLLOW_RECURRED);
	return true;
}

/* One that just came and waits, which may be merged itself; 0: none does. */
static uint64_t waiting_find(struct year *year, uint64_t except)
{
	struct bh_case cased;
	for (uint32_t back = 1; back <= WAITING_BACK && back <= year->cases_count; back++) {
		uint64_t number = year->cases[year->cases_count - back].number;
		if (number != except && bh_reader_case(year->reader, number, &cased) == 0 &&
			cased.state == BH_STATE_RECEIVED)
			return number;
	}
	return 0;
}

/* Another report of late that goes on. */
bool year_main_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	struct bh_case main;
	bool waits = bh_simrng_chance(&year->acts, WAITING_PPM);
	uint32_t back = (uint32_t)bh_simrng_below(&year->acts, MAIN_BACK) + 1;
	uint64_t number = waits ? waiting_find(year, cased->number) : 0;
	if (number == 0 && back > year->cases_count)
		return false;
	if (number == 0)
		number = year->cases[year->cases_count - back].number;
	draft->main_number = number;
	return number != cased->number && bh_reader_case(year->reader, number, &main) == 0 &&
	       main.state != BH_STATE_MERGED && !bh_state_is_end((enum bh_state)main.state);
}

bool year_purpose_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	(void)year;
	(void)cased;
	draft->reason_code = BH_PURPOSE_HANDLING;
	return true;
}

void year_party_pay(struct year *year, struct year_order *order)
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
