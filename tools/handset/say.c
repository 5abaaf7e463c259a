/*
 * Faults are words or JSON by one switch; nothing else here decides.  A line of JSON is flushed as
 * it is written, so that whoever reads a watch sees each event when it happens.  A stdout that
 * cannot be written is noticed once, when the program ends.
 */
#include "tools/handset/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tools/handset/moment.h"

#define MESSAGE_BYTES 600

void bh_say_words(const struct bh_say *say, const char *format, ...)
{
	va_list args;
	if (say->json)
		return;
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputc('\n', stderr);
}

void bh_say_json(json_t *object)
{
	(void)json_dumpf(object, stdout, JSON_COMPACT);
	(void)fputc('\n', stdout);
	(void)fflush(stdout);
	json_decref(object);
}

static void fault_as_json(const struct bh_fault *fault, const char *message)
{
	json_t *object = json_pack(
		"{s:s, s:o}", "code", fault->code, "message", bh_json_text(message));
	if (fault->hint)
		(void)json_object_set_new(object, "hint", bh_json_text(fault->hint));
	if (fault->file)
		(void)json_object_set_new(object, "file", bh_json_text(fault->file));
	if (fault->line > 0)
		(void)json_object_set_new(object, "line", json_integer((json_int_t)fault->line));
	(void)json_dumpf(object, stderr, JSON_COMPACT);
	(void)fputc('\n', stderr);
	json_decref(object);
}

int bh_say_fault(const struct bh_say *say, enum bh_exit exit, const struct bh_fault *fault,
	const char *format, ...)
{
	char message[MESSAGE_BYTES];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	if (say->json) {
		fault_as_json(fault, message);
		return (int)exit;
	}
	if (fault->file && fault->line > 0)
		(void)fprintf(stderr, "%s:%zu: ", fault->file, fault->line);
	else if (fault->file)
		(void)fprintf(stderr, "%s: ", fault->file);
	(void)fprintf(stderr, "%s\n", message);
	if (fault->hint)
		(void)fprintf(stderr, "%s\n", fault->hint);
	return (int)exit;
}

json_t *bh_json_text(const char *text)
{
	json_t *string = json_string(text ? text : "");
	return string ? string : json_string("\xEF\xBF\xBD");
}

json_t *bh_json_time(const struct bh_say *say, int64_t ms)
{
	char text[BH_MOMENT_TEXT_SIZE];
	if (ms == 0)
		return json_null();
	bh_moment_format(ms, say->offset_min, text);
	return json_string(text);
}
