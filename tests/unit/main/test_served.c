/* A district is made whole and durable, its folder's own name too; one that was made and could not
 * be served then is served when it is asked for again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/main/carried.h"
#include "server/main/districts.h"
#include "server/main/log.h"

int __real_fsync(int fd);
int __wrap_fsync(int fd);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
int __wrap_statvfs64(const char *path, struct statvfs *out);
int __real_pthread_create(
	pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *context);
int __wrap_pthread_create(
	pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *context);
DIR *__real_opendir(const char *path);
DIR *__wrap_opendir(const char *path);
struct dirent *__real_readdir64(DIR *folder);
struct dirent *__wrap_readdir64(DIR *folder);
int __real_poll(struct pollfd *fds, nfds_t count, int timeout_ms);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms);

#define WAITS_MAX 8

struct fixture {
	char data[64];
	struct bh_process process;
};

static struct stat data_folder; /* what is looked for among what is synced */
static unsigned data_synced;
static bool no_thread;
static bool no_memory;
static fsblkcnt_t blocks_left;
static atomic_int cargo_unread; /* so often the folder of cargo cannot be opened or be read, */
static int waits_ms[WAITS_MAX]; /* and so long was then waited each time, which goes by at once */
static atomic_int waits_count;
static _Thread_local bool reads_cargo; /* this thread does */
static sem_t waits_settled;            /* it waits, and nothing is to come */

int __wrap_fsync(int fd)
{
	struct stat st;
	if (fstat(fd, &st) == 0 && st.st_dev == data_folder.st_dev &&
		st.st_ino == data_folder.st_ino)
		data_synced++;
	return __real_fsync(fd);
}

int __wrap_pthread_create(
	pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *context)
{
	return no_thread ? EAGAIN : __real_pthread_create(thread, attr, run, context);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return no_memory ? NULL : __real_calloc(count, size);
}

int __wrap_statvfs64(const char *path, struct statvfs *out)
{
	(void)path;
	*out = (struct statvfs){.f_frsize = 4096, .f_bavail = blocks_left};
	return 0;
}

DIR *__wrap_opendir(const char *path)
{
	size_t len = strlen(path);
	bool is_cargo = len > 6 && strcmp(path + len - 6, "/cargo") == 0;
	reads_cargo |= is_cargo;
	if (!is_cargo || atomic_load(&cargo_unread) % 2 == 0)
		return __real_opendir(path);
	errno = EMFILE;
	return NULL;
}

struct dirent *__wrap_readdir64(DIR *folder)
{
	if (!reads_cargo || atomic_load(&cargo_unread) == 0)
		return __real_readdir64(folder);
	errno = EIO;
	return NULL;
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	if (!reads_cargo || atomic_load(&waits_count) < 0)
		return __real_poll(fds, count, timeout_ms);
	int n = atomic_fetch_add(&waits_count, 1);
	waits_ms[n] = timeout_ms;
	if (atomic_load(&cargo_unread) > 0) {
		atomic_fetch_sub(&cargo_unread, 1);
		return 0;
	}
	atomic_store(&waits_count, -1);
	(void)sem_post(&waits_settled);
	return __real_poll(fds, count, timeout_ms);
}

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct bh_process *process = &fixture->process;
	*state = fixture;
	(void)snprintf(fixture->data, sizeof(fixture->data), "/tmp/bh-served-XXXXXX");
	if (!mkdtemp(fixture->data) || stat(fixture->data, &data_folder) != 0)
		return -1;
	(void)snprintf(process->config.data, sizeof(process->config.data), "%s", fixture->data);
	process->clock = bh_clock_system();
	process->loops_count = 1;
	data_synced = 0;
	no_thread = false;
	atomic_store(&cargo_unread, 0);
	atomic_store(&waits_count, -1);
	return bh_loop_new(process->clock, process, &process->loops[0]) ||
			       bh_tls_door_new(&process->door) ||
			       bh_packer_open(&process->desks[0].packer) ||
			       bh_hasher_open(&process->desks[0].hasher)
		       ? -1
		       : 0;
}

