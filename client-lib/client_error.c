/* Statuses and reasons, and the rule by which sized structs cross the border: no further than
 * struct_size. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "client-lib/client_state.h"
#include "proto/codec.h"

#define BH_STRUCT_BYTES_MIN 8u
#define BH_STRUCT_BYTES_MAX 4096u

static const struct {
	bh_status status;
	const char *name;
} names[] = {
	{BH_OK, "BH_OK"},
	{BH_DONE, "BH_DONE"},
	{BH_E_NOMEM, "BH_E_NOMEM"},
	{BH_E_INVALID, "BH_E_INVALID"},
	{BH_E_REENTRANT, "BH_E_REENTRANT"},
	{BH_E_CLOSED, "BH_E_CLOSED"},
	{BH_E_NOT_FOUND, "BH_E_NOT_FOUND"},
	{BH_E_LIMIT, "BH_E_LIMIT"},
	{BH_E_NO_SPACE, "BH_E_NO_SPACE"},
	{BH_E_STORAGE, "BH_E_STORAGE"},
	{BH_E_CORRUPT, "BH_E_CORRUPT"},
	{BH_E_AUTH, "BH_E_AUTH"},
	{BH_E_BUSY, "BH_E_BUSY"},
	{BH_E_UPGRADE, "BH_E_UPGRADE"},
	{BH_E_EXISTS, "BH_E_EXISTS"},
	{BH_E_STATE, "BH_E_STATE"},
	{BH_E_CRYPTO, "BH_E_CRYPTO"},
	{BH_E_SEALED, "BH_E_SEALED"},
};

const char *bh_status_name(bh_status status)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].status == status)
			return names[i].name;
	return "unknown";
}

bh_status bh_fail(bh_error *err, bh_status status, const char *format, ...)
{
	va_list arguments;

	if (!err)
		return status;
	*err = (bh_error){.status = status, .domain = BH_DOMAIN_BIHUAN};
	va_start(arguments, format);
	vsnprintf(err->message, sizeof(err->message), format, arguments);
	va_end(arguments);
	return status;
}

static bh_status status_of(int rc)
{
	switch (rc) {
	case BH_ERR_NOMEM:
		return BH_E_NOMEM;
	case BH_ERR_INVALID:
		return BH_E_INVALID;
	case BH_ERR_NOT_FOUND:
		return BH_E_NOT_FOUND;
	case BH_ERR_LIMIT:
		return BH_E_LIMIT;
	case BH_ERR_FULL:
		return BH_E_NO_SPACE;
	case BH_ERR_CORRUPT:
	case BH_ERR_MALFORMED:
		return BH_E_CORRUPT;
	case BH_ERR_AUTH:
		return BH_E_AUTH;
	case BH_ERR_CRYPTO:
		return BH_E_CRYPTO;
	case BH_ERR_EXISTS:
		return BH_E_EXISTS;
	case BH_ERR_VERSION:
		return BH_E_UPGRADE;
	case BH_ERR_BUSY:
		return BH_E_BUSY;
	case BH_ERR_CLOSED:
		return BH_E_CLOSED;
	case BH_ERR_SEALED:
		return BH_E_SEALED;
	default:
		return BH_E_STORAGE;
	}
}

static const char *reason_of(int rc)
{
	switch (rc) {
	case BH_ERR_UNKNOWN:
		return "the storage failed and the outcome is unknown";
	case BH_ERR_FULL:
		return "the storage is full, nothing was recorded";
	case BH_ERR_IO:
		return "the storage failed, nothing was recorded";
	case BH_ERR_AUTH:
		return "this handset is not enrolled";
	case BH_ERR_BUSY:
		return "another process or call is using it";
	case BH_ERR_VERSION:
		return "it was written by a newer version of the library";
	case BH_ERR_CORRUPT:
		return "the store is damaged, or the file is not a store";
	case BH_ERR_EXISTS:
		return "it is there already";
	case BH_ERR_SEALED:
		return "the store is sealed, and not with this key";
	default:
		return bh_err_name(rc);
	}
}

bh_status bh_fail_rc(bh_error *err, const bh_client *client, int rc, const char *what)
{
	bh_status status = bh_fail(err, status_of(rc), "%s: %s", what, reason_of(rc));
	bool stored = rc == BH_ERR_FULL || rc == BH_ERR_IO || rc == BH_ERR_UNKNOWN ||
		      rc == BH_ERR_CORRUPT;

	if (err && client && client->local && stored) {
		err->domain = BH_DOMAIN_SQLITE;
		err->detail = bh_local_last_code(client->local);
	}
	return status;
}

bh_status bh_enter(bh_client *client, bh_error *err)
{
	if (!client)
		return bh_fail(err, BH_E_INVALID, "client is NULL");
	if (!client->worker)
		return bh_fail(err, BH_E_CLOSED, "its client is closed");
	if (bh_worker_in_callback(client->worker))
		return bh_fail(err, BH_E_REENTRANT, "called from inside a callback");
	return BH_OK;
}

/* struct_size is the first field of every sized struct. */
static uint32_t struct_size_of(const void *given)
{
	uint32_t size;

	memcpy(&size, given, sizeof(size));
	return size;
}

bh_status bh_struct_check(const void *given, const char *name, bh_error *err)
{
	if (!given)
		return bh_fail(err, BH_E_INVALID, "%s is NULL", name);
	uint32_t size = struct_size_of(given);

	if (size < BH_STRUCT_BYTES_MIN || size > BH_STRUCT_BYTES_MAX)
		return bh_fail(err, BH_E_INVALID, "%s: struct_size %u cannot be", name, size);
	return BH_OK;
}

bh_status bh_struct_take(
	const void *given, void *own, size_t own_size, const char *name, bh_error *err)
{
	bh_status status = bh_struct_check(given, name, err);

	if (status != BH_OK)
		return status;
	uint32_t size = struct_size_of(given);

	memset(own, 0, own_size);
	memcpy(own, given, size < own_size ? size : own_size);
	return BH_OK;
}

void bh_struct_give(const void *own, size_t own_size, void *given)
{
	uint32_t size = struct_size_of(given);

	memcpy(given, own, size < own_size ? size : own_size);
	memcpy(given, &size, sizeof(size));
}

bh_status bh_text_take(
	const char *text, size_t bytes_max, const char *name, struct bh_span *out, bh_error *err)
{
	size_t len = text ? strnlen(text, bytes_max + 1) : 0;

	if (len > bytes_max)
		return bh_fail(err, BH_E_LIMIT, "%s is longer than %zu bytes", name, bytes_max);
	if (len > 0 && !bh_utf8_valid(bh_span(text, len)))
		return bh_fail(err, BH_E_INVALID, "%s is not UTF-8", name);
	*out = bh_span(text, len);
	return BH_OK;
}

const char *bh_text_of(struct bh_texts *texts, struct bh_span span)
{
	struct bh_span copy;

	if (span.len == 0 || texts->rc != 0)
		return "";
	texts->rc = bh_arena_copy(texts->arena, span, &copy);
	return texts->rc == 0 ? (const char *)copy.data : "";
}

bh_status bh_fail_os(bh_error *err, int rc, int error, const char *what)
{
	bh_status status = bh_fail(
		err, rc == BH_ERR_FULL ? BH_E_NO_SPACE : BH_E_STORAGE, "bundle: %s", what);

	if (err) {
		err->domain = BH_DOMAIN_OS;
		err->detail = error;
	}
	return status;
}
