/* What a repeat under a key needs to be told again: what the key led to, whether its code was used,
 * what its profile replaced; and what is shipped of it. */
#include "proto/err.h"
#include "server/store/key_row.h"
#include "server/store/reader.h"
#include "server/store/rules_load.h"

int bh_reader_key(struct bh_store_reader *reader, const uint8_t key_hash[BH_HASH_BYTES],
	struct bh_key_use *out)
{
	return bh_key_row_get(&reader->db, key_hash, out);
}

int bh_reader_key_of(struct bh_store_reader *reader, uint64_t position, struct bh_caller_key *out)
{
	return bh_key_row_of(&reader->db, position, out);
}

int bh_reader_code(
	struct bh_store_reader *reader, const uint8_t code_hash[BH_HASH_BYTES], uint32_t *device)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_CODE_GET);
	bool row = false;

	bh_bind_span(s, 1, bh_span(code_hash, BH_HASH_BYTES));
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_NOT_FOUND;
	*device = bh_column_u32(s, 2);
	bh_row_end(s);
	return BH_NOERR;
}

int bh_reader_rules_at(struct bh_store_reader *reader, uint64_t position, struct bh_rules **out)
{
	return bh_rules_load(&reader->db, reader->hasher, position, reader->due_divisor, out);
}
