/* Feeds: what changed for this device since its cursors, in one Delta at a time.
 *
 *   wake or Hello --> rows past each cursor --> records, and who left --> Delta --> Applied --> the
 * next
 *
 * Until the handset has durably applied one Delta it gets no other, so a slow one costs a flag and
 * ten changes of a case while it was slow cost one record.  A read that fails sends nothing, moves
 * no cursor, and is tried again.  A row whose case has left the scope by now is passed over: a
 * later row tells so. */
#include "server/sync/hub.h"

#define RECORD_BYTES 96u /* of one record besides its texts, about */
#define CLOSURE_BYTES 48u
#define BLOB_BYTES 52u
#define TASK_BYTES 32u
#define RECORDS_BYTES_MAX (480u * 1024u)
#define HASH_CHECK_BYTES 8u

struct delta {
	struct bh_msg_record *records;
	size_t records_count;
	struct bh_msg_left *left;
	size_t left_count;
	size_t bytes; /* about what it will be, unpacked */
};

static bool delta_is_full(const struct delta *delta)
{
	return delta->records_count + delta->left_count >= BH_DELTA_RECORDS_MAX ||
	       delta->bytes >= BH_DELTA_RAW_BYTES;
}

static size_t record_bytes(const struct bh_msg_record *record)
{
	size_t bytes = RECORD_BYTES + record->text.len + record->unit_note.len +
		       record->unit_name.len + record->scopes_count * 10 +
		       record->blobs_count * BLOB_BYTES;
	for (size_t i = 0; i < record->tasks_count; i++)
		bytes += TASK_BYTES + record->tasks[i].text.len;
	for (size_t i = 0; i < record->closures_count; i++)
		bytes += CLOSURE_BYTES + record->closures[i].result.len +
			 record->closures[i].unit_name.len;
	return bytes;
}

static bool delta_has(const struct delta *delta, uint64_t number)
{
	for (size_t i = 0; i < delta->records_count; i++) {
		if (delta->records[i].case_number == number)
			return true;
	}
	return false;
}

static int delta_add(struct bh_session *session, struct bh_rules *rules, uint64_t scope,
	const struct bh_feed_row *row, struct delta *delta)
{
	if (row->left) {
		delta->left[delta->left_count++] = (struct bh_msg_left){scope, row->case_number};
		delta->bytes += 20;
		return 0;
	}
	if (delta_has(delta, row->case_number))
		return 0;
	struct bh_msg_record *record = &delta->records[delta->records_count];
	int err = bh_record_build(
		session, rules, row->case_number, &session->hub->work_arena, record);
	if (err == 0 && record->scopes_count > 0) {
		delta->records_count++;
		delta->bytes += record_bytes(record);
	}
	return err;
}

static int follow_collect(struct bh_session *session, struct bh_rules *rules,
	struct bh_follow *follow, struct delta *delta)
{
	struct bh_arena *arena = &session->hub->work_arena;
	size_t count = 0, taken = 0;
	size_t max = BH_DELTA_RECORDS_MAX - delta->records_count - delta->left_count;
	uint64_t after = follow->sent;
	struct bh_feed_row *rows = bh_arena_array(arena, max, sizeof(*rows));
	if (rows == NULL)
		return BH_ERR_NOMEM;
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 31
	after += follow->woken ? 1 : 0;
#endif
	int err = bh_reader_feed(
		session->hub->options.reader, follow->node.key, after, rows, max, &count);
	while (err == 0 && taken < count && !delta_is_full(delta)) {
		err = delta_add(session, rules, follow->node.key, &rows[taken], delta);
		if (err == 0)
			follow->sent = rows[taken++].position;
	}
	if (err == 0 && taken == count && count < max) {
		follow->waiting = false;
		follow->woken = false;
	}
	return err;
}

/* ---- Sending ---- */

static int records_pack(struct bh_session *session, const struct delta *delta,
	struct bh_buf *packed, struct bh_msg_packed *out)
{
	struct bh_msg_records records = {.records = delta->records,
		.records_count = delta->records_count,
		.left = delta->left,
		.left_count = delta->left_count};
	enum bh_pack_scheme scheme = BH_PACK_BARE;
	struct bh_buf raw = BH_BUF(RECORDS_BYTES_MAX);
	int err = bh_encode_records(&records, &raw);
	if (err == 0)
		err = bh_pack(session->hub->options.packer, bh_buf_span(&raw), packed, &scheme);
	if (err == 0)
		*out = (struct bh_msg_packed){
			(uint32_t)scheme, (uint32_t)raw.len, bh_buf_span(packed)};
	bh_buf_free(&raw);
	return err;
}

/* All cursors, so that the hash is at the greatest one the handset holds then. */
static int cursors_fill(
	struct bh_session *session, struct bh_msg_delta *message, uint8_t hash[BH_HASH_BYTES])
{
	uint64_t greatest = 0;
	struct bh_msg_cursor *cursors = bh_arena_array(
		&session->hub->work_arena, session->follows_count, sizeof(*cursors));
	if (cursors == NULL)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < session->follows_count; i++) {
		const struct bh_follow *follow = &session->follows[i];
		message->more = message->more || follow->waiting;
		if (follow->sent == 0)
			continue;
		cursors[message->cursors_count++] = (struct bh_msg_cursor){
			follow->node.key, follow->sent};
		if (follow->sent > greatest)
			greatest = follow->sent;
	}
	message->cursors = cursors;
	if (greatest == 0)
		return 0;
	message->head_hash = bh_span(hash, HASH_CHECK_BYTES);
	return bh_reader_hash_at(session->hub->options.reader, greatest, hash);
}

