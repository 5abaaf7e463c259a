/* The keys that handsets go by move one step at a time, and never back:
 *
 *   (ca, backup) ──▶ (backup, next) ──▶ (next, one more) ...
 *
 * A handset that has moved on trusts the older key no more, so a server with keys from before a
 * roll would be nobody's: it is not opened.  Nothing here knows the keys, only what is pinned of
 * them. */
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "server/store/kept_apply.h"
#include "server/store/pins.h"

static const struct bh_store_pins none;

static bool pins_same(const struct bh_store_pins *a, const struct bh_store_pins *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

int bh_store_pins_judge(
	const struct bh_store_pins *last, const struct bh_store_pins *pins, const char **detail)
{
	if (!pins || pins_same(last, &none) || pins_same(last, pins) ||
		memcmp(pins->ca, last->backup, BH_PIN_BYTES) == 0)
		return BH_NOERR;
	*detail = "its keys are older than a roll of its CA, or another's: its handsets would take "
		  "it for a stranger; put the newer keys back";
	return BH_ERR_AUTH;
}

int bh_kept_pins_note(
	struct bh_kept *kept, const struct bh_store_pins *last, const struct bh_store_pins *pins)
{
	struct bh_kept_line line = {.kind = BH_KEPT_PINS, .pins = *pins};

	return pins_same(last, pins) ? BH_NOERR : bh_kept_note(kept, &line);
}

/* ---- Without a server ---- */

static int line_pins(void *context, const struct bh_kept_line *line)
{
	struct bh_store_pins *pins = context;

	if (line->kind == BH_KEPT_PINS)
		*pins = line->pins;
	return BH_NOERR;
}

static int file_open(struct bh_kept *kept, const char *path, const char *code,
	struct bh_hasher **hasher, struct bh_store_pins *last)
{
	struct bh_kept_fault fault;
	int err = bh_hasher_open(hasher);

	*last = none;
	if (!err)
		err = bh_kept_open(kept, path, NULL, code, *hasher);
	if (!err)
		err = bh_kept_read(kept, line_pins, last, &fault);
	return err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
}

int bh_store_pins_kept(const char *path, const char *code, struct bh_store_pins *out, bool *known)
{
	struct bh_kept kept = {0};
	struct bh_hasher *hasher = NULL;
	int err = file_open(&kept, path, code, &hasher, out);

	*known = !err && !pins_same(out, &none);
	bh_kept_close(&kept);
	bh_hasher_close(hasher);
	return err;
}

int bh_store_pins_keep(const char *path, const char *code, const struct bh_store_pins *pins)
{
	struct bh_kept kept = {0};
	struct bh_hasher *hasher = NULL;
	struct bh_store_pins last;
	int err = file_open(&kept, path, code, &hasher, &last);

	if (!err)
		err = bh_kept_settle(&kept);
	if (!err)
		err = bh_kept_pins_note(&kept, &last, pins);
	if (!err)
		err = bh_kept_flush(&kept);
	bh_kept_close(&kept);
	bh_hasher_close(hasher);
	return err;
}

struct bh_store_hold {
	sqlite3 *lock;
};

int bh_store_hold(const char *path, struct bh_store_hold **out)
{
	struct bh_store_hold *hold = calloc(1, sizeof(*hold));
	int err = hold ? bh_db_lock_known(path, NULL, &hold->lock) : BH_ERR_NOMEM;

	if (err) {
		free(hold);
		return err;
	}
	*out = hold;
	return BH_NOERR;
}

void bh_store_release(struct bh_store_hold *hold)
{
	if (!hold)
		return;
	bh_db_unlock(hold->lock);
	free(hold);
}
