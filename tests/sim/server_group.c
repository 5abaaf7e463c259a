/* The writer's turn: what has gathered runs as one group after a little while, so that pushes, the
 * desk's commands and the clock meet in one transaction; nothing leaves when the disk stopped. */
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "tests/sim/judge.h"
#include "tests/sim/server_state.h"

#define ALARMS_MAX 200u
#define GATHER_MS_MAX 40

/* ---- Gathering ---- */

static void group_plan(struct bh_simserver *server)
{
	if (server->run_planned || server->jobs_count == 0)
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

/* The process is gone and its sessions are closed: the jobs that are out answer nobody. */
void bh_simserver_jobs_drop(struct bh_simserver *server)
{
	for (size_t i = 0; i < server->jobs_count; i++) {
		server->jobs[i]->job->err = BH_ERR_IO;
		job_finish(server, server->jobs[i], false);
	}
	server->jobs_count = 0;
}

/* ---- Running ---- */

static void answer(struct bh_simserver *server, const struct bh_wakes *wakes)
{
	struct bh_simjob *done[BH_SIMSERVER_JOBS_MAX];
	size_t count = server->jobs_count;

	memcpy(done, server->jobs, count * sizeof(done[0]));
	server->jobs_count = 0;
	for (size_t i = 0; i < count; i++) {
		if (!server->up) { /* a read of the hub's met the end of the disk */
			done[i]->job->err = BH_ERR_IO;
			free(done[i]);
			continue;
		}
		job_finish(server, done[i], true);
	}
	if (server->up)
		bh_hub_wake(
			server->hub, bh_simserver_now(server), bh_simserver_time(server), wakes);
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
	answer(server, &wakes);
	bh_simserver_settle(server);
}

void bh_simserver_tick(struct bh_simserver *server)
{
	struct bh_wakes wakes = {0};
	size_t fired = 0;
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
	bh_simjudge_time(server->run->judge, bh_simserver_time(server));
	bh_simserver_links_tick(server);
	(void)bh_writer_idle(server->writer);
	bh_simserver_settle(server);
}
