/* What a handset carries for another: put into it piece by piece, as client_cargo.c does it, and
 * its answer written out again. */
#include "client-lib/local_cargo.h"

#include <string.h>

#include "client-lib/carry.h"
#include "proto/bundle_frames.h"
#include "proto/err.h"
#include "tests/sim/phone_state.h"

static int pieces_write(struct bh_simphone *phone, const struct bh_buf *file, unsigned place,
	uint8_t name[BH_HASH_BYTES])
{
	uint8_t chain[BH_HASH_BYTES] = {0};
	int rc = 0;

	for (size_t at = 0; rc == 0 && at < file->len; at += BH_BLOB_PART_BYTES_MAX) {
		size_t left = file->len - at;
		size_t len = left < BH_BLOB_PART_BYTES_MAX ? left : BH_BLOB_PART_BYTES_MAX;
		rc = bh_local_cargo_write(phone->local, place, at, bh_span(file->data + at, len));
	}
	for (size_t at = 0; rc == 0 && at < file->len; at += BH_BLOB_PART_BYTES_MAX)
		rc = bh_local_cargo_chain(phone->local, place, false, at, file->len, chain);
	memcpy(name, chain, BH_HASH_BYTES);
	return rc;
}

bool bh_simphone_load(
	struct bh_simphone *phone, const struct bh_buf *file, uint8_t name[BH_HASH_BYTES])
{
	struct bh_cargo cargo = {.phase = BH_CARGO_IS_WAITING, .size = (uint32_t)file->len};
	unsigned place = 0;

	if (!phone->up)
		return false;
	cargo.since_ms = bh_simphone_now(phone).wall_ms;
	int rc = bh_local_cargo_place(phone->local, cargo.since_ms, &place);
	bool begun = rc == 0;
	if (rc == 0)
		rc = pieces_write(phone, file, place, cargo.hash);
	if (rc == 0)
		rc = bh_local_cargo_keep(phone->local, &place, &cargo);
	rc = rc == BH_ERR_EXISTS ? 0 : rc;
	memcpy(name, cargo.hash, BH_HASH_BYTES);
	if (rc != 0 && begun && !bh_simvfs_is_stopped(phone->disk))
		(void)bh_local_cargo_drop(phone->local, place);
	if (bh_simphone_has_died(phone))
		return false;
	if (rc == 0)
		bh_engine_poke(phone->engine, bh_simphone_now(phone));
	bh_simphone_settle(phone);
	return rc == 0;
}

static bool place_of(
	const struct bh_simphone *phone, const uint8_t name[BH_HASH_BYTES], unsigned *place)
{
	for (*place = 0; *place < BH_CARGO_MAX; ++*place) {
		const struct bh_cargo *cargo = bh_local_cargo(phone->local, *place);
		if (cargo->phase != BH_CARGO_NONE && memcmp(cargo->hash, name, BH_HASH_BYTES) == 0)
			return true;
	}
	return false;
}

/* Written out whole before the piece is let go. */
static int answer_copy(
	struct bh_simphone *phone, unsigned place, uint32_t size, struct bh_buf *answer)
{
	uint8_t *at = NULL;
	int rc = bh_buf_reserve(answer, size, &at);

	if (rc == 0)
		rc = bh_local_cargo_read(phone->local, place, true, 0, at, size);
	if (rc != 0)
		return rc;
	answer->len = size;
	return bh_local_cargo_drop(phone->local, place);
}

enum bh_simcargo bh_simphone_unload(struct bh_simphone *phone, const uint8_t name[BH_HASH_BYTES],
	struct bh_buf *answer, char why[BH_CARGO_REASON_BYTES_MAX + 1])
{
	unsigned place = 0;
	int rc = 0;

	if (!phone->up)
		return BH_SIMCARGO_WAITS;
	if (!place_of(phone, name, &place))
		return BH_SIMCARGO_GONE;
	struct bh_cargo cargo = *bh_local_cargo(phone->local, place);
	memcpy(why, cargo.reason, BH_CARGO_REASON_BYTES_MAX);
	why[BH_CARGO_REASON_BYTES_MAX] = '\0';
	answer->len = 0;
	if (cargo.phase == BH_CARGO_IS_ANSWERED)
		rc = answer_copy(phone, place, cargo.answer_size, answer);
	bool has_answer = cargo.phase == BH_CARGO_IS_ANSWERED && answer->len == cargo.answer_size;
	bool died = bh_simphone_has_died(phone);
	if (!died)
		bh_simphone_settle(phone);
	if (rc == BH_ERR_NOT_FOUND && !died)
		bh_simrun_fail(phone->run, "I11", "handset %u has not the answer that it shows",
			phone->index);
	if (has_answer)
		return BH_SIMCARGO_ANSWERED;
	return !died && cargo.phase == BH_CARGO_IS_REFUSED ? BH_SIMCARGO_REFUSED
							   : BH_SIMCARGO_WAITS;
}

bool bh_simphone_may_lose_cargo(const struct bh_simphone *phone, int64_t since_ms)
{
	return phone->went_back_at_ms >= since_ms || phone->leapt_at_ms >= since_ms ||
	       bh_simrun_now(phone->run) - since_ms > BH_CARGO_AGE_MS_MAX;
}

void bh_simphone_learns_nothing(struct bh_simphone *phone, const struct bh_buf *answer)
{
	struct bh_carry_answer *reading = NULL;

	if (!bh_simphone_is_opaque(answer->data, answer->len))
		bh_simrun_fail(phone->run, "sealed", "an answer shows what is in it");
	if (!phone->up)
		return;
	int rc = bh_carry_answer_open(phone->local, NULL, NULL, &reading);
	if (rc == 0)
		rc = bh_carry_answer_put(reading, bh_buf_span(answer));
	if (rc == 0)
		rc = bh_carry_answer_end(reading);
	bh_carry_answer_close(reading);
	if (!bh_simphone_has_died(phone) && rc == 0)
		bh_simrun_fail(phone->run, "sealed",
			"handset %u can read the answer that it carries", phone->index);
}
