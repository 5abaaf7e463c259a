/* What segments know beyond a backup.
 *
 *   look   every file judged ──▶ followed from the backup's head, or from where it joins ──▶ how
 * far apply  the same entries, replayed into the new file ──▶ it stands where the look did
 *
 * A torn end is left out and told of; what was damaged, is missing or of another history is refused
 * by the name of its file. */
#include <inttypes.h>
#include <string.h>

#include "proto/err.h"
#include "server/store/backup_part.h"
#include "server/store/blob_files.h"
#include "server/store/db.h"
#include "server/store/folder.h"
#include "server/store/replay.h"
#include "server/store/restore_part.h"
#include "server/store/segment_folder.h"

struct looking {
	const struct bh_restore_options *options;
	struct bh_restore_report *out;
	struct bh_hasher *hasher;
	struct bh_segment_folder folder;
	struct bh_segment_road road;
	struct bh_backup_fault *fault;
};

static void looking_end(struct looking *looking)
{
	bh_segment_folder_free(&looking->folder);
	bh_hasher_close(looking->hasher);
}

static int looking_begin(struct looking *looking)
{
	char path[BH_BACKUP_PATH_MAX];
	const struct bh_restore_report *out = looking->out;
	int err = bh_path_join(
		path, sizeof(path), looking->options->segments, out->manifest.district, NULL);

	if (!err)
		err = bh_hasher_open(&looking->hasher);
	if (!err)
		err = bh_segment_folder_list(path, &looking->folder);
	if (!err)
		err = bh_segment_folder_judge(
			&looking->folder, looking->hasher, out->manifest.district, &looking->road);
	if (!err && looking->folder.count == 0)
		err = BH_ERR_NOT_FOUND;
	if (err == BH_ERR_NOT_FOUND)
		return bh_backup_say(looking->fault, err, "%s: there are no segments", path);
	if (err)
		return bh_backup_say(looking->fault, err, "%s: the segments cannot be read", path);
	looking->road.position = out->manifest.position;
	memcpy(looking->road.hash, out->manifest.head, BH_HASH_BYTES);
	return BH_NOERR;
}

static int road_say(struct looking *looking, int err, const struct bh_segment_fault *fault)
{
	char name[BH_SEGMENT_NAME_MAX];

	if (err == BH_ERR_NOT_FOUND)
		return bh_backup_say(
			looking->fault, err, "%s: no segment holds an entry", looking->folder.path);
	if (err != BH_ERR_CORRUPT || !fault->what)
		return bh_backup_say(looking->fault, err, "%s: the segments cannot be followed",
			looking->folder.path);
	bh_segment_name(looking->folder.files[fault->file].first,
		looking->folder.files[fault->file].number, name);
	if (fault->position == 0)
		return bh_backup_say(
			looking->fault, err, "%s/%s: %s", looking->folder.path, name, fault->what);
	return bh_backup_say(looking->fault, err, "%s/%s: at entry %" PRIu64 ": %s",
		looking->folder.path, name, fault->position, fault->what);
}

/* Segments that end before the backup does must be of its journal all the same. */
static int older_check(struct looking *looking)
{
	char db_path[BH_BACKUP_PATH_MAX];
	struct bh_segment_fault strange = {.file = bh_segment_newest(&looking->road),
		.what = "it is of another history than the backup"};
	const struct bh_segment_info *newest = &looking->road.infos[strange.file];
	struct bh_db db = {0};
	bool row = false, same = false;

	if (newest->last >= looking->out->manifest.position)
		return BH_NOERR;
	strange.position = newest->last;
	int err = bh_path_join(
		db_path, sizeof(db_path), looking->options->backup, "district.db", NULL);
	if (!err)
		err = bh_db_open(&db, BH_DB_ALONE, db_path, NULL, NULL);
	if (!err) {
		sqlite3_stmt *s = bh_sql(&db, BH_SQL_JOURNAL_HASH);
		bh_bind(s, 1, (int64_t)newest->last);
		err = bh_row_next(s, &row);
		same = row && bh_span_equal(bh_column_span(s, 0),
				      bh_span(newest->last_hash, BH_HASH_BYTES));
		bh_row_end(s);
	}
	bh_db_close(&db);
	return err || !same ? road_say(looking, err ? err : BH_ERR_CORRUPT, &strange) : BH_NOERR;
}

static int entry_pass(void *context, const struct bh_entry *entry, const struct bh_caller_key *key)
{
	(void)context;
	(void)entry;
	(void)key;
	return BH_NOERR;
}

int bh_restore_segments_look(const struct bh_restore_options *options,
	struct bh_restore_report *out, struct bh_backup_fault *fault)
{
	struct looking looking = {.options = options, .out = out, .fault = fault};
	struct bh_segment_fault strange = {0};
	int err = looking_begin(&looking);

