/* The program's version, from the build. */
#ifndef BH_MAIN_VERSION_H
#define BH_MAIN_VERSION_H

#ifndef BH_VERSION_TEXT
#error "the build defines BH_VERSION_TEXT"
#endif

#endif
