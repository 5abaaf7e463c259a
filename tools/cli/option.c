/* argv -> verb -> its table -> getopt_long.  The verb is looked for among the words that are
 * neither options nor their arguments, so options may stand anywhere; one name takes an argument in
 * every verb or in none. */
#include "tools/cli/option.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/cli/exits.h"
#include "tools/cli/say.h"

#define NAMES_MAX 256u
#define WORD_MAX 40u

/* ---- Did you mean ---- */

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance of two short words. */
static size_t distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1];
	size_t a_len = strlen(a), b_len = strlen(b);
	if (a_len > WORD_MAX || b_len > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t corner = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t above = row[j];
			size_t change = corner + (a[i - 1] != b[j - 1]);
			row[j] = smaller(change, smaller(above, row[j - 1]) + 1);
			corner = above;
		}
	}
	return row[b_len];
}

const char *bh_cli_nearest(const char *said, const char *const *names, size_t count)
{
	const char *nearest = NULL;
	size_t best = strlen(said) / 3 + 2;
	for (size_t i = 0; i < count; i++) {
		size_t away = distance(said, names[i]);
		if (away < best) {
			best = away;
			nearest = names[i];
		}
	}
	return nearest;
}

/* ---- Which verb ---- */

static const struct bh_cli_option *option_in(
	const struct bh_cli_option *options, const char *name, size_t len, char letter)
{
	for (; options && options->name; options++)
		if (letter ? options->letter == letter
			   : strlen(options->name) == len && memcmp(options->name, name, len) == 0)
			return options;
	return NULL;
}

/* Does this argument take the next one with it?  Any verb's table tells. */
static bool takes_next(const struct bh_cli_program *program, const char *said)
{
	bool is_long = said[1] == '-';
	const char *name = is_long ? said + 2 : "";
	char letter = is_long ? '\0' : said[1];
	if ((is_long && strchr(name, '=')) || (!is_long && said[2] != '\0'))
		return false;
	const struct bh_cli_option *found = option_in(program->options, name, strlen(name), letter);
	const struct bh_cli_verb *verb;
	for (size_t i = 0; !found && (verb = bh_cli_verb_at(program, i)) != NULL; i++)
		found = option_in(verb->options, name, strlen(name), letter);
	return found && found->argument;
}

const struct bh_cli_verb *bh_cli_verb_at(const struct bh_cli_program *program, size_t index)
{
	for (const struct bh_cli_verb *const *table = program->verbs; *table; table++)
		for (const struct bh_cli_verb *verb = *table; verb->name; verb++)
			if (index-- == 0)
				return verb;
	return NULL;
}

static const struct bh_cli_verb *verb_named(
	const struct bh_cli_program *program, const char *first, const char *second)
{
	char both[WORD_MAX * 2 + 2];
	(void)snprintf(both, sizeof(both), "%.40s %.40s", first, second ? second : "");
	const struct bh_cli_verb *verb;
	for (size_t i = 0; (verb = bh_cli_verb_at(program, i)) != NULL; i++)
		if (strcmp(verb->name, first) == 0 || (second && strcmp(verb->name, both) == 0))
			return verb;
	return NULL;
}

/* The first two plain words. */
static void words_find(
	const struct bh_cli_program *program, int argc, char **argv, const char *words[2])
{
	size_t count = 0;
	for (int i = 1; i < argc && count < 2; i++) {
		if (strcmp(argv[i], "--") == 0)
			continue;
		if (argv[i][0] == '-' && argv[i][1] != '\0')
			i += takes_next(program, argv[i]);
		else
			words[count++] = argv[i];
	}
}

/* ---- Parsing ---- */

static void table_gather(struct bh_cli_call *call)
{
	const struct bh_cli_option *tables[] = {call->verb->options, call->program->options};
	for (size_t t = 0; t < 2; t++)
		for (const struct bh_cli_option *o = tables[t]; o && o->name; o++)
			if (call->table_count < BH_CLI_OPTIONS_MAX)
				call->table[call->table_count++] = o;
}

