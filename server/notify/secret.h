/* Who else could read the file of a secret. */
#ifndef BH_NOTIFY_SECRET_H
#define BH_NOTIFY_SECRET_H

#include <stdbool.h>
#include <sys/types.h>

/* Its mode gives others more than it may: anything, and of what systemd handed over
 * ($CREDENTIALS_DIRECTORY) more than a group's reading. */
bool bh_secret_is_open(const char *path, mode_t mode);

#endif
