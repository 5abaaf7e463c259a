/* Ids, numbers, names and sentences: what needs no client. */
#include <string.h>

#include "client-lib/client_state.h"
#include "client-lib/include/bihuan_field.h"
#include "client-lib/include/bihuan_flow.h"
#include "client-lib/include/bihuan_offline.h"
#include "proto/caseflow_words.h"
#include "proto/light.h"
#include "proto/number.h"

_Static_assert(BH_NUMBER_TEXT_SIZE == BH_CASE_TEXT_SIZE, "a case number's text");
_Static_assert(BH_CASE_REFERRED == BH_STATE_REFERRED && BH_STATE_COUNT == 19, "states");
_Static_assert(BH_SERVICE_KIND_CONSULTATION == (int)BH_SERVICE_CONSULTATION &&
		       BH_SERVICE_KIND_PLACE_FACT == (int)BH_SERVICE_PLACE_FACT,
	"kinds of service entries");
_Static_assert(BH_CASE_STEPS == BH_STEPS, "steps");
_Static_assert(BH_ACT_SIGN == (int)BH_VERB_SIGN && BH_ACT_FINISH == (int)BH_VERB_FINISH, "acts");
_Static_assert(BH_CAUSE_KEY == (int)BH_WHY_KEY && BH_WHY_COUNT == 18, "causes");

uint32_t bh_version(void)
{
	return BH_VERSION_MAJOR << 16 | BH_VERSION_MINOR << 8 | BH_VERSION_PATCH;
}

/* Where the hyphens of an id's text stand. */
static bool id_hyphen_at(size_t at)
{
	return at == 8 || at == 13 || at == 18 || at == 23;
}

void bh_id_format(const bh_id *id, char text[BH_ID_TEXT_SIZE])
{
	char hex[33];
	size_t from = 0;

	if (!id || !text)
		return;
	bh_hex_format(bh_span(id->bytes, sizeof(id->bytes)), hex);
	for (size_t at = 0; at < BH_ID_TEXT_SIZE - 1; at++)
		text[at] = id_hyphen_at(at) ? '-' : hex[from++];
	text[BH_ID_TEXT_SIZE - 1] = '\0';
}

bh_status bh_id_parse(const char *text, bh_id *out)
{
	char hex[33];
	size_t to = 0;
	bh_id id;

	if (!text || !out || strnlen(text, BH_ID_TEXT_SIZE) != BH_ID_TEXT_SIZE - 1)
		return BH_E_INVALID;
	for (size_t at = 0; at < BH_ID_TEXT_SIZE - 1; at++) {
		if (id_hyphen_at(at) != (text[at] == '-'))
			return BH_E_INVALID;
		if (!id_hyphen_at(at))
			hex[to++] = text[at];
	}
	hex[to] = '\0';
	if (bh_hex_parse(hex, id.bytes, sizeof(id.bytes)) != 0)
		return BH_E_INVALID;
	*out = id;
	return BH_OK;
}

void bh_number_format(uint64_t number, char text[BH_NUMBER_TEXT_SIZE])
{
	if (!text)
		return;
	if (number == 0)
		text[0] = '\0';
	else
		bh_case_number_format(number, text);
}

bh_status bh_number_parse(const char *text, uint64_t *out)
{
	uint64_t number;

	if (!text || !out || bh_case_number_parse(text, &number) != 0)
		return BH_E_INVALID;
	*out = number;
	return BH_OK;
}

static bool language_is_zh(const char *language)
{
	return language && strncmp(language, "zh", 2) == 0;
}

const char *bh_light_word(int32_t light)
{
	const char *word = light > 0 ? bh_light_name((enum bh_light)light) : NULL;

	return word ? word : "";
}

const char *bh_cause_name(int32_t cause)
{
	return bh_why_name(cause);
}

const char *bh_cause_sentence(int32_t cause, const char *language)
{
	return language_is_zh(language) ? bh_why_sentence_zh(cause) : bh_why_sentence_en(cause);
}

const char *bh_service_kind_name(int32_t kind, const char *language)
{
	unsigned known = kind > 0 ? (unsigned)kind : BH_SERVICE_NONE;

	return language_is_zh(language) ? bh_service_name_zh(known) : bh_service_name(known);
}

void bh_text_cut(char *out, size_t size, struct bh_span text)
{
	size_t len = text.len < size ? text.len : size - 1;

	while (len < text.len && len > 0 && (text.data[len] & 0xc0) == 0x80)
		len--;
	if (len > 0)
		memcpy(out, text.data, len);
	out[len] = '\0';
}

int32_t bh_case_step(int32_t state)
{
	return state < 0 ? 0 : (int32_t)bh_state_step((enum bh_state)state);
}

const char *bh_case_step_name(int32_t step, const char *language)
{
	unsigned known = step < 0 ? 0 : (unsigned)step;
	return language_is_zh(language) ? bh_step_name_zh(known) : bh_step_name(known);
}

int32_t bh_case_stage(int32_t state)
{
	return state < 0 ? 0 : (int32_t)bh_state_stage((enum bh_state)state);
}

const char *bh_case_stage_name(int32_t stage, const char *language)
{
	unsigned known = stage < 0 ? 0 : (unsigned)stage;
	return language_is_zh(language) ? bh_stage_name_zh(known) : bh_stage_name(known);
}

const char *bh_case_move_words(int32_t verb, const char *language)
{
	enum bh_verb known = verb < 0 ? BH_VERB_NONE : (enum bh_verb)verb;
	return language_is_zh(language) ? bh_verb_words_zh(known) : bh_verb_words(known);
}

const char *bh_case_words(int32_t state, const char *language)
{
	return language_is_zh(language) ? bh_state_words_zh((enum bh_state)state)
					: bh_state_words((enum bh_state)state);
}

const char *bh_case_state_name(int32_t state, const char *language)
{
	return language_is_zh(language) ? bh_state_name_zh((enum bh_state)state)
					: bh_state_name((enum bh_state)state);
}
