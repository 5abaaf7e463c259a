/* Rolls of a district's keys, cut at every change of the disk: what is there afterwards is the old
 * keys or the new ones, whole, and the next roll goes on from it. */
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
#include "server/identity/keys_make.h"
#include "server/identity/keys_roll.h"

#define CODE "990101"
#define WALL_MS INT64_C(1772413200000)
#define CUTS_MAX 64u

struct world {
	char folder[64];
	struct bh_keys_roll roll;
	const char *detail;
	unsigned steps, cut_at; /* 0: never */
	uint8_t ca[BH_PIN_BYTES], backup[BH_PIN_BYTES];
};

static const char *path_of(const struct world *world, const char *name)
{
	static char path[200];
	(void)snprintf(path, sizeof(path), "%s/%s", world->folder, name);
	return path;
}

/* Of the child that is cut short: as by kill -9. */
static void on_step(void *context, const char *what)
{
	struct world *world = context;
	(void)what;
	if (++world->steps == world->cut_at)
		_exit(9);
}

static int setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	(void)snprintf(world->folder, sizeof(world->folder), "/tmp/bh-roll-XXXXXX");
	*state = world;
	if (!mkdtemp(world->folder) ||
		bh_district_keys_create(world->folder, CODE, WALL_MS) != BH_NOERR)
		return -1;
	world->roll = (struct bh_keys_roll){.folder = world->folder,
		.code = CODE,
		.wall_ms = WALL_MS,
		.step = on_step,
		.context = world};
	return bh_keys_pins(world->folder, world->ca, world->backup);
}

static int teardown(void **state)
{
	struct world *world = *state;
	bh_keys_remove(path_of(world, "keys"));
	bh_keys_remove(path_of(world, "keys.roll"));
	bh_keys_remove(world->folder);
	free(world);
	return 0;
}

static bool is_there(const struct world *world, const char *name)
{
	return access(path_of(world, name), F_OK) == 0;
}

/* Whole, and pinned so. */
static void assert_keys(struct world *world, const uint8_t *ca, const uint8_t *backup)
{
	struct bh_district_keys keys;
	assert_int_equal(bh_district_keys_check(world->folder, &world->detail), BH_NOERR);
	assert_int_equal(bh_district_keys_load(world->folder, &keys, &world->detail), BH_NOERR);
	assert_memory_equal(keys.pin, ca, BH_PIN_BYTES);
	if (backup)
		assert_memory_equal(keys.backup_pin, backup, BH_PIN_BYTES);
	bh_district_keys_wipe(&keys);
}

static void secrets_read(struct world *world, uint8_t out[32 + BH_PUBLIC_KEY_BYTES])
{
	struct bh_district_keys keys;
	assert_int_equal(bh_district_keys_load(world->folder, &keys, &world->detail), BH_NOERR);
	memcpy(out, keys.mac, 32);
	bh_key_public(keys.bundle[0], out + 32);
	bh_district_keys_wipe(&keys);
}

static void test_roll__the_backup_key_becomes_the_cas_and_another_backup_is_made(void **state)
{
	struct world *world = *state;
	uint8_t ca[BH_PIN_BYTES], backup[BH_PIN_BYTES], before[65], after[65];
	secrets_read(world, before);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(bh_keys_roll_ca(&world->roll, &world->detail), BH_NOERR);
		assert_int_equal(bh_keys_pins(world->folder, ca, backup), BH_NOERR);
		assert_memory_equal(ca, world->backup, BH_PIN_BYTES);
		assert_int_not_equal(backup[0] >> 4, ca[0] >> 4);
		assert_memory_not_equal(backup, world->ca, BH_PIN_BYTES);
		assert_keys(world, ca, backup);
		assert_true(bh_keys_backup_is_here(world->folder));
		assert_false(is_there(world, "keys.roll"));
		memcpy(world->ca, ca, sizeof(ca));
		memcpy(world->backup, backup, sizeof(backup));
	}
	secrets_read(world, after);
	assert_memory_equal(before, after, sizeof(before));
}

static void test_roll__another_server_key_leaves_the_pins(void **state)
{
	struct world *world = *state;
	struct stat before, after;
	assert_int_equal(stat(path_of(world, "keys/server.key"), &before), 0);
	assert_int_equal(unlink(path_of(world, "keys/backup-ca.key")), 0);
	assert_int_equal(bh_keys_roll_server(&world->roll, &world->detail), BH_NOERR);
	assert_int_equal(stat(path_of(world, "keys/server.key"), &after), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
	assert_int_equal(after.st_mode & 0777, 0600);
	assert_keys(world, world->ca, world->backup);
	assert_false(bh_keys_backup_is_here(world->folder));
}

typedef int roll_fn(const struct bh_keys_roll *roll, const char **detail);

/* False: it came to its end before. */
static bool cut(struct world *world, roll_fn *roll, unsigned at)
{
	int status;
	pid_t child = fork();
	assert_true(child >= 0);
	world->steps = 0;
	world->cut_at = at;
	if (child == 0)
		_exit(roll(&world->roll, &world->detail) == BH_NOERR ? 0 : 1);
	world->cut_at = 0;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && (WEXITSTATUS(status) == 9 || WEXITSTATUS(status) == 0));
	return WEXITSTATUS(status) == 9;
}

