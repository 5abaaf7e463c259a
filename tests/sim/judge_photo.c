/* Photos on the server (I11): what is said to be held lies there, and what is said to be here is
 * whole, is what its hash says, and would outlive a power cut.
 *
 *   job    ──▶ held: so much lies there.  Whole: those bytes, durable
 *   entry  ──▶ names what its op named.  Stored: those bytes, durable, of a case that names them
 *   frame  ──▶ complete: a case has it.  A part down: those bytes
 *   start  ──▶ what is stored outlived it
 */
#include <string.h>

#include "proto/codec.h"
#include "server/store/blob_files.h"
#include "tests/sim/judge_state.h"
#include "tests/sim/server.h"

#define SERVER_PATH "/district/district.db"

/* ---- Files ---- */

static void path_of(const uint8_t *hash, char path[BH_SIMVFS_PATH_BYTES_MAX])
{
	bh_assert(bh_blob_path(SERVER_PATH, hash, path, BH_SIMVFS_PATH_BYTES_MAX) == 0);
}

/* The server's file of it; false: there is none. */
static bool file_of(
	struct bh_simjudge *judge, const uint8_t *hash, const uint8_t **bytes, size_t *len)
{
	char path[BH_SIMVFS_PATH_BYTES_MAX];

	path_of(hash, path);
	return bh_simvfs_file_image(bh_simserver_disk(judge->run->server), path, bytes, len) == 0;
}

static void photo_is_whole(
	struct bh_simjudge *judge, const struct bh_simphoto *photo, const char *when)
{
	char path[BH_SIMVFS_PATH_BYTES_MAX];
	const uint8_t *bytes = NULL;
	size_t len = 0;

	path_of(photo->hash, path);
	if (!file_of(judge, photo->hash, &bytes, &len))
		bh_simrun_fail(judge->run, "I11", "%s: the photo %s is not there", when, path);
	if (len != photo->size || !bh_simphoto_holds(photo, 0, bytes, len))
		bh_simrun_fail(judge->run, "I11",
			"%s: the photo %s of %u bytes is %zu bytes, and not those", when, path,
			photo->size, len);
	if (!bh_simvfs_is_durable(bh_simserver_disk(judge->run->server), path))
		bh_simrun_fail(judge->run, "I11", "%s: the photo %s would not outlive a power cut",
			when, path);
}

/* ---- Jobs ---- */

/* What is held is told with its hash when an upload goes on; a handset then begins anew where that
 * is not the photo's. */
static void held(
	struct bh_simjudge *judge, const struct bh_blob_job *job, const struct bh_simphoto *photo)
{
	struct bh_simtally *tally = &judge->run->tally;
	uint8_t hash[BH_HASH_BYTES];
	char path[BH_SIMVFS_PATH_BYTES_MAX + 8];
	const uint8_t *bytes = NULL;
	size_t len = 0;

	if (job->held == 0)
		return;
	path_of(job->hash, path);
	memcpy(path + strlen(path), ".part", sizeof(".part")); /* until it is whole */
	if (bh_simvfs_file_image(bh_simserver_disk(judge->run->server), path, &bytes, &len) != 0 ||
		len < job->held)
		bh_simrun_fail(judge->run, "I11",
			"%u bytes of a photo are claimed, and %zu lie there", job->held, len);
	if (job->work != BH_BLOB_OPEN)
		return;
	const struct bh_span prefix = bh_span(bytes, job->held);
	bh_hash_parts(judge->hasher, &prefix, 1, hash);
	if (memcmp(hash, job->prefix_hash, BH_HASH_BYTES) != 0)
		bh_simrun_fail(judge->run, "I11",
			"the %u bytes of a photo that are held have another hash", job->held);
	tally->photo_resumes++;
	tally->photos_torn += !bh_simphoto_holds(photo, 0, bytes, job->held);
}

/* What comes after as many bytes as it has came before. */
static void arrived(struct bh_simjudge *judge, struct bh_simphoto *photo, size_t len)
{
	uint64_t before = photo->part_bytes < photo->size ? photo->size - photo->part_bytes : 0;

	photo->part_bytes += len;
	judge->run->tally.photo_bytes_again += len > before ? len - before : 0;
}