/* With everything in it: a district's folder and its keys. */
static void folder_remove(const char *folder)
{
	char path[400];
	struct dirent *entry;
	DIR *open_folder = opendir(folder);
	assert_non_null(open_folder);
	while ((entry = readdir(open_folder)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (unlink(path) != 0)
			folder_remove(path);
	}
	(void)closedir(open_folder);
	assert_int_equal(rmdir(folder), 0);
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	struct bh_process *process = &fixture->process;
	for (size_t i = 0; i < process->districts_count; i++)
		bh_writer_loop_stop(process->districts[i]->writer);
	bh_loop_drain(process->loops[0]);
	for (size_t i = 0; i < process->districts_count; i++)
		bh_served_close(process->districts[i]);
	bh_loop_free(process->loops[0]);
	bh_packer_close(process->desks[0].packer);
	bh_hasher_close(process->desks[0].hasher);
	bh_tls_door_free(process->door);
	folder_remove(fixture->data);
	free(fixture);
	return 0;
}

static void test_served__the_name_of_a_new_district_is_durable_before_it_is_answered(void **state)
{
	struct fixture *fixture = *state;
	const struct bh_served_options options = {
		.data = fixture->data, .clock = fixture->process.clock};
	const char *detail = NULL;
	assert_int_equal(bh_served_create(&options, "990101", NULL, &detail), BH_NOERR);
	assert_true(data_synced > 0);
}

static void test_districts__every_start_makes_their_names_durable(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(bh_districts_open(&fixture->process), BH_NOERR);
	assert_true(data_synced > 0);
}

static void test_districts__what_was_made_and_not_served_is_served_when_asked_for_again(
	void **state)
{
	struct fixture *fixture = *state;
	struct bh_process *process = &fixture->process;
	const char *detail = NULL;
	no_thread = true;
	assert_int_equal(bh_process_create(process, "990101", NULL, &detail), BH_ERR_NOMEM);
	assert_null(bh_process_district(process, "990101"));
	no_thread = false;
	assert_int_equal(bh_process_create(process, "990101", NULL, &detail), BH_NOERR);
	assert_non_null(bh_process_district(process, "990101"));
	assert_int_equal(bh_process_create(process, "990101", NULL, &detail), BH_ERR_EXISTS);
}

/* Its first reading asks nobody for anything: the stop is seen all the same. */
static void test_served__a_stop_ends_the_reading_of_a_bundle(void **state)
{
	struct fixture *fixture = *state;
	struct bh_process *process = &fixture->process;
	struct bh_bundle_report report;
	enum bh_bundle_fault fault = BH_BUNDLE_HOLDS;
	const char *detail = NULL;
	char path[100];
	(void)snprintf(path, sizeof(path), "%s/no.bundle", fixture->data);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs("of no use", file) >= 0 && fclose(file) == 0);
	assert_int_equal(bh_process_create(process, "990101", NULL, &detail), BH_NOERR);
	struct bh_served *served = bh_process_district(process, "990101");
	assert_int_equal(
		bh_carried_take(served, process->clock, path, 0, &report, &fault), BH_ERR_INVALID);
	assert_int_equal(fault, BH_BUNDLE_NOT_ONE);
	bh_served_stop(served);
	assert_int_equal(
		bh_carried_take(served, process->clock, path, 0, &report, &fault), BH_ERR_INVALID);
	assert_int_equal(fault, BH_BUNDLE_STORAGE);
}

static void test_districts__one_too_many_is_not_made(void **state)
{
	struct fixture *fixture = *state;
	struct bh_process *process = &fixture->process;
	struct bh_served other = {.code = "990102"};
	char path[100];
	struct stat st;
	const char *detail = NULL;
	for (size_t i = 0; i < BH_DISTRICTS_MAX; i++)
		process->districts[i] = &other;
	process->districts_count = BH_DISTRICTS_MAX;
	assert_int_equal(bh_process_create(process, "990101", NULL, &detail), BH_ERR_LIMIT);
	process->districts_count = 0;
	(void)snprintf(path, sizeof(path), "%s/990101", fixture->data);
	assert_int_not_equal(stat(path, &st), 0);
}

