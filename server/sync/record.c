/* A record: what a device may see of a case now, whole and idempotent.
 *
 * Its fields are the union of the scopes through which the device sees it.  The reporter: where it
 * stands, with whom, and every cycle's closure.  Whom it was copied to: the same.  The unit: the
 * report itself, its place, its due times, and the dispatcher's word.  Whose task it is: the
 * report, its place, and what is asked for. Photos: the reporter sees what others brought, the
 * others see all. A text that this very log recorded is not sent back: the handset has it. */
#include <string.h>

#include "proto/limits.h"
#include "server/domain/ending.h"
#include "server/domain/threshold.h"
#include "server/store/blob.h"
#include "server/store/task.h"
#include "server/sync/hub.h"

#define DISPATCH_STEPS_MAX 128u /* back from a case's last entry to its dispatch */

enum view {
	VIEW_REPORTER = 1u << 0,
	VIEW_UNIT = 1u << 1,
	VIEW_TASK = 1u << 2,
	VIEW_COPY = 1u << 3, /* what became of it (S2-29) */
};

/* A case with its open tasks. */
struct seen_case {
	struct bh_case cased;
	struct bh_task tasks[BH_TASKS_OPEN_MAX];
	size_t tasks_count;
};

static int case_read(struct bh_session *session, uint64_t number, struct seen_case *seen)
{
	struct bh_store_reader *reader = session->hub->options.reader;
	int err = bh_reader_case(reader, number, &seen->cased);
	seen->tasks_count = 0;
	if (err == 0 && seen->cased.open_tasks > 0)
		err = bh_reader_tasks(
			reader, number, true, seen->tasks, BH_TASKS_OPEN_MAX, &seen->tasks_count);
	return err;
}

static bool task_is_of(const struct bh_task *task, uint64_t scope)
{
	return task->person != 0 ? scope == BH_SCOPE_OWN(task->person)
				 : task->unit != 0 && scope == BH_SCOPE_UNIT(task->unit);
}

/* What a scope lets see; 0: nothing. */
static unsigned scope_views(uint64_t scope, const struct seen_case *seen)
{
	const struct bh_case *cased = &seen->cased;
	unsigned views = 0;
	if (scope == BH_SCOPE_OWN(cased->reporter))
		views |= VIEW_REPORTER;
	if (cased->unit != 0 && scope == BH_SCOPE_UNIT(cased->unit))
		views |= VIEW_UNIT;
	if (cased->copied != 0 && scope == BH_SCOPE_UNIT(cased->copied))
		views |= VIEW_COPY;
	for (size_t i = 0; i < seen->tasks_count; i++) {
		if (task_is_of(&seen->tasks[i], scope))
			views |= VIEW_TASK;
	}
	return views;
}

static int scopes_fill(struct bh_session *session, const struct seen_case *seen,
	struct bh_arena *arena, struct bh_msg_record *record, unsigned *views)
{
	uint64_t *scopes = bh_arena_array(arena, session->follows_count, sizeof(*scopes));
	if (scopes == NULL)
		return BH_ERR_NOMEM;
	*views = 0;
	for (size_t i = 0; i < session->follows_count; i++) {
		uint64_t scope = session->follows[i].node.key;
		unsigned through = scope_views(scope, seen);
		if (through != 0)
			scopes[record->scopes_count++] = scope;
		*views |= through;
	}
	record->scopes = scopes;
	return 0;
}

static struct bh_span unit_name(const struct bh_rules *rules, uint32_t id)
{
	const struct bh_msg_unit *unit = id != 0 ? bh_rules_unit(rules, id) : NULL;
	return unit != NULL ? unit->name : bh_span(NULL, 0);
}

/* The text of an entry's content; empty where it was erased or never readable. */
static struct bh_span entry_text(const struct bh_entry *entry, struct bh_arena *arena)
{
	struct bh_msg_op_content content;
	int reason = 0;
	if (entry->content.len == 0 ||
		bh_op_decode_content(entry->content, arena, &content, &reason) != 0 || reason != 0)
		return bh_span(NULL, 0);
	return content.text;
}

/* ---- Closures ---- */

/* How the case ended; of a merged one that got its main case's answer: how that did. */
static uint32_t end_kind(const struct bh_entry *entry, struct bh_arena *arena)
{
	struct bh_msg_op_header header;
	int reason = 0;
	bool main = entry->verb == BH_VERB_MAIN_ENDED && entry->header.len > 0 &&
		    bh_op_decode_header(entry->header, arena, &header, &reason) == 0;
	return main ? header.reason : entry->to_state;
}

/* What the reporter reads: of a refusal or a referral first its ground and the other channel; a
 * text that is too long with them loses its end. */
