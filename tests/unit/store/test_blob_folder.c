/* A folder whose sync fails, on the real file system: a photo is whole only when the names above it
 * are durable, and is taken when the disk is well again (faults.md E03). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/store/folder.h"
#include "tests/unit/store/blob_kit.h"

/* The one global: which fsync of this program fails, counted down; 0: none. */
static struct {
	unsigned nth;
	unsigned seen;
	bool struck;
} plan;

int __real_fsync(int fd);
int __wrap_fsync(int fd);

/* Of folders alone: SQLite's own calls of files are not this program's. */
int __wrap_fsync(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) && ++plan.seen == plan.nth) {
		plan.struck = true;
		errno = EIO;
		return -1;
	}
	return __real_fsync(fd);
}

struct scene {
	struct blob_kit kit;
	char top[64], db[100];
};

static void scene_open(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	(void)snprintf(scene->top, sizeof(scene->top), "/tmp/bh-folder-XXXXXX");
	assert_non_null(mkdtemp(scene->top));
	(void)snprintf(scene->db, sizeof(scene->db), "%s/district.db", scene->top);
	assert_int_equal(bh_file_write(scene->db, bh_span("x", 1)), 0);
	scene->kit.options.path = scene->db;
	scene->kit.options.blob_reserve_bytes = 1;
	assert_int_equal(bh_hasher_open(&scene->kit.hasher), 0);
	blob_photo(&scene->kit, 640, 480);
	blob_hash(&scene->kit);
	assert_int_equal(bh_blob_files_open(&scene->kit.options, &scene->kit.files), 0);
}

static void scene_close(struct scene *scene)
{
	bh_blob_files_close(scene->kit.files);
	bh_hasher_close(scene->kit.hasher);
	assert_int_equal(bh_folder_remove(scene->top), 0);
}

static bool names_are_all(const struct scene *scene)
{
	char path[512];

	assert_int_equal(bh_blob_path(scene->db, scene->kit.hash, path, sizeof(path)), 0);
	return access(path, F_OK) == 0;
}

static void test_folder__each_sync_that_fails_is_told_and_the_next_try_goes_through(void **state)
{
	unsigned nth = 1;

	(void)state;
	for (;; nth++) {
		struct scene scene;

		scene_open(&scene);
		plan = (__typeof__(plan)){.nth = nth};
		struct bh_blob_job job = blob_send_all(&scene.kit);
		bool struck = plan.struck;
		plan.nth = 0;
		assert_int_equal(job.err, struck ? BH_ERR_IO : 0);
		plan.seen = 0;
		job = blob_send_all(&scene.kit);
		assert_int_equal(job.err, 0);
		assert_int_equal(job.found, BH_BLOB_WHOLE);
		assert_true(names_are_all(&scene));
		/* what was not durable then was made so: a sync of a folder at least */
		assert_true(!struck || plan.seen > 0);
		scene_close(&scene);
		if (!struck)
			break;
	}
	/* blobs, ab and cd in what they lie in; and the photo's own name */
	assert_true(nth > 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_folder__each_sync_that_fails_is_told_and_the_next_try_goes_through),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
