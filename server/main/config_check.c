/*
 * What a configuration that can be read may still be wrong about: addresses that are none, a
 * folder that is not there, keys that the server would refuse.  Nothing is made, written or opened
 * but the districts' key files, for reading; everything that is wrong is listed.
 */
#include "server/main/config.h"

#include <dirent.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/identity/keys_roll.h"
#include "server/store/find.h"
#include "server/store/pins.h"
#include "server/store/store.h"

/* "address:port", "[v6]:port" or "port", taken apart. */
struct address {
	char host[128]; /* without brackets; "": every address */
	uint16_t port;
	bool loopback;
};

static bool port_parse(const char *text, uint16_t *port)
{
	size_t len = strspn(text, "0123456789");
	unsigned long value = len >= 1 && len <= 5 ? strtoul(text, NULL, 10) : UINT16_MAX + 1ul;
	if (text[len] != '\0' || value > UINT16_MAX)
		return false;
	*port = (uint16_t)value;
	return true;
}

static bool is_loopback(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)(const void *)address)
				       ->sin_addr.s_addr) >>
			       24 ==
		       127;
	return address->sa_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(
		       &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
}

static bool host_check(struct address *address)
{
	struct addrinfo *found = NULL;
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
	if (getaddrinfo(address->host, NULL, &hints, &found) != 0)
		return false;
	address->loopback = is_loopback(found->ai_addr);
	freeaddrinfo(found);
	return true;
}

static bool address_parse(const char *text, struct address *out)
{
	const char *colon = strrchr(text, ':');
	const char *from = text;
	size_t len = colon ? (size_t)(colon - text) : 0;
	*out = (struct address){0};
	if (!port_parse(colon ? colon + 1 : text, &out->port))
		return false;
	if (!colon)
		return true;
	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		from++;
		len -= 2;
	}
	if (len == 0 || len >= sizeof(out->host))
		return false;
	memcpy(out->host, from, len);
	return host_check(out);
}

static bool host_is_every(const char *host)
{
	return host[0] == '\0' || strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
}

void bh_config_addresses(
	const struct bh_config *config, const char *path, struct bh_config_faults *faults)
{
	struct address handsets, metrics;
	bool listens = address_parse(config->listen, &handsets);
	if (!listens)
		bh_config_fault(faults, path, bh_config_line(config, "listen"),
			"listen is '%s', needs port, address:port or [v6]:port, in numbers",
			config->listen);
	if (!config->metrics[0])
		return;
	uint32_t line = bh_config_line(config, "metrics");
	if (!address_parse(config->metrics, &metrics))
		bh_config_fault(faults, path, line,
			"metrics is '%s', needs a loopback address with a port, as 127.0.0.1:9464",
			config->metrics);
	else if (!metrics.loopback)
		bh_config_fault(faults, path, line,
			"metrics: %s is not a loopback address; put a proxy in front",
			config->metrics);
	else if (listens && metrics.port && metrics.port == handsets.port &&
		 (host_is_every(handsets.host) || strcmp(metrics.host, handsets.host) == 0))
		bh_config_fault(faults, path, line, "metrics and listen name the same address");
}

bool bh_config_public_valid(const char *text)
{
	static const char letters[] = "0123456789-."
				      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	uint16_t port = 1;
	bool is_v6 = text[0] == '[';
	if (!text[0])
		return true;
	size_t len = is_v6 ? strcspn(text, "]") + 1 : strspn(text, letters);
	struct address address = {0};
	if (is_v6 && (len < 4 || len > sizeof(address.host) || len > strlen(text)))
		return false;
	if (is_v6) {
		memcpy(address.host, text + 1, len - 2);
		if (!strchr(address.host, ':') || !host_check(&address))
			return false;
	}
	if (len == 0 || text[0] == '-' || text[0] == '.')
		return false;
	return text[len] == '\0' || (text[len] == ':' && port_parse(text + len + 1, &port) && port);
}

/* ---- The machine ---- */

