/* What the network's tests share: two hosts, a queue, and a log of all that the ends saw. */
#ifndef BH_TESTS_SIM_TEST_NET_WORLD_H
#define BH_TESTS_SIM_TEST_NET_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <string.h>

#include "proto/err.h"
#include "tests/sim/net.h"
#include "tests/sim/queue.h"

#define PHONE 1u
#define SERVER 0u
#define NET_EVENT 9u
#define CONNS_MAX 4096u
#define ALWAYS 1000000u

/* What one end of one connection saw. */
struct seen {
	uint32_t counts[BH_SIMNET_TIMEOUT + 1]; /* by enum bh_simnet_seen */
	uint64_t bytes;
	bool wrong;       /* a byte that was not the next one its peer sent */
	int64_t first_ms; /* of its bytes; -1: none yet */
	int64_t last_ms;  /* of anything */
	size_t largest;   /* piece */
};

struct world {
	struct bh_simqueue *queue;
	struct bh_simnet *net;
	struct seen seen[CONNS_MAX][2];
	uint64_t sent[CONNS_MAX][2];
	struct bh_simnet_news last;
};

/* The byte at this place of what the end sends: the same on every connection, so that a replay,
 * too, can be checked byte by byte. */
static inline uint8_t world_byte(unsigned end, uint64_t at)
{
	return (uint8_t)(at * 7 + at / 251 + end);
}

static inline void world_begin(struct world *world, uint64_t seed)
{
	memset(world, 0, sizeof(*world));
	for (size_t i = 0; i < CONNS_MAX; i++)
		world->seen[i][0].first_ms = world->seen[i][1].first_ms = -1;
	assert_int_equal(bh_simqueue_create(1u << 20, 0, &world->queue), BH_NOERR);
	assert_int_equal(bh_simnet_create(world->queue, NET_EVENT, seed, &world->net), BH_NOERR);
	bh_simnet_host_listen(world->net, SERVER, true);
}

static inline void world_end(struct world *world)
{
	bh_simnet_free(world->net);
	bh_simqueue_free(world->queue);
}

static inline void world_note(struct world *world, const struct bh_simnet_news *news)
{
	struct seen *seen = &world->seen[news->conn][news->end];

	seen->counts[news->seen]++;
	seen->last_ms = bh_simqueue_now(world->queue);
	if (news->seen != BH_SIMNET_DATA)
		return;
	assert_true(news->len > 0);
	if (seen->first_ms < 0)
		seen->first_ms = seen->last_ms;
	for (size_t i = 0; i < news->len; i++)
		if (news->data[i] != world_byte(news->end ^ 1u, seen->bytes + i))
			seen->wrong = true;
	seen->bytes += news->len;
	seen->largest = news->len > seen->largest ? news->len : seen->largest;
}

/* Performs the next event; false when nothing is left or all that is left is later than until_ms.
 */
static inline bool world_step(struct world *world, int64_t until_ms)
{
	struct bh_simevent event;

	if (!bh_simqueue_peek(world->queue, &event) || event.at_ms > until_ms)
		return false;
	(void)bh_simqueue_pop(world->queue, &event);
	assert_int_equal(bh_simnet_step(world->net, &event, &world->last), BH_NOERR);
	if (world->last.seen != BH_SIMNET_NOTHING)
		world_note(world, &world->last);
	return true;
}

static inline void world_run(struct world *world, int64_t until_ms)
{
	while (world_step(world, until_ms))
		;
	if (until_ms != INT64_MAX)
		assert_int_equal(bh_simqueue_advance(world->queue, until_ms), BH_NOERR);
}

static inline size_t world_send(
	struct world *world, uint32_t conn, enum bh_simnet_end end, size_t len)
{
	uint8_t bytes[8192];
	size_t taken = 0;

	assert_true(len <= sizeof(bytes));
	for (size_t i = 0; i < len; i++)
		bytes[i] = world_byte(end, world->sent[conn][end] + i);
	assert_int_equal(bh_simnet_send(world->net, conn, end, bytes, len, &taken), BH_NOERR);
	world->sent[conn][end] += taken;
	return taken;
}

static inline uint32_t world_connect(struct world *world)
{
	uint32_t conn = 0;

	assert_int_equal(bh_simnet_connect(world->net, PHONE, SERVER, &conn), BH_NOERR);
	assert_true(conn >= 1 && conn < CONNS_MAX);
	return conn;
}

/* A connection that both ends have, under a calm profile until then. */
static inline uint32_t world_connected(struct world *world)
{
	uint32_t conn = world_connect(world);

	while (!bh_simnet_end_is_open(world->net, conn, BH_SIMNET_CLIENT))
		assert_true(world_step(world, INT64_MAX));
	return conn;
}

static inline uint32_t world_count(
	const struct world *world, uint32_t conn, enum bh_simnet_end end, enum bh_simnet_seen what)
{
	return world->seen[conn][end].counts[what];
}

#endif
