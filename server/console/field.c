/* Members of an imported element, one by one: each getter takes what fits and says what does not,
 * so that one reading names everything that is wrong. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "server/console/json_text.h"
#include "server/console/profile.h"
#include "server/console/time_text.h"

#define KEPT_STEP 50u
#define DAY_MS 86400000

static bool fault_room(struct bh_import_faults *faults)
{
	if (faults->kept_count % KEPT_STEP != 0)
		return true;
	size_t size = (faults->kept_count + KEPT_STEP) * sizeof(*faults->kept);
	struct bh_import_fault *kept = realloc(faults->kept, size);
	if (kept)
		faults->kept = kept;
	else
		faults->no_memory = true;
	return kept != NULL;
}

void bh_fault_say(const struct bh_import_at *at, const char *field, const char *format, ...)
{
	struct bh_import_faults *faults = at->faults;
	va_list arguments;
	faults->count++;
	if (faults->kept_count == BH_FAULTS_KEPT_MAX || !fault_room(faults))
		return;
	struct bh_import_fault *fault = &faults->kept[faults->kept_count++];
	*fault = (struct bh_import_fault){.list = at->list, .index = at->index, .field = field};
	(void)snprintf(fault->code, sizeof(fault->code), "%s", at->code ? at->code : "");
	va_start(arguments, format);
	(void)vsnprintf(fault->what, sizeof(fault->what), format, arguments);
	va_end(arguments);
	bh_text_mend(fault->code);
	bh_text_mend(fault->what);
}

void bh_faults_free(struct bh_import_faults *faults)
{
	free(faults->kept);
	*faults = (struct bh_import_faults){0};
}

bool bh_fault_stands(const struct bh_import_faults *faults, const char *list, size_t index)
{
	for (size_t i = 0; i < faults->kept_count; i++)
		if (faults->kept[i].index == index && strcmp(faults->kept[i].list, list) == 0)
			return true;
	return false;
}

void bh_fields_check(const struct bh_import_at *at, const json_t *object, const char *const *names)
{
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)object, name, value)
	{
		size_t i = 0;
		while (names[i] && strcmp(names[i], name) != 0)
			i++;
		if (!names[i])
			bh_fault_say(at, name, "there is no such field");
	}
}

/* The member, or NULL; missing is said where it is needed. */
static const json_t *member(
	const struct bh_import_at *at, const json_t *object, const char *name, bool needed)
{
	const json_t *value = json_object_get(object, name);
	if (json_is_null(value))
		value = NULL;
	if (!value && needed)
		bh_fault_say(at, name, "it is missing");
	return value;
}

bool bh_field_text(const struct bh_import_at *at, const json_t *object, const char *name,
	size_t bytes_max, bool needed, struct bh_span *out)
{
	const json_t *value = member(at, object, name, needed);
	if (!value)
		return !needed;
	if (!json_is_string(value)) {
		bh_fault_say(at, name, "it is not a text");
		return false;
	}
	size_t len = json_string_length(value);
	if (needed && len == 0) {
		bh_fault_say(at, name, "it is empty");
		return false;
	}
	if (len > bytes_max) {
		bh_fault_say(at, name, "it is longer than %zu bytes", bytes_max);
		return false;
	}
	struct bh_span text = bh_span(json_string_value(value), len);
	if (bytes_max <= BH_NAME_BYTES_MAX && !bh_span_is_line(text)) { /* names stand in lines */
		bh_fault_say(at, name, "it holds characters that steer who shows it");
		return false;
	}
	*out = text;
	return true;
}

/* A spreadsheet writes numbers as texts, and codes as numbers. */
static bool number_of(const json_t *value, int64_t *out)
{
	if (json_is_integer(value)) {
		*out = json_integer_value(value);
		return true;
	}
	const char *text = json_string_value(value);
	char *end;
	if (!text || *text == '\0' || strlen(text) > 18 || strspn(text, "0123456789") == 0)
		return false;
	errno = 0;
	*out = strtoll(text, &end, 10);
	return errno == 0 && *end == '\0';
}

