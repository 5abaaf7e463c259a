/* Who is hit is drawn; which of the disk's faults it is goes round, so that each comes as often. */
#include "tests/sim/fault.h"

#include "tests/sim/desk.h"
#include "tests/sim/phone.h"
#include "tests/sim/server.h"

#define YEAR (365 * BH_SIM_DAY)
#define STOP_AFTER_MAX 60u
#define PLAN_NTH_MAX 12u
#define BUDGET_ROOM_MAX 20000u
#define HEAL_MS_MIN (20 * BH_SIM_SECOND)
#define HEAL_MS_MAX (40 * BH_SIM_MINUTE)

enum heal { HEAL_DISK, HEAL_WAY, HEAL_CLOCK, HEAL_SLOW, HURT_SENDER };

static const struct bh_simvfs_plan plans[] = {
	{.call = BH_SIMVFS_READ, .fault = BH_SIMVFS_EIO},
	{.call = BH_SIMVFS_WRITE, .fault = BH_SIMVFS_EIO},
	{.call = BH_SIMVFS_SYNC, .fault = BH_SIMVFS_EIO},
	{.call = BH_SIMVFS_WRITE, .fault = BH_SIMVFS_FULL},
	{.call = BH_SIMVFS_READ, .fault = BH_SIMVFS_SHORT},
	{.call = BH_SIMVFS_WRITE, .fault = BH_SIMVFS_SHORT},
	{.call = BH_SIMVFS_SYNC, .fault = BH_SIMVFS_SYNC_DONE},
	{.call = BH_SIMVFS_SYNC, .fault = BH_SIMVFS_SYNC_PART},
	{.call = BH_SIMVFS_SYNC, .fault = BH_SIMVFS_SYNC_GONE},
};
#define PLANS (sizeof(plans) / sizeof(plans[0]))

static const char *const call_names[] = {
	[BH_SIMVFS_READ] = "read", [BH_SIMVFS_WRITE] = "write", [BH_SIMVFS_SYNC] = "sync"};
static const char *const fault_names[] = {
	[BH_SIMVFS_EIO] = "fails",
	[BH_SIMVFS_FULL] = "finds it full",
	[BH_SIMVFS_SHORT] = "is short",
	[BH_SIMVFS_SYNC_DONE] = "fails though it was done",
	[BH_SIMVFS_SYNC_PART] = "fails half done",
	[BH_SIMVFS_SYNC_GONE] = "fails and is forgotten",
};

static struct bh_simphone *someone(struct bh_simrun *run)
{
	for (int i = 0; i < 8; i++) {
		struct bh_simphone
			*phone = run->phones[bh_simrng_below(&run->rng, run->phones_count)];
		if (bh_simphone_is_up(phone))
			return phone;
	}
	return NULL;
}

static int64_t soon(struct bh_simrun *run, int64_t most_ms)
{
	return bh_simrng_tail(&run->rng, 1000, most_ms);
}

static void heal_later(struct bh_simrun *run, uint32_t host, enum heal what, int64_t most_ms)
{
	bh_simrun_after(run, bh_simrng_tail(&run->rng, HEAL_MS_MIN, most_ms), BH_SIMKIND_HEAL, host,
		what, 0);
}

static void disk_fault(struct bh_simrun *run, struct bh_simvfs *disk, uint32_t host)
{
	uint64_t *made = &run->plans_made[host == BH_SIM_SERVER_HOST];
	struct bh_simvfs_plan plan = plans[(*made)++ % PLANS];

	plan.nth = (uint32_t)bh_simrng_between(&run->rng, 1, PLAN_NTH_MAX);
	if (plan.call == BH_SIMVFS_SYNC)
		plan.nth = 1 + plan.nth / 4;
	plan.until_healed = bh_simrng_chance(&run->rng, 250000);
	(void)bh_simvfs_plan_add(disk, &plan);
	bh_simtrace_say(&run->trace, bh_simrun_now(run), "disk of host %u: %s %u %s%s", host,
		call_names[plan.call], plan.nth, fault_names[plan.fault],
		plan.until_healed ? ", and every one after it" : "");
	if (plan.until_healed)
		heal_later(run, host, HEAL_DISK, HEAL_MS_MAX);
}

static void disk_full(struct bh_simrun *run, struct bh_simvfs *disk, uint32_t host)
{
	bh_simvfs_budget_set(
		disk, bh_simvfs_bytes_used(disk) + bh_simrng_below(&run->rng, BUDGET_ROOM_MAX));
	heal_later(run, host, HEAL_DISK, HEAL_MS_MAX);
	/* Its log of writes is long already and is used again from its start: a start writes more.
	 */
	if (host == BH_SIM_SERVER_HOST)
		bh_simserver_down(run->server, false, BH_SIM_SECOND);
}