static void data_check(
	const struct bh_config *config, const char *path, struct bh_config_faults *faults)
{
	struct stat st;
	uint32_t line = bh_config_line(config, "data");
	if (stat(config->data, &st) != 0)
		bh_config_fault(faults, path, line, "data: %s: %s", config->data, strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		bh_config_fault(faults, path, line, "data: %s is not a folder", config->data);
	else if (access(config->data, R_OK | W_OK | X_OK) != 0)
		bh_config_fault(faults, path, line, "data: %s: %s", config->data, strerror(errno));
}

static void admin_check(
	const struct bh_config *config, const char *path, struct bh_config_faults *faults)
{
	struct stat st;
	char folder[sizeof(config->admin)];
	uint32_t line = bh_config_line(config, "admin");
	if (config->admin[0] == '\0') {
		bh_config_fault(faults, path, line,
			"admin: a path is needed: nothing else can create a district");
		return;
	}
	memcpy(folder, config->admin, sizeof(folder));
	char *slash = strrchr(folder, '/');
	if (slash)
		slash[slash == folder] = '\0';
	const char *where = slash ? folder : ".";
	if (stat(where, &st) != 0 || (S_ISDIR(st.st_mode) && access(where, W_OK | X_OK) != 0))
		bh_config_fault(faults, path, line, "admin: %s: %s", where, strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		bh_config_fault(faults, path, line, "admin: %s is not a folder", where);
	else if (lstat(config->admin, &st) == 0 && !S_ISSOCK(st.st_mode))
		bh_config_fault(
			faults, path, line, "admin: %s is there and is no socket", config->admin);
}

/* Whether it is there is no question for a start: a share that is away must not keep a district
 * from being served. */
static void segments_check(
	const struct bh_config *config, const char *path, struct bh_config_faults *faults)
{
	size_t len = strlen(config->data);
	uint32_t line = bh_config_line(config, "segments");
	if (config->segments[0] && config->segments[0] != '/')
		bh_config_fault(faults, path, line, "segments: %s: a whole path is needed",
			config->segments);
	else if (strncmp(config->segments, config->data, len) == 0 &&
		 (config->segments[len] == '/' || config->segments[len] == '\0'))
		bh_config_fault(faults, path, line,
			"segments: %s lies in data: another disk or machine is meant",
			config->segments);
}

int bh_config_check(
	const struct bh_config *config, const char *path, struct bh_config_faults *faults)
{
	data_check(config, path, faults);
	admin_check(config, path, faults);
	segments_check(config, path, faults);
	bh_config_notices(config, path, faults);
	if (config->seal_key_command[0] && config->seal_key_command[0] != '/')
		bh_config_fault(faults, path, bh_config_line(config, "seal-key-command"),
			"seal-key-command: %.200s: a whole path is needed, no shell looks for it",
			config->seal_key_command);
	if (config->admit_per_s > config->connections_max)
		bh_config_fault(faults, path, bh_config_line(config, "admit-per-second"),
			"admit-per-second (%u) is above connections-max (%u)", config->admit_per_s,
			config->connections_max);
	if (config->photos_open_mib > config->photos_mib)
		bh_config_fault(faults, path, bh_config_line(config, "photos-open-mib-max"),
			"photos-open-mib-max (%u) is above photos-mib-max (%u)",
			config->photos_open_mib, config->photos_mib);
	return faults->count > 0 ? BH_ERR_INVALID : BH_NOERR;
}

/* ---- Keys ---- */

static const char *key_fault(int err)
{
	switch (err) {
	case BH_ERR_AUTH:
		return "can be read by others: chmod 600 it";
	case BH_ERR_NOT_FOUND:
		return "is not there";
	case BH_ERR_IO:
		return "cannot be read";
	case BH_ERR_CRYPTO:
		return "does not belong to keys/server.key";
	default:
		return "does not hold what it should";
	}
}

/* Keys from before a roll of the CA: the server would not open the district with them. */
static void pins_check(const char *folder, const char *code, struct bh_config_faults *faults)
{
	char kept[640];
	struct bh_store_pins last, pins;
	bool known;
	const char *fault;
	(void)snprintf(kept, sizeof(kept), "%s.kept", folder);
	int err = bh_keys_pins(folder, pins.ca, pins.backup);
	if (!err)
		err = bh_store_pins_kept(kept, code, &last, &known);
	if (err == BH_ERR_CORRUPT)
		bh_config_fault(faults, kept, 0, "does not hold: put it right from another copy");
	if (!err && bh_store_pins_judge(&last, &pins, &fault) != BH_NOERR)
		bh_config_fault(faults, folder, 0, "%s", fault);
}

static void keys_check(const char *folder, const char *code, struct bh_config_faults *faults)
{
	const char *file = "keys";
	int err = bh_district_keys_check(folder, &file);
	if (err)
		bh_config_fault(faults, folder, 0, "%s %s", file, key_fault(err));
	else
		pins_check(folder, code, faults);
}

int bh_config_check_districts(const struct bh_config *config, struct bh_config_faults *faults)
{
	struct dirent **names = NULL;
	int count = scandir(config->data, &names, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		char folder[600];
		const char *detail = "";
		(void)snprintf(folder, sizeof(folder), "%s/%s", config->data, names[i]->d_name);
		int err = bh_district_find(config->data, names[i]->d_name, &detail);
		if (!err)
			keys_check(folder, names[i]->d_name, faults);
		else if (err != BH_ERR_NOT_FOUND)
			bh_config_fault(faults, folder, 0, "%s", detail);
		free(names[i]);
	}
	free(names);
	return faults->count > 0 ? BH_ERR_INVALID : BH_NOERR;
}

/* ---- What is only missed ---- */

static void segments_warn(
	const struct bh_config *config, const char *path, struct bh_config_faults *warnings)
{
	struct stat st;
	const char *why = NULL;
	if (!config->segments[0])
		return;
	if (stat(config->segments, &st) != 0)
		why = strerror(errno);
	else if (!S_ISDIR(st.st_mode))
		why = "it is no folder";
	else if (access(config->segments, R_OK | W_OK | X_OK) != 0)
		why = strerror(errno);
	if (why)
		bh_config_fault(warnings, path, bh_config_line(config, "segments"),
			"segments: %s: %s: until it is there, and this user's to write in, nothing "
			"is shipped",
			config->segments, why);
}

static void seal_key_warn(const char *folder, struct bh_config_faults *warnings)
{
	char key[640];
	(void)snprintf(key, sizeof(key), "%s/keys/seal.key", folder);
	if (access(key, F_OK) != 0 && errno == ENOENT)
		bh_config_fault(warnings, folder, 0,
			"keys/seal.key is not there: put your copy back; without it no name of a "
			"case's people can be read");
}

void bh_config_warn(
	const struct bh_config *config, const char *path, struct bh_config_faults *warnings)
{
	struct dirent **names = NULL;
	segments_warn(config, path, warnings);
	int count = config->seal_key_command[0] ? 0
						: scandir(config->data, &names, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		char folder[600];
		const char *detail = "";
		(void)snprintf(folder, sizeof(folder), "%s/%s", config->data, names[i]->d_name);
		if (bh_district_find(config->data, names[i]->d_name, &detail) == BH_NOERR)
			seal_key_warn(folder, warnings);
		free(names[i]);
	}
	free(names);
}
