/* A plan of steps: written as lines, "2 work_day survey the place", and told step by step.  Their
 * words stand in the entries that set and ended them: a change keeps what was done and writes the
 * rest anew, so the newest that names a step has its words. */
#include "server/console/milestone.h"

#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "proto/message_dispute.h"
#include "server/console/profile.h"
#include "server/domain/milestone.h"

#define HISTORY_MAX 2048u

/* ---- Read ---- */

/* The next word of a line, and what is behind it. */
static struct bh_span word_take(struct bh_span *line)
{
	size_t end = 0;
	while (end < line->len && line->data[end] != ' ')
		end++;
	struct bh_span word = bh_span(line->data, end);
	while (end < line->len && line->data[end] == ' ')
		end++;
	*line = bh_span(line->data + end, line->len - end);
	return word;
}

static bool number_read(struct bh_span word, uint32_t *out)
{
	uint32_t value = 0;
	for (size_t i = 0; i < word.len; i++) {
		if (word.data[i] < '0' || word.data[i] > '9' || value > BH_MILESTONE_LIMIT_MAX)
			return false;
		value = value * 10 + (uint32_t)(word.data[i] - '0');
	}
	*out = value;
	return word.len > 0;
}

/* False: there is none with this name, or it is a tier's. */
static bool unit_read(struct bh_span word, uint32_t *out)
{
	for (uint32_t unit = BH_LIMIT_URGENT_MINUTE; unit <= BH_LIMIT_NATURAL_DAY; unit++) {
		const char *name = bh_limit_unit_name(unit);
		if (bh_span_equal(word, bh_span(name, strlen(name)))) {
			*out = unit;
			return true;
		}
	}
	return false;
}

static bool line_read(struct bh_span line, struct bh_limit *out)
{
	struct bh_span rest = line;
	struct bh_span value = word_take(&rest), unit = word_take(&rest);
	return line.len <= BH_STEP_BYTES_MAX && number_read(value, &out->value) &&
	       unit_read(unit, &out->unit) && bh_milestone_limit_fits(*out) && rest.len > 0 &&
	       bh_span_is_line(rest);
}

/* The next line of a text, or item of a list; false: there is none. */
static bool line_next(const json_t *steps, size_t *at, struct bh_span *out)
{
	if (json_is_array(steps)) {
		const json_t *item = json_array_get(steps, (*at)++);
		*out = bh_span(json_string_value(item), json_string_length(item));
		return item != NULL;
	}
	const char *text = json_string_value(steps);
	size_t len = json_string_length(steps);
	if (!text || *at >= len)
		return false;
	const char *end = memchr(text + *at, '\n', len - *at);
	size_t size = end ? (size_t)(end - text) - *at : len - *at;
	*out = bh_span(text + *at, size);
	*at += size + 1;
	return true;
}

void bh_milestones_read(struct bh_exchange *x, const struct bh_import_at *at)
{
	struct bh_milestone_ask *ask = &x->command.milestones;
	const json_t *steps = json_object_get(x->body, "steps");
	struct bh_span line, *lines;
	size_t place = 0;
	if (!steps || json_is_null(steps))
		return;
	lines = bh_arena_array(&x->arena, BH_MILESTONES_MAX, sizeof(*lines));
	while (lines && line_next(steps, &place, &line)) {
		if (ask->count == BH_MILESTONES_MAX || !line_read(line, &ask->limits[ask->count])) {
			bh_fault_say(at, "steps",
				"it is up to 16 lines, each a limit and words: 2 work_day survey");
			return;
		}
		lines[ask->count++] = line;
	}
	x->command.dispute.decisions = lines;
	x->command.dispute.decisions_count = lines ? ask->count : 0;
}

/* ---- Told ---- */

static json_t *unit_or_null(const struct bh_exchange *x, const struct bh_case *cased, bool late)
{
	return bh_unit_code(x->rules, late ? cased->milestone_unit : 0);
}

json_t *bh_milestones_json(const struct bh_exchange *x, const struct bh_case *cased)
{
	enum bh_milestones_state state = bh_milestones_state(cased);
	uint32_t late = bh_milestones_late(cased);
	if (state == BH_MILESTONES_NONE)
		return json_null();
	return json_pack("{s:s, s:i, s:i, s:i, s:o, s:o, s:i, s:o}", "state",
		bh_milestones_state_name(state), "steps", (int)cased->milestones, "done",
		(int)cased->milestones_done, "late", (int)late, "late_unit",
		unit_or_null(x, cased, late > 0), "due",
		bh_exchange_time(x, cased->milestone_due_ms), "warned",
		(int)cased->milestone_warned, "unit",
		bh_unit_code(x->rules, cased->milestone_unit));
}

