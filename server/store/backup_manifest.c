/* The manifest: one line a fact, always in this order, a line for each photo that is lost, and last
 * a check over all before it, so that nothing of it can change unnoticed.
 *
 *   lost 2
 *   photo HASH BYTES missing       in the order of the hashes */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/store/backup.h"
#include "server/store/running_hash.h"

#define LOST_LINE_MAX 128u
#define TITLE "bihuan-backup 1\n"
#define TEXT_BYTES_MAX 1024u
#define HEX_BYTES (2u * BH_HASH_BYTES)

static int check_make(struct bh_span text, char hex[HEX_BYTES + 1])
{
	uint8_t hash[BH_HASH_BYTES];
	struct bh_running_hash *running = bh_running_hash_new();

	if (!running)
		return BH_ERR_NOMEM;
	bh_running_hash_add(running, text);
	bh_running_hash_tell(running, hash);
	bh_running_hash_free(running);
	bh_hex_format(bh_span(hash, sizeof(hash)), hex);
	return BH_NOERR;
}

static int lost_format(const struct bh_photos_lost *lost, struct bh_buf *out)
{
	char line[LOST_LINE_MAX], hash[HEX_BYTES + 1];
	int n = snprintf(line, sizeof(line), "lost %zu\n", lost->count);
	int err = bh_buf_append(out, line, (size_t)n);

	for (size_t i = 0; !err && i < lost->count; i++) {
		const struct bh_photo_lost *photo = &lost->rows[i];
		bh_hex_format(bh_span(photo->hash, BH_HASH_BYTES), hash);
		n = snprintf(line, sizeof(line), "photo %s %" PRIu64 " %s\n", hash, photo->size,
			bh_photo_fault_word(photo->why));
		err = bh_buf_append(out, line, (size_t)n);
	}
	return err;
}

int bh_manifest_format(const struct bh_backup_manifest *m, struct bh_buf *out)
{
	char text[TEXT_BYTES_MAX], head[HEX_BYTES + 1], sha[HEX_BYTES + 1], check[HEX_BYTES + 1];
	size_t from = out->len;

	bh_hex_format(bh_span(m->head, BH_HASH_BYTES), head);
	bh_hex_format(bh_span(m->db_sha256, BH_HASH_BYTES), sha);
	int n = snprintf(text, sizeof(text),
		TITLE "district %s\nepoch %" PRIu64 "\nposition %" PRIu64
		      "\nhead %s\ncases %" PRIu64 "\nmade_ms %" PRId64 "\ndue_divisor %" PRIu32
		      "\ndb_bytes %" PRIu64 "\ndb_sha256 %s\nblobs %" PRIu64 "\nblob_bytes %" PRIu64
		      "\n",
		m->district, m->epoch, m->position, head, m->cases, m->made_ms, m->due_divisor,
		m->db_bytes, sha, m->blobs, m->blob_bytes);
	bh_assert(n > 0 && (size_t)n < sizeof(text));
	int err = bh_buf_append(out, text, (size_t)n);
	if (!err)
		err = lost_format(&m->lost, out);
	if (!err)
		err = check_make(bh_span(out->data + from, out->len - from), check);
	if (err)
		return err;
	n = snprintf(text, sizeof(text), "check %s\n", check);
	return bh_buf_append(out, text, (size_t)n);
}

/* "name value\n" at *at, which moves past it. */
static bool value_take(struct bh_span text, size_t *at, const char *name, char value[128])
{
	size_t len = strlen(name);
	const uint8_t *from = text.data + *at;
	const uint8_t *end = memchr(from, '\n', text.len - *at);

	if (!end || (size_t)(end - from) < len + 2 || memcmp(from, name, len) != 0 ||
		from[len] != ' ' || (size_t)(end - from) - len > 120)
		return false;
	size_t bytes = (size_t)(end - from) - len - 1;
	memcpy(value, from + len + 1, bytes);
	value[bytes] = '\0';
	*at += (size_t)(end - from) + 1;
	return true;
}

static bool number_take(struct bh_span text, size_t *at, const char *name, uint64_t *out)
{
	char value[128];

	if (!value_take(text, at, name, value) || strlen(value) > 18 ||
		value[strspn(value, "0123456789")] != '\0')
		return false;
	*out = strtoull(value, NULL, 10);
	return true;
}

