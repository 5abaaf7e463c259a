/* A device takes another key: only in place of the one that holds, and only one that nobody else
 * has.  Asked again it is answered as a repeat, since the answer may have been lost.  Each key
 * stays for ever, in the journal and in the kept file: so many a day and in a device's life, and
 * none that would take the room of revocations. */
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "server/store/writer.h"

static int refuse(struct bh_outcome *out, enum bh_reason reason, const char *detail)
{
	out->verdict = BH_VERDICT_REJECTED;
	out->reason = reason;
	out->detail = detail;
	return BH_NOERR;
}

struct holder {
	bool live;
	uint8_t key[BH_PUBLIC_KEY_BYTES];
};

static int holder_look(struct bh_writer *w, uint32_t device, struct holder *out)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_DEVICE_GET);
	bool row = false;

	*out = (struct holder){0};
	bh_bind(s, 1, device);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err;
	out->live = (enum bh_device_state)bh_column(s, 2) == BH_DEVICE_LIVE;
	err = bh_column_exact(s, 3, out->key, BH_PUBLIC_KEY_BYTES);
	bh_row_end(s);
	return err;
}

static int key_taken(struct bh_writer *w, struct bh_span key, bool *taken)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_KEY_HOLDERS);
	bool row = false;

	bh_bind_span(s, 1, key);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_CORRUPT;
	*taken = bh_column(s, 0) != 0;
	bh_row_end(s);
	return BH_NOERR;
}

/* A session that turns its own key goes on; one of a key that an administrator took away does not.
 */
static int rotated_append(struct bh_writer *w, const struct bh_msg_entry_rotated *rotated,
	const struct bh_command *command, struct bh_outcome *out)
{
	bool by_others = command->device == 0;
	w->content.len = 0;
	int err = bh_encode_entry_rotated(rotated, &w->content);

	if (!err)
		err = bh_writer_append_district(w, BH_LOG_OPERATOR, BH_VERB_ROTATED,
			command->person, bh_buf_span(&w->content));
	if (err)
		return err;
	if (by_others && w->projector.wakes)
		bh_wake_kick(w->projector.wakes, rotated->device);
	out->verdict = BH_VERDICT_ACCEPTED;
	out->position = w->position;
	out->id = rotated->device;
	return BH_NOERR;
}

/* *why NULL: it may, and is counted. */
static int rotation_allow(
	struct bh_writer *w, uint32_t device, struct bh_outcome *out, const char **why)
{
	int64_t wait_ms = 0;

	*why = NULL;
	if (bh_kept_is_nearly_full(w)) {
		*why = "its kept file is nearly full";
		out->reason = BH_REASON_GUARD;
		return BH_NOERR;
	}
	int err = bh_pace_take(
		w, BH_TURN_ROWS + device, w->device_keys_a_day, w->device_keys_max, &wait_ms);
	if (!err && wait_ms > 0) {
		*why = "the device has taken all the keys it may";
		out->reason = wait_ms == INT64_MAX ? BH_REASON_GUARD : BH_REASON_NOT_NOW;
		out->at_ms = wait_ms == INT64_MAX ? w->now_ms : w->now_ms + wait_ms;
	}
	return err;
}

int bh_command_rotate(struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out)
{
	struct bh_msg_entry_rotated rotated;
	struct holder holder;
	const char *why = NULL;
	bool taken = false;
	int err = bh_decode_entry_rotated(command->payload, &w->arena, &rotated);

	if (err)
		return err == BH_ERR_NOMEM
			       ? err
			       : refuse(out, BH_REASON_FIELD, "the message does not decode");
	err = holder_look(w, rotated.device, &holder);
	if (err)
		return err;
	if (!holder.live)
		return refuse(out, BH_REASON_DEVICE, "no such device, or it is cut off");
	if (bh_span_equal(rotated.public_key, bh_span(holder.key, BH_PUBLIC_KEY_BYTES))) {
		out->verdict = BH_VERDICT_ACCEPTED;
		out->repeat = true;
		out->id = rotated.device;
		return BH_NOERR;
	}
	if (!bh_span_equal(rotated.replaces, bh_span(holder.key, BH_PUBLIC_KEY_BYTES)))
		return refuse(out, BH_REASON_DEVICE, "it holds another key than the one replaced");
	err = key_taken(w, rotated.public_key, &taken);
	if (err)
		return err;
	if (taken)
		return refuse(out, BH_REASON_DEVICE, "the key is another device's");
	if (command->device) /* else an administrator's word */
		err = rotation_allow(w, rotated.device, out, &why);
	if (err)
		return err;
	return why ? refuse(out, out->reason, why) : rotated_append(w, &rotated, command, out);
}
