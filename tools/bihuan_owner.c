/* What root makes in another user's folder is given to that user: the server runs as whoever owns
 * its folder of districts, and opens nothing else.  Anybody else is refused before anything is
 * made.
 *
 * Its owner may rename and link there meanwhile, so that each thing is looked at and given by one
 * descriptor, no link is followed, and a file with another name elsewhere stays as it is. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"

int bh_tool_owner_find(struct bh_cli_call *call, const char *data, struct bh_tool_owner *out)
{
	char message[PATH_MAX + 100];
	struct stat st;
	*out = (struct bh_tool_owner){.gives = false};
	if (stat(data, &st) != 0 || st.st_uid == geteuid())
		return BH_CLI_DONE;
	*out = (struct bh_tool_owner){st.st_uid, st.st_gid, geteuid() == 0, -1};
	if (out->gives)
		return BH_CLI_DONE;
	(void)snprintf(message, sizeof(message),
		"%.*s: it belongs to another user: run this as that one, or as root", PATH_MAX,
		data);
	return bh_cli_fail(call, BH_CLI_NO_RIGHT, "user", message, NULL);
}

bool bh_tool_owner_be(struct bh_tool_owner *owner, const char *data)
{
	if (!owner->gives)
		return true;
	owner->back = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return owner->back >= 0 && chdir(data) == 0 && setgroups(0, NULL) == 0 &&
	       setegid(owner->gid) == 0 && seteuid(owner->uid) == 0;
}

bool bh_tool_owner_end(struct bh_tool_owner *owner)
{
	if (!owner->gives || owner->back < 0)
		return true;
	bool is = seteuid(0) == 0 && setegid(getgid()) == 0 && fchdir(owner->back) == 0;
	(void)close(owner->back);
	owner->back = -1;
	return is;
}

/* 0, or errno. */
static int thing_give(const char *path, const struct bh_tool_owner *owner)
{
	struct stat st;
	int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : errno;
	int fault = fstat(fd, &st) == 0 ? 0 : errno;
	bool ours = !fault && st.st_uid == geteuid();
	if (ours && !S_ISDIR(st.st_mode) && st.st_nlink > 1)
		fault = EMLINK;
	else if (ours && fchownat(fd, "", owner->uid, owner->gid, AT_EMPTY_PATH) != 0)
		fault = errno;
	(void)close(fd);
	return fault;
}

/* The folder itself, what it was before, what is kept beside it. */
static bool is_of(const char *name, const char *code)
{
	size_t len = strlen(code);
	return strncmp(name, code, len) == 0 && (name[len] == '\0' || name[len] == '.');
}

/* A folder after what is in it: until then nobody else is in it. */
static int entry_give(FTS *walk, FTSENT *entry, const char *code, const struct bh_tool_owner *owner)
{
	if (entry->fts_level == FTS_ROOTLEVEL)
		return entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR ? entry->fts_errno
										: 0;
	if (entry->fts_level == 1 && !is_of(entry->fts_name, code)) {
		(void)fts_set(walk, entry, FTS_SKIP);
		return 0;
	}
	switch (entry->fts_info) {
	case FTS_D:
		return 0;
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		return entry->fts_errno;
	default:
		return thing_give(entry->fts_accpath, owner);
	}
}

/* All of it, whatever cannot be given: 0, or errno of the first that cannot, whose path is said. */
static int all_give(
	const char *data, const char *code, const struct bh_tool_owner *owner, char path[PATH_MAX])
{
	char root[PATH_MAX];
	char *const roots[] = {root, NULL};
	FTSENT *entry;
	int first = 0;
	(void)snprintf(root, sizeof(root), "%s", data);
	(void)snprintf(path, PATH_MAX, "%s", data);
	/* The folder itself may be named by a link, as its owner was found; nothing in it is. */
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW, NULL);
	if (!walk)
		return errno;
	while ((errno = 0, entry = fts_read(walk)) != NULL) {
		int fault = entry_give(walk, entry, code, owner);
		if (fault && !first)
			(void)snprintf(path, PATH_MAX, "%s", entry->fts_path);
		first = first ? first : fault;
	}
	first = first ? first : errno;
	(void)fts_close(walk);
	return first;
}

int bh_tool_owner_give(struct bh_cli_call *call, const char *data, const char *code,
	const struct bh_tool_owner *owner)
{
	char path[PATH_MAX], message[PATH_MAX + 200];
	int fault = owner->gives && code[0] ? all_give(data, code, owner, path) : 0;
	if (!fault)
		return BH_CLI_DONE;
	(void)snprintf(message, sizeof(message), "%s: it cannot be given to the server's user: %s",
		path, strerror(fault));
	return bh_cli_fail(call, BH_CLI_STORAGE, "user", message,
		"chown what root owns in that folder before the server starts");
}
