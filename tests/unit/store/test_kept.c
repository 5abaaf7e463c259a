/* What never rolls back: a district that was put back is brought up to its kept file, at every
 * place where the power can go; a damaged file is refused by its line, a torn end is not. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/store/kit.h"

#define KEPT "/330106.kept"
#define OLD "/d/old.db"
#define STEPS_MAX 400u

struct kept_file {
	uint8_t bytes[16384];
	size_t len;
};

static void file_get(struct kit *kit, struct kept_file *out)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(kit->options.vfs);
	sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);
	sqlite3_int64 size = 0;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_SUPER_JOURNAL;

	assert_non_null(file);
	assert_int_equal(vfs->xOpen(vfs, KEPT, file, flags, &flags), SQLITE_OK);
	assert_int_equal(file->pMethods->xFileSize(file, &size), SQLITE_OK);
	assert_true(size > 0 && (size_t)size < sizeof(out->bytes));
	assert_int_equal(file->pMethods->xRead(file, out->bytes, (int)size, 0), SQLITE_OK);
	out->len = (size_t)size;
	memset(out->bytes + out->len, 0, sizeof(out->bytes) - out->len);
	while (out->len > 0 && out->bytes[out->len - 1] == 0) /* the reserve */
		out->len--;
	assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
	free(file);
}

static void file_put(struct kit *kit, const struct kept_file *in)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(kit->options.vfs);
	sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_SUPER_JOURNAL;

	assert_non_null(file);
	assert_int_equal(vfs->xOpen(vfs, KEPT, file, flags, &flags), SQLITE_OK);
	assert_int_equal(file->pMethods->xTruncate(file, 0), SQLITE_OK);
	assert_int_equal(file->pMethods->xWrite(file, in->bytes, (int)in->len, 0), SQLITE_OK);
	assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_FULL), SQLITE_OK);
	assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
	free(file);
}

static void kept_open_number(struct kit *kit, uint32_t number)
{
	kit_open(kit, number);
	kit_down(kit);
	kit->options.kept_path = KEPT;
	assert_int_equal(kit_up(kit), 0);
}

static int setup(void **state)
{
	struct kit *kit = test_calloc(1, sizeof(*kit));

	kept_open_number(kit, 44);
	*state = kit;
	return 0;
}

/* A copy of the district as it is now. */
static void back_up(struct kit *kit)
{
	bool done = false;

	assert_int_equal(bh_writer_copy_begin(kit->writer, OLD), 0);
	while (!done)
		assert_int_equal(bh_writer_copy_step(kit->writer, 64, &done), 0);
}

static int put_back(struct kit *kit)
{
	kit_down(kit);
	kit->options.path = OLD;
	return kit_up(kit);
}

static uint64_t epoch(struct kit *kit)
{
	struct bh_district district;

	assert_int_equal(bh_reader_district(kit->reader, &district), 0);
	return district.epoch;
}

static enum bh_device_state state_of(struct kit *kit, uint32_t id)
{
	struct bh_device device;
	int err = bh_reader_device(kit->reader, id, &device);

	return err ? 0 : device.state;
}

static void assert_log(struct kit *kit, const uint8_t *log_id, uint32_t log_short, uint32_t device)
{
	struct bh_log log;

	assert_int_equal(bh_reader_log(kit->reader, log_id, &log), 0);
	assert_int_equal(log.log_short, log_short);
	assert_int_equal(log.device, device);
}

