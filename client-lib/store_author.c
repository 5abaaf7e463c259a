/* Authors of a shared handset, and their drafts.
 *
 * Who records is chosen anew in each process: nobody inherits an unlocked author.  A PIN is tried
 * in two transactions, the wrong try first, so that taking the power away does not give it back:
 *
 *   tries + 1, durable ──▶ scrypt ──▶ right: tries 0
 *                                 `─▶ wrong: from the fifth on 30 s, 60 s ... an hour in between,
 *                                     and after the twentieth none
 *
 * So of 10,000 PINs a finder of the handset tries twenty.
 *
 * Offline nobody can say whose a number is.  So the first author is whose handset it is, which was
 * theirs alone until then, and they vouch for each colleague. */
#include "client-lib/local_author.h"

#include <string.h>

#include "client-lib/store.h"
#include "proto/caseflow.h"

/* A salt and a draft may begin with any byte, also with that of what is sealed (bh_seal_is): a
 * draft is kept behind one of its own, a salt behind its cost. */
#define OPAQUE 0x01u
#define PIN_BYTES (1u + BH_PIN_SALT_BYTES + BH_PIN_HASH_BYTES)

/* ---- A PIN ------------------------------------------------------------------------------- */

struct pin_row {
	uint8_t kept[PIN_BYTES]; /* cost, salt, hash */
	uint32_t tries;
	int64_t tried_ms;
};

static int pin_read(struct bh_local *local, uint32_t person, struct pin_row *out)
{
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_AUTHOR);
	size_t len = 0;

	bh_bind_int(row, 1, person);
	int rc = bh_store_row(local, row);

	if (rc != 0)
		return rc;
	out->tries = (uint32_t)sqlite3_column_int64(row, 1);
	out->tried_ms = sqlite3_column_int64(row, 2);
	rc = bh_column_open_into(
		local, row, 0, bh_where(BH_SEALED_PIN, person), out->kept, sizeof(out->kept), &len);
	sqlite3_reset(row);
	/* What lies open is carried as it is, so that putting the file aside would mend nothing. */
	bool fits = len == sizeof(out->kept) && out->kept[0] > 0 && out->kept[0] <= BH_PIN_COST_MAX;

	return rc == 0 && !fits ? BH_ERR_CORRUPT : rc;
}

static int pin_tried(struct bh_local *local, uint32_t person, uint32_t tries, int64_t at_ms)
{
	int rc = bh_store_begin(local);

	if (rc != 0)
		return rc;
	sqlite3_stmt *set = bh_store_sql(local, BH_SQL_AUTHOR_TRIED);

	bh_bind_int(set, 1, person);
	bh_bind_int(set, 2, tries);
	bh_bind_int(set, 3, at_ms);
	return bh_store_end(local, bh_store_run(local, set));
}

/* 0, or BH_ERR_BUSY for now, BH_ERR_CLOSED for good.  A clock that was set back begins the wait
 * anew. */
static int pin_waits(struct bh_local *local, uint32_t person, struct pin_row *pin, int64_t wall_ms)
{
	int64_t wait_ms = BH_PIN_WAIT_MS;

	if (pin->tries < BH_PIN_TRIES_FREE)
		return 0;
	if (pin->tries >= BH_PIN_TRIES_MAX)
		return BH_ERR_CLOSED;
	for (uint32_t i = BH_PIN_TRIES_FREE; i < pin->tries && wait_ms < BH_PIN_WAIT_MS_MAX; i++)
		wait_ms *= 2;
	if (wait_ms > BH_PIN_WAIT_MS_MAX)
		wait_ms = BH_PIN_WAIT_MS_MAX;
	if (wall_ms < pin->tried_ms) {
		int rc = pin_tried(local, person, pin->tries, wall_ms);

		return rc == 0 ? BH_ERR_BUSY : rc;
	}
	return wall_ms - pin->tried_ms < wait_ms ? BH_ERR_BUSY : 0;
}

static int pin_try(struct bh_local *local, uint32_t person, struct bh_span given, struct bh_now now)
{
	uint8_t hash[BH_PIN_HASH_BYTES];
	struct pin_row pin;
	int rc = pin_read(local, person, &pin);

	if (rc == 0)
		rc = pin_waits(local, person, &pin, now.wall_ms);
	if (rc == 0)
		rc = pin_tried(local, person, pin.tries + 1, now.wall_ms);
	if (rc == 0)
		rc = bh_pin_hash(given, pin.kept[0], pin.kept + 1, hash);
	if (rc != 0)
		return rc;
	if (!bh_secret_equal(hash, pin.kept + 1 + BH_PIN_SALT_BYTES, sizeof(hash)))
		return BH_ERR_AUTH;
	return pin_tried(local, person, 0, now.wall_ms);
}

