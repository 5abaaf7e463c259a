/* Where notices go: a URL that is safe to speak to, a secret that nobody else can read, a program
 * that is there and can be run. */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/main/config.h"
#include "server/notify/secret.h"

#define SECRET_BYTES_MIN 16

/* Of "http://HOST...": without a name or a password before it, which would stand in the file. */
static bool host_is_loopback(const char *host)
{
	static const char *const names[] = {"127.", "localhost", "[::1]"};
	size_t len = strcspn(host, "/?#");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t part = strlen(names[i]);
		bool ends = i == 0 ? strspn(host, "0123456789.:") == len
				   : host[part] == ':' || part == len;
		if (len >= part && strncasecmp(host, names[i], part) == 0 && ends)
			return true;
	}
	return false;
}

static const char *url_fault(const char *url)
{
	bool plain = strncasecmp(url, "http://", 7) == 0;
	bool tls = strncasecmp(url, "https://", 8) == 0;
	const char *host = url + (tls ? 8 : 7);
	if (!plain && !tls)
		return "it is no URL of https";
	for (const char *at = url; *at; at++)
		if ((unsigned char)*at <= ' ' || *at == 0x7f)
			return "it holds a blank or a control character";
	if (host[strcspn(host, "/?#@")] == '@')
		return "it holds a name or a password; a receiver knows us by the signature";
	if (strcspn(host, "/:?#") == 0 && host[0] != '[')
		return "it names no host";
	return plain && !host_is_loopback(host) ? "http is for a loopback address only" : NULL;
}

static void secret_check(
	const struct bh_config *config, const char *path, struct bh_config_faults *faults)
{
	struct stat st;
	uint32_t line = bh_config_line(config, "notice-secret");
	const char *file = config->notice_secret;
	if (file[0] != '/')
		bh_config_fault(faults, path, line,
			"notice-secret: the whole path of a file is needed with notice-webhook");
	else if (stat(file, &st) != 0)
		bh_config_fault(faults, path, line, "notice-secret: %s: %s", file, strerror(errno));
	else if (!S_ISREG(st.st_mode) || bh_secret_is_open(file, st.st_mode))
		bh_config_fault(faults, path, line,
			"notice-secret: %s can be read by others: chmod 600 it", file);
	else if (st.st_size < SECRET_BYTES_MIN || access(file, R_OK) != 0)
		bh_config_fault(faults, path, line,
			"notice-secret: %s has to hold at least 16 bytes, and be ours to read",
			file);
}

static void command_check(
	const struct bh_config *config, const char *path, struct bh_config_faults *faults)
{
	struct stat st;
	uint32_t line = bh_config_line(config, "notice-command");
	const char *file = config->notice_command;
	if (file[0] != '/')
		bh_config_fault(faults, path, line,
			"notice-command: %s: a whole path is needed, without arguments", file);
	else if (stat(file, &st) != 0)
		bh_config_fault(
			faults, path, line, "notice-command: %s: %s", file, strerror(errno));
	else if (!S_ISREG(st.st_mode) || access(file, X_OK) != 0)
		bh_config_fault(faults, path, line, "notice-command: %s cannot be run", file);
	else if ((st.st_mode & S_IWOTH) != 0)
		bh_config_fault(
			faults, path, line, "notice-command: %s can be written by anybody", file);
}

void bh_config_notices(
	const struct bh_config *config, const char *path, struct bh_config_faults *faults)
{
	const char *wrong = config->notice_webhook[0] ? url_fault(config->notice_webhook) : NULL;
	if (wrong)
		bh_config_fault(faults, path, bh_config_line(config, "notice-webhook"),
			"notice-webhook: %s", wrong);
	if (config->notice_webhook[0])
		secret_check(config, path, faults);
	if (config->notice_ca[0] && access(config->notice_ca, R_OK) != 0)
		bh_config_fault(faults, path, bh_config_line(config, "notice-ca"),
			"notice-ca: %s: %s", config->notice_ca, strerror(errno));
	if (config->notice_command[0])
		command_check(config, path, faults);
}
