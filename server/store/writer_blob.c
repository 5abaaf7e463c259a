/* The store's own commands.
 *
 *   room for a photo ──▶ upload row ──▶ its file may be made ──▶ whole, synced ──▶ STORED of each
 * case that names it, and the upload row goes in the same transaction
 *
 * Room is what the device has on its way and what the district holds; who has too much asks again
 * when something of it has arrived. */
#include "proto/codec.h"
#include "proto/err.h"
#include "server/store/blob.h"
#include "server/store/writer.h"

static struct bh_span hash_of(const struct bh_command *command)
{
	return bh_span(command->blob_hash, BH_HASH_BYTES);
}

int bh_blob_encode(struct bh_writer *w, const struct bh_command *command)
{
	struct bh_msg_blob blob = {.hash = hash_of(command), .size = command->blob_size};
	struct bh_msg_op_header header = {.verb = command->verb, .blobs = &blob, .blobs_count = 1};

	w->header.len = 0;
	return bh_op_encode_header(&header, &w->header);
}

int bh_blob_stands(
	struct bh_writer *w, const struct bh_command *command, enum bh_blob_standing *out)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_BLOB_STANDS);
	bool row = false;

	bh_bind_span(s, 1, hash_of(command));
	bh_bind(s, 2, (int64_t)command->case_number);
	bh_bind(s, 3, command->blob_size);
	int err = bh_row_next(s, &row);
	if (err)
		return err;
	*out = BH_BLOB_STRANGE;
	if (row && sqlite3_column_type(s, 0) != SQLITE_NULL)
		*out = bh_column(s, 0) ? BH_BLOB_STORED : BH_BLOB_NAMED;
	bh_row_end(s);
	return BH_NOERR;
}

static int room_give_back(struct bh_writer *w, const uint8_t hash[BH_HASH_BYTES], int64_t before_ms)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_UPLOAD_DROP);

	bh_bind_span(s, 1, bh_span(hash, BH_HASH_BYTES));
	bh_bind(s, 2, before_ms);
	return bh_row_run(s);
}

/* What is counted for a photo now; size 0: nothing. */
struct room {
	uint32_t device;
	uint32_t size;
	int64_t at_ms;
};

static int room_of(struct bh_writer *w, const struct bh_command *command, struct room *out)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_UPLOAD_OF);
	bool row = false;

	*out = (struct room){0};
	bh_bind_span(s, 1, hash_of(command));
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err;
	*out = (struct room){bh_column_u32(s, 0), bh_column_u32(s, 1), bh_column(s, 2)};
	bh_row_end(s);
	return BH_NOERR;
}

/* The room after this offer.  What lies there counts on under a smaller size, and for whoever sent
 * it: only who says that there is more to come takes it over. */
static struct room room_wanted(
	const struct bh_writer *w, const struct bh_command *command, const struct room *old)
{
	struct room room = {
		.device = command->device, .size = command->blob_size, .at_ms = w->now_ms};

	if (old->size >= room.size) {
		room.device = old->device;
		room.size = old->size;
	}
	if (old->size && old->at_ms >= room.at_ms)
		room.at_ms = old->at_ms + 1; /* so that an instant names one offer */
	return room;
}

/* Whether there is room, with all that is on its way counted as if it were here. */
static int room_find(struct bh_writer *w, const struct bh_command *command,
	const struct room *wanted, const char **missing)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_UPLOAD_ROOM);
	uint64_t here = (uint64_t)w->projector.tally.values[BH_TALLY_BLOB_BYTES];
	bool row = false;

	bh_bind_span(s, 1, hash_of(command));
	bh_bind(s, 2, wanted->device);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_CORRUPT;
	uint64_t all = (uint64_t)bh_column(s, 0), own = (uint64_t)bh_column(s, 1);
	uint64_t count = (uint64_t)bh_column(s, 2);
	bh_row_end(s);
	*missing = NULL;
	if (own + wanted->size > w->upload_bytes_max || count >= w->device_uploads_max)
		*missing = "the device has too many photos on their way";
	else if (here + all + wanted->size > w->blob_bytes_max)
		*missing = "the district has no room for more photos";
	return BH_NOERR;
}

static int room_take(
	struct bh_writer *w, const struct bh_command *command, const struct room *wanted)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_UPLOAD_SET);

	bh_bind_span(s, 1, hash_of(command));
	bh_bind(s, 2, wanted->device);
	bh_bind(s, 3, wanted->size);
	bh_bind(s, 4, wanted->at_ms);
	return bh_row_run(s);
}

int bh_room_command(struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out)
{
	const char *missing = NULL;
	struct room old;

	*out = (struct bh_outcome){.verdict = BH_VERDICT_ACCEPTED, .at_ms = w->now_ms};
	if (command->blob_size == 0)
		return room_give_back(w, command->blob_hash, command->blob_room_ms + 1);
	int err = room_of(w, command, &old);
	if (err)
		return err;
	const struct room wanted = room_wanted(w, command, &old);
	err = room_find(w, command, &wanted, &missing);
	if (!err && missing) {
		out->verdict = BH_VERDICT_REJECTED;
		out->reason = BH_REASON_NOT_NOW;
		out->detail = missing;
		return BH_NOERR;
	}
	out->at_ms = wanted.at_ms;
	if (!err)
		err = room_take(w, command, &wanted);
	return err ? err : bh_lost_found(w, command->blob_hash);
}

int bh_room_uncount(struct bh_writer *w, const struct bh_command *command)
{
	struct room room;
	int err = room_of(w, command, &room);

	if (err || room.device != command->device)
		return err;
	room.size = 0;
	return room.at_ms ? room_take(w, command, &room) : BH_NOERR;
}

int bh_command_store(struct bh_writer *w, struct bh_command *command, struct bh_outcome *out)
{
	if (command->blob_room)
		return bh_room_command(w, command, out);
	command->verb = BH_VERB_STORED;
	command->log_short = BH_LOG_STORE;
	command->seq = 0;
	command->device = 0;
	int err = bh_command_case(w, command, out);
	if (err || out->verdict != BH_VERDICT_ACCEPTED)
		return err;
	out->repeat = out->position == 0;
	return room_give_back(w, command->blob_hash, INT64_MAX);
}

int bh_writer_uploads_drop(struct bh_writer *w, struct bh_now now,
	const uint8_t hashes[][BH_HASH_BYTES], size_t count, int64_t before_ms)
{
	int err = bh_group_begin(w, now);

	for (size_t i = 0; !err && i < count; i++)
		err = room_give_back(w, hashes[i], before_ms);
	return bh_group_end(w, err);
}
