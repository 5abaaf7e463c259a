/* What everybody wants in one minute, as one group of the writer.
 *
 *   orders, pushes ──▶ run ──▶ outcomes
 *                       │ the machine stops in it: nobody knows what happened
 *                       └──▶ restart ──▶ the same again: under its key, at its place in the log, it
 *                            has one effect */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "tests/year/year.h"

#define PUSH_MAX 100u
#define DOWN_MS 700
#define PAYLOAD_BYTES_MAX 8192u
#define LOOK_FIRST_MS (4 * YEAR_MINUTE)

/* ---- Making ---- */

static struct year_job *job_new(struct year *year)
{
	if (year->jobs_count == YEAR_JOBS_MAX)
		return NULL;
	struct year_job *job = &year->jobs[year->jobs_count++];
	memset(job, 0, sizeof(*job));
	return job;
}

struct year_order *year_order_new(struct year *year, enum bh_source source, enum bh_verb verb)
{
	struct year_job *job = job_new(year);
	if (job == NULL)
		return NULL;
	struct year_order *order = &job->order;
	order->payload = BH_BUF(PAYLOAD_BYTES_MAX);
	order->command = (struct bh_command){.source = source, .verb = verb, .reason_code = 1};
	bh_simrng_fill(&year->salts, order->command.key_hash, BH_HASH_BYTES);
	int len = snprintf(order->text, sizeof(order->text), "d%llu as agreed",
		(unsigned long long)++year->made);
	order->command.text = bh_span(order->text, (size_t)len);
	job->job = (struct bh_job){
		.commands = &order->command, .outcomes = &order->outcome, .count = 1};
	return order;
}

void year_push(struct year *year, struct year_phone *phone)
{
	struct year_job *job = phone->pushing ? NULL : job_new(year);
	if (job == NULL) { /* the minute is full, or it is at it */
		phone->syncing = true;
		year_after(year, YEAR_MINUTE, YEAR_KIND_SYNC, (uint32_t)(phone - year->phones));
		return;
	}
	job->phone = phone;
	job->commands = calloc(PUSH_MAX, sizeof(*job->commands));
	job->outcomes = calloc(PUSH_MAX, sizeof(*job->outcomes));
	year_must(job->commands != NULL && job->outcomes != NULL, "memory");
	job->job = (struct bh_job){.commands = job->commands, .outcomes = job->outcomes};
	for (struct year_op *op = phone->first; op != NULL && job->job.count < PUSH_MAX;
		op = op->next) {
		op->command.by_hand = phone->by_hand;
		job->commands[job->job.count++] = op->command;
	}
	phone->pushing = true;
}

/* ---- What came of it ---- */

void year_case_add(struct year *year, uint64_t number)
{
	year_must(year->cases_count < 2 * year->options.cases + 1000, "room for cases");
	year->cases[year->cases_count].number = number;
	year_after(year, bh_simrng_tail(&year->acts, YEAR_MINUTE, LOOK_FIRST_MS * 8),
		YEAR_KIND_LOOK, year->cases_count++);
}

static void push_take(struct year *year, struct year_job *job)
{
	const struct year_op *op = job->phone->first;
	for (size_t i = 0; i < job->job.count; i++) {
		const struct bh_outcome *outcome = &job->outcomes[i];
		bool accepted = outcome->verdict == BH_VERDICT_ACCEPTED;
		year->tally.stale += outcome->verdict == BH_VERDICT_STALE;
		year->tally.refused += outcome->verdict == BH_VERDICT_REJECTED;
		year->tally.repeats += outcome->repeat;
		if (accepted && job->commands[i].verb == BH_VERB_SUBMIT)
			year_case_add(year, outcome->case_number);
		if (accepted)
			year_photos_wait(year, op, outcome->case_number);
		if (outcome->verdict == BH_VERDICT_QUARANTINED)
			year_op_held(year, job->phone, outcome);
		op = op->next;
	}
	year_phone_confirm(year, job->phone, job->job.count);
	free(job->commands);
	free(job->outcomes);
}

