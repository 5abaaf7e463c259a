/*
 * Help is the table, printed: what it cannot say is not there to be said.  The nearest word is the
 * one with the fewest letters changed, dropped, added or swapped, two at most.
 */
#include "tools/handset/words_help.h"

#include <stdio.h>
#include <string.h>

#define WORD_MAX 32
#define NEAR_MAX 2

static void option_print(const struct bh_option *option, bool chinese, FILE *out)
{
	char shape[64], letter[8] = "    ";
	if (option->letter)
		(void)snprintf(letter, sizeof(letter), "-%c, ", option->letter);
	(void)snprintf(shape, sizeof(shape), "--%s%s%s", option->name, option->argument ? " " : "",
		option->argument ? option->argument : "");
	(void)fprintf(out, "  %s%-24s %s\n", letter, shape, chinese ? option->zh : option->en);
}

static void verb_print(
	const struct bh_program *program, const struct bh_verb *verb, bool chinese, FILE *out)
{
	(void)fprintf(out, "  %s %s\n\n%s\n\n", program->name, verb->example,
		chinese ? verb->zh : verb->en);
	(void)fprintf(out, "%s %s%s%s%s\n", program->name, verb->name,
		verb->arguments[0] ? " " : "", verb->arguments,
		verb->options[0].name ? " [OPTIONS]" : "");
	for (const struct bh_option *option = verb->options; option->name; option++)
		option_print(option, chinese, out);
}

void bh_help_print(
	const struct bh_program *program, const struct bh_verb *verb, bool chinese, FILE *out)
{
	if (verb) {
		verb_print(program, verb, chinese, out);
	} else {
		(void)fprintf(out, "  %s %s\n\n%s\n\n", program->name, program->example,
			chinese ? program->zh : program->en);
		for (size_t i = 0; i < program->verbs_count; i++)
			(void)fprintf(out, "  %-12s %s\n", program->verbs[i].name,
				chinese ? program->verbs[i].zh : program->verbs[i].en);
	}
	(void)fprintf(out, "\n%s\n", chinese ? "各命令通用:" : "With every verb:");
	for (const struct bh_option *option = program->options; option->name; option++)
		option_print(option, chinese, out);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Letters to change, drop, add or swap with the next. */
static size_t distance(const char *a, const char *b)
{
	size_t rows[3][WORD_MAX + 1];
	size_t a_len = strlen(a), b_len = strlen(b);
	if (a_len > WORD_MAX || b_len > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= b_len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *row = rows[i % 3], *above = rows[(i - 1) % 3];
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			row[j] = least(above[j] + 1, row[j - 1] + 1);
			row[j] = least(row[j], above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], rows[(i - 2) % 3][j - 2] + 1);
		}
	}
	return rows[a_len % 3][b_len];
}

struct nearest {
	const char *name;
	size_t distance;
};

static void nearest_try(struct nearest *nearest, const char *word, const char *name)
{
	size_t away = distance(word, name);
	if (away <= NEAR_MAX && away < strlen(name) && away < nearest->distance)
		*nearest = (struct nearest){name, away};
}

static const char *nearest_say(
	const struct nearest *nearest, const char *dashes, char *hint, size_t size)
{
	if (!nearest->name)
		return NULL;
	(void)snprintf(hint, size, "did you mean %s%s?", dashes, nearest->name);
	return hint;
}

const char *bh_help_verb_near(
	const struct bh_program *program, const char *word, char *hint, size_t size)
{
	struct nearest nearest = {NULL, NEAR_MAX + 1};
	for (size_t i = 0; i < program->verbs_count; i++)
		nearest_try(&nearest, word, program->verbs[i].name);
	return nearest_say(&nearest, "", hint, size);
}

const char *bh_help_option_near(const struct bh_program *program, const struct bh_verb *verb,
	const char *word, char *hint, size_t size)
{
	struct nearest nearest = {NULL, NEAR_MAX + 1};
	char name[WORD_MAX + 1];
	const char *bare = word + strspn(word, "-");
	size_t len = strcspn(bare, "=");
	if (len > WORD_MAX)
		return NULL;
	memcpy(name, bare, len);
	name[len] = '\0';
	for (const struct bh_option *option = program->options; option->name; option++)
		nearest_try(&nearest, name, option->name);
	for (size_t i = 0; i < program->verbs_count; i++)
		for (const struct bh_option *option = program->verbs[i].options; option->name;
			option++)
			if (!verb || verb == &program->verbs[i])
				nearest_try(&nearest, name, option->name);
	return nearest_say(&nearest, "--", hint, size);
}

/* ---- Completion ---- */

static void complete_options(const struct bh_option *options)
{
	for (const struct bh_option *option = options; option->name; option++)
		(void)printf(" --%s", option->name);
}

static void complete_arguments(const struct bh_option *options)
{
	for (const struct bh_option *option = options; option->name; option++) {
		if (option->kind == BH_OPTION_FILE || option->kind == BH_OPTION_FILES)
			(void)printf("\t--%s)\n\t\tCOMPREPLY=($(compgen -f -- \"$word\"))\n"
				     "\t\treturn ;;\n",
				option->name);
		else if (option->kind == BH_OPTION_CHOICE)
			(void)printf("\t--%s)\n\t\tCOMPREPLY=($(compgen -W '%s' -- \"$word\"))\n"
				     "\t\treturn ;;\n",
				option->name, option->choices);
		else if (option->kind == BH_OPTION_WORD)
			(void)printf("\t--%s)\n\t\treturn ;;\n", option->name);
	}
}

void bh_words_complete(const struct bh_program *program)
{
	(void)printf("# bash completion of %s\n_bihuan_handset()\n{\n", program->name);
	(void)printf("\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
		     "\tlocal verb= each options\n\tCOMPREPLY=()\n\tcase $before in\n");
	complete_arguments(program->options);
	for (size_t i = 0; i < program->verbs_count; i++)
		complete_arguments(program->verbs[i].options);
	(void)printf("\tesac\n\tfor each in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
		     "\t\tcase $each in\n\t\t");
	for (size_t i = 0; i < program->verbs_count; i++)
		(void)printf("%s%s", i ? " | " : "", program->verbs[i].name);
	(void)printf(") verb=$each && break ;;\n\t\tesac\n\tdone\n\tcase $verb in\n");
	for (size_t i = 0; i < program->verbs_count; i++) {
		const struct bh_verb *verb = &program->verbs[i];
		(void)printf("\t%s) options='%s", verb->name, verb->choices ? verb->choices : "");
		complete_options(verb->options);
		(void)printf("' ;;\n");
	}
	(void)printf("\t*) options='");
	for (size_t i = 0; i < program->verbs_count; i++)
		(void)printf("%s%s", i ? " " : "", program->verbs[i].name);
	(void)printf("' ;;\n\tesac\n\tCOMPREPLY=($(compgen -W \"$options");
	complete_options(program->options);
	(void)printf("\" -- \"$word\"))\n}\ncomplete -F _bihuan_handset %s\n", program->name);
}
