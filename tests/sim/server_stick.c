/* A bundle is brought to the server: its jobs run one after another, between the groups, and the
 * disk may stop in any of them.  What it was is the judge's to say, as of every job. */
#include "server/sync/bundle.h"

#include <string.h>

#include "proto/err.h"
#include "tests/sim/judge.h"
#include "tests/sim/phone.h"
#include "tests/sim/server_state.h"

void bh_simserver_pin(const struct bh_simserver *server, uint8_t out[BH_PIN_BYTES])
{
	uint8_t key[BH_PUBLIC_KEY_BYTES];

	bh_key_public(server->ca, key);
	bh_assert(bh_key_pin(key, out) == 0);
}

struct bring {
	struct bh_simserver *server;
	const struct bh_buf *file;
	size_t at;
	int err; /* after which the process must end */
};

static int file_read(void *context, bool from_start, uint8_t *to, size_t size, size_t *len)
{
	struct bring *bring = context;

	if (from_start)
		bring->at = 0;
	*len = bring->file->len - bring->at;
	if (*len > size)
		*len = size;
	if (*len > 0)
		memcpy(to, bring->file->data + bring->at, *len);
	bring->at += *len;
	return 0;
}

static void run_job(void *context, struct bh_job *job)
{
	struct bring *bring = context;
	struct bh_simserver *server = bring->server;
	struct bh_wakes wakes = {0};

	job->err = BH_ERR_IO;
	if (bring->err != 0 || bh_simvfs_is_stopped(server->disk))
		return;
	bring->err = bh_writer_run(server->writer, bh_simserver_now(server), &job, 1, &wakes);
	if (bring->err != 0 || bh_simvfs_is_stopped(server->disk)) {
		job->err = BH_ERR_IO;
		return;
	}
	bh_simjudge_job(server->run->judge, job);
	bh_simjudge_committed(server->run->judge, server->witness);
	bh_hub_wake(server->hub, bh_simserver_now(server), bh_simserver_time(server), &wakes);
}

static void run_blob_job(void *context, struct bh_blob_job *job)
{
	struct bring *bring = context;
	struct bh_simserver *server = bring->server;

	job->err = BH_ERR_IO;
	if (bring->err != 0 || bh_simvfs_is_stopped(server->disk))
		return;
	server->photos = true;
	job->mono_ms = bh_simserver_now(server).mono_ms;
	bh_blob_files_run(server->files, job);
	if (!bh_simvfs_is_stopped(server->disk))
		bh_simjudge_blob(server->run->judge, job);
}

static struct bh_now now_of(void *context, int64_t *district_ms)
{
	struct bh_simserver *server = ((struct bring *)context)->server;

	*district_ms = bh_simserver_time(server);
	return bh_simserver_now(server);
}

/* The handset took another key since it wrote: what was in the bundle came before, in its session.
 */
static bool key_was_replaced(struct bh_simserver *server, const struct bh_simwritten *written)
{
	struct bh_device device;

	if (bh_reader_device(server->reader, written->device, &device) != 0)
		return false;
	for (uint32_t i = 0; i < written->signers_count; i++)
		if (memcmp(written->signers[i], device.public_key, BH_PUBLIC_KEY_BYTES) == 0)
			return false;
	return true;
}

/* Whoever carries what a handset wrote is never told that it is not one; and it fits to what is
 * here, but for what was put back since, on either side. */
static void fault_judge(struct bh_simserver *server, const struct bh_simwritten *written,
	enum bh_bundle_fault fault)
{
	struct bh_simrun *run = server->run;
	bool gone = bh_simjudge_has_gone_beyond(run->judge, written->epoch);
	bool parted = bh_simphone_may_part(run->phones[written->phone], written);
	bool may = fault == BH_BUNDLE_STORAGE ||
		   (gone && (fault == BH_BUNDLE_GAP || fault == BH_BUNDLE_DEVICE)) ||
		   (parted && fault == BH_BUNDLE_FORK) ||
		   (fault == BH_BUNDLE_SIGNATURE && key_was_replaced(server, written));

