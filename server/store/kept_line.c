/* A line of the kept file as words and back.  Numbers are decimal, bytes hexadecimal, a word that
 * is not known is "-"; a person's code is hexadecimal, too, since it may hold anything. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/store/kept.h"

#define WORDS_MAX 8u
#define LINE_BYTES_MAX 1024u

static const struct {
	const char *name;
	size_t words;
} kinds[BH_KEPT_KINDS] = {
	[BH_KEPT_EPOCH] = {"epoch", 1},
	[BH_KEPT_DEVICE] = {"device", 7},
	[BH_KEPT_LOG] = {"log", 4},
	[BH_KEPT_REVOKED] = {"revoked", 1},
	[BH_KEPT_SUSPENDED] = {"suspended", 1},
	[BH_KEPT_FLOOR] = {"floor", 2},
	[BH_KEPT_ROTATED] = {"rotated", 3},
	[BH_KEPT_PINS] = {"pins", 2},
	[BH_KEPT_ERASED] = {"erased", 2},
	[BH_KEPT_HELD] = {"held", 2},
	[BH_KEPT_PURGED] = {"purged", 1},
};

static void bytes_put(char text[], bool known, const uint8_t *bytes, size_t len)
{
	if (known && len > 0)
		bh_hex_format(bh_span(bytes, len), text);
	else
		(void)snprintf(text, 2, "-");
}

static int device_format(const struct bh_kept_line *line, char *text, size_t size)
{
	char log_id[2 * BH_LOG_ID_BYTES + 1], key[2 * BH_PUBLIC_KEY_BYTES + 1];
	char code[2 * BH_HASH_BYTES + 1], who[2 * BH_NAME_BYTES_MAX + 1];

	bytes_put(log_id, true, line->log_id, sizeof(line->log_id));
	bytes_put(key, true, line->key, sizeof(line->key));
	bytes_put(code, line->has_code, line->code_hash, sizeof(line->code_hash));
	bytes_put(who, true, line->person_code, line->person_code_len);
	return snprintf(text, size, "device %" PRIu32 " %" PRIu32 " %" PRIu32 " %s %s %s %s\n",
		line->device, line->person, line->log_short, log_id, key, code, who);
}

static int log_format(const struct bh_kept_line *line, char *text, size_t size)
{
	char log_id[2 * BH_LOG_ID_BYTES + 1], from[2 * BH_LOG_ID_BYTES + 1];

	bytes_put(log_id, true, line->log_id, sizeof(line->log_id));
	bytes_put(from, line->has_from, line->from, sizeof(line->from));
	return snprintf(text, size, "log %" PRIu32 " %" PRIu32 " %s %s\n", line->log_short,
		line->device, log_id, from);
}

static int rotated_format(const struct bh_kept_line *line, char *text, size_t size)
{
	char replaces[2 * BH_PUBLIC_KEY_BYTES + 1], key[2 * BH_PUBLIC_KEY_BYTES + 1];

	bytes_put(replaces, true, line->replaces, sizeof(line->replaces));
	bytes_put(key, true, line->key, sizeof(line->key));
	return snprintf(text, size, "rotated %" PRIu32 " %s %s\n", line->device, replaces, key);
}

static int pins_format(const struct bh_kept_line *line, char *text, size_t size)
{
	char ca[2 * BH_PIN_BYTES + 1], backup[2 * BH_PIN_BYTES + 1];

	bytes_put(ca, true, line->pins.ca, BH_PIN_BYTES);
	bytes_put(backup, true, line->pins.backup, BH_PIN_BYTES);
	return snprintf(text, size, "pins %s %s\n", ca, backup);
}

int bh_kept_format(const struct bh_kept_line *line, struct bh_buf *out)
{
	char text[LINE_BYTES_MAX];
	int n = 0;

	switch (line->kind) {
	case BH_KEPT_EPOCH:
		n = snprintf(text, sizeof(text), "epoch %" PRIu64 "\n", line->epoch);
		break;
	case BH_KEPT_DEVICE:
		n = device_format(line, text, sizeof(text));
		break;
	case BH_KEPT_LOG:
		n = log_format(line, text, sizeof(text));
		break;
	case BH_KEPT_ROTATED:
		n = rotated_format(line, text, sizeof(text));
		break;
	case BH_KEPT_PINS:
		n = pins_format(line, text, sizeof(text));
		break;
	case BH_KEPT_ERASED:
	case BH_KEPT_HELD:
		n = snprintf(text, sizeof(text), "%s %" PRIu64 " %" PRIu32 "\n",
			kinds[line->kind].name, line->case_number, line->times);
		break;
	case BH_KEPT_PURGED:
		n = snprintf(text, sizeof(text), "purged %" PRId64 "\n", line->before_ms);
		break;
	case BH_KEPT_FLOOR:
		n = snprintf(text, sizeof(text), "floor %" PRIu32 " %" PRIu32 "\n", line->device,
			line->log_short);
		break;
	default:
		n = snprintf(text, sizeof(text), "%s %" PRIu32 "\n", kinds[line->kind].name,
			line->device);
	}
	bh_assert(n > 0 && (size_t)n < sizeof(text));
	return bh_buf_append(out, text, (size_t)n);
}

/* ---- Back ---- */

