/* What stands in quarantine, and what an administrator says of it (B12, I14):
 *
 *   held ──▶ released, once ──▶ one case under the op's own number, told to the reporter's handsets
 *    │  └──▶ discarded, once ──▶ no case; it may be let in after all
 *    └─────▶ nobody said anything ──▶ no case
 */
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "server/domain/rights.h"
#include "tests/sim/desk.h"
#include "tests/sim/judge_state.h"
#include "tests/sim/phone.h"
#include "tests/sim/server.h"

#define ROWS_MAX 100u

static uint32_t token_of(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	struct bh_msg_op_content content;
	int reason = 0;

	if (entry->verb != BH_VERB_SUBMIT)
		return 0;
	bh_assert(bh_op_decode_content(entry->content, &judge->arena, &content, &reason) == 0);
	return bh_simtruth_token(content.text.data, content.text.len);
}

static size_t op_of(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	struct bh_msg_op_header header;
	int reason = 0;

	if (bh_op_decode_header(entry->header, &judge->arena, &header, &reason) != 0)
		return SIZE_MAX;
	return bh_simjudge_op_of(judge, entry, &header);
}

void bh_simjudge_held(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	bool held = entry->verdict == BH_VERDICT_QUARANTINED;

	judge->run->tally.quarantined += held;
	if (!held || entry->case_number == 0)
		return;
	bh_simjudge_grow(
		(void **)&judge->held, &judge->held_room, judge->held_count, sizeof(*judge->held));
	judge->held[judge->held_count++] = (struct bh_simheld){.position = entry->position,
		.number = entry->case_number,
		.device = entry->device,
		.token = token_of(judge, entry),
		.op = op_of(judge, entry),
		.at_ms = entry->at_ms};
}

static struct bh_simheld *find(const struct bh_simjudge *judge, uint64_t position)
{
	for (size_t i = 0; i < judge->held_count; i++) {
		if (judge->held[i].position == position)
			return &judge->held[i];
	}
	return NULL;
}

const struct bh_simheld *bh_simjudge_held_of(
	const struct bh_simjudge *judge, const struct bh_entry *entry)
{
	return find(judge, entry->prev);
}

/* The reason that is journalled says what was meant. */
static bool is_as_meant(struct bh_simjudge *judge, const struct bh_entry *entry, bool releases)
{
	const char *meant = releases ? BH_SIMDESK_LETS_IN : BH_SIMDESK_PUTS_AWAY;
	struct bh_msg_op_content content;
	int reason = 0;

	bh_assert(bh_op_decode_content(entry->content, &judge->arena, &content, &reason) == 0);
	return bh_span_equal(content.text, bh_span(meant, strlen(meant)));
}

void bh_simjudge_decided(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	struct bh_simheld *held = find(judge, entry->prev);
	bool releases = entry->cycle != 0;

	if (held == NULL || held->number != entry->case_number)
		bh_simjudge_break(judge, "I14", entry, "no op stands in quarantine there");
	if (entry->person == 0 || !is_as_meant(judge, entry, releases))
		bh_simjudge_break(judge, "I14", entry, "nobody meant it so");
	if (held->released)
		bh_simjudge_break(judge, "I14", entry, "it was let in before");
	if (!releases && (held->discarded || entry->decision.len != 0 || entry->to_state != 0))
		bh_simjudge_break(judge, "I14", entry, "it was put away before, or has effect");
	if (releases && held->token == 0)
		bh_simjudge_break(judge, "I14", entry, "what is let in is no report");
	held->released |= releases;
	held->discarded |= !releases;
	judge->run->tally.released += releases;
	judge->run->tally.discarded += !releases;
}

/* The report is news to its reporter at once, not only when something happens to its case. */
void bh_simjudge_let_in(
	struct bh_simjudge *judge, const struct bh_entry *entry, const struct bh_case *cased)
{
	struct bh_store_reader *reader = bh_simserver_reader(judge->run->server);
	struct bh_feed_row rows[BH_FEED_ROWS_MAX];
	size_t count = 0;
	bool told = false;

	if (judge->replaying || reader == NULL ||
		bh_reader_feed(reader, BH_SCOPE_OWN(cased->reporter), entry->position - 1, rows,
			BH_FEED_ROWS_MAX, &count) != 0)
		return;
	for (size_t i = 0; i < count && !told; i++)
		told = rows[i].case_number == cased->number && !rows[i].left;
	if (!told && count < BH_FEED_ROWS_MAX)
		bh_simjudge_break(judge, "I14", entry, "who reported it is not told of it");
}

void bh_simjudge_held_forget(struct bh_simjudge *judge)
{
	judge->held_count = 0;
}

void bh_simjudge_held_free(struct bh_simjudge *judge)
{
	free(judge->held);
}

/* ---- The last word ---- */

