/* Manifests: what is written is read again, and every change is noticed (faults.md E11). */
#include "server/store/backup.h"
#include "tests/unit/store/kit.h"

static void refused(struct bh_span text)
{
	struct bh_backup_manifest read;
	const char *what;

	assert_int_equal(bh_manifest_parse(text, &read, &what), BH_ERR_CORRUPT);
}

/* Every bit, and every length that is shorter. */
static void changes_try(struct bh_buf *text)
{
	for (size_t i = 0; i < text->len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			text->data[i] ^= (uint8_t)(1u << bit);
			refused(bh_buf_span(text));
			text->data[i] ^= (uint8_t)(1u << bit);
		}
		refused(bh_span(text->data, i));
	}
}

static void test_manifest__every_change_is_noticed(void **state)
{
	struct bh_backup_manifest read = {0}, manifest = {.district = "990101",
						      .epoch = 3,
						      .position = 12,
						      .cases = 4,
						      .made_ms = 1795000000000,
						      .due_divisor = 1,
						      .db_bytes = 4096,
						      .blobs = 1,
						      .blob_bytes = 77};
	struct bh_buf text = BH_BUF(4096);
	const char *what;

	(void)state;
	memset(manifest.head, 0xab, sizeof(manifest.head));
	assert_int_equal(bh_photos_lost_add(&manifest.lost, manifest.head, 5, BH_PHOTO_MISSING), 0);
	assert_int_equal(
		bh_photos_lost_add(&manifest.lost, read.head, 16777216, BH_PHOTO_UNREADABLE), 0);
	assert_int_equal(bh_manifest_format(&manifest, &text), 0);
	assert_int_equal(bh_manifest_parse(bh_buf_span(&text), &read, &what), 0);
	assert_int_equal(read.lost.count, 2);
	assert_int_equal(read.lost.rows[1].size, 5);
	assert_int_equal(read.lost.rows[0].why, BH_PHOTO_UNREADABLE);
	assert_memory_equal(read.lost.rows[1].hash, manifest.head, BH_HASH_BYTES);
	bh_manifest_free(&read);
	bh_manifest_free(&manifest);
	assert_int_equal(read.position, 12);
	assert_string_equal(read.district, "990101");
	assert_memory_equal(read.head, manifest.head, sizeof(read.head));
	bh_manifest_free(&read);
	bh_manifest_free(&manifest);
	changes_try(&text);
	assert_int_equal(bh_buf_append(&text, "x 1\n", 4), 0);
	assert_int_equal(bh_manifest_parse(bh_buf_span(&text), &read, &what), BH_ERR_CORRUPT);
	bh_buf_free(&text);
}

/* As manifests were before photos could be lost: "check" behind "blob_bytes". */
static void test_manifest__of_before_there_were_lost_ones_is_read(void **state)
{
	static const char old[] =
		"bihuan-backup 1\ndistrict 990101\nepoch 3\nposition 12\nhead "
		"abababababababababababababababababababababababababababababababab\ncases 4\n"
		"made_ms 1795000000000\ndue_divisor 1\ndb_bytes 4096\ndb_sha256 "
		"0000000000000000000000000000000000000000000000000000000000000000\nblobs 1\n"
		"blob_bytes 77\ncheck "
		"55741ba9476dd22e0f933b5998827bdfd04b8f2f92d3841a628c2548d69e0758\n";
	struct bh_backup_manifest read;
	const char *what;

	(void)state;
	if (bh_manifest_parse(bh_span(old, sizeof(old) - 1), &read, &what))
		fail_msg("%s", what);
	assert_int_equal(read.blob_bytes, 77);
	assert_int_equal(read.lost.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_manifest__every_change_is_noticed),
		cmocka_unit_test(test_manifest__of_before_there_were_lost_ones_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
