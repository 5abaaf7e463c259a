/* What a run leaves for a program that shares no code with it: files as they lie on the simulated
 * disks, and the truth as lines of JSON. */
#ifndef BH_TESTS_SIM_EXPORT_H
#define BH_TESTS_SIM_EXPORT_H

#include "tests/sim/run.h"

/* Into an existing folder: district.db, phone-N.db (each with its "-wal"), truth.jsonl (every op
 * that was recorded), phones.jsonl (what each handset believes).  Asserts on failure. */
void bh_simexport_write(struct bh_simrun *run, const char *folder);

#endif
