/* A dossier's archive on its way out.  It lies in a folder of its own, in which nothing is worth
 * keeping: one archive at a time is written there, what a killed process left goes before the next,
 * and what is sent has lost its name already. */
#include "server/main/booked.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/dossier/archive.h"

#define FOLDER "export"

static int code_now(void)
{
	return errno == ENOSPC ? BH_ERR_FULL : BH_ERR_IO;
}

static int folder_clear(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	if (!dir)
		return code_now();
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
	(void)closedir(dir);
	return BH_NOERR;
}

int bh_booked_write(
	const struct bh_served *served, const struct bh_book *book, char *path, size_t size)
{
	char folder[BH_BACKUP_PATH_MAX];
	int n = snprintf(folder, sizeof(folder), "%s/" FOLDER, served->folder);

	if (n < 0 || (size_t)n >= sizeof(folder))
		return BH_ERR_LIMIT;
	n = snprintf(path, size, "%s/dossier.zip", folder);
	if (n < 0 || (size_t)n >= size)
		return BH_ERR_LIMIT;
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return code_now();
	int err = folder_clear(folder);
	return err ? err : bh_archive_write(book, served->store.path, path);
}

void bh_booked_answer(struct bh_http_call *call, const struct bh_response *response)
{
	static const char gone[] = "{\"code\": \"storage\", \"message\": \"the file is gone\"}";
	struct stat found;
	int fd = open(response->file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	(void)unlink(response->file);
	if (fd >= 0 && fstat(fd, &found) == 0) {
		bh_http_answer_file(call, fd, found.st_size, response->content_type, "dossier.zip");
		return;
	}
	if (fd >= 0)
		(void)close(fd);
	bh_http_answer(call, 503, "application/json", bh_span(gone, sizeof(gone) - 1));
}
