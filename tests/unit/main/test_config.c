/* The configuration: every key missing, wrong or unknown is said exactly (faults.md I01), and a
 * reload knows what it may take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/main/config.h"
#include "server/main/log.h"

struct fixture {
	char path[64];
	struct bh_config config;
	struct bh_config_faults faults;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	(void)snprintf(fixture->path, sizeof(fixture->path), "/tmp/bh-config-XXXXXX");
	int fd = fixture ? mkstemp(fixture->path) : -1;
	*state = fixture;
	return fd >= 0 && close(fd) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	(void)unlink(fixture->path);
	free(fixture);
	return 0;
}

static int read_text(struct fixture *fixture, const char *text)
{
	FILE *file = fopen(fixture->path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	memset(&fixture->faults, 0, sizeof(fixture->faults));
	return bh_config_read(fixture->path, &fixture->config, &fixture->faults);
}

static void expect_fault(struct fixture *fixture, const char *text, const char *fault)
{
	assert_int_equal(read_text(fixture, text), BH_ERR_INVALID);
	for (size_t i = 0; i < fixture->faults.count && i < BH_CONFIG_FAULTS_MAX; i++)
		if (strstr(fixture->faults.text[i], fault))
			return;
	fail_msg("no fault says '%s'; the first is '%s'", fault, fixture->faults.text[0]);
}

static void test_config__an_empty_file_means_the_defaults(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(read_text(fixture, "# nothing\n"), BH_NOERR);
	assert_string_equal(fixture->config.data, "/var/lib/bihuan");
	assert_string_equal(fixture->config.listen, "7443");
	assert_int_equal(fixture->config.loops, 1);
	assert_int_equal(fixture->config.log_level, BH_LOG_INFO);
	assert_int_equal(fixture->config.due_divisor, 1);
	assert_int_equal(fixture->config.photos_open_mib, 256);
	assert_int_equal(fixture->config.photos_mib, 65536);
}

static void test_config__every_key_is_taken(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(read_text(fixture, "data = \"/d\"\nlisten = \"127.0.0.1:1\"\n"
					    "public = \"bh.example.cn:443\"\nadmin = \"/a\"\n"
					    "metrics = \"\"\nloops = 2\nconnections-max = 10\n"
					    "admit-per-second = 3\nlog-level = \"debug\"\n"
					    "photos-open-mib-max = 20\n"
					    "photos-mib-max = 1000000\n"
					    "test-due-divisor = 60\n"),
		BH_NOERR);
	const struct bh_config *config = &fixture->config;
	assert_string_equal(config->data, "/d");
	assert_string_equal(config->listen, "127.0.0.1:1");
	assert_string_equal(config->public_host, "bh.example.cn");
	assert_int_equal(config->public_port, 443);
	assert_string_equal(config->admin, "/a");
	assert_string_equal(config->metrics, "");
	assert_int_equal(config->loops, 2);
	assert_int_equal(config->connections_max, 10);
	assert_int_equal(config->admit_per_s, 3);
	assert_int_equal(config->photos_open_mib, 20);
	assert_int_equal(config->photos_mib, 1000000);
	assert_int_equal(config->log_level, BH_LOG_DEBUG);
	assert_int_equal(config->due_divisor, 60);
}

static void test_config__what_is_wrong_is_said_with_its_place(void **state)
{
	struct fixture *fixture = *state;
	expect_fault(fixture, "data = \"/d\"\nlisen = \"1\"\n", ":2: no such option 'lisen'");
	expect_fault(fixture, "loops = many\n", "invalid integer value for option 'loops'");
	expect_fault(fixture, "# one\nloops = 0\n", ":2: loops is 0, needs 1 to 32");
	expect_fault(fixture, "loops = 33\n", "loops is 33, needs 1 to 32");
	expect_fault(fixture, "connections-max = -1\n", "connections-max is -1, needs 1 to");
	expect_fault(fixture, "admit-per-second = 0\n", "admit-per-second is 0, needs 1 to");
	expect_fault(fixture, "photos-open-mib-max = 15\n",
		"photos-open-mib-max is 15, needs 16 to 1048576");
	expect_fault(fixture, "photos-mib-max = 1073741825\n",
		"photos-mib-max is 1073741825, needs 16 to 1073741824");
	expect_fault(fixture, "log-level = \"loud\"\n",
		"log-level is 'loud', needs error, warning, info or debug");
	expect_fault(fixture, "public = \"host:port\"\n", "public is 'host:port', needs host:port");
	expect_fault(fixture, "public = \"host:70000\"\n", "needs host:port");
	expect_fault(fixture, "\n\npublic = \"a b\"\n", ":3: public is 'a b', needs host:port");
	expect_fault(fixture, "public = \"[fe80]:1\"\n", "needs host:port");
	expect_fault(fixture, "data = \"/unterminated\n", ":");
	expect_fault(fixture, "__reading = 1\n", ":");
}

static void test_config__an_address_that_cannot_be_listened_on_is_refused(void **state)
{
	static const char *const listens[] = {"99999", "abc:def", "", "127.0.0.1:7443x", "host:1",
		":1", "127.0.0.1:", "[::1]", "127.0.0.1:-1"};
	static const char *const metrics[] = {
		"127.0.0.1:99999", "127.0.0.1", "127.0.0.1:", "localhost:9464", "127.evil:1"};
	struct fixture *fixture = *state;
	char text[120];
	for (size_t i = 0; i < sizeof(listens) / sizeof(listens[0]); i++) {
		(void)snprintf(text, sizeof(text), "\nlisten = \"%s\"\n", listens[i]);
		expect_fault(fixture, text, ":2: listen is '");
	}
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++) {
		(void)snprintf(text, sizeof(text), "\nmetrics = \"%s\"\n", metrics[i]);
		expect_fault(fixture, text, ":2: metrics is '");
	}
	expect_fault(fixture, "metrics = \"0.0.0.0:1\"\n", ":1: metrics: 0.0.0.0:1 is not a loop");
	expect_fault(fixture, "metrics = \"9464\"\n", "9464 is not a loopback address");
	expect_fault(fixture, "listen = \"9464\"\n", "metrics and listen name the same address");
	assert_int_equal(read_text(fixture, "listen = \"[::1]:0\"\nmetrics = \"[::1]:9464\"\n"), 0);
	assert_int_equal(read_text(fixture, "public = \"[2001:db8::1]:443\"\n"), 0);
	assert_string_equal(fixture->config.public_host, "[2001:db8::1]");
	assert_int_equal(fixture->config.public_port, 443);
}

static void test_config__every_fault_is_listed_in_the_order_of_lines(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(read_text(fixture, "lisen = \"1\"\nloops = many\nlog-level = \"x\"\n"
					    "dat = \"/d\"\nadmit-per-second = 0\n"),
		BH_ERR_INVALID);
	assert_int_equal(fixture->faults.count, 5);
	assert_non_null(strstr(fixture->faults.text[0], ":1: no such option 'lisen'"));
	assert_non_null(strstr(fixture->faults.text[1], ":2: invalid integer"));
	assert_non_null(strstr(fixture->faults.text[2], ":4: no such option 'dat'"));
	assert_non_null(strstr(fixture->faults.text[3], ":5: admit-per-second is 0"));
	assert_non_null(strstr(fixture->faults.text[4], ":3: log-level is 'x'"));
}

static void test_config__comments_do_not_move_the_lines(void **state)
{
	struct fixture *fixture = *state;
	expect_fault(fixture, "# one\n#\n// three\n/* four\n\n*/ # six\nloops = 0 # seven\n",
		":7: loops is 0");
	expect_fault(fixture, "public = \"a\" # \"\nlisen = 1\n", ":2: no such option");
	expect_fault(fixture, "loops = 1\n/* x\nloops = 0\n", ":2: a comment never ends");
	assert_int_equal(read_text(fixture, "data = \"/a#b // c \\\" /* d\"\n#"), BH_NOERR);
	assert_string_equal(fixture->config.data, "/a#b // c \" /* d");
	assert_int_equal(read_text(fixture, "data = '/a#b'\nadmin = /a//b\n"), BH_NOERR);
	assert_string_equal(fixture->config.data, "/a#b");
	assert_string_equal(fixture->config.admin, "/a//b");
}

