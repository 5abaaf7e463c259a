/* When the faults are over everything must come together, and then everything is looked at once
 * more: ops, cases, closures, records, and the file itself against a replay (I1-I9, I12). */
#include <stdio.h>
#include <string.h>

#include "server/store/task.h"
#include "server/domain/rights.h"
#include "tests/sim/judge_state.h"
#include "tests/sim/phone.h"
#include "tests/sim/server.h"

#define SCOPES_MAX 64u
#define VERIFY_VFS 2u

void bh_simjudge_checkpoint(struct bh_simjudge *judge)
{
	struct bh_store_reader *reader = bh_simserver_reader(judge->run->server);

	if (reader == NULL)
		return;
	bh_simjudge_committed(judge, reader);
	for (size_t i = 0; !judge->behind && i < BH_SIMJUDGE_SLOTS; i++) {
		if (judge->cases[i].now.number != 0)
			(void)bh_simjudge_case_holds(judge, reader, &judge->cases[i]);
	}
	for (uint32_t i = 0; i < judge->run->phones_count; i++) {
		bh_simjudge_phone(judge, judge->run->phones[i]);
		bh_simjudge_phone_photos(judge, judge->run->phones[i]);
	}
}

/* ---- Has it come together? ---- */

/* True when each scope that the person is entitled to is shown to its end. */
static bool scopes_are_told(
	struct bh_simjudge *judge, struct bh_simphone *phone, char *why, size_t size)
{
	struct bh_store_reader *reader = bh_simserver_reader(judge->run->server);
	struct bh_simphone_cursor cursors[SCOPES_MAX];
	uint64_t scopes[SCOPES_MAX];
	struct bh_rules *rules = NULL;

	if (bh_reader_rules(reader, &rules) != 0)
		return false;
	size_t count = bh_rights_scopes(rules, bh_simphone_person(phone),
		bh_simserver_district_ms(judge->run->server), scopes, SCOPES_MAX);
	size_t had = bh_simphone_cursors(phone, cursors, SCOPES_MAX);
	for (size_t i = 0; i < count; i++) {
		struct bh_feed_row row;
		uint64_t at = 0;
		size_t rows = 0;
		for (size_t k = 0; k < had; k++) {
			if (cursors[k].scope == scopes[i])
				at = cursors[k].position;
		}
		if (bh_reader_feed(reader, scopes[i], at, &row, 1, &rows) == 0 && rows == 0)
			continue;
		snprintf(why, size, "handset %u has not been told entry %llu of scope %llx",
			bh_simphone_index(phone), (unsigned long long)row.position,
			(unsigned long long)scopes[i]);
		return false;
	}
	return true;
}

static bool phone_has_converged(
	struct bh_simjudge *judge, struct bh_simphone *phone, char *why, size_t size)
{
	struct bh_simphone_log log;

	if (!bh_simphone_is_up(phone) || !bh_simphone_log(phone, &log)) {
		snprintf(why, size, "handset %u is %s", bh_simphone_index(phone),
			bh_simphone_cause(phone));
		return false;
	}
	const struct bh_simheard *held = bh_simjudge_log_of(judge, log.log_id);
	if (bh_simphone_is_doomed(phone) && strcmp(bh_simphone_cause(phone), "revoked") == 0)
		return true; /* it has been told, and keeps what it holds */
	if (log.acked_seq != log.head_seq) {
		snprintf(why, size, "handset %u: %llu of %llu ops are answered: %s",
			bh_simphone_index(phone), (unsigned long long)log.acked_seq,
			(unsigned long long)log.head_seq, bh_simphone_cause(phone));
		return false;
	}
	if (!bh_simphone_is_doomed(phone) &&
		(!bh_simjudge_knows_epoch(judge, phone) ||
			(log.head_seq != 0 && (held == NULL || held->head < log.head_seq)))) {
		snprintf(why, size, "handset %u: the server was put back, and lacks ops of it",
			bh_simphone_index(phone));
		return false;
	}
	return bh_simphone_is_doomed(phone) || scopes_are_told(judge, phone, why, size);
}

