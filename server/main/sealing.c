/* The file is keys/seal.key (keys_seal.h); the program, where bihuan.conf names one, stands for it,
 * so that the key may lie in a machine of its own.  Neither is ever logged. */
#include "server/main/sealing.h"

#include <string.h>

#include "proto/err.h"
#include "server/identity/keys_seal.h"
#include "server/main/log.h"

static int keys_read(struct bh_served *served, const struct bh_served_options *options)
{
	if (!options->seal_command || !options->seal_command[0])
		return bh_seal_keys_read(served->folder, &served->vault_keys);
	return bh_seal_command_run(
		options->seal_command, served->code, BH_SEAL_COMMAND_MS_MAX, &served->vault_keys);
}

static void fault_say(
	const struct bh_served *served, const struct bh_served_options *options, int err)
{
	bool command = options->seal_command && options->seal_command[0];
	bh_log(BH_LOG_ERROR, served->code, 0, "%s %s",
		command ? "seal-key-command" : "keys/seal.key",
		err == BH_ERR_AUTH                   ? "can be read by others: chmod 600 it"
		: err == BH_ERR_NOT_FOUND            ? "cannot be run"
		: err == BH_ERR_LIMIT                ? "are too many: move the oldest away"
		: command && err == BH_ERR_MALFORMED ? "does not print lines of 64 hex digits"
		: command                            ? "fails, or takes over ten seconds"
		: err == BH_ERR_MALFORMED            ? "does not hold 32 bytes"
						     : "cannot be read");
}

int bh_sealing_open(
	struct bh_served *served, const struct bh_served_options *options, const char **detail)
{
	int err = keys_read(served, options);
	if (err) {
		fault_say(served, options, err);
		*detail = "its seal key cannot be used";
		return err == BH_ERR_NOMEM ? err : BH_ERR_AUTH;
	}
	if (served->vault_keys.count == 0) {
		bh_log(BH_LOG_WARNING, served->code, 0,
			"keys/seal.key is not there: what names people can be neither sealed nor "
			"opened; put your copy back; only where there is none, `bihuan seal-key "
			"roll` makes another, which opens nothing sealed before");
		return BH_NOERR;
	}
	served->store.vault = &served->vault_keys;
	err = bh_vault_open(&served->vault_keys, bh_rng_system(), &served->console.vault);
	if (err)
		*detail = "its seal key cannot be used";
	return err;
}

void bh_sealing_close(struct bh_served *served)
{
	bh_vault_close(served->console.vault);
	served->console.vault = NULL;
	explicit_bzero(&served->vault_keys, sizeof(served->vault_keys));
}
