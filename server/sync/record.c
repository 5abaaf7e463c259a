/* A record: what a device may see of a case now, whole and idempotent.
 *
 * Its fields are the union of the scopes through which the device sees it.  The reporter: where it
 * stands, with whom, and every cycle's closure.  The unit: the report itself, its place, its due
 * times, and the dispatcher's word.  Photos: the unit sees all, the reporter what others brought. A
 * text that this very log recorded is not sent back: the handset has it. */
#include "server/store/blob.h"
#include "server/sync/hub.h"

#define DISPATCH_STEPS_MAX 128u /* back from a case's last entry to its dispatch */

enum view {
	VIEW_REPORTER = 1u << 0,
	VIEW_UNIT = 1u << 1,
};

static bool scope_holds(uint64_t scope, const struct bh_case *cased)
{
	return scope == BH_SCOPE_OWN(cased->reporter) ||
	       (cased->unit != 0 && scope == BH_SCOPE_UNIT(cased->unit));
}

static int scopes_fill(struct bh_session *session, const struct bh_case *cased,
	struct bh_arena *arena, struct bh_msg_record *record, unsigned *views)
{
	uint64_t *scopes = bh_arena_array(arena, session->follows_count, sizeof(*scopes));
	if (scopes == NULL)
		return BH_ERR_NOMEM;
	*views = 0;
	for (size_t i = 0; i < session->follows_count; i++) {
		uint64_t scope = session->follows[i].node.key;
		if (!scope_holds(scope, cased))
			continue;
		scopes[record->scopes_count++] = scope;
		*views |= scope == BH_SCOPE_OWN(cased->reporter) ? VIEW_REPORTER : VIEW_UNIT;
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
			.result = entry_text(&ends[i], arena),
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
	return (views & VIEW_UNIT) != 0 ||
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
	int err = bh_reader_case_blobs(reader, cased->number, rows, BH_RECORD_BLOBS_MAX, &count);
	for (size_t i = 0; err == 0 && i < count; i++) {
		if (blob_shows(views, rows[i].person, cased))
			blobs[record->blobs_count++] = blob_told(&rows[i]);
	}
	record->blobs = blobs;
	return err;
}

int bh_record_shows(struct bh_session *session, uint64_t number, uint32_t person, bool *shows)
{
	struct bh_case cased;
	unsigned views = 0;
	int err = bh_reader_case(session->hub->options.reader, number, &cased);
	for (size_t i = 0; err == 0 && i < session->follows_count; i++) {
		uint64_t scope = session->follows[i].node.key;
		if (scope_holds(scope, &cased))
			views |= scope == BH_SCOPE_OWN(cased.reporter) ? VIEW_REPORTER : VIEW_UNIT;
	}
	*shows = err == 0 && blob_shows(views, person, &cased);
	return err == BH_ERR_NOT_FOUND ? 0 : err; /* a report in quarantine is no case */
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

int bh_record_build(struct bh_session *session, struct bh_rules *rules, uint64_t number,
	struct bh_arena *arena, struct bh_msg_record *record)
{
	struct bh_store_reader *reader = session->hub->options.reader;
	struct bh_case cased;
	unsigned views;
	struct bh_msg_record built = {0};
	int err = bh_reader_case(reader, number, &cased);
	if (err == 0)
		err = scopes_fill(session, &cased, arena, &built, &views);
	if (err != 0 || built.scopes_count == 0) {
		if (err == 0)
			*record = built;
		return err;
	}
	record_common(&cased, rules, &built);
	err = closures_fill(reader, rules, &cased, arena, &built);
	if (err == 0 && ((views & VIEW_UNIT) != 0 || number >> 32 != session->log_short))
		err = text_fill(reader, &cased, arena, &built);
	if (err == 0 && (views & VIEW_UNIT) != 0) {
		built.sign_due_ms = cased.sign_due_ms;
		built.disposal_due_ms = cased.disposal_due_ms;
		err = note_fill(reader, &cased, arena, &built);
	}
	if (err == 0)
		err = blobs_fill(reader, &cased, views, arena, &built);
	if (err == 0)
		*record = built;
	return err;
}
