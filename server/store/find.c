/* Whether a folder holds a district that this process may serve.  Its file is looked at before
 * SQLite has it: what a link points to would get its log of writes beside the link, what somebody
 * else owns would come to have files of two users, and an empty one would pass for a new one. */
#include "server/store/find.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/store/db.h"
#include "server/store/store.h"

#define PATH_BYTES_MAX 600
#define HEAD_BYTES 72u

/* Where SQLite's head says whose file it is; a number lies there with its high byte first. */
static const struct {
	size_t at, len;
	const char *bytes;
} marks[] = {
	{0, 16, "SQLite format 3"}, {68, 4, "bhdu"}, /* BH_DB_APPLICATION_ID */
};

_Static_assert(BH_DB_APPLICATION_ID == 0x62686475, "the mark is its bytes");

static bool is_marked(const uint8_t head[HEAD_BYTES])
{
	bool is = true;

	for (size_t i = 0; is && i < sizeof(marks) / sizeof(marks[0]); i++)
		is = memcmp(head + marks[i].at, marks[i].bytes, marks[i].len) == 0;
	return is;
}

/* As much as there is of it; calls may be interrupted and move a part. */
static bool head_read(int fd, uint8_t head[HEAD_BYTES])
{
	size_t len = 0;
	ssize_t n = 1;

	while (len < HEAD_BYTES && n != 0) {
		n = pread(fd, head + len, HEAD_BYTES - len, (off_t)len);
		if (n < 0 && errno != EINTR)
			return false;
		len += n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* A first page that is damaged may stand in the log of writes: then SQLite mends it, and the writer
 * looks at what it says. */
static int marks_look(const char *path, const char **detail)
{
	char log[PATH_BYTES_MAX + sizeof("-wal")];
	uint8_t head[HEAD_BYTES] = {0};
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool is_read = fd >= 0 && head_read(fd, head);

	if (fd >= 0)
		(void)close(fd);
	if (!is_read) {
		*detail = "district.db cannot be read";
		return BH_ERR_IO;
	}
	(void)snprintf(log, sizeof(log), "%s-wal", path);
	if (is_marked(head) || (stat(log, &st) == 0 && st.st_size > 0))
		return BH_NOERR;
	*detail = "district.db is not a district's";
	return BH_ERR_CORRUPT;
}

/* E07: a regular file, and our own. */
static int file_look(const struct stat *st, const char **detail)
{
	if (S_ISLNK(st->st_mode))
		*detail = "district.db is a symbolic link: put the file itself there";
	else if (!S_ISREG(st->st_mode))
		*detail = "district.db is not a file";
	else if (st->st_uid != geteuid())
		*detail = "district.db belongs to another user: run as that one";
	else
		return BH_NOERR;
	return BH_ERR_AUTH;
}

/* What keeps it from being looked at. */
static int absence(const char **detail)
{
	if (errno == ENOENT || errno == ENOTDIR) {
		*detail = "district.db is not there";
		return BH_ERR_NOT_FOUND;
	}
	if (errno == EACCES) {
		*detail = "its folder keeps this user out: it belongs to another";
		return BH_ERR_AUTH;
	}
	*detail = "district.db cannot be looked at";
	return BH_ERR_IO;
}

int bh_district_find(const char *data, const char *code, const char **detail)
{
	char path[PATH_BYTES_MAX];
	struct stat st;
	int n = snprintf(path, sizeof(path), "%s/%s/district.db", data, code);

	if (!bh_district_code_valid(code) || n <= 0 || (size_t)n >= sizeof(path)) {
		*detail = "its folder's name is no district's code";
		return BH_ERR_NOT_FOUND;
	}
	if (lstat(path, &st) != 0)
		return absence(detail);
	int err = file_look(&st, detail);
	if (!err && st.st_size == 0) {
		*detail = "district.db is empty";
		err = BH_ERR_CORRUPT;
	}
	return err ? err : marks_look(path, detail);
}
