/* The simulated district's segments, as they lie on another machine.
 *
 *   ship ──▶ a file of what was committed since the last one, in blocks; the newest entries are
 *     still on their way
 *   back ──▶ (its end is torn) ──▶ followed from the backup's head and replayed ──▶ stands where
 *     shipping stood; verified, with segments or without
 *
 * bh_ship works on the system's folders, which this world has none of; what it writes and what
 * reads it is the same.  Photos that were shipped are those that lie whole on the old disk, or lay
 * on one that was lost. */
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "server/store/replay.h"
#include "server/store/segment_follow.h"
#include "tests/sim/judge.h"
#include "tests/sim/server_state.h"

#define FILES_MAX 64u
#define BLOCK_ENTRIES_MAX 40u
#define LAG_MAX 6u
#define TORN_BYTES_MAX 600u
#define ONE_IN_THREE 333333u

struct bh_simship {
	struct bh_simrng rng;
	struct bh_buf files[FILES_MAX];
	struct bh_segment_info infos[FILES_MAX];
	size_t count;
	uint64_t position; /* of the last entry in them that the journal has, too */
};

static struct bh_simship *ship_of(struct bh_simserver *server)
{
	if (server->ship)
		return server->ship;
	server->ship = calloc(1, sizeof(*server->ship));
	bh_assert(server->ship != NULL);
	server->ship->rng = bh_simrng_fork(&server->run->rng, "ship", 0);
	for (size_t i = 0; i < FILES_MAX; i++)
		server->ship->files[i] = BH_BUF(BH_SEGMENT_BYTES_MAX);
	return server->ship;
}

void bh_simserver_ship_free(struct bh_simserver *server)
{
	for (size_t i = 0; server->ship && i < server->ship->count; i++)
		bh_buf_free(&server->ship->files[i]);
	free(server->ship);
	server->ship = NULL;
}

/* ---- Shipping ---- */

struct shipping {
	struct bh_simserver *server;
	struct bh_segment_block block;
	struct bh_buf scratch;
	struct bh_arena arena;
	uint8_t hash[BH_HASH_BYTES]; /* of the entry before the next */
};

/* With the key that its caller gave, as bh_ship has it. */
static int entry_add(struct shipping *shipping, const struct bh_entry *entry)
{
	struct bh_simserver *server = shipping->server;
	struct bh_caller_key key;
	int err = bh_reader_key_of(server->witness, entry->position, &key);

	if (err && err != BH_ERR_NOT_FOUND)
		return err;
	if (bh_segment_block_add(
		    server->hasher, &shipping->block, entry, err ? NULL : &key, &shipping->scratch))
		bh_simrun_fail(server->run, "I12", "entry %llu does not follow the one before it",
			(unsigned long long)entry->position);
	return BH_NOERR;
}

/* One that the failing disk does not give is there for the next time. */
static int block_write(struct shipping *shipping, uint64_t after, uint64_t upto, struct bh_buf *out)
{
	struct bh_simserver *server = shipping->server;
	struct bh_entry entry;
	int err = BH_NOERR;

	bh_segment_block_begin(&shipping->block, after, shipping->hash);
	for (uint64_t at = after + 1; !err && at <= upto; at++) {
		bh_arena_reset(&shipping->arena);
		err = bh_reader_entry(server->witness, at, &shipping->arena, &entry);
		if (!err)
			err = entry_add(shipping, &entry);
	}
	if (err)
		return err;
	memcpy(shipping->hash, shipping->block.last, BH_HASH_BYTES);
	return bh_segment_block_end(server->hasher, BH_SIM_DISTRICT, &shipping->block, out);
}

static bool entry_told(struct shipping *shipping, uint64_t at, struct bh_entry *entry)
{
	bh_arena_reset(&shipping->arena);
	return bh_reader_entry(shipping->server->witness, at, &shipping->arena, entry) == BH_NOERR;
}

/* What is shipped ends where a commit does: what the server's own logs say at one instant is of
 * one.  0: the failing disk does not tell where that is. */
static uint64_t commit_end(struct shipping *shipping, uint64_t at, uint64_t upto)
{
	struct bh_entry entry;

	if (at == 0 || !entry_told(shipping, at, &entry))
		return 0;
	int64_t at_ms = entry.at_ms;
	while (at < upto) {
		if (!entry_told(shipping, at + 1, &entry))
			return 0;
		if (entry.device != 0 || entry.at_ms != at_ms)
			break;
		at++;
	}
	return at;
}

static int file_write(struct shipping *shipping, struct bh_simship *ship, uint64_t upto)
{
	struct bh_simserver *server = shipping->server;
	struct bh_buf *out = &ship->files[ship->count];
	struct bh_segment_head head = {.code = BH_SIM_DISTRICT,
		.number = ship->count + 1,
		.first = ship->position + 1,
		.due_divisor = 1};
	struct bh_district district;
	uint64_t at = ship->position;
	int err = bh_reader_district(server->witness, &district);

	if (!err && at)
		err = bh_reader_hash_at(server->witness, at, shipping->hash);
	head.epoch = err ? 0 : district.epoch;
	memcpy(head.prev, shipping->hash, BH_HASH_BYTES);
	out->len = 0;
	if (!err)
		err = bh_segment_begin(server->hasher, &head, out);
	while (!err && at < upto) {
		uint64_t next = at + 1 + bh_simrng_below(&ship->rng, BLOCK_ENTRIES_MAX);
		next = next < upto ? commit_end(shipping, next, upto) : upto;
		err = next == 0 ? BH_ERR_IO : block_write(shipping, at, next, out);
		at = next;
	}
	return err;
}

