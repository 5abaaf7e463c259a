/* Each story makes its people, lets time pass between what they do, and ends with the judge's last
 * word; every line of the trace is the story. */
#include "tests/sim/story.h"

#include <string.h>

#include "proto/err.h"
#include "proto/number.h"
#include "proto/verdict.h"
#include "tests/sim/desk.h"
#include "tests/sim/judge.h"
#include "tests/sim/phone.h"
#include "tests/sim/server.h"
#include "tests/unit/domain/demo_rules.h"

#define GRID 1u /* 1111 */
#define FIRST_LOG 16u

static struct bh_simphone *arrive(struct bh_simrun *run, uint32_t person, bool handler)
{
	struct bh_simphone_options options = {.person = person, .handler = handler, .stay = true};
	struct bh_simphone *phone = bh_simphone_make(run, &options);

	bh_simdesk_admit(run->desk, bh_simphone_index(phone));
	bh_simrun_until(run, bh_simrun_now(run) + 2 * BH_SIM_SECOND);
	return phone;
}

static void pass(struct bh_simrun *run, int64_t ms)
{
	bh_simrun_until(run, bh_simrun_now(run) + ms);
}

static void order(struct bh_simrun *run, enum bh_verb verb, uint32_t person, uint64_t number,
	uint32_t unit, uint64_t base)
{
	bh_simdesk_order(run->desk, verb, person, number, unit, base);
}

static void dispatch(struct bh_simrun *run, uint64_t number)
{
	order(run, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), number, BH_DEMO_CLEAN_A, 0);
	pass(run, BH_SIM_MINUTE);
}

/* The unit's lead finishes at the desk, and the acceptor closes. */
static void close_it(struct bh_simrun *run, uint64_t number)
{
	order(run, BH_VERB_SIGN, BH_DEMO_LEAD(BH_DEMO_CLEAN_A), number, 0, 0);
	pass(run, BH_SIM_MINUTE);
	order(run, BH_VERB_FINISH, BH_DEMO_LEAD(BH_DEMO_CLEAN_A), number, 0, 0);
	pass(run, BH_SIM_MINUTE);
	order(run, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), number, 0, 0);
	pass(run, BH_SIM_MINUTE);
}

static void partition(struct bh_simrun *run, struct bh_simphone *phone, bool up, bool down)
{
	uint32_t host = bh_simphone_index(phone) + 1;

	bh_simnet_partition(run->net, host, BH_SIM_SERVER_HOST, up);
	bh_simnet_partition(run->net, BH_SIM_SERVER_HOST, host, down);
}

static void shown(void *context, const struct bh_simphone_case *seen)
{
	struct bh_simphone *phone = context;
	struct bh_simrun *run = bh_simphone_run(phone);

	bh_simtrace_say(&run->trace, bh_simrun_now(run), "handset %u: shows %u-%u: %s, %s%s",
		bh_simphone_index(phone), (unsigned)(seen->number >> 32),
		(unsigned)(seen->number & 0xffffffffu),
		seen->own ? bh_verdict_name((enum bh_verdict)seen->verdict) : "told",
		bh_state_name((enum bh_state)seen->state),
		seen->closures == 0 ? ""
		: seen->delivered   ? ", answered"
				    : ", answer owed");
}

/* ---- The stories ---- */

static void offline_report(struct bh_simrun *run)
{
	struct bh_simphone *worker = arrive(run, BH_DEMO_WORKER(1111), false);
	struct bh_simphone *handler = arrive(run, BH_DEMO_HANDLER(BH_DEMO_CLEAN_A), true);
	uint64_t number = bh_case_number(FIRST_LOG, 1);

	partition(run, worker, true, true);
	bh_simphone_report(worker, BH_DEMO_LITTER, GRID);
	pass(run, 20 * BH_SIM_MINUTE);
	partition(run, worker, false, false);
	pass(run, 6 * BH_SIM_MINUTE);
	dispatch(run, number);
	(void)bh_simphone_serve(handler);
	pass(run, BH_SIM_MINUTE);
	(void)bh_simphone_serve(handler);
	pass(run, BH_SIM_MINUTE);
	order(run, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), number, 0, 0);
	pass(run, BH_SIM_MINUTE);
	(void)bh_simphone_open_closure(worker);
	pass(run, BH_SIM_MINUTE);
}

static void lost_ack(struct bh_simrun *run)
{
	struct bh_simphone *worker = arrive(run, BH_DEMO_WORKER(1111), false);

	partition(run, worker, false, true);
	bh_simphone_report(worker, BH_DEMO_LITTER, GRID);
	pass(run, 10 * BH_SIM_MINUTE);
	partition(run, worker, false, false);
	pass(run, 6 * BH_SIM_MINUTE);
	dispatch(run, bh_case_number(FIRST_LOG, 1));
	close_it(run, bh_case_number(FIRST_LOG, 1));
}

