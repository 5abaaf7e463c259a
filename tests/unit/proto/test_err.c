/* Codes have names; a broken promise ends the process. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/err.h"
#include "tests/unit/proto/cmocka_all.h"

static void test_err__every_code_has_its_own_name(void **state)
{
	(void)state;
	for (int i = BH_ERR_SEALED; i <= 0; i++)
		for (int k = BH_ERR_SEALED; k < i; k++)
			assert_string_not_equal(bh_err_name(i), bh_err_name(k));
	assert_string_equal(bh_err_name(BH_ERR_LIMIT), "BH_ERR_LIMIT");
	assert_string_equal(bh_err_name(-1000), "BH_ERR_(not a code)");
}

static void test_err__a_broken_promise_aborts(void **state)
{
	(void)state;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		signal(SIGABRT, SIG_DFL);
		close(STDERR_FILENO);
		bh_assert(1 + 1 == 3);
		_exit(0);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_err__every_code_has_its_own_name),
		cmocka_unit_test(test_err__a_broken_promise_aborts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
