/* In which boot of its machine a handset records: ops of one boot share a monotonic clock, which
 * nobody sets, so the server can tell when they were recorded whatever the wall clock said.
 *
 * The file keeps a count and the name of the boot it was last raised in.  The first op of a boot
 * raises it, in its own transaction: opening writes nothing.  Where the system has no name for its
 * boot, every opening takes a name of its own and so counts as one; too many are harmless. */
#include "client-lib/store.h"

int bh_store_boot_name(struct bh_local *local, uint64_t name)
{
	uint8_t chance[sizeof(name)];
	int rc = 0;

	if (name == 0)
		rc = local->rng.fill(local->rng.context, chance, sizeof(chance));
	for (size_t i = 0; rc == 0 && name == 0 && i < sizeof(chance); i++)
		local->boot_name = local->boot_name << 8 | chance[i];
	if (name != 0)
		local->boot_name = name;
	return rc;
}

static uint32_t boot_of(const struct bh_local *local, const struct bh_device *device)
{
	bool same = device->boots != 0 && device->boot_name == local->boot_name;

	return device->boots + (same ? 0 : 1);
}

int bh_store_boot_count(struct bh_local *local, const struct bh_device *device, uint32_t *boot)
{
	sqlite3_stmt *set = bh_store_sql(local, BH_SQL_BOOT);

	*boot = boot_of(local, device);
	if (*boot == device->boots)
		return 0;
	bh_bind_int(set, 1, *boot);
	bh_bind_int(set, 2, (int64_t)local->boot_name);
	return bh_store_run(local, set);
}

int bh_local_boot(struct bh_local *local, uint32_t *boot)
{
	struct bh_device device;
	int rc = bh_local_device(local, &device);

	if (rc == 0)
		*boot = boot_of(local, &device);
	return rc;
}
