/* The linker puts these allocators in for those of the library, the store and the simulated disk
 * (--wrap); SQLite is a library of its own and is given the same. */
#include "tests/unit/client/short_memory.h"

#include <stddef.h>

#include <sqlite3.h>

#include "proto/err.h"

/* The wrapped allocators have nowhere else to look. */
struct short_memory short_memory;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);

static bool memory_ends(void)
{
	if (!short_memory.armed || (short_memory.once && short_memory.failed))
		return false;
	if (short_memory.left > 0) {
		short_memory.left--;
		return false;
	}
	short_memory.failed = true;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return memory_ends() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return memory_ends() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return memory_ends() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
	return memory_ends() ? NULL : __real_strdup(text);
}

/* ---- SQLite's memory: its own, which may end ---- */

static sqlite3_mem_methods sqlite_memory;

static void *sqlite_malloc(int size)
{
	return memory_ends() ? NULL : sqlite_memory.xMalloc(size);
}

static void *sqlite_realloc(void *old, int size)
{
	return memory_ends() ? NULL : sqlite_memory.xRealloc(old, size);
}

int short_memory_install(void)
{
	sqlite3_mem_methods ours;
	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_memory) != SQLITE_OK)
		return BH_ERR_INVALID;
	ours = sqlite_memory;
	ours.xMalloc = sqlite_malloc;
	ours.xRealloc = sqlite_realloc;
	return sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) == SQLITE_OK ? 0 : BH_ERR_INVALID;
}
