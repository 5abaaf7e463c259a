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
static bool key_was_replaced(struct bh_simserver *server, uint32_t phone)
{
	const struct bh_simphone *writer = server->run->phones[phone];
	struct bh_device device;
	uint32_t id;

	(void)bh_simphone_bundle_signed(writer, &id, NULL);
	return bh_reader_device(server->reader, id, &device) == 0 &&
	       !bh_simphone_bundle_signed(writer, &id, device.public_key);
}

/* Whoever carries what a handset wrote is never told that it is not one. */
static void fault_judge(struct bh_simserver *server, uint32_t phone, enum bh_bundle_fault fault)
{
	bool may = fault == BH_BUNDLE_STORAGE || fault == BH_BUNDLE_GAP ||
		   fault == BH_BUNDLE_FORK || fault == BH_BUNDLE_DEVICE ||
		   (fault == BH_BUNDLE_SIGNATURE && key_was_replaced(server, phone));

	if (!may)
		bh_simrun_fail(server->run, "I15", "the bundle of handset %u is refused: %s", phone,
			bh_bundle_fault_name(fault));
	bh_simtrace_say(&server->run->trace, bh_simrun_now(server->run),
		"server: the bundle of handset %u: %s", phone, bh_bundle_fault_name(fault));
}

static void taken(struct bh_simserver *server, uint32_t phone, struct bh_bundle_report *report,
	struct bh_buf *answer)
{
	struct bh_simtally *tally = &server->run->tally;

	tally->bundle_ops += report->ops;
	tally->bundle_ops_new += report->ops_new;
	tally->bundle_photos_new += report->photos_new;
	bh_assert(bh_buf_append(answer, report->answer.data, report->answer.len) == 0);
	bh_simtrace_say(&server->run->trace, bh_simrun_now(server->run),
		"server: the bundle of handset %u: %llu ops, %llu new, %llu photos new", phone,
		(unsigned long long)report->ops, (unsigned long long)report->ops_new,
		(unsigned long long)report->photos_new);
}

static int bring_take(
	struct bring *bring, struct bh_bundle_report *report, enum bh_bundle_fault *fault)
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
		.context = bring,
		.read = file_read,
		.run_job = run_job,
		.run_blob_job = run_blob_job,
		.now = now_of};

	return bh_bundle_take(&door, report, fault);
}

bool bh_simserver_bring(struct bh_simserver *server, uint32_t phone, const struct bh_buf *file,
	struct bh_buf *answer)
{
	struct bring bring = {.server = server, .file = file};
	struct bh_bundle_report report;
	enum bh_bundle_fault fault = BH_BUNDLE_HOLDS;

	if (!server->up || server->telling.under_way || server->jobs_count > 0 ||
		server->blobs_first != NULL)
		return false;
	int err = bring_take(&bring, &report, &fault);
	bool stopped = bh_simvfs_is_stopped(server->disk);
	if (err == 0 && !stopped && bring.err == 0)
		taken(server, phone, &report, answer);
	if (!stopped && bring.err == 0 && err != 0)
		fault_judge(server, phone, fault);
	if (!stopped && bring.err == 0 && fault == BH_BUNDLE_GAP)
		bh_assert(bh_buf_append(answer, report.answer.data, report.answer.len) == 0);
	bh_buf_free(&report.answer);
	if (bring.err != 0)
		bh_simserver_give_up(server, bring.err);
	else
		bh_simserver_settle(server);
	return !stopped && bring.err == 0 && fault != BH_BUNDLE_STORAGE;
}