static struct bh_span result_of(const struct bh_entry *entry, struct bh_arena *arena)
{
	struct bh_ending ending = bh_ending_of(entry, arena);
	struct bh_span text = entry_text(entry, arena);
	char words[BH_ENDING_WORDS_SIZE];
	bh_ending_words_zh(&ending, words);
	size_t before = strlen(words);
	if (before == 0)
		return text;
	while (before + text.len > BH_TEXT_BYTES_MAX || !bh_utf8_valid(text))
		text.len--;
	uint8_t *result = bh_arena_array(arena, before + text.len, 1);
	if (result == NULL)
		return text;
	memcpy(result, words, before);
	if (text.len > 0)
		memcpy(result + before, text.data, text.len);
	return bh_span(result, before + text.len);
}

static int closures_fill(struct bh_store_reader *reader, const struct bh_rules *rules,
	const struct bh_case *cased, struct bh_arena *arena, struct bh_msg_record *record)
{
	size_t count = 0;
	struct bh_entry *ends = bh_arena_array(arena, BH_CLOSURES_MAX, sizeof(*ends));
	struct bh_msg_closure *closures = bh_arena_array(arena, BH_CLOSURES_MAX, sizeof(*closures));
	if (ends == NULL || closures == NULL)
		return BH_ERR_NOMEM;
	int err = bh_reader_closures(reader, cased->number, arena, ends, BH_CLOSURES_MAX, &count);
	for (size_t i = 0; err == 0 && i < count; i++) {
		uint32_t unit = cased->unit;
		if (ends[i].cycle != cased->cycle)
			err = bh_reader_unit_then(reader, ends[i].position, &unit);
		closures[i] = (struct bh_msg_closure){.cycle = ends[i].cycle,
			.closed_ms = ends[i].at_ms,
			.result = result_of(&ends[i], arena),
			.unit = unit,
			.unit_name = unit_name(rules, unit),
			.position = ends[i].position,
			.kind = end_kind(&ends[i], arena),
			.automatic = ends[i].log_short == BH_LOG_CLOCK};
	}
	record->closures = closures;
	record->closures_count = count;
	return err;
}

/* ---- The report and the dispatcher's word ---- */

static int text_fill(struct bh_store_reader *reader, const struct bh_case *cased,
	struct bh_arena *arena, struct bh_msg_record *record)
{
	struct bh_entry first;
	int err = bh_reader_entry(reader, cased->first, arena, &first);
	if (err != 0)
		return err;
	record->text = entry_text(&first, arena);
	record->has_place = cased->has_place != 0;
	record->latitude_e7 = cased->latitude_e7;
	record->longitude_e7 = cased->longitude_e7;
	return 0;
}

/* The last dispatch, found back from the case's last entry. */
static int note_fill(struct bh_store_reader *reader, const struct bh_case *cased,
	struct bh_arena *arena, struct bh_msg_record *record)
{
	uint64_t position = cased->last;
	for (unsigned i = 0; i < DISPATCH_STEPS_MAX && position != 0; i++) {
		struct bh_entry entry;
		int err = bh_reader_entry(reader, position, arena, &entry);
		if (err != 0)
			return err;
		if ((entry.verb == BH_VERB_DISPATCH || entry.verb == BH_VERB_REDIRECT) &&
			entry.verdict == BH_VERDICT_ACCEPTED) {
			record->unit_note = entry_text(&entry, arena);
			return 0;
		}
		position = entry.prev;
	}
	return 0;
}

/* ---- Photos ---- */

/* The reporter has what his own ops brought. */
static bool blob_shows(unsigned views, uint32_t person, const struct bh_case *cased)
{
	return (views & (VIEW_UNIT | VIEW_TASK)) != 0 ||
	       ((views & VIEW_REPORTER) != 0 && person != cased->reporter);
}

static struct bh_msg_record_blob blob_told(const struct bh_blob_row *row)
{
	return (struct bh_msg_record_blob){.hash = bh_span(row->hash, BH_HASH_BYTES),
		.size = row->size,
		.kind = row->kind,
		.verb = row->verb,
		.cycle = row->cycle,
		.stored = row->stored};
}

static int blobs_fill(struct bh_store_reader *reader, const struct bh_case *cased, unsigned views,
	struct bh_arena *arena, struct bh_msg_record *record)
{
	size_t count = 0;
	struct bh_blob_row *rows = bh_arena_array(arena, BH_RECORD_BLOBS_MAX, sizeof(*rows));
	struct bh_msg_record_blob *blobs = bh_arena_array(
		arena, BH_RECORD_BLOBS_MAX, sizeof(*blobs));
	if (rows == NULL || blobs == NULL)
		return BH_ERR_NOMEM;
	int err = bh_reader_case_photos(reader, cased->number, rows, BH_RECORD_BLOBS_MAX, &count);
	for (size_t i = 0; err == 0 && i < count; i++) {
		if (blob_shows(views, rows[i].person, cased))
			blobs[record->blobs_count++] = blob_told(&rows[i]);
	}
	record->blobs = blobs;
	return err;
}

