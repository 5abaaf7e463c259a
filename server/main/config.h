/* The server's configuration: one small file read by libconfuse, every key checked. */
#ifndef BH_MAIN_CONFIG_H
#define BH_MAIN_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BH_CONFIG_FAULTS_MAX 32u
#define BH_CONFIG_FAULT_BYTES 420u
#define BH_CONFIG_KEYS_MAX 20u
#define BH_LOOPS_MAX 32u

struct bh_config {
	char data[256];             /* folder of districts */
	char listen[128];           /* handsets: address:port */
	char public_host[128];      /* what enrolment codes name; empty: the listen address */
	uint16_t public_port;       /* 0: the listening port */
	char admin[104];            /* path of the administration socket */
	char seal_key_command[256]; /* a program that gives the seal keys; empty: their files */
	char segments[256];         /* the folder that journals are shipped to; empty: none */
	char metrics[128];          /* loopback address:port; empty: none */
	char notice_webhook[512];   /* where notices go: a URL; empty: none */
	char notice_secret[256];    /* of a file with what they are signed by */
	char notice_ca[256];        /* of a file with CAs to go by; empty: the system's */
	char notice_command[256];   /* of a program that takes them; empty: none */
	uint32_t loops;
	uint32_t connections_max;
	uint32_t admit_per_s;
	uint32_t photos_open_mib;           /* of one handset, on their way */
	uint32_t photos_mib;                /* of one district */
	int log_level;                      /* enum bh_log_level */
	uint32_t due_divisor;               /* tests only: every limit is divided by it */
	uint32_t lines[BH_CONFIG_KEYS_MAX]; /* where each key's value stands; 0: the default */
};

/* What is wrong with a file, one sentence each: "bihuan.conf:12: no such option 'lisen'". */
struct bh_config_faults {
	size_t count; /* all there were; the first BH_CONFIG_FAULTS_MAX are kept */
	char text[BH_CONFIG_FAULTS_MAX][BH_CONFIG_FAULT_BYTES];
};

void bh_config_default(struct bh_config *config);
/* Reads path over the defaults.  BH_ERR_INVALID with every fault that could be found,
 * BH_ERR_NOT_FOUND (no such file), BH_ERR_NOMEM.  *out is untouched on failure.  Opens nothing but
 * the file, writes nothing. */
int bh_config_read(const char *path, struct bh_config *out, struct bh_config_faults *faults);
/* The relations between keys and the files they name, with all faults; opens nothing for writing.
 * path is the file's name in what is said. */
int bh_config_check(
	const struct bh_config *config, const char *path, struct bh_config_faults *faults);
/* The keys of every district that is there, read as the server would read them; no database is
 * opened. */
int bh_config_check_districts(const struct bh_config *config, struct bh_config_faults *faults);

/* What keeps nothing from being served and will be missed all the same: a folder of segments that
 * is not there or not this user's to write in, a district without its seal key. */
void bh_config_warn(
	const struct bh_config *config, const char *path, struct bh_config_faults *warnings);

/* ---- Between config.c and config_check.c ---- */
/* Adds "PATH:LINE: ...", without the line when it is 0. */
void bh_config_fault(struct bh_config_faults *faults, const char *path, uint32_t line,
	const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The line of a key's value, 0 where the default stands. */
uint32_t bh_config_line(const struct bh_config *config, const char *key);
/* Is it empty, a host, or a host and a port?  A host is a name, an IPv4 address, or an IPv6 address
 * in brackets. */
bool bh_config_public_valid(const char *text);
/* What stands about notices, with the files that it names (config_notice.c). */
void bh_config_notices(
	const struct bh_config *config, const char *path, struct bh_config_faults *faults);
/* What listen and metrics say, as far as a file alone can be wrong. */
void bh_config_addresses(
	const struct bh_config *config, const char *path, struct bh_config_faults *faults);

/* What differs, key by key; changed_key NULL ends.  live: takes effect on reload. */
struct bh_config_change {
	const char *key;
	bool live;
};
size_t bh_config_compare(const struct bh_config *before, const struct bh_config *after,
	struct bh_config_change *changes, size_t max);
/* Takes over only what takes effect on reload. */
void bh_config_adopt(struct bh_config *running, const struct bh_config *after);

#endif