static size_t bundle_keys_read(
	struct world *world, uint8_t out[BH_BUNDLE_KEYS_MAX][BH_PUBLIC_KEY_BYTES])
{
	struct bh_district_keys keys;
	assert_int_equal(bh_district_keys_load(world->folder, &keys, &world->detail), BH_NOERR);
	size_t count = keys.bundle_count;
	assert_false(keys.bundle_made);
	for (size_t i = 0; i < count; i++)
		bh_key_public(keys.bundle[i], out[i]);
	bh_district_keys_wipe(&keys);
	return count;
}

/* All of these are held, and so many more. */
static void assert_holds(
	struct world *world, uint8_t (*keys)[BH_PUBLIC_KEY_BYTES], size_t count, size_t more)
{
	uint8_t held[BH_BUNDLE_KEYS_MAX][BH_PUBLIC_KEY_BYTES];
	size_t found = 0, there = bundle_keys_read(world, held);
	for (size_t k = 0; k < count; k++)
		for (size_t i = 0; i < there; i++)
			found += memcmp(held[i], keys[k], BH_PUBLIC_KEY_BYTES) == 0;
	assert_int_equal(found, count);
	assert_int_equal(there, count + more);
}

/* None is lost, none is written over, however it is cut. */
static void test_roll__every_bundle_key_goes_on_opening_what_was_sealed_for_it(void **state)
{
	struct world *world = *state;
	uint8_t keys[BH_BUNDLE_KEYS_MAX][BH_PUBLIC_KEY_BYTES],
		held[BH_BUNDLE_KEYS_MAX][BH_PUBLIC_KEY_BYTES];
	unsigned moved = 0;
	bool more = true;
	for (unsigned at = 1; more; at++) {
		assert_int_equal(bh_keys_roll_bundle(&world->roll, &world->detail), BH_NOERR);
		assert_int_equal(bundle_keys_read(world, keys), 2);
		more = cut(world, bh_keys_roll_bundle, at);
		bool moves = bundle_keys_read(world, held) == 3;
		assert_true(moves || more);
		moved += moves;
		assert_holds(world, keys, 2, moves);
		assert_int_equal(bh_keys_roll_bundle(&world->roll, &world->detail), BH_NOERR);
		assert_holds(world, keys, 2, moves + 1u);
		assert_keys(world, world->ca, world->backup);
		assert_false(is_there(world, "keys.roll"));
		bh_keys_remove(path_of(world, "keys"));
		assert_int_equal(bh_district_keys_create(world->folder, CODE, WALL_MS), BH_NOERR);
		assert_int_equal(bh_keys_pins(world->folder, world->ca, world->backup), BH_NOERR);
	}
	assert_int_equal(moved, 4); /* three cuts behind the exchange, and none */
}

static void test_roll__a_bundle_key_too_many_is_refused_and_a_lost_one_is_not_missed(void **state)
{
	struct world *world = *state;
	uint8_t held[BH_BUNDLE_KEYS_MAX][BH_PUBLIC_KEY_BYTES];
	assert_int_equal(unlink(path_of(world, "keys/bundle.key")), 0);
	for (unsigned i = 0; i < BH_BUNDLE_KEYS_MAX; i++)
		assert_int_equal(bh_keys_roll_bundle(&world->roll, &world->detail), BH_NOERR);
	assert_int_equal(bundle_keys_read(world, held), BH_BUNDLE_KEYS_MAX);
	assert_int_equal(bh_keys_roll_bundle(&world->roll, &world->detail), BH_ERR_LIMIT);
	assert_string_equal(world->detail, "keys/bundle.key");
	assert_false(is_there(world, "keys.roll"));
	assert_int_equal(bundle_keys_read(world, held), BH_BUNDLE_KEYS_MAX);
}

/* After each cut the roll is done anew, from whichever keys there are. */
static void test_roll__cut_anywhere_it_leaves_one_set_of_keys_whole(void **state)
{
	struct world *world = *state;
	uint8_t ca[BH_PIN_BYTES], backup[BH_PIN_BYTES];
	unsigned at = 1, moved = 0, stayed = 0;
	for (; cut(world, bh_keys_roll_ca, at); at++) {
		assert_true(at < CUTS_MAX);
		assert_int_equal(bh_keys_pins(world->folder, ca, backup), BH_NOERR);
		bool moves = memcmp(ca, world->ca, BH_PIN_BYTES) != 0;
		moved += moves;
		stayed += !moves;
		assert_keys(world, moves ? world->backup : world->ca, moves ? NULL : world->backup);
		assert_int_equal(bh_keys_roll_ca(&world->roll, &world->detail), BH_NOERR);
		assert_int_equal(bh_keys_pins(world->folder, world->ca, world->backup), BH_NOERR);
		assert_memory_equal(world->ca, backup, BH_PIN_BYTES);
		assert_keys(world, world->ca, world->backup);
		assert_false(is_there(world, "keys.roll"));
	}
	assert_true(stayed >= 8); /* clear, make, links, keys, exchange */
	assert_int_equal(moved, 3);
}

