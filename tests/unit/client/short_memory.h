/* Memory that ends when a test says so, for a program linked with --wrap (see meson.build). */
#ifndef BH_TESTS_UNIT_CLIENT_SHORT_MEMORY_H
#define BH_TESTS_UNIT_CLIENT_SHORT_MEMORY_H

#include <stdbool.h>

struct short_memory {
	bool armed;
	long left; /* allocations that still succeed */
	bool once; /* only the next one fails */
	bool failed;
};

/* The one global of such a program. */
extern struct short_memory short_memory;

/* Gives SQLite the same memory; before its first use.  0 or BH_ERR_INVALID. */
int short_memory_install(void);

#endif
