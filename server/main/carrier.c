/*
 * What lies there whole is looked for at the start and whenever the photo thread rings; one is
 * taken in after another, by the same way as a file that an operator brings (carried.h).  What
 * cannot be taken in now stays, and none waits behind it; it is tried again in a minute, and after
 * twice as long each time that nothing else comes, as is a folder that cannot be read.  Once an
 * hour what nobody went on with goes.  A stop is looked at between two of them; the writer, which
 * stops first, ends the one that is under way.
 */
#include "server/main/carrier.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/main/carried.h"
#include "server/main/log.h"
#include "server/store/cargo.h"

#define COLLECT_EVERY_MS 3600000
#define AGAIN_MS_MIN 60000
#define AGAIN_MS_MAX COLLECT_EVERY_MS

struct bh_carrier {
	struct bh_served *served;
	struct bh_clock clock;
	struct bh_cargo_files *files;
	pthread_t thread;
	bool started;
	int64_t collect_mono_ms; /* the thread's, as is the next */
	int64_t again_ms;        /* after which what had to stay is tried again */
	int bell_fd;
	atomic_bool stopping;
};

static void carrier_ring(void *context)
{
	const struct bh_carrier *carrier = context;
	uint64_t one = 1;
	while (write(carrier->bell_fd, &one, sizeof(one)) < 0 && errno == EINTR) {
	}
}

/* Until it rings, or so long. */
static void carrier_wait(const struct bh_carrier *carrier, int64_t wait_ms)
{
	struct pollfd ring = {.fd = carrier->bell_fd, .events = POLLIN};
	uint64_t rings;
	if (poll(&ring, 1, (int)wait_ms) == 1)
		while (read(carrier->bell_fd, &rings, sizeof(rings)) < 0 && errno == EINTR) {
		}
}

/* ---- Taking in ---- */

/* Who carries it is who takes it in, for the journal. */
static int person_read(const struct bh_served *served, uint32_t device, uint32_t *person)
{
	struct bh_store_reader *reader = NULL;
	struct bh_device row = {0};
	int err = bh_reader_open(&served->store, &reader);
	if (!err)
		err = bh_reader_device(reader, device, &row);
	bh_reader_close(reader);
	*person = err ? 0 : row.person;
	return err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
}

static void taken_log(const struct bh_served *served, uint32_t carried_by,
	const struct bh_bundle_report *report, enum bh_bundle_fault fault)
{
	if (fault != BH_BUNDLE_HOLDS)
		bh_log(BH_LOG_INFO, served->code, carried_by, "device %u carried a bundle: %s",
			carried_by, bh_bundle_fault_name(fault));
	else
		bh_log(BH_LOG_INFO, served->code, report->device,
			"device %u, carried by device %u: %" PRIu64 " ops, %" PRIu64
			" new, %" PRIu64 " photos new, %" PRIu64 " left",
			report->device, carried_by, report->ops, report->ops_new,
			report->photos_new, report->photos_left);
}

/* BH_ERR_BUSY: not now. */
static int found_take(struct bh_carrier *carrier, const struct bh_cargo_found *found)
{
	struct bh_bundle_report report = {.answer = BH_BUF(0)};
	enum bh_bundle_fault fault = BH_BUNDLE_HOLDS;
	uint32_t person = 0;
	int err = bh_cargo_verify(found);
	if (err == BH_ERR_AUTH)
		return bh_cargo_done(carrier->files, found, bh_span(NULL, 0), NULL);
	if (!err)
		err = person_read(carrier->served, found->device, &person);
	if (!err)
		err = bh_carried_take(
			carrier->served, carrier->clock, found->path, person, &report, &fault);
	if ((err && err != BH_ERR_INVALID) || fault == BH_BUNDLE_STORAGE) {
		bh_buf_free(&report.answer);
		return BH_ERR_BUSY;
	}
	taken_log(carrier->served, found->device, &report, fault);
	err = bh_cargo_done(carrier->files, found, bh_buf_span(&report.answer),
		err ? bh_bundle_fault_name(fault) : NULL);
	bh_buf_free(&report.answer);
	return err ? BH_ERR_BUSY : BH_NOERR;
}

/* All that is whole; gives when to look again. */
static int64_t carrier_turn(struct bh_carrier *carrier)
{
	struct bh_now now = carrier->clock.now(carrier->clock.context);
	struct bh_cargo_found found;
	const struct bh_cargo_found *after = NULL; /* the last that had to stay */
	bool took = false;
	int err = BH_NOERR;
	if (now.mono_ms >= carrier->collect_mono_ms) {
		bh_cargo_collect(carrier->files, now.wall_ms / 1000);
		carrier->collect_mono_ms = now.mono_ms + COLLECT_EVERY_MS;
	}
	while (!atomic_load(&carrier->stopping) &&
		(err = bh_cargo_next(carrier->files, after, &found)) == BH_NOERR) {
		if (found_take(carrier, &found) != BH_NOERR)
			after = &found;
		else
			took = true;
	}
	if (!after && err != BH_ERR_IO) {
		carrier->again_ms = 0;
		return COLLECT_EVERY_MS;
	}
	bool twice = !took && carrier->again_ms > 0;
	carrier->again_ms = twice ? 2 * carrier->again_ms : AGAIN_MS_MIN;
	if (carrier->again_ms > AGAIN_MS_MAX)
		carrier->again_ms = AGAIN_MS_MAX;
	return carrier->again_ms;
}

static void *carrier_thread(void *context)
{
	struct bh_carrier *carrier = context;
	while (!atomic_load(&carrier->stopping)) {
		int64_t wait_ms = carrier_turn(carrier);
		if (!atomic_load(&carrier->stopping))
			carrier_wait(carrier, wait_ms);
	}
	return NULL;
}

/* ---- From outside ---- */

int bh_carrier_new(struct bh_served *served, struct bh_clock clock, struct bh_carrier **out)
{
	struct bh_carrier *carrier = calloc(1, sizeof(*carrier));
	if (!carrier)
		return BH_ERR_NOMEM;
	carrier->served = served;
	carrier->clock = clock;
	carrier->bell_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	int err = carrier->bell_fd >= 0 ? bh_cargo_open(&served->store, &carrier->files)
					: BH_ERR_IO;
	if (err) {
		bh_carrier_free(carrier);
		return err;
	}
	bh_cargo_tell_whole(carrier->files, carrier_ring, carrier);
	bh_blob_loop_carry(served->blobs, carrier->files);
	*out = carrier;
	return BH_NOERR;
}

int bh_carrier_start(struct bh_carrier *carrier)
{
	if (pthread_create(&carrier->thread, NULL, carrier_thread, carrier) != 0)
		return BH_ERR_NOMEM;
	carrier->started = true;
	(void)pthread_setname_np(carrier->thread, "bh-carrier");
	return BH_NOERR;
}

void bh_carrier_free(struct bh_carrier *carrier)
{
	if (!carrier)
		return;
	atomic_store(&carrier->stopping, true);
	carrier_ring(carrier);
	if (carrier->started)
		(void)pthread_join(carrier->thread, NULL);
	bh_cargo_close(carrier->files);
	if (carrier->bell_fd >= 0)
		(void)close(carrier->bell_fd);
	free(carrier);
}
