/* What a program says: data on stdout, words on stderr, both as people read or as JSON. */
#ifndef BH_HANDSET_SAY_H
#define BH_HANDSET_SAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "tools/handset/exits.h"

struct bh_say {
	bool json;
	bool chinese;       /* help and sentences */
	int32_t offset_min; /* of the times shown, east of Greenwich */
};

/* A fault in the error form {code, message, hint, file, line}; what is NULL or 0 is left out. */
struct bh_fault {
	const char *code; /* a stable word: "usage", "BH_E_AUTH" */
	const char *hint; /* what to do now */
	const char *file;
	size_t line;
};

/* A sentence on stderr; nothing under --json, where stderr holds faults alone. */
void bh_say_words(const struct bh_say *say, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* One object on one line of stdout, at once; takes the reference. */
void bh_say_json(json_t *object);
/* Says what is wrong on stderr and gives back exit, so that a caller may return it. */
int bh_say_fault(const struct bh_say *say, enum bh_exit exit, const struct bh_fault *fault,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A JSON string; bytes that are not UTF-8 become U+FFFD rather than no string. */
json_t *bh_json_text(const char *text);
/* An RFC 3339 time, or null for 0. */
json_t *bh_json_time(const struct bh_say *say, int64_t ms);

#endif
