/* A district's keys: made once, whole or not at all, readable by their owner alone, and fit to be
 * pinned. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "proto/err.h"
#include "server/identity/certificate.h"
#include "server/identity/keys.h"

#define WALL_MS INT64_C(1772413200000)

struct fixture {
	char folder[64];
	struct bh_district_keys keys;
	const char *detail;
};

static const char *path_of(const struct fixture *fixture, const char *name)
{
	static char path[200];
	(void)snprintf(path, sizeof(path), "%s/%s", fixture->folder, name);
	return path;
}

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	(void)snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/bh-keys-XXXXXX");
	*state = fixture;
	return mkdtemp(fixture->folder) && bh_district_keys_create(
						   fixture->folder, "990101", WALL_MS) == BH_NOERR
		       ? 0
		       : -1;
}

static int teardown(void **state)
{
	static const char *const names[] = {"keys/ca.key", "keys/backup-ca.key",
		"keys/backup-ca.pin", "keys/server.key", "keys/server.crt", "keys/receipt.mac",
		"keys/bundle.key", "keys/bundle-1.key", "keys/bundle-2.key"};
	struct fixture *fixture = *state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlink(path_of(fixture, names[i]));
	(void)rmdir(path_of(fixture, "keys"));
	(void)rmdir(fixture->folder);
	free(fixture);
	return 0;
}

static int load(struct fixture *fixture)
{
	return bh_district_keys_load(fixture->folder, &fixture->keys, &fixture->detail);
}

static void test_keys__what_was_made_is_loaded(void **state)
{
	struct fixture *fixture = *state;
	uint8_t public_key[BH_PUBLIC_KEY_BYTES];
	assert_int_equal(load(fixture), BH_NOERR);
	bh_key_public(fixture->keys.ca, public_key);
	assert_true(public_key[0] == 2 || public_key[0] == 3);
	assert_memory_not_equal(fixture->keys.pin, fixture->keys.backup_pin, BH_PIN_BYTES);
	bh_district_keys_wipe(&fixture->keys);
}

static void test_keys__nothing_is_overwritten(void **state)
{
	struct fixture *fixture = *state;
	uint8_t pin[BH_PIN_BYTES];
	assert_int_equal(load(fixture), BH_NOERR);
	memcpy(pin, fixture->keys.pin, sizeof(pin));
	bh_district_keys_wipe(&fixture->keys);
	assert_int_equal(
		bh_district_keys_create(fixture->folder, "990101", WALL_MS), BH_ERR_EXISTS);
	assert_int_equal(load(fixture), BH_NOERR);
	assert_memory_equal(fixture->keys.pin, pin, sizeof(pin));
	bh_district_keys_wipe(&fixture->keys);
}

static void test_keys__a_key_others_may_read_is_refused(void **state)
{
	struct fixture *fixture = *state;
	static const char *const names[] = {
		"keys/ca.key", "keys/receipt.mac", "keys/server.key", "keys/bundle.key"};
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(chmod(path_of(fixture, names[i]), 0640), 0);
		assert_int_equal(load(fixture), BH_ERR_AUTH);
		assert_string_equal(fixture->detail, names[i]);
		assert_int_equal(chmod(path_of(fixture, names[i]), 0600), 0);
	}
}

static void test_keys__a_missing_or_damaged_file_is_named(void **state)
{
	struct fixture *fixture = *state;
	FILE *file = fopen(path_of(fixture, "keys/ca.key"), "we");
	assert_non_null(file);
	assert_true(fputs("not a key\n", file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(load(fixture), BH_ERR_MALFORMED);
	assert_string_equal(fixture->detail, "keys/ca.key");
	assert_int_equal(unlink(path_of(fixture, "keys/ca.key")), 0);
	assert_int_equal(load(fixture), BH_ERR_NOT_FOUND);
}

static void test_keys__the_backup_key_may_be_taken_away(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(unlink(path_of(fixture, "keys/backup-ca.key")), 0);
	assert_int_equal(load(fixture), BH_NOERR);
	bh_district_keys_wipe(&fixture->keys);
}

static void bundle_key(struct fixture *fixture, size_t i, uint8_t out[BH_PUBLIC_KEY_BYTES])
{
	assert_int_equal(load(fixture), BH_NOERR);
	assert_true(i < fixture->keys.bundle_count);
	bh_key_public(fixture->keys.bundle[i], out);
	bh_district_keys_wipe(&fixture->keys);
}

/* One from before there were bundles. */
static void test_keys__a_bundle_key_is_made_by_loading_and_by_nothing_else(void **state)
{
	struct fixture *fixture = *state;
	uint8_t made[BH_PUBLIC_KEY_BYTES], again[BH_PUBLIC_KEY_BYTES];
	assert_int_equal(unlink(path_of(fixture, "keys/bundle.key")), 0);
	assert_int_equal(bh_district_keys_check(fixture->folder, &fixture->detail), BH_NOERR);
	assert_int_not_equal(access(path_of(fixture, "keys/bundle.key"), F_OK), 0);
	bundle_key(fixture, 0, made);
	bundle_key(fixture, 0, again);
	assert_memory_equal(made, again, sizeof(made));
	assert_int_not_equal(access(path_of(fixture, "keys/bundle.key.new"), F_OK), 0);
}

