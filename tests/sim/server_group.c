/* The writer's turn: what has gathered runs as one group after a little while, so that pushes, the
 * desk's commands and the clock meet in one transaction; nothing leaves when the disk stopped.
 *
 *   gathered ──▶ run, committed ──▶ (a hand-over between threads) ──▶ answers and wakes
 *                                    sessions go on meanwhile, and the process may end */
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "tests/sim/judge.h"
#include "tests/sim/server_state.h"

#define ALARMS_MAX 200u
#define APPLIED_MAX 64u
#define GATHER_MS_MAX 40
#define HAND_OVER_MS_MAX 30

/* ---- Gathering ---- */

static void group_plan(struct bh_simserver *server)
{
	if (server->run_planned || server->jobs_count == 0 || server->telling.under_way)
		return;
	int64_t wait_ms = bh_simrng_tail(&server->rng, 1, GATHER_MS_MAX) + server->slow_ms;
	server->run->tally.slow_commits += server->slow_ms != 0;
	server->run_planned = true;
	bh_simrun_after(server->run, wait_ms, BH_SIMKIND_SERVER_RUN, 0, 0, server->life);
}

static struct bh_simjob *job_add(struct bh_simserver *server)
{
	struct bh_simjob *added = calloc(1, sizeof(*added));

	bh_assert(added != NULL && server->jobs_count < BH_SIMSERVER_JOBS_MAX);
	server->jobs[server->jobs_count++] = added;
	return added;
}

void bh_simserver_gather(struct bh_simserver *server)
{
	struct bh_job *job;

	while (server->jobs_count < BH_SIMSERVER_JOBS_MAX - 8 &&
		(job = bh_hub_take_job(server->hub)) != NULL)
		job_add(server)->job = job;
	group_plan(server);
}

bool bh_simserver_submit(struct bh_simserver *server, struct bh_command *command,
	bh_simserver_done *done, void *context)
{
	if (!server->up || server->jobs_count >= BH_SIMSERVER_JOBS_MAX - 8)
		return false;
	struct bh_simjob *added = job_add(server);
	added->own = true;
	added->command = command;
	added->done = done;
	added->context = context;
	added->body = (struct bh_job){.commands = command, .outcomes = &added->outcome, .count = 1};
	added->job = &added->body;
	group_plan(server);
	return true;
}

static void job_finish(struct bh_simserver *server, struct bh_simjob *job, bool known)
{
	if (job->own) {
		job->outcome.err = job->body.err;
		job->done(job->context, job->command, known ? &job->outcome : NULL);
	} else {
		bh_hub_job_done(server->hub, bh_simserver_now(server),
			known ? bh_simserver_time(server) : 0, job->job);
	}
	free(job);
}

static void jobs_drop(struct bh_simserver *server, struct bh_simjob **jobs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		jobs[i]->job->err = BH_ERR_IO;
		job_finish(server, jobs[i], false);
	}
}

static void telling_end(struct bh_simtelling *telling)
{
	free((void *)(uintptr_t)telling->wakes.scopes);
	free((void *)(uintptr_t)telling->wakes.kicked);
	*telling = (struct bh_simtelling){0};
}

/* The process is gone and its sessions are closed: the jobs that are out answer nobody. */
void bh_simserver_jobs_drop(struct bh_simserver *server)
{
	jobs_drop(server, server->telling.jobs, server->telling.jobs_count);
	telling_end(&server->telling);
	jobs_drop(server, server->jobs, server->jobs_count);
	server->jobs_count = 0;
}

/* ---- Running ---- */

static void *copy_of(const void *array, size_t bytes)
{
	void *copy = malloc(bytes ? bytes : 1);

	bh_assert(copy != NULL);
	if (bytes)
		memcpy(copy, array, bytes);
	return copy;
}

