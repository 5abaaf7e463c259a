/*
 * bihuand: reads its options and its configuration, then runs.  --check says what is wrong and
 * touches nothing.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "proto/err.h"
#include "server/main/exits.h"
#include "server/main/process.h"
#include "server/main/version.h"
#include "server/store/store.h"

/* One table makes parsing and help. */
static const struct choice {
	char letter;
	const char *name;
	const char *argument; /* NULL: takes none */
	const char *help;
} choices[] = {
	{'c', "config", "FILE", "read this configuration instead of " BH_CONFIG_PATH},
	{'n', "check", NULL,
		"check the configuration, say all that is wrong, and end; writes nothing"},
	{'h', "help", NULL, "this page"},
	{'V', "version", NULL, "the version"},
};

#define CHOICES (sizeof(choices) / sizeof(choices[0]))

static void help_print(FILE *to)
{
	(void)fprintf(to,
		"bihuand serves districts: it takes handsets' reports and keeps them closed.\n\n"
		"  bihuand --check -c bihuan.conf     is this file right?\n"
		"  bihuand -c bihuan.conf             run; SIGHUP reloads, SIGTERM stops\n\n");
	for (size_t i = 0; i < CHOICES; i++)
		(void)fprintf(to, "  -%c, --%s%s%s\n        %s\n", choices[i].letter,
			choices[i].name, choices[i].argument ? " " : "",
			choices[i].argument ? choices[i].argument : "", choices[i].help);
}

static void faults_print(const char *before, const struct bh_config_faults *faults)
{
	for (size_t i = 0; i < faults->count && i < BH_CONFIG_FAULTS_MAX; i++)
		(void)fprintf(stderr, "%s%s\n", before, faults->text[i]);
	if (faults->count > BH_CONFIG_FAULTS_MAX)
		(void)fprintf(
			stderr, "%sand %zu more\n", before, faults->count - BH_CONFIG_FAULTS_MAX);
}

static int config_load(const char *path, bool check, struct bh_config *config)
{
	struct bh_config_faults faults = {0}, warnings = {0};
	int err = bh_config_read(path, config, &faults);
	if (!err)
		err = bh_config_check(config, path, &faults);
	if (!err && check)
		err = bh_config_check_districts(config, &faults);
	if (!err && check)
		bh_config_warn(config, path, &warnings);
	faults_print("", &faults);
	faults_print("warning: ", &warnings);
	if (!err && check)
		(void)printf("%s is right\n", path);
	return err ? BH_EXIT_CONFIG : BH_EXIT_DONE;
}

int main(int argc, char **argv)
{
	struct option options[CHOICES + 1] = {0};
	char letters[CHOICES * 2 + 1] = "";
	const char *path = BH_CONFIG_PATH;
	bool check = false;
	int letter;
	for (size_t i = 0, at = 0; i < CHOICES; i++) {
		options[i] = (struct option){choices[i].name,
			choices[i].argument ? required_argument : no_argument, NULL,
			choices[i].letter};
		letters[at++] = choices[i].letter;
		if (choices[i].argument)
			letters[at++] = ':';
	}
	while ((letter = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		if (letter == 'c')
			path = optarg;
		else if (letter == 'n')
			check = true;
		else if (letter == 'h')
			return help_print(stdout), BH_EXIT_DONE;
		else if (letter == 'V')
			return printf("bihuand %s\n", bh_program_version()), BH_EXIT_DONE;
		else
			return help_print(stderr), BH_EXIT_USAGE;
	}
	if (optind < argc) {
		(void)fprintf(stderr, "bihuand: '%s' is not an option; see --help\n", argv[optind]);
		return BH_EXIT_USAGE;
	}
	struct bh_config config;
	int status = config_load(path, check, &config);
	if (status || check)
		return status;
	(void)bh_store_start(); /* refused, it costs some speed and nothing else */
	return bh_process_run(&config, path);
}