void bh_simserver_ship(struct bh_simserver *server)
{
	struct bh_simship *ship = ship_of(server);
	struct shipping shipping = {.server = server,
		.block.body = BH_BUF(BH_SEGMENT_ENTRY_BYTES_MAX),
		.scratch = BH_BUF(BH_SEGMENT_ENTRY_BYTES_MAX),
		.arena = BH_ARENA(256u << 20)};
	uint64_t head = 0, lag = bh_simrng_below(&ship->rng, LAG_MAX);
	uint8_t hash[BH_HASH_BYTES];

	if (!server->up || ship->count == FILES_MAX)
		return;
	int err = bh_reader_head(server->witness, &head, hash);
	uint64_t upto = err || head < lag ? 0 : commit_end(&shipping, head - lag, head);
	if (upto > ship->position && file_write(&shipping, ship, upto) == BH_NOERR) {
		ship->count++;
		ship->position = upto;
	}
	bh_buf_free(&shipping.block.body);
	bh_buf_free(&shipping.scratch);
	bh_arena_free(&shipping.arena);
}

/* ---- The way back ---- */

static int file_load(void *context, size_t file, struct bh_span *bytes)
{
	struct bh_simship *ship = context;

	*bytes = bh_buf_span(&ship->files[file]);
	return BH_NOERR;
}

/* The power failed where they lie. */
static void end_tear(struct bh_simship *ship)
{
	struct bh_buf *last = &ship->files[ship->count - 1];
	uint64_t bytes = 1 + bh_simrng_below(&ship->rng, TORN_BYTES_MAX);

	if (bh_simrng_chance(&ship->rng, ONE_IN_THREE))
		last->len -= bytes < last->len ? bytes : last->len;
}

static struct bh_segment_road road_of(struct bh_simserver *server, struct bh_simship *ship)
{
	for (size_t i = 0; i < ship->count; i++)
		bh_assert(bh_segment_read(server->hasher, BH_SIM_DISTRICT,
				  bh_buf_span(&ship->files[i]), NULL, NULL, &ship->infos[i]) == 0);
	return (struct bh_segment_road){.code = BH_SIM_DISTRICT,
		.infos = ship->infos,
		.count = ship->count,
		.load = file_load,
		.context = ship};
}

/* Where the road has to end: at the newest entry that its files hold, or at the backup's head. */
static uint64_t end_wanted(const struct bh_segment_road *road, uint64_t backup)
{
	size_t newest = bh_segment_newest(road);

	return newest < road->count && road->infos[newest].last > backup ? road->infos[newest].last
									 : backup;
}

static void replay(struct bh_simserver *server, struct bh_replay *replay)
{
	struct bh_simship *ship = server->ship;
	struct bh_segment_road road = road_of(server, ship);
	struct bh_segment_fault fault = {.what = "none of them holds an entry"};

	road.position = bh_replay_head(replay, road.hash);
	uint64_t backup = road.position, wanted = end_wanted(&road, backup);
	int err = bh_segment_follow(server->hasher, &road, bh_replay_entry, replay, &fault);
	if (err == BH_ERR_NOT_FOUND)
		err = BH_NOERR;
	if (err || road.position != wanted)
		bh_simrun_fail(server->run, "I16",
			"the segments lead from %llu to %llu, not to %llu: %s, %s",
			(unsigned long long)backup, (unsigned long long)road.position,
			(unsigned long long)wanted, bh_err_name(err), fault.what);
	bh_assert(bh_replay_finish(replay) == 0);
	ship->position = road.position;
	server->run->tally.server_segments++;
	server->run->tally.segment_entries += road.position - backup;
}

bool bh_simserver_ship_chosen(struct bh_simserver *server)
{
	struct bh_simship *ship = ship_of(server);

	return bh_simrng_chance(&ship->rng, ONE_IN_THREE) && ship->count > 0;
}

void bh_simserver_ship_back(
	struct bh_simserver *server, const struct bh_store_options *options, bool with)
{
	struct bh_verify_report report = {0};
	struct bh_simship *ship = ship_of(server);
	struct bh_replay *opened = NULL;
	uint8_t hash[BH_HASH_BYTES];

	bh_assert(bh_replay_open(options, &opened) == 0);
	uint64_t head = bh_replay_head(opened, hash);
	if (with) {
		end_tear(ship);
		replay(server, opened);
	} else if (head < ship->position) {
		ship->position = head;
	}
	bh_replay_close(opened);
	if (bh_store_verify(options, &report) != 0)
		bh_simrun_fail(server->run, "I12", "%s does not verify: %s",
			with ? "what was replayed" : "a backup", report.what);
}