/* Everything that has gathered was run: it is on its way to the loop. */
static void hand_over(struct bh_simserver *server, const struct bh_wakes *wakes, size_t jobs_count)
{
	struct bh_simtelling *telling = &server->telling;

	memcpy(telling->jobs, server->jobs, jobs_count * sizeof(server->jobs[0]));
	telling->jobs_count = jobs_count;
	server->jobs_count -= jobs_count;
	telling->wakes = *wakes;
	telling->wakes.scopes = copy_of(wakes->scopes, wakes->scopes_count * sizeof(uint64_t));
	telling->wakes.kicked = copy_of(wakes->kicked, wakes->kicked_count * sizeof(uint32_t));
	telling->under_way = true;
	bh_simrun_after(server->run,
		server->hand_over_ms +
			(server->run->calm ? 0 : bh_simrng_tail(&server->rng, 0, HAND_OVER_MS_MAX)),
		BH_SIMKIND_SERVER_TELL, 0, 0, server->life);
}

void bh_simserver_tell(struct bh_simserver *server)
{
	struct bh_simtelling telling = server->telling;

	server->telling = (struct bh_simtelling){0};
	for (size_t i = 0; i < telling.jobs_count; i++)
		job_finish(server, telling.jobs[i], true);
	bh_hub_wake(
		server->hub, bh_simserver_now(server), bh_simserver_time(server), &telling.wakes);
	telling_end(&telling);
	bh_simserver_settle(server);
}

void bh_simserver_group(struct bh_simserver *server)
{
	struct bh_job *jobs[BH_SIMSERVER_JOBS_MAX];
	struct bh_wakes wakes = {0};

	for (size_t i = 0; i < server->jobs_count; i++)
		jobs[i] = server->jobs[i]->job;
	int err = bh_writer_run(
		server->writer, bh_simserver_now(server), jobs, server->jobs_count, &wakes);
	if (bh_simserver_has_died(server))
		return;
	if (err) {
		bh_simserver_give_up(server, err);
		return;
	}
	for (size_t i = 0; i < server->jobs_count; i++)
		bh_simjudge_job(server->run->judge, jobs[i]);
	bh_simjudge_committed(server->run->judge, server->witness);
	hand_over(server, &wakes, server->jobs_count);
	bh_simserver_copy_on(server);
	bh_simserver_settle(server);
}

/* False: it may not go on. */
static bool applied_tell(struct bh_simserver *server)
{
	struct bh_notice_applied applied[APPLIED_MAX];
	size_t count = bh_hub_take_applied(server->hub, applied, APPLIED_MAX);

	if (count == 0)
		return true;
	int err = bh_writer_notices_applied(
		server->writer, bh_simserver_now(server), applied, count);
	server->run->tally.notices_taken_up += err ? 0 : count;
	if (bh_simserver_has_died(server))
		return false;
	bool ends = err == BH_ERR_UNKNOWN || err == BH_ERR_CORRUPT;
	if (ends)
		bh_simserver_give_up(server, err);
	return !ends;
}

void bh_simserver_tick(struct bh_simserver *server)
{
	struct bh_wakes wakes = {0};
	size_t fired = 0;

	if (server->telling.under_way) { /* again when it has been told */
		bh_simserver_settle(server);
		return;
	}
	int err = bh_writer_tick(
		server->writer, bh_simserver_now(server), ALARMS_MAX, &fired, &wakes);

	if (bh_simserver_has_died(server))
		return;
	if (err && err != BH_ERR_FULL && err != BH_ERR_IO) {
		bh_simserver_give_up(server, err);
		return;
	}
	if (!err) {
		bh_simjudge_committed(server->run->judge, server->witness);
		bh_hub_wake(
			server->hub, bh_simserver_now(server), bh_simserver_time(server), &wakes);
	}
	if (!applied_tell(server))
		return;
	bh_simjudge_time(server->run->judge, bh_simserver_time(server));
	bh_simserver_links_tick(server);
	(void)bh_writer_idle(server->writer);
	bh_simserver_blobs_collect(server);
	if (!bh_simserver_has_died(server))
		bh_simserver_copy_on(server);
	bh_simserver_settle(server);
}