static void test_served__the_copy_of_a_killed_verification_goes_at_the_next_opening(void **state)
{
	struct fixture *fixture = *state;
	struct bh_process *process = &fixture->process;
	char path[100];
	struct stat st;
	const char *detail = NULL;
	const struct bh_served_options options = {.data = fixture->data, .clock = process->clock};
	assert_int_equal(bh_served_create(&options, "990101", NULL, &detail), BH_NOERR);
	(void)snprintf(path, sizeof(path), "%s/990101/" BH_VERIFY_COPY, fixture->data);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(bh_process_serve(process, "990101", &detail), BH_NOERR);
	assert_int_not_equal(stat(path, &st), 0);
}

static void test_served__a_copy_needs_room_for_itself_and_for_the_writer(void **state)
{
	struct fixture *fixture = *state;
	struct bh_process *process = &fixture->process;
	struct stat st;
	const char *detail = NULL;
	assert_int_equal(bh_process_create(process, "990101", NULL, &detail), BH_NOERR);
	struct bh_served *served = bh_process_district(process, "990101");
	assert_int_equal(stat(served->path, &st), 0);
	blocks_left = ((fsblkcnt_t)st.st_size + BH_BALLAST_BYTES) / 4096 - 1;
	assert_false(bh_served_has_copy_room(served, served->folder));
	blocks_left += 4096; /* and for its log of writes */
	assert_true(bh_served_has_copy_room(served, served->folder));
}

/* What came whole lies there all the while, and nobody rings for it a second time. */
static void test_carrier__a_folder_that_cannot_be_read_is_tried_again_soon(void **state)
{
	static const int expected_ms[] = {60000, 120000, 240000, 3600000};
	struct fixture *fixture = *state;
	struct bh_process *process = &fixture->process;
	const char *detail = NULL;
	char folder[100];
	(void)snprintf(folder, sizeof(folder), "%s/990101", fixture->data);
	assert_int_equal(mkdir(folder, 0700), 0);
	(void)snprintf(folder, sizeof(folder), "%s/990101/cargo", fixture->data);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(sem_init(&waits_settled, 0, 0), 0);
	atomic_store(&cargo_unread, 3);
	atomic_store(&waits_count, 0);
	assert_int_equal(bh_process_create(process, "990101", NULL, &detail), BH_NOERR);
	while (sem_wait(&waits_settled) != 0)
		assert_int_equal(errno, EINTR);
	assert_memory_equal(waits_ms, expected_ms, sizeof(expected_ms));
	(void)sem_destroy(&waits_settled);
}

static void test_seat__a_wake_without_memory_is_one_for_everybody(void **state)
{
	struct fixture *fixture = *state;
	struct bh_process *process = &fixture->process;
	const struct bh_wakes wakes = {.all = true};
	const char *detail = NULL;
	assert_int_equal(bh_process_create(process, "990101", NULL, &detail), BH_NOERR);
	struct bh_seat *seat = process->districts[0]->seats[0];
	for (int i = 0; i < 2; i++) { /* before it was opened, and after */
		no_memory = true;
		bh_seat_post_wakes(seat, &wakes);
		bh_seat_post_wakes(seat, &wakes);
		no_memory = false;
		bh_loop_drain(process->loops[0]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_served__the_name_of_a_new_district_is_durable_before_it_is_answered,
			setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_districts__every_start_makes_their_names_durable, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_districts__what_was_made_and_not_served_is_served_when_asked_for_again,
			setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_served__a_stop_ends_the_reading_of_a_bundle, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_districts__one_too_many_is_not_made, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_served__the_copy_of_a_killed_verification_goes_at_the_next_opening,
			setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_served__a_copy_needs_room_for_itself_and_for_the_writer, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_carrier__a_folder_that_cannot_be_read_is_tried_again_soon, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_seat__a_wake_without_memory_is_one_for_everybody, setup, teardown),
	};
	bh_log_set_level(BH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