static bool hash_take(struct bh_span text, size_t *at, const char *name, uint8_t out[BH_HASH_BYTES])
{
	char value[128];

	return value_take(text, at, name, value) && bh_hex_parse(value, out, BH_HASH_BYTES) == 0;
}

static bool facts_take(struct bh_span text, size_t *at, struct bh_backup_manifest *m)
{
	char value[128];
	uint64_t made = 0, divisor = 0;
	bool good = value_take(text, at, "district", value) && bh_district_code_valid(value);

	if (good)
		memcpy(m->district, value, strlen(value) + 1);
	good = good && number_take(text, at, "epoch", &m->epoch) &&
	       number_take(text, at, "position", &m->position) &&
	       hash_take(text, at, "head", m->head) && number_take(text, at, "cases", &m->cases) &&
	       number_take(text, at, "made_ms", &made) &&
	       number_take(text, at, "due_divisor", &divisor) && divisor <= UINT32_MAX &&
	       number_take(text, at, "db_bytes", &m->db_bytes) &&
	       hash_take(text, at, "db_sha256", m->db_sha256) &&
	       number_take(text, at, "blobs", &m->blobs) &&
	       number_take(text, at, "blob_bytes", &m->blob_bytes);
	m->made_ms = (int64_t)made;
	m->due_divisor = (uint32_t)divisor;
	return good;
}

/* "HASH BYTES WORD" */
static bool photo_take(struct bh_span text, size_t *at, struct bh_photo_lost *out)
{
	char value[128], *end = NULL;

	if (!value_take(text, at, "photo", value) || strlen(value) < HEX_BYTES + 4 ||
		value[HEX_BYTES] != ' ')
		return false;
	value[HEX_BYTES] = '\0';
	if (bh_hex_parse(value, out->hash, BH_HASH_BYTES) != 0 ||
		strspn(value + HEX_BYTES + 1, "0123456789") == 0)
		return false;
	out->size = strtoull(value + HEX_BYTES + 1, &end, 10);
	out->why = *end == ' ' ? bh_photo_fault_of(end + 1) : BH_PHOTO_GOOD;
	return out->why != BH_PHOTO_GOOD;
}

/* Manifests had none of these lines before there was a word for it. */
static int lost_take(struct bh_span text, size_t *at, struct bh_photos_lost *lost)
{
	struct bh_photo_lost photo;
	uint64_t count = 0;
	int err = BH_NOERR;

	(void)number_take(text, at, "lost", &count);
	for (uint64_t i = 0; !err && i < count; i++) {
		if (!photo_take(text, at, &photo) ||
			(lost->count && memcmp(lost->rows[lost->count - 1].hash, photo.hash,
						BH_HASH_BYTES) >= 0))
			return BH_ERR_CORRUPT;
		err = bh_photos_lost_add(lost, photo.hash, photo.size, photo.why);
	}
	return err == BH_ERR_LIMIT ? BH_ERR_CORRUPT : err;
}

int bh_manifest_parse(struct bh_span text, struct bh_backup_manifest *out, const char **what)
{
	struct bh_backup_manifest manifest = {0};
	char said[128], check[HEX_BYTES + 1];
	size_t at = sizeof(TITLE) - 1;

	*what = "it is no manifest of a backup";
	if (text.len < at || memcmp(text.data, TITLE, at) != 0)
		return BH_ERR_CORRUPT;
	*what = "it was cut short or changed";
	if (!facts_take(text, &at, &manifest))
		return BH_ERR_CORRUPT;
	int err = lost_take(text, &at, &manifest.lost);
	if (!err)
		err = check_make(bh_span(text.data, at), check);
	if (!err && (!value_take(text, &at, "check", said) || strcmp(said, check) != 0 ||
			    at != text.len))
		err = BH_ERR_CORRUPT;
	if (err)
		bh_manifest_free(&manifest);
	else
		*out = manifest;
	return err;
}

void bh_manifest_free(struct bh_backup_manifest *manifest)
{
	bh_photos_lost_free(&manifest->lost);
}
