/* The photo thread: in order, on a thread of its own, and a stop that waits for nobody's photo. */
#include "tests/unit/proto/cmocka_all.h"

#include <ftw.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "proto/err.h"
#include "proto/hash.h"
#include "server/net/blob_loop.h"

#define PART 8000u
#define PARTS 5u
#define WAIT_MS_MAX 30000

struct kit {
	char folder[64];
	char path[96];
	struct bh_store_options options;
	struct bh_writer_loop *writer;
	struct bh_blob_loop *loop;
	pthread_t tester;
	int bell;
	atomic_uint done, here, closed;
	unsigned order[64]; /* of tasks as they were handed back; read after a join or a bell */
	uint8_t photo[PART * PARTS];
	uint8_t hash[BH_HASH_BYTES];
};

struct task {
	struct bh_blob_errand errand; /* first */
	struct bh_blob_job job;
	struct kit *kit;
	unsigned number;
};

static void on_woke(void *context, const struct bh_wakes *wakes)
{
	(void)context;
	(void)wakes;
}

static void on_fatal(void *context, int err)
{
	(void)context;
	fail_msg("fatal: %d", err);
}

static void on_ballast(void *context, enum bh_ballast_state state)
{
	(void)context;
	(void)state;
}

static void photo_make(struct kit *kit)
{
	static const uint8_t head[] = {
		0xff, 0xd8, 0xff, 0xc0, 0x00, 0x0b, 0x08, 0x00, 0x10, 0x00, 0x10};
	struct bh_span whole = bh_span(kit->photo, sizeof(kit->photo));
	struct bh_hasher *hasher;
	for (size_t i = 0; i < sizeof(kit->photo); i++)
		kit->photo[i] = (uint8_t)(i * 3);
	memcpy(kit->photo, head, sizeof(head));
	assert_int_equal(bh_hasher_open(&hasher), 0);
	bh_hash_parts(hasher, &whole, 1, kit->hash);
	bh_hasher_close(hasher);
}

