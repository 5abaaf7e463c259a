/* The kept file and the district, made to agree.
 *
 *   file ──▶ journal   at opening, and when a profile brings people back: a file that knows more
 * than its district shows that the district was put back; what it lacks is entered again, and it
 * goes on in a new epoch journal ──▶ file   at opening: what a process that was cut short had
 * committed and not yet kept entry ──▶ line     with each commit
 *
 * A device whose person the rules do not know waits: its numbers stay taken, and nobody else gets
 * what is its. */
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "server/store/kept_apply.h"
#include "server/store/kept_keys.h"
#include "server/store/text_purge.h"

static const char reason_kept[] = "kept from before a backup was put back";

/* ---- What the file has and the district lacks ---- */

struct applying {
	struct bh_writer *w;
	uint64_t applied;
	struct bh_kept_keys keys; /* after the last line */
	int64_t purged_ms;
};

static int append(struct bh_writer *w, enum bh_verb verb, int err)
{
	return err ? err
		   : bh_writer_append_district(
			     w, BH_LOG_OPERATOR, verb, 0, bh_buf_span(&w->content));
}

/* By its code; ids may be others' where a profile was put in force again. */
static uint32_t person_of(const struct bh_writer *w, const struct bh_kept_line *line)
{
	const struct bh_msg_person *person = bh_rules_person_by_code(
		w->rules, bh_span(line->person_code, line->person_code_len));

	return person ? person->id : 0;
}

/* A code that nobody knows would be refused all the same; one that is known may be asked about by
 * the handset that used it. */
static int code_apply(struct bh_writer *w, const struct bh_kept_line *line, uint32_t person)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_CODE_GET);
	struct bh_msg_entry_enrol_code code = {.code_hash = bh_span(line->code_hash, BH_HASH_BYTES),
		.person = person,
		.expires_ms = 1};
	bool row = false;

	bh_bind_span(s, 1, code.code_hash);
	int err = bh_row_next(s, &row);
	if (err || row) {
		bh_row_end(s);
		return err;
	}
	w->content.len = 0;
	return append(w, BH_VERB_ENROL_CODE, bh_encode_entry_enrol_code(&code, &w->content));
}

static int device_state(struct bh_writer *w, uint32_t id, enum bh_device_state *state)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_DEVICE_BRIEF);
	bool row = false;

	bh_bind(s, 1, id);
	int err = bh_row_next(s, &row);
	*state = row ? (enum bh_device_state)bh_column(s, 1) : 0;
	bh_row_end(s);
	return err;
}

static int log_there(struct bh_writer *w, const uint8_t *log_id, uint32_t log_short, bool *there)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_LOG_BY_ID);

	bh_bind_span(s, 1, bh_span(log_id, BH_LOG_ID_BYTES));
	int err = bh_row_next(s, there);
	bh_row_end(s);
	if (err || *there)
		return err;
	s = bh_sql(&w->projector.db, BH_SQL_LOG_GET);
	bh_bind(s, 1, log_short);
	err = bh_row_next(s, there);
	bh_row_end(s);
	return err;
}

static int device_apply(struct applying *applying, const struct bh_kept_line *line)
{
	struct bh_writer *w = applying->w;
	enum bh_device_state state;
	uint32_t person = person_of(w, line);
	bool taken = false;
	struct bh_msg_entry_enrolled enrolled = {
		.code_hash = bh_span(line->code_hash, BH_HASH_BYTES),
		.device = line->device,
		.person = person,
		.public_key = bh_span(line->key, BH_PUBLIC_KEY_BYTES),
		.log_id = bh_span(line->log_id, BH_LOG_ID_BYTES),
		.log_short = line->log_short};
	int err = device_state(w, line->device, &state);

	if (!err)
		err = log_there(w, line->log_id, line->log_short, &taken);
	if (err || state || taken || !person || !line->has_code)
		return err;
	err = code_apply(w, line, person);
	w->content.len = 0;
	if (!err)
		err = append(w, BH_VERB_ENROLLED, bh_encode_entry_enrolled(&enrolled, &w->content));
	applying->applied++;
	return err;
}

static int log_apply(struct applying *applying, const struct bh_kept_line *line)
{
	struct bh_writer *w = applying->w;
	enum bh_device_state state;
	bool taken = false;
	struct bh_msg_entry_log begun = {.device = line->device,
		.log_id = bh_span(line->log_id, BH_LOG_ID_BYTES),
		.log_short = line->log_short,
		.forked_from = bh_span(line->from, line->has_from ? BH_LOG_ID_BYTES : 0)};
	bool registers = line->device == 0; /* its numbers were told: it comes back as it ended */
	int err = device_state(w, line->device, &state);

	if (!err)
		err = log_there(w, line->log_id, line->log_short, &taken);
	if (registers)
		begun.forked_from = begun.log_id;
	if (err || (!state && !registers) || taken)
		return err;
	w->content.len = 0;
	applying->applied++;
	return append(w, BH_VERB_LOG_BEGIN, bh_encode_entry_log(&begun, &w->content));
}

