/* Words go to stderr, data to stdout; with --json both are JSON. */
#ifndef BH_CLI_SAY_H
#define BH_CLI_SAY_H

#include <jansson.h>

#include "tools/cli/option.h"

/* An error in one line, with --json as {"code", "message", "hint"}.  hint may be NULL.  Gives exit.
 */
int bh_cli_fail(const struct bh_cli_call *call, int exit, const char *code, const char *message,
	const char *hint);
/* The same for an error that came as JSON with at least these members. */
int bh_cli_fail_json(const struct bh_cli_call *call, int exit, const json_t *error);
/* What to do next, or how it went; nothing with --json. */
void bh_cli_note(const struct bh_cli_call *call, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* One line of JSON on stdout. */
void bh_cli_print_json(const json_t *value);
/* May colour be used on this stream?  NO_COLOR and pipes say no. */
bool bh_cli_colour(int fd);
/* Is a severe act confirmed, by --confirm=NAME or at the terminal?  Else it was said what is
 * missing, and *exit is set. */
bool bh_cli_confirmed(
	const struct bh_cli_call *call, const char *name, const char *what, int *exit);

#endif