static bool phone_fault(struct bh_simrun *run, enum bh_simfault fault)
{
	struct bh_simphone *phone = someone(run);
	struct bh_simrng *rng = &run->rng;

	if (phone == NULL)
		return false;
	struct bh_simvfs *disk = bh_simphone_disk(phone);
	uint32_t host = bh_simphone_index(phone) + 1;
	switch (fault) {
	case BH_SIMFAULT_PHONE_KILL:
	case BH_SIMFAULT_PHONE_POWER:
		bh_simphone_down(
			phone, fault == BH_SIMFAULT_PHONE_POWER, soon(run, 6 * BH_SIM_HOUR));
		return true;
	case BH_SIMFAULT_PHONE_STOP:
		bh_simvfs_stop_at(disk, 1 + bh_simrng_below(rng, STOP_AFTER_MAX / 3));
		return true;
	case BH_SIMFAULT_PHONE_DISK:
		disk_fault(run, disk, host);
		return true;
	case BH_SIMFAULT_PHONE_FULL:
		bh_simphone_down(phone, false, BH_SIM_SECOND); /* its files begin small */
		disk_full(run, disk, host);
		return true;
	case BH_SIMFAULT_PHONE_CLOCK:
		bh_simphone_clock(phone, bh_simrng_between(rng, -BH_SIM_HOUR, BH_SIM_HOUR));
		return true;
	case BH_SIMFAULT_PHONE_YEARS:
		bh_simphone_clock(phone, bh_simrng_between(rng, 2, 10) *
						 (bh_simrng_chance(rng, 500000) ? YEAR : -YEAR));
		return true;
	case BH_SIMFAULT_PHONE_BACKUP:
		bh_simphone_backup(phone);
		return true;
	default:
		return false;
	}
}

/* The writer takes its time; meanwhile some push, lose their application, and push the same again.
 */
static void slow(struct bh_simrun *run)
{
	bh_simserver_slow(run->server, bh_simrng_between(&run->rng, 6000, 25000));
	heal_later(run, BH_SIM_SERVER_HOST, HEAL_SLOW, 10 * BH_SIM_MINUTE);
	for (uint32_t i = 0; i < run->phones_count; i++) {
		struct bh_simphone *phone = run->phones[i];
		if (!bh_simphone_is_live(phone) || bh_simphone_is_doomed(phone) ||
			bh_simrng_chance(&run->rng, 300000))
			continue;
		if (!bh_simphone_serve(phone))
			(void)bh_simphone_report(phone, 0, 0);
		bh_simrun_after(run, bh_simrng_between(&run->rng, 300, 2500), BH_SIMKIND_HEAL,
			i + 1, HURT_SENDER, 0);
	}
}

/* Only who is not doomed: what an old backup undoes must not be a clone's. */
static bool restore(struct bh_simrun *run)
{
	uint32_t first = (uint32_t)bh_simrng_below(&run->rng, run->phones_count);

	for (uint32_t i = 0; i < run->phones_count; i++) {
		struct bh_simphone *phone = run->phones[(first + i) % run->phones_count];
		if (!bh_simphone_is_doomed(phone) && bh_simphone_restore(phone))
			return true;
	}
	return false;
}

/* What people and programs do to it, rather than the machine. */
static bool server_use(struct bh_simrun *run, enum bh_simfault fault)
{
	switch (fault) {
	case BH_SIMFAULT_SERVER_SLOW:
		slow(run);
		return true;
	case BH_SIMFAULT_SERVER_BACKUP:
		bh_simserver_backup(run->server);
		return true;
	case BH_SIMFAULT_SERVER_BACK:
		return bh_simserver_back(run->server);
	default:
		return false;
	}
}

static void server_clock(struct bh_simrun *run, int64_t by_ms)
{
	bh_simserver_clock(run->server, bh_simrng_chance(&run->rng, 500000) ? by_ms : -by_ms);
	heal_later(run, BH_SIM_SERVER_HOST, HEAL_CLOCK, 3 * BH_SIM_HOUR);
}

