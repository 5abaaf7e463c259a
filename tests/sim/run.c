/* The loop: takes the earliest event, moves time there, hands it to the machine it is for.
 *
 * Keys and signatures would differ from run to run, so libcrypto's generator is replaced by one of
 * the seed's for as long as the process lives: it is the one thing here that a run cannot own. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "tests/sim/run.h"

#include <openssl/rand.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "tests/sim/campaign.h"
#include "tests/sim/desk.h"
#include "tests/sim/judge.h"
#include "tests/sim/phone.h"
#include "tests/sim/server.h"

#define QUEUE_MAX (1u << 18)

static struct bh_simrng crypto_rng; /* RAND_METHOD carries no context */

static int crypto_bytes(unsigned char *out, int len)
{
	bh_simrng_fill(&crypto_rng, out, (size_t)len);
	return 1;
}

static int crypto_status(void)
{
	return 1;
}

static const RAND_METHOD crypto_method = {
	.bytes = crypto_bytes, .pseudorand = crypto_bytes, .status = crypto_status};

void bh_simrun_after(struct bh_simrun *run, int64_t delay_ms, enum bh_simkind kind, uint32_t a,
	uint32_t b, uint64_t c)
{
	int64_t at_ms = bh_simrun_now(run) + (delay_ms > 0 ? delay_ms : 0);

	bh_assert(bh_simqueue_push(run->queue, at_ms, kind, a, b, c) == 0);
}

static void net_event(struct bh_simrun *run, const struct bh_simevent *event)
{
	struct bh_simnet_news news;

	bh_assert(bh_simnet_step(run->net, event, &news) == 0);
	if (news.seen == BH_SIMNET_NOTHING)
		return;
	if (news.host == BH_SIM_SERVER_HOST && news.end == BH_SIMNET_SERVER)
		bh_simserver_news(run->server, &news);
	else if (news.host >= 1 && news.host <= run->phones_count)
		bh_simphone_news(run->phones[news.host - 1], &news);
}

static void dispatch(struct bh_simrun *run, const struct bh_simevent *event)
{
	switch ((enum bh_simkind)event->kind) {
	case BH_SIMKIND_NET:
		net_event(run, event);
		break;
	case BH_SIMKIND_PHONE_WAKE:
	case BH_SIMKIND_PHONE_UP:
		bh_simphone_event(run->phones[event->a], event);
		break;
	case BH_SIMKIND_SERVER_TICK:
	case BH_SIMKIND_SERVER_RUN:
	case BH_SIMKIND_SERVER_TELL:
	case BH_SIMKIND_SERVER_BLOB:
	case BH_SIMKIND_SERVER_CARGO:
	case BH_SIMKIND_SERVER_UP:
		bh_simserver_event(run->server, event);
		break;
	case BH_SIMKIND_DESK:
	case BH_SIMKIND_DESK_JOB:
		bh_simdesk_event(run->desk, event);
		break;
	case BH_SIMKIND_STICK:
		bh_simstick_event(run, event);
		break;
	case BH_SIMKIND_CARRIAGE:
		bh_simcarriage_event(run, event);
		break;
	case BH_SIMKIND_PHONE_ACT:
	case BH_SIMKIND_FAULT:
	case BH_SIMKIND_HEAL:
	case BH_SIMKIND_STEP:
		bh_simcampaign_event(run, event);
		break;
	}
}

bool bh_simrun_step(struct bh_simrun *run, int64_t until_ms)
{
	struct bh_simevent event;

	if (!bh_simqueue_peek(run->queue, &event) || event.at_ms > until_ms) {
		if (bh_simrun_now(run) < until_ms)
			bh_assert(bh_simqueue_advance(run->queue, until_ms) == 0);
		return false;
	}
	bh_assert(bh_simqueue_pop(run->queue, &event));
	dispatch(run, &event);
	return true;
}

void bh_simrun_until(struct bh_simrun *run, int64_t until_ms)
{
	while (bh_simrun_step(run, until_ms))
		;
}

void bh_simrun_fail(const struct bh_simrun *run, const char *invariant, const char *format, ...)
{
	char at[BH_SIMTRACE_TIME_BYTES];
	va_list arguments;

	bh_simtrace_time(bh_simrun_now(run), at);
	printf("# FAILED seed=%llu at=%lld (%s) %s: ", (unsigned long long)run->seed,
		(long long)bh_simrun_now(run), at, invariant);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	fflush(stdout);
	exit(1);
}