	if (!may)
		bh_simrun_fail(run, "I15", "the bundle of handset %u is refused: %s",
			written->phone, bh_bundle_fault_name(fault));
	run->tally.bundles_parted += fault != BH_BUNDLE_STORAGE;
	bh_simtrace_say(&run->trace, bh_simrun_now(run), "server: the bundle of handset %u: %s",
		written->phone, bh_bundle_fault_name(fault));
}

/* All that it was written with is here, whatever else is (I1, I3). */
static void report_judge(struct bh_simserver *server, const struct bh_simwritten *written,
	const struct bh_bundle_report *report)
{
	if (report->device != written->device || report->ops != written->ops ||
		report->photos + report->photos_left < written->photos)
		bh_simrun_fail(server->run, "I3",
			"the bundle of handset %u had %llu ops and %llu photos, and %llu and %llu "
			"were taken of it",
			written->phone, (unsigned long long)written->ops,
			(unsigned long long)written->photos, (unsigned long long)report->ops,
			(unsigned long long)(report->photos + report->photos_left));
}

static void taken(struct bh_simserver *server, const struct bh_simwritten *written,
	const struct bh_bundle_report *report, struct bh_buf *answer)
{
	struct bh_simtally *tally = &server->run->tally;

	report_judge(server, written, report);
	tally->bundle_ops += report->ops;
	tally->bundle_ops_new += report->ops_new;
	tally->bundle_photos_new += report->photos_new;
	bh_assert(bh_buf_append(answer, report->answer.data, report->answer.len) == 0);
	bh_simtrace_say(&server->run->trace, bh_simrun_now(server->run),
		"server: the bundle of handset %u: %llu ops, %llu new, %llu photos new",
		written->phone, (unsigned long long)report->ops,
		(unsigned long long)report->ops_new, (unsigned long long)report->photos_new);
}

static int bring_take(struct bring *bring, uint32_t person, struct bh_bundle_report *report,
	enum bh_bundle_fault *fault)
{
	struct bh_simserver *server = bring->server;
	const struct bh_key *keys[] = {server->bundle_key};
	const struct bh_bundle_door door = {.reader = server->reader,
		.packer = server->packer,
		.hasher = server->hasher,
		.mac_key = bh_span(BH_SIM_MAC, 32),
		.ca_key = server->ca,
		.keys = keys,
		.keys_count = 1,
		.district = BH_SIM_DISTRICT,
		.person = person,
		.context = bring,
		.read = file_read,
		.run_job = run_job,
		.run_blob_job = run_blob_job,
		.now = now_of};

	return bh_bundle_take(&door, report, fault);
}

static bool is_at_rest(const struct bh_simserver *server)
{
	return server->up && !server->telling.under_way && server->jobs_count == 0 &&
	       server->blobs_first == NULL;
}

bool bh_simserver_bring(struct bh_simserver *server, const struct bh_simwritten *written,
	uint32_t person, const struct bh_buf *file, struct bh_buf *answer, const char **why)
{
	struct bring bring = {.server = server, .file = file};
	struct bh_bundle_report report;
	enum bh_bundle_fault fault = BH_BUNDLE_HOLDS;

	if (!is_at_rest(server))
		return false;
	int err = bring_take(&bring, person, &report, &fault);
	bool lives = !bh_simvfs_is_stopped(server->disk) && bring.err == 0;
	if (lives && err == 0)
		taken(server, written, &report, answer);
	if (lives && err != 0)
		fault_judge(server, written, fault);
	if (lives && fault == BH_BUNDLE_GAP)
		bh_assert(bh_buf_append(answer, report.answer.data, report.answer.len) == 0);
	bh_buf_free(&report.answer);
	if (why != NULL)
		*why = bh_bundle_fault_name(fault);
	if (bring.err != 0)
		bh_simserver_give_up(server, bring.err);
	else
		bh_simserver_settle(server);
	return lives && fault != BH_BUNDLE_STORAGE;
}
