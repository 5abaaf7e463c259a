/* A command of a desk takes effect once, and who gives it again is told so.  What it registered is
 * a case of its own, in the name of who did it, under a number of the desks' log; and such a number
 * stands for one matter for ever, also where the server was put back and lost it (I16). */
#include <string.h>

#include "proto/number.h"
#include "server/domain/intake.h"
#include "tests/sim/judge_state.h"

/* The order that it is of: its text names it; an invitation has a hash in its place. */
static uint64_t desk_id(const struct bh_entry *entry)
{
	uint64_t id = 0;

	if (entry->verb == BH_VERB_INVITE || entry->content.len < 2 || entry->content.data[0] == 0)
		return 0;
	const uint8_t *at = memchr(entry->content.data, 'd', entry->content.len - 1);
	const uint8_t *end = entry->content.data + entry->content.len;
	while (at != NULL && ++at < end && *at >= '0' && *at <= '9')
		id = id * 10 + (uint64_t)(*at - '0');
	return id;
}

void bh_simjudge_desk(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	uint64_t id = desk_id(entry);

	if (id == 0)
		return;
	for (size_t i = 0; i < judge->desk_ids_count; i++) {
		if (judge->desk_ids[i] == id)
			bh_simjudge_break(judge, "I2", entry, "one command of a desk acted twice");
	}
	bh_simjudge_grow((void **)&judge->desk_ids, &judge->desk_ids_room, judge->desk_ids_count,
		sizeof(*judge->desk_ids));
	judge->desk_ids[judge->desk_ids_count++] = id;
}

/* What it is told of a repeat is what came of the first. */
void bh_simjudge_refused(struct bh_simjudge *judge, uint64_t order)
{
	for (size_t i = 0; i < judge->desk_ids_count; i++) {
		if (judge->desk_ids[i] == order)
			bh_simrun_fail(judge->run, "I2",
				"order %llu of a desk took effect and is told to be refused",
				(unsigned long long)order);
	}
}

static void number_is_its_own(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	const struct bh_simregistered told = {entry->case_number, desk_id(entry)};

	for (size_t i = 0; i < judge->registered_count; i++) {
		const struct bh_simregistered *other = &judge->registered[i];
		if (other->number != told.number)
			continue;
		if (other->id != told.id)
			bh_simjudge_break(
				judge, "I16", entry, "its number was told to somebody else before");
		return;
	}
	bh_simjudge_grow((void **)&judge->registered, &judge->registered_room,
		judge->registered_count, sizeof(*judge->registered));
	judge->registered[judge->registered_count++] = told;
}

void bh_simjudge_registered(
	struct bh_simjudge *judge, const struct bh_case *now, const struct bh_entry *entry)
{
	bool is_of_desks = judge->logs[entry->log_short].device == BH_SIMJUDGE_DESKS;

	if (!is_of_desks ||
		entry->case_number != bh_case_number(entry->log_short, (uint32_t)entry->seq))
		bh_simjudge_break(judge, "I2", entry, "its number is not that of the desks' log");
	if (now->reporter != entry->person || entry->person == 0 || entry->post == 0)
		bh_simjudge_break(judge, "I2", entry, "it is in nobody's name");
	if (now->intake == BH_INTAKE_HANDSET || now->intake >= BH_INTAKE_COUNT ||
		(now->by_public != 0) != bh_intake_is_public(now->intake))
		bh_simjudge_break(judge, "I6", entry, "it came in no way that there is");
	number_is_its_own(judge, entry);
	judge->cases_count++;
	judge->open_cases++;
	judge->run->tally.registered++;
}
