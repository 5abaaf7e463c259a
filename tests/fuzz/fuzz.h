/* What every fuzz target defines: one input, which it survives or ends the process over. */
#ifndef BH_TESTS_FUZZ_FUZZ_H
#define BH_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* libFuzzer's entry; gives 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#endif
