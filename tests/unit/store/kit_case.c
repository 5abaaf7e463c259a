/* A case of a test: reported, acted on at a desk, checked, read. */
#include <string.h>

#include "tests/unit/store/kit.h"

uint64_t kit_report(struct kit *kit, struct phone *phone, const char *text)
{
	struct push push;

	push_begin(&push);
	push_report(kit, &push, phone, text);
	assert_int_equal(push_run(kit, &push), 0);
	assert_int_equal(push.outcomes[0].verdict, BH_VERDICT_ACCEPTED);
	uint64_t number = push.outcomes[0].case_number;
	push_end(&push);
	return number;
}

struct bh_command kit_desk(enum bh_verb verb, uint32_t person, uint64_t number, const char *text)
{
	struct bh_command command = {
		.source = BH_SOURCE_DESK,
		.verb = verb,
		.person = person,
		.case_number = number,
		.text = bh_span(text, strlen(text)),
	};
	bh_demo_say(&command);
	return command;
}

struct bh_case kit_case(struct kit *kit, uint64_t number)
{
	struct bh_case cased;

	assert_int_equal(bh_reader_case(kit->reader, number, &cased), 0);
	return cased;
}

void kit_check(struct kit *kit, uint64_t number)
{
	struct bh_command command = kit_desk(
		BH_VERB_CHECK, BH_DEMO_PERSON(ACCEPTOR), number, "please");

	command.assignee = BH_DEMO_WORKER(1111);
	assert_int_equal(kit_run(kit, &command).verdict, BH_VERDICT_ACCEPTED);
	command = kit_desk(BH_VERB_PASS, BH_DEMO_WORKER(1111), number, "seen");
	command.task = kit_case(kit, number).task;
	assert_int_equal(kit_run(kit, &command).verdict, BH_VERDICT_ACCEPTED);
}
