/* An administrator goes through what handsets drained after they were cut off, now and then: lets a
 * report in, puts another away, and comes back to what was decided before.  One with photos is
 * sooner looked at than another: few have any, and those have more to go wrong. */
#include "proto/codec.h"
#include "server/store/store.h"
#include "tests/sim/desk_state.h"

#define REVIEW_PPM 20000u /* of the times that somebody looks around */
#define DEVICES_MAX 16u
#define ROWS_MAX 200u
#define DECISIONS_MAX 4u
#define DISCARDS_PPM 200000u
#define DRAWS_MAX 16u
#define ARENA_BYTES (1u << 20)

static bool names_photos(struct bh_store_reader *reader, uint64_t position)
{
	struct bh_arena arena = BH_ARENA(ARENA_BYTES);
	struct bh_entry entry;
	struct bh_msg_op_header header = {0};
	int reason = 0;
	bool names = bh_reader_entry(reader, position, &arena, &entry) == 0 &&
		     entry.case_number != 0 && entry.header.len != 0 &&
		     bh_op_decode_header(entry.header, &arena, &header, &reason) == 0 &&
		     header.blobs_count != 0;

	bh_arena_free(&arena);
	return names;
}

static uint64_t position_draw(
	struct bh_simdesk *desk, const struct bh_quarantine_row *rows, size_t count)
{
	struct bh_store_reader *reader = bh_simserver_reader(desk->run->server);
	uint64_t position = 0;

	for (unsigned i = 0; i < DRAWS_MAX; i++) {
		position = rows[bh_simrng_below(&desk->admin, count)].position;
		if (names_photos(reader, position))
			break;
	}
	return position;
}

/* Some of what it drained, whatever was decided before. */
static void device_review(struct bh_simdesk *desk, uint32_t device)
{
	struct bh_store_reader *reader = bh_simserver_reader(desk->run->server);
	struct bh_quarantine_row rows[ROWS_MAX];
	size_t count = 0;

	if (bh_reader_quarantine(reader, device, 0, rows, ROWS_MAX, &count) != 0 || count == 0)
		return;
	uint64_t decisions = 1 + bh_simrng_below(&desk->admin, DECISIONS_MAX);
	for (uint64_t i = 0; i < decisions; i++)
		bh_simdesk_release(desk, device, position_draw(desk, rows, count),
			bh_simrng_chance(&desk->admin, DISCARDS_PPM));
}

static size_t devices_read(struct bh_simdesk *desk, struct bh_quarantine_sum sums[DEVICES_MAX])
{
	struct bh_store_reader *reader = bh_simserver_reader(desk->run->server);
	size_t count = 0;

	if (reader == NULL || bh_reader_quarantines(reader, 0, sums, DEVICES_MAX, &count) != 0)
		return 0;
	return count;
}

void bh_simdesk_review(struct bh_simdesk *desk)
{
	struct bh_quarantine_sum sums[DEVICES_MAX];

	if (desk->run->healing || !bh_simrng_chance(&desk->admin, REVIEW_PPM))
		return;
	size_t count = devices_read(desk, sums);
	if (count != 0)
		device_review(desk, sums[bh_simrng_below(&desk->admin, count)].device);
}

bool bh_simdesk_review_all(struct bh_simdesk *desk)
{
	struct bh_quarantine_sum sums[DEVICES_MAX];
	size_t count = devices_read(desk, sums);

	for (size_t i = 0; i < count; i++)
		device_review(desk, sums[i].device);
	return count != 0;
}