	if (err) {
		looking_end(&looking);
		return err;
	}
	err = bh_segment_follow(looking.hasher, &looking.road, entry_pass, NULL, &strange);
	err = err ? road_say(&looking, err, &strange) : older_check(&looking);
	if (!err) {
		const struct bh_segment_info
			*newest = &looking.road.infos[bh_segment_newest(&looking.road)];
		out->segments = looking.folder.count;
		out->segments_torn = looking.road.torn;
		out->position = looking.road.position;
		memcpy(out->head, looking.road.hash, BH_HASH_BYTES);
		if (newest->head.epoch > out->epoch)
			out->epoch = newest->head.epoch;
	}
	looking_end(&looking);
	return err;
}

struct applying {
	struct bh_replay *replay;
	int err; /* of the new file's, not of the segments */
};

static int entry_apply(void *context, const struct bh_entry *entry, const struct bh_caller_key *key)
{
	struct applying *applying = context;

	applying->err = bh_replay_entry(applying->replay, entry, key);
	return applying->err;
}

int bh_restore_segments_apply(const struct bh_restore_options *options,
	const struct bh_restore_report *out, const char *db_path, struct bh_backup_fault *fault)
{
	struct bh_restore_report again = *out;
	struct looking looking = {.options = options, .out = &again, .fault = fault};
	struct bh_store_options store = {
		.path = db_path, .rng = options->rng, .due_divisor = out->manifest.due_divisor};
	struct bh_segment_fault strange = {0};
	struct applying applying = {.replay = NULL};
	uint8_t head[BH_HASH_BYTES];
	int err = looking_begin(&looking);

	if (!err)
		err = bh_replay_open(&store, &applying.replay);
	if (!err) {
		err = bh_segment_follow(
			looking.hasher, &looking.road, entry_apply, &applying, &strange);
		if (err && !applying.err)
			err = road_say(&looking, err, &strange);
		if (!err)
			err = bh_replay_finish(applying.replay);
	}
	if (!err && (bh_replay_head(applying.replay, head) != out->position ||
			    memcmp(head, out->head, BH_HASH_BYTES) != 0))
		err = bh_backup_say(fault, BH_ERR_CORRUPT, "%s: the segments changed meanwhile",
			looking.folder.path);
	bh_replay_close(applying.replay);
	looking_end(&looking);
	return err;
}

/* ---- Photos ---- */

struct photos {
	const char *making;
	const char *db_path;                 /* the new one's */
	char shipped_db[BH_BACKUP_PATH_MAX]; /* beside which the shipped ones lie */
	struct bh_restore_report *out;
};

/* The backup's own are told of already; of very many, some stay without a name. */
static int missing_add(struct bh_restore_report *out, const uint8_t hash[BH_HASH_BYTES],
	uint64_t size, enum bh_photo_fault why)
{
	if (bh_photos_lost_find(&out->manifest.lost, hash))
		return BH_NOERR;
	int err = bh_photos_lost_add(&out->missing, hash, size, why);

	out->photos_missing += !err || err == BH_ERR_LIMIT;
	return err == BH_ERR_LIMIT ? BH_NOERR : err;
}

/* One that cannot be had is counted; its handset may have it still. */
static int photo_fill(void *context, const uint8_t hash[BH_HASH_BYTES], uint64_t size)
{
	struct photos *photos = context;
	char from[BH_BACKUP_PATH_MAX], to[BH_BACKUP_PATH_MAX];
	enum bh_photo_fault why;
	int err = bh_blob_path(photos->shipped_db, hash, from, sizeof(from));

	if (!err)
		err = bh_blob_path(photos->db_path, hash, to, sizeof(to));
	if (err || bh_file_there(to))
		return err;
	err = bh_backup_blob_check(from, hash, size, &why);
	if (!err && why != BH_PHOTO_GOOD)
		err = missing_add(photos->out, hash, size, why);
	if (err || why != BH_PHOTO_GOOD)
		return err;
	err = bh_backup_blob_folders(photos->making, to);
	if (!err)
		err = bh_file_copy(from, to, NULL);
	if (!err)
		err = bh_backup_blob_check(to, hash, size, &why);
	if (!err && why != BH_PHOTO_GOOD)
		err = BH_ERR_IO; /* it was good a moment ago */
	if (err)
		return err;
	photos->out->photos_shipped++;
	*strrchr(to, '/') = '\0';
	return bh_folder_durable(to);
}

int bh_restore_segments_photos(const struct bh_restore_options *options,
	struct bh_restore_report *out, const char *making, const char *db_path)
{
	struct photos photos = {.making = making, .db_path = db_path, .out = out};
	int err = bh_path_join(photos.shipped_db, sizeof(photos.shipped_db), options->segments,
		out->manifest.district, "district.db", NULL);

	return err ? err : bh_backup_each_blob(db_path, photo_fill, &photos);
}
