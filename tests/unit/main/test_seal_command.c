/* A program that gives the key of sealed fields: what it says, and that a server's start waits for
 * it no longer than it may. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/main/sealing.h"

#define KEY "0101010101010101010101010101010101010101010101010101010101010101"
#define LONG_MS 600000 /* longer than the test may take */
#define SHORT_MS 100

struct fixture {
	char folder[64];
	char program[100];
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	*state = fixture;
	(void)snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/bh-seal-XXXXXX");
	if (!mkdtemp(fixture->folder))
		return -1;
	(void)snprintf(fixture->program, sizeof(fixture->program), "%s/give-key", fixture->folder);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	(void)unlink(fixture->program);
	int rc = rmdir(fixture->folder);
	free(fixture);
	return rc;
}

static int run(struct fixture *fixture, const char *script, int limit_ms, struct bh_vault_keys *out)
{
	FILE *file = fopen(fixture->program, "w");
	assert_non_null(file);
	assert_true(fputs("#!/bin/sh\n", file) >= 0 && fputs(script, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(fixture->program, 0700), 0);
	int err = bh_seal_command_run(fixture->program, "330106", limit_ms, out);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
	return err;
}

static void test_seal_command__gives_the_keys_that_its_program_says(void **state)
{
	struct bh_vault_keys keys = {0};
	assert_int_equal(run(*state, "[ $1 = 330106 ] && echo " KEY "\n", LONG_MS, &keys), 0);
	assert_int_equal(keys.count, 1);
	assert_int_equal(keys.keys[0][31], 1);
	/* Whatever it does after it has said them. */
	assert_int_equal(run(*state, "echo " KEY "\nexec >&-\nexit 0\n", LONG_MS, &keys), 0);
	assert_int_equal(
		run(*state, "echo " KEY "\nexec >&-\nexit 3\n", LONG_MS, &keys), BH_ERR_IO);
	assert_int_equal(run(*state, "echo no key\n", LONG_MS, &keys), BH_ERR_MALFORMED);
}

static void test_seal_command__is_waited_for_so_long_and_no_longer(void **state)
{
	struct bh_vault_keys keys = {0};
	assert_int_equal(run(*state, "exec sleep 1000\n", SHORT_MS, &keys), BH_ERR_IO);
	/* It shuts its output and goes on. */
	assert_int_equal(run(*state, "echo " KEY "\nexec >&-\nexec sleep 1000\n", SHORT_MS, &keys),
		BH_ERR_IO);
	assert_int_equal(keys.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_seal_command__gives_the_keys_that_its_program_says, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_seal_command__is_waited_for_so_long_and_no_longer, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
