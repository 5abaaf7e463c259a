/* A profile is decoded into an arena of its own, built into rules, and let go. */
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "server/store/entry_row.h"
#include "server/store/rules_load.h"

#define PROFILE_ARENA_BYTES (256u * 1024u * 1024u)
#define FAULTS_MAX 1u

static int secret_read(struct bh_db *db, uint8_t secret[BH_SALT_BYTES])
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_FOUND_SALT);
	bool row = false;
	int err = bh_row_next(s, &row);

	if (!err && row) {
		struct bh_span salt = bh_column_span(s, 0);
		if (salt.len == BH_SALT_BYTES)
			memcpy(secret, salt.data, BH_SALT_BYTES);
	}
	bh_row_end(s);
	return err;
}

int bh_rules_from_profile(
	struct bh_db *db, struct bh_span profile, uint32_t due_divisor, struct bh_rules **out)
{
	uint8_t secret[BH_SALT_BYTES] = {0};
	struct bh_arena arena = BH_ARENA(PROFILE_ARENA_BYTES);
	struct bh_profile_fault faults[FAULTS_MAX];
	struct bh_msg_profile decoded;
	size_t faults_count = 0;
	int err = bh_decode_profile(profile, &arena, &decoded);

	if (!err)
		err = secret_read(db, secret);
	if (!err)
		err = bh_rules_build(&decoded, faults, FAULTS_MAX, &faults_count, out);
	if (!err) {
		bh_rules_divide_dues(*out, due_divisor);
#if !defined(BH_PLANTED_BUG) || BH_PLANTED_BUG != 77
		bh_rules_sample_by(*out, secret);
#endif
	}
	bh_arena_free(&arena);
	return err;
}

int bh_rules_load(struct bh_db *db, struct bh_hasher *hasher, uint64_t position,
	uint32_t due_divisor, struct bh_rules **out)
{
	struct bh_entry entry = {.position = position};
	bool erased = false;

	if (entry.position == 0)
		return bh_rules_empty(out);
	int err = bh_entry_row_content(db, hasher, &entry, &erased);
	if (!err && (erased || entry.content.len == 0))
		err = BH_ERR_CORRUPT;
	if (!err)
		err = bh_rules_from_profile(db, entry.content, due_divisor, out);
	bh_row_end(bh_sql(db, BH_SQL_CONTENT_GET));
	return err == BH_ERR_INVALID || err == BH_ERR_MALFORMED ? BH_ERR_CORRUPT : err;
}