static bool pin_fits(struct bh_span pin)
{
	return pin.len >= BH_PIN_LEN_MIN && pin.len <= BH_PIN_LEN_MAX;
}

/* ---- Authors ----------------------------------------------------------------------------- */

static int author_put(
	struct bh_local *local, uint32_t person, struct bh_span name, const uint8_t kept[PIN_BYTES])
{
	sqlite3_stmt *set = bh_store_sql(local, BH_SQL_AUTHOR_SET);
	int rc = bh_bind_sealed(local, set, 2, bh_where(BH_SEALED_AUTHOR, person), name);

	bh_bind_int(set, 1, person);
	if (rc == 0)
		rc = bh_bind_sealed(
			local, set, 3, bh_where(BH_SEALED_PIN, person), bh_span(kept, PIN_BYTES));
	return rc == 0 ? bh_store_run(local, set) : rc;
}

/* Enrolled, room for one more where this one is new, and somebody whose word it is.  *vouched: the
 * handset's person's, for a colleague who is new or has forgotten their PIN. */
static int author_may(struct bh_local *local, uint32_t person, struct bh_span old_pin,
	struct bh_now now, bool *vouched)
{
	struct bh_author rows[BH_AUTHORS_MAX];
	struct bh_device device;
	bool is_new = true;
	size_t count = 0;
	int rc = bh_local_device(local, &device);

	if (rc == 0 && device.enrolled != BH_ENROL_YES)
		rc = BH_ERR_AUTH;
	if (rc == 0)
		rc = bh_local_authors(local, rows, BH_AUTHORS_MAX, &count);
	if (rc != 0)
		return rc;
	for (size_t i = 0; i < count; i++)
		is_new = is_new && rows[i].person != person;
	*vouched = person != device.person && local->author == device.person &&
		   local->author_unlocked && old_pin.len == 0;
	if (is_new && count == BH_AUTHORS_MAX)
		return BH_ERR_LIMIT;
	if (is_new)
		return *vouched || (count == 0 && person == device.person) ? 0 : BH_ERR_AUTH;
	if (*vouched || old_pin.len == 0) /* no PIN was guessed, so none is counted */
		return *vouched ? 0 : BH_ERR_AUTH;
	return pin_try(local, person, old_pin, now);
}

/* Inside a transaction: nobody reads drafts by a PIN that another's word put in place. */
static int drafts_drop(struct bh_local *local, uint32_t person)
{
	sqlite3_stmt *drop = bh_store_sql(local, BH_SQL_DRAFTS_DROP);

	bh_bind_int(drop, 1, person);
	return bh_store_run(local, drop);
}

int bh_local_author_set(struct bh_local *local, uint32_t person, struct bh_span name,
	struct bh_span pin, struct bh_span old_pin, struct bh_now now)
{
	uint8_t kept[PIN_BYTES] = {(uint8_t)local->pin_cost};
	bool vouched = false;

	if (person == 0 || name.len == 0 || name.len > BH_NAME_BYTES_MAX || !pin_fits(pin))
		return BH_ERR_INVALID;
	int rc = author_may(local, person, old_pin, now, &vouched);

	if (rc == 0)
		rc = local->rng.fill(local->rng.context, kept + 1, BH_PIN_SALT_BYTES);
	if (rc == 0)
		rc = bh_pin_hash(pin, kept[0], kept + 1, kept + 1 + BH_PIN_SALT_BYTES);
	if (rc == 0)
		rc = bh_store_begin(local);
	if (rc != 0)
		return rc;
	rc = author_put(local, person, name, kept);
	if (rc == 0 && vouched)
		rc = drafts_drop(local, person);
	rc = bh_store_end(local, rc);
	local->is_shared = local->is_shared || rc == 0;
	return rc;
}

int bh_local_author_choose(
	struct bh_local *local, uint32_t person, struct bh_span pin, struct bh_now now)
{
	struct pin_row row;
	struct bh_device device = {0};
	int rc = bh_store_ready(local);

	if (rc == 0 && person == 0 && pin.len > 0) {
		rc = bh_local_device(local, &device);
		person = device.person;
	}
	if (rc == 0 && person != 0)
		rc = pin.len > 0 ? pin_try(local, person, pin, now) : pin_read(local, person, &row);
	if (rc != 0)
		return rc;
	local->author = person;
	local->author_unlocked = person != 0 && pin.len > 0;
	return 0;
}

