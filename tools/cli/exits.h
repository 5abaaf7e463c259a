/* The exit statuses of terminal programs, and nothing else (sysexits). */
#ifndef BH_CLI_EXITS_H
#define BH_CLI_EXITS_H

enum bh_cli_exit {
	BH_CLI_DONE = 0,
	BH_CLI_REFUSED = 1, /* the rules said no */
	BH_CLI_PARTLY = 3,  /* done, except what is named */
	BH_CLI_USAGE = 64,
	BH_CLI_DATA = 65, /* what was given is wrong */
	BH_CLI_AWAY = 69, /* the server does not answer */
	BH_CLI_BUG = 70,  /* ours */
	BH_CLI_STORAGE = 74,
	BH_CLI_AGAIN = 75, /* try again later */
	BH_CLI_NO_RIGHT = 77,
	BH_CLI_CONFIG = 78,
};

#endif
