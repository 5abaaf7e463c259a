/* What is done beside the clock: what an older program left is brought up to date, case keys are
 * wrapped anew, what was kept long enough is purged.
 *
 *   alarms ──COMMIT──▶ a slice of the upgrade ──COMMIT──▶ of keys ──COMMIT──▶ of the purge ──COMMIT
 *                            └── fails: it alone is rolled back, and tried again in a minute
 *
 * A kept file that is full, or a disk, refuses these; alarms need neither. */
#include "proto/err.h"
#include "server/store/guarded.h"
#include "server/store/text_purge.h"
#include "server/store/writer.h"

#define AGAIN_MS INT64_C(60000)

static int upgrade(struct bh_writer *w, struct bh_now now)
{
	bool ended = false;

	if (!w->upgrade_waits)
		return BH_NOERR;
	int err = bh_group_begin(w, now);
	if (!err)
		err = bh_upgrade_slice(&w->projector, &ended);
	err = bh_group_end(w, err);
	if (!err)
		w->upgrade_waits = !ended;
	return err;
}

static int keys_roll(struct bh_writer *w, struct bh_now now)
{
	uint64_t after = w->keys_after;
	bool done = false;

	if (!w->keys_wait)
		return BH_NOERR;
	int err = bh_group_begin(w, now);
	if (!err)
		err = bh_case_keys_roll(
			&w->projector.db, w->vault, w->projector.district.code, &after, &done);
	err = bh_group_end(w, err);
	if (!err) {
		w->keys_after = after;
		w->keys_wait = !done;
	}
	return err;
}

static int turn(struct bh_writer *w, struct bh_now now,
	int (*asks)(struct bh_writer *w, bool *waits), int (*turns)(struct bh_writer *w))
{
	bool waits = false;
	int err = asks(w, &waits);

	if (err || !waits)
		return err;
	err = bh_group_begin(w, now);
	if (!err)
		err = turns(w);
	return bh_group_end(w, err);
}

static int purge(struct bh_writer *w, struct bh_now now)
{
	return turn(w, now, bh_retention_waits, bh_retention_turn);
}

static int texts(struct bh_writer *w, struct bh_now now)
{
	return turn(w, now, bh_texts_wait, bh_texts_turn);
}

int bh_chores_run(struct bh_writer *w, struct bh_now now)
{
	static int (*const chores[])(struct bh_writer *, struct bh_now) = {
		upgrade, keys_roll, purge, texts};

	if (now.mono_ms < w->chores_mono_ms)
		return BH_NOERR;
	w->chores_mono_ms = 0;
	for (size_t i = 0; i < sizeof(chores) / sizeof(chores[0]); i++) {
		int err = chores[i](w, now);
		if (err == BH_ERR_UNKNOWN || err == BH_ERR_CORRUPT)
			return err;
		if (!err)
			continue;
		w->chores_mono_ms = now.mono_ms + AGAIN_MS;
		w->counts.chores_failed++;
	}
	return BH_NOERR;
}