static void test_kept__a_district_put_back_keeps_revocations_codes_devices_and_numbers(void **state)
{
	struct kit *kit = *state;
	struct phone before, revoked, after, next, thief;
	uint8_t first_log[BH_LOG_ID_BYTES];

	kit_enrol(kit, &before, BH_DEMO_WORKER(1111), 1);
	kit_enrol(kit, &revoked, BH_DEMO_WORKER(1112), 2);
	kit_enrol_code(kit, 9, BH_DEMO_WORKER(1111), kit->now.wall_ms + 600 * KIT_MINUTE);
	back_up(kit);
	assert_int_equal(kit_revoke(kit, revoked.device).verdict, BH_VERDICT_ACCEPTED);
	memset(&after, 0, sizeof(after));
	memset(after.key, 9, sizeof(after.key));
	memset(after.log_id, 9, sizeof(after.log_id));
	after.device = kit_enrolled(kit, &after, 9).id;
	assert_true(after.device > revoked.device);
	memcpy(first_log, before.log_id, sizeof(first_log));
	assert_int_equal(kit_log_begin(kit, &before, 77, first_log).verdict, BH_VERDICT_ACCEPTED);
	uint32_t last = before.log_short;

	assert_int_equal(put_back(kit), 0);
	assert_int_equal(epoch(kit), 2);
	assert_int_equal(state_of(kit, before.device), BH_DEVICE_LIVE);
	assert_int_equal(state_of(kit, revoked.device), BH_DEVICE_REVOKED);
	assert_int_equal(state_of(kit, after.device), BH_DEVICE_LIVE);
	assert_log(kit, before.log_id, last, before.device);
	assert_log(kit, after.log_id, last - 1, after.device);
	thief = after;
	memset(thief.key, 8, sizeof(thief.key));
	memset(thief.log_id, 8, sizeof(thief.log_id));
	assert_int_equal(kit_enrolled(kit, &thief, 9).verdict, BH_VERDICT_REJECTED);
	assert_true(kit_enrolled(kit, &after, 9).repeat); /* whose answer was lost */
	kit_enrol(kit, &next, BH_DEMO_WORKER(1111), 20);
	assert_int_equal(next.device, after.device + 1);
	assert_int_equal(next.log_short, last + 1);

	assert_int_equal(put_back(kit), 0); /* opened again, it knows all that already */
	assert_int_equal(epoch(kit), 2);
}

static void test_kept__what_was_committed_and_not_kept_is_kept_at_the_next_opening(void **state)
{
	struct kit *kit = *state;
	struct phone phone, other;

	back_up(kit);
	kit_down(kit);
	kit->options.kept_path = NULL; /* as a process that was cut short leaves it */
	assert_int_equal(kit_up(kit), 0);
	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	kit_enrol(kit, &other, BH_DEMO_WORKER(1112), 2);
	kit_revoke(kit, other.device);
	kit_down(kit);
	kit->options.kept_path = KEPT;
	assert_int_equal(kit_up(kit), 0);
	assert_int_equal(put_back(kit), 0);
	assert_int_equal(state_of(kit, phone.device), BH_DEVICE_LIVE);
	assert_int_equal(state_of(kit, other.device), BH_DEVICE_REVOKED);
}

/* ---- The file itself ---- */

static void assert_refused(struct kit *kit, const char *why)
{
	char text[200] = "";

	kit_down(kit);
	assert_int_equal(kit_up(kit), BH_ERR_CORRUPT);
	assert_int_equal(
		bh_store_kept_fault(&kit->options, KIT_CODE, text, sizeof(text)), BH_ERR_CORRUPT);
	if (strstr(text, why) == NULL)
		fail_msg("'%s' does not say '%s'", text, why);
}

static void each_byte_damaged(struct kit *kit, const struct kept_file *whole, size_t reserve)
{
	struct kept_file file;

	for (size_t i = 0; i < whole->len + reserve; i++) {
		char text[200] = "";
		file = *whole;
		file.len += reserve;
		file.bytes[i] ^= 1u << i % 7;
		bool holds = i + 1 >= whole->len;
		file_put(kit, &file);
		int err = bh_store_kept_fault(&kit->options, KIT_CODE, text, sizeof(text));
		if (err != (holds ? BH_NOERR : BH_ERR_CORRUPT))
			fail_msg("byte %zu: %d, %s", i, err, text);
	}
}

static void test_kept__each_damaged_byte_is_refused_and_a_torn_end_is_not(void **state)
{
	struct kit *kit = *state;
	struct kept_file whole, file;
	struct phone phone;
	char text[200];

	for (uint8_t id = 1; id < 4; id++)
		kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), id);
	file_get(kit, &whole);
	each_byte_damaged(kit, &whole, 0);
	each_byte_damaged(kit, &whole, 700); /* with a reserve behind it */
	size_t last = whole.len - 1;
	while (whole.bytes[last - 1] != '\n')
		last--;
	for (size_t len = 0; len < whole.len - last - 1; len++) {
		file = whole; /* noise where it was being written, as it happens with a newline last
			       */
		memset(file.bytes + last + len, 0x8e, whole.len - last - 1 - len);
		file_put(kit, &file);
		bool several = whole.len - last - 1 - len >= 4;
		assert_int_equal(bh_store_kept_fault(&kit->options, KIT_CODE, text, sizeof(text)),
			several ? BH_NOERR : BH_ERR_CORRUPT);
	}
	for (size_t len = last; len < whole.len; len++) {
		file = whole;
		file.len = len;
		file_put(kit, &file);
		kit_down(kit);
		assert_int_equal(kit_up(kit), 0); /* and the district brings it back */
		file_get(kit, &file);
		assert_int_equal(file.len, whole.len);
	}
	file = whole;
	memset(file.bytes + last, 0, whole.len - last - 1);
	file_put(kit, &file);
	kit_down(kit);
	assert_int_equal(kit_up(kit), 0);
}

