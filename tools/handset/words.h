/* A command line read by const tables: verbs, their options, help, completion, did-you-mean. */
#ifndef BH_HANDSET_WORDS_H
#define BH_HANDSET_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/handset/say.h"

#define BH_FILES_MAX 8u
#define BH_OPTIONS_MAX 24u /* of one verb, those of all verbs included */

enum bh_option_kind {
	BH_OPTION_FLAG = 0,
	BH_OPTION_WORD,
	BH_OPTION_FILE,
	BH_OPTION_FILES,  /* may be said more than once: words->files */
	BH_OPTION_CHOICE, /* choices: "wgs84 gcj02 bd09" */
};

/* A table of these ends with a name of NULL.  An option of one name has one kind in all verbs, so
 * that flags may stand before the verb. */
struct bh_option {
	const char *name;
	char letter; /* 0: none */
	enum bh_option_kind kind;
	const char *argument; /* what help calls it; NULL for a flag */
	const char *choices;
	const char *en;
	const char *zh;
};

struct bh_words;

struct bh_verb {
	const char *name;
	const char *arguments; /* "NUMBER CYCLE"; "" */
	const char *choices;   /* of the first argument, for completion; NULL: none */
	const char *example;   /* a whole line, without the program's name */
	const char *en;
	const char *zh;
	const struct bh_option *options;
	size_t arguments_min;
	size_t arguments_max;
	int (*run)(const struct bh_words *words); /* gives the exit status */
};

struct bh_program {
	const char *name;
	const char *version;
	const char *en;
	const char *zh;
	const char *example;
	const struct bh_option *options; /* of all verbs */
	const struct bh_verb *verbs;
	size_t verbs_count;
};

/* What was said: options by name, then arguments in order. */
struct bh_words {
	const struct bh_program *program;
	const struct bh_verb *verb;
	struct bh_say say;
	bool version;                       /* is all that was asked */
	const char *values[BH_OPTIONS_MAX]; /* in the order of the two tables; NULL: not given */
	const char *files[BH_FILES_MAX];    /* of the one option of kind FILES, in order */
	size_t files_count;
	char **arguments;
	size_t arguments_count;
};

/* Reads the line and runs its verb; help and faults are answered here.  Gives the exit status. */
int bh_words_run(const struct bh_program *program, int argc, char **argv);

/* The argument of an option; NULL when it was not given.  A flag that was given is "". */
const char *bh_words_option(const struct bh_words *words, const char *name);
bool bh_words_flag(const struct bh_words *words, const char *name);
/* A whole number in a range: untouched when the option was not given; a fault was said when
 * false. */
bool bh_words_number(
	const struct bh_words *words, const char *name, uint64_t min, uint64_t max, uint64_t *out);
/* A decimal number in a range, in any locale with a point. */
bool bh_words_real(
	const struct bh_words *words, const char *name, double min, double max, double *out);
/* Is an option's text given and nothing but blanks?  Then a fault was said. */
bool bh_words_blank(const struct bh_words *words, const char *name);
/* A usage fault that names the verb's help. */
int bh_words_fault(const struct bh_words *words, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Prints a program's completion for bash. */
void bh_words_complete(const struct bh_program *program);

#endif
