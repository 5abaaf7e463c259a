/* The thread that ships: a folder that does not answer, is no folder, or lost its end holds up that
 * thread alone, and lacks nothing once it is well. */
#include "tests/unit/store/kit.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/net/ship_loop.h"
#include "server/store/folder.h"
#include "server/store/segment_folder.h"

#define WAIT_MS_MAX 30000
#define JOIN_LEFT_MS 50 /* of the time that a stop gives to a folder, by the clock of the tests */
#define STOP_MS_MAX 10000

struct scene {
	struct kit kit;
	struct phone phone;
	char top[100], db[140], place[140], folder[180], away[140], fifo[240];
	struct bh_ship_options options;
	struct bh_ship_loop *loop;
	int64_t behind_ms; /* of the wall clock that the loop is given */
	int bell;          /* rung by what it says */
	pthread_mutex_t lock;
	struct bh_ship_counts said;
	unsigned said_count;
};

static struct bh_now clock_now(void *context)
{
	const struct scene *scene = context;
	struct bh_clock clock = bh_clock_system();
	struct bh_now now = clock.now(clock.context);

	now.wall_ms -= scene->behind_ms;
	return now;
}

static void on_said(void *context, const struct bh_ship_counts *counts)
{
	struct scene *scene = context;
	uint64_t one = 1;

	pthread_mutex_lock(&scene->lock);
	scene->said = *counts;
	scene->said_count++;
	pthread_mutex_unlock(&scene->lock);
	assert_int_equal(write(scene->bell, &one, sizeof(one)), sizeof(one));
}

static void scene_open(struct scene *scene, uint32_t number)
{
	memset(scene, 0, sizeof(*scene));
	(void)snprintf(scene->top, sizeof(scene->top), "/tmp/bh-ship-loop-XXXXXX");
	assert_non_null(mkdtemp(scene->top));
	(void)snprintf(scene->db, sizeof(scene->db), "%s/district.db", scene->top);
	(void)snprintf(scene->place, sizeof(scene->place), "%s/share", scene->top);
	(void)snprintf(scene->away, sizeof(scene->away), "%s/away", scene->top);
	(void)snprintf(scene->folder, sizeof(scene->folder), "%s/" KIT_CODE, scene->place);
	(void)snprintf(
		scene->fifo, sizeof(scene->fifo), "%s/000000000001-000001.segment", scene->folder);
	assert_int_equal(mkdir(scene->place, 0700), 0);
	assert_int_equal(mkdir(scene->folder, 0700), 0);
	kit_open_bare(&scene->kit, number);
	scene->kit.options.vfs = NULL;
	scene->kit.options.path = scene->db;
	assert_int_equal(bh_store_create(&scene->kit.options, KIT_CODE, scene->kit.now), 0);
	assert_int_equal(kit_up(&scene->kit), 0);
	kit_profile(&scene->kit);
	kit_enrol(&scene->kit, &scene->phone, BH_DEMO_WORKER(1111), 1);
	scene->options = (struct bh_ship_options){
		.store = &scene->kit.options, .code = KIT_CODE, .folder = scene->place};
	scene->bell = eventfd(0, EFD_CLOEXEC);
	assert_true(scene->bell >= 0);
	pthread_mutex_init(&scene->lock, NULL);
}

static void loop_up(struct scene *scene)
{
	const struct bh_ship_events events = {scene, on_said};
	const struct bh_clock clock = {clock_now, scene};

	assert_int_equal(bh_ship_loop_new(&scene->options, clock, &events, &scene->loop), 0);
	assert_int_equal(bh_ship_loop_start(scene->loop), 0);
}

static void loop_down(struct scene *scene)
{
	bh_ship_loop_free(scene->loop);
	scene->loop = NULL;
}

static void scene_close(struct scene *scene)
{
	loop_down(scene);
	(void)close(scene->bell);
	pthread_mutex_destroy(&scene->lock);
	kit_close(&scene->kit);
	assert_int_equal(bh_folder_remove(scene->top), 0);
}

/* Until it says something. */
static struct bh_ship_counts heard(struct scene *scene)
{
	struct pollfd ring = {.fd = scene->bell, .events = POLLIN};
	uint64_t rings;

	assert_int_equal(poll(&ring, 1, WAIT_MS_MAX), 1);
	assert_int_equal(read(scene->bell, &rings, sizeof(rings)), sizeof(rings));
	pthread_mutex_lock(&scene->lock);
	struct bh_ship_counts said = scene->said;
	pthread_mutex_unlock(&scene->lock);
	return said;
}

static int entry_count(void *context, const struct bh_entry *entry, const struct bh_caller_key *key)
{
	uint64_t *count = context;

	(void)key;
	assert_int_equal(entry->position, *count + 1); /* each once */
	++*count;
	return BH_NOERR;
}

/* A stop ships what was committed: then the folder holds the journal from end to end.  Gives the
 * number of files. */
