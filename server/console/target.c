/* Split first, decode after: an escaped slash or ampersand never makes a new part.  Whatever is not
 * plain text once decoded (NUL, controls, overlong UTF-8) refuses the whole request. */
#include "server/console/target.h"

#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "server/console/route.h"

static int hex_digit(char letter)
{
	if (letter >= '0' && letter <= '9')
		return letter - '0';
	if (letter >= 'a' && letter <= 'f')
		return letter - 'a' + 10;
	if (letter >= 'A' && letter <= 'F')
		return letter - 'A' + 10;
	return -1;
}

static bool text_is_plain(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char letter = (unsigned char)text[i];
		if (letter < 0x20 || letter == 0x7f)
			return false;
	}
	return bh_utf8_valid(bh_span(text, len));
}

static int part_decode(struct bh_arena *arena, const char *from, size_t len, const char **out)
{
	char *text = bh_arena_alloc(arena, len + 1);
	size_t n = 0;
	if (!text)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < len; i++) {
		char letter = from[i];
		if (letter == '%') {
			bool whole = i + 2 < len;
			int high = whole ? hex_digit(from[i + 1]) : -1;
			int low = whole ? hex_digit(from[i + 2]) : -1;
			if (high < 0 || low < 0)
				return BH_ERR_MALFORMED;
			letter = (char)(high << 4 | low);
			i += 2;
		}
		text[n++] = letter;
	}
	if (!text_is_plain(text, n))
		return BH_ERR_MALFORMED;
	text[n] = '\0';
	*out = text;
	return BH_NOERR;
}

static int path_parse(
	const char *text, size_t len, struct bh_arena *arena, struct bh_target *target)
{
	size_t at = 1;
	if (len == 0 || text[0] != '/')
		return BH_ERR_MALFORMED;
	while (at <= len) {
		const char *slash = memchr(text + at, '/', len - at);
		size_t end = slash ? (size_t)(slash - text) : len;
		if (target->segments_count == BH_TARGET_SEGMENTS_MAX)
			return BH_ERR_LIMIT;
		int err = part_decode(
			arena, text + at, end - at, &target->segments[target->segments_count]);
		if (err)
			return err;
		target->segments_count++;
		at = end + 1;
	}
	return BH_NOERR;
}

static int parameter_parse(
	const char *text, size_t len, struct bh_arena *arena, struct bh_target *target)
{
	const char *equals = memchr(text, '=', len);
	size_t name_len = equals ? (size_t)(equals - text) : len;
	size_t i = target->parameters_count;
	if (len == 0)
		return BH_NOERR;
	if (i == BH_TARGET_PARAMETERS_MAX)
		return BH_ERR_LIMIT;
	int err = part_decode(arena, text, name_len, &target->parameters[i].name);
	if (!err && equals)
		err = part_decode(
			arena, equals + 1, len - name_len - 1, &target->parameters[i].value);
	else
		target->parameters[i].value = "";
	target->parameters_count++;
	return err;
}

int bh_target_parse(const char *text, struct bh_arena *arena, struct bh_target *out)
{
	struct bh_target target = {.segments_count = 0};
	size_t len = strlen(text);
	const char *mark = memchr(text, '?', len);
	size_t path_len = mark ? (size_t)(mark - text) : len;
	if (len > BH_REQUEST_PATH_MAX)
		return BH_ERR_LIMIT;
	int err = path_parse(text, path_len, arena, &target);
	for (size_t at = path_len + 1; !err && at < len;) {
		const char *next = memchr(text + at, '&', len - at);
		size_t end = next ? (size_t)(next - text) : len;
		err = parameter_parse(text + at, end - at, arena, &target);
		at = end + 1;
	}
	if (!err)
		*out = target;
	return err;
}

const char *bh_target_parameter(const struct bh_target *target, const char *name)
{
	for (size_t i = 0; i < target->parameters_count; i++)
		if (strcmp(target->parameters[i].name, name) == 0)
			return target->parameters[i].value;
	return NULL;
}

bool bh_target_fits(const struct bh_target *target, const char *pattern, const char **captured,
	size_t captured_max, size_t *captured_count)
{
	size_t count = 0;
	for (size_t i = 0; i < target->segments_count; i++) {
		if (*pattern != '/')
			return false;
		size_t len = strcspn(++pattern, "/");
		if (*pattern == '{') {
			if (count == captured_max || target->segments[i][0] == '\0')
				return false;
			captured[count++] = target->segments[i];
		} else if (strlen(target->segments[i]) != len ||
			   memcmp(target->segments[i], pattern, len) != 0) {
			return false;
		}
		pattern += len;
	}
	*captured_count = count;
	return *pattern == '\0';
}
