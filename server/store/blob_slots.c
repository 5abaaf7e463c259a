/* Whoever is heard of keeps its place, so that of too many at once the newest wait, and none takes
 * the place of another device's that goes on.  A ticket names a place and how often places were
 * given: old tickets find nothing. */
#include "server/store/blob_slots.h"

#include <string.h>

#include "proto/err.h"

static uint64_t ticket_new(struct bh_blob_slots *slots, const struct bh_blob_upload *upload)
{
	uint64_t place = (uint64_t)(upload - slots->uploads);

	return ++slots->tickets * BH_BLOB_UPLOADS_MAX + place;
}

struct bh_blob_upload *bh_blob_upload_of(
	struct bh_blob_slots *slots, const uint8_t hash[BH_HASH_BYTES])
{
	for (size_t i = 0; i < BH_BLOB_UPLOADS_MAX; i++) {
		struct bh_blob_upload *upload = &slots->uploads[i];
		if (upload->ticket && memcmp(upload->hash, hash, BH_HASH_BYTES) == 0)
			return upload;
	}
	return NULL;
}

struct bh_blob_upload *bh_blob_upload_by(struct bh_blob_slots *slots, uint64_t ticket)
{
	struct bh_blob_upload *upload = &slots->uploads[ticket % BH_BLOB_UPLOADS_MAX];

	return ticket && upload->ticket == ticket ? upload : NULL;
}

static struct bh_blob_upload *place_find(struct bh_blob_slots *slots, int64_t mono_ms)
{
	struct bh_blob_upload *found = &slots->uploads[0];

	for (size_t i = 0; i < BH_BLOB_UPLOADS_MAX && found->ticket; i++) {
		struct bh_blob_upload *upload = &slots->uploads[i];
		if (!upload->ticket || upload->heard_mono_ms < found->heard_mono_ms)
			found = upload;
	}
	if (found->ticket && mono_ms - found->heard_mono_ms < BH_BLOB_SILENCE_MS)
		return NULL;
	return found;
}

static bool is_older(const struct bh_blob_upload *upload, const struct bh_blob_upload *than)
{
	return upload->heard_mono_ms != than->heard_mono_ms
		       ? upload->heard_mono_ms < than->heard_mono_ms
		       : upload->ticket < than->ticket;
}

/* So that no device has the places of all. */
static void device_make_way(struct bh_blob_slots *slots, uint32_t device)
{
	struct bh_blob_upload *oldest = NULL;
	size_t count = 0;

	for (size_t i = 0; i < BH_BLOB_UPLOADS_MAX; i++) {
		struct bh_blob_upload *upload = &slots->uploads[i];
		if (!upload->ticket || upload->settles || upload->device != device)
			continue;
		count++;
		if (!oldest || is_older(upload, oldest))
			oldest = upload;
	}
	if (device != 0 && count >= BH_BLOB_DEVICE_UPLOADS_MAX)
		bh_blob_upload_end(slots, oldest);
}

int bh_blob_upload_new(
	struct bh_blob_slots *slots, const struct bh_blob_job *job, struct bh_blob_upload **out)
{
	device_make_way(slots, job->device);
	struct bh_blob_upload *upload = place_find(slots, job->mono_ms);

	if (!upload)
		return BH_ERR_BUSY;
	struct bh_running_hash *running = bh_running_hash_new();
	if (!running)
		return BH_ERR_NOMEM;
	if (upload->ticket)
		bh_blob_upload_end(slots, upload);
	slots->count++;
	*upload = (struct bh_blob_upload){.ticket = ticket_new(slots, upload),
		.heard_mono_ms = job->mono_ms,
		.size = job->size,
		.device = job->device,
		.looked = job->looked,
		.running = running};
	memcpy(upload->hash, job->hash, BH_HASH_BYTES);
	*out = upload;
	return BH_NOERR;
}

void bh_blob_upload_pass(
	struct bh_blob_slots *slots, struct bh_blob_upload *upload, uint32_t device)
{
	if (upload->device != device) {
		upload->device = 0; /* it is none of those that may have to end for it */
		device_make_way(slots, device);
	}
	upload->device = device;
	upload->ticket = ticket_new(slots, upload);
}

void bh_blob_upload_end(struct bh_blob_slots *slots, struct bh_blob_upload *upload)
{
	bh_running_hash_free(upload->running);
	*upload = (struct bh_blob_upload){0};
	slots->count--;
}

void bh_blob_slots_close(struct bh_blob_slots *slots)
{
	for (size_t i = 0; i < BH_BLOB_UPLOADS_MAX; i++) {
		if (slots->uploads[i].ticket)
			bh_blob_upload_end(slots, &slots->uploads[i]);
	}
}

void bh_blob_whole_keep(struct bh_blob_slots *slots, const uint8_t hash[BH_HASH_BYTES],
	uint32_t size, int64_t mono_ms)
{
	memcpy(slots->wholes[slots->wholes_next], hash, BH_HASH_BYTES);
	slots->wholes_size[slots->wholes_next] = size;
	slots->wholes_mono_ms[slots->wholes_next] = mono_ms;
	slots->wholes_next = (slots->wholes_next + 1) % BH_BLOB_WHOLES_MAX;
}

static size_t whole_at(const struct bh_blob_slots *slots, const uint8_t hash[BH_HASH_BYTES])
{
	size_t at = 0;

	while (at < BH_BLOB_WHOLES_MAX &&
		(!slots->wholes_size[at] || memcmp(slots->wholes[at], hash, BH_HASH_BYTES) != 0))
		at++;
	return at;
}

uint32_t bh_blob_whole_find(
	struct bh_blob_slots *slots, const uint8_t hash[BH_HASH_BYTES], int64_t mono_ms)
{
	size_t at = whole_at(slots, hash);

	if (at == BH_BLOB_WHOLES_MAX)
		return 0;
	slots->wholes_mono_ms[at] = mono_ms;
	return slots->wholes_size[at];
}

bool bh_blob_whole_is_fresh(
	const struct bh_blob_slots *slots, const uint8_t hash[BH_HASH_BYTES], int64_t mono_ms)
{
	size_t at = whole_at(slots, hash);

	return at < BH_BLOB_WHOLES_MAX && mono_ms - slots->wholes_mono_ms[at] < BH_BLOB_ENTRY_MS;
}

void bh_blob_whole_forget(struct bh_blob_slots *slots, const uint8_t hash[BH_HASH_BYTES])
{
	for (size_t i = 0; i < BH_BLOB_WHOLES_MAX; i++) {
		if (memcmp(slots->wholes[i], hash, BH_HASH_BYTES) == 0)
			slots->wholes_size[i] = 0;
	}
}
