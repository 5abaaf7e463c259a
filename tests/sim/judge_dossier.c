/* What must hold of dossiers, entry by entry (S0-54): a paper is of a kind, what goes on is not
 * sealed and no seal covers what another covers already, what is lent is archived and lent once,
 * what is withdrawn stood; and at the end each seal is that of its entries, and papers count as
 * they stand. */
#include <string.h>

#include "server/domain/paper_file.h"
#include "server/store/dossier.h"
#include "tests/sim/judge_state.h"
#include "tests/sim/server.h"

static struct bh_dossier_row *last_of(struct bh_simjudge *judge, uint64_t number, uint32_t verb)
{
	for (size_t i = judge->dossiers_count; i-- > 0;)
		if (judge->dossiers[i].row.number == number && judge->dossiers[i].row.verb == verb)
			return &judge->dossiers[i].row;
	return NULL;
}

static struct bh_simpaper *paper_add(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	bh_simjudge_grow((void **)&judge->dossiers, &judge->dossiers_room, judge->dossiers_count,
		sizeof(*judge->dossiers));
	struct bh_simpaper *added = &judge->dossiers[judge->dossiers_count++];
	*added = (struct bh_simpaper){.row = {.position = entry->position,
					      .number = entry->case_number,
					      .verb = entry->verb}};
	return added;
}

/* One that stands, by its position; it stays where it is, and counts no more. */
static void withdrawn(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	struct bh_dossier_row *paper = NULL;
	uint64_t position = 0;

	if (bh_withdraw_decode(entry->header, &position) != 0)
		bh_simjudge_break(judge, "I6", entry, "it withdraws nothing");
	for (size_t i = 0; i < judge->dossiers_count; i++)
		if (judge->dossiers[i].row.position == position)
			paper = &judge->dossiers[i].row;
	if (paper == NULL || paper->verb != BH_VERB_PAPER || paper->back != 0 ||
		paper->number != entry->case_number)
		bh_simjudge_break(judge, "I6", entry, "no such paper of the case stands");
	paper->back = entry->position;
	paper_add(judge, entry);
	judge->run->tally.papers_withdrawn++;
}

static void sealed(
	struct bh_simjudge *judge, const struct bh_entry *entry, const struct bh_case *cased)
{
	struct bh_seal_said said;

	if (bh_seal_decode(entry->header, &said) != 0 || said.count == 0 ||
		said.upto >= entry->position || said.upto < cased->last)
		bh_simjudge_break(judge, "I6", entry, "a seal covers what is not there");
	if (!bh_state_is_end((enum bh_state)cased->state))
		bh_simjudge_break(judge, "I6", entry, "what goes on is sealed");
	for (size_t i = 0; i < judge->dossiers_count; i++)
		if (judge->dossiers[i].row.number == entry->case_number &&
			judge->dossiers[i].row.verb == BH_VERB_SEAL &&
			judge->dossiers[i].said.upto >= said.upto)
			bh_simjudge_break(judge, "I6", entry, "it was sealed so before");
	paper_add(judge, entry)->said = said;
	judge->run->tally.seals++;
}

static void lent(
	struct bh_simjudge *judge, const struct bh_entry *entry, const struct bh_case *cased)
{
	const struct bh_dossier_row *before = last_of(judge, entry->case_number, BH_VERB_LEND);
	int64_t until_ms = 0;

	if (bh_loan_decode(entry->header, &until_ms) != 0 || until_ms <= entry->at_ms)
		bh_simjudge_break(judge, "I6", entry, "it is lent without a date");
	if (cased->state != BH_STATE_ARCHIVED && cased->state != BH_STATE_FOLLOWED)
		bh_simjudge_break(judge, "I6", entry, "what is lent is not archived");
	if (before != NULL && before->back == 0)
		bh_simjudge_break(judge, "I6", entry, "it is lent already");
	paper_add(judge, entry)->row.until_ms = until_ms;
	judge->run->tally.loans++;
}

static void given_back(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	struct bh_dossier_row *loan = last_of(judge, entry->case_number, BH_VERB_LEND);

	if (loan == NULL || loan->back != 0)
		bh_simjudge_break(judge, "I6", entry, "it is not lent");
	loan->back = entry->position;
	judge->run->tally.loans_back++;
}

/* By the clock, once, and not before its day. */
static void overdue(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	struct bh_dossier_row *loan = last_of(judge, entry->case_number, BH_VERB_LEND);

	if (entry->log_short != BH_LOG_CLOCK || loan == NULL || loan->back != 0 ||
		loan->kind != 0 || entry->at_ms < loan->until_ms)
		bh_simjudge_break(judge, "I8", entry, "nothing is overdue there");
	loan->kind = 1;
}

void bh_simjudge_dossier(
	struct bh_simjudge *judge, const struct bh_entry *entry, const struct bh_case *cased)
{
	struct bh_paper_said paper = {.kind = 0};