static void old_backup(struct bh_simrun *run)
{
	struct bh_simphone *worker = arrive(run, BH_DEMO_WORKER(1111), false);

	bh_simphone_report(worker, BH_DEMO_LITTER, GRID);
	pass(run, BH_SIM_MINUTE);
	bh_simphone_backup(worker);
	bh_simphone_report(worker, BH_DEMO_LITTER, GRID);
	pass(run, BH_SIM_MINUTE);
	(void)bh_simphone_restore(worker);
	pass(run, BH_SIM_MINUTE);
	bh_simphone_report(worker, BH_DEMO_LITTER, GRID);
	pass(run, BH_SIM_MINUTE);
}

static void power_cut(struct bh_simrun *run)
{
	struct bh_simphone *worker = arrive(run, BH_DEMO_WORKER(1111), false);
	uint64_t number = bh_case_number(FIRST_LOG, 1);

	bh_simphone_report(worker, BH_DEMO_LITTER, GRID);
	pass(run, BH_SIM_MINUTE);
	bh_simvfs_stop_at(bh_simserver_disk(run->server), 5);
	dispatch(run, number);
	pass(run, 40 * BH_SIM_MINUTE);
	close_it(run, number);
}

static void breach_while_down(struct bh_simrun *run)
{
	struct bh_simphone *worker = arrive(run, BH_DEMO_WORKER(1111), false);
	uint64_t number = bh_case_number(FIRST_LOG, 1);

	bh_simphone_report(worker, BH_DEMO_LITTER, GRID);
	pass(run, BH_SIM_MINUTE);
	bh_simserver_down(run->server, true, 90 * BH_SIM_MINUTE);
	pass(run, 95 * BH_SIM_MINUTE);
	close_it(run, number);
}

static void revoked(struct bh_simrun *run)
{
	struct bh_simphone *worker = arrive(run, BH_DEMO_WORKER(1111), false);
	uint32_t device = bh_simphone_device(worker);

	bh_simphone_report(worker, BH_DEMO_LITTER, GRID);
	pass(run, BH_SIM_MINUTE);
	bh_simphone_doom(worker);
	bh_simserver_slow(run->server, 2 * BH_SIM_SECOND);
	bh_simdesk_revoke(run->desk, device);
	bh_simphone_report(worker, BH_DEMO_LITTER, GRID);
	pass(run, BH_SIM_MINUTE);
	bh_simserver_slow(run->server, 0);
	dispatch(run, bh_case_number(FIRST_LOG, 1));
	close_it(run, bh_case_number(FIRST_LOG, 1));
}

static void two_dispatchers(struct bh_simrun *run)
{
	struct bh_simphone *worker = arrive(run, BH_DEMO_WORKER(1111), false);
	uint64_t number = bh_case_number(FIRST_LOG, 1);
	struct bh_simphone_case seen;

	bh_simphone_report(worker, BH_DEMO_LITTER, GRID);
	pass(run, BH_SIM_MINUTE);
	uint64_t version = bh_simjudge_version(run->judge, number);
	order(run, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), number, BH_DEMO_CLEAN_A, version);
	order(run, BH_VERB_DISPATCH, BH_DEMO_TWO_POSTS, number, BH_DEMO_CLEAN_COUNTY, version);
	pass(run, BH_SIM_MINUTE);
	bh_assert(bh_simphone_case(worker, number, &seen) == 0 && seen.unit == BH_DEMO_CLEAN_A);
	close_it(run, number);
}

/* The desk's dispatch is gone, and the clock makes up for it; the second report comes again, under
 * its number. */
static void server_put_back(struct bh_simrun *run)
{
	struct bh_simphone *worker = arrive(run, BH_DEMO_WORKER(1111), false);
	uint64_t number = bh_case_number(FIRST_LOG, 1);

	bh_simphone_report(worker, BH_DEMO_LITTER, GRID);
	pass(run, BH_SIM_MINUTE);
	bh_simserver_backup(run->server);
	pass(run, 15 * BH_SIM_MINUTE);
	dispatch(run, number);
	bh_simphone_report(worker, BH_DEMO_LITTER, GRID);
	pass(run, 10 * BH_SIM_MINUTE);
	bh_assert(bh_simserver_back(run->server));
	pass(run, 5 * BH_SIM_MINUTE);
	close_it(run, number);
}

static const struct {
	const char *name;
	void (*tell)(struct bh_simrun *run);
} stories[] = {
	{"offline_report", offline_report},
	{"lost_ack", lost_ack},
	{"old_backup", old_backup},
	{"power_cut", power_cut},
	{"breach_while_down", breach_while_down},
	{"revoked", revoked},
	{"two_dispatchers", two_dispatchers},
	{"server_put_back", server_put_back},
};

bool bh_simstory_tell(const char *name, FILE *to)
{
	static struct bh_simrun run;

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		if (strcmp(stories[i].name, name) != 0)
			continue;
		bh_simrun_open(&run, 1, true, to);
		pass(&run, BH_SIM_SECOND);
		stories[i].tell(&run);
		pass(&run, BH_SIM_MINUTE);
		for (uint32_t k = 0; k < run.phones_count; k++)
			bh_assert(bh_simphone_cases(run.phones[k], shown, run.phones[k]));
		bh_simjudge_end(run.judge);
		bh_simrun_close(&run);
		return true;
	}
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		fprintf(to, "%s\n", stories[i].name);
	return false;
}
