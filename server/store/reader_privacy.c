/* What stands about the people that a case names, as sealed; and who looked. */
#include <string.h>

#include "proto/err.h"
#include "server/store/guarded.h"
#include "server/store/privacy.h"
#include "server/store/reader.h"

int bh_reader_guarded(struct bh_store_reader *reader, uint64_t number, struct bh_guarded *out)
{
	return bh_guarded_now(&reader->db, number, out);
}

int bh_reader_parties(struct bh_store_reader *reader, uint64_t number, struct bh_arena *arena,
	struct bh_party *parties, size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_PARTY_LIST);
	bool row = false;

	*count = 0;
	bh_bind(s, 1, (int64_t)number);
	bh_bind(s, 2, (int64_t)max);
	int err = bh_row_next(s, &row);
	while (!err && row && *count < max) {
		struct bh_party *party = &parties[*count];
		*party = (struct bh_party){.party = bh_column_u32(s, 0),
			.role = bh_column_u32(s, 1),
			.consent = bh_column_u32(s, 2)};
		err = bh_arena_copy(arena, bh_column_span(s, 3), &party->name);
		if (!err)
			err = bh_arena_copy(arena, bh_column_span(s, 4), &party->contact);
		*count += party->role != BH_PARTY_GONE;
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

int bh_reader_unseal(struct bh_store_reader *reader, struct bh_vault *vault, const char *district,
	uint64_t number, const struct bh_party *party, unsigned field, struct bh_buf *out)
{
	struct bh_span sealed = field == 0 ? party->name : party->contact;
	const struct bh_vault_place place = {
		.district = district, .number = number, .party = party->party, .field = field};
	uint8_t key[BH_CASE_KEY_BYTES];

	if (sealed.len == 0)
		return BH_NOERR;
	int err = bh_case_key_get(&reader->db, vault, district, number, key);
	if (!err)
		err = bh_vault_unseal(vault, key, &place, sealed, out);
	explicit_bzero(key, sizeof(key));
	return err;
}

int bh_reader_opened(struct bh_store_reader *reader, uint32_t person, uint64_t number,
	int64_t since_ms, bool *out)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_OPENING_SINCE);
	bool row = false;

	bh_bind(s, 1, person);
	bh_bind(s, 2, since_ms);
	bh_bind(s, 3, (int64_t)number);
	int err = bh_row_next(s, &row);
	*out = !err && row && bh_column(s, 0) != 0;
	bh_row_end(s);
	return err;
}

int bh_reader_openings(struct bh_store_reader *reader, uint64_t after, struct bh_opening *openings,
	size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_OPENING_LIST);
	bool row = false;

	*count = 0;
	bh_bind(s, 1, (int64_t)after);
	bh_bind(s, 2, (int64_t)max);
	int err = bh_row_next(s, &row);
	while (!err && row && *count < max) {
		openings[(*count)++] = (struct bh_opening){
			.position = (uint64_t)bh_column(s, 0),
			.person = bh_column_u32(s, 1),
			.at_ms = bh_column(s, 2),
			.number = (uint64_t)bh_column(s, 3),
			.purpose = bh_column_u32(s, 4),
			.post = bh_column_u32(s, 5),
		};
		err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

int bh_reader_erasures(struct bh_store_reader *reader, uint64_t after, struct bh_erasure *erasures,
	size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_ERASURE_LIST);
	bool row = false;

	*count = 0;
	bh_bind(s, 1, (int64_t)after);
	bh_bind(s, 2, (int64_t)max);
	int err = bh_row_next(s, &row);
	while (!err && row && *count < max) {
		erasures[(*count)++] = (struct bh_erasure){
			.position = (uint64_t)bh_column(s, 0),
			.number = (uint64_t)bh_column(s, 1),
			.at_ms = bh_column(s, 2),
			.log_short = bh_column_u32(s, 3),
		};
		err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}
