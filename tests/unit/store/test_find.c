/* E07: which folders hold a district that may be served, on the real disk: what is refused is
 * named, and nothing that is there is passed over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/store/find.h"
#include "server/store/folder.h"
#include "server/store/store.h"

#define CODE "330106"

struct place {
	char data[64], folder[80], path[100], log[110];
	const char *detail;
};

static int place_setup(void **state)
{
	struct place *place = test_calloc(1, sizeof(*place));
	(void)snprintf(place->data, sizeof(place->data), "/tmp/bh-find-XXXXXX");
	if (!mkdtemp(place->data))
		return -1;
	(void)snprintf(place->folder, sizeof(place->folder), "%s/" CODE, place->data);
	(void)snprintf(place->path, sizeof(place->path), "%s/district.db", place->folder);
	(void)snprintf(place->log, sizeof(place->log), "%s-wal", place->path);
	*state = place;
	return mkdir(place->folder, 0700);
}

static int place_teardown(void **state)
{
	struct place *place = *state;
	int err = bh_folder_remove(place->data);
	test_free(place);
	return err;
}

static void district_make(const struct place *place)
{
	const struct bh_store_options options = {.path = place->path, .rng = bh_rng_system()};
	const struct bh_clock clock = bh_clock_system();
	assert_int_equal(bh_store_create(&options, CODE, clock.now(clock.context)), BH_NOERR);
	(void)unlink(place->log);
}

static void file_write(const char *path, const char *bytes, size_t len)
{
	assert_true(unlink(path) == 0 || access(path, F_OK) != 0);
	assert_int_equal(bh_file_write(path, bh_span(bytes, len)), BH_NOERR);
}

/* Some bytes of the file are other ones. */
static void file_poke(const char *path, off_t at, const char *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, len, at), len);
	assert_int_equal(close(fd), 0);
}

static void finds(struct place *place, int err, const char *detail)
{
	place->detail = "";
	assert_int_equal(bh_district_find(place->data, CODE, &place->detail), err);
	assert_string_equal(place->detail, detail);
}

static void test_find__a_district_is_found_by_its_code(void **state)
{
	static const char *const others[] = {
		"330107", "", ".", "..", "-1", "../330106", "330106.before-1", "1234567890123"};
	struct place *place = *state;
	district_make(place);
	finds(place, BH_NOERR, "");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(
			bh_district_find(place->data, others[i], &place->detail), BH_ERR_NOT_FOUND);
}

static void test_find__a_folder_without_a_file_is_no_district(void **state)
{
	struct place *place = *state;
	finds(place, BH_ERR_NOT_FOUND, "district.db is not there");
	assert_int_equal(rmdir(place->folder), 0);
	file_write(place->folder, "x", 1);
	finds(place, BH_ERR_NOT_FOUND, "district.db is not there");
}

/* Also one that leads nowhere: it would be passed over as if there were no district. */
static void test_find__a_link_is_not_followed(void **state)
{
	struct place *place = *state;
	char elsewhere[100];
	(void)snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere.db", place->data);
	district_make(place);
	assert_int_equal(rename(place->path, elsewhere), 0);
	assert_int_equal(symlink(elsewhere, place->path), 0);
	finds(place, BH_ERR_AUTH, "district.db is a symbolic link: put the file itself there");
	assert_int_equal(unlink(elsewhere), 0);
	finds(place, BH_ERR_AUTH, "district.db is a symbolic link: put the file itself there");
}

static void test_find__what_is_no_file_is_refused(void **state)
{
	struct place *place = *state;
	assert_int_equal(mkdir(place->path, 0700), 0);
	finds(place, BH_ERR_AUTH, "district.db is not a file");
	assert_int_equal(rmdir(place->path), 0);
	assert_int_equal(
		mkfifo(place->path, 0600), 0); /* nobody writes: it must not be waited for */
	finds(place, BH_ERR_AUTH, "district.db is not a file");
}

static void test_find__an_empty_file_is_not_taken_for_a_new_one(void **state)
{
	struct place *place = *state;
	file_write(place->path, "", 0);
	finds(place, BH_ERR_CORRUPT, "district.db is empty");
	file_write(place->log, "what was committed", 18); /* SQLite would remove it */
	finds(place, BH_ERR_CORRUPT, "district.db is empty");
}

static void test_find__another_programs_file_is_refused(void **state)
{
	struct place *place = *state;
	file_write(place->path, "words", 5);
	finds(place, BH_ERR_CORRUPT, "district.db is not a district's");
	assert_int_equal(unlink(place->path), 0);
	district_make(place);
	file_poke(place->path, 68, "\0\0\0", 4); /* any SQLite file without an application */
	finds(place, BH_ERR_CORRUPT, "district.db is not a district's");
	file_poke(place->path, 68, "bhdu", 4);
	finds(place, BH_NOERR, "");
	file_poke(place->path, 0, "sqlite", 6);
	finds(place, BH_ERR_CORRUPT, "district.db is not a district's");
}

static void test_find__a_damaged_first_page_is_left_to_the_log_of_writes(void **state)
{
	struct place *place = *state;
	district_make(place);
	file_poke(place->path, 0, "noise of a cut", 14);
	file_write(place->log, "", 0);
	finds(place, BH_ERR_CORRUPT, "district.db is not a district's");
	file_write(place->log, "its first page", 14);
	finds(place, BH_NOERR, "");
}

static void test_find__another_users_is_refused(void **state)
{
	struct place *place = *state;
	if (geteuid() != 0)
		skip();
	district_make(place);
	assert_int_equal(chown(place->path, 64123, 64123), 0);
	finds(place, BH_ERR_AUTH, "district.db belongs to another user: run as that one");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_find__a_district_is_found_by_its_code),
		CASE(test_find__a_folder_without_a_file_is_no_district),
		CASE(test_find__a_link_is_not_followed),
		CASE(test_find__what_is_no_file_is_refused),
		CASE(test_find__an_empty_file_is_not_taken_for_a_new_one),
		CASE(test_find__another_programs_file_is_refused),
		CASE(test_find__a_damaged_first_page_is_left_to_the_log_of_writes),
		CASE(test_find__another_users_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
