/*
 * The line is read twice.  First by the options of all verbs together, which finds the verb
 * wherever it stands; then by the verb's own, which says what does not belong to it.  Faults name
 * the word and the nearest right one.
 */
#include "tools/handset/words.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/handset/moment.h"
#include "tools/handset/words_help.h"

#define ARGUMENTS_MAX 4096 /* words of a line */
#define UNION_MAX 64
#define HINT_BYTES 200
#define VALUE_BASE 1000 /* what getopt_long answers for the first option of a table */

/* The tables in getopt's own shape. */
struct shapes {
	struct option longs[UNION_MAX + 1];
	const struct bh_option *options[UNION_MAX];
	size_t count;
	char letters[2 * UNION_MAX + 4];
};

static bool is_known(const struct shapes *shapes, const char *name)
{
	for (size_t i = 0; i < shapes->count; i++)
		if (strcmp(shapes->options[i]->name, name) == 0)
			return true;
	return false;
}

static void shapes_add(struct shapes *shapes, const struct bh_option *options)
{
	for (; options->name && shapes->count < UNION_MAX; options++) {
		if (is_known(shapes, options->name))
			continue;
		size_t n = shapes->count++;
		size_t end = strlen(shapes->letters);
		bool takes = options->kind != BH_OPTION_FLAG;
		shapes->options[n] = options;
		shapes->longs[n] = (struct option){options->name,
			takes ? required_argument : no_argument, NULL, VALUE_BASE + (int)n};
		if (options->letter)
			(void)snprintf(shapes->letters + end, sizeof(shapes->letters) - end, "%c%s",
				options->letter, takes ? ":" : "");
	}
	shapes->longs[shapes->count] = (struct option){NULL, 0, NULL, 0};
}

static size_t shapes_find(const struct shapes *shapes, int got)
{
	if (got >= VALUE_BASE)
		return (size_t)(got - VALUE_BASE);
	for (size_t i = 0; i < shapes->count; i++)
		if (shapes->options[i]->letter == got)
			return i;
	return shapes->count;
}

static int unknown_say(
	const struct bh_words *words, const char *word, const struct bh_verb *verb, int got)
{
	char hint[HINT_BYTES];
	const char *near = bh_help_option_near(words->program, verb, word, hint, sizeof(hint));
	struct bh_fault fault = {.code = "usage", .hint = near};
	if (got == ':')
		return bh_say_fault(
			&words->say, BH_EXIT_USAGE, &fault, "%s needs an argument", word);
	if (verb)
		return bh_say_fault(&words->say, BH_EXIT_USAGE, &fault,
			"%s is not an option of %s %s", word, words->program->name, verb->name);
	return bh_say_fault(&words->say, BH_EXIT_USAGE, &fault, "%s is not an option of %s", word,
		words->program->name);
}

static int files_fault(const struct bh_words *words, const char *name)
{
	struct bh_fault fault = {.code = "usage"};
	return bh_say_fault(&words->say, BH_EXIT_USAGE, &fault, "--%s may be said %u times", name,
		BH_FILES_MAX);
}

/* Reads argv by the shapes: *say takes the switches of all verbs; 0 or the exit status of a
 * fault. */
static int line_read(struct bh_words *words, const struct shapes *shapes,
	const struct bh_verb *verb, int argc, char **argv, bool *help)
{
	int got;
	words->files_count = 0;
	optind = 0; /* glibc and musl: begin anew */
	opterr = 0;
	while ((got = getopt_long(argc, argv, shapes->letters, shapes->longs, NULL)) != -1) {
		size_t at = shapes_find(shapes, got);
		if (at == shapes->count)
			return unknown_say(words, argv[optind - 1], verb, got);
		const char *name = shapes->options[at]->name;
		if (shapes->options[at]->kind == BH_OPTION_FILES) {
			if (words->files_count == BH_FILES_MAX)
				return files_fault(words, name);
			words->files[words->files_count++] = optarg;
		}
		if (at < BH_OPTIONS_MAX)
			words->values[at] = optarg ? optarg : "";
		if (strcmp(name, "help") == 0)
			*help = true;
		else if (strcmp(name, "json") == 0)
			words->say.json = true;
		else if (strcmp(name, "version") == 0)
			words->version = true;
	}
	words->arguments = argv + optind;
	words->arguments_count = (size_t)(argc - optind);
	return BH_EXIT_DONE;
}

static const struct bh_verb *verb_find(const struct bh_program *program, const char *name)
{
	for (size_t i = 0; i < program->verbs_count; i++)
		if (strcmp(program->verbs[i].name, name) == 0)
			return &program->verbs[i];
	return NULL;
}

static int choices_check(const struct bh_words *words, const struct shapes *shapes)
{
	for (size_t i = 0; i < shapes->count && i < BH_OPTIONS_MAX; i++) {
		const struct bh_option *option = shapes->options[i];
		const char *value = words->values[i];
		if (option->kind != BH_OPTION_CHOICE || !value)
			continue;
		const char *at = strstr(option->choices, value);
		size_t len = strlen(value);
		if (len == 0 || !at || (at > option->choices && at[-1] != ' ') ||
			(at[len] != ' ' && at[len] != '\0'))
			return bh_words_fault(words, "--%s is '%s', needs one of: %s", option->name,
				value, option->choices);
	}
	return BH_EXIT_DONE;
}