static int kit_open(void **state)
{
	static struct kit kit;
	const struct bh_writer_events events = {&kit, on_woke, on_fatal, on_ballast};
	struct bh_clock clock = bh_clock_system();
	const char *tmp = getenv("TMPDIR"), *detail = "";
	memset(&kit, 0, sizeof(kit));
	kit.tester = pthread_self();
	kit.bell = eventfd(0, EFD_CLOEXEC);
	snprintf(kit.folder, sizeof(kit.folder), "%s/bh-photos-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(kit.folder));
	snprintf(kit.path, sizeof(kit.path), "%s/district.db", kit.folder);
	kit.options = (struct bh_store_options){.path = kit.path, .rng = bh_rng_system()};
	assert_int_equal(bh_store_create(&kit.options, "330106", clock.now(clock.context)), 0);
	assert_int_equal(bh_writer_loop_new(&kit.options, clock, &events, &kit.writer, &detail), 0);
	assert_int_equal(bh_blob_loop_new(&kit.options, clock, kit.writer, &kit.loop), 0);
	photo_make(&kit);
	*state = &kit;
	return 0;
}

static int entry_remove(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
	(void)st;
	(void)kind;
	(void)walk;
	return remove(path);
}

static int kit_close(void **state)
{
	struct kit *kit = *state;
	bh_blob_loop_free(kit->loop);
	bh_writer_loop_free(kit->writer);
	(void)close(kit->bell);
	(void)nftw(kit->folder, entry_remove, 8, FTW_DEPTH | FTW_PHYS);
	return 0;
}

static void task_done(struct bh_blob_errand *errand)
{
	struct task *task = (struct task *)(void *)errand;
	struct kit *kit = task->kit;
	uint64_t one = 1;
	if (pthread_equal(kit->tester, pthread_self()))
		atomic_fetch_add(&kit->here, 1);
	if (task->job.err == BH_ERR_CLOSED)
		atomic_fetch_add(&kit->closed, 1);
	kit->order[atomic_load(&kit->done)] = task->number;
	atomic_fetch_add(&kit->done, 1);
	assert_int_equal(write(kit->bell, &one, sizeof(one)), sizeof(one));
}

static void wait_for_done(struct kit *kit, unsigned count)
{
	struct pollfd ready = {.fd = kit->bell, .events = POLLIN};
	uint64_t rings;
	while (atomic_load(&kit->done) < count) {
		assert_int_equal(poll(&ready, 1, WAIT_MS_MAX), 1);
		assert_int_equal(read(kit->bell, &rings, sizeof(rings)), sizeof(rings));
	}
}

static void task_make(struct kit *kit, struct task *task, enum bh_blob_work work, unsigned number)
{
	*task = (struct task){.kit = kit, .number = number};
	task->errand = (struct bh_blob_errand){.job = &task->job, .done = task_done};
	task->job.work = work;
	task->job.size = sizeof(kit->photo);
	task->job.data = BH_BUF(PART);
	memcpy(task->job.hash, kit->hash, BH_HASH_BYTES);
}

static void part_make(struct kit *kit, struct task *task, uint64_t upload, unsigned number)
{
	task_make(kit, task, BH_BLOB_PART, number);
	task->job.upload = upload;
	task->job.offset = number * PART;
	assert_int_equal(bh_buf_append(&task->job.data, kit->photo + number * PART, PART), 0);
}

static void test_photos__run_in_order_on_a_thread_of_their_own(void **state)
{
	struct kit *kit = *state;
	static struct task open, parts[PARTS];
	assert_int_equal(bh_blob_loop_start(kit->loop), 0);
	task_make(kit, &open, BH_BLOB_OPEN, 60);
	assert_int_equal(bh_blob_loop_submit(kit->loop, &open.errand), 0);
	wait_for_done(kit, 1);
	assert_int_equal(open.job.found, BH_BLOB_HELD);
	for (unsigned i = 0; i < PARTS; i++) {
		part_make(kit, &parts[i], open.job.upload, i);
		assert_int_equal(bh_blob_loop_submit(kit->loop, &parts[i].errand), 0);
	}
	wait_for_done(kit, 1 + PARTS);
	for (unsigned i = 0; i < PARTS; i++) {
		assert_int_equal(kit->order[1 + i], i);
		assert_int_equal(parts[i].job.err, 0);
		assert_int_equal(parts[i].job.held, (i + 1) * PART);
		bh_buf_free(&parts[i].job.data);
	}
	assert_int_equal(parts[PARTS - 1].job.found, BH_BLOB_WHOLE);
	assert_int_equal(atomic_load(&kit->here), 0);
}

/* One that becomes durable holds up what comes for it, and the last word of nobody else's photo. */
static void test_photos__whole_ones_settle_beside_the_parts_of_others(void **state)
{
	struct kit *kit = *state;
	static struct task open, parts[PARTS], again, others[20];
	assert_int_equal(bh_blob_loop_start(kit->loop), 0);
	task_make(kit, &open, BH_BLOB_OPEN, 60);
	assert_int_equal(bh_blob_loop_submit(kit->loop, &open.errand), 0);
	wait_for_done(kit, 1);
	for (unsigned i = 0; i < PARTS; i++) {
		part_make(kit, &parts[i], open.job.upload, i);
		assert_int_equal(bh_blob_loop_submit(kit->loop, &parts[i].errand), 0);
	}
	for (unsigned i = 0; i < 20; i++) {
		task_make(kit, &others[i], BH_BLOB_OPEN, 20 + i);
		others[i].job.hash[0] ^= (uint8_t)(i + 1);
		assert_int_equal(bh_blob_loop_submit(kit->loop, &others[i].errand), 0);
	}
	task_make(kit, &again, BH_BLOB_OPEN, 61);
	assert_int_equal(bh_blob_loop_submit(kit->loop, &again.errand), 0);
	wait_for_done(kit, 1 + PARTS + 20 + 1);
	/* Asked while it settled or behind that, and never in between. */
	assert_int_equal(kit->order[PARTS + 21], 61);
	assert_int_equal(parts[PARTS - 1].job.found, BH_BLOB_WHOLE);
	assert_int_equal(parts[PARTS - 1].job.err, 0);
	assert_int_equal(again.job.found, BH_BLOB_WHOLE);
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(others[i].job.found, BH_BLOB_HELD);
	for (unsigned i = 0; i < PARTS; i++)
		bh_buf_free(&parts[i].job.data);
}

/* A stop that comes while a photo settles waits for that, and for nothing else. */
static void test_photos__a_stop_waits_for_what_settles(void **state)
{
	struct kit *kit = *state;
	static struct task open, parts[PARTS];
	char path[300];
	assert_int_equal(bh_blob_loop_start(kit->loop), 0);
	task_make(kit, &open, BH_BLOB_OPEN, 60);
	assert_int_equal(bh_blob_loop_submit(kit->loop, &open.errand), 0);
	wait_for_done(kit, 1);
	for (unsigned i = 0; i < PARTS; i++) {
		part_make(kit, &parts[i], open.job.upload, i);
		assert_int_equal(bh_blob_loop_submit(kit->loop, &parts[i].errand), 0);
	}
	wait_for_done(kit, PARTS);
	bh_blob_loop_stop(kit->loop);
	assert_int_equal(atomic_load(&kit->done), 1 + PARTS);
	const struct bh_blob_job *last = &parts[PARTS - 1].job;
	assert_int_equal(bh_blob_path(kit->path, kit->hash, path, sizeof(path)), 0);
	/* said to be whole exactly when it lies there by its name */
	assert_int_equal(access(path, F_OK) == 0, last->err == 0);
	assert_true(last->err == 0 ? last->found == BH_BLOB_WHOLE : last->err == BH_ERR_CLOSED);
	for (unsigned i = 0; i < PARTS; i++)
		bh_buf_free(&parts[i].job.data);
}

static void test_photos__a_stop_drops_what_waits_and_takes_nothing_more(void **state)
{
	struct kit *kit = *state;
	static struct task tasks[40];
	static struct task late;
	for (unsigned i = 0; i < 40; i++) {
		task_make(kit, &tasks[i], BH_BLOB_OPEN, i);
		assert_int_equal(bh_blob_loop_submit(kit->loop, &tasks[i].errand), 0);
	}
	assert_int_equal(bh_blob_loop_start(kit->loop), 0);
	bh_blob_loop_stop(kit->loop);
	assert_int_equal(atomic_load(&kit->done), 40); /* each is somebody's again */
	unsigned ran = 40 - atomic_load(&kit->closed);
	for (unsigned i = 0; i < 40; i++) {
		assert_int_equal(kit->order[i], i);
		assert_int_equal(tasks[i].job.err, i < ran ? 0 : BH_ERR_CLOSED);
	}
	task_make(kit, &late, BH_BLOB_OPEN, 41);
	assert_int_equal(bh_blob_loop_submit(kit->loop, &late.errand), BH_ERR_CLOSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_photos__run_in_order_on_a_thread_of_their_own, kit_open, kit_close),
		cmocka_unit_test_setup_teardown(
			test_photos__whole_ones_settle_beside_the_parts_of_others, kit_open,
			kit_close),
		cmocka_unit_test_setup_teardown(
			test_photos__a_stop_waits_for_what_settles, kit_open, kit_close),
		cmocka_unit_test_setup_teardown(
			test_photos__a_stop_drops_what_waits_and_takes_nothing_more, kit_open,
			kit_close),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
