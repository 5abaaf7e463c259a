/* The program's version, as the build states it. */
#ifndef BH_MAIN_VERSION_H
#define BH_MAIN_VERSION_H

/* "0.1.0" */
const char *bh_program_version(void);

#endif
