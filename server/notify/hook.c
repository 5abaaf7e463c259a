/* Its stdin is a pipe that holds the whole message before it starts, so that nobody waits for it
 * to read; its output goes nowhere, its environment is a path and a language, and it stands in a
 * process group of its own, which ends with it. */
#include "server/notify/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/err.h"

#define EXIT_LATER 75

_Static_assert(BH_NOTIFY_MESSAGE_MAX <= PIPE_BUF, "an empty pipe takes a whole message at once");

static int actions_fill(posix_spawn_file_actions_t *actions, int in)
{
	int err = posix_spawn_file_actions_adddup2(actions, in, STDIN_FILENO);
	for (int fd = STDOUT_FILENO; !err && fd <= STDERR_FILENO; fd++)
		err = posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_WRONLY, 0);
	if (!err)
		err = posix_spawn_file_actions_addchdir_np(actions, "/");
	if (!err)
		err = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
	return err;
}

static int attributes_fill(posix_spawnattr_t *attributes)
{
	sigset_t none, all;
	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	int err = posix_spawnattr_setflags(
		attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (!err)
		err = posix_spawnattr_setpgroup(attributes, 0);
	if (!err)
		err = posix_spawnattr_setsigmask(attributes, &none);
	return err ? err : posix_spawnattr_setsigdefault(attributes, &all);
}

static int program_spawn(const char *program, const char *district, int in, pid_t *pid)
{
	char where[64];
	char *const argv[] = {(char *)(uintptr_t)program, NULL};
	char *const environment[] = {
		"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", where, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	(void)snprintf(where, sizeof(where), "BIHUAN_DISTRICT=%s", district);
	if (posix_spawn_file_actions_init(&actions) != 0)
		return BH_ERR_NOMEM;
	if (posix_spawnattr_init(&attributes) != 0) {
		(void)posix_spawn_file_actions_destroy(&actions);
		return BH_ERR_NOMEM;
	}
	int err = actions_fill(&actions, in);
	if (!err)
		err = attributes_fill(&attributes);
	if (!err)
		err = posix_spawn(pid, program, &actions, &attributes, argv, environment);
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);
	return err ? BH_ERR_IO : BH_NOERR;
}

int bh_hook_start(const char *program, const char *district, struct bh_slot *slot, int64_t mono_ms)
{
	int ends[2];
	/* A pipe, which programs may open anew by its name; a new one holds a whole message. */
	if (pipe2(ends, O_CLOEXEC) != 0)
		return BH_ERR_IO;
	ssize_t sent = write(ends[1], slot->message.data, slot->message.len);
	int err = sent == (ssize_t)slot->message.len ? BH_NOERR : BH_ERR_IO;
	(void)close(ends[1]);
	if (!err)
		err = program_spawn(program, district, ends[0], &slot->pid);
	(void)close(ends[0]);
	if (err)
		return err;
	slot->pid_fd = pidfd_open(slot->pid, 0);
	slot->deadline_mono_ms = mono_ms + BH_HOOK_MS_MAX;
	if (slot->pid_fd >= 0)
		return BH_NOERR;
	bh_hook_kill(slot);
	return BH_ERR_IO;
}

void bh_hook_kill(struct bh_slot *slot)
{
	int status;
	if (slot->pid <= 0)
		return;
	(void)kill(-slot->pid, SIGKILL);
	(void)kill(slot->pid, SIGKILL); /* it may not be in its group yet */
	while (waitpid(slot->pid, &status, 0) < 0 && errno == EINTR) {
	}
	if (slot->pid_fd >= 0)
		(void)close(slot->pid_fd);
	slot->pid = 0;
	slot->pid_fd = -1;
}

static enum bh_attempt status_read(int status, uint32_t *error)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	if (code == 0)
		return BH_ATTEMPT_SENT;
	*error = code > 0 ? BH_NOTICE_ERR_EXIT + (uint32_t)code
			  : BH_NOTICE_ERR_SIGNAL + (uint32_t)WTERMSIG(status);
	return code > 0 && code != EXIT_LATER ? BH_ATTEMPT_NEVER : BH_ATTEMPT_LATER;
}

bool bh_hook_ended(struct bh_slot *slot, int64_t mono_ms, enum bh_attempt *attempt)
{
	siginfo_t info = {0};
	/* Looked at without being taken, so that its number is nobody else's while its group ends.
	 */
	if (waitid(P_PID, (id_t)slot->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		info.si_pid == slot->pid) {
		int status = 0;
		(void)kill(-slot->pid, SIGKILL);
		while (waitpid(slot->pid, &status, 0) < 0 && errno == EINTR) {
		}
		*attempt = status_read(status, &slot->row.error);
		(void)close(slot->pid_fd);
		slot->pid = 0;
		slot->pid_fd = -1;
		return true;
	}
	if (mono_ms < slot->deadline_mono_ms)
		return false;
	bh_hook_kill(slot);
	slot->row.error = BH_NOTICE_ERR_TIME;
	*attempt = BH_ATTEMPT_LATER;
	return true;
}
