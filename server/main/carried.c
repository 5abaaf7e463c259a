/*
 * The file is read here, piece by piece, twice.  What the session in it asks for goes to the
 * district's own writer and photo thread, as everybody's does, and this thread sleeps until it is
 * done.  A stop closes both and ends the reading: the rest is refused, and the file may be brought
 * again.  A folder that answers nothing at all holds a stop up.
 */
#include "server/main/carried.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/main/log.h"

struct carried {
	struct bh_served *served;
	struct bh_clock clock;
	int fd;
	struct bh_errand errand;
	struct bh_blob_errand blob;
	pthread_mutex_t lock; /* guards done */
	pthread_cond_t rang;
	bool done;
};

/* ---- Waiting ---- */

static void ring(struct carried *carried)
{
	pthread_mutex_lock(&carried->lock);
	carried->done = true;
	pthread_cond_signal(&carried->rang);
	pthread_mutex_unlock(&carried->lock);
}

static void wait_for_ring(struct carried *carried)
{
	pthread_mutex_lock(&carried->lock);
	while (!carried->done)
		pthread_cond_wait(&carried->rang, &carried->lock);
	carried->done = false;
	pthread_mutex_unlock(&carried->lock);
}

static void job_done(struct bh_errand *errand)
{
	ring((struct carried *)(void *)((char *)errand - offsetof(struct carried, errand)));
}

static void blob_done(struct bh_blob_errand *errand)
{
	ring((struct carried *)(void *)((char *)errand - offsetof(struct carried, blob)));
}

/* ---- The door ---- */

static void run_job(void *context, struct bh_job *job)
{
	struct carried *carried = context;
	carried->errand = (struct bh_errand){.job = job, .done = job_done};
	int err = bh_writer_loop_submit(carried->served->writer, &carried->errand);
	if (err)
		job->err = BH_ERR_IO;
	else
		wait_for_ring(carried);
}

static void run_blob_job(void *context, struct bh_blob_job *job)
{
	struct carried *carried = context;
	carried->blob = (struct bh_blob_errand){.job = job, .done = blob_done};
	int err = bh_blob_loop_submit(carried->served->blobs, &carried->blob);
	if (err)
		job->err = BH_ERR_CLOSED;
	else
		wait_for_ring(carried);
}

static int file_read(void *context, bool from_start, uint8_t *to, size_t size, size_t *len)
{
	const struct carried *carried = context;
	ssize_t n;
	if (atomic_load(&carried->served->closing))
		return BH_ERR_CLOSED;
	if (from_start && lseek(carried->fd, 0, SEEK_SET) != 0)
		return BH_ERR_IO;
	do
		n = read(carried->fd, to, size);
	while (n < 0 && errno == EINTR);
	*len = n > 0 ? (size_t)n : 0;
	return n < 0 ? BH_ERR_IO : BH_NOERR;
}

static struct bh_now carried_now(void *context, int64_t *district_ms)
{
	const struct carried *carried = context;
	struct bh_now now = carried->clock.now(carried->clock.context);
	*district_ms = now.mono_ms + bh_writer_loop_offset_ms(carried->served->writer, NULL);
	return now;
}

/* ---- The whole ---- */

/* A pipe or a device would keep us waiting; whatever is named, only its being a bundle is told. */
static int file_open(const char *path, int *fd)
{
	struct stat st;
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (*fd < 0)
		return BH_ERR_NOT_FOUND;
	if (fstat(*fd, &st) == 0 && S_ISREG(st.st_mode))
		return BH_NOERR;
	(void)close(*fd);
	*fd = -1;
	return BH_ERR_NOT_FOUND;
}

static int door_open(struct carried *carried, struct bh_bundle_door *door)
{
	const struct bh_district_keys *keys = &carried->served->keys;
	door->mac_key = bh_span(keys->mac, sizeof(keys->mac));
	door->ca_key = keys->ca;
	door->keys = (const struct bh_key *const *)keys->bundle;
	door->keys_count = keys->bundle_count;
	door->district = carried->served->code;
	door->context = carried;
	door->read = file_read;
	door->run_job = run_job;
	door->run_blob_job = run_blob_job;
	door->now = carried_now;
	int err = bh_reader_open(&carried->served->store, &door->reader);
	if (!err)
		err = bh_packer_open(&door->packer);
	return err ? err : bh_hasher_open(&door->hasher);
}

static void door_close(struct bh_bundle_door *door)
{
	bh_reader_close(door->reader);
	if (door->packer)
		bh_packer_close(door->packer);
	bh_hasher_close(door->hasher);
}

int bh_carried_take(struct bh_served *served, struct bh_clock clock, const char *path,
	uint32_t person, struct bh_bundle_report *report, enum bh_bundle_fault *fault)
{
	struct carried carried = {.served = served, .clock = clock, .fd = -1};
	struct bh_bundle_door door = {.person = person};
	*report = (struct bh_bundle_report){.answer = BH_BUF(0)};
	*fault = BH_BUNDLE_HOLDS;
	int err = file_open(path, &carried.fd);
	if (err)
		return err;
	pthread_mutex_init(&carried.lock, NULL);
	pthread_cond_init(&carried.rang, NULL);
	err = door_open(&carried, &door);
	pthread_mutex_lock(&served->bundle_lock);
	if (!err)
		err = bh_bundle_take(&door, report, fault);
	pthread_mutex_unlock(&served->bundle_lock);
	door_close(&door);
	(void)close(carried.fd);
	pthread_cond_destroy(&carried.rang);
	pthread_mutex_destroy(&carried.lock);
	return err;
}

void bh_carried_tell(const struct bh_served *served, struct bh_exchange *exchange, int err,
	struct bh_bundle_report *report, enum bh_bundle_fault fault)
{
	const struct bh_bundle_told told = {.fault = bh_bundle_fault_name(fault),
		.sentence = bh_bundle_fault_sentence(fault),
		.device = report->device,
		.ops = report->ops,
		.ops_new = report->ops_new,
		.ops_refused = report->ops_refused,
		.photos = report->photos,
		.photos_new = report->photos_new,
		.photos_left = report->photos_left,
		.answer = bh_buf_span(&report->answer)};
	if (report->device)
		bh_log(BH_LOG_INFO, served->code, report->device,
			"device %u by hand: %" PRIu64 " ops, %" PRIu64 " new, %" PRIu64
			" photos new, %" PRIu64 " left%s%s",
			report->device, report->ops, report->ops_new, report->photos_new,
			report->photos_left, told.fault[0] ? "; " : "", told.fault);
	bh_exchange_bundle_taken(exchange, err, &told);
	bh_buf_free(&report->answer);
}
