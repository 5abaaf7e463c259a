/* What the tables look like to a reader: help, and the nearest word to a mistyped one. */
#ifndef BH_HANDSET_WORDS_HELP_H
#define BH_HANDSET_WORDS_HELP_H

#include <stdio.h>

#include "tools/handset/words.h"

/* An example first, then the options; verb may be NULL: the program's own. */
void bh_help_print(
	const struct bh_program *program, const struct bh_verb *verb, bool chinese, FILE *out);
/* "did you mean list?" or NULL; the text lives in hint. */
const char *bh_help_verb_near(
	const struct bh_program *program, const char *word, char *hint, size_t size);
const char *bh_help_option_near(const struct bh_program *program, const struct bh_verb *verb,
	const char *word, char *hint, size_t size);

#endif