static int end_apply(struct applying *applying, const struct bh_kept_line *line)
{
	struct bh_writer *w = applying->w;
	enum bh_device_state state;
	struct bh_msg_entry_revoked ended = {
		.device = line->device, .reason = bh_span(reason_kept, sizeof(reason_kept) - 1)};
	bool revokes = line->kind == BH_KEPT_REVOKED;
	int err = device_state(w, line->device, &state);

#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 43
	return err;
#endif
	if (err || !(state == BH_DEVICE_LIVE || (revokes && state == BH_DEVICE_SUSPENDED)))
		return err;
	w->content.len = 0;
	applying->applied++;
	return append(w, revokes ? BH_VERB_REVOKE : BH_VERB_SUSPEND_DEVICE,
		bh_encode_entry_revoked(&ended, &w->content));
}

static int device_key(struct bh_writer *w, uint32_t id, uint8_t key[BH_PUBLIC_KEY_BYTES])
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_DEVICE_GET);
	bool row = false;

	memset(key, 0, BH_PUBLIC_KEY_BYTES);
	bh_bind(s, 1, id);
	int err = bh_row_next(s, &row);
	if (!err && row)
		err = bh_column_exact(s, 3, key, BH_PUBLIC_KEY_BYTES);
	bh_row_end(s);
	return err;
}

/* Each step from the key that the district went back to: the old one must not come to life again.
 */
static int rotated_apply(struct applying *applying, const struct bh_kept_line *line)
{
	struct bh_writer *w = applying->w;
	const uint8_t *last = bh_kept_keys_of(&applying->keys, line->device);
	uint8_t held[BH_PUBLIC_KEY_BYTES];
	struct bh_msg_entry_rotated rotated = {.device = line->device,
		.public_key = bh_span(line->key, BH_PUBLIC_KEY_BYTES),
		.replaces = bh_span(line->replaces, BH_PUBLIC_KEY_BYTES)};
	int err = device_key(w, line->device, held);

	if (err || memcmp(held, line->replaces, sizeof(held)) != 0 ||
		(last && memcmp(held, last, sizeof(held)) == 0))
		return err;
	w->content.len = 0;
	applying->applied++;
	return append(w, BH_VERB_ROTATED, bh_encode_entry_rotated(&rotated, &w->content));
}

static int erased_apply(struct applying *applying, const struct bh_kept_line *line)
{
	return bh_kept_erased_apply(applying->w, line, &applying->applied);
}

static int held_apply(struct applying *applying, const struct bh_kept_line *line)
{
	return bh_kept_held_apply(applying->w, line, &applying->applied);
}

static int line_last(void *context, const struct bh_kept_line *line)
{
	struct applying *applying = context;

	if (line->kind == BH_KEPT_PURGED && line->before_ms > applying->purged_ms)
		applying->purged_ms = line->before_ms;
	return bh_kept_keys_add(&applying->keys, line);
}

static int line_apply(void *context, const struct bh_kept_line *line)
{
	switch (line->kind) {
	case BH_KEPT_DEVICE:
		return device_apply(context, line);
	case BH_KEPT_LOG:
		return log_apply(context, line);
	case BH_KEPT_REVOKED:
	case BH_KEPT_SUSPENDED:
		return end_apply(context, line);
	case BH_KEPT_ROTATED:
		return rotated_apply(context, line);
	case BH_KEPT_ERASED:
		return erased_apply(context, line);
	case BH_KEPT_HELD:
		return held_apply(context, line);
	default:
		return BH_NOERR;
	}
}

int bh_kept_apply(struct bh_writer *w, uint64_t *applied)
{
	struct applying applying = {.w = w};
	struct bh_kept_fault fault;

	w->kept.applying = true;
	int err = w->kept.vfs ? bh_kept_read(&w->kept, line_last, &applying, &fault) : BH_NOERR;
	if (!err && w->kept.vfs)
		err = bh_kept_read(&w->kept, line_apply, &applying, &fault);
	if (!err)
		err = bh_kept_purged_apply(w, applying.purged_ms, &applying.applied);
	w->kept.applying = false;
	bh_kept_keys_free(&applying.keys);
	*applied = applying.applied;
	return err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
}

int bh_writer_epoch(struct bh_writer *w, uint64_t epoch)
{
	struct bh_msg_entry_restored restored = {.epoch = epoch};

#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 40
	restored.epoch = w->projector.district.epoch;
#endif
	w->content.len = 0;
	return append(w, BH_VERB_RESTORED, bh_encode_entry_restored(&restored, &w->content));
}

int bh_writer_restored(struct bh_writer *w, struct bh_now now, uint64_t epoch)
{
	int err = bh_group_begin(w, now);

	if (!err)
		err = bh_writer_epoch(w, epoch);
	if (!err)
		return bh_group_commit(w);
	(void)bh_group_rollback(w);
	return err;
}