static void test_kept__a_refusal_names_the_line(void **state)
{
	struct kit *kit = *state;
	struct kept_file whole, file;
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	kit_enrol(kit, &phone, BH_DEMO_WORKER(1112), 2);
	file_get(kit, &whole);
	file = whole;
	char *second = strchr((char *)file.bytes, '\n') + 1;
	char *third = strchr(second, '\n') + 1;
	third[12] ^= 1;
	file_put(kit, &file);
	assert_refused(kit, KEPT ": line 3: a line was damaged");
	size_t cut = (size_t)(third - second);
	file = whole;
	second = strchr((char *)file.bytes, '\n') + 1;
	memmove(second, second + cut, file.len - (size_t)(second + cut - (char *)file.bytes));
	file.len -= cut;
	file_put(kit, &file);
	assert_refused(kit, "line 2: a line is missing");
	file = whole;
	file.bytes[14] = '9'; /* of another district */
	file_put(kit, &file);
	assert_refused(kit, "line 1: it is not this district's kept file");
	file_put(kit, &whole);
	assert_int_equal(kit_up(kit), 0);
}

/* ---- At every place where the power can go ---- */

static void cut_at(uint64_t step, bool *struck)
{
	struct kit kit;
	struct phone phone;

	kept_open_number(&kit, (uint32_t)(100 + step));
	kit_enrol(&kit, &phone, BH_DEMO_WORKER(1111), 1);
	back_up(&kit);
	bh_simvfs_stop_at(kit.vfs, step);
	bool told = kit_revoke_answered(&kit, phone.device);
	*struck = bh_simvfs_is_stopped(kit.vfs);
	bh_simvfs_crash(kit.vfs);
	assert_int_equal(put_back(&kit), 0);
	if (told)
		assert_int_equal(state_of(&kit, phone.device), BH_DEVICE_REVOKED);
	kit_down(&kit);
	kit.options.path = KIT_PATH; /* and the one that was not put back agrees, too */
	assert_int_equal(kit_up(&kit), 0);
	kit_close(&kit);
}

static void test_kept__what_was_answered_is_kept_wherever_the_power_goes(void **state)
{
	bool struck = true;
	uint64_t step = 0;

	(void)state;
	while (struck && step < STEPS_MAX)
		cut_at(++step, &struck);
	assert_false(struck);
	assert_true(step > 5);
}

static void test_kept__a_commit_that_cannot_be_kept_is_never_answered(void **state)
{
	static const enum bh_simvfs_fault faults[] = {BH_SIMVFS_EIO, BH_SIMVFS_FULL};

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		struct kit kit;
		struct phone phone;
		kept_open_number(&kit, 45 + i);
		kit_enrol(&kit, &phone, BH_DEMO_WORKER(1111), 1);
		const struct bh_simvfs_plan plan = {BH_SIMVFS_WRITE, faults[i], 1, true, ".kept"};
		assert_int_equal(bh_simvfs_plan_add(kit.vfs, &plan), 0);
		assert_false(kit_revoke_answered(&kit, phone.device));
		bh_simvfs_heal(kit.vfs);
		kit_restart(&kit, true);
		assert_int_equal(state_of(&kit, phone.device), BH_DEVICE_REVOKED);
		kit_close(&kit);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, kit_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_kept__a_district_put_back_keeps_revocations_codes_devices_and_numbers),
		CASE(test_kept__what_was_committed_and_not_kept_is_kept_at_the_next_opening),
		CASE(test_kept__each_damaged_byte_is_refused_and_a_torn_end_is_not),
		CASE(test_kept__a_refusal_names_the_line),
		cmocka_unit_test(test_kept__what_was_answered_is_kept_wherever_the_power_goes),
		cmocka_unit_test(test_kept__a_commit_that_cannot_be_kept_is_never_answered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