void bh_simjudge_blob(struct bh_simjudge *judge, const struct bh_blob_job *job)
{
	struct bh_simphoto *photo = bh_simalbum_find(&judge->run->album, job->hash);

	if (photo == NULL)
		bh_simrun_fail(judge->run, "I11", "a photo on its way that nobody took");
	if (job->work == BH_BLOB_PART)
		arrived(judge, photo, job->data.len);
	if (job->err != 0 || (job->work != BH_BLOB_OPEN && job->work != BH_BLOB_PART))
		return;
	if (job->found == BH_BLOB_HELD)
		held(judge, job, photo);
	else if (job->found == BH_BLOB_WHOLE)
		photo_is_whole(judge, photo, "found whole");
	else if (job->found == BH_BLOB_WRONG)
		bh_simrun_fail(judge->run, "I11", "a photo is refused that is what it says");
}

/* ---- Entries ---- */

size_t bh_simjudge_op_of(struct bh_simjudge *judge, const struct bh_entry *entry,
	const struct bh_msg_op_header *header)
{
	const struct bh_simtruth *truth = &judge->run->truth;
	const struct bh_simop *op = header->has_origin
					    ? bh_simtruth_of_link(truth, header->origin.log_id.data,
						      header->origin.seq, header->origin.link.data)
					    : bh_simtruth_of_link(truth,
						      judge->logs[entry->log_short].log_id,
						      entry->seq, entry->link);

	return op == NULL ? SIZE_MAX : (size_t)(op - truth->ops);
}

static void photo_named(struct bh_simjudge *judge, const struct bh_entry *entry,
	const struct bh_msg_blob *blob, size_t op)
{
	struct bh_simalbum *album = &judge->run->album;
	struct bh_simphoto *found = NULL;

	for (size_t i = 0; i < album->count; i++) {
		struct bh_simphoto *photo = &album->photos[i];
		bool fits = memcmp(photo->hash, blob->hash.data, BH_HASH_BYTES) == 0;
		if (fits && (photo->op == op || (found == NULL && photo->number == 0)))
			found = photo;
	}
	if (found == NULL)
		bh_simjudge_break(judge, "I11", entry, "it names a photo that nobody took");
	if (found->number == 0)
		judge->run->tally.photos_named++;
	found->released = entry->verb == BH_VERB_RELEASE;
	found->asked |= found->released;
	judge->run->tally.photos_released += found->released;
	found->number = entry->case_number;
	/* One that the case has already is not told to the journal again. */
	for (size_t i = 0; i < album->count && !found->stored; i++)
		found->stored = album->photos[i].stored &&
				album->photos[i].number == found->number &&
				memcmp(album->photos[i].hash, found->hash, BH_HASH_BYTES) == 0;
}

/* Some case has it already. */
static bool is_here(const struct bh_simalbum *album, const uint8_t *hash)
{
	bool here = false;

	for (size_t i = 0; i < album->count && !here; i++)
		here = album->photos[i].stored &&
		       memcmp(album->photos[i].hash, hash, BH_HASH_BYTES) == 0;
	return here;
}

/* Whatever of an album this entry stores; false: nothing. */
static bool stored_of(struct bh_simjudge *judge, struct bh_simalbum *album,
	const struct bh_entry *entry, const struct bh_msg_blob *blob)
{
	bool any = false, was_here = is_here(album, blob->hash.data);

	for (size_t i = 0; i < album->count; i++) {
		struct bh_simphoto *photo = &album->photos[i];
		if (photo->number != entry->case_number ||
			memcmp(photo->hash, blob->hash.data, BH_HASH_BYTES) != 0)
			continue;
		if (blob->size != photo->size)
			bh_simjudge_break(judge, "I11", entry, "the photo has another size");
		if (photo->stored)
			bh_simjudge_break(judge, "I11", entry, "the photo was stored before");
		photo_is_whole(judge, photo, "stored");
		photo->stored = true;
		judge->run->tally.photos_stored++;
		judge->run->tally.photos_let_in += photo->released && !was_here;
		any = true;
	}
	return any;
}

static void photo_stored(
	struct bh_simjudge *judge, const struct bh_entry *entry, const struct bh_msg_blob *blob)
{
	bool any = stored_of(judge, &judge->run->album, entry, blob);

	any |= stored_of(judge, &judge->run->files, entry, blob);
	if (!any)
		bh_simjudge_break(
			judge, "I11", entry, "no op and no paper of the case names this photo");
}