struct words {
	struct bh_span at[WORDS_MAX + 1];
	size_t count;
	bool bad;
};

static bool word_is(struct bh_span word, const char *text)
{
	return bh_span_equal(word, bh_span(text, strlen(text)));
}

static uint64_t number(struct words *words, size_t i, uint64_t max)
{
	uint64_t value = 0;
	struct bh_span word = words->at[i];

	words->bad |= word.len == 0 || word.len > 19;
	for (size_t k = 0; !words->bad && k < word.len; k++) {
		words->bad |= word.data[k] < '0' || word.data[k] > '9';
		value = value * 10 + (uint64_t)(word.data[k] - '0');
	}
	words->bad |= value > max;
	return words->bad ? 0 : value;
}

/* False: "-". */
static bool bytes(struct words *words, size_t i, uint8_t *out, size_t max, size_t *len)
{
	char text[2 * BH_NAME_BYTES_MAX + 1];
	struct bh_span word = words->at[i];

	*len = 0;
	if (word_is(word, "-"))
		return false;
	if (word.len % 2 != 0 || word.len / 2 > max || word.len >= sizeof(text)) {
		words->bad = true;
		return false;
	}
	memcpy(text, word.data, word.len);
	text[word.len] = '\0';
	*len = word.len / 2;
	words->bad |= bh_hex_parse(text, out, *len) != 0;
	return true;
}

static bool exact(struct words *words, size_t i, uint8_t *out, size_t len)
{
	size_t got = 0;
	bool known = bytes(words, i, out, len, &got);

	words->bad |= known && got != len;
	return known;
}

static void device_parse(struct words *words, struct bh_kept_line *line)
{
	line->device = (uint32_t)number(words, 1, INT32_MAX);
	line->person = (uint32_t)number(words, 2, UINT32_MAX);
	line->log_short = (uint32_t)number(words, 3, INT32_MAX);
	words->bad |= !exact(words, 4, line->log_id, sizeof(line->log_id));
	words->bad |= !exact(words, 5, line->key, sizeof(line->key));
	line->has_code = exact(words, 6, line->code_hash, sizeof(line->code_hash));
	(void)bytes(words, 7, line->person_code, sizeof(line->person_code), &line->person_code_len);
}

static void log_parse(struct words *words, struct bh_kept_line *line)
{
	line->log_short = (uint32_t)number(words, 1, INT32_MAX);
	line->device = (uint32_t)number(words, 2, INT32_MAX);
	words->bad |= !exact(words, 3, line->log_id, sizeof(line->log_id));
	line->has_from = exact(words, 4, line->from, sizeof(line->from));
}

static void pins_parse(struct words *words, struct bh_kept_line *line)
{
	words->bad |= !exact(words, 1, line->pins.ca, BH_PIN_BYTES);
	words->bad |= !exact(words, 2, line->pins.backup, BH_PIN_BYTES);
}

static void erased_parse(struct words *words, struct bh_kept_line *line)
{
	line->case_number = number(words, 1, INT64_MAX);
	line->times = (uint32_t)number(words, 2, INT32_MAX);
}

static void words_split(struct bh_span text, struct words *words)
{
	size_t from = 0;

	for (size_t i = 0; i <= text.len; i++) {
		if (i < text.len && text.data[i] != ' ')
			continue;
		if (words->count > WORDS_MAX - 1) {
			words->bad = true;
			return;
		}
		words->at[words->count++] = bh_span(text.data + from, i - from);
		from = i + 1;
	}
}

int bh_kept_parse(struct bh_span text, struct bh_kept_line *out)
{
	struct words words = {0};
	struct bh_kept_line line = {.kind = BH_KEPT_KINDS};

	words_split(text, &words);
	for (int kind = 0; !words.bad && kind < BH_KEPT_KINDS; kind++)
		if (word_is(words.at[0], kinds[kind].name) && words.count == kinds[kind].words + 1)
			line.kind = (enum bh_kept_kind)kind;
	if (words.bad || line.kind == BH_KEPT_KINDS)
		return BH_ERR_MALFORMED;
	if (line.kind == BH_KEPT_EPOCH)
		line.epoch = number(&words, 1, INT64_MAX);
	else if (line.kind == BH_KEPT_DEVICE)
		device_parse(&words, &line);
	else if (line.kind == BH_KEPT_LOG)
		log_parse(&words, &line);
	else if (line.kind == BH_KEPT_PINS)
		pins_parse(&words, &line);
	else if (line.kind == BH_KEPT_ERASED || line.kind == BH_KEPT_HELD)
		erased_parse(&words, &line);
	else if (line.kind == BH_KEPT_PURGED)
		line.before_ms = (int64_t)number(&words, 1, INT64_MAX);
	else
		line.device = (uint32_t)number(&words, 1, INT32_MAX);
	if (line.kind == BH_KEPT_FLOOR)
		line.log_short = (uint32_t)number(&words, 2, INT32_MAX);
	if (line.kind == BH_KEPT_ROTATED) {
		words.bad |= !exact(&words, 2, line.replaces, sizeof(line.replaces));
		words.bad |= !exact(&words, 3, line.key, sizeof(line.key));
	}
	if (words.bad)
		return BH_ERR_MALFORMED;
	*out = line;
	return BH_NOERR;
}