	if (entry->verdict != BH_VERDICT_ACCEPTED || entry->cycle != 0 ||
		entry->decision.len != 0 || cased->number == 0 ||
		(entry->person == 0) != (entry->verb == BH_VERB_LOAN_OVERDUE))
		bh_simjudge_break(judge, "I6", entry, "it moves its case, or is nobody's");
	switch (entry->verb) {
	case BH_VERB_PAPER:
		if (bh_paper_decode(entry->header, &paper) != 0)
			bh_simjudge_break(judge, "I6", entry, "a paper of no kind");
		if (paper.form != BH_PAPER_FORM_NONE)
			bh_simjudge_paper_file(judge, entry, &paper);
		paper_add(judge, entry)->row.kind = paper.kind;
		judge->run->tally.papers++;
		break;
	case BH_VERB_WITHDRAW_PAPER:
		withdrawn(judge, entry);
		break;
	case BH_VERB_SEAL:
		sealed(judge, entry, cased);
		break;
	case BH_VERB_LEND:
		lent(judge, entry, cased);
		break;
	case BH_VERB_LOAN_OVERDUE:
		overdue(judge, entry);
		break;
	default:
		given_back(judge, entry);
		break;
	}
}

void bh_simjudge_dossiers_forget(struct bh_simjudge *judge)
{
	judge->dossiers_count = 0;
}

/* By the entries that the store gives, up to the one that it says. */
static void seal_is_right(struct bh_simjudge *judge, const struct bh_simpaper *paper)
{
	struct bh_store_reader *reader = bh_simserver_reader(judge->run->server);
	struct bh_dossier_entries entries = {0};
	struct bh_seal_said said = {.upto = 0};

	bh_assert(bh_reader_dossier(reader, paper->row.number, &entries) == 0);
	bh_assert(bh_dossier_seal(judge->hasher, BH_SIM_DISTRICT, paper->row.number, entries.items,
			  entries.count, paper->said.upto, &said) == 0);
	bh_dossier_entries_free(&entries);
	if (said.count != paper->said.count ||
		memcmp(said.hash, paper->said.hash, BH_HASH_BYTES) != 0)
		bh_simrun_fail(judge->run, "I12", "seal %llu is not that of its %u entries",
			(unsigned long long)paper->row.position, said.count);
}

/* Of what people added to a case, by the judge's own rows: what stands counts, and what was
 * withdrawn does not, nor its file. */
static void papers_are_right(struct bh_simjudge *judge, uint64_t number,
	const struct bh_dossier_entries *entries, const struct bh_dossier *dossier)
{
	uint32_t added = 0, brought = 0, others = 0;

	for (size_t i = 0; i < judge->dossiers_count; i++) {
		const struct bh_dossier_row *row = &judge->dossiers[i].row;
		bool paper = row->number == number && row->verb == BH_VERB_PAPER;
		brought += paper;
		added += paper && row->back == 0;
		others += paper && row->back == 0 && row->kind == BH_PAPER_OTHER;
		for (size_t k = 0; paper && row->back != 0 && k < entries->count; k++)
			if (entries->items[k].position == row->position &&
				entries->items[k].photos != 0)
				bh_simrun_fail(judge->run, "I6", "a withdrawn file counts at %llu",
					(unsigned long long)row->position);
	}
	if (added != dossier->added || brought != dossier->brought ||
		(others != 0) != ((dossier->present & 1u << BH_PAPER_OTHER) != 0))
		bh_simrun_fail(judge->run, "I6",
			"case %u-%u has %u papers of people, %u of them withdrawn, and counts "
			"%u of %u",
			(unsigned)(number >> 32), (unsigned)(number & 0xffffffffu), brought,
			brought - added, dossier->added, dossier->brought);
}

static void papers_count(struct bh_simjudge *judge, uint64_t number)
{
	struct bh_store_reader *reader = bh_simserver_reader(judge->run->server);
	struct bh_dossier_entries entries = {0};
	struct bh_dossier dossier = {0};

	bh_assert(bh_reader_dossier(reader, number, &entries) == 0);
	bh_dossier_judge(entries.items, entries.count, 0, &dossier);
	papers_are_right(judge, number, &entries, &dossier);
	bh_dossier_entries_free(&entries);
}

void bh_simjudge_dossiers_end(struct bh_simjudge *judge)
{
	struct bh_store_reader *reader = bh_simserver_reader(judge->run->server);

	for (size_t i = 0; i < judge->dossiers_count; i++) {
		const struct bh_simpaper *paper = &judge->dossiers[i];
		struct bh_dossier_row row = {0};
		size_t count = 0;
		bh_assert(bh_reader_dossier_rows(reader, paper->row.number, paper->row.position - 1,
				  &row, 1, &count) == 0);
		if (count != 1 || row.position != paper->row.position ||
			row.verb != paper->row.verb || row.kind != paper->row.kind ||
			row.until_ms != paper->row.until_ms || row.back != paper->row.back)
			bh_simrun_fail(judge->run, "I12",
				"row %llu of a dossier is not what its entries say",
				(unsigned long long)paper->row.position);
		if (paper->row.verb == BH_VERB_SEAL)
			seal_is_right(judge, paper);
		if (paper->row.verb == BH_VERB_PAPER)
			papers_count(judge, paper->row.number);
	}
}
