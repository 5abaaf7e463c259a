/* Folders of processes that were killed are taken away, and nobody else's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sim/depot.h"

static char top[] = "/tmp/bh-test-depot-XXXXXX";

static int setup(void **state)
{
	(void)state;
	return mkdtemp(top) == NULL || setenv("TMPDIR", top, 1) != 0;
}

static int teardown(void **state)
{
	(void)state;
	return rmdir(top); /* nothing is left */
}

static bool is_there(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

/* Makes one with a file in it, tells where, and waits to be killed. */
static _Noreturn void live(int to)
{
	char depot[BH_SIMDEPOT_BYTES], inside[BH_SIMDEPOT_BYTES + 20], path[BH_SIMDEPOT_BYTES + 40];

	bh_simdepot_make(depot);
	(void)snprintf(inside, sizeof(inside), "%s/" BH_SIMDEPOT_INSIDE, depot);
	(void)snprintf(path, sizeof(path), "%s/file", inside);
	FILE *file = mkdir(inside, 0700) == 0 ? fopen(path, "w") : NULL;
	if (file == NULL || fclose(file) != 0 || write(to, depot, sizeof(depot)) < 0)
		_exit(1);
	for (;;)
		(void)pause();
}

static pid_t begin(char depot[BH_SIMDEPOT_BYTES])
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		live(ends[1]);
	assert_int_equal(read(ends[0], depot, BH_SIMDEPOT_BYTES), BH_SIMDEPOT_BYTES);
	(void)close(ends[0]);
	(void)close(ends[1]);
	return child;
}

static void end(pid_t child)
{
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void test_depot__of_a_killed_process_goes_and_of_a_live_one_stays(void **state)
{
	char killed[BH_SIMDEPOT_BYTES], alive[BH_SIMDEPOT_BYTES], own[BH_SIMDEPOT_BYTES];

	(void)state;
	pid_t first = begin(killed), second = begin(alive);
	end(first);
	assert_true(is_there(killed));
	bh_simdepot_make(own);
	assert_false(is_there(killed));
	assert_true(is_there(alive));
	assert_true(is_there(own));
	bh_simdepot_remove();
	assert_false(is_there(own));
	end(second);
	bh_simdepot_make(own);
	assert_false(is_there(alive));
	bh_simdepot_remove();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_depot__of_a_killed_process_goes_and_of_a_live_one_stays),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
