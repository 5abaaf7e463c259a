/* One whole loop, told as prose and compared line by line: a return, a redirect and a downtime in
 * it. */
#include "tests/unit/domain/docket.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/domain/demo_rules.h"

#define LINES_BYTES 4096

static void line_write(const struct bh_entry *entry, char *text, size_t size)
{
	int64_t minutes = (entry->at_ms - BH_DOCKET_START_MS) / 60000;
	char who[32];
	if (entry->log_short == BH_LOG_CLOCK)
		snprintf(who, sizeof who, "the clock");
	else
		snprintf(who, sizeof who, "%s %u",
			entry->log_short == BH_LOG_DESK ? "desk" : "handset", entry->person);
	int len = snprintf(text, size, "%2u +%02d:%02d %s: %s", (unsigned)entry->position,
		(int)(minutes / 60), (int)(minutes % 60), who, bh_verb_name(entry->verb));
	if (entry->from_state != entry->to_state)
		len += snprintf(text + len, size - (size_t)len, ", %s -> %s",
			bh_state_name(entry->from_state), bh_state_name(entry->to_state));
	if (entry->verb == BH_VERB_REMIND || entry->verb == BH_VERB_WARN ||
		entry->verb == BH_VERB_OVERDUE)
		len += snprintf(text + len, size - (size_t)len, " %u %%", entry->reason);
	else if (entry->verdict != BH_VERDICT_ACCEPTED)
		len += snprintf(text + len, size - (size_t)len, " (%s: %s)",
			bh_verdict_name(entry->verdict), bh_reason_name(entry->reason));
	snprintf(text + len, size - (size_t)len, "\n");
}

static void history_is(const struct bh_docket *docket, const char *expected)
{
	char text[LINES_BYTES] = "";
	for (size_t i = 0; i < docket->count; i++) {
		size_t len = strlen(text);
		line_write(&docket->entries[i], text + len, sizeof text - len);
	}
	assert_string_equal(text, expected);
}

static void desk(struct bh_docket *docket, int64_t minutes, enum bh_verb verb, uint32_t person,
	uint32_t unit, const char *text)
{
	bh_docket_run(docket, BH_DOCKET_START_MS + BH_MINUTES(minutes));
	struct bh_command command = bh_docket_desk(docket, verb, person, text);
	command.unit = unit;
	bh_docket_must(docket, &command);
}

static void op(struct bh_docket *docket, int64_t minutes, enum bh_verb verb, uint32_t person,
	const char *text)
{
	bh_docket_run(docket, BH_DOCKET_START_MS + BH_MINUTES(minutes));
	struct bh_command command = bh_docket_op(docket, verb, person, text);
	bh_docket_must(docket, &command);
}

static void test_history__of_a_whole_loop_reads_like_this(void **state)
{
	(void)state;
	struct bh_rules *rules = bh_demo_rules();
	struct bh_docket docket;
	bh_docket_open(&docket, rules);
	uint32_t cleaner = BH_DEMO_HANDLER(BH_DEMO_CLEAN_A), worker = BH_DEMO_WORKER(1111);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	desk(&docket, 20, BH_VERB_FILE, BH_DEMO_PERSON(ACCEPTOR), 0, NULL);
	desk(&docket, 30, BH_VERB_RETURN, BH_DEMO_LEAD(BH_DEMO_CLEAN_A), 0, "of the works");
	desk(&docket, 40, BH_VERB_ACCEPT_RETURN, BH_DEMO_PERSON(DISPATCHER), 0, NULL);
	bh_docket_wake(&docket, BH_DOCKET_START_MS + BH_MINUTES(100)); /* down for an hour */
	struct bh_command late = bh_docket_op(&docket, BH_VERB_SIGN, cleaner, NULL);
	late.base_position = 4;
	bh_docket_give(&docket, &late);
	desk(&docket, 110, BH_VERB_REDIRECT, BH_DEMO_PERSON(DISPATCHER), BH_DEMO_CLEAN_A, "yours");
	op(&docket, 300, BH_VERB_SIGN, cleaner, NULL);
	op(&docket, 400, BH_VERB_FINISH, cleaner, "swept");
	desk(&docket, 450, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), 0, "it has been swept");
	op(&docket, 451, BH_VERB_DELIVERED, worker, NULL);
	op(&docket, 500, BH_VERB_SEEN, worker, NULL);
	history_is(&docket, " 1 +00:00 handset 6111: submit, outbox -> received\n"
			    " 2 +00:15 the clock: remind 50 %\n"
			    " 3 +00:20 desk 5: file, received -> filed\n"
			    " 4 +00:24 the clock: remind 80 %\n"
			    " 5 +00:25 the clock: dispatch, filed -> dispatched\n"
			    " 6 +00:30 desk 2111: return, dispatched -> returning\n"
			    " 7 +00:40 desk 6: accept_return, returning -> filed\n"
			    " 8 +01:40 the clock: breach\n"
			    " 9 +01:40 the clock: dispatch, filed -> dispatched\n"
			    "10 +01:40 handset 3111: sign (stale: moved_on)\n"
			    "11 +01:50 desk 6: redirect\n"
			    "12 +05:00 handset 3111: sign, dispatched -> handling\n"
			    "13 +05:50 the clock: warn 50 %\n"
			    "14 +06:40 handset 3111: finish, handling -> done\n"
			    "15 +07:30 desk 5: close, done -> closed\n"
			    "16 +07:31 handset 6111: delivered\n"
			    "17 +08:20 handset 6111: seen\n");
	assert_int_equal(docket.cased.returns, 1);
	assert_int_equal(docket.cased.redirects, 1);
	assert_int_equal(docket.cased.dispatches, 3);
	bh_rules_unref(rules);
}

/* Nobody does anything at all: the clock brings it as far as a clock may. */
static void test_history__that_nobody_touches_reads_like_this(void **state)
{
	(void)state;
	struct bh_rules *rules = bh_demo_rules();
	struct bh_docket docket;
	bh_docket_open(&docket, rules);
	bh_docket_to_received(&docket, 0, 1222);
	bh_docket_run(&docket, BH_DOCKET_START_MS + BH_HOURS(1000));
	history_is(&docket, " 1 +00:00 handset 6222: submit, outbox -> received\n"
			    " 2 +00:15 the clock: remind 50 %\n"
			    " 3 +00:24 the clock: remind 80 %\n"
			    " 4 +00:25 the clock: dispatch, received -> dispatched\n"
			    " 5 +01:25 the clock: warn 50 %\n"
			    " 6 +02:01 the clock: warn 80 %\n"
			    " 7 +02:25 the clock: sign, dispatched -> handling\n"
			    " 8 +02:25 the clock: overdue 100 %\n"
			    " 9 +26:25 the clock: overdue 124 %\n"
			    "10 +74:25 the clock: overdue 172 %\n"
			    "11 +167:00 the clock: overdue 200 %\n"
			    "12 +335:00 the clock: overdue 200 %\n"
			    "13 +578:25 the clock: overdue 200 %\n");
	assert_int_equal(docket.cased.auto_signed, 1);
	assert_int_not_equal(docket.cased.disposal_due_ms, 0);
	bh_rules_unref(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_history__of_a_whole_loop_reads_like_this),
		cmocka_unit_test(test_history__that_nobody_touches_reads_like_this),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
