/* What a table says about itself: help with an example first, and completion for bash. */
#include <stdio.h>
#include <string.h>

#include "tools/cli/option.h"
#include "tools/cli/text_table.h"

static const char *in_words(bool zh, const char *en, const char *zh_words)
{
	return zh && zh_words ? zh_words : en;
}

static void options_help(const struct bh_cli_option *options, bool zh, FILE *out)
{
	for (; options && options->name; options++) {
		char left[60];
		(void)snprintf(left, sizeof(left), "%s%c%s --%s%s%s", options->letter ? "-" : " ",
			options->letter ? options->letter : ' ', options->letter ? "," : " ",
			options->name, options->argument ? "=" : "",
			options->argument ? options->argument : "");
		fprintf(out, "  %-30s %s\n", left, in_words(zh, options->en, options->zh));
	}
}

static void verb_help(
	const struct bh_cli_program *program, const struct bh_cli_verb *verb, bool zh, FILE *out)
{
	fprintf(out, "%s\n\n", in_words(zh, verb->en, verb->zh));
	fprintf(out, "  %s\n\n", verb->example);
	fprintf(out, "%s: %s %s%s%s [OPTION]...\n\n", zh ? "用法" : "Usage", program->name,
		verb->name, verb->operands[0] ? " " : "", verb->operands);
	options_help(verb->options, zh, out);
	options_help(program->options, zh, out);
}

void bh_cli_help(
	const struct bh_cli_program *program, const struct bh_cli_verb *verb, bool zh, FILE *out)
{
	if (verb) {
		verb_help(program, verb, zh, out);
		return;
	}
	fprintf(out, "%s\n\n  %s\n\n", in_words(zh, program->en, program->zh),
		bh_cli_verb_at(program, 0)->example);
	for (size_t i = 0; (verb = bh_cli_verb_at(program, i)) != NULL; i++) {
		char left[80];
		(void)snprintf(left, sizeof(left), "%s%s%s", verb->name,
			verb->operands[0] ? " " : "", verb->operands);
		fprintf(out, "  %-26s %s\n", left, in_words(zh, verb->en, verb->zh));
	}
	fprintf(out, "  %-26s %s\n", "completion bash",
		in_words(zh, "words for a shell", "命令行补全"));
	fprintf(out, "  %-26s %s\n\n", "man", in_words(zh, "this as a page for man", "手册页"));
	options_help(program->options, zh, out);
	fprintf(out, "  %-30s %s\n", "-V, --version",
		in_words(zh, "the version, without a verb", "版本"));
	fprintf(out, "\n%s %s VERB --help\n", zh ? "详见" : "More:", program->name);
}

/* ---- Completion ---- */

static void words_print(const struct bh_cli_option *options)
{
	for (; options && options->name; options++)
		printf(" --%s%s", options->name, options->argument ? "=" : "");
}

static void case_print(const struct bh_cli_program *program, const struct bh_cli_verb *verb)
{
	printf("\t'%s'*) words='", verb->name);
	words_print(verb->options);
	words_print(program->options);
	printf("'; files=%s ;;\n", strstr(verb->operands, "FILE") ? "yes" : "no");
}

void bh_cli_completion(const struct bh_cli_program *program)
{
	const char *name = program->name;
	const struct bh_cli_verb *verb;
	printf("# bash completion of %s: source it, or put it into /usr/share/bash-completion\n",
		name);
	printf("_%s() {\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} said='' word words='' files=no\n",
		name);
	printf("\tfor word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n");
	printf("\t\tcase $word in -*) ;; *) said=\"$said$word \" ;; esac\n\tdone\n");
	printf("\tcase $said in\n");
	for (size_t i = 0; (verb = bh_cli_verb_at(program, i)) != NULL; i++)
		case_print(program, verb);
	printf("\t*) words='completion man");
	for (size_t i = 0; (verb = bh_cli_verb_at(program, i)) != NULL; i++)
		printf(" %s", verb->name);
	printf("' ;;\n\tesac\n");
	printf("\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n");
	printf("\tif [ $files = yes ]; then\n\t\tCOMPREPLY+=($(compgen -f -- \"$cur\"))\n\tfi\n");
	printf("\tif [[ ${COMPREPLY[0]} == *= ]]; then\n\t\tcompopt -o nospace\n\tfi\n}\n");
	printf("complete -F _%s %s\n", name, name);
}