static int option_unknown(struct bh_cli_call *call, const char *said)
{
	char message[200], hint[160];
	const char *names[NAMES_MAX];
	size_t len = strcspn(said, "=");
	char name[WORD_MAX];
	(void)snprintf(
		name, sizeof(name), "%.*s", (int)(len < 39 ? len : 39), said + strspn(said, "-"));
	name[strcspn(name, "=")] = '\0';
	for (size_t i = 0; i < call->table_count; i++)
		names[i] = call->table[i]->name;
	const char *nearest = bh_cli_nearest(name, names, call->table_count);
	(void)snprintf(message, sizeof(message), "`%s %s` has no option %.60s", call->program->name,
		call->verb->name, said);
	if (nearest)
		(void)snprintf(hint, sizeof(hint), "did you mean --%s?", nearest);
	else
		(void)snprintf(hint, sizeof(hint), "see %s %s --help", call->program->name,
			call->verb->name);
	return bh_cli_fail(call, BH_CLI_USAGE, "usage", message, hint);
}

/* getopt's two forms of one table. */
struct getopt_tables {
	struct option longs[BH_CLI_OPTIONS_MAX + 1];
	char shorts[2 * BH_CLI_OPTIONS_MAX + 2];
};

static void tables_make(const struct bh_cli_call *call, struct getopt_tables *tables)
{
	size_t n = 0;
	memset(tables, 0, sizeof(*tables));
	tables->shorts[n++] = ':';
	for (size_t i = 0; i < call->table_count; i++) {
		const struct bh_cli_option *o = call->table[i];
		tables->longs[i] = (struct option){
			o->name, o->argument ? required_argument : no_argument, NULL, 256 + (int)i};
		if (o->letter) {
			tables->shorts[n++] = o->letter;
			if (o->argument)
				tables->shorts[n++] = ':';
		}
	}
}

static size_t place_of(const struct bh_cli_call *call, int found)
{
	size_t i = 0;
	if (found >= 256)
		return (size_t)found - 256;
	while (i < call->table_count && call->table[i]->letter != found)
		i++;
	return i;
}

static int options_parse(struct bh_cli_call *call, int argc, char **argv)
{
	struct getopt_tables tables;
	int found;
	tables_make(call, &tables);
	opterr = 0;
	optind = 0;
	while ((found = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) != -1) {
		if (found == '?')
			return option_unknown(call, argv[optind - 1]);
		if (found == ':')
			return bh_cli_fail(call, BH_CLI_USAGE, "usage",
				"an option is without its argument", argv[optind - 1]);
		size_t i = place_of(call, found);
		call->values[i] = optarg ? optarg : "";
	}
	return BH_CLI_DONE;
}

static int numbers_check(const struct bh_cli_call *call)
{
	for (size_t i = 0; i < call->table_count; i++) {
		const struct bh_cli_option *option = call->table[i];
		const char *text = call->values[i];
		char message[200];
		char *end = NULL;
		if (!text || option->max == 0)
			continue;
		errno = 0;
		long value = strtol(text, &end, 10);
		if (*text >= '0' && *text <= '9' && !*end && !errno && value >= option->min &&
			value <= option->max)
			continue;
		(void)snprintf(message, sizeof(message),
			"--%s is '%.60s', needs a number from %ld to %ld", option->name, text,
			option->min, option->max);
		return bh_cli_fail(call, BH_CLI_USAGE, "usage", message, call->verb->example);
	}
	return BH_CLI_DONE;
}

static int operands_take(struct bh_cli_call *call, int argc, char **argv)
{
	char message[200];
	int words = strchr(call->verb->name, ' ') ? 2 : 1;
	int count = argc - optind - words;
	(void)snprintf(message, sizeof(message), "`%s %s` takes %s", call->program->name,
		call->verb->name, call->verb->operands[0] ? call->verb->operands : "no operand");
	if (count < (int)call->verb->operands_min || count > (int)call->verb->operands_max)
		return bh_cli_fail(call, BH_CLI_USAGE, "usage", message, call->verb->example);
	for (int i = 0; i < count; i++) {
		const char *operand = argv[optind + words + i];
		call->operands[call->operands_count++] = operand;
		if (!operand[0])
			return bh_cli_fail(
				call, BH_CLI_USAGE, "usage", message, call->verb->example);
	}
	return BH_CLI_DONE;
}

static bool language_is_zh(void)
{
	const char *names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	for (size_t i = 0; i < 3; i++) {
		const char *value = getenv(names[i]);
		if (value && *value)
			return strncmp(value, "zh", 2) == 0;
	}
	return false;
}

