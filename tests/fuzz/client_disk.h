/* Handsets' disks prepared once in a process, and the handset of one input begun on a copy. */
#ifndef BH_TESTS_FUZZ_CLIENT_DISK_H
#define BH_TESTS_FUZZ_CLIENT_DISK_H

#include "tests/unit/client/scripted.h"

enum client_phase {
	CLIENT_ENROLLING, /* asked, Enrol is out */
	CLIENT_GREETING,  /* enrolled, three ops unsent, Hello is out */
	CLIENT_LIVE,      /* the same, welcomed and pushed */
	CLIENT_TOLD,      /* the same with two acknowledged, a closure delivered, cursors at 40 */
	CLIENT_ASKED,     /* as before, but it stays only until all is said */
	CLIENT_PHASES,
};

/* Ends what the input before it left and begins another, on the disk of that phase (modulo
 * CLIENT_PHASES).  Never fails; the handset is the module's own and goes with the process. */
struct scripted *client_disk_begin(unsigned phase);

#endif