int bh_local_authors(struct bh_local *local, struct bh_author *out, size_t max, size_t *count)
{
	int rc = bh_store_ready(local);

	*count = 0;
	if (rc != 0)
		return rc;
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_AUTHORS);

	while (*count < max && (rc = bh_store_row(local, row)) == 0) {
		struct bh_author *author = &out[(*count)++];
		size_t len = 0;

		*author = (struct bh_author){.person = (uint32_t)sqlite3_column_int64(row, 0),
			.tries = (uint32_t)sqlite3_column_int64(row, 2)};
		/* unless one is chosen, whose handset it is */
		author->is_chosen = local->author != 0 ? author->person == local->author
						       : sqlite3_column_int(row, 3) != 0;
		author->is_unlocked = author->is_chosen && local->author_unlocked;
		rc = bh_column_open_into(local, row, 1, bh_where(BH_SEALED_AUTHOR, author->person),
			(uint8_t *)author->name, BH_NAME_BYTES_MAX, &len);
		if (rc != 0)
			break;
	}
	sqlite3_reset(row);
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

int bh_store_shared_load(struct bh_local *local)
{
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_AUTHOR_ANY);
	int rc = bh_store_row(local, row);

	local->is_shared = rc == 0;
	sqlite3_reset(row);
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

int bh_local_author(struct bh_local *local, struct bh_author *out)
{
	struct bh_author rows[BH_AUTHORS_MAX];
	struct bh_device device;
	size_t count = 0;
	int rc = bh_local_device(local, &device);

	if (rc == 0)
		rc = bh_local_authors(local, rows, BH_AUTHORS_MAX, &count);
	if (rc != 0)
		return rc;
	*out = (struct bh_author){.person = device.person,
		.is_chosen = true,
		/* whose it is alone needs no credential but the handset */
		.is_unlocked = count == 0 && device.person != 0};
	for (size_t i = 0; i < count; i++)
		if (rows[i].is_chosen)
			*out = rows[i];
	return 0;
}

/* That a closure came is nobody's act. */
void bh_store_author(const struct bh_local *local, const struct bh_device *device,
	struct bh_msg_op_header *header)
{
	bool acts = header->verb != BH_VERB_DELIVERED;

	header->author = acts && local->author != 0 ? local->author : device->person;
	header->claimed = acts && local->is_shared && !local->author_unlocked;
}

/* ---- Drafts ------------------------------------------------------------------------------ */

/* The key of the present author's. */
static int draft_key(struct bh_local *local, uint32_t slot, int64_t *key)
{
	struct bh_author author = {0};
	int rc = slot < BH_DRAFTS_MAX ? bh_local_author(local, &author) : BH_ERR_LIMIT;

	if (rc == 0 && !author.is_unlocked)
		rc = BH_ERR_AUTH;
	*key = (int64_t)author.person << 8 | (int64_t)slot;
	return rc;
}

/* Inside a transaction; kept is as it lies, of one byte where there is none. */
static int draft_write(struct bh_local *local, int64_t key, struct bh_span kept)
{
	sqlite3_stmt *put = bh_store_sql(
		local, kept.len > 1 ? BH_SQL_DRAFT_SET : BH_SQL_DRAFT_DROP);
	int rc = 0;

	bh_bind_int(put, 1, key);
	if (kept.len > 1)
		rc = bh_bind_sealed(local, put, 2, bh_where(BH_SEALED_DRAFT, key), kept);
	return rc == 0 ? bh_store_run(local, put) : rc;
}

int bh_local_draft_put(struct bh_local *local, uint32_t slot, struct bh_span body)
{
	struct bh_buf kept = BH_BUF(1 + BH_DRAFT_LEN_MAX);
	int64_t key = 0;
	int rc = body.len <= BH_DRAFT_LEN_MAX ? draft_key(local, slot, &key) : BH_ERR_LIMIT;

	if (rc == 0)
		rc = bh_put_u8(&kept, OPAQUE);
	if (rc == 0)
		rc = bh_buf_append(&kept, body.data, body.len);
	if (rc == 0)
		rc = bh_store_begin(local);
	if (rc == 0)
		rc = bh_store_end(local, draft_write(local, key, bh_buf_span(&kept)));
	bh_buf_free(&kept);
	return rc;
}

int bh_local_draft_get(
	struct bh_local *local, uint32_t slot, struct bh_arena *arena, struct bh_span *out)
{
	int64_t key = 0;
	int rc = draft_key(local, slot, &key);

	if (rc != 0)
		return rc;
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_DRAFT);

	bh_bind_int(row, 1, key);
	rc = bh_store_row(local, row);
	if (rc != 0)
		return rc;
	struct bh_span kept = {NULL, 0};

	rc = bh_column_open(local, row, 0, bh_where(BH_SEALED_DRAFT, key), arena, &kept);
	sqlite3_reset(row);
	if (rc == 0 && (kept.len < 2 || kept.data[0] != OPAQUE))
		rc = BH_ERR_CORRUPT;
	if (rc == 0)
		*out = bh_span(kept.data + 1, kept.len - 1);
	return rc;
}