static bool follows_unapplied(const struct bh_session *session)
{
	for (size_t i = 0; i < session->follows_count; i++) {
		if (session->follows[i].applied < session->follows[i].sent)
			return true;
	}
	return false;
}

static int delta_send(struct bh_session *session, const struct delta *delta)
{
	uint8_t hash[BH_HASH_BYTES];
	struct bh_buf packed = BH_BUF(BH_FRAME_BYTES_MAX);
	struct bh_server_frame frame = {.kind = BH_SERVER_DELTA};
	frame.u.delta.epoch = session->hub->district.epoch;
	int err = cursors_fill(session, &frame.u.delta, hash);
	if (err == 0)
		err = records_pack(session, delta, &packed, &frame.u.delta.records);
	if (err == 0) {
		session->hub->counts.deltas++;
		session->hub->counts.records += delta->records_count;
		/* Who was told of more waits for it, even where nothing more turns out to be. */
		session->owes_delta = frame.u.delta.more;
		session->unapplied = follows_unapplied(session);
		bh_session_send(session, &frame);
	}
	bh_buf_free(&packed);
	return err;
}

/* ---- One round ---- */

static bool waits(const struct bh_session *session)
{
	for (size_t i = 0; i < session->follows_count; i++) {
		if (session->follows[i].waiting)
			return true;
	}
	return session->owes_delta;
}

static int feed_collect(struct bh_session *session, struct delta *delta)
{
	struct bh_arena *arena = &session->hub->work_arena;
	struct bh_rules *rules;
	bh_arena_reset(arena);
	*delta = (struct delta){
		.records = bh_arena_array(arena, BH_DELTA_RECORDS_MAX, sizeof(*delta->records)),
		.left = bh_arena_array(arena, BH_DELTA_RECORDS_MAX, sizeof(*delta->left))};
	if (delta->records == NULL || delta->left == NULL)
		return BH_ERR_NOMEM;
	int err = bh_reader_rules(session->hub->options.reader, &rules);
	for (size_t i = 0; err == 0 && i < session->follows_count && !delta_is_full(delta); i++) {
		if (session->follows[i].waiting)
			err = follow_collect(session, rules, &session->follows[i], delta);
	}
	return err;
}

/* Also by the day alone: a post begins or ends. */
static bool scopes_changed(struct bh_session *session)
{
	uint64_t scopes[BH_SCOPES_MAX];
	size_t count;
	if (session->follows_count == 0 || bh_session_scopes(session, scopes, &count) != 0)
		return false; /* it follows nothing; or nothing can be read, and this is asked again
			       */
	bool changed = count != session->follows_count;
	for (size_t i = 0; i < count && !changed; i++)
		changed = bh_session_follow(session, scopes[i]) == NULL;
	return changed;
}

bool bh_session_scopes_left(struct bh_session *session)
{
	struct bh_msg_refusal refusal = {
		.code = BH_REFUSAL_BUSY, .retry_after_ms = BH_RETRY_BUSY_MS};
	if (!scopes_changed(session))
		return false;
	bh_session_refuse_with(session, &refusal, "its rights changed");
	return true;
}

void bh_session_feed(struct bh_session *session, const struct bh_moment *at)
{
	struct delta delta = {0};
	uint64_t sent[BH_SCOPES_MAX];
	bool moved = false;
	if (session->phase != BH_PHASE_LIVE || session->unapplied || !waits(session))
		return;
	bool may = bh_session_may_receive(session);
	if (session->phase != BH_PHASE_LIVE || (may && bh_session_scopes_left(session)))
		return;
	for (size_t i = 0; i < session->follows_count; i++)
		sent[i] = session->follows[i].sent;
	int err = may ? feed_collect(session, &delta) : BH_ERR_IO;
	for (size_t i = 0; i < session->follows_count; i++)
		moved = moved || session->follows[i].sent != sent[i];
	if (err == 0 && (moved || session->owes_delta))
		err = delta_send(session, &delta);
	if (err == 0 || session->phase != BH_PHASE_LIVE)
		return;
	for (size_t i = 0; i < session->follows_count; i++) {
		session->follows[i].waiting |= session->follows[i].sent != sent[i];
		session->follows[i].sent = sent[i];
	}
	session->retry_mono_ms = at->now.mono_ms + BH_FEED_RETRY_MS;
	bh_session_touch(session);
}

void bh_handle_applied(struct bh_session *session, const struct bh_moment *at,
	const struct bh_client_frame *frame, struct bh_span body)
{
	const struct bh_msg_applied *applied = &frame->u.applied;
	(void)body;
	for (size_t i = 0; i < applied->cursors_count; i++) {
		struct bh_follow *follow = bh_session_follow(session, applied->cursors[i].scope);
		uint64_t position = applied->cursors[i].position;
		if (follow == NULL)
			continue;
		if (position > follow->sent) {
			bh_session_refuse(
				session, BH_REFUSAL_BAD_FRAME, "it applied what it was not told");
			return;
		}
		if (position <= follow->applied)
			continue;
		follow->applied = position;
		bh_hub_applied(session, applied->cursors[i].scope, position);
	}
	session->unapplied = follows_unapplied(session);
	bh_session_feed(session, at);
}
