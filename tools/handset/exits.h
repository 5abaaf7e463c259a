/* What a program of ours ends with: sysexits where they fit, and nothing else. */
#ifndef BH_HANDSET_EXITS_H
#define BH_HANDSET_EXITS_H

enum bh_exit {
	BH_EXIT_DONE = 0,
	BH_EXIT_REFUSED = 1, /* the rules said no */
	BH_EXIT_USAGE = 64,
	BH_EXIT_DATA = 65, /* what was given is wrong */
	BH_EXIT_AWAY = 69, /* the server cannot be reached */
	BH_EXIT_BUG = 70,
	BH_EXIT_STORAGE = 74,
	BH_EXIT_AGAIN = 75,
	BH_EXIT_NO_RIGHT = 77,
	BH_EXIT_SETTING = 78,
};

#endif