static void test_config__a_byte_order_mark_is_passed_over(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(read_text(fixture, "\xEF\xBB\xBFloops = 2\n"), BH_NOERR);
	assert_int_equal(fixture->config.loops, 2);
	expect_fault(fixture, "\xEF\xBB\xBFloops = 0\n", ":1: loops is 0");
}

static void test_config__what_is_no_text_file_is_named(void **state)
{
	struct fixture *fixture = *state;
	memset(&fixture->faults, 0, sizeof(fixture->faults));
	assert_int_equal(
		bh_config_read("/tmp", &fixture->config, &fixture->faults), BH_ERR_INVALID);
	assert_string_equal(fixture->faults.text[0], "/tmp: is a folder, not a file");
	memset(&fixture->faults, 0, sizeof(fixture->faults));
	assert_int_equal(
		bh_config_read("/dev/zero", &fixture->config, &fixture->faults), BH_ERR_INVALID);
	assert_non_null(strstr(fixture->faults.text[0], "is larger than 64 KiB"));
	expect_fault(fixture, "loops = \"1\n", ":");
	expect_fault(fixture, "{{{{\n}}}}\n", ":1: ");
}

static void test_config__all_ranges_are_listed_at_once(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(read_text(fixture, "loops = 0\nconnections-max = 0\nlog-level = \"x\"\n"),
		BH_ERR_INVALID);
	assert_int_equal(fixture->faults.count, 3);
}

