/* A table's page for man(1): each verb with what it takes, and its example. */
#include <stdio.h>
#include <string.h>

#include "tools/cli/exits.h"
#include "tools/cli/option.h"

/* A hyphen that is typed stays one, and nothing that a text begins with is a request. */
static void text_print(const char *text)
{
	if (*text == '.' || *text == '\'')
		printf("\\&");
	for (; *text; text++) {
		if (*text == '-' || *text == '\\')
			printf(*text == '-' ? "\\-" : "\\e");
		else
			(void)putchar(*text);
	}
}

static void line_print(const char *request, const char *text)
{
	printf("%s", request);
	text_print(text);
	(void)putchar('\n');
}

static void options_print(const struct bh_cli_option *options)
{
	for (; options && options->name; options++) {
		printf(".TP\n.B ");
		if (options->letter)
			printf("\\-%c, ", options->letter);
		printf("\\-\\-");
		text_print(options->name);
		if (options->argument)
			printf("=\\fI%s\\fR", options->argument);
		line_print("\n", options->en);
	}
}

static void verb_print(const struct bh_cli_verb *verb)
{
	printf(".SS ");
	text_print(verb->name);
	line_print(verb->operands[0] ? " " : "", verb->operands);
	line_print("", verb->en);
	options_print(verb->options);
	line_print(".PP\n.EX\n", verb->example);
	printf(".EE\n");
}

static void exits_print(void)
{
	static const struct {
		int status;
		const char *means;
	} exits[] = {{BH_CLI_DONE, "done"}, {BH_CLI_REFUSED, "the rules said no"},
		{BH_CLI_PARTLY, "done, except what is named"}, {BH_CLI_USAGE, "wrong words"},
		{BH_CLI_DATA, "what was given is wrong"},
		{BH_CLI_AWAY, "the server does not answer"},
		{BH_CLI_BUG, "a fault of this program"}, {BH_CLI_STORAGE, "a file or disk failed"},
		{BH_CLI_AGAIN, "try again later"}, {BH_CLI_NO_RIGHT, "no right"},
		{BH_CLI_CONFIG, "the configuration is wrong"}};
	printf(".SH EXIT STATUS\n");
	for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++)
		printf(".TP\n.B %d\n%s\n", exits[i].status, exits[i].means);
}

void bh_cli_man(const struct bh_cli_program *program)
{
	const char *name = program->name;
	printf(".TH %s 1 \"\" \"%s %s\"\n.SH NAME\n%s \\- ", name, name,
		program->version ? program->version : "", name);
	const struct bh_cli_verb *verb;
	const char *says = strncmp(program->en, name, strlen(name)) == 0 ? strchr(program->en, ' ')
									 : NULL;
	line_print("", says != NULL ? says + 1 : program->en);
	printf(".SH SYNOPSIS\n.B %s\n[\\fIOPTION\\fR]... \\fIVERB\\fR [\\fIWORD\\fR]...\n", name);
	printf(".SH OPTIONS\nThese go with every verb.\n");
	options_print(program->options);
	printf(".TP\n.B \\-V, \\-\\-version\nthe version, without a verb\n.SH VERBS\n");
	for (size_t i = 0; (verb = bh_cli_verb_at(program, i)) != NULL; i++)
		verb_print(verb);
	exits_print();
	printf(".SH ENVIRONMENT\n.TP\n.B LC_ALL, LC_MESSAGES, LANG\n");
	printf("the first that is set: words are Chinese where it begins with zh\n");
	if (program->documents)
		printf(".SH FILES\n.TP\n.I %s\nthe documents: server/GUIDE.md for who runs a "
		       "district, "
		       "server/console/IMPORT.md for each column of a table, "
		       "server/console/PROFILE.md "
		       "for each field of a profile, tools/README.md for the verbs\n",
			program->documents);
}
