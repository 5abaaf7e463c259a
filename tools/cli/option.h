/* One const table a verb makes parsing, --help and bash completion: what a program can be told
 * stands in one place. */
#ifndef BH_CLI_OPTION_H
#define BH_CLI_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define BH_CLI_OPTIONS_MAX 24u /* of one verb, the program's own included */
#define BH_CLI_OPERANDS_MAX 4u

struct bh_cli_option {
	const char *name;     /* long; NULL ends a table */
	char letter;          /* short; 0: none */
	const char *argument; /* "CODE"; NULL: a flag.  "FILE" completes file names */
	const char *en;
	const char *zh;
	long min, max; /* of a whole number; max 0: it is none */
};

struct bh_cli_call;

struct bh_cli_verb {
	const char *name;     /* one word or two: "queue", "district create"; NULL ends a table */
	const char *operands; /* "NUMBER"; "" for none */
	unsigned operands_min, operands_max;
	const struct bh_cli_option *options; /* besides the program's */
	const char *example;
	const char *en;
	const char *zh;
	int (*run)(struct bh_cli_call *call);
	const char *detail; /* the program's own, for several verbs with one run */
};

struct bh_cli_program {
	const char *name;
	const char *en;
	const char *zh;
	const struct bh_cli_verb *const *verbs; /* tables of them; NULL ends */
	const struct bh_cli_option *options;    /* every verb has them */
	const char *version;
	const char *documents; /* where they are installed; NULL: nowhere */
};

/* What was said, against the table. */
struct bh_cli_call {
	const struct bh_cli_program *program;
	const struct bh_cli_verb *verb;
	const struct bh_cli_option *table[BH_CLI_OPTIONS_MAX];
	const char *values[BH_CLI_OPTIONS_MAX]; /* "" for a flag that was given; NULL: not given */
	size_t table_count;
	const char *operands[BH_CLI_OPERANDS_MAX];
	size_t operands_count;
	bool zh;       /* words in Chinese */
	bool json;     /* --json was given */
	void *context; /* the program's */
};

/* Parses, answers --help, --version, `completion bash` and `man` itself, and runs the verb.  Gives
 * the exit status; without a verb the help is on stderr and it is 64.  */
int bh_cli_main(const struct bh_cli_program *program, int argc, char **argv, void *context);
/* NULL: not given. */
const char *bh_cli_value(const struct bh_cli_call *call, const char *option);
bool bh_cli_flag(const struct bh_cli_call *call, const char *option);

/* The verbs of all tables in their order; NULL after the last. */
const struct bh_cli_verb *bh_cli_verb_at(const struct bh_cli_program *program, size_t index);

/* The nearest of the names, or NULL when none is near. */
const char *bh_cli_nearest(const char *said, const char *const *names, size_t count);

/* ---- help.c ---- */
void bh_cli_help(
	const struct bh_cli_program *program, const struct bh_cli_verb *verb, bool zh, FILE *out);
void bh_cli_completion(const struct bh_cli_program *program);
/* ---- man.c ---- */
/* The page for man(1), in English, on the standard output. */
void bh_cli_man(const struct bh_cli_program *program);

#endif
