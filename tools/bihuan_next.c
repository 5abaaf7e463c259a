/* The command that a case waits for, by what is told of it: first what was asked for, then what its
 * state lacks.  Whether a check was drawn nobody is told here: of what was done and not yet looked
 * at both are named, closing and the check, which is never wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bihuan.h"
#include "tools/cli/say.h"

struct next {
	const char *when; /* the state, or what was asked for */
	const char *verb, *options;
};

const char *bh_tool_as(const struct bh_cli_call *call)
{
	const char *as = bh_cli_value(call, "as");
	if (!as)
		as = getenv("BIHUAN_AS");
	return as && *as ? as : "CODE";
}

static bool says(const json_t *object, const char *name, const char *word)
{
	const char *value = json_string_value(json_object_get(object, name));
	return value && strcmp(value, word) == 0;
}

static const struct next *found(const struct next *nexts, size_t count, const char *when)
{
	for (size_t i = 0; when && i < count; i++)
		if (strcmp(nexts[i].when, when) == 0)
			return &nexts[i];
	return NULL;
}

#define FOUND(table, when) found(table, sizeof(table) / sizeof((table)[0]), when)

/* What waits for the desk's word, or for the lead's; NULL: nothing was asked for. */
static const struct next *asked_next(const json_t *cased)
{
	static const struct next desk[] = {{"extension", "extend", ""},
		{"suspension", "suspend", ""}, {"redirect", "redirect", ""},
		{"void", "void", " --text=REASON"}};
	static const struct next lead[] = {{"extension", "ask-extension", " --text=REASON"},
		{"suspension", "ask-suspension", " --text=REASON"}};
	const char *asked = json_string_value(json_object_get(cased, "asked"));
	return says(cased, "asked_of", "unit") ? FOUND(lead, asked) : FOUND(desk, asked);
}

/* A result that was handed in; a major case's plan, and how a dispute ends; NULL: it is finished.
 */
static const struct next *handling_next(const json_t *cased)
{
	static const struct next
		sign_off = {"", "finish", ""},
		plan = {"", "plan", " --sponsor=CODE --force=UNIT --measures=LIST --text=PLAN"},
		mediate = {"", "mediate", " --kind=KIND"},
		conclude = {"", "conclude", " --outcome=agreed|failed --text=WORDS"};
	const json_t *dispute = json_object_get(cased, "dispute");
	const char *mediation = json_string_value(json_object_get(dispute, "mediation"));
	if (json_is_string(json_object_get(cased, "handed_by")))
		return &sign_off;
	if (json_is_true(json_object_get(dispute, "major")) &&
		!json_is_string(json_object_get(dispute, "sponsor")))
		return &plan;
	if (mediation && strcmp(mediation, "open") == 0)
		return &conclude;
	if (json_is_string(json_object_get(dispute, "grade")) &&
		(!mediation || strcmp(mediation, "left") == 0))
		return &mediate;
	return NULL;
}

/* What is closed only after somebody has looked, or is done again; NULL: it may be closed. */
static const struct next *done_next(const json_t *cased)
{
	static const struct next fail = {"", "fail", " --text=REASON"}, check = {"", "check", ""};
	bool again = json_integer_value(json_object_get(cased, "reworks")) > 0 ||
		     json_integer_value(json_object_get(cased, "cycle")) > 1;
	if (says(cased, "checked", "failed"))
		return &fail;
	if (!says(cased, "checked", "passed") && (again || says(cased, "urgency", "P1")))
		return &check;
	return NULL;
}

static const struct next *next_of(const json_t *cased)
{
	static const struct next states[] = {{"received", "dispatch", ""},
		{"filed", "dispatch", ""}, {"dispatched", "sign", ""},
		{"handling", "finish", " --text=RESULT"}, {"returning", "accept-return", ""},
		{"rework", "start", ""}, {"tier_moving", "receive", ""},
		{"suspended", "resume", ""}, {"done", "close", " --ended --text=FEEDBACK"}};
	const char *state = json_string_value(json_object_get(cased, "state"));
	const struct next *next = asked_next(cased);
	if (!next && says(cased, "state", "handling"))
		next = handling_next(cased);
	if (!next && says(cased, "state", "done"))
		next = done_next(cased);
	return next ? next : FOUND(states, state);
}

/* Where a check may have been drawn. */
static void check_next(const struct bh_cli_call *call, const char *number)
{
	bh_cli_note(call,
		call->zh ? "须先核查的:bihuan check %s --as=CODE"
			 : "or, where it has to be checked first: bihuan check %s --as=CODE",
		number);
}

void bh_tool_next(const struct bh_cli_call *call, const json_t *cased)
{
	const char *number = json_string_value(json_object_get(cased, "number"));
	const struct next *next = next_of(cased);
	if (!number || !next)
		return;
	bool dispatches = strcmp(next->verb, "dispatch") == 0;
	bool files = dispatches && says(cased, "state", "received");
	bool lacks_type = json_is_false(json_object_get(cased, "type_known"));
	bool lacks_unit = json_is_null(json_object_get(cased, "proposed_unit"));
	bool lacks_grid = files && json_is_null(json_object_get(cased, "grid")) &&
			  !json_is_true(json_object_get(cased, "outside"));
	bool lacks_condition = files && json_is_null(json_object_get(cased, "condition")) &&
			       !json_is_true(json_object_get(cased, "none_fits"));
	bh_cli_note(call, "%s bihuan %s %s --as=%s%s%s%s%s%s", bh_tool_next_word(call), next->verb,
		number, dispatches ? bh_tool_as(call) : "CODE", next->options,
		dispatches && lacks_type ? " --type=N" : "",
		lacks_condition ? " --condition=N" : "", lacks_grid ? " --grid=CODE" : "",
		dispatches && lacks_unit ? " --unit=CODE" : "");
	if (strcmp(next->verb, "close") == 0 && !says(cased, "checked", "passed"))
		check_next(call, number);
}