static bool said_anywhere(int argc, char **argv, const char *a, const char *b)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], a) == 0 || strcmp(argv[i], b) == 0)
			return true;
	return false;
}

/* By both words, then by the first alone: as a verb, or as the first word of one. */
static const char *verb_nearest(const struct bh_cli_program *program, const char *const words[2])
{
	char both[WORD_MAX * 2 + 2];
	const char *names[NAMES_MAX + 2];
	size_t count = 0;
	for (const struct bh_cli_verb *v;
		count < NAMES_MAX && (v = bh_cli_verb_at(program, count)) != NULL;)
		names[count++] = v->name;
	names[count++] = "completion bash";
	names[count++] = "man";
	(void)snprintf(both, sizeof(both), "%.40s %.40s", words[0], words[1] ? words[1] : "");
	const char *nearest = words[1] ? bh_cli_nearest(both, names, count) : NULL;
	if (nearest && strchr(nearest, ' '))
		return nearest;
	for (size_t i = 0; i < count; i++)
		if (strncmp(names[i], both, strlen(words[0]) + 1) == 0)
			return names[i];
	return bh_cli_nearest(words[0], names, count);
}

static int verb_unknown(struct bh_cli_call *call, const char *const words[2])
{
	char message[160], hint[120];
	const char *nearest = verb_nearest(call->program, words);
	bool both = words[1] && nearest && strchr(nearest, ' ');
	(void)snprintf(message, sizeof(message), "there is no verb %.60s%s%.60s", words[0],
		both ? " " : "", both ? words[1] : "");
	if (nearest)
		(void)snprintf(
			hint, sizeof(hint), "did you mean `%s %s`?", call->program->name, nearest);
	else
		(void)snprintf(hint, sizeof(hint), "see %s --help", call->program->name);
	return bh_cli_fail(call, BH_CLI_USAGE, "usage", message, hint);
}

static int completion_say(struct bh_cli_call *call, const char *shell)
{
	if (shell && strcmp(shell, "bash") == 0) {
		bh_cli_completion(call->program);
		return BH_CLI_DONE;
	}
	return bh_cli_fail(call, BH_CLI_USAGE, "usage", "completion takes a shell: bash is known",
		"completion bash");
}

static int no_verb(struct bh_cli_call *call, int argc, char **argv, const char *const words[2])
{
	if (words[0])
		return verb_unknown(call, words);
	if (!said_anywhere(argc, argv, "-V", "--version"))
		return bh_cli_fail(call, BH_CLI_USAGE, "usage", "no verb was given", "see --help");
	printf("%s %s\n", call->program->name,
		call->program->version ? call->program->version : "");
	return BH_CLI_DONE;
}

int bh_cli_main(const struct bh_cli_program *program, int argc, char **argv, void *context)
{
	struct bh_cli_call call = {.program = program, .context = context};
	const char *words[2] = {NULL, NULL};
	bool help = said_anywhere(argc, argv, "-h", "--help");
	call.zh = language_is_zh();
	call.json = said_anywhere(argc, argv, "--json", "--json");
	words_find(program, argc, argv, words);
	call.verb = words[0] ? verb_named(program, words[0], words[1]) : NULL;
	if (help || argc == 1) {
		bh_cli_help(program, call.verb, call.zh, help ? stdout : stderr);
		return help ? BH_CLI_DONE : BH_CLI_USAGE;
	}
	if (words[0] && strcmp(words[0], "completion") == 0)
		return completion_say(&call, words[1]);
	if (words[0] && strcmp(words[0], "man") == 0) {
		bh_cli_man(program);
		return BH_CLI_DONE;
	}
	if (!call.verb)
		return no_verb(&call, argc, argv, words);
	table_gather(&call);
	int status = options_parse(&call, argc, argv);
	if (status == BH_CLI_DONE)
		status = numbers_check(&call);
	if (status == BH_CLI_DONE)
		status = operands_take(&call, argc, argv);
	return status == BH_CLI_DONE ? call.verb->run(&call) : status;
}

const char *bh_cli_value(const struct bh_cli_call *call, const char *option)
{
	for (size_t i = 0; i < call->table_count; i++)
		if (strcmp(call->table[i]->name, option) == 0)
			return call->values[i];
	return NULL;
}

bool bh_cli_flag(const struct bh_cli_call *call, const char *option)
{
	return bh_cli_value(call, option) != NULL;
}
