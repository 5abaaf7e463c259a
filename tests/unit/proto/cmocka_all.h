/* cmocka with what it needs before it. */
#ifndef BH_TESTS_UNIT_PROTO_CMOCKA_ALL_H
#define BH_TESTS_UNIT_PROTO_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