int bh_record_shows(struct bh_session *session, uint64_t number, uint32_t person, bool *shows)
{
	struct seen_case seen;
	unsigned views = 0;
	int err = case_read(session, number, &seen);
	for (size_t i = 0; err == 0 && i < session->follows_count; i++)
		views |= scope_views(session->follows[i].node.key, &seen);
	*shows = err == 0 && blob_shows(views, person, &seen.cased);
	return err == BH_ERR_NOT_FOUND ? 0 : err; /* a report in quarantine is no case */
}

/* ---- Tasks ---- */

/* A unit hears of the help that others give its case, not of whom. */
static bool task_shows(const struct bh_session *session, const struct bh_task *task, unsigned views)
{
	for (size_t i = 0; i < session->follows_count; i++) {
		if (task_is_of(task, session->follows[i].node.key))
			return true;
	}
	return (views & VIEW_UNIT) != 0 && task->kind == BH_TASK_HELP;
}

static int tasks_fill(struct bh_session *session, const struct seen_case *seen, unsigned views,
	struct bh_arena *arena, struct bh_msg_record *record)
{
	struct bh_msg_record_task *tasks = bh_arena_array(
		arena, seen->tasks_count + 1, sizeof(*tasks));
	int err = tasks != NULL ? 0 : BH_ERR_NOMEM;
	for (size_t i = 0; err == 0 && i < seen->tasks_count; i++) {
		const struct bh_task *task = &seen->tasks[i];
		struct bh_entry made;
		if (!task_shows(session, task, views))
			continue;
		err = bh_reader_entry(session->hub->options.reader, task->first, arena, &made);
		if (err != 0)
			break;
		tasks[record->tasks_count++] = (struct bh_msg_record_task){.ordinal = task->ordinal,
			.kind = task->kind,
			.person = task->person == session->person ? task->person : 0,
			.unit = task->unit,
			.made_ms = task->made_ms,
			.due_ms = task->due_ms,
			.works = task->by_case != 0 ? seen->cased.limit_works != 0
						    : task->limit_ms != 0,
			.text = entry_text(&made, arena)};
	}
	record->tasks = tasks;
	return err;
}

static void record_common(
	const struct bh_case *cased, const struct bh_rules *rules, struct bh_msg_record *record)
{
	record->case_number = cased->number;
	record->position = cased->last;
	record->cycle = cased->cycle;
	record->state = cased->state;
	record->type = cased->type;
	record->condition = cased->condition;
	record->urgency = cased->urgency;
	record->unit = cased->unit;
	record->unit_name = unit_name(rules, cased->unit);
	record->received_ms = cased->received_ms;
	record->dispatch_due_ms = cased->dispatch_due_ms;
	record->grid = cased->grid;
	record->automatic = cased->automatic == 1;
}

static void yellow_fill(
	const struct bh_rules *rules, const struct bh_case *cased, struct bh_msg_record *record)
{
	int64_t yellow_ms = bh_case_threshold_ms(rules, cased, BH_THRESHOLD_YELLOW);
	if (yellow_ms == BH_CALENDAR_NEVER)
		return;
	record->disposal_yellow_ms = yellow_ms;
	(void)bh_case_limit_ms(rules, cased, &record->disposal_works);
}

/* What those who report and those who handle see beyond the case's course. */
static int record_fill(struct bh_session *session, struct bh_rules *rules,
	const struct seen_case *seen, unsigned views, struct bh_arena *arena,
	struct bh_msg_record *record)
{
	struct bh_store_reader *reader = session->hub->options.reader;
	const struct bh_case *cased = &seen->cased;
	bool others = (views & VIEW_REPORTER) != 0 && cased->number >> 32 != session->log_short;
	int err = 0;
	if ((views & (VIEW_REPORTER | VIEW_UNIT | VIEW_COPY)) != 0)
		err = closures_fill(reader, rules, cased, arena, record);
	if (err == 0 && ((views & (VIEW_UNIT | VIEW_TASK)) != 0 || others))
		err = text_fill(reader, cased, arena, record);
	if (err == 0 && (views & VIEW_UNIT) != 0) {
		record->sign_due_ms = cased->sign_due_ms;
		record->disposal_due_ms = cased->disposal_due_ms;
		yellow_fill(rules, cased, record);
		record->lacks = bh_case_lacks(rules, cased);
		err = note_fill(reader, cased, arena, record);
	}
	if (err == 0)
		err = tasks_fill(session, seen, views, arena, record);
	return err == 0 ? blobs_fill(reader, cased, views, arena, record) : err;
}

int bh_record_build(struct bh_session *session, struct bh_rules *rules, uint64_t number,
	struct bh_arena *arena, struct bh_msg_record *record)
{
	struct seen_case seen;
	unsigned views;
	struct bh_msg_record built = {0};
	int err = case_read(session, number, &seen);
	if (err == 0)
		err = scopes_fill(session, &seen, arena, &built, &views);
	if (err == 0 && built.scopes_count > 0) {
		record_common(&seen.cased, rules, &built);
		err = record_fill(session, rules, &seen, views, arena, &built);
	}
	if (err == 0)
		*record = built;
	return err;
}