struct bh_binding bh_simrun_binding(uint32_t conn)
{
	struct bh_binding binding;
	struct bh_simrng rng = bh_simrng_make(conn);

	bh_simrng_fill(&rng, binding.exporter, sizeof(binding.exporter));
	memset(binding.server_key_hash, 0x5a, sizeof(binding.server_key_hash));
	return binding;
}

void bh_simrun_open(struct bh_simrun *run, uint64_t seed, bool calm, FILE *trace)
{
	memset(run, 0, sizeof(*run));
	run->seed = seed;
	run->calm = calm;
	run->rng = bh_simrng_make(seed);
	run->trace = (struct bh_simtrace){.to = trace, .hash = BH_SIMHASH_START};
	run->hand = bh_simrng_fork(&run->rng, "sticks", 0);
	run->field = bh_simrng_fork(&run->rng, "field", 0);
	run->carriages.rng = bh_simrng_fork(&run->rng, "carriages", 0);
	crypto_rng = bh_simrng_fork(&run->rng, "crypto", 0);
	bh_assert(RAND_set_rand_method(&crypto_method) == 1);
	bh_simvfs_seed_sqlite((uint32_t)bh_simrng_fork(&run->rng, "sqlite", 0).seed);
	bh_assert(bh_simqueue_create(QUEUE_MAX, 0, &run->queue) == 0);
	bh_assert(bh_simnet_create(run->queue, BH_SIMKIND_NET,
			  bh_simrng_fork(&run->rng, "net", 0).seed, &run->net) == 0);
	bh_simalbum_open(&run->album);
	bh_simalbum_open(&run->files);
	run->judge = bh_simjudge_make(run);
	run->desk = bh_simdesk_make(run);
	bh_simserver_make(run);
	bh_simdesk_profile(run->desk);
}

static void tally_disks(struct bh_simrun *run)
{
	struct bh_simvfs_stats stats;

	for (uint32_t i = 0; i < run->phones_count; i++) {
		stats = bh_simvfs_stats(bh_simphone_disk(run->phones[i]));
		bh_simvfs_stats_add(&run->tally.phone_disks, &stats);
	}
	stats = bh_simvfs_stats(bh_simserver_disk(run->server));
	bh_simvfs_stats_add(&run->tally.server_disk, &stats);
	run->tally.net = bh_simnet_stats(run->net);
}

void bh_simrun_count(struct bh_simrun *run, struct bh_simtally *out)
{
	struct bh_simtally kept = run->tally;

	tally_disks(run);
	run->tally.handsets = run->phones_count;
	run->tally.days_ms = (uint64_t)bh_simrun_now(run) * run->phones_count;
	for (size_t i = 0; i < run->truth.count; i++) {
		run->tally.ops += run->truth.ops[i].fate != BH_SIMOP_MAYBE;
		run->tally.reports += run->truth.ops[i].token != 0 &&
				      run->truth.ops[i].fate != BH_SIMOP_MAYBE;
	}
	*out = run->tally;
	run->tally = kept;
}

uint64_t bh_simrun_hash(struct bh_simrun *run)
{
	uint64_t hash = bh_simhash_u64(run->trace.hash, bh_simnet_hash(run->net));

	for (uint32_t i = 0; i < run->phones_count; i++)
		hash = bh_simhash_u64(hash, bh_simvfs_hash(bh_simphone_disk(run->phones[i])));
	return bh_simhash_u64(hash, bh_simvfs_hash(bh_simserver_disk(run->server)));
}

void bh_simrun_close(struct bh_simrun *run)
{
	for (uint32_t i = 0; i < run->phones_count; i++) {
		bh_simphone_free(run->phones[i]);
		bh_simstick_lose(&run->sticks[i]);
	}
	bh_simcarriages_free(&run->carriages);
	bh_simserver_free(run->server);
	bh_simdesk_free(run->desk);
	bh_simjudge_free(run->judge);
	bh_simnet_free(run->net);
	bh_simqueue_free(run->queue);
	bh_simtruth_free(&run->truth);
	bh_simalbum_free(&run->album);
	bh_simalbum_free(&run->files);
}