static size_t stopped_whole(struct scene *scene)
{
	struct bh_segment_folder folder;
	struct bh_segment_road road;
	struct bh_segment_fault fault = {0};
	uint64_t count = 0;

	loop_down(scene);
	assert_int_equal(bh_segment_folder_list(scene->folder, &folder), 0);
	assert_int_equal(bh_segment_folder_judge(&folder, scene->kit.hasher, KIT_CODE, &road), 0);
	int err = bh_segment_follow(scene->kit.hasher, &road, entry_count, &count, &fault);
	if (err)
		fail_msg("%d: %s", err, fault.what ? fault.what : "no segments");
	assert_int_equal(road.position, kit_head(&scene->kit));
	size_t files = folder.count;
	bh_segment_folder_free(&folder);
	return files;
}

/* A file whose reader waits for ever. */
static void folder_hang(struct scene *scene)
{
	assert_int_equal(mkfifo(scene->fifo, 0600), 0);
}

/* The one that hangs is in its call now; gives what lets it go. */
static int hanging(struct scene *scene)
{
	int fd = open(scene->fifo, O_WRONLY | O_CLOEXEC); /* waits until it is there */

	assert_true(fd >= 0);
	return fd;
}

static void folder_answers(struct scene *scene, int fd)
{
	assert_int_equal(unlink(scene->fifo), 0);
	assert_int_equal(close(fd), 0);
}

static void test_loop__a_folder_that_hangs_holds_up_nobody_who_asks(void **state)
{
	static struct scene scene;
	struct bh_ship_counts counts;

	(void)state;
	scene_open(&scene, 97);
	folder_hang(&scene);
	loop_up(&scene);
	int fd = hanging(&scene);
	for (unsigned n = 0; n < 5; n++) {
		(void)kit_report(&scene.kit, &scene.phone, "committed while it hangs");
		bh_ship_loop_ring(scene.loop);
		bh_ship_loop_counts(scene.loop, &counts);
		assert_int_equal(counts.shipped, 0);
		assert_false(counts.failing); /* it has not even failed */
	}
	folder_answers(&scene, fd);
	assert_int_equal(stopped_whole(&scene), 1);
	assert_int_equal(scene.said_count, 0);
	scene_close(&scene);
}

/* What hangs is left where it is: its memory is not given back, for the call may come back. */
static void test_loop__a_stop_does_not_wait_for_a_folder_that_hangs(void **state)
{
	static struct scene scene;
	static struct bh_ship_loop *left;
	struct bh_clock clock = bh_clock_system();

	(void)state;
	scene_open(&scene, 98);
	scene.behind_ms = STOP_MS_MAX - JOIN_LEFT_MS;
	folder_hang(&scene);
	loop_up(&scene);
	int fd = hanging(&scene);
	left = scene.loop;
	int64_t began_ms = clock.now(clock.context).mono_ms;
	loop_down(&scene);
	int64_t took_ms = clock.now(clock.context).mono_ms - began_ms;
	assert_true(took_ms >= JOIN_LEFT_MS - 10 && took_ms < STOP_MS_MAX / 2);
	folder_answers(&scene, fd);
	assert_non_null(left);
	/* its thread ends by itself, and with it the last use of the district's file */
	struct bh_segment_folder folder = {0};
	for (unsigned n = 0; n < WAIT_MS_MAX && folder.count == 0; n++) {
		bh_segment_folder_free(&folder);
		(void)poll(NULL, 0, 1);
		assert_int_equal(bh_segment_folder_list(scene.folder, &folder), 0);
	}
	assert_int_equal(folder.count, 1);
	bh_segment_folder_free(&folder);
	(void)close(scene.bell);
	kit_close(&scene.kit);
	(void)bh_folder_remove(scene.top);
}

static void test_loop__a_folder_that_goes_is_said_once_and_lacks_nothing_later(void **state)
{
	static struct scene scene;

	(void)state;
	scene_open(&scene, 99);
	assert_int_equal(rename(scene.place, scene.away), 0);
	loop_up(&scene);
	struct bh_ship_counts said = heard(&scene);
	assert_true(said.failing);
	assert_non_null(strstr(said.error, "it is not there"));
	assert_int_equal(said.behind_entries, kit_head(&scene.kit));
	(void)kit_report(&scene.kit, &scene.phone, "nobody hears");
	bh_ship_loop_ring(scene.loop);
	assert_int_equal(rename(scene.away, scene.place), 0);
	said = heard(&scene);
	assert_false(said.failing);
	assert_int_equal(scene.said_count, 2);
	assert_int_equal(stopped_whole(&scene), 1);
	scene_close(&scene);
}

/* A stop ships what nobody rang for; the next one goes on in a file of its own. */
static void test_loop__a_stop_ships_what_was_committed(void **state)
{
	static struct scene scene;

	(void)state;
	scene_open(&scene, 100);
	for (unsigned n = 1; n <= 3; n++) {
		loop_up(&scene);
		(void)kit_report(&scene.kit, &scene.phone, "the last word");
		assert_int_equal(stopped_whole(&scene), n);
	}
	scene_close(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loop__a_folder_that_hangs_holds_up_nobody_who_asks),
		cmocka_unit_test(
			test_loop__a_folder_that_goes_is_said_once_and_lacks_nothing_later),
		cmocka_unit_test(test_loop__a_stop_ships_what_was_committed),
		cmocka_unit_test(test_loop__a_stop_does_not_wait_for_a_folder_that_hangs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