/* ---- Each entry ---- */

static int enrolled_note(
	struct bh_writer *w, const struct bh_entry *entry, struct bh_kept_line *line)
{
	struct bh_msg_entry_enrolled enrolled;
	int err = bh_decode_entry_enrolled(entry->content, &w->kept.arena, &enrolled);

	if (err)
		return err;
	const struct bh_msg_person *person = bh_rules_person(w->rules, enrolled.person);
	line->kind = BH_KEPT_DEVICE;
	line->device = enrolled.device;
	line->person = enrolled.person;
	line->log_short = enrolled.log_short;
	line->has_code = true;
	memcpy(line->log_id, enrolled.log_id.data, BH_LOG_ID_BYTES);
	memcpy(line->key, enrolled.public_key.data, BH_PUBLIC_KEY_BYTES);
	memcpy(line->code_hash, enrolled.code_hash.data, BH_HASH_BYTES);
	bh_kept_person(line, person);
	return BH_NOERR;
}

static int log_note(struct bh_writer *w, const struct bh_entry *entry, struct bh_kept_line *line)
{
	struct bh_msg_entry_log begun;
	int err = bh_decode_entry_log(entry->content, &w->kept.arena, &begun);

	if (err)
		return err;
	line->kind = BH_KEPT_LOG;
	line->device = begun.device;
	line->log_short = begun.log_short;
	memcpy(line->log_id, begun.log_id.data, BH_LOG_ID_BYTES);
	line->has_from = begun.forked_from.len == BH_LOG_ID_BYTES;
	if (line->has_from)
		memcpy(line->from, begun.forked_from.data, BH_LOG_ID_BYTES);
	return BH_NOERR;
}

static int end_note(struct bh_writer *w, const struct bh_entry *entry, struct bh_kept_line *line)
{
	struct bh_msg_entry_revoked ended;
	int err = bh_decode_entry_revoked(entry->content, &w->kept.arena, &ended);

	line->kind = entry->verb == BH_VERB_REVOKE ? BH_KEPT_REVOKED : BH_KEPT_SUSPENDED;
	line->device = err ? 0 : ended.device;
	return err;
}

static int rotated_note(
	struct bh_writer *w, const struct bh_entry *entry, struct bh_kept_line *line)
{
	struct bh_msg_entry_rotated rotated;
	int err = bh_decode_entry_rotated(entry->content, &w->kept.arena, &rotated);

	if (err)
		return err;
	line->kind = BH_KEPT_ROTATED;
	line->device = rotated.device;
	memcpy(line->key, rotated.public_key.data, BH_PUBLIC_KEY_BYTES);
	memcpy(line->replaces, rotated.replaces.data, BH_PUBLIC_KEY_BYTES);
	return BH_NOERR;
}

static bool is_kept_of_case(uint32_t verb)
{
	return verb == BH_VERB_ERASE || verb == BH_VERB_HOLD || verb == BH_VERB_UNHOLD;
}

int bh_kept_entry(struct bh_writer *w, const struct bh_entry *entry)
{
	struct bh_kept_line line = {0};
	int err = BH_NOERR;

	if (!w->kept.vfs || entry->device || (entry->case_number && !is_kept_of_case(entry->verb)))
		return BH_NOERR;
	bh_arena_reset(&w->kept.arena);
	if (entry->verb == BH_VERB_RESTORED) {
		line.kind = BH_KEPT_EPOCH;
		line.epoch = w->projector.district.epoch;
	} else if (w->kept.applying) {
		return BH_NOERR; /* the file has it */
	} else if (entry->verb == BH_VERB_ENROLLED) {
		err = enrolled_note(w, entry, &line);
	} else if (entry->verb == BH_VERB_ERASE) {
		err = bh_kept_erased_note(w, entry, &line);
	} else if (entry->verb == BH_VERB_PURGE_TEXTS) {
		err = bh_kept_purged_note(w, entry, &line);
	} else if (entry->case_number) {
		err = bh_kept_held_note(w, entry, &line);
	} else if (entry->verb == BH_VERB_LOG_BEGIN) {
		err = log_note(w, entry, &line);
	} else if (entry->verb == BH_VERB_REVOKE || entry->verb == BH_VERB_SUSPEND_DEVICE) {
		err = end_note(w, entry, &line);
#if !defined(BH_PLANTED_BUG) || BH_PLANTED_BUG != 50
	} else if (entry->verb == BH_VERB_ROTATED) {
		err = rotated_note(w, entry, &line);
#endif
	} else {
		return BH_NOERR;
	}
	return err ? err : bh_kept_note(&w->kept, &line);
}

void bh_kept_person(struct bh_kept_line *line, const struct bh_msg_person *person)
{
	if (!person || person->code.len > sizeof(line->person_code))
		return;
	memcpy(line->person_code, person->code.data, person->code.len);
	line->person_code_len = person->code.len;
}