static void test_config__a_text_that_is_too_long_is_refused_not_cut(void **state)
{
	struct fixture *fixture = *state;
	char text[400] = "data = \"";
	memset(text + 8, 'x', 300);
	memcpy(text + 308, "\"\n", 3);
	expect_fault(fixture, text, "data is longer than 255 characters");
}

static void test_config__a_missing_file_is_not_an_empty_one(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(bh_config_read("/nowhere/bihuan.conf", &fixture->config, &fixture->faults),
		BH_ERR_NOT_FOUND);
	assert_non_null(strstr(fixture->faults.text[0], "/nowhere/bihuan.conf: No such file"));
}

static void test_config__relations_between_keys_are_checked(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(read_text(fixture, "data = \"/nowhere\"\nconnections-max = 1\n"
					    "admin = \"\"\nphotos-mib-max = 200\n"),
		BH_NOERR);
	memset(&fixture->faults, 0, sizeof(fixture->faults));
	assert_int_equal(bh_config_check(&fixture->config, "f", &fixture->faults), BH_ERR_INVALID);
	assert_int_equal(fixture->faults.count, 4);
	assert_string_equal(
		fixture->faults.text[0], "f:1: data: /nowhere: No such file or directory");
	assert_string_equal(fixture->faults.text[1],
		"f:3: admin: a path is needed: nothing else can create a district");
	assert_string_equal(
		fixture->faults.text[2], "f: admit-per-second (500) is above connections-max (1)");
	assert_string_equal(fixture->faults.text[3],
		"f: photos-open-mib-max (256) is above photos-mib-max (200)");
}

static void test_config__the_administration_sockets_folder_must_be_there(void **state)
{
	static const char *const wrong[][2] = {
		{"/nowhere/admin.sock", "f:2: admin: /nowhere: No such file or directory"},
		{"/dev/null/admin.sock", "f:2: admin: /dev/null is not a folder"},
		{"/dev/null", "f:2: admin: /dev/null is there and is no socket"}};
	struct fixture *fixture = *state;
	char text[120];
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		(void)snprintf(
			text, sizeof(text), "data = \"/tmp\"\nadmin = \"%s\"\n", wrong[i][0]);
		assert_int_equal(read_text(fixture, text), BH_NOERR);
		memset(&fixture->faults, 0, sizeof(fixture->faults));
		assert_int_equal(
			bh_config_check(&fixture->config, "f", &fixture->faults), BH_ERR_INVALID);
		assert_string_equal(fixture->faults.text[0], wrong[i][1]);
	}
	assert_int_equal(read_text(fixture, "data = \"/tmp\"\nadmin = \"/tmp/a\"\n"), BH_NOERR);
	memset(&fixture->faults, 0, sizeof(fixture->faults));
	assert_int_equal(bh_config_check(&fixture->config, "f", &fixture->faults), BH_NOERR);
}

static void expect_warning(struct fixture *fixture, const char *segments, const char *warning)
{
	char text[200];
	(void)snprintf(text, sizeof(text), "data = \"/nowhere\"\nsegments = \"%s\"\n", segments);
	assert_int_equal(read_text(fixture, text), BH_NOERR);
	memset(&fixture->faults, 0, sizeof(fixture->faults));
	bh_config_warn(&fixture->config, "f", &fixture->faults);
	assert_int_equal(fixture->faults.count, warning ? 1 : 0);
	if (warning)
		assert_non_null(strstr(fixture->faults.text[0], warning));
}