bool bh_simjudge_has_converged(struct bh_simjudge *judge, char *why, size_t size)
{
	struct bh_simrun *run = judge->run;

	if (!bh_simserver_is_up(run->server) || judge->behind) {
		snprintf(why, size, "the server is down");
		return false;
	}
	if (bh_simserver_clock_is_doubted(run->server)) {
		snprintf(why, size, "the server's clock is doubted");
		return false;
	}
	for (uint32_t i = 0; i < run->phones_count; i++) {
		if (!phone_has_converged(judge, run->phones[i], why, size))
			return false;
	}
	if (judge->open_cases != 0) {
		snprintf(why, size, "%u cases are open", judge->open_cases);
		return false;
	}
	return bh_simcarriages_are_over(run, why, size) &&
	       bh_simjudge_photos_have_come(judge, why, size);
}

/* ---- The last word ---- */

const uint8_t *bh_simjudge_carrier(const struct bh_simjudge *judge, const struct bh_simop *op)
{
	for (size_t i = judge->carried_count; i-- > 0;) {
		const struct bh_simcarried *carried = &judge->carried[i];
		if (carried->seq == op->seq &&
			memcmp(carried->log_id, op->log_id, BH_LOG_ID_BYTES) == 0 &&
			memcmp(carried->link, op->link, BH_HASH_BYTES) == 0)
			return carried->by;
	}
	return NULL;
}

/* Every op that a handset was told is recorded is here, as itself or carried by another log. */
static void op_is_here(struct bh_simjudge *judge, const struct bh_simop *op)
{
	const struct bh_simheard *log = bh_simjudge_log_of(judge, op->log_id);
	bool own = log != NULL && op->seq <= log->head &&
		   memcmp(log->said[op->seq - 1].link, op->link, BH_HASH_BYTES) == 0;

	if (op->fate != BH_SIMOP_RECORDED || own || bh_simjudge_carrier(judge, op))
		return;
	/* Who was revoked cannot send any more, shows it, and keeps them. */
	if (bh_simphone_is_doomed(judge->run->phones[op->phone]))
		return;
	judge->run->tally.ops_retired += op->retired;
	if (op->retired)
		return;
	bh_simrun_fail(judge->run, "I3", "op %llu (report %u) of handset %u never arrived",
		(unsigned long long)op->seq, op->token, op->phone);
}

struct shown_by {
	struct bh_simjudge *judge;
	struct bh_simphone *phone;
	struct bh_rules *rules;
	uint64_t scopes[SCOPES_MAX];
	size_t scopes_count;
};

/* Through an open task of the case. */
static bool scope_has_task(const struct shown_by *by, uint64_t scope, const struct bh_case *cased)
{
	struct bh_store_reader *reader = bh_simserver_reader(by->judge->run->server);
	struct bh_task tasks[BH_TASKS_OPEN_MAX];
	size_t count = 0;

	if (cased->open_tasks == 0)
		return false;
	bh_assert(bh_reader_tasks(reader, cased->number, true, tasks, BH_TASKS_OPEN_MAX, &count) ==
		  0);
	for (size_t i = 0; i < count; i++) {
		if (scope == (tasks[i].person != 0 ? BH_SCOPE_OWN(tasks[i].person)
						   : BH_SCOPE_UNIT(tasks[i].unit)))
			return true;
	}
	return false;
}

static bool is_entitled(const struct shown_by *by, const struct bh_case *cased)
{
	for (size_t i = 0; i < by->scopes_count; i++) {
		if (by->scopes[i] == BH_SCOPE_OWN(cased->reporter) ||
			(cased->unit != 0 && by->scopes[i] == BH_SCOPE_UNIT(cased->unit)) ||
			(cased->copied != 0 && by->scopes[i] == BH_SCOPE_UNIT(cased->copied)) ||
			scope_has_task(by, by->scopes[i], cased))
			return true;
	}
	return false;
}