/* What entries say of a step. */
struct step {
	struct bh_span line;
	struct bh_span result;
	int64_t due_ms, done_ms;
	uint32_t done_by;
};

static void lines_take(struct bh_exchange *x, const struct bh_entry *entry, uint32_t first,
	struct step steps[BH_MILESTONES_MAX])
{
	struct bh_msg_dispute_content papers = {.decisions_count = 0};
	if (entry->content.len > 0)
		(void)bh_decode_dispute_content(entry->content, &x->arena, &papers);
	for (size_t i = 0; first + i < BH_MILESTONES_MAX; i++) {
		bool named = i < papers.decisions_count;
		steps[first + i] = (struct step){
			.line = named ? papers.decisions[i] : bh_span(NULL, 0)};
	}
}

static void entry_take(struct bh_exchange *x, const struct bh_entry *entry,
	const struct bh_case *before, const struct bh_case *after,
	struct step steps[BH_MILESTONES_MAX])
{
	if (entry->verb == BH_VERB_MILESTONES)
		lines_take(x, entry, after->milestones_done, steps);
	if (entry->verb != BH_VERB_MILESTONE_DONE || before->milestones_done >= BH_MILESTONES_MAX)
		return;
	struct step *step = &steps[before->milestones_done];
	step->due_ms = before->milestone_due_ms;
	step->done_ms = entry->at_ms;
	step->done_by = entry->person;
	step->result = bh_entry_text(x, entry);
}

static const char *step_state(const struct bh_case *cased, uint32_t at)
{
	enum bh_milestones_state state = bh_milestones_state(cased);
	if (at < cased->milestones_done)
		return "done";
	if (state == BH_MILESTONES_DROPPED)
		return "dropped";
	return at == cased->milestones_done ? bh_milestones_state_name(state) : "waiting";
}

static json_t *step_json(struct bh_exchange *x, const struct bh_case *cased, uint32_t at,
	const struct step *step, unsigned views)
{
	bool told = bh_views_show_words(views);
	struct bh_limit limit = bh_milestone_limit(cased, at);
	bool late = (cased->milestones_late >> at & 1) != 0;
	bool runs = at == cased->milestones_done;
	struct bh_span words = step->line;
	(void)word_take(&words);
	(void)word_take(&words);
	return json_pack("{s:i, s:s, s:i, s:s?, s:o, s:o, s:o, s:o, s:o, s:b, s:o}", "step",
		(int)at + 1, "state", step_state(cased, at), "limit", (int)limit.value,
		"limit_unit", bh_limit_unit_name(limit.unit), "text",
		told && words.len ? bh_json_span(words) : json_null(), "due",
		bh_exchange_time(x, runs ? cased->milestone_due_ms : step->due_ms), "done_at",
		bh_exchange_time(x, step->done_ms), "done_by",
		bh_person_code(x->rules, bh_views_show_course(views) ? step->done_by : 0), "result",
		told && step->result.len ? bh_json_span(step->result) : json_null(), "late", late,
		"late_unit", unit_or_null(x, cased, late));
}

int bh_milestone_steps_json(
	struct bh_exchange *x, const struct bh_case *cased, unsigned views, json_t **out)
{
	struct step steps[BH_MILESTONES_MAX] = {0};
	struct bh_case before = {0}, after = {0};
	size_t count = 0;
	json_t *items = json_array();
	struct bh_entry *entries = cased->milestones ? bh_arena_array(&x->arena, HISTORY_MAX,
							       sizeof(*entries))
						     : NULL;
	int err = cased->milestones && !entries ? BH_ERR_NOMEM : BH_NOERR;
	if (entries)
		err = bh_reader_history(x->district->reader, cased->number, &x->arena, entries,
			HISTORY_MAX, &count);
	for (size_t i = 0; !err && i < count; i++) {
		before = after;
		if (entries[i].verdict != BH_VERDICT_ACCEPTED ||
			bh_case_patch(&after, entries[i].decision) != BH_NOERR)
			continue;
		entry_take(x, &entries[i], &before, &after, steps);
	}
	for (uint32_t i = 0; !err && i < cased->milestones && i < BH_MILESTONES_MAX; i++)
		items = bh_items_add(items, step_json(x, cased, i, &steps[i], views));
	if (!err && !items)
		err = BH_ERR_NOMEM;
	if (err)
		json_decref(items);
	else
		*out = items;
	return err;
}