static int verb_run(struct bh_words *words, int argc, char **argv)
{
	const struct bh_verb *verb = words->verb;
	struct shapes shapes = {.letters = ":"};
	bool help = false;
	memset(words->values, 0, sizeof(words->values));
	shapes_add(&shapes, words->program->options);
	shapes_add(&shapes, verb->options);
	int status = line_read(words, &shapes, verb, argc, argv, &help);
	if (status)
		return status;
	/* The verb is the first of them. */
	words->arguments++;
	words->arguments_count--;
	if ((status = choices_check(words, &shapes)))
		return status;
	const char *offset = bh_words_option(words, "offset");
	if (offset && !bh_moment_offset_parse(offset, &words->say.offset_min))
		return bh_words_fault(words, "--offset is '%s', needs +08:00 or the like", offset);
	if (words->arguments_count < verb->arguments_min)
		return bh_words_fault(words, "%s needs %s", verb->name, verb->arguments);
	if (words->arguments_count > verb->arguments_max)
		return bh_words_fault(words, "%s takes no '%s'", verb->name,
			words->arguments[verb->arguments_max]);
	return verb->run(words);
}

static bool speaks_chinese(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);
		if (value && value[0])
			return strncmp(value, "zh", 2) == 0;
	}
	return false;
}

static int line_run(struct bh_words *words, int argc, char **argv, char **copy)
{
	char hint[HINT_BYTES];
	struct shapes shapes = {.letters = ":"};
	bool help = false;
	shapes_add(&shapes, words->program->options);
	for (size_t i = 0; i < words->program->verbs_count; i++)
		shapes_add(&shapes, words->program->verbs[i].options);
	memcpy(copy, argv, ((size_t)argc + 1) * sizeof(*copy));
	int status = line_read(words, &shapes, NULL, argc, copy, &help);
	if (status)
		return status;
	const char *name = words->arguments_count > 0 ? words->arguments[0] : NULL;
	words->verb = name ? verb_find(words->program, name) : NULL;
	if (help || (!name && argc < 2)) {
		bh_help_print(
			words->program, words->verb, words->say.chinese, help ? stdout : stderr);
		return help ? BH_EXIT_DONE : BH_EXIT_USAGE;
	}
	if (words->version) {
		(void)printf("%s %s\n", words->program->name, words->program->version);
		return BH_EXIT_DONE;
	}
	if (words->verb)
		return verb_run(words, argc, argv);
	struct bh_fault fault = {.code = "usage", .hint = "try --help"};
	if (!name)
		return bh_say_fault(&words->say, BH_EXIT_USAGE, &fault, "a verb is missing");
	const char *near = bh_help_verb_near(words->program, name, hint, sizeof(hint));
	fault.hint = near ? near : fault.hint;
	return bh_say_fault(&words->say, BH_EXIT_USAGE, &fault, "there is no verb '%s'", name);
}

int bh_words_run(const struct bh_program *program, int argc, char **argv)
{
	struct bh_words words = {
		.program = program, .say = {.chinese = speaks_chinese(), .offset_min = 8 * 60}};
	struct bh_fault fault = {.code = "usage"};
	if (argc < 1 || argc > ARGUMENTS_MAX)
		return bh_say_fault(&words.say, BH_EXIT_USAGE, &fault,
			"%d words are too many, %d may be said", argc, ARGUMENTS_MAX);
	char **copy = calloc((size_t)argc + 1, sizeof(*copy));
	if (!copy)
		return bh_say_fault(&words.say, BH_EXIT_AGAIN, &fault, "out of memory");
	int status = line_run(&words, argc, argv, copy);
	free(copy);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fault.code = "storage";
		return bh_say_fault(
			&words.say, BH_EXIT_STORAGE, &fault, "stdout cannot be written");
	}
	return status;
}

/* ---- What was said ---- */

const char *bh_words_option(const struct bh_words *words, const char *name)
{
	const struct bh_option *tables[] = {words->program->options, words->verb->options};
	size_t at = 0;
	for (size_t t = 0; t < 2; t++)
		for (const struct bh_option *option = tables[t]; option->name; option++, at++)
			if (strcmp(option->name, name) == 0)
				return words->values[at];
	return NULL;
}

bool bh_words_flag(const struct bh_words *words, const char *name)
{
	return bh_words_option(words, name) != NULL;
}

bool bh_words_number(
	const struct bh_words *words, const char *name, uint64_t min, uint64_t max, uint64_t *out)
{
	const char *text = bh_words_option(words, name);
	char *end = NULL;
	if (!text)
		return true;
	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno || value < min || value > max) {
		(void)bh_words_fault(words, "--%s is '%s', needs a number from %llu to %llu", name,
			text, (unsigned long long)min, (unsigned long long)max);
		return false;
	}
	*out = value;
	return true;
}

bool bh_words_real(
	const struct bh_words *words, const char *name, double min, double max, double *out)
{
	const char *text = bh_words_option(words, name);
	char *end = NULL;
	if (!text)
		return true;
	double value = strtod(text, &end);
	if (end == text || *end != '\0' || !(value >= min && value <= max)) {
		(void)bh_words_fault(
			words, "--%s is '%s', needs a number from %g to %g", name, text, min, max);
		return false;
	}
	*out = value;
	return true;
}

bool bh_words_blank(const struct bh_words *words, const char *name)
{
	const char *text = bh_words_option(words, name);
	struct bh_fault fault = {.code = "blank"};
	if (!text || text[strspn(text, " \t\r\n")])
		return false;
	(void)bh_say_fault(&words->say, BH_EXIT_DATA, &fault, "--%s is blank", name);
	return true;
}

int bh_words_fault(const struct bh_words *words, const char *format, ...)
{
	char message[400], hint[HINT_BYTES];
	struct bh_fault fault = {.code = "usage", .hint = hint};
	va_list args;
	va_start(args, format);
	(void)vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	(void)snprintf(
		hint, sizeof(hint), "try %s %s --help", words->program->name, words->verb->name);
	return bh_say_fault(&words->say, BH_EXIT_USAGE, &fault, "%s", message);
}