bool bh_field_number(const struct bh_import_at *at, const json_t *object, const char *name,
	int64_t min, int64_t max, bool needed, int64_t *out)
{
	int64_t number;
	const json_t *value = member(at, object, name, needed);
	if (!value)
		return !needed;
	if (!number_of(value, &number)) {
		bh_fault_say(at, name, "it is not a whole number");
		return false;
	}
	if (number < min || number > max) {
		bh_fault_say(at, name, "it is not from %" PRId64 " to %" PRId64, min, max);
		return false;
	}
	*out = number;
	return true;
}

bool bh_field_u32(const struct bh_import_at *at, const json_t *object, const char *name,
	uint32_t min, uint32_t max, bool needed, uint32_t *out)
{
	int64_t number = *out;
	bool fits = bh_field_number(at, object, name, min, max, needed, &number);
	if (fits)
		*out = (uint32_t)number;
	return fits;
}

bool bh_field_bool(const struct bh_import_at *at, const json_t *object, const char *name, bool *out)
{
	const json_t *value = member(at, object, name, false);
	if (!value)
		return true;
	if (!json_is_boolean(value)) {
		bh_fault_say(at, name, "it is neither true nor false");
		return false;
	}
	*out = json_is_true(value);
	return true;
}

bool bh_field_word(const struct bh_import_at *at, const json_t *object, const char *name,
	const char *const *words, bool needed, uint32_t *out)
{
	char known[80] = "";
	struct bh_span text = {NULL, 0};
	if (!bh_field_text(at, object, name, BH_NAME_BYTES_MAX, needed, &text) || text.len == 0)
		return false;
	for (uint32_t i = 0; words[i]; i++) {
		size_t used = strlen(known);
		if (bh_span_equal(text, bh_span(words[i], strlen(words[i])))) {
			*out = i;
			return true;
		}
		(void)snprintf(
			known + used, sizeof(known) - used, "%s%s", used ? ", " : "", words[i]);
	}
	bh_fault_say(at, name, "it is none of %s", known);
	return false;
}

bool bh_field_day(
	const struct bh_import_at *at, const json_t *object, const char *name, int32_t *out)
{
	int64_t ms = 0;
	struct bh_span text = {NULL, 0};
	if (!bh_field_text(at, object, name, BH_NAME_BYTES_MAX, false, &text) || text.len == 0)
		return false;
	if (text.len != 10 || !bh_time_parse((const char *)text.data, 0, &ms) || ms <= 0) {
		bh_fault_say(at, name, "it is not a day as in 2026-12-31");
		return false;
	}
	*out = (int32_t)(ms / DAY_MS);
	return true;
}

int bh_field_numbers(const struct bh_import_at *at, struct bh_arena *arena, const json_t *object,
	const char *name, const uint32_t **out, size_t *count)
{
	const json_t *list = bh_field_list(at, object, name, false);
	size_t listed = json_array_size(list);
	uint32_t *numbers = bh_arena_array(arena, listed + 1, sizeof(*numbers));
	if (!numbers)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < listed; i++) {
		json_t *one = json_pack("{s:O}", name, json_array_get(list, i));
		if (!one)
			return BH_ERR_NOMEM;
		(void)bh_field_u32(at, one, name, 1, UINT32_MAX, true, &numbers[i]);
		json_decref(one);
	}
	*out = numbers;
	*count = listed;
	return BH_NOERR;
}

const json_t *bh_field_list(
	const struct bh_import_at *at, const json_t *object, const char *name, bool needed)
{
	const json_t *value = member(at, object, name, needed);
	if (value && !json_is_array(value)) {
		bh_fault_say(at, name, "it is not a list");
		return NULL;
	}
	if (value && json_array_size(value) > BH_PROFILE_ITEMS_MAX) {
		bh_fault_say(at, name, "it has more than %u elements", BH_PROFILE_ITEMS_MAX);
		return NULL;
	}
	return value;
}