static void case_is_right(void *context, const struct bh_simphone_case *seen)
{
	struct shown_by *by = context;
	struct bh_simcase *cased = bh_simjudge_case(by->judge, seen->number);
	unsigned index = bh_simphone_index(by->phone);

	if (seen->own && seen->verdict == BH_VERDICT_NONE)
		bh_simrun_fail(by->judge->run, "I3", "handset %u: report %u has no verdict", index,
			seen->token);
	if (!seen->known)
		return;
	if (cased == NULL)
		bh_simrun_fail(by->judge->run, "I6", "handset %u shows a case that is none", index);
	if (!is_entitled(by, &cased->now))
		bh_simrun_fail(by->judge->run, "I5",
			"handset %u still shows case %u-%u, which left its scopes", index,
			(unsigned)(seen->number >> 32), (unsigned)(seen->number & 0xffffffffu));
	if (seen->state != cased->now.state || seen->unit != cased->now.unit)
		bh_simrun_fail(by->judge->run, "I5",
			"handset %u shows case %u-%u in state %u of "
			"unit %u, and it is in %u of %u",
			index, (unsigned)(seen->number >> 32),
			(unsigned)(seen->number & 0xffffffffu), seen->state, seen->unit,
			cased->now.state, cased->now.unit);
	bh_simjudge_back_case(by->judge, cased, seen);
	if (!seen->own || !bh_state_is_end((enum bh_state)cased->now.state))
		return;
	bool received = true;
	for (uint32_t cycle = 1; cycle <= cased->now.cycle; cycle++)
		received = received &&
			   (cased->delivered[cycle - 1] || bh_simjudge_receipt_is_retired(by->judge,
								   index, seen->number, cycle));
	if (seen->closures == 0 || !seen->delivered || !received)
		bh_simrun_fail(by->judge->run, "I9", "handset %u: the closure of its case %u-%u %s",
			index, (unsigned)(seen->number >> 32),
			(unsigned)(seen->number & 0xffffffffu),
			seen->closures == 0 ? "did not arrive" : "has no receipt on the server");
}

static void phone_is_right(struct bh_simjudge *judge, struct bh_simphone *phone)
{
	struct shown_by by = {.judge = judge, .phone = phone};

	if (!bh_simphone_hides(phone))
		bh_simrun_fail(judge->run, "sealed",
			"handset %u shows what was reported in its file", bh_simphone_index(phone));
	if (bh_simphone_is_doomed(phone))
		return;
	bh_assert(bh_reader_rules(bh_simserver_reader(judge->run->server), &by.rules) == 0);
	by.scopes_count = bh_rights_scopes(by.rules, bh_simphone_person(phone),
		bh_simserver_district_ms(judge->run->server), by.scopes, SCOPES_MAX);
	bh_assert(bh_simphone_cases(phone, case_is_right, &by));
}

/* The file as it lies there, verified by the store's own replay. */
static void file_is_right(struct bh_simjudge *judge)
{
	struct bh_simvfs_config config = {.number = VERIFY_VFS, .seed = judge->run->seed};
	struct bh_store_options options = {.path = "/district/district.db"};
	struct bh_verify_report report = {0};
	struct bh_simvfs *copy = NULL;

	bh_assert(bh_simvfs_create(&config, &copy) == 0);
	bh_assert(bh_simvfs_disk_copy(copy, bh_simserver_disk(judge->run->server), "") == 0);
	options.vfs = bh_simvfs_name(copy);
	int err = bh_store_verify(&options, &report);
	bh_simvfs_free(copy);
	if (err != 0)
		bh_simrun_fail(judge->run, "I12", "the copy does not verify: %s: %s",
			bh_err_name(err), report.what);
	if (report.entries != judge->position ||
		memcmp(report.head, judge->hash, BH_HASH_BYTES) != 0)
		bh_simrun_fail(judge->run, "I12", "the copy's head is not the journal's");
}

void bh_simjudge_end(struct bh_simjudge *judge)
{
	struct bh_simrun *run = judge->run;

	bh_simjudge_checkpoint(judge);
	for (size_t i = 0; i < run->truth.count; i++)
		op_is_here(judge, &run->truth.ops[i]);
	for (uint32_t i = 0; i < run->phones_count; i++)
		phone_is_right(judge, run->phones[i]);
	bh_simjudge_photos_end(judge);
	bh_simjudge_held_end(judge);
	bh_simjudge_field_end(judge);
	bh_simjudge_orders_end(judge);
	bh_simjudge_dossiers_end(judge);
	bh_simjudge_shifts_end(judge);
	file_is_right(judge);
	run->tally.cases += judge->cases_count;
}
