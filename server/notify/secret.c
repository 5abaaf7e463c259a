/* What systemd hands a service is guarded by its folder: where there is an access list, a file's
 * group bits are that list's mask, and nobody's right. */
#include "server/notify/secret.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_credential(const char *path)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	size_t len = folder ? strlen(folder) : 0;
	return len > 0 && strncmp(path, folder, len) == 0 && path[len] == '/' &&
	       strstr(path, "/..") == NULL;
}

bool bh_secret_is_open(const char *path, mode_t mode)
{
	mode_t others = is_credential(path) ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO;
	return (mode & others) != 0;
}