/* It keeps nothing from being served, and is said all the same. */
static void test_config__a_folder_of_segments_that_is_not_there_is_told(void **state)
{
	struct fixture *fixture = *state;
	char folder[] = "/tmp/bh-segments-XXXXXX";
	assert_non_null(mkdtemp(folder));
	expect_warning(fixture, "", NULL);
	expect_warning(fixture, folder, NULL);
	expect_warning(fixture, "/nowhere", "f:2: segments: /nowhere: No such file or directory");
	expect_warning(fixture, fixture->path, "it is no folder");
	assert_int_equal(rmdir(folder), 0);
}

/* Whom notices go to is the operator's word, and still nothing is spoken in the clear over a
 * network.
 */
static void test_config__notices_go_where_it_is_safe_to_speak(void **state)
{
	static const char *const rows[][2] = {{"https://gateway.example.cn/notice?key=1", NULL},
		{"http://127.0.0.1:8080/x", NULL}, {"http://localhost/x", NULL},
		{"HTTP://[::1]:80/", NULL},
		{"http://gateway.example.cn/", "http is for a loopback address only"},
		{"http://127.0.0.1.example.cn/", "http is for a loopback address only"},
		{"http://localhost.example.cn/", "http is for a loopback address only"},
		{"http://127.0.0.1@example.cn/", "a name or a password"},
		{"https://me:word@example.cn/", "a name or a password"},
		{"file:///etc/passwd", "no URL of https"}, {"https:///x", "it names no host"},
		{"https://a b/", "a blank"}};
	struct fixture *fixture = *state;
	char secret[] = "/tmp/bh-secret-XXXXXX", text[300];
	int fd = mkstemp(secret);
	assert_true(fd >= 0 && write(fd, "0123456789abcdef\n", 17) == 17 && close(fd) == 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(text, sizeof(text),
			"data = \"/tmp\"\nadmin = \"/tmp/a\"\nnotice-secret = \"%s\"\n"
			"notice-webhook = \"%s\"\n",
			secret, rows[i][0]);
		assert_int_equal(read_text(fixture, text), BH_NOERR);
		(void)bh_config_check(&fixture->config, "f", &fixture->faults);
		assert_int_equal(fixture->faults.count, rows[i][1] ? 1 : 0);
		if (rows[i][1])
			assert_non_null(strstr(fixture->faults.text[0], rows[i][1]));
	}
	assert_int_equal(unlink(secret), 0);
}

static void test_config__a_reload_takes_only_what_may_change_while_running(void **state)
{
	struct fixture *fixture = *state;
	struct bh_config running, next;
	struct bh_config_change changes[16];
	(void)fixture;
	bh_config_default(&running);
	next = running;
	assert_int_equal(bh_config_compare(&running, &next, changes, 16), 0);
	next.loops = 4;
	next.log_level = BH_LOG_ERROR;
	next.admit_per_s = 7;
	assert_int_equal(bh_config_compare(&running, &next, changes, 16), 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(changes[i].live, strcmp(changes[i].key, "loops") != 0);
	bh_config_adopt(&running, &next);
	assert_int_equal(running.loops, 1);
	assert_int_equal(running.log_level, BH_LOG_ERROR);
	assert_int_equal(running.admit_per_s, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_config__an_empty_file_means_the_defaults, setup, teardown),
		cmocka_unit_test_setup_teardown(test_config__every_key_is_taken, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_config__what_is_wrong_is_said_with_its_place, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_config__an_address_that_cannot_be_listened_on_is_refused, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_config__every_fault_is_listed_in_the_order_of_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_config__comments_do_not_move_the_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_config__notices_go_where_it_is_safe_to_speak, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_config__a_byte_order_mark_is_passed_over, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_config__what_is_no_text_file_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_config__the_administration_sockets_folder_must_be_there, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_config__all_ranges_are_listed_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_config__a_text_that_is_too_long_is_refused_not_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_config__a_missing_file_is_not_an_empty_one, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_config__relations_between_keys_are_checked, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_config__a_folder_of_segments_that_is_not_there_is_told, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_config__a_reload_takes_only_what_may_change_while_running, setup,
			teardown),
	};
	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
