/* Who records on a shared handset, and drafts, which are nobody else's. */
#include <string.h>

#include "client-lib/client_state.h"
#include "client-lib/local_author.h"

_Static_assert(BH_AUTHOR_NAME_BYTES_MAX == BH_NAME_BYTES_MAX, "names");
_Static_assert(BH_DRAFT_BYTES_MAX == BH_DRAFT_LEN_MAX, "drafts");

static bh_status author_fail(bh_error *err, const bh_client *client, int rc)
{
	switch (rc) {
	case BH_ERR_AUTH:
		return bh_fail(err, BH_E_AUTH,
			"author: not enrolled, the PIN is wrong, or nobody vouches");
	case BH_ERR_BUSY:
		return bh_fail(err, BH_E_BUSY, "author: too many wrong PINs, try later");
	case BH_ERR_CLOSED:
		return bh_fail(err, BH_E_LIMIT, "author: too many wrong PINs, for good");
	default:
		return bh_fail_rc(err, client, rc, "author");
	}
}

static bh_status pin_take(const char *text, bool needed, struct bh_span *out, bh_error *err)
{
	bh_status status = bh_text_take(text, BH_PIN_LEN_MAX, "author: PIN", out, err);

	if (status == BH_OK && (text || needed) && out->len < BH_PIN_LEN_MIN)
		status = bh_fail(err, BH_E_INVALID, "author: a PIN has 4 to 64 bytes");
	return status;
}

bh_status bh_author_set(bh_client *client, uint32_t person, const char *name, const char *pin,
	const char *old_pin, bh_error *err)
{
	struct bh_span named, taken, old;
	bh_status status = bh_enter(client, err);

	if (status == BH_OK)
		status = bh_text_take(name, BH_NAME_BYTES_MAX, "author: name", &named, err);
	if (status == BH_OK && (named.len == 0 || person == 0))
		status = bh_fail(err, BH_E_INVALID, "author: number or name is missing");
	if (status == BH_OK)
		status = pin_take(pin, true, &taken, err);
	if (status == BH_OK)
		status = pin_take(old_pin, false, &old, err);
	if (status != BH_OK)
		return status;
	bh_worker_lock(client->worker);
	int rc = bh_local_author_set(
		client->local, person, named, taken, old, bh_worker_now(client->worker));

	if (rc != 0)
		status = author_fail(err, client, rc);
	bh_worker_unlock(client->worker);
	return status;
}

bh_status bh_author_choose(bh_client *client, uint32_t person, const char *pin, bh_error *err)
{
	struct bh_span taken;
	bh_status status = bh_enter(client, err);

	if (status == BH_OK)
		status = pin_take(pin, false, &taken, err);
	if (status != BH_OK)
		return status;
	bh_worker_lock(client->worker);
	int rc = bh_local_author_choose(
		client->local, person, taken, bh_worker_now(client->worker));

	if (rc != 0)
		status = author_fail(err, client, rc);
	bh_worker_unlock(client->worker);
	return status;
}

static int author_read(bh_client *client, uint32_t index, struct bh_author *out)
{
	struct bh_author rows[BH_AUTHORS_MAX];
	size_t count = 0;

	if (index == 0)
		return bh_local_author(client->local, out);
	int rc = bh_local_authors(client->local, rows, BH_AUTHORS_MAX, &count);

	if (rc == 0 && index > count)
		rc = BH_ERR_NOT_FOUND;
	if (rc == 0)
		*out = rows[index - 1];
	return rc;
}

bh_status bh_author_get(bh_client *client, uint32_t index, bh_author_view *out, bh_error *err)
{
	struct bh_author author = {0};
	bh_author_view view = {0};
	bh_status status = bh_enter(client, err);

	if (status == BH_OK)
		status = bh_struct_check(out, "author view", err);
	if (status != BH_OK)
		return status;
	bh_worker_lock(client->worker);
	int rc = author_read(client, index, &author);

	if (rc != 0)
		status = author_fail(err, client, rc);
	bh_worker_unlock(client->worker);
	if (rc != 0)
		return status;
	view.person = author.person;
	view.chosen = author.is_chosen;
	view.unlocked = author.is_unlocked;
	memcpy(view.name, author.name, sizeof(view.name));
	bh_struct_give(&view, sizeof(view), out);
	return BH_OK;
}

/* ---- Drafts ------------------------------------------------------------------------------ */

static bh_status draft_fail(bh_error *err, const bh_client *client, int rc)
{
	return rc == BH_ERR_AUTH ? bh_fail(err, BH_E_AUTH, "draft: the author is not unlocked")
				 : bh_fail_rc(err, client, rc, "draft");
}

bh_status bh_draft_put(
	bh_client *client, uint32_t slot, const void *data, size_t size, bh_error *err)
{
	bh_status status = bh_enter(client, err);

	if (status == BH_OK && !data && size > 0)
		status = bh_fail(err, BH_E_INVALID, "draft: data is NULL");
	if (status != BH_OK)
		return status;
	bh_worker_lock(client->worker);
	int rc = bh_local_draft_put(client->local, slot, bh_span(data, size));

	if (rc != 0)
		status = draft_fail(err, client, rc);
	bh_worker_unlock(client->worker);
	return status;
}

bh_status bh_draft_get(
	bh_client *client, uint32_t slot, void *data, size_t size, size_t *length, bh_error *err)
{
	struct bh_arena arena = BH_ARENA(2 * BH_DRAFT_LEN_MAX);
	struct bh_span body = {NULL, 0};
	bh_status status = bh_enter(client, err);

	if (status == BH_OK && (!length || (!data && size > 0)))
		status = bh_fail(err, BH_E_INVALID, "draft: data or length is NULL");
	if (status != BH_OK)
		return status;
	bh_worker_lock(client->worker);
	int rc = bh_local_draft_get(client->local, slot, &arena, &body);

	if (rc != 0)
		status = draft_fail(err, client, rc);
	bh_worker_unlock(client->worker);
	if (rc == 0) {
		*length = body.len;
		if (body.len > size)
			status = bh_fail(err, BH_E_LIMIT, "draft: has %zu bytes", body.len);
		else
			memcpy(data, body.data, body.len);
	}
	bh_arena_free(&arena);
	return status;
}
