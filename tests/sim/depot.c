/* Whose process lives holds the folder's lock; the kernel lets go of it, however that ends.  So a
 * process that was killed leaves its folder to the next one, whichever that is.
 *
 *   make ──▶ lock ──▶ ... ──▶ exit: removed
 *     │        └─ somebody who cleans was there first: another one      killed: the next make
 * removes it
 */
#include "tests/sim/depot.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/err.h"

#define PREFIX "bh_depot-"
#define PATH_BYTES 1024

static char depot_at_exit[BH_SIMDEPOT_BYTES];
static int depot_lock = -1;

static void path_join(char out[PATH_BYTES], const char *folder, const char *name)
{
	int n = snprintf(out, PATH_BYTES, "%s/%s", folder, name);

	bh_assert(n > 0 && n < PATH_BYTES);
}

/* A name that is none is left alone. */
static void folder_empty(const char *folder)
{
	char path[PATH_BYTES];
	DIR *open = opendir(folder);

	for (struct dirent *entry; open != NULL && (entry = readdir(open)) != NULL;) {
		path_join(path, folder, entry->d_name);
		(void)unlink(path);
	}
	if (open != NULL)
		(void)closedir(open);
}

static void depot_drop(const char *depot)
{
	char inside[PATH_BYTES];

	path_join(inside, depot, BH_SIMDEPOT_INSIDE);
	folder_empty(inside);
	(void)rmdir(inside);
	folder_empty(depot);
	(void)rmdir(depot);
}

/* -1: it is another's, or gone. */
static int lock_take(const char *depot)
{
	struct stat held, named;
	int fd = open(depot, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &held) == 0 &&
		stat(depot, &named) == 0 && held.st_ino == named.st_ino && held.st_uid == geteuid())
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

static void leftovers_drop(const char *where)
{
	char path[PATH_BYTES];
	DIR *open = opendir(where);

	for (struct dirent *entry; open != NULL && (entry = readdir(open)) != NULL;) {
		if (strncmp(entry->d_name, PREFIX, sizeof(PREFIX) - 1) != 0)
			continue;
		path_join(path, where, entry->d_name);
		int lock = lock_take(path);
		if (lock < 0)
			continue;
		depot_drop(path);
		(void)close(lock);
	}
	if (open != NULL)
		(void)closedir(open);
}

void bh_simdepot_make(char path[BH_SIMDEPOT_BYTES])
{
	static bool registered;
	const char *where = getenv("TMPDIR");

	where = where != NULL ? where : "/tmp";
	bh_assert(depot_lock == -1);
	leftovers_drop(where);
	if (!registered)
		bh_assert(atexit(bh_simdepot_remove) == 0);
	registered = true;
	while (depot_lock == -1) {
		int n = snprintf(path, BH_SIMDEPOT_BYTES, "%s/" PREFIX "XXXXXX", where);
		bh_assert(n > 0 && (size_t)n < BH_SIMDEPOT_BYTES && mkdtemp(path) != NULL);
		depot_lock = lock_take(path);
	}
	memcpy(depot_at_exit, path, sizeof(depot_at_exit));
}

void bh_simdepot_remove(void)
{
	if (depot_lock == -1)
		return;
	depot_drop(depot_at_exit);
	(void)close(depot_lock);
	depot_lock = -1;
}