static void test_roll__a_server_key_cut_anywhere_belongs_to_its_certificate(void **state)
{
	struct world *world = *state;
	for (unsigned at = 1; cut(world, bh_keys_roll_server, at); at++) {
		assert_true(at < CUTS_MAX);
		assert_keys(world, world->ca, world->backup);
	}
	assert_int_equal(bh_keys_roll_server(&world->roll, &world->detail), BH_NOERR);
	assert_false(is_there(world, "keys.roll"));
}

static void assert_refused(struct world *world, int err, const char *detail)
{
	assert_int_equal(bh_keys_roll_ca(&world->roll, &world->detail), err);
	assert_string_equal(world->detail, detail);
	assert_false(is_there(world, "keys.roll"));
}

static void test_roll__a_wrong_backup_key_changes_nothing(void **state)
{
	struct world *world = *state;
	char other[200];
	(void)snprintf(other, sizeof(other), "%s", path_of(world, "keys/server.key"));
	world->roll.backup_key = other;
	assert_refused(world, BH_ERR_INVALID, "the backup key");
	world->roll.backup_key = NULL;
	world->roll.expected = world->ca;
	assert_refused(world, BH_ERR_INVALID, "the backup key");
	world->roll.expected = NULL;
	assert_int_equal(chmod(path_of(world, "keys/backup-ca.key"), 0644), 0);
	assert_refused(world, BH_ERR_AUTH, "the backup key");
	assert_int_equal(truncate(path_of(world, "keys/backup-ca.key"), 20), 0);
	assert_int_equal(chmod(path_of(world, "keys/backup-ca.key"), 0600), 0);
	assert_refused(world, BH_ERR_MALFORMED, "the backup key");
	assert_int_equal(unlink(path_of(world, "keys/backup-ca.key")), 0);
	assert_refused(world, BH_ERR_NOT_FOUND, "the backup key");
	assert_int_equal(unlink(path_of(world, "keys/backup-ca.pin")), 0);
	assert_refused(world, BH_ERR_NOT_FOUND, "keys/backup-ca.pin");
	world->roll.backup_key = other;
	world->roll.any_key = true;
	assert_int_equal(bh_keys_roll_ca(&world->roll, &world->detail), BH_NOERR);
}

/* The day it is needed most: the CA's key is gone, or is none any more. */
static void test_roll__a_lost_ca_key_is_not_needed(void **state)
{
	struct world *world = *state;
	uint8_t ca[BH_PIN_BYTES], backup[BH_PIN_BYTES];
	static const uint8_t none[BH_PIN_BYTES];
	assert_int_equal(truncate(path_of(world, "keys/ca.key"), 0), 0);
	assert_int_equal(bh_keys_pins(world->folder, ca, backup), BH_NOERR);
	assert_memory_equal(ca, none, sizeof(none));
	assert_int_equal(bh_keys_roll_server(&world->roll, &world->detail), BH_ERR_MALFORMED);
	assert_string_equal(world->detail, "keys/ca.key");
	assert_int_equal(unlink(path_of(world, "keys/ca.key")), 0);
	assert_int_equal(bh_keys_roll_ca(&world->roll, &world->detail), BH_NOERR);
	assert_keys(world, world->backup, NULL);
}

static void test_roll__a_secret_that_is_missing_is_named(void **state)
{
	struct world *world = *state;
	assert_int_equal(unlink(path_of(world, "keys/receipt.mac")), 0);
	assert_refused(world, BH_ERR_NOT_FOUND, "keys/receipt.mac");
	assert_int_equal(mkdir(path_of(world, "keys/receipt.mac"), 0700), 0);
	assert_refused(world, BH_ERR_MALFORMED, "");
	assert_int_equal(rmdir(path_of(world, "keys/receipt.mac")), 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_roll__the_backup_key_becomes_the_cas_and_another_backup_is_made),
		CASE(test_roll__another_server_key_leaves_the_pins),
		CASE(test_roll__cut_anywhere_it_leaves_one_set_of_keys_whole),
		CASE(test_roll__a_server_key_cut_anywhere_belongs_to_its_certificate),
		CASE(test_roll__every_bundle_key_goes_on_opening_what_was_sealed_for_it),
		CASE(test_roll__a_bundle_key_too_many_is_refused_and_a_lost_one_is_not_missed),
		CASE(test_roll__a_wrong_backup_key_changes_nothing),
		CASE(test_roll__a_lost_ca_key_is_not_needed),
		CASE(test_roll__a_secret_that_is_missing_is_named),
	};
	return cmocka_run_group_tests_name("keys_roll", tests, NULL, NULL);
}