static void cases_are_right(struct bh_simjudge *judge)
{
	for (size_t i = 0; i < judge->held_count; i++) {
		const struct bh_simheld *held = &judge->held[i];
		const struct bh_simcase *cased = bh_simjudge_case(judge, held->number);
		if (held->token == 0)
			continue;
		if (held->released && (cased == NULL || cased->token != held->token))
			bh_simrun_fail(judge->run, "I14",
				"report %u was let in and is no case of its own", held->token);
		if (!held->released && (cased != NULL || judge->number_of[held->token] != 0))
			bh_simrun_fail(judge->run, "I14",
				"report %u was let in by nobody and is a case", held->token);
		if (held->released && cased->now.received_ms < held->at_ms)
			bh_simrun_fail(judge->run, "I14", "report %u was received before it came",
				held->token);
	}
}

/* As the server lists them to an administrator. */
static void rows_are_right(struct bh_simjudge *judge, uint32_t device)
{
	struct bh_store_reader *reader = bh_simserver_reader(judge->run->server);
	struct bh_quarantine_row rows[ROWS_MAX];
	uint64_t after = 0;
	size_t count = 0, owed = 0, known = 0;

	for (size_t i = 0; i < judge->held_count; i++)
		owed += judge->held[i].device == device;
	do {
		bh_assert(bh_reader_quarantine(reader, device, after, rows, ROWS_MAX, &count) == 0);
		for (size_t i = 0; i < count; i++) {
			const struct bh_simheld *held = find(judge, rows[i].position);
			after = rows[i].position;
			known += held != NULL;
			if (held != NULL && (rows[i].released != held->released ||
						    rows[i].discarded != held->discarded))
				bh_simrun_fail(judge->run, "I14",
					"entry %llu is listed as %s%s, and is not",
					(unsigned long long)after,
					rows[i].released ? "let in " : "",
					rows[i].discarded ? "put away" : "");
		}
	} while (count == ROWS_MAX);
	if (known != owed)
		bh_simrun_fail(judge->run, "I14",
			"%zu ops of device %u stand in quarantine, and %zu are listed", owed,
			device, known);
}

/* The list names it, cut off or not. */
static void device_is_named(struct bh_simjudge *judge, uint32_t device, uint64_t undecided)
{
	struct bh_store_reader *reader = bh_simserver_reader(judge->run->server);
	struct bh_quarantine_sum sum = {.device = 0};
	size_t count = 0;

	bh_assert(bh_reader_quarantines(reader, device - 1, &sum, 1, &count) == 0);
	if (count == 0 || sum.device != device || sum.held < undecided ||
		(sum.state != BH_DEVICE_LIVE) != judge->cut_off[device])
		bh_simrun_fail(judge->run, "I14",
			"%llu ops of device %u stand in quarantine undecided, and the list says "
			"%llu of device %u, %s",
			(unsigned long long)undecided, device, (unsigned long long)sum.held,
			sum.device, sum.state == BH_DEVICE_LIVE ? "live" : "cut off");
	judge->run->tally.held_of_live += sum.state == BH_DEVICE_LIVE;
}

static void device_is_right(struct bh_simjudge *judge, uint32_t device)
{
	uint64_t undecided = 0;
	bool any = false;

	for (size_t i = 0; i < judge->held_count; i++) {
		const struct bh_simheld *held = &judge->held[i];
		any |= held->device == device;
		undecided += held->device == device && !held->released && !held->discarded;
	}
	rows_are_right(judge, device);
	if (any)
		device_is_named(judge, device, undecided);
}

/* Who reported it hears of it on the handset that he has now. */
static void phone_hears(struct bh_simjudge *judge, struct bh_simphone *phone)
{
	for (size_t i = 0; i < judge->held_count; i++) {
		const struct bh_simheld *held = &judge->held[i];
		const struct bh_simcase *cased = bh_simjudge_case(judge, held->number);
		struct bh_simphone_case seen = {0};
		if (!held->released || cased->now.reporter != bh_simphone_person(phone))
			continue;
		if (bh_simphone_case(phone, held->number, &seen) != 0 || !seen.known ||
			seen.closures == 0)
			bh_simrun_fail(judge->run, "I14",
				"handset %u: its owner's report %u was let in and closed, and it "
				"shows nothing of that",
				bh_simphone_index(phone), held->token);
		judge->run->tally.released_heard++;
	}
}

void bh_simjudge_held_end(struct bh_simjudge *judge)
{
	struct bh_simrun *run = judge->run;

	cases_are_right(judge);
	for (uint32_t device = 1; device < BH_SIMJUDGE_DEVICES_MAX; device++) {
		if (judge->person[device] != 0)
			device_is_right(judge, device);
	}
	for (uint32_t i = 0; i < run->phones_count; i++) {
		if (!bh_simphone_is_doomed(run->phones[i]))
			phone_hears(judge, run->phones[i]);
	}
}
