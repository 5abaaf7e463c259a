/*
 * A folder that fails is said once when it begins to fail and once when it is well again; how far
 * behind it is stands in the metrics.  Nothing of a district waits for it.
 */
#include "server/main/shipping.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/err.h"
#include "server/main/log.h"

#define LOOKED_AT_MAX 200u
#define ARENA_BYTES (256u << 20)

static void on_said(void *context, const struct bh_ship_counts *counts)
{
	const struct bh_served *served = context;
	if (counts->failing)
		bh_log(BH_LOG_WARNING, served->code, 0,
			"segments are not shipped: %s; %" PRIu64 " entries wait", counts->error,
			counts->behind_entries);
	else
		bh_log(BH_LOG_INFO, served->code, 0, "segments are shipped again");
}

int bh_shipping_open(struct bh_served *served, const struct bh_served_options *options)
{
	const struct bh_ship_events events = {served, on_said};
	const struct bh_ship_options ship = {
		.store = &served->store, .code = served->code, .folder = options->segments};
	if (!options->segments || !options->segments[0])
		return BH_NOERR;
	return bh_ship_loop_new(&ship, options->clock, &events, &served->ship);
}

/* The thread may hang in a call to the folder: what it said last is not how things are. */
static void behind_look(const struct bh_served *served, uint64_t head, struct bh_ship_counts *out)
{
	struct bh_arena arena = BH_ARENA(ARENA_BYTES);
	struct bh_entry entry;
	uint64_t bytes = 0;
	out->behind_at_ms = 0;
	for (uint64_t n = 0; n < LOOKED_AT_MAX && n < out->behind_entries; n++) {
		bh_arena_reset(&arena);
		if (bh_reader_entry(
			    served->reader, head - out->behind_entries + 1 + n, &arena, &entry))
			break;
		if (n == 0)
			out->behind_at_ms = entry.at_ms;
		bytes += bh_ship_entry_bytes(&entry);
	}
	if (out->behind_bytes < bytes || out->behind_entries == 0)
		out->behind_bytes = bytes;
	bh_arena_free(&arena);
}

void bh_shipping_counts(const struct bh_served *served, struct bh_ship_counts *out)
{
	uint8_t hash[BH_HASH_BYTES];
	uint64_t head = 0;
	*out = (struct bh_ship_counts){0};
	if (!served->ship)
		return;
	bh_ship_loop_counts(served->ship, out);
	if (bh_reader_head(served->reader, &head, hash) != BH_NOERR)
		return;
	out->behind_entries = head > out->shipped ? head - out->shipped : 0;
	behind_look(served, head, out);
}

void bh_shipping_sentence(struct bh_process *process, char *out, size_t size)
{
	struct bh_ship_counts counts;
	const struct bh_served *worst = NULL;
	uint64_t behind = 0;
	bool failing = false;
	(void)snprintf(out, size, "%s", process->config.segments[0] ? "all is there" : "off");
	for (size_t i = 0; i < process->districts_count; i++) {
		bh_shipping_counts(process->districts[i], &counts);
		if (!counts.failing && counts.behind_entries == 0)
			continue;
		if (worst &&
			(counts.failing != failing ? failing : counts.behind_entries <= behind))
			continue;
		worst = process->districts[i];
		behind = counts.behind_entries;
		failing = counts.failing;
	}
	if (worst)
		(void)snprintf(out, size, "%s is %" PRIu64 " entries behind%s", worst->code, behind,
			failing ? ": its folder cannot be written, see the log" : "");
}
