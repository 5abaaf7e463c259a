/* The exit statuses of all our programs, and nothing else (experience.md part 2; BSD's sysexits).
 */
#ifndef BH_MAIN_EXITS_H
#define BH_MAIN_EXITS_H

enum bh_exit {
	BH_EXIT_DONE = 0,
	BH_EXIT_USAGE = 64,
	BH_EXIT_BUG = 70,
	BH_EXIT_STORAGE = 74,
	BH_EXIT_TRY_AGAIN = 75,
	BH_EXIT_CONFIG = 78,
};

#endif
