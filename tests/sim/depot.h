/* A real folder for as long as its process lives, for the few files that no simulated disk holds.
 */
#ifndef BH_TESTS_SIM_DEPOT_H
#define BH_TESTS_SIM_DEPOT_H

#define BH_SIMDEPOT_BYTES 256u
#define BH_SIMDEPOT_INSIDE "cargo" /* the one folder in it, of files alone */

/* Makes one below TMPDIR; those that processes left which were killed are taken away first.  One at
 * a time in a process.  Asserts on failure. */
void bh_simdepot_make(char path[BH_SIMDEPOT_BYTES]);
/* With all that is in it; at exit by itself. */
void bh_simdepot_remove(void);

#endif
