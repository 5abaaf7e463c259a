/* The faults that are due.  A plan counts the calls that match it and acts at its nth, once or
 * until healed; of several that are due at one call the oldest acts.  An armed stop counts changes
 * of the disk. */
#include <string.h>

#include "tests/sim/vfs_machine.h"

#include "proto/err.h"

static bool fault_fits(enum bh_simvfs_call call, enum bh_simvfs_fault fault)
{
	switch (fault) {
	case BH_SIMVFS_EIO:
		return true;
	case BH_SIMVFS_FULL:
		return call == BH_SIMVFS_WRITE;
	case BH_SIMVFS_SHORT:
		return call == BH_SIMVFS_READ || call == BH_SIMVFS_WRITE;
	case BH_SIMVFS_SYNC_DONE:
	case BH_SIMVFS_SYNC_PART:
	case BH_SIMVFS_SYNC_GONE:
		return call == BH_SIMVFS_SYNC;
	}
	return false;
}

int bh_simvfs_plan_add(struct bh_simvfs *vfs, const struct bh_simvfs_plan *plan)
{
	const char *suffix = plan->suffix == NULL ? "" : plan->suffix;
	struct bh_simplan *added;

	if (plan->call >= BH_SIMVFS_CALLS || !fault_fits(plan->call, plan->fault) ||
		plan->nth == 0 || strlen(suffix) >= BH_SIMVFS_SUFFIX_BYTES_MAX)
		return BH_ERR_INVALID;
	if (vfs->plans_len >= BH_SIMVFS_PLANS_MAX)
		return BH_ERR_LIMIT;
	added = &vfs->plans[vfs->plans_len++];
	memset(added, 0, sizeof(*added));
	added->plan = *plan;
	added->plan.suffix = NULL;
	memcpy(added->suffix, suffix, strlen(suffix) + 1);
	return BH_NOERR;
}

static bool path_ends(const char *path, const char *suffix)
{
	size_t path_len = strlen(path);
	size_t suffix_len = strlen(suffix);

	return path_len >= suffix_len && strcmp(path + path_len - suffix_len, suffix) == 0;
}

static void fault_count(struct bh_simvfs_stats *stats, enum bh_simvfs_call call, int fault)
{
	switch (fault) {
	case BH_SIMVFS_EIO:
		stats->eio[call]++;
		break;
	case BH_SIMVFS_FULL:
		stats->full++;
		break;
	case BH_SIMVFS_SHORT:
		*(call == BH_SIMVFS_READ ? &stats->short_reads : &stats->short_writes) += 1;
		break;
	case BH_SIMVFS_SYNC_DONE:
		stats->syncs_unknown_done++;
		break;
	case BH_SIMVFS_SYNC_PART:
		stats->syncs_unknown_part++;
		break;
	case BH_SIMVFS_SYNC_GONE:
		stats->syncs_unknown_gone++;
		break;
	default:
		break;
	}
}

int bh_simvfs_fault_due(struct bh_simvfs *vfs, enum bh_simvfs_call call, const char *path)
{
	int fault = BH_SIMFAULT_NONE;
	size_t kept = 0;

	vfs->disk.stats.calls[call]++;
	for (size_t i = 0; i < vfs->plans_len; i++) {
		struct bh_simplan *at = &vfs->plans[i];
		bool spent = false;

		if (at->plan.call == call && path_ends(path, at->suffix)) {
			at->seen++;
			if (fault == BH_SIMFAULT_NONE && at->seen >= at->plan.nth)
				fault = (int)at->plan.fault;
			spent = at->seen >= at->plan.nth && !at->plan.until_healed;
		}
		if (!spent)
			vfs->plans[kept++] = *at;
	}
	vfs->plans_len = kept;
	fault_count(&vfs->disk.stats, call, fault);
	return fault;
}

void bh_simvfs_stop_at(struct bh_simvfs *vfs, uint64_t k)
{
	vfs->stop_left = k;
}

bool bh_simvfs_stop_strikes(struct bh_simvfs *vfs)
{
	if (vfs->stop_left == 0 || --vfs->stop_left > 0)
		return false;
	vfs->stopped = true;
	vfs->disk.stats.stops++;
	return true;
}

bool bh_simvfs_is_stopped(const struct bh_simvfs *vfs)
{
	return vfs->stopped;
}

void bh_simvfs_budget_set(struct bh_simvfs *vfs, uint64_t bytes_max)
{
	vfs->budget_bytes = bytes_max;
}

bool bh_simvfs_is_short(const struct bh_simvfs *vfs)
{
	return vfs->budget_bytes != UINT64_MAX;
}

uint64_t bh_simvfs_bytes_used(const struct bh_simvfs *vfs)
{
	return vfs->disk.bytes_used;
}

void bh_simvfs_heal(struct bh_simvfs *vfs)
{
	vfs->plans_len = 0;
	vfs->budget_bytes = UINT64_MAX;
}