void bh_simjudge_paper_file(
	struct bh_simjudge *judge, const struct bh_entry *entry, const struct bh_paper_said *said)
{
	struct bh_simalbum *files = &judge->run->files;
	struct bh_simphoto *named = NULL;
	bool stored = false;

	for (size_t i = 0; i < files->count; i++) {
		struct bh_simphoto *file = &files->photos[i];
		if (memcmp(file->hash, said->hash, BH_HASH_BYTES) != 0)
			continue;
		stored |= file->number == entry->case_number && file->stored;
		if (file->number == 0 && named == NULL)
			named = file;
	}
	if (named == NULL || named->size != said->size || said->form != BH_PAPER_FORM_PDF)
		bh_simjudge_break(judge, "I11", entry, "a paper's file that nobody brought");
	photo_is_whole(judge, named, "named by its paper");
	named->number = entry->case_number;
	named->stored = stored; /* one that the case has already is not told again */
	judge->run->tally.papers_filed++;
}

static size_t released_op(const struct bh_simjudge *judge, const struct bh_entry *entry)
{
	const struct bh_simheld *held = bh_simjudge_held_of(judge, entry);

	return held == NULL ? SIZE_MAX : held->op;
}

void bh_simjudge_photo_entry(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	struct bh_msg_op_header header;
	int reason = 0;

	bool releases = entry->verb == BH_VERB_RELEASE;
	if (entry->header.len == 0 ||
		(entry->device == 0 && entry->verb != BH_VERB_STORED && !releases))
		return;
	if (releases && entry->cycle == 0)
		bh_simjudge_break(judge, "I14", entry, "it is put away, and names photos");
	bh_assert(bh_op_decode_header(entry->header, &judge->arena, &header, &reason) == 0);
	size_t op = releases ? released_op(judge, entry) : bh_simjudge_op_of(judge, entry, &header);
	for (size_t i = 0; i < header.blobs_count; i++) {
		if (entry->verb == BH_VERB_STORED)
			photo_stored(judge, entry, &header.blobs[i]);
		else
			photo_named(judge, entry, &header.blobs[i], op);
	}
}

/* ---- Frames ---- */

static void told_complete(struct bh_simjudge *judge, uint32_t device, const uint8_t *hash)
{
	const struct bh_simalbum *album = &judge->run->album;
	bool stored = false;

	for (size_t i = 0; i < album->count && !stored; i++) {
		stored = album->photos[i].stored &&
			 memcmp(album->photos[i].hash, hash, BH_HASH_BYTES) == 0;
		if (stored)
			photo_is_whole(judge, &album->photos[i], "told to be complete");
	}
	if (!stored && !judge->behind)
		bh_simrun_fail(judge->run, "I11",
			"device %u is told that a photo is complete, and no entry says so", device);
}

void bh_simjudge_photo_frame(
	struct bh_simjudge *judge, uint32_t device, const struct bh_server_frame *frame)
{
	const struct bh_msg_blob_part *part = &frame->u.blob_part;
	const struct bh_simphoto *photo;

	if (frame->kind == BH_SERVER_BLOB_STATE && frame->u.blob_state.state == BH_BLOB_COMPLETE)
		told_complete(judge, device, frame->u.blob_state.hash.data);
	if (frame->kind != BH_SERVER_BLOB_PART)
		return;
	photo = bh_simalbum_find(&judge->run->album, part->hash.data);
	if (photo == NULL || part->size != photo->size ||
		!bh_simphoto_holds(photo, part->offset, part->data.data, part->data.len))
		bh_simrun_fail(judge->run, "I11", "device %u is sent other bytes than the photo's",
			device);
}

/* ---- Starts ---- */

/* Once for each: what outlived one power cut lies on the platter. */
static void album_started(struct bh_simjudge *judge, struct bh_simalbum *album)
{
	for (size_t i = 0; i < album->count; i++) {
		struct bh_simphoto *photo = &album->photos[i];
		if (!photo->stored || photo->proved)
			continue;
		photo_is_whole(judge, photo, "after a start");
		photo->proved = true;
	}
}

void bh_simjudge_photos_started(struct bh_simjudge *judge)
{
	album_started(judge, &judge->run->album);
	album_started(judge, &judge->run->files);
}
