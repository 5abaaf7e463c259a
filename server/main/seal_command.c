/* One child, its output read and its end waited for within one deadline; then it is killed.
 *
 *   words + code ──▶ posix_spawn ──▶ lines of 64 hex digits ──▶ exit 0
 *
 * What it prints elsewhere goes where the server's own complaints go. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/clock.h"
#include "proto/err.h"
#include "server/main/sealing.h"

#define END_LOOK_MS 10
#define WORDS_MAX 16u
#define COMMAND_BYTES_MAX 256u
#define LINE_BYTES (2u * BH_SEAL_KEY_BYTES)
#define OUTPUT_BYTES_MAX ((LINE_BYTES + 2u) * BH_VAULT_KEYS_MAX)

extern char **environ;

struct words {
	char text[COMMAND_BYTES_MAX];
	char code[BH_DISTRICT_CODE_BYTES_MAX + 1];
	char *at[WORDS_MAX + 2];
};

static int words_split(const char *command, const char *code, struct words *out)
{
	char *rest = NULL;
	size_t count = 0;
	if (strlen(command) >= sizeof(out->text) || strlen(code) >= sizeof(out->code))
		return BH_ERR_LIMIT;
	memcpy(out->text, command, strlen(command) + 1);
	memcpy(out->code, code, strlen(code) + 1);
	for (char *word = strtok_r(out->text, " ", &rest); word;
		word = strtok_r(NULL, " ", &rest)) {
		if (count == WORDS_MAX)
			return BH_ERR_LIMIT;
		out->at[count++] = word;
	}
	out->at[count] = count ? out->code : NULL;
	out->at[count + 1] = NULL;
	return count ? BH_NOERR : BH_ERR_NOT_FOUND;
}

static int child_begin(struct words *words, pid_t *pid, int *output)
{
	posix_spawn_file_actions_t actions;
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return BH_ERR_IO;
	int rc = posix_spawn_file_actions_init(&actions);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	if (rc == 0)
		rc = posix_spawn(pid, words->at[0], &actions, NULL, words->at, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(ends[1]);
	if (rc != 0) {
		(void)close(ends[0]);
		return BH_ERR_NOT_FOUND;
	}
	*output = ends[0];
	return BH_NOERR;
}

static int left_ms(int64_t until_ms)
{
	struct bh_clock clock = bh_clock_system();
	int64_t left = until_ms - clock.now(clock.context).mono_ms;
	return left > 0 ? (int)left : 0;
}

/* To its end; one byte more than may be is too much. */
static int output_read(int output, int64_t until_ms, char *text, size_t size, size_t *len)
{
	for (;;) {
		struct pollfd ready = {.fd = output, .events = POLLIN};
		int left = left_ms(until_ms);
		if (left == 0)
			return BH_ERR_IO;
		int rc = poll(&ready, 1, left);
		if (rc < 0 && errno != EINTR)
			return BH_ERR_IO;
		if (rc <= 0)
			continue;
		ssize_t n = read(output, text + *len, size - *len);
		if (n < 0 && errno != EINTR)
			return BH_ERR_IO;
		if (n == 0)
			return BH_NOERR;
		*len += n > 0 ? (size_t)n : 0;
		if (*len == size)
			return BH_ERR_MALFORMED;
	}
}

/* It may have shut its output and go on. */
static bool child_ends(pid_t pid, int64_t until_ms)
{
	siginfo_t info = {.si_pid = 0};
	int left;
	do {
		left = left_ms(until_ms);
		if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
			info.si_pid != 0)
			return true;
		(void)poll(NULL, 0, left < END_LOOK_MS ? left : END_LOOK_MS);
	} while (left > 0);
	return false;
}

static int child_end(pid_t pid, int64_t until_ms, int err)
{
	int status = 0;
	if (!err && !child_ends(pid, until_ms))
		err = BH_ERR_IO;
	if (err)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err ? err : BH_ERR_IO;
	if (err)
		return err;
	return WIFEXITED(status) && WEXITSTATUS(status) == 127 ? BH_ERR_NOT_FOUND
	       : WIFEXITED(status) && WEXITSTATUS(status) == 0 ? BH_NOERR
							       : BH_ERR_IO;
}

static int digit_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int line_read(const char *line, struct bh_vault_keys *keys)
{
	if (keys->count == BH_VAULT_KEYS_MAX)
		return BH_ERR_LIMIT;
	for (size_t i = 0; i < BH_SEAL_KEY_BYTES; i++) {
		int high = digit_of(line[2 * i]), low = digit_of(line[2 * i + 1]);
		if (high < 0 || low < 0)
			return BH_ERR_MALFORMED;
		keys->keys[keys->count][i] = (uint8_t)(high << 4 | low);
	}
	keys->count++;
	return BH_NOERR;
}

static int lines_read(const char *text, size_t len, struct bh_vault_keys *keys)
{
	int err = len ? BH_NOERR : BH_ERR_MALFORMED;
	for (size_t at = 0; !err && at < len; at += LINE_BYTES + 1) {
		bool ends = at + LINE_BYTES == len ||
			    (at + LINE_BYTES < len && text[at + LINE_BYTES] == '\n');
		err = ends ? line_read(text + at, keys) : BH_ERR_MALFORMED;
	}
	return err;
}

int bh_seal_command_run(
	const char *command, const char *code, int limit_ms, struct bh_vault_keys *out)
{
	struct bh_clock clock = bh_clock_system();
	int64_t until_ms = clock.now(clock.context).mono_ms + limit_ms;
	char text[OUTPUT_BYTES_MAX];
	struct words words = {0};
	struct bh_vault_keys keys = {0};
	size_t len = 0;
	pid_t pid = 0;
	int output = -1;
	int err = words_split(command, code, &words);
	if (!err)
		err = child_begin(&words, &pid, &output);
	if (err)
		return err;
	err = output_read(output, until_ms, text, sizeof(text), &len);
	(void)close(output);
	err = child_end(pid, until_ms, err);
	if (!err)
		err = lines_read(text, len, &keys);
	if (!err)
		*out = keys;
	explicit_bzero(text, sizeof(text));
	explicit_bzero(&keys, sizeof(keys));
	return err;
}