static void order_take(struct year *year, struct year_job *job)
{
	struct year_order *order = &job->order;
	bool accepted = order->outcome.verdict == BH_VERDICT_ACCEPTED;
	year->tally.refused += !accepted;
	if (accepted && order->command.verb == BH_VERB_REGISTER)
		year_case_add(year, order->outcome.case_number);
	year->tally.repeats += accepted && order->outcome.repeat;
	year->tally.files += accepted && order->command.verb == BH_VERB_PAPER &&
			     order->command.blob_size != 0;
	if (year->options.verbose && !accepted)
		printf("# %s by %u: %s\n", bh_verb_name(order->command.verb), order->command.person,
			order->outcome.detail ? order->outcome.detail
					      : bh_reason_name(order->outcome.reason));
	bh_buf_free(&order->payload);
}

/* ---- Running ---- */

static bool jobs_try(struct year *year)
{
	struct bh_job *list[YEAR_JOBS_MAX];
	for (uint32_t i = 0; i < year->jobs_count; i++)
		list[i] = &year->jobs[i].job;
	int err = bh_writer_run(year->writer, year_now(year), list, year->jobs_count, &year->wakes);
	for (uint32_t i = 0; err == 0 && i < year->jobs_count; i++)
		err = year->jobs[i].job.err;
	year_must(err == 0 || bh_simvfs_is_stopped(year->vfs), "a group");
	return err == 0;
}

void year_jobs_run(struct year *year)
{
	if (year->jobs_count == 0)
		return;
	if (year->tears)
		bh_simvfs_stop_at(year->vfs, 1 + bh_simrng_below(&year->world, 12));
	while (!jobs_try(year)) {
		year->tally.torn++;
		year_restart(year, true);
	}
	if (bh_simvfs_is_stopped(year->vfs))
		year_restart(year, true);
	bh_simvfs_stop_at(year->vfs, 0);
	year->tears = false;
	for (uint32_t i = 0; i < year->jobs_count; i++) {
		if (year->jobs[i].phone != NULL)
			push_take(year, &year->jobs[i]);
		else
			order_take(year, &year->jobs[i]);
	}
	year->jobs_count = 0;
	year->tally.commits++;
}

struct bh_outcome year_operate_any(struct year *year, struct bh_command *command)
{
	struct bh_outcome outcome = {0};
	struct bh_job job = {.commands = command, .outcomes = &outcome, .count = 1};
	struct bh_job *jobs[] = {&job};
	command->source = BH_SOURCE_OPERATOR;
	int err = bh_writer_run(year->writer, year_now(year), jobs, 1, &year->wakes);
	year_must(err == 0 && job.err == 0, "an operator's command");
	return outcome;
}

struct bh_outcome year_operate(struct year *year, enum bh_verb verb, struct bh_span payload)
{
	struct bh_command command = {.verb = verb, .payload = payload};
	struct bh_outcome outcome = year_operate_any(year, &command);
	if (outcome.verdict != BH_VERDICT_ACCEPTED)
		printf("# %s: %s\n", bh_verb_name(verb),
			outcome.detail ? outcome.detail : bh_reason_name(outcome.reason));
	year_must(outcome.verdict == BH_VERDICT_ACCEPTED, "an operator's command");
	return outcome;
}

/* What was confirmed is there afterwards. */
void year_restart(struct year *year, bool power)
{
	uint64_t before = 0, after = 0;
	uint8_t was[BH_HASH_BYTES], is[BH_HASH_BYTES];
	bool stopped = bh_simvfs_is_stopped(year->vfs);
	if (!stopped)
		year_must(bh_reader_head(year->reader, &before, was) == 0, "head");
	if (power)
		bh_simvfs_crash(year->vfs);
	else
		bh_simvfs_kill(year->vfs);
	bh_writer_close(year->writer);
	bh_reader_close(year->reader);
	year->at_ms += DOWN_MS;
	if (power) {
		year->store.boot++;
		year->boot_ms = year->at_ms;
	}
	year->tally.cuts += power;
	year->tally.kills += !power;
	year_must(bh_writer_open(&year->store, year_now(year), &year->writer, NULL) == 0, "open");
	year_must(bh_reader_open(&year->store, &year->reader) == 0, "reader");
	if (stopped)
		return;
	year_must(bh_reader_head(year->reader, &after, is) == 0, "head");
	year_must(before == after && memcmp(was, is, BH_HASH_BYTES) == 0,
		"what was there before a restart");
}
