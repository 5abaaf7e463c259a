/* The districts of a running server. */
#ifndef BH_MAIN_DISTRICTS_H
#define BH_MAIN_DISTRICTS_H

#include "server/main/process.h"

/* Serves every district of the data folder; the first that cannot be served is logged and ends it
 * with its code. */
int bh_districts_open(struct bh_process *process);

#endif
