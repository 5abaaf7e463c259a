/* A case's photos into a folder: each by the case's number, the op that brought it and its hash, so
 * that asking again writes the same names. One that is there is left alone; one that is still on
 * its handset is named, and makes the exit status say so. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"

#define PHOTO_PATH_MAX 1024u
#define HASH_SHOWN 12

static int cannot(struct bh_cli_call *call, const char *path)
{
	char message[PHOTO_PATH_MAX + 100];
	(void)snprintf(message, sizeof(message), "%s: %s", path, strerror(errno));
	return bh_cli_fail(call, BH_CLI_STORAGE, "file", message, NULL);
}

static bool write_all(int fd, struct bh_span bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.data, bytes.len);
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			bytes = bh_span(bytes.data + n, bytes.len - (size_t)n);
	}
	return true;
}

int bh_tool_making_open(const char *making)
{
	(void)unlink(making); /* of a run that was cut off */
	return open(making, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

int bh_tool_save(struct bh_cli_call *call, const char *path, struct bh_span bytes)
{
	char making[PHOTO_PATH_MAX + 8];
	int n = snprintf(making, sizeof(making), "%s.part", path);
	if (n < 0 || (size_t)n >= sizeof(making)) {
		errno = ENAMETOOLONG;
		return cannot(call, path);
	}
	int fd = bh_tool_making_open(making);
	if (fd < 0)
		return cannot(call, making);
	bool written = write_all(fd, bytes);
	written = fsync(fd) == 0 && written; /* it may lie on a stick that is pulled out next */
	written = close(fd) == 0 && written;
	if (written && rename(making, path) == 0)
		return BH_CLI_DONE;
	int exit = cannot(call, path);
	(void)unlink(making);
	return exit;
}

static bool path_make(struct bh_cli_call *call, const json_t *photo, char path[PHOTO_PATH_MAX])
{
	const char *out = bh_cli_value(call, "out");
	const char *verb = json_string_value(json_object_get(photo, "verb"));
	const char *kind = json_string_value(json_object_get(photo, "kind"));
	const char *hash = json_string_value(json_object_get(photo, "hash"));
	int n = snprintf(path, PHOTO_PATH_MAX, "%s/%s-%s-%.*s%s.jpg", out ? out : ".",
		call->operands[0], verb ? verb : "", HASH_SHOWN, hash ? hash : "",
		kind && strcmp(kind, "thumbnail") == 0 ? "-small" : "");
	if (n > 0 && (size_t)n < PHOTO_PATH_MAX && !strchr(call->operands[0], '/'))
		return true;
	(void)bh_cli_fail(call, BH_CLI_USAGE, "usage", "the folder's name is too long", NULL);
	return false;
}

static int photo_fetch(struct bh_cli_call *call, const json_t *photo, const char *path)
{
	char from[BH_TOOL_PATH_MAX];
	struct bh_buf bytes = BH_BUF(0);
	const char *hash = json_string_value(json_object_get(photo, "hash"));
	int exit = bh_tool_district_path(call, from, "blobs", hash, NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_get_bytes(call, from, &bytes);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_save(call, path, bh_buf_span(&bytes));
	bh_buf_free(&bytes);
	return exit;
}

static int photo_one(struct bh_cli_call *call, const json_t *photo, size_t *missing)
{
	char path[PHOTO_PATH_MAX];
	int exit = BH_CLI_DONE;
	if (!path_make(call, photo, path))
		return BH_CLI_USAGE;
	if (!json_is_true(json_object_get(photo, "stored"))) {
		(*missing)++;
		bh_cli_note(
			call, "%s %s", path, call->zh ? "尚在终端上" : "is still on its handset");
		return BH_CLI_DONE;
	}
	if (access(path, F_OK) != 0)
		exit = photo_fetch(call, photo, path);
	if (exit != BH_CLI_DONE)
		return exit;
	if (call->json)
		bh_cli_print_json(photo);
	else
		printf("%s\n", path);
	return BH_CLI_DONE;
}

int bh_tool_photo(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL, *photo;
	size_t i, missing = 0;
	int exit = bh_tool_district_path(call, path, "cases", call->operands[0], NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_get(call, path, &answer);
	if (exit != BH_CLI_DONE)
		return exit;
	const json_t *photos = json_object_get(answer, "photos");
	json_array_foreach((json_t *)photos, i, photo)
	{
		exit = photo_one(call, photo, &missing);
		if (exit != BH_CLI_DONE)
			break;
	}
	if (exit == BH_CLI_DONE && json_array_size(photos) == 0)
		bh_cli_note(call, "%s", call->zh ? "没有照片" : "no photos");
	json_decref(answer);
	return exit == BH_CLI_DONE && missing > 0 ? BH_CLI_AGAIN : exit;
}