static void assert_older(struct fixture *fixture, const uint8_t key[BH_PUBLIC_KEY_BYTES])
{
	uint8_t held[BH_PUBLIC_KEY_BYTES];
	unsigned found = 0;
	assert_int_equal(load(fixture), BH_NOERR);
	for (size_t i = 1; i < fixture->keys.bundle_count; i++) {
		bh_key_public(fixture->keys.bundle[i], held);
		found += memcmp(held, key, sizeof(held)) == 0;
	}
	bh_district_keys_wipe(&fixture->keys);
	assert_int_equal(found, 1);
}

static void test_keys__a_bundle_key_that_was_rolled_is_kept_behind_the_new_one(void **state)
{
	struct fixture *fixture = *state;
	uint8_t first[BH_PUBLIC_KEY_BYTES], second[BH_PUBLIC_KEY_BYTES], other[BH_PUBLIC_KEY_BYTES];
	char from[200];
	bundle_key(fixture, 0, first);
	for (unsigned i = 1; i <= 2; i++) {
		char name[32];
		(void)snprintf(from, sizeof(from), "%s", path_of(fixture, "keys/bundle.key"));
		(void)snprintf(name, sizeof(name), "keys/bundle-%u.key", i);
		assert_int_equal(rename(from, path_of(fixture, name)), 0);
		if (i == 1)
			bundle_key(fixture, 0, second);
	}
	bundle_key(fixture, 0, other);
	assert_memory_not_equal(other, first, sizeof(first));
	assert_memory_not_equal(other, second, sizeof(second));
	assert_older(fixture, first);
	assert_older(fixture, second);
}

static X509 *next_certificate(FILE *file)
{
	X509 *crt = PEM_read_X509(file, NULL, NULL, NULL);
	assert_non_null(crt);
	return crt;
}

static void test_keys__the_chain_holds_under_its_pin_and_name(void **state)
{
	struct fixture *fixture = *state;
	uint8_t pin[BH_PIN_BYTES];
	FILE *file = fopen(path_of(fixture, "keys/server.crt"), "re");
	assert_non_null(file);
	X509 *leaf = next_certificate(file), *ca = next_certificate(file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(load(fixture), BH_NOERR);
	assert_int_equal(bh_public_key_pin(X509_get0_pubkey(ca), pin), BH_NOERR);
	assert_memory_equal(pin, fixture->keys.pin, BH_PIN_BYTES);
	assert_int_equal(X509_verify(leaf, X509_get0_pubkey(ca)), 1);
	assert_int_equal(X509_check_host(leaf, "990101", 0, 0, NULL), 1);
	assert_int_equal(X509_check_host(leaf, "990102", 0, 0, NULL), 0);
	assert_int_equal(X509_check_ca(ca), 1);
	assert_int_equal(X509_check_ca(leaf), 0);
	bh_district_keys_wipe(&fixture->keys);
	X509_free(leaf);
	X509_free(ca);
}

static void test_keys__an_interrupted_creation_is_begun_again(void **state)
{
	struct fixture *fixture = *state;
	char other[64] = "/tmp/bh-keys-XXXXXX", path[100];
	struct bh_district_keys keys;
	(void)fixture;
	assert_non_null(mkdtemp(other));
	(void)snprintf(path, sizeof(path), "%s/keys.new", other);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(bh_district_keys_create(other, "990102", WALL_MS), BH_NOERR);
	assert_int_equal(bh_district_keys_load(other, &keys, NULL), BH_NOERR);
	bh_district_keys_wipe(&keys);
	struct fixture left = {.detail = NULL};
	memcpy(left.folder, other, sizeof(left.folder));
	struct fixture *copy = malloc(sizeof(left));
	assert_non_null(copy);
	*copy = left;
	void *owned = copy;
	assert_int_equal(teardown(&owned), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_keys__what_was_made_is_loaded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_keys__nothing_is_overwritten, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_keys__a_key_others_may_read_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_keys__a_missing_or_damaged_file_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_keys__a_bundle_key_is_made_by_loading_and_by_nothing_else, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_keys__a_bundle_key_that_was_rolled_is_kept_behind_the_new_one, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_keys__the_backup_key_may_be_taken_away, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_keys__the_chain_holds_under_its_pin_and_name, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_keys__an_interrupted_creation_is_begun_again, setup, teardown),
	};
	return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