static bool server_fault(struct bh_simrun *run, enum bh_simfault fault)
{
	struct bh_simserver *server = run->server;
	struct bh_simrng *rng = &run->rng;

	if (!bh_simserver_is_up(server))
		return false;
	switch (fault) {
	case BH_SIMFAULT_SERVER_KILL:
	case BH_SIMFAULT_SERVER_POWER:
		bh_simserver_down(
			server, fault == BH_SIMFAULT_SERVER_POWER, soon(run, 20 * BH_SIM_MINUTE));
		return true;
	case BH_SIMFAULT_SERVER_LONG:
		bh_simserver_down(server, bh_simrng_chance(rng, 500000),
			bh_simrng_between(rng, 31 * BH_SIM_MINUTE, 2 * BH_SIM_HOUR));
		return true;
	case BH_SIMFAULT_SERVER_STOP:
		bh_simvfs_stop_at(
			bh_simserver_disk(server), 1 + bh_simrng_below(rng, STOP_AFTER_MAX));
		return true;
	case BH_SIMFAULT_SERVER_DISK:
		disk_fault(run, bh_simserver_disk(server), BH_SIM_SERVER_HOST);
		return true;
	case BH_SIMFAULT_SERVER_FULL:
		disk_full(run, bh_simserver_disk(server), BH_SIM_SERVER_HOST);
		return true;
	case BH_SIMFAULT_SERVER_CLOCK:
	case BH_SIMFAULT_SERVER_YEARS:
		server_clock(run, fault == BH_SIMFAULT_SERVER_YEARS ? 10 * YEAR : BH_SIM_HOUR);
		return true;
	default:
		return server_use(run, fault);
	}
}

static bool partition(struct bh_simrun *run)
{
	struct bh_simphone *phone = someone(run);

	for (int i = 0; i < 8 && phone != NULL && !bh_simphone_is_live(phone); i++)
		phone = someone(run);
	if (phone == NULL)
		return false;
	uint32_t host = bh_simphone_index(phone) + 1;
	uint64_t which = bh_simrng_below(&run->rng, 3);

	if (which != 0)
		bh_simnet_partition(run->net, host, BH_SIM_SERVER_HOST, true);
	if (which != 1)
		bh_simnet_partition(run->net, BH_SIM_SERVER_HOST, host, true);
	heal_later(run, host, HEAL_WAY, HEAL_MS_MAX);
	if (!bh_simphone_is_doomed(phone))
		(void)bh_simphone_report(phone, 0, 0);
	return true;
}

bool bh_simfault_do(struct bh_simrun *run, enum bh_simfault fault)
{
	if (fault == BH_SIMFAULT_PHONE_RESTORE)
		return restore(run);
	if (fault < BH_SIMFAULT_SERVER_KILL)
		return phone_fault(run, fault);
	if (fault < BH_SIMFAULT_PARTITION)
		return server_fault(run, fault);
	if (fault == BH_SIMFAULT_PARTITION)
		return partition(run);
	bh_simdesk_reshuffle(run->desk);
	return true;
}

/* ---- Healing ---- */

static void disk_heal(struct bh_simrun *run, uint32_t host)
{
	bh_simvfs_heal(host == BH_SIM_SERVER_HOST ? bh_simserver_disk(run->server)
						  : bh_simphone_disk(run->phones[host - 1]));
}

static void clock_heal(struct bh_simrun *run, bool confirms)
{
	if (bh_simserver_skew(run->server) != 0 &&
		(run->healing || bh_simrng_chance(&run->rng, 800000)))
		bh_simserver_clock(run->server, 0);
	else if (bh_simserver_skew(run->server) > BH_SIM_DAY ||
		 bh_simserver_skew(run->server) < -BH_SIM_DAY)
		bh_simserver_clock(run->server, 0); /* nobody confirms years */
	if (confirms)
		bh_simdesk_confirm_clock(run->desk);
}

void bh_simfault_undo(struct bh_simrun *run, const struct bh_simevent *event)
{
	switch ((enum heal)event->b) {
	case HEAL_DISK:
		disk_heal(run, event->a);
		break;
	case HEAL_WAY:
		bh_simnet_partition(run->net, event->a, BH_SIM_SERVER_HOST, false);
		bh_simnet_partition(run->net, BH_SIM_SERVER_HOST, event->a, false);
		break;
	case HEAL_CLOCK:
		clock_heal(run, bh_simserver_clock_is_doubted(run->server));
		break;
	case HEAL_SLOW:
		bh_simserver_slow(run->server, 0);
		break;
	case HURT_SENDER:
		bh_simphone_down(run->phones[event->a - 1], false, BH_SIM_SECOND);
		break;
	}
}

void bh_simfault_heal(struct bh_simrun *run)
{
	run->healing = true;
	bh_simnet_heal(run->net);
	for (uint32_t host = 0; host <= run->phones_count; host++)
		disk_heal(run, host);
	bh_simserver_slow(run->server, 0);
	clock_heal(run, bh_simserver_clock_is_doubted(run->server));
}
