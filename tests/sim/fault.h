/* Faults by kind: each does its harm at once, or arms it. */
#ifndef BH_TESTS_SIM_FAULT_H
#define BH_TESTS_SIM_FAULT_H

#include "tests/sim/run.h"

enum bh_simfault {
	BH_SIMFAULT_PHONE_KILL,
	BH_SIMFAULT_PHONE_POWER,
	BH_SIMFAULT_PHONE_STOP,
	BH_SIMFAULT_PHONE_DISK, /* the next of the disk's faults, in turn */
	BH_SIMFAULT_PHONE_FULL,
	BH_SIMFAULT_PHONE_CLOCK,
	BH_SIMFAULT_PHONE_YEARS,
	BH_SIMFAULT_PHONE_BACKUP,
	BH_SIMFAULT_PHONE_RESTORE,
	BH_SIMFAULT_SERVER_KILL,
	BH_SIMFAULT_SERVER_POWER,
	BH_SIMFAULT_SERVER_STOP,
	BH_SIMFAULT_SERVER_DISK,
	BH_SIMFAULT_SERVER_FULL,
	BH_SIMFAULT_SERVER_CLOCK,
	BH_SIMFAULT_SERVER_YEARS,
	BH_SIMFAULT_SERVER_LONG,
	BH_SIMFAULT_SERVER_SLOW,
	BH_SIMFAULT_SERVER_BACKUP,
	BH_SIMFAULT_SERVER_BACK,
	BH_SIMFAULT_PARTITION,
	BH_SIMFAULT_PROFILE,
	BH_SIMFAULT_COUNT
};

/* Does it to somebody; false: nobody was there to do it to. */
bool bh_simfault_do(struct bh_simrun *run, enum bh_simfault fault);
/* A HEAL event: a disk, a way through the network, the server's clock. */
void bh_simfault_undo(struct bh_simrun *run, const struct bh_simevent *event);
/* The end of all of them. */
void bh_simfault_heal(struct bh_simrun *run);

#endif
