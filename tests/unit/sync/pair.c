/* One at a time in a process. */
#include "tests/unit/proto/cmocka_all.h"

#include "tests/unit/sync/pair.h"

#include <string.h>

int bh_pair_setup(void **state)
{
	static struct bh_pair pair;
	bh_world_open(&pair.world);
	bh_phone_enrolled(&pair.world, BH_PAIR_WORKER, &pair.worker);
	bh_phone_enrolled(&pair.world, BH_DEMO_LEAD(BH_PAIR_UNIT), &pair.lead);
	*state = &pair;
	return 0;
}

int bh_pair_teardown(void **state)
{
	struct bh_pair *pair = *state;
	bh_phone_free(&pair->worker);
	bh_phone_free(&pair->lead);
	bh_world_close(&pair->world);
	return 0;
}

uint64_t bh_pair_report(struct bh_pair *pair)
{
	uint64_t seq = bh_phone_report(&pair->worker, BH_PAIR_TEXT);
	assert_int_equal(bh_phone_pushed(&pair->worker, seq, 1).verdicts_count, 0);
	return (uint64_t)pair->worker.log_short << 32 | seq;
}

void bh_pair_dispatch(struct bh_pair *pair, uint64_t number, uint32_t unit, const char *note)
{
	bh_world_desk(
		&pair->world, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), number, unit, note);
}

struct bh_msg_record bh_pair_expect_record(struct bh_phone *phone)
{
	struct bh_msg_delta delta = bh_phone_expect(phone, BH_SERVER_DELTA).u.delta;
	struct bh_msg_records records = bh_phone_records(phone, &delta);
	assert_int_equal(records.records_count, 1);
	assert_int_equal(records.left_count, 0);
	assert_false(delta.more);
	bh_phone_applied(phone, &delta);
	return records.records[0];
}

void bh_pair_lead_does(struct bh_pair *pair, enum bh_verb verb, uint64_t number, const char *text)
{
	struct bh_msg_op_header header = {
		.verb = verb, .case_number = number, .cycle = 1, .reason = 1};
	struct bh_msg_op_content content = {.text = bh_span(text, strlen(text))};
	uint64_t seq = bh_phone_op(&pair->lead, &header, &content);
	struct bh_msg_ack ack = bh_phone_pushed(&pair->lead, seq, 1);
	if (ack.verdicts_count > 0)
		print_message("# %s: %s\n", bh_verb_name(verb),
			bh_reason_name((enum bh_reason)ack.verdicts[0].code));
	assert_int_equal(ack.verdicts_count, 0);
}
