/* Where a served district's key of sealed fields comes from: its file, or a program that gives it.
 */
#ifndef BH_MAIN_SEALING_H
#define BH_MAIN_SEALING_H

#include "server/main/served.h"

#define BH_SEAL_COMMAND_MS_MAX 10000 /* it is waited for so long, at a start */

/* Sets store.vault and console.vault, or leaves both NULL where there is no key, and says so.
 * BH_ERR_AUTH: a key that cannot be used, or a program that gave none; *detail. */
int bh_sealing_open(
	struct bh_served *served, const struct bh_served_options *options, const char **detail);
void bh_sealing_close(struct bh_served *served);

/* Runs a program, by its whole path and words without a shell, with the district's code as its last
 * word.  It prints keys as lines of 64 hexadecimal digits, the present one first.  BH_ERR_NOT_FOUND
 * (it does not run), BH_ERR_IO (it fails, or has not ended by limit_ms: it is killed),
 * BH_ERR_MALFORMED (what it says), BH_ERR_LIMIT. */
int bh_seal_command_run(
	const char *command, const char *code, int limit_ms, struct bh_vault_keys *out);

#endif
